"""Jupyter notebooks as a form of a submission: what of them is Python, cell by cell.

A cell has the number that ``In [n]`` shows after *Restart and run all*: its place among the code cells that are not empty.

Read by `json` and not by nbformat: what is needed of the format is three keys, the same since 2012; nbformat brings jsonschema,
traitlets and jupyter_core (0.2 s of every start), validates outputs that nobody reads, and repairs hostile files in ways of its own.
"""

import ast
import json
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Final

from grader.submission import bounds
from grader.submission.source import Cell, Definition, SourceFile, Unparsable, definitions, parse

_MAGIC: Final = re.compile(r"\s*(?:[%!?]|[\w., \t\[\]()]+=\s*(?:[%!])|[\w.%]+\?\??\s*$)")
"""How a line begins that IPython, not Python, understands; looked for where a statement may begin, in cells that do not parse only."""
_TIMED: Final = ("%%time", "%%timeit", "%%capture", "%%prun")  # the rest of these cells is Python
_MAX_DOUBTS: Final = 1000  # lines of one cell that look like magics and turn out to be inside of something: each costs a tokenizing
_ASIDE: Final = frozenset({"display", "get_ipython"})
_SHOWN: Final = 5  # of what was set aside, in one remark
_EMPTY: Final = "the notebook has no code cell."


@dataclass(slots=True)
class _Reading:
    """What is gathered on the way through the cells."""

    path: str
    lines: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    definitions: dict[str, Definition] = field(default_factory=dict)
    aside: list[str] = field(default_factory=list)

    def add(self, number: int, source: str) -> None:
        """One more code cell."""
        self.lines.append(f"# cell {number}")
        offset = len(self.lines)
        code, aside = without_magics(source)
        tree, trouble = parse(code), None
        if isinstance(tree, Unparsable):
            trouble = tree
            found = _lost(code)
        else:
            shows = [node for node in tree.body if _only_shows(node)]
            aside += [ast.get_source_segment(code, node) or "" for node in shows]
            code = without(code, shows)
            found = definitions(tree, code)
        self.definitions |= {n: Definition(d.line + offset, d.stub, d.tree) for n, d in found.items()}
        self.aside += [f"cell {number}: {_brief(a)}" for a in aside]
        self.cells.append(Cell(number, offset, code, trouble))
        self.lines += [*source.split("\n"), ""]

    def file(self) -> SourceFile:
        """The whole."""
        remarks = [f"cell {c.number}, {c.unparsable.spoken}" for c in self.cells if c.unparsable]
        if self.aside:
            more = f"; and {len(self.aside) - _SHOWN} more" if len(self.aside) > _SHOWN else ""
            remarks.append(f"not Python, set aside: {'; '.join(self.aside[:_SHOWN])}{more}.")
        if not self.cells:
            remarks.append(_EMPTY)
        return SourceFile(self.path, "\n".join(self.lines), tuple(remarks), None, self.definitions, tuple(self.cells))


def read_notebook(path: str, data: bytes) -> SourceFile:
    """A notebook as one module; never raises, whatever the bytes."""
    try:
        sources = _bounded(_code_cells(json.loads(data)))
    except (ValueError, RecursionError) as error:
        problem = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:120]
        trouble = Unparsable("text", None, f"this is no notebook: {problem}. Save it again, and hand in that file.")
        return SourceFile(path, "", (), trouble)
    reading = _Reading(path)
    for number, source in enumerate(sources, 1):
        reading.add(number, source)
    return reading.file()


def _bounded(sources: Iterable[str]) -> list[str]:
    found, room = [], bounds.MAX_FILE
    for source in sources:
        room -= len(source)
        if room < 0:
            raise ValueError(f"it has more code than {bounds.MAX_FILE:,} characters")
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


def _strip_magics(lines: list[str]) -> Iterator[str]:
    """Replace each line that is a magic by ``pass``, and tell it."""
    complete = doubts = 0
    for i, line in enumerate(lines):
        if doubts > _MAX_DOUBTS or i < complete or not _MAGIC.match(line):
            continue
        if _goes_on("\n".join(lines[complete:i])):
            doubts += 1
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


def without(code: str, nodes: Sequence[ast.stmt]) -> str:
    """Code with ``pass`` in the place of some statements; every other line stays where it is."""
    lines = [line.encode() for line in code.split("\n")]
    for node in reversed(nodes):
        first, last, end = node.lineno - 1, (node.end_lineno or node.lineno) - 1, node.end_col_offset or 0
        rest = lines[last][end:]
        joint = b"\\" if rest.lstrip().startswith(b";") else b""  # another statement follows on the last line
        lines[first] = lines[first][: node.col_offset] + b"pass" + (rest if first == last else joint)
        if last > first:
            lines[first + 1 : last + 1] = [*[joint] * (last - first - 1), rest]
    return b"\n".join(lines).decode()


def _lost(code: str) -> dict[str, Definition]:
    """The functions that a cell would define if it were Python."""
    found = ((i, re.match(r"def\s+(\w+)", line)) for i, line in enumerate(code.split("\n"), 1))
    return {m[1]: Definition(i) for i, m in found if m}


def _brief(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 60 else f"{line[:60]}..."
