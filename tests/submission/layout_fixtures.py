"""Classes as systems download them, made in a folder: what tests of layouts share."""

from collections.abc import Mapping
from pathlib import Path

from grader.submission.layouts import read_class
from grader.submission.roll import Entry, Roll

SOFTMAX = "def softmax(x):\n    return x\n"


def make(root: Path, *names: str) -> Path:
    """A folder with files of these names; a name that ends in a slash is a folder."""
    for name in names:
        put(root, {name: SOFTMAX})
    return root


def put(root: Path, files: Mapping[str, str]) -> Path:
    """A folder with files of these contents."""
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        place = root / name
        if name.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    return root


def read(path: Path, roster: Path | None = None, assignment: str | None = None) -> Roll:
    """The class at a path, with an empty scratch folder beside it."""
    scratch = path.parent / f"scratch of {path.name}"
    scratch.mkdir()
    return read_class(path, roster, scratch, assignment)


def owners(roll: Roll) -> dict[str, str]:
    """What was handed in by key: names as students gave them."""
    return {"+".join(p.key for p in e.owners): e.name for e in roll.entries}


def of(roll: Roll, key: str) -> Entry:
    """The one entry of this key."""
    [entry] = [e for e in roll.entries if "+".join(p.key for p in e.owners) == key]
    return entry
