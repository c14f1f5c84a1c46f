"""Which statements of a notebook its functions need.

Notebooks train: a cell of ``sgd(...)`` runs for minutes, and would cost every function the time that loading may take. Imports,
functions and classes are always run; any other statement only if what it binds or changes is read, directly or through others,
by a function that is asked for. What cannot be told (``exec``, ``globals``) is run.
"""

import ast
import symtable
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from grader.submission.notebook import without
from grader.submission.source import Cell, SourceFile, Submission, Unparsable, parse

_DEFINING: Final = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_MOST: Final = 1 << 17  # characters of a submission's code: more than any real notebook's, and two seconds to look through at worst
_OPAQUE: Final = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "__import__"})


@dataclass(eq=False, slots=True)
class _Statement:
    """One statement at the top level of a cell: the names that it binds or changes, and those that it reads."""

    node: ast.stmt
    binds: set[str]
    reads: set[str]
    sets: set[str] = field(default_factory=set)
    """Names that a function declares global and assigns."""
    hands_on: set[str] = field(default_factory=set)
    """Names that it reads and does not just call: a function that is handed a table may fill it."""

    @property
    def defines(self) -> bool:
        return isinstance(self.node, _DEFINING)


def program_text(file: SourceFile, handed: Submission, functions: Iterable[str]) -> str:
    """What the worker runs of a notebook: its cells, each after a form feed and its number."""
    return "".join(f"\f{c.number}\n{c.code}" for c in needed(file, handed, functions))


def needed(file: SourceFile, handed: Submission, functions: Iterable[str]) -> tuple[Cell, ...]:
    """A notebook's cells with nothing but what the `functions` need.

    All of it if it has none of them, cannot be understood, is very long, or another file of the submission speaks of it.
    """
    wanted = {f for f in functions if f in file.definitions}
    if not wanted or sum(len(f.text) for f in handed.files) > _MOST or any(file.stem in f.text for f in handed.files if f is not file):
        return file.cells
    try:
        cells = [(cell, _statements(cell.code)) for cell in file.cells]
    except (RecursionError, MemoryError, SyntaxError, ValueError):
        return file.cells
    kept = _kept([s for _, statements in cells for s in statements], wanted)
    return tuple(
        replace(cell, code=without(cell.code, [s.node for s in statements if s not in kept]))
        for cell, statements in cells)


def left_out(handed: Submission, functions: Iterable[str]) -> list[str]:
    """Remarks on the notebooks of which something is not run."""
    names, remarks = set(functions), []
    for file in handed.files:
        numbers = [str(c.number) for c, n in zip(file.cells, needed(file, handed, names), strict=True) if c.code != n.code]
        if numbers:
            remarks.append(f"{file.path}: not run, as no function asked for needs it: {_listed(numbers)}.")
    return remarks


def _listed(numbers: list[str]) -> str:
    return f"code in cell{'s' * (len(numbers) > 1)} {', '.join(numbers)}"


def _kept(statements: Sequence[_Statement], wanted: set[str]) -> set[_Statement]:
    """Those that define, and all that have to do with a name that is needed, and so on."""
    data = {name for s in statements if not s.defines for name in s.binds}
    concerned: defaultdict[str, list[_Statement]] = defaultdict(list)
    for s in statements:
        changes = set() if isinstance(s.node, ast.Assign | ast.AnnAssign) or s.defines else s.hands_on & data
        for name in s.binds | changes:
            concerned[name].append(s)
    setters, callers = _setting(statements)
    kept = {s for s in statements if s.defines or s.reads & _OPAQUE}
    waiting, seen = [*wanted, *(n for s in kept if not s.defines for n in s.reads)], set[str]()
    followed = set[_Statement]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            found = {*concerned[name], *(s for f in setters.pop(name, ()) for s in callers.pop(f, ()))} - followed
            kept |= found
            followed |= found
            waiting += [n for s in found for n in s.reads]
    return kept


def _setting(statements: Sequence[_Statement]) -> tuple[dict[str, list[str]], dict[str, list[_Statement]]]:
    """The functions that assign each global name, and the statements that read such a function: they may call it."""
    sets = {name: s.sets for s in statements for name in s.binds if s.sets}
    setters: defaultdict[str, list[str]] = defaultdict(list)
    callers: defaultdict[str, list[_Statement]] = defaultdict(list)
    for function, names in sets.items():
        for name in names:
            setters[name].append(function)
    for s in statements:
        for function in s.reads & sets.keys() if not s.defines else ():
            callers[function].append(s)
    return setters, callers


def _statements(code: str) -> list[_Statement]:
    tree = parse(code)
    if isinstance(tree, Unparsable):
        return []  # it loses what it would have defined, and says so when it is run
    tables = {(t.get_name(), t.get_lineno()): t for t in symtable.symtable(code, "cell", "exec").get_children()}
    return [_statement(node, tables) for node in tree.body]


def _statement(node: ast.stmt, tables: dict[tuple[str, int], symtable.SymbolTable]) -> _Statement:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        called = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
        names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        return _Statement(node, set(_bound(node)), {n.id for n in names}, hands_on={n.id for n in names if id(n) not in called})
    lines = (node.lineno, *(d.lineno for d in node.decorator_list[:1]))  # where a table begins differs from version to version
    table = next((t for line in lines if (t := tables.get((node.name, line)))), None)
    outside = [*node.decorator_list, *(node.bases if isinstance(node, ast.ClassDef) else [node.args])]
    reads = {n.id for part in outside for n in ast.walk(part) if isinstance(n, ast.Name)}
    symbols = list(_symbols(table)) if table else []
    reads |= {s.get_name() for s in symbols if s.is_global()}
    return _Statement(node, {node.name}, reads, {s.get_name() for s in symbols if s.is_declared_global() and s.is_assigned()})


def _symbols(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    yield from table.get_symbols()
    for inner in table.get_children():
        yield from _symbols(inner)


def _bound(node: ast.stmt) -> Iterator[str]:
    """Names that a statement binds, or parts of whose values it replaces."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                yield from (n.id for n in ast.walk(part.value) if isinstance(n, ast.Name))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case _:
                pass
