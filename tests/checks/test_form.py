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
from grader.core.observation import Observation, Raised, Returned, TimedOut
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.trial import Trial
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import forward_backward_prop, skipgram, softmaxCostAndGradient

Judged = Callable[..., Verdict]
Observe = Callable[..., list[Observation]]
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


@EACH
@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_another_order_is_seen_though_the_cost_is_an_array_of_one(check: Check, shape: tuple[int, ...], judged: Judged) -> None:
    """A cost as (1,) is a leniency; in another place it is one mistake still, and not five."""
    def of_one(*args: Any) -> Any:
        grad, cost = exchanged(*args)
        return grad, np.full(shape, cost)

    every = judged(with_share(check, rearranged=Fraction(1)), forward_backward_prop=of_one)
    assert (every.credit, "returns grad and cost in this order" in every.notes[-1]) == (1, True)


def test_rows_of_one_are_vectors_where_results_come_in_another_order(judged: Judged) -> None:
    """Near misses: a transposed grad is no gradPred, and results that are in order keep it whatever axes of length 1 they have."""
    def made(arrange: Callable[..., Any]) -> Function:
        return lambda *args: arrange(*softmaxCostAndGradient(*args))

    check = with_share(WORDS, rearranged=Fraction(1, 2))
    reversed_row = made(lambda cost, v, U: (U, v[None], np.array([[cost]])))
    assert judged(check, softmaxCostAndGradient=reversed_row).credit == Fraction(1, 2)
    assert judged(check, softmaxCostAndGradient=made(lambda cost, v, U: ([[cost]], v[None], U))).credit == 1
    assert judged(check, softmaxCostAndGradient=made(lambda cost, v, U: (U, v[None], U))).credit == 0


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
    [(np.ones((3, 2)), 1.0)],
    [(np.ones(3), 1.0, 2.0)],
    [(np.ones(3), "1.0")],
    [(np.ones(3), 1.0, "1.0")],
    [(1.0,)],
    [(1.0, ["W1", "b1", "W2", "b2"])],
    [(1.0, 2.0, 3.0, 4.0, 5.0)],
    [np.ones(3)],
    [None],
    [],
], ids=["in order", "not always", "of other shapes", "too many", "a word", "a word beside them", "the cost alone", "words for blocks",
        "numbers for blocks", "a single one", "None", "nothing"])
def test_what_nobody_can_tell_stays_as_it_is(values: list[Any]) -> None:
    """It is judged as it came."""
    observations = [Raised("ValueError", ""), *map(Returned, values)]
    found, said = arranged(INTERFACE.function(NAME), observations)
    assert (list(found), said) == (observations, "")


def test_an_answer_of_other_results_is_left_as_it_is_beside_those_that_come_in_another_order() -> None:
    """The others are put in order, in a list as in a tuple."""
    values = [[np.ones(3), 1.0], ("grad",)]
    found, said = arranged(INTERFACE.function(NAME), [Returned(value) for value in values])
    assert [o.value for o in found if isinstance(o, Returned)] == [(1.0, values[0][0]), ("grad",)]
    assert said.startswith(f"{NAME} returns grad and cost in this order")


@pytest.mark.parametrize("among", [True, False])
def test_what_comes_after_the_blocks_stays_there(among: bool) -> None:
    """Where the result that is made of them is declared first."""
    function = INTERFACE.function(NAME)
    turned = function.model_copy(update={"returns": function.returns[::-1]})
    blocks = [np.full(n, float(n)) for n in (4, 2, 6, 3)]
    (found,), said = arranged(turned, [Returned((*blocks, 0.5) if among else (blocks, 0.5))])
    assert isinstance(found, Returned)
    assert isinstance(found.value, tuple)
    grad, cost = found.value
    np.testing.assert_array_equal(grad, np.concatenate(blocks))
    assert (cost, said) == (0.5, f"{NAME} returns the blocks of grad one by one; they are to be one flat vector.")


def one_block_wrong(*args: Any) -> Any:
    """The cost, and a gradient of which the last entry is wrong, in single precision."""
    cost, grad = forward_backward_prop(*args)
    return cost, np.append(grad[:-1], 2 * grad[-1]).astype(np.float32)


def test_a_share_is_kept_of_the_share_that_the_numbers_earn(judged: Judged) -> None:
    """With both sentences, what shows the wrong numbers, and all that is noted of them."""
    right_order = judged(CHECKS["gradient"], forward_backward_prop=one_block_wrong)
    found = judged(with_share(CHECKS["gradient"], rearranged=Fraction(1, 3)), forward_backward_prop=lambda *args: one_block_wrong(*args)[::-1])
    assert (right_order.credit, found.credit) == (Fraction(3, 4), Fraction(1, 4))
    assert found.message == f"{NAME} returns grad and cost in this order, but should return cost and grad. {right_order.message}"
    assert (repr(found.evidence), found.notes) == (repr(right_order.evidence), right_order.notes)
    assert any("float32" in note for note in found.notes)


def test_numbers_that_earn_nothing_are_told_alone(judged: Judged) -> None:
    """Where a share is granted for the order as well: there is nothing to take it of."""
    check = with_share(CHECKS["values"], rearranged=Fraction(1, 2))
    found = judged(check, forward_backward_prop=lambda *args: (forward_backward_prop(*args)[1], 7.0))
    alone = judged(check, forward_backward_prop=lambda *args: (7.0, forward_backward_prop(*args)[1]))
    assert (found.credit, found.message, found.hint) == (0, alone.message, alone.hint)


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
    assert half.message.endswith("). At N = 20, Dx = 10, H = 5 and Dy = 10 it does not.")
    assert repr(half.evidence) == repr(judged(check, forward_backward_prop=of_twenty).evidence)  # what it raised
    assert "such as 20, 10 or 5" in half.hint
    every = judged(with_share(check, sizes=SIZES, at_sizes=Fraction(1)), forward_backward_prop=of_twenty)
    assert (every.outcome, every.notes[0]) == (Outcome.MET, f"{half.message} That is not charged here.")


def test_the_students_own_sentence_ends_once(judged: Judged) -> None:
    """An exception's message may be one."""
    def answer(data: np.ndarray, *rest: Any) -> Any:
        if len(data) != 20:
            raise ValueError("Give me twenty.")
        return forward_backward_prop(data, *rest)

    found = judged(with_share(CHECKS["values"], sizes=SIZES, at_sizes=Fraction(1, 2)), forward_backward_prop=answer)
    assert "Give me twenty. At N = 20" in found.message


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
    assert (thirty.credit, thirty.notes) == (0, ())
    assert thirty.message == judged(check, forward_backward_prop=of_thirty).message


def test_a_share_is_kept_of_the_share_that_the_handouts_sizes_earn(judged: Judged) -> None:
    """With what is wrong there, and at other sizes of which it takes some."""
    check = with_share(CHECKS["gradient"], cases=({"N": 3}, {"N": 20}), sizes=SIZES, at_sizes=Fraction(1, 2))
    found = judged(check, forward_backward_prop=lambda data, *rest: one_block_wrong(data.reshape(20, -1), *rest))
    assert (found.credit, "it does not. The gradient is wrong in b2" in found.message) == (Fraction(3, 8), True)


def test_other_numbers_of_the_same_sizes_are_asked_as_well(judged: Judged) -> None:
    """Who is right for the first ones alone has written more than sizes into the code."""
    seen: list[bytes] = []

    def first_alone(data: np.ndarray, *rest: Any) -> Any:
        cost, grad = of_twenty(data, *rest)
        seen.append(data.tobytes())
        return cost if data.tobytes() == seen[0] else 2 * cost, grad

    assert judged(with_share(CHECKS["values"], sizes=SIZES, at_sizes=Fraction(1)), forward_backward_prop=first_alone).credit == 0


@pytest.mark.parametrize("kind", ["values", "gradient"])
@pytest.mark.parametrize("backwards", [False, True])
def test_who_raises_at_some_sizes_and_is_wrong_at_others_keeps_nothing(kind: str, backwards: bool, judged: Judged) -> None:
    """With Dy in the place of Dx, which raises where Dy is greater; whatever the order of the results."""
    def answer(data: np.ndarray, labels: np.ndarray, params: np.ndarray, dims: list[int]) -> Any:
        if dims[2] > dims[0]:
            raise IndexError(dims)
        cost, grad = forward_backward_prop(data[:, :dims[2]] if wrong else data, labels, params[(dims[0] - dims[2]) * dims[1]:] if wrong else params,
                                           [dims[2] if wrong else dims[0], *dims[1:]])
        grad = np.append(np.zeros(len(params) - len(grad)), grad)
        return (grad, cost) if backwards else (cost, grad)

    cases = ({"Dx": 3, "Dy": 5}, {"Dx": 5, "Dy": 3})
    check = with_share(CHECKS[kind], cases=cases, sizes=SIZES, at_sizes=Fraction(1), rearranged=Fraction(1))
    wrong = True
    assert judged(check, forward_backward_prop=answer).credit == 0
    wrong = False
    assert judged(check, forward_backward_prop=answer).credit == 1


def test_a_call_that_never_ended_is_no_size_in_the_code(trial: Trial, observe: Observe) -> None:
    """Whatever it raises elsewhere."""
    check = with_share(CHECKS["gradient"], sizes=SIZES, at_sizes=Fraction(1))
    for function in (of_twenty, lambda data, *rest: one_block_wrong(data.reshape(20, -1), *rest)):
        first = [TimedOut("cpu", 5.0), *observe(check.plan(trial), forward_backward_prop=function)[1:]]
        found = check.judge(trial, first, observe(check.follow_up(trial, first), forward_backward_prop=function))
        assert (found.credit, found.reason) == (0, Reason.TIMED_OUT)


def test_where_no_sizes_are_named_none_are_asked(trial: Trial, observe: Observe) -> None:
    """Nor told."""
    first = observe(CHECKS["values"].plan(trial), forward_backward_prop=of_twenty)
    assert CHECKS["values"].follow_up(trial, first) == ()


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
