"""Writing what an author asked for: all of it or nothing, and nothing over what is there."""

import os
from collections.abc import Mapping
from pathlib import Path

from grader.core.errors import UsageError


def write_new(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder, which is made if there is none.

    Raises
    ------
    UsageError
        If one of them exists, or cannot be written; before anything is written if it can be told.
    """
    for name in files:
        if is_there(folder / name):
            raise UsageError(f"{folder / name}: this exists, and is not written over. Move it away, or name another folder with --out.")
    written: list[Path] = []
    try:
        for name, text in files.items():
            _write(folder / name, text)
            written.append(folder / name)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def is_there(path: Path) -> bool:
    """Whether it exists, as far as this user can tell; where that cannot be told, writing there says why."""
    return os.path.exists(path)  # noqa: PTH110 - pathlib raises for a name that is too long, or below a folder that is closed


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path}: it cannot be written ({error.strerror}). Name another folder with --out.") from error
