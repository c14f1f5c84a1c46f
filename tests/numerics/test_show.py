"""How values look in a report: exact texts, bounded, and the rows of a heat-map."""

import numpy as np
import pytest

from grader.core.evidence import Shown
from grader.core.probe import Opaque, Own, StandIn
from grader.numerics.show import heat, show


@pytest.mark.parametrize(("value", "text"), [
    (0.123456789, "0.123457"),
    (1234567.0, "1.23457e+06"),
    (True, "True"),
    (7, "7"),
    (None, "None"),
    ("a word", "'a word'"),
    ((1, 0.25), "(1, 0.25)"),
    ([1, 0.25], "[1, 0.25]"),
    ({"a": 0.25, "b": [1]}, "{'a': 0.25, 'b': [1]}"),
    (Own("sigmoid"), "your own sigmoid"),
    (StandIn("cost_function", {}), "a stand-in for cost function"),
    (Opaque("Answer", "<answer>"), "<answer> (an object of type Answer)"),
    (Opaque("array of dtype object", "[None]"), "[None]"),
])
def test_a_value_is_told_in_these_words(value: object, text: str) -> None:
    """Six digits of a float, the brackets of the container, and what kind of object it is."""
    assert show(value) == Shown(text)


@pytest.mark.parametrize(("value", "text"), [
    (np.array([[0.123456, 2.0]]), "[[0.1235 2.    ]]"),
    (np.float64(3.0) * np.ones(()), "3."),
    (np.zeros((0, 3)), "an empty array of shape (0, 3)"),
    (np.array([3]), "[3]"),
    (np.zeros((2, 1, 1, 2)), "[[[[0. 0.]]]\n [[[0. 0.]]]]"),
])
def test_an_array_is_told_with_its_shape(value: np.ndarray, text: str) -> None:
    """To four decimals, without blank lines; an empty one in words."""
    assert show(np.asarray(value)) == Shown(text, np.shape(value))


@pytest.mark.parametrize(("entries", "cut"), [(60, False), (61, True)])
def test_an_array_of_more_than_sixty_entries_shows_three_at_each_end(entries: int, cut: bool) -> None:
    """Sixty are shown in full."""
    shown = show(np.arange(entries))
    assert ("..." in shown.text) is cut
    assert len(shown.text.replace("...", "").strip("[]").split()) == (6 if cut else 60)


@pytest.mark.parametrize(("entries", "end"), [(12, "1"), (13, "1, ...")])
def test_twelve_of_a_container_are_shown(entries: int, end: str) -> None:
    """Three dots stand for the rest, and for nothing where there is none."""
    inside = "1, " * 11 + end
    assert show([1] * entries).text == f"[{inside}]"
    assert show((1,) * entries).text == f"({inside})"
    named = show(dict.fromkeys("abcdefghijklm"[:entries], 1)).text
    assert (named.count(": 1"), named.endswith(", ...}")) == (12, entries > 12)


@pytest.mark.parametrize(("value", "text"), [
    ((1.5, np.ones(2), 2), "(1.5, [1. 1.], 2)"),
    ((1.5, np.eye(2), 2), "(1.5,\n [[1. 0.]\n  [0. 1.]],\n 2)"),
    ([[np.eye(2), 3], 2], "[[[[1. 0.]\n   [0. 1.]],\n  3],\n 2]"),
])
def test_the_rows_of_a_matrix_in_a_container_stand_below_each_other(value: object, text: str) -> None:
    """Where one of several results has rows, each has lines of its own."""
    assert show(value) == Shown(text)


@pytest.mark.parametrize(("bits", "text"), [(1024, str(2**1024 - 1)), (1025, "a whole number of 1025 bits")])
def test_a_very_long_whole_number_is_told_by_its_length(bits: int, text: str) -> None:
    """What fits is written out."""
    assert show(2**bits - 1).text == text


@pytest.mark.parametrize("made", [
    lambda n: "x" * (n - 2), lambda n: ["x" * (n - 4)], lambda n: {"k": "x" * (n - 9)}, lambda n: Opaque("array of dtype object", "x" * n),
])
def test_four_hundred_characters_are_shown(made: object) -> None:
    """One more, and the end is cut away for three dots, in as much room."""
    whole, cut = show(made(400)).text, show(made(401)).text
    assert (len(whole), whole.endswith(" ...")) == (400, False)
    assert (len(cut), cut[:-4], cut[-4:]) == (400, show(made(401 + 50)).text[:396], " ...")


def test_a_heat_map_has_the_rows_of_the_last_axis() -> None:
    """One beneath the other; a vector is one row, and what is not finite is no number."""
    assert heat(np.array([1.0, np.nan, np.inf])) == ((1.0, None, None),)
    assert heat(np.arange(12.0).reshape(2, 2, 3)) == ((0.0, 1.0, 2.0), (3.0, 4.0, 5.0), (6.0, 7.0, 8.0), (9.0, 10.0, 11.0))


def test_a_heat_map_is_cut_to_its_first_rows_and_columns() -> None:
    """24 of each."""
    rows = heat(np.arange(25.0 * 26).reshape(25, 26))
    assert (len(rows), {len(row) for row in rows}, rows[23][23]) == (24, {24}, 23.0 * 26 + 23)


@pytest.mark.parametrize("error", [np.array(2.0), np.array([2.0]), np.zeros(0)])
def test_one_number_is_no_heat_map(error: np.ndarray) -> None:
    """Of shape () or (1,); two are one."""
    assert heat(error) == ()
    assert heat(np.array([2.0, 1.0])) == ((2.0, 1.0),)
