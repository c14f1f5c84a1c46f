"""Length-bounded frames: the only thing that crosses between grader and worker.

A frame is a prefix (magic, header length, body length), a JSON header, and a body of raw little-endian bytes::

    4 bytes "grd1" | u32 header length | u64 body length | header, UTF-8 JSON | body

The header is a tree. A node is one of

    null  true  12  0.5  "text"  {"key": node}      themselves
    ["f", "nan" | "inf" | "-inf"]                   a float that JSON has no literal for
    ["c", node, node]                               complex
    ["l", node, ...]    ["t", node, ...]            list, tuple
    ["a", "<f8", [2, 3]]                            array: its bytes are next in the body
    ["b", 12]                                       bytes: next in the body
    ["x", "name", {"key": node}]                    `Tagged`

Nothing is evaluated, unpickled or allocated on a hostile process's word: lengths are checked before bytes are read, shapes in
Python integers before numpy sees them. Whatever the bytes, reading raises `WireError` or returns a value.
"""

import json
import os
import struct
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring as _quoted
from math import isfinite
from typing import Any, Final, TypeAlias

from numpy import asarray, dtype, generic, ndarray

_read = os.read  # taken here, like what is needed of numpy: a student may replace it
Tree: TypeAlias = Any
"""None, bool, int, float, complex, str, bytes, ndarray, list, tuple, dict with str keys, `Tagged`."""

MAGIC: Final = b"grd1"
PREFIX: Final = struct.Struct("<4sIQ")
DTYPES: Final = {
    name: dtype(name)
    for name in ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16")
}
NAMES: Final = {kind: name for name, kind in DTYPES.items()}
CUT_OFF: Final = 74  # exit status (EX_IOERR) of a worker that can no longer write its answers
MAX_DEPTH: Final = 40  # an honest answer is nested two or three deep; Python's own recursion limit is far above
MAX_NODES: Final = 200_000  # a 400 x 500 matrix as nested lists
MAX_BITS: Final = 4000  # of an integer: more than any float's range, and quick to print
MAX_NDIM: Final = 32  # numpy 1's limit
MAX_ELEMENTS: Final = 1 << 48  # of a shape without its zeros: numpy refuses empty arrays whose other axes overflow
_DIGITS: Final = 1206  # MAX_BITS * log10(2), and a sign
_CHUNK: Final = 1 << 16  # bytes: what a pipe holds
_FLOAT_TEXT: Final = 40  # repr of a double takes at most 24
_TEXT_WEIGHT: Final = 24  # bytes in memory for one of a header: `{},` is an empty dict in a list


class WireError(ValueError):
    """Bytes that are not a frame, or a value that no frame can carry."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a reader accepts.

    Parameters
    ----------
    header, body : int
        Bytes. The header's default keeps what parsing it allocates near 100 MB at the very worst.
    nodes, depth : int
        Values in one frame, and how deep they lie in each other.
    """

    header: int = 4 << 20
    body: int = 64 << 20
    nodes: int = MAX_NODES
    depth: int = MAX_DEPTH


UNBOUNDED: Final = Bounds(1 << 32, 1 << 40)  # of what the grader itself wrote


@dataclass(frozen=True, slots=True, eq=False)
class Tagged:
    """A named record, such as a stand-in or an opaque object; what it means is its reader's business."""

    name: str
    fields: dict[str, Tree]


# ---- writing ---------------------------------------------------------------------------------------------------------


def encode(value: Tree, bounds: Bounds = Bounds()) -> bytes:
    """The frame that carries a value.

    Raises
    ------
    WireError
        If it holds anything but the exact types above, or exceeds a bound of the tree.
    """
    body: list[bytes] = []
    text = _Writer(body, bounds.nodes, bounds.depth).text(value, 0)
    try:
        header = text.encode()
    except UnicodeEncodeError as error:
        raise WireError("text with a lone surrogate") from error
    if len(header) > 0xFFFF_FFFF:
        raise WireError("a header of 4 GB")
    return b"".join((PREFIX.pack(MAGIC, len(header), sum(map(len, body))), header, *body))


class _Writer:
    """Writes the text of a node at once: building lists for the JSON encoder first takes twice as long."""

    __slots__ = ("body", "left", "most")

    def __init__(self, body: list[bytes], nodes: int, most: int) -> None:
        self.body = body
        self.left = nodes - 1
        self.most = most

    def text(self, value: Tree, depth: int) -> str:
        write = _WRITERS.get(type(value))
        if write is None:
            if isinstance(value, generic):
                return self.array(asarray(value), depth)
            raise WireError(f"a {type(value).__name__} cannot cross the wire")
        return write(self, value, depth)

    def texts(self, values: Collection[Tree], depth: int) -> str:
        self.left = _room(self.left, values, self.most - depth)
        return "".join(["," + self.text(v, depth + 1) for v in values])

    def nothing(self, _value: None, _depth: int) -> str:
        return "null"

    def truth(self, value: bool, _depth: int) -> str:  # noqa: FBT001 - a value like the others
        return "true" if value else "false"

    def string(self, value: str, _depth: int) -> str:
        return _quoted(value)

    def integer(self, value: int, _depth: int) -> str:
        if value.bit_length() > MAX_BITS:
            raise WireError(f"an integer of {value.bit_length()} bits")
        return repr(value)

    def number(self, value: float, _depth: int) -> str:
        return repr(value) if isfinite(value) else f'["f","{value!r}"]'

    def complex_(self, value: complex, depth: int) -> str:
        return f'["c",{self.number(value.real, depth)},{self.number(value.imag, depth)}]'

    def list_(self, value: list[Tree], depth: int) -> str:
        return f'["l"{self.texts(value, depth)}]'

    def tuple_(self, value: tuple[Tree, ...], depth: int) -> str:
        return f'["t"{self.texts(value, depth)}]'

    def dict_(self, value: dict[str, Tree], depth: int) -> str:
        self.left = _room(self.left, value, self.most - depth)
        parts = []
        for k, v in value.items():
            if type(k) is not str:
                raise WireError("a dict with keys other than str")
            parts.append(f"{_quoted(k)}:{_quoted(v) if type(v) is str else self.text(v, depth + 1)}")
        return f"{{{','.join(parts)}}}"

    def tagged(self, value: Tagged, depth: int) -> str:
        return f'["x",{_quoted(value.name)},{self.text(value.fields, depth)}]'

    def array(self, value: ndarray, _depth: int) -> str:
        name, shape = NAMES.get(value.dtype), value.shape
        if name is None:
            little = value.dtype.newbyteorder("<")
            name, value = little.str, value.astype(little, copy=False)
        if name not in DTYPES or len(shape) > MAX_NDIM:
            raise WireError(f"an array of {value.dtype} with {value.ndim} axes cannot cross the wire")
        self.body.append(value.tobytes())
        return f'["a","{name}",[{",".join(map(repr, shape))}]]'

    def bytes_(self, value: bytes, _depth: int) -> str:
        self.body.append(value)
        return f'["b",{len(value)}]'


def _room(left: int, values: Collection[Any], deeper: int) -> int:
    """How many more values there may be after these, below which others may lie so much deeper."""
    left -= len(values)
    if left < 0 or (deeper <= 0 and values):
        raise WireError(f"more than {MAX_NODES} values, or nested more than {MAX_DEPTH} deep")
    return left


_WRITERS: Final[dict[type, Callable[[_Writer, Any, int], str]]] = {
    type(None): _Writer.nothing,
    bool: _Writer.truth,
    str: _Writer.string,
    int: _Writer.integer,
    float: _Writer.number,
    complex: _Writer.complex_,
    list: _Writer.list_,
    tuple: _Writer.tuple_,
    dict: _Writer.dict_,
    Tagged: _Writer.tagged,
    ndarray: _Writer.array,
    bytes: _Writer.bytes_,
}


# ---- reading ---------------------------------------------------------------------------------------------------------


def decode(header: bytes, body: bytes, bounds: Bounds = Bounds()) -> Tree:
    """The value of a frame. Arrays are copies, writable and aligned.

    Raises
    ------
    WireError
        For everything that `encode` does not write.
    """
    try:
        node = _parsed(header.decode())
    except WireError:
        raise
    except (ValueError, RecursionError) as error:  # bad UTF-8, bad JSON, brackets nested without end
        raise WireError(f"the header is not JSON ({type(error).__name__})") from error
    reader = _Reader(body, bounds.depth, left=bounds.nodes - 1)
    value = reader.value(node, 0)
    if reader.at != len(body):
        raise WireError(f"{len(body) - reader.at} bytes too many")
    return value


def opened(frame: bytes) -> Tree:
    """The value of a frame that is whole and within bounds."""
    header = PREFIX.size + frame_sizes(frame, UNBOUNDED)[0]
    return decode(frame[PREFIX.size : header], frame[header:])


def loads(data: bytes, bounds: Bounds = Bounds()) -> Tree:
    """The value of exactly one frame.

    Raises
    ------
    WireError
        Also for a frame that is cut short or followed by anything.
    """
    values = list(loads_all(data, bounds))
    if len(values) != 1:
        raise WireError(f"{len(values)} frames, but should be 1")
    return values[0]


def loads_all(data: bytes, bounds: Bounds = Bounds()) -> Iterator[Tree]:
    """The values of frames that follow each other.

    Raises
    ------
    WireError
        If the bytes are anything else, or exceed the bounds.
    """
    at = 0
    while at < len(data):
        if len(data) - at < PREFIX.size:
            raise WireError("a frame is cut short")
        sizes = frame_sizes(data, bounds, at)
        start, at = at + PREFIX.size, at + PREFIX.size + sum(sizes)
        if at > len(data):
            raise WireError("a frame is cut short")
        yield decode(data[start : start + sizes[0]], data[start + sizes[0] : at], bounds)


def frame_sizes(data: bytes | bytearray, bounds: Bounds, at: int = 0) -> tuple[int, int]:
    """Header and body length of the frame that starts there, checked against the bounds.

    Raises
    ------
    WireError
        If no frame starts there, or it exceeds the bounds.
    """
    magic, header, body = PREFIX.unpack_from(data, at)
    if magic != MAGIC:
        raise WireError("these bytes are no frame")
    if header > bounds.header or body > bounds.body:
        raise WireError(f"an answer of {header + body} bytes; at most {bounds.body} are read")
    return header, body


def _nothing(_received: int) -> bytes:
    return b""


class FrameReader:
    """Frames from a descriptor, piece by piece.

    Parameters
    ----------
    bounds : Bounds
        What is accepted.
    rest : callable
        What follows when the stream has ended, told how many bytes of it were received.

    Attributes
    ----------
    eof : bool
        Whether the stream has ended.
    weight : int
        Bytes that the values read so far take in memory, at most.
    """

    def __init__(self, bounds: Bounds = Bounds(), rest: Callable[[int], bytes] = _nothing) -> None:
        self.bounds = bounds
        self.eof = False
        self.weight = 0
        self._rest = rest
        self._data = bytearray()
        self._received = self._ahead = 0

    def read(self, fd: int) -> tuple[Tree] | None:
        """One value in a 1-tuple, or None if there is none yet (see `eof`). Blocks only if the descriptor does.

        Raises
        ------
        WireError
            If the bytes are no frame, or end inside one.
        """
        frame = self.read_frame(fd)
        return None if frame is None else (opened(frame),)

    def read_frame(self, fd: int) -> bytes | None:
        """The bytes of one frame, of which only the lengths were looked at; else as `read`."""
        while (ends := self._ends()) is None:
            if not self._more(fd):
                return None
        header, end = ends
        frame = bytes(self._data[:end])
        del self._data[:end]
        self.weight += _TEXT_WEIGHT * header + end - header
        return frame

    def holds_frame(self) -> bool:
        """Whether the next frame was received as a whole."""
        return self._ends() is not None

    def _ends(self) -> tuple[int, int] | None:
        """Where header and body of the frame at hand end; None if that has not been read yet."""
        if len(self._data) < PREFIX.size:
            return None
        header, body = frame_sizes(self._data, self.bounds)
        header += PREFIX.size
        return (header, header + body) if header + body <= len(self._data) else None

    def _more(self, fd: int) -> bool:
        """Whether there is more to look at."""
        if not self.eof:
            try:
                chunk = _read(fd, _CHUNK)
            except BlockingIOError:
                return False
            if chunk:
                known = min(self._ahead, len(chunk))
                self._received += len(chunk)
                self._ahead -= known
                self._data += chunk[known:]
                return True
            if self.finish():
                return True
        if self._data:
            raise WireError("an answer ends in the middle")
        return False

    def look_ahead(self, waiting: Callable[[int], bytes]) -> bool:
        """Take what follows, and will come through the descriptor later; told as `rest` is. Whether there is any that was not taken yet."""
        more = waiting(self._received)[self._ahead :]
        self._data += more
        self._ahead += len(more)
        return bool(more)

    def finish(self) -> bool:
        """Take the stream for ended; whether anything follows that was not sent through the descriptor."""
        rest = b"" if self.eof else self._rest(self._received)[self._ahead :]
        self.eof = True
        self._data += rest
        return bool(rest)

    def close(self) -> None:
        """Take the stream for ended, whatever follows."""
        self.eof = True
        self._data.clear()
        self._rest = _nothing


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise WireError(f"an integer of {len(text)} digits")
    return int(text)


def _float(text: str) -> float:
    if len(text) > _FLOAT_TEXT:
        raise WireError(f"a number of {len(text)} characters")
    return float(text)


def _refuse(text: str) -> None:
    raise WireError(f"{text} is no JSON")


_parse = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=_refuse).raw_decode


def _parsed(text: str) -> Any:
    """The tree of a header; ValueError unless it is JSON from end to end, without lone surrogates."""
    node, end = _parse(text)
    if end != len(text):
        raise WireError("more than one header")
    if "\\u" in text:  # UTF-8 has no lone surrogates, so only such an escape can make one, which nothing could write to a file
        json.dumps(node, ensure_ascii=False).encode()
    return node


@dataclass(slots=True)
class _Reader:
    body: bytes
    most: int = MAX_DEPTH
    at: int = 0
    left: int = MAX_NODES - 1

    def value(self, node: Any, depth: int) -> Tree:
        if type(node) is list:
            read = _READERS.get(node[0]) if node and type(node[0]) is str else None
            if read is None:
                raise WireError("a node of no known kind")
            return read(self, node[1:], depth)
        return dict(zip(node, self.values(node.values(), depth), strict=True)) if type(node) is dict else node

    def values(self, nodes: Collection[Any], depth: int) -> list[Tree]:
        self.left = _room(self.left, nodes, self.most - depth)
        return [self.value(n, depth + 1) if type(n) in _NESTED else n for n in nodes]

    def number(self, parts: list[Any], _depth: int) -> float:
        if len(parts) != 1 or parts[0] not in ("nan", "inf", "-inf"):
            raise WireError("a float that is none")
        return float(parts[0])

    def complex_(self, parts: list[Any], depth: int) -> complex:
        values = [self.number(p[1:], depth) if isinstance(p, list) and p[:1] == ["f"] else p for p in parts]
        if len(values) != 2 or any(type(v) is not float for v in values):
            raise WireError("a complex number that is none")
        return complex(*values)

    def list_(self, parts: list[Any], depth: int) -> list[Tree]:
        return self.values(parts, depth)

    def tuple_(self, parts: list[Any], depth: int) -> tuple[Tree, ...]:
        return tuple(self.values(parts, depth))

    def tagged(self, parts: list[Any], depth: int) -> Tagged:
        match parts:
            case [str(name), dict(fields)]:
                return Tagged(name, self.value(fields, depth))
            case _:
                raise WireError("a tagged record that is none")

    def bytes_(self, parts: list[Any], _depth: int) -> bytes:
        match parts:
            case [int(length)] if type(length) is int and length >= 0:
                start = self._skip(length)
                return self.body[start : self.at]
            case _:
                raise WireError("bytes without a length")

    def array(self, parts: list[Any], _depth: int) -> ndarray:
        if len(parts) != 2 or type(parts[0]) is not str or type(parts[1]) is not list or len(parts[1]) > MAX_NDIM:
            raise WireError("an array of no known kind")
        kind, shape = DTYPES.get(parts[0]), parts[1]
        if kind is None:
            raise WireError("an array of no known kind")
        size = extent = 1
        for n in shape:
            if type(n) is not int or n < 0:
                raise WireError("an array of an impossible shape")
            size, extent = size * n, extent * (n or 1)
        if extent > MAX_ELEMENTS:
            raise WireError("an array of an impossible shape")
        start = self._skip(size * kind.itemsize)
        if kind.kind == "b" and self.body[start : self.at].strip(b"\0\1"):
            raise WireError("truth values other than 0 and 1")
        return ndarray(shape, kind, self.body, start).copy()

    def _skip(self, length: int) -> int:
        """Where the next bytes of the body start, which are taken herewith."""
        start, self.at = self.at, self.at + length
        if self.at > len(self.body):
            raise WireError("the body is too short")
        return start


_NESTED: Final = frozenset({list, dict})
_READERS: Final[dict[str, Callable[[_Reader, list[Any], int], Any]]] = {
    "f": _Reader.number,
    "c": _Reader.complex_,
    "l": _Reader.list_,
    "t": _Reader.tuple_,
    "x": _Reader.tagged,
    "b": _Reader.bytes_,
    "a": _Reader.array,
}
