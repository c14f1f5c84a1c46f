"""The folder of a run: the store, the lock that keeps a second run out, reports, the class page and the gradebook."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.batch.store import Store
from grader.core.errors import UsageError
from grader.report import FORMATS, write_atomically
from grader.submission.roll import file_name

STORE: Final = "run.sqlite"
_LOCK: Final = ".lock"
_SCRATCH: Final = ".class-"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run on disk, locked.

    Parameters
    ----------
    path : Path
        The folder.
    store : Store
        What is in it.
    """

    path: Path
    store: Store

    def write_reports(self, key: str, reports: Mapping[str, bytes]) -> dict[str, str]:
        """Write the reports of a row; the SHA-256 of each by format.

        A power cut may tear one: the next run sees that by its hash and writes it again. Waiting for the disk would take a tenth
        of the whole run.
        """
        for name, content in reports.items():
            write_atomically(self.path / report_path(key, name), content, durable=False)
        return {name: hashlib.sha256(content).hexdigest() for name, content in reports.items()}

    def has_reports(self, key: str, reports: Mapping[str, str]) -> bool:
        """Whether the reports are there as they were written."""
        return all(_sha256(self.path / report_path(key, name)) == digest for name, digest in reports.items())


@contextmanager
def scratch(folder: RunFolder) -> Iterator[Path]:
    """An empty folder for a class that is packed: in the run's own, so that a run that was killed leaves nothing elsewhere."""
    for left in folder.path.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder.path) as path:
        yield Path(path)


@contextmanager
def opened(path: Path, *, new: bool = False) -> Iterator[RunFolder]:
    """A run's folder, for this process alone.

    Parameters
    ----------
    new : bool
        Whether to make what is missing.

    Raises
    ------
    UsageError
        If there is no run, another process works on it, or the folder cannot be written.
    """
    if not new and not (path / STORE).is_file():
        raise UsageError(f"{path}: there is no run in this folder. Name the folder that `grade CLASS` wrote; it holds {STORE}.")
    try:
        (path / "reports").mkdir(parents=True, exist_ok=True)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UsageError(f"{path}: nothing can be written to this folder ({error.strerror}). Name another one with --out.") from error
    try:
        _lock(lock, path)
        with closing(Store(path / STORE)) as store:
            yield RunFolder(path, store)
    finally:
        os.close(lock)


def _lock(lock: int, path: Path) -> None:
    """The kernel forgets the lock when its holder ends, however it does."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
        raise UsageError(f"{path}: another run is at work in this folder (process {holder}). Wait for its end, or name another folder "
                         "with --out.") from None
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def report_path(key: str, form: str = "html") -> str:
    """Where the report of a row is, relative to the run's folder."""
    return f"reports/{file_name(key)}{FORMATS[form].suffix}"


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
