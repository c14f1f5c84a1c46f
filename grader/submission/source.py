"""What a submission is, and what its text says before anything runs."""

import ast
import codecs
import hashlib
import platform
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Final, Literal

from grader.core.errors import UsageError
from grader.submission import bounds

_PYTHON_2 = re.compile(
    r"""^\s*(print\s+(?!\()\S | print\s*>> | exec\s+["'] | raise\s+\w+\s*,\s*\S | except\s+[\w.]+\s*,\s*([a-z_]\w*|[A-Z])\s*:)
      | <> | ^[^#'"]*`[^`]+` | \b0[0-7]+[lL]?\b | \b\d+[lL]\b | \bur["']""",
    re.VERBOSE,
)
"""Constructs of Python 2 that Python 3 cannot parse; looked for on the line that failed only."""
_NEWER = re.compile(
    r"""^\s*(type\s+\w+\s*(\[.*\]\s*)?=(?!=) | (async\s+)?def\s+\w+\s*\[ | class\s+\w+\s*\[) | [=(,\[]\s*([tT][rR]?|[rR][tT])["']""",
    re.VERBOSE,
)
"""Constructs that Python has had since 3.12; looked for on the line that failed only."""
_SEVERAL = re.compile(r"^\s*(except(?:\s*\*)?)\s*([^:#()]+?)(\s+as\s+\w+)?\s*:")
"""``except A, B:``, which Python reads since 3.14 without brackets around the types."""
_LONG = 160
"""Characters of a line of which so much is said."""
_NO_ENCODINGS = frozenset({"idna", "punycode", "undefined"})
"""Python's codecs of host names and for nothing: no file is written in them, and punycode takes hours for two megabytes."""
_QUOTED = re.compile(r"""#[^\n]*|([fF][rR]?|[rR][fF])?('{3}|"{3}|'|")""")
"""Where a comment is, or a string begins: its prefix, if it is an f-string's, and its quotes."""
_INSIDE = {
    quotes: re.compile(rf"[^\\{quotes[0]}{also}]*(?:(?:\\.{more})[^\\{quotes[0]}{also}]*)*", re.DOTALL)
    for quotes, also, more in (("'", r"\n", ""), ('"', r"\n", ""), ("'''", "", "|'(?!'')"), ('"""', "", '|"(?!"")'))
}
"""What a string holds, by its quotes."""
_FIELDS = 1 << 26
"""Length of an f-string times fields in it, at most: Python 3.11 reads it from its beginning for each of them, that is for 20 ms."""

_BEGINNING = 100
"""Bytes of a file that tell what it is."""
_WORD = re.compile(r"\w+|[^\w\s]")
_WORDS = 1 << 19
"""Words and signs of a text, at most: parsed, each takes 1 KB."""


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Why a file is not valid Python 3.

    Parameters
    ----------
    kind : {'syntax', 'python 2', 'text'}
        ``text`` for what is no Python source at all: NUL bytes, nesting that no parser takes.
    line : int or None
        1-based.
    message : str
        One sentence.
    """

    kind: Literal["syntax", "python 2", "text"]
    line: int | None
    message: str

    def at(self, place: str) -> str:
        """The message with its place, a file or a cell, and its line."""
        return f"{place}: {self.message}" if self.line is None else f"{place}, line {self.line}: {self.message}"


class Body:
    """What a function does, its docstring left out. Equal to another one of equal code, whatever its layout and comments."""

    __slots__ = ("_statements",)
    __hash__ = None  # type: ignore[assignment] # a hash would have to look at all of it, and most differ at the beginning

    def __init__(self, node: ast.FunctionDef) -> None:
        self._statements = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body

    def __eq__(self, other: object) -> bool:
        try:
            return isinstance(other, Body) and _same_code(self._statements, other._statements)
        except (RecursionError, ValueError):  # expressions nested thousands deep and integers of as many digits are nobody's starter
            return False

    @property
    def computed(self) -> frozenset[str]:
        """Names that are returned, and that more than constants, zeros or arguments was put into."""
        nodes = [n for statement in self._statements for n in ast.walk(statement)]
        returned = _names(n.value for n in nodes if isinstance(n, ast.Return) and n.value)
        assigned = (n for n in nodes if isinstance(n, ast.Assign | ast.AugAssign) and not all(map(_idle, ast.walk(n))))
        return returned & _names(t for n in assigned for t in (n.targets if isinstance(n, ast.Assign) else [n.target]))


def _names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    return frozenset(n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name))


def _same_code(one: object, other: object) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.AST):
        return all(_same_code(getattr(one, field, None), getattr(other, field, None)) for field in one._fields)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same_code, one, other))
    return repr(one) == repr(other)


@dataclass(frozen=True, slots=True)
class Definition:
    """A function defined at the top level of a file.

    Parameters
    ----------
    line : int
        1-based.
    stub : bool
        Nothing was written into it: see `is_stub`.
    body : Body or None
        None for an assignment or a class.
    """

    line: int
    stub: bool = False
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell of a notebook.

    Parameters
    ----------
    number : int
        Its place among the code cells that are not empty.
    offset : int
        Lines of the notebook's text above its first one.
    code : str
        What of it is Python, line for line.
    unparsable : Unparsable or None
        Why it is not valid Python 3.
    """

    number: int
    offset: int
    code: str
    unparsable: Unparsable | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One Python file or notebook of a submission.

    Parameters
    ----------
    path : str
        Relative to the submission, with forward slashes.
    text : str
        Decoded source; of a notebook all code cells as written, one below the other.
    remarks : tuple of str
        What was unusual about its bytes.
    unparsable : Unparsable or None
        Why it is not valid Python 3.
    definitions : mapping of str to Definition
        Names that its top level defines.
    cells : tuple of Cell
        Of a notebook.
    written : mapping of str to str
        Of a notebook, the Python files that its cells write (``%%writefile q1_softmax.py``), by path.
    tree : ast.Module or None
        Of a file that is no notebook, what its text was parsed to.
    """

    path: str
    text: str
    remarks: tuple[str, ...] = ()
    unparsable: Unparsable | None = None
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    tree: ast.Module | None = field(default=None, repr=False, compare=False)

    def place(self, cell: Cell) -> str:
        """What tracebacks and messages call one of its cells."""
        return f"{self.path}, cell {cell.number}"

    @property
    def troubles(self) -> dict[str, Unparsable]:
        """What of it is not valid Python 3: the file, or some of its cells."""
        own = {self.path: self.unparsable} if self.unparsable else {}
        return own | {self.place(c): c.unparsable for c in self.cells if c.unparsable}

    @property
    def is_notebook(self) -> bool:
        """Whether it is one, with or without code."""
        return self.path.lower().endswith(".ipynb")

    @property
    def folder(self) -> PurePosixPath:
        """The folder that it lies in, relative to the submission."""
        return PurePosixPath(self.path).parent

    @property
    def stem(self) -> str:
        """File name without ``.py`` or ``.ipynb``."""
        name = self.path.rpartition("/")[2]  # not by PurePosixPath: it is asked ten times for each function
        return name.rpartition(".")[0] or name

    def rank(self, function: str, module: str) -> tuple[bool, bool, int, bool, str]:
        """Where it comes among the files to look for a function in: the declared module first, shallow before deep, stubs at last."""
        found = self.definitions.get(function)
        return found is not None and found.stub, self.stem != module, self.path.count("/"), bool(self.cells), self.path


@dataclass(frozen=True, slots=True)
class Submission:
    """What one person handed in.

    Parameters
    ----------
    name : str
        File or folder name.
    files : tuple of SourceFile
        Sorted by path.
    sha256 : str
        Of the one file, whatever it is called, as ``sha256sum`` prints it; of several over paths and contents.
    remarks : tuple of str
        What there is to say of it as a whole.
    """

    name: str
    files: tuple[SourceFile, ...]
    sha256: str
    remarks: tuple[str, ...] = ()

    def defining(self, function: str) -> tuple[SourceFile, ...]:
        """The files whose top level defines the name."""
        return tuple(f for f in self.files if function in f.definitions)


@dataclass(slots=True)
class Contents:
    """What a form reads of a path, as bytes.

    Parameters
    ----------
    files : dict of str to bytes
        The Python files and notebooks by relative path.
    remarks : list of str
        On what was left out.
    unread : list of UsageError
        On what cannot be read, and may hold Python: nobody can say whether it matters.
    packed : dict of str to Contents
        What archives beside the files hold, by the archive's name.
    others : list of str
        Some of the files that are no Python, for a message where there is none.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    unread: list[UsageError] = field(default_factory=list)
    packed: dict[str, "Contents"] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(map(len, self.files.values())) + sum(p.size for p in self.packed.values())


def submission(name: str, contents: Mapping[str, bytes], remarks: Sequence[str] = ()) -> Submission:
    """A submission from the bytes of its Python files by relative path."""
    digest = hashlib.sha256()
    for path, data in sorted(contents.items()):
        digest.update(f"{path}\0{len(data)}\0".encode("utf-8", "surrogateescape") if len(contents) > 1 else b"")
        digest.update(data)
    files = tuple(sorted(_read_all(contents), key=lambda f: f.path))
    said = [f"{f.path}: {r}" for f in files for r in f.remarks]
    said += [f.unparsable.at(f.path) for f in files if f.unparsable]
    said += _hiding(files)
    return Submission(name, files, digest.hexdigest(), (*remarks, *said))


def _hiding(files: Sequence[SourceFile]) -> Iterator[str]:
    if any(is_elsewhere(f.stem) for f in files if not f.is_notebook):
        from grader.submission.hiding import hiding  # noqa: PLC0415 - most submissions hide nothing

        yield from hiding(files)


def is_elsewhere(name: str) -> bool:
    """Whether a module of this name comes with Python, or is numpy."""
    return name == "numpy" or (name in sys.stdlib_module_names and not name.startswith("_"))


def _read_all(contents: Mapping[str, bytes]) -> Iterator[SourceFile]:
    """The files in order, then those that notebooks write; those that come after too much code are not parsed."""
    room = bounds.MAX_CODE
    written: dict[str, str] = {}
    said: dict[str, str] = {}
    for path, data in sorted(contents.items()):
        file = read_source(path, data, room)
        room -= len(file.text)
        yield file
        for other, text in file.written.items():
            if written.get(other, text) != text:
                said[other] = f"several notebooks write it; what {PurePosixPath(path).name} writes was read."
            written[other] = text
    for other in (path for path in written if path not in contents):
        file = read_source(other, written[other].encode())  # counted with the notebook's text
        yield replace(file, remarks=(*file.remarks, said[other])) if other in said else file


def read_source(path: str, data: bytes, room: int = bounds.MAX_CODE) -> SourceFile:
    """Decode and parse one file or notebook, if it has at most `room` characters of code; never raises, whatever the bytes."""
    if path.lower().endswith(".ipynb"):
        from grader.submission.notebook import read_notebook  # noqa: PLC0415 - whoever hands in .py does not wait for it

        return read_notebook(path, data, room)
    if other := _other_kind(data):
        return SourceFile(path, "", (), Unparsable("text", None, f"this is {other}."))
    text, remarks = decode(data)
    if len(text) > room:
        return SourceFile(path, "", remarks, Unparsable("text", None, f"{bounds.too_much_code()}. Hand in your own code alone."))
    if not text.strip():
        is_marker = PurePosixPath(path).name == "__init__.py"  # of a package, and empty as a rule
        return SourceFile(path, text, remarks if is_marker else (*remarks, "the file is empty."))
    tree = parse(text)
    if isinstance(tree, Unparsable) or "get_ipython" in text or "google.colab" in text:
        from grader.submission.notebook import without_ipython  # noqa: PLC0415 - as above

        text, aside = without_ipython(text)
        if aside:
            tree, remarks = parse(text), (*remarks, aside)
    if isinstance(tree, Unparsable):
        return SourceFile(path, text, remarks, tree)
    return SourceFile(path, text, remarks, None, definitions(tree, text), tree=tree)


_OTHER_KINDS: Final = (
    (b"PK\x03\x04", "an archive (.zip)"), (b"Rar!\x1a\x07", "an archive (.rar)"), (b"7z\xbc\xaf\x27\x1c", "an archive (.7z)"),
    (b"\x1f\x8b", "an archive (.gz)"), (b"%PDF-", "a document (.pdf)"), (b"\xd0\xcf\x11\xe0", "a document (.doc)"),
    (b"\x89PNG\r\n", "a picture (.png)"), (b"\xff\xd8\xff", "a picture (.jpg)"),
)
"""What begins files of other kinds, whatever they are called."""


def _other_kind(data: bytes) -> str:
    """What a file is that is called like a Python file, and what to do; empty if it may be one."""
    begins = data[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if kind := next((kind for magic, kind in _OTHER_KINDS if data.startswith(magic)), ""):
        return f"{kind}, and no Python source. {'Hand it in under its right name' if 'archive' in kind else 'Hand in the source itself'}"
    if begins.startswith((b"<!doctype html", b"<html")):
        return "a web page, and no Python source. Hand in the file itself"
    if begins.startswith(b"{\\rtf"):
        return "rich text (.rtf), and no Python source. Save it as plain text"
    if begins.startswith(b"{") and b'"cells"' in data:
        from grader.submission.notebook import is_notebook  # noqa: PLC0415 - as above

        return "a notebook (.ipynb), and no Python source. Hand it in under its right name" if is_notebook(data) else ""
    return ""


def reread(file: SourceFile) -> SourceFile:
    """The same file with its definitions, which are made from its text."""
    if file.cells:
        from grader.submission.notebook import defined  # noqa: PLC0415 - as above

        return replace(file, definitions=defined(file.cells))
    tree = parse(file.text)
    return file if file.unparsable or isinstance(tree, Unparsable) else replace(file, definitions=definitions(tree, file.text), tree=tree)


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    r"""Source text from bytes: UTF-8, a byte-order mark or a coding line honoured, Latin-1 as the last resort.

    Line ends become ``\n``.
    """
    text, remark = _decoded(data)
    return text.replace("\r\n", "\n").replace("\r", "\n"), (remark,) if remark else ()


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(codec), "" if codec == "utf-8-sig" else "the file is UTF-16; it was read as such. Save it as UTF-8."
            except UnicodeDecodeError:
                break
    if codec := _wide(data):
        return data.decode(codec), "the file is UTF-16; it was read as such. Save it as UTF-8."
    declared = re.match(rb"(?:[^\n]*\n)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", data[:500])
    encoding = declared[1].decode() if declared else "utf-8"
    try:
        return data.decode("utf-8" if codecs.lookup(encoding).name in _NO_ENCODINGS else encoding), ""
    except (UnicodeError, LookupError) as error:
        wrong = f"byte {error.start}" if isinstance(error, UnicodeDecodeError) else "its coding line"
        return data.decode("latin-1"), f"the file is not UTF-8 ({wrong}); it was read as Latin-1. Save it as UTF-8."


def _wide(data: bytes) -> str:
    """Which UTF-16 a text without a byte-order mark is: mostly ASCII, each letter beside a zero byte."""
    even, odd = data[:_BEGINNING:2], data[1:_BEGINNING:2]
    for codec, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros and 2 * zeros.count(0) > len(zeros) and not letters.count(0):
            with suppress(UnicodeDecodeError):
                data.decode(codec)
                return codec
    return ""


def parse(text: str) -> ast.Module | Unparsable:
    """The syntax tree, or why there is none."""
    if text.count("{") * len(text) > _FIELDS and any(s.count("{") * len(s) > _FIELDS for s in _f_strings(text)):
        return Unparsable("text", None, "this is no Python source that can be parsed (an f-string with too many fields).")
    if len(text) > _WORDS and sum(1 for _ in _WORD.finditer(text)) > _WORDS:
        return Unparsable("text", None, f"this is more code than is read: at most {_WORDS:,} words and signs.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes and the like are no business of a grader
            return ast.parse(text)
    except SyntaxError as error:
        return _unparsable(error, text)
    except (ValueError, MemoryError, RecursionError) as error:  # NUL bytes; nesting deeper than the parser's stack
        return Unparsable("text", None, f"this is no Python source that can be parsed ({type(error).__name__}: {error}).")


def _f_strings(text: str) -> Iterator[str]:
    """What is between the quotes of each of them."""
    at = 0
    while begins := _QUOTED.search(text, at):
        at = begins.end()
        if quotes := begins[2]:
            inside = _INSIDE[quotes].match(text, at)
            at = (inside.end() if inside else at) + len(quotes)
            if inside and begins[1]:
                yield inside[0]


def _unparsable(error: SyntaxError, text: str) -> Unparsable:
    if error.lineno is None:  # NUL bytes, as newer versions of Python say it
        return Unparsable("text", None, f"this is no Python source that can be parsed ({error.msg}).")
    lines = text.split("\n")
    line = lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
    if "Missing parentheses in call to" in (error.msg or "") or _PYTHON_2.search(line):
        return Unparsable("python 2", error.lineno, f"this is Python 2, which is not run any more: {line.strip()[:80]!r}.")
    said = f"{type(error).__name__}: {error.msg}: {line.strip()[:80]!r}."
    if _NEWER.search(line) or (error.msg or "").startswith("f-string"):  # quotes and backslashes inside of one are new, too
        said += f" The grader's Python is {platform.python_version()}; what only newer ones can read is to be written otherwise."
    elif "must be parenthesized" in (error.msg or "") and (several := _SEVERAL.match(line[:_LONG])):
        bracketed = f"{several[1]} ({several[2]}){several[3] or ''}:"
        said += f" The grader's Python is {platform.python_version()}, which needs brackets here: write {bracketed!r}."
    return Unparsable("syntax", error.lineno, said)


def definitions(tree: ast.Module, text: str) -> dict[str, Definition]:
    """What the top level of a file or cell defines."""
    lines = text.split("\n")
    return {
        name: Definition(node.lineno, is_stub(node, lines), Body(node)) if isinstance(node, ast.FunctionDef)
        else Definition(node.lineno)
        for name, node in _top_level(tree.body)
    }


def _top_level(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """Names bound by ``def``, ``class`` or assignment at module level, inside ``if``, ``try`` and ``with`` too; last one wins."""
    waiting = list(reversed(body))  # no recursion: each `elif` is nested in the one before
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.Assign(targets=targets):
                for target in targets:
                    yield from ((n.id, node) for n in ast.walk(target) if isinstance(n, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
                blocks = [getattr(node, block, []) for block in ("body", "orelse", "finalbody")]
                blocks += [handler.body for handler in getattr(node, "handlers", ())]
                waiting += [inner for block in reversed(blocks) for inner in reversed(block)]
            case _:
                pass


_EMPTY_CALLS = frozenset({
    "zeros", "zeros_like", "empty", "empty_like", "NotImplementedError", "print", "len", "float", "int", "array", "copy", "shape",
})
"""Calls that a starter makes to have something to return."""
_WORK = (ast.BinOp, ast.BoolOp, ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp, ast.Lambda,
         ast.AugAssign, ast.With, ast.Try, ast.Await, ast.Yield, ast.YieldFrom, ast.FunctionDef, ast.ClassDef, ast.Global,
         ast.Import, ast.ImportFrom, ast.Delete, ast.NamedExpr)
"""Syntax that does something; a statement without any of it computes nothing."""


def is_stub(node: ast.FunctionDef, lines: Sequence[str]) -> bool:
    """Whether nothing was written into a function.

    It has the handout's regions ``YOUR CODE HERE`` ... ``END YOUR CODE`` and all of them are empty; or it has none, and raises
    NotImplementedError or does nothing. Whatever else it prints, raises or returns, zeros too, is somebody's answer.
    """
    regions = list(_regions(lines[node.lineno - 1 : node.end_lineno]))
    if regions:
        return all(_blank(line) for region in regions for line in region)
    return any(map(_is_not_implemented, node.body)) or all(map(_does_nothing, node.body))


def _is_not_implemented(statement: ast.stmt) -> bool:
    raised = statement.exc if isinstance(statement, ast.Raise) else None
    error = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(error, ast.Name) and error.id == "NotImplementedError"


def _does_nothing(statement: ast.stmt) -> bool:
    """``pass``, ``...``, a docstring, or a ``return`` of nothing."""
    match statement:
        case ast.Pass() | ast.Expr(ast.Constant()) | ast.Return(None | ast.Constant(None)):
            return True
        case _:
            return False


def _idle(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name in _EMPTY_CALLS
    return not isinstance(node, _WORK)


def _regions(lines: Sequence[str]) -> Iterator[list[str]]:
    inside: list[str] | None = None
    for line in lines:
        comment = line.partition("#")[2].upper()
        if "YOUR CODE HERE" in comment:
            inside = []
        elif "END YOUR CODE" in comment and inside is not None:
            yield inside
            inside = None
        elif inside is not None:
            inside.append(line)


def _blank(line: str) -> bool:
    code = line.split("#", 1)[0].strip()
    return code in ("", "pass", "...") or code.startswith("raise NotImplementedError")
