"""Mistakes of an author that show only when something is drawn, asked or answered: one line, and never a student's loss."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.core.errors import CourseError
from grader.core.reason import Reason
from grader.core.verdict import Outcome
from grader.course import Assignment, load_assignment, starters
from grader.grading import grade
from grader.submission.source import submission
from tests.grading.conftest import InProcess

Edit = Callable[[Path, str, str, str], None]
RIGHT = "def double(x): return 2 * x\n"
WRONG = "def double(x): return 3 * x\n"
VALUES = 'check = { kind = "values", function = "double" }'
RETURNS = 'returns=(Result(name="y", spec=ArraySpec(shape="N")),)'
TWO = 'returns=(Result(name="y", spec=ArraySpec(shape="N")), Result(name="z", spec=ArraySpec()))'
LIKE = RETURNS.replace('shape="N"', 'like="x"')
SOLUTIONS, INTERFACE, RUBRIC = "reference/demo/solutions.py", "reference/demo/interface.py", "rubrics/demo.toml"


def graded(assignment: Assignment, text: str = RIGHT) -> list[Outcome]:
    """The outcome of each item."""
    report, _ = grade(assignment, submission("submit.py", {"submit.py": text.encode()}), InProcess())
    return [i.verdict.outcome for i in report.items]


def said(course: Path, text: str = RIGHT) -> str:
    """What the author reads, at the latest when a submission is graded."""
    with pytest.raises(CourseError) as caught:
        graded(load_assignment(course, "demo"), text)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{course}/", "")


def mistaken(answer: str, function: str = "double", more: str = "") -> str:
    """A misconceptions.py with one, which answers so."""
    return ("from grader.trial import Misconception\n"
            f"MISCONCEPTIONS = (Misconception('odd', {function!r}, 'You are odd.', 'Be even.', lambda x: {answer}),{more})\n")


def test_the_course_is_right_and_tells_right_from_wrong(course: Path) -> None:
    """Before anything is planted."""
    assignment = load_assignment(course, "demo")
    assert graded(assignment) == [Outcome.MET, Outcome.MET]
    assert graded(assignment, WRONG) == [Outcome.NOT_MET, Outcome.BLOCKED]


ANSWERS = "reference/demo/solutions.py, function double: "
MEND = " Mend the function, or `returns` in interface.py."
RAISES = "Mend it, or the dims and domains that the interface declares."
# name: (file, what is replaced by what, ..., what the author reads)
REFERENCE: dict[str, tuple[dict[tuple[str, str], str], str]] = {
    "it raises": (
        {(SOLUTIONS, "return 2 * x"): "return 2 * y"},
        f"{ANSWERS}it raises NameError: name 'y' is not defined, for N = 3. {RAISES}"),
    "it ends the process": (
        {(SOLUTIONS, "return 2 * x"): "raise SystemExit(0)"}, f"{ANSWERS}it raises SystemExit: 0, for N = 3. {RAISES}"),
    "it says so in two lines": (
        {(SOLUTIONS, "return 2 * x"): "raise ValueError('a\\nb')"}, f"{ANSWERS}it raises ValueError: a b, for N = 3. {RAISES}"),
    "another shape": (
        {(SOLUTIONS, "return 2 * x"): "return 2 * x[:, None]"},
        f"{ANSWERS}y: shape (3, 1), but should be (N,) = (3,).{MEND}"),
    "another shape than its argument's": (
        {(SOLUTIONS, "return 2 * x"): "return 2 * x[:, None]", (INTERFACE, RETURNS): LIKE},
        f"{ANSWERS}y: shape (3, 1), but should be (3,), as x.{MEND}"),
    "one result for two": (
        {(INTERFACE, RETURNS): TWO, (RUBRIC, VALUES): VALUES},
        f"{ANSWERS}it returns one result, of type ndarray, but should return 2: y, z.{MEND}"),
    "three results for two": (
        {(INTERFACE, RETURNS): TWO, (SOLUTIONS, "return 2 * x"): "return x, 1, 2"},
        f"{ANSWERS}it returns 3 results, but should return 2: y, z.{MEND}"),
    "nothing": (
        {(SOLUTIONS, "return 2 * x"): "2 * x"}, f"{ANSWERS}y is no array of numbers.{MEND}"),
    "words": (
        {(SOLUTIONS, "return 2 * x"): "return ['a'] * len(x)"}, f"{ANSWERS}y is no array of numbers.{MEND}"),
    "no finite number": (
        {(SOLUTIONS, "return 2 * x"): "return 2 * x / 0"}, f"{ANSWERS}y has NaN or infinity, for N = 3. {RAISES}"),
}


@pytest.mark.parametrize("name", REFERENCE)
def test_a_reference_that_answers_otherwise_than_declared(course: Path, edit: Edit, name: str) -> None:
    """Function, what it did, and where to mend it; a right submission is not judged by it."""
    changes, says = REFERENCE[name]
    for (file, old), new in changes.items():
        edit(course, file, old, new)
    assert said(course) == says


def test_a_shape_that_the_reference_has_not_is_no_shape_to_judge_by(course: Path, edit: Edit) -> None:
    """A rubric that asks for the shape alone never meets a value."""
    edit(course, RUBRIC, VALUES, VALUES.replace("values", "shape"))
    edit(course, SOLUTIONS, "2 * x", "x ** 2")
    squares = RIGHT.replace("2 * x", "x ** 2")
    assert graded(load_assignment(course, "demo"), squares) == [Outcome.MET, Outcome.MET]
    edit(course, INTERFACE, RETURNS, RETURNS.replace('"N"', '"N 1"'))
    assert said(course, squares) == f"{ANSWERS}y: shape (3,), but should be (N, 1) = (3, 1).{MEND}"


@pytest.mark.parametrize(("answer", "says"), [
    ("1 / 0", f"it raises ZeroDivisionError: division by zero, for N = 3. {RAISES}"),
    ("'odd'", f"y is no array of numbers.{MEND}"),
])
def test_a_misconception_that_fails_is_not_the_references_fault(course: Path, answer: str, says: str) -> None:
    """Its file and its id; it is met at the first wrong submission."""
    (course / "reference/demo/misconceptions.py").write_text(mistaken(answer))
    assert graded(load_assignment(course, "demo")) == [Outcome.MET, Outcome.MET]
    assert said(course, WRONG) == f"reference/demo/misconceptions.py, misconception odd: {says}"


@pytest.mark.parametrize("answer", ["x * float('inf')", "(x, x, x)"])
def test_a_misconception_may_be_infinite_or_of_another_shape(course: Path, answer: str) -> None:
    """As an exp that overflows is: it is what students compute."""
    (course / "reference/demo/misconceptions.py").write_text(mistaken(answer))
    assert graded(load_assignment(course, "demo"), WRONG)[0] is Outcome.NOT_MET


MISCONCEPTIONS = {
    "of an unknown function": (mistaken("x", "duoble"), "misconception odd: the interface declares no function 'duoble'. Write one of: double."),
    "twice": (
        mistaken("x", more="Misconception('odd', 'double', '', '', abs)"),
        "misconception odd: there are two of this id for double. Give each an id of its own."),
    "no misconception": (
        mistaken("x", more="'even'"), "MISCONCEPTIONS: 'even' is no misconception. Write Misconception(id, function, sentence, hint, answer)."),
    "no sentence": (
        mistaken("x", more="Misconception('even', 'double', 3, '', abs)"), "misconception even: its sentence is 3. Write text, in quotes."),
    "no function": (
        mistaken("x", more="Misconception('even', 'double', '', '', 3)"),
        "misconception even: its answer is 3. Write a function with the arguments and results of double."),
}


@pytest.mark.parametrize("name", MISCONCEPTIONS)
def test_a_misconception_that_can_explain_nothing_is_refused(course: Path, name: str) -> None:
    """When the course is loaded."""
    text, says = MISCONCEPTIONS[name]
    (course / "reference/demo/misconceptions.py").write_text(text)
    with pytest.raises(CourseError) as caught:
        load_assignment(course, "demo")
    assert str(caught.value) == f"reference/demo/misconceptions.py, {says}"


PLAN = "item double.values, field check: "
UNPLANNED: dict[str, tuple[dict[tuple[str, str], str], str]] = {
    "a relation of rows, asked of a number": (
        {(INTERFACE, RETURNS): LIKE,
         (RUBRIC, VALUES): ('check = { kind = "relation", function = "double", relation = "permutation_equivariance", '
                            'cases = [{ x = "scalar" }] }')},
        (f"{RUBRIC}, {PLAN}it cannot be put to the reference: IndexError: too many indices for array: array is 0-dimensional, but 1 were "
         "indexed. Mend its cases, or the dims and domains that interface.py declares.")),
    "a size that is fixed to what leaves nothing": (
        {(INTERFACE, '(shape="N")'): '(shape="N - 1")', (INTERFACE, RETURNS): LIKE, (INTERFACE, "low=2"): "low=3",
         (RUBRIC, VALUES): VALUES.replace("}", ", cases = [{ N = 1 }, { N = 0 }] }").replace("{ N = 0 }", "{ N = 2 }"),
         (INTERFACE, 'ArraySpec(shape="N - 1")'): 'ArraySpec(shape="N - 2")'},
        (f"{RUBRIC}, {PLAN}it cannot be put to the reference: ValueError: negative dimensions are not allowed. "
         "Mend its cases, or the dims and domains that interface.py declares.")),
}


@pytest.mark.parametrize("name", UNPLANNED)
def test_a_check_of_which_no_question_can_be_made(course: Path, edit: Edit, name: str) -> None:
    """Item and field; the same where the questions are only counted, as for a class."""
    changes, says = UNPLANNED[name]
    for (file, old), new in changes.items():
        edit(course, file, old, new)
    assert said(course) == says


def test_a_check_of_the_courses_own_that_fails_to_ask(course: Path, edit: Edit) -> None:
    """It is the author's, not ours."""
    (course / "reference/demo/checks.py").write_text('''
from typing import Literal
from grader.checks.base import Check
from grader.core.verdict import met

class EvenCheck(Check):
    kind: Literal["even"] = "even"
    def plan(self, trial):
        return tuple(c.prob for c in trial.cases(self.function))
    def judge(self, trial, observations, follow_up=()):
        return met()
''')
    edit(course, RUBRIC, 'kind = "values"', 'kind = "even"')
    assert said(course).startswith(f"{RUBRIC}, {PLAN}it cannot be put to the reference: AttributeError: 'Case' object has no attribute 'prob'")


# ---- files -----------------------------------------------------------------------------------------------------------

FILES: dict[str, tuple[str, bytes, str]] = {
    "a syntax error": ("helpers.py", b"def double(x:\n    return 2\n", "reference/demo/support/helpers.py, line 1: this is not Python: '(' was never closed."),
    "in another module too": ("utils.py", b"x = 1\nprint 1\n", "reference/demo/support/utils.py, line 2: this is not Python: "),
    "another encoding": ("utils.py", "# é\n".encode("latin-1"), "reference/demo/support/utils.py: it is not UTF-8. Save it in that encoding."),
    "a zero byte": ("utils.py", b"x = 1\x00\n", "reference/demo/support/utils.py"),
}


@pytest.mark.parametrize("folder", ["support", "starter"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_for_students_that_is_no_python(course: Path, name: str, folder: str) -> None:
    """File and line, before it is sent to anybody."""
    file, data, says = FILES[name]
    (course / "reference/demo" / folder).mkdir()
    (course / "reference/demo" / folder / file).write_bytes(data)
    with pytest.raises(CourseError) as caught:
        starters(load_assignment(course, "demo").starter)
    assert str(caught.value).replace(f"{course}/", "").startswith(says.replace("support", folder))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("file", ["interface.py", "solutions.py", "misconceptions.py", "checks.py"])
def test_a_file_that_ends_the_process_does_not_end_the_run(course: Path, file: str) -> None:
    """Neither in silence nor as if all were well."""
    with (course / "reference/demo" / file).open("a") as f:
        f.write("\nimport sys; sys.exit(0)\n")
    line = (course / "reference/demo" / file).read_text().count("\n")
    with pytest.raises(CourseError, match=rf"^reference/demo/{file}, line {line}: importing it raises SystemExit: 0\."):
        load_assignment(course, "demo")


def test_the_command_does_not_end_as_if_all_were_well(course: Path, edit: Edit, tmp_path: Path) -> None:
    """Exit 3, and one line below the one that says which assignment it is."""
    edit(course, SOLUTIONS, "def double", "import sys; sys.exit(0)\ndef double")
    (tmp_path / "submit.py").write_text(RIGHT)
    command = [sys.executable, "-m", "grader", "submit.py", "--course", str(course)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.splitlines()[1].startswith("grade: reference/demo/solutions.py, line 2: importing it raises SystemExit: 0.")
    assert done.stderr.count("\n") == 2


def test_the_file_and_line_are_those_of_the_mistake(course: Path, edit: Edit) -> None:
    """Not those of the file that imports it; and a field of the interface comes with its line."""
    (course / "reference/demo/more.py").write_text("x = 1\ny = x / 0\n")
    edit(course, SOLUTIONS, "def double", "from reference.demo.more import y\ndef double")
    assert said(course).startswith("reference/demo/more.py, line 2: importing it raises ZeroDivisionError: division by zero.")
    (course / "reference/demo/more.py").write_text("x = 1\ny = = 0\n")
    assert said(course).startswith("reference/demo/more.py, line 2: importing it raises SyntaxError")
    edit(course, INTERFACE, 'ArraySpec(shape="N")', 'ArraySpec(shape="2N")')
    assert said(course).startswith(
        "reference/demo/interface.py, line 7, field shape: '2N': a space or one of + - * should stand before 'N' at 1.")


def test_a_support_module_that_is_not_there_is_refused(course: Path, edit: Edit) -> None:
    """Students would be told that they may import it."""
    edit(course, INTERFACE, 'title="Demo"', 'title="Demo", support=("utils", "util")')
    (course / "reference/demo/support/utils").mkdir(parents=True)
    (course / "reference/demo/support/utils/__init__.py").write_text("x = 1\n")
    with pytest.raises(CourseError) as caught:
        load_assignment(course, "demo")
    assert str(caught.value) == ("reference/demo/interface.py, field support: there is no module 'util' in reference/demo/support. "
                                 "Write one of: utils.")
    edit(course, INTERFACE, ', "util"', ",")
    load_assignment(course, "demo")


@pytest.mark.parametrize(("body", "says"), [
    ("return 1 / 0", "it raises ZeroDivisionError at line 13 of reference/demo/checks.py."),
    ("pass", "it returns a NoneType, and no Verdict."),
    ("return met", "it returns a function, and no Verdict."),
])
def test_a_check_of_the_courses_own_that_fails_to_judge_costs_nobody_anything(course: Path, edit: Edit, body: str, says: str) -> None:
    """It may fail on one submission alone, so the class goes on: the item is ungraded, neither lost nor earned."""
    (course / "reference/demo/checks.py").write_text(f'''
from typing import Literal
from grader.checks.base import Check
from grader.core.verdict import met

class EvenCheck(Check):
    kind: Literal["even"] = "even"

    def plan(self, trial):
        return tuple(c.probe for c in trial.cases(self.function))

    def judge(self, trial, observations, follow_up=()):
        {body}
''')
    edit(course, RUBRIC, 'kind = "values"', 'kind = "even"')
    report, _ = grade(load_assignment(course, "demo"), submission("submit.py", {"submit.py": RIGHT.encode()}), InProcess())
    verdict = report.items[0].verdict
    assert (verdict.outcome, verdict.credit, verdict.reason) == (Outcome.UNGRADED, None, Reason.OWN_CHECK)
    assert verdict.message == f"This could not be judged, because the course's own check fails: {says}"


# ---- what the reference does not meet --------------------------------------------------------------------------------

UNMET: dict[str, tuple[dict[tuple[str, str], str], str]] = {
    "a relation that does not hold": (
        {(INTERFACE, RETURNS): LIKE, (SOLUTIONS, "2 * x"): "x ** 3",
         (RUBRIC, VALUES): 'check = { kind = "relation", function = "double", relation = "shift_invariance" }'},
        "double changes when the same constant is added to every logit of a row."),
    "a relation of rows, asked of vectors": (
        {(INTERFACE, 'ArraySpec(shape="N")'): 'ArraySpec(shape="N")', (INTERFACE, RETURNS): LIKE,
         (SOLUTIONS, "2 * x"): "x / x.sum()",
         (RUBRIC, VALUES): 'check = { kind = "relation", function = "double", relation = "row_independence" }'},
        "double lets the answer for one row depend on the other rows."),
    "a formula with a slip": (
        {(INTERFACE, RETURNS): 'returns=(Result(name="count", spec=ArraySpec()),)', (SOLUTIONS, "2 * x"): "2 * len(x)",
         (RUBRIC, VALUES): 'check = { kind = "count", function = "double", formula = "N" }'},
        "double returned 4 for N = 2, but N = 2. Mend the check, or the reference."),
    "no distribution": (
        {(INTERFACE, RETURNS): LIKE, (SOLUTIONS, "2 * x"): "x ** 2",
         (RUBRIC, VALUES): 'check = { kind = "probability", function = "double" }'},
        "The answer of double adds up to 3.8989, not to 1. Mend the check, or the reference."),
    "an answer that overflows at large inputs": (
        {(INTERFACE, RETURNS): LIKE, (SOLUTIONS, "2 * x"): "__import__('numpy').exp(x)",
         (RUBRIC, VALUES): 'check = { kind = "stability", function = "double" }'},
        "y has NaN or infinity"),
}


@pytest.mark.parametrize("name", UNMET)
def test_an_item_that_the_reference_does_not_meet_is_nobodys_loss(course: Path, edit: Edit, name: str) -> None:
    """A right submission would lose it: the author is told what it would have been told."""
    changes, says = UNMET[name]
    for (file, old), new in changes.items():
        edit(course, file, old, new)
    body = (course / SOLUTIONS).read_text().partition("return ")[2].partition("\n")[0]
    found = said(course, f"def double(x): return {body}\n")
    assert found.startswith(f"{ANSWERS}{says}" if "NaN" in says else f"{RUBRIC}, {PLAN}the reference does not meet it: {says}")


def test_a_check_of_the_courses_own_is_not_tried_on_the_reference(course: Path, edit: Edit) -> None:
    """It may look at what only the worker notes: what was printed, or changed."""
    (course / "reference/demo/checks.py").write_text('''
from typing import Literal
from grader.checks.base import Check
from grader.core.reason import Reason
from grader.core.verdict import met, not_met

class ToldCheck(Check):
    kind: Literal["told"] = "told"
    def plan(self, trial):
        return tuple(c.probe for c in trial.cases(self.function))
    def judge(self, trial, observations, follow_up=()):
        return met() if all(o.printed for o in observations) else not_met(Reason.VALUE, "It says nothing.")
''')
    edit(course, RUBRIC, 'kind = "values"', 'kind = "told"')
    assert graded(load_assignment(course, "demo"), "def double(x): print(2); return 2 * x\n")[0] is Outcome.MET
