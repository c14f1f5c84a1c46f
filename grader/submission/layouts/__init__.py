"""Layouts of a class: who handed in what, told by names and metadata, never by a file's date.

One small file and one registry entry each. A layout lists entries; what all have in common (keys, attempts, the roster) is in
`reading`, and whether a path is a class at all in `choice`.
"""

import shlex
from pathlib import Path

from grader.core.errors import UsageError
from grader.submission.archive import is_archive
from grader.submission.layouts.choice import NOTHING_DECLARED, Declared
from grader.submission.layouts.listing import in_archive, is_run, on_disk
from grader.submission.layouts.reading import is_class, read_class, unwrapped

__all__ = ["Declared", "looks_like_a_class", "read_class"]


def looks_like_a_class(path: Path, declared: Declared = NOTHING_DECLARED, assignment: str | None = None) -> tuple[bool, str]:
    """Whether a path holds many submissions rather than one, and why, in a sentence to be printed.

    Parameters
    ----------
    path : Path
        A file, a folder or an archive; nothing is unpacked.
    declared : Declared
        The modules and functions that the course's interfaces declare.
    assignment : str or None
        As asked for with ``--assignment``.

    Raises
    ------
    UsageError
        If a folder cannot be read, or is what grading a class has written.
    """
    if path.is_dir():
        folder = on_disk(path)
        if is_run(path):
            raise UsageError(f"{path}: this is what grading a class has written. Name the folder of the class; "
                             f"or give `grade rejudge {shlex.quote(str(path))}`, `grade regrade` or `grade export`.")
    elif not is_archive(path.name):
        return False, "It is a file."
    else:
        try:
            folder = in_archive(path)
        except UsageError:  # who opens it as one submission is told what is wrong with it
            return False, "It is an archive that cannot be read."
    return is_class(unwrapped(folder, assignment, declared), assignment, declared)
