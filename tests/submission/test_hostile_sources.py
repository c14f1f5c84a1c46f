"""Files made to keep the grader itself busy: every one is read in seconds."""

import time
from pathlib import Path

import pytest

from grader.submission import bounds
from grader.submission.forms import open_submission
from grader.submission.likeness import tree_hash
from grader.submission.needed import definitions_text, left_out, program_text
from grader.submission.notebook import read_notebook
from grader.submission.source import Submission, read_source, submission
from tests.submission.test_notebook import written

SIZE = 40_000  # characters: at their full length of two million, each of these once took hours
SECONDS = 3.0  # of CPU time: the slowest takes 1
F = "def f(x):\n    return W"
NAMES = [f"a{i}" for i in range(SIZE // 8)]
NOTEBOOKS = {
    "blanks where a magic may be": ["(\n)x\n" + " " * SIZE * 10 + "y"],
    "magics inside of brackets": ["x = (\n" + "1,\n" * (SIZE // 3) + "%x\n" * 1000],
    "many lines that only show": ["display(1)\n" * (SIZE // 5)],
    "one line that only shows": ["display(1);" * (SIZE // 11)],
    "one line that is not needed": [F, "a;" * (SIZE // 2)],
    "a statement of many names": [F, f"W,{','.join(NAMES)} = b,{','.join(NAMES)}"],
    "many calls of what sets many names": [F, "def g():\n" + "".join(f"    global {n}\n    {n} = 1\n" for n in NAMES[::4]), "g()\n" * (SIZE // 4)],
    "many cells": [F, *["$\n%a\n"] * 1999],
}
FILES = {
    "a comment of signs": "def f():\n    x = 1\n    " + "#" * SIZE * 10 + "\n    return x * x\n",
    "branches without end": "if 0: pass\n" + "elif 0: pass\n" * 1400 + "def f(): pass\n",
    "statements without end": "def f():\n    " + "a;" * (SIZE // 2),
}


@pytest.mark.parametrize("cells", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_a_notebook_is_read_in_time(cells: list[str]) -> None:
    """Its cells, what its functions need of them, its hash; and it is not refused."""
    start = time.process_time()
    whole = submission("hw", {"hw.ipynb": written(*cells)})
    file = whole.files[0]
    assert len(file.cells) == len(cells)
    program_text(file, whole, ("f",))
    left_out(whole, ("f",))
    definitions_text(file)
    tree_hash(whole)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_file_is_read_in_time(text: str) -> None:
    """And f is found in it."""
    start = time.process_time()
    assert "f" in read_source("a.py", text.encode()).definitions
    assert time.process_time() - start < SECONDS


def test_a_very_long_notebook_is_run_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for what of it is needed."""
    monkeypatch.setattr("grader.submission.needed._MOST", len(F) + 100)
    for spare, whole in (("x = 1", False), ("x = 1  # " + "-" * 100, True)):
        file = read_notebook("hw.ipynb", written(F, spare))
        assert (spare in program_text(file, Submission("s", (file,), ""), ("f",))) is whole


def test_what_only_shows_is_told_in_brief() -> None:
    """Its first line, and not more than fits."""
    remark = read_notebook("hw.ipynb", written(f"display('\u00e9', 1); display(\n    2)\ndisplay('{'y' * 99}')")).remarks[0]
    assert remark == f"not Python, set aside: cell 1: display('\u00e9', 1); cell 1: display(; cell 1: display('{'y' * 51}...."


def test_all_code_together_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that fit are read, also behind one that does not; that one defines nothing, and says why."""
    monkeypatch.setattr(bounds, "MAX_CODE", 25)
    handed = submission("s", {"a.py": b"def a(): pass\n", "b.py": b"def b(): return 1\n", "c.ipynb": written("def c(): return 1"), "d.py": b"d = 1\n"})
    assert [sorted(f.definitions) for f in handed.files] == [["a"], [], [], ["d"]]
    assert "all files together have more than 25 characters" in handed.files[1].troubles["b.py"].message
    assert "all files together have more than 25 characters" in handed.files[2].troubles["c.ipynb"].message


def test_cells_are_counted() -> None:
    """Two thousand are read, one more is no notebook."""
    assert len(read_notebook("hw.ipynb", written(*["$"] * 2000)).remarks) == 2000
    trouble = read_notebook("hw.ipynb", written(*["$"] * 2001)).unparsable
    assert trouble
    assert "it has more than 2,000 code cells" in trouble.message


def test_all_bytes_of_a_folder_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after is left out, and that is said."""
    monkeypatch.setattr(bounds, "MAX_TOTAL", 20)
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text("x = 12345\n")
    handed = open_submission(tmp_path)
    assert [f.path for f in handed.files] == ["a.py", "b.py"]
    assert handed.remarks == ("more than 20 bytes in all; c.py and those after it were left out.",)
