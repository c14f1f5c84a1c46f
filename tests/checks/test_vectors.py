"""Functions that take a vector only as a matrix of one row, or of one column."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.base import Check
from grader.checks.gradient import GradientCheck
from grader.checks.values import ValuesCheck
from grader.core.observation import Observation
from grader.core.reason import Reason
from grader.core.verdict import Verdict
from grader.trial import Trial
from reference.cs224n_a1.solutions import sgd, softmaxCostAndGradient

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
def test_one_that_is_wrong_for_them_too_is_not(check: Check, judged: Judged) -> None:
    """It would be no praise that is due."""
    doubled = only_of(0, lambda *given: tuple(2 * np.asarray(r) for r in softmaxCostAndGradient(*given)))
    assert judged(check, softmaxCostAndGradient=doubled).reason is Reason.RAISED


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
