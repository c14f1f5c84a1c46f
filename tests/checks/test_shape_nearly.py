"""Shapes that are nearly explained, and numbers that nearly depend on the input."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.shape import ShapeCheck
from grader.core.evidence import Blocks
from grader.core.interface import ArraySpec, Block, DimRange, FunctionSpec, Interface, Param, Result
from grader.core.observation import Returned
from grader.core.reason import Reason
from grader.core.verdict import Verdict
from grader.trial import Oracle, Trial
from reference.cs224n_a1.solutions import FUNCTIONS

Judged = Callable[..., Verdict]
GRAD = ShapeCheck(function="forward_backward_prop", outputs=("grad",), cases=({"Dx": 3, "H": 4, "Dy": 2},))


@pytest.mark.parametrize("filled", [np.zeros_like, np.ones_like, lambda g: np.arange(float(g.size))], ids=["zeros", "ones", "counting"])
@pytest.mark.parametrize("case", [0, 1])
def test_an_empty_shell_in_one_case_earns_nothing(filled: Callable[..., np.ndarray], case: int, judged: Judged) -> None:
    """However right the answer to the other case is."""
    check = ShapeCheck(function="forward_backward_prop", outputs=("grad",), cases=({"H": 4, "Dy": 2, "Dx": 3}, {"H": 4, "Dy": 2, "Dx": 5}))

    def network(data: Any, labels: Any, params: Any, dimensions: Any) -> Any:
        cost, grad = FUNCTIONS["forward_backward_prop"](data, labels, params, dimensions)
        return cost, filled(grad) if dimensions[0] == (3, 5)[case] else grad

    assert judged(check, forward_backward_prop=network).reason is Reason.DEGENERATE


@pytest.mark.parametrize("parts", [["a"] * 4, [[1.0, [2.0, 3.0]]] * 4, [None] * 4, [1.0] * 4, [{}, (), "", 0]])
def test_a_list_that_is_as_long_as_there_are_blocks_is_no_list_of_blocks(parts: list[Any], judged: Judged) -> None:
    """Unless all of them are arrays: it loses the point by what it is, and the judge goes on."""
    verdict = judged(GRAD, forward_backward_prop=lambda *args: (0.0, parts))
    assert verdict.credit == 0
    assert verdict.reason in (Reason.TYPE, Reason.SHAPE)
    assert not any(isinstance(e, Blocks) for e in verdict.evidence)


def verdict_on(length: Callable[[dict[str, int]], int], *blocks: Block) -> Verdict:
    """On vectors of this length in every case, of a gradient with these blocks and no examples in sight."""
    size = " + ".join("*".join(b.shape.split()) for b in blocks)
    dims = sorted({d for b in blocks for d in b.shape.split() if not d.isdigit()})
    params = Param(name="p", spec=ArraySpec(shape=size, blocks=blocks))
    f = FunctionSpec(name="f", module="m", params=(params,), returns=(Result(name="grad", spec=params.spec),))
    interface = Interface(slug="toy", title="Toy", dims={d: DimRange(low=3, high=17) for d in dims}, functions=(f,))
    trial, check = Trial(1, interface, Oracle({"f": lambda p: p**2})), ShapeCheck(function="f")
    return check.judge(trial, [Returned(np.ones(length(dict(case.sizes)))) for case in check._asked(trial)])


def test_where_there_are_no_examples_none_are_to_be_summed_over() -> None:
    """A row of which two numbers are left, or twice as many as there should be, is a length that nothing explains."""
    row, matrix = Block(name="b", shape="1 D"), Block(name="W", shape="D H")
    for left in (lambda n: 2, lambda n: 2 * n["D"]):
        assert verdict_on(lambda n, left=left: n["D"] * n["H"] + left(n), row, matrix).message.endswith(".")
        assert "examples" not in verdict_on(lambda n, left=left: n["D"] * n["H"] + left(n), row, matrix).message


def test_three_biases_of_five_blocks_are_one_choice() -> None:
    """They are tried once as three blocks, and not again as all the rows."""
    blocks = [Block(name=f"b{d}", shape=f"1 {d}") for d in "ABC"] + [Block(name="W", shape="A B"), Block(name="U", shape="B C")]
    assert verdict_on(lambda n: n["A"] * n["B"] + n["B"] * n["C"], *blocks).message.endswith("That is its length without bA, bB and bC.")


def test_what_was_summed_over_the_wrong_axis_is_not_left_out(judged: Judged) -> None:
    """The bias is there, if of another length: no table says that all of it is missing."""
    check = ShapeCheck(function="forward_backward_prop", outputs=("grad",),
                       cases=({"N": 5, "Dx": 3, "H": 4, "Dy": 2}, {"N": 7, "Dx": 3, "H": 4, "Dy": 2}))

    def network(data: np.ndarray, *rest: Any) -> Any:
        cost, grad = FUNCTIONS["forward_backward_prop"](data, *rest)
        return cost, np.concatenate([grad[:12], np.ones(len(data)), grad[16:]])

    verdict = judged(check, forward_backward_prop=network)
    assert "That is its length with one number for each example in b1:" in verdict.message
    assert not any(isinstance(e, Blocks) for e in verdict.evidence)
