"""Values against the reference."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from pydantic import Field

from grader.checks.answers import Conformed, contrast, inputs
from grader.checks.base import CaseTable, Check, Share, ToleranceFields
from grader.checks.guard import notes_of, read
from grader.checks.vectors import as_matrices, named
from grader.core.interface import Identifier
from grader.core.observation import Observation
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met, partly
from grader.diagnosis import diagnose
from grader.numerics.compare import compare
from grader.trial import Case, Trial


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

    def follow_up(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """For a function that raises at vectors: the smallest case with matrices in their place."""
        return tuple(m.case.probe for m in as_matrices(trial, self._cases(trial)[0], observations))

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """Form first, then finiteness, then values; what differs on every case alike is named."""
        cases = self._cases(trial)
        answers = read(cases, observations, self.outputs, finite=True)
        if isinstance(answers, Verdict):
            asked = as_matrices(trial, cases[0], observations)
            return named(answers, trial, cases[0], asked, follow_up, self._outputs(cases[0]), self.tolerance)
        return self._compare(trial, cases, answers).with_notes(*notes_of(answers))

    def _compare(self, trial: Trial, cases: Sequence[Case], answers: Sequence[Conformed]) -> Verdict:
        for case, answer in zip(cases, answers, strict=True):
            got, want = answer.results, trial.answer(case)
            for name in self._outputs(case):
                found = compare(got[name], want[name], answer.allowed(self.tolerance))
                if not found.ok:
                    evidence = contrast(case.function.name, inputs(case), got[name], want[name], found, "the reference")
                    return self._explained(trial, cases, answers, not_met(
                        Reason.VALUE, f"{case.function.whose(name)}: {found.differ} of {got[name].size} entries are wrong.", evidence))
        return met()

    def _explained(self, trial: Trial, cases: Sequence[Case], answers: Sequence[Conformed], verdict: Verdict) -> Verdict:
        coarsest = next((a for a in answers if a.single), answers[0])
        known = diagnose(trial, cases, [a.results for a in answers], self._outputs(cases[0]), coarsest.allowed(self.tolerance))
        if known is None:
            return verdict
        credit = self.conventions.get(known.id, Fraction(0))
        return partly(credit, Reason.MISCONCEPTION, known.sentence, *verdict.evidence, hint=known.hint)

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        return trial.cases(self.function, self.cases)

    def _outputs(self, case: Case) -> tuple[str, ...]:
        return self.outputs or tuple(r.name for r in case.function.returns)
