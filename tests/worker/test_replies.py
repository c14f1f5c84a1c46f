"""Answers on their way: sent together, and none lost with the process."""

import os
from mmap import mmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.worker import replies as replies_module
from grader.worker.replies import CAPACITY, HEAD, LATE, Replies, left
from grader.worker.wire import FrameReader, WireError, encode


@pytest.fixture
def pipe():
    """A pipe whose reader does not block."""
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    yield ends
    for fd in ends:
        os.close(fd)


def shared() -> mmap:
    return mmap(-1, HEAD.size + CAPACITY)


def test_answers_wait_until_they_are_flushed(pipe) -> None:
    """Nothing is written for a single answer."""
    memory = shared()
    replies, reader = Replies(pipe[1], memory), FrameReader()
    replies.add(encode(1))
    replies.add(encode(2))
    assert reader.read(pipe[0]) is None
    replies.flush()
    assert [reader.read(pipe[0]), reader.read(pipe[0]), reader.read(pipe[0])] == [(1,), (2,), None]


def test_what_was_not_sent_is_found(pipe) -> None:
    """The reader goes on with what lies in the shared memory, once the stream has ended."""
    memory = shared()
    replies = Replies(pipe[1], memory)
    reader = FrameReader(rest=lambda received: left(bytes(memory), received))
    replies.add(encode("sent"))
    replies.flush()
    replies.add(encode("kept"))
    assert reader.read(pipe[0]) == ("sent",)
    assert reader.read(pipe[0]) is None
    assert reader.finish()
    assert reader.read(pipe[0]) == ("kept",)
    assert reader.read(pipe[0]) is None
    assert not reader.finish()


def test_what_was_read_ahead_is_not_read_again(pipe) -> None:
    """When it comes through the pipe, too; however much of it at a time."""
    memory = shared()
    replies, reader = Replies(pipe[1], memory), FrameReader(rest=lambda received: left(bytes(memory), received))

    def look() -> bool:
        return reader.look_ahead(lambda received: left(bytes(memory), received))

    replies.add(encode("one"))
    assert (look(), look(), reader.read(pipe[0])) == (True, False, ("one",))
    replies.add(encode("two"))
    assert (look(), reader.read(pipe[0]), reader.read(pipe[0])) == (True, ("two",), None)
    replies.add(encode("three"))
    replies.flush()
    assert (reader.read(pipe[0]), look(), reader.read(pipe[0])) == (("three",), False, None)
    replies.add(encode("four"))
    assert (look(), reader.finish(), reader.read(pipe[0])) == (True, False, ("four",))


def test_answers_are_late_when_nothing_was_sent_for_a_while(monkeypatch: pytest.MonkeyPatch, pipe) -> None:
    """Counted from the last time that any were sent."""
    now = [0.0]
    monkeypatch.setattr(replies_module, "_monotonic", lambda: now[0])
    replies = Replies(pipe[1], shared())
    for moment, late in ((LATE, False), (LATE + 0.001, True)):
        now[0] = moment
        assert replies.are_late() is late
    replies.flush()
    assert not replies.are_late()


@given(st.integers(0, 40))
def test_no_byte_is_lost_or_read_twice(cut: int) -> None:
    """Wherever a write was cut short, stream and memory together are the whole."""
    memory = shared()
    whole = b"".join(encode(i) for i in range(2))
    memory[HEAD.size : HEAD.size + len(whole)] = whole
    HEAD.pack_into(memory, 0, 100, len(whole))
    assert whole[:cut] + left(bytes(memory), 100 + min(cut, len(whole))) == whole


@pytest.mark.parametrize(("head", "received"), [((5, 3), 4), ((5, 3), 9), ((0, 2**63), 2**63), ((2**64 - 1, 2**64 - 1), 0)])
def test_a_head_that_contradicts_the_stream_gives_nothing(head: tuple[int, int], received: int) -> None:
    """It was written by a hostile process; no number in it is more than a hint."""
    memory = shared()
    HEAD.pack_into(memory, 0, *head)
    assert len(left(bytes(memory), received)) <= CAPACITY
    assert left(b"short", 0) == b""


def test_an_answer_larger_than_the_memory_is_sent_at_once_and_in_order(pipe) -> None:
    """Order is kept between small answers that wait and a large one that cannot."""
    memory, large = shared(), bytes(CAPACITY + 1)
    reader, found = FrameReader(), []
    if os.fork() == 0:
        replies = Replies(pipe[1], memory)
        for value in ("a", large, "b"):
            replies.add(encode(value))
        replies.flush()
        os._exit(0)
    os.set_blocking(pipe[0], True)
    while len(found) < 3:
        found.append(reader.read(pipe[0]))
    os.wait()
    assert found == [("a",), (large,), ("b",)]


def test_half_a_frame_at_the_end_is_no_answer(pipe) -> None:
    """Neither in the pipe nor in the memory."""
    memory = shared()
    reader = FrameReader(rest=lambda received: left(bytes(memory), received))
    HEAD.pack_into(memory, 0, 0, 7)
    assert reader.finish()
    with pytest.raises(WireError, match="ends in the middle"):
        reader.read(pipe[0])
