"""An nbgrader course, or its ``submitted/`` alone: ``submitted/<student>/<assignment>/``, each with a ``timestamp.txt``."""

from collections.abc import Iterator
from typing import Final

from grader.core.errors import UsageError
from grader.submission.layouts.base import Found, Layout, handed_in
from grader.submission.layouts.listing import Listing, spoken
from grader.submission.moments import instant
from grader.submission.names import person, readable
from grader.submission.roll import Entry

_TIMESTAMP: Final = "timestamp.txt"
_ENOUGH: Final = 20
"""Students who are looked at to recognise the layout."""


def fits(folder: Listing, assignment: str | None) -> bool:
    """It has ``submitted/``, is called so, or has time stamps where nbgrader puts them; and assignments lie in students' folders."""
    inner = _submitted(folder)
    pairs = [pair for name in inner.folders[:_ENOUGH] for pair in _assignments(inner.child(name))]
    named = inner is not folder or folder.path.name == "submitted"
    return (named and any(a.files for a in pairs)) or any(_TIMESTAMP in a.files for a in pairs)


def read(folder: Listing, assignment: str | None) -> Found:
    """The one assignment of each student.

    Raises
    ------
    UsageError
        If there are several assignments and none of them is named.
    """
    inner = _submitted(folder)
    found = Found([], {**folder.odd, **inner.odd})
    for name in (*folder.files, *folder.folders) if inner is not folder else ():
        if name != "submitted":
            found.unrecognised[folder.place + spoken(name)] = "It belongs to the nbgrader course; students' work lies in submitted/."
    for name in inner.files:
        found.unrecognised[inner.place + spoken(name)] = "It lies beside the students' folders."
    students = [inner.child(name) for name in inner.folders]
    wanted = _wanted(inner, students, assignment)
    for student in students:
        _add(found, student, wanted)
    return found


def _submitted(folder: Listing) -> Listing:
    return folder.child("submitted") if "submitted" in folder.folders else folder


def _assignments(student: Listing) -> Iterator[Listing]:
    return (student.child(name) for name in student.folders)


def _wanted(inner: Listing, students: list[Listing], assignment: str | None) -> str:
    names = sorted({name for student in students for name in student.folders})
    asked = [n for n in names if assignment and _plain(n) == _plain(assignment)]
    if len(asked) == 1 or len(names) < 2:
        return (asked or names or [""])[0]
    copy = "hand over a copy of the folder with one of them alone"
    remedy = (f"None is called {assignment}: {copy}" if assignment
              else f"Name it with --assignment if the course calls it so; else {copy}")
    raise UsageError(f"{inner.path}: students handed in several assignments here: {', '.join(readable(n) for n in names)}. {remedy}.")


def _plain(name: str) -> str:
    """An assignment's name as systems agree on it."""
    return name.casefold().replace("_", "-")


def _add(found: Found, student: Listing, wanted: str) -> None:
    found.unrecognised.update(student.odd)
    for name in (*student.files, *student.folders):
        if name != wanted or name in student.files:
            found.unrecognised[student.place + spoken(name)] = f"It is not of the assignment {readable(wanted)}."
    if wanted in student.folders:
        _enter(found, student, student.child(wanted))
    elif not student.files and not student.folders:
        found.unrecognised[student.place.removesuffix("/")] = "The folder is empty."


def _enter(found: Found, student: Listing, work: Listing) -> None:
    name = student.path.name
    stamp = work.read(_TIMESTAMP)[:100].decode("utf-8", "replace") if _TIMESTAMP in work.files else ""
    when = instant(stamp)
    handed = handed_in(work)
    found.entries.append(Entry(
        (person(name, username=name),), handed.paths, handed.name,
        when=when, told_by=_TIMESTAMP if when else "",
        remarks=(f"{_TIMESTAMP} holds no time: {readable(stamp)!r}. Write it as 2026-03-01 23:59:00 UTC.",) if stamp and not when else (),
    ))
    found.unrecognised.update((place, why) for place, why in handed.beside.items() if place != work.place + _TIMESTAMP)


LAYOUT = Layout("nbgrader course", fits, read)
