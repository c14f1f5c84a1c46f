"""The class as one CSV file, for people and their spreadsheets.

UTF-8 with a byte order mark: without it Excel reads accents in the machine's old code page. Other readers: ``encoding="utf-8-sig"``.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from grader.core.classbook import ClassBook, Person, Row
from grader.core.report import points
from grader.report import write_atomically
from grader.report.exports import Options, Written, interrupted
from grader.report.exports.cells import grade, number, people, safe, table, without

_LATE = {True: "yes", False: "no", None: ""}


def to_csv(book: ClassBook, folder: Path, options: Options) -> Written:
    """Write ``gradebook.csv``.

    A cell of an item is empty if the item is ungraded, and the total is empty unless every item has points.
    """
    ids = sorted({name for _, person in people(book) for name in person.ids})
    header = ["key", "name", "email", *ids, "submission", "submitted at", "late", "status",
              *(i.id for i in book.items), "adjustments", "total", "possible", "remarks"]
    lines = [[safe(cell) for cell in header], *(_line(book, row, person, ids) for row, person in people(book))]
    path = folder / "gradebook.csv"
    write_atomically(path, "\ufeff" + table(lines))
    found = [(row, person, grade(book, row)) for row, person in people(book)]
    return Written((path,), tuple(without(found)), interrupted(book))


def _line(book: ClassBook, row: Row, person: Person, ids: list[str]) -> list[str]:
    texts = [person.key, person.name, person.email, *(person.ids.get(name, "") for name in ids), row.submission]
    adjusted = sum((a.points for a in row.adjustments), Fraction(0))
    return [
        *map(safe, texts),
        row.when.isoformat() if row.when else "",
        _LATE[row.late],
        row.status.value,
        *(_points(row, i.id) for i in book.items),
        points(adjusted) if row.adjustments else "",
        number(grade(book, row)),
        points(book.possible),
        safe(" | ".join(_remarks(row))),
    ]


def _points(row: Row, item: str) -> str:
    score = row.scores.get(item)
    return "" if score is None or score.counted is None else points(score.counted)


def _remarks(row: Row) -> Iterator[str]:
    """What there is to say besides numbers: each decision of a person with who took it."""
    yield from row.remarks
    for a in row.adjustments:
        yield f"{a.label} ({points(a.points)})"
    for item, score in row.scores.items():
        if score.override:
            yield f"{item}: {score.override.note} ({score.override.who}, {score.override.when})"
    for comment in row.comments:
        yield f"{comment.note} ({comment.who}, {comment.when})"
