"""What is nearly a constant, nearly numpy, nearly no clock: each is asked in a process of its own."""

import pytest

from tests.submission.test_stateless import proven

STATE = {
    "a product with a list": "seen = 2 * [0]\ndef f(x):\n    seen[0] += 1\n    return seen\n",
    "a list times a number": "seen = [0] * 2\ndef f(x):\n    seen[0] += 1\n    return seen\n",
    "a sum with a list": "N = 2\nseen = [] + [N]\ndef f(x): return seen\n",
    "a product in a tuple": "seen = (1, 2 * [0])\ndef f(x): return seen\n",
    "a product in a default": "def f(x, seen=2 * [0]): return seen\n",
    "a sign of an array": "import numpy as np\nseen = -np.zeros(3)\ndef f(x): return seen\n",
    "a part of a call": "seen = dict(a=[]).values\ndef f(x): return seen()\n",
    "another module's choice": "import secrets\ndef f(x): return secrets.choice([1, 2])\n",
    "another module's choice, by another name": "import secrets as random\ndef f(x): return random.choice([1, 2])\n",
    "another module's choice, in a call": "def f(x):\n    import secrets\n    return secrets.choice([1, 2])\n",
    "another module's sum": "import statistics\ndef f(x): return statistics.mean(x)\n",
    "a submodule's": "import xml.dom\ndef f(x): return xml.dom.copy(x)\n",
    "now": "import numpy as np\ndef f(x): return np.array('now', 'M8[s]').astype(int)\n",
    "now, aloud": "import numpy as np\ndef f(x): return np.array('NOW', 'M8[s]').astype(int)\n",
    "now, with blanks": "import numpy as np\ndef f(x): return np.array(' Now\\t', 'M8[s]').astype(int)\n",
    "today": "import numpy as np\ndef f(x): return np.array('Today', 'M8[D]').astype(int)\n",
}


@pytest.mark.parametrize("text", STATE.values(), ids=STATE)
def test_what_may_keep_something_is_not_proven(text: str) -> None:
    """Each differs by little from what is."""
    assert not proven(text)


@pytest.mark.parametrize("also", ["import numpy.random as m", "from numpy import random as m", "import random as m", "m = abs", "def m(): return 0"])
def test_a_name_for_two_things_is_neither(also: str) -> None:
    """A file of the submission's own has a ``seed`` that keeps nothing; whose is called, nobody knows."""
    own = "def seed(): return 0\n"
    f = "def f(x): return m.seed()\n"
    assert proven(f"import submit1 as m\n{f}", own)
    assert not proven(f"import submit1 as m\n{also}\n{f}", own)
    assert not proven(f"import submit1 as m\ndef f(x):\n    {also}\n    return m.seed()\n", own)


STATELESS = {
    "a product of numbers": "A = 2\nN = -A * 3 + (1 - A) ** 2\ndef f(x): return x * N\n",
    "a tuple of them": "import math\nN = (1, -2 * math.pi)\ndef f(x, n=2 * 3): return x * N[1]\n",
    "random's choice": "import random\ndef f(x): return random.choice([1, 2])\n",
    "a word with now in it": "def f(x): return 'know', 'nowhere', 'to day', x\n",
    "a file that is read with all that may be said": "import numpy as np\ndef f(x): return np.load('a.npy', allow_pickle=True, encoding='latin1')\n",
}


@pytest.mark.parametrize("text", STATELESS.values(), ids=STATELESS)
def test_what_keeps_nothing_is_proven(text: str) -> None:
    """Their neighbours."""
    assert proven(text)
