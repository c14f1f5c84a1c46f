"""Symbolic dims: shapes such as ``"N Dx"`` and size expressions such as ``"Dx*H + H + H*Dy + Dy"``.

Parsed once into a frozen tree by a small recursive-descent parser; nothing is ever evaluated as Python.

    expression := term (('+' | '-') term)*
    term       := factor ('*' factor)*
    factor     := INT | NAME | '(' expression ')'
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

Sizes = Mapping[str, int]
"""A binding of dim names to sizes, such as ``{"N": 4, "Dx": 3}``."""

_TOKEN = re.compile(r"\s*(?:(?P<int>\d{1,9})|(?P<name>[A-Za-z_]\w*)|(?P<op>[-+*(),]))")
_MAX_LENGTH = 500  # a shape is a line of a handout; anything longer is a mistake or a joke


class DimsError(ValueError):
    """A shape or size expression that cannot be read, or a name that is not bound."""


@dataclass(frozen=True, slots=True)
class Int:
    """A literal size."""

    value: int


@dataclass(frozen=True, slots=True)
class Name:
    """A named dim, bound when a trial draws its sizes."""

    name: str


@dataclass(frozen=True, slots=True)
class Op:
    """``left op right`` with ``op`` one of ``+ - *``."""

    op: str
    left: "Expr"
    right: "Expr"


Expr = Int | Name | Op


def evaluate(expr: Expr, sizes: Sizes) -> int:
    """The size that an expression stands for.

    Raises
    ------
    DimsError
        If a name is not bound.
    """
    match expr:
        case Int(value):
            return value
        case Name(name):
            if name not in sizes:
                raise DimsError(f"the dim {name} has no size; declared dims are {', '.join(sizes) or 'none'}")
            return sizes[name]
        case Op(op, left, right):
            a, b = evaluate(left, sizes), evaluate(right, sizes)
            return a + b if op == "+" else a - b if op == "-" else a * b


def names(expr: Expr) -> Iterator[str]:
    """Every dim name in the expression, left to right, repeats included."""
    match expr:
        case Name(name):
            yield name
        case Op(_, left, right):
            yield from names(left)
            yield from names(right)
        case Int():
            return


@lru_cache(maxsize=1024)
def parse_shape(text: str) -> tuple[Expr, ...]:
    """Parse a shape: expressions one after the other, with or without commas between them.

    ``"N Dx"`` and ``"N, Dx"`` are two dims, ``"Dx*H + H"`` is one, ``""`` is a scalar.

    Raises
    ------
    DimsError
        With the position and what was expected there.

    Examples
    --------
    >>> [evaluate(e, {"Dx": 3, "H": 4}) for e in parse_shape("Dx (Dx+1)*H")]
    [3, 16]
    """
    return _Parser(text).shape()


@lru_cache(maxsize=1024)
def parse_size(text: str) -> Expr:
    """Parse one size expression.

    Raises
    ------
    DimsError
        If it is none, or more than one.

    Examples
    --------
    >>> evaluate(parse_size("(Dx+1)*H + (H+1)*Dy"), {"Dx": 2, "H": 3, "Dy": 4})
    25
    """
    dims = parse_shape(text)
    if len(dims) != 1:
        raise DimsError(f"{text!r} is {len(dims)} sizes, but should be one, such as 'Dx*H + H'")
    return dims[0]


def shape_of(text: str, sizes: Sizes) -> tuple[int, ...]:
    """The concrete shape for these sizes."""
    return tuple(evaluate(e, sizes) for e in parse_shape(text))


def spelled(text: str) -> str:
    """The shape as a person writes it: ``"N Dx"`` becomes ``(N, Dx)``.

    Examples
    --------
    >>> spelled("N Dx"), spelled("P"), spelled("")
    ('(N, Dx)', '(P,)', '()')
    """
    parts = [_spell(e) for e in parse_shape(text)]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def _spell(expr: Expr, *, inner: bool = False) -> str:
    match expr:
        case Int(value):
            return str(value)
        case Name(name):
            return name
        case Op("*", left, right):
            return f"{_spell(left, inner=True)}*{_spell(right, inner=True)}"
        case Op(op, left, right):
            # a - (b - c) keeps its brackets; a + b - c needs none
            text = f"{_spell(left)} {op} {_spell(right, inner=op == '-')}"
            return f"({text})" if inner else text


class _Parser:
    def __init__(self, text: str) -> None:
        if len(text) > _MAX_LENGTH:
            raise DimsError(f"a shape of {len(text)} characters; at most {_MAX_LENGTH} are read")
        self.text = text
        self.tokens = list(self._tokens())
        self.at = 0

    def _tokens(self) -> Iterator[tuple[str, str, int]]:
        position = 0
        end = len(self.text.rstrip())
        while position < end:
            found = _TOKEN.match(self.text, position)
            if found is None:
                raise DimsError(f"{self.text!r}: {self.text[position:].strip()[:1]!r} at {position} is not part of a shape; "
                                "write names, whole numbers, + - * and brackets")
            kind = str(found.lastgroup)
            yield kind, found[kind], found.start(kind)
            position = found.end()

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at][:2] if self.at < len(self.tokens) else ("end", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self.at += 1
        return token

    def shape(self) -> tuple[Expr, ...]:
        dims: list[Expr] = []
        while self._peek()[0] != "end":
            dims.append(self._expression(0))
            if self._peek() == ("op", ","):
                self._take()
            elif self._peek()[0] != "end":
                self._apart()
        return tuple(dims)

    def _apart(self) -> None:
        """Refuse ``2N``, which may be meant as ``2*N`` or as ``2 N``."""
        _, word, start = self.tokens[self.at]
        if not self.text[start - 1].isspace():
            raise DimsError(f"{self.text!r}: a space or one of + - * should stand before {word!r} at {start}")

    def _expression(self, depth: int) -> Expr:
        left = self._term(depth)
        while self._peek() in (("op", "+"), ("op", "-")):
            left = Op(self._take()[1], left, self._term(depth))
        return left

    def _term(self, depth: int) -> Expr:
        left = self._factor(depth)
        while self._peek() == ("op", "*"):
            self._take()
            left = Op("*", left, self._factor(depth))
        return left

    def _factor(self, depth: int) -> Expr:
        if depth > 20:
            raise DimsError(f"{self.text!r}: brackets nested more than 20 deep")
        kind, word = self._take()
        if kind == "int":
            return Int(int(word))
        if kind == "name":
            return Name(word)
        if (kind, word) == ("op", "("):
            inner = self._expression(depth + 1)
            if self._take() != ("op", ")"):
                raise DimsError(f"{self.text!r}: a bracket is not closed")
            return inner
        raise DimsError(f"{self.text!r}: a name, a whole number or a bracket should stand "
                        f"{'at the end' if kind == 'end' else f'where {word!r} does'}")
