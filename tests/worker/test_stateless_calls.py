"""What is reset between calls of functions that are proven to keep nothing, and what needs no reset."""

from collections.abc import Callable

import numpy as np
import pytest

from grader.core.observation import Observation, Returned, Unavailable

Asked = Callable[..., list[Observation]]
CHANGES = """
import random
import warnings
import numpy as np
def f(x):
    print("once")
    warnings.warn("once more")
    return random.random(), random.gauss(0, 1), np.random.rand(), np.random.randn()
"""
KEEPS = """
import os, builtins
def f(x):
    found = os.environ.get("KEPT"), builtins.print
    os.environ["KEPT"], builtins.print = "1", None
    return found[0], found[1] is None
def g(x):
    return f(x)
"""


def test_what_every_call_changes_is_reset(asked: Asked) -> None:
    """Random numbers that were drawn, a warning that has appeared, printed text."""
    one, *others = asked(CHANGES, "f", "f", "f", stateless=True)
    assert isinstance(one, Returned)
    assert one.printed.startswith("once\n")
    assert "UserWarning: once more" in one.printed
    assert others == [one, one]


def test_a_silent_call_after_one_that_printed_is_silent(asked: Asked) -> None:
    """Its streams are fresh, whether the other one returned or raised."""
    text = "said = iter([0, 1, 0, 2, 0, 0, 1])\ndef f(x):\n    n = next(said)\n    print('text', n) if n else None\n    return 1 / (n < 2)\n"
    printed = [getattr(o, "printed", None) for o in asked(text, *"fffffff", stateless=True)]
    assert printed == ["", "text 1\n", "", "text 2\n", "", "", "text 1\n"]


def test_what_is_proven_not_to_change_is_not_looked_at(asked: Asked) -> None:
    """It is all that is spared: where nothing is proven it is reset for every call, and put back for every other function."""
    kept = [o.value for o in asked(KEEPS, "f", "f", "g", stateless=True) if isinstance(o, Returned)]
    assert kept == [(None, False), ("1", True), ("1", True)]
    assert [o.value for o in asked(KEEPS, "f", "f", "g") if isinstance(o, Returned)] == [(None, False), (None, True), (None, False)]


def test_arrays_are_not_looked_at_again(asked: Asked) -> None:
    """Nothing can fill them."""
    text = "import numpy as np\nbuffer = np.zeros(2)\ndef f(x):\n    buffer[:] = x\n    return buffer\n"
    answers = [o for o in asked(text, "f", "f", stateless=True) if isinstance(o, Returned)]
    assert [o.stale for o in answers] == [False, False]
    np.testing.assert_array_equal(answers[1].value, [2.0, 2.0])


def test_what_loading_leaves_behind_is_reset_once(asked: Asked) -> None:
    """After it, and not for every call."""
    answers = asked("import os\nos.environ['KEPT'] = '1'\ndef f(x):\n    return os.environ.get('KEPT')\n", "f", stateless=True)
    assert [o.value for o in answers if isinstance(o, Returned)] == [None]


@pytest.mark.parametrize("stateless", [False, True])
def test_what_loading_makes_of_the_reset_itself_is_told_as_an_exception(asked: Asked, *, stateless: bool) -> None:
    """As it is in a call: the process goes on."""
    (answer,) = asked("import warnings\nwarnings.filters = ()\ndef f(x):\n    return x\n", "f", stateless=stateless)
    assert isinstance(answer, Unavailable)
    assert answer.error is not None
    assert answer.error.type == "TypeError"
