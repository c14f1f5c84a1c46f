"""The file that Canvas' gradebook imports.

Canvas looks a line up by ID, then SIS User ID, then SIS Login ID, then name. A cell that a spreadsheet would run gets a single quote
(see `cells`), which Canvas does not take off: so whoever has an ID is found by it, whatever the name looks like, and whoever could be
found only by a cell that had to be changed is left out and listed. No byte order mark: Canvas compares the first header's text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from grader.core.classbook import ClassBook, Person
from grader.core.errors import UsageError
from grader.core.report import points
from grader.report import write_atomically
from grader.report.exports import Left, Options, Written, interrupted
from grader.report.exports.cells import grades, is_safe, number, safe, school_number, spoken, table, without

_LOOKED_UP = ("ID", "SIS User ID", "SIS Login ID", "Student")
_INFORMATION = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POSSIBLE = "Points Possible"
_NUMBER = re.compile(r"[0-9]+")
_HAS_ID = re.compile(r".*\s\([0-9]+\)")
_IGNORED = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
"""Columns with such words in their title are Canvas' own sums; its importer skips them."""


def to_canvas(book: ClassBook, folder: Path, options: Options) -> Written:
    """Write ``canvas.csv``: an empty cell, never a zero, for whoever has no final grade.

    Raises
    ------
    UsageError
        If Canvas would skip the column for its title.
    """
    column = options.column or book.title
    if _IGNORED.search(column) or not is_safe(column):
        raise UsageError(
            f"--column {column!r}: Canvas skips a title with words such as 'Final Score', and a spreadsheet runs one that begins with "
            "= + - @. Write a plain title and the assignment's number, which alone counts: 'Homework 1 (12345)'.",
        )
    everyone = list(grades(book))
    once = _only_once([_handle(person) for _, person, _ in everyone])
    found = [(row, person, value) for row, person, value in everyone if _handle(person) in once]
    lost = [Left(spoken(p), "not in the file: Canvas could not tell who this is; give a roster with ID or SIS Login ID")
            for _, p, _ in everyone if _handle(p) not in once]
    lines = [(*_INFORMATION, column), (f"    {_POSSIBLE}", "", "", "", "", points(book.possible)), *(_line(p, v) for _, p, v in found)]
    path = folder / "canvas.csv"
    write_atomically(path, table(lines))
    empty = without(found)
    return Written((path,), (*empty, *lost), (*_notes(column, empty), *interrupted(book)))


def _handle(person: Person) -> tuple[str, str] | None:
    """The first cell by which Canvas looks the person up, if it is written as it is known: column and contents."""
    keys = (_number(person), school_number(person, "sis_user_id"), person.ids.get("sis_login_id", ""))
    named = person.name if _POSSIBLE not in person.name else ""
    return next(((column, text) for column, text in zip(_LOOKED_UP, (*keys, named), strict=True) if is_safe(text)), None)


def _only_once(handles: list[tuple[str, str] | None]) -> set[tuple[str, str]]:
    """Without those that two people share: Canvas would give both grades to the first."""
    return {handle for handle, count in Counter(handles).items() if handle and count == 1}


def _number(person: Person) -> str:
    """Canvas' own number; nothing else may stand in its column, for Canvas reads ``12x`` as 12, who is another person."""
    number = person.ids.get("canvas_id", "").strip()
    return number if _NUMBER.fullmatch(number) else ""


def _line(person: Person, value: Fraction | str) -> Sequence[str]:
    name = safe(person.name).replace(_POSSIBLE, "Points  Possible")  # else Canvas takes the line for the assignment's points
    ids = (school_number(person, "sis_user_id"), person.ids.get("sis_login_id", ""), person.ids.get("section", ""))
    return [name, _number(person), *map(safe, ids), number(value)]


def _notes(column: str, empty: Sequence[Left]) -> Iterator[str]:
    if not _HAS_ID.fullmatch(column):
        yield (f"Canvas will create a new assignment {column!r}, because the title has no number. To fill an existing one, copy its title "
               "from the header of an exported gradebook: --column 'Title (12345)'.")
    if empty:
        yield "An empty cell takes away a grade that is in Canvas already: read the changes that it shows before you save them."
