"""A Canvas bulk download: one folder of ``<name>[_LATE]_<user>_<attachment>_<file>``.

As `ContentZipper` of canvas-lms writes it: the name is the sortable one, lower-case, letters and digits only; a group's name
stands for a person's, with the id of one member; anonymous ones are ``[LATE_]anon_<id>_<attachment>_<file>``. Text entries and
links end in ``_text.html`` and ``_link.html``: submissions that a person has to read, unless there are files, too. A file that
is handed in again is called ``softmax-1.py``, ``softmax-2.py``.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from grader.core.classbook import Person
from grader.submission.layouts.base import Found, Layout, together
from grader.submission.layouts.listing import Listing, is_candidate, spoken
from grader.submission.names import person, readable_file
from grader.submission.roll import Entry

_OWNER: Final = r"(?:(?P<late_anonymous>LATE_)?anon_(?P<anonymous>[A-Za-z0-9]+)|(?P<who>.*?)(?P<late>_LATE)?_(?P<user>[0-9]+))"
_UPLOAD: Final = re.compile(_OWNER + r"_(?P<attachment>[0-9]+)_(?P<file>.+)", re.DOTALL)
_ENTERED: Final = re.compile(_OWNER + r"_(?P<kind>text|link)\.html", re.DOTALL)
_AGAIN: Final = re.compile(r"(?P<base>.+)-[0-9]{1,3}")
_KINDS: Final = {"text": "Text typed into Canvas: read it", "link": "A web address: open it"}


@dataclass(frozen=True, slots=True)
class _Attachment:
    """One file: `file` is the student's name for it, `name` the download's, `number` grows with time."""

    owner: Person
    late: bool
    number: int
    file: str
    name: str

    @property
    def base(self) -> str:
        """The student's name without the digits that Canvas appends when it is handed in again."""
        path = PurePath(self.file)
        again = _AGAIN.fullmatch(path.stem)
        return again["base"] + path.suffix if again else self.file


def fits(folder: Listing, assignment: str | None) -> bool:
    """At least half of the files are named so, and there are more of these than folders."""
    named = sum(bool(_UPLOAD.fullmatch(f) or _ENTERED.fullmatch(f)) for f in folder.files)
    return named > 0 and 2 * named >= len(folder.files) and named >= len(folder.folders)


def read(folder: Listing, assignment: str | None) -> Found:
    """The attachments of one student belong together."""
    found = Found([], dict(folder.odd))
    owned: dict[tuple[str, str], list[_Attachment]] = defaultdict(list)
    for name in folder.files:
        if upload := _UPLOAD.fullmatch(name):
            attachment = _attachment(upload)
            owned[attachment.owner.key, attachment.owner.name].append(attachment)
    for name in (n for n in folder.files if not _UPLOAD.fullmatch(n)):
        entered = _ENTERED.fullmatch(name)
        if entered and (_owner(entered).key, _owner(entered).name) not in owned:
            found.entries.append(_entered(folder, entered))
        else:
            found.unrecognised[folder.place + spoken(name)] = _why(entered)
    for attachments in owned.values():
        _add(found, folder, attachments)
    for name in folder.folders:
        found.unrecognised[folder.place + spoken(name)] = "It is a folder; a Canvas download holds files only."
    return found


def _attachment(upload: re.Match[str]) -> _Attachment:
    late = bool(upload["late"] or upload["late_anonymous"])
    return _Attachment(_owner(upload), late, int(upload["attachment"]), upload["file"], upload.string)


def _owner(named: re.Match[str]) -> Person:
    if named["anonymous"]:
        return person(f"anon_{named['anonymous']}", f"anonymous {named['anonymous']}")
    return person(named["user"], named["who"], canvas_id=named["user"])


def _entered(folder: Listing, entered: re.Match[str]) -> Entry:
    """Whatever was typed, somebody handed it in; once a person has saved it as Python under Canvas' name for a file, it is graded."""
    name, owner = entered.string, _owner(entered)
    file = f"{name.rpartition('_')[0]}_1_NAME.py"
    remark = f"{_KINDS[entered['kind']]}. If it is code, save it as {spoken(folder.place + file)}, and grade the class again."
    late = bool(entered["late"] or entered["late_anonymous"])
    return Entry((owner,), (folder.path / name,), readable_file(name), late=late, told_by="the file's name", remarks=(remark,))


def _why(entered: re.Match[str] | None) -> str:
    if entered:
        return f"It lies beside files that {_owner(entered).name} handed in; these are the submission."
    return "Its name is not made by Canvas: <name>_<user>_<attachment>_<file>."


def _add(found: Found, folder: Listing, attachments: Sequence[_Attachment]) -> None:
    kept, remarks = _latest(folder, attachments)
    wanted = [a for a in kept if is_candidate(a.file)] or kept
    for other in kept:
        if other not in wanted:
            found.unrecognised[folder.place + spoken(other.name)] = f"It lies beside {other.owner.name}'s submission, and holds no Python."
    names = _student_names(wanted)
    if not kept[0].owner.ids:
        remarks.append("Handed in anonymously: Canvas tells no name.")
    found.entries.append(Entry(
        (kept[0].owner,), tuple(folder.path / a.name for a in wanted), together(names),
        late=kept[0].late, told_by="the file's name",
        set_aside=tuple(folder.place + spoken(a.name) for a in attachments if a not in kept),
        remarks=tuple(remarks), names=tuple(readable_file(n) for n in names),
    ))


def _latest(folder: Listing, attachments: Iterable[_Attachment]) -> tuple[list[_Attachment], list[str]]:
    """The attachments of the last attempt. A download has only that one; several downloads in one folder have more."""
    in_time = sorted(attachments, key=lambda a: (a.number, a.name))
    same = [a for a in in_time if a.late == in_time[-1].late]  # being late is told of an attempt, not of a file
    kept: list[_Attachment] = []
    remarks: list[str] = []
    for versions in _by_base(same):
        if len(versions) > 1 and not _are_attempts(folder, versions):
            remarks.append(f"{together(a.file for a in versions)} define different functions, and were taken for one attempt.")
            kept += versions
        else:
            kept.append(versions[-1])
    return sorted(kept, key=lambda a: (a.file, a.number)), remarks


def _by_base(attachments: Iterable[_Attachment]) -> Iterable[list[_Attachment]]:
    groups: dict[str, list[_Attachment]] = defaultdict(list)
    for attachment in attachments:
        groups[attachment.base].append(attachment)
    return groups.values()


def _are_attempts(folder: Listing, versions: Sequence[_Attachment]) -> bool:
    """Whether files whose names differ by ``-1``, ``-2`` replace each other; ``problem-1.py`` and ``problem-2.py`` may not."""
    if len({a.file for a in versions}) < len(versions) or any(a.file == a.base for a in versions):
        return True
    defined = [folder.defined(a.name) for a in versions]
    return any(one & other for at, one in enumerate(defined) for other in defined[:at]) or not any(defined)


def _student_names(attachments: Sequence[_Attachment]) -> list[str]:
    bases = [a.base for a in attachments]
    return [a.base if bases.count(a.base) == 1 else a.file for a in attachments]


LAYOUT = Layout("Canvas download", fits, read)
