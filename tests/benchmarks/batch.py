"""What a class costs, as ratios in one run: against a bare loop of as many jobs, against an import of numpy, 10 times as many.

Run with ``python tests/benchmarks/batch.py [SMALL [LARGE]] [--jobs N] [--turns N]``; 200, 2000 and 3 turns if left out. The submissions are the examples
that end by themselves, each copy with a comment of its own. The bare loop forks, loads the file, calls the same probes, pickles the
answers and waits (see ``submission.py``), for the same submissions in as many processes as the run has workers; the time that those
need to start is not counted. The same probes are those that the grader puts to the submission; another ratio is to the loop over the
planned ones, without those that explain what a wrong one loses. Runs and loops take turns, and the median over the turns counts: a
machine's speed changes in a minute. What is done with a finished run is measured right after it, judging again several times, there and back.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "submissions_example/cs224n_a1"
SLUG = "cs224n_a1"
_IMPORTS = 10


def generate(folder: Path, count: int) -> Path:
    """So many different submissions: right, wrong, near and stub ones in turn."""
    folder.mkdir(parents=True)
    kinds = sorted(p for p in EXAMPLES.glob("*.py") if p.stem.split("_")[0] in ("right", "near", "wrong", "stub"))
    for i in range(count):
        kind = kinds[i % len(kinds)]
        (folder / f"{kind.stem}_{i:05}.py").write_bytes(kind.read_bytes() + f"\n# submission {i}\n".encode())
    return folder


def measured(action: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and CPU seconds, children's included, of an action."""
    def cpu() -> float:
        return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))

    started, spent = time.perf_counter(), cpu()
    action()
    return time.perf_counter() - started, cpu() - spent


def grade(*args: object) -> int:
    """Run a command; the most memory that its parent process had, in bytes."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.Popen([sys.executable, "-m", "grader", *map(str, args), "--course", str(ROOT), "-q"], env=environment, stdout=subprocess.DEVNULL)
    peak = [0]

    def watch() -> None:
        while run.poll() is None:
            with suppress(OSError, StopIteration):
                status = Path(f"/proc/{run.pid}/status").read_text().splitlines()
                peak[0] = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    if run.wait():
        raise SystemExit(f"grade {args} ended with {run.returncode}")
    watcher.join()
    return peak[0]


def bare_all(files: list[Path]) -> tuple[float, float]:
    """Wall-clock seconds of the bare loop over these: with the probes that are planned for all, and with those put to each."""
    from grader.course import load_assignment
    from grader.submission import open_submission
    from grader.trial import Trial

    sys.path.insert(0, str(Path(__file__).parent))
    from submission import Noting, asked, bare

    assignment = load_assignment(ROOT, SLUG)
    trial = Trial(assignment.default_seed, assignment.interface, assignment.oracle)
    planned = [p for item in assignment.rubric.items for p in item.check.plan(trial)]
    kinds = {file: file.stem.rpartition("_")[0] for file in files}
    with Noting() as runner:
        put = {kind: asked(assignment, open_submission(file), runner, trial) for kind, file in {k: f for f, k in kinds.items()}.items()}
    sources = {file: file.read_text(encoding="utf-8-sig") for file in files}
    seconds = [0.0, 0.0]
    for file, source in sources.items():  # in turn: a machine that slows down slows both
        for n, probes in enumerate((planned, put[kinds[file]])):
            started = time.perf_counter()
            bare(source, probes)
            seconds[n] += time.perf_counter() - started
    return seconds[0], seconds[1]


def bare(folder: Path, jobs: int) -> tuple[float, float]:
    """Wall-clock seconds of the bare loops for a class, in as many processes: the longest of them."""
    files = sorted(folder.iterdir())
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        planned, put = zip(*pool.map(bare_all, [files[i::jobs] for i in range(jobs)]), strict=True)
    return max(planned), max(put)


def import_of_numpy() -> float:
    """CPU seconds that one takes."""
    return measured(lambda: [subprocess.run([sys.executable, "-c", "import numpy"], check=True) for _ in range(_IMPORTS)])[1] / _IMPORTS


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("small", type=int, nargs="?", default=200)
    parser.add_argument("large", type=int, nargs="?", default=2000)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--turns", type=int, default=3)
    wish = parser.parse_args()
    peaks: dict[int, int] = {}
    walls: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        at = Path(scratch)
        for count in (10, wish.small, wish.large):
            folder = generate(at / f"class{count}", count)

            def run(folder: Path = folder, count: int = count) -> None:
                peaks[count] = grade(folder, "--out", at / f"run{count}", "--jobs", wish.jobs)

            walls[count], cpu = measured(run)
            print(f"{count} submissions: {1000 * walls[count] / count:.1f} ms wall and {1000 * cpu / count:.1f} ms CPU each; "
                  f"parent's peak {peaks[count] >> 20} MB; cores busy {cpu / walls[count]:.2f}", flush=True)
        folder, graded, changed = at / f"class{wish.large}", at / f"run{wish.large}", _changed_course(at)
        again, _ = measured(lambda: grade(folder, "--out", graded, "--jobs", wish.jobs))  # all that goes with one run, right after it
        courses = (changed, *(ROOT, changed) * (wish.turns - 1))  # there and back, and there at the end
        judged = [measured(partial(_rejudge, graded, course, "--no-reports"))[0] for course in courses]
        written, _ = measured(partial(_rejudge, graded, changed, "--jobs", str(wish.jobs)))
        loops, stored, numpy = [bare(folder, wish.jobs)], list[float](), import_of_numpy()
        for turn in range(wish.turns):
            stored.append(measured(partial(grade, folder, "--out", at / f"stored{turn}", "--jobs", wish.jobs, "--no-reports"))[0])
            loops.append(bare(folder, wish.jobs))
        numpy = (numpy + import_of_numpy()) / 2
    whole = walls[wish.large]
    for n, what in ((1, f"bare loop of {wish.jobs} jobs"), (0, "bare loop of the planned probes alone")):
        ratios = [wall / statistics.mean((before[n], after[n])) for wall, before, after in zip(stored, loops, loops[1:], strict=False)]
        turns, loop = ", ".join(f"{r:.2f}" for r in ratios), statistics.median(seconds[n] for seconds in loops)
        print(f"judged and stored / {what}: {statistics.median(ratios):.2f} ({turns}); with reports: {whole / loop:.2f}")
    print(f"CPU of one / CPU of `import numpy`: {cpu / wish.large / numpy:.2f}")
    print(f"cost of one at {wish.large} / at {wish.small}: {whole / wish.large / (walls[wish.small] / wish.small):.2f}")
    print(f"parent's peak memory at {wish.large}, beyond that at 10: {(peaks[wish.large] - peaks[10]) / (1 << 20):.0f} MB")
    print(f"the same command again, nothing to do: {100 * again / whole:.1f} % of grading")
    turns = ", ".join(f"{100 * seconds / whole:.1f}" for seconds in judged)
    print(f"judging again after a tolerance and a points change: {100 * statistics.median(judged) / whole:.1f} % of grading ({turns}); "
          f"writing all reports anew: {100 * written / whole:.1f} %")


def _changed_course(at: Path) -> Path:
    """The course with one item's points and another's tolerance changed."""
    course = at / "course"
    course.mkdir()
    (course / "reference").symlink_to(ROOT / "reference")
    rubric = (ROOT / f"rubrics/{SLUG}.toml").read_text()
    (course / "rubrics").mkdir()
    changed = rubric.replace("points = 4", "points = 5", 1).replace('function = "sigmoid",', 'function = "sigmoid", rtol = 1e-5, atol = 1e-8,', 1)
    (course / f"rubrics/{SLUG}.toml").write_text(changed)
    return course


def _rejudge(run: Path, course: Path, *options: str) -> None:
    subprocess.run([sys.executable, "-m", "grader", "rejudge", run, "--course", course, "-q", *options], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
