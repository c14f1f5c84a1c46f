"""The class as one CSV file, for people and their spreadsheets.

UTF-8 with a byte order mark: without it Excel reads accents in the machine's old code page. Other readers: ``encoding="utf-8-sig"``.
"""

from collections.abc import Iterator, Mapping
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
    found = [(row, person, grade(book, row)) for row, person in people(book)]
    points_of = _points(book)
    lines = [[safe(cell) for cell in header], *(_line(book, row, person, total, ids, points_of) for row, person, total in found)]
    path = folder / "gradebook.csv"
    write_atomically(path, "\ufeff" + table(lines))
    return Written((path,), tuple(without(found)), interrupted(book))


def _line(
    book: ClassBook, row: Row, person: Person, total: Fraction | str, ids: list[str], points_of: Mapping[int, str]
) -> list[str]:
    texts = [person.key, person.name, person.email, *(person.ids.get(name, "") for name in ids), row.submission]
    return [
        *map(safe, texts),
        row.when.isoformat() if row.when else "",
        _LATE[row.late],
        row.status.value,
        *[points_of[id(row.scores.get(i.id))] for i in book.items],
        points(sum((a.points for a in row.adjustments), Fraction(0))) if row.adjustments else "",
        number(total),
        points(book.possible),
        safe(" | ".join(_remarks(row))),
    ]


def _points(book: ClassBook) -> dict[int, str]:
    """The cell of each score by its id. It is empty where there is none."""
    return {id(None): "", **{one: "" if score.counted is None else points(score.counted) for one, score in book.scores().items()}}


def _remarks(row: Row) -> Iterator[str]:
    """What there is to say besides numbers: each decision of a person with who took it."""
    yield from row.remarks
    for a in row.adjustments:
        yield f"{a.label} ({points(a.points)})"
    for item, override in row.overrides.items():
        yield f"{item}: {override.note} ({override.who}, {override.when})"
    for comment in row.comments:
        yield f"{comment.note} ({comment.who}, {comment.when})"
