"""Rows that are probabilities."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from grader.checks.probability import ProbabilityCheck
from grader.core.observation import Observation, Returned
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.trial import Trial
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import softmax

Judged = Callable[..., Verdict]
CHECK = ProbabilityCheck(function="softmax")


def changed(answers: list[Observation], number: int, by: dict[int, float]) -> list[Observation]:
    """The answers with some entries of one of them moved."""
    old = answers[number]
    assert isinstance(old, Returned)
    assert isinstance(old.value, np.ndarray)
    value = old.value.copy()
    for index, step in by.items():
        value.flat[index] += step
    return [*answers[:number], replace(old, value=value), *answers[number + 1:]]


@pytest.mark.parametrize(("share", "outcome"), [(0.9, Outcome.MET), (1.1, Outcome.NOT_MET)])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("number", range(8))
def test_the_sum_is_pinned(
    share: float, outcome: Outcome, sign: int, number: int, trial: Trial, observe: Callable[..., list[Observation]],
) -> None:
    """One entry of any answer, off by 0.9 and by 1.1 of 1e-6 + 1e-9."""
    answers = changed(observe(CHECK.plan(trial)), number, {0: sign * share * (1e-6 + 1e-9)})
    assert CHECK.judge(trial, answers).outcome is outcome


@pytest.mark.parametrize(("share", "outcome"), [(0.9, Outcome.MET), (1.1, Outcome.NOT_MET)])
def test_the_sign_is_pinned(share: float, outcome: Outcome, trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """Rounding may leave -1e-9; the rest is a negative probability."""
    answers = observe(CHECK.plan(trial))
    assert isinstance(answers[0], Returned)
    assert isinstance(answers[0].value, np.ndarray)
    first = float(answers[0].value[0])
    verdict = CHECK.judge(trial, changed(answers, 0, {0: -first - share * 1e-9, 1: first}))
    assert verdict.outcome is outcome
    assert outcome is Outcome.MET or verdict.message == "softmax returns a negative probability: -1.1e-09 at [0]."


@pytest.mark.parametrize(("wrong", "message"), [
    (lambda x: x / x.sum(-1, keepdims=True), "softmax returns a negative probability: "),
    (lambda x: np.exp(x) / np.exp(x).sum(), "Row 0 of softmax's answer adds up to "),
    (lambda x: softmax(x) + 1e-4 * (np.arange(x.shape[-1]) == 1), "The answer of softmax adds up to 1.0001, not to 1."),
    (lambda x: softmax(x) if len(x) > 1 else 1 / (1 + np.exp(-x)), "Row 0 of softmax's answer adds up to "),
], ids=["not exponentiated", "sum over the matrix", "one entry by 1e-4", "one row only"])
def test_near_misses_are_named(wrong: Callable[..., np.ndarray], message: str, judged: Judged) -> None:
    """Which row, and what it adds up to."""
    verdict = judged(CHECK, softmax=wrong)
    assert (verdict.reason, verdict.credit) == (Reason.PROBABILITY, 0)
    assert verdict.message.startswith(message)


@pytest.mark.parametrize("trivial", [
    lambda x: np.full(x.shape, 1 / x.shape[-1]),
    lambda x: np.eye(x.shape[-1])[np.zeros(x.shape[:-1], int)],
    lambda x: (x == x.max(-1, keepdims=True)).astype(float),
    lambda x: np.broadcast_to((np.arange(x.shape[-1]) + 1) / np.sum(np.arange(x.shape[-1]) + 1), x.shape),
], ids=["uniform", "always the first", "0 or 1", "by position"])
def test_trivial_probabilities_earn_nothing(trivial: Callable[..., np.ndarray], judged: Judged) -> None:
    """Rows that add up to 1 without looking at the numbers of x."""
    verdict = judged(CHECK, softmax=trivial)
    assert (verdict.reason, verdict.credit) == (Reason.DEGENERATE, 0)


def test_the_output_has_to_be_one_of_the_functions() -> None:
    """It must be named where there are several."""
    assert [p[0] for p in ProbabilityCheck(function="softmax", output="p").problems(INTERFACE)] == ["output"]
    assert [p[0] for p in ProbabilityCheck(function="cbow").problems(INTERFACE)] == ["output"]
    assert not list(ProbabilityCheck(function="cbow", output="cost").problems(INTERFACE))


def test_certainty_is_degenerate_even_if_it_moves(judged: Judged) -> None:
    """1 for the largest logit of each row differs from input to input, and is no softmax."""
    verdict = judged(ProbabilityCheck(function="softmax", cases=({"N": 7},)), softmax=lambda x: (x == x.max(-1, keepdims=True)).astype(float))
    assert verdict.message == "softmax: every entry of the answer is 0 or 1, so there is nothing to judge."
