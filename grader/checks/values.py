"""Values against the reference."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from grader.checks.answers import Conformed, Mismatch, conform, contrast, inputs, mismatch, not_finite, trouble
from grader.checks.base import CaseTable, Check, ToleranceFields
from grader.checks.guard import notes_of
from grader.core.interface import Identifier, Interface
from grader.core.observation import Observation, Returned
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met, partly
from grader.diagnosis import diagnose
from grader.numerics.compare import compare
from grader.trial import Case, Trial

Share = Annotated[Fraction, Field(ge=0, le=1)]


class ValuesCheck(Check, ToleranceFields):
    """The function's results equal the reference's, on random inputs and on the cases named.

    Parameters
    ----------
    outputs : tuple of str
        Which results are judged; all of them if empty.
    cases : tuple of tables
        Sizes and variants; four random cases if empty.
    conventions : mapping of str to Fraction
        Share of the points for a known misconception, by its id: ``{ mean_over_N = "1/2" }``.
    """

    kind: Literal["values"] = "values"
    outputs: tuple[Identifier, ...] = ()
    cases: tuple[CaseTable, ...] = ()
    conventions: dict[str, Share] = Field(default_factory=dict)

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """One call per case."""
        return tuple(case.probe for case in self._cases(trial))

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """Form first, then finiteness, then values; what differs on every case alike is named."""
        cases = self._cases(trial)
        if wrong := trouble(observations, cases):
            return wrong
        answers: list[Conformed] = []
        for case, observation in zip(cases, observations, strict=True):
            assert isinstance(observation, Returned)
            answer = conform(observation.value, case, self._outputs(case))
            if isinstance(answer, Mismatch):
                return mismatch(answer, case, observation.value)
            for name in self._outputs(case):
                if bad := not_finite(name, answer.results[name], case):
                    return bad
            answers.append(answer)
        return self._compare(trial, cases, answers).with_notes(*notes_of(answers))

    def _compare(self, trial: Trial, cases: Sequence[Case], answers: Sequence[Conformed]) -> Verdict:
        for case, answer in zip(cases, answers, strict=True):
            got, want = answer.results, trial.answer(case)
            for name in self._outputs(case):
                found = compare(got[name], want[name], answer.allowed(self.tolerance, want[name]))
                if not found.ok:
                    evidence = contrast(case.function.name, inputs(case), got[name], want[name], found, self.tolerance, "the reference")
                    return self._explained(trial, cases, [a.results for a in answers], not_met(
                        Reason.VALUE, f"{case.function.whose(name)}: {found.differ} of {got[name].size} entries are wrong.", evidence))
        return met()

    def _explained(self, trial: Trial, cases: Sequence[Case], answers: Sequence[Mapping[str, np.ndarray]], verdict: Verdict) -> Verdict:
        known = diagnose(trial, cases, answers, self._outputs(cases[0]), self.tolerance)
        if known is None:
            return verdict
        credit = self.conventions.get(known.id, Fraction(0))
        return partly(credit, Reason.MISCONCEPTION, known.sentence, *verdict.evidence, hint=known.hint)

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        return trial.cases(self.function, self.cases)

    def _outputs(self, case: Case) -> tuple[str, ...]:
        return self.outputs or tuple(r.name for r in case.function.returns)

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: outputs that the function does not have."""
        yield from super().problems(interface)
        returns = [r.name for f in interface.functions if f.name == self.function for r in f.returns]
        for name in self.outputs:
            if returns and name not in returns:
                yield "outputs", f"{self.function} returns no {name!r}.", f"Write some of: {', '.join(returns)}."
