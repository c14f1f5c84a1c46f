"""Probabilities: rows that are non-negative and add up to 1."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from grader.checks.answers import inputs
from grader.checks.base import CaseTable, Check, ToleranceFields
from grader.checks.guard import default_cases, idle, notes_of, read, twins, unfit, worth_nothing
from grader.core.evidence import Contrast
from grader.core.interface import Interface
from grader.core.observation import Observation
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met
from grader.numerics.show import show
from grader.trial import Case, CaseConfig, Trial


class ProbabilityCheck(Check, ToleranceFields):
    """Each row of a result is non-negative and adds up to 1.

    Parameters
    ----------
    output : str
        Which result; needed only if there are several.
    cases : tuple of tables
        Sizes and variants; a vector, matrices and a single row if empty.
    """

    kind: Literal["probability"] = "probability"
    output: str = ""
    cases: tuple[CaseTable, ...] = ()

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """Each case, then each once more with other numbers."""
        return tuple(case.probe for case in (*self._cases(trial), *self._twins(trial)))

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """Form first, then finite and not degenerate, then sign and sum."""
        cases, other = self._cases(trial), self._twins(trial)
        name = self.output or cases[0].function.returns[0].name
        answers = read((*cases, *other), observations, (name,))
        if isinstance(answers, Verdict):
            return answers
        if bad := unfit(cases, other, answers[:len(cases)], answers[len(cases):]):
            return bad
        found = [a.results[name] for a in answers]
        if all(np.isin(p, (0.0, 1.0)).all() for p in found):
            return worth_nothing(name, "every entry of the answer is 0 or 1", cases[0], found[0])
        for case, p in zip((*cases, *other), found, strict=True):
            if wrong := self._wrong(case, p):
                return wrong.with_notes(*notes_of(answers))
        return idle(cases, answers[:len(cases)], answers[len(cases):]) or met(*notes_of(answers))

    def _wrong(self, case: Case, answer: np.ndarray) -> Verdict | None:
        p = np.atleast_1d(answer)
        negative = np.argwhere(p < -self.atol)
        if negative.size:
            at = tuple(int(i) for i in negative[0])
            message = f"{self.function} returns a negative probability: {p[at]:.4g} at {list(at)}."
            return self._not_met(message, case, p, "entries of at least 0", len(negative), p.size)
        sums = p.sum(axis=-1)
        off = np.argwhere(np.abs(sums - 1) > self.atol + self.rtol)
        if len(off):
            row = tuple(int(i) for i in off[0])
            which = f"Row {', '.join(map(str, row))} of {self.function}'s answer" if row else f"The answer of {self.function}"
            message = f"{which} adds up to {sums[row]:.6g}, not to 1."
            return self._not_met(message, case, p, "rows that add up to 1", len(off), sums.size)
        return None

    def _not_met(self, message: str, case: Case, got: np.ndarray, source: str, differ: int, of: int) -> Verdict:
        evidence = Contrast(
            self.function, inputs(case), show(got), None, source, differ, of, rtol=self.rtol, atol=self.atol,
        )
        return not_met(Reason.PROBABILITY, message, evidence)

    def _configs(self, trial: Trial) -> tuple[CaseConfig, ...]:
        return self.cases or default_cases(trial.interface.function(self.function))

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        return trial.cases(self.function, self._configs(trial))

    def _twins(self, trial: Trial) -> tuple[Case, ...]:
        return twins(trial, self.function, self._configs(trial))

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: an output that the function does not have, or none named of several."""
        yield from super().problems(interface)
        for spec in (f for f in interface.functions if f.name == self.function):
            names = [r.name for r in spec.returns]
            if self.output not in names and (self.output or len(names) != 1):
                problem = f"no {self.output!r}" if self.output else f"{len(names)} results"
                yield "output", f"{self.function} returns {problem}.", f"Write one of: {', '.join(names)}."
