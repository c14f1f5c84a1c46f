"""Groups are put before their turn, and answers are sent together: nobody's time, answer or process is another's for that."""

import os
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from grader.core.observation import Observation, Returned
from grader.core.probe import Group, Probe
from grader.runner import zygote
from grader.runner.conversation import Conversation
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program, Source
from grader.runner.zygote import Child, Zygote
from grader.worker.replies import CAPACITY, HEAD
from grader.worker.wire import encode

BURN = "import time\ndef burn(seconds):\n    end = time.process_time() + seconds\n    while time.process_time() < end: pass\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Limits(wall_factor=60.0)) as runner:
        yield runner


def observed(server: ForkServer, files: dict[str, str], *calls: tuple[str, float]) -> tuple[list[tuple[Observation, ...]], list[str]]:
    """Answers to one call of each function with its number, in seconds of so much; and the remarks."""
    program = Program(tuple(Source(name, f"{name}.py", text) for name, text in files.items()), {f: tuple(files) for f, _ in calls})
    remarks: list[str] = []

    def answered(_number: int, _answers: tuple[Observation, ...], remark: str) -> tuple[Group, ...]:
        remarks.append(remark)
        return ()

    return server.observe(program, [Group((Probe(f, (float(i),)),), seconds) for i, (f, seconds) in enumerate(calls)], answered), remarks


def test_a_slow_question_has_its_own_time(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it was put together with quick ones of less time, whose answers had not been sent when it began."""
    put, waiting = Conversation.put, list[int]()
    monkeypatch.setattr(Conversation, "put", lambda self, *args: (put(self, *args), waiting.append(len(self.waiting)))[0])
    files = {"hw": BURN + "def quick(x): return x\ndef slow(x):\n    burn(0.9)\n    return x\n"}
    calls = [*[("quick", 0.5)] * 12, ("slow", 5.0), ("quick", 0.5)]
    assert observed(server, files, *calls) == ([(Returned(float(i)),) for i in range(len(calls))], [""] * len(calls))
    assert max(waiting) > 4


@pytest.mark.parametrize("place", [-4, -9, -40])
def test_a_question_of_which_a_byte_was_taken_is_not_answered(place: int, server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As whoever reads from the child's pipe does: the rest moves up, and other numbers would be the right answer to nothing."""
    groups = [Group((Probe("f", (np.arange(3.0) + i,)),)) for i in range(9)]
    put, taken = Conversation.put, list[Group]()

    def without(self: Conversation, group: Group, frame: bytes) -> None:
        take = group is groups[4] and not taken
        taken.extend([group] if take else [])
        put(self, group, frame[:place] + frame[place + 1:] if take else frame)

    monkeypatch.setattr(Conversation, "put", without)
    monkeypatch.setattr(Zygote, "number", lambda *_: None)  # as before a class has learned them
    answers = server.observe(Program((Source("hw", "hw.py", "def f(x): return x\n"),), {"f": ("hw",)}), groups)
    assert taken
    assert [a.value.tolist() for (a,) in answers] == [[i, i + 1.0, i + 2.0] for i in range(9)]  # type: ignore[union-attr]


def test_a_group_that_is_put_twice_is_answered_in_its_turn(server: ForkServer) -> None:
    """It waits once at a time, and what comes after it does not overtake it."""
    program = Program((Source("hw", "hw.py", "def f(x): return x\n"),), {"f": ("hw",)})
    groups = {name: Group((Probe("f", (name,)),)) for name in "zabc"}
    order = "zabacbaazcz" * 2
    answers = server.observe(program, [groups[name] for name in order])
    assert "".join(a.value for (a,) in answers if isinstance(a, Returned) and isinstance(a.value, str)) == order


def test_functions_of_files_that_are_loaded_one_after_the_other(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is what the child has loaded; all in one process, and every answer goes to its question."""
    forks: list[object] = []
    fork = Zygote.fork
    monkeypatch.setattr(Zygote, "fork", lambda *args: (forks.append(args), fork(*args))[1])
    files = {"one": "def f(x): return ('f', x)\n", "two": "def g(x): return ('g', x)\n", "three": "def h(x): return ('h', x)\n"}
    names = ["f", "f", "g", "f", "absent", "h", "g", "f", "h", "absent", "f"]
    answers, remarks = observed(server, files, *((name, 1.0) for name in names))
    assert [getattr(a, "value", None) for (a,) in answers] == [None if n == "absent" else (n, float(i)) for i, n in enumerate(names)]
    assert (len(forks), set(remarks)) == (1, {""})


def test_what_a_child_is_just_sending_is_not_read_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its memory other answers may lie there already."""
    shared, answer = os.memfd_create("answers"), encode("new")
    child = Child(SimpleNamespace(children=set(), outer=False), 0, -1, -1, -1, -1, shared, "")  # type: ignore[arg-type]
    os.ftruncate(shared, HEAD.size + CAPACITY)
    os.pwrite(shared, HEAD.pack(5, len(answer)) + answer, 0)
    assert child.unsent(5) == answer
    pread = os.pread

    def slowly(fd: int, size: int, at: int) -> bytes:
        found = pread(fd, size, at)
        os.pwrite(shared, HEAD.pack(5 + len(answer), 1), 0)
        return found

    monkeypatch.setattr(zygote.os, "pread", slowly)
    assert child.unsent(5) == b""
    os.close(shared)
