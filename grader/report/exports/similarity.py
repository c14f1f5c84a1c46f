"""A clean folder for JPlag or copydetect: a folder per submission with its Python files, and the starter code apart.

``jplag -l python3 --base-code base submissions`` in that folder, or ``copydetect -t submissions -b base -e py``.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from grader.core.classbook import ClassBook, Status
from grader.core.errors import UsageError
from grader.report import write_atomically
from grader.report.exports import Left, Options, Written, interrupted
from grader.report.exports.cells import safe, spoken, table

_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")
_LONGEST = 60  # characters of a name: a path of four of them stays below Windows' 260


def to_similarity(book: ClassBook, folder: Path, options: Options) -> Written:
    """Write ``similarity/submissions/``, ``names.csv`` on whose its folders are and, if there is starter code, ``similarity/base/``.

    Raises
    ------
    UsageError
        If the folder is there already: what an earlier run left in it would be compared too.
    """
    root = folder / "similarity"
    if root.exists():
        raise UsageError(f"{root}: this folder is there already, and its files would be compared too. Remove it, or choose another folder.")
    left: list[Left] = []
    taken: set[str] = set()
    names = [("folder", "key", "name")]
    for row in book.rows:
        files, place = {} if row.status is Status.ABSENT else options.sources(row), _unique(row.key, taken)
        if _write(root / "submissions" / place, files):
            names.append((place, safe(row.key), safe(", ".join(p.name for p in row.persons))))
        elif row.status is not Status.ABSENT:
            left.append(Left(", ".join(map(spoken, row.persons)), "no Python file in the submission"))
    write_atomically(root / "names.csv", "\ufeff" + table(names))  # of names in other scripts, the folder's keeps next to nothing
    starter = _write(root / "base", options.starter)
    return Written((root,), tuple(left), (*_how_to(root, starter=starter), *interrupted(book)))


def _write(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Write the Python files and say whether there is any."""
    taken: set[str] = set()
    python = sorted((path, content) for path, content in files.items() if path.lower().endswith(".py"))
    for path, content in python:
        write_atomically(folder / _unique(_flat(path), taken), content)
    return bool(python)


def _flat(path: str) -> str:
    """One name for a path: nothing that students wrote is followed as a path."""
    return "-".join(PurePosixPath(path).parts)


def _unique(text: str, taken: set[str]) -> str:
    """A name that every file system takes and keeps apart from those taken before, where case does not count."""
    stem, end = (text[:-3], ".py") if text.lower().endswith(".py") else (text, "")
    short = _UNFIT.sub("_", stem).strip("._-")[:_LONGEST] or "submission"
    name, number = f"{short}{end}", 1
    while name.lower() in taken:
        number += 1
        name = f"{short}-{number}{end}"
    taken.add(name.lower())
    return name


def _how_to(root: Path, *, starter: bool) -> list[str]:
    jplag, copydetect = (" --base-code base", " -b base") if starter else ("", "")
    return [f"In {root}: jplag -l python3{jplag} submissions, or copydetect -t submissions{copydetect} -e py."]
