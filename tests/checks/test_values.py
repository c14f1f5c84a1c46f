"""Values against the reference: how near, in which order, and what a known mistake is worth."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.checks.base import Check
from grader.checks.shape import ShapeCheck
from grader.checks.values import ValuesCheck
from grader.core.evidence import Contrast
from grader.core.reason import Reason
from grader.core.verdict import Verdict
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.misconceptions import MISCONCEPTIONS
from reference.cs224n_a1.solutions import softmax, softmaxCostAndGradient
from tests.checks.inprocess import ask, trial_of

Judged = Callable[..., Verdict]
SOFTMAX = ValuesCheck(function="softmax")
WORDS = ValuesCheck(function="softmaxCostAndGradient")
COST = ValuesCheck(function="softmaxCostAndGradient", outputs=("cost",))


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize(("share", "credit"), [(0.9, 1), (1.1, 0)])
def test_the_tolerance_is_pinned_on_both_sides(share: float, sign: float, credit: int, judged: Judged) -> None:
    """Of one entry, which the evidence points at."""
    def near(x: np.ndarray) -> np.ndarray:
        y = softmax(x)
        y[-1, -1] += sign * share * (SOFTMAX.atol + SOFTMAX.rtol * y[-1, -1])
        return y

    verdict = judged(SOFTMAX, softmax=near)
    assert verdict.credit == credit
    for evidence in verdict.evidence:
        assert isinstance(evidence, Contrast)
        assert (evidence.differ, evidence.rtol, evidence.atol) == (1, SOFTMAX.rtol, SOFTMAX.atol)


@pytest.mark.parametrize(("answer", "reason"), [
    (lambda x: softmax(x).T, Reason.SHAPE), (lambda x: softmax(x) * np.nan, Reason.NOT_FINITE), (lambda x: 0 / 0, Reason.RAISED),
    (lambda x: None, Reason.TYPE), (lambda x: softmax(x) ** 1.5, Reason.VALUE),
])
def test_form_comes_before_values(answer: Callable[[np.ndarray], Any], reason: Reason, judged: Judged) -> None:
    """Each has a verdict of its own."""
    assert judged(SOFTMAX, softmax=answer).reason is reason


def test_results_that_are_not_asked_for_are_not_judged(judged: Judged) -> None:
    """Neither their form nor what they are."""
    def cost_alone(*args: Any) -> Any:
        return softmaxCostAndGradient(*args)[0], np.array([np.nan]), "gradient"

    assert judged(COST, softmaxCostAndGradient=cost_alone).credit == 1
    assert judged(WORDS, softmaxCostAndGradient=cost_alone).reason is Reason.SHAPE


@pytest.mark.parametrize("single", [(), (0,), (3,), (0, 1, 2, 3)])
def test_a_convention_keeps_its_share_whichever_answers_are_in_single_precision(single: tuple[int, ...]) -> None:
    """One mistake is to explain them all, as coarsely as the coarsest."""
    trial = trial_of(1, MISCONCEPTIONS)
    check = ValuesCheck(function="softmax", conventions={"negative_exponent": "1/2"})
    answers = iter(range(4))

    def of_minus_x(x: np.ndarray) -> np.ndarray:
        y = softmax(-x)
        return np.asarray(y + 4 * 2.0**-23 * y.max(), np.float32) if next(answers) in single else y

    verdict = check.judge(trial, ask(check.plan(trial), of_minus_x))
    assert (verdict.reason, verdict.credit) == (Reason.MISCONCEPTION, Fraction(1, 2))


@pytest.mark.parametrize("kind", [ValuesCheck, ShapeCheck])
@pytest.mark.parametrize(("function", "outputs", "known"), [
    ("skipgram", ("cost", "gradCenter"), "cost, gradIn, gradOut"), ("gradcheck_naive", ("cost",), "none"), ("skipgram", ("gradIn",), ""),
])
def test_outputs_that_a_function_lacks_are_the_authors_mistake(
    kind: type[Check], function: str, outputs: tuple[str, ...], known: str
) -> None:
    """Of a function that returns nothing too."""
    problems = list(kind(function=function, outputs=outputs).problems(INTERFACE))  # type: ignore[call-arg]
    assert problems == ([("outputs", f"{function} returns no {outputs[-1]!r}.", f"Write some of: {known}.")] if known else [])
