"""What persons decided in place of the grader: ``overrides.toml`` or ``overrides.csv`` next to a run.

An override gives an item points, or a note, or both; without an item it is a comment on the whole. It says who decided, and
when. There is one for each item of a student: a second one is an error, because which of two counts must not hang on the
order of lines. One for a member of a group holds for the group's submission.
"""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from grader.core.classbook import Item, Override, Person, Row, Score, Status
from grader.core.errors import UsageError
from grader.core.verdict import Outcome
from grader.core.wording import instead
from grader.submission.tables import read_table

_FIELDS = ("student", "item", "points", "note", "who", "when")
_POINTS = re.compile(r"\d{1,6}(\.\d{1,9})?|\d{1,6}/[1-9]\d{0,5}")
_ABOVE = re.compile(r"[ \t]*\[\[[ \t]*override[ \t]*\]\]")  # a note may hold one, too: then nobody is told a line
_REWRITTEN = re.compile(
    r"(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)|\d{4}/\d{1,2}/\d{1,2})(?: \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)?", re.ASCII)
"""A date as spreadsheets show and save it, whatever was typed: 05.03.2026, 3/5/26, 2026/3/5 14:30. It is kept so: people read it."""
_LONGEST = 10_000  # characters of a note: it goes into a gradebook's cell, which takes 32 767


@dataclass(frozen=True, slots=True)
class _Entry:
    """One override as written: a table of the TOML file, or a line of the CSV, whose dates a spreadsheet may have rewritten."""

    file: str
    place: str
    fields: Mapping[str, object]
    is_rewritten: bool = False

    def wrong(self, field: str, problem: str, remedy: str) -> UsageError:
        return UsageError(f"{self.file}, {self.place}, field {field}: {problem} {remedy}")

    def text(self, field: str) -> str:
        """The field as text; empty if it is not there."""
        value = self.fields.get(field, "")
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise self.wrong(field, "it should be a text.", f'Write {field} = "...", at most {_LONGEST:,} characters.')
        return value.strip()

    def required(self, field: str, example: str) -> str:
        if not (value := self.text(field)):
            raise self.wrong(field, "it is missing.", f"Write {example}.")
        return value


def load_overrides(
    folder: Path, items: Sequence[Item], persons: Iterable[Person], left: Iterable[Person] = ()
) -> tuple[Override, ...]:
    """The overrides next to a run, in the order of the file; none if there is no file.

    Parameters
    ----------
    folder : Path
        Where ``overrides.toml`` or ``overrides.csv`` lies.
    items : sequence of Item
        Of the assignment.
    persons : iterable of Person
        Of the class, those who handed in nothing too: a student is named by key, e-mail or, where only one has it, name.
    left : iterable of Person
        Who was of the class: what was decided of them is no mistake.

    Raises
    ------
    UsageError
        For the first mistake: file, line or number of the override, field, what to write instead.
    """
    files = [folder / name for name in _READERS if (folder / name).exists()]
    if len(files) > 1:
        raise UsageError(f"{folder}: there are {' and '.join(f.name for f in files)}. Keep one file of overrides, with all of them in it.")
    if not files:
        return ()
    entries = list(_READERS[files[0].name](files[0]))
    known, roll = {i.id: i for i in items}, _Names(persons, _Names(left))
    overrides = tuple(_override(entry, known, roll) for entry in entries)
    _no_second(entries, overrides)
    return overrides


def apply_overrides(rows: Iterable[Row], overrides: Sequence[Override], items: Sequence[Item]) -> tuple[Row, ...]:
    """The rows with what persons decided: it wins over the grader's verdict, also where there is none.

    A row that the grader left open is graded, and says so, once every item of it has points.

    Raises
    ------
    UsageError
        If two members of a group have different overrides of one item, or nobody has a row of that key.
    """
    made = tuple(rows)
    with_row = {person.key for row in made for person in row.persons}
    of_student: dict[str, dict[int, Override]] = defaultdict(dict)
    for place, override in enumerate(overrides):
        if override.student not in with_row:
            raise UsageError(f"overrides: the class has no row of {override.student!r}. Take this override out.")
        of_student[override.student][place] = override
    return tuple(_decided(row, _own(row, of_student), items) for row in made)


# ---- files -----------------------------------------------------------------------------------------------------------


def _toml_entries(file: Path) -> Iterator[_Entry]:
    text = _text(file)
    try:
        data = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and a whole number of thousands of digits
        raise UsageError(f"{file}: this is not TOML: {error}. Check quotes, brackets and commas there.") from error
    tables = data.get("override", [])
    if set(data) - {"override"} or not isinstance(tables, list):
        raise UsageError(f"{file}: it should hold [[override]] tables only. Write [[override]], with double brackets, above each.")
    begins = [line for line, written in enumerate(text.split("\n"), 1) if _ABOVE.match(written)]
    for number, table in enumerate(tables, 1):
        place = f"override number {number}" + (f" (line {begins[number - 1]})" if len(begins) == len(tables) else "")
        if not isinstance(table, dict):
            raise UsageError(f"{file}, {place}: it should be a table. Write [[override]] above its fields.")
        entry = _Entry(str(file), place, table)
        for name in table:
            if name not in _FIELDS:
                raise entry.wrong(name, "there is no such field.", instead(name, _FIELDS))
        yield entry


def _csv_entries(file: Path) -> Iterator[_Entry]:
    """Lines of the table; numbers with a comma, as some spreadsheets write them, unless commas stand between cells."""
    delimiter, rows = read_table(file, _bytes(file), "this file")
    header = _header(file, rows[0][1] if rows else [])
    for line, cells in rows[1:]:
        if any(cells[len(header) :]):
            raise UsageError(f"{file}, line {line}: it has {len(cells)} cells, but the header has {len(header)}. "
                             f"Put a cell with {delimiter!r} in it in double quotes.")
        fields = dict(zip(header, cells, strict=False))
        if delimiter != ",":
            fields["points"] = fields.get("points", "").replace(",", ".")
        yield _Entry(str(file), f"line {line}", fields, is_rewritten=True)


def _header(file: Path, cells: Sequence[str]) -> tuple[str, ...]:
    names = tuple(c.lower() for c in cells)
    while names and not names[-1]:  # spreadsheets write the empty columns to the right, too
        names = names[:-1]
    for number, name in enumerate(names):
        if name not in _FIELDS:
            raise UsageError(f"{file}, line 1: there is no column {name[:80]!r}. {instead(name, _FIELDS)}")
        if name in names[:number]:
            raise UsageError(f"{file}, line 1: there are two columns {name!r}. Keep one.")
    if missing := [n for n in ("student", "who", "when") if n not in names]:
        raise UsageError(f"{file}, line 1: there is no column {missing[0]!r}. Write the header {','.join(_FIELDS)}.")
    return names


_READERS = {"overrides.toml": _toml_entries, "overrides.csv": _csv_entries}
_LIKELY = (".toml", ".csv", ".txt", ".xlsx", ".ods")


def misnamed_overrides(folder: Path) -> tuple[str, ...]:
    """A sentence for each file next to a run that looks like overrides and is not read: what it decides would be lost in silence."""
    found = (f for f in sorted(folder.iterdir()) if f.name.casefold().startswith("override") and f.suffix.casefold() in _LIKELY)
    return tuple(f"{file}: it is not read. Overrides are read from {' or '.join(_READERS)}; rename it if it is to count."
                 for file in found if file.name not in _READERS)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: it cannot be read ({error.strerror}). Make it readable, or take it away.") from error


def _text(file: Path) -> str:
    try:
        return _bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: it is not UTF-8. Save it as UTF-8.") from error


# ---- one override ----------------------------------------------------------------------------------------------------


def _override(entry: _Entry, items: Mapping[str, Item], roll: "_Names") -> Override:
    student = roll.key(entry, entry.required("student", 'student = "a key, an e-mail or a name"'))
    item = entry.text("item")
    if item and item not in items:
        raise entry.wrong("item", f"there is no item {item[:80]!r}.", instead(item, items))
    points, note = _points(entry, items.get(item)), entry.text("note")
    if points is None and not note:
        raise entry.wrong("points", "there are neither points nor a note.", "Write one of them, or both.")
    return Override(student, item, points, note, entry.required("who", 'who = "your name"'), _when(entry))


def _points(entry: _Entry, item: Item | None) -> Fraction | None:
    value = entry.fields.get("points", "")
    text = str(value).strip() if isinstance(value, int | float | str) and not isinstance(value, bool) else repr(value)
    if not text:
        return None
    if item is None:
        raise entry.wrong("points", "points belong to an item, and none is named.", "Write the item too, or a note without points.")
    if not _POINTS.fullmatch(text) or Fraction(text) > item.points:
        raise entry.wrong("points", f"they should be from 0 to {item.points}, not {text[:80]}.", 'Write them as 2, 0.5 or "1/3".')
    return Fraction(text)


def _when(entry: _Entry) -> str:
    value = entry.fields.get("when", "")
    text = value.strip() if isinstance(value, str) else str(value)
    if entry.is_rewritten and _REWRITTEN.fullmatch(text):
        return text
    try:
        datetime.fromisoformat(text)
    except ValueError:
        problem = f"this is no date: {text[:80]!r}." if text else "it is missing."
        raise entry.wrong("when", problem, "Write a date, 2026-03-05, or 2026-03-05 14:30 with the time.") from None
    return text


class _Names:
    """The class, by all that a student may be called; and those who have left it, where nobody else is called so."""

    def __init__(self, persons: Iterable[Person], left: "_Names | None" = None) -> None:
        self._left = left
        self._keys, self._emails, self._names = (defaultdict[str, list[str]](list) for _ in range(3))
        for person in persons:
            for index, called in ((self._keys, person.key), (self._emails, person.email.casefold()), (self._names, person.name)):
                if person.key not in index[called]:
                    index[called].append(person.key)

    def key(self, entry: _Entry, student: str) -> str:
        """The key of the one who is called so; of a key before an e-mail before a name."""
        called = self.called(student) or (self._left and self._left.called(student))
        if not called:
            known = {name for index in (self._keys, self._emails, self._names) for name in index if name}
            raise entry.wrong("student", f"nobody of the class is called {student[:80]!r}.",
                              instead(student, known, "Write a key, an e-mail or a name."))
        if len(called) > 1:
            raise entry.wrong("student", f"{len(called)} students are called {student[:80]!r}.",
                              f"Write one of their keys: {', '.join(repr(k[:80]) for k in called[:5])}.")
        return called[0]

    def called(self, student: str) -> list[str] | None:
        """The keys of those who are called so."""
        composed = unicodedata.normalize("NFC", student)  # as persons' names are; editors on a Mac may write them otherwise
        return self._keys.get(composed) or self._emails.get(composed.casefold()) or self._names.get(composed)


def _no_second(entries: Sequence[_Entry], overrides: Sequence[Override]) -> None:
    """No two for one item of a student, and no comment twice."""
    places: dict[tuple[str, str, str], str] = {}
    for entry, override in zip(entries, overrides, strict=True):
        key = (override.student, override.item, "" if override.item else override.note)
        if key in places:
            same = override.item or "the whole, with this note,"
            raise UsageError(f"{entry.file}, {entry.place}: {places[key]} is already about {same} of {override.student[:80]!r}. "
                             "Keep one of the two.")
        places[key] = entry.place


# ---- rows ------------------------------------------------------------------------------------------------------------


def _own(row: Row, of_student: Mapping[str, Mapping[int, Override]]) -> list[Override]:
    """The overrides of a row's persons, in the order of the file."""
    found = {place: o for p in row.persons for place, o in of_student.get(p.key, {}).items()}
    return [found[place] for place in sorted(found)]


def _decided(row: Row, own: Sequence[Override], items: Sequence[Item]) -> Row:
    by_item = _by_item([o for o in own if o.item])
    if not own:
        return row
    comments = (*row.comments, *(o for o in own if not o.item))
    if not by_item:
        return replace(row, comments=comments)
    ungraded = Score(None, Outcome.UNGRADED)
    # all items, or a row that was never graded would be final with the first of them
    scores = {**row.scores, **{i.id: row.scores.get(i.id, ungraded) for i in items}}
    scores |= {item: replace(scores[item], override=override) for item, override in by_item.items()}
    return _settled(replace(row, scores=scores, comments=comments))


def _settled(row: Row) -> Row:
    """A row that the grader left open, and in which nothing is open any more, is graded: its remarks say how it came to it."""
    if row.status is Status.GRADED or not row.is_judged:
        return row
    who = ", ".join(dict.fromkeys(s.override.who for s in row.scores.values() if s.override and s.earned is None))
    remark = f"Decided by {who}, where the grader had no verdict ({row.status.value})."
    return replace(row, status=Status.GRADED, remarks=(*row.remarks, remark))


def _by_item(overrides: Sequence[Override]) -> dict[str, Override]:
    """Overrides of a row by item; members of a group may say the same of one item, and nothing else."""
    found: dict[str, Override] = {}
    for override in overrides:
        other = found.setdefault(override.item, override)
        if replace(other, student=override.student) != override:
            raise UsageError(f"overrides: {other.student!r} and {override.student!r} handed in together, and {override.item} is decided "
                             "differently for the two. Keep one of the two; it holds for both.")
    return found
