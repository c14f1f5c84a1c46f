"""Who is asked in one process only: those who cannot keep anything from call to call, and nobody else."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader import interview
from grader.course import load_assignment
from grader.grading import grade
from grader.report.json import to_json
from grader.runner.forkserver import ForkServer
from grader.submission import open_submission
from grader.submission.source import SourceFile, read_source
from grader.submission.stateless import stateless_functions
from grader.trial import Trial
from tests.attacks.programs.tricks import SPOILING, TRICKS

ROOT = Path(__file__).parents[2]
PLAIN = """
import numpy as np

STEP = 1e-4

def helper(x, axis=-1):
    return np.max(x, axis=axis, keepdims=True)

def f(x):
    cache = {}
    cache["shift"] = x - helper(x)
    parts = [np.exp(cache["shift"])]
    parts.append(parts[0].sum(axis=-1, keepdims=True))
    x[0] += STEP
    return parts[0] / parts[1]
"""


def is_stateless(files: list[SourceFile], functions: set[str]) -> bool:
    """Whether all of the functions are, in a submission of which `submit` is looked in."""
    return stateless_functions(files, functions, {"submit"}) == functions


def proven(*texts: str, **others: str) -> bool:
    """Whether `f` keeps nothing, in these files; all but the first are called by their names."""
    files = {f"submit{i or ''}": text for i, text in enumerate(texts)} | others
    return is_stateless([read_source(f"{name}.py", text.encode()) for name, text in files.items()], {"f"})


STATELESS = {
    "calls a helper": PLAIN,
    "writes into its arguments": "def f(x):\n    x += 1\n    x[0] = 2\n    x.fill(3)\n    return x\n",
    "a constant default": "def f(x, step=-1e-4, name='a', sizes=(1, 2), g=abs): return g(x * step)\n",
    "a default made anew in each call": "def f(x):\n    def g(y, seen=[]):\n        seen.append(y)\n        return len(seen)\n    return g(x)\n",
    "an alias of a builtin": "try:\n    xrange\nexcept NameError:\n    xrange = range\ndef f(x): return list(xrange(3))\n",
    "state in a function that nobody calls": "seen = []\ndef test():\n    seen.append(1)\n    open('log', 'w').write('x')\ndef f(x): return x\n",
    "state when run as a script": "def f(x): return x\nif __name__ == '__main__':\n    import time\n    now = time.time()\n",
    "an import that nobody uses": "import sys, time, tensorflow as tf\nfrom os import path\ndef f(x): return x\n",
    "random numbers": "import random, numpy as np\ndef f(x): return x + np.random.randn(*x.shape) + random.random()\n",
    "a state of random numbers": "import random\ndef f(x):\n    state = random.getstate()\n    random.setstate(state)\n    return random.random()\n",
    "numpy's submodules": "from numpy import exp, random as r\nimport numpy.linalg as la\ndef f(x): return exp(x) / la.norm(x) + r.rand()\n",
    "array types": "import numpy as np\ndef f(x: np.ndarray) -> np.ndarray:\n    return x if isinstance(x, (np.ndarray, list)) else x + 1\n",
    "a loop over an iterator": "import numpy as np\ndef f(x):\n    it = np.nditer(x, flags=['multi_index'], op_flags=['readwrite'])\n"
                               "    while not it.finished:\n        x[it.multi_index] += 1\n        it.iternext()\n    return x\n",
    "files as the handout has them": "import glob, pickle\ndef f(x):\n    for g in glob.glob('a_*.npy'):\n        print('{:.3f} {}'.format(x, g))\n"
                                     "    with open('a_%d.npy' % x, 'rb') as g:\n        return pickle.load(g)\n",
    "functions of other names": "import submit\ndef seed(x): return x\ndef f(x): return submit.seed(x)\n",
    "who wrote it": "__author__ = 'a'\nfrom typing import List\ndef f(x):\n    y: List[float] = [x]\n    return y\n",
    "an import of a name that nobody uses": "from numpy.random import seed\ndef f(x): return x\n",
    "types in annotations": "from typing import List\nimport numpy as np\ndef f(x: List[float]) -> List[int]:\n"
                            "    y: List[np.ndarray] = []\n    z: List[int]\n    return y\n",
    "errors": "def f(x):\n    try:\n        assert x\n    except (ValueError, AssertionError) as error:\n        raise ValueError('no') from error\n",
}


@pytest.mark.parametrize("text", STATELESS.values(), ids=STATELESS)
def test_what_keeps_nothing_is_proven(text: str) -> None:
    """As most submissions are written."""
    assert proven(text)


STATE = {
    "a global list": "seen = []\ndef f(x):\n    seen.append(1)\n    return x * len(seen)\n",
    "a global dictionary": "seen = {}\ndef f(x):\n    seen['n'] = 1\n    return x\n",
    "a global array": "import numpy as np\nW = np.zeros(3)\ndef f(x):\n    y = W\n    y += 1\n    return y\n",
    "a tuple with a list in it": "seen = (1, [])\ndef f(x): return seen\n",
    "a global counter": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return x * n\n",
    "a global that was a number": "n = 0\nn = [n]\ndef f(x):\n    n[0] += 1\n    return x\n",
    "an alias of a global": "seen = []\nalso = seen\ndef f(x): return also\n",
    "a global bound by a loop": "for seen in [[], []]:\n    pass\ndef f(x): return seen\n",
    "a global bound with others": "a, seen = 1, []\ndef f(x): return seen\n",
    "a global in an annotation": "seen: list = []\ndef f(x): return seen\n",
    "a global behind if": "if True:\n    seen = []\nelse:\n    seen = 1\ndef f(x): return seen\n",
    "a global behind try": "try:\n    seen = []\nexcept ValueError as error:\n    pass\ndef f(x): return seen\n",
    "a global's error": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    pass\ndef f(x): return error\n",
    "a script's name turned round": "if __name__ != '__main__':\n    seen = []\ndef f(x): return seen\n",
    "a generator": "def count():\n    yield 1\nnumbers = count()\ndef f(x): return next(numbers)\n",
    "a closure": "def make():\n    seen = []\n    def g(x):\n        seen.append(x)\n        return len(seen)\n    return g\nf = make()\n",
    "a closure in use": "def make():\n    seen = []\n    return lambda x: seen.append(x)\ng = make()\ndef f(x): return g(x)\n",
    "nonlocal": "def f(x):\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    g()\n    return n\n",
    "a default list": "def f(x, seen=[]):\n    seen.append(1)\n    return len(seen)\n",
    "a default that was called": "def g(): return [0]\ndef f(x, seen=g()): return seen\n",
    "a default that is a global": "made = list('a')\ndef f(x, seen=made): return seen\n",
    "a keyword's default": "def f(x, *, seen={}): return seen\n",
    "a helper's default": "def g(x, seen=[]):\n    seen.append(1)\n    return len(seen)\ndef f(x): return g(x)\n",
    "a helper in a list": "def g(x, seen=[]): return seen\ndef f(x):\n    return [g][0](x)\n",
    "an attribute of itself": "def f(x):\n    f.n = 1\n    return x\n",
    "an attribute that is deleted": "def f(x):\n    del x.y\n    return x\n",
    "an attribute by setattr": "def f(x):\n    setattr(f, 'n', 1)\n    return x\n",
    "its own dictionary": "def f(x): return f.__dict__\n",
    "its globals": "def f(x): return globals()\n",
    "its defaults": "def f(x, y=0): return f.__defaults__\n",
    "a patched numpy": "import numpy as np\nnp.exp = abs\ndef f(x): return np.exp(x)\n",
    "a patched numpy, in the call": "import numpy as np\ndef f(x):\n    np.exp = abs\n    return np.exp(x)\n",
    "an alias of numpy": "import numpy as np\ndef f(x):\n    n = np\n    n.seterr(all='raise')\n    return x\n",
    "numpy's other parts": "from numpy import seterr\ndef f(x):\n    seterr(all='raise')\n    return x\n",
    "all of numpy": "from numpy import *\ndef f(x): return exp(x)\n",
    "memory as it was": "import numpy as np\ndef f(x): return np.empty(3)\n",
    "memory as it was, by its type": "import numpy as np\ndef f(x): return np.ndarray((3,))\n",
    "memory as it was, by an alias": "import numpy as np\ndef f(x):\n    make = np.ndarray\n    return make((3,))\n",
    "entries that are left out": "import numpy as np\ndef f(x): return np.divide(1, x, where=x > 0)\n",
    "a random seed": "import numpy as np\ndef f(x):\n    np.random.seed()\n    return np.random.rand()\n",
    "memory beyond the random numbers": "import numpy as np\ndef f(x):\n    name, key, _, *pair = np.random.get_state()\n"
                                        "    np.random.set_state((name, key, 5000, *pair))\n    return np.random.rand()\n",
    "what types remember": "from typing import List\ndef f(x):\n    List[float(x)]\n    return str(List[x])\n",
    "what types remember, by a default": "from typing import Union\ndef f(x, u=Union): return str(u[int, x])\n",
    "what types remember, by an alias": "from typing import List\nL = List\ndef f(x): return str(L[x])\n",
    "what types remember, in an inner annotation": "from typing import List\ndef f(x):\n    def g(y: List[float(x)]): pass\n    return g\n",
    "a clock": "import time\ndef f(x): return time.time()\n",
    "a clock by name": "from time import time\ndef f(x): return time()\n",
    "a clock that is called like numpy": "from time import time as sum\ndef f(x): return sum()\n",
    "a clock, imported in the call": "def f(x):\n    import time\n    return time.time()\n",
    "a clock when it is imported": "import time\nSTART = time.time()\ndef f(x): return START\n",
    "an address": "def f(x): return id(x)\n",
    "a class": "class Model:\n    n = 0\ndef f(x):\n    return Model\n",
    "a class made in the call": "def f(x):\n    class C:\n        pass\n    return C\n",
    "a class by type": "def f(x): return type('C', (), {})\n",
    "a decorator": "from functools import lru_cache\n@lru_cache\ndef f(x): return x\n",
    "a decorator of its own": "def once(g): return g\n@once\ndef f(x): return x\n",
    "exec": "exec('n = []')\ndef f(x): return x\n",
    "defined by exec": "exec('seen = []\\ndef f(x): return seen')\n",
    "defined elsewhere": "from collections import Counter as f\n",
    "defined twice": "def f(x, seen=[]): return seen\ndef f(x): return x\n",
    "a lambda": "f = lambda x, seen=[]: seen\n",
    "a lambda in use": "g = lambda x, seen=[]: seen\ndef f(x): return g(x)\n",
    "async": "async def g(): pass\ndef f(x): return g()\n",
    "a pattern": "def f(x):\n    match x:\n        case int(real=y):\n            return y\n",
    "no Python": "def f(x:\n",
    "a script's name that it gives itself": "__name__ = '__main__'\nif __name__ == '__main__':\n    seen = []\ndef f(x): return seen\n",
    "a script's name from a loop": "for __name__ in ['__main__']: pass\nif __name__ == '__main__':\n    seen = []\ndef f(x): return seen\n",
    "builtins of its own": "import numpy as np\n__builtins__ = np\ndef f(x): return geterr()\n",
    "builtins that are imported": "import numpy as __builtins__\ndef f(x): return geterr()\n",
    "an own isinstance": "import numpy as np\ndef isinstance(x, t): return t((3,))\ndef f(x): return isinstance(x, np.ndarray)\n",
    "an isinstance that is given": "import numpy as np\ndef f(x, isinstance=max): return isinstance(x, np.ndarray)\n",
    "a global bound in a condition": "if (seen := []) == []: pass\ndef f(x): return seen\n",
    "a global bound in a default": "def g(x=(seen := [])): pass\ndef f(x): return seen\n",
    "a global bound in an annotation": "def g(x: (seen := [])) -> (also := []): pass\ndef f(x): return seen\n",
    "a global bound in what is returned": "def g(x) -> (seen := []): pass\ndef f(x): return seen\n",
    "a global bound by a handler": "try: 1 / 0\nexcept (ValueError, [KeyError, (seen := [])][0]): pass\ndef f(x): return seen\n",
    "defined in a loop": "seen = []\nfor _ in [0]:\n    def f(x): return seen\n",
    "defined in a with": "import numpy as np\nwith np.errstate():\n    def g(x, seen=[]): return seen\ndef f(x): return g(x)\n",
    "a module's attributes": "import submit\ndef __getattr__(name): return []\ndef f(x): return submit.T\n",
    "a decorator that is called like a type": "import submit\nseen = []\ndef ndarray(g): return seen\ndef f(x):\n    @submit.ndarray\n    def g(): pass\n",
    "numpy's function that is called like its own": "import numpy as np\ndef seed(): pass\ndef f(x): return np.random.seed()\n",
    "its own dictionary, called like a function": "def __dict__(): pass\ndef f(x): return f.__dict__\n",
    "a module's name for something else": "import numpy as np\nimport submit\ndef seed(): pass\ndef f(x):\n    submit = np.random\n"
                                         "    return submit.seed()\n",
    "a list of typing's": "from typing import _cleanups as seen\ndef f(x): return seen\n",
    "overloads": "from typing import get_overloads, overload\ndef f(x): return get_overloads(overload(f))\n",
    "entries that may be left out": "import numpy as np\ndef f(x): return np.divide(1, x, **{'where': x > 0})\n",
    "memory as it was, by nditer": "import numpy as np\ndef f(x): return np.nditer([x, None])[1]\n",
    "memory as it was, to be written": "import numpy as np\ndef f(x): return next(np.nditer(x, op_flags=['writeonly']))\n",
    "memory as it was, by nditer's alias": "import numpy as np\ndef f(x):\n    it = np.nditer\n    return it([x, None])[1]\n",
    "a clock of numpy's": "import numpy as np\ndef f(x): return np.array('now', 'M8[s]')\n",
    "a clock of numpy's, in bytes": "import numpy as np\ndef f(x): return np.array(b'now', 'M8[s]')\n",
    "a random device": "def f(x): return next(open('/dev/urandom', 'rb'))\n",
    "a random device, in a text": "def f(x): return next(open('%s' % '/dev/urandom', 'rb'))\n",
    "a random device of numpy's": "import numpy as np\ndef f(x): return np.load('/dev/urandom')\n",
    "a random device's name": "import numpy as np\ndef f(x):\n    with open('a') as g: pass\n    g = '/dev/urandom'\n    return np.load(g)\n",
    "an open file": "def f(x): return open(1, 'w')\n",
    "an open file, by an alias": "o = open\ndef f(x): return o(1, 'w')\n",
    "an open file, by its opener": "def f(x): return open('a', opener=lambda *_: 1)\n",
    "an open file, in a list": "def f(x): return open(*[1])\n",
    "files that are there": "import glob\ndef f(x): return glob.glob('/proc/*')\n",
    "a count of warnings": "def f(x): return '{0.__globals__[__warningregistry__]}'.format(f)\n",
    "a count of warnings, in a width": "def f(x): return '{0:{1.__globals__[__warningregistry__]}}'.format(1, f)\n",
    "a count of warnings, elsewhere": "t = '{0.__globals__[__warningregistry__]}'\ndef f(x): return t.format(f)\n",
    "what a generator does at its end": "def g():\n    try:\n        yield 1\n    finally:\n        print()\ndef f(x): return g()\n",
    "a generator by an annotation": "def f(x):\n    try:\n        y: (yield) = 1\n    finally:\n        print()\n",
    "an import that prints": "def f(x):\n    import this\n",
}


@pytest.mark.parametrize("text", STATE.values(), ids=STATE)
def test_what_may_keep_something_is_not(text: str) -> None:
    """Nor what is not known to keep nothing."""
    assert not proven(text)


def test_the_files_that_it_imports_are_read_too() -> None:
    """By whatever name, and only these."""
    state, plain = "seen = []\ndef g(x):\n    seen.append(1)\n    return seen\n", "def g(x): return x\n"
    for line, call in (
        ("from q1 import g", "g"), ("from q1 import g as h", "h"), ("from q1 import *", "g"), ("import q1", "q1.g"), ("import a.q1 as q", "q.g"),
        ("from .q1 import g", "g"), ("from . import q1", "q1.g"), ("from a.q1 import g", "g"),
    ):
        text = f"{line}\ndef f(x): return {call}(x)\n"
        assert proven(text, q1=plain), line
        assert not proven(text, q1=state), line
    assert proven("def f(x): return x\n", q1=state)
    assert not proven("from q1 import seen\ndef f(x): return seen\n", q1=state)
    assert not proven("from q1 import seen as T\ndef f(x): return T\n", q1=state)
    assert not proven("import q1\ndef f(x): return q1.T\n", q1="T = []\n")
    assert not proven("from q1 import *\ndef f(x): return x\n")
    assert not proven("from q1 import g\ndef f(x): return g(x)\n")
    assert not proven("def f(x):\n    from q1 import g\n    return g(x)\n", q1=plain)  # it may draw random numbers when it is loaded
    assert not proven("from q1 import n\ndef seed(): pass\ndef f(x): return n.seed()\n", q1="from numpy import random as n\n")


def test_a_file_called_like_a_module_of_python_may_be_that_module() -> None:
    """Its functions prove nothing of the other one's."""
    assert not proven("from time import time\ndef f(x): return time()\n", time="def time(): return 0\n")
    assert not proven("import numpy as np\ndef f(x): return np.sum(x)\n", numpy="seen = []\ndef sum(x): return seen\n")
    assert not proven("from random import sample as s\ndef f(x): return s\n", random="sample = []\n")


def test_a_package_is_loaded_before_what_lies_in_it() -> None:
    """By no import statement."""
    text = b"import numpy as np\ndef f(x): return np.exp(x)\n"
    for init, is_proven in ((b"", True), (b"import numpy as np\nnp.exp = abs\n", False)):
        files = [read_source("a/submit.py", text), read_source("a/__init__.py", init)]
        assert is_stateless(files, {"f"}) is is_proven


def test_all_that_may_be_run_has_to_be_python() -> None:
    """A notebook's cells have globals of every kind; an empty file has none."""
    cell = b'{"cells": [{"cell_type": "code", "source": "def f(x): return x", "metadata": {}, "outputs": []}], "nbformat": 4, "metadata": {}}'
    assert not is_stateless([read_source("submit.ipynb", cell)], {"f"})
    assert proven("def f(x): return x\n", q1="")
    assert not proven("import __main__\ndef f(x): return x\n", __main__="def g(x): return x\n")


def test_functions_that_nobody_has_prove_nothing_wrong() -> None:
    """There is nothing to be asked twice."""
    assert proven("def g(x): return x\n")


@pytest.mark.parametrize("name", SPOILING)
def test_what_spoils_a_process_is_not_proven(name: str) -> None:
    """Whatever else is in the file."""
    code = next(t.code for t in TRICKS if t.name == name)
    text = (ROOT / "submissions_example/cs224n_a1/right_vectorised.py").read_text(encoding="utf-8")
    functions = {f.name for f in load_assignment(ROOT, "cs224n_a1").interface.functions}
    assert is_stateless([read_source("submit.py", text.encode())], functions)
    assert not is_stateless([read_source("submit.py", (text + code).encode())], functions)


@pytest.mark.parametrize("slug", ["cs224n_a1", "cs224n_a2"])
def test_what_is_proven_answers_the_same_in_another_process_and_order(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All examples that end by themselves: the same report without the proof; and it holds for most."""
    assignment = load_assignment(ROOT, slug)
    trial = Trial(assignment.default_seed, assignment.interface, assignment.oracle)
    functions = {f.name for f in assignment.interface.functions}
    found: dict[str, frozenset[str]] = {}
    with ForkServer() as runner:
        for path in sorted(p for p in (ROOT / "submissions_example" / slug).glob("*.py") if p.stem.split("_")[0] in ("right", "near", "wrong")):
            def noted(*given: Any, name: str = path.stem) -> frozenset[str]:
                found[name] = stateless_functions(*given)
                return found[name]

            monkeypatch.setattr(interview, "stateless_functions", noted)
            report, _ = grade(assignment, open_submission(path), runner, trial=trial)
            monkeypatch.setattr(interview, "stateless_functions", lambda *_: frozenset())
            doubted, _ = grade(assignment, open_submission(path), runner, trial=trial)
            assert to_json(replace(doubted, timings={})) == to_json(replace(report, timings={})), path
    whole = [name for name, stateless in found.items() if stateless == functions]
    assert len(whole) > 0.8 * len(found)
    assert {name for name in found if name.startswith("right_")} - {"right_other_names", "right_classes"} <= set(whole)


def test_what_is_proven_is_asked_before_the_rest_and_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one function that counts its calls is asked last: its six items are put to processes of their own, and no other one is."""
    assignment = load_assignment(ROOT, "cs224n_a1")
    with ForkServer() as runner:
        assert runner.isolation  # measured first: where bubblewrap does not work, another zygote takes its place
        made: list[object] = []
        fork = runner.zygote.fork
        monkeypatch.setattr(runner.zygote, "fork", lambda *given: made.append(given) or fork(*given))
        report, _ = grade(assignment, open_submission(ROOT / "submissions_example/cs224n_a1/wrong_neural_state.py"), runner)
    assert [i.id for i in report.items if i.verdict.credit != 1] == ["neural.delta", "neural.gradient", "neural.purity"]
    assert len(made) == 2 + 6, "the first, the second that doubts, and one for each item of forward_backward_prop"


def test_the_same_is_proven_in_every_process() -> None:
    """Whatever order its sets have: what h does to a module's name is seen by f or is not, but always alike."""
    text = "import q1\ndef f(x): return q1.softmax(x)\ndef h(x):\n    q1 = x\n    return q1\ndef g(x): return q1.softmax(x)\n"
    script = (
        "from grader.submission.source import read_source\nfrom grader.submission.stateless import stateless_functions\n"
        f"files = [read_source('submit.py', {text!r}.encode()), read_source('q1.py', b'def softmax(x): return x\\n')]\n"
        "print(sorted(stateless_functions(files, 'fgh', ['submit'])))")
    said = {
        subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": str(seed)}, capture_output=True, text=True, check=True).stdout
        for seed in range(6)
    }
    assert len(said) == 1
