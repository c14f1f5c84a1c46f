"""What becomes of a student's answer on its way to the wire: built-in types, bounded, by nobody's methods but the base classes' own."""

from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
import pytest

from grader.core.probe import Opaque
from grader.worker.plain import MAX_REPR, MAX_TEXT, plain
from grader.worker.wire import MAX_BITS, MAX_DEPTH, MAX_NDIM, MAX_NODES, Tagged, encode

BUDGET = 10_000_000


def crossed(value: Any, budget: int = BUDGET) -> Any:
    """The plain value, which the wire takes."""
    got = plain(value, budget)
    encode(got)
    return comparable(got)


def comparable(tree: Any) -> Any:
    """The same with records that can be compared."""
    if type(tree) in (list, tuple):
        return type(tree)(map(comparable, tree))
    return Opaque(**tree.fields) if isinstance(tree, Tagged) else tree


class LyingInt(int):
    """Says that it is 1, in every way that it is asked."""

    def __int__(self) -> int:
        return 1

    __index__ = __eq__ = __hash__ = bit_length = __int__  # type: ignore[assignment]


class LyingFloat(float):
    """The same."""

    def __float__(self) -> float:
        return 1.0

    __eq__ = __hash__ = __float__  # type: ignore[assignment]


class LyingComplex(complex):
    """The same."""

    def __complex__(self) -> complex:
        return 1.0 + 0j


class LyingStr(str):
    """Says that it is passed, and short."""

    __slots__ = ()

    def __str__(self) -> str:
        return "passed"

    def __len__(self) -> int:
        return 0

    def encode(self, *args: Any) -> bytes:
        return b"passed"


class LyingList(list[Any]):
    """Says that it holds ones."""

    def __iter__(self) -> Any:
        return iter([1.0])

    def __len__(self) -> int:
        return 1


class LyingTuple(tuple[Any, ...]):
    """The same."""

    __slots__ = ()

    def __iter__(self) -> Any:
        return iter([1.0])


class Point(NamedTuple):
    """A tuple by another name."""

    x: int
    y: int


class LyingDict(dict[str, Any]):
    """The same, by name."""

    def items(self) -> Any:
        return [("right", 1.0)]


class LyingArray(np.ndarray):
    """Says that it is what it is compared with."""

    def __array__(self, *args: Any, **kw: Any) -> np.ndarray:
        return np.ones(3)

    def __eq__(self, other: object) -> Any:
        return True

    __hash__ = None  # type: ignore[assignment]
    dtype = nbytes = shape = size = ndim = property(lambda self: 0)  # type: ignore[assignment]


@pytest.mark.parametrize(("lie", "truth"), [
    (LyingInt(7), 7), (LyingFloat(0.5), 0.5), (LyingComplex(2j), 2j), (LyingStr("wrong"), "wrong"), (LyingList([2, 3]), [2, 3]),
    (LyingTuple((2, 3)), (2, 3)), (LyingDict(wrong=0), {"wrong": 0}), (OrderedDict(a=1), {"a": 1}), (Point(1, 2), (1, 2)),
])
def test_a_subclass_is_read_as_what_it_is(lie: Any, truth: Any) -> None:
    """Whatever its own methods say, alone and inside a container."""
    for got in (crossed(lie), crossed([lie])[0], crossed({"a": (lie,)})["a"][0]):
        assert type(got) is type(truth)
        assert got == truth


@pytest.mark.parametrize("values", [[2.0, 3.0], [[2.0], [3.0]]])
def test_an_array_of_a_lying_class_is_read_as_it_lies_in_memory(values: Any) -> None:
    """Its own type, size and conversion are not asked."""
    got = crossed(np.array(values).view(LyingArray))
    assert (type(got), got.dtype, got.tolist()) == (np.ndarray, np.float64, values)


@pytest.mark.parametrize(("value", "dtype"), [
    (np.float64(0.5), "<f8"), (np.float32(0.5), "<f4"), (np.int64(3), "<i8"), (np.bool_(True), "|b1"), (np.ones(2, ">f8"), "<f8"),
    (np.ones(2, np.longdouble), "<f8"), (np.ones(2, np.clongdouble), "<c16"), (np.ones((2, 3)).T, "<f8"), (np.ma.masked_array([1.0], [True]), "<f8"),
])
def test_numbers_of_numpy_become_arrays_of_a_plain_kind(value: Any, dtype: str) -> None:
    """A scalar is no Python number, though it is a subclass of one."""
    got = crossed(value)
    assert (type(got), got.dtype.str, got.shape) == (np.ndarray, dtype, np.shape(value))
    assert np.array_equal(got, np.asarray(value).astype(dtype))


@pytest.mark.parametrize("value", [None, True, 3, 0.5, 1j, "word", [1, [2.0]], (None, ()), {"a": {"b": []}}])
def test_what_is_plain_stays(value: Any) -> None:
    """In type and value."""
    assert repr(crossed(value)) == repr(value)


@pytest.mark.parametrize(("value", "kind", "text"), [
    ({1, 2}, "set", "{1, 2}"), (len, "builtin_function_or_method", "<built-in function len>"), ({1: "a"}, "dict", "{1: 'a'}"),
    ({"a": 1, 2: 3}, "dict", "{'a': 1, 2: 3}"), (int, "type", "<class 'int'>"), (b"raw", "bytes", "b'raw'"),
    (np.array([None]), "array of dtype object", "array([None], dtype=object)"), (np.array(["a"]), "array of dtype <U1", "array(['a'], dtype='<U1')"),
])
def test_what_cannot_cross_is_told_by_its_kind(value: Any, kind: str, text: str) -> None:
    """And by its repr; a dictionary is one with names for keys."""
    assert crossed(value) == Opaque(kind, text)


def test_an_object_that_cannot_be_shown_is_told_all_the_same() -> None:
    """Whatever its repr raises, returns, or pretends; and a class whose metaclass lies keeps its own name."""
    class Ends:
        def __repr__(self) -> str:
            raise SystemExit

    class Long:
        def __repr__(self) -> str:
            return "x" * 10_000

    class Meta(type):
        __name__ = "int"  # type: ignore[assignment]

        def __hash__(cls) -> int:
            raise KeyError

        def __eq__(cls, other: object) -> bool:
            return True

    class Odd(metaclass=Meta):
        def __repr__(self) -> str:
            return LyingStr("odd")

    assert crossed(Ends()) == Opaque("Ends", "<SystemExit while it was being shown>")
    assert crossed(Long()) == Opaque("Long", "x" * MAX_REPR)
    assert crossed(Odd()) == Opaque("Odd", "odd")
    assert crossed([Odd()]) == [Opaque("Odd", "odd")]


def test_an_object_that_claims_another_class_is_none_of_it() -> None:
    """`__class__` is not asked."""
    class Claims:
        __class__ = float  # type: ignore[assignment]

        def __repr__(self) -> str:
            return "1.0"

    assert crossed(Claims()) == Opaque("Claims", "1.0")


# ---- bounds ----------------------------------------------------------------------------------------------------------


def test_whole_numbers_are_bounded() -> None:
    """By their bits, of either sign."""
    for sign in (1, -1):
        assert crossed(sign * (2**MAX_BITS - 1)) == sign * (2**MAX_BITS - 1)
        assert crossed(sign * 2**MAX_BITS) == Opaque("int", f"(an integer of {MAX_BITS + 1} bits)")


def test_texts_are_bounded() -> None:
    """By their length, and by what is left of the budget at four bytes a character."""
    assert crossed("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert crossed("x" * (MAX_TEXT + 1)) == Opaque("str", "x" * MAX_REPR)
    assert crossed("x" * 25, 100) == "x" * 25
    assert crossed("x" * 26, 100) == Opaque("str", "x" * 26)
    assert crossed(["x" * 13, "x" * 13], 100) == ["x" * 13, Opaque("str", "x" * 13)]
    assert crossed("a\ud800") == "a?"
    assert crossed({"\ud800" + "k" * MAX_REPR: 1}) == {"?" + "k" * (MAX_REPR - 1): 1}


@pytest.mark.parametrize("dtype", ["<f8", ">f8"])
def test_arrays_share_a_budget(dtype: str) -> None:
    """The one that is too many is told by its shape; those before it cross."""
    half = np.ones(5, dtype)
    too_large = "array of shape (5,), too large to be returned"
    told = Opaque(too_large, f"(an {too_large}: all arrays of an answer may take 80 bytes)")
    assert [type(v) for v in crossed([half, half], 80)] == [np.ndarray, np.ndarray]
    assert crossed([half, half, half], 80)[2] == told
    assert crossed(np.ones(11, dtype), 80).type == "array of shape (11,), too large to be returned"
    # a long double takes what it becomes
    assert crossed(np.ones(10, np.longdouble), 80).nbytes == 80


@pytest.mark.parametrize("dtype", ["<f8", ">f8"])
def test_axes_are_bounded(dtype: str) -> None:
    """A numpy that has more of them says how many."""
    assert crossed(np.ones((1,) * MAX_NDIM, dtype)).ndim == MAX_NDIM
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        assert crossed(np.ones((1,) * (MAX_NDIM + 1), dtype)).type == f"array of {MAX_NDIM + 1} axes"


@pytest.mark.parametrize("nest", [lambda v: [v], lambda v: (v,), lambda v: {"k": v}], ids=["list", "tuple", "dict"])
def test_nests_are_cut_where_the_wire_would_refuse_them(nest: Any) -> None:
    """What lies deeper is left out, the record around it still fits, and nobody's recursion ends."""
    def depth(value: Any) -> int:
        if isinstance(value, dict):
            return 1 + depth(value["k"])
        return 1 + depth(value[0]) if isinstance(value, list | tuple) else 0

    value: Any = 1
    for _ in range(MAX_DEPTH - 10):
        value = nest(value)
    assert depth(crossed(value)) == MAX_DEPTH - 10
    for _ in range(1000):
        value = nest(value)
    assert depth(crossed(value)) == MAX_DEPTH - 9


def test_values_are_counted() -> None:
    """Half of what a frame holds: the record around them takes the rest."""
    most = MAX_NODES // 2
    full, over = crossed([0] * (most - 1)), crossed([0] * most)
    assert full == [0] * (most - 1)
    assert over == [0] * (most - 1) + [Opaque("int", "(too many values to be returned)")]
