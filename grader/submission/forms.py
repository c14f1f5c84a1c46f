"""One registry entry per form of a submission: what it looks like, and how its Python files are read."""

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from grader.core.errors import GraderError, UsageError
from grader.core.wording import listed
from grader.submission import bounds
from grader.submission.copies import remarks_on_copies
from grader.submission.gather import few, leave_out, no_room, together, unpacked
from grader.submission.names import readable
from grader.submission.source import Contents, Submission, submission

_MACHINE: Final = frozenset({errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE, errno.ETIMEDOUT})
"""What is no submission's fault, and may be gone at the next try."""
_MAX_OTHERS: Final = 20
_MAX_AROUND: Final = 32  # as `grader.submission.archive.Bounds.depth`


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
        What a path of this form holds.
    """

    name: str
    fits: Callable[[Path], bool]
    read: Callable[[Path], Contents]


def open_submission(path: Path, asked: Mapping[str, str] | None = None) -> Submission:
    """Read a submission, whatever its form.

    Parameters
    ----------
    asked : mapping of str to str or None
        As of `open_together`.

    Raises
    ------
    UsageError
        If there is nothing that can be read: no such path, no Python file, no permission.
    GraderError
        If the machine fails at reading it.
    """
    return _opened(path.resolve().name, _read(path), path, asked)


def open_together(
    name: str, paths: Sequence[Path], names: Sequence[str] = (), asked: Mapping[str, str] | None = None
) -> Submission:
    """Read several files that are one submission, as if they lay in one folder.

    What cannot be read is left out, and that is said. Archives are unpacked; of one beside Python files, what adds to them is taken.

    Parameters
    ----------
    name : str
        What the submission is called.
    paths : sequence of Path
        In the order in which they came: of two files of one name the last is taken, and that is said.
    names : sequence of str
        What the students named each of them; empty if `paths` have their own names.
    asked : mapping of str to str or None
        The functions that are asked for, and the module of each: what lacks one of them is not taken for whole if something cannot be
        read, and of what has one several times it is told which is graded. None if nobody knows yet.

    Raises
    ------
    UsageError
        If none has a Python file, or one that may matter cannot be read.
    GraderError
        If the machine fails at reading one.
    """
    if len(paths) == 1 and not names:
        return open_submission(paths[0], asked)
    called = names or [p.name for p in paths]
    return _opened(name, together(_part(path, name) for path, name in zip(paths, called, strict=True)), paths[-1], asked)


def _opened(name: str, found: Contents, path: Path, asked: Mapping[str, str] | None) -> Submission:
    found = unpacked(found, asked) if found.packed else found
    for lost in [name for name, data in found.files.items() if data and not data.strip(bounds.LOST)]:
        is_ours = found.files.pop(lost) == bounds.LOST
        why = "it could not be read out of the archive that it came in." if is_ours else (
            "this is nothing but zero bytes: it was damaged on its way. Hand it in again.")
        leave_out(found, f"{lost}: {why}", f"{path.parent if lost == path.name else path}/")
    if not found.files:
        raise next(iter(found.unread), _without_python(path, found))
    handed = submission(name, found.files, found.remarks)
    if found.unread and (missing := sorted(a for a in asked or () if not handed.defining(a))):  # they may be in there: nobody can say
        raise UsageError(f"{found.unread[0]} What else was handed in does not define {listed(missing)}.") from found.unread[0]
    copies = remarks_on_copies(handed, asked) if asked and len(handed.files) > 1 else ()
    return _legible(replace(handed, remarks=(*handed.remarks, *copies)) if copies else handed, path)


def _without_python(path: Path, found: Contents) -> UsageError:
    what = "this folder" if path.is_dir() else "this archive"
    if found.remarks:
        return UsageError(f"{path}: nothing in {what} can be graded. {found.remarks[0]}")
    others = [readable(name) for name in found.others]
    if hidden := [name for name in others if name.lower().endswith(bounds.SOURCES)]:
        return UsageError(f"{path}: all Python in {what} is hidden, in folders that are passed over, or more than {bounds.MAX_DEPTH} "
                          f"folders deep: {few(hidden)}. Rename or move it if it was handed in.")
    holds = f"It holds {few(others)}." if others else "It is empty."
    return UsageError(f"{path}: there is no Python file or notebook in {what}. {holds}")


def _part(path: Path, name: str) -> Contents:
    """One file, by the students' name for it, as packed if it is an archive; why it cannot be read, if it cannot."""
    try:
        found = _read(path)
    except UsageError as error:
        return Contents(remarks=[f"{str(error).replace(str(path), name)} It was left out."], unread=[error])
    if _is_archive(path):
        return Contents(packed={name: found})
    return replace(found, files={Path(name).name: found.files[path.name]}) if list(found.files) == [path.name] else found


def _legible(handed: Submission, path: Path) -> Submission:
    """The submission, unless there is nothing but notebooks that are none, and files of another kind: nobody can say what they do."""
    broken = [f for f in handed.files if f.unparsable and f.unparsable.kind == "text" and not f.text]
    if len(broken) == len(handed.files) and (trouble := broken[0].unparsable):
        raise UsageError(trouble.at(f"{path}{'' if broken[0].path == path.name else f', {broken[0].path}'}"))
    return handed


def _read(path: Path) -> Contents:
    try:
        return _read_form(path)
    except OSError as error:
        if error.errno in _MACHINE:
            raise GraderError(f"{path}: it could not be read ({error.strerror}).") from error
        raise UsageError(f"{error.filename or path}: it cannot be read ({error.strerror or error}). Check its permissions.") from error


def _read_form(path: Path) -> Contents:
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder.")
    form = next((f for f in FORMS if f.fits(path)), None)
    if form is None and path.name.lower().endswith(bounds.OTHER_ARCHIVES):
        raise UsageError(f"{path}: it is packed in a way that is not read. Pack it as .zip or .tar.gz.")
    if form is None:
        raise UsageError(f"{path}: this is no submission. Hand over {' or '.join(f.name for f in FORMS)}.")
    return form.read(path)


def _read_file(path: Path) -> Contents:
    size, most = path.stat().st_size, bounds.most(path.name)
    if size > most:
        kind = "notebook" if path.suffix.lower() == ".ipynb" else "source file"
        raise UsageError(f"{path}: {size:,} bytes; a {kind} has at most {most:,}.")
    return Contents({path.name: path.read_bytes()})


def _read_folder(path: Path) -> Contents:
    found = Contents()
    room = bounds.MAX_TOTAL
    for file in _named(_inside(path), (*bounds.SOURCES, *bounds.ARCHIVES, *bounds.UNREAD_ARCHIVES), bounds.MAX_DEPTH):
        name, most = file.relative_to(path).as_posix(), bounds.most(file.name)
        if file.is_symlink() or not file.is_file():
            leave_out(found, f"{name}: a link or device, left out. Hand in the file itself.", f"{path}/")
        elif not name.lower().endswith(bounds.SOURCES):
            part = _part(file, name)
            if why := no_room(name, {}, room := room - part.size):
                leave_out(found, why, f"{path}: ")
                break
            found = together([found, part])
        elif file.stat().st_size > most:
            leave_out(found, f"{name}: larger than {most:,} bytes, left out.", f"{path}/")
        elif why := no_room(name, found.files, room := room - file.stat().st_size):
            leave_out(found, why, f"{path}: ")
            break
        else:
            found.files[name] = file.read_bytes()
    if not found.files and not found.packed:
        found.others = list(islice(_others(path), _MAX_OTHERS))
    return found


def _inside(folder: Path) -> Path:
    """The folder in folders that hold nothing else, which count for no depth, as in an archive."""
    for _ in range(_MAX_AROUND):
        with os.scandir(folder) as entries:
            found = [e for e in entries if not e.name.startswith(".")]
        if len(found) != 1 or found[0].name in bounds.SKIPPED or not found[0].is_dir(follow_symlinks=False):
            break
        folder = Path(found[0].path)
    return folder


def _others(folder: Path) -> Iterator[str]:
    for inner, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if name != ".git")
        links = [name for name in below if Path(inner, name).is_symlink()]
        yield from (Path(inner, name).relative_to(folder).as_posix() for name in sorted(names + links) if name != ".DS_Store")


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


def _read_archive(path: Path) -> Contents:
    from grader.submission.archive import read_archive  # noqa: PLC0415 - whoever hands in .py does not wait for zipfile and tarfile

    return read_archive(path)


FORMS: tuple[Form, ...] = (
    Form("a Python file (.py)", lambda p: p.is_file() and p.suffix.lower() == ".py", _read_file),
    Form("a notebook (.ipynb)", lambda p: p.is_file() and p.suffix.lower() == ".ipynb", _read_file),
    Form("an archive (.zip, .tar.gz)", _is_archive, _read_archive),
    Form("a folder of Python files", lambda p: p.is_dir(), _read_folder),
)
"""The first that fits is used."""
