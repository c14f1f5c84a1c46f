"""What makes two submissions suspiciously alike, whatever their layout, comments and names of variables."""

import ast
import hashlib
from collections.abc import Container, Iterator, Mapping
from typing import Final, TypeAlias

from grader.submission.source import SourceFile, Submission, Unparsable, parse

LEAST: Final = 150
"""Words of syntax below which equal code says nothing: a one-line sigmoid has 40, a whole homework thousands."""
_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_NO_STARTER: Final[Mapping[str, Container[str]]] = {}


def tree_hash(submission: Submission, starter: Mapping[str, Container[str]] = _NO_STARTER) -> str:
    """A hash over the functions and classes of a submission that is equal for equal code.

    Comments, layout, docstrings, names of arguments and local variables, the order of definitions, their division into files
    and cells, and all that is not in a function do not count. To be compared among submissions read by one version of Python.

    Parameters
    ----------
    starter : mapping of str to container of str
        For each function the bodies, as `Definition.tree`, that everyone was given; as `grader.course.starters` has them.

    Returns
    -------
    str
        SHA-256; empty if there is nothing, or too little, of the student's own.
    """
    try:
        written = [_written(node) for file in submission.files for node in _defined(file) if not _given(file, node, starter)]
    except (RecursionError, MemoryError):
        return ""
    if sum(map(len, written)) < LEAST:
        return ""
    return hashlib.sha256("\n".join(sorted({" ".join(words) for words in written})).encode("utf-8", "surrogatepass")).hexdigest()


def _defined(file: SourceFile) -> Iterator[_Definition]:
    for text in [c.code for c in file.cells] or [file.text]:
        tree = parse(text)
        for node in [] if isinstance(tree, Unparsable) else tree.body:
            if isinstance(node, _Definition):
                yield node


def _given(file: SourceFile, node: ast.stmt, starter: Mapping[str, Container[str]]) -> bool:
    """Whether a function is a stub or the starter's own."""
    name = getattr(node, "name", "")
    known = file.definitions.get(name)
    return known is not None and (known.stub or known.tree in starter.get(name, ()))


def _written(node: _Definition) -> list[str]:
    """A definition word for word, its variables numbered in the order in which they are met, without docstrings."""
    words: list[str] = []
    variables: dict[str, list[int]] = {}  # places of the names that may be variables
    _write(node, words, variables)
    inside = [n for n in ast.walk(node) if isinstance(n, ast.arg | ast.Name | ast.Global)]
    kept = {name for n in inside if isinstance(n, ast.Global) for name in n.names}
    bound = {n.arg if isinstance(n, ast.arg) else n.id for n in inside
             if isinstance(n, ast.arg) or (isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))}
    for number, name in enumerate(v for v in variables if v in bound and v not in kept):
        for place in variables[name]:
            words[place] = f"${number}"
    return words


def _write(node: ast.AST, words: list[str], variables: dict[str, list[int]]) -> None:
    """Class and fields of a node, depth first; ast.dump takes three times as long, and knows nothing of variables."""
    words.append(type(node).__name__)
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.expr_context) or field == "annotation":
            continue
        if isinstance(value, ast.AST):
            _write(value, words, variables)
        elif isinstance(value, list):
            for part in value[_has_docstring(node) if field == "body" else 0 :]:
                if isinstance(part, ast.AST):
                    _write(part, words, variables)
                else:
                    words.append(str(part))
            words.append(";")
        elif value is None:
            words.append("-")  # `x[1:]` is not `x[:1]`
        else:
            if (isinstance(node, ast.Name) and field == "id") or (isinstance(node, ast.arg) and field == "arg"):
                variables.setdefault(value, []).append(len(words))
            words.append(repr(value))


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, _Definition) and ast.get_docstring(node, clean=False) is not None
