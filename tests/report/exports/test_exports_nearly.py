"""Persons that are nearly known, and worksheets that are nearly understood: nobody gets another's grade, and nobody is lost unsaid."""

import csv
import io
from pathlib import Path

import pytest

from grader.core.classbook import ClassBook, Person, Row, Status
from grader.core.errors import UsageError
from grader.report.exports import EXPORTS, Options
from grader.report.exports.cells import spoken
from tests.report.exports.conftest import ITEMS, person, scores
from tests.report.exports.test_exports_canvas import COLUMN
from tests.report.exports.test_exports_moodle import GERMAN, HEADER, fill, german, line, solo


def class_of(*people: Person) -> ClassBook:
    """Each with a submission of ten points."""
    return ClassBook("hw1", "Homework 1", ITEMS, tuple(Row((p,), Status.GRADED, scores(3, 2, 5)) for p in people))


def test_whom_moodle_cannot_find_is_listed_and_has_no_line(tmp_path: Path) -> None:
    """Neither address nor number, or one that would be written otherwise than it is: the lines are those of the others."""
    unknown, formula = Person("u", "Una"), Person("f", "Fay", "=fay@example.edu")
    written = EXPORTS["moodle-gradebook"].write(class_of(person(1, "Ann"), unknown, formula), tmp_path, Options())
    rows = list(csv.DictReader(io.StringIO((tmp_path / "moodle-gradebook.csv").read_text(encoding="utf-8-sig"))))
    assert [row["Full name"] for row in rows] == ["Ann"]
    assert [(left.who, left.reason.partition(":")[0]) for left in written.left] == [("Una (u)", "not in the file"), ("Fay (f)", "not in the file")]


@pytest.mark.parametrize("limit", ["", "-", "good", "bad, good", "1e1", "10.0.0"])
def test_a_maximum_that_is_no_number_is_said(tmp_path: Path, limit: str) -> None:
    """The grade is not written, and those with a number have theirs."""
    book = class_of(person(1, "Ann"), person(2, "Bob"))
    written, data = fill(book, tmp_path, HEADER + line(51, limit=limit) + line(52))
    assert (HEADER + line(51, limit=limit)).encode() in data
    assert [row["Grade"] for row in csv.DictReader(io.StringIO(data.decode()))] == ["", "10"]
    assert [left.reason for left in written.left] == [
        "10 points are out of range: the worksheet's maximum is no number, and Moodle would skip them in silence"]


@pytest.mark.parametrize("limit", [" 10.00", "10.00 ", "\t10,00 "])
def test_blanks_around_a_maximum_do_not_count(tmp_path: Path, limit: str) -> None:
    """Ten is ten."""
    assert fill(solo(), tmp_path, HEADER + line(51, limit=limit))[0].left == ()


@pytest.mark.parametrize("change", [
    lambda s: s.replace('"Teilnehmer/in 52"', '"Müller"'),
    lambda s: s.replace('"Teilnehmer/in 52"', '"52"'),
    lambda s: s.replace('abgegeben",,"10,00"', 'abgegeben",gut,"10,00"', 1),
    lambda s: s.replace('"10,00"', '"9,00"', 1),
    lambda s: s.replace(",Ja,", ",vielleicht,", 1),
    lambda s: GERMAN,
])
def test_a_worksheet_in_another_language_is_refused_where_one_cell_does_not_fit(tmp_path: Path, change: object) -> None:
    """A line of somebody without a number, a grade that is none, another maximum, neither yes nor no, no line at all."""
    right = GERMAN + german(51) + german(52)
    assert fill(solo(), tmp_path, right)[0].left == ()
    assert change(right) != right  # type: ignore[operator]
    with pytest.raises(UsageError, match="no column for the grades was found"):
        fill(solo(), tmp_path, change(right))  # type: ignore[operator]


@pytest.mark.parametrize(("number", "written"), [(" 1001", "1001"), ("1001\n", "1001"), ("1001x", ""), ("10 01", "")])
def test_canvas_own_number_is_written_bare_or_not_at_all(tmp_path: Path, number: str, written: str) -> None:
    """Canvas reads ``12x`` as 12, who is another person; blanks around a number change nobody."""
    EXPORTS["canvas"].write(class_of(Person("a", "Ann", ids={"canvas_id": number, "sis_login_id": "ann"})), tmp_path, Options(column=COLUMN))
    rows = list(csv.reader(io.StringIO((tmp_path / "canvas.csv").read_text(encoding="utf-8-sig"))))
    assert (rows[0][1], rows[-1][1]) == ("ID", written)


def test_a_person_is_one_line_of_a_message() -> None:
    """Whatever breaks stand in name and key."""
    assert spoken(Person("k\ney", "An\nna")) == "An na (k ey)"
    assert spoken(Person("An\nna", "An na")) == "An na"
