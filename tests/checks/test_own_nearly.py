"""Callers that were handed a function of the student's own, and whose answers to the stand-in are nearly none."""

from typing import Any

import numpy as np
import pytest

from grader.checks.values import ValuesCheck
from grader.core.observation import Observation, Raised, Returned
from grader.core.verdict import Outcome
from grader.trial import materialise
from reference.cs224n_a1.solutions import FUNCTIONS
from tests.checks.inprocess import trial_of
from tests.checks.test_own import as_row, row_of, skipgram_with, verdict_on

ONE = ValuesCheck(function="skipgram", own={"word2vecCostAndGradient": "softmaxCostAndGradient"}, cases=({"V": 5, "D": 3},))


def test_one_case_is_enough() -> None:
    """The note names the function all the same."""
    found = verdict_on(skipgram_with(row_of), check=ONE)
    assert found.outcome is Outcome.MET
    assert any(note.startswith("skipgram was judged with gradPred of softmaxCostAndGradient as (1, ") for note in found.notes)


def rounds(skipgram: Any) -> tuple[list[Observation], list[Observation]]:
    """What both rounds bring back, of a caller of `as_row`."""
    trial, own = trial_of(0), {**FUNCTIONS, "skipgram": skipgram, "softmaxCostAndGradient": as_row}

    def answer(probe: Any) -> Observation:
        try:
            return Returned(own[probe.function](*[materialise(a, own) for a in probe.args]))
        except (IndexError, TypeError, ValueError) as error:
            return Raised(type(error).__name__, str(error))

    first = [answer(p) for p in ONE.plan(trial)]
    return first, [answer(p) for p in ONE.follow_up(trial, first)]


@pytest.mark.parametrize("answer", [None, "a cost", (1.0,), (None, None, None), ("a", "b", "c"), (np.ones((2, 2)), 0.0, 0.0)])
def test_an_answer_that_is_none_does_not_heed_the_stand_in(answer: Any) -> None:
    """The first verdict stands, and the judge goes on."""
    _, second = rounds(skipgram_with(row_of))
    assert ONE.judge(trial_of(0), [Returned(answer)], second).credit == 0


@pytest.mark.parametrize("cut", [1, 2])
def test_answers_that_are_missing_leave_the_first_verdict(cut: int) -> None:
    """As where the second round ended early: whole, it would be met."""
    first, second = rounds(skipgram_with(row_of))
    assert ONE.judge(trial_of(0), first, second).credit == 1
    assert ONE.judge(trial_of(0), first, second[:-cut]) == ONE.judge(trial_of(0), first)
