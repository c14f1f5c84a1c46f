"""Cells that spreadsheets leave alone: nothing runs, nothing is lost, numbers stay numbers."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.core.classbook import ClassBook, Override, Person, Row, Status
from grader.report.exports import EXPORTS, Options
from grader.report.exports.cells import is_safe, safe, table
from grader.report.text import clean
from tests.report.exports.conftest import ITEMS, scores
from tests.report.exports.contracts import as_written, records, runs

NASTY = st.text(st.one_of(st.sampled_from("=+-@＝＋－＠;,\"' \t\r\n\x00\u200f’|"), st.characters()), max_size=40)


@given(NASTY)
@example("=1+1")
@example(" \"'=1")
@example("a;=1")
@example("'=1")
@example("\t=1")
@example("\n@x")
@example("\u200d=x")
@example("\u3000＝x")
def test_no_cell_runs_and_each_is_one_line(text: str) -> None:
    """Whatever a student writes, no part of the cell begins like a formula, and the cell cannot begin a new line or a new cell."""
    cell = safe(text)
    assert not any(runs(part) and not part.startswith("'") for part in cell.split(";"))
    assert not re.search(r"[\x00-\x1f\x7f]", cell)


@given(NASTY)
def test_a_cell_can_be_read_back(text: str) -> None:
    """Taking one quote off each part gives the cleaned text again."""
    assert as_written(safe(text)) == clean(text, lines=False).replace("\t", " ")


@given(st.lists(st.lists(NASTY, min_size=2, max_size=2), max_size=5))
def test_a_table_is_read_back_by_any_csv_reader(rows: list[list[str]]) -> None:
    """Commas, quotes and separators in cells do not shift columns."""
    cells = [[safe(c) for c in row] for row in rows]
    assert list(csv.reader(io.StringIO(table(cells), newline=""), strict=True)) == cells


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", " =1", '"=1', "'=1", "＝1", "＋1", "－1", "＠x", "﹦1", "\t=1", "\n=1", "\u00a0=1", "a;=1", "a; -1"])
def test_what_a_spreadsheet_would_run_gets_a_quote(text: str) -> None:
    """Each beginning that OWASP lists, and those after a semicolon, where half of Europe's spreadsheets begin a cell."""
    assert "'" in safe(text)
    assert not is_safe(text)


@pytest.mark.parametrize("text", ["O'Brien-Smith, J.", "a=b", "1-2", "x@example.edu", "Zoë 🧮", "a,=b", "#1", "5 - 3", "語 = x", "a; b"])
def test_what_is_harmless_stays(text: str) -> None:
    """Near misses: the same signs anywhere else."""
    assert safe(text) == text
    assert is_safe(text)


def test_control_characters_become_pictures() -> None:
    """A return before a formula is no return any more, and what follows is not at the beginning."""
    assert safe("\r=1") == "␍=1"
    assert safe("a\x00b\x1b[31mc\u202e") == "a␀bc\\u202e"


def test_a_cell_is_bounded() -> None:
    """A megabyte is cut, and the cell says so."""
    assert safe("x" * 1_000_000).endswith("… (998,000 more characters)")
    assert len(safe("x" * 1_000_000)) < 2100


@pytest.mark.parametrize("text", ["", " ", "\u200f"])
def test_what_is_empty_or_invisible_matches_nobody(text: str) -> None:
    """A blank name is not looked up."""
    assert not is_safe(text)


@pytest.mark.parametrize(("ids", "canvas", "moodle"), [
    ({"id_number": "007", "sis_user_id": "SIS1", "student_number": "n7"}, "SIS1", "007"), ({"id_number": "007"}, "007", "007"),
    ({"sis_user_id": "SIS1"}, "SIS1", "SIS1"), ({"student_number": "n7"}, "n7", "n7"), ({"username": "ann"}, "", ""),
])
def test_each_system_gets_the_number_that_it_means_or_else_the_one_that_is_there(ids: dict[str, str], canvas: str, moodle: str, tmp_path: Path) -> None:
    """Canvas the SIS id, Moodle the ID number."""
    book = ClassBook("hw1", "Homework 1", ITEMS, (Row((Person("a", "A", "a@x.org", ids),), Status.GRADED, scores(3, 2, 5)),))
    EXPORTS["canvas"].write(book, tmp_path)
    EXPORTS["moodle-gradebook"].write(book, tmp_path)
    assert records((tmp_path / "canvas.csv").read_text())[2][2] == canvas
    assert records((tmp_path / "moodle-gradebook.csv").read_text())[1][2] == moodle


def test_a_grade_is_empty_while_a_person_has_to_decide_what_being_late_costs(tmp_path: Path) -> None:
    """And the student is named, by every gradebook; near misses: no doubt, and a comment of somebody who looked."""
    ids = {"canvas_id": "1", "moodle_participant": "1"}
    doubted = Row((Person("a", "Ann", "a@x.org", ids),), Status.GRADED, scores(3, 2, 5), doubt="Late or not?")
    comment = Override("a", "", None, "came in time", "Tutor", "2026-11-21")
    why = "not final: a person has to decide what being late costs, see its remarks"
    for row, told in ((doubted, [why]), (replace(doubted, doubt=""), []), (replace(doubted, comments=(comment,)), [])):
        book = ClassBook("hw1", "Homework 1", ITEMS, (row,))
        sheet = tmp_path / "sheet.csv"
        sheet.write_text("Identifier,Full name,Email address,Grade,Maximum Grade,Last modified (grade)\nParticipant 1,Ann,a@x.org,,10,-\n")
        written = {name: EXPORTS[name].write(book, tmp_path, Options(template=sheet)) for name in ("csv", "canvas", "moodle", "moodle-gradebook")}
        assert [[left.reason for left in w.left] for w in written.values()] == 4 * [told]
        assert records((tmp_path / "canvas.csv").read_text())[2][-1] == ("" if told else "10")
        assert records((tmp_path / "gradebook.csv").read_text("utf-8-sig"))[1][-3] == ("" if told else "10")
        assert records((tmp_path / "moodle-worksheet.csv").read_text())[1][3] == ("" if told else "10")
        assert len(records((tmp_path / "moodle-gradebook.csv").read_text())) == (1 if told else 2)
        EXPORTS["jsonl"].write(book, tmp_path)
        assert json.loads((tmp_path / "gradebook.jsonl").read_text())["not_final"] == (why if told else None)
