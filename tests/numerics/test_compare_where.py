"""Which entry a comparison names."""

import numpy as np

from grader.numerics.compare import Tolerance, compare

TOLERANCE = Tolerance(rtol=1e-6, atol=1e-9)


def test_the_worst_entry_is_one_that_differs() -> None:
    """However small its error, beside entries that do not differ."""
    want = np.zeros((2, 2))
    got = want.copy()
    got[1, 0] = 1e-3
    found = compare(got, want, TOLERANCE)
    assert (found.differ, found.first, found.worst, found.worst_error) == (1, (1, 0), (1, 0), 1e-3)


def test_a_large_error_that_is_allowed_is_not_the_worst() -> None:
    """1e-4 on 1000 is within the tolerance, 1e-6 on 0 is not."""
    found = compare(np.array([1000.0001, 1e-6]), np.array([1000.0, 0.0]), TOLERANCE)
    assert (found.first, found.worst, found.worst_error) == ((1,), (1,), 1e-6)


def test_where_nothing_differs_no_entry_is_named() -> None:
    """Neither the first nor the worst, and there is no error of it."""
    found = compare(np.ones((2, 3)), np.ones((2, 3)), TOLERANCE)
    assert (found.ok, found.differ, found.first, found.worst, found.worst_error) == (True, 0, None, None, None)
