"""What makes two submissions suspiciously alike, whatever their layout, comments and names of variables."""

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from grader.submission.source import Body, SourceFile, Submission, Unparsable, parse

LEAST: Final = 150
"""Words of syntax below which equal code says nothing: a one-line sigmoid has 40, a whole homework thousands."""
_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_LONG: Final = 10_000  # bits
_MOST: Final = 1000  # definitions that are kept, some three kilobytes each
_KNOWN: Final[dict[str, tuple[int, str]]] = {}
_NO_STARTER: Final[Mapping[str, Sequence[Body]]] = {}


def tree_hash(submission: Submission, starter: Mapping[str, Sequence[Body]] = _NO_STARTER) -> str:
    """A hash over the functions and classes of a submission that is equal for equal code.

    Comments, layout, docstrings, names of arguments and local variables, the order of definitions, their division into files
    and cells, and all that is not in a function do not count. To be compared among submissions read by one version of Python.

    Parameters
    ----------
    starter : mapping of str to sequence of Body
        For each function the bodies, as `Definition.body`, that everyone was given; as `grader.course.starters` has them.

    Returns
    -------
    str
        SHA-256; empty if there is nothing, or too little, of the student's own.
    """
    try:
        written = [_lately(node, code) for file in submission.files for node, code in _defined(file) if not _given(file, node, starter)]
    except (RecursionError, MemoryError):
        return ""
    if sum(words for words, _ in written) < LEAST:
        return ""
    return hashlib.sha256("\n".join(sorted({text for _, text in written})).encode("utf-8", "surrogatepass")).hexdigest()


def _defined(file: SourceFile) -> Iterator[tuple[_Definition, str]]:
    """Each definition, and its code."""
    for tree, text in ((file.tree, file.text),) if file.tree else ((parse(c.code), c.code) for c in file.cells):
        lines = text.split("\n")
        for node in [] if isinstance(tree, Unparsable) else tree.body:
            if isinstance(node, _Definition):
                begins = min(part.lineno for part in (node, *node.decorator_list))
                yield node, "\n".join(lines[begins - 1 : node.end_lineno])


def _given(file: SourceFile, node: ast.stmt, starter: Mapping[str, Sequence[Body]]) -> bool:
    """Whether a function is a stub or the starter's own."""
    name = getattr(node, "name", "")
    known = file.definitions.get(name)
    return known is not None and (known.stub or known.body in starter.get(name, ()))


def _lately(node: _Definition, code: str) -> tuple[int, str]:
    """How many words a definition has, and these; kept for the next submission with the same code: all of a class have the starter's."""
    found = _KNOWN.pop(code, None)
    if found is None:
        words = _written(node)
        found = len(words), " ".join(words)
    _KNOWN[code] = found  # the latest at the end
    if len(_KNOWN) > _MOST:
        del _KNOWN[next(iter(_KNOWN))]
    return found


def _written(node: _Definition) -> list[str]:
    """A definition word for word, its variables numbered in the order in which they are met, without docstrings."""
    written = _Written()
    written.write(node)
    for number, name in enumerate(v for v in written.variables if v in written.bound and v not in written.kept):
        for place in written.variables[name]:
            written.words[place] = f"${number}"
    return written.words


class _Written:
    """A definition's words, and its names: where they stand, which of them are bound in it, and which are declared global."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.variables: dict[str, list[int]] = {}
        self.bound: set[str] = set()
        self.kept: set[str] = set()

    def write(self, node: ast.AST) -> None:
        """Class and fields of a node, depth first; ast.dump takes three times as long, and knows nothing of variables."""
        self.words.append(type(node).__name__)
        self._note(node)
        for field in node._fields:
            if field in ("ctx", "annotation"):
                continue
            value = getattr(node, field, None)
            if isinstance(value, ast.AST):
                self.write(value)
            elif isinstance(value, list):
                for part in value[_has_docstring(node) if field == "body" else 0 :]:
                    if isinstance(part, ast.AST):
                        self.write(part)
                    else:
                        self.words.append(str(part))
                self.words.append(";")
            else:
                self.words.append("-" if value is None else _spelled(value))  # `x[1:]` is not `x[:1]`

    def _note(self, node: ast.AST) -> None:
        """What a node says of names; that of an argument or variable is the word to come."""
        if isinstance(node, ast.Name):
            self.variables.setdefault(node.id, []).append(len(self.words))
            if isinstance(node.ctx, ast.Store):
                self.bound.add(node.id)
        elif isinstance(node, ast.arg):
            self.variables.setdefault(node.arg, []).append(len(self.words))
            self.bound.add(node.arg)
        elif isinstance(node, ast.Global):
            self.kept.update(node.names)


def _spelled(value: object) -> str:
    """As Python writes it; long integers in hexadecimal: it does not write more than 4300 decimal digits."""
    return hex(value) if isinstance(value, int) and value.bit_length() > _LONG else repr(value)


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, _Definition) and ast.get_docstring(node, clean=False) is not None
