"""Cells that spreadsheets leave alone: nothing runs, nothing is lost, numbers stay numbers."""

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.report.exports.cells import is_safe, safe, table
from grader.report.text import clean
from tests.report.exports.contracts import as_written, runs

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
