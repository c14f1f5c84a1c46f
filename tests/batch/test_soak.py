"""A class of submissions that loop, exit, crash, flood and behave, two at a time: reports for all, and nothing left behind.

``GRADE_SOAK=500 pytest tests/batch/test_soak.py`` is the long run.
"""

import contextlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Self

import pytest

from grader.batch.run import Graded
from grader.core.classbook import Status

COUNT = int(os.environ.get("GRADE_SOAK", "24"))
HEAD = "import ctypes, os, threading, time\nimport numpy as np\ndef double(x):\n    return 2 * x\n\ndef square(x):\n    "
MIX = (
    ("while True: pass", "timed_out"), ("os._exit(3)", "died"), ("ctypes.string_at(0)", "died"), ("os.abort()", "died"),
    ("for _ in range(30): print('x' * 2**20)\n    return x * x", ""), ("return np.ones(2**30)", "memory"), ("return x * x", ""),
    ("threading.Thread(target=time.sleep, args=(99,)).start()\n    return x * x", ""),
)
"""What the function does, and the reason for losing its item; empty if it is right."""
GROWTH = 4 << 20  # bytes that a zygote may be larger at the end: its allocator's own business, and what a look meets while it forks

OF_CHILDREN = 10  # descriptors that a worker has for two children: on a busy machine each of some looks may meet both, and of others none


class Watch:
    """Looks at this process's descendants while a run is at work: memory of zygotes, descriptors of workers, zombies."""

    def __init__(self) -> None:
        self.zygotes: dict[int, list[int]] = {}
        self.descriptors: dict[int, list[int]] = {}
        self._others = set(below(os.getpid()))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            for pid in set(below(os.getpid())) - self._others:
                with contextlib.suppress(OSError):
                    self._at(pid)

    def _at(self, pid: int) -> None:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if any(w.endswith(b"grader/worker") for w in words) and below(pid):  # with children: the zygote itself, or bubblewrap
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            dirty = sum(int(v.split()[1]) << 10 for v in lines if "_Dirty" in v)  # shared with a child at the moment, or not
            self.zygotes.setdefault(pid, []).append(dirty)
        if any(b"spawn_main" in w for w in words):
            self.descriptors.setdefault(pid, []).append(opened(pid))


def opened(pid: int) -> int:
    """How many descriptors a process has."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def below(pid: int) -> list[int]:
    """All descendants, zombies included."""
    try:
        children = [int(c) for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    except OSError:
        return []
    return [p for child in children for p in (child, *below(child))]


def grown(sizes: Sequence[int]) -> int:
    """How much larger the second half is. Looks that meet a fork are too low or too high; the lower quartile is neither's."""
    first, second = (sorted(half)[len(half) // 4] for half in (sizes[: len(sizes) // 2 + 1], sizes[len(sizes) // 2 :]))
    return second - first


def test_a_leak_is_seen_and_a_look_that_meets_a_fork_is_none() -> None:
    """As such looks were: 26.0 and 30.6 among 28.2 MB."""
    looks = [size << 10 for size in (28200, 28200, 26000, 28100, 28100, 28100, 28100, 26600, 28200, 30600, 32300, 28100, 28100, 28100, 30600, 28100)]
    assert abs(grown(looks)) < GROWTH // 8
    assert grown([size + (i << 20) for i, size in enumerate(looks)]) > GROWTH


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A class of so many."""
    folder = tmp_path / "class"
    folder.mkdir()
    for i in range(COUNT):
        (folder / f"s{i:03}.py").write_text(f"{HEAD}{MIX[i % len(MIX)][0]}\n# {i}\n")
    return folder


def test_every_submission_ends_with_a_report_and_nothing_grows(mixed: Path, graded: Callable[..., Graded], out: Path) -> None:
    """One row and two reports each, exactly the item of the guilty function lost; no process, no descriptor, no memory is left."""
    resource_tracker.ensure_running()  # of multiprocessing: a process and a pipe that stay until this one ends
    descriptors, others = opened(os.getpid()), set(below(os.getpid()))  # of tests before this one
    with Watch() as watch:
        book = graded(mixed, jobs=2).book
    assert len(book.rows) == COUNT
    for row in book.rows:
        reason = MIX[int(row.key[1:]) % len(MIX)][1]
        assert row.status is Status.GRADED, row
        assert (row.scores["square.values"].reason, row.scores["double.values"].reason) == (reason, ""), row
        report = json.loads((out / row.report).with_suffix(".json").read_text())
        assert [i["outcome"] == "met" for i in report["items"] if i["function"] == "double"] == [True, True]
        assert "</html>" in (out / row.report).read_text()
    assert set(below(os.getpid())) <= others
    assert opened(os.getpid()) <= descriptors
    for sizes in watch.zygotes.values():
        assert grown(sizes) <= GROWTH, sizes
    for counts in watch.descriptors.values():
        assert min(counts[len(counts) // 2 :]) <= min(counts[: len(counts) // 2 + 1]) + OF_CHILDREN, counts
