"""What functions of one process share is put back between one and the next."""

import builtins
import random
import sys
from collections.abc import Callable

import numpy as np
import pytest

from grader.core.observation import Observation, Raised, Returned
from grader.worker.shared import Shared

Asked = Callable[..., list[Observation]]

SPOIL = (
    "import builtins, math, random\nimport numpy as np\n"
    "def f(x):\n    builtins.print = builtins.len = None\n    np.exp = np.linalg.norm = np.random.rand = None\n    del math.sqrt, random.random\n"
    "    return x\n"
    "def g(x):\n    print(len([x]))\n    return np.exp(0) + np.linalg.norm([1]) + math.sqrt(4) + 0 * np.random.rand() * random.random()\n"
)


def test_who_patches_a_module_spoils_nothing_for_the_next_function(asked: Asked) -> None:
    """Every kind of module that they share, replaced and deleted names alike."""
    assert asked(SPOIL, "f", "g") == [Returned(1.0), Returned(4.0, printed="1\n")]


def test_a_function_keeps_what_it_has_patched_itself(asked: Asked) -> None:
    """As in any process: its own calls, and those of what calls it, see it."""
    first, second = asked(SPOIL + "def h(x):\n    f(x)\n    return g(x)\n", "g", "h")
    assert first == Returned(4.0, printed="1\n")
    assert isinstance(second, Raised)


def test_what_is_patched_while_loading_stays(asked: Asked) -> None:
    """Old code gives numpy back the names that it has dropped."""
    assert asked("import numpy as np\nnp.float = float\nnp.exp = abs\ndef f(x): return np.float(np.exp(-x))\ndef g(x): return f(x)\n", "f", "g") == [
        Returned(1.0), Returned(2.0)]


@pytest.mark.parametrize("space", [vars(builtins), vars(np), vars(random)])
def test_what_is_added_stays(space: dict[str, object]) -> None:
    """A package that was imported in a call has a name in the one that it belongs to."""
    assert space is vars(sys.modules[str(space["__name__"])])
    shared = Shared()
    space["added_here"] = 1
    shared.put_back()
    assert space.pop("added_here") == 1
