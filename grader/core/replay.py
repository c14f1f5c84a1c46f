"""The command that repeats a verdict, as it can be typed."""

import shlex
from dataclasses import replace
from pathlib import Path

from grader.core.report import GradeReport


def as_argument(path: str) -> str:
    """The path as it can be typed first: neither an option nor a command of ``grade``, none of which has a slash or a dot.

    Examples
    --------
    >>> [as_argument(path) for path in ("-ann.py", "start", "ann.py", "hw/start")]
    ['./-ann.py', './start', 'ann.py', 'hw/start']
    """
    return path if not path.startswith("-") and ("/" in path or "." in path) else f"./{path}"


def typed_names(course: Path | None, assignment: str | None) -> str:
    """How a command named its course and assignment, for a replay that has to name them, too; empty if it found them by itself.

    Examples
    --------
    >>> typed_names(Path("my course"), None), typed_names(None, "demo"), typed_names(None, None)
    (" --course 'my course'", ' --assignment demo', '')
    """
    given = {"--course": course, "--assignment": assignment}
    return "".join(f" {option} {shlex.quote(str(value))}" for option, value in given.items() if value is not None)


def repeatable(report: GradeReport, names: str) -> GradeReport:
    """The report with replay commands that end in these words of `typed_names`."""
    return replace(report, items=tuple(replace(i, repeat=f"{i.repeat}{names}") for i in report.items)) if names else report


def repeatable_in(run: str, report: GradeReport, key: str) -> GradeReport:
    """The report with commands that ask its row of a run's folder again: of what lies at no path that could be typed."""
    again = f"grade regrade {shlex.quote(run)} --only {shlex.quote(key)} --only"
    return replace(report, items=tuple(replace(i, repeat=f"{again} {i.id}") for i in report.items))
