"""The zygote: a fresh interpreter that has imported what submissions need, and forks one child per request.

It is started for this alone, so it never held a reference, a rubric or the operator's environment, and it runs a single
thread. Requests are JSON messages on a socket; the descriptors of a child travel with them. Children are reaped on request
only: until then their process numbers stay theirs.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from mmap import mmap
from types import ModuleType
from typing import Any, Final

from . import attempts, preload
from .child import confined, live
from .confine import REPLY_FD, WRITABLE, Room, Walls, adopt_orphans, default_signals, keep_memory_private, possible, walls
from .replies import CAPACITY, HEAD
from .scratch import remove
from .wire import CUT_OFF, UNBOUNDED, FrameReader, Tree, WireError, encode, loads_all

_MESSAGE: Final = 1 << 16  # bytes: a request is a few numbers, and the paths of all packages that a course allows
_PLAN: Final = 1 << 18  # bytes: a few hundred paths
_PROBE_SECONDS: Final = 10.0  # for what takes some 5 ms
_PROBE_MEMORY: Final = 64 << 20
_ROUNDS: Final = 500  # of killing what a child left behind, one or two milliseconds each


def main(control_fd: int, scratch: str) -> None:
    """Serve until the grader closes its end or dies; then end every descendant and remove the scratch directory.

    So it must not be killed together with the grader: what a submission left running would live on.
    """
    try:
        _serve(socket.socket(fileno=control_fd), scratch)
    finally:
        remove(scratch)


def _serve(control: socket.socket, scratch: str) -> None:
    gc.disable()  # nothing is garbage while modules are being imported, and looking for it takes as long as numpy
    keep_memory_private()
    adopt_orphans()
    default_signals()
    preload.usual()
    zygote = _Zygote(control, json.loads(control.recv(_PLAN)), scratch)
    zygote.choose()
    if zygote.level == "C":
        preload.silent()
    time.tzset()  # reads /etc/localtime, which no child can
    forget_the_room()
    zygote.modules = dict(sys.modules)
    gc.collect()
    gc.freeze()  # a child's garbage collector would otherwise copy every page that it looks at
    gc.enable()
    zygote.say_ready()
    room = zygote.serve()
    if room is not None:
        live(room)


def forget_the_room() -> None:
    """No module of ours is left to be imported by name, ``__main__`` is nobody's, and the command line is a student's."""
    for name in [n for n in sys.modules if n.partition(".")[0] in (__name__.partition(".")[0], "__main__")]:
        del sys.modules[name]
    sys.modules["__main__"] = ModuleType("__main__")
    sys.argv[:] = sys.orig_argv[:] = ["submit.py"]


class _Zygote:
    def __init__(self, control: socket.socket, plan: dict[str, Any], scratch: str) -> None:
        self.control = control
        self.plan = plan
        self.children: set[int] = set()
        self.walls: dict[tuple[str, ...], Walls] = {}
        self.questions: list[Sequence[Tree]] = []
        self.calls: dict[bytes, Tree] = {}  # those of the questions, of equal ones the first
        self.modules: dict[str, ModuleType] = {}
        self.level = ""
        self.held: list[str] = []
        self.failed: dict[str, str] = {}
        self.empty = f"{scratch}/empty"
        os.mkdir(self.empty, 0o555)  # noqa: PTH102 - no pathlib for one line

    # ---- which level holds here ----

    def choose(self) -> None:
        """The first of the levels asked for that can be put on and keeps what it must; none where there is no such level."""
        for level, must in self.plan["levels"].items():
            problem = possible(level, self._walls(())) or self._tried(level, set(must))
            if not problem:
                self.level = level
                return
            self.failed[level] = problem

    def _tried(self, level: str, must: set[str]) -> str:
        """What a child at this level could do that it must not; notes what it could not."""
        try:
            answer = self._probe(level)
        except (OSError, WireError) as error:
            return f"the trial child failed: {error}"
        if "held" not in answer:
            return str(answer.get("failed"))
        self.held = list(answer["held"])
        return ", ".join(sorted(must - set(self.held)))

    def _probe(self, level: str) -> dict[str, Any]:
        reply, theirs = os.pipe()
        output, grader = os.memfd_create("output"), self.plan["grader"]
        zygote, pid = os.getpid(), os.fork()
        if pid == 0:
            try:
                room = Room(os.dup(0), theirs, output, mmap(-1, 1), self.empty, int(_PROBE_SECONDS), _PROBE_MEMORY, 0, zygote, level,
                            self._walls(()))
                confined(room)
                os.write(REPLY_FD, encode({"held": attempts.held(attempts.Target(grader, self.plan["file"], room))}))
            finally:
                os._exit(0)
        os.close(theirs)
        os.close(output)
        try:
            if not select.select([reply], [], [], _PROBE_SECONDS)[0]:
                raise TimeoutError("no answer")
            answer = FrameReader().read(reply)
            return {} if answer is None else answer[0]
        finally:
            os.close(reply)
            _kill_group(pid)
            os.waitpid(pid, 0)
            self._sweep()

    def say_ready(self) -> None:
        """Tell the grader what stands."""
        ready = {"ready": os.getpid(), "level": self.level, "held": self.held, "failed": self.failed}
        self._answer(ready)

    def _walls(self, packages: tuple[str, ...]) -> Walls:
        """The walls around a child that may read these besides."""
        if packages not in self.walls:
            self.walls[packages] = walls([*self.plan["readable"], self.empty, *packages], self.plan["levels"])
        return self.walls[packages]

    # ---- requests ----

    def serve(self) -> Room | None:
        """In the zygote: answer until the end, however it comes, then end every descendant: None. In a child: what it is given."""
        room = None
        try:
            while room is None and (request := self._next()):
                room = self._done(*request)
        finally:
            if room is None:
                self._end()
        return room

    def _next(self) -> tuple[dict[str, Any], list[int]] | None:
        """A request and its descriptors; None if there is nobody any more to ask for anything."""
        try:
            data, fds, _, _ = socket.recv_fds(self.control, _MESSAGE, 4)
        except ConnectionError:  # as the kernel says it where an answer of ours was never read
            return None
        return (json.loads(data), fds) if data else None

    def _done(self, request: dict[str, Any], fds: list[int]) -> Room | None:
        """Do what is asked for; in a new child, what it is given."""
        if "fork" in request:
            return self._fork(request["fork"], fds)
        if "reap" in request:
            self._reap(request["reap"])
        else:
            self._learn(*fds)
        return None

    def _learn(self, fd: int) -> None:
        """Read questions once for all children to come: inputs of calls, as each of them would be sent; equal ones are one object."""
        with os.fdopen(fd, "rb") as file:
            frames = loads_all(file.read(), UNBOUNDED)
            self.questions += [[self.calls.setdefault(encode(call), call) for call in frame["calls"]] for frame in frames]
        gc.freeze()  # as at the beginning
        self._answer({"questions": len(self.questions)})

    def _fork(self, given: dict[str, Any], fds: list[int]) -> Room | None:
        packages, named = given.pop("packages"), given.pop("named")
        walls = self._walls(tuple(path for paths in packages.values() for path in paths))
        if self.level == "C":
            preload.packages(packages)
            preload.at_last(named)
            self.modules = dict(sys.modules)
        if self.level not in WRITABLE:
            given["scratch"] = self.empty
        zygote, (request_fd, reply_fd, output_fd, shared_fd) = os.getpid(), fds
        try:
            pid = os.fork()
        except OSError as error:
            self._answer({"error": f"no process could be started: {error.strerror}"})
            pid = -1
        if pid == 0:
            return self._born(request_fd, reply_fd, output_fd, shared_fd, zygote=zygote, walls=walls, **given)
        for fd in fds:
            os.close(fd)
        if pid > 0:
            self.children.add(pid)
            handle = os.pidfd_open(pid)
            self._answer({"pid": pid}, handle)
            os.close(handle)
        return None

    def _born(self, request_fd: int, reply_fd: int, output_fd: int, shared_fd: int, **given: Any) -> Room:
        """In a child: what it is given. Whatever goes wrong here must not end as in the zygote, with the end of its sisters."""
        try:
            self.control.close()
            shared = mmap(shared_fd, HEAD.size + CAPACITY)
            return Room(request_fd, reply_fd, output_fd, shared, level=self.level, questions=self.questions, modules=self.modules, **given)
        except BaseException:  # noqa: BLE001 - it is lost before it has read anything: the grader says so
            os._exit(CUT_OFF)

    def _answer(self, message: dict[str, Any], *fds: int) -> None:
        with contextlib.suppress(ConnectionError):  # there is nobody to read it: so the next request says, too
            socket.send_fds(self.control, [json.dumps(message).encode()], fds)

    def _reap(self, pid: int) -> None:
        """Say how a child of ours ended, and end what it left behind."""
        if pid not in self.children:
            return self._answer({"error": f"{pid} is no child"})
        _kill_group(pid)  # while its number cannot mean another process yet
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if not ended:
            return self._answer({"error": f"process {pid} has not ended"})
        self.children.discard(pid)
        self._sweep()
        return self._answer({"status": os.waitstatus_to_exitcode(status), "memory": usage.ru_maxrss * 1024})

    def _sweep(self) -> None:
        """Kill and reap every process that is our child by adoption."""
        for _ in range(_ROUNDS):
            orphans = [p for p in _children() if p not in self.children]
            if not orphans:
                return
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
                if not os.waitpid(pid, os.WNOHANG)[0]:
                    time.sleep(0.001)

    def _end(self) -> None:
        for pid in self.children:
            _kill_group(pid)
        self.children.clear()
        self._sweep()


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _children() -> Iterator[int]:
    """Our children; none where the kernel does not list them."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123 - no pathlib for one line
            yield from map(int, file.read().split())
    except FileNotFoundError:
        return
