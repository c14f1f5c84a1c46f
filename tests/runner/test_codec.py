"""Observations to bytes and back, and what of a worker's answer is believed."""

import math

import numpy as np
import pytest

from grader.core.observation import (
    Died,
    Frame,
    HostError,
    Malformed,
    NotAsked,
    Observation,
    Raised,
    Returned,
    StandInCall,
    TimedOut,
    Unavailable,
)
from grader.core.probe import Opaque, Own, Probe, StandIn
from grader.runner import codec
from grader.runner.protocol import Limits
from grader.worker import wire
from grader.worker.wire import Tagged, Tree, WireError, encode, loads

RAISED = Raised("ValueError", "é\n\0", (Frame("a.py", 3, "f", "x = 1"),), "out")
OBSERVATIONS: list[Observation] = [
    Returned(None),
    Returned(-0.0, (0, 2), "printed\x1b[0m", (StandInCall(1, "__call__", (1, "a")),), stale=True),
    Returned([1, (True, 2.5, 1j), {"a": None}, Opaque("T", "<T>"), 10**400]),
    RAISED,
    Unavailable("f"),
    Unavailable("f", RAISED, "a"),
    TimedOut("cpu", 5.0),
    TimedOut("wall", 20.0),
    Died("exit", 3, "last"),
    Died("signal", 11),
    Died("memory", 9),
    Died("output", 25),
    Malformed("half a frame"),
    NotAsked(),
    HostError("no process"),
]


def test_every_observation_survives_a_file() -> None:
    """Equal after the way there and back, in the groups that they were in."""
    groups = [tuple(OBSERVATIONS), (), (NotAsked(),)]
    assert codec.decode_observations(codec.encode_observations(groups)) == groups
    back = codec.decode_observations(codec.encode_observations([OBSERVATIONS]))[0]
    assert math.copysign(1, back[1].value) == -1


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.bool_, np.complex128])
def test_arrays_survive_a_file_bit_by_bit(dtype: type) -> None:
    """NaN, infinities, negative zero, no entries at all, no axes at all."""
    for value in (np.array([np.nan, -0.0, np.inf]).astype(bool if dtype is np.bool_ else float), np.zeros((0, 3)), np.array(1.5)):
        array = value.astype(dtype) if dtype is not np.int64 else np.asarray(np.nan_to_num(value, posinf=9)).astype(dtype)
        (back,) = codec.decode_observations(codec.encode_observations([[Returned(array)]]))[0]
        assert (back.value.dtype, back.value.shape, back.value.tobytes()) == (array.dtype, array.shape, array.tobytes())


@pytest.mark.parametrize("data", [b"", b"x", encode([{"kind": "nothing"}])[:-1], encode([{"kind": "nothing"}]), encode({})])
def test_other_files_are_refused(data: bytes) -> None:
    """Cut short, of another kind; nothing at all is no observations."""
    if not data:
        assert codec.decode_observations(data) == []
        return
    with pytest.raises(WireError):
        codec.decode_observations(data)


GOOD: dict[str, Tree] = {"kind": "returned", "value": 1, "changed": [0], "printed": "", "calls": [(0, "m", (1,))]}
BAD: dict[str, Tree] = {"kind": "raised", "type": "E", "message": "m", "frames": [("a", 1, "f", "t")], "printed": ""}


def test_an_answer_is_read_field_by_field() -> None:
    """The two outcomes that a worker can tell."""
    assert codec.answer(GOOD, Limits()) == Returned(1, (0,), "", (StandInCall(0, "m", (1,)),))
    assert codec.answer(BAD, Limits()) == Raised("E", "m", (Frame("a", 1, "f", "t"),), "")


@pytest.mark.parametrize(
    "tree",
    [
        None, [], 3, {}, {"kind": ["returned"]}, {"kind": "host_error", "problem": "x"}, {"kind": "unavailable", "function": "f"},
        {"kind": "timed_out", "clock": "cpu", "seconds": 1.0}, {"kind": "not_asked"},
        {**GOOD, "changed": [True]}, {**GOOD, "changed": 1}, {**GOOD, "printed": None},
        {**GOOD, "calls": [1]}, {**GOOD, "calls": [(0, 1, ())]}, {**GOOD, "calls": [("0", "m", ())]}, {**GOOD, "value": b"x"},
        {**GOOD, "value": [Tagged("own", {"function": "f"})]}, {**GOOD, "value": Tagged("opaque", {"type": 1, "text": ""})},
        {**BAD, "frames": [()]}, {**BAD, "frames": None}, {**BAD, "message": 1}, {**BAD, "type": np.zeros(2)},
    ],
)  # fmt: skip
def test_an_answer_of_another_form_is_refused(tree: Tree) -> None:
    """Every outcome that is the grader's to state, every field of another type."""
    with pytest.raises(WireError):
        codec.answer(tree, Limits())


def test_texts_are_bounded_again_on_this_side() -> None:
    """Whatever the worker sends, a report cannot be flooded."""
    raised = codec.answer({**BAD, "message": "x" * 10**6, "frames": BAD["frames"] * 1000, "printed": "y" * 10**6}, Limits(output=10))
    assert (len(raised.message), len(raised.frames), len(raised.printed)) == (2000, 20, 2010)


@pytest.mark.parametrize(("line", "shown"), [(10**1000, codec.LAST_LINE), (-(10**1000), 0), (186, 186)])
def test_the_number_of_a_line_fits_on_one(line: int, shown: int) -> None:
    """Whoever forges a traceback may give it any."""
    raised = codec.answer({**BAD, "frames": [("a", line, "f", "t")]}, Limits())
    assert [f.line for f in raised.frames] == [shown]


def test_a_module_is_read_field_by_field() -> None:
    """Functions that nobody asked for do not count."""
    assert codec.loaded({"kind": "loaded", "defines": ["f", "x"], "error": None}, ["f"], Limits()) == (frozenset({"f"}), None)
    assert codec.loaded({"kind": "loaded", "defines": [], "error": BAD}, ["f"], Limits())[1].type == "E"
    for tree in (GOOD, {"kind": "loaded"}, {"kind": "loaded", "defines": [1], "error": None}, {"kind": "loaded", "defines": [], "error": 3}):
        with pytest.raises(WireError):
            codec.loaded(tree, ["f"], Limits())


def test_arguments_cross_as_data() -> None:
    """Stand-ins and own functions are named records; numpy's scalars are plain numbers."""
    args = (np.float64(0.5), Own("g"), StandIn("sampler", {"script": np.array([1, 2])}, 3), [1, {"a": (2,)}])
    ((function, back),) = loads(encode(codec.calls_tree([Probe("f", args)])))["calls"]
    assert function == "f"
    assert back[0] == 0.5
    assert type(back[0]) is float
    assert (back[1].name, back[1].fields) == ("own", {"function": "g"})
    assert (back[2].name, back[2].fields["name"], back[2].fields["record"]) == ("stand_in", "sampler", 3)
    assert back[3] == [1, {"a": (2,)}]


def test_whatever_a_worker_may_answer_can_be_stored() -> None:
    """Each answer within bounds of its own, many of them in one round: as many values and as deep as are read."""
    deep = b'["l",' * (wire.MAX_DEPTH - 1) + b"1" + b"]" * (wire.MAX_DEPTH - 1)
    many = b'["l"' + b",1" * (wire.MAX_NODES - 10) + b"]"
    frames = [wire.PREFIX.pack(wire.MAGIC, len(header), 0) + header for v in (deep, many) if (header := b'{"kind":"returned","value":' + v + b"}")]
    answers = tuple(codec.answer(wire.opened(frame), Limits()) for frame in frames)
    assert codec.decode_observations(codec.encode_observations([answers * 3])) == [answers * 3]


def test_addresses_in_memory_are_not_told() -> None:
    """They differ in each process, and a replay says the same; near misses: numbers that a student writes in base 16."""
    said = "<hw.Net object at 0x7f3a51c0d9d0> and <code object f at 0x55d0a1b2, line 1>, 0x7f3a51c0d9d0, starts at 0x10"
    told = "<hw.Net object at 0x...> and <code object f at 0x..., line 1>, 0x7f3a51c0d9d0, starts at 0x10"
    opaque = Tagged("opaque", {"type": "Net", "text": said})
    assert codec.answer({"kind": "returned", "value": opaque, "printed": said}, Limits()) == Returned(Opaque("Net", told), printed=told)
    raised = {"kind": "raised", "type": "ValueError", "message": said, "frames": [], "printed": said}
    assert codec.answer(raised, Limits()) == Raised("ValueError", told, (), told)


def test_where_a_module_is_installed_is_not_told() -> None:
    """That is another place on each machine; near misses: the submission's own files, and what a student writes in brackets."""
    said = "cannot import name 'x' from 'numpy.core' (/opt/venv/lib/python3.11/site-packages/numpy/core/__init__.py)"
    own = "cannot import name 'x' from 'q1' (q1.py); a 'b' (/c) and (/opt/venv/a.py)"
    for message, told in ((said, "cannot import name 'x' from 'numpy.core'"), (own, own)):
        raised = {"kind": "raised", "type": "ImportError", "message": message, "frames": [], "printed": ""}
        assert codec.answer(raised, Limits()) == Raised("ImportError", told)
