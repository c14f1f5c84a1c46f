"""Level E, for macOS: a fresh interpreter per child inside ``sandbox-exec``; memory is limited by looking at it.

Untested on macOS: written without one. The tests run it on Linux, with a stand-in for ``sandbox-exec`` and for `used`. A child
is supervised by two threads, as macOS has no pidfd: one waits for its end, one weighs it.
"""

import atexit
import contextlib
import ctypes
import itertools
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Final

from grader.core.errors import GraderError
from grader.runner import levels, seatbelt, zygote
from grader.runner.protocol import Isolation
from grader.runner.zygote import Child, ChildLimits, End
from grader.worker.replies import CAPACITY, HEAD
from grader.worker.scratch import remove
from grader.worker.wire import FrameReader, Tree, WireError

SANDBOX_EXEC: Final = "/usr/bin/sandbox-exec"  # by its path: another one on PATH would be somebody's
_ENVIRONMENT: Final = {**zygote.ENVIRONMENT, "VECLIB_MAXIMUM_THREADS": "1"}  # Accelerate's word for what the others say
_GLANCE: Final = 0.02  # seconds between two looks at a child's memory: at 10 GB/s it fills 200 MB meanwhile
_TRIAL: Final = ChildLimits(10, 1 << 40, 0)  # as the zygote's trial child: seconds, bytes, bytes per file
_RECORD: Final = struct.Struct("=16x10Q")
"""``rusage_info_v0`` of <sys/resource.h>: after an identifier, CPU ticks of user and system, ..., eighth the physical footprint."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a process has used: CPU seconds so far, bytes of memory now."""

    cpu: float
    memory: int


def used(pid: int) -> Use:
    """What macOS says of a process of one's own.

    The footprint counts what the kernel has compressed, as the resident size does not. Ticks are of the hardware's clock, whose
    frequency is the true one also where an Intel Python is being translated.

    Raises
    ------
    OSError
        If it has ended.
    """
    libc, record = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(_RECORD.size)
    frequency, size = ctypes.c_uint64(), ctypes.c_size_t(8)
    if libc.proc_pid_rusage(pid, 0, record) or libc.sysctlbyname(
            b"hw.tbfrequency", ctypes.byref(frequency), ctypes.byref(size), None, ctypes.c_size_t(0)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    user, system, _, _, _, _, _, footprint, _, _ = _RECORD.unpack(record.raw)
    return Use((user + system) / frequency.value, footprint)


class Fresh:
    """Stands where a `Zygote` does, and starts an interpreter for each child.

    Parameters
    ----------
    tried : sequence of str
        Levels, best first; only E has a sandbox.
    packages : dict of str to list of str
        What children may read and import besides numpy, and where it lies.
    """

    outer: Final = False

    def __init__(self, tried: Sequence[str], packages: dict[str, list[str]]) -> None:
        self._tried = tried
        self.packages = packages
        self.children: set[Child] = set()
        self._scratch = os.path.realpath(zygote.new_scratch())
        self._empty = f"{self._scratch}/empty"
        os.mkdir(self._empty, 0o555)  # noqa: PTH102 - as the zygote does
        self._bare = 0
        self.ends: dict[int, End] = {}
        atexit.register(self.close)  # no zygote outlives this process to clear up after it

    # ---- which level holds here ----

    @cached_property
    def _measured(self) -> tuple[str, set[str]]:
        failed = {}
        for level in self._tried:
            try:
                held = self._trial(level)
            except (OSError, GraderError, WireError) as error:
                failed[level] = f"the trial child failed: {error}"
                continue
            missing = set(levels.MUST[level]) - held
            if not missing:
                return level, held
            failed[level] = ", ".join(sorted(missing))
        raise levels.nothing_holds(failed)

    def _trial(self, level: str) -> set[str]:
        """What the trial child could not do; notes how much memory a worker needs for itself."""
        child = self._start(level, _TRIAL, {"names": levels.MEASURED_ELSEWHERE, "grader": os.getpid(), "file": __file__})
        try:
            answer = self._answer(child)
            self._bare = used(child.pid).memory
        finally:
            child.end()
        if "held" not in answer:
            raise GraderError(str(answer.get("failed")))
        return set(answer["held"])

    def _answer(self, child: Child) -> Tree:
        reader, deadline = FrameReader(), time.monotonic() + zygote.START_SECONDS
        while (answer := reader.read(child.reply)) is None:
            if reader.eof or not zygote.is_readable(child.reply, deadline - time.monotonic()):
                raise GraderError(child.printed(2000).strip() or "no answer")
        return answer[0]

    @property
    def level(self) -> str:
        """The level that holds; GraderError if none that was asked for does."""
        return self._measured[0]

    @property
    def isolation(self) -> Isolation:
        """What was measured; raises as `level` does."""
        return levels.label_elsewhere(*self._measured)

    # ---- children ----

    def number(self, question: bytes) -> None:
        """None: no child knows any question before it is asked."""

    def learn(self) -> None:
        """Nothing: there is nobody who could tell them."""

    def fork(self, limits: ChildLimits, _texts: Iterable[str] = ()) -> Child:
        """A new child, which has not read anything yet.

        Raises
        ------
        GraderError
            If the machine does not give us one.
        """
        level = self.level
        try:
            return self._start(level, limits, {})
        except OSError as error:
            raise GraderError(f"no process could be prepared: {error}") from error

    def _start(self, level: str, limits: ChildLimits, trial: Mapping[str, object]) -> "_Child":
        with contextlib.ExitStack() as undo:
            folder = tempfile.mkdtemp(dir=self._scratch)
            undo.callback(remove, folder)
            (request_fd, request), (reply, reply_fd), (plan_fd, plan), life = (zygote.pipe(undo) for _ in range(4))
            output, shared = (_file(f"{folder}/{name}", undo) for name in ("output", "answers"))
            os.ftruncate(shared, HEAD.size + CAPACITY)
            os.unlink(f"{folder}/answers")  # noqa: PTH108 - only descriptors of it are used
            room = {"request_fd": request_fd, "reply_fd": reply_fd, "output_fd": output, **asdict(limits)}
            os.write(plan, json.dumps({"room": room, "shared_fd": shared, "trial": trial}).encode())  # less than any pipe holds
            process = subprocess.Popen(  # noqa: S603 - this interpreter and our own file
                self._command(level, plan_fd, f"{folder}/output"), env=_ENVIRONMENT, cwd="/", start_new_session=True,
                pass_fds=[request_fd, reply_fd, plan_fd, output, shared], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )
            undo.pop_all()
        for fd in (request_fd, reply_fd, plan_fd, plan):
            os.close(fd)
        os.set_blocking(request, False)
        os.set_blocking(reply, False)
        return _Child(self, process, life, (request, reply, output, shared), folder, self._bare + limits.memory)

    def _command(self, level: str, plan_fd: int, output: str) -> list[str]:
        python, worker, numpy = (os.path.realpath(p) for p in (sys.executable, str(zygote.WORKER), zygote.folder_of_numpy()))
        command = [python, *zygote.SWITCHES, worker, str(plan_fd), self._empty, numpy, "alone"]
        if level != "E":
            return command
        library, resources = (os.path.realpath(f"{sys.base_prefix}/{name}") for name in ("Python", "Resources"))  # of a framework
        programs = [python, f"{resources}/Python.app/Contents/MacOS/Python"]  # the first becomes the second there
        paths = [*levels.readable(), library, resources, worker, self._empty, *itertools.chain(*self.packages.values())]
        listed = [numpy, *(place for folder in levels.standard() for place in (folder, os.path.realpath(folder)))]
        return [SANDBOX_EXEC, "-p", seatbelt.profile(paths, listed, programs, output), *command]

    def reap(self, pid: int) -> End:
        """How a child that has ended did so."""
        return self.ends.pop(pid)

    def close(self) -> None:
        """End every child; a second time does nothing."""
        for child in tuple(self.children):
            child.abandon()
        remove(self._scratch)
        atexit.unregister(self.close)


class _Child(Child):
    """A child that this process has started itself, and two threads that watch it."""

    def __init__(
        self, fresh: Fresh, process: subprocess.Popen[bytes], life: tuple[int, int], fds: tuple[int, int, int, int], folder: str,
        memory: int,
    ) -> None:
        handle, last_breath = life
        super().__init__(fresh, process.pid, handle, *fds, folder)
        self._fresh, self._process, self._most = fresh, process, 0
        self._gone = threading.Event()
        fresh.children.add(self)
        threading.Thread(target=self._await_end, args=[last_breath], daemon=True).start()
        threading.Thread(target=self._weigh, args=[memory], daemon=True).start()

    def _await_end(self, last_breath: int) -> None:
        """Then the handle becomes readable."""
        _, status = os.waitpid(self.pid, 0)
        self._gone.set()
        self._process.returncode = os.waitstatus_to_exitcode(status)  # so that nobody else waits for it
        self._fresh.ends[self.pid] = End(self._process.returncode, self._most)
        os.close(last_breath)

    def _weigh(self, memory: int) -> None:
        """End it when it holds more than so many bytes."""
        while not self._gone.wait(_GLANCE):
            self._most = max(self._most, self._use().memory)
            if self._most > memory:
                self.kill()

    def _use(self) -> Use:
        try:
            return used(self.pid)
        except OSError:  # it has just ended
            return Use(self._spent, 0)

    def cpu(self) -> float:
        """CPU seconds that it has spent, all threads together."""
        if not self._gone.is_set():
            self._spent = max(self._spent, self._use().cpu)
        return self._spent

    def kill(self) -> None:
        """End it and its group, and wait for nothing."""
        for kill in (os.killpg, os.kill):
            if not self._gone.is_set():
                with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says the latter of one that has ended
                    kill(self.pid, signal.SIGKILL)


def _file(path: str, undo: contextlib.ExitStack) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    undo.callback(os.close, fd)
    return fd
