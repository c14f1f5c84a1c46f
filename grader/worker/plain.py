"""From whatever a student's function returns to plain values that can cross the wire.

Numbers are read by the base classes' own methods, never by those of a subclass, and whatever cannot be read becomes an
*opaque* record of its type and a bounded ``repr``. What is needed from numpy is taken here, before any student code runs:
a student who patches numpy afterwards changes nothing but his own answers.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy import asarray, generic, ndarray

from .wire import DTYPES, MAX_BITS, MAX_DEPTH, MAX_NDIM, MAX_NODES, NAMES, Tagged, Tree

MAX_TEXT: Final = 100_000  # characters of one string in an answer: no handout asks for a page
MAX_REPR: Final = 500  # characters of what is shown of an opaque object
_NARROWED: Final = {"<f16": np.dtype("<f8"), "<c32": np.dtype("<c16")}  # long doubles differ from machine to machine
_type_name: Final[Callable[[type], str]] = type.__dict__["__name__"].__get__
_view, _astype = ndarray.view, ndarray.astype


def type_name(cls: type) -> str:
    """The class's name as the interpreter has it, whatever its metaclass claims."""
    return _type_name(cls)[:200]


def text(value: str) -> str:
    """A string that can be written to a file: lone surrogates become question marks."""
    value = str.__str__(value)
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def described(describe: Callable[[Any], Any], value: Any, limit: int) -> str:
    """``str`` or ``repr`` of a hostile object: bounded, and never an exception but one that ends the process."""
    try:
        said = describe(value)
        return text(said)[:limit] if issubclass(type(said), str) else ""
    except BaseException as error:  # noqa: BLE001 - a student's __repr__ may raise anything, SystemExit included
        return f"<{type_name(type(error))} while it was being shown>"


def opaque(value: Any) -> Tagged:
    """The record of something that cannot cross the wire."""
    return Tagged("opaque", {"type": type_name(type(value)), "text": described(repr, value, MAX_REPR)})


def plain(value: Any, budget: int) -> Tree:
    """The same value in exact built-in types and plain arrays; what is not a number, text or container becomes opaque.

    Parameters
    ----------
    value : object
        Anything, hostile subclasses included.
    budget : int
        Bytes that its arrays and strings may take together.
    """
    return _Plain(budget).value(value, 0)


class _Plain:
    def __init__(self, budget: int) -> None:
        self.most = self.bytes = budget
        self.nodes = MAX_NODES // 2  # the rest is for the record around it

    def value(self, value: Any, depth: int) -> Tree:
        cls = type(value)
        self.nodes -= 1
        if value is None or cls is bool or cls is float:
            return value
        if self.nodes < 0 or depth > MAX_DEPTH - 10:  # the record around it is nested too
            return Tagged("opaque", {"type": type_name(cls), "text": "(too many values to be returned)"})
        read = self._exact.get(cls) if type(cls) is type else None  # a metaclass of the student's may hash as it likes
        read = read or next((read for base, read in self._readers if issubclass(cls, base)), None)
        return read(self, value, depth) if read else opaque(value)

    def array(self, value: Any, _depth: int) -> Tree:
        array = value if type(value) is ndarray else _view(asarray(value), ndarray)
        if array.dtype in NAMES and array.nbytes <= self.bytes and array.ndim <= MAX_NDIM:
            self.bytes -= array.nbytes
            return array
        dtype = array.dtype.newbyteorder("<")
        dtype = _NARROWED.get(dtype.str, dtype)
        size = array.size * dtype.itemsize
        if size > self.bytes:
            return self._too_large(f"array of shape {array.shape}")
        if dtype.str not in DTYPES or array.ndim > MAX_NDIM:
            what = f"dtype {dtype}" if dtype.str not in DTYPES else f"{array.ndim} axes"
            return Tagged("opaque", {"type": f"array of {what}"[:MAX_REPR], "text": described(repr, array, MAX_REPR)})
        self.bytes -= size
        return _astype(array, dtype, "C")

    def _too_large(self, what: str) -> Tree:
        kind = f"{what[:MAX_REPR]}, too large to be returned"
        return Tagged("opaque", {"type": kind, "text": f"(an {kind}: all arrays of an answer may take {self.most:,} bytes)"})

    def integer(self, value: Any, _depth: int) -> Tree:
        number = int.__int__(value)
        if number.bit_length() > MAX_BITS:
            return Tagged("opaque", {"type": "int", "text": f"(an integer of {number.bit_length()} bits)"})
        return number

    def number(self, value: Any, _depth: int) -> Tree:
        return float.__float__(value)

    def complex_(self, value: Any, _depth: int) -> Tree:
        return complex.__complex__(value)

    def string(self, value: Any, _depth: int) -> Tree:
        said = text(value)
        self.bytes -= 4 * len(said)
        if len(said) > MAX_TEXT or self.bytes < 0:
            return Tagged("opaque", {"type": "str", "text": said[:MAX_REPR]})
        return said

    def list_(self, value: Any, depth: int) -> Tree:
        return [self.value(v, depth + 1) for v in list.__iter__(value)]

    def tuple_(self, value: Any, depth: int) -> Tree:
        return tuple([self.value(v, depth + 1) for v in tuple.__iter__(value)])

    def dict_(self, value: Any, depth: int) -> Tree:
        pairs = list(dict.items(value))
        if any(type(k) is not str for k, _ in pairs):
            return opaque(value)
        return {text(k)[:MAX_REPR]: self.value(v, depth + 1) for k, v in pairs}

    # issubclass asks the class, isinstance would ask the object too
    _readers: Final[tuple[tuple[type, Callable[["_Plain", Any, int], Tree]], ...]] = (
        (ndarray, array),
        (generic, array),  # before int and float: numpy's scalars are subclasses of those
        (int, integer),
        (float, number),
        (complex, complex_),
        (str, string),
        (list, list_),
        (tuple, tuple_),
        (dict, dict_),
    )
    _exact: Final = dict(_readers)  # most values are of these very classes
