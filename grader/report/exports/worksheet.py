"""Moodle's offline grading worksheet, cell for cell: what is not written to stays as it was, byte for byte.

Python's `csv` forgets which cells were quoted and how lines ended, so the file is cut into raw cells here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from grader.core.errors import UsageError
from grader.report.text import clean

_CELL = r'("(?:[^"]|"")*+"[^{0}\r\n]*|[^{0}\r\n]*)({0}|\r\n|\r|\n|\Z)'
_SEPARATORS = (",", ";", "\t", ":")  # the four that Moodle offers
_IDENTIFIER, _GRADE, _CHANGEABLE, _FEEDBACK = "Identifier", "Grade", "Grade can be changed", "Feedback comments"
_EMAIL_ADDRESS, _MODIFIED = "Email address", "Last modified (grade)"
_MAXIMUM = ("Maximum Grade", "Maximum grade")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PARTICIPANT = re.compile(r"\D+?(?P<number>[0-9]+)\s*")
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
_NO = frozenset(re.split(" ", "no nein non não nee nej nei ei ne nie nu нет ні не όχι いいえ 否 아니요 아니오 لا לא hayır nem"))
_YES = frozenset(re.split(" ", "yes ja oui sí si sì sim kyllä ano tak da да так ναι はい 是 예 نعم כן evet igen"))


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns are, from 0. None for one that the worksheet does not have.

    Parameters
    ----------
    identifier, grade, maximum : int
        Needed.
    email, changeable, feedback : int or None
        Not in every worksheet: a blind assignment has no e-mail addresses, one without feedback comments no such column.
    """

    identifier: int
    grade: int
    maximum: int
    email: int | None
    changeable: int | None
    feedback: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the worksheet: its raw cells, and how it ended."""

    cells: list[str]
    end: str

    def __getitem__(self, column: int | None) -> str:
        return "" if column is None else _value(self.cells[column])


@dataclass(frozen=True, slots=True)
class Worksheet:
    """The file, read.

    Parameters
    ----------
    separator : str
        Between cells.
    header : Line
        Its first line.
    lines : tuple of Line
        Those below; cells are replaced in place by `put`.
    columns : Columns
        Where to read and to write.
    """

    separator: str
    header: Line
    lines: tuple[Line, ...]
    columns: Columns

    def put(self, line: Line, column: int, text: str) -> None:
        """Write a cell."""
        special = re.search(rf'["\r\n{self.separator}]', text)
        line.cells[column] = '"' + text.replace('"', '""') + '"' if special else text

    def maximum(self, line: Line) -> Fraction | None:
        """The most that this grade can be; None if it is no number."""
        text = line[self.columns.maximum].strip()
        return Fraction(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None

    @property
    def usable(self) -> Iterator[Line]:
        """The lines with as many cells as the header; others are left alone, for nobody knows which cell is which."""
        return (line for line in self.lines if len(line.cells) == len(self.header.cells))

    def encoded(self) -> bytes:
        """The file's bytes."""
        text = "".join(self.separator.join(line.cells) + line.end for line in (self.header, *self.lines))
        return text.encode("utf-8", "surrogateescape")


def read(path: Path) -> Worksheet:
    """Read a worksheet.

    Raises
    ------
    UsageError
        If it cannot be read, or has no columns that can be those of a worksheet.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: the worksheet cannot be read ({error.strerror}). Name the file that Moodle let you download.") from error
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in data:
        raise UsageError(f"{path}: this is no CSV file in UTF-8. Name the file that Moodle let you download, as it came.")
    text = data.decode("utf-8", "surrogateescape")  # so that the bytes of any other encoding come out as they went in
    for separator in _SEPARATORS:
        header, *lines = list(_lines(text, separator)) or [Line([""], "")]
        columns = _columns(header, lines)
        if columns:
            return Worksheet(separator, header, tuple(lines), columns)
    first = clean(text.partition("\n")[0].strip(), 300, lines=False)
    raise UsageError(
        f"{path}: no column for the grades was found. Looked for the headers {_IDENTIFIER!r}, {_GRADE!r}, {_MAXIMUM[1]!r} and "
        f"{_MODIFIED!r}; in another language, for 'Participant 123' in the first column, and grades left of a column with the same "
        f"number in every line, with yes or no to the right. The first line is {first!r}. Download the worksheet again from Moodle, for "
        "an assignment that is graded in points, with the language set to English.",
    )


def participant(text: str) -> str:
    """The number in ``Participant 12345``, the word being one of the site's language; empty if there is none."""
    found = _PARTICIPANT.fullmatch(text)
    return found["number"] if found else ""


def is_locked(line: Line, columns: Columns) -> bool:
    """Whether Moodle says that this grade may not be changed."""
    return line[columns.changeable].strip().lower() in _NO


def _lines(text: str, separator: str) -> Iterator[Line]:
    cell = re.compile(_CELL.format(separator))
    cells: list[str] = []
    at = 0
    while at < len(text) or cells:
        found = cell.match(text, at)
        assert found
        cells.append(found[1])
        at = found.end()
        if found[2] != separator:
            yield Line(cells, found[2])
            cells = []


def _value(raw: str) -> str:
    raw = raw.removeprefix("\ufeff")
    if not raw.startswith('"'):
        return raw
    inner, _, after = raw[1:].rpartition('"')
    return inner.replace('""', '"') + after


def _columns(header: Line, lines: list[Line]) -> Columns | None:
    at = {_value(cell).strip(): n for n, cell in enumerate(header.cells)}
    maximum = next((at[name] for name in _MAXIMUM if name in at), None)
    if maximum is None or not {_IDENTIFIER, _GRADE, _MODIFIED} <= at.keys():
        width = len(header.cells)
        return _by_position(width, [line for line in lines if len(line.cells) == width])
    return Columns(at[_IDENTIFIER], at[_GRADE], maximum, at.get(_EMAIL_ADDRESS), at.get(_CHANGEABLE), at.get(_FEEDBACK))


def _by_position(width: int, body: list[Line]) -> Columns | None:
    """The columns of a worksheet in any language, from what is in them and the order in which Moodle writes them."""
    columns = [[line[n].strip() for line in body] for n in range(width)]
    if not body or not all(participant(cell) for cell in columns[0]):
        return None
    found = [n for n in range(2, width) if _is_maximum(columns[n]) and all(not c or _NUMBER.fullmatch(c) for c in columns[n - 1])]
    if len(found) != 1:
        return None
    email = next((n for n in range(1, found[0] - 1) if all(map(_EMAIL.fullmatch, columns[n]))), None)
    changeable = next((n for n in range(found[0] + 1, width) if {c.lower() for c in columns[n]} <= _YES | _NO), None)
    if changeable is None:
        return None
    feedback = width - 1 if "" in columns[-1] else None  # the column before it is "-" or a date, never empty
    return Columns(0, found[0] - 1, found[0], email, changeable, feedback)


def _is_maximum(cells: list[str]) -> bool:
    return len(set(cells)) == 1 and bool(_NUMBER.fullmatch(cells[0]))
