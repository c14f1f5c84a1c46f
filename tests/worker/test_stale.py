"""Results that change later: what a call has returned must be the caller's."""

from collections.abc import Callable

import pytest

from grader.core.observation import Observation, Returned

Asked = Callable[..., list[Observation]]
BUFFER = "import numpy as np\nbuffer = np.zeros(3)\nkept = {}\n"


@pytest.mark.parametrize(("body", "stale"), [
    ("buffer[:] = x\n    return buffer", True),
    ("buffer[:] = x\n    return x, buffer[1:]", True),
    ("buffer[:] = x\n    return [buffer.reshape(3, 1)]", True),
    ("return np.full(3, x)", False),
    ("return buffer", False),
    ("return kept.setdefault(0, np.full(3, x))", False),
    ("buffer[:] = x\n    return buffer.copy()", False),
    ("buffer[:] = x\n    return buffer.tolist()", False),
    ("large = kept.setdefault(0, np.zeros(1 << 18))\n    large[:] = x\n    return large[:2]", True),
    ("large = kept.setdefault(0, np.zeros(1 << 18))\n    large[:] = x\n    return large", False),  # not looked at: too much to keep
])
def test_a_buffer_that_the_next_call_fills_is_noticed(body: str, stale: bool, asked: Asked) -> None:
    """At the call that fills it; an array that is returned again and again, and stays as it is, harms nobody."""
    answers = asked(f"{BUFFER}def f(x):\n    {body}\n", "f", "f", "f")
    assert [o.stale for o in answers if isinstance(o, Returned)] == [False, stale, stale]
