"""A Moodle download of all submissions: ``<name>_<number>_assignsubmission_file_/`` with the student's files.

As `mod_assign` writes it: up to 4.0 the folder's name ends in an underscore, later it does not; without folders, the file's own
name follows. Blind marking has ``Participant`` for the name, a download of one group ``<group>-`` before it, a team its name and
the group's number, and those in no team share ``Default group`` without a number. What somebody typed into Moodle,
``_assignsubmission_onlinetext``, is a submission that a person has to read, unless that person handed in files, too.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from grader.core.classbook import Person
from grader.submission.layouts.base import Found, Layout, contents, handed_in, together
from grader.submission.layouts.listing import Listing, is_candidate, spoken
from grader.submission.names import person, readable_file
from grader.submission.roll import Entry

_NAMED: Final = re.compile(r"(?P<who>.*?)(?:_(?P<number>[0-9]+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL)


def fits(folder: Listing, assignment: str | None) -> bool:
    """At least half of what lies in it is named so."""
    names = (*folder.files, *folder.folders)
    named = sum(bool(_NAMED.fullmatch(n)) for n in names)
    return named > 0 and 2 * named >= len(names)


def read(folder: Listing, assignment: str | None) -> Found:
    """Files belong to their folder's owner; without folders, those of one person belong together."""
    found = Found([], dict(folder.odd))
    loose, typed = (defaultdict[tuple[str, str], list[re.Match[str]]](list) for _ in range(2))
    for name in (*folder.folders, *folder.files):
        named = _NAMED.fullmatch(name)
        if named and named["plugin"] == "onlinetext":
            typed[named["who"], named["number"]].append(named)
        elif named is None or named["plugin"] != "file":
            found.unrecognised[folder.place + spoken(name)] = _why(named)
        elif name in folder.folders:
            handed = handed_in(folder.child(name))
            found.entries.append(Entry((_owner(named),), handed.paths, handed.name))
            found.unrecognised.update(handed.beside)
        else:
            loose[named["who"], named["number"]].append(named)
    for files in loose.values():
        _add(found, folder, files)
    owners = {(e.owners[0].key, e.owners[0].name) for e in found.entries}
    for texts in typed.values():
        if ((owner := _owner(texts[0])).key, owner.name) in owners:
            found.unrecognised.update((folder.place + spoken(t.string), _beside(t)) for t in texts)
        else:
            found.entries.append(_typed(folder, texts))
    found.entries[:] = _without_group(found.entries)
    return found


def _why(named: re.Match[str] | None) -> str:
    if named is None:
        return "Its name is not made by Moodle: <name>_<number>_assignsubmission_file."
    return f"It holds what {_owner(named).name} handed in by Moodle's plugin {named['plugin']!r}; only that for files is read."


def _beside(text: re.Match[str]) -> str:
    owner = _renamed(_owner(text), "", blind=False)
    return f"{owner.name} typed text into Moodle, too; the files that came with it are the submission."


def _typed(folder: Listing, texts: Sequence[re.Match[str]]) -> Entry:
    """Whatever was typed, somebody handed it in; once a person has saved it as Python in its folder, it is graded."""
    first, owner = texts[0].string, _owner(texts[0])
    inner = folder.child(first) if first in folder.folders else None
    if inner and any(True for _ in inner.sources()):
        return Entry((owner,), (inner.path,), contents(inner))
    file = f"{first}/NAME.py" if inner else f"{first.partition('_assignsubmission_')[0]}_assignsubmission_file_NAME.py"
    remark = f"Text typed into Moodle: read it. If it is code, save it as {spoken(folder.place + file)}, and grade the class again."
    name = contents(inner) if inner else together(t["file"] or t.string for t in texts)
    return Entry((owner,), tuple(folder.path / t.string for t in texts), name, remarks=(remark,))


def _owner(named: re.Match[str]) -> Person:
    if named["number"] is None:
        return person(named["who"])
    return person(named["number"], named["who"], moodle_participant=named["number"])


def _add(found: Found, folder: Listing, files: Sequence[re.Match[str]]) -> None:
    owner = _owner(files[0])
    wanted = [f for f in files if is_candidate(f["file"])] or files
    for other in files:
        if other not in wanted:
            found.unrecognised[folder.place + spoken(other.string)] = f"It lies beside {owner.name}'s submission, and holds no Python."
    names = tuple(readable_file(f["file"]) for f in wanted)
    found.entries.append(Entry((owner,), tuple(folder.path / f.string for f in wanted), together(names), names=names))


def _without_group(entries: Sequence[Entry]) -> list[Entry]:
    """Names without the group's, which all of one download begin with; with their numbers where all are called the same."""
    names = [e.owners[0].name for e in entries]
    begins = "".join(letters[0] for letters in takewhile(lambda at: len(set(at)) == 1, zip(*names, strict=False))) if len(names) > 1 else ""
    group = begins[: begins.rfind("-") + 1]
    return [replace(e, owners=(_renamed(e.owners[0], group, blind=len(names) > 1 and len(set(names)) == 1),)) for e in entries]


def _renamed(owner: Person, group: str, *, blind: bool) -> Person:
    name = owner.name.removeprefix(group).strip() or owner.name
    is_number = "moodle_participant" in owner.ids
    return replace(owner, name=f"{name} {owner.key}" if is_number and (blind or name == "Participant") else name)


LAYOUT = Layout("Moodle download", fits, read)
