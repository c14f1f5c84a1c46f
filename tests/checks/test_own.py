"""Callers that take a result in the shape in which the student's own function returns it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.values import ValuesCheck
from grader.core.observation import Raised, Returned
from grader.core.probe import Own
from grader.core.verdict import Outcome, Verdict
from grader.trial import materialise
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import FUNCTIONS, softmaxCostAndGradient
from tests.checks.inprocess import trial_of

CHECK = ValuesCheck(function="skipgram", own={"word2vecCostAndGradient": "softmaxCostAndGradient"})


def row_of(gradient: np.ndarray) -> np.ndarray:
    """As one writes whose cost function returns (1, D): it raises for (D,)."""
    return gradient[0, :]


def first_of(gradient: np.ndarray) -> np.ndarray:
    """The same, and for (D,) a number, which is added to every entry."""
    return gradient[0]


def skipgram_with(take: Callable[[Any], Any], factor: float = 1.0, cost_function: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Skip-gram that makes the gradient of v_c of what `take` makes of gradPred; `cost_function` is called in place of the argument."""
    def skipgram(center: str, C: int, context: list[str], tokens: dict[str, int], V: np.ndarray, U: np.ndarray, dataset: Any, F: Any) -> Any:
        cost, gradIn, gradOut = 0.0, np.zeros_like(V), np.zeros_like(U)
        for word in context:
            c, g, G = (cost_function or F)(V[tokens[center]], tokens[word], U, dataset)
            cost += float(c)
            gradIn[tokens[center]] += factor * take(g)
            gradOut += G
        return cost, gradIn, gradOut

    return skipgram


def as_row(predicted: Any, target: int, U: Any, dataset: Any = None) -> Any:
    """The student's own cost function: its gradPred is (1, D), a leniency."""
    cost, gradPred, grad = softmaxCostAndGradient(predicted, target, U)
    return cost, gradPred[None], grad


def flat_of_row(predicted: Any, target: int, U: Any, dataset: Any = None) -> Any:
    """Another one: it takes (1, D) alone, and its gradPred is (D,)."""
    return softmaxCostAndGradient(predicted[0, :], target, U)


def skipgram_on_rows(center: str, C: int, context: list[str], tokens: dict[str, int], V: np.ndarray, U: np.ndarray, dataset: Any, F: Any) -> Any:
    """Skip-gram that hands over (1, D) and takes (D,) back."""
    def flat(row: np.ndarray, *rest: Any) -> Any:
        cost, gradPred, grad = F(row[None], *rest)
        if gradPred.ndim > 1:
            raise IndexError("non-broadcastable output operand")
        return cost, gradPred, grad

    return skipgram_with(np.asarray)(center, C, context, tokens, V, U, dataset, flat)


def verdict_on(skipgram: Callable[..., Any], cost_function: Callable[..., Any] = as_row, check: ValuesCheck = CHECK) -> Verdict:
    """With both rounds."""
    trial = trial_of(0)
    own = {**FUNCTIONS, "skipgram": skipgram, "softmaxCostAndGradient": cost_function}

    def answer(probe: Any) -> Any:
        try:
            return Returned(own[probe.function](*[materialise(a, own) for a in probe.args]))
        except (IndexError, TypeError, ValueError) as error:
            return Raised(type(error).__name__, str(error))

    first = [answer(p) for p in check.plan(trial)]
    return check.judge(trial, first, [answer(p) for p in check.follow_up(trial, first)])


@pytest.mark.parametrize("take", [row_of, first_of])
def test_a_caller_that_fits_the_students_own_function_is_right(take: Callable[[Any], Any]) -> None:
    """The shape is a leniency of that function, and is not charged here; the report says with what it was judged."""
    found = verdict_on(skipgram_with(take))
    assert found.outcome is Outcome.MET
    assert any("skipgram was judged with gradPred of softmaxCostAndGradient as (1, " in note for note in found.notes)
    assert verdict_on(skipgram_with(take), check=ValuesCheck(function="skipgram")).credit == 0


@pytest.mark.parametrize("cost_function", [flat_of_row, lambda v, *rest: softmaxCostAndGradient(v.ravel(), *rest)])
def test_a_caller_that_hands_over_a_row_and_takes_a_vector_fits_a_function_that_returns_one(cost_function: Callable[..., Any]) -> None:
    """The gradient of the stand-in is like what it was given, (1, D); the student's own flattens it."""
    found = verdict_on(skipgram_on_rows, cost_function)
    assert found.outcome is Outcome.MET
    assert any("judged with gradPred of softmaxCostAndGradient as (4,) for predicted as (1, 4)" in note for note in found.notes)
    assert verdict_on(skipgram_on_rows, lambda v, *rest: as_row(v.ravel(), *rest)).credit == 0


@pytest.mark.parametrize("take", [row_of, first_of])
def test_one_that_does_not_fit_its_own_function_is_wrong(take: Callable[[Any], Any]) -> None:
    """Where the cost function returns (D,), taking its first entry is a mistake."""
    assert verdict_on(skipgram_with(take), softmaxCostAndGradient).credit == 0


@pytest.mark.parametrize("take", [row_of, first_of])
def test_one_that_is_wrong_with_its_own_function_too_is_wrong(take: Callable[[Any], Any]) -> None:
    """By 1e-4."""
    assert verdict_on(skipgram_with(take, 1 + 1e-4)).credit == 0


@pytest.mark.parametrize("take", [row_of, np.ravel])
def test_one_that_ignores_the_function_that_it_is_given_is_wrong(take: Callable[[Any], Any]) -> None:
    """It is right with its own function, as it would be with any."""
    assert verdict_on(skipgram_with(take, cost_function=as_row)).credit == 0


def test_only_the_functions_that_the_rubric_names_are_tried() -> None:
    """None without it."""
    trial = trial_of(0)
    first = [Raised("IndexError", "")] * len(CHECK.plan(trial))
    assert any(isinstance(a, Own) for p in CHECK.follow_up(trial, first) for a in p.args)
    assert not ValuesCheck(function="skipgram").follow_up(trial, first)


def test_two_items_with_the_same_cases_ask_each_its_own_functions() -> None:
    """What is made once for each case is made for each of the functions that the rubric names."""
    trial = trial_of(0)
    other = ValuesCheck(function="skipgram", own={"word2vecCostAndGradient": "negSamplingCostAndGradient"})
    for check in (CHECK, other, CHECK):
        first = [Raised("IndexError", "")] * len(check.plan(trial))
        asked = {a.function for p in check.follow_up(trial, first) for a in p.args if isinstance(a, Own)}
        assert asked == set(check.own.values())


@pytest.mark.parametrize(("own", "problem", "remedy"), [
    ({"word2vecCostAndGrad": "softmaxCostAndGradient"},
     "skipgram takes no function 'word2vecCostAndGrad'.", "Write one of: word2vecCostAndGradient."),
    ({"dataset": "softmaxCostAndGradient"}, "skipgram takes no function 'dataset'.", "Write one of: word2vecCostAndGradient."),
    ({"word2vecCostAndGradient": "softmaxCostAndGrad"},
     "the interface declares no function 'softmaxCostAndGrad'.", "Write softmaxCostAndGradient."),
    ({"word2vecCostAndGradient": "F"},
     "the interface declares no function 'F'.", f"Write one of: {', '.join(sorted(f.name for f in INTERFACE.functions))}."),
])
def test_a_misspelt_name_is_told_to_the_author(own: dict[str, str], problem: str, remedy: str) -> None:
    """Before anybody's answer is wrong."""
    assert list(ValuesCheck(function="skipgram", own=own).problems(INTERFACE)) == [("own", problem, remedy)]
    assert not list(CHECK.problems(INTERFACE))
