"""Arguments stay as they are, and equal calls get equal answers."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.checks.purity import PurityCheck
from grader.core.evidence import Contrast
from grader.core.observation import Observation, Returned
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.trial import Trial
from reference.cs224n_a1.solutions import FUNCTIONS, sigmoid, softmax

Judged = Callable[..., Verdict]
NETWORK = PurityCheck(function="forward_backward_prop")
SIGMOID = PurityCheck(function="sigmoid")


def test_parameters_that_are_changed_are_named(judged: Judged) -> None:
    """params -= ... inside the function, however little."""
    def careless(data: Any, labels: Any, params: Any, dimensions: Any) -> Any:
        answer = FUNCTIONS["forward_backward_prop"](data, labels, params, dimensions)
        params[-1] += 1e-12
        return answer

    verdict = judged(NETWORK, forward_backward_prop=careless)
    assert (verdict.reason, verdict.message) == (Reason.CHANGED_INPUT, "forward_backward_prop changes params in place.")


def test_what_the_handout_allows_is_no_fault(judged: Judged) -> None:
    """softmax may work in place."""
    def in_place(x: np.ndarray) -> np.ndarray:
        x[:] = softmax(x)
        return x

    assert judged(PurityCheck(function="softmax"), softmax=in_place).credit == 1


def counted() -> Callable[..., np.ndarray]:
    """Each call a little larger than the one before."""
    calls: list[int] = []

    def answer(x: np.ndarray) -> np.ndarray:
        calls.append(1)
        return sigmoid(x) * (1 + 1e-6 * len(calls))

    return answer


def carried() -> Callable[..., np.ndarray]:
    """What was computed in the last call of another input leaks into the first one after it."""
    last: list[np.ndarray] = []

    def answer(x: np.ndarray) -> np.ndarray:
        leak = 1e-4 if last and not np.array_equal(last[0], x) else 0.0
        last[:] = [x.copy()]
        return sigmoid(x) + leak

    return answer


def sized() -> Callable[..., np.ndarray]:
    """Goes wrong for good once it has seen another size."""
    shapes: set[tuple[int, ...]] = set()

    def answer(x: np.ndarray) -> np.ndarray:
        shapes.add(x.shape)
        return sigmoid(x) if len(shapes) < 2 else sigmoid(1.0001 * x)

    return answer


@pytest.mark.parametrize(("stateful", "when", "call"), [
    (counted, "when it is repeated at once", "sigmoid, call 2"),
    (carried, "after calls with other inputs", "sigmoid, call 4"),
    (sized, "after calls with other inputs", "sigmoid, call 6"),
], ids=["counter", "last input", "other size"])
def test_state_is_seen_and_both_answers_are_shown(stateful: Callable[[], Callable[..., np.ndarray]], when: str, call: str, judged: Judged) -> None:
    """Right on the first call; which call differs from which."""
    verdict = judged(SIGMOID, sigmoid=stateful())
    assert verdict.reason is Reason.STATEFUL
    assert verdict.message == f"sigmoid gives another answer for the same inputs {when}."
    assert isinstance(verdict.evidence[0], Contrast)
    assert verdict.evidence[0].call == call
    assert verdict.evidence[0].source == "your own answer to the same inputs in call 1"


def test_the_first_answer_kept_for_ever_is_no_purity(judged: Judged) -> None:
    """A cache that does not look at its input answers every call alike."""
    kept: list[np.ndarray] = []

    def cached(x: np.ndarray) -> np.ndarray:
        kept.append(sigmoid(x))
        return next(y for y in kept if y.shape == x.shape)

    assert judged(SIGMOID, sigmoid=cached).reason is Reason.DEGENERATE


def test_what_is_kept_for_each_shape_is_seen(judged: Judged) -> None:
    """The mean of the first x of a shape is used for the next ones: each answer is another, and A's never changes."""
    kept: dict[tuple[int, ...], float] = {}

    def centred(x: np.ndarray) -> np.ndarray:
        if x.shape not in kept:
            kept.clear()
            kept[x.shape] = float(x.mean())
        return sigmoid(x - kept[x.shape])

    assert judged(SIGMOID, sigmoid=centred).reason is Reason.STATEFUL


@pytest.mark.parametrize(("share", "outcome"), [(0.9, Outcome.MET), (1.1, Outcome.NOT_MET)])
@pytest.mark.parametrize("number", [1, 3, 5, 6, 7])
def test_equal_means_equal_to_1e_12(
    share: float, outcome: Outcome, number: int, trial: Trial, observe: Callable[..., list[Observation]],
) -> None:
    """Every repeated call is compared: the order of a sum may change, nothing else."""
    answers = observe(SIGMOID.plan(trial))
    old = answers[number]
    assert isinstance(old, Returned)
    assert isinstance(old.value, np.ndarray)
    off = old.value.copy()
    off.flat[0] *= 1 + share * 1e-12
    answers[number] = replace(old, value=off)
    assert SIGMOID.judge(trial, answers).outcome is outcome


def test_zeros_are_pure_and_earn_nothing(judged: Judged) -> None:
    """A stub has no state and changes nothing."""
    verdict = judged(NETWORK, forward_backward_prop=lambda data, labels, params, dimensions: (0.0, np.zeros_like(params)))
    assert (verdict.reason, verdict.credit) == (Reason.DEGENERATE, 0)


def test_a_wrong_shape_is_not_charged_here(judged: Judged) -> None:
    """A misshapen gradient costs the items on shape and values; the function is pure all the same."""
    def row(*args: Any) -> Any:
        cost, grad = FUNCTIONS["forward_backward_prop"](*args)
        return [cost], grad[:-1]

    assert judged(NETWORK, forward_backward_prop=row).credit == 1


def test_a_shape_that_changes_is_state(judged: Judged) -> None:
    """Another shape in the second call is state, whatever the numbers."""
    calls: list[int] = []

    def growing(x: np.ndarray) -> np.ndarray:
        calls.append(1)
        return sigmoid(x) if len(calls) % 2 else sigmoid(x)[None]

    verdict = judged(SIGMOID, sigmoid=growing)
    assert (verdict.reason, "another shape" in verdict.message) == (Reason.STATEFUL, True)


@pytest.mark.parametrize("shrunk", [np.sum, lambda grad: grad[:0], lambda grad: grad[:2]])
def test_a_scrap_of_an_answer_is_not_called_pure(judged: Judged, shrunk: Callable[[np.ndarray], Any]) -> None:
    """A number, an empty array or two entries in place of the whole gradient."""
    def scrap(*args: Any) -> Any:
        cost, grad = FUNCTIONS["forward_backward_prop"](*args)
        return cost, shrunk(grad)

    assert judged(NETWORK, forward_backward_prop=scrap).credit == 0


@pytest.mark.parametrize("number", [math.inf, math.nan])
def test_a_cost_that_is_not_finite_is_not_charged_here(judged: Judged, number: float) -> None:
    """It costs the item on the cost; the gradient is pure all the same. Where nothing is finite there is nothing to call pure."""
    def infinite(*args: Any) -> Any:
        return number, FUNCTIONS["forward_backward_prop"](*args)[1]

    verdict = judged(NETWORK, forward_backward_prop=infinite)
    assert (verdict.credit, verdict.notes) == (1, ("cost is not finite; other items charge that",))
    nothing = judged(NETWORK, forward_backward_prop=lambda data, labels, params, dimensions: (number, np.full_like(params, number)))
    assert (nothing.reason, nothing.credit) == (Reason.NOT_FINITE, 0)
    zeros = judged(NETWORK, forward_backward_prop=lambda data, labels, params, dimensions: (number, np.zeros_like(params)))
    assert (zeros.reason, zeros.credit) == (Reason.DEGENERATE, 0)
    holed = judged(NETWORK, forward_backward_prop=lambda *args: (1.0, np.append(FUNCTIONS["forward_backward_prop"](*args)[1][1:], number)))
    assert (holed.reason, holed.credit) == (Reason.NOT_FINITE, 0)


def test_a_cost_that_is_not_finite_now_and_then_is_state(judged: Judged) -> None:
    """Infinite at every other call."""
    calls: list[int] = []

    def now_and_then(*args: Any) -> Any:
        calls.append(1)
        cost, grad = FUNCTIONS["forward_backward_prop"](*args)
        return (cost if len(calls) % 2 else math.inf), grad

    assert judged(NETWORK, forward_backward_prop=now_and_then).credit == 0


@pytest.mark.parametrize(("number", "credit"), [(0, 1), (1, 0), (-1, 0)])
def test_a_result_that_the_next_call_overwrites_is_state(
    number: int, credit: int, trial: Trial, observe: Callable[..., list[Observation]]
) -> None:
    """What was returned before the first call is another item's."""
    check = PurityCheck(function="softmax")
    answers = observe(check.plan(trial), softmax=softmax)
    answers[number] = replace(answers[number], stale=True)
    verdict = check.judge(trial, answers)
    assert verdict.credit == credit
    assert ("returns the same array again" in verdict.message) == (credit == 0)
