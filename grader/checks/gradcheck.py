"""What a student's gradient checker says of right gradients and of planted wrong ones."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from grader.checks.answers import trouble
from grader.checks.base import Check
from grader.core.evidence import Contrast, Input, Printed
from grader.core.observation import Observation, Raised, Returned
from grader.core.probe import Probe, StandIn
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met
from grader.diagnosis import Diagnosis
from grader.numerics.show import show
from grader.trial import Case, Trial

Said: TypeAlias = Literal["passed", "failed", "both", "nothing"]

_H = 1e-4  # the handout's step
_LARGE = 1.0  # added to one entry: 5e4 times the handout's tolerance of 1e-5
_SMALL = 2e-3  # the same relative to the entry: 200 times the handout's tolerance, 20 times one of 1e-4
_NOISE = 1.0  # a cost that draws other numbers on both sides is off by noise / 2h = 5000
_RECORD = 64  # calls of f reported back: more than two for each entry of the largest x
_SHAPES: Mapping[str, tuple[int, ...]] = {"number": (), "vector": (5,), "matrix": (2, 3)}
"""x as a 0-d array, as a vector and as a matrix: f takes all of it, and an index has 0, 1 or 2 numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One call of the checker, and what it should say.

    Parameters
    ----------
    name : str
        In a student's words: ``a right gradient of a 2 by 3 x``.
    case : Case
        Objective and x.
    right : bool
        Whether the objective's gradient is right, so that "passed" is.
    entry, size : str
        Which entry is wrong (first, middle, last) and by how much (large, small, sign); empty if none is.
    """

    name: str
    case: Case
    right: bool
    entry: str = ""
    size: str = ""


class GradcheckCheck(Check):
    """What the checker prints, or returns, for objectives with right gradients and with planted wrong ones.

    No aspect can be met by always saying the same: each asks for "passed" and for "failed".

    Parameters
    ----------
    aspect : {'right', 'planted', 'restores', 'random'}
        ``right``: passes right gradients of curved, non-separable objectives; a one-sided difference fails them.
        ``planted``: fails one wrong entry (first, middle, last; by a lot, by little, in its sign). The objectives are linear,
        so that even a one-sided difference is exact: this is about the comparison alone.
        ``restores``: x is as before after a check that passed and after one that failed, and f was called beside x.
        ``random``: passes the right gradient of an objective that draws random numbers.
    """

    kind: Literal["gradcheck"] = "gradcheck"
    aspect: Literal["right", "planted", "restores", "random"]

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """One call per question."""
        return tuple(q.case.probe for q in self._questions(trial))

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """What was said against what should be; then the mistake that explains the difference."""
        questions = self._questions(trial)
        if mistake := _takes_one_entry(observations):
            return not_met(Reason.MISCONCEPTION, mistake.sentence, hint=mistake.hint)
        heard = [_assertion_is_failed(o) for o in observations]
        if wrong := trouble(heard, [q.case for q in questions]):
            return wrong
        returned = [o for o in heard if isinstance(o, Returned)]
        said = [what_was_said(o) for o in returned]
        judged = self._restores(questions, returned, said) if self.aspect == "restores" else self._outcome(questions, returned, said, follow_up)
        return judged.with_notes(*_notes(observations, returned))

    def follow_up(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """For a checker that fails right gradients: wrong ones that a mistaken difference would find right."""
        return tuple(q.case.probe for q in self._riddles(trial)) if self.aspect == "right" else ()

    # ---- what is asked -----------------------------------------------------------------------------------------------

    def _questions(self, trial: Trial) -> tuple[Question, ...]:
        ask = _Asker(trial, self.function)
        match self.aspect:
            case "right":
                return (*(ask.right(shape) for shape in _SHAPES), ask.planted("vector", "middle", "large"))
            case "planted":
                wrong = (ask.planted("matrix", entry, size, linear=True)
                         for size in ("large", "small", "sign") for entry in ("first", "middle", "last"))
                return (ask.right("matrix", linear=True), ask.planted("number", "first", "large", linear=True), *wrong)
            case "restores":
                return ask.right("vector"), ask.right("matrix"), ask.planted("matrix", "middle", "large")
            case "random":
                return (ask.right("vector", linear=True), ask.right("vector", linear=True, noise=_NOISE),
                        ask.right("matrix", linear=True, noise=_NOISE), ask.planted("matrix", "first", "large", linear=True, noise=_NOISE))

    def _riddles(self, trial: Trial) -> tuple[Question, ...]:
        ask = _Asker(trial, self.function)
        return (ask.scaled(-1.0), ask.scaled(2.0), ask.scaled(0.5), ask.right("vector", linear=True), ask.right("number"))

    # ---- what it means -----------------------------------------------------------------------------------------------

    def _outcome(
        self, questions: Sequence[Question], returned: Sequence[Returned], said: Sequence[Said], follow_up: Sequence[Observation]
    ) -> Verdict:
        should: list[Said] = ["passed" if q.right else "failed" for q in questions]
        bad = [i for i, (s, w) in enumerate(zip(said, should, strict=True)) if s != w]
        if not bad:
            return met()
        first = bad[0]
        evidence = _evidence(questions[first], said[first], should[first]), Printed(returned[first].printed)
        if mistake := self._mistake(questions, returned, said, follow_up):
            degenerate = mistake.id in ("always_passed", "always_failed")
            return not_met(Reason.DEGENERATE if degenerate else Reason.MISCONCEPTION, mistake.sentence, *evidence, hint=mistake.hint)
        return not_met(Reason.PRINTED, f"{self.function} says {_SAYS[said[first]]} for {questions[first].name}; it should say "
                       f"{_SAYS[should[first]]}.", *evidence)

    def _mistake(
        self, questions: Sequence[Question], returned: Sequence[Returned], said: Sequence[Said], follow_up: Sequence[Observation]
    ) -> Diagnosis | None:
        if set(said) == {"passed"}:
            return _ALWAYS_PASSED
        if all(s == "failed" for q, s in zip(questions, said, strict=True) if q.right):
            if self.aspect == "random" and said[0] == "passed":
                return _NOT_RESET
        match self.aspect:
            case "right":
                return _wrong_difference(questions, returned, said, follow_up)
            case "planted":
                return _wrong_comparison(questions, said)
            case _:
                return _not_reset(questions, said)

    def _restores(self, questions: Sequence[Question], returned: Sequence[Returned], said: Sequence[Said]) -> Verdict:
        ...
