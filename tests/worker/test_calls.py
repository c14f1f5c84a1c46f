"""Which arguments a call has changed."""

import copy

import numpy as np
import pytest

from grader.worker.calls import _same
from grader.worker.standins import build


def array(values, kind="f8"):
    return np.array(values, kind)


@pytest.mark.parametrize(
    ("sent", "now"),
    [
        (array([1.0, np.nan, -0.0]), array([1.0, np.nan, -0.0])),
        ([array([1.0]), "a", 2**70], None),
        ((array([[1.0]]), (), []), None),
        ({"a": [1], "b": array([2.0])}, None),
        (1.5, None), (None, None), (True, None),
    ],
)  # fmt: skip
def test_what_nobody_touched_is_the_same(sent, now):
    """Arrays are copies, whose bits count; numbers and texts are the very objects that were sent."""
    assert _same(sent, copy.deepcopy(sent) if now is None else now)


@pytest.mark.parametrize(
    ("sent", "now"),
    [
        (array([0.0]), array([-0.0])), (array([1.0]), array([1.0 + 2**-52])), (array([1.0]), array([1.0], "f4")),
        (array([[1.0, 2.0]]), array([1.0, 2.0])), (array([1.0]), [1.0]), (array([1, 2]), array([1, 2], "i8").view("u8")),
        ([1], [1, 1]), ([1], []), ([1], (1,)), ([1], [True]), ([array([1.0])], [array([2.0])]), ([[1]], [1]),
        ({"a": 1}, {"b": 1}), ({"a": 1}, {"a": 2}), ({"a": 1}, {}), ({"a": 1, "b": 1}, {"b": 1, "a": 1}), ({"a": 1}, [("a", 1)]),
    ],
)  # fmt: skip
def test_any_change_is_seen(sent, now):
    """One bit, one entry, one key, the order of keys, the type, the shape."""
    assert not _same(sent, now)


def test_a_list_that_holds_itself_now_is_another():
    """And looking at it comes to an end."""
    now = [[1]]
    now[0] = now
    assert not _same([[1]], now)


@pytest.mark.parametrize(("name", "data"), [
    ("objective", {"A": [[2.0]], "b": [1.0]}), ("constant_slope", {"slope": 1.0}),
    ("cost_and_gradient", {**{k: [[1.0]] for k in "WGVK"}, **{k: [1.0] for k in "pqrg"}, "noise": 0.0}),
])
def test_a_cost_has_a_shape_as_those_of_the_handout(name, data):
    """They come from ``np.sum``: who looks at ``cost.shape`` was right to."""
    cost, _ = build(name, data)(np.array([1.0]))
    assert cost.shape == ()
