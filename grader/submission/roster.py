"""Rosters: a CSV file that names a class, and how its lines are joined with what was handed in.

Exports of systems are read as they are: a Canvas gradebook or list of groups, a Moodle grading worksheet, a GitHub Classroom or
Gradescope roster; and any table with the usual headings, in any order and case.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from grader.core.classbook import SCHOOL_NUMBERS, Person, in_order
from grader.core.errors import UsageError
from grader.submission.moments import told_time
from grader.submission.names import readable, unmarked
from grader.submission.roll import Entry
from grader.submission.tables import read_table

_HEADINGS: Final = {
    "name": ("name", "student", "full name", "fullname", "student name"),
    "first": ("first name", "firstname", "first", "given name"),
    "last": ("last name", "lastname", "last", "surname", "family name"),
    "email": ("email", "email address", "e mail", "e mail address", "mail"),
    "canvas_id": ("canvas id", "canvas user id"),
    "sis_user_id": ("sis user id", "sis id"),
    "id_number": ("id number",),
    "student_number": ("student id", "student number", "matriculation number"),
    "sis_login_id": ("sis login id", "login", "login id"),
    "gradescope_sid": ("sid",),
    "username": ("username", "user name", "github username"),
    "identifier": ("identifier", "roster identifier"),
    "id": ("id",),
    "section": ("section", "sections"),
    "group": ("group", "group name"),
    "role": ("role",),
    "when": ("submitted at", "submission time", "submission timestamp", "last modified (submission)"),
}
"""What a column is, by its heading in lower case, with spaces for ``_`` and ``-``."""
_NAMING: Final = frozenset(_HEADINGS) - {"section", "group", "role", "when"}
_IDS: Final = ("canvas_id", "moodle_participant", "username", "sis_login_id", *SCHOOL_NUMBERS, "gradescope_sid", "roster_identifier")
"""Strongest first; ``section`` tells nobody apart."""
_ALSO: Final = {
    "canvas_id": SCHOOL_NUMBERS,
    "gradescope_sid": SCHOOL_NUMBERS,
    "username": ("sis_login_id", *SCHOOL_NUMBERS, "gradescope_sid", "roster_identifier"),
}
"""Where an id is looked up besides its own column: rosters call a student's number and login what they like."""
_PARTICIPANT: Final = re.compile(r"[^\W\d]+ +([0-9]+)")
"""``Participant 12345``, in Moodle's language."""
_TEST_STUDENT: Final = "Student, Test"
_NOT_JOINED: Final = (" is not on the roster (", "; it was not joined.")
"""What is said of an owner who may be nobody of the class."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a roster.

    Parameters
    ----------
    line : int
        Where it begins, 1-based.
    name, email, group, when : str
        Empty if not told; `when` as it is written.
    ids : mapping of str to str
        As in `grader.core.classbook.Person`.
    """

    line: int
    name: str
    email: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """A class as a file names it."""

    file: Path
    students: tuple[Listed, ...]


# ---- reading ---------------------------------------------------------------------------------------------------------


def read_roster(file: Path) -> Roster:
    """Read a roster.

    Raises
    ------
    UsageError
        If it cannot be read, has no heading that names a person, or names nobody or somebody twice; with line and column.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: the roster cannot be read ({error.strerror}). Name a CSV file.") from error
    _, rows = read_table(file, data, "the roster")
    if not rows:
        raise UsageError(f"{file}, line 1: the roster is empty. Write headings, such as name,email,id, and a line for each student.")
    columns = _columns(file, rows[0][1])
    _refuse_wide(file, rows)
    students = tuple(s for line, cells in rows[1:] if (s := _student(file, line, cells, columns)) is not None)
    if not students:
        raise UsageError(f"{file}, line 2: the roster has headings and names nobody. Write a line for each student.")
    _refuse_twins(file, students, columns)
    return Roster(file, students)


def _refuse_wide(file: Path, rows: Sequence[tuple[int, list[str]]]) -> None:
    """A name with a comma that nobody quoted would push the other cells into wrong columns."""
    width = len(rows[0][1])
    for line, cells in rows[1:]:
        if any(cells[width:]):
            raise UsageError(f"{file}, line {line}, column {width + 1}: {readable(cells[width])!r} stands beyond the last heading. "
                             "Put quotation marks around a cell that holds the delimiter.")


def _columns(file: Path, headings: Sequence[str]) -> dict[str, int]:
    """Where each field is; of two columns that say the same, the first."""
    plain = [" ".join(re.split(r"[\s_-]+", h.casefold())).strip() for h in headings]
    places = {name: [at for at, heading in enumerate(plain) if heading in known] for name, known in _HEADINGS.items()}
    columns = {name: at[0] for name, at in places.items() if at}
    if _NAMING.isdisjoint(columns):
        found = ", ".join(readable(h) for h in headings[:6])
        raise UsageError(f"{file}, line 1, columns 1 to {len(headings)}: no heading names a person; there is {found}. "
                         "Write name, email, id or username above the column that does.")
    if "id" in columns:  # a Canvas gradebook's ID is Canvas's own; any other is the school's
        kind = "canvas_id" if "sis login id" in plain or "sis user id" in plain else "student_number"
        columns.setdefault(kind, columns.pop("id"))
    return columns


def _student(file: Path, line: int, cells: Sequence[str], columns: Mapping[str, int]) -> Listed | None:
    told = {name: readable(cells[at]) for name, at in columns.items() if at < len(cells) and cells[at]}
    if _is_no_student(told, is_canvas="canvas_id" in columns):
        return None
    name = told.get("name") or " ".join(told[part] for part in ("first", "last") if part in told)
    ids = {kind: told[kind] for kind in (*_IDS, "section") if kind in told} | _identifier(told)
    if not name and not told.get("email") and not ids.keys() - {"section"}:
        where = f"{file}, line {line}, column {min(columns.values()) + 1}"
        raise UsageError(f"{where}: this line names nobody. Fill in a name, an e-mail address or an id.")
    return Listed(line, name or told.get("identifier", ""), told.get("email", ""), ids, told.get("group", ""), told.get("when", ""))


def _is_no_student(told: Mapping[str, str], *, is_canvas: bool) -> bool:
    """Teachers; and in a Canvas gradebook the lines of points and of ``Manual Posting``, which names nobody, and the test student."""
    name = told.get("name", "")
    is_none = name == _TEST_STUDENT or name.startswith("Points Possible") or _NAMING.isdisjoint(told)
    no_row = is_canvas and is_none and not told.get("email")
    return no_row or told.get("role", "student").casefold() != "student"


def _identifier(told: Mapping[str, str]) -> dict[str, str]:
    """Moodle's ``Participant 12345`` or what GitHub Classroom calls a student."""
    identifier = told.get("identifier", "")
    if participant := _PARTICIPANT.fullmatch(identifier) if "username" not in told else None:
        return {"moodle_participant": participant[1]}
    return {"roster_identifier": identifier} if identifier else {}


def _refuse_twins(file: Path, students: Iterable[Listed], columns: Mapping[str, int]) -> None:
    """No id of two, and no line twice; that two share an e-mail address is theirs to know."""
    seen: dict[tuple[str, str, str], int] = {}
    for student in students:
        named = student.name.casefold()
        for kind, value, whose in (*((kind, student.ids.get(kind), "") for kind in _IDS), ("email", student.email.casefold(), named)):
            if value and (before := seen.setdefault((kind, value, whose), student.line)) != student.line:
                column = columns.get(kind, columns.get("identifier", 0)) + 1
                where = f"{file}, line {student.line}, column {column}"
                raise UsageError(f"{where}: {value} stands in line {before}, too. Give each student one line.")


# ---- joining ---------------------------------------------------------------------------------------------------------


def join(entries: Sequence[Entry], roster: Roster, others: Sequence[Entry] = ()) -> tuple[list[Entry], tuple[Person, ...]]:
    """Entries with what the roster knows of their owners, and who handed in nothing.

    Nobody is absent whose an entry may be: that of somebody of the same name; if it is anonymous, anybody.

    Parameters
    ----------
    others : sequence of Entry
        What is no submission by its kind: each is that of its owner if the roster knows nothing else of them.
    """
    index = _Index(roster)
    joined = [_joined(e, index) for e in entries]
    present = Counter(line for _, lines in joined for line in lines)
    joined += [(e, lines) for e, lines in (_joined(o, index) for o in others) if lines and present.keys().isdisjoint(lines)]
    present = Counter(line for _, lines in joined for line in lines)
    namesakes = {s.line for e in entries for p in e.owners if len(found := _candidates(p, index)[1]) > 1 for s in found}
    told = [_told_twice(e, lines, present) for e, lines in joined]
    if any(_is_anonymous(p) for e in entries for p in e.owners):
        return told, ()
    kind = _usual_key(p for e in told for p in e.owners)
    taken = {p.key for e in told for p in e.owners}
    return told, tuple(_absent([s for s in roster.students if s.line not in present and s.line not in namesakes], kind, taken))


def is_stranger(entry: Entry) -> bool:
    """Whether the roster does not tell whose a joined entry is."""
    return any(said in remark for remark in entry.remarks for said in _NOT_JOINED)


class _Index:
    """A roster's lines by all that names them."""

    def __init__(self, roster: Roster) -> None:
        self.file = roster.file.name
        self._by: dict[tuple[str, str], list[Listed]] = defaultdict(list)
        for student in roster.students:
            for names in _names_of(student):
                self._by[names].append(student)

    def find(self, kind: str, value: str) -> list[Listed]:
        """The lines that this names; several where it is ambiguous."""
        found = self._by.get((kind, value), []) if value else []
        return list({s.line: s for s in found}.values())


def _names_of(student: Listed) -> Iterator[tuple[str, str]]:
    yield from ((kind, value.casefold()) for kind, value in student.ids.items() if kind in _IDS)
    yield "group", letters(student.group)
    for mail in (student.email, student.ids.get("roster_identifier", "")):
        if "@" in mail:
            yield "email", mail.casefold()
            yield "mailbox", mail.casefold().split("@")[0]
    for name in (student.name, student.ids.get("roster_identifier", "")):
        yield from (("name", spelling) for spelling in _spellings(name))


def _spellings(name: str) -> set[str]:
    """A name's letters, with its words in every rotation: ``Doe, John`` and ``John Doe`` are doejohn and johndoe."""
    words = [letters(w) for w in re.split(r"[\s,]+", name)]
    return {"".join(words[at:] + words[:at]) for at in range(len(words))} - {""}


def letters(name: str) -> str:
    """Letters and digits, in lower case and without accents: what is left of a name in every system.

    Examples
    --------
    >>> letters("O'Brien-Peña, José")
    'obrienpenajose'
    """
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isalnum())


def _joined(entry: Entry, index: _Index) -> tuple[Entry, list[int]]:
    """The entry with its owners as the roster knows them, and their lines."""
    if len(entry.owners) == 1 and (members := _group(entry.owners[0], index)):
        grouped = tuple(_known(Person(_key(m, ""), _key(m, "")), m) for m in members)
        remark = f"A submission of the group {entry.owners[0].name}."
        return _dated(replace(entry, owners=grouped, remarks=(*entry.remarks, remark)), members, index.file), [m.line for m in members]
    owners: list[Person] = []
    lines: list[Listed] = []
    remarks = list(entry.remarks)
    for owner in entry.owners:
        found, remark = _find(owner, index)
        owners.append(_known(owner, found) if found else owner)
        lines += [found] if found else []
        remarks += [remark] if remark else []
    return _dated(replace(entry, owners=tuple(owners), remarks=tuple(remarks)), lines, index.file), [s.line for s in lines]


def _dated(entry: Entry, lines: Sequence[Listed], file: str) -> Entry:
    """The entry with the latest time that the roster has for its owners, where the system tells none."""
    said = {s.when: told_time(s.when) for s in lines if any(c.isdigit() for c in s.when)}  # Moodle writes "-" for nothing
    if entry.when is not None or not said:
        return entry
    unread = [text for text, when in said.items() if when is None]
    if unread:
        remark = f"{file} says that it came at {unread[0]!r}, which is no time that is read. Write it as 2026-03-01 23:59."
        return replace(entry, remarks=(*entry.remarks, remark))
    latest = max((w for w in said.values() if w), key=in_order)
    return replace(entry, when=latest, told_by=entry.told_by or file)


def _group(owner: Person, index: _Index) -> list[Listed]:
    """The members, if what the system calls the owner is a group of the roster and no one's name."""
    name = letters(owner.name)
    return [] if index.find("name", name) else index.find("group", name)


def _find(owner: Person, index: _Index) -> tuple[Listed | None, str]:
    """The owner's line and what there is to say; no line where it would be a guess."""
    if _is_anonymous(owner):
        return None, "Anonymous, so it was not joined with the roster, and nobody is called absent."
    kind, found = _candidates(owner, index)
    if len(found) > 1:
        lines = ", ".join(str(s.line) for s in found)
        return None, (f"{owner.name} may be any of lines {lines} of {index.file}; it was not joined. Give them an id that tells; "
                      "until then none of them is called absent.")
    if found:
        return _agreed(owner, kind, found[0], index.file)
    return None, f"{owner.name} is not on the roster ({index.file})."


def _candidates(owner: Person, index: _Index) -> tuple[str, list[Listed]]:
    """What finds the owner's line, and that line; several where it is ambiguous, none where nothing finds any."""
    return next(((kind, found) for kind, value in _questions(owner) if (found := index.find(kind, value))), ("", []))


def _questions(owner: Person) -> Iterator[tuple[str, str]]:
    """What to look an owner up by, the strongest first."""
    for kind in _IDS:
        for where in (kind, *_ALSO.get(kind, ())) if kind in owner.ids else ():
            yield where, owner.ids[kind].casefold()
    yield "email", owner.email.casefold()
    if not owner.ids or "username" in owner.ids:  # the key is what the student or the instructor wrote
        key = owner.key.casefold()
        yield from ((kind, key) for kind in (*_IDS, "email", "mailbox") if kind not in ("moodle_participant", "canvas_id"))
        yield "canvas_id", key
    yield "name", letters(owner.name)


def _agreed(owner: Person, kind: str, found: Listed, file: str) -> tuple[Listed | None, str]:
    """A number's line, unless the names contradict it: teams have numbers, too."""
    told = letters(unmarked(owner.name))
    if kind not in ("canvas_id", "moodle_participant") or not found.name or owner.name == owner.key or owner.name.endswith(f" {owner.key}"):
        return found, ""
    if any(told.endswith(s) or s.endswith(told) for s in _spellings(unmarked(found.name))):  # beside a group's name, or what looks like one
        return found, ""
    if kind == "moodle_participant":
        return None, f"Number {owner.key} is {found.name} in {file}, and {owner.name} here; it was not joined. It may be a group's number."
    return found, f"Canvas calls it {owner.name}, and user {owner.key} is {found.name} in {file}: a group's submission, perhaps."


def _known(owner: Person, listed: Listed) -> Person:
    return replace(owner, name=listed.name or owner.name, email=listed.email or owner.email, ids={**listed.ids, **owner.ids})


def _is_anonymous(person: Person) -> bool:
    return person.key.startswith("anon_") and person.name.startswith("anonymous ")


def _told_twice(entry: Entry, lines: Sequence[int], present: Mapping[int, int]) -> Entry:
    if all(present[line] == 1 for line in lines):
        return entry
    return replace(entry, remarks=(*entry.remarks, "By the roster, another submission is of the same person. Both were graded."))


# ---- absent ----------------------------------------------------------------------------------------------------------


def _usual_key(persons: Iterable[Person]) -> str:
    """Which of their ids the keys of most persons are; so an absent one has the key that a submission would have."""
    kinds = Counter(kind for p in persons for kind in _IDS if p.ids.get(kind) == p.key)
    return max(kinds, key=lambda kind: (kinds[kind], -_IDS.index(kind)), default="")


def _absent(students: Iterable[Listed], kind: str, taken: set[str]) -> Iterator[Person]:
    for student in students:
        key = _key(student, kind)
        if key in taken:
            key = f"{key} (line {student.line})"
        taken.add(key)
        yield Person(key, student.name or key, student.email, dict(student.ids))


def _key(student: Listed, kind: str) -> str:
    ids = student.ids
    return ids.get(kind) or next((ids[k] for k in _IDS if k in ids), "") or student.email or student.name
