"""Entry-wise comparison: tolerance on both sides, NaN and infinity, no broadcasting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.numerics.compare import Tolerance, compare

TOLERANCE = Tolerance(rtol=1e-6, atol=1e-9)


@given(st.floats(-1e6, 1e6), st.sampled_from([-1.0, 1.0]))
def test_the_tolerance_is_pinned_on_both_sides(want: float, sign: float) -> None:
    """0.9 of the allowance is accepted, 1.1 of it is not."""
    allowance = TOLERANCE.atol + TOLERANCE.rtol * abs(want)
    assert compare(np.array(want + 0.9 * sign * allowance), np.array(want), TOLERANCE).ok
    assert not compare(np.array(want + 1.1 * sign * allowance), np.array(want), TOLERANCE).ok


def test_want_is_the_trusted_side() -> None:
    """The relative allowance is of `want`: a huge wrong answer does not excuse itself."""
    wide = Tolerance(rtol=0.5, atol=0.0)
    assert compare(np.array(1.4), np.array(1.0), wide).ok
    assert not compare(np.array(10.0), np.array(1.0), wide).ok


@pytest.mark.parametrize(("got", "want", "ok"), [
    (np.nan, 1.0, False), (np.nan, np.nan, False), (np.inf, np.inf, True), (-np.inf, np.inf, False), (np.inf, 1.0, False), (1.0, np.inf, False),
])
def test_what_is_not_finite_is_wrong_unless_both_are_the_same_infinity(got: float, want: float, ok: bool) -> None:
    """NaN equals nothing, not even NaN."""
    assert compare(np.array([got]), np.array([want]), TOLERANCE).ok is ok


def test_where_they_differ() -> None:
    """First in row-major order, worst by error, NaN worst of all."""
    want = np.zeros((2, 3))
    got = want.copy()
    got[0, 2], got[1, 0] = 1.0, 5.0
    found = compare(got, want, TOLERANCE)
    assert (found.differ, found.first, found.worst, found.worst_error) == (2, (0, 2), (1, 0), 5.0)
    got[1, 2] = np.nan
    found = compare(got, want, TOLERANCE)
    assert (found.worst, found.worst_error) == ((1, 2), None)


def test_shapes_are_never_broadcast() -> None:
    """A (3,) against a (1, 3) is an error of the caller."""
    with pytest.raises(ValueError, match="not compared"):
        compare(np.zeros(3), np.zeros((1, 3)), TOLERANCE)


@pytest.mark.parametrize(("size", "roundings"), [(0.5, 8), (4.0, 8), (1000.0, 2000)])
def test_single_precision_has_a_tolerance_of_its_own(size: float, roundings: int) -> None:
    """Eight roundings of the largest entry in each of them, or twice that of the largest input; 0.9 of it is accepted, 1.1 is not."""
    want = np.array([2.0, 1e-3])
    coarse = TOLERANCE.single(size)
    tolerance = coarse.of(want)
    noise = roundings * 2.0**-23
    assert tolerance == Tolerance(max(1e-6, noise), 2 * noise)
    off = np.array([0.0, tolerance.atol + tolerance.rtol * 1e-3])
    assert compare(want + 0.9 * off, want, coarse).ok
    assert not compare(want + 1.1 * off, want, coarse).ok


def test_single_precision_narrows_nothing() -> None:
    """What is wider already stays."""
    assert Tolerance(0.1, 0.2).single().of(np.ones(1)) == Tolerance(0.1, 0.2)
