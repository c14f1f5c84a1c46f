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
    "numpy's own dictionary": "import numpy as np\nfrom numpy import __dict__ as d\nd['pi'] = [0]\ndef f(x): return np.pi\n",
    "numpy's own dictionary, in a loop": "for _ in [0]:\n    from numpy import __dict__ as d\n    d['exp'] = print\ndef f(x): return x\n",
    "everybody's builtins": "from numpy import __builtins__ as b\nb['len'] = print\ndef f(x): return len(x)\n",
    "a module of another module's": "from typing import sys as s\nfor d in [s]: pass\ndef f(x): return x\n",
    "the environment": "from os import environ\nenviron['A'] = 'b'\ndef f(x): return x\n",
    "a timer": "from signal import alarm\nalarm(1)\ndef f(x): return x\n",
    "a recursion limit": "from sys import setrecursionlimit as s\ns(60)\ndef f(x): return x\n",
    "another directory": "from os import chdir\nchdir('/')\ndef f(x): return x\n",
    "a trace": "from sys import settrace\nsettrace(print)\ndef f(x): return x\n",
    "a thread": "from _thread import start_new_thread\ndef g(): pass\nstart_new_thread(g, ())\ndef f(x): return x\n",
    "an exit handler": "from atexit import register\n@register\ndef g(): pass\ndef f(x): return x\n",
    "what copy does": "from copy import _deepcopy_dispatch as d\nd[list] = print\ndef f(x): return x\n",
    "a random device's name, for somebody else":
        "import glob, numpy as np\ng = '/dev/urandom'\ndef f(x):\n    def h():\n        for g in glob.glob('a'): pass\n    return np.load(g)\n",
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


@pytest.mark.parametrize("how", ["from submit1 import __dict__ as d\nd['n'] = []\n", "from submit1 import environ as e\ne['A'] = 'b'\n",
                                 "from submit1 import *\nenviron['A'] = 'b'\n", "import submit1\nsubmit1.environ['A'] = 'b'\n"])
def test_what_another_file_hands_on_is_no_more_its_own(how: str) -> None:
    """The environment, or the file's own dictionary."""
    own = "from os import environ\nn = 1\n"
    assert proven("from submit1 import *\ndef f(x): return n\n", own)
    assert not proven(how + "def f(x): return x\n", own)


@pytest.mark.parametrize("name", ["tracemalloc", "linecache", "_strptime"])
def test_what_python_may_import_in_a_call_is_not_only_the_submissions(name: str) -> None:
    """As where a warning is shown."""
    text = "import numpy as np\ndef f(x): return np.log(x)\n"
    assert proven(text, other="import numpy as np\nnp.exp = abs\n")
    assert not proven(text, **{name: ""})


STATELESS = {
    "a product of numbers": "A = 2\nN = -A * 3 + (1 - A) ** 2\ndef f(x): return x * N\n",
    "a tuple of them": "import math\nN = (1, -2 * math.pi)\ndef f(x, n=2 * 3): return x * N[1]\n",
    "random's choice": "import random\ndef f(x): return random.choice([1, 2])\n",
    "types of arguments": "from typing import List\nfrom numpy.typing import NDArray\nfrom collections.abc import Callable\n"
                          "def f(x: List[NDArray], g: Callable = abs) -> NDArray: return x\n",
    "a word with now in it": "def f(x): return 'know', 'nowhere', 'to day', x\n",
    "a file that is read with all that may be said": "import numpy as np\ndef f(x): return np.load('a.npy', allow_pickle=True, encoding='latin1')\n",
}


@pytest.mark.parametrize("text", STATELESS.values(), ids=STATELESS)
def test_what_keeps_nothing_is_proven(text: str) -> None:
    """Their neighbours."""
    assert proven(text)
