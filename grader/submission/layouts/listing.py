"""A folder as layouts see it: names by kind, without what systems leave behind; from the disk, or from an archive's contents."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.core.errors import UsageError
from grader.submission.archive import CLASS, Refused, is_archive, opened
from grader.submission.bounds import MAX_DEPTH, MAX_FILE, MAX_NOTEBOOK, SKIPPED, SOURCES

_IGNORED: Final = frozenset({
    ".DS_Store", "__MACOSX", ".Trashes", ".Spotlight-V100", ".fseventsd", ".AppleDouble", ".localized", "Icon\r",
    "Thumbs.db", "ehthumbs.db", "desktop.ini", ".directory",
    ".git", ".gitignore", ".gitattributes", ".gitkeep", ".gitmodules", ".github", ".hg", ".svn",
    "__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".venv", ".idea", ".vscode",
})
"""What operating systems, version control and editors leave behind: no one handed it in."""
_REPORTS: Final = "grade-report"
_OF_A_RUN: Final = frozenset({"feedback", "reports", "similarity"})
"""Folders that grading a class and its exports write beside ``run.sqlite``."""
_PEEK: Final = 1 << 16
"""Bytes of a file in an archive that are kept to tell what it defines."""
_PEEKED: Final = 32 << 20
"""Bytes that are kept of all: thousands of files."""
_DEFINITION: Final = re.compile(rb'(?:^|"|\\n)def[ \t]+(\w+)', re.MULTILINE)
"""A top-level function, in a source file or in the JSON of a notebook; found in a file that does not parse, too."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies directly in a folder.

    Parameters
    ----------
    path : Path
        The folder.
    place : str
        The same relative to the class, with a slash at the end; empty for the class itself.
    files, folders : tuple of str
        Names, sorted.
    odd : dict of str to str
        What is neither, by place, with the reason in a sentence.
    is_clone : bool
        Whether git keeps its history here.
    child : callable
        The listing of one of its folders.
    read : callable
        The beginning of one of its files; empty if it cannot be read.
    """

    path: Path
    place: str
    files: tuple[str, ...]
    folders: tuple[str, ...]
    odd: dict[str, str]
    is_clone: bool
    child: Callable[[str], "Listing"]
    read: Callable[[str], bytes]

    def sources(self, depth: int = MAX_DEPTH) -> Iterator[tuple["Listing", str]]:
        """Python files and notebooks in it and as far below as the form of a folder reads, each with the folder that it lies in."""
        yield from ((self, f) for f in self.files if is_source(f))
        for name in self.folders if depth else ():
            if name not in SKIPPED:
                yield from self.child(name).sources(depth - 1)

    def defined(self, name: str) -> frozenset[str]:
        """Functions that a file's top level defines, as far as a look without parsing tells."""
        return frozenset(found.decode("utf-8", "replace") for found in _DEFINITION.findall(self.read(name)))


def is_ignored(name: str) -> bool:
    """Whether a name alone says that no one handed it in; such things are not even listed."""
    return name in _IGNORED or name.startswith("._") or name.endswith(":Zone.Identifier")


def is_source(name: str) -> bool:
    """Whether a file of this name holds Python."""
    return name.lower().endswith(SOURCES)


def is_candidate(name: str) -> bool:
    """Whether a file of this name can be a submission."""
    return is_source(name) or is_archive(name)


def spoken(name: str) -> str:
    """A name as text that can be stored: bytes that are no UTF-8 are written out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if not name.isascii() else name


def on_disk(path: Path, place: str = "") -> Listing:
    """A folder's listing; links are not followed.

    Raises
    ------
    UsageError
        If the folder cannot be read.
    """
    try:
        with os.scandir(path) as entries:
            found = sorted(entries, key=lambda e: e.name)
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read ({error.strerror}). Check its permissions.") from error
    shown = [e for e in found if not is_ignored(e.name)]
    odd = {place + spoken(e.name): why for e in shown if (why := _oddity(e))}
    plain = [e for e in shown if place + spoken(e.name) not in odd]
    return Listing(
        path, place,
        tuple(e.name for e in plain if e.is_file(follow_symlinks=False)),
        tuple(e.name for e in plain if e.is_dir(follow_symlinks=False)),
        odd,
        any(e.name == ".git" for e in found),
        lambda name: _below(path / name, f"{place}{spoken(name)}/"),
        lambda name: _beginning(path / name),
    )


def _below(path: Path, place: str) -> Listing:
    """One folder that cannot be read is its owner's matter, and ends no class."""
    try:
        return on_disk(path, place)
    except UsageError:
        why = {place.removesuffix("/"): "The folder cannot be read. Check its permissions."}
        return Listing(path, place, (), (), why, is_clone=False, child=lambda name: _below(path / name, place), read=lambda _: b"")


def _oddity(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "It is a link, which is not followed. Put the file itself in its place."
    if not entry.is_file(follow_symlinks=False) and not entry.is_dir(follow_symlinks=False):
        return "It is neither a file nor a folder, and was not opened."
    if entry.name.startswith("."):
        return "Its name starts with a dot, so it is hidden. Rename it if somebody handed it in."
    if entry.is_dir(follow_symlinks=False) and (entry.name == _REPORTS or _is_of_a_run(Path(entry.path))):
        return "These are reports of this tool."
    return ""


def _is_of_a_run(folder: Path) -> bool:
    """Whether it is a run, or a part of one that was written into the class's own folder."""
    return is_run(folder) or (folder.name in _OF_A_RUN and folder.with_name("run.sqlite").is_file())


def is_run(folder: Path) -> bool:
    """Whether a folder is what grading a class has written, and nothing that somebody handed in."""
    try:
        if not (folder / "run.sqlite").is_file():
            return False
        with os.scandir(folder) as entries:
            return all(e.name in _OF_A_RUN if e.is_dir() else not is_source(e.name) for e in entries if not e.name.startswith("."))
    except OSError:  # a student's folder that cannot be entered
        return False


def _beginning(path: Path) -> bytes:
    most = MAX_NOTEBOOK if path.suffix == ".ipynb" else MAX_FILE
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError:  # the submission's own reader says why
        return b""


def in_archive(path: Path) -> Listing:
    """The listing of an archive's contents, as they would be unpacked.

    Raises
    ------
    UsageError
        If the archive cannot be read.
    """
    tree: dict[str, object] = {}
    texts: dict[tuple[str, ...], bytes] = {}
    room = _PEEKED
    try:
        for entry in opened(path, CLASS):
            if entry.refusal or any(is_ignored(p) or p.startswith(".") for p in entry.parts):
                continue
            _plant(tree, entry.parts, is_folder=entry.is_folder)
            if room > 0 and not entry.is_folder and is_source(entry.parts[-1]):
                texts[entry.parts] = text = _first(entry.chunks(MAX_NOTEBOOK))
                room -= len(text)
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read ({error.strerror}). Check its permissions.") from error
    return _of_tree(path, (), tree, texts)


def _plant(tree: dict[str, object], parts: tuple[str, ...], *, is_folder: bool) -> None:
    for part in parts if is_folder else parts[:-1]:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):  # a file of that name came first, and is the one unpacked
            return
        tree = inner
    if not is_folder:
        tree.setdefault(parts[-1], None)


def _first(chunks: Iterator[bytes]) -> bytes:
    try:
        data = bytearray()
        for chunk in chunks:
            data += chunk
            if len(data) >= _PEEK:
                break
        return bytes(data)
    except Refused:
        return b""


def _of_tree(path: Path, parts: tuple[str, ...], tree: dict[str, object], texts: dict[tuple[str, ...], bytes]) -> Listing:
    def child(name: str) -> Listing:
        inner = tree[name]
        assert isinstance(inner, dict)
        return _of_tree(path / name, (*parts, name), inner, texts)

    return Listing(
        path, "".join(f"{p}/" for p in parts),
        tuple(sorted(n for n, inner in tree.items() if inner is None)),
        tuple(sorted(n for n, inner in tree.items() if inner is not None)),
        {}, is_clone=False, child=child, read=lambda name: texts.get((*parts, name), b""),
    )
