"""What a layout is, and what layouts share: what lies in one student's folder."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from grader.submission.archive import SUFFIXES, is_archive
from grader.submission.bounds import MAX_DEPTH, OTHER_ARCHIVES, SKIPPED, UNREAD_ARCHIVES
from grader.submission.layouts.listing import Listing, is_candidate, spoken
from grader.submission.names import readable_file
from grader.submission.roll import Entry

_NO_PYTHON: Final = "It holds no Python. A submission is a .py, an .ipynb, a .zip, a .tar.gz or a folder of these."
_OTHERWISE: Final = "It is packed in a way that is not read. Ask for a .zip or a .tar.gz."
NO_HOMEWORK: Final = "Folders of this name hold no one's homework. Rename it if somebody handed it in."


def why_not(name: str) -> str:
    """Why a file or folder of this name is no submission."""
    return _OTHERWISE if name.lower().endswith(OTHER_ARCHIVES) else _NO_PYTHON


@dataclass(frozen=True, slots=True)
class Found:
    """What a layout makes of a folder: every path in it lies below an entry's path or below one of `unrecognised`."""

    entries: list[Entry] = field(default_factory=list)
    unrecognised: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout of a class.

    Parameters
    ----------
    name : str
        As messages call it.
    fits : callable
        Whether a folder has this layout, told by names alone; the second argument is the assignment, if one was named.
    read : callable
        Who handed in what; owners' keys may still clash and several attempts are several entries.
    """

    name: str
    fits: Callable[[Listing, str | None], bool]
    read: Callable[[Listing, str | None], Found]


@dataclass(frozen=True, slots=True)
class Handed:
    """What one student's folder holds.

    Parameters
    ----------
    paths : tuple of Path
        The folder; where archives lie in it, they and what lies beside them.
    name : str
        As the students named it.
    beside : dict of str to str
        What is left out, by place, with the reason.
    """

    paths: tuple[Path, ...]
    name: str
    beside: dict[str, str] = field(default_factory=dict)


def handed_in(folder: Listing) -> Handed:
    """What a student's folder holds. The form of a folder reads no archives, so these are named one by one."""
    inner = _innermost(folder)
    parts = [f for f in inner.files if is_candidate(f)] + [f for f in inner.folders if _holds_source(inner, f)]
    if not any(is_archive(f) for f in inner.files):
        return Handed((folder.path,), contents(inner))
    beside = {inner.place + spoken(f): why_not(f) for f in (*inner.files, *inner.folders) if f not in parts}
    return Handed(tuple(inner.path / f for f in parts), together(parts), {**inner.odd, **beside})


def _innermost(folder: Listing) -> Listing:
    for _ in range(MAX_DEPTH):
        if len(folder.folders) != 1 or folder.files or folder.odd:
            break
        folder = folder.child(folder.folders[0])
    return folder


def _holds_source(folder: Listing, name: str) -> bool:
    return name not in SKIPPED and any(True for _ in folder.child(name).sources())


def contents(folder: Listing) -> str:
    """What a folder holds, in a few words: the Python in it, if there is any."""
    return together([f for f in folder.files if is_candidate(f)] or [*folder.files, *folder.folders]) or readable_file(folder.path.name)


def together(names: Iterable[str]) -> str:
    """Files of one submission in a few words."""
    shown = [readable_file(n) for n in names]
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")


def stem(name: str) -> str:
    """A file's name without what says its kind."""
    suffix = next((s for s in (*SUFFIXES, *UNREAD_ARCHIVES) if name.lower().endswith(s)), PurePath(name).suffix)
    return name[: len(name) - len(suffix)]
