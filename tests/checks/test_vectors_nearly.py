"""A function of matrices with a mistake of its own keeps its share of nothing."""

from fractions import Fraction
from typing import Any

import pytest

from grader.checks.base import Check
from grader.core.reason import Reason
from reference.cs224n_a1.solutions import softmaxCostAndGradient
from tests.checks.test_vectors import CHECKS, only_of, told


def flipped(*given: Any) -> Any:
    """The cost is right, so that rows are what is meant; the gradients have the wrong sign."""
    cost, *gradients = softmaxCostAndGradient(*given)
    return (cost, *(-g for g in gradients))


@pytest.mark.parametrize("share", [Fraction(1, 2), Fraction(9, 10), Fraction(1)])
@pytest.mark.parametrize("check", CHECKS[1:], ids=["gradPred", "grad"])
def test_a_share_of_no_credit_is_none(check: Check, share: Fraction) -> None:
    """However much the rubric lets a right function of matrices keep."""
    verdict = told(check.model_copy(update={"as_matrix": share}), only_of(0, flipped))
    assert (verdict.credit, verdict.reason) == (0, Reason.MISCONCEPTION)
    right = told(check.model_copy(update={"as_matrix": share}), only_of(0, softmaxCostAndGradient))
    assert right.credit == share
