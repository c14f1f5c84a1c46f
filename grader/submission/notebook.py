"""Jupyter notebooks as a form of a submission: what of them is Python, cell by cell.

A cell has the number that ``In [n]`` shows after *Restart and run all*: its place among the code cells that are not empty.

Read by `json` and not by nbformat: what is needed of the format is three keys, the same since 2012; nbformat brings jsonschema,
traitlets and jupyter_core (0.2 s of every start), validates outputs that nobody reads, and repairs hostile files in ways of its own.
"""

import ast
import json
import re
import tokenize
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import PurePosixPath
from typing import Any, Final

from grader.submission import bounds
from grader.submission.source import Cell, Definition, SourceFile, Unparsable, definitions, parse

_MAGIC: Final = re.compile(r"[%!?]|[\w., \t\[\]()]+=\s*[%!]|[\w.%]+\?\??\s*$")
"""How a line that IPython, not Python, understands begins behind its indent; looked for in cells that do not parse only."""
_TIMED: Final = ("%%time", "%%timeit", "%%capture", "%%prun")  # the rest of these cells is Python
_MAX_READINGS: Final = 10  # times that all of a cell is tokenized, to see whether lines that look like magics are inside of something
_WRITES: Final = re.compile(r"\s*%%(?:write)?file[ \t]+['\"]?(?:\./)?([\w-]+\.py)['\"]?[ \t]*\n")
_JOINED: Final = re.compile(rb"[ \t]*;")
_ASIDE: Final = frozenset({"display", "get_ipython"})
_SHOWN: Final = 5  # of what was set aside, in one remark
_BRIEF: Final = 60  # characters of each
_BEGINNING: Final = 1 << 16  # bytes of a file that say what it is
_EMPTY: Final = "the notebook has no code cell."


@dataclass(slots=True)
class _Reading:
    """What is gathered on the way through the cells."""

    path: str
    lines: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)

    def add(self, number: int, source: str) -> None:
        """One more code cell."""
        self.lines.append(f"# cell {number}")
        offset = len(self.lines)
        if writes := _WRITES.match(source):
            self.written[str(PurePosixPath(self.path).with_name(writes[1]))] = source[writes.end() :]
        code, aside = without_magics(source)
        tree, trouble = parse(code), None
        if isinstance(tree, Unparsable):
            trouble = tree
        else:
            shows = [node for node in tree.body if _only_shows(node)]
            aside += _beginnings(code, shows)
            code = without(code, shows)
        self.aside += [f"cell {number}: {_brief(a)}" for a in aside]
        self.cells.append(Cell(number, offset, code, trouble))
        self.lines += [*source.split("\n"), ""]

    def file(self) -> SourceFile:
        """The whole."""
        remarks = [c.unparsable.at(f"cell {c.number}") for c in self.cells if c.unparsable]
        if self.aside:
            remarks.append(_set_aside(self.aside))
        if not self.cells:
            remarks.append(_EMPTY)
        return SourceFile(self.path, "\n".join(self.lines), tuple(remarks), None, defined(self.cells), tuple(self.cells), self.written)


def read_notebook(path: str, data: bytes, room: int | None = None) -> SourceFile:
    """A notebook as one module, of at most `room` characters of code; never raises, whatever the bytes."""
    try:
        sources = _bounded(_code_cells(json.loads(data)), bounds.MAX_FILE if room is None else min(room, bounds.MAX_FILE))
    except (ValueError, RecursionError) as error:
        problem = _taken_for(data) or ("it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:120])
        trouble = Unparsable("text", None, f"this is no notebook: {problem}. Save it again, and hand in that file.")
        return SourceFile(path, "", (), trouble)
    reading = _Reading(path)
    for number, source in enumerate(sources, 1):
        reading.add(number, source)
    return reading.file()


def _taken_for(data: bytes) -> str:
    """What else it is, as far as its beginning tells."""
    begins = data[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not begins:
        return "the file is empty"
    if begins.startswith(b"<"):
        return "it is a web page"
    if begins.startswith(b"PK\x03\x04"):
        return "it is an archive"
    return "it is Python, and its name has to end in .py" if re.search(rb"^(def|import|from)[ \t]", begins, re.MULTILINE) else ""


def is_notebook(data: bytes) -> bool:
    """Whether a file with another name is one."""
    try:
        return any(True for _ in _code_cells(json.loads(data)))
    except (ValueError, RecursionError):
        return False


def _bounded(sources: Iterable[str], most: int) -> list[str]:
    found: list[str] = []
    room = most
    for source in sources:
        room -= len(source)
        if room < 0:
            raise ValueError(f"it has more code than {most:,} characters" if most == bounds.MAX_FILE else bounds.too_much_code())
        if len(found) == bounds.MAX_CELLS:
            raise ValueError(f"it has more than {bounds.MAX_CELLS:,} code cells")
        found.append(source)
    return found


def _code_cells(notebook: Any) -> Iterator[str]:
    """The sources of the code cells that are not empty; ValueError if there is no list of cells."""
    cells = _get(notebook, "cells", None)
    if cells is None:  # version 3 has sheets of cells
        cells = [c for sheet in _listed(_get(notebook, "worksheets", None)) for c in _listed(_get(sheet, "cells", []))]
    for cell in _listed(cells):
        source = _get(cell, "source", _get(cell, "input", ""))
        text = "".join(s for s in source if isinstance(s, str)) if isinstance(source, list) else source
        if _get(cell, "cell_type", "") == "code" and isinstance(text, str) and text.strip():
            yield _plain(text)


def _get(value: Any, key: str, otherwise: Any) -> Any:
    return value.get(key, otherwise) if isinstance(value, dict) else otherwise


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("it has no list of cells")  # noqa: TRY004 - of a file's contents
    return value


def _plain(text: str) -> str:
    r"""With ``\n`` at line ends, no form feeds: they separate cells on the way to the worker."""
    text = text.encode("utf-8", "replace").decode()
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ").removesuffix("\n")


# ---- what is not Python ----------------------------------------------------------------------------------------------


def without_magics(source: str) -> tuple[str, list[str]]:
    """A cell's Python, line for line, and what of it was set aside: ``%`` magics, ``!`` and ``?`` lines, whole ``%%`` cells."""
    lines = source.split("\n")
    first = next(i for i, line in enumerate(lines) if line.strip())
    aside: list[str] = []
    if lines[first].startswith("%%"):
        aside.append(lines[first])
        if lines[first].split()[0] not in _TIMED:
            return "\n" * (len(lines) - 1), aside
        lines[first] = ""
    if isinstance(parse("\n".join(lines)), Unparsable):
        aside += _strip_magics(lines)
    return "\n".join(lines), aside


def without_ipython(text: str) -> tuple[str, str]:
    """A .py file that was saved from a notebook, without what IPython alone understands, and a remark on that.

    The text as it is, and no remark, if there is nothing of that kind or the rest is no Python either.
    """
    lines = text.split("\n")
    aside = list(_strip_magics(lines)) if isinstance(parse(text), Unparsable) else []
    code = "\n".join(lines)
    tree = parse(code)
    if isinstance(tree, Unparsable):
        return text, ""
    colab = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "google.colab" for a in n.names}
    shows = [node for node in tree.body if _only_shows(node) or _calls_on(node, colab)]
    aside += _beginnings(code, shows)
    return (without(code, shows), _set_aside([_brief(a) for a in aside])) if aside else (text, "")


def _set_aside(pieces: Sequence[str]) -> str:
    more = f"; and {len(pieces) - _SHOWN} more" if len(pieces) > _SHOWN else ""
    return f"not Python, set aside: {'; '.join(pieces[:_SHOWN])}{more}."


def _strip_magics(lines: list[str]) -> Iterator[str]:
    """Replace each line that is a magic by ``pass``, and tell it."""
    complete, left = 0, _MAX_READINGS * sum(map(len, lines))
    for i, line in enumerate(lines):
        if left < 0 or i < complete or not _MAGIC.match(line.lstrip()):
            continue
        before = "\n".join(lines[complete:i])
        left -= len(before)
        if _goes_on(before):
            continue
        yield line.strip()
        lines[i] = line[: len(line) - len(line.lstrip())] + "pass"
        complete = i + 1
        goes_on = line.endswith("\\")
        while goes_on and complete < len(lines):  # `!pip install \` goes on in the next line
            goes_on = lines[complete].endswith("\\")
            lines[complete] = ""
            complete += 1


def _goes_on(text: str) -> bool:
    """Whether text ends inside of a string, of brackets, or of a continued line."""
    if text.endswith("\\"):
        return True
    try:
        for _ in tokenize.generate_tokens(StringIO(text + "\n").readline):
            pass
    except (tokenize.TokenError, SyntaxError) as error:
        return "EOF" in str(error) or "unterminated triple" in str(error)
    return False


def _only_shows(node: ast.stmt) -> bool:
    """``display(...)``, and whatever asks IPython for something."""
    if not isinstance(node, ast.Expr | ast.Assign):
        return False
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") in _ASIDE:
        return True
    return any(isinstance(n, ast.Name) and n.id == "get_ipython" for n in ast.walk(node))


def _calls_on(node: ast.stmt, names: Container[str]) -> bool:
    """``drive.mount(...)``, its result unused."""
    function = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in names


def without(code: str, nodes: Sequence[ast.stmt]) -> str:
    """Code with ``pass`` in the place of some statements; every other line stays where it is."""
    lines = [line.encode() for line in code.split("\n")]
    pieces: list[bytes] = []
    row = column = 0
    for node in nodes:
        first, last, end = node.lineno - 1, (node.end_lineno or node.lineno) - 1, node.end_col_offset or 0
        joint = b"\\" if _JOINED.match(lines[last], end) else b""  # another statement follows on the last line
        pieces += [*_between(lines, (row, column), (first, node.col_offset)), b"pass", (joint + b"\n") * (last - first)]
        row, column = last, end
    pieces += _between(lines, (row, column), (len(lines) - 1, len(lines[-1])))
    return b"".join(pieces).decode()


def _between(lines: Sequence[bytes], start: tuple[int, int], end: tuple[int, int]) -> list[bytes]:
    """What of the lines lies between two places, each a row and a column."""
    (row, column), (last, stop) = start, end
    if row == last:
        return [lines[row][column:stop]]
    return [lines[row][column:], b"\n", *(part for line in lines[row + 1 : last] for part in (line, b"\n")), lines[last][:stop]]


def _beginnings(code: str, nodes: Sequence[ast.stmt]) -> list[str]:
    """As much of each statement's first line as a remark shows, and more."""
    lines = [line.encode() for line in code.split("\n")] if nodes else []
    found = []
    for node in nodes:
        end = node.end_col_offset if node.end_lineno == node.lineno else None
        most = node.col_offset + 8 * _BRIEF
        found.append(lines[node.lineno - 1][node.col_offset : min(end or most, most)].decode(errors="ignore"))
    return found


def defined(cells: Iterable[Cell]) -> dict[str, Definition]:
    """What the cells define, the last one wins; lines are those of the notebook's text."""
    found: dict[str, Definition] = {}
    for cell in cells:
        tree = parse(cell.code)
        here = _lost(cell.code) if isinstance(tree, Unparsable) else definitions(tree, cell.code)
        found |= {name: replace(d, line=d.line + cell.offset) for name, d in here.items()}
    return found


def _lost(code: str) -> dict[str, Definition]:
    """The functions that a cell would define if it were Python."""
    found = ((i, re.match(r"def\s+(\w+)", line)) for i, line in enumerate(code.split("\n"), 1))
    return {m[1]: Definition(i) for i, m in found if m}


def _brief(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _BRIEF else f"{line[:_BRIEF]}..."
