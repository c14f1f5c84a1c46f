"""The file for Canvas' gradebook, read by a reader of its own."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.classbook import ClassBook, Override, Person, Row, Score, Status
from grader.core.errors import UsageError
from grader.core.verdict import Outcome
from grader.report.exports import EXPORTS, Options, Written
from tests.report.exports.conftest import ITEMS, scores
from tests.report.exports.contracts import CanvasImport, Enrolled, as_written, canvas, records

COLUMN = "Homework 1 (4711)"
CLASS = [Enrolled(str(1000 + n), f"Name {n}", login=f"login{n}") for n in range(1, 9)]


def write(book: ClassBook, folder: Path, column: str = COLUMN) -> tuple[Written, str]:
    """The export and its text."""
    written = EXPORTS["canvas"].write(book, folder, Options(column=column))
    return written, (folder / "canvas.csv").read_bytes().decode()


def imported(book: ClassBook, folder: Path, enrolled: list[Enrolled] = CLASS) -> CanvasImport:
    """What Canvas would store."""
    return canvas(write(book, folder)[1], enrolled)


def one(person: Person, row: Row | None = None) -> ClassBook:
    """A class of one."""
    return ClassBook("hw1", "Homework 1", ITEMS, (row or Row((person,), Status.GRADED, scores(3, 2, 5)),))


def test_canvas_takes_the_grades_of_everyone_who_has_one(book: ClassBook, tmp_path: Path) -> None:
    """Full, late and overridden points arrive at two decimals; the rest is empty: no zero, no part of a sum."""
    got = imported(book, tmp_path)
    assert (got.assignment, got.title, got.possible, got.strangers) == ("4711", "Homework 1", "10", [])
    assert got.grades == {"1001": "10", "1002": "1.6", "1003": "", "1004": "", "1005": "", "1006": "4.67", "1007": "", "1008": ""}


def test_everyone_without_a_grade_is_listed_with_the_reason(book: ClassBook, tmp_path: Path) -> None:
    """Absent, unreadable, failed and ungraded are told apart; nobody with a grade is on the list."""
    written, _ = write(book, tmp_path)
    assert [(left.who.rpartition("(")[2], left.reason) for left in written.left] == [
        ("login3)", "not final: softmax.shift ungraded, a person has to look"),
        ("login4)", "not final: softmax.shift ungraded, a person has to look"),
        ("login5)", "the submission could not be read: a person has to look"),
        ("login7)", "the grader failed on it: grade it again"),
        ("login8)", "handed in nothing"),
    ]
    assert written.notes == ("An empty cell takes away a grade that is in Canvas already: read the changes that it shows before you save them.",)


def test_names_round_trip(book: ClassBook, tmp_path: Path) -> None:
    """Commas, quotes, accents, emoji and a leading = come back; a name that would be taken for the row of points is told apart."""
    names = [as_written(row[0]) for row in records(write(book, tmp_path)[1])[2:]]
    assert names[:3] == ['Zoë "Z" Müller, Jr.', "=cmd|' /C calc'!A0", "Łukasz 🧮 Nowak"]
    assert names[4:] == ["Nul␀ Red", "Points  Possible", "Fran Failed Line", "＝Ab sent"]


def test_a_score_that_is_missing_altogether_is_not_a_lower_grade(tmp_path: Path) -> None:
    """A row with two of three items has no grade, although each of the two has points."""
    given_scores = {k: v for k, v in scores(3, 2, 5).items() if k != "sgd.steps"}
    person = Person("a", "A", ids={"canvas_id": "1001"})
    assert imported(one(person, Row((person,), Status.GRADED, given_scores)), tmp_path).grades == {"1001": ""}


def test_points_that_a_person_gave_count_where_the_grader_could_not_judge(tmp_path: Path) -> None:
    """Ungraded, then decided: final."""
    given_scores = scores(3, None, 5) | {"softmax.shift": Score(None, Outcome.UNGRADED, override=Override("a", "softmax.shift", Fraction(1), "", "Ann", ""))}
    person = Person("a", "A", ids={"canvas_id": "1001"})
    assert imported(one(person, Row((person,), Status.PARTLY_UNGRADED, given_scores)), tmp_path).grades == {"1001": "9"}


def test_an_override_of_nothing_is_not_final(tmp_path: Path) -> None:
    """A note without points leaves the item ungraded."""
    given_scores = scores(3, None, 5) | {"softmax.shift": Score(None, Outcome.UNGRADED, override=Override("a", "softmax.shift", None, "look", "Ann", ""))}
    person = Person("a", "A", ids={"canvas_id": "1001"})
    assert imported(one(person, Row((person,), Status.PARTLY_UNGRADED, given_scores)), tmp_path).grades == {"1001": ""}


@pytest.mark.parametrize("wrong", ["1001x", "1001.0", "٣", "-1001", "=1001"])
def test_a_canvas_id_that_is_no_number_is_not_written(wrong: str, tmp_path: Path) -> None:
    """Canvas reads the leading digits of its ID column: another person's."""
    person = Person("b", "Somebody", ids={"canvas_id": wrong, "sis_login_id": "login2"})
    assert imported(one(person), tmp_path).grades == {"1002": "10"}


@pytest.mark.parametrize("name", ["=Anna", "  -Anna", "＠nna", "Points Possible", "An\x00na", "", "Anna;+x"])
def test_who_could_be_found_only_by_a_changed_name_is_listed_not_lost(name: str, tmp_path: Path) -> None:
    """No id, and a name that cannot be written as it is: not in the file, in the list."""
    written, text = write(one(Person("k", name)), tmp_path)
    assert len(records(text)) == 2
    assert [left.reason for left in written.left] == ["not in the file: Canvas could not tell who this is; give a roster with ID or SIS Login ID"]


def test_two_people_of_one_name_are_not_mixed_up(tmp_path: Path) -> None:
    """Canvas would give both grades to the first of them; with an ID each, both are in the file."""
    twice = one(Person("a", "Ann Lee"))
    twice = replace(twice, rows=(twice.rows[0], Row((Person("b", "Ann Lee"),), Status.GRADED, scores(0, 0, 0))))
    written, text = write(twice, tmp_path)
    assert len(records(text)) == 2
    assert len(written.left) == 2
    known = [replace(r, persons=(replace(r.persons[0], ids={"canvas_id": str(1001 + n)}),)) for n, r in enumerate(twice.rows)]
    assert imported(replace(twice, rows=tuple(known)), tmp_path).grades == {"1001": "10", "1002": "0"}


def test_a_person_in_two_submissions_has_no_single_grade(tmp_path: Path) -> None:
    """Neither of the two is chosen in silence."""
    person = Person("a", "Ann Lee", ids={"canvas_id": "1001"})
    book = one(person)
    written, text = write(replace(book, rows=book.rows * 2), tmp_path)
    assert len(records(text)) == 2
    assert {left.reason.partition(":")[0] for left in written.left} == {"not in the file"}


def test_a_column_without_a_number_says_what_canvas_will_do(book: ClassBook, tmp_path: Path) -> None:
    """The assignment's own title makes a new assignment, and the note says what to write instead."""
    written, text = write(book, tmp_path, "")
    assert canvas(text, CLASS).assignment is None
    assert "Canvas will create a new assignment 'Homework 1'" in written.notes[0]
    assert "--column 'Title (12345)'" in written.notes[0]


@pytest.mark.parametrize("column", ["Final Score (12)", "Override Grade", "=SUM (1)", "two\nlines (1)"])
def test_a_column_that_canvas_skips_is_refused(book: ClassBook, tmp_path: Path, column: str) -> None:
    """Such a file would be imported without effect."""
    with pytest.raises(UsageError, match=r"Canvas skips .* Write a plain title and the assignment's number, which alone counts"):
        write(book, tmp_path, column)
    assert not list(tmp_path.iterdir())


def test_a_title_like_canvas_sums_but_not_one_is_taken(book: ClassBook, tmp_path: Path) -> None:
    """Near misses, with commas and semicolons."""
    for column in ("Final Project; part A, B (4711)", "Scores (4711)"):
        assert canvas(write(book, tmp_path, column)[1], CLASS).assignment == "4711"


def test_an_interrupted_run_says_how_many_are_missing(book: ClassBook, tmp_path: Path) -> None:
    """A file of half a class is not taken for the whole."""
    written, _ = write(replace(book, complete=False, waiting=12), tmp_path)
    assert written.notes[-1] == "The run was interrupted. Submissions that are not graded yet, and not in this export: 12."


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_any_name_leaves_the_grades_where_they_belong(tmp_path: Path, names: list[str]) -> None:
    """Whatever people are called, each grade reaches its owner's ID, or the owner is listed."""
    people = [Person(f"k{n}", name, ids={"canvas_id": str(1001 + n)}) for n, name in enumerate(names)]
    rows = tuple(Row((p,), Status.GRADED, scores(n % 4, 0, 0)) for n, p in enumerate(people))
    got = imported(ClassBook("hw1", "Homework 1", ITEMS, rows), tmp_path)
    assert got.grades == {str(1001 + n): str(n % 4) for n in range(len(names))}
    assert got.possible == "10"
