"""The folder of a run: the store, the lock that keeps a second run out, reports, the class page and the gradebook."""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.batch.store import Store
from grader.core.errors import GraderError, UsageError
from grader.report import FORMATS, write_atomically
from grader.submission.roll import file_name

STORE: Final = "run.sqlite"
REPORTS: Final = "reports"
LEFT: Final = f"{REPORTS}/left"
"""Where reports lie whose submissions are not in the class any more."""
_LOCK: Final = ".lock"
_SCRATCH: Final = ".class-"
_PART: Final = f".*.{8 * '[0-9a-f]'}.part"
"""As `grader.report.write_atomically` calls what it has not ended."""


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
        """Write the reports of a row, and take away what it has of other formats; the SHA-256 of each by format.

        A power cut may tear one: the next run sees that by its hash and writes it again. Waiting for the disk would take a tenth
        of the whole run.
        """
        for name in FORMATS:
            if name in reports:
                write_atomically(self.path / report_path(key, name), reports[name], durable=False)
            else:
                (self.path / report_path(key, name)).unlink(missing_ok=True)
        return {name: hashlib.sha256(content).hexdigest() for name, content in reports.items()}

    def sort_reports(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """Put the reports of rows that have left the class where nobody takes them for current, and back those of who returned."""
        here, aside = self.path / REPORTS, self.path / LEFT
        back = [(key, aside, here) for key in present] if aside.is_dir() else []
        for key, old, new in [*back, *((key, here, aside) for key in gone)]:
            for file in (old / Path(report_path(key, form)).name for form in FORMATS):
                if file.is_file():
                    new.mkdir(exist_ok=True)
                    file.replace(new / file.name)

    def has_reports(self, key: str, reports: Mapping[str, str]) -> bool:
        """Whether the reports are there as they were written."""
        return all(_sha256(self.path / report_path(key, name)) == digest for name, digest in reports.items())


@contextmanager
def scratch(folder: RunFolder) -> Iterator[Path]:
    """An empty folder for a class that is packed: in the run's own, so that a run that was killed leaves nothing elsewhere.

    Raises
    ------
    GraderError
        If there is no room for it.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder.path)
    except OSError as error:
        raise GraderError(f"{folder.path} cannot be written ({error.strerror}). Make room, then give the same command again.") from error
    with made as path:
        yield Path(path)


def _clear(path: Path) -> None:
    """Take away what a run that was killed has left half-done."""
    for left in path.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in (*path.glob(_PART), *(path / REPORTS).glob(_PART)):
        left.unlink(missing_ok=True)


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
    elsewhere = ", or name another folder with --out" if new else ""
    try:
        (path / REPORTS).mkdir(parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):  # the lock of an earlier run could be opened all the same
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UsageError(f"{path}: nothing can be written to this folder ({error.strerror}). Change that{elsewhere}.") from error
    try:
        _lock(lock, path, elsewhere)
        _clear(path)
        with closing(Store(path / STORE)) as store:
            yield RunFolder(path, store)
    finally:
        os.close(lock)


def _lock(lock: int, path: Path, elsewhere: str) -> None:
    """The kernel forgets the lock when its holder ends, however it does."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
        raise UsageError(f"{path}: another run is at work in this folder (process {holder}). Wait for its end{elsewhere}.") from None
    except OSError as error:
        raise UsageError(f"{path}: this folder cannot be locked ({error.strerror}), and a second run would not be kept out. "
                         f"Move it to another disk{elsewhere}.") from error
    with suppress(OSError):  # on a full disk it is not told who is at work
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def report_path(key: str, form: str = "html") -> str:
    """Where the report of a row is, relative to the run's folder."""
    return f"{REPORTS}/{file_name(key)}{FORMATS[form].suffix}"


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
