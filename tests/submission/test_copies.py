"""Functions that a submission has in several files: which are graded is told, by the order in which they are looked up."""

from pathlib import Path

import pytest

from grader.core.interface import FunctionSpec
from grader.program import lookup_of
from grader.submission import open_submission

ONE, OTHER, STUB = "def f(x):\n    return x\n", "def f(x):\n    return -x\n", "def f(x):\n    raise NotImplementedError\n"
NOTEBOOK = '{"cells": [{"cell_type": "code", "metadata": {}, "source": "def f(x):\\n    return 2 * x", "outputs": []}], "nbformat": 4, "nbformat_minor": 5}'
DOC = 'def f(x):\n    """Says more, does the same."""\n    return x  # as before\n'


def _remarks(tmp_path: Path, files: dict[str, str]) -> tuple[str, ...]:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return open_submission(tmp_path, {"f": "q1", "g": "q1"}).remarks


@pytest.mark.parametrize(("files", "first"), [
    ({"solution.py": ONE, "solution (1).py": OTHER}, "solution (1).py"),
    ({"solution.py": ONE, "q1.py": OTHER}, "q1.py"),
    ({"v1/solution.py": OTHER, "solution.py": ONE}, "solution.py"),
    ({"hw.ipynb": NOTEBOOK, "hw.py": ONE}, "hw.py"),
    ({"hw.ipynb": NOTEBOOK, "deep/q1.py": ONE, "q1.py": OTHER, "q2.py": STUB}, "q1.py"),
])
def test_the_file_that_is_graded_is_told(tmp_path: Path, files: dict[str, str], first: str) -> None:
    """It is the one in which the function is looked for first."""
    (remark,) = _remarks(tmp_path, files)
    handed = open_submission(tmp_path)
    function = FunctionSpec(name="f", module="q1", params=(), returns=())
    assert lookup_of(function, handed, {f.path: f.path for f in handed.files})[0] == first
    assert remark.startswith("f is written differently in ")
    assert remark.endswith(f". It is looked for in {first} first. If another one counts, leave only that one in.")
    assert all(name in remark for name, text in files.items() if text != STUB)
    assert "q2.py" not in remark


@pytest.mark.parametrize("files", [
    {"solution.py": ONE, "solution (1).py": ONE},
    {"solution.py": ONE, "copy/solution.py": DOC},
    {"q1.py": ONE, "starter.py": STUB},
    {"q1.py": ONE, "q2.py": "def helper(x):\n    return x\n", "q3.py": "def helper(x):\n    return -x\n"},
    {"q1.py": f"{OTHER}{ONE}"},
])
def test_where_it_makes_no_difference_nothing_is_said(tmp_path: Path, files: dict[str, str]) -> None:
    """Equal code, stubs, and functions that nobody asks for."""
    assert _remarks(tmp_path, files) == ()


def test_many_are_told_in_a_line(tmp_path: Path) -> None:
    """For each set of files one line, as long as that of three."""
    both = "def g(x):\n    return {}\n"
    names = ["a.py", "b.py", "c.py", "d.py"]
    (remark,) = _remarks(tmp_path, {n: ONE.replace("x\n", f"x + {at}\n") + both.format(at) for at, n in enumerate(names)})
    assert remark == ("f and g are written differently in a.py, b.py, c.py and 1 more. They are looked for in a.py first. "
                      "If others count, leave only those in.")
