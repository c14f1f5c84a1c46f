"""Functions that take a vector only as a matrix of one row, or of one column."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.checks.base import Check
from grader.checks.gradient import GradientCheck
from grader.checks.values import ValuesCheck
from grader.core.observation import Observation
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.trial import Trial
from reference.cs224n_a1.misconceptions import MISCONCEPTIONS
from reference.cs224n_a1.solutions import sgd, softmaxCostAndGradient
from tests.checks.inprocess import ask, trial_of

Judged = Callable[..., Verdict]
NAME = "softmaxCostAndGradient"
CHECKS = (
    ValuesCheck(function=NAME, outputs=("cost",)),
    GradientCheck(function=NAME, gradient="gradPred", wrt="predicted"),
    GradientCheck(function=NAME, gradient="grad", wrt="outputVectors"),
)


def only_of(axis: int, answer: Callable[..., Any] = softmaxCostAndGradient) -> Callable[..., Any]:
    """As `answer`, for a matrix `predicted` that has length 1 along this axis."""
    def function(predicted: np.ndarray, *rest: Any) -> Any:
        if predicted.ndim < 2 or predicted.shape[axis] != 1:
            raise ValueError("shapes are not aligned")
        cost, gradient, grad = answer(predicted.ravel(), *rest)
        return cost, gradient.reshape(predicted.shape), grad

    return function


@pytest.mark.parametrize("check", CHECKS, ids=["cost", "gradPred", "grad"])
@pytest.mark.parametrize(("axis", "words"), [(0, "one row, (1, D)"), (1, "one column, (D, 1)")])
def test_a_function_of_rows_or_of_columns_is_told_so(axis: int, words: str, check: Check, judged: Judged) -> None:
    """What it raises at a vector says nothing of that; the points stay lost."""
    verdict = judged(check, softmaxCostAndGradient=only_of(axis))
    assert (verdict.reason, verdict.credit) == (Reason.MISCONCEPTION, 0)
    assert verdict.message == f"softmaxCostAndGradient is right only for predicted as a matrix of {words}; it is a vector, (D,)."
    assert "predicted.reshape(" in verdict.hint
    assert "not aligned" in repr(verdict.evidence)


@pytest.mark.parametrize("check", CHECKS, ids=["cost", "gradPred", "grad"])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_rubric_says_what_a_function_of_matrices_keeps(axis: int, check: Check, judged: Judged) -> None:
    """One shape is charged once: where another item charges it, nothing is lost, and the report says so."""
    half = judged(check.model_copy(update={"as_matrix": Fraction(1, 2)}), softmaxCostAndGradient=only_of(axis))
    assert (half.outcome, half.credit, half.reason) == (Outcome.PARTLY, Fraction(1, 2), Reason.MISCONCEPTION)
    all_of_it = judged(check.model_copy(update={"as_matrix": Fraction(1)}), softmaxCostAndGradient=only_of(axis))
    assert (all_of_it.outcome, all_of_it.credit) == (Outcome.MET, 1)
    assert any("it is a vector, (D,). That is not charged here." in note for note in all_of_it.notes)


def test_a_matrix_is_no_excuse_for_another_mistake(judged: Judged) -> None:
    """What is wrong for matrices too loses its points there as elsewhere; one wrong in a later case alone is wrong."""
    def wrong_for_the_last_word(predicted: np.ndarray, target: int, U: np.ndarray, *rest: Any) -> Any:
        cost, gradient, grad = softmaxCostAndGradient(predicted, target, U)
        return cost, gradient * (1 + 1e-3 * (target == 0)), grad

    check = CHECKS[1].model_copy(update={"as_matrix": Fraction(1)})
    assert judged(check, softmaxCostAndGradient=only_of(0, wrong_for_the_last_word)).credit == 0


@pytest.mark.parametrize("check", CHECKS, ids=["cost", "gradPred", "grad"])
def test_one_that_is_wrong_for_them_too_is_not(check: Check, judged: Judged) -> None:
    """It would be no praise that is due."""
    doubled = only_of(0, lambda *given: tuple(2 * np.asarray(r) for r in softmaxCostAndGradient(*given)))
    verdict = judged(check, softmaxCostAndGradient=doubled)
    assert verdict.credit == 0
    assert "is right" not in verdict.message


def told(check: Check, function: Callable[..., Any]) -> Verdict:
    """The verdict where the author's known mistakes are known."""
    trial = trial_of(1, MISCONCEPTIONS)
    first = ask(check.plan(trial), function)
    return check.judge(trial, first, ask(check.follow_up(trial, first), function))


@pytest.mark.parametrize("check", CHECKS, ids=["cost", "gradPred", "grad"])
def test_a_known_mistake_that_a_matrix_shows_is_told_beside_the_exception(check: Check) -> None:
    """All is wrong for it: nobody meant a matrix. With share 1, too, where the shape is another item's to charge."""
    def negative(*given: Any) -> Any:
        return tuple(-np.asarray(result) for result in softmaxCostAndGradient(*given))

    for share in (Fraction(0), Fraction(1)):
        verdict = told(check.model_copy(update={"as_matrix": share}), only_of(0, negative))
        assert (verdict.reason, verdict.credit) == (Reason.RAISED, 0)
        assert "not aligned" in verdict.message
        (note,) = verdict.notes
        assert re.match(r"For predicted as a matrix of one row, \(1, D\): Your cost (and its gradients both )?ha(s|ve) the wrong sign", note)


@pytest.mark.parametrize(("check", "credit"), [(CHECKS[0], 1), (CHECKS[1], 0), (CHECKS[2], 0)], ids=["cost", "gradPred", "grad"])
def test_a_known_mistake_beside_something_right_is_the_verdict(check: Check, credit: int) -> None:
    """The cost is right for a row, so that rows are what is meant: the gradients' sign is what is wrong."""
    def flipped(*given: Any) -> Any:
        cost, *gradients = softmaxCostAndGradient(*given)
        return (cost, *(-g for g in gradients))

    verdict = told(check.model_copy(update={"as_matrix": Fraction(1)}), only_of(0, flipped))
    assert verdict.credit == credit
    assert "not aligned" not in verdict.message
    assert credit or (verdict.reason is Reason.MISCONCEPTION and "starts from yhat - y, not y - yhat" in verdict.message)


def test_a_result_that_is_declared_to_be_like_the_vector_is_like_the_matrix(judged: Judged) -> None:
    """Its numbers are what counts."""
    def descent(f: Any, x0: np.ndarray, *rest: Any) -> np.ndarray:
        if x0.ndim < 2:
            raise IndexError("too many indices")
        return np.reshape(sgd(f, x0.ravel(), *rest), x0.shape)

    assert judged(ValuesCheck(function="sgd"), sgd=descent).message.startswith("sgd is right only for x0 as a matrix of one row, (1, D)")


def test_only_exceptions_at_vectors_are_asked_about(trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """Wrong numbers are not, and no function of matrices alone is."""
    check = ValuesCheck(function=NAME, outputs=("cost",))
    assert not check.follow_up(trial, observe(check.plan(trial), softmaxCostAndGradient=lambda *given: (0.0, *softmaxCostAndGradient(*given)[1:])))
    matrices = ValuesCheck(function="normalizeRows")
    assert not matrices.follow_up(trial, observe(matrices.plan(trial), normalizeRows=lambda x: x[:, :, 0]))
