"""Which statements of a notebook are run."""

import pytest

from grader.submission.needed import left_out, needed
from grader.submission.notebook import read_notebook
from grader.submission.source import SourceFile, Submission, read_source
from tests.submission.test_notebook import written


def handed(*cells: str, **files: str) -> tuple[SourceFile, Submission]:
    file = read_notebook("hw.ipynb", written(*cells))
    return file, Submission("s", (file, *(read_source(f"{n}.py", t.encode()) for n, t in files.items())), "")


def kept(*cells: str, functions: tuple[str, ...] = ("f",)) -> list[str]:
    """The cells of which something is left, with what is left."""
    file, whole = handed(*cells)
    codes = ["\n".join(line for line in c.code.split("\n") if line.strip() not in ("", "pass")) for c in needed(file, whole, functions)]
    return [c for c in codes if c]


F = "def f(x):\n    return x"
TRAINING = "params = f(3)\nwhile True:\n    params = f(params)"


def test_training_tests_and_plots_are_not_run() -> None:
    """Imports, functions and classes are, whoever needs them."""
    assert kept("import numpy as np", F, TRAINING, "assert f(1) == 1\nprint(f(2))", "class A:\n    n = 1", "plt.plot(params)") == \
        ["import numpy as np", F, "class A:\n    n = 1"]


NEEDED = {
    "a constant": ("N = 3", "def f(x):\n    return N"),
    "through another function": ("N = 3", "def g(x):\n    return N\ndef f(x):\n    return g(x)"),
    "through another constant": ("M = 3\nN = M + 1", "def f(x):\n    return N"),
    "written further down": ("def f(x):\n    return N", "N = 3"),
    "a default": ("N = 3", "def f(x, n=N):\n    return n"),
    "a decorator": ("d = lambda g: g", "@d\ndef f(x):\n    return 1"),
    "a class": ("N = 3", "class A:\n    n = N\ndef f(x):\n    return A.n"),
    "a method": ("N = 3", "class A:\n    def m(self):\n        return N\ndef f(x):\n    return A().m()"),
    "an inner function": ("N = 3", "def f(x):\n    def g():\n        return N\n    return g()"),
    "a table filled in a loop": ("t = {}\nfor i in range(3):\n    t[i] = i", "def f(x):\n    return t"),
    "a table filled by calls": ("t = []\nt.append(3)", "def f(x):\n    return t"),
    "a table filled by a function": ("t = []\nfill(t)", "def f(x):\n    return t"),
    "a global set by a function": ("N = 0\ndef g():\n    global N\n    N = 3\ng()", "def f(x):\n    return N"),
    "an attribute": ("def h(): pass\nh.n = 3", "def f(x):\n    return h.n"),
    "under a condition": ("if True:\n    N = 3", "def f(x):\n    return N"),
    "in a with": ("with a as N:\n    b = 1", "def f(x):\n    return N"),
    "unpacked": ("(M, [N]) = 1, [2]", "def f(x):\n    return N"),
    "the walrus": ("print(N := 3)", "def f(x):\n    return N"),
    "f itself is wrapped": ("def f(x):\n    return x", "f = g(f)"),
    "f is an assignment": ("N = 3", "f = lambda x: N"),
    "a module imported under a condition": ("if True:\n    import os.path", "def f(x):\n    return os.path"),
    "and by another name": ("if True:\n    import os.path as p", "def f(x):\n    return p"),
    "what a decorated function reads": ("d = lambda g: g\nN = 3", "@d\ndef f(x):\n    return N"),
    "what cannot be told": (F, "globals()['N'] = 3\nexec('M = 3')\neval('g()')\nlocals()['N'] = 3\nvars()['N'] = 3"),
    "nor this": (F, "setattr(np, 'n', 3)\ndelattr(np, 'n')\n__import__('os')"),
}


@pytest.mark.parametrize("cells", NEEDED.values(), ids=NEEDED)
def test_what_a_function_needs_is_run(cells: tuple[str, ...]) -> None:
    """Whatever binds or changes what it reads."""
    assert kept(*cells, TRAINING) == list(cells)


@pytest.mark.parametrize("cell", ["x = 3", "N = 3", "def g(n):\n    global M\n    M = n\ng(3)\nN.append(3)"])
def test_what_is_only_called_the_same_is_not_run(cell: str) -> None:
    """A local variable or an argument of that name is no need."""
    left = kept(cell, "def f(x):\n    N = x\n    return N")
    assert left[-1:] == ["def f(x):\n    N = x\n    return N"]
    assert all(line.startswith(("def", " ")) for part in left for line in part.split("\n"))


def test_what_another_function_needs_is_not_run() -> None:
    """It sets the same global as a function that is called, and nobody calls it: what it reads is no need of what is asked for."""
    cells = ("N = 0\ndef g():\n    global N\n    N = 3\ng()", "def f(x):\n    return N", "def h():\n    g()\n    return params")
    assert kept(*cells, TRAINING) == list(cells)


def test_all_is_run_where_nothing_is_known() -> None:
    """None of the functions is there; or another file speaks of the notebook."""
    file, whole = handed(F, TRAINING)
    assert needed(file, whole, ["g"]) == file.cells
    file, whole = handed(F, TRAINING, main="from hw import params\n")
    assert needed(file, whole, ["f"]) == file.cells
    file, whole = handed(F, TRAINING, main="import numpy\n")
    assert needed(file, whole, ["f"]) != file.cells


def test_cells_that_do_not_parse_stay() -> None:
    """They say themselves what is wrong, when they are run."""
    assert kept(F, "def g(x:\n    pass") == [F, "def g(x:"]
    assert kept(F, TRAINING, "def g(x:\n    pass", TRAINING) == [F, "def g(x:"], "what is beside it is run no more than elsewhere"


def test_lines_stay_where_they_are() -> None:
    """A traceback names the line that the student sees."""
    file, whole = handed(f"for i in range(3):\n    print(\n i)\n\n{F}")
    assert needed(file, whole, ["f"])[0].code == f"pass\n\n\n\n{F}"


def test_what_is_not_run_is_said() -> None:
    """By cell; nothing is said where all is run."""
    assert left_out(handed(F, TRAINING, "x = 1")[1], ["f"]) == ["hw.ipynb: not run, as no function asked for needs it: code in cells 2, 3."]
    assert left_out(handed(F, "N = 1")[1], ["f"]) == ["hw.ipynb: not run, as no function asked for needs it: code in cell 2."]
    assert left_out(handed("import numpy", F)[1], ["f"]) == []


def test_a_chain_of_thousands_is_followed_in_time() -> None:
    """Each statement is looked at once."""
    chain = "\n".join(f"a{i} = a{i + 1}" for i in range(20_000))
    assert kept(chain, "def f(x):\n    return a0")[0] == chain
