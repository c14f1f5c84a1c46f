"""One submission of several files, or many submissions?"""

import zipfile
from pathlib import Path

import pytest

from grader.core.errors import UsageError
from grader.submission.layouts import Declared, looks_like_a_class
from tests.submission.layout_fixtures import put

A1 = Declared(frozenset({"q1_softmax", "q2_sigmoid", "q2_neural"}), frozenset({"softmax", "sigmoid", "sigmoid_grad", "forward_backward_prop"}))
SOFTMAX = "def softmax(x):\n    return x\n"
SIGMOID = "import numpy as np\n\ndef sigmoid(x): ...\ndef sigmoid_grad(x): ...\n"
NEURAL = "def forward_backward_prop(d): ...\n"
ALL = SOFTMAX + SIGMOID + NEURAL
NOTEBOOK = '{"cells": [{"cell_type": "code", "source": ["def softmax(x):\\n", "    return x\\n", "\\n", "def sigmoid(x): ...\\n"]}]}'

ONE = {
    "modules of the assignment": {"q1_softmax.py": SOFTMAX, "q2_sigmoid.py": SIGMOID, "q2_neural.py": NEURAL, "utils.py": "def load(): ..."},
    "modules, each with its own copy of sigmoid": {"q1_softmax.py": SOFTMAX + SIGMOID, "q2_sigmoid.py": SIGMOID, "q2_neural.py": SIGMOID + NEURAL},
    "modules that are empty": {"q1_softmax.py": "", "q2_neural.py": ""},
    "other names that share the functions out": {"part1.py": SOFTMAX, "part2.py": SIGMOID, "part3.py": NEURAL},
    "a file and helpers": {"submit.py": ALL, "helpers.py": "def load(): ...", "data/read.py": "def read(): ..."},
    "one file": {"submit.py": ALL, "report.pdf": ""},
    "one folder of modules": {"hw/q1_softmax.py": SOFTMAX, "hw/q2_neural.py": NEURAL},
    "modules two folders down": {"hw/src/q1_softmax.py": SOFTMAX, "hw/src/q2_neural.py": NEURAL},
    "parts in folders": {"part-1/a.py": SOFTMAX, "part-2/b.py": SIGMOID, "part-3/c.py": NEURAL},
    "a notebook and what was exported from it": {"hw.ipynb": NOTEBOOK, "hw.py": SOFTMAX + SIGMOID},
    "a package": {"__init__.py": "", "a.py": SOFTMAX, "b.py": SOFTMAX},
    "a file and its data": {"submit.py": ALL, "data.zip": ""},
    "parts, each with a main": {f"part{i}.py": f"def main(): ...\ndef part{i}(): ...\n" for i in range(6)},
    "nothing": {"notes.txt": ""},
}
CLOSE = (ONE["modules, each with its own copy of sigmoid"], ONE["modules that are empty"])
"""Only what is declared tells; without it, the reason says how to overrule."""
MANY = {
    "files of students": {"alice.py": ALL, "bob.py": ALL},
    "files of students, not all of them whole": {"alice.py": ALL, "bob.py": SOFTMAX, "carol.py": SOFTMAX + SIGMOID, "dan.py": "", "eve.py": "def softmax(x:\n"},
    "notebooks of students": {"alice.ipynb": NOTEBOOK, "bob.ipynb": NOTEBOOK, "carol.zip": ""},
    "folders of students": {"alice/softmax.py": ALL, "bob/softmax.py": ALL},
    "folders of students, some modules each": {"alice/q1_softmax.py": SOFTMAX, "alice/q2_neural.py": NEURAL, "bob/q1_softmax.py": SOFTMAX, "bob/q2_neural.py": NEURAL},
    "students nested deeply": {"alice/hw/src/softmax.py": ALL, "bob/softmax.py": ALL, "carol.py": ALL},
    "archives": {"alice.zip": "", "bob.zip": ""},
    "folders with archives": {"alice/hw.zip": "", "bob/hw.zip": ""},
    "a class in one more folder": {"class/alice.py": ALL, "class/bob.py": ALL},
    "a class in two more folders": {"x/class/alice.py": ALL, "x/class/bob.py": ALL},
    "a class with a stray module": {"q1_softmax.py": SOFTMAX, **{f"student{i}.py": ALL for i in range(5)}},
    "Canvas": {"doejohn_1_2_softmax.py": SOFTMAX},
    "Moodle": {"Ann Lee_1_assignsubmission_file_/q1_softmax.py": SOFTMAX},
    "Gradescope": {"submission_1/q1_softmax.py": SOFTMAX, "submission_metadata.yml": ""},
    "nbgrader": {"submitted/alice/ps1/ps1.ipynb": NOTEBOOK},
    "clones": {"hw1-alice/a.py": ALL, "hw1-bob/a.py": ALL, "hw1-carol/a.py": ALL},
}


@pytest.mark.parametrize("declared", [A1, Declared()], ids=["declared", "nothing declared"])
@pytest.mark.parametrize("files", ONE.values(), ids=ONE.keys())
def test_one_submission(tmp_path: Path, files: dict[str, str], declared: Declared) -> None:
    """What belongs together is one, and the reason is a sentence."""
    is_class, why = looks_like_a_class(put(tmp_path / "homework", files), declared)
    if files in CLOSE and not declared.modules:
        assert "--as" in why
    else:
        assert (is_class, why[-1]) == (False, "."), why


@pytest.mark.parametrize("declared", [A1, Declared()], ids=["declared", "nothing declared"])
@pytest.mark.parametrize("files", MANY.values(), ids=MANY.keys())
def test_many_submissions(tmp_path: Path, files: dict[str, str], declared: Declared) -> None:
    """Where each part does the whole work, each is a submission."""
    is_class, why = looks_like_a_class(put(tmp_path / "class", files), declared)
    assert (is_class, why[-1]) == (True, "."), why


@pytest.mark.parametrize(("files", "expected"), [
    *((ONE[k], False) for k in ("modules of the assignment", "one folder of modules", "other names that share the functions out", "one file")),
    *((MANY[k], True) for k in ("files of students", "folders of students", "archives", "a class in one more folder", "Canvas", "Gradescope")),
])
def test_an_archive_is_looked_into(tmp_path: Path, files: dict[str, str], expected: bool) -> None:
    """Without unpacking; by the same signs as a folder."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    assert looks_like_a_class(tmp_path / "x.zip", A1)[0] is expected
    assert [p.name for p in tmp_path.iterdir()] == ["x.zip"]


def test_a_file_and_a_broken_archive_are_one_submission(tmp_path: Path) -> None:
    """Whoever opens it says what is wrong."""
    put(tmp_path, {"a.py": ALL, "b.zip": "no zip"})
    assert looks_like_a_class(tmp_path / "a.py", A1) == (False, "It is a file.")
    assert looks_like_a_class(tmp_path / "b.zip", A1) == (False, "It is an archive that cannot be read.")


def test_the_reason_is_fit_for_a_terminal(tmp_path: Path) -> None:
    """Names are students'."""
    folder = put(tmp_path / "a", {"x\x1b[2J\u202e.py": SOFTMAX, "y\n.py": SIGMOID, "z.py": NEURAL})
    assert looks_like_a_class(folder, A1)[1].isprintable()
    assert looks_like_a_class(put(tmp_path / "b", {"x\x1b[2J.py": SOFTMAX}), A1)[1].isprintable()


def test_the_reason_names_what_it_saw(tmp_path: Path) -> None:
    """It is printed, and says how to overrule a close call."""
    assert looks_like_a_class(put(tmp_path / "a", ONE["modules of the assignment"]), A1)[1] == (
        "q1_softmax.py, q2_neural.py, q2_sigmoid.py are modules of the assignment.")
    assert looks_like_a_class(put(tmp_path / "b", MANY["files of students"]), A1)[1] == (
        "2 of its files and folders define softmax, so each is a submission of its own. Overrule it with --as one.")
    assert looks_like_a_class(put(tmp_path / "c", ONE["a file and helpers"]), A1)[1] == (
        "Only submit.py defines functions; what lies beside it seems to help it. Overrule it with --as many.")
    assert looks_like_a_class(put(tmp_path / "d", MANY["Canvas"]), A1)[1] == "The names in it are those of this layout: Canvas download."


REASONS = {
    "q1_softmax.py is a module of the assignment.": {"q1_softmax.py": SOFTMAX, "load.py": "def load(): ..."},
    "q1_softmax.py and q2_neural.py are modules of the assignment.": {"q1_softmax.py": SOFTMAX, "q2_neural.py": NEURAL},
    "It is a package: it holds __init__.py.": {"__init__.py": "", "a.py": ALL, "b.py": ALL},
    "a.py is all the Python that it holds. Overrule it with --as many.": {"a.py": ALL, "a.pdf": ""},
    "a.py is all the Python that it holds beside b.zip. Overrule it with --as many.": {"a.py": ALL, "b.zip": ""},
    "It holds neither Python files nor archives of a class.": {"a.pdf": ""},
    "It holds files and folders, none of which defines a function. Overrule it with --as many.": {"a.py": "x = 1", "b/c.py": "y = 1"},
    "a.py and b.py define different functions, so they belong together.": {"a.py": SOFTMAX, "b.py": SIGMOID},
    "a.py, b.py, c.py define different functions, so they belong together. Overrule it with --as many.": {
        "a.py": SOFTMAX, "b.py": SIGMOID, "c.py": SIGMOID + NEURAL},
    "x.py, y.py, z.py define different functions, so they belong together. Overrule it with --as many.": {  # half-way between, and not beyond
        "x.py": SOFTMAX + "def sigmoid(x): ...\n", "y.py": SOFTMAX, "z.py": SOFTMAX},
    "Only a.py defines functions; what lies beside it seems to help it. Overrule it with --as many.": {"a.py": ALL, "b.py": "", "c.py": "", "d.py": ""},
}
REASONS_OF_A_CLASS = {
    "It holds 2 archives, as a class does.": {"a.py": ALL, "b.zip": "", "ann/c.zip": ""},
    "It holds no Python file, but 1 archive.": {"b.zip": ""},
    "It holds no Python file, but 2 archives.": {"b.zip": "", "ann/c.zip": ""},
    "It holds 2 files or folders of Python that do not build on each other. Overrule it with --as one.": {"a.py": "x = 1", "b.py": "y = 1"},
    "It holds 3 files or folders of Python that do not build on each other. Overrule it with --as one.": {
        "a/x.py": "x = 1", "b/x.py": "y = 1", "c/x.py": "z = 1"},
    "It holds 5 files or folders of Python that do not build on each other. Overrule it with --as one.": {
        "a.py": ALL, "b.py": "", "c.py": "", "d.py": "", "e.py": ""},
    "2 of its files and folders define softmax, so each is a submission of its own. Overrule it with --as one.": {
        "ann/src/a.py": ALL, "bob/hw/src/a.py": ALL},
    "3 of its files and folders define softmax, so each is a submission of its own. Overrule it with --as one.": dict.fromkeys(("a.py", "b.py", "c.py"), ALL),
    "4 of its files and folders define softmax, so each is a submission of its own.": dict.fromkeys(("a.py", "b.py", "c.py", "d/e.py"), ALL),
}


@pytest.mark.parametrize(("why", "files", "is_class"), [
    *((why, files, False) for why, files in REASONS.items()), *((why, files, True) for why, files in REASONS_OF_A_CLASS.items())])
def test_each_choice_has_its_reason(tmp_path: Path, why: str, files: dict[str, str], is_class: bool) -> None:
    """A sentence that is true of what lies there, and says how to overrule what others might take otherwise."""
    assert looks_like_a_class(put(tmp_path / "hw", files), A1) == (is_class, why)


def test_what_a_run_has_written_is_no_class(tmp_path: Path) -> None:
    """It holds archives of feedback and of sources; near miss: a class that was graded into its own folder."""
    run = put(tmp_path / "run", {"run.sqlite": "", "index.html": "", "reports/a.html": "", "canvas-feedback.zip": "", "similarity/x/a.py": SOFTMAX})
    with pytest.raises(UsageError, match=r"this is what grading a class has written\. Name the folder of the class; or give `grade rejudge"):
        looks_like_a_class(run, A1)
    put(run, {"alice.py": ALL, "bob.py": ALL})
    assert looks_like_a_class(run, A1)[0]
