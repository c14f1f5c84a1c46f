"""Warnings in what a call prints: everybody's own, and none of numpy's on overflow, which would name the file."""

from collections.abc import Callable

from grader.core.observation import Observation, Returned

Asked = Callable[..., list[Observation]]
TEXT = """
import warnings
import numpy as np
def overflows(x):
    return np.exp(1000 * x)
def own(x):
    warnings.warn("the check failed", RuntimeWarning)
def recorded(x):
    with warnings.catch_warnings(record=True) as found:
        np.exp(1000 * x)
    return len(found)
def raised(x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            np.log(x - x)
        except RuntimeWarning as warning:
            return str(warning)
"""


def test_overflow_is_not_printed(asked: Asked) -> None:
    """So who answers the same says the same, whatever the file is called."""
    (one,) = asked(TEXT, "overflows")
    assert one == Returned(float("inf"))


def test_own_warnings_are_printed(asked: Asked) -> None:
    """A gradient check may say so what it found."""
    (one,) = asked(TEXT, "own")
    assert isinstance(one, Returned)
    assert "RuntimeWarning: the check failed" in one.printed


def test_code_that_asks_for_warnings_gets_them(asked: Asked) -> None:
    """Recorded or raised, as anywhere."""
    assert asked(TEXT, "recorded", "raised") == [Returned(1), Returned("divide by zero encountered in log")]
