"""The layers around a child, put on one after the other before it reads its first byte.

A layer is a function of the `Room`. If one raises, no student code runs, and it is the host's problem. A level of isolation
is a sequence of layers, an entry in `LEVELS`.
"""

import ctypes
import fcntl
import os
import resource
import signal
import stat
import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from mmap import mmap
from types import ModuleType
from typing import Any, Final

from . import landlock, seccomp, trace

REQUEST_FD: Final = 3
REPLY_FD: Final = 4
RULESET_FD: Final = 5  # closed again before anything is read
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
_PR_SET_DUMPABLE: Final = 4
_PR_SET_KEEPCAPS: Final = 8
_PR_CAPBSET_DROP: Final = 24
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38
_CAPABILITIES: Final = 64  # bits of a capability set in <linux/capability.h>, version 3
_CAPSET_VERSION: Final = 0x20080522
_CAP_SETUID: Final = 1 << 7
_MOST_FILES: Final = 1 << 16  # descriptors that are closed where the number of open ones has no limit, as on macOS
OPEN_FILES: Final = 64  # descriptors: more than any handout opens
_MOST_TASKS: Final = 1 << 22  # PID_MAX_LIMIT of <linux/threads.h>
STACK: Final = 8 << 20  # bytes: the default of every Linux, so that recursion goes as deep as at home
THREADS: Final = 128  # of a user that nobody else is, or beyond what runs already; as many as fit into 1 GiB of address space
UNUSED: Final = (1_900_000_000, 60_578)
"""First of the user numbers that systemd's documentation ("Users, Groups, UIDs and GIDs") calls unused: a large range, and
one of 606 numbers for containers that know 65536 only."""
_UNUSED_FEW: Final = 606
_UNUSED_MANY: Final = 200_000_000  # of the large range; the numbers of all processes have room behind them


@dataclass(slots=True)
class Room:
    """What a child is given.

    Parameters
    ----------
    request_fd, reply_fd, output_fd : int
        Pipe ends and the file for printed text, as the zygote received them.
    shared : mmap
        Where answers wait, see `replies.Replies`.
    scratch : str
        Its working directory.
    cpu : int
        Seconds, the backstop behind the grader's own clock.
    memory, file_size : int
        Bytes; memory is address space beyond what the zygote has.
    zygote : int
        Process that it was forked from.
    level : str
        One of `LEVELS`.
    walls : Walls
        What the zygote has prepared.
    questions : sequence of sequence
        Groups of calls that the zygote was told beforehand, since they are put to every submission of a class.
    modules : dict of str to module
        What it has imported: a copy of `sys.modules` that is made once, since a child that made one would write to every module.
    """

    request_fd: int
    reply_fd: int
    output_fd: int
    shared: mmap
    scratch: str
    cpu: int
    memory: int
    file_size: int
    zygote: int
    level: str
    walls: "Walls"
    questions: Sequence[Sequence[Any]] = ()
    modules: dict[str, ModuleType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Walls:
    """What is made once, in the zygote, for all children.

    Parameters
    ----------
    ruleset : int
        Landlock ruleset, or -1.
    filters : mapping of bool to bytes
        seccomp programs: with opening for reading, and without; empty where there are none.
    user : int
        First number of the users to become, or 0: keep one's own, without its capabilities.
    closed : bool
        Whether such a user could not read what computing needs: threads are counted as that one's, and files opened as root.
    """

    ruleset: int
    filters: Mapping[bool, bytes]
    user: int
    closed: bool = False


def prctl(option: int, value: int) -> None:
    """One of the process's switches; OSError if the kernel refuses."""
    _checked(_libc.prctl(option, value, 0, 0, 0))


_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


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


def keep_memory_private() -> None:
    """No core dump; nobody of the same user reads this process's memory or takes its descriptors."""
    prctl(_PR_SET_DUMPABLE, 0)


def own_session(_room: Room) -> None:
    """No terminal, and a process group to kill."""
    os.setsid()


def descriptors(room: Room) -> None:
    """0 is /dev/null, 1 and 2 the file for printed text, 3 and 4 the pipes; nothing else stays open."""
    given = [room.output_fd, room.output_fd, room.request_fd, room.reply_fd]
    if room.level in NEEDS_RULESET:
        given.append(room.walls.ruleset)
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, len(given) + 1) for fd in given]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for target, fd in enumerate(high, start=1):
        os.dup2(fd, target)
    room.reply_fd = REPLY_FD
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    os.closerange(len(given) + 1, _MOST_FILES if most == resource.RLIM_INFINITY else most)


def resources(room: Room) -> None:
    """Limits that the kernel keeps."""
    address_space = int(_read("/proc/self/statm").split()[0]) * resource.getpagesize() + room.memory
    common_resources(room)
    for kind, most in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_STACK, STACK),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_NPROC, _tasks() + THREADS),  # of the user, children or not
    ):
        _limit(kind, most, most)


def common_resources(room: Room) -> None:
    """Those that macOS keeps, too: it knows no message queues, does not keep to address space, and refuses Python a stack."""
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, room.cpu, room.cpu + 1),
        (resource.RLIMIT_FSIZE, room.file_size, room.file_size),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _limit(kind, soft, hard)


def _limit(kind: int, soft: int, hard: int) -> None:
    ceiling = resource.getrlimit(kind)[1]  # what the machine's owner set; -1 for nothing
    most = hard if ceiling == resource.RLIM_INFINITY else min(hard, ceiling)
    resource.setrlimit(kind, (min(soft, most), most))


def _tasks() -> int:
    """Processes and threads that run on this machine; as many as there may be where ``/proc`` shows processes only."""
    try:
        return int(_read("/proc/loadavg").split()[3].split("/")[1])
    except OSError:
        return _MOST_TASKS


def _read(path: str) -> str:
    """What a file of the kernel's says; not through a text stream, whose making touches, and so copies, many pages in every child."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return b"".join(iter(lambda: os.read(fd, 1 << 16), b"")).decode()
    finally:
        os.close(fd)


def environment(room: Room) -> None:
    """The zygote's few variables, and a home of one's own."""
    os.environ["HOME"] = os.environ["TMPDIR"] = room.scratch
    os.chdir(room.scratch)


def nobody(room: Room) -> None:
    """If it is root: a user that nobody else is, who opens files as root where he could not read the interpreter; or root by name only."""
    if os.geteuid() != 0:
        return
    if not room.walls.user or room.walls.closed:
        _inherit_no_capabilities()
    if room.walls.user:
        number = room.walls.user + os.getpid()
        _become(number if room.walls.user >= UNUSED[0] else UNUSED[1] + (number - UNUSED[1]) % _UNUSED_FEW, room)
    else:
        _have_capabilities(0)


def _become(user: int, room: Room) -> None:
    """That user, for good: root's threads have no limit."""
    _limit(resource.RLIMIT_NPROC, THREADS, THREADS)
    if room.walls.closed:
        prctl(_PR_SET_KEEPCAPS, 1)
        os.setresuid(user, user, user)
        _have_capabilities(_CAP_SETUID)
        _libc.setfsuid(0)  # which says nothing of how it went: numpy is there already, and whoever can open no file is told so
        _have_capabilities(0)
        return
    if room.level in WRITABLE:
        os.chown(room.scratch, user, user)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _inherit_no_capabilities() -> None:
    for capability in range(_CAPABILITIES):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            if capability == 0:
                _checked(-1)
            return  # the kernel knows no more


def _have_capabilities(which: int) -> None:
    """These and no others, of those that it has."""
    _checked(_libc.capset(struct.pack("=Ii", _CAPSET_VERSION, 0), struct.pack("=6I", which, which, *[0] * 4)))


def ties(room: Room) -> None:
    """No life without the zygote. A change of user unties, so this comes after it."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != room.zygote:
        raise ProcessLookupError("the zygote has ended")


def private_memory(_room: Room) -> None:
    """Nobody reads its memory: what one submission holds is nothing to another."""
    keep_memory_private()


def no_new_privileges(_room: Room) -> None:
    """No set-uid program gives anything back."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def files(_room: Room) -> None:
    """Landlock: read what computing needs, and nothing else."""
    landlock.restrict(RULESET_FD)
    os.close(RULESET_FD)


def system_calls(room: Room) -> None:
    """seccomp: compute, and nothing else; files may be opened where Landlock decides which."""
    seccomp.install(seccomp.own(room.walls.filters[room.level in NEEDS_RULESET], os.getpid()))


def traced_calls(room: Room) -> None:
    """The same, and what is refused is printed."""
    trace.install(seccomp.own(room.walls.filters[True], os.getpid()))


Layer = Callable[[Room], None]

_ALONE: tuple[Layer, ...] = (own_session, descriptors)
_LIMITED = (*_ALONE, resources, environment)
_DROPPED = (*_LIMITED, nobody, ties, private_memory, no_new_privileges)
LEVELS: Mapping[str, tuple[Layer, ...]] = {
    "B": (*_DROPPED, files, system_calls),
    "C": (*_DROPPED, system_calls),
    "D": _DROPPED,
    "E": (descriptors, common_resources, environment),
    "F": (*_LIMITED, ties, no_new_privileges),
    "trace": (*_DROPPED, files, traced_calls),
    "none": (*_ALONE, environment, ties),
}
"""The layers of each level, in the order in which they are put on. A is B or C in a zygote that bubblewrap has shut in;
E is what is left for a process that was started alone, in a session of its own and inside ``sandbox-exec`` (see `alone`);
``trace`` is B for authors of courses."""
NEEDS_RULESET: Final = ("B", "trace")
WRITABLE: Final = ("D", "F", "none")
"""Levels with a directory to write to; at the others all children share one that is empty."""


# ---- in the zygote: what of it this machine has ------------------------------------------------------------------------


def walls(readable: list[str], levels: Collection[str]) -> Walls:
    """What these levels need, as far as this kernel and this user can put it up; what is not there is missing in the result."""
    try:
        ruleset = landlock.ruleset(readable) if set(levels) & set(NEEDS_RULESET) else -1
    except OSError:
        ruleset = -1
    try:
        filters = {opens: seccomp.program(opens=opens) for opens in (True, False)}
    except OSError:
        filters = {}
    user = _unused_user() if os.geteuid() == 0 else 0
    closed = user > 0 and not all(_open_to_all(path) for path in readable if os.path.exists(path))  # noqa: PTH110 - as above
    return Walls(ruleset, filters, user, closed)


def possible(level: str, walls: Walls) -> str:
    """Why a level need not be tried; empty if it is worth it."""
    layers = LEVELS[level]
    if files in layers and walls.ruleset < 0:
        return "this kernel has no Landlock"
    if {system_calls, traced_calls} & set(layers) and not walls.filters:
        return f"no table of system calls for {os.uname().machine}"
    if level == "D" and os.geteuid() != 0:
        return "only root can become another user"
    return ""


def _unused_user() -> int:
    """A number from which on there are users that nobody is; 0 where there is no such range.

    Drawn by lot: zygotes in namespaces of their own give their children the same process numbers, and whoever has the same user
    has the same threads.
    """
    known = sum(int(line.split()[2]) for line in _read("/proc/self/uid_map").splitlines())
    lot = int.from_bytes(os.urandom(4))
    if UNUSED[0] + _UNUSED_MANY + _MOST_TASKS < known:
        return UNUSED[0] + lot % _UNUSED_MANY
    return UNUSED[1] + lot % _UNUSED_FEW if UNUSED[1] + _UNUSED_FEW < known < 1 << 17 else 0


def _open_to_all(path: str) -> bool:
    """Whether anybody may reach and read it, by its mode and those of the folders above it."""
    while path != "/":
        mode = os.stat(path).st_mode  # noqa: PTH116 - as above
        if not mode & (0o001 if stat.S_ISDIR(mode) else 0o004):
            return False
        path = os.path.dirname(path)  # noqa: PTH120 - as above
    return True
