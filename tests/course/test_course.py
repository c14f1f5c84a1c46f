"""Courses: found, loaded, cross-checked; every mistake of an author gets one line with file, place and remedy."""

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from grader.core.errors import CourseError, UsageError
from grader.course import choose, find_course, load_assignment, slugs, warning_beside
from grader.submission.source import submission

Edit = Callable[[Path, str, str, str], None]

ROOT = Path(__file__).parents[2]


def test_a_course_loads(course: Path) -> None:
    """Interface, reference and rubric fit together; points are exact."""
    loaded = load_assignment(course, "demo")
    assert slugs(course) == ("demo",)
    assert [i.points for i in loaded.rubric.items] == [2, Fraction(1, 3)]
    assert loaded.oracle.functions["double"](3) == 6


def test_two_courses_in_one_process_do_not_mix(course: Path, edit: Edit, tmp_path: Path) -> None:
    """The second course's reference is its own, though both packages are named reference."""
    load_assignment(course, "demo")
    other = tmp_path / "other"
    shutil.copytree(course, other, ignore=shutil.ignore_patterns("__pycache__"))  # byte code is as old as its source, to the second
    edit(other, "reference/demo/solutions.py", "2 * x", "3 * x")
    assert load_assignment(other, "demo").oracle.functions["double"](1) == 3
    assert load_assignment(course, "demo").oracle.functions["double"](1) == 2


RUBRIC_MISTAKES = [
    ('slug = "demo"', 'slug = "dome"', "table [assignment], field slug", 'Write slug = "demo"'),
    ('[assignment]', '[asignment]', "field asignment", "Write assignment."),
    ("points = 2", "points = 0", "item double.values, field points", "greater than 0"),
    ("points = 2", "point = 2", "item double.values, field point", "Write points."),
    ("points = 2", 'points = "two"', "item double.values, field points", "'two'"),
    ("points = 2\n", "", "item double.values, field points", "it is missing"),
    ('id = "double.values"', 'id = "double values"', "item double values, field id", "Write letters, digits, - and _"),
    ('id = "double.more"', 'id = "double.values"', "item double.values, field id", "two items of this id"),
    ('needs = ["double.values"]', 'needs = ["double.value"]', "item double.more, field needs", 'Write "double.values".'),
    ('needs = ["double.values"]', 'needs = ["double.more"]', "item double.more, field needs", "cannot need itself"),
    ('kind = "values"', 'kind = "value"', "item double.values, field check.kind", 'Write "values".'),
    ('kind = "values"', 'kind = "magic"', "item double.values, field check.kind", "The kinds are:"),
    ('function = "double"', 'function = "treble"', "item double.values, field check.function", "Write one of: double."),
    ('function = "double"', 'function = "double", rtoll = 0.1', "item double.values, field check.rtoll", "Write rtol."),
    ('function = "double"', 'function = "double", rtol = -1', "item double.values, field check.rtol", "greater than or equal to 0, not -1. Write numbers from 0 to below 1"),
    ('function = "double"', 'function = "double", outputs = ["z"]', "item double.values, field check.outputs", "Write some of: y."),
    ('check = { kind = "values", function = "double" }', 'check = "values"', "item double.values, field check", "Write check = {"),
    ("[[item]]", "[item]", "line", "TOML"),
    ("points = 2", "points = ", "line 8", "TOML"),
    ('title = "double doubles"', "title = \"\"", "item double.values, field title", "at least 1 character"),
]


@pytest.mark.parametrize(("old", "new", "place", "says"), RUBRIC_MISTAKES, ids=[n[:40] for _, n, _, _ in RUBRIC_MISTAKES])
def test_a_mistake_in_a_rubric_is_one_line(course: Path, edit: Edit, old: str, new: str, place: str, says: str) -> None:
    """File, item, field and what to write instead."""
    edit(course, "rubrics/demo.toml", old, new)
    with pytest.raises(CourseError) as caught:
        load_assignment(course, "demo")
    message = str(caught.value)
    assert "demo.toml" in message
    assert place in message
    assert says in message
    assert "\n" not in message


CODE_MISTAKES = [
    ("interface.py", 'slug="demo"', 'slug="other"', "Write slug='demo'"),
    ("interface.py", 'shape="N"', 'shape="M"', "the dim M is not declared"),
    ("interface.py", 'shape="N"', 'shape="N**2"', "not part of a shape|should stand"),
    ("interface.py", "INTERFACE =", "INTERFACES =", "declares no INTERFACE"),
    ("interface.py", "INTERFACE =", "INTERFACE = =", "line 4"),
    ("interface.py", "title=", "titel=", r"line 4, field titel: there is no such field\. Write title\."),
    ("interface.py", "module=", "modul=", r"line 7, field modul: there is no such field\. Write module\."),
    ("interface.py", "low=2", "low=0", r"line 5, field low: it should be greater than or equal to 1, not 0\."),
    ("interface.py", "low=2, ", "", r"line 5, field low: it is missing\. Add low"),
    ("solutions.py", '"double": double', "", "Add 'double': double."),
    ("solutions.py", "FUNCTIONS", "SOLUTIONS", "declares no FUNCTIONS"),
    ("solutions.py", "def double", "import no_such_package\ndef double", "line 2.*no_such_package"),
]


@pytest.mark.parametrize(("file", "old", "new", "says"), CODE_MISTAKES, ids=[n for _, _, n, _ in CODE_MISTAKES])
def test_a_mistake_in_a_courses_code_is_one_line(course: Path, edit: Edit, file: str, old: str, new: str, says: str) -> None:
    """File, line or field, and what to write instead; no traceback."""
    edit(course, f"reference/demo/{file}", old, new)
    with pytest.raises(CourseError, match=says) as caught:
        load_assignment(course, "demo")
    assert file in str(caught.value)


def test_a_missing_reference_is_said(course: Path) -> None:
    """An assignment without its solutions."""
    (course / "reference/demo/solutions.py").unlink()
    with pytest.raises(CourseError, match=r"solutions\.py: there is no such file"):
        load_assignment(course, "demo")


def test_a_course_can_add_a_check_of_its_own(course: Path, edit: Edit) -> None:
    """One Python file beside the reference, one kind in the rubric."""
    (course / "reference/demo/checks.py").write_text('''
from typing import Literal
from grader.checks.base import Check
from grader.core.verdict import met

class EvenCheck(Check):
    kind: Literal["even"] = "even"
    def plan(self, trial):
        return tuple(c.probe for c in trial.cases(self.function))
    def judge(self, trial, observations, follow_up=()):
        return met()
''')
    edit(course, "rubrics/demo.toml", 'kind = "values"', 'kind = "even"')
    assert load_assignment(course, "demo").rubric.items[0].check.kind == "even"


def test_find_course(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one given, or the folder we stand in or one above; what is none is refused."""
    deep = course / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert find_course() == course
    assert find_course(course) == course
    with pytest.raises(UsageError, match="this is no course"):
        find_course(tmp_path)


def test_a_course_without_rubrics_is_told_so(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the course's fault, and not the submission's that it fits no assignment; so is a folder that may not be listed."""
    (course / "rubrics/demo.toml").unlink()
    with pytest.raises(CourseError, match=r"^rubrics/: there is no rubric in this folder\."):
        choose(course, None, tmp_path / "a.py", submission("a.py", {"a.py": b""}, []))

    def fails(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", fails)
    with pytest.raises(CourseError, match=r"^rubrics/: it cannot be read \(Permission denied\)\."):
        slugs(course)


def test_the_assignment_is_chosen_by_name_by_table_or_by_overlap(course: Path, tmp_path: Path) -> None:
    """--assignment, [tool.grade], the only one, then the interface that the names match."""
    hw = tmp_path / "hw"
    hw.mkdir()
    handed = submission("hw.py", {"hw.py": b"def double(x): return x\n"})
    assert choose(course, None, hw / "hw.py", handed) == ("demo", "the only one of this course")
    for name in ("interface.py", "solutions.py"):
        (course / "reference/second").mkdir(exist_ok=True)
        text = (course / "reference/demo" / name).read_text().replace("double", "treble").replace('"demo"', '"second"')
        (course / "reference/second" / name).write_text(text)
    (course / "rubrics/second.toml").write_text((course / "rubrics/demo.toml").read_text().replace("demo", "second").replace("double", "treble"))
    assert choose(course, None, hw / "hw.py", handed) == ("demo", "it defines 1 of its functions")
    assert choose(course, "second", hw / "hw.py", handed)[0] == "second"
    (hw / "pyproject.toml").write_text('[tool.grade]\nassignment = "second"\n')
    assert choose(course, None, hw / "hw.py", handed)[0] == "second"
    with pytest.raises(UsageError, match=r"no assignment 'third'\. This course has: demo, second"):
        choose(course, "third", hw / "hw.py", handed)
    (hw / "pyproject.toml").write_text('[tool.grade]\nassignment = ""\n')
    with pytest.raises(UsageError, match=r"there is no assignment ''"):
        choose(course, None, hw / "hw.py", handed)
    (hw / "pyproject.toml").unlink()
    with pytest.raises(UsageError, match="it fits no assignment"):
        choose(course, None, hw / "hw.py", submission("e.py", {"e.py": b""}))
    (course / "pyproject.toml").write_text('[tool.grade]\ndefault = "second"\n')
    assert choose(course, None, hw / "hw.py", handed)[0] == "demo"
    assert choose(course, None, hw / "hw.py", submission("e.py", {"e.py": b""})) == ("second", "nothing in it tells another; --assignment would")
    assert choose(course, None, course / "e.py", submission("e.py", {"e.py": b""}))[0] == "second"
    with pytest.raises(UsageError, match="it fits no assignment"):
        choose(course, None, hw / "hw.py", submission("e.py", {"e.py": b""}), guess=False)
    (course / "pyproject.toml").write_text('[tool.grade]\ndefault = "third"\n')
    with pytest.raises(UsageError, match=r"\[tool.grade\] in .*pyproject.toml: there is no assignment 'third'"):
        choose(course, None, hw / "hw.py", submission("e.py", {"e.py": b""}))


A1, A2 = b"def softmax(x): pass\ndef sgd(f): pass\n", b"def naiveSoftmaxLossAndGradient(v): pass\ndef sgd(f): pass\n"
GIVEN = b"def softmax(x): pass\ndef normalizeRows(x): pass\ndef gradcheck_naive(f): pass\n"


@pytest.mark.parametrize(("files", "told"), [
    ({"word2vec.py": A2, "sgd.py": b"def sgd(f): pass\n"}, ("cs224n_a2", "it defines 2 of its functions")),
    # more names of the older assignment, which the later one supplies
    ({"a2/word2vec.py": A2, "a2/utils/utils.py": GIVEN}, ("cs224n_a2", "it defines 2 of its functions")),
    ({"utils.py": GIVEN, "hw.py": A2}, ("cs224n_a2", "it defines 2 of its functions")),
    ({"hw.py": A1 + GIVEN}, ("cs224n_a1", "it defines 4 of its functions")),
    # a name that both declare, in the file of the one or the other
    ({"q3_sgd.py": b"def sgd(f): pass\n"}, ("cs224n_a1", "it defines 1 of its functions")),
    ({"sgd.py": b"def sgd(f): pass\n"}, ("cs224n_a2", "it defines 1 of its functions")),
    ({"q3_word2vec.py": b"def skipgram(x): pass\n"}, ("cs224n_a1", "it defines 1 of its functions")),
    # what cannot be parsed, by the lines that begin a function
    ({"hw.py": b"def softmax(x):\n    print 1\n"}, ("cs224n_a1", "it defines 1 of its functions")),
    ({"hw.py": A2 + b"x = (\n"}, ("cs224n_a2", "it defines 2 of its functions")),
])
def test_assignments_that_share_names_are_told_apart(tmp_path: Path, files: dict[str, bytes], told: tuple[str, str]) -> None:
    """By the files in which the names should be, then by how many there are; what the course supplies is no sign."""
    assert choose(ROOT, None, tmp_path / "hw", submission("hw", files)) == told


def test_one_that_fits_two_assignments_is_not_guessed(tmp_path: Path) -> None:
    """Both are named, and what to type."""
    with pytest.raises(UsageError) as told:
        choose(ROOT, None, tmp_path / "hw.py", submission("hw.py", {"hw.py": b"def sgd(f): pass\n"}), guess=False)
    assert str(told.value) == (f"{tmp_path / 'hw.py'}: it fits cs224n_a1 and cs224n_a2. "
                               "Say which with --assignment; this course has cs224n_a1, cs224n_a2.")


def test_what_assignments_share_is_part_of_each_ones_reference(course: Path) -> None:
    """What was judged with another one is judged again."""
    before = load_assignment(course, "demo").reference_sha256
    (course / "reference/shared.py").write_text("x = 1\n")
    with_it = load_assignment(course, "demo").reference_sha256
    (course / "reference/shared.py").write_text("x = 2\n")
    assert len({before, with_it, load_assignment(course, "demo").reference_sha256}) == 3


@pytest.mark.parametrize(("text", "says"), [
    ("[tool.grade]\nassignment = 3\n", "[tool.grade], field assignment: it is 3. Write the name of an assignment of the course, in quotes."),
    ("[tool.grade]\nassigment = 'demo'\n", "[tool.grade], field assigment: there is no such field. Write assignment."),
    ("[tool.grade]\n", "[tool.grade], field assignment: it is missing. Add assignment: Write the name of an assignment of the course, in quotes."),
    ("[tool.grade]\ndefault = 3\n", "[tool.grade], field default: it is 3. Write the name of an assignment of the course, in quotes."),
    ("tool.grade = 'demo'\n", "field tool.grade: it is 'demo'. Write a table: [tool.grade], and below it assignment = \"...\"."),
])
def test_a_table_that_is_wrong_is_told(course: Path, tmp_path: Path, text: str, says: str) -> None:
    """With file, field and what to write, though the course has but one assignment; --assignment overrules it."""
    (tmp_path / "hw").mkdir()
    file = tmp_path / "hw/pyproject.toml"
    file.write_text(text)
    handed = submission("hw.py", {"hw.py": b"def double(x): return x\n"})
    with pytest.raises(UsageError) as told:
        choose(course, None, tmp_path / "hw/hw.py", handed)
    assert str(told.value).startswith(f"{file}, {says}")
    assert choose(course, "demo", tmp_path / "hw/hw.py", handed) == ("demo", "as asked for")


@pytest.mark.parametrize(("data", "why"), [
    (b"[tool.grade\n", "it is no TOML: Expected ']' at the end of a table declaration (at line 1, column 12)"), (b"x = '\xff'\n", "it is no TOML: 'utf-8' codec"),
])
def test_a_file_that_is_no_toml_is_warned_of(course: Path, tmp_path: Path, data: bytes, why: str) -> None:
    """It may be another program's. Near misses: none, and one without the table."""
    file = tmp_path / "pyproject.toml"
    assert warning_beside(tmp_path) == warning_beside(tmp_path / "hw.py") == ""
    for fine in (b"[tool.other]\nx = 1\n", b"tool = 3\n"):
        file.write_bytes(fine)
        assert warning_beside(tmp_path) == ""
    file.write_bytes(data)
    assert warning_beside(tmp_path) == warning_beside(tmp_path / "hw.py")
    assert warning_beside(tmp_path).startswith(f"{file}: it cannot be read ({why}")
    assert choose(course, None, tmp_path / "hw.py", submission("hw.py", {"hw.py": b""})) == ("demo", "the only one of this course")
