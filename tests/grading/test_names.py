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


@pytest.mark.parametrize(("files", "names"), [
    (["pa1/__init__.py", "pa1/hw.py"], ["pa1", "hw"]),
    (["x/pa1/__init__.py", "x/pa1/hw.py", "x/pa1/sub/__init__.py"], ["pa1", "hw", "sub"]),
    (["random/__init__.py", "random/hw.py"], ["__init__", "hw"]),  # Python's
    (["hw/__init__.py", "hw/hw.py"], ["__init__", "hw"]),  # a neighbour's
    (["my-hw/__init__.py", "my-hw/hw.py"], ["my-hw", "hw"]),
    (["v1.2/__init__.py", "v1.2/hw.py"], ["__init__", "hw"]),  # of a module in a package
    (["__init__.py", "hw.py"], ["__init__", "hw"]),
])
def test_an_init_is_called_like_its_folder(files: list[str], names: list[str], assignment: Assignment) -> None:
    """By that name its neighbours import it; not where that name means something else."""
    handed = submission("x", {f: RIGHT if f.endswith("hw.py") else b"x = 1\n" for f in files})
    assert list(module_names(handed.files, assignment.interface).values()) == names


@pytest.mark.parametrize("folder", ["pa1", "x/pa1", "random", "code", "my-hw", "v1.2", "hw", "parts"])
@pytest.mark.parametrize("line", ["from .hw import softmax", "from . import hw"])
@pytest.mark.parametrize("main", ["from .parts import sigmoid", "from . import parts\nsigmoid = parts.sigmoid"])
def test_an_init_that_imports_its_neighbours_costs_nothing(folder: str, line: str, main: str, assignment: Assignment, confined: ForkServer) -> None:
    """Whatever the folder is called; and nobody is told of an error that there is not."""
    first, last = RIGHT.split(b"def sigmoid(x):", 1)
    own, rest = last.split(b"\n\n\n", 1)
    files = {"__init__.py": line.encode(), "hw.py": first + main.encode() + b"\n" + rest, "parts.py": b"import numpy as np\ndef sigmoid(x):" + own}
    report, _ = grade(assignment, submission("x", {f"{folder}/{n}": text for n, text in files.items()}), confined, items=["sigmoid.values", "neural.cost"])
    assert [(i.id, i.verdict.message, i.verdict.notes) for i in report.items if i.verdict.credit != 1 or i.verdict.notes] == []
    assert report.submission.remarks == ()


def test_what_imports_from_the_package_finds_it(assignment: Assignment, confined: ForkServer) -> None:
    """A script above it: `from helpers import maths`, whether or not the package says so itself."""
    submit, maths = b"from helpers import maths\ndef softmax(x):\n    return maths.soft(x)\n", RIGHT.replace(b"def softmax(", b"def soft(")
    for init in (b"", b"from . import maths\n", b"from helpers.maths import soft\n"):
        files = {"submit.py": submit, "helpers/__init__.py": init, "helpers/maths.py": maths}
        report, _ = grade(assignment, submission("x", files), confined, items=["softmax.values", "sgd.steps"])
        assert [i.id for i in report.items if i.verdict.credit != 1] == []
        assert not any("cannot import" in r for r in report.submission.remarks)


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
