"""How long `grade submit.py` takes from a cold start, as a ratio to importing what it is made of.

Run with ``python tests/benchmarks/cold_start.py``. The two commands alternate, so that a machine that slows down slows both.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAIRS = 15
IMPORTS = [sys.executable, "-c", "import numpy, pydantic, jinja2, typer"]


def measured(command: list[str]) -> tuple[float, float]:
    """Wall-clock and CPU seconds of one command and all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the median ratios, wall and CPU."""
    with tempfile.TemporaryDirectory() as out:
        example = "submissions_example/cs224n_a1/wrong_neural_mean.py"
        grade = [str(Path(sys.executable).parent / "grade"), example, "--out", out]
        for command in (grade, IMPORTS):
            measured(command)  # byte code and template are compiled once, by the first run after installing
        pairs = [(measured(grade), measured(IMPORTS)) for _ in range(PAIRS)]
    for n, what in enumerate(("wall", "cpu")):
        ratios = sorted(g[n] / i[n] for g, i in pairs)
        print(f"grade submit.py / import of its packages, {what}: median {statistics.median(ratios):.2f}, "
              f"{ratios[0]:.2f} to {ratios[-1]:.2f}   ({statistics.median(g[n] for g, _ in pairs):.3f} s "
              f"against {statistics.median(i[n] for _, i in pairs):.3f} s, {PAIRS} pairs)")


if __name__ == "__main__":
    main()
