"""Files that are called like a module of Python's or like numpy, and that others import in its place."""

import ast
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from grader.core.wording import listed
from grader.submission.source import SourceFile, is_elsewhere

_SHOWN: Final = 3  # names, in one remark
_LONGEST: Final = 60  # characters of each


def hiding(files: Sequence[SourceFile]) -> Iterator[str]:
    """A remark on each file that is imported, from its own folder, for what it does not have and the module of its name does."""
    for hidden in (f for f in files if not f.is_notebook and is_elsewhere(f.stem)):
        for file in (f for f in files if f.folder == hidden.folder):
            if wanted := sorted(_wanted(file, hidden.stem) - hidden.definitions.keys()):
                whose = "numpy" if hidden.stem == "numpy" else f"Python's module {hidden.stem}"
                what = listed(name[:_LONGEST] for name in wanted[:_SHOWN])
                yield f"{hidden.path}: this file hides {whose}: {file.path} imports {hidden.stem} for {what}. Rename it."
                break


def _wanted(file: SourceFile, module: str) -> set[str]:
    """What a file takes from a module."""
    nodes = [node for tree in _trees(file) for node in ast.walk(tree)]
    called = {a.asname or a.name for n in nodes if isinstance(n, ast.Import) for a in n.names if a.name == module}
    return {
        *(a.name for n in nodes if isinstance(n, ast.ImportFrom) and n.module == module and not n.level for a in n.names if a.name != "*"),
        *(n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id in called)}


def _trees(file: SourceFile) -> Iterator[ast.Module]:
    if file.tree:
        yield file.tree
    for cell in file.cells:
        with suppress(SyntaxError, ValueError, MemoryError, RecursionError):
            yield ast.parse(cell.code)
