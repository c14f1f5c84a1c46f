"""Which modules the code of a submission imports, as far as that can be read in it."""

import ast
import re
from collections.abc import Iterable, Iterator

from grader.submission.source import SourceFile, parse

_BY_NAME = frozenset({"__import__", "import_module", "exec", "eval"})
"""What imports a module that a text names."""
_NAMED = re.compile(r"(?:\b(?:import|from)\s+|^\s*)([\w.]+)", re.MULTILINE)
"""In such a text: what follows the words of a statement, or the name that it begins with."""


def imported(files: Iterable[SourceFile]) -> frozenset[str]:
    """Every part of the dotted names; where the code imports by name too, of what any of its texts may name."""
    nodes = [node for file in files for tree in _trees(file) for node in ast.walk(tree)]
    names = {name for node in nodes for name in _imported(node)}
    if any(_word(node) in _BY_NAME for node in nodes):
        texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        names |= {name for text in texts for name in _NAMED.findall(text)}
    return frozenset(part for name in names for part in name.split("."))


def _trees(file: SourceFile) -> Iterator[ast.Module]:
    """What a file, or each cell of a notebook, was parsed to; of a cell that cannot be parsed, the lines that import."""
    if file.tree is not None:
        yield file.tree
    for cell in file.cells:
        for code in re.findall(r"^(?:import|from) .*", cell.code, re.MULTILINE) if cell.unparsable else [cell.code]:
            tree = parse(code)
            if isinstance(tree, ast.Module):
                yield tree


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=None, names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
        case _:
            return []


def _word(node: ast.AST) -> str:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word):
            return word
        case _:
            return ""
