"""Shapes, block by block."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.shape import ShapeCheck, _lengths
from grader.core.dims import shape_of
from grader.core.evidence import Blocks
from grader.core.interface import ArraySpec, Block, DimRange, FunctionSpec, Interface, Param, Result
from grader.core.observation import Returned
from grader.core.reason import Reason
from grader.core.verdict import Verdict
from grader.trial import Oracle, Trial
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import FUNCTIONS, softmax

Judged = Callable[..., Verdict]
GRAD = ShapeCheck(function="forward_backward_prop", outputs=("grad",), cases=({"Dx": 3, "H": 4, "Dy": 2},))


def network(change: Callable[[np.ndarray], Any]) -> Callable[..., Any]:
    """forward_backward_prop with another form of gradient."""
    def answer(*args: Any) -> Any:
        cost, grad = FUNCTIONS["forward_backward_prop"](*args)
        return cost, change(grad)

    return answer


def blocks(grad: np.ndarray) -> list[np.ndarray]:
    """The four blocks for Dx, H, Dy = 3, 4, 2."""
    return [grad[:12].reshape(3, 4), grad[12:16].reshape(1, 4), grad[16:24].reshape(4, 2), grad[24:].reshape(1, 2)]


def test_a_transposed_block_is_named(judged: Judged) -> None:
    """W1 came as (H, Dx); the table has a row for each block."""
    verdict = judged(GRAD, forward_backward_prop=network(lambda g: [blocks(g)[0].T, *blocks(g)[1:]]))
    assert verdict.message == "W1: shape (4, 3), but should be (Dx, H) = (3, 4): it is transposed."
    (table,) = verdict.evidence
    assert isinstance(table, Blocks)
    assert [(r.name, r.shape, r.differ, r.of) for r in table.rows] == [
        ("W1", (4, 3), 12, 12), ("b1", (1, 4), 0, 4), ("W2", (4, 2), 0, 8), ("b2", (1, 2), 0, 2)]


def test_an_array_of_integers_is_told_where_nothing_is_left_of_the_gradient(judged: Judged) -> None:
    """Its zeros earn nothing, and the hint says where they come from."""
    check = ShapeCheck(function="forward_backward_prop", outputs=("grad",))
    cut = judged(check, forward_backward_prop=network(lambda g: (0.1 * g).astype(int)))
    assert (cut.reason, cut.credit, cut.hint.startswith("grad has an integer dtype")) == (Reason.DEGENERATE, 0, True)
    zeros = judged(check, forward_backward_prop=network(np.zeros_like))
    assert (zeros.reason, zeros.hint) == (Reason.DEGENERATE, "")


def test_right_blocks_that_are_not_joined(judged: Judged) -> None:
    """Every block is right, but the gradient should be one vector; the hint says how."""
    verdict = judged(GRAD, forward_backward_prop=network(blocks))
    assert verdict.message == (
        "grad: a list of W1, b1, W2 and b2, but should be one flat vector, (Dx*H + H + H*Dy + Dy,) = (26,).")
    assert "np.concatenate" in verdict.hint


def test_a_flat_gradient_of_the_wrong_length_says_which_blocks_are_missing(judged: Judged) -> None:
    """20 numbers are W1 and W2; 25 are no choice of blocks."""
    verdict = judged(GRAD, forward_backward_prop=network(lambda g: np.concatenate([b.ravel() for b in blocks(g)[::2]])))
    assert verdict.message == ("grad: 20 numbers, but should be (Dx*H + H + H*Dy + Dy,) = (26,): W1 12, b1 4, W2 8, b2 2. "
                               "That is its length without b1 and b2.")
    assert isinstance(verdict.evidence[-1], Blocks)
    assert [r.differ for r in verdict.evidence[-1].rows] == [0, 4, 0, 2]
    verdict = judged(GRAD, forward_backward_prop=network(lambda g: g[1:]))
    assert verdict.message == "grad: 25 numbers, but should be (Dx*H + H + H*Dy + Dy,) = (26,): W1 12, b1 4, W2 8, b2 2."


def test_a_transposed_matrix_is_named(judged: Judged) -> None:
    """The gradient of U with columns for words."""
    def transposed(*args: Any) -> Any:
        cost, grad_predicted, grad = FUNCTIONS["softmaxCostAndGradient"](*args)
        return cost, grad_predicted, grad.T

    check = ShapeCheck(function="softmaxCostAndGradient", cases=({"V": 5, "D": 3},))
    verdict = judged(check, softmaxCostAndGradient=transposed)
    assert verdict.message == "grad: shape (3, 5), but should be (V, D) = (5, 3): it is transposed."


def test_only_the_outputs_named_are_judged(judged: Judged) -> None:
    """A cost of the wrong shape is no matter of the gradient's."""
    def cost_per_example(*args: Any) -> Any:
        return np.zeros(3), FUNCTIONS["forward_backward_prop"](*args)[1]

    assert judged(GRAD, forward_backward_prop=cost_per_example).credit == 1
    assert judged(ShapeCheck(function="forward_backward_prop"), forward_backward_prop=cost_per_example).reason is Reason.SHAPE


def test_wrong_values_of_the_right_shape_are_met(judged: Judged) -> None:
    """No value is compared: a gradient that is wrong by a factor has the right shape."""
    assert judged(GRAD, forward_backward_prop=network(lambda g: 2 * g)).credit == 1


def test_a_squeezable_axis_is_a_noted_leniency(judged: Judged) -> None:
    """gradPred as (1, D) is taken, and said."""
    def row(*args: Any) -> Any:
        cost, grad_predicted, grad = FUNCTIONS["softmaxCostAndGradient"](*args)
        return cost, grad_predicted[None], grad

    verdict = judged(ShapeCheck(function="softmaxCostAndGradient", cases=({"D": 3},)), softmaxCostAndGradient=row)
    assert (verdict.credit, verdict.notes) == (1, ("gradPred: shape (1, 3) was taken for (3,)",))


def test_one_example_is_asked(judged: Judged) -> None:
    """A row is dropped only where there is one: N = 1 shows it."""
    verdict = judged(ShapeCheck(function="softmax"), softmax=lambda x: softmax(x)[0] if len(x) == 1 else softmax(x))
    assert verdict.reason is Reason.SHAPE


@pytest.mark.parametrize("filled", [np.zeros_like, np.ones_like, lambda g: np.arange(float(g.size))], ids=["zeros", "ones", "counting"])
def test_an_empty_shell_earns_nothing(filled: Callable[..., np.ndarray], judged: Judged) -> None:
    """The right shape filled with numbers that do not depend on the input."""
    assert judged(GRAD, forward_backward_prop=network(filled)).reason is Reason.DEGENERATE


def test_an_unknown_output_is_the_authors_mistake() -> None:
    """The field and the results that there are."""
    (problem,) = ShapeCheck(function="forward_backward_prop", outputs=("gradient",)).problems(INTERFACE)
    assert problem == ("outputs", "forward_backward_prop returns no 'gradient'.", "Write some of: cost, grad.")


def test_a_length_that_has_several_explanations_gets_none(judged: Judged) -> None:
    """With H = Dy, b1 and b2 are equally long: either may be missing."""
    square = ShapeCheck(function="forward_backward_prop", outputs=("grad",), cases=({"Dx": 3, "H": 4, "Dy": 4},))
    verdict = judged(square, forward_backward_prop=network(lambda g: g[:-4]))
    assert verdict.message.endswith("W1 12, b1 4, W2 16, b2 4.")


def test_a_deep_network_is_explained_as_fast_as_a_shallow_one() -> None:
    """Of 7 layers: up to three blocks or all biases are tried, not each of 16 382 choices, four ways in four cases."""
    layers = [Block(name=f"{kind}{i}", shape=shape) for i in range(7) for kind, shape in (("W", f"D{i} D{i + 1}"), ("b", f"1 D{i + 1}"))]
    size = " + ".join(f"D{i}*D{i + 1} + D{i + 1}" for i in range(7))
    params = Param(name="p", spec=ArraySpec(shape=size, blocks=tuple(layers)))
    f = FunctionSpec(name="f", module="m", params=(params,), returns=(Result(name="grad", spec=params.spec),))
    interface = Interface(slug="deep", title="Deep", dims={f"D{i}": DimRange(low=3, high=17) for i in range(8)}, functions=(f,))
    trial = Trial(1, interface, Oracle({"f": lambda p: p**2}))
    check = ShapeCheck(function="f")

    def verdict_without(*left_out: str) -> Verdict:
        answers = []
        for case in check._asked(trial):
            kept = [np.ones(shape_of(b.shape, case.sizes)).ravel() for b in layers if b.name not in left_out]
            answers.append(Returned(np.concatenate(kept)))
        return check.judge(trial, answers)

    assert verdict_without("W3", "b5").message.endswith("That is its length without W3 and b5.")
    biases = [b.name for b in layers[1::2]]
    assert verdict_without(*biases).message.endswith("That is its length without b0, b1, b2, b3, b4, b5 and b6.")
    tried = 0

    def counting(*args: Any) -> Any:
        nonlocal tried
        tried += 1
        return _lengths(*args)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("grader.checks.shape._lengths", counting)
        verdict_without("W0", "W1", "W2", "W3", "W4")
    assert tried < 4 * 500 * 4


def test_a_block_may_be_a_single_number() -> None:
    """As the bias of one unit is: a vector without it is one without it."""
    params = Param(name="p", spec=ArraySpec(shape="D + 1", blocks=(Block(name="w", shape="D"), Block(name="b", shape=""))))
    f = FunctionSpec(name="f", module="m", params=(params,), returns=(Result(name="grad", spec=params.spec),))
    interface = Interface(slug="unit", title="Unit", dims={"D": DimRange(low=3, high=7)}, functions=(f,))
    trial, check = Trial(1, interface, Oracle({"f": lambda p: p**2})), ShapeCheck(function="f")
    verdict = check.judge(trial, [Returned(np.ones(case.sizes["D"])) for case in check._asked(trial)])
    assert verdict.message.endswith("That is its length without b.")


@pytest.mark.parametrize("again", [True, False])
def test_numbers_drawn_at_random_earn_nothing(again: bool, judged: Judged) -> None:
    """Of the right shape, finite, and others in every call; or ones in the next, with which nothing correlates."""
    rng = np.random.default_rng(0)
    seen = set[bytes]()

    def random_numbers(data: Any, labels: Any, params: np.ndarray, dimensions: Any) -> Any:
        is_new = params.tobytes() not in seen
        seen.add(params.tobytes())
        return rng.normal(), rng.normal(size=params.shape) if again or is_new else np.ones(params.shape)

    verdict = judged(ShapeCheck(function="forward_backward_prop", outputs=("grad",)), forward_backward_prop=random_numbers)
    assert (verdict.credit, verdict.reason) == (0, Reason.DEGENERATE)
    assert "other numbers each time" in verdict.message
    assert verdict.hint == "Compute the answer from the arguments, without random numbers."


@pytest.mark.parametrize(("alike", "credit"), [(0.91, 1), (0.89, 0)])
def test_how_alike_answers_to_the_same_call_are_is_pinned(alike: float, credit: int, judged: Judged) -> None:
    """A correlation above 0.9 is a state that is carried on; one below it, chance."""
    rng = np.random.default_rng(0)
    earlier: dict[bytes, np.ndarray] = {}

    def answer(data: Any, labels: Any, params: np.ndarray, dimensions: Any) -> Any:
        new = rng.normal(size=params.shape)
        before = earlier.setdefault(params.tobytes(), new)
        if before is new:
            return 1.0, new
        old, new = before - before.mean(), new - new.mean()
        new = new - old * (new @ old) / (old @ old)
        return 1.0, alike * old / np.linalg.norm(old) + np.sqrt(1 - alike**2) * new / np.linalg.norm(new)

    assert judged(SEVERAL, forward_backward_prop=answer).credit == credit


SEVERAL = ShapeCheck(function="forward_backward_prop", outputs=("grad",))


@pytest.mark.parametrize(("change", "says"), [
    (np.tile, " That is its length with b1 and b2 of each example: they are to be summed over the N examples."),
    (lambda b, N: b[:1], " That is its length with a single number for b1 and b2: sum over the N examples (axis=0), not over everything."),
    (lambda b, N: b[:0], " That is its length without b1 and b2."),
    (lambda b, N: np.ones(N),
     " That is its length with one number for each example in b1 and b2: sum over the N examples (axis=0), not over the entries."),
], ids=["not summed", "summed over everything", "left out", "summed over the entries"])
def test_what_was_done_to_the_biases_is_named(change: Callable[[np.ndarray, int], np.ndarray], says: str, judged: Judged) -> None:
    """If it explains the length in every case: in one, several may."""
    def answer(data: np.ndarray, labels: np.ndarray, params: np.ndarray, dimensions: Any) -> Any:
        Dx, H, Dy = dimensions
        cost, grad = FUNCTIONS["forward_backward_prop"](data, labels, params, dimensions)
        W1, b1, W2, b2 = np.split(grad, np.cumsum([Dx * H, H, H * Dy]))
        return cost, np.concatenate([W1, change(b1, len(data)), W2, change(b2, len(data))])

    assert judged(SEVERAL, forward_backward_prop=answer).message.endswith(f".{says}")
