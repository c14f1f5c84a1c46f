"""Names and points of an otter-grader assignment, as the beginning of a rubric.

What otter's tests check is code, and code is no check: which function an item is about and what must hold stays with the author.
So the rubric has every item but no ``check``; until one is written, loading it says which item lacks it and what to write.
Test files are parsed, and never run.
"""

import ast
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

from grader.core.errors import UsageError
from grader.report.text import clean

_LARGEST = 2 << 20  # bytes of one test file
_MANY = 1000  # test files
_NAME = 60


@dataclass(frozen=True, slots=True)
class OtterTest:
    """One test file.

    Parameters
    ----------
    name : str
        Otter's, or the file's.
    points : Fraction
        1 if it does not say, as otter has it.
    hidden : bool
        Whether students see none of its cases.
    calls : tuple of str
        Names that its code calls and does not define itself, sorted.
    """

    name: str
    points: Fraction
    hidden: bool
    calls: tuple[str, ...]


def to_rubric(path: Path, slug: str) -> str:
    """The TOML text for an otter assignment: a folder with ``tests/``, the folder of test files itself, or an autograder zip.

    Raises
    ------
    UsageError
        If it has no otter test.
    """
    read = {stem: read_test(stem, source) for stem, source in _sources(path)}
    found = [test for test in read.values() if test]
    if not found:
        raise UsageError(f"{path}: there is no otter test. Name the assignment's folder, its folder tests/, or its autograder zip.")
    ids = _ids([t.name for t in found])
    remark = f"# Items of the otter assignment {line(path.name)}. Each needs a check: grade schema rubric lists the kinds.\n"
    unread = "".join(f"# {line(stem)}.py: no otter test that can be read, left out.\n" for stem, test in read.items() if not test)
    return f"{remark}{unread}\n[assignment]\nslug = {json.dumps(slug)}\n" + "".join(map(_item, found, ids))


def line(text: str) -> str:
    """Of a test file, fit for a comment."""
    return clean(text, _NAME, lines=False)


def _item(test: OtterTest, item_id: str) -> str:
    if test.points <= 0:
        return f"\n# {line(test.name)} is worth {test.points} points, which no item can be: left out.\n"
    points = str(test.points.numerator) if test.points.denominator == 1 else json.dumps(str(test.points))
    calls = f"# its tests call: {line(', '.join(test.calls))}\n" if test.calls else ""
    hidden = 'visibility = "hidden"\n' if test.hidden else ""
    return f"\n[[item]]\nid = {json.dumps(item_id)}\ntitle = {_string(test.name)}\npoints = {points}\n{hidden}{calls}"


def _string(text: str) -> str:
    """As TOML, which has JSON's escapes but for DEL; `clean` leaves none of that."""
    return json.dumps(line(text) or "unnamed", ensure_ascii=False)


def _ids(names: list[str]) -> list[str]:
    """Ids that a rubric takes, each once."""
    ids: list[str] = []
    for name in names:
        wanted = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:_NAME] or "item"
        wanted = wanted if wanted[0].isalpha() else f"q{wanted}"
        same = sum(re.fullmatch(rf"{wanted}(-\d+)?", known) is not None for known in ids)
        ids.append(f"{wanted}-{same + 1}" if same else wanted)
    return ids


# ---- where the test files are ----------------------------------------------------------------------------------------


def _sources(path: Path) -> Iterator[tuple[str, str]]:
    """Stem and text of each test file, by name with numbers in their order."""
    try:
        found = _zipped(path) if path.is_file() else _in_folder(path)
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise UsageError(f"{path}: it cannot be read ({error}).") from error
    for name in sorted(found, key=lambda n: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", n)]):
        if name != "__init__":
            yield name, found[name].decode("utf-8", "replace")


def _in_folder(path: Path) -> dict[str, bytes]:
    folder = path / "tests" if (path / "tests").is_dir() else path
    files = [f for f in sorted(folder.glob("*.py"))[:_MANY] if f.is_file() and f.stat().st_size <= _LARGEST]
    return {f.stem: f.read_bytes() for f in files}


def _zipped(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if "tests" in PurePosixPath(m.filename).parts[:-1] and m.filename.endswith(".py")]
        return {PurePosixPath(m.filename).stem: archive.read(m) for m in members[:_MANY] if m.file_size <= _LARGEST}


# ---- what a test file says -------------------------------------------------------------------------------------------


def read_test(stem: str, source: str) -> OtterTest | None:
    """What a test file of either of otter's forms says; None if it is no test file."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    values = {t.id: node.value for node in tree.body if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)}
    if isinstance(test := _literal(values.get("test")), dict):
        return _ok_format(stem, test)
    cases = [c for node in tree.body if isinstance(node, ast.FunctionDef) and (c := _case(node)) is not None]
    return _exception_based(stem, values, cases, tree) if cases else None


def _ok_format(stem: str, test: dict[Any, Any]) -> OtterTest:
    suites = [s for s in _list(test.get("suites")) if isinstance(s, dict)]
    cases = [c for s in suites for c in _list(s.get("cases")) if isinstance(c, dict)]
    code = "\n".join(re.sub(r"(?m)^\s*(>>>|\.\.\.) ?", "", str(c.get("code", ""))) for c in cases)
    calls = {name for row in code.split("\n") for name in _called(row)}
    points = _points(test.get("points"))
    hidden = bool(cases) and all(c.get("hidden") is True for c in cases)
    return OtterTest(str(test.get("name") or stem), Fraction(1) if points is None else points, hidden, tuple(sorted(calls)))


def _exception_based(stem: str, values: dict[str, ast.expr], cases: list[dict[str, Any]], tree: ast.Module) -> OtterTest:
    given = _points(_literal(values.get("points")))
    each = [p for c in cases if (p := _points(c.get("points"))) is not None]
    points = given if given is not None else sum(each, Fraction(0)) if each else Fraction(1)
    own = {"test_case", *(n.name for n in tree.body if isinstance(n, ast.FunctionDef))}
    hidden = all(c.get("hidden") is True for c in cases)
    return OtterTest(str(_literal(values.get("name")) or stem), points, hidden, tuple(sorted(set(_names(tree)) - own)))


def _case(function: ast.FunctionDef) -> dict[str, Any] | None:
    """The arguments of its ``@test_case(...)``; None if it has none."""
    for decorator in function.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if getattr(call, "id", getattr(call, "attr", "")) == "test_case":
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            return {k.arg: _literal(k.value) for k in keywords if k.arg}
    return None


def _literal(node: ast.expr | None) -> Any:
    try:
        return None if node is None else ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _points(value: object) -> Fraction | None:
    """A number, or the sum of a list with one for each case."""
    if isinstance(value, list | tuple):
        parts = [p for v in value if (p := _points(v)) is not None]
        return sum(parts, Fraction(0)) if parts else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return Fraction(str(value))
    except ValueError:  # nan, inf
        return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _called(row: str) -> list[str]:
    try:
        return list(_names(ast.parse(row)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _names(tree: ast.AST) -> Iterator[str]:
    """Functions that are called by a bare name, Python's own left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in _BUILTINS:
            yield node.func.id


_BUILTINS = frozenset(vars(__import__("builtins")))
