"""Frames: everything that may cross does so exactly, and no bytes do more harm than a `WireError`."""

import json
import math
import os
import random
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.worker import wire
from grader.worker.wire import MAGIC, PREFIX, Bounds, FrameReader, Tagged, WireError, encode, loads

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
arrays = hnp.arrays(st.sampled_from(list(wire.DTYPES.values())), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**200), 2**200), st.floats(), st.complex_numbers(), texts, st.binary(max_size=30), arrays
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(texts, inner, max_size=4),
        st.builds(Tagged, texts, st.dictionaries(texts, inner, max_size=3)),
    ),
    max_leaves=15,
)


def same(a: Any, b: Any) -> bool:
    """Equal in type and bits; NaN equals NaN."""
    if type(a) is not type(b):
        return False
    match a:
        case np.ndarray():
            return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
        case float():
            return repr(a) == repr(b)
        case complex():
            return same(a.real, b.real) and same(a.imag, b.imag)
        case list() | tuple():
            return len(a) == len(b) and all(map(same, a, b))
        case dict():
            return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
        case Tagged():
            return a.name == b.name and same(a.fields, b.fields)
        case _:
            return a == b


@given(trees)
@settings(max_examples=200, deadline=None)
def test_every_tree_survives(tree: Any) -> None:
    """There and back, in type and bits."""
    assert same(loads(encode(tree)), tree)


@given(arrays)
@settings(max_examples=50, deadline=None)
def test_arrays_come_back_writable_and_contiguous(array: np.ndarray) -> None:
    """Whatever the order and strides that they left with."""
    back = loads(encode(array.T[..., ::-1] if array.ndim else array))
    assert back.flags.writeable
    assert back.flags.c_contiguous
    assert same(back, np.ascontiguousarray(array.T[..., ::-1] if array.ndim else array).reshape(array.T.shape))


def test_foreign_byte_order_and_scalars_are_taken_by_value() -> None:
    """Big-endian numbers arrive as the same numbers; numpy's scalars as arrays without axes."""
    np.testing.assert_array_equal(loads(encode(np.arange(3, dtype=">i4"))), [0, 1, 2])
    assert loads(encode(np.float32(0.5))).shape == ()


@pytest.mark.parametrize(
    "value",
    [
        object(), {1: 2}, {1}, range(3), 2**4001, np.array([object()]), np.array(["a"]), np.array("2020", "M8[Y]"), "\ud800",
        np.zeros(2, [("a", "i4")]), type("S", (str,), {})("x"), type("L", (list,), {})(), [[]] * wire.MAX_NODES, math,
    ],
)  # fmt: skip
def test_what_may_not_cross_does_not(value: Any) -> None:
    """Objects, subclasses, object arrays, giants."""
    with pytest.raises(WireError):
        encode(value)


def nested(depth: int) -> Any:
    """Lists in lists."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_bounds_hold_on_both_sides() -> None:
    """The deepest, longest and largest that is allowed crosses; one more does not."""
    for good, bad in (
        (nested(wire.MAX_DEPTH), nested(wire.MAX_DEPTH + 1)),
        ([0] * (wire.MAX_NODES - 1), [0] * wire.MAX_NODES),
        (2**wire.MAX_BITS - 1, 2**wire.MAX_BITS),
        (-(2**wire.MAX_BITS) + 1, -(2**wire.MAX_BITS)),
        (np.zeros((1,) * wire.MAX_NDIM), np.zeros((1,) * (wire.MAX_NDIM + 1)) if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else object()),
    ):
        assert same(loads(encode(good)), good)
        with pytest.raises(WireError):
            encode(bad)


def frame(header: Any, body: bytes = b"") -> bytes:
    """A frame by hand."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return PREFIX.pack(MAGIC, len(text), len(body)) + text + body


@pytest.mark.parametrize(
    "data",
    [
        b"", b"grd1", b"evil" + bytes(12), frame(b""), frame(b"{"), frame(b"\xff"), frame(b"NaN"), frame(b"-Infinity"), frame(b"1 2"),
        frame(b"[" * 100_000), frame(b'{"a":' * 100_000), frame(b"9" * 5000), frame(b"0." + b"1" * 5000), frame(b'"\\ud800"'),
        frame(b'{"\\udfff":1}'), frame([]), frame([1]), frame(["z"]), frame([["l"]]), frame([None]), frame(["f", "1"]), frame(["f", ["nan"]]),
        frame(["c", 1.0]), frame(["c", 1, 2]), frame(["c", "1", 2.0]), frame(["c", ["f"], 2.0]), frame(["x", 1, {}]), frame(["x", "a", []]),
        frame(["x", "a", {}, 1]), frame(["b", -1]), frame(["b", True]), frame(["b", 5]), frame(["b", 1, 2], b"1"), frame(["b"]), frame(1, b"extra"),
        frame(["a", "|O", [1]], bytes(8)), frame(["a", "<U1", [1]], bytes(4)), frame(["a", ["<f8"], [1]], bytes(8)), frame(["a", "<f8"]),
        frame(["a", "<f8", 1], bytes(8)), frame(["a", "<f8", [-1]]), frame(["a", "<f8", [-1, -1]], bytes(8)), frame(["a", "<f8", [1.0]], bytes(8)),
        frame(["a", "<f8", [True]], bytes(8)), frame(["a", "<f8", ["1"]], bytes(8)), frame(["a", "<f8", [2]], bytes(8)),
        frame(["a", "<f8", [1]], bytes(16)), frame(["a", "<f8", [1] * 33], bytes(8)), frame(["a", "<f8", [0, 2**40, 2**40, 2**40]]),
        frame(["a", "<f8", [2**62, 4]]), frame(["a", "<f8", [0, 10**1000]]), frame(["a", "|b1", [1]], b"\2"), frame({"a": ["a", "<f8", [1]]}),
        frame(b'{"a":["a","<f8",[1]],"a":1}', bytes(8)), frame(1) + frame(2), frame(1) + b"x",
        PREFIX.pack(MAGIC, 2**32 - 1, 0), PREFIX.pack(MAGIC, 0, 2**64 - 1), PREFIX.pack(MAGIC, 0, 2**60) + b"x" * 100,
    ],
)  # fmt: skip
def test_hand_made_frames_are_refused(data: bytes) -> None:
    """One way of being wrong each, and no other exception."""
    with pytest.raises(WireError):
        loads(data)


def test_repeated_keys_are_harmless() -> None:
    """The last one counts, as JSON readers have it."""
    assert loads(frame(b'{"a":1,"a":2}')) == {"a": 2}


SEEDS = [
    encode({"kind": "returned", "value": [np.arange(6.0).reshape(2, 3), (1, -2.5, 1j, math.nan)], "changed": [0], "printed": "é", "calls": []}),
    encode([{"a": np.zeros((0, 3), "<i4")}, Tagged("opaque", {"type": "x", "text": "y" * 50}), b"bytes", None, True, 2**300]),
    encode([[[[np.array(True), np.ones((1, 2, 1), "<c16")]]]]),
]
WORDS = [b"[", b"]", b"{", b"}", b'"', b",", b":", b"1e999", b"-0", b"99999999999999999999", b'"a"', b'"l"', b'"<f8"', b"null", b"NaN", b"\\ud800", b"[0,1099511627776]"]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A frame with a few bytes changed, cut, repeated or replaced by a word of the format; its lengths often mended."""
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(6):
            case 0 | 5 if at < len(out):
                out[at] = rng.randrange(256)
            case 1:
                del out[at : at + rng.randint(1, 8)]
            case 2:
                out[at:at] = out[at : at + rng.randint(1, 16)]
            case 3:
                out[at : at + rng.randint(0, 4)] = rng.choice(WORDS)
            case _ if at + 4 <= len(out):
                struct.pack_into("<I", out, at, rng.choice([0, 1, 2**31, 2**32 - 1]))
    if rng.random() < 0.7 and len(out) > PREFIX.size:
        header = min(PREFIX.unpack(data[: PREFIX.size])[1] + rng.choice([0, 0, 0, 1, -1]), len(out) - PREFIX.size)
        out[: PREFIX.size] = PREFIX.pack(MAGIC, header, len(out) - PREFIX.size - header)
    return bytes(out)


def fuzz(count: int, seed: int) -> int:
    """How many of so many mutated frames are read; any exception but `WireError` is let through."""
    rng = random.Random(seed)
    read = 0
    for i in range(count):
        try:
            loads(mutated(SEEDS[i % len(SEEDS)], rng))
            read += 1
        except WireError:
            pass
    return read


def test_mutated_frames_raise_nothing_but_wire_errors() -> None:
    """Some of them are still frames, or the mutations would test the prefix only; memory stays bounded."""
    tracemalloc.start()
    read = fuzz(20_000, seed=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 1000 < read < 10_000
    assert peak < 10 << 20


def test_the_largest_header_costs_bounded_memory() -> None:
    """The header that makes the JSON reader allocate most."""
    for header in (b"[" + b"{}," * 1_398_000 + b"{}]", b'["l"' + b",1.5" * 1_040_000 + b"]"):
        tracemalloc.start()
        with pytest.raises(WireError):
            loads(frame(header))
        assert tracemalloc.get_traced_memory()[1] < 250 << 20
        tracemalloc.stop()


def test_a_reader_takes_frames_piece_by_piece() -> None:
    """Whatever the pieces; nothing beyond the frame is read, and the end is seen."""
    data = SEEDS[0] + SEEDS[1]
    out, into = os.pipe()
    os.set_blocking(out, False)
    reader, values = FrameReader(), []
    for i in range(0, len(data), 7):
        assert not reader.eof
        os.write(into, data[i : i + 7])
        while (value := reader.read(out)) is not None:
            values.append(value[0])
    os.close(into)
    assert reader.read(out) is None
    assert reader.eof
    os.close(out)
    assert all(map(same, values, map(loads, SEEDS)))


@pytest.mark.parametrize("cut", [1, PREFIX.size - 1, PREFIX.size, PREFIX.size + 1, len(SEEDS[0]) - 1])
def test_a_frame_that_ends_in_the_middle(cut: int) -> None:
    """In the prefix, behind it, in the header, in the body."""
    out, into = os.pipe()
    os.write(into, SEEDS[0][:cut])
    os.close(into)
    with pytest.raises(WireError, match="ends in the middle"):
        FrameReader().read(out)
    os.close(out)


def test_a_reader_refuses_by_the_prefix_alone() -> None:
    """Nothing is allocated for a frame larger than its bounds; just as large is read."""
    out, into = os.pipe()
    exact = Bounds(header=100, body=16)
    os.write(into, encode(np.zeros(2)))
    assert FrameReader(exact).read(out) is not None
    os.write(into, PREFIX.pack(MAGIC, 100, 17))
    with pytest.raises(WireError, match="at most 16"):
        FrameReader(exact).read(out)
    os.close(into)
    os.close(out)
