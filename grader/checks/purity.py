"""Purity: arguments stay as they are, and the same call gives the same answer, whatever was called before."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from grader.checks.answers import Conformed, contrast, inputs
from grader.checks.base import CaseTable
from grader.checks.changed import changed_arguments
from grader.checks.form import FormCheck
from grader.checks.guard import notes_of, read, twins, unfit
from grader.core.evidence import Contrast, Shown
from grader.core.observation import Observation, Returned
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met
from grader.core.wording import listed
from grader.numerics.compare import Tolerance, compare
from grader.trial import Case, Trial

# the same call in the same process: only where an array lies in memory may change the order of a sum, by some 1e-16
_EXACT = Tolerance(rtol=1e-12, atol=0.0)


class PurityCheck(FormCheck):
    """The function changes none of its arguments and keeps nothing from call to call.

    The student's own answers are compared with each other: to A twice in a row, and again after calls with other inputs,
    of the same and of other sizes. Parameters that the interface lists in ``may_change`` are left out.

    Parameters
    ----------
    cases : tuple of tables
        The first is A, the others come in between; two random ones if empty.
    """

    kind: Literal["purity"] = "purity"
    cases: tuple[CaseTable, ...] = ()

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """A, A, B, A, C, A, ..., C, B: at their second call, B and C come after another one than at their first."""
        return tuple(case.probe for case in self._calls(trial))

    def judged(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """Numbers first, then finite and not degenerate, then arguments, then answers."""
        calls = self._calls(trial)
        answers = read(calls, observations, shaped=False)  # a wrong shape costs its own item, not this one
        if not isinstance(answers, Verdict) and any(_scanty(case, answer) for case, answer in zip(calls, answers, strict=True)):
            answers = read(calls, observations)
        if isinstance(answers, Verdict):
            return answers
        if changed := _changed(calls, observations):
            return changed
        numberless = _numberless(calls[0], answers)
        answers = [replace(a, results={n: got for n, got in a.results.items() if n not in numberless}) for a in answers]
        # calls number 0 and 2 are A and its twin
        if bad := unfit(calls[:1], calls[2:3], answers[:1], answers[2:3]):
            return bad
        if any(isinstance(o, Returned) and o.stale for o in observations[1:]):
            return not_met(Reason.STATEFUL, f"What {self.function} has returned changes at its next call: it returns the same array again.")
        notes = (f"{name} is not finite; other items charge that" for name in numberless)
        return (_stateful(calls, answers) or met()).with_notes(*notes_of(answers), *notes)

    def _calls(self, trial: Trial) -> tuple[Case, ...]:
        configs = self.cases or ({}, {})
        a, *more = trial.cases(self.function, configs)
        others = (twins(trial, self.function, configs)[0], *more)
        return (a, a, *(case for other in others for case in (other, a)), *reversed(others))


def _scanty(case: Case, answer: Conformed) -> bool:
    """Whether a result has not even half of its entries: there is too little to call pure."""
    return any(2 * got.size < np.prod(case.shape_of(name)) for name, got in answer.results.items())


def _numberless(case: Case, answers: Sequence[Conformed]) -> list[str]:
    """The results that are to be plain numbers and never are finite, if arrays are returned beside them."""
    numbers = [n for n in answers[0].results if not case.shape_of(n)]
    never = [n for n in numbers if not any(np.isfinite(a.results[n]).any() for a in answers)]
    return never if len(numbers) < len(answers[0].results) else []


def _changed(calls: Sequence[Case], observations: Sequence[Observation]) -> Verdict | None:
    for case, observation in zip(calls, observations, strict=True):
        function = case.function
        if names := changed_arguments(function, (observation,)):
            which = listed(names)
            evidence = Contrast(
                function.name, inputs(case), Shown(f"other numbers in {which} after the call"), Shown(f"{which} as before the call"),
                "the arguments that were handed over",
            )
            return not_met(Reason.CHANGED_INPUT, f"{function.name} changes {which} in place.", evidence)
    return None


def _stateful(calls: Sequence[Case], answers: Sequence[Conformed]) -> Verdict | None:
    first: dict[int, tuple[int, Conformed]] = {}
    for number, (case, answer) in enumerate(zip(calls, answers, strict=True), 1):
        before, earlier = first.setdefault(id(case), (number, answer))
        for name, got in answer.results.items():
            want = earlier.results[name]
            when = "when it is repeated at once" if number == before + 1 else "after calls with other inputs"
            if got.shape != want.shape:
                return not_met(Reason.STATEFUL, f"{case.function.name} gives an answer of another shape for the same inputs {when}.")
            found = compare(got, want, _EXACT)
            if not found.ok:
                call, source = f"{case.function.name}, call {number}", f"your own answer to the same inputs in call {before}"
                evidence = contrast(call, inputs(case), got, want, found, source)
                what = name if len(case.function.returns) > 1 else "answer"
                message = f"{case.function.name} gives another {what} for the same inputs {when}."
                return not_met(Reason.STATEFUL, message, evidence)
    return None
