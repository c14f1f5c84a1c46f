"""A bounded mix of submissions that loop, exit, crash, flood, fill the memory and behave, by two runners at a time.

``GRADE_SOAK=500 pytest tests/runner/test_soak.py`` is the long run.
"""

import gc
import os
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.core.observation import Died, HostError, Observation, Raised, Returned, TimedOut
from grader.core.probe import Group, Probe
from grader.runner import session
from grader.runner.conversation import Conversation
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program, Source

RUNS = int(os.environ.get("GRADE_SOAK", "40"))
X = np.arange(6.0).reshape(2, 3)
LIMITS = Limits(load_seconds=1.0, repeat_seconds=0.05, wall_factor=10.0, memory=1 << 28)
SECONDS = 0.05  # CPU, for each function; honest ones take a thousandth
MIX = (
    ("while True: pass", TimedOut), ("os._exit(3)", Died), ("ctypes.string_at(0)", Died), ("os.abort()", Died),
    ("for _ in range(30): print('x' * 2**20)\n    return x", Returned), ("return np.ones(2**30)", Raised), ("return x + 1", Returned),
    ("return f(x)", Raised), ("threading.Thread(target=time.sleep, args=(99,)).start()\n    return x", Returned),
)
_GROWTH = 1 << 20  # bytes that a zygote may be larger after hundreds of children: its allocator's own business
_SLACK = 15.0  # times what the limits grant: starting children on a busy machine, not waiting


def run(server: ForkServer, body: str) -> list[Observation]:
    """Right, hostile, right."""
    text = f"import ctypes, os, threading, time\nimport numpy as np\ndef ok(x):\n    return x * 2\ndef f(x):\n    {body}\n"
    program = Program((Source("submit", "submit.py", text),), {"f": ("submit",), "ok": ("submit",)})
    groups = [Group((Probe(name, (X,)),), 5.0 if name == "ok" else SECONDS) for name in ("ok", "f", "ok")]
    return [answer for (answer,) in server.observe(program, groups)]


def memory(family: list[int]) -> int:
    """Bytes that are these processes' own."""
    lines = [line for pid in family for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_Dirty"))


def descendants(pid: int) -> list[int]:
    """A process and all below it, zombies included."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(p for child in below for p in descendants(int(child)))]


def job(problems: list[str], count: int) -> None:
    """So many submissions in one runner; what was not as it should be."""
    with ForkServer(LIMITS, "best-effort") as server:
        run(server, "return x")
        zygote, sizes = server.zygote.pid, []
        family = descendants(zygote)  # a level may have a process around the zygote itself
        for i in range(count):
            body, kind = MIX[i % len(MIX)]
            start = time.monotonic()
            before, answer, after = run(server, body)
            if time.monotonic() - start > SECONDS * LIMITS.wall_factor * _SLACK:
                problems.append(f"{body}: took {time.monotonic() - start:.1f} s")
            if not isinstance(answer, kind):
                problems.append(f"{body}: {answer}")
            if isinstance(before, HostError) or not all(np.array_equal(o.value, X * 2) for o in (before, after)):
                problems.append(f"{body}: {before}, {after}")
            if i % len(MIX) == len(MIX) - 1:
                sizes.append(memory(family))
        if server.zygote.pid != zygote:
            problems.append("the zygote was lost")
        elif sizes[-1] > sizes[0] + _GROWTH:
            problems.append(f"the zygote grew: {sizes}")
        elif descendants(zygote) != family:
            problems.append(f"processes were left: {descendants(zygote)}, not {family}")
        print(f"zygote: {sizes[0] >> 10} kB after the first round, {sizes[-1] >> 10} kB after the last")


def test_a_mix_of_hostile_submissions_leaves_nothing() -> None:
    """Two at a time: every one ends within its limits with observations; no zombie, no descriptor, no memory is left."""
    descriptors, family = len(list(Path("/proc/self/fd").iterdir())), descendants(os.getpid())
    problems: list[str] = []
    jobs = [threading.Thread(target=job, args=(problems, RUNS // 2)) for _ in range(2)]
    for one in jobs:
        one.start()
    for one in jobs:
        one.join()
    assert problems == []
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    assert descendants(os.getpid()) == family


def test_a_conversation_goes_without_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold what a child sent and nobody read; in a class, the collector looks for circles every thirty submissions or so."""
    held: list[weakref.ref[Conversation]] = []

    class Noted(Conversation):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            held.append(weakref.ref(self))

    monkeypatch.setattr(session, "Conversation", Noted)
    gc.disable()
    try:
        with ForkServer(LIMITS) as server:
            for body in ("return x + 1", "os._exit(3)", "while True: pass"):
                run(server, body)
            assert len(held) > 3
            assert [ref for ref in held if ref() is not None] == []
    finally:
        gc.enable()
