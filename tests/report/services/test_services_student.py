"""A student's report on the terminal, as JSON and as a page: what is left out is said, what is not shown leaves no hole."""

import io
import json
import os
from pathlib import Path

import jsonschema
from rich.console import Console

from grader.core.report import GradeReport
from grader.report.html import to_html
from grader.report.json import to_json
from grader.report.terminal import print_report
from grader.schemas import report_schema
from tests.report.test_report_json import closed

GOLDEN = Path(__file__).with_name("golden") / "student.txt"


def test_the_terminal_shows_a_students_report_as_reviewed(student: GradeReport) -> None:
    """``GOLDEN=write`` writes the file anew."""
    console = Console(file=io.StringIO(), width=80)
    print_report(student, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_a_students_report_keeps_to_the_published_schema(student: GradeReport) -> None:
    """With what is withheld, and with values that are not shown; and a visible item is never withheld."""
    valid, data = jsonschema.Draft202012Validator(closed(report_schema())), json.loads(to_json(student))
    valid.validate(data)
    assert data["withheld"] == [{"visibility": "after_due_date", "items": 4}, {"visibility": "hidden", "items": 1}]
    for wrong in ({"visibility": "visible", "items": 1}, {"visibility": "hidden", "items": 0}, {"visibility": "hidden", "items": 1, "titles": ["t"]}):
        assert not valid.is_valid({**data, "withheld": [wrong]})


def test_the_page_says_what_the_points_are_of(student: GradeReport, sample: GradeReport) -> None:
    """In its title, its headline and below the bar; a full report has none of it."""
    page = to_html(student)
    assert "<title>submit.py – 12.67 of 44 points for the public items</title>" in page
    assert "</strong> of 44 points for the public items</p>" in page
    assert "4 further items are graded after the deadline; 1 further item is graded and not shown" in page
    assert "public items" not in to_html(sample)
