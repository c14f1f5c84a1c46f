"""Starters: legible Python that earns nothing, and earns a function's items when that function is written."""

import ast
import json
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.files import write_new
from grader.authoring.skeleton import Surroundings, function_source, module_source
from grader.authoring.start import FORMS, _form, forms, handed_out, readme, starter
from grader.core.audience import Visibility
from grader.core.errors import UsageError
from grader.core.interface import ArraySpec, ConstantSpec, FunctionSpec, Param, Result, StandInSpec
from grader.core.report import GradeReport
from grader.core.verdict import Outcome
from grader.course import Assignment
from grader.grading import grade
from grader.runner.forkserver import ForkServer
from grader.submission import open_submission
from tests.authoring.conftest import ROOT

SOLVED = (ROOT / "submissions_example/cs224n_a1/right_vectorised.py").read_text("utf-8")


@pytest.fixture(params=list(FORMS))
def started(request: pytest.FixtureRequest, tmp_path: Path, assignment: Assignment) -> Path:
    """What a student hands in who was given a starter of this form: a file, a notebook, or the folder."""
    write_new(tmp_path / "hw", starter(assignment, request.param))
    return tmp_path / "hw" / {"file": "submit.py", "folder": "", "notebook": "submit.ipynb"}[request.param]


def graded(path: Path, assignment: Assignment, runner: ForkServer) -> GradeReport:
    return grade(assignment, open_submission(path), runner)[0]


def test_a_fresh_starter_earns_nothing_and_is_not_blamed(started: Path, assignment: Assignment, runner: ForkServer) -> None:
    """Every item is not attempted: none is wrong, blocked or ungraded."""
    report = graded(started, assignment, runner)
    assert {i.verdict.outcome for i in report.items} == {Outcome.NOT_ATTEMPTED}
    assert len(report.items) == len(assignment.rubric.items)
    assert report.earned == 0


def solved(function: str) -> str:
    """A right function, with everything of that solution that is no function of the assignment."""
    tree = ast.parse(SOLVED)
    return next(ast.get_source_segment(SOLVED, n) or "" for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == function)


def filled_in(text: str, function: str) -> str:
    """A module with one stub replaced, as a student would."""
    stub = next(n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == function)
    lines = text.splitlines()
    return "\n".join([*lines[: stub.lineno - 1], solved(function), *lines[stub.end_lineno :], ""])


ITEMS_OF = {
    "softmax": {"softmax.values", "softmax.shift", "softmax.rows", "softmax.probabilities", "softmax.stability"},
    "sigmoid_grad": {"sigmoid_grad.values"},
    "normalizeRows": {"normalize.values"},
    "forward_backward_prop": {"neural.delta", "neural.cost", "neural.shapes", "neural.gradient", "neural.purity"},
    "softmaxCostAndGradient": {"softmaxcost.cost", "softmaxcost.predicted", "softmaxcost.outputs"},
    "cbow": {"cbow.sum"},
    "sgd": {"sgd.steps", "sgd.postprocessing", "sgd.annealing"},
}


@pytest.mark.parametrize("function", ITEMS_OF)
@pytest.mark.parametrize("form", ["file", "folder"])
def test_one_function_written_earns_its_items_and_no_other(
    form: str, function: str, tmp_path: Path, assignment: Assignment, runner: ForkServer
) -> None:
    """Though it calls others that are stubs still: the course's own stand in for them."""
    write_new(tmp_path, starter(assignment, form))
    module = "submit" if form == "file" else assignment.interface.function(function).module
    file = tmp_path / f"{module}.py"
    file.write_text(filled_in(file.read_text("utf-8"), function), "utf-8")
    report = graded(file if form == "file" else tmp_path, assignment, runner)
    assert {i.id for i in report.items if i.verdict.credit == 1} == ITEMS_OF[function]
    assert {i.verdict.outcome for i in report.items if i.id not in ITEMS_OF[function]} == {Outcome.NOT_ATTEMPTED}
    assert report.earned == sum((i.points for i in assignment.rubric.items if i.id in ITEMS_OF[function]), Fraction(0))


def test_one_cell_written_earns_its_items(tmp_path: Path, assignment: Assignment, runner: ForkServer) -> None:
    """The same in a notebook."""
    notebook = json.loads(starter(assignment, "notebook")["submit.ipynb"])
    cell = next(c for c in notebook["cells"] if c["id"].endswith("-softmax"))
    cell["source"] = filled_in("".join(cell["source"]), "softmax")
    (tmp_path / "submit.ipynb").write_text(json.dumps(notebook))
    report = graded(tmp_path / "submit.ipynb", assignment, runner)
    assert {i.id for i in report.items if i.verdict.credit == 1} == ITEMS_OF["softmax"]


@pytest.mark.parametrize("command", [
    ["check", "--select", "E,F,W,I,D", "--ignore", "D401", "--config", "line-length=88", "--config", 'lint.pydocstyle.convention="numpy"'],
    ["format", "--check", "--diff"],
], ids=lambda c: c[0])
def test_what_students_are_given_is_clean(command: list[str], started: Path) -> None:
    """Pyflakes, pycodestyle at 88 columns, numpydoc's docstrings, black's layout."""
    here = sorted([*started.glob("q*.py")]) if started.is_dir() else [started]
    done = subprocess.run([sys.executable, "-m", "ruff", command[0], "--isolated", *command[1:], *here], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_notebook_is_one_by_its_written_rules_and_the_same_each_time(assignment: Assignment) -> None:
    """Version 4.5: ids of letters, digits and hyphens, none twice; code cells with outputs and a count; the same bytes again."""
    text = starter(assignment, "notebook")["submit.ipynb"]
    notebook = json.loads(text)
    ids = [c["id"] for c in notebook["cells"]]
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", i) for i in ids)
    assert len(set(ids)) == len(ids) == 2 + len(assignment.interface.functions)
    assert all((c["outputs"], c["execution_count"]) == ([], None) for c in notebook["cells"] if c["cell_type"] == "code")
    assert starter(assignment, "notebook")["submit.ipynb"] == text


# ---- what the docstrings say -----------------------------------------------------------------------------------------


def text_of(assignment: Assignment, function: str) -> str:
    """A function's starter in one line."""
    return " ".join(function_source(assignment.interface.function(function), Surroundings(forms=forms(assignment))).split())


SAYS = [
    ("softmax", "x : (N, D) float ndarray Real numbers. May also be a vector (D,) or an array of ints. May be changed in place."),
    ("sigmoid", "def sigmoid(x: np.ndarray | float) -> np.ndarray | float:"),
    ("forward_backward_prop", "labels : (N, Dy) float ndarray One 1 in each row, all else 0."),
    ("forward_backward_prop", "Holds W1 (Dx, H), b1 (1, H), W2 (H, Dy) and b2 (1, Dy), row by row, one after the other."),
    ("forward_backward_prop", "dimensions : list of int [Dx, H, Dy]."),
    ("forward_backward_prop", "It can call your own softmax, sigmoid and sigmoid_grad."),
    ("softmaxCostAndGradient", "target : int From 0 to V - 1."),
    ("softmaxCostAndGradient", "dataset.sampleTokenIdx() returns the index of a random word, from 0 to V - 1."),
    ("negSamplingCostAndGradient", "K : int At least 1."),
    ("skipgram", "C : int The C of contextWords."),
    ("skipgram", "its gradient for predicted (D,) and its gradient for outputVectors (V, D). It may be any such function."),
    ("gradcheck_naive", "f(x) returns a cost, a float, and its gradient, shaped like x."),
    ("gradcheck_naive", "-> None:"),
    ("sgd", "postprocessing=None, useSaved: bool = False, PRINT_EVERY: int = 1000,"),
    ("sgd", "May also be a plain number or a matrix."),
]


@pytest.mark.parametrize(("function", "says"), SAYS)
def test_a_docstring_says_what_goes_in_and_what_comes_out(assignment: Assignment, function: str, says: str) -> None:
    """Shapes in the handout's letters, domains, stand-ins as what they are."""
    assert says in text_of(assignment, function)


def test_nothing_is_said_of_what_only_hidden_items_ask(assignment: Assignment) -> None:
    """With softmax.values hidden, nobody reads of ints; its title and points are not in the README, only that there is one more."""
    items = tuple(i.model_copy(update={"visibility": Visibility.AFTER_DUE_DATE}) if i.id == "softmax.values" else i for i in assignment.rubric.items)
    hiding = replace(assignment, rubric=assignment.rubric.model_copy(update={"items": items}))
    assert "ints" in text_of(assignment, "softmax")
    assert "ints" not in text_of(hiding, "softmax")
    text = readme(hiding, "file", ["submit.py"])
    assert "softmax.values" not in text
    assert "row by row |" not in text
    assert "31 items, 96 points." in text
    assert text.endswith("1 further item is graded later, and not listed here.\n")


def test_a_vector_for_a_matrix_has_the_length_of_a_row() -> None:
    """Brackets of the size stay."""
    assert _form(ArraySpec(shape="N (D+1)*(H+1)"), np.zeros(3)) == "a vector ((D + 1)*(H + 1),)"
    assert _form(ArraySpec(shape="N D"), np.zeros((2, 3))) == ""


def test_a_rubric_that_is_all_hidden_gives_nothing_away(assignment: Assignment) -> None:
    """No item, no example of one; still how to run it."""
    items = tuple(i.model_copy(update={"visibility": Visibility.HIDDEN}) for i in assignment.rubric.items)
    hiding = replace(assignment, rubric=assignment.rubric.model_copy(update={"items": items}))
    everything = "\n".join(starter(hiding, "folder").values())
    assert [i.id for i in items if i.id in everything or i.title in everything] == []
    assert "0 items, 0 points." in everything
    assert "32 further items are graded later, and not listed here." in everything
    assert forms(hiding) == {}


def test_the_readme_lists_each_item(assignment: Assignment) -> None:
    """Section, title, points, id; and what to type."""
    text = readme(assignment, "folder", ["q1_softmax.py"])
    assert "| 2c Neural network | the gradients of W1, b1, W2 and b2 | 12 | `neural.gradient` |" in text
    assert "| sgd takes the steps x - step \\* gradient |" in text
    assert "\n    grade .\n    grade . --item softmax.values\n" in text
    assert "further" not in text


def test_support_is_handed_out_unless_it_holds_the_answers(assignment: Assignment) -> None:
    """helpers.py has a softmax in it; the package utils has none."""
    assert {s.name for s in handed_out(assignment)} == {"utils", "utils.glove", "utils.treebank"}
    assert not any("helpers" in name or "helpers" in text for name, text in starter(assignment, "folder").items())


def test_a_strange_interface_still_gives_python() -> None:
    """Quotes and backslashes in a summary; a default before an argument without one; no arrays, so no import."""
    odd = FunctionSpec(
        name="f", module="m", summary='It says """hello\\n""" and "bye"',
        params=(Param(name="flag", spec=ConstantSpec(value=True)), Param(name="f", spec=StandInSpec(name="objective", size="3"))))
    text = module_source('Title """ with \\', [odd], Surroundings())
    assert "import" not in text
    assert "def f(flag: bool, f) -> None:" in text
    compile(text, "m.py", "exec")


def test_a_number_is_no_array() -> None:
    """A scalar is a float, an int array an int array."""
    f = FunctionSpec(name="f", module="m", params=(Param(name="y", spec=ArraySpec(shape="N", dtype="int", domain="labels", below="10")),),
                     returns=(Result(name="cost", spec=ArraySpec()),))
    text = function_source(f, Surroundings())
    assert "def f(y: np.ndarray) -> float:" in text
    assert "y : (N,) int ndarray\n        Whole numbers from 0 to 9." in text


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """One of three files is there: it is named, it stays, and the others are not written."""
    (tmp_path / "b.py").write_text("mine")
    with pytest.raises(UsageError, match=r"b\.py: this exists, and is not written over\. Move it away, or name another folder with --out\."):
        write_new(tmp_path, {"a.py": "1", "b.py": "2", "c/d.py": "3"})
    assert [p.name for p in tmp_path.iterdir()] == ["b.py"]
    assert (tmp_path / "b.py").read_text() == "mine"


def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path) -> None:
    """Not a traceback."""
    (tmp_path / "hw").write_text("")
    with pytest.raises(UsageError, match="it cannot be written"):
        write_new(tmp_path / "hw", {"a.py": "1"})


def test_a_place_that_cannot_be_is_said(tmp_path: Path) -> None:
    """A name that no file system takes is the caller's mistake, not the machine's."""
    with pytest.raises(UsageError, match="it cannot be written"):
        write_new(tmp_path / ("n" * 300), {"a.py": "1"})


def test_what_cannot_be_written_whole_is_not_begun(tmp_path: Path) -> None:
    """A full disk, say: what was written before is taken away again, so that the same command can be given once more."""
    with pytest.raises(UsageError, match=r"a\.py.b\.py: it cannot be written"):
        write_new(tmp_path, {"a.py": "1", "a.py/b.py": "2"})
    assert list(tmp_path.iterdir()) == []
