"""How long one submission can keep the grader busy, and how much of its memory it can fill."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from grader.core.observation import Died, Malformed, Observation, Returned, TimedOut
from grader.core.probe import Group, Probe
from grader.runner import conversation, session
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Patience, Program, Source
from grader.runner.zygote import End
from grader.worker.wire import CUT_OFF

MIB = 1 << 20


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    """Much time by the clock, so that it is not what ends anything here."""
    limits = Limits(load_seconds=1.0, repeat_seconds=0.1, wall_factor=30.0, answers=4 * MIB, few=MIB, patience=3.0)
    with ForkServer(limits) as runner:
        yield runner


def observed(server: ForkServer, text: str, *names: str, probes: int = 1, seconds: float = 1.0) -> list[tuple[Observation, ...]]:
    """Answers to so many calls of each function, in order."""
    program = Program((Source("submit", "submit.py", "import ctypes, os, threading, time\nimport numpy as np\n" + text),), dict.fromkeys(names, ("submit",)))
    return server.observe(program, [Group((Probe(n, (1.0,)),) * probes, seconds) for n in names])


def taken(start: float) -> float:
    return time.monotonic() - start


@pytest.mark.parametrize("body", [
    "time.sleep(99)", "threading.Event().wait()", "os.kill(os.getpid(), 19)", "while True: time.sleep(0.01)", "os.read(os.pipe()[0], 1)",
    "threading.Thread(target=time.sleep, args=(99,)).start(); ctypes.CDLL(None).pthread_exit(None)",
])
def test_a_child_that_sleeps_is_not_waited_for_as_long_as_a_busy_one(body: str, server: ForkServer) -> None:
    """It gets as long as it could have computed, and not thirty times that."""
    start = time.monotonic()
    assert observed(server, f"def f(x):\n    {body}\n", "f") == [(TimedOut("wall", 1.0),)]
    assert taken(start) < 25


def test_a_sleep_that_ends_counts_for_nothing(server: ForkServer) -> None:
    """Naps are allowed, and computing between them starts the count again."""
    text = "def f(x):\n    for _ in range(5):\n        time.sleep(0.4)\n        for _ in range(5 * 10**6): pass\n    return x\n"
    assert observed(server, text, "f", seconds=1.5) == [(Returned(1.0),)]


def test_a_child_that_computes_never_counts_as_asleep(server: ForkServer) -> None:
    """In a thread, while the main one waits."""
    text = "def f(x):\n    t = threading.Thread(target=lambda: sum(range(10**9)))\n    t.start()\n    t.join()\n"
    assert observed(server, text, "f", seconds=1.5) == [(TimedOut("cpu", 1.5),)]


def test_the_clock_ends_what_a_busy_machine_lets_nobody_compute() -> None:
    """A quarter of its CPU time by the clock: that is over first, however busy this machine is."""
    with ForkServer(Limits(wall_factor=0.25)) as hurried:
        assert observed(hurried, "def f(x):\n    while True: pass\n", "f", seconds=2.0) == [(TimedOut("wall", 0.5),)]


def test_the_next_question_read_off_the_pipe_costs_seconds(server: ForkServer) -> None:
    """A thread that reads whatever comes keeps nobody else from an answer."""
    text = "def drain():\n    while True: os.read(3, 1 << 16)\ndef f(x):\n    threading.Thread(target=drain, daemon=True).start()\n    return x\ndef g(x): return x\n"
    start = time.monotonic()
    answers = observed(server, text + "h = g\n", "f", "g", "h")
    assert [a.value for (a,) in answers if isinstance(a, Returned)] == [1.0, 1.0, 1.0]
    assert taken(start) < 25


def test_time_that_went_into_answers_tries_nobodys_patience(server: ForkServer) -> None:
    """Four slow answers, an exit, and one more answer."""
    text = "def f(x):\n    end = time.process_time() + 0.9\n    while time.process_time() < end: pass\n    return x\ng = h = i = f\n"
    answers = observed(server, text + "def ends(x): os._exit(0)\ndef ok(x): return x\n", "f", "g", "h", "i", "ends", "ok", seconds=1.5)
    assert [isinstance(a, Returned) for (a,) in answers] == [True] * 4 + [False, True]


@pytest.mark.parametrize("start", ["end = time.process_time() + 0.5\nwhile time.process_time() < end: pass\n", "time.sleep(0.8)\n"])
def test_patience_ends(start: str, server: ForkServer) -> None:
    """A slow start and an exit, again and again: after so many seconds the rest is not asked; what was answered counts."""
    names = [f"f{i}" for i in range(20)]
    text = "".join(f"def {n}(x): os._exit(0)\n" for n in names)
    answers = observed(server, f"{start}def ok(x): return x\n{text}", "ok", *names)
    assert isinstance(answers[0][0], Returned)
    ended = answers.count((Died("exit", 0),))
    assert 3 <= ended <= 15
    assert answers[ended + 1 :] == [(TimedOut("wall", 3.0),)] * (20 - ended)


def test_loading_that_succeeds_tries_the_patience_too(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is slow at it and answers by chance is asked in a process each, as long as it lasts; what two have agreed upon counts."""
    forks: list[object] = []
    fork = server.zygote.fork
    monkeypatch.setattr(server.zygote, "fork", lambda *given: forks.append(given) or fork(*given))
    text = "while time.process_time() < 0.7: pass\nimport itertools\ncount = itertools.count()\n"
    steady, unsteady = [f"ok{i}" for i in range(10)], [f"f{i}" for i in range(10)]
    text += "".join(f"def {n}(x): return x\n" for n in steady) + "".join(f"def {n}(x): return float(next(count))\n" for n in unsteady)
    names = [n for both in zip(steady, unsteady, strict=True) for n in both]
    program = Program((Source("submit", "submit.py", "import time\n" + text),), dict.fromkeys(names, ("submit",)))
    patience = Patience()
    answers = server.observe(program, [Group((Probe(n, (1.0,)),)) for n in names], doubted=names, patience=patience)
    assert patience.tried > 3
    assert len(forks) <= 8
    assert answers[::2] == [(Returned(1.0),)] * 10
    assert {(type(a), a == TimedOut("wall", 3.0)) for (a,) in answers[1::2]} == {(Returned, False), (TimedOut, True)}


def test_what_one_file_took_to_load_is_not_counted_with_the_next(server: ForkServer) -> None:
    """Nor what went into answers between the two."""
    slow = "import time\ndef f(x):\n    end = time.process_time() + 0.5\n    while time.process_time() < end: pass\n    return x\nf(0)\n"
    program = Program((Source("a", "a.py", slow), Source("b", "b.py", "def g(x): return x\n")), {"f": ("a",), "g": ("b",)})
    patience = Patience()
    assert server.observe(program, [Group((Probe(n, (1.0,)),)) for n in "fg"], patience=patience) == [(Returned(1.0),)] * 2
    assert 0.5 <= patience.tried < 0.75


@pytest.mark.parametrize("spare", [False, True])
def test_whoever_waits_for_the_rest_of_a_question_does_not_sleep(spare: bool) -> None:
    """The grader is at other work before it has sent all of it: that is nobody's time."""
    program = Program((Source("submit", "submit.py", "def f(x): return float(x[0])\n"),), {"f": ("submit",)})
    groups = [Group((Probe("f", (np.full(1 << 18, float(i)),)),)) for i in range(6)]
    patience = Patience()
    with ForkServer(Limits()) as busy:

        def answered(*_: object) -> tuple[()]:
            if spare:
                busy.spare.append(lambda: time.sleep(0.6))
            else:
                time.sleep(0.6)
            return ()

        answers = busy.observe(program, groups, answered, patience=patience)
    assert answers == [(Returned(float(i)),) for i in range(6)]
    assert patience.tried < 0.6


def test_sleep_tries_the_patience_however_it_ends(server: ForkServer) -> None:
    """Naps that are short enough for each group, again and again: an answer that was slept for counts, until there were too many."""
    text = "def f(x):\n    time.sleep(0.8)\n    return x\n"
    program = Program((Source("submit", "submit.py", "import time\n" + text),), {"f": ("submit",)})
    answers = server.observe(program, [Group((Probe("f", (float(i),)),)) for i in range(8)], patience=Patience(2.2))
    kinds = [type(a) for (a,) in answers]
    assert kinds == sorted(kinds, key=[Returned, TimedOut].index)
    assert 1 <= kinds.count(Returned) <= 4


@pytest.mark.parametrize("start", ["while True: pass", "import time; time.sleep(99)"])
def test_patience_ends_with_files_that_cannot_be_loaded_too(start: str, server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs a child; after so many seconds the other files that may have a function are not tried."""
    names = [f"m{i}" for i in range(12)]
    forks: list[object] = []
    fork = server.zygote.fork
    monkeypatch.setattr(server.zygote, "fork", lambda *given: forks.append(given) or fork(*given))
    modules = tuple(Source(n, f"{n}.py", f"{start}\ndef f(x): return x\n") for n in names)
    program = Program(modules, {"f": tuple(names), "g": tuple(reversed(names))})
    answers = server.observe(program, [Group((Probe(f, (1.0,)),), 1.0) for f in "fg"])
    assert isinstance(answers[0][0], TimedOut)
    assert answers[1] == (TimedOut("wall", 3.0),)
    assert len(forks) <= 6


def test_what_other_rounds_took_of_the_patience_is_gone(server: ForkServer) -> None:
    """What is left is counted on, and nothing is asked when nothing is."""
    text = "import os, time\ndef f(x):\n    while time.process_time() < 0.3: pass\n    os._exit(0)\n"
    program = Program((Source("submit", "submit.py", text),), {"f": ("submit",)})
    groups = [Group((Probe("f", (1.0,)),), 1.0)]
    patience = Patience(2.75)
    assert server.observe(program, groups, patience=patience) == [(Died("exit", 0),)]
    assert patience.tried > 3
    assert server.observe(program, groups, patience=patience) == [(TimedOut("wall", 3.0),)]


def test_both_children_try_one_patience(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second opinion is no second budget."""
    tried: list[Patience] = []
    ask = session.Session._ask

    def noted(self: session.Session, *given: object) -> object:
        tried.append(self._patience)
        return ask(self, *given)

    monkeypatch.setattr(session.Session, "_ask", noted)
    program = Program((Source("submit", "submit.py", "def f(x): return x\n"),), {"f": ("submit",)})
    mine = Patience()
    server.observe(program, [Group((Probe("f", (1.0,)),))], doubted="f", patience=mine)
    assert len(tried) == 2
    assert all(p is mine for p in tried)


def test_answers_fill_only_so_much_memory(server: ForkServer) -> None:
    """Bulk is cut off, half of what is left for each group; a small answer has its place whatever others took."""
    text = "def f(x): return np.ones(1 << 16)\ng = h = f\ndef ok(x): return x\n"  # 0.5 MiB
    answers = observed(server, text, "f", "g", "ok", "h", probes=3)
    assert [sum(isinstance(a, Returned) for a in group) for group in answers] == [3, 2, 3, 1]
    assert isinstance(answers[1][2], Malformed)
    assert answers[1][2].problem.startswith("its answers to these questions take more than 1,")


def test_a_worker_that_can_write_no_answer_for_want_of_memory_says_so() -> None:
    """It ends with a status of its own; who had no memory left did not close the pipe on purpose."""
    assert conversation._death(End(CUT_OFF, 600 * MIB), "", 1.0, 1024 * MIB) == Died("memory", CUT_OFF, "")
    assert conversation._death(End(CUT_OFF, 400 * MIB), "", 1.0, 1024 * MIB) == Died("exit", CUT_OFF, "")


def test_whoever_fills_the_memory_again_and_again_tries_the_patience_too(server: ForkServer) -> None:
    """Seconds that went into it were not spent on answers."""
    names = [f"f{i}" for i in range(20)]
    text = "".join(f"def {n}(x):\n    end = time.process_time() + 0.5\n    while time.process_time() < end: pass\n    raise MemoryError\n" for n in names)
    answers = observed(server, text, *names)
    filled = sum(getattr(a, "type", "") == "MemoryError" for (a,) in answers)
    assert 3 <= filled <= 8
    assert answers[filled:] == [(TimedOut("wall", 3.0),)] * (20 - filled)


def test_many_small_values_weigh_what_they_take(server: ForkServer) -> None:
    """Empty dicts: three bytes each on the wire, seventy in memory."""
    answers = observed(server, "def f(x): return [{}] * 50_000\n", "f")
    assert isinstance(answers[0][0], Malformed)
    assert isinstance(observed(server, "def f(x): return np.zeros(50_000)\n", "f")[0][0], Returned)
