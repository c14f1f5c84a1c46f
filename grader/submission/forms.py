"""One registry entry per form of a submission: what it looks like, and how its Python files are read."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.core.errors import UsageError
from grader.submission.source import Submission, submission

MAX_FILE = 2 << 20
"""Bytes of one source file: a hundred times the longest real one."""
MAX_FILES = 300
MAX_DEPTH = 4
"""Folders below the submission that are looked into: modules lie up to two down, their packages one or two more."""
SKIPPED = frozenset({"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv", "env", "build", "dist"})
"""Folders that hold no one's homework; hidden ones are skipped too."""


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
        Bytes of the Python files by relative path, and remarks.
    """

    name: str
    fits: Callable[[Path], bool]
    read: Callable[[Path], tuple[dict[str, bytes], list[str]]]


def open_submission(path: Path) -> Submission:
    """Read a submission, whatever its form.

    Raises
    ------
    UsageError
        If there is nothing that can be read: no such path, no Python file, no permission.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder.")
    form = next((f for f in FORMS if f.fits(path)), None)
    if form is None:
        raise UsageError(f"{path}: this is no submission. Hand over {' or '.join(f.name for f in FORMS)}.")
    try:
        contents, remarks = form.read(path)
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read ({error.strerror}). Check its permissions.") from error
    return submission(path.resolve().name, contents, remarks)


def _read_file(path: Path) -> tuple[dict[str, bytes], list[str]]:
    if path.stat().st_size > MAX_FILE:
        raise UsageError(f"{path}: {path.stat().st_size:,} bytes; a source file has at most {MAX_FILE:,}.")
    return {path.name: path.read_bytes()}, []


def _read_folder(path: Path) -> tuple[dict[str, bytes], list[str]]:
    contents: dict[str, bytes] = {}
    remarks: list[str] = []
    for file in _python_files(path, MAX_DEPTH):
        name = file.relative_to(path).as_posix()
        if file.is_symlink() or not file.is_file():
            remarks.append(f"{name}: a link or device, left out. Hand in the file itself.")
        elif file.stat().st_size > MAX_FILE:
            remarks.append(f"{name}: larger than {MAX_FILE:,} bytes, left out.")
        elif len(contents) == MAX_FILES:
            remarks.append(f"more than {MAX_FILES} Python files; {name} and those after it were left out.")
            break
        else:
            contents[name] = file.read_bytes()
    if not contents:
        raise UsageError(f"{path}: there is no Python file in this folder. Name the file or folder that holds the submission.")
    return contents, remarks


def _python_files(folder: Path, depth: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda e: e.name)
    for entry in found:
        if entry.name.endswith(".py") and not entry.is_dir() and not entry.name.startswith("."):
            yield Path(entry.path)
    for entry in found:
        if depth and entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in SKIPPED:
            yield from _python_files(Path(entry.path), depth - 1)


FORMS: tuple[Form, ...] = (
    Form("a Python file (.py)", lambda p: p.is_file() and p.suffix == ".py", _read_file),
    Form("a folder of Python files", lambda p: p.is_dir(), _read_folder),
)
"""The first that fits is used."""
