"""What a submission may not do, tried: the label that a report carries says what came of it.

One child does this, confined as those after it will be, before any submission is read.
"""

import mmap
import os
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .confine import Room

_NOWHERE: Final = ("127.0.0.1", 9)  # "discard": that nobody answers is not for want of a network
_FOLDERS: Final = ("/dev/shm", "/tmp", "/var/tmp", ".")  # noqa: S108 - nothing is kept there


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be kept apart.

    Parameters
    ----------
    grader : int
        Its process.
    file : str
        A file that the grader can read.
    room : Room
        What the child was given.
    """

    grader: int
    file: str
    room: Room


def _read_file(target: Target) -> None:
    with open(target.file, "rb") as file:  # noqa: PTH123 - the plain call is what is tried
        file.read(1)


def _read_memory(target: Target) -> None:
    for name in ("environ", "mem", "maps"):
        try:
            os.close(os.open(f"/proc/{target.grader}/{name}", os.O_RDONLY))
        except OSError:
            continue
        return
    raise PermissionError


def _signal(target: Target) -> None:
    os.kill(target.grader, 0)


def _write(_target: Target) -> None:
    for folder in _FOLDERS:
        path = f"{folder}/grade-probe-{os.getpid()}"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except OSError:
            continue
        os.unlink(path)  # noqa: PTH108 - as above
        return
    raise PermissionError


def _tcp(_target: Target) -> None:
    with socket.socket() as tcp:
        tcp.settimeout(1)
        try:
            tcp.connect(_NOWHERE)
        except ConnectionRefusedError:
            return


def _udp(_target: Target) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.sendto(b"", _NOWHERE)


def _fork(_target: Target) -> None:
    if (pid := os.fork()) == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _execute(_target: Target) -> None:
    try:
        os.execv("/nowhere", ["nowhere"])  # noqa: S606 - that it looks for the file shows that it may
    except FileNotFoundError:
        return


def _allocate(target: Target) -> None:
    mmap.mmap(-1, target.room.memory + (64 << 20)).close()


def _processes(_target: Target) -> None:
    if not any(name.isdigit() and int(name) not in (os.getpid(), 1) for name in os.listdir("/proc")):  # noqa: PTH208
        raise PermissionError


ATTEMPTS: Final[Mapping[str, Callable[[Target], None]]] = MappingProxyType({
    "files": _read_file, "memory": _read_memory, "signals": _signal, "writing": _write, "tcp": _tcp, "udp": _udp,
    "fork": _fork, "exec": _execute, "allocation": _allocate, "processes": _processes,
})  # fmt: skip
"""Each returns if it succeeds, which it should not, and raises if it is refused."""


def held(target: Target, names: Iterable[str] = tuple(ATTEMPTS)) -> list[str]:
    """The attempts that failed, of those that have a meaning on this system."""
    return [name for name in names if not _succeeds(ATTEMPTS[name], target)]


def _succeeds(attempt: Callable[[Target], None], target: Target) -> bool:
    try:
        attempt(target)
    except (OSError, MemoryError, ValueError):
        return False
    return True
