"""``python tests/benchmarks/fuzz_wire.py 1000000``: mutated frames, read until one raises anything but a `WireError`.

A short run is in ``tests/worker/test_wire.py``; the mutations are its.
"""

import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.worker.test_wire import fuzz

_BATCH = 50_000
_MEMORY = 64 << 20  # bytes that the process may grow by


def main(count: int) -> None:
    """So many frames in batches of different seeds; says how many were still frames, how long it took, how far memory went."""
    fuzz(1000, seed=0)
    start, before, read = time.perf_counter(), _peak(), 0
    for seed in range(-(-count // _BATCH)):
        read += fuzz(min(_BATCH, count - seed * _BATCH), seed=seed)
    seconds, grown = time.perf_counter() - start, _peak() - before
    print(f"{count} frames in {seconds:.0f} s ({seconds / count * 1e6:.0f} us each): {read} were read, the others refused; "
          f"memory grew by {grown / 2**20:.1f} MB")
    if grown > _MEMORY:
        sys.exit("that is too much memory")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
