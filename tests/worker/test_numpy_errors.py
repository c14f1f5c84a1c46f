"""Every call starts with numpy's own handling of floating-point errors, whatever the loading or a call made of it."""

from collections.abc import Callable

import numpy as np
import pytest

from grader.core.observation import Observation, Returned

TOLD = "import numpy as np\ndef told(x):\n    return [np.geterr()['divide'], np.geterr()['invalid'], np.getbufsize()]\n"
IS_NUMPY_2 = int(np.__version__.partition(".")[0]) >= 2


@pytest.mark.parametrize("change", [
    "np.seterr(all='raise')",
    "np.seterr(all='ignore'), np.seterr(divide='warn')",
    "np.errstate(all='raise').__enter__()",
    "np.seterr(all='raise'), setattr(np, 'seterr', None), setattr(np, 'geterr', lambda: {})",
    pytest.param("np.setbufsize(16)", marks=pytest.mark.skipif(not IS_NUMPY_2, reason="numpy 1 keeps it elsewhere")),
])
@pytest.mark.parametrize("place", ["call", "loading"])
def test_a_call_finds_it_as_at_the_start(asked: Callable[..., list[Observation]], change: str, place: str) -> None:
    """Both where it was changed in the call before, and while the module was loaded."""
    text = f"def disturb(x):\n    {change if place == 'call' else '0'}\n    return 0.0\n{change if place == 'loading' else ''}\n"
    told = asked(TOLD.replace("np.geterr()", "geterr()") + "geterr = np.geterr\n" + text, "disturb", "told")[1]
    assert isinstance(told, Returned)
    assert told.value == ["warn", "warn", np.getbufsize()]
