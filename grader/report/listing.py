"""The submission's source as the page shows it: as many lines as there is room for, and where on the page a place of it is."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from grader.core.report import SourceText
from grader.core.wording import first
from grader.report.text import Bounds, shortened

_LINE_COST = 80  # bytes of markup around one line of source
_NAME = 80  # characters of the name of a file that is not shown


class Link(NamedTuple):
    """A place on the page: an anchor (empty if that place is not shown) and its text."""

    anchor: str
    text: str


class LineView(NamedTuple):
    """A line of source; `marks` are the lost items that lead here."""

    anchor: str
    text: str
    marks: tuple[Link, ...]


class FileView(NamedTuple):
    """A file of the submission."""

    path: str
    anchor: str
    lines: tuple[LineView, ...]
    omitted: str
    """What of it is not shown; empty if all is."""


class Listing:
    """Which lines of source are on the page, and which lost items lead to them."""

    def __init__(self, files: Sequence[SourceText], bounds: Bounds) -> None:
        self.files, self.bounds = files, bounds
        self.shown = self._lines_shown(files[: bounds.many])
        self.marks: dict[str, list[Link]] = {}

    def _lines_shown(self, files: Sequence[SourceText]) -> dict[str, list[str]]:
        """The first lines of each file, as long as the page has room for them."""
        room = self.bounds.source
        shown: dict[str, list[str]] = {}
        for file in files:
            lines: list[str] = []
            for text in file.lines:
                line = self.bounds.line(text)
                room -= len(line) + _LINE_COST
                if room < 0:
                    break
                lines.append(line)
            shown[file.path] = lines
        return shown

    def link(self, path: str, line: int, text: str) -> Link:
        """A text that leads to a line of a file, or of a notebook's cell."""
        cell = next((f for f in self.files if path in f.cells), None)
        if cell:
            path, line = cell.path, line + cell.cells[path]
        is_shown = 1 <= line <= len(self.shown.get(path, ()))
        return Link(f"f{list(self.shown).index(path) + 1}-L{line}" if is_shown else "", text)

    def place(self, file: SourceText, line: int) -> Link:
        """``line 3 of a.py``."""
        place, number = file.place(line)
        return self.link(file.path, line, f"line {number} of {self.bounds.line(place)}")

    def defined(self, function: str) -> Link | None:
        """Where the function is."""
        return next((self.place(f, f.functions[function]) for f in self.files if f.functions.get(function)), None)

    def mark(self, item: Link, places: Iterable[Link | None]) -> None:
        """Let the lines that this lost item leads to lead back to it."""
        for anchor in dict.fromkeys(link.anchor for link in places if link and link.anchor):
            self.marks.setdefault(anchor, []).append(item)

    def views(self) -> tuple[FileView, ...]:
        """The files, once all is marked."""
        return tuple(self._file(n, f) for n, f in enumerate(self.files[: self.bounds.many], 1))

    def omitted(self) -> str:
        """Which files are not shown; empty if all are."""
        left = [shortened(f.path, _NAME) for f in self.files[self.bounds.many :]]
        some = f"{len(left):,} more {'file is' if len(left) == 1 else 'files are'}"
        return f"{some} not shown: {first(left, self.bounds.many)}." if left else ""

    def _file(self, n: int, file: SourceText) -> FileView:
        shown = ((f"f{n}-L{i}", text) for i, text in enumerate(self.shown[file.path], 1))
        lines = tuple(LineView(anchor, text, tuple(self.marks.get(anchor, ()))) for anchor, text in shown)
        left = len(file.lines) - len(lines)
        omitted = f"{left:,} more {'line is' if left == 1 else 'lines are'} not shown." if left else ""
        return FileView(self.bounds.line(file.path), f"file-{n}", lines, omitted)
