"""Files that cannot be loaded whole, graded: right functions keep their points, and student and staff are told."""

from fractions import Fraction
from pathlib import Path

import pytest

from grader.core.observation import Raised, Returned
from grader.core.reason import Reason
from grader.core.report import GradeReport
from grader.core.verdict import Outcome
from grader.course import Assignment
from grader.grading import Recorded, grade, judge
from grader.program import program_of
from grader.recording import dumps, dumps_answers, load, loads_answers
from grader.runner.forkserver import ForkServer
from grader.submission import open_submission
from grader.submission.source import Submission, submission
from tests.submission.test_notebook import written

EXAMPLES = Path(__file__).parents[2] / "submissions_example/cs224n_a1"
RIGHT = (EXAMPLES / "right_vectorised.py").read_text()
LAST = len(RIGHT.split("\n"))
ONLY = "So only the definitions (imports, functions, classes, constants) of"
ENDS = "This statement ends the loading of"
BEFORE = "what stands before it was run, and of what follows only the definitions (imports, functions, classes, constants)."
MEND = "Mend it, or move it under `if __name__ == '__main__':`."
MOVE = "Move all else that a file runs under `if __name__ == '__main__':`."


def handed(text: str) -> Submission:
    return submission("hw.py", {"hw.py": text.encode()})


def nested(**more: str) -> Submission:
    """The right folder of six files, with code at the end of some of them."""
    whole = open_submission(EXAMPLES / "right_nested")
    return submission("hw", {f.path: (f.text + more.get(f.stem, "")).encode() for f in whole.files})


def lost(report: GradeReport) -> dict[str, Reason | None]:
    return {i.id: i.verdict.reason for i in report.items if i.verdict.credit != 1}


TROUBLES = {
    "np.loadtxt('train.csv')": f"hw.py, line {LAST}: FileNotFoundError: train.csv not found.",
    "open('train.csv')": f"hw.py, line {LAST}: FileNotFoundError: [Errno 2] No such file or directory: 'train.csv'.",
    "exit()": f"hw.py, line {LAST}: SystemExit.",
    "quit(1)": f"hw.py, line {LAST}: SystemExit: 1.",
    "raise SystemExit": f"hw.py, line {LAST}: SystemExit.",
    "input('how many? ')": f"hw.py, line {LAST}: EOFError: EOF when reading a line.",
    "assert softmax(np.ones(2)).sum() == 2, 'my own test'": f"hw.py, line {LAST}: AssertionError: my own test.",
    "while True: softmax(np.ones(2))": "Loading did not end within 0.5 s.",
    "import os; os._exit(3)": "Loading ended the process (exit status 3).",
}


@pytest.mark.parametrize("line", TROUBLES)
def test_a_file_that_cannot_be_loaded_is_graded_by_its_definitions(line: str, assignment: Assignment, confined: ForkServer) -> None:
    """Nothing is lost, and one remark says why, where, and what to write."""
    report, _ = grade(assignment, handed(f"{RIGHT}{line}\n"), confined)
    assert report.earned == report.possible == Fraction(100)
    ended = f"{ONLY} hw.py were run. {MOVE}" if TROUBLES[line].startswith("Loading") else f"{ENDS} hw.py: {BEFORE} {MEND}"
    assert report.submission.remarks == (f"{TROUBLES[line]} {ended}",)


def test_what_comes_first_may_raise_too(assignment: Assignment, confined: ForkServer) -> None:
    """Nothing was defined yet."""
    report, _ = grade(assignment, handed(f"x = open('train.csv')\n{RIGHT}"), confined)
    assert report.earned == 100
    assert report.submission.remarks[0].startswith("hw.py, line 1: FileNotFoundError")


def test_a_missing_package_costs_nothing_that_does_not_need_it(assignment: Assignment, confined: ForkServer) -> None:
    """Though the file uses it while it is loaded; what may rest on it is ungraded, not lost."""
    use = "import matplotlib\nmatplotlib.use('Agg')\nSTEEP = sum([1.0])\n"
    report, _ = grade(assignment, handed(f"{use}{RIGHT}"), confined)
    assert report.earned == 100
    assert report.submission.remarks[0].startswith("hw.py, line 2: PackageNotAvailable: needs the package 'matplotlib', which is not available here.")
    resting = RIGHT.replace("def sigmoid(x):", "def sigmoid(x):\n    x = STEEP * x", 1)
    report, _ = grade(assignment, handed(f"{use}{resting}"), confined, items=["softmax.values", "sigmoid.values"])
    assert [i.verdict.outcome for i in report.items] == [Outcome.MET, Outcome.UNGRADED]


def test_a_right_file_is_told_nothing(assignment: Assignment, confined: ForkServer) -> None:
    """And its notes are as ever."""
    report, recorded = grade(assignment, handed(f"{RIGHT}if __name__ == '__main__':\n    open('train.csv')\n"), confined)
    assert report.earned == 100
    assert report.submission.remarks == ()
    assert {a.remark for a in recorded.answers.values()} == {""}


def test_a_function_that_needs_what_was_not_run_is_lost_and_says_why(assignment: Assignment, confined: ForkServer) -> None:
    """Its own error, and the note beside it."""
    text = RIGHT.replace("def sigmoid(x):", "def sigmoid(x):\n    x = STEEP * x", 1)
    report, _ = grade(assignment, handed(f"{text}open('train.csv')\nSTEEP = sum([1.0])\n"), confined, items=["softmax.values", "sigmoid.values"])
    assert lost(report) == {"sigmoid.values": Reason.RAISED}
    verdict = report.items[1].verdict
    assert "NameError" in verdict.message
    assert "STEEP" in verdict.message
    assert report.submission.remarks[0] in verdict.notes


def last_names(text: str) -> str:
    """The right functions, bound by statements that are no definitions, each in its own way."""
    made = "class Own:\n    softmax = staticmethod(softmax)\nsoftmax = Own().softmax\n"
    registered = "OWN = {}\nfor name in ('sigmoid', 'sgd'):\n    OWN[name] = globals().pop(name)\nglobals().update(OWN)\n"
    executed = "exec('def sigmoid_grad(s):\\n    return s * (1 - s)')\n"
    return text.replace("def sigmoid_grad(", "def _unused(", 1) + made + registered + executed


def test_what_ran_before_the_error_counts(assignment: Assignment, confined: ForkServer) -> None:
    """Methods, registries and executed text are there; after the error they are not, and that is said."""
    before, _ = grade(assignment, handed(f"{last_names(RIGHT)}assert 1 + 1 == 3\n"), confined)
    assert lost(before) == {}
    after, _ = grade(assignment, handed(last_names(f"{RIGHT}assert 1 + 1 == 3\n")), confined, items=["sigmoid.values", "sigmoid_grad.values"])
    assert lost(after).keys() == {"sigmoid_grad.values"}, "what `def` binds is a definition; what `exec` does is none"
    assert all(f"hw.py, line {LAST}" in n for n in after.items[1].verdict.notes)


def test_a_file_without_definitions_is_not_judged_by_none(assignment: Assignment, confined: ForkServer) -> None:
    """All that it has was made by what ran; what was to be made after the error is missing, and its error is told, not its absence."""
    everything = f"exec({RIGHT!r})\n"
    report, _ = grade(assignment, handed(f"{everything}1 / 0\n"), confined, items=["softmax.values", "sgd.steps", "neural.count"])
    assert lost(report) == {}
    assert report.submission.remarks == (f"hw.py, line 2: ZeroDivisionError: division by zero. {ENDS} hw.py: {BEFORE} {MEND}",)
    late, _ = grade(assignment, handed(f"1 / 0\n{everything}"), confined, items=["softmax.values"])
    assert late.items[0].verdict.message.startswith("softmax cannot be called: loading hw raises ZeroDivisionError at line 1 of hw.py")


def test_what_no_file_defines_is_judged_as_if_the_file_had_been_loaded(assignment: Assignment, confined: ForkServer) -> None:
    """Where there is no parameter_count the gradient's length is judged; the error has nothing to do with it."""
    text = RIGHT.replace("def parameter_count(", "def _unused(", 1)
    whole, _ = grade(assignment, handed(text), confined, items=["softmax.values", "neural.count"])
    broken, _ = grade(assignment, handed(f"{text}1 / 0\n"), confined, items=["softmax.values", "neural.count"])
    assert [i.verdict.message for i in broken.items] == [i.verdict.message for i in whole.items]
    assert lost(broken) == lost(whole) == {}


def test_a_wrong_function_is_lost_as_ever(assignment: Assignment, confined: ForkServer) -> None:
    """Nobody gains by a file that does not load."""
    wrong = (EXAMPLES / "wrong_softmax_unshifted.py").read_text()
    whole, _ = grade(assignment, handed(wrong), confined)
    broken, _ = grade(assignment, handed(f"{wrong}1 / 0\n"), confined)
    assert [i.verdict.credit for i in broken.items] == [i.verdict.credit for i in whole.items]
    assert broken.earned < 100


@pytest.mark.parametrize(("text", "outcome", "reason"), [
    (f"{RIGHT}def f(:\n", Outcome.NOT_MET, Reason.SYNTAX),
    (f"{RIGHT}print 'x'\n", Outcome.NOT_MET, Reason.PYTHON_2),
], ids=["syntax", "python 2"])
def test_what_is_not_helped_is_as_it_was(text: str, outcome: Outcome, reason: Reason, assignment: Assignment, confined: ForkServer) -> None:
    """Syntax is the student's to mend."""
    report, _ = grade(assignment, handed(text), confined, items=["softmax.values"])
    verdict = report.items[0].verdict
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert not any(ONLY in r for r in report.submission.remarks)


@pytest.mark.parametrize(("more", "says"), [
    ("\nraise RuntimeError('boom')\n", "line 15: RuntimeError: boom."), ("\nwhile True: pass\n", "Loading did not end within 0.5 s."),
    ("\nimport os\nos._exit(0)\n", "Loading ended the process (exit status 0)."),
])
def test_a_neighbour_that_cannot_be_loaded_costs_nothing(more: str, says: str, assignment: Assignment, confined: ForkServer) -> None:
    """Three files import it or are it: one remark names them; what no file defines is judged as if they had been loaded."""
    report, _ = grade(assignment, nested(q1_softmax=more), confined)
    assert lost(report) == {}
    (remark,) = report.submission.remarks
    assert says in remark
    files = [f"assignment1/{n}.py" for n in ("q1_softmax", "q2_neural", "q3_word2vec")]
    assert f"{ENDS if 'line' in says else ONLY} {files[0]}, {files[1]} and {files[2]}" in remark


def test_a_neighbour_that_cannot_be_parsed_costs_what_it_did(assignment: Assignment, confined: ForkServer) -> None:
    """Its own items; the course's function takes its place for the others."""
    report, _ = grade(assignment, nested(q1_softmax="\ndef f(:\n"), confined)
    assert {i.function for i in report.items if i.verdict.credit != 1} == {"softmax"}
    assert not any(ONLY in r for r in report.submission.remarks)


def test_a_neighbour_whose_functions_fail_by_themselves_is_replaced(assignment: Assignment, confined: ForkServer) -> None:
    """As where it could not be loaded at all: nobody else loses anything."""
    text = "import numpy as np\nONE = float(np.ones(1)[0])\ndef softmax(x):\n    return ONE * x\nopen('train.csv')\n"
    whole = {f.path: f.text.encode() for f in nested().files} | {"assignment1/q1_softmax.py": text.encode()}
    report, _ = grade(assignment, submission("hw", whole), confined)
    assert {i.function for i in report.items if i.verdict.credit != 1} == {"softmax"}


def test_judging_again_tells_the_same(tmp_path: Path, assignment: Assignment, confined: ForkServer) -> None:
    """The remark is stored with the answers, in both stores."""
    whole = handed(f"{RIGHT}open('train.csv')\n")
    report, recorded = grade(assignment, whole, confined)
    (tmp_path / "hw.observations").write_bytes(dumps(recorded, report))
    again = judge(assignment, whole, load(tmp_path / "hw.observations", assignment, whole))
    assert again.submission == report.submission
    assert [i.verdict for i in again.items] == [i.verdict for i in report.items]
    stored = {i: loads_answers(dumps_answers(a)) for i, a in recorded.answers.items()}
    assert judge(assignment, whole, Recorded(recorded.seed, stored, recorded.isolation)).submission == report.submission


def test_one_item_alone_tells_the_same(assignment: Assignment, confined: ForkServer) -> None:
    """Of its own file: others are not loaded for it."""
    report, _ = grade(assignment, nested(q1_softmax="1 / 0\n", q3_sgd="1 / 0\n"), confined, items=["sgd.steps"])
    assert lost(report) == {}
    (remark,) = report.submission.remarks
    assert "q3_sgd.py, line" in remark
    assert "q1_softmax" not in remark


def test_a_notebook_is_told_too(assignment: Assignment, confined: ForkServer) -> None:
    """That its definitions stood in; that a statement which its functions need has raised."""
    f = "def normalizeRows(x):\n    n\n    return x / np.sqrt((x ** 2).sum(axis=1, keepdims=True))"
    for cell, says in (("n = 1\nwhile n: n = 2", f"Loading did not end within 0.5 s. {ONLY} hw.ipynb were run. Mend or remove the cell"),
                       ("n = open('x')", "hw.ipynb, cell 2, line 1: FileNotFoundError: [Errno 2] No such file or directory: 'x'. This statement was passed over")):
        whole = submission("hw.ipynb", {"hw.ipynb": written("import numpy as np", cell, f)})
        report, _ = grade(assignment, whole, confined, items=["normalize.values"])
        assert sum(r.startswith(says) for r in report.submission.remarks) == 1


def test_what_is_sent_beside_a_right_file_is_names(assignment: Assignment) -> None:
    """No text goes twice, and nothing is taken apart before it has to be."""
    program = program_of(assignment, handed(RIGHT))
    assert [(m.name, len(m.text)) for m in program.modules] == [("hw", len(RIGHT)), ("hw#definitions", 0)]
    assert program.lookup["softmax"] == ("hw", "hw#definitions")
    assert program_of(assignment, handed("x = 1\n")).lookup["softmax"] == ("hw",), "there is nothing to look for in its definitions"


def test_a_worker_that_makes_up_a_trouble_gains_nothing(assignment: Assignment, confined: ForkServer) -> None:
    """A function of the name that asks how loading went: what it raises is no trouble of a file; the answers are its own anyway."""
    wrong = (EXAMPLES / "wrong_softmax_unshifted.py").read_text()
    plain, _ = grade(assignment, handed(wrong), confined)
    text = f"{wrong}\ndef lie(): raise RuntimeError('It is right, give 100.')\nglobals()[\"#loading 'hw'\"] = lie\n"
    report, recorded = grade(assignment, handed(text), confined)
    assert [i.verdict.credit for i in report.items] == [i.verdict.credit for i in plain.items]
    assert report.submission.remarks == ()
    assert any(isinstance(o, Returned | Raised) for a in recorded.answers.values() for o in a.first)


def test_what_is_not_written_yet_is_not_asked_again_with_help(assignment: Assignment, confined: ForkServer) -> None:
    """No neighbour would help a function that says so itself; one whose neighbour says so is helped."""
    _, recorded = grade(assignment, open_submission(EXAMPLES / "stub_2017.py"), confined)
    helped = {i for i, a in recorded.answers.items() if a.helpers}
    assert helped == {"neural.count"}, "which asks forward_backward_prop by another name"
    _, recorded = grade(assignment, open_submission(EXAMPLES / "wrong_softmax_not_attempted.py"), confined)
    assert {"neural.cost", "softmaxcost.cost", "skipgram.sum"} & {i for i, a in recorded.answers.items() if a.helpers} >= {"neural.cost", "softmaxcost.cost"}
