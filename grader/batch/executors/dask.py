"""Worker processes of a dask cluster, which may be on other machines: they need this package, and no shared disk.

The course travels once to each worker, as a plugin, and each submission in its task. A worker grades one submission at a time,
however many threads it has: start ``dask worker ADDRESS --nthreads 1 --nworkers auto``. All workers are used, whatever ``--jobs`` says.

What dask passes between client, scheduler and workers are pickles: whoever can reach the scheduler can run anything on every
machine of the cluster. So it belongs into a network that is trusted, or behind TLS (``--scheduler tls://...``, with the
certificates that dask's configuration names). Student code has no part in this: it never runs in a worker's process but in the
children of the worker's own fork server, behind the same walls as everywhere, and what they answer is validated there.
"""

import gc
import logging
import os
import re
import tempfile
import traceback
import uuid
from asyncio import wait, wrap_future
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Timer
from time import monotonic
from typing import Any, Final, cast

from grader.batch.executors import Resources
from grader.batch.identity import versions
from grader.batch.job import Done, Halt, Job, Setup, failed, halt, unreadable
from grader.batch.packing import pack
from grader.batch.work import Bench
from grader.core.errors import GraderError, UsageError
from grader.course import load_assignment
from grader.submission import open_together

try:
    from distributed import Client, KilledWorker, Worker, WorkerPlugin, get_worker
    from distributed.utils import sync
except ImportError as error:
    raise UsageError(
        "--executor dask: dask.distributed is not installed here. Install it with: pip install 'grade-numeric[dask]'."
    ) from error

ATTEMPTS: Final = 2  # as in `grader.batch.executors.local`; dask itself would go on until four are lost
CONNECT_SECONDS: Final = 10.0  # for a scheduler to answer: milliseconds, and some for a name to be looked up
WORKER_SECONDS: Final = 60.0  # without any worker: one that was lost is there again after 2
START_SECONDS: Final = 120.0  # to import numpy and the course: as in `grader.batch.executors.local`
END_SECONDS: Final = 5.0  # for what a worker is doing to end, before nobody waits for it any more
IDLE_SECONDS: Final = 600.0  # after which a worker believes that its run was killed, and ends what it keeps for it
_AHEAD: Final = 2  # tasks for each worker: one that it works on, one that waits there already
_PULSE: Final = 1.0  # seconds between two looks at which workers there are
_GONE: Final = "it was lost; what is finished is kept, and the same command goes on from here"
_log = logging.getLogger("distributed.worker.grade")


def dask(setup: Setup, resources: Resources, jobs: Iterable[Job]) -> Iterator[Done]:
    """See `grader.batch.executors.Executor`."""
    room, asked = Room(setup, resources.seconds), load_assignment(setup.course, setup.slug).asked
    with _connected(resources.address) as client:
        crew = _Crew(client, resources.address, room, asked)
        with crew.furnished():
            yield from crew.work_on(jobs)


# ---- the grader's side -----------------------------------------------------------------------------------------------


def packed_course(setup: Setup) -> Mapping[str, bytes]:
    """What a worker needs of the course, by path: one assignment's reference and rubric."""
    reference = setup.course / "reference"
    found = [*reference.glob("*"), *(reference / setup.slug).rglob("*"), setup.course / "rubrics" / f"{setup.slug}.toml"]
    files = (f for f in sorted(found) if f.is_file() and "__pycache__" not in f.parts)
    return {f.relative_to(setup.course).as_posix(): f.read_bytes() for f in files}


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    if not address:
        raise UsageError("--executor dask: say where its scheduler is: --scheduler tcp://HOST:8786.")
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is told in one sentence, by us
    gc.collect()  # a client that could not connect closes itself when it is collected, and blocks for ever if that is while one is made
    try:
        client: Any = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise UsageError(f"--scheduler {address}: this is no address ({error}). Write tcp://HOST:8786.") from error
    except OSError as error:
        raise GraderError(f"--scheduler {address}: no dask scheduler can be reached there ({error}).") from error
    except Exception as error:  # what another version, another protocol or half of a TLS configuration leads to has no type of its own
        here = version("distributed")
        raise GraderError(f"--scheduler {address}: dask cannot speak with what is there; both sides need the same version of distributed "
                          f"({here} here), and for tls:// the certificates that dask's configuration names ({error}).") from error
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=END_SECONDS)


class _Crew:
    """The workers of a cluster, as the run sees them."""

    def __init__(self, client: Any, address: str, room: "Room", asked: Mapping[str, str]) -> None:  # a client has few types
        self.client, self.address, self.room, self.asked = client, address, room, asked
        self.given_up: Counter[str] = Counter()
        self.futures: dict[Any, tuple[int, Job]] = {}
        self.ended: SimpleQueue[Any] = SimpleQueue()
        self.workers, self.seen, self.looked = 0, monotonic(), 0.0

    @contextmanager
    def furnished(self) -> Iterator[None]:
        """Every worker has the room, also those that come later, until this ends; one of them has shown that it can work."""
        self._wait_for_one()
        try:
            with self._sound("it and its workers do not take the work; install the same version of grade-numeric on all of them"):
                self.client.register_plugin(self.room, name=self.room.name)
                self.look()
                first = self.client.submit(_greeted, self.room.name, key=f"{self.room.name}-greeting")
                greeting = first.result(timeout=START_SECONDS)
            if isinstance(greeting, Halt):
                raise greeting.error
            yield
        finally:
            if self.client.status == "running":
                with suppress(Exception):  # what is lost just now has nothing to be ended
                    self.client.cancel(list(self.futures))
                    self.client.unregister_worker_plugin(name=self.room.name)

    def work_on(self, jobs: Iterable[Job]) -> Iterator[Done]:
        """Hand out, wait, take: until nothing is left."""
        for ticket, job in enumerate(jobs):
            sendable = packed(job, self.asked)
            if isinstance(sendable, Done):
                yield sendable
                continue
            self._send(ticket, sendable)
            while len(self.futures) >= _AHEAD * self.workers:
                yield from self._heard()
        while self.futures:
            yield from self._heard()

    def _send(self, ticket: int, job: Job) -> None:
        key = f"{self.room.name}-{ticket}-{self.given_up[job.key]}"
        with self._sound():
            future = self.client.submit(_worked, self.room.name, ticket, job, key=key)
        self.futures[future] = ticket, job
        future.add_done_callback(self.ended.put)

    def _heard(self) -> Iterator[Done]:
        """What has ended, or nothing for a while."""
        if monotonic() - self.looked > _PULSE:
            self.look()
        try:
            future = self.ended.get(timeout=_PULSE)
        except Empty:
            return
        ticket, job = self.futures.pop(future)
        done = self._taken(future, job)
        if done is None:
            self._send(ticket, job)
        else:
            yield done

    def _taken(self, future: Any, job: Job) -> Done | None:
        """What became of a job; None if it is to be tried once more."""
        with self._sound():
            try:
                said = future.result()
            except KilledWorker:  # dask counts also who only waited at a worker that was lost
                self.given_up[job.key] += 1
                return lost(job) if self.given_up[job.key] == ATTEMPTS else None
            except CancelledError:
                raise
            except Exception as error:
                if self.client.status != "running":
                    raise
                return failed(job, f"dask failed on it ({_spoken(error)}).", traceback.format_exc())  # as of one that cannot travel
        match said:
            case Done():
                return said
            case Halt():
                raise said.error
            case _:
                raise TypeError(said)

    def look(self) -> None:
        """Count the workers.

        Raises
        ------
        GraderError
            If there has been none for a while.
        """
        with self._sound():
            self.workers = len(self.client.nthreads())
        self.looked = monotonic()
        self.seen = self.looked if self.workers else self.seen
        if self.looked - self.seen > WORKER_SECONDS:
            raise self._no_workers()

    def _wait_for_one(self) -> None:
        with self._sound(), suppress(TimeoutError):
            self.client.wait_for_workers(1, timeout=WORKER_SECONDS)
            return
        raise self._no_workers()

    def _no_workers(self) -> GraderError:
        return GraderError(f"the dask scheduler at {self.address} has no workers. Start some: dask worker {self.address} --nthreads 1")

    @contextmanager
    def _sound(self, otherwise: str = _GONE) -> Iterator[None]:
        """What dask itself fails at, in one sentence."""
        try:
            yield
        except Exception as error:
            silent = isinstance(error, OSError) and not isinstance(error, TimeoutError)
            what = _GONE if silent or self.client.status != "running" else otherwise
            raise GraderError(f"the dask scheduler at {self.address}: {what} ({_spoken(error)}).") from error


def _spoken(error: Exception) -> str:
    """The first sentence: dask adds where to read on."""
    return ": ".join((type(error).__name__, *re.split(r"[.\s]*\n|\. |\.$", str(error).strip())[:1]))


def packed(job: Job, asked: Mapping[str, str]) -> Job | Done:
    """The job without paths, which a worker may not have; or how it ends, if it cannot be opened."""
    if job.submission:
        return job
    try:
        submission = pack(open_together(job.name, job.paths, job.names, asked))
    except UsageError as error:
        return unreadable(job, error)
    except Exception as error:  # noqa: BLE001 - as `Bench.work`
        return failed(job, f"the grader failed on it ({type(error).__name__}: {error}).", traceback.format_exc())
    return replace(job, submission=submission, paths=(), names=())


def lost(job: Job) -> Done:
    """Not tried again: a machine may lose a process once; whoever loses two is the reason."""
    return failed(job, f"the dask worker that had it was lost {ATTEMPTS} times.")


# ---- a worker's side -------------------------------------------------------------------------------------------------


class Room(WorkerPlugin):
    """What a worker process keeps of a run: the course, and a `Bench` that it makes when it is first given something to do.

    Parameters
    ----------
    setup : Setup
        Of the run, as it is on the grader's side.
    seconds : float
        After which a submission counts as lost, see `grader.batch.executors.Resources`.
    """

    def __init__(self, setup: Setup, seconds: float) -> None:
        self.name = f"grade-{uuid.uuid4().hex}"  # two runs of one course may share a cluster
        self.given, self.seconds = setup, seconds
        self.course, self.versions = packed_course(setup), versions()

    def setup(self, worker: Worker) -> None:
        """Be told whose room it is."""
        self.worker = worker
        self.bench: Bench | None = None
        self.closed = False
        self.idle = _alarm(IDLE_SECONDS, self._left)

    async def teardown(self, worker: Worker) -> None:
        """End all processes and remove the course; a submission that is being worked on may hold it up."""
        self.closed = True
        self.idle.cancel()
        await wait([wrap_future(_thread().submit(self._clear))], timeout=END_SECONDS)

    def ready(self) -> Halt | None:
        """Make the bench; what keeps it from being made."""
        return _thread().submit(self._furnish).result()

    def work(self, ticket: int, job: Job) -> Done | Halt:
        """One submission at a time, whichever thread asks."""
        return _thread().submit(self._work, ticket, job).result()

    def _work(self, ticket: int, job: Job) -> Done | Halt:
        self.idle.cancel()
        try:
            return self._furnish() or self._worked(ticket, job)
        finally:
            self.idle = _alarm(IDLE_SECONDS, self._left)

    def _worked(self, ticket: int, job: Job) -> Done | Halt:
        assert self.bench is not None
        if self._begun(ticket) > ATTEMPTS:
            return lost(job)
        with _deadline(self.seconds):
            done = self.bench.work(job)
        return self._signed(done) if isinstance(done, Halt) else done

    def _furnish(self) -> Halt | None:
        """Make the bench where there is none; what keeps it from being made."""
        if self.closed:
            return Halt("GraderError", ("the run has ended.",))
        if self.bench is not None:
            return None
        try:
            with _deadline(START_SECONDS):
                self._compare(versions())
                self.folder = unpacked_course(self.course, Path(self.worker.local_directory))
                self.bench = Bench(replace(self.given, course=Path(self.folder.name)))
        except Exception as error:  # noqa: BLE001 - told to whoever asked for a worker
            return self._signed(halt(error))
        return None

    def _compare(self, mine: Mapping[str, str]) -> None:
        """Other versions may give other verdicts."""
        differ = [f"{name} {mine[name]} instead of {want}" for name, want in self.versions.items() if mine[name] != want]
        if differ:
            raise GraderError(f"it has {', '.join(differ)}. Install the same versions on all machines.")

    def _signed(self, stop: Halt) -> Halt:
        """Which machine it is; where the course is at fault, that is the same on all."""
        return Halt(stop.kind, (f"dask worker {self.worker.address}: {stop.fields[0]}",)) if stop.kind == "GraderError" else stop

    def _begun(self, ticket: int) -> int:
        """How often it has been begun, this time included: the scheduler knows, whoever was lost. Dask's own count blames others, too."""
        keys, scheduler, loop = [self.name, str(ticket)], self.worker.scheduler, self.worker.loop
        before = int(sync(loop, scheduler.get_metadata, keys=keys, default=0))
        sync(loop, scheduler.set_metadata, keys=keys, value=before + 1)
        return before + 1

    def _left(self) -> None:
        _thread().submit(self._clear)

    def _clear(self) -> None:
        if self.bench is not None:
            self.bench.close()
            self.folder.cleanup()
            self.bench = None


def unpacked_course(course: Mapping[str, bytes], beside: Path) -> "tempfile.TemporaryDirectory[str]":
    """The course in a folder that nobody else may look into; what a killed worker leaves there, dask removes with the next one."""
    folder = tempfile.TemporaryDirectory(prefix="grade-course-", dir=beside)
    for name, data in course.items():
        file = Path(folder.name, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def _greeted(room: str) -> Halt | None:
    return _room(room).ready()


def _worked(room: str, ticket: int, job: Job) -> Done | Halt:
    return _room(room).work(ticket, job)


def _room(name: str) -> Room:
    return cast("Room", get_worker().plugins[name])


@cache
def _thread() -> ThreadPoolExecutor:
    """The only one that works on submissions: the runner is for one at a time, and dies with the thread that started it."""
    return ThreadPoolExecutor(1, thread_name_prefix="grade")


def _alarm(seconds: float, then: Callable[[], object]) -> Timer:
    timer = Timer(seconds, then)
    timer.daemon = True
    timer.start()
    return timer


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Whoever hangs is ended with the worker's process: a thread cannot be. Dask's nanny starts another one."""
    timer = _alarm(seconds, _end)
    try:
        yield
    finally:
        timer.cancel()


def _end() -> None:
    _log.error("no end after all the time that a submission can take: this worker process is ended")
    os._exit(1)
