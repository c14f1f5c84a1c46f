"""A check of this assignment's own: what skipgram does without a loss function."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from grader.checks.answers import contrast, inputs, raised
from grader.checks.base import Check, ToleranceFields
from grader.checks.guard import read
from grader.core.observation import Observation, Raised, Returned
from grader.core.probe import Own, Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met
from grader.numerics.compare import Tolerance, compare
from grader.trial import Case, Trial

SOFTMAX = "naiveSoftmaxLossAndGradient"
_MISCALLED = re.compile(
    rf"{SOFTMAX}\(\) (missing 1 required positional argument: 'dataset'$|takes (from \d to )?4 positional arguments but \d were given)")
"""What Python says of a call with another number of arguments than the handout's four."""


class DefaultLossCheck(Check, ToleranceFields):
    """skipgram without a loss function answers as it does with the student's own naive softmax, right or wrong."""

    kind: Literal["default_loss"] = "default_loss"

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """Each case with that function handed over, and without the argument."""
        cases = self._cases(trial)
        return (*(case.probe for case in cases), *(Probe(self.function, case.args[:-1]) for case in cases))

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """The same results, bit by bit, or the same exception: what that function does wrong it is charged for itself.

        How it is called is the caller's to lose.
        """
        cases = self._cases(trial)
        for case, handed in zip(cases, observations, strict=False):
            if isinstance(handed, Raised) and handed.type == "TypeError" and _MISCALLED.search(handed.message):
                return raised(handed, case)
            if not isinstance(handed, Raised | Returned) and isinstance(ended := read([case], [handed]), Verdict):
                return ended  # and nothing was asked after it
        answers = zip(cases, observations[:len(cases)], observations[len(cases):], strict=True)
        case, want, got = next(((c, w, g) for c, w, g in answers if not _same(w, g)), (None, None, None))
        if case is None:
            return met()
        left_out, given = read([case], [got], squeezable=True), read([case], [want], squeezable=True)
        if isinstance(left_out, Verdict):
            return left_out
        evidence = () if isinstance(given, Verdict) else tuple(
            contrast(self.function, inputs(case)[:-1], got, want, compare(got, want, self.tolerance), f"with your {SOFTMAX}")
            for _, _, want, got in _differing([(case, given[0].results, left_out[0])], self.tolerance))
        return not_met(Reason.VALUE, f"Without a loss function, {self.function} does not take your {SOFTMAX}.", *evidence[:1],
                       hint=f"Write word2vecLossAndGradient={SOFTMAX} in the line that begins with def.")

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        drawn = trial.cases(self.function, ({"outsideWords": "distinct"}, {"outsideWords": "repeats"}))
        return trial.once((self.kind, self.function), lambda: tuple(map(_with_softmax, drawn)))


def _same(one: object, other: object) -> bool:
    """Whether two calls ended alike."""
    match one, other:
        case Returned(value=x), Returned(value=y):
            return _same(x, y)
        case Raised(), Raised():
            return (one.type, one.message) == (other.type, other.message)
        case tuple() | list(), tuple() | list():
            return len(one) == len(other) and all(map(_same, one, other))
        case np.ndarray() | float() | int(), np.ndarray() | float() | int():
            return np.array_equal(one, other, equal_nan=True)
    return False


def _with_softmax(case: Case) -> Case:
    return case.replaced(word2vecLossAndGradient=Own(SOFTMAX))


def _differing(compared: Any, tolerance: Tolerance) -> Iterator[tuple[Case, str, Any, Any]]:
    for case, want, got in compared:
        for name, result in got.results.items():
            if not compare(result, want[name], got.allowed(tolerance)).ok:
                yield case, name, want[name], result
