"""Who gets which file, and whether names are in it."""

from pathlib import Path

from grader.core.classbook import ClassBook
from grader.report.exports import EXPORTS, Options


def test_what_students_will_read_is_cut_for_students() -> None:
    """Files with feedback, and no other; two of them hand reports back."""
    assert {name for name, e in EXPORTS.items() if e.for_students} == {"moodle", "moodle-gradebook", "canvas-feedback", "moodle-feedback"}
    assert {name for name, e in EXPORTS.items() if e.hands_back} == {"canvas-feedback", "moodle-feedback"}
    assert {name: e.takes for name, e in EXPORTS.items() if e.takes} == {
        "canvas": ("--column",), "moodle": ("--template",), "moodle-gradebook": ("--column",)}


def test_the_page_to_project_has_no_names(book: ClassBook, tmp_path: Path) -> None:
    """Neither a person's name, key nor address; and it is there."""
    written = EXPORTS["anonymous"].write(book, tmp_path, Options())
    (page,) = written.paths
    text = page.read_text(encoding="utf-8")
    assert len(text) > 1000
    for person in (p for row in book.rows for p in row.persons):
        assert person.key not in text
        assert person.email not in text
    assert "Nowak" not in text
