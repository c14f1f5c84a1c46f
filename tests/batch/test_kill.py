"""A run that ends in the middle, however it does: nothing is lost, nothing is graded twice, nobody is left running.

``GRADE_KILLS=20 pytest tests/batch/test_kill.py`` is the long run: 200 submissions, killed 20 times.
"""

import contextlib
import os
import random
import resource
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.batch.folder import opened
from grader.batch.run import Graded
from grader.core.errors import GraderError, UsageError

from .conftest import RIGHT, command, rows, times_graded

if TYPE_CHECKING:
    import subprocess

KILLS = int(os.environ.get("GRADE_KILLS", "4"))
COUNT = 10 * KILLS if KILLS > 4 else 30
PATIENCE = 60.0  # seconds for processes to notice that they are alone: some 50 ms on an idle machine
ENDLESS = RIGHT.replace("return x * x", "return 'hang'")
"""A submission on which the course's own check hangs: a run that has it is not over before it is ended, however slow this process is."""


def family(pid: int) -> set[tuple[int, str]]:
    """A process and all below it: number and time of start, so that a number given again is another process."""
    found: set[tuple[int, str]] = set()
    with contextlib.suppress(OSError):
        found.add((pid, started(pid)))
        for children in Path(f"/proc/{pid}/task").glob("*/children"):  # of each thread
            for child in children.read_text().split():
                found |= family(int(child))
    return found


def started(pid: int) -> str:
    """When a process started, in the kernel's ticks; raises if there is none, or only its number is left."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    if fields[0] in "ZX":
        raise ProcessLookupError
    return fields[19]


def alive(found: set[tuple[int, str]]) -> set[int]:
    """Those that still run."""
    left = set()
    for pid, when in found:
        with contextlib.suppress(OSError):
            if started(pid) == when:
                left.add(pid)
    return left


def committed(out: Path) -> int:
    """Rows in the store, as another process sees them."""
    if not (out / "run.sqlite").exists():
        return 0
    with contextlib.closing(sqlite3.connect(out / "run.sqlite", timeout=5)) as store:
        try:
            return int(store.execute("select count(*) from result").fetchone()[0])
        except sqlite3.OperationalError:  # no table yet
            return 0


def until(condition: Callable[[], bool], run: "subprocess.Popen[str]", seconds: float = 60.0) -> None:
    """Wait; a run that ends before is an error."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def until_gone(found: set[tuple[int, str]]) -> None:
    """Wait for processes to end."""
    deadline = time.monotonic() + PATIENCE
    while left := alive(found):
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


def test_killed_at_any_instant_nothing_is_lost_or_done_twice(graded: Callable[..., Graded], make: Callable[[int], Path], course: Path, out: Path) -> None:
    """The final rows equal those of an undisturbed run, each graded once, and no process outlives its parent."""
    folder, rng = make(COUNT), random.Random(7)
    graded(folder, seed=5, jobs=2)
    want = rows(out)
    (folder / "zz.py").write_text(ENDLESS)
    killed, met = out.parent / "killed", list[int]()
    for kill in range(1, KILLS + 1):
        run = command(folder, "--course", course, "--out", killed, "--seed", 5, "--jobs", 2, "-q", cwd=out.parent)
        before, goal = committed(killed), kill * COUNT // (KILLS + 2)
        until(lambda: committed(killed) >= max(goal, before), run)  # noqa: B023 - called at once
        time.sleep(rng.uniform(0, 0.05))
        processes = family(run.pid)
        run.kill()
        run.communicate()
        until_gone(processes)
        met.append(len(processes))
    assert max(met) > 3, "a parent, workers, zygotes; the parent alone where it was killed as it began"
    (folder / "zz.py").unlink()
    last = command(folder, "--course", course, "--out", killed, "--seed", 5, "--jobs", 2, "-q", cwd=out.parent)
    assert last.communicate()[0].endswith("index.html\n")
    assert last.returncode == 0
    assert rows(killed) == want
    assert set(times_graded(killed).values()) == {1}


def test_ctrl_c_leaves_a_class_page_and_the_way_on(make: Callable[[int], Path], course: Path, out: Path) -> None:
    """Exit code 130, what was graded is on the page, the same command goes on; no process is left."""
    folder = make(30)
    (folder / "zz.py").write_text(ENDLESS)
    run = command(folder, "--course", course, "--out", out, "--jobs", 2, cwd=out.parent)
    until(lambda: committed(out) >= 3, run)
    processes = family(run.pid)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to all of the group
    said, complained = run.communicate(timeout=120)
    assert run.returncode == 130, complained
    assert "the same command goes on from here" in complained
    assert "Traceback" not in complained + said
    done = committed(out)
    assert f"{31 - done} submissions wait" in complained
    assert 3 <= done < 31
    assert all(key in (out / "index.html").read_text() for key in times_graded(out))
    assert (out / "gradebook.csv").read_text().count("graded") >= done
    until_gone(processes)
    (folder / "zz.py").unlink()
    again = command(folder, "--course", course, "--out", out, "--jobs", 2, "-q", cwd=out.parent)
    again.communicate()
    assert again.returncode == 0
    assert set(times_graded(out).values()) == {1}
    assert len(times_graded(out)) == 30


def test_a_second_run_in_one_folder_says_so(make: Callable[[int], Path], course: Path, out: Path) -> None:
    """Exit code 2 and a sentence; the lock of a run that was killed keeps nobody out."""
    folder = make(1)
    with opened(out, new=True):
        other = command(folder, "--as", "many", "--course", course, "--out", out, cwd=out.parent)
        complained = other.communicate()[1]
        assert other.returncode == 2
        assert f"another run is at work in this folder (process {os.getpid()})" in complained
        assert "Wait for its end, or name another folder with --out." in complained
        with pytest.raises(UsageError, match=r"another run is at work in this folder .*\. Wait for its end\.$"), opened(out):
            pass
    with opened(out):
        pass


@pytest.mark.parametrize("room", [250_000, 400_000])
def test_a_full_disk_is_an_error_and_nothing_is_corrupted(room: int, make: Callable[[int], Path], course: Path, out: Path) -> None:
    """Exit code 4 and the reason; with room again the same command ends it, and nothing is graded twice but what the full disk spoilt."""
    folder = make(12)

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    run = command(folder, "--course", course, "--out", out, "--jobs", 2, "-q", cwd=out.parent, preexec_fn=bounded)
    complained = run.communicate()[1]
    assert run.returncode == 4, complained
    assert "What was stored before is intact" in complained
    assert "Traceback" not in complained
    kept = committed(out)
    with contextlib.closing(sqlite3.connect(out / "run.sqlite")) as store:
        assert store.execute("pragma integrity_check").fetchone() == ("ok",)
        spoilt = {key for (key,) in store.execute("select key from verdict where reason = 'host'")}
    again = command(folder, "--course", course, "--out", out, "--jobs", 2, cwd=out.parent)
    said = again.communicate()
    assert again.returncode == 0, said
    times = times_graded(out)
    assert len(times) == 12
    assert {key for key, count in times.items() if count == 2} == spoilt
    assert set(times.values()) <= {1, 2}
    done = 12 - kept + len(spoilt)
    assert f"({done} graded now)" in said[0] if done < 12 else "(" not in said[0]


def test_a_report_that_cannot_be_written_leaves_no_row(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports come first: a row that is there has its reports."""
    from grader.batch import folder as batch_folder

    def full(path: Path, content: bytes, *, durable: bool) -> None:
        raise GraderError(f"{path} could not be written: No space left on device.")

    folder = make(2)
    with monkeypatch.context() as patch:
        patch.setattr(batch_folder, "write_atomically", full)
        with pytest.raises(GraderError, match="No space left"):
            graded(folder)
    assert committed(out) == 0
    assert graded(folder).done == 2
