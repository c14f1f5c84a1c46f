"""What is drawn: both ends of every range of indices, whatever the seed."""

import numpy as np
import pytest

from grader.core.interface import ArraySpec, DimRange, FunctionSpec, IndexSpec, Interface, Param, Result
from grader.trial import Oracle, Trial

FUNCTION = FunctionSpec(
    name="f", module="m",
    params=(
        Param(name="y", spec=ArraySpec(shape="N C", domain="one_hot_rows")),
        Param(name="k", spec=ArraySpec(shape="N", domain="labels", dtype="int", below="C")),
        Param(name="t", spec=IndexSpec(below="C")),
    ),
    returns=(Result(name="c", spec=ArraySpec()),),
)
INTERFACE = Interface(slug="toy", title="Toy", dims={"N": DimRange(low=2, high=5), "C": DimRange(low=3, high=9)}, functions=(FUNCTION,))

ORACLE = Oracle({"f": lambda y, k, t: 0.0})


@pytest.mark.parametrize("seed", range(20))
def test_labels_of_several_examples_have_both_ends(seed: int) -> None:
    """A gradient that is wrong for the last class alone is met in every case."""
    for case in Trial(seed, INTERFACE, ORACLE).cases("f"):
        last = case.sizes["C"] - 1
        assert {0, last} <= set(np.argmax(case.arg("y"), axis=1).tolist())
        assert {0, last} <= set(np.asarray(case.arg("k")).tolist())


@pytest.mark.parametrize("seed", range(20))
def test_single_labels_and_indices_have_both_ends_in_turn(seed: int) -> None:
    """The first case has the last one, the second has 0."""
    cases = Trial(seed, INTERFACE, ORACLE).cases("f", ({"N": 1}, {"N": 1}, {"N": 1}))
    for case, end in zip(cases, (-1, 0), strict=False):
        want = end % case.sizes["C"]
        assert (int(np.argmax(case.arg("y"))), int(np.asarray(case.arg("k"))[0]), case.arg("t")) == (want, want, want)


def test_the_third_of_them_is_any() -> None:
    """Neither end alone would do: what lies between is asked about too."""
    third = [Trial(seed, INTERFACE, ORACLE).cases("f", ({}, {}, {}))[2] for seed in range(20)]
    assert any(0 < case.arg("t") < case.sizes["C"] - 1 for case in third)
