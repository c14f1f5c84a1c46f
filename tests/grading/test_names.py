"""Files that are called like a module of Python's, like numpy or like a package: a right submission loses nothing for its names."""

import json
from pathlib import Path

import pytest

from grader.course import Assignment
from grader.grading import grade
from grader.program import module_names
from grader.runner.forkserver import ForkServer
from grader.submission.source import submission

EXAMPLES = Path(__file__).parents[2] / "submissions_example/cs224n_a1"
RIGHT = (EXAMPLES / "right_vectorised.py").read_bytes()
COLAB = "from google.colab import drive\ndrive.mount('/content')\n"
ITEMS = ["softmax.values", "gradcheck.random"]  # which needs numpy, and Python's random


def notebook(begins: str = "") -> bytes:
    found = json.loads((EXAMPLES / "right_notebook.ipynb").read_text())
    first = next(c for c in found["cells"] if c["cell_type"] == "code")
    first["source"] = begins + "".join(first["source"])
    return json.dumps(found).encode()


@pytest.mark.parametrize("files", [
    *({f"{name}.ipynb": notebook(COLAB)} for name in ("colab", "google", "numpy", "random", "matplotlib", "pyplot")),
    {"colab.ipynb": notebook(COLAB), "random.ipynb": notebook()},
    {"hw.ipynb": notebook(COLAB), "google.ipynb": b'{"cells": []}', "sub/numpy.ipynb": b'{"cells": []}'},
    {"colab.py": COLAB.partition("\n")[0].encode() + b"\n" + RIGHT},
    {"hw.py": RIGHT, "random/plots.py": b"x = 1\n"},  # no package: Python's module goes before it
    {"hw.py": RIGHT, "lib/__init__.py": b"", "lib/random.py": b"x = 1\n"},  # lib.random
    {"random/hw.py": RIGHT, "b.py": b"def sgd(): ...\n"},
], ids=" ".join)
def test_a_name_costs_nothing(files: dict[str, bytes], assignment: Assignment, confined: ForkServer) -> None:
    """A notebook is imported by nobody who means something else; nor is what lies in another folder."""
    report, _ = grade(assignment, submission("hw", files), confined, items=ITEMS)
    assert [(i.id, i.verdict.message) for i in report.items if i.verdict.credit != 1] == []
    assert not any("cannot import" in r for r in report.submission.remarks)


@pytest.mark.parametrize("files", [
    {"random.py": RIGHT},
    {"hw.py": RIGHT, "random/__init__.py": b""},
])
def test_what_python_hides_is_hidden(files: dict[str, bytes], assignment: Assignment, confined: ForkServer) -> None:
    """A script or a package beside: near misses."""
    report, _ = grade(assignment, submission("hw", files), confined, items=ITEMS)
    assert [i.id for i in report.items if i.verdict.credit != 1] == ["gradcheck.random"]


def test_a_stub_is_looked_in_last(assignment: Assignment, confined: ForkServer) -> None:
    """The starter, handed in untouched beside one's own file, costs nothing; alone it is not attempted."""
    stub = b"def softmax(x):\n    raise NotImplementedError\n"
    for files, earned in (({"mine.py": RIGHT, "q1_softmax.py": stub}, 1), ({"q1_softmax.py": stub}, 0)):
        report, _ = grade(assignment, submission("hw", files), confined, items=ITEMS[:1])
        assert report.items[0].verdict.credit == earned


def test_names_that_nobody_can_import(assignment: Assignment) -> None:
    """Of notebooks that would hide something, and of folders that are no packages; others keep theirs."""
    files = {"numpy.ipynb": notebook(), "hw.ipynb": notebook(), "code/a.py": b"x = 1", "io/__init__.py": b"", "io/b.py": b"x = 1", "lib/c.py": b""}
    assert module_names(submission("hw", files).files, assignment.interface) == {
        "numpy.ipynb": "numpy-notebook", "hw.ipynb": "hw", "code/a.py": "code-folder.a", "io/__init__.py": "io", "io/b.py": "io.b", "lib/c.py": "lib.c"}


def test_a_notebook_that_another_file_means_is_imported(assignment: Assignment, confined: ForkServer) -> None:
    """By its name, as if it were a script."""
    files = {"mine.ipynb": notebook(), "q1_softmax.py": b"from mine import softmax\n"}
    report, _ = grade(assignment, submission("hw", files), confined, items=ITEMS[:1])
    assert report.items[0].verdict.credit == 1
