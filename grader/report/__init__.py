"""Reports: one `GradeReport`, many outputs. To add a format, write ``report/<format>.py`` and one entry here."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, cast

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
"""Output formats by name: what every submission gets."""

ON_REQUEST: Mapping[str, Format] = {
    "junit": Format(".junit.xml", "grader.report.junit", "to_junit"),
}
"""Further output formats, for ``--format``."""


@dataclass(frozen=True, slots=True)
class Written:
    """A report and where it is, for services that take it while the command runs.

    Parameters
    ----------
    submission : Path
        What was graded.
    files : mapping of str to Path
        The files written, by format.
    """

    report: GradeReport
    submission: Path
    files: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Service:
    """Somebody who listens while the command runs: on its output, and at files that the environment names.

    Parameters
    ----------
    module, function : str
        Takes a `Written` and the environment; returns the lines to print last.
    """

    module: str
    function: str

    def tell(self, written: Written, environ: Mapping[str, str]) -> tuple[str, ...]:
        """Write to the service's files; the lines to print."""
        teller = cast("Callable[[Written, Mapping[str, str]], tuple[str, ...]]", getattr(import_module(self.module), self.function))
        return teller(written, environ)


SERVICES: Mapping[str, Service] = {
    "github": Service("grader.report.github", "tell"),
}
"""Services by name, for ``--format``."""


def write_atomically(path: Path, content: str | bytes, *, durable: bool = True) -> None:
    """Write a file whole or not at all, see `atomically`.

    Parameters
    ----------
    content : str or bytes
        Text is written as UTF-8.
    """
    with atomically(path, durable=durable) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def atomically(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """A file to write to, which is there whole at the end or not at all: after a failure the old one is still there, and no other.

    Parameters
    ----------
    path : Path
        Missing folders above it are made.
    durable : bool
        Whether it is on the disk when this ends. If not, a power cut within some seconds can leave it empty: for what its reader
        checks and can have made again.

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
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())  # else a power cut can leave the new name with no contents
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except IsADirectoryError as error:
        raise UsageError(f"{path} cannot be written: it is a folder. Move it away, or name another place.") from error
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose a folder that you may write to.") from error
    except OSError as error:
        raise GraderError(f"{path} could not be written: {error.strerror}. Make room or mend the disk, then give the same command "
                          "again.") from error
