"""The grader's end of a zygote and of its children: descriptors, deadlines, and who is alive.

Every wait here ends: pipes do not block, and whatever is waited for has a deadline on the monotonic clock. What the machine
fails at is a `GraderError`; how a child fares is a value.
"""

import contextlib
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

from grader.core.errors import GraderError
from grader.runner import levels
from grader.runner.protocol import Isolation
from grader.worker import preload
from grader.worker.confine import WRITABLE
from grader.worker.replies import CAPACITY, HEAD, left
from grader.worker.scratch import remove

WORKER: Final = Path(__file__).parent.parent / "worker"
START_SECONDS: Final = 60.0  # to import numpy: under 0.2 s warm; a cold network disk takes many
REPLY_SECONDS: Final = 10.0  # to fork or to reap: about 1 ms; a machine that swaps takes many
_MESSAGE: Final = 1 << 16  # bytes: answers are a few numbers
_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - private directories in it; a hundred times quicker to make than on a disk
ENVIRONMENT: Final = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",  # the order of a set is the same in every run, so that a replay gives the same bits
    "OPENBLAS_NUM_THREADS": "1",  # a fork has one thread; and one core is what a limit in CPU seconds means
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""All that a worker knows of the operator's environment."""
SWITCHES: Final = ("-P", "-s", "-S", "-B")
"""What ``-I`` does, but for the hash seed; and no site-packages: they may hold the grader and the reference."""


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What the kernel keeps a child to: CPU seconds, bytes of address space, bytes per file."""

    cpu: int
    memory: int
    file_size: int


@dataclass(frozen=True, slots=True)
class End:
    """How a child ended.

    Parameters
    ----------
    status : int
        Exit status, or minus the number of the signal.
    memory : int
        Bytes that it had in memory at most.
    """

    status: int
    memory: int


class Zygote:
    """A worker process that forks children on request.

    The constructor returns at once; the first request waits until it is ready.

    Parameters
    ----------
    tried : sequence of str
        Levels of isolation, best first: the first that holds on this machine is taken, and without one there are no children.
    outer : bool
        Whether the worker is to run inside bubblewrap.
    packages : dict of str to list of str
        What children may read and import besides numpy, and where it lies. Inside bubblewrap it is fixed from the start.
    """

    def __init__(self, tried: Sequence[str], *, outer: bool = False, packages: dict[str, list[str]] | None = None) -> None:
        if not sys.platform.startswith("linux"):
            raise GraderError("student code is run apart from the grader on Linux, and on macOS with --isolation best-effort; "
                              f"this is {sys.platform}: use Linux, a Linux container, or WSL.")
        self._complaints = os.memfd_create("complaints")
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._scratch = "" if outer else new_scratch()
        self.outer = outer
        self.packages = packages or {}
        self.children: set[Child] = set()
        self._ready = False
        self._questions: dict[bytes, int] = {}
        self._asked: set[bytes] = set()
        self._asked_before: set[bytes] = set()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and our own file
                self._command(theirs.fileno()), env=ENVIRONMENT, cwd="/", start_new_session=True, pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._complaints,
            )
            self._tell(tried)
        except OSError as error:
            self._release()
            raise GraderError(f"no worker could be started: {error}") from error
        finally:
            theirs.close()

    def _command(self, control: int) -> list[str]:
        python = os.path.realpath(sys.executable) if self.outer else sys.executable
        needed = [python, str(WORKER), *(path for paths in self.packages.values() for path in paths)]
        wrap, scratch = (levels.shut_in(needed), levels.SCRATCH_INSIDE) if self.outer else ([], self._scratch)
        return [*wrap, python, *SWITCHES, str(WORKER), str(control), scratch, folder_of_numpy()]

    def _tell(self, tried: Sequence[str]) -> None:
        """What the worker needs to know, once."""
        must = {level: levels.MUST[level] for level in tried}
        plan = {"levels": must, "readable": levels.readable(), "grader": os.getpid(), "file": __file__}
        with contextlib.suppress(BrokenPipeError):  # it has ended already: the first request says so
            self._control.send(json.dumps(plan).encode())

    @cached_property
    def _measured(self) -> dict[str, Any]:
        """What the worker says of itself when it has started."""
        if self._control.fileno() < 0:
            raise GraderError("the worker was closed")
        answer, _ = self._receive(START_SECONDS)
        self._ready = True
        return answer

    @property
    def level(self) -> str:
        """The level that holds.

        Raises
        ------
        GraderError
            If none that was asked for does, or the worker did not start.
        """
        if not (level := str(self._measured["level"])):
            raise levels.nothing_holds(self._measured["failed"])
        return level

    @property
    def isolation(self) -> Isolation:
        """What was measured; raises as `level` does."""
        return levels.label(self.level, self._measured["held"], shut_in=self.outer)

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def fork(self, limits: ChildLimits, texts: Iterable[str] = ()) -> "Child":
        """A new child, which has not read anything yet, for a program of these texts.

        Raises
        ------
        GraderError
            If the machine does not give us one.
        """
        if self._control.fileno() < 0:
            raise GraderError("the worker was closed")
        try:
            return self._fork(limits, preload.named(texts) if self.level == "C" else [])
        except OSError as error:  # no descriptors, no memory, a scratch folder that somebody has removed
            raise GraderError(f"no process could be prepared: {error}") from error

    def _fork(self, limits: ChildLimits, named: Sequence[str]) -> "Child":
        writable = self.level in WRITABLE
        with contextlib.ExitStack() as undo:
            scratch = tempfile.mkdtemp(dir=self._scratch) if writable else ""
            undo.callback(remove, scratch)
            theirs_in, request = pipe(undo)
            reply, theirs_out = pipe(undo)
            output, shared = os.memfd_create("output"), os.memfd_create("answers")
            undo.callback(os.close, output)
            undo.callback(os.close, shared)
            os.ftruncate(shared, HEAD.size + CAPACITY)
            given = {"scratch": scratch, "cpu": limits.cpu, "memory": limits.memory, "file_size": limits.file_size,
                     "packages": self.packages, "named": named}
            answer, handles = self._ask({"fork": given}, [theirs_in, theirs_out, output, shared])
            if len(handles) != 1:
                raise GraderError("the worker named no process")
            os.close(theirs_in)
            os.close(theirs_out)
            os.set_blocking(request, False)
            os.set_blocking(reply, False)
            undo.pop_all()
        child = Child(self, int(answer["pid"]), handles[0], request, reply, output, shared, scratch)
        self.children.add(child)
        return child

    def number(self, question: bytes) -> int | None:
        """The number by which children know a question; None if it has to be sent."""
        number = self._questions.get(question)
        if number is None:
            self._asked.add(question)
        return number

    def learn(self) -> None:
        """Teach the worker, for children to come, what was asked of the last two submissions: of a class, all are asked the same.

        Raises
        ------
        GraderError
            If it does not answer.
        """
        new, self._asked_before, self._asked = self._asked & self._asked_before, self._asked, set()
        if not new:
            return
        with os.fdopen(os.memfd_create("questions"), "w+b") as file:
            file.write(b"".join(new))
            file.seek(0)
            known, _ = self._ask({"learn": len(new)}, [file.fileno()])
        self._questions |= {question: int(known["questions"]) - len(new) + i for i, question in enumerate(new)}

    def reap(self, pid: int) -> End:
        """How a child that has ended did so; what it left behind is ended too."""
        answer, _ = self._ask({"reap": pid}, [])
        return End(int(answer["status"]), int(answer["memory"]))

    def _ask(self, message: dict[str, Any], fds: list[int]) -> tuple[dict[str, Any], list[int]]:
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], fds)
        except OSError as error:
            raise GraderError(f"the worker has ended{self._said()}") from error
        return self._receive(REPLY_SECONDS)

    def _receive(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        if not is_readable(self._control.fileno(), seconds):
            self._control.close()  # an answer that comes later must not be taken for the next one
            raise GraderError(f"the worker did not answer within {seconds:g} s")
        try:
            data, fds, _, _ = socket.recv_fds(self._control, _MESSAGE, 1)
        except OSError:
            data, fds = b"", []
        if not data:
            raise GraderError(f"the worker has ended{self._said()}")
        answer: dict[str, Any] = json.loads(data)
        if "error" in answer:
            raise GraderError(f"the worker failed: {answer['error']}")
        return answer, fds

    def _said(self) -> str:
        lines = os.pread(self._complaints, 2000, 0).decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""

    def close(self) -> None:
        """End it, its children, and whatever they left behind; a second time does nothing."""
        for child in tuple(self.children):
            child.abandon()
        self._control.close()  # it ends by itself, and what its children left with it
        if not self._ready:
            self._kill()  # nothing was asked yet, and importing numpy takes a while
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(REPLY_SECONDS / 5)
        if self._process.poll() is None:
            self._kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(REPLY_SECONDS)
        self._release()

    def _kill(self) -> None:
        """With its group: bubblewrap is two processes, of which the second, just born, would wait for the first one's word for ever."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _release(self) -> None:
        self._control.close()
        if self._complaints >= 0:
            os.close(self._complaints)
            self._complaints = -1
        remove(self._scratch)


class Parent(Protocol):
    """What a child needs of where it comes from."""

    children: "set[Child]"

    @property
    def outer(self) -> bool:
        """Whether it counts processes in a namespace of its own."""
        ...

    def reap(self, pid: int) -> End:
        """How a child that has ended did so."""
        ...


class Child:
    """One child: the pipes to it, its clock, and its end.

    Parameters
    ----------
    handle : int
        A pidfd: it stays this process's, whatever happens to the number.
    """

    def __init__(
        self, zygote: Parent, pid: int, handle: int, request: int, reply: int, output: int, shared: int, scratch: str
    ) -> None:
        self._zygote = zygote
        self._number = pid  # as the zygote counts
        self.pid = _number_here(handle) if zygote.outer else pid
        self.request, self.reply, self._output, self._shared, self.handle = request, reply, output, shared, handle
        self._scratch = scratch
        self._spent = 0.0
        self._end: End | None = None

    def cpu(self) -> float:
        """CPU seconds that it has spent, all threads together."""
        with contextlib.suppress(OSError):  # it has been reaped
            self._spent = time.clock_gettime((~self.pid << 3) | 2)  # as clock_getcpuclockid(3) makes it on Linux
        return self._spent

    def sleeps(self) -> bool:
        """Whether none of its threads wants the processor or waits for a disk; False where that cannot be told."""
        try:
            tasks = [(task / "stat").read_text() for task in Path(f"/proc/{self.pid}/task").iterdir()]
        except (OSError, ValueError):
            return False
        return all(task.rpartition(")")[2].split()[0] in "STtZ" for task in tasks)

    def has_ended(self, seconds: float = 0.0) -> bool:
        """Whether it ends within so many seconds."""
        return is_readable(self.handle, seconds)

    def printed(self, limit: int) -> str:
        """The beginning of what its last call printed."""
        return os.pread(self._output, limit, 0).decode("utf-8", "replace")

    def unsent(self, received: int) -> bytes:
        """The answers that it gave and did not send, if so many bytes were received; none if it is sending just now."""
        head = os.pread(self._shared, HEAD.size, 0)
        shared = head + os.pread(self._shared, CAPACITY, HEAD.size)
        is_sending = HEAD.unpack(head)[0] != HEAD.unpack(os.pread(self._shared, HEAD.size, 0))[0]  # then others may lie there already
        return b"" if is_sending else left(shared, received)

    def end(self) -> End:
        """Kill it if need be, and say how it ended.

        Raises
        ------
        GraderError
            If the zygote cannot say.
        """
        if self._end is None:
            try:
                self.kill()
                if not self.has_ended(REPLY_SECONDS):
                    raise GraderError(f"process {self.pid} cannot be ended")
                self._end = self._zygote.reap(self._number)
            finally:
                self.abandon()
        return self._end

    def abandon(self) -> None:
        """Kill it, and let go of everything that belongs to it; a second time does nothing."""
        if self not in self._zygote.children:
            return
        self._zygote.children.discard(self)
        self.kill()
        for fd in (self.request, self.reply, self._output, self._shared, self.handle):
            os.close(fd)
        remove(self._scratch)

    def kill(self) -> None:
        """End it, and wait for nothing."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)


def _number_here(handle: int) -> int:
    """The process number behind a pidfd, as this side counts; the zygote may count in a namespace of its own."""
    lines = Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))


def new_scratch() -> str:
    """A directory for those of children."""
    path = tempfile.mkdtemp(prefix="grade-", dir=_SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None)
    os.chmod(path, 0o711)  # noqa: PTH101, S103 - each child's own folder in it is closed to the others
    return path


def folder_of_numpy() -> str:
    """Where numpy is installed, and much else.

    Raises
    ------
    GraderError
        If it is not installed.
    """
    spec = importlib.util.find_spec("numpy")
    if spec is None or spec.origin is None:
        raise GraderError("numpy is not installed beside the grader")
    return str(Path(spec.origin).parent.parent)


def pipe(undo: contextlib.ExitStack) -> tuple[int, int]:
    """Its two ends, to read and to write, closed when things go wrong."""
    ends = os.pipe()
    for fd in ends:
        undo.callback(_close, fd)
    return ends


def _close(fd: int) -> None:
    with contextlib.suppress(OSError):
        os.close(fd)


def is_readable(fd: int, seconds: float) -> bool:
    """Whether there is something to read, or an end, within so many seconds."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(max(0, seconds) * 1000))
