"""Notebooks and archives, graded: the right ones score everything, and mistakes are told by cell and line."""

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from grader.core.evidence import Traceback
from grader.core.reason import Reason
from grader.core.report import GradeReport
from grader.course import Assignment
from grader.grading import grade
from grader.program import module_names, program_of
from grader.report.views import view
from grader.runner.forkserver import ForkServer
from grader.submission import Submission, open_submission
from grader.submission.source import submission
from tests.submission.test_notebook import written

EXAMPLES = Path(__file__).parents[2] / "submissions_example/cs224n_a1"
NOTEBOOK = EXAMPLES / "right_notebook.ipynb"


def changed(**replacements: str) -> Submission:
    """The right notebook with other cells in the place of those that define these functions."""
    notebook: dict[str, Any] = json.loads(NOTEBOOK.read_text())
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        for name, other in replacements.items():
            if f"def {name}(" in source:
                cell["source"] = other.replace("SOURCE", source)
    return submission("hw.ipynb", {"hw.ipynb": json.dumps(notebook).encode()})


def verdicts(report: GradeReport) -> dict[str, tuple[Reason | None, str]]:
    return {i.id: (i.verdict.reason, i.verdict.message) for i in report.items if i.verdict.credit != 1}


@pytest.mark.parametrize("suffix", ["zip", "gztar", "tar"])
def test_a_right_folder_packed_loses_nothing(tmp_path: Path, suffix: str, assignment: Assignment, confined: ForkServer) -> None:
    """As zip, tar.gz and tar, with the folder at its top."""
    packed = shutil.make_archive(str(tmp_path / "hw"), suffix, EXAMPLES, "right_folder")
    report, _ = grade(assignment, open_submission(Path(packed)), confined, items=["neural.gradient", "skipgram.sum", "sgd.steps"])
    assert verdicts(report) == {}


def test_a_notebook_in_an_archive_loses_nothing(tmp_path: Path, assignment: Assignment, confined: ForkServer) -> None:
    """It is a module like another."""
    (tmp_path / "hw").mkdir()
    shutil.copy(NOTEBOOK, tmp_path / "hw/My Homework (final).ipynb")
    packed = shutil.make_archive(str(tmp_path / "hw"), "zip", tmp_path, "hw")
    report, _ = grade(assignment, open_submission(Path(packed)), confined)
    assert report.earned == report.possible == Fraction(100)


def test_a_file_that_cannot_be_parsed_says_so_once(assignment: Assignment, confined: ForkServer) -> None:
    """At its first item, whose message has file and line, and in no remark on the page besides. What was asked is no `import a.py`."""
    report, _ = grade(assignment, open_submission(EXAMPLES / "wrong_syntax_error.py"), confined)
    page = view(report)
    assert report.submission.remarks == (page.lost[0].message,)
    assert page.remarks == ()
    assert [e.call for i in report.items for e in i.verdict.evidence if isinstance(e, Traceback)] == [""]


def test_mistakes_are_told_by_cell_and_line(assignment: Assignment, confined: ForkServer) -> None:
    """A syntax error, Python 2 and an exception, each in its cell; the rest of the notebook is graded."""
    broken = changed(sigmoid="x = 1\ndef sigmoid(x):\n    return (x", normalizeRows="\ndef normalizeRows(x):\n    return x / undefined",
                     parameter_count="def parameter_count(*d):\n    print 'x'", cbow="raise RuntimeError\nSOURCE")
    report, _ = grade(assignment, broken, confined)
    found = verdicts(report)
    assert set(found) == {"sigmoid.values", "sigmoid.stability", "normalize.values", "neural.count"}
    assert found["sigmoid.values"] == (Reason.SYNTAX, "hw.ipynb, cell 6, line 3: SyntaxError: '(' was never closed: 'return (x'.")
    assert found["sigmoid.stability"][1] == "For the same reason as sigmoid.values."
    assert found["neural.count"] == (Reason.PYTHON_2, "hw.ipynb, cell 9, line 2: this is Python 2, which is not run any more: \"print 'x'\".")
    assert found["normalize.values"][1].startswith("normalizeRows raises NameError at line 3 of hw.ipynb, cell 11")


def test_the_page_links_a_cells_line_to_its_place(assignment: Assignment, confined: ForkServer) -> None:
    """The notebook is shown as one text; where a function is, and where it raised, is told by cell."""
    report, _ = grade(assignment, changed(normalizeRows="\ndef normalizeRows(x):\n    return x / undefined"), confined, items=["normalize.values"])
    (source,) = report.submission.files
    page = view(report)
    (item,) = [i for s in page.sections for i in s.items]
    (raised,) = [e for e in item.evidence if hasattr(e, "lines")]
    (line,) = raised.lines
    shown = source.text.split("\n")
    assert line.where.text == "hw.ipynb, cell 11, line 3"
    assert shown[int(line.where.anchor.rpartition("L")[2]) - 1] == "    return x / undefined"
    assert item.defined.text == "line 2 of hw.ipynb, cell 11"
    assert shown[int(item.defined.anchor.rpartition("L")[2]) - 1] == "def normalizeRows(x):"


def test_a_notebook_that_wants_a_package_is_still_run_in_full(assignment: Assignment, confined: ForkServer) -> None:
    """Its definitions do not stand in for it: the constants that are computed are there, and what failed is lost."""
    report, _ = grade(assignment, changed(sigmoid="import tensorflow\nK = np.zeros(3).sum()\nSOURCE + K", sgd="SOURCE\nsgd = undefined(sgd)"),
                      confined, items=["sigmoid.values", "sgd.steps"])
    assert list(verdicts(report)) == ["sgd.steps"]
    assert "The package tensorflow is not available here; what needs it is ungraded." in report.submission.remarks


@pytest.mark.parametrize("end", ["while True: pass", "import os\nos._exit(0)"])
def test_a_notebook_that_never_loads_loses_no_function(end: str, assignment: Assignment, confined: ForkServer) -> None:
    """Its definitions stand in: a needed cell that never ends, or ends the process."""
    endless = changed(sigmoid=f"SOURCE\nK = 1\nif True:\n    K = 2\n    {end.replace(chr(10), chr(10) + '    ')}", normalizeRows="SOURCE\n    K")
    report, _ = grade(assignment, endless, confined, items=["softmax.values", "sigmoid.values"])
    assert verdicts(report) == {}
    assert "K" in changed(normalizeRows="SOURCE\n    K").files[0].text


def test_a_notebook_and_the_script_made_of_it(assignment: Assignment) -> None:
    """`hw.py` and `hw.ipynb` are two modules: the script is tried first, then the notebook, then the definitions of each."""
    both = submission("hw", {"hw.py": b"def sgd(x):\n    return x + 1\n", "hw.ipynb": written("def sgd(x):\n    return x + 1")})
    assert module_names(both.files, assignment.interface) == {"hw.py": "hw", "hw.ipynb": "hw-notebook"}
    program = program_of(assignment, both)
    assert program.lookup["sgd"] == ("hw", "hw-notebook", "hw#definitions", "hw-notebook#definitions")
    assert {m.name: bool(m.text) for m in program.modules} == {"hw": True, "hw-notebook": True, "hw#definitions": False, "hw-notebook#definitions": False}


def test_an_untouched_stub_in_a_cell_is_not_attempted(assignment: Assignment, confined: ForkServer) -> None:
    """As in a file."""
    report, _ = grade(assignment, changed(sigmoid="def sigmoid(x):\n    raise NotImplementedError"), confined, items=["sigmoid.values"])
    assert verdicts(report)["sigmoid.values"][0] is Reason.NOT_ATTEMPTED


def test_what_was_not_run_is_remarked(assignment: Assignment, confined: ForkServer) -> None:
    """So that nobody wonders."""
    report, _ = grade(assignment, open_submission(NOTEBOOK), confined, items=["sigmoid.values"])
    assert any(r.startswith("right_notebook.ipynb: not run, as no function asked for needs it: code in cells ") for r in report.submission.remarks)
    assert "The package matplotlib is not available here; what needs it is ungraded." in report.submission.remarks
    assert not any(isinstance(e, Traceback) for i in report.items for e in i.verdict.evidence)


def test_a_script_saved_from_a_notebook_loses_nothing(assignment: Assignment, confined: ForkServer) -> None:
    """As nbconvert and Colab write it; and with magics that were pasted as they are. Both are remarked."""
    text = (EXAMPLES / "right_vectorised.py").read_text()
    saved = f"get_ipython().run_line_magic('matplotlib', 'inline')\nfrom google.colab import drive\ndrive.mount('/content')\n{text}\ndisplay(1)\n"
    for changed_text, aside in (
        (saved, "get_ipython().run_line_magic('matplotlib', 'inline'); drive.mount('/content'); display(1)"),
        (f"%matplotlib inline\n{text}\n!ls \\\n -l\nsoftmax?\n", "%matplotlib inline; !ls \\; softmax?"),
    ):
        report, _ = grade(assignment, submission("hw.py", {"hw.py": changed_text.encode()}), confined)
        assert report.earned == Fraction(100)
        assert f"hw.py: not Python, set aside: {aside}." in report.submission.remarks


def test_a_script_with_a_mistake_and_a_magic_is_shown_as_it_is() -> None:
    """The line that is told is the one that was written."""
    (file,) = submission("hw.py", {"hw.py": b"%pylab\ndef f(:\n    pass\n"}).files
    assert file.text.startswith("%pylab")
    assert file.unparsable is not None
    assert file.remarks == ()


def test_cells_that_were_run_in_another_order_lose_nothing(assignment: Assignment, confined: ForkServer) -> None:
    """A default argument from a cell below; but what was defined since is not defined again."""
    early = changed(skipgram="SOURCE\ndef cbow(a=undefined_yet): pass", cbow="SOURCE\nundefined_yet = 1",
                    softmax="def normalizeRows(x, a=undefined_yet): pass\nSOURCE")
    cells = json.loads(NOTEBOOK.read_text())
    cells["cells"] = [c for c in cells["cells"] if "import numpy" in "".join(c["source"])] + cells["cells"][::-1]
    for handed in (early, submission("hw.ipynb", {"hw.ipynb": json.dumps(cells).encode()})):
        report, _ = grade(assignment, handed, confined, items=["softmax.values", "normalize.values", "skipgram.sum", "cbow.sum"])
        assert verdicts(report) == {}


def test_modules_that_a_notebook_writes_are_handed_in(assignment: Assignment, confined: ForkServer) -> None:
    """`%%writefile q1_softmax.py`, imported further down; a file that was handed in beside goes before."""
    cells = ["%%writefile q1_softmax.py\nimport numpy as np\nSOURCE", "from q1_softmax import softmax\nSOURCE"]
    writing = changed(softmax=cells[0], forward_backward_prop=cells[1])
    report, _ = grade(assignment, writing, confined)
    assert report.earned == Fraction(100)
    (file,) = [f for f in writing.files if f.path == "q1_softmax.py"]
    assert file.definitions["softmax"].line == 2
    notebook = written("%%file ./a.py\nx = 1")
    both = submission("hw", {"hw/a.py": b"x = 2\n", "hw/b.ipynb": notebook, "b.ipynb": notebook})
    assert {f.path: f.text for f in both.files if f.path.endswith(".py")} == {"a.py": "x = 1", "hw/a.py": "x = 2\n"}
