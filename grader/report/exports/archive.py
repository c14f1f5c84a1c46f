"""A zip file, written whole or not at all; equal input gives equal bytes."""

import os
from collections.abc import Container, Iterable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from grader.core.errors import GraderError, UsageError

_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say
_MODE = 0o100644 << 16
_PROGRAM = 0o100755 << 16
_UNIX = 3


def zip_atomically(path: Path, entries: Iterable[tuple[str, bytes]], executable: Container[str] = ()) -> None:
    """Write the entries, name and contents, one after the other: memory holds one of them.

    Parameters
    ----------
    executable : container of str
        Names of entries that are programs.

    Raises
    ------
    UsageError
        If the path cannot be written to by this user.
    GraderError
        If the machine fails at it.
    """
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("xb") as file:
                with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                    for name, content in entries:
                        archive.writestr(_entry(name, _PROGRAM if name in executable else _MODE), content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except IsADirectoryError as error:
        raise UsageError(f"{path} cannot be written: it is a folder. Name a file.") from error
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose a folder that you may write to.") from error
    except OSError as error:
        raise GraderError(f"{path} could not be written: {error.strerror}.") from error


def _entry(name: str, mode: int) -> ZipInfo:
    entry = ZipInfo(name, _WHEN)
    entry.compress_type, entry.external_attr, entry.create_system = ZIP_DEFLATED, mode, _UNIX
    return entry
