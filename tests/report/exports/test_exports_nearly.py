"""Persons that are nearly known, and worksheets that are nearly understood: nobody gets another's grade, and nobody is lost unsaid."""

import csv
import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from grader.core.classbook import ClassBook, Override, Person, Row, Status
from grader.core.errors import UsageError
from grader.report.exports import EXPORTS, Options
from grader.report.exports.cells import spoken
from grader.report.exports.moodle import feedback
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


def test_the_first_line_is_shown_without_its_end(tmp_path: Path) -> None:
    """Of a file that is no worksheet, as Windows writes it."""
    with pytest.raises(UsageError, match=r"The first line is 'a,b'\. "):
        fill(solo(), tmp_path, "a,b\r\n1,2\r\n")


@pytest.mark.parametrize(("number", "written"), [(" 1001", "1001"), ("1001\n", "1001"), ("1001x", ""), ("10 01", "")])
def test_canvas_own_number_is_written_bare_or_not_at_all(tmp_path: Path, number: str, written: str) -> None:
    """Canvas reads ``12x`` as 12, who is another person; blanks around a number change nobody."""
    EXPORTS["canvas"].write(class_of(Person("a", "Ann", ids={"canvas_id": number, "sis_login_id": "ann"})), tmp_path, Options(column=COLUMN))
    rows = list(csv.reader(io.StringIO((tmp_path / "canvas.csv").read_text(encoding="utf-8-sig"))))
    assert (rows[0][1], rows[-1][1]) == ("ID", written)


def test_what_is_not_known_of_a_person_is_an_empty_cell(tmp_path: Path) -> None:
    """Neither login nor section: nothing stands there. Everybody has a grade, so nothing is said of empty ones."""
    written = EXPORTS["canvas"].write(class_of(Person("a", "Ann", ids={"canvas_id": "1001"})), tmp_path, Options(column=COLUMN))
    rows = list(csv.reader(io.StringIO((tmp_path / "canvas.csv").read_text(encoding="utf-8-sig"))))
    assert rows[-1] == ["Ann", "1001", "", "", "", "10"]
    assert (written.left, written.notes) == ((), ())


def test_a_number_that_only_some_have_is_an_empty_cell_of_the_others(tmp_path: Path) -> None:
    """In the plain gradebook, too, which has a column for each kind of number."""
    EXPORTS["csv"].write(class_of(Person("a", "Ann", ids={"id_number": "7"}), Person("b", "Bob")), tmp_path, Options())
    rows = list(csv.DictReader(io.StringIO((tmp_path / "gradebook.csv").read_text(encoding="utf-8-sig"))))
    assert [row["id_number"] for row in rows] == ["7", ""]


@pytest.mark.parametrize("name", EXPORTS)
def test_half_a_class_is_not_taken_for_the_whole(name: str, tmp_path: Path) -> None:
    """Whatever is exported of a run that was interrupted says so, and how many are missing."""
    template = tmp_path / "worksheet.csv"
    template.write_text(HEADER + line(51))
    options = Options(column=COLUMN, template=template, feedback=lambda row: b"a report", sources=lambda row: {"hw.py": b""})
    written = EXPORTS[name].write(replace(solo(), complete=False, waiting=12), tmp_path / "out", options)
    assert written.notes[-1] == "The run was interrupted. Submissions that are not graded yet, and not in this export: 12."


@pytest.mark.parametrize("address", ["", " "])
def test_a_line_without_an_address_is_nobodys(tmp_path: Path, address: str) -> None:
    """Of whom neither Moodle's number nor an address is known, no line is known: nobody gets the grade of another."""
    sheet = HEADER + line(51).replace("s1@example.edu", address)
    written, data = fill(class_of(Person("a", "Ann")), tmp_path, sheet)
    assert data == sheet.encode()
    assert [left.reason.partition(",")[0] for left in written.left] == ["has no line of their own in the worksheet"]


def test_a_quoted_address_is_found(tmp_path: Path) -> None:
    """Quotes that stand in a cell are written twice in the file."""
    address = '"ann lee"@example.edu'
    sheet = HEADER + line(51).replace("s1@example.edu", '"' + address.replace('"', '""') + '"')
    assert fill(class_of(Person("a", "Ann", address)), tmp_path, sheet)[0].left == ()


@pytest.mark.parametrize(("count", "more"), [(1, "Ann0 (a0)"), (6, "Ann4 (a4) and Ann5 (a5)"), (8, "Ann5 (a5) and 2 more")])
def test_whose_report_tells_no_total_yet_is_named(tmp_path: Path, count: int, more: str) -> None:
    """Six of them, and how many more; nobody whose total is final."""
    book = class_of(*(Person(f"a{n}", f"Ann{n}") for n in range(count)), Person("b", "Bob"))
    rows = (*(replace(row, doubt="late or not") for row in book.rows[:-1]), book.rows[-1])
    (note,) = EXPORTS["canvas-feedback"].write(replace(book, rows=rows), tmp_path, Options(feedback=lambda row: b"")).notes
    assert note.startswith("Not final in this feedback, as a person has to decide what being late costs: Ann0 (a0)")
    assert note.endswith(f"{more}.")


def test_a_login_is_enough_for_canvas(tmp_path: Path) -> None:
    """Of somebody whose name has to be written otherwise than it is."""
    written = EXPORTS["canvas"].write(class_of(Person("a", "=Ann", ids={"sis_login_id": "ann"})), tmp_path, Options(column=COLUMN))
    assert written.left == ()
    rows = list(csv.reader(io.StringIO((tmp_path / "canvas.csv").read_text(encoding="utf-8-sig"))))
    assert rows[-1] == ["'=Ann", "", "", "ann", "", "10"]


def test_digits_of_another_script_are_no_number_of_moodles(tmp_path: Path) -> None:
    """Moodle would not read them; it is said whose report is not in the archive."""
    book = class_of(Person("a", "Ann", ids={"moodle_participant": "٣"}))
    written = EXPORTS["moodle-feedback"].write(book, tmp_path, Options(feedback=lambda row: b""))
    assert [left.reason.partition(";")[0] for left in written.left] == ["the number that Moodle gave the participant is not known"]


def test_all_of_a_group_are_named_beside_its_folder(tmp_path: Path) -> None:
    """In one cell."""
    book = ClassBook("hw1", "Homework 1", ITEMS, (Row((Person("a", "Ann"), Person("b", "Bob")), Status.GRADED, scores(3, 2, 5)),))
    EXPORTS["jplag"].write(book, tmp_path, Options(sources=lambda row: {"a.py": b""}))
    rows = list(csv.reader(io.StringIO((tmp_path / "similarity/names.csv").read_text(encoding="utf-8-sig"))))
    assert rows[1] == ["a_b", "a+b", "Ann, Bob"]


@pytest.mark.parametrize(("given", "said"), [(Fraction(1), "9 of 10 points.<br>softmax(x + c) equals softmax(x): 1 of 2. copied"),
                                            (None, "10 of 10 points.<br>softmax(x + c) equals softmax(x): 2 of 2. copied")])
def test_what_a_person_decided_of_a_met_item_is_told(given: Fraction | None, said: str) -> None:
    """Nothing is lost by the grader's judgement; the student is told all the same what was taken off, or remarked."""
    book = solo()
    (row,) = book.rows
    score = replace(row.scores["softmax.shift"], override=Override("a", "softmax.shift", given, "copied", "Ann", "2026-03-05"))
    row = replace(row, scores={**row.scores, "softmax.shift": score})
    assert feedback(book, row, Fraction(9 if given else 10)) == said


def test_why_there_is_no_report_is_one_line_of_a_message(tmp_path: Path) -> None:
    """Whatever breaks are in it."""
    written = EXPORTS["moodle-feedback"].write(solo(), tmp_path, Options(feedback=lambda row: "it could not\nbe read"))
    assert [left.reason for left in written.left] == ["it could not be read"]


def test_a_person_is_one_line_of_a_message() -> None:
    """Whatever breaks stand in name and key."""
    assert spoken(Person("k\ney", "An\nna")) == "An na (k ey)"
    assert spoken(Person("An\nna", "An na")) == "An na"
