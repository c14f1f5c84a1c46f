"""``autograder.zip`` for Gradescope: the course, the grader, and the two scripts that its harness calls."""

from dataclasses import replace
from pathlib import Path

from grader.packaging.bundle import Contents, download, payload, requirements, script
from grader.report.exports.archive import zip_atomically

_SCRIPTS = ("setup.sh", "run_autograder")


def write(contents: Contents, out: Path, *, leaderboard: bool = False) -> tuple[str, ...]:
    """Write the archive; what its author should know, a sentence each.

    Raises
    ------
    UsageError
        If a wheel is missing, or the archive cannot be written.
    """
    contents = replace(contents, options=("--leaderboard",)) if leaderboard else contents
    entries = [*(script("gradescope", name) for name in _SCRIPTS), *payload(contents, "gradescope")]
    zip_atomically(out, ((e.name, e.content) for e in entries), _SCRIPTS)
    return notes(contents)


def notes(contents: Contents) -> tuple[str, ...]:
    """Where the dependencies come from, and what the isolation means."""
    said = []
    if contents.wheels is None:
        said.append("What the grader needs is installed from the package index when the image is built. To bundle it instead, on Linux "
                    f"with the image's version of Python: {download(requirements())} -d wheels, then --wheels wheels.")
    if contents.demand != "required":
        said.append(f"With --isolation {contents.demand}, student code may run where little keeps it from the rest of the container, the "
                    "reference among it: look at the level that each result tells.")
    return tuple(said)
