"""Mistakes of form that one item charges: another order of the results, blocks that come one by one, sizes written into the code."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.checks.base import Check
from grader.checks.count import CountCheck
from grader.checks.form import arranged
from grader.checks.gradient import GradientCheck
from grader.checks.purity import PurityCheck
from grader.checks.shape import ShapeCheck
from grader.checks.values import ValuesCheck
from grader.core.evidence import StepPlot
from grader.core.observation import Raised, Returned
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import forward_backward_prop, skipgram, softmaxCostAndGradient

Judged = Callable[..., Verdict]
Function = Callable[..., Any]
NAME = "forward_backward_prop"
SIZES = {"N": 20, "Dx": 10, "H": 5, "Dy": 10}
CHECKS: dict[str, Check] = {
    "values": ValuesCheck(function=NAME, outputs=("cost",)),
    "gradient": GradientCheck(function=NAME, gradient="grad", wrt="params"),
    "purity": PurityCheck(function=NAME),
}
WORDS = ValuesCheck(function="softmaxCostAndGradient", outputs=("cost",))
EACH = pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)


def with_share(check: Check, **share: Any) -> Check:
    return check.model_copy(update=share)


def exchanged(*args: Any) -> Any:
    cost, grad = forward_backward_prop(*args)
    return grad, cost


def of_twenty(data: np.ndarray, *rest: Any) -> Any:
    return forward_backward_prop(data.reshape(20, -1), *rest)


def apart(data: np.ndarray, labels: np.ndarray, params: np.ndarray, dims: list[int]) -> tuple[float, list[np.ndarray]]:
    Dx, H, Dy = dims
    cost, grad = forward_backward_prop(data, labels, params, dims)
    W1, b1, W2, b2 = np.split(grad, np.cumsum([Dx * H, H, H * Dy]))
    return cost, [W1.reshape(Dx, H), b1, W2.reshape(H, Dy), b2]


def five(*args: Any) -> Any:
    cost, blocks = apart(*args)
    return (cost, *blocks)


# ---- results in another order ----------------------------------------------------------------------------------------

@EACH
def test_another_order_keeps_what_the_rubric_grants(check: Check, judged: Judged) -> None:
    """Nothing by default, a share with the sentence, or all of it with a note."""
    assert judged(check, forward_backward_prop=exchanged).credit == 0
    third = judged(with_share(check, rearranged=Fraction(1, 3)), forward_backward_prop=exchanged)
    assert (third.credit, third.reason, third.hint) == (Fraction(1, 3), Reason.SHAPE, "End with: return cost, grad.")
    assert third.message == f"{NAME} returns grad and cost in this order, but should return cost and grad."
    assert "cost, a number; grad of shape" in repr(third.evidence)  # what was asked, what came back, and what should
    every = judged(with_share(check, rearranged=Fraction(1)), forward_backward_prop=exchanged)
    assert (every.outcome, every.notes) == (Outcome.MET, (f"{third.message} That is not charged here.",))


@pytest.mark.parametrize("kind", ["gradient", "purity"])
@pytest.mark.parametrize("function", [apart, five])
def test_blocks_one_by_one_are_charged_alike(kind: str, function: Function, judged: Judged) -> None:
    """In a list, or among the results."""
    assert judged(CHECKS[kind], forward_backward_prop=function).credit == 0
    found = judged(with_share(CHECKS[kind], rearranged=Fraction(1)), forward_backward_prop=function)
    assert found.credit == 1
    assert found.notes == (f"{NAME} returns the blocks of grad one by one; they are to be one flat vector. That is not charged here.",)


def test_another_order_is_no_excuse_for_wrong_numbers(judged: Judged) -> None:
    """The mistake is told as if the results were in order; a share of a share is kept where a convention grants one."""
    def doubled(*args: Any) -> Any:
        cost, grad = forward_backward_prop(*args)
        return 2 * grad, cost

    verdict = judged(with_share(CHECKS["gradient"], rearranged=Fraction(1)), forward_backward_prop=doubled)
    assert (verdict.credit, "twice" in verdict.message) == (0, True)
    assert any("W1 differs in" in note for note in verdict.notes)  # the second round is read in that order too
    assert any(isinstance(e, StepPlot) for e in verdict.evidence)


def test_results_of_as_many_axes_keep_their_order_among_themselves(judged: Judged) -> None:
    """The cost last is another order; gradIn and gradOut in each other's place is a mistake of its own."""
    def cost_last(*args: Any) -> Any:
        cost, gradIn, gradOut = skipgram(*args)
        return gradIn, gradOut, cost

    def all_reversed(*args: Any) -> Any:
        return skipgram(*args)[::-1]

    check = with_share(ValuesCheck(function="skipgram"), rearranged=Fraction(5, 6))
    assert judged(check, skipgram=cost_last).credit == Fraction(5, 6)
    assert judged(check, skipgram=all_reversed).credit == 0


@pytest.mark.parametrize("values", [
    [(1.0, np.ones(3)), (1.0, np.ones(3))],
    [(np.ones(3), 1.0), (1.0, np.ones(3))],
    [(np.ones((3, 1)), 1.0)],
    [(np.ones(3), 1.0, 2.0)],
    [(np.ones(3), "1.0")],
    [np.ones(3)],
    [None],
    [],
], ids=["in order", "not always", "of other shapes", "too many", "a word", "a single one", "None", "nothing"])
def test_what_nobody_can_tell_stays_as_it_is(values: list[Any]) -> None:
    """It is judged as it came."""
    observations = [Raised("ValueError", ""), *map(Returned, values)]
    found, said = arranged(INTERFACE.function(NAME), observations)
    assert (list(found), said) == (observations, "")


def test_a_function_of_vectors_and_matrices(judged: Judged) -> None:
    """Three results, none of which has as many axes as another."""
    def reordered(*args: Any) -> Any:
        cost, gradPred, grad = softmaxCostAndGradient(*args)
        return grad, cost, gradPred

    verdict = judged(with_share(WORDS, rearranged=Fraction(1, 2)), softmaxCostAndGradient=reordered)
    assert verdict.credit == Fraction(1, 2)
    assert "returns grad, cost and gradPred in this order, but should return cost, gradPred and grad." in verdict.message


# ---- sizes in the code -----------------------------------------------------------------------------------------------

@EACH
def test_who_is_right_at_the_handouts_sizes_keeps_what_the_rubric_grants(check: Check, judged: Judged) -> None:
    """What it raises elsewhere is told, and where it does not."""
    assert judged(check, forward_backward_prop=of_twenty).credit == 0
    half = judged(with_share(check, sizes=SIZES, at_sizes=Fraction(1, 2)), forward_backward_prop=of_twenty)
    assert (half.credit, half.reason) == (Fraction(1, 2), Reason.RAISED)
    assert half.message.startswith(f"{NAME} raises ValueError")
    assert half.message.endswith("At N = 20, Dx = 10, H = 5 and Dy = 10 it does not.")
    assert "such as 20, 10 or 5" in half.hint
    every = judged(with_share(check, sizes=SIZES, at_sizes=Fraction(1)), forward_backward_prop=of_twenty)
    assert (every.outcome, every.notes[0]) == (Outcome.MET, f"{half.message} That is not charged here.")


def test_the_shape_is_what_such_a_function_loses(judged: Judged) -> None:
    """Where no share is granted the sentence is told all the same."""
    verdict = judged(ShapeCheck(function=NAME, outputs=("grad",), sizes=SIZES), forward_backward_prop=of_twenty)
    assert (verdict.credit, "it does not." in verdict.message) == (0, True)


@EACH
def test_who_is_wrong_there_too_keeps_nothing(check: Check, judged: Judged) -> None:
    """By 1e-4 of one number, or by another answer to every call; a function that raises there raises."""
    calls: list[int] = []

    def nearly(data: np.ndarray, *rest: Any) -> Any:
        cost, grad = of_twenty(data, *rest)
        calls.append(1)
        wrong = 1 + (1e-3 * len(calls) if isinstance(check, PurityCheck) else 1e-4)
        return cost * wrong, np.append(grad[:-1], grad[-1] * wrong)

    def of_thirty(data: np.ndarray, *rest: Any) -> Any:
        return forward_backward_prop(data.reshape(30, 10), *rest)

    granted = with_share(check, sizes=SIZES, at_sizes=Fraction(1))
    spared = Fraction(3, 4) if isinstance(check, GradientCheck) else 0  # three blocks of four
    assert judged(granted, forward_backward_prop=nearly).credit == spared
    thirty = judged(granted, forward_backward_prop=of_thirty)
    assert (thirty.credit, "At N = 20" in thirty.message) == (0, False)


def test_who_returns_at_all_sizes_is_not_asked_again(judged: Judged) -> None:
    """A wrong answer is no size in the code."""
    def wrong(*args: Any) -> Any:
        cost, grad = forward_backward_prop(*args)
        return cost + len(args[0]) - 20, grad

    verdict = judged(with_share(CHECKS["values"], sizes=SIZES, at_sizes=Fraction(1)), forward_backward_prop=wrong)
    assert verdict.credit == 0


def test_sizes_of_dims_that_are_not_there_are_the_authors_mistake() -> None:
    """Here and for what is counted by another function's result."""
    (problem,) = ValuesCheck(function="softmax", sizes={"H": 5}).problems(INTERFACE)
    assert problem == ("sizes", "softmax has no dim H.", "Use only: D, N.")
    count = CountCheck(function="parameter_count", formula="H", otherwise=NAME, result="grad", fixed={"K": 5})
    assert [p[:2] for p in count.problems(INTERFACE)] == [("fixed", f"{NAME} has no dim K.")]
    alone = CountCheck(function="parameter_count", formula="H", fixed={"N": 5})
    assert [p[:2] for p in alone.problems(INTERFACE)] == [("fixed", "no other function has no dim N.")]


@pytest.mark.parametrize("function", [of_twenty, exchanged, five])
def test_what_is_charged_elsewhere_can_be_counted_all_the_same(function: Function, judged: Judged) -> None:
    """The number of parameters does not depend on N, nor on the order of the results."""
    count = CountCheck(function="parameter_count", formula="(Dx+1)*H + (H+1)*Dy", otherwise=NAME, result="grad")
    fixed = with_share(count, fixed={"N": 20})
    assert judged(fixed, parameter_count=None, forward_backward_prop=function).credit == 1
    if function is of_twenty:
        assert judged(count, parameter_count=None, forward_backward_prop=function).outcome is Outcome.BLOCKED
