"""The same batch on a dask cluster: a real scheduler and real worker processes on this machine, which know no path of ours."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.batch import run as batch_run
from grader.batch.executors import EXECUTORS
from grader.batch.job import Done, Halt, Job, Setup
from grader.batch.packing import unpack
from grader.batch.run import Graded
from grader.core.classbook import Status
from grader.core.errors import CourseError, GraderError, UsageError

from .conftest import KINDS, RIGHT, command, rows, times_graded, write_class
from .test_kill import ENDLESS, committed, family, until, until_gone

pytest.importorskip("distributed")

NANNY, NO_NANNY = "--nanny", "--no-nanny"
TRAP = RIGHT.replace("return x * x", "return '{}'")
LOST = "the dask worker that had it was lost 2 times."


class Cluster:
    """A scheduler and one worker for each of the options given, in a folder that has nothing of a course."""

    def __init__(self, folder: Path, *workers: str) -> None:
        folder.mkdir()
        self.file = folder / "scheduler.json"
        self.log = (folder / "log").open("w")
        self.scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1", "--scheduler-file", str(self.file))
        self.workers = [
            self._start("worker", "--scheduler-file", str(self.file), "--nthreads", "1", "--host", "127.0.0.1", "--local-directory",
                        str(folder / f"scratch{i}"), option) for i, option in enumerate(workers)
        ]
        deadline = time.monotonic() + 60.0
        while not (self.file.exists() and (text := self.file.read_text()).endswith("}")):  # it is not written in one go
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.address = json.loads(text)["address"]

    def _start(self, what: str, *options: str) -> "subprocess.Popen[bytes]":
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")}
        return subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_" + what, "--no-dashboard", *options], cwd="/",
                                env=environment, stdout=self.log, stderr=self.log)

    def processes(self) -> set[tuple[int, str]]:
        """All of the cluster: scheduler, nannies, workers, zygotes."""
        return {one for process in (self.scheduler, *self.workers) for one in family(process.pid)}

    def close(self) -> None:
        """End it, workers first."""
        for group in (self.workers, [self.scheduler]):
            for process in group:
                process.terminate()
            for process in group:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=15)
                process.kill()
                process.wait()
        self.log.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers, whose nannies start them again when they are lost."""
    cluster = Cluster(tmp_path_factory.mktemp("dask") / "cluster", NANNY, NANNY)
    yield cluster
    cluster.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[..., Cluster]]:
    """Clusters to break."""
    with contextlib.ExitStack() as stack:
        yield lambda *workers: stack.enter_context(contextlib.closing(Cluster(tmp_path / "cluster", *workers)))


@pytest.fixture
def spread(graded: Callable[..., Graded], cluster: Cluster) -> Callable[..., Graded]:
    """Grade a class on the cluster."""
    return lambda folder, **wish: graded(folder, executor="dask", address=cluster.address, **wish)


def test_a_worker_that_is_killed_half_way_costs_a_retry(
    graded: Callable[..., Graded], make: Callable[[int], Path], course: Path, own: Callable[..., Cluster], out: Path
) -> None:
    """Rows and reports equal those of the local pool, each graded once, without a path that workers could read; nothing is left."""
    folder, elsewhere = make(30), out.parent / "moved"
    graded(folder, seed=5)
    want = rows(out)
    (folder / "zz_kill.py").write_text(TRAP.format("kill"))  # the last: a worker that is started again needs the course again
    cluster = own(NO_NANNY, NANNY)
    run = command(folder, "--course", course, "--out", out.parent / "dask", "--seed", 5, "--executor", "dask",
                  "--scheduler", cluster.address, "-q", cwd=out.parent)
    until(lambda: committed(out.parent / "dask") >= 3, run)
    course.rename(elsewhere)
    until(lambda: committed(out.parent / "dask") >= 10, run)
    doomed = family(cluster.workers[0].pid)
    assert len(doomed) > 1, "a worker and its zygote"
    processes = cluster.processes()
    cluster.workers[0].send_signal(signal.SIGKILL)
    complained = run.communicate(timeout=120)[1]
    assert run.returncode == 4, complained  # on the trap
    until_gone(doomed)
    got = rows(out.parent / "dask")
    killed = got.pop("zz_kill")
    assert got == want
    assert (killed["status"], json.loads(killed["remarks"])) == ("failed", [LOST])
    assert set(times_graded(out.parent / "dask").values()) == {1}
    cluster.close()
    until_gone(processes)


def broken(folder: Path) -> None:
    """Submissions of each kind, and those that cannot be opened, are no Python, or end the process that runs them."""
    for name, text in KINDS.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "exits.py").write_text("import os\n" + RIGHT.replace("return x * x", "os._exit(0)"))
    (folder / "deep.py").write_text("(" * 100_000)
    (folder / "nested.py").write_text("-" * 1_000_000 + "1")
    (folder / "bytes.py").write_bytes(bytes(range(256)))
    (folder / "huge.py").write_bytes(b"#" * (3 << 20))
    (folder / "corrupt.zip").write_bytes(b"PK\x03\x04 and no more")
    (folder / "fail.py").write_text(TRAP.format("fail"))


def test_what_is_broken_ends_as_it_does_here(graded: Callable[..., Graded], spread: Callable[..., Graded], out: Path) -> None:
    """Unreadable, unparsable, a mistake of ours: the same status, the same words; the report names the worker's own level."""
    folder = out.parent / "class"
    folder.mkdir()
    broken(folder)
    graded(folder, seed=5)
    want = rows(out)
    out.rename(out.parent / "local")
    book = spread(folder, seed=5).book
    assert rows(out) == want
    assert {s.value for s in Status} >= {r["status"] for r in want.values()} >= {"graded", "unreadable", "failed"}
    assert book.conditions["isolation"] == want["right"]["report"]["conditions"]["isolation"]


def test_who_hangs_is_ended(spread: Callable[..., Graded], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the course's own code, where no limit of the runner holds: with the worker's process, twice, and then it has its row."""
    folder = out.parent / "class"
    folder.mkdir()
    for i in range(6):
        (folder / f"right{i}.py").write_text(f"{RIGHT}# {i}\n")
    (folder / "hang.py").write_text(TRAP.format("hang"))
    monkeypatch.setattr(batch_run, "deadline", lambda _: 5.0)
    found = {row.key: row for row in spread(folder).book.rows}
    assert found["hang"].remarks == (LOST,)
    assert [r.status for k, r in found.items() if k != "hang"] == [Status.GRADED] * 6


def test_a_lost_scheduler_is_told_and_the_same_command_goes_on(make: Callable[[int], Path], course: Path, own: Callable[..., Cluster], out: Path) -> None:
    """Exit code 4 and one sentence; what is finished is kept, and any executor does the rest."""
    folder, cluster = make(30), own(NO_NANNY)
    (folder / "zz.py").write_text(ENDLESS)
    where = ("--course", course, "--out", out)
    run = command(folder, *where, "--executor", "dask", "--scheduler", cluster.address, "-q", cwd=out.parent)
    until(lambda: committed(out) >= 3, run)
    cluster.scheduler.kill()
    complained = run.communicate(timeout=120)[1]
    assert run.returncode == 4
    assert f"the dask scheduler at {cluster.address}: it was lost; what is finished is kept" in complained
    assert "Traceback" not in complained
    assert len(complained.splitlines()) == 1, complained
    assert 3 <= committed(out) < 31
    (folder / "zz.py").unlink()
    again = command(folder, *where, "--jobs", 2, "-q", cwd=out.parent)
    assert again.communicate()[1] == ""
    assert set(times_graded(out).values()) == {1}
    assert len(times_graded(out)) == 30


def test_ctrl_c_leaves_a_page_here_and_nothing_there(
    make: Callable[[int], Path], course: Path, spread: Callable[..., Graded], cluster: Cluster, out: Path
) -> None:
    """Exit code 130; the cluster's workers have no zygote any more, and go on for others."""
    folder = make(60)
    assert spread(write_class(out.parent / "first", 8)).done == 8  # what dask's workers start once is there from now on
    shutil.rmtree(out)
    before = cluster.processes()
    run = command(folder, "--course", course, "--out", out, "--executor", "dask", "--scheduler", cluster.address, cwd=out.parent)
    until(lambda: committed(out) >= 3, run)
    benches = cluster.processes() - before
    assert benches
    os.killpg(run.pid, signal.SIGINT)
    complained = run.communicate(timeout=120)[1]
    assert run.returncode == 130, complained
    assert "the same command goes on from here" in complained
    assert "Traceback" not in complained
    assert "distributed" not in complained
    assert "graded" in (out / "gradebook.csv").read_text()
    until_gone(benches)
    shutil.rmtree(out)
    assert spread(write_class(out.parent / "later", 2)).done == 2


def test_a_course_at_fault_stops_the_run(spread: Callable[..., Graded], make: Callable[[int], Path], course: Path) -> None:
    """Said as what it is, by whichever worker met it first."""
    file = course / "reference/demo/solutions.py"
    file.write_text(file.read_text().replace("return 2 * x", "return 1 / 0"))
    with pytest.raises(CourseError, match="function double: it raises ZeroDivisionError"):
        spread(make(2))


def test_a_worker_of_another_version_is_refused(spread: Callable[..., Graded], make: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """It may give other verdicts: the sentence names the worker and both versions."""
    from grader.batch.executors import dask

    monkeypatch.setattr(dask, "versions", lambda: {**batch_run.versions(), "numpy": "1.0"})
    with pytest.raises(GraderError, match=r"dask worker tcp://127.0.0.1:\d+: it has numpy \d\S+ instead of 1.0. Install the same"):
        spread(make(1))


def test_where_no_scheduler_is_nothing_hangs(graded: Callable[..., Graded], make: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A port where nobody listens, no address, none at all: who is at fault, and what to write."""
    from grader.batch.executors import dask

    monkeypatch.setattr(dask, "CONNECT_SECONDS", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    folder = make(1)
    with pytest.raises(GraderError, match=f"--scheduler {address}: no dask scheduler can be reached there"):
        graded(folder, executor="dask", address=address)
    with pytest.raises(UsageError, match="--scheduler pigeon://here: this is no address"):
        graded(folder, executor="dask", address="pigeon://here")
    with pytest.raises(GraderError, match=r"--scheduler tls://127.0.0.1:1: dask cannot speak with what is there; .* the certificates"):
        graded(folder, executor="dask", address="tls://127.0.0.1:1")
    with pytest.raises(UsageError, match="--executor dask: say where its scheduler is: --scheduler tcp://HOST:8786"):
        graded(folder, executor="dask")


def test_a_cluster_without_workers_is_told(graded: Callable[..., Graded], make: Callable[[int], Path], own: Callable[..., Cluster], monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while: one may be on its way."""
    from grader.batch.executors import dask

    monkeypatch.setattr(dask, "WORKER_SECONDS", 0.5)
    cluster = own()
    with pytest.raises(GraderError, match=f"the dask scheduler at {cluster.address} has no workers. Start some: dask worker"):
        graded(make(1), executor="dask", address=cluster.address)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing but this executor needs it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "grader.batch.executors.dask", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'grade-numeric\[dask\]'"):
        EXECUTORS["dask"].load()
    assert EXECUTORS["local"].load()


def test_what_dask_says_is_cut_to_a_sentence() -> None:
    """Its messages go on for lines; numbers keep their points."""
    from grader.batch.executors.dask import _spoken

    assert _spoken(RuntimeError("    No worker at 127.0.0.1:80. For more,\n  see https://there\n")) == "RuntimeError: No worker at 127.0.0.1:80"
    assert _spoken(ValueError("one line.\nanother")) == "ValueError: one line"
    assert _spoken(KeyError()) == "KeyError: "


def test_dask_is_imported_by_nobody_else() -> None:
    """Not by a run on this machine, nor by the list of executors."""
    code = "import grader.batch.run, grader.batch.executors.local, sys; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_damaged_attachment_travels_as_on_this_machine(tmp_path: Path) -> None:
    """Left out where the other files define what is asked for."""
    from grader.batch.executors import dask

    (tmp_path / "hw.py").write_text(RIGHT)
    (tmp_path / "data.zip").write_bytes(b"PK and no more")
    job = Job("a", "hw", (tmp_path / "hw.py", tmp_path / "data.zip"), ("hw.py", "data.zip"))
    sent = dask.packed(job, {"double", "square"})
    assert isinstance(sent, Job)
    assert unpack(sent.submission).remarks[0].startswith("data.zip: this archive is damaged")
    assert dask.packed(job, {"cube"}).status is Status.UNREADABLE  # type: ignore[union-attr]


def test_a_room_is_private_and_left_clean(course: Path, tmp_path: Path) -> None:
    """One whose run was killed, and is heard of no more: processes and course go; whoever asks again gets new ones."""
    from grader.batch.executors import dask

    made = dask.Room(Setup(course, "demo", 5, "required"), 60.0)
    assert sorted(made.course) == ["reference/demo/checks.py", "reference/demo/interface.py", "reference/demo/solutions.py", "rubrics/demo.toml"]
    made.setup(SimpleNamespace(local_directory=str(tmp_path), address="tcp://here"))  # type: ignore[arg-type]
    made._begun = lambda ticket: 1  # type: ignore[method-assign]
    (tmp_path / "hw.py").write_text(RIGHT)
    job = dask.packed(Job("a", "hw.py", (tmp_path / "hw.py",)), {"double"})
    assert isinstance(job, Job)
    assert job.paths == ()
    done = made.work(0, job)
    assert isinstance(done, Done)
    assert done.status is Status.GRADED
    (folder,) = tmp_path.glob("grade-course-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    made._left()
    assert made.work(1, replace(job, key="b")) != done
    (anew,) = tmp_path.glob("grade-course-*")
    assert anew != folder
    made._left()
    made.closed = True
    assert isinstance(made.work(2, job), Halt)
    made.idle.cancel()
    assert not list(tmp_path.glob("grade-course-*"))

