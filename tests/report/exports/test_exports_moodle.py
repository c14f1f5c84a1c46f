"""The two files for Moodle, read by readers of their own."""

import csv
import io
import re
from dataclasses import replace
from fractions import Fraction
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.audience import Show, Visibility
from grader.core.classbook import ClassBook, Person, Row, Status
from grader.core.errors import UsageError
from grader.core.reason import Reason
from grader.report.exports import EXPORTS, Options, Written
from grader.report.exports.moodle import feedback
from grader.report.text import clean
from tests.report.exports.conftest import ITEMS, scores
from tests.report.exports.contracts import Enrolled, gradebook, runs, worksheet

HEADER = ("Identifier,\"Full name\",\"Email address\",Status,Grade,\"Maximum grade\",\"Grade can be changed\",\"Last modified (submission)\","
          "\"Online text\",\"Last modified (grade)\",\"Feedback comments\"\n")


def line(number: int, name: str = "N", *, grade: str = "", limit: str = "10.00", change: str = "Yes", text: str = "", said: str = "") -> str:
    """A line as Moodle writes it."""
    cells = (f"Participant {number}", name, f"s{number - 50}@example.edu", "Submitted for grading", grade, limit, change,
             "Monday, 2 March 2026, 11:59 PM", text, "-", said)
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(cells)
    return file.getvalue()


SHEET = "\ufeff" + HEADER + "".join(line(n) for n in range(50, 60))


def fill(book: ClassBook, folder: Path, sheet: str | bytes = SHEET) -> tuple[Written, bytes]:
    """The export with this worksheet, and the bytes of the file."""
    template = folder / "Grades-HW1.csv"
    template.write_bytes(sheet.encode() if isinstance(sheet, str) else sheet)
    written = EXPORTS["moodle"].write(book, folder / "out", Options(template=template))
    return written, (folder / "out" / "moodle-worksheet.csv").read_bytes()


def solo(number: int = 51, total: int = 10, **more: str) -> ClassBook:
    """A class of one, of `total` points."""
    person = Person("a", "Ann", **({"ids": {"moodle_participant": str(number)}} | more))  # type: ignore[arg-type]
    return ClassBook("hw1", "Homework 1", ITEMS, (Row((person,), Status.GRADED, scores(*((3, 2, 5) if total else (0, 0, 0)))),))


def test_moodle_takes_grades_and_feedback(book: ClassBook, tmp_path: Path) -> None:
    """Those with a final grade have it; nobody else's line has changed, nor those that are not ours."""
    written, data = fill(book, tmp_path)
    got = worksheet(data)
    assert {n: row["Grade"] for n, row in got.items() if row["Grade"]} == {"51": "10", "52": "1.6", "56": "4.67"}
    assert got["51"]["Feedback comments"] == "10 of 10 points."
    ours = {"51", "52", "56"}
    before = SHEET.encode().splitlines(keepends=True)
    after = data.splitlines(keepends=True)
    assert [a == b for a, b in zip(after, before, strict=True)] == [True, *(str(n) not in ours for n in range(50, 60))]
    assert [left.reason for left in written.left][-1] == "handed in nothing"
    assert len(written.left) == 5


def test_feedback_is_html_and_says_why(book: ClassBook, tmp_path: Path) -> None:
    """Student-made text is escaped, lines are divided by <br>, a person's decision replaces the grader's words, and notes are there."""
    got = worksheet(fill(book, tmp_path)[1])
    assert got["52"]["Feedback comments"] == (
        "1.6 of 10 points.<br>softmax is right: 0 of 3. &lt;b&gt;softmax.value&lt;/b&gt; is wrong; &#61;1+1 at [0].<br>"
        "sgd takes the steps: 0 of 5. &lt;b&gt;sgd.steps&lt;/b&gt; is wrong; &#61;1+1 at [0].<br>2 days late, 10 % of the points each: -0.4")
    assert "softmax(x + c) equals softmax(x): 2 of 2. right by hand<br>" in got["56"]["Feedback comments"]
    assert "sgd takes the steps: 1.67 of 5. You forgot the 1/N. see p. 3<br>Well &lt;written&gt;." in got["56"]["Feedback comments"]


def test_feedback_tells_nothing_of_items_that_students_do_not_see(book: ClassBook) -> None:
    """Neither their title, message, override nor note, nor a total or deduction from which their points could be had."""
    items = tuple(replace(i, withheld=Visibility.HIDDEN) if i.id == "sgd.steps" else i for i in book.items)
    hidden = replace(book, items=items)
    late, decided = hidden.rows[1], hidden.rows[4]
    assert feedback(hidden, late, late.total or Fraction(0)) == (
        "2 of 5 points for the public items; 1 further item is graded and not shown.<br>"
        "softmax is right: 0 of 3. &lt;b&gt;softmax.value&lt;/b&gt; is wrong; &#61;1+1 at [0].<br>"
        "2 days late, 10 % of the points each. This is taken off the total, which is not shown here.")
    comments = (*decided.comments, replace(decided.comments[0], note="Look at sgd.steps again."))
    said = feedback(hidden, replace(decided, comments=comments), decided.total or Fraction(0))
    assert said == (
        "3 of 5 points for the public items; 1 further item is graded and not shown.<br>"
        "softmax is right: 1 of 3. &lt;b&gt;softmax.value&lt;/b&gt; is wrong; &#61;1+1 at [0].<br>"
        "softmax(x + c) equals softmax(x): 2 of 2. right by hand<br>Well &lt;written&gt;.")


@pytest.mark.parametrize(("show", "says"), [("value", "It is 12, and should be 41."), ("relation", Reason.COUNT.sentence), ("none", Reason.COUNT.sentence)])
def test_feedback_spells_no_number_that_the_course_does_not_show(show: Show, says: str) -> None:
    """``[feedback] show``: a message may have the value in it."""
    book = replace(solo(total=0), show=show)
    scores = {k: replace(s, reason=Reason.COUNT.code, message="It is 12, and should be 41.") for k, s in book.rows[0].scores.items()}
    assert f"softmax is right: 0 of 3. {says}<br>" in feedback(book, replace(book.rows[0], scores=scores), Fraction(0))


@given(st.text(st.one_of(st.sampled_from("=+-@＝;<>&\"' \t\n"), st.characters(exclude_categories=["Cs"])), max_size=40))
def test_feedback_runs_nowhere_and_reads_as_it_was_said(text: str) -> None:
    """Also where a spreadsheet splits at semicolons, of which escaped HTML is full; and a browser shows the same letters and no tag."""
    book = solo(total=0)
    said = {k: replace(s, message=text) for k, s in book.rows[0].scores.items()}
    cell = feedback(book, replace(book.rows[0], scores=said), Fraction(0))
    assert not any(map(runs, cell.split(";")))
    assert set(re.findall(r"<[^>]*>", cell)) == {"<br>"}
    assert unescape(cell).count(clean(text, lines=False).replace("\t", " ").rstrip()) >= 3


@pytest.mark.parametrize("change", [
    lambda s: s.replace("\n", "\r\n"),
    lambda s: s.replace("\n", "\r"),
    lambda s: s.removeprefix("\ufeff"),
    lambda s: s.rstrip("\n"),
    lambda s: s + "\n",
    lambda s: s.replace("Monday", "Mon\xa0day"),
], ids=["crlf", "cr", "no mark", "no last newline", "blank last line", "odd space"])
def test_every_other_byte_stays(tmp_path: Path, change: object) -> None:
    """Line ends, mark and quoting stay; taking the two cells out again gives the worksheet as it was."""
    sheet = change(SHEET)  # type: ignore[operator]
    _, data = fill(solo(), tmp_path, sheet)
    before, _, after = sheet.partition("Participant 51")
    mine, _, rest = after.partition("Participant 52")
    filled = mine.replace("Submitted for grading,,10.00", "Submitted for grading,10,10.00").replace(",-,", ",-,10 of 10 points.")
    assert filled != mine
    assert data.decode() == f"{before}Participant 51{filled}Participant 52{rest}"


def test_cells_of_others_with_breaks_quotes_and_other_encodings_stay(tmp_path: Path) -> None:
    """A student's online text may hold anything, also what is no UTF-8."""
    odd = line(52, 'Eve, "E"', text='<p>x, "y"\n=1+1</p>\n').encode() + line(53, "@@").encode().replace(b"@@", b"M\xfcller")
    sheet = HEADER.encode() + odd + line(51).encode()
    _, data = fill(solo(), tmp_path, sheet)
    assert data.startswith(HEADER.encode() + odd + b"Participant 51,")
    assert b"grading,10,10.00" in data


def test_a_grade_above_the_maximum_is_listed_and_not_written(tmp_path: Path) -> None:
    """Moodle would skip it in silence. At the maximum it is written."""
    for limit, written_grade in (("10.00", "10"), ("9.99", "")):
        written, data = fill(solo(), tmp_path, HEADER + line(51, limit=limit))
        rows = list(csv.DictReader(io.StringIO(data.decode())))
        assert rows[0]["Grade"] == written_grade
        assert rows[0]["Feedback comments"] == ("10 of 10 points." if written_grade else "")
    assert written.left[0].reason == "10 points are out of range: the worksheet's maximum is 9.99, and Moodle would skip them in silence"
    assert written.notes[0].startswith("The worksheet's maximum is 9.99 and the rubric's 10")


def test_a_locked_grade_is_listed_and_not_written(tmp_path: Path) -> None:
    """Grade can be changed: No."""
    sheet = HEADER + line(51, grade="3.00", change="No")
    written, data = fill(solo(), tmp_path, sheet)
    assert data.decode() == sheet
    assert written.left[0].reason == "Moodle says that this grade can not be changed"


def test_a_grade_that_is_there_is_replaced_for_ours_alone(tmp_path: Path) -> None:
    """Grading again: the new points stand, other people's old ones too."""
    got = worksheet(fill(solo(total=0), tmp_path, HEADER + line(51, grade="3.00", said="old") + line(52, grade="4.00", said="old"))[1])
    assert (got["51"]["Grade"], got["52"]["Grade"], got["52"]["Feedback comments"]) == ("0", "4.00", "old")
    assert got["51"]["Feedback comments"].startswith("0 of 10 points.")


def test_who_is_not_in_the_worksheet_is_listed(tmp_path: Path) -> None:
    """Neither number nor address: nothing is written, and 5 is not 51."""
    for number in (5, 510, 99):
        written, data = fill(solo(number), tmp_path)
        assert data == SHEET.encode()
        assert written.left[0].reason == "has no line of their own in the worksheet, by the participant's number or else the e-mail address"


def test_an_address_finds_who_has_no_number(tmp_path: Path) -> None:
    """The case of an address does not count here, for the line is found by us and not by Moodle; a blank one finds nobody."""
    book = replace(solo(), rows=(Row((Person("a", "Ann", "S1@Example.edu"),), Status.GRADED, scores(3, 2, 5)),))
    assert worksheet(fill(book, tmp_path)[1])["51"]["Grade"] == "10"
    assert worksheet(fill(book, tmp_path, HEADER + line(51).replace("s1@", "S1@"))[1])["51"]["Grade"] == "10"
    nobody = replace(solo(), rows=(Row((Person("a", "Ann"),), Status.GRADED, scores(3, 2, 5)),))
    assert fill(nobody, tmp_path)[1] == SHEET.encode()


def test_another_assignments_worksheet_gives_nobody_anothers_grade(tmp_path: Path) -> None:
    """Moodle counts participants anew in each assignment: a number with another address is listed, an unknown one is not replaced."""
    for number, reason in ((52, "the worksheet has another e-mail address"), (99, "has no line of their own")):
        written, data = fill(solo(number, email="s1@example.edu"), tmp_path)
        assert data == SHEET.encode()
        assert written.left[0].reason.startswith(reason)
    assert worksheet(fill(solo(51, email="S1@example.edu"), tmp_path)[1])["51"]["Grade"] == "10"


def test_two_people_of_one_number_are_not_mixed_up(tmp_path: Path) -> None:
    """Whose line it is, nobody knows: both are listed."""
    one = solo()
    both = (one.rows[0], replace(one.rows[0], persons=(Person("b", "Bob", "s1@example.edu"),)))
    written, data = fill(replace(one, rows=both), tmp_path)
    assert data == SHEET.encode()
    assert len(written.left) == 2


def test_a_person_in_two_submissions_has_no_single_grade(tmp_path: Path) -> None:
    """Neither of the two is chosen in silence."""
    twice = solo()
    written, data = fill(replace(twice, rows=twice.rows * 2), tmp_path)
    assert data == SHEET.encode()
    assert {left.reason for left in written.left} == {"is in more than one submission"}


GERMAN = ("ID,\"Vollständiger Name\",E-Mail-Adresse,Status,Bewertung,Bestwertung,\"Bewertung kann geändert werden\",\"Zuletzt geändert (Abgabe)\","
          "\"Zuletzt geändert (Bewertung)\",\"Feedback als Kommentar\"\n")


def german(number: int, grade: str = "", change: str = "Ja", said: str = "") -> str:
    """A line of a German worksheet: a decimal comma, in quotes."""
    return f'"Teilnehmer/in {number}","Müller, Zoë",s{number - 50}@example.edu,"Zur Bewertung abgegeben",{grade},"10,00",{change},"Montag, 2. März 2026, 23:59",-,{said}\n'


def test_a_worksheet_in_another_language_is_read_by_position(book: ClassBook, tmp_path: Path) -> None:
    """Identifiers, the maximum and what stands beside it tell the columns; the decimal sign is the site's."""
    sheet = GERMAN + german(51) + german(52, '"3,50"') + german(57) + german(56, change="Nein", said="alt")
    written, data = fill(book, tmp_path, sheet)
    rows = {r["ID"]: r for r in csv.DictReader(io.StringIO(data.decode()))}
    assert [r["Bewertung"] for r in rows.values()] == ["10", "1,6", "", ""]
    assert rows["Teilnehmer/in 51"]["Feedback als Kommentar"] == "10 of 10 points."
    assert rows["Teilnehmer/in 56"]["Feedback als Kommentar"] == "alt"
    assert "Moodle says that this grade can not be changed" in {left.reason for left in written.left}


def test_without_a_column_for_feedback_the_last_one_is_not_taken_for_it(tmp_path: Path) -> None:
    """When a grade was last changed is never overwritten: Moodle compares it."""
    cut = [row.rpartition(",")[0] + "\n" for row in (GERMAN + german(51) + german(52)).splitlines()]
    written, data = fill(solo(), tmp_path, "".join(cut))
    assert data.decode() == "".join(cut).replace('abgegeben",,"10,00"', 'abgegeben",10,"10,00"', 1)
    assert "The worksheet has no column for feedback comments: only grades were written." in written.notes


@pytest.mark.parametrize("sheet", [
    "", "a,b,c\n1,2,3\n", "P,a,b,c,d\nPart 1,x,2,3,maybe\n", "Identifier,Grade\nParticipant 51,\n", "no worksheet at all",
    HEADER.replace("Maximum grade", "Scale") + line(51, grade="good", limit="bad, good"),
    HEADER.replace("Last modified (grade)", "Something") + line(51, limit="x"),
])
def test_what_is_no_worksheet_is_refused_with_what_was_looked_for(tmp_path: Path, sheet: str) -> None:
    """A clear sentence, and no file."""
    with pytest.raises(UsageError, match=r"Grades-HW1\.csv: no column for the grades was found\. Looked for the headers 'Identifier', 'Grade'.*language set to English"):
        fill(solo(), tmp_path, sheet)
    assert not (tmp_path / "out").exists()


def test_other_problems_with_the_worksheet_are_usage(tmp_path: Path) -> None:
    """None given, not there, in UTF-16."""
    with pytest.raises(UsageError, match="--template: the worksheet is missing"):
        EXPORTS["moodle"].write(solo(), tmp_path)
    with pytest.raises(UsageError, match=r"nowhere\.csv: the worksheet cannot be read \(No such file"):
        EXPORTS["moodle"].write(solo(), tmp_path, Options(template=tmp_path / "nowhere.csv"))
    with pytest.raises(UsageError, match="no CSV file in UTF-8"):
        fill(solo(), tmp_path, SHEET.encode("utf-16"))


def test_a_line_with_other_cells_than_the_header_is_left_alone(tmp_path: Path) -> None:
    """Nobody knows which cell is which; the note says so."""
    sheet = HEADER + line(51).rstrip("\n") + ",more\n" + line(52)
    written, data = fill(solo(), tmp_path, sheet)
    assert data.decode() == sheet
    assert written.notes == ("Lines of the worksheet with more or fewer cells than its header, which were left as they were: 1.",)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.one_of(st.sampled_from("\",;\r\n\\ ="), st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=40))
def test_whatever_others_wrote_their_lines_stay(tmp_path: Path, text: str) -> None:
    """Hypothesis as the author of an online text."""
    other = line(52, text=text)
    _, data = fill(solo(), tmp_path, HEADER + other + line(51))
    assert data.decode().startswith(HEADER + other + "Participant 51,")
    assert b"grading,10,10.00" in data


def test_separators_that_moodle_offers_are_kept(tmp_path: Path) -> None:
    """Semicolon and tab."""
    for separator in (";", "\t"):
        rows = list(csv.reader(io.StringIO(HEADER + line(51))))
        file = io.StringIO()
        csv.writer(file, delimiter=separator, lineterminator="\n").writerows(rows)
        _, data = fill(solo(), tmp_path, file.getvalue())
        assert f"grading{separator}10{separator}10.00" in data.decode()


def test_moodles_gradebook_takes_grade_and_feedback_from_one_file(book: ClassBook, tmp_path: Path) -> None:
    """By e-mail address, to the case; who has no final grade has no line."""
    written = EXPORTS["moodle-gradebook"].write(book, tmp_path)
    text = (tmp_path / "moodle-gradebook.csv").read_bytes().decode()
    got = gradebook(text, [Enrolled(str(n), "", email=f"s{n}@example.edu") for n in range(9)])
    assert {n: grade for n, (grade, _) in got.items()} == {"1": "10", "2": "1.6", "6": "4.67"}
    assert got["2"][1].startswith("1.6 of 10 points.<br>")
    assert len(written.left) == 5


def test_the_gradebook_knows_people_by_address_or_number(tmp_path: Path) -> None:
    """An ID number is enough; who has neither is listed; an address that a spreadsheet would run finds nobody and is not trusted."""
    people = (Person("a", "A", ids={"sis_user_id": "0042"}), Person("b", "B"), Person("c", "C", "=1@example.edu"))
    rows = tuple(Row((p,), Status.GRADED, scores(3, 2, 5)) for p in people)
    written = EXPORTS["moodle-gradebook"].write(ClassBook("hw1", "Homework 1", ITEMS, rows), tmp_path)
    assert [left.who for left in written.left] == ["B (b)", "C (c)"]
    assert "A,,0042,10,10 of 10 points.\r\n" in (tmp_path / "moodle-gradebook.csv").read_bytes().decode()


def test_points_of_two_decimals_are_compared_as_they_are_written(tmp_path: Path) -> None:
    """9.999 is written as 10, and 10 is the maximum."""
    book = solo()
    near = scores(3, 2, Fraction(4999, 1000))
    _, data = fill(replace(book, rows=(replace(book.rows[0], scores=near),)), tmp_path)
    assert worksheet(data)["51"]["Grade"] == "10"
