"""Processes of this machine, each with a course, a trial and a runner of its own.

`concurrent.futures` is not used: when one of its processes is lost, it cannot say which submission that one had, and fails all
that are in flight. Here each worker has a pipe of its own, so a lost or hanging worker costs its own submission a retry.
"""

import gc
import os
import pickle
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing import connection, get_context, parent_process, resource_tracker
from typing import TYPE_CHECKING, Any, Final

from grader.batch.executors import Resources
from grader.batch.job import Done, Halt, Job, Setup, failed, halt
from grader.core.errors import GraderError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

START_SECONDS: Final = 120.0  # to import numpy and the course: under 1 s warm; a cold network disk takes many
END_SECONDS: Final = 5.0  # to end by itself when there is no more work: some 20 ms
ATTEMPTS: Final = 2  # a machine may lose a process once; whoever loses two is the reason
_UNSEEN: Final = 5000  # new objects before the collector looks for circles: some thirty submissions, which leave none of their own
_READY: Final = "ready"


def local(setup: Setup, resources: Resources, jobs: Iterable[Job]) -> Iterator[Done]:
    """See `grader.batch.executors.Executor`."""
    pool = _Pool(setup, resources, iter(jobs))
    try:
        yield from pool.run()
        pool.close()
    finally:
        pool.kill()


class _Worker:
    """The parent's end of one worker process, which has one job at a time."""

    def __init__(self, setup: Setup, job: Job) -> None:
        context = get_context("spawn")  # a fork would inherit the parent's store, its lock and its threads
        self.ready = False
        try:
            self.pipe, theirs = context.Pipe()
            self.process = context.Process(target=_serve, args=(theirs, setup), daemon=True)
            with _interrupts_blocked():
                self.process.start()
        except OSError as error:
            raise GraderError(f"a worker process could not be started ({error.strerror}).") from error
        theirs.close()  # so that the end of the process is the end of the pipe
        self.give(job)

    def give(self, job: Job | None) -> None:
        """Send a job; it has nothing else to do, so it is reading, or will."""
        self.job, self.since = job, time.monotonic()
        if job is not None:
            with suppress(OSError):  # it has just ended: the next `answer` says so
                self.pipe.send(job)

    def answer(self) -> bytes | None:
        """What it sent, pickled; None if it has ended."""
        try:
            return self.pipe.recv_bytes()
        except (EOFError, OSError):
            return None

    def kill(self) -> None:
        """End it; its runner's processes end when they lose sight of it."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


class _Pool:
    def __init__(self, setup: Setup, resources: Resources, jobs: Iterator[Job]) -> None:
        self.setup, self.resources, self.jobs = setup, resources, jobs
        self.again: deque[Job] = deque()
        self.losses: Counter[str] = Counter()
        self.workers: list[_Worker] = []

    def run(self) -> Iterator[Done]:
        """Hand out, wait, take: until nothing is left."""
        while self._staffed():
            for worker in self._heard_from():
                if (done := self._take(worker)) is not None:
                    yield done

    def _staffed(self) -> bool:
        """Give every idle worker a job, and start one where there is more to do; whether anything is going on."""
        for worker in self.workers:
            if worker.job is None:
                worker.give(self._next())
        while len(self.workers) < self.resources.jobs and (job := self._next()) is not None:
            self.workers.append(_Worker(self.setup, job))
        return any(w.job for w in self.workers)

    def _next(self) -> Job | None:
        return self.again.popleft() if self.again else next(self.jobs, None)

    def _heard_from(self) -> list[_Worker]:
        """Workers that have something to say or have ended; those that have taken too long are made to."""
        due = {w: w.since + (self.resources.seconds if w.ready else START_SECONDS) for w in self.workers if w.job}
        heard = connection.wait([w.pipe for w in self.workers], max(0.0, min(due.values()) - time.monotonic()))
        for worker, deadline in due.items():
            if worker.pipe not in heard and deadline < time.monotonic():
                worker.process.kill()
        return [w for w in self.workers if w.pipe in heard]

    def _take(self, worker: _Worker) -> Done | None:
        answer = worker.answer()
        if answer is None:
            return self._lost(worker)
        if worker.ready:
            worker.give(self._next())  # before the answer is dealt with: the worker is not to wait for the disk
        match pickle.loads(answer):  # noqa: S301 - of our own worker, in which no student code runs
            case Done() as done:
                return done
            case Halt() as stop:
                raise stop.error
            case _:
                worker.ready, worker.since = True, time.monotonic()
                return None

    def _lost(self, worker: _Worker) -> Done | None:
        """The worker has ended: what it had is tried once more, by another one."""
        self.workers.remove(worker)
        worker.kill()
        how, job = f"exit status {worker.process.exitcode}", worker.job
        if not worker.ready:
            raise GraderError(f"a worker process ended while it was starting ({how}).")
        if job is None:
            return None
        self.losses[job.key] += 1
        if self.losses[job.key] < ATTEMPTS:
            self.again.append(job)
            return None
        return failed(job, f"the grader's own process was lost on it {ATTEMPTS} times ({how}).")

    def close(self) -> None:
        """Let all workers end by themselves."""
        for worker in self.workers:
            worker.pipe.close()
        deadline = time.monotonic() + END_SECONDS
        for worker in self.workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))

    def kill(self) -> None:
        """End all workers."""
        while self.workers:
            self.workers.pop().kill()


def _serve(pipe: "Connection[Any, Any]", setup: Setup) -> None:
    """A worker's life: jobs in, answers out, until the pipe ends or the parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides what it means
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from grader.batch.work import Bench  # noqa: PLC0415 - the parent does without

    try:
        bench = Bench(setup)
    except Exception as error:  # noqa: BLE001 - told to whoever asked for a worker
        pipe.send(halt(error))
        return
    gc.freeze()  # course and libraries stay: the collector would look at all of them again every few submissions
    gc.set_threshold(_UNSEEN)
    with closing(bench), suppress(EOFError, BrokenPipeError, ConnectionResetError):
        pipe.send(_READY)
        while True:
            pipe.send(bench.work(pipe.recv()))


def _end_with_parent() -> None:
    """However the parent ends: a submission that loops is not worked on for nobody."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """What is started here is born deaf to Ctrl-C, until it has said what it wants with it."""
    resource_tracker.ensure_running()  # the first process would start it, and that lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
