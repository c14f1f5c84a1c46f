"""The layers around a child, put on in this order before it reads its first byte.

A layer is a function of the `Room`. If one raises, no student code runs, and it is the host's problem. Another level of
isolation is another entry in `LAYERS`.
"""

import ctypes
import fcntl
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

REQUEST_FD: Final = 3
REPLY_FD: Final = 4
_FIRST_FREE: Final = 5
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_CHILD_SUBREAPER: Final = 36
OPEN_FILES: Final = 64  # descriptors: more than any handout opens


@dataclass(slots=True)
class Room:
    """What a child is given.

    Parameters
    ----------
    request_fd, reply_fd, output_fd : int
        Pipe ends and the file for printed text, as the zygote received them.
    scratch : str
        Its working directory.
    cpu : int
        Seconds, the backstop behind the grader's own clock.
    memory, file_size : int
        Bytes; memory is address space beyond what the zygote has.
    zygote : int
        Process that it was forked from.
    """

    request_fd: int
    reply_fd: int
    output_fd: int
    scratch: str
    cpu: int
    memory: int
    file_size: int
    zygote: int


def prctl(option: int, value: int) -> None:
    """One of the process's switches; OSError if the kernel refuses."""
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent has ended."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def default_signals() -> None:
    """As a fresh Python has them, whatever the grader inherited; children inherit it in turn.

    SIGXFSZ stays ignored: a write beyond the limit on file sizes is an OSError at the student's line, not the end of the
    process.
    """
    ignored = (signal.SIGPIPE, signal.SIGXFSZ)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) is not None:  # None: the C library's own
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def own_session(room: Room) -> None:
    """No terminal, a process group to kill, and no life without the zygote."""
    os.setsid()
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != room.zygote:
        raise ProcessLookupError("the zygote has ended")


def descriptors(room: Room) -> None:
    """0 is /dev/null, 1 and 2 the file for printed text, 3 and 4 the pipes; nothing else is open."""
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in (room.output_fd, room.output_fd, room.request_fd, room.reply_fd)]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for target, fd in enumerate(high, start=1):
        os.dup2(fd, target)
    room.reply_fd = REPLY_FD
    os.closerange(_FIRST_FREE, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def resources(room: Room) -> None:
    """Limits that the kernel keeps."""
    address_space = int(_read("/proc/self/statm").split()[0]) * resource.getpagesize() + room.memory
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, room.cpu, room.cpu + 1),
        (resource.RLIMIT_AS, address_space, address_space),
        (resource.RLIMIT_FSIZE, room.file_size, room.file_size),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        ceiling = resource.getrlimit(kind)[1]  # what the machine's owner set; -1 for nothing
        most = hard if ceiling == resource.RLIM_INFINITY else min(hard, ceiling)
        resource.setrlimit(kind, (min(soft, most), most))


def _read(path: str) -> str:
    with open(path) as file:  # noqa: PTH123 - pathlib is no business of the zygote
        return file.read()


def environment(room: Room) -> None:
    """The zygote's few variables, and a home of one's own."""
    os.environ.update(HOME=room.scratch, TMPDIR=room.scratch)
    os.chdir(room.scratch)


def no_new_privileges(_room: Room) -> None:
    """No set-uid program gives anything back."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


LAYERS: tuple[Callable[[Room], None], ...] = (own_session, descriptors, resources, environment, no_new_privileges)
