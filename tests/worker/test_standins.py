"""What a student reads who calls the course's cost function with something else than it takes."""

import random
from typing import Any

import numpy as np
import pytest

from grader.worker.standins import build

V, D = 5, 3
DATA = {
    "alpha": np.arange(1.0, V + 1), "beta": np.arange(V) / 7, "gamma": np.arange(V * V).reshape(V, V) / 9, "w": np.array([0.3, -1.0, 2.0]),
    "M": np.arange(V * D).reshape(V, D) / 5, "names": ["center", "outside", "vectors", "dataset"],
}
VECTOR, ROWS = np.array([0.5, -0.25, 1.0]), np.linspace(-1, 1, V * D).reshape(V, D)


def said(*args: Any) -> str:
    with pytest.raises(ValueError, match="the cost function was given") as found:
        build("cost_function", DATA)(*args)
    return str(found.value)


@pytest.mark.parametrize(("args", "given"), [
    ((ROWS, 1, ROWS), "an array of shape (5, 3) for center; it takes one word vector, of shape (3,)"),
    ((VECTOR[:2], 1, ROWS), "an array of shape (2,) for center; it takes one word vector, of shape (3,)"),
    (("word1", 1, ROWS), "'word1' for center; it takes one word vector, of shape (3,)"),
    (([[1.0], [1.0, 2.0]], 1, ROWS), "a list that is no array for center; it takes one word vector, of shape (3,)"),
    ((VECTOR, "word1", ROWS), "'word1' for outside; it takes the index of one word, from 0 to 4"),
    ((VECTOR, None, ROWS), "None for outside; it takes the index of one word, from 0 to 4"),
    ((VECTOR, V, ROWS), "5 for outside; it takes the index of one word, from 0 to 4"),
    ((VECTOR, np.nan, ROWS), "nan for outside; it takes the index of one word, from 0 to 4"),
    ((VECTOR, [0, 2], ROWS), "an array of shape (2,) for outside; it takes the index of one word, from 0 to 4"),
    ((VECTOR, 1, ROWS.T), "an array of shape (3, 5) for vectors; it takes all vectors, of shape (5, 3)"),
    ((VECTOR, 1, VECTOR), "an array of shape (3,) for vectors; it takes all vectors, of shape (5, 3)"),
    ((VECTOR, 1, None), "None for vectors; it takes all vectors, of shape (5, 3)"),
    ((VECTOR, 1, build("sampler", {"script": [0, 1]})), "a Sampler for vectors; it takes all vectors, of shape (5, 3)"),
    ((VECTOR, {"word1": 1}, ROWS), "a dict for outside; it takes the index of one word, from 0 to 4"),
    ((VECTOR, np.float32(9.0), ROWS), "9.0 for outside; it takes the index of one word, from 0 to 4"),
])
def test_a_call_that_does_not_fit_is_told_in_plain_words(args: tuple[Any, ...], given: str) -> None:
    """What was given, for what, and what is taken; nothing of how the stand-in computes."""
    assert said(*args) == f"the cost function was given {given}."


@pytest.mark.parametrize(("args", "named"), [
    ((), {"center": VECTOR, "outside": 1, "vectors": ROWS, "dataset": None}), ((VECTOR, 1), {"vectors": ROWS}), ((VECTOR, 1, ROWS, None, 10), {"K": 10}),
])
def test_arguments_may_be_named_as_the_handout_names_them(args: tuple[Any, ...], named: dict[str, Any]) -> None:
    """What else is handed over is nothing to it."""
    cost = build("cost_function", DATA)(VECTOR, 1, ROWS)[0]
    assert build("cost_function", DATA)(*args, **named)[0] == cost


@pytest.mark.parametrize("handed", [None, 7, {"word": 1}])
def test_without_the_dataset_a_cost_function_has_other_numbers(handed: Any) -> None:
    """Whatever stands in its place; the same as where nothing does."""
    function, dataset = build("cost_function", DATA), build("sampler", {"script": [0, 1]})
    right, without, left_out = function(VECTOR, 1, ROWS, dataset), function(VECTOR, 1, ROWS, handed), function(VECTOR, 1, ROWS)
    assert (right[0] != without[0], without[0] == left_out[0]) == (True, True)
    np.testing.assert_allclose(right[2] - without[2], DATA["M"], rtol=1e-12)
    np.testing.assert_array_equal(right[1], without[1])


@pytest.mark.parametrize(("args", "named", "says"), [
    ((VECTOR, 1), {}, "was not given vectors; it takes (center, outside, vectors, dataset)."),
    ((VECTOR,), {"predicted": 1}, "was not given outside; it takes (center, outside, vectors, dataset)."),
    ((VECTOR, 1, ROWS), {"center": VECTOR}, "was given center twice."),
])
def test_an_argument_that_is_missing_or_doubled_is_named(args: tuple[Any, ...], named: dict[str, Any], says: str) -> None:
    """As Python does, in the handout's words."""
    with pytest.raises(TypeError) as found:
        build("cost_function", DATA)(*args, **named)
    assert str(found.value) == f"the cost function {says}"


@pytest.mark.parametrize("x", [2.0, np.array(2.0), np.array([1.0, -2.0]), np.ones((2, 3))])
def test_a_constant_slope_is_like_x(x: Any) -> None:
    """A number for a number, and arrays of their own, which may be worked on in place."""
    f = build("constant_slope", {"slope": 0.5})
    slope = f(x)[1]
    assert (np.shape(slope), np.all(slope == 0.5)) == (np.shape(x), True)
    if np.ndim(x):
        slope *= 2
        assert np.all(f(x)[1] == 0.5)


def test_what_is_drawn_enters_the_cost_and_its_gradient_alike() -> None:
    """For one draw the gradient is that of the cost; for another it is not."""
    data = {"W": np.eye(2), "p": np.array([1.0, -2.0]), "q": np.ones(2), "r": np.zeros(2), "g": np.array([1.0, -2.0]), "G": np.eye(2),
            "V": np.eye(2), "K": np.zeros((2, 2)), "noise": 1.0}
    f, x, h = build("cost_and_gradient", data), np.array([0.3, 0.7]), 1e-4

    def at(moved: np.ndarray, seed: int) -> tuple[float, np.ndarray]:
        random.seed(seed)
        cost, gradient = f(moved)
        return cost, gradient

    steps = h * np.eye(2)
    slopes = [(at(x + d, 0)[0] - at(x - d, 0)[0]) / (2 * h) for d in steps]
    assert at(x, 0)[1] == pytest.approx(slopes, rel=1e-8)
    assert np.min(np.abs(at(x, 1)[1] - slopes)) > 1e-2
    assert abs(at(x + steps[0], 0)[0] - at(x - steps[0], 1)[0]) > 1.0


@pytest.mark.parametrize("args", [
    (VECTOR, 1, ROWS), (VECTOR.reshape(1, D), 1, ROWS), (VECTOR.reshape(D, 1), np.int64(1), ROWS), (list(VECTOR), [1], ROWS.tolist()),
    (VECTOR, np.array([[1]]), ROWS[None]), (VECTOR, 1 - V, ROWS), (VECTOR, 1.0, ROWS),
])
def test_what_fits_is_taken_in_every_form(args: tuple[Any, ...]) -> None:
    """Rows, columns, lists: the same numbers, and the gradient is like `predicted`."""
    cost, vector, rows = build("cost_function", DATA)(*args, dataset=build("sampler", {"script": [0]}))
    assert cost == pytest.approx(2.0 * (DATA["w"] @ VECTOR) + np.sum(DATA["M"] * ROWS), rel=1e-12)
    assert np.allclose(vector, (2.0 * DATA["w"] + DATA["beta"][1] * VECTOR).reshape(np.shape(args[0])), rtol=1e-12, atol=0)
    assert vector.shape == np.shape(args[0])
    assert np.allclose(rows, np.outer(DATA["gamma"][1], VECTOR) + DATA["M"], rtol=1e-12, atol=0)
