"""A class, read: the layout found, one entry for each person, and the roster joined."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from grader.core.classbook import Person
from grader.core.errors import UsageError
from grader.submission.archive import is_archive, unpack
from grader.submission.bounds import MAX_DEPTH
from grader.submission.layouts import canvas, clones, gradescope, loose, moodle, nbgrader
from grader.submission.layouts.base import Layout
from grader.submission.layouts.choice import NOTHING_DECLARED, Declared, is_one_submission
from grader.submission.layouts.listing import Listing, on_disk, spoken
from grader.submission.roll import Entry, Roll
from grader.submission.roster import join, read_roster

LAYOUTS: tuple[Layout, ...] = (gradescope.LAYOUT, moodle.LAYOUT, canvas.LAYOUT, nbgrader.LAYOUT, clones.LAYOUT, loose.LAYOUT)
"""The first that fits is used; the last fits always."""
_Identity: TypeAlias = tuple[str, str, str, tuple[tuple[str, str], ...]]
"""All that is known of a person."""


def read_class(path: Path, roster: Path | None, scratch: Path, assignment: str | None, declared: Declared = NOTHING_DECLARED) -> Roll:
    """Who handed in what, whatever the layout.

    Parameters
    ----------
    path : Path
        A folder, or an archive of one.
    roster : Path or None
        A CSV file that names the class.
    scratch : Path
        An empty folder, into which an archive is unpacked.
    assignment : str or None
        As asked for with ``--assignment``; chooses among those of an nbgrader course, and tells what clones begin with.
    declared : Declared
        What the assignments declare; tells a folder around the class from a student's.

    Raises
    ------
    UsageError
        If the class, its metadata or the roster cannot be read, or an archive of it is refused.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder.")
    if not path.is_dir() and not is_archive(path.name):
        raise UsageError(f"{path}: this file is no class. Name a folder of submissions, or a .zip or .tar.gz of one.")
    refused = {} if path.is_dir() else unpack(path, scratch)
    root = path if path.is_dir() else scratch
    folder = unwrapped(on_disk(root), assignment, declared)
    layout = layout_of(folder, assignment)
    try:
        found = layout.read(folder, assignment)
    except UsageError as error:  # told by its place in the archive: where it was unpacked is gone when somebody looks
        raise UsageError(str(error).replace(f"{scratch}/", f"{path}/")) from error
    unrecognised = {**found.unrecognised, **refused}
    if roster is not None:
        unrecognised = {name: why for name, why in unrecognised.items() if not _is_same(root / name, roster)}
    entries = _one_each(_with_own_keys(_sorted(found.entries)), root)
    for name, at in _lost(entries, refused, root).items():
        entries[at] = replace(entries[at], remarks=(*entries[at].remarks, f"{name}: {refused[name]}"))
        unrecognised.pop(name, None)
    if roster is None:
        return Roll(layout.name, tuple(entries), (), unrecognised)
    others = loose.others(folder) if layout is loose.LAYOUT else []
    joined, absent = join(entries, read_roster(roster), others)
    claimed = {_relative(p, root) for e in joined for p in e.paths}
    unrecognised = {name: why for name, why in unrecognised.items() if name not in claimed}
    return Roll(layout.name, tuple(_sorted(_with_own_keys(joined))), absent, unrecognised)


def _lost(entries: Sequence[Entry], refused: Iterable[str], root: Path) -> dict[str, int]:
    """Which entry each of what could not be unpacked is of, as far as its name tells."""
    of = {path: at for at, entry in enumerate(entries) for path in entry.paths}
    return {n: of[p] for n in refused for p in [root / n, *(root / n).parents] if p in of}


def layout_of(folder: Listing, assignment: str | None) -> Layout:
    """The first layout that fits a folder."""
    return next(layout for layout in LAYOUTS if layout.fits(folder, assignment))


def unwrapped(folder: Listing, assignment: str | None, declared: Declared, depth: int = MAX_DEPTH) -> Listing:
    """The class inside folders that hold nothing else, as archives have them; a lone student's folder stays."""
    if not depth or len(folder.folders) != 1 or folder.files or folder.odd or layout_of(folder, assignment) is not loose.LAYOUT:
        return folder
    inner = unwrapped(folder.child(folder.folders[0]), assignment, declared, depth - 1)
    is_lone = len(inner.files) + len(inner.folders) == 1 and layout_of(inner, assignment) is loose.LAYOUT
    return inner if is_class(inner, assignment, declared)[0] and not is_lone else folder


def is_class(folder: Listing, assignment: str | None, declared: Declared) -> tuple[bool, str]:
    """Whether a folder holds many submissions, and why: a system's marks say so, else what its parts define."""
    layout = layout_of(folder, assignment)
    is_weak = layout is clones.LAYOUT and not clones.is_certain(folder)  # folders that begin alike may be one submission's parts
    if layout is not loose.LAYOUT and not is_weak:
        return True, f"The names in it are those of this layout: {layout.name}."
    is_one, why = is_one_submission(folder, declared)
    return not is_one, why


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _sorted(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda e: (_row_key(e), [str(p) for p in e.paths]))


def _row_key(entry: Entry) -> str:
    return "+".join(p.key for p in entry.owners)


# ---- keys ------------------------------------------------------------------------------------------------------------


def _with_own_keys(entries: Sequence[Entry]) -> list[Entry]:
    """Entries in which different persons, and different groups, have different keys."""
    keys = _told_apart(p for e in entries for p in e.owners)
    entries = [_rekeyed(e, keys) for e in entries]
    groups: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for entry in entries:
        groups[_row_key(entry)].add(tuple(p.key for p in entry.owners))
    return [_numbered(e, groups[_row_key(e)]) for e in entries]


def _told_apart(persons: Iterable[Person]) -> dict[_Identity, str]:
    """A key of their own for those persons who share one."""
    sharing: dict[str, dict[_Identity, Person]] = defaultdict(dict)
    for person in persons:
        sharing[person.key][_identity(person)] = person
    return {
        who: f"{shared} ({_distinction(person, at, list(same.values()))})"
        for shared, same in sharing.items() if len(same) > 1
        for at, (who, person) in enumerate(sorted(same.items(), key=lambda pair: pair[0]))
    }


def _identity(person: Person) -> _Identity:
    return person.key, person.name, person.email, tuple(sorted(person.ids.items()))


def _distinction(person: Person, at: int, same: Sequence[Person]) -> str:
    """What only this one has: a name, an e-mail address, else a number."""
    for value, others in ((person.name, [p.name for p in same]), (person.email, [p.email for p in same])):
        if value and others.count(value) == 1:
            return value
    return str(at + 1)


def _rekeyed(entry: Entry, keys: Mapping[_Identity, str]) -> Entry:
    owners = tuple(replace(p, key=keys.get(_identity(p), p.key)) for p in entry.owners)
    changed = [was.key for was, now in zip(entry.owners, owners, strict=True) if was != now]
    said = tuple(f"Several persons are called {key!r} here; the others are told apart by what stands in brackets." for key in changed)
    return replace(entry, owners=owners, remarks=(*entry.remarks, *said)) if changed else entry


def _numbered(entry: Entry, sharing: set[tuple[str, ...]]) -> Entry:
    """A group's keys, joined, may be the key of somebody who is called so."""
    if len(sharing) == 1:
        return entry
    at = sorted(sharing).index(tuple(p.key for p in entry.owners)) + 1
    first, *others = entry.owners
    return replace(entry, owners=(replace(first, key=f"{first.key} ({at})"), *others),
                   remarks=(*entry.remarks, "Somebody else's key is the same; a number tells them apart."))


# ---- attempts --------------------------------------------------------------------------------------------------------


def _one_each(entries: Sequence[Entry], root: Path) -> list[Entry]:
    """The latest attempt of each owner, with the others set aside; those who are in several groups are told of."""
    attempts: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        attempts[_row_key(entry)].append(entry)
    latest = [_latest(same, root) for same in attempts.values()]
    groups: dict[str, list[str]] = defaultdict(list)
    for entry in latest:
        for owner in entry.owners:
            groups[owner.key].append(_row_key(entry))
    return [replace(e, remarks=(*e.remarks, *_elsewhere(e, groups))) for e in latest]


def _latest(attempts: Sequence[Entry], root: Path) -> Entry:
    if len(attempts) == 1:
        return attempts[0]
    times = [e.when for e in attempts if e.when is not None]
    is_told = len(times) == len(attempts) and len(set(times)) == len(times)
    in_order = sorted(attempts, key=lambda e: e.when.timestamp() if is_told and e.when else 0)  # stable: by name where nothing is told
    *earlier, last = in_order
    aside = tuple(_relative(p, root) for e in earlier for p in e.paths)
    why = "" if is_told else f"Which of {len(attempts)} attempts is the latest is not told; the last by name was taken."
    aside = (*aside, *(s for e in in_order for s in e.set_aside))
    return replace(last, set_aside=aside, remarks=(*last.remarks, why) if why else last.remarks)


def _relative(path: Path, root: Path) -> str:
    return spoken(path.relative_to(root).as_posix())


def _elsewhere(entry: Entry, groups: dict[str, list[str]]) -> Iterator[str]:
    for owner in entry.owners:
        others = [g for g in groups[owner.key] if g != _row_key(entry)]
        if others:
            yield f"{owner.name} is in another submission, too: {', '.join(others)}."
