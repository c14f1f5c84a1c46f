"""What people open: the class page and the gradebook, made from the store."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from grader.batch.book import Kept, class_book, late_policy
from grader.batch.folder import RunFolder
from grader.batch.late import apply_late, unmatched_extensions
from grader.batch.overrides import apply_overrides, load_overrides, misnamed_overrides
from grader.core.classbook import ClassBook, Item, Person, Row
from grader.course import Assignment
from grader.report import write_atomically
from grader.report.classpage import to_class_page
from grader.report.exports import EXPORTS, Options

CHANGES: Final = "changes.txt"


def publish(folder: RunFolder, *, complete: bool = True) -> ClassBook:
    """Write what people open; the class that it shows.

    Raises
    ------
    UsageError
        If the overrides cannot be read.
    """
    book = final_book(folder, complete=complete)
    show(folder, book, folder.store.get("changes", ()))
    folder.store.put(decided=decisions(book))
    return book


def show(folder: RunFolder, book: ClassBook, changes: Sequence[str]) -> None:
    """Write ``index.html``, ``gradebook.csv`` and, once a judging has changed something, ``changes.txt``."""
    write_atomically(folder.path / "index.html", to_class_page(book))
    EXPORTS["csv"].write(book, folder.path, Options())
    if changes:
        write_atomically(folder.path / CHANGES, "\n".join(changes))


def decisions(book: ClassBook) -> dict[str, dict[str, object]]:
    """What persons and the late policy decided, by row, as the store keeps it: tells at the next judging what is new of it."""
    return {row.key: _decisions(row) for row in book.rows if row.adjustments or row.overrides}


def _decisions(row: Row) -> dict[str, object]:
    points = {i: [str(o.points), o.who] for i, o in row.overrides.items() if o.points is not None}
    return {"points": points, "late": [[a.label, str(a.points)] for a in row.adjustments]}


def final_book(folder: RunFolder, kept: Kept | None = None, *, complete: bool = True) -> ClassBook:
    """The class with all that counts: verdicts, then what persons decided, then what being late costs.

    Parameters
    ----------
    kept : Kept or None
        As in `grader.batch.book.class_book`.

    Raises
    ------
    UsageError
        If the overrides cannot be read.
    """
    book = class_book(folder.store, kept, complete=complete)
    policy = late_policy(folder.store)
    with_row = {p.key for row in book.rows for p in row.persons}
    overrides = [o for o in load_overrides(folder.path, book.items, _persons(folder), folder.store.left()) if o.student in with_row]
    rows = apply_overrides(book.rows, overrides, book.items)
    return replace(book, rows=tuple(apply_late(row, policy, book.possible) for row in rows))


def warnings(folder: RunFolder, assignment: Assignment) -> tuple[str, ...]:
    """What the instructor has to hear of overrides and the late policy.

    Raises
    ------
    UsageError
        If the overrides cannot be read, or do not fit the rubric.
    """
    items = [Item(x.id, x.section, x.title, x.points) for x in assignment.rubric.items]
    overrides = load_overrides(folder.path, items, _persons(folder), folder.store.left())
    gone = {p.key for p in folder.store.left()}
    idle = dict.fromkeys(o.student for o in overrides if o.student in gone)
    left = (f"overrides of {student}, who is not in the class any more: they are not used, and may stay." for student in idle)
    return (*misnamed_overrides(folder.path), *left, *unmatched_extensions(assignment.rubric.late, _persons(folder)))


def _persons(folder: RunFolder) -> Iterator[Person]:
    """All of the class, also those whose submission waits."""
    for one in folder.store.listed():
        yield from one.persons
