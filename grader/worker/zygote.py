"""The zygote: a fresh interpreter that has imported what submissions need, and forks one child per request.

It is started for this alone, so it never held a reference, a rubric or the operator's environment, and it runs a single
thread. Requests are JSON messages on a socket; the descriptors of a child travel with them. Children are reaped on request
only: until then their process numbers stay theirs.
"""

import gc
import importlib
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from .child import live
from .confine import Room, adopt_orphans, default_signals

PRELOADED: Final = (
    "abc", "argparse", "array", "ast", "bisect", "cmath", "collections", "contextlib", "copy", "csv", "dataclasses",
    "datetime", "decimal", "enum", "fractions", "functools", "gc", "glob", "hashlib", "heapq", "inspect", "io", "itertools",
    "json", "linecache", "logging", "math", "numbers", "operator", "os", "pathlib", "pickle", "pprint", "queue", "random",
    "re", "shutil", "statistics", "string", "struct", "sys", "tempfile", "textwrap", "threading", "time", "timeit",
    "traceback", "types", "typing", "warnings", "numpy", "numpy.linalg", "numpy.random",
)
"""What a submission may well import: done once, here, instead of in every child."""
_MESSAGE: Final = 4096  # bytes: a request is a few numbers and a path
_ROUNDS: Final = 500  # of killing what a child left behind, one or two milliseconds each


def main(control_fd: int, scratch: str) -> None:
    """Serve until the grader closes its end or dies; then end every descendant and remove the scratch directory.

    So it must not be killed together with the grader: what a submission left running would live on.
    """
    control = socket.socket(fileno=control_fd)
    adopt_orphans()
    default_signals()
    for name in PRELOADED:
        importlib.import_module(name)
    _forget_the_room()
    gc.collect()
    gc.freeze()  # a child's garbage collector would otherwise copy every page that it looks at
    control.send(json.dumps({"ready": os.getpid()}).encode())
    room = _Zygote(control).serve()
    if room is not None:
        live(room)
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)  # there is nothing to tidy up in this process, and doing so takes 10 ms


def _forget_the_room() -> None:
    """No module of ours is left to be imported by name, ``__main__`` is nobody's, and the command line is a student's."""
    for name in [n for n in sys.modules if n.partition(".")[0] in (__name__.partition(".")[0], "__main__")]:
        del sys.modules[name]
    sys.modules["__main__"] = ModuleType("__main__")
    sys.argv[:] = sys.orig_argv[:] = ["submit.py"]


class _Zygote:
    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: set[int] = set()

    def serve(self) -> Room | None:
        """In the zygote: answer until the end, then None. In a child: what it is given."""
        while True:
            data, fds, _, _ = socket.recv_fds(self.control, _MESSAGE, 3)
            if not data:
                self._end()
                return None
            request = json.loads(data)
            if "reap" in request:
                self._reap(request["reap"])
            elif (room := self._fork(request["fork"], fds)) is not None:
                self.control.close()
                return room

    def _fork(self, given: dict[str, Any], fds: list[int]) -> Room | None:
        zygote, (request_fd, reply_fd, output_fd) = os.getpid(), fds
        try:
            pid = os.fork()
        except OSError as error:
            self._answer({"error": f"no process could be started: {error.strerror}"})
            pid = -1
        if pid == 0:
            return Room(request_fd, reply_fd, output_fd, zygote=zygote, **given)
        for fd in fds:
            os.close(fd)
        if pid > 0:
            self.children.add(pid)
            handle = os.pidfd_open(pid)
            self._answer({"pid": pid}, handle)
            os.close(handle)
        return None

    def _answer(self, message: dict[str, Any], *fds: int) -> None:
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
