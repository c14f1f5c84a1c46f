"""Reports in an archive that the learning management system takes back: each lies under the name by which the system knows whose it is.

Canvas reads the person's and the attachment's number from the name of the file as it was downloaded; an essay or a link typed into
Canvas has no attachment, and a reply to it cannot be uploaded. Canvas may show the file under the name of the student's own.
Moodle reads the participant's number from the folder's name.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from grader.core.classbook import ClassBook, Person, Row
from grader.core.wording import listed
from grader.report.exports import Left, Options, Written, interrupted
from grader.report.exports.archive import zip_atomically
from grader.report.exports.cells import people, spoken
from grader.report.text import clean

_CANVAS = re.compile(r"(?:[^/\\]*_[0-9]+|(?:LATE_)?anon_[A-Za-z0-9]+)_[0-9]+_[^/\\]+")
_MOODLE = re.compile(r"(?P<who>[^/\\_]*_(?P<number>[0-9]+))_assignsubmission_[a-z]+(?P<end>_?)")
_NAME = re.compile(r"[^\w .,'()-]+|_")
_NAMED = 6  # persons on a line

_UNFIT = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|\ud800-\udfff]")
"""What no zip file, or no Windows, takes in a name; the numbers, which count, are not among them."""

_Namer = Callable[[Row, Person], str | None]


def to_canvas(book: ClassBook, folder: Path, options: Options) -> Written:
    """Write ``canvas-feedback.zip``, for *Upload submissions* of the assignment's page in SpeedGrader."""
    reason = "its name is not one that Canvas gave; grade the folder as Canvas' bulk download unpacks it"
    firsts = [(row, row.persons[0]) for row in book.rows if row.persons]  # a group's file bears one name, and Canvas tells the others
    return _write(book, folder / "canvas-feedback.zip", options, firsts, _canvas_name, reason)


def to_moodle(book: ClassBook, folder: Path, options: Options) -> Written:
    """Write ``moodle-feedback.zip``, for *Upload multiple feedback files in a zip*."""
    reason = "the number that Moodle gave the participant is not known; grade the folder as Moodle's download unpacks it"
    return _write(book, folder / "moodle-feedback.zip", options, list(people(book)), _moodle_name, reason)


def _write(book: ClassBook, path: Path, options: Options, pairs: Sequence[tuple[Row, Person]], name: _Namer, reason: str) -> Written:
    left: list[Left] = []

    def entries() -> Iterator[tuple[str, bytes]]:
        taken: set[str] = set()
        for row, person in pairs:
            report, called = options.feedback(row), name(row, person)
            if isinstance(report, str):
                left.append(Left(spoken(person), clean(report, 400, lines=False)))
            elif called is None or called in taken:
                left.append(Left(spoken(person), "another submission has the same name" if called else reason))
            else:
                taken.add(called)
                yield called, report

    zip_atomically(path, entries())
    return Written((path,), tuple(left), (*_not_final(book), *interrupted(book)))


def _not_final(book: ClassBook) -> Iterator[str]:
    """Whose reports tell no total yet."""
    if found := [spoken(person) for row, person in people(book) if row.undecided]:
        more = [f"{len(found) - _NAMED} more"] if len(found) > _NAMED else []
        yield f"Not final in this feedback, as a person has to decide what being late costs: {listed([*found[:_NAMED], *more])}."


def _canvas_name(row: Row, person: Person) -> str | None:
    """The downloaded name, with an ending that no browser takes for Python."""
    names = (PurePosixPath(path).name for path in row.handed_in_as)
    found = next((name for name in names if _CANVAS.fullmatch(name)), None)
    return f"{_UNFIT.sub('-', found)}_report.html" if found else None


def _moodle_name(row: Row, person: Person) -> str | None:
    """``Full Name_12345_assignfeedback_file_/report.html``; Moodle takes the folder with and without its last ``_``."""
    folders = [m for path in row.handed_in_as for part in PurePosixPath(path).parts if (m := _MOODLE.fullmatch(part))]
    number = person.ids.get("moodle_participant", "")
    if not number.isascii() or not number.isdigit():
        number = folders[0]["number"] if folders and len(row.persons) == 1 else ""
    if not number:
        return None
    own = next((m for m in folders if m["number"] == number), None)
    who, end = (own["who"], own["end"]) if own else (f"{_plain_name(person.name)}_{number}", "_")
    return f"{_UNFIT.sub('-', who)}_assignfeedback_file{end}/report.html"


def _plain_name(name: str) -> str:
    """A name that can stand in a folder's name: Moodle reads the number after it, and splits at ``_``."""
    return _NAME.sub(" ", clean(name, 100, lines=False)).strip(" .") or "Participant"
