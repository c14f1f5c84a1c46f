"""Reports: one `GradeReport`, many outputs. To add a format, write ``report/<format>.py`` and one entry here."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from grader.core.errors import GraderError, UsageError
from grader.core.report import GradeReport


@dataclass(frozen=True, slots=True)
class Format:
    """An output that is one text file.

    Parameters
    ----------
    suffix : str
        Of the file's name.
    module, function : str
        Where the renderer is; imported when first used, so that nobody waits for a format that they did not ask for.
    """

    suffix: str
    module: str
    function: str

    def render(self, report: GradeReport) -> str:
        """The report in this format."""
        renderer = cast("Callable[[GradeReport], str]", getattr(import_module(self.module), self.function))
        return renderer(report)


FORMATS: Mapping[str, Format] = {
    "html": Format(".html", "grader.report.html", "to_html"),
    "json": Format(".json", "grader.report.json", "to_json"),
}
"""Output formats by name."""


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: after a failure the old one is still there, and no other.

    Parameters
    ----------
    path : Path
        Missing folders above it are made.
    content : str or bytes
        Text is written as UTF-8.

    Raises
    ------
    UsageError
        If the path cannot be written to by this user.
    GraderError
        If the machine fails at it: no space, a broken disk.
    """
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("xb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())  # else a power cut can leave the new name with no contents
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except (PermissionError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose a folder that you may write to.") from error
    except OSError as error:
        raise GraderError(f"{path} could not be written: {error.strerror}.") from error
