"""What makes finished work the same work: hashes of contents, checks, questions and settings."""

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

import grader
from grader.batch.job import Setup
from grader.course import Assignment
from grader.rubric import RubricItem
from grader.submission.bounds import ARCHIVES, SKIPPED, SOURCES
from grader.submission.roll import Entry

_CHUNK = 1 << 20


def check_of(item: RubricItem, assignment: Assignment) -> str:
    """Hash of all that the item's verdict depends on besides the answers: equal checks need not judge again."""
    return _digest([item.check.model_dump(mode="json"), assignment.reference_sha256, versions()])


def edition_of(assignment: Assignment, remarks: Sequence[str], place: str) -> str:
    """What a report was written for: which rubric and reference, how the submission was found, and the run's folder if it names that."""
    return _digest([assignment.rubric_sha256, assignment.reference_sha256, versions(), remarks, place])


def asking_of(assignment: Assignment, setup: Setup) -> str:
    """Hash of how a class is asked: who was asked otherwise has to be asked again.

    Points, titles, hints and needs are no part of it: they change no answer and no verdict.
    """
    items = [(i.id, i.seconds, check_of(i, assignment)) for i in assignment.rubric.items]
    return _digest([assignment.slug, setup.seed, setup.demand, items])


def content_of(entry: Entry) -> str:
    """Hash of what was handed in, with its name. It costs the parent little: contents are hashed, not parsed."""
    digest = hashlib.sha256("\0".join((entry.name, *entry.names, "")).encode("utf-8", "surrogateescape"))
    for path in entry.paths:
        for file in _files(path):
            _add(digest, file, file.relative_to(path.parent).as_posix())
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    """What a form may read of it."""
    if not _is_folder(path):
        yield path
        return
    for folder, below, names in os.walk(path):
        below[:] = sorted(n for n in below if n not in SKIPPED and not n.startswith("."))
        yield from (Path(folder, n) for n in sorted(names) if n.lower().endswith((*SOURCES, *ARCHIVES)))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir() and not path.is_symlink()
    except OSError:  # in a folder that may be listed and not entered
        return False


def _add(digest: "hashlib._Hash", file: Path, name: str) -> None:
    """A file that cannot be read counts by its name: if it can be read next time, it is another content."""
    digest.update(f"{name}\0".encode("utf-8", "surrogateescape"))
    try:
        if file.is_symlink() or not file.is_file():
            digest.update(b"no file")
            return
        with file.open("rb") as opened:
            digest.update(f"{os.fstat(opened.fileno()).st_size}\0".encode())
            while data := opened.read(_CHUNK):
                digest.update(data)
    except OSError as error:
        digest.update(f"unreadable {error.errno}".encode())


def versions() -> Mapping[str, str]:
    """What else can change an answer."""
    return {"grade": grader.__version__, "python": platform.python_version(), "numpy": np.__version__}


def _digest(values: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
