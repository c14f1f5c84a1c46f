"""One registry entry per form of a submission: what it looks like, and how its Python files are read."""

import errno
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.core.errors import GraderError, UsageError
from grader.core.wording import listed
from grader.submission import bounds
from grader.submission.source import Submission, submission

_MACHINE: Final = frozenset({errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE, errno.ETIMEDOUT})
"""What is no submission's fault, and may be gone at the next try."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a submission.

    Parameters
    ----------
    name : str
        As messages call it.
    fits : callable
        Whether a path has this form, from its name and kind alone.
    read : callable
        Bytes of the Python files and notebooks by relative path, and remarks; what is damaged is appended to the list.
    """

    name: str
    fits: Callable[[Path], bool]
    read: Callable[[Path, list[UsageError]], tuple[dict[str, bytes], list[str]]]


def open_submission(path: Path, asked: Collection[str] | None = None) -> Submission:
    """Read a submission, whatever its form.

    Parameters
    ----------
    asked : collection of str or None
        As of `open_together`: what is damaged in it.

    Raises
    ------
    UsageError
        If there is nothing that can be read: no such path, no Python file, no permission.
    GraderError
        If the machine fails at reading it.
    """
    unread: list[UsageError] = []
    contents, remarks = _read(path, unread)
    handed = submission(path.resolve().name, contents, remarks)
    if unread:
        _refuse_unless_whole(handed, unread[0], asked)
    return _legible(handed, path)


def open_together(
    name: str, paths: Sequence[Path], names: Sequence[str] = (), asked: Collection[str] | None = None
) -> Submission:
    """Read several files that are one submission, as if they lay in one folder; an archive is unpacked there.

    Parameters
    ----------
    name : str
        What the submission is called.
    paths : sequence of Path
        In the order in which they came: of two files of one name the last is taken, and that is said.
    names : sequence of str
        What the students named each of them; empty if `paths` have their own names.
    asked : collection of str or None
        The functions that are asked for: where the others define all of them, a file that cannot be read is left out, and that is
        said. None if each has to be read.

    Raises
    ------
    UsageError
        If one of them that may matter cannot be read, or none has a Python file.
    GraderError
        If the machine fails at reading one.
    """
    if len(paths) == 1 and not names:
        return open_submission(paths[0], asked)
    called = names or [p.name for p in paths]
    unread: list[UsageError] = []
    contents, remarks = _together(_part(path, name, unread) for path, name in zip(paths, called, strict=True))
    handed = submission(name, contents, remarks)
    if unread:
        _refuse_unless_whole(handed, unread[0], asked)
    return _legible(handed, paths[-1])


def _part(path: Path, name: str, unread: list[UsageError]) -> tuple[dict[str, bytes], list[str]]:
    """One file, by the students' name for it; nothing of what cannot be read, and why."""
    try:
        return _called(name, *_read(path, unread), path)
    except UsageError as error:
        unread.append(error)
        return {}, [f"{str(error).replace(str(path), name)} It was left out."]


def _refuse_unless_whole(handed: Submission, why: UsageError, asked: Collection[str] | None) -> None:
    """Whether the functions that are missing are in what cannot be read, nobody can say."""
    if asked is None or not handed.files:
        raise why
    if missing := sorted(name for name in asked if not handed.defining(name)):
        raise UsageError(f"{why} What else was handed in does not define {listed(missing)}.") from why


def _called(name: str, contents: dict[str, bytes], remarks: list[str], path: Path) -> tuple[dict[str, bytes], list[str]]:
    """A single file by the students' name for it."""
    return ({Path(name).name: contents[path.name]} if list(contents) == [path.name] else contents), remarks


def _together(parts: Iterable[tuple[dict[str, bytes], list[str]]]) -> tuple[dict[str, bytes], list[str]]:
    """Parts of one submission, each within bounds, as far as they all are; no more are read than that."""
    contents: dict[str, bytes] = {}
    remarks: list[str] = []
    room = bounds.MAX_TOTAL
    for found, said in parts:
        remarks += said
        for name, data in found.items():
            room -= len(data)
            if why := _no_room(name, contents, room):
                return contents, [*remarks, why]
            if contents.get(name, data) != data:
                remarks.append(f"{name}: handed in twice; the last was taken.")
            contents[name] = data
    return contents, remarks


def _no_room(name: str, contents: Mapping[str, bytes], room: int) -> str:
    """Why this file and those after it are left out; empty if there is room for it."""
    if name not in contents and len(contents) >= bounds.MAX_FILES:
        return f"more than {bounds.MAX_FILES} Python files; {name} and those after it were left out."
    return f"more than {bounds.MAX_TOTAL:,} bytes in all; {name} and those after it were left out." if room < 0 else ""


def _legible(handed: Submission, path: Path) -> Submission:
    """The submission, unless all there is are notebooks that are none: nobody can say what is wrong in them."""
    broken = [f for f in handed.files if f.unparsable and f.path.endswith(".ipynb")]
    if len(broken) == len(handed.files) and (trouble := broken[0].unparsable):
        raise UsageError(trouble.at(f"{path}{'' if broken[0].path == path.name else f', {broken[0].path}'}"))
    return handed


def _read(path: Path, unread: list[UsageError]) -> tuple[dict[str, bytes], list[str]]:
    try:
        return _read_form(path, unread)
    except OSError as error:
        if error.errno in _MACHINE:
            raise GraderError(f"{path}: it could not be read ({error.strerror}).") from error
        raise UsageError(f"{error.filename or path}: it cannot be read ({error.strerror or error}). Check its permissions.") from error


def _read_form(path: Path, unread: list[UsageError]) -> tuple[dict[str, bytes], list[str]]:
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder.")
    form = next((f for f in FORMS if f.fits(path)), None)
    if form is None and path.name.lower().endswith(bounds.OTHER_ARCHIVES):
        raise UsageError(f"{path}: it is packed in a way that is not read. Pack it as .zip or .tar.gz.")
    if form is None:
        raise UsageError(f"{path}: this is no submission. Hand over {' or '.join(f.name for f in FORMS)}.")
    return form.read(path, unread)


def _read_file(path: Path, _: list[UsageError]) -> tuple[dict[str, bytes], list[str]]:
    size, most = path.stat().st_size, bounds.most(path.name)
    if size > most:
        kind = "notebook" if path.suffix.lower() == ".ipynb" else "source file"
        raise UsageError(f"{path}: {size:,} bytes; a {kind} has at most {most:,}.")
    return {path.name: path.read_bytes()}, []


def _read_folder(path: Path, unread: list[UsageError]) -> tuple[dict[str, bytes], list[str]]:
    contents: dict[str, bytes] = {}
    remarks: list[str] = []
    room = bounds.MAX_TOTAL
    for file in _named(path, bounds.SOURCES, bounds.MAX_DEPTH):
        name, most = file.relative_to(path).as_posix(), bounds.most(file.name)
        if file.is_symlink() or not file.is_file():
            remarks.append(f"{name}: a link or device, left out. Hand in the file itself.")
        elif file.stat().st_size > most:
            remarks.append(f"{name}: larger than {most:,} bytes, left out.")
        elif why := _no_room(name, contents, room := room - file.stat().st_size):
            remarks.append(why)
            break
        else:
            contents[name] = file.read_bytes()
    if not contents:
        contents, remarks = _read_packed(path, unread)
    if not contents and not unread:
        raise UsageError(f"{path}: there is no Python file or notebook in this folder. Name the file or folder that holds the submission.")
    return contents, remarks


def _read_packed(folder: Path, unread: list[UsageError]) -> tuple[dict[str, bytes], list[str]]:
    """Of a folder that holds archives, and no Python beside them."""
    found = (f for f in _named(folder, bounds.ARCHIVES, bounds.MAX_DEPTH) if _is_archive(f))
    return _together(_part(f, f.relative_to(folder).as_posix(), unread) for f in found)


def _is_archive(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.name.lower().endswith(bounds.ARCHIVES)


def _named(folder: Path, suffixes: tuple[str, ...], depth: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda e: e.name)
    for entry in found:
        if entry.name.lower().endswith(suffixes) and not entry.is_dir() and not entry.name.startswith("."):
            yield Path(entry.path)
    for entry in found:
        if depth and entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in bounds.SKIPPED:
            yield from _named(Path(entry.path), suffixes, depth - 1)


def _read_archive(path: Path, unread: list[UsageError]) -> tuple[dict[str, bytes], list[str]]:
    from grader.submission.archive import read_archive  # noqa: PLC0415 - whoever hands in .py does not wait for zipfile and tarfile

    return read_archive(path, unread)


FORMS: tuple[Form, ...] = (
    Form("a Python file (.py)", lambda p: p.is_file() and p.suffix.lower() == ".py", _read_file),
    Form("a notebook (.ipynb)", lambda p: p.is_file() and p.suffix.lower() == ".ipynb", _read_file),
    Form("an archive (.zip, .tar.gz)", _is_archive, _read_archive),
    Form("a folder of Python files", lambda p: p.is_dir(), _read_folder),
)
"""The first that fits is used."""
