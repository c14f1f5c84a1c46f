"""Degenerate answers: told from poor ones, at a pinned distance."""

import numpy as np
import pytest

from grader.checks.answers import Conformed, conform
from grader.checks.guard import default_cases, idle, twins, unfit
from grader.core.reason import Reason
from grader.trial import Case, Trial

CONFIGS = ({"x": "vector"}, {}, {"N": 1})


def answered(cases: tuple[Case, ...]) -> list[Conformed]:
    """Right answers of sigmoid."""
    return [Conformed({"sigmoid": 1 / (1 + np.exp(-np.asarray(case.arg("x"), float)))}) for case in cases]


def test_twins_have_the_same_sizes_and_other_numbers(trial: Trial) -> None:
    """Even where a case fixes all sizes."""
    for configs in (CONFIGS, ({"N": 2, "D": 3}, {"N": 2, "D": 3})):
        pairs = list(zip(trial.cases("sigmoid", configs), twins(trial, "sigmoid", configs), strict=True))
        assert all(np.shape(a.arg("x")) == np.shape(b.arg("x")) for a, b in pairs)
        assert not any(np.array_equal(a.arg("x"), b.arg("x")) for a, b in pairs)  # type: ignore[arg-type]


@pytest.mark.parametrize(("spread", "reason"), [(0.9e-9, Reason.DEGENERATE), (1.1e-9, None)])
def test_what_counts_as_the_same_number_is_pinned(spread: float, reason: Reason | None, trial: Trial) -> None:
    """A spread of 1e-9 of the largest entry, within an answer and between twins."""
    cases, other = trial.cases("sigmoid", CONFIGS), twins(trial, "sigmoid", CONFIGS)
    right, again = answered(cases), answered(other)
    within = np.full(np.shape(cases[1].arg("x")), 2.0)
    within.flat[-1] *= 1 - spread
    verdict = idle(cases, [right[0], Conformed({"sigmoid": within}), right[2]], again)
    assert (verdict.reason if verdict else None) is reason
    moved = right[1].results["sigmoid"].copy()
    largest = np.unravel_index(np.argmax(moved), moved.shape)
    moved[largest] *= 1 - spread
    verdict = idle(cases, right, [again[0], Conformed({"sigmoid": moved}), again[2]])
    assert (verdict.reason if verdict else None) is reason


def test_right_answers_are_fit(trial: Trial) -> None:
    """Nothing is said of them."""
    cases, other = trial.cases("sigmoid", CONFIGS), twins(trial, "sigmoid", CONFIGS)
    assert unfit(cases, other, answered(cases), answered(other)) is None
    assert idle(cases, answered(cases), answered(other)) is None


def test_nan_in_a_twin_is_seen(trial: Trial) -> None:
    """Finite comes before degenerate, in every answer."""
    cases, other = trial.cases("sigmoid", CONFIGS), twins(trial, "sigmoid", CONFIGS)
    again = answered(other)
    again[2].results["sigmoid"][0, -1] = np.inf
    verdict = unfit(cases, other, answered(cases), again)
    assert verdict is not None
    assert verdict.reason is Reason.NOT_FINITE


def test_vectors_are_asked_where_the_answer_is_shaped_like_the_argument(trial: Trial) -> None:
    """A gradient has no such case, and a function without N no single row."""
    assert default_cases(trial.interface.function("softmax")) == ({"x": "vector"}, {}, {}, {"N": 1})
    assert default_cases(trial.interface.function("softmaxCostAndGradient")) == ({}, {})


@pytest.mark.parametrize("value", [["1.5"], [None], [1j], [True], [[1], [1, 2]], 10**400], ids=repr)
def test_lists_are_numbers_only_if_every_entry_is(value: object, trial: Trial) -> None:
    """numpy would read "1.5" and None as numbers; here they are of the wrong type."""
    (case,) = trial.cases("parameter_count", ({},))
    answer = conform(value, case)  # type: ignore[arg-type]
    assert not isinstance(answer, Conformed)
    assert answer.reason is Reason.TYPE
