"""What the walls cost: each level against level F (processes and limits, no walls), as ratios within one run.

Run with ``python tests/benchmarks/isolation.py``. Levels take turns, so that a machine that slows down slows all of them.
Targets: a submission at most 1.15 times, a confined numpy call at most 1.1 times.
"""

import resource
import statistics
import sys
import time

import numpy as np

from grader.core.probe import Group, Probe
from grader.runner.forkserver import ForkServer
from grader.runner.levels import bubblewrap
from grader.runner.protocol import Program, Source

SUBMISSIONS = 60
CALLS = 12
TEXT = """
import numpy as np
def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
def heavy(x):
    import time
    start = time.process_time()
    for _ in range(20):
        np.linalg.svd(x), x @ x, np.exp(x).sum()
    return time.process_time() - start
"""
PROGRAM = Program((Source("submit", "submit.py", TEXT),), {"softmax": ("submit",), "heavy": ("submit",)})
ITEMS = [Group((Probe("softmax", (np.ones((10, 5)) * n,)),) * 12) for n in range(12)]
HEAVY = [Group((Probe("heavy", (np.random.default_rng(0).normal(size=(150, 150)),)),), 60.0)]


def submission(server: ForkServer) -> float:
    """Wall-clock seconds of one submission: a child, twelve items of twelve calls, its end."""
    start = time.perf_counter()
    server.observe(PROGRAM, ITEMS)
    return time.perf_counter() - start


def bare(server: ForkServer) -> float:
    """Wall-clock seconds of a submission that has next to nothing to compute."""
    start = time.perf_counter()
    server.observe(PROGRAM, ITEMS[:1])
    return time.perf_counter() - start


def call(server: ForkServer) -> float:
    """CPU seconds that a child says that a numpy call took."""
    return server.observe(PROGRAM, HEAVY)[0][0].value


def started(level: str) -> tuple[float, float]:
    """Wall-clock and CPU seconds until a worker is ready."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with ForkServer(level=level) as server:
        assert server.isolation
        wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(what: str, measured: dict[str, list[float]]) -> None:
    """Print medians and the median of the ratios turn by turn."""
    for level, seconds in measured.items():
        ratio = statistics.median(s / f for s, f in zip(seconds, measured["F"], strict=True))
        print(f"{what:<28} {level:<5} {statistics.median(seconds) * 1e3:8.2f} ms   x {ratio:.3f} of F")


def main(levels: list[str]) -> None:
    """Measure and print."""
    compare("start, wall", {level: [started(level)[0] for _ in range(7)] for level in levels})
    compare("start, CPU", {level: [started(level)[1] for _ in range(7)] for level in levels})
    servers = {level: ForkServer(level=level) for level in levels}
    try:
        for what, measure, turns in (("submission, wall", submission, SUBMISSIONS), ("one item, wall", bare, SUBMISSIONS * 3), ("numpy call, CPU", call, CALLS)):
            measured: dict[str, list[float]] = {level: [] for level in levels}
            for turn in range(turns + 2):
                for level, server in servers.items():
                    seconds = measure(server)
                    if turn >= 2:  # the first ones warm caches
                        measured[level].append(seconds)
            compare(what, measured)
    finally:
        for server in servers.values():
            server.close()


if __name__ == "__main__":
    main(sys.argv[1:] or ["F", "B", "C", *(["A"] if bubblewrap() else [])])
