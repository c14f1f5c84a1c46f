"""seccomp: which system calls a process may still make, as a BPF program and two ``prctl`` calls.

An allow list. What is not on it does not exist (ENOSYS, so that libc falls back to something older); what a student may
plausibly try gets EPERM, which Python turns into a PermissionError at their own line; a foreign architecture is killed.

References
----------
Linux kernel documentation, "Seccomp BPF" (userspace-api/seccomp_filter); numbers checked in the tests against libseccomp.
"""

import ctypes
import errno
import os
import platform
import struct

Table = dict[str, tuple[int | None, int | None]]
"""System-call numbers by name: (x86_64, aarch64); None where an architecture has no such call."""

# What Python, numpy and threads need in order to compute.
_PLAIN: Table = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "preadv": (295, 69),
    "lseek": (8, 62), "close": (3, 57), "close_range": (436, 436), "fstat": (5, 80), "newfstatat": (262, 79),
    "stat": (4, None), "lstat": (6, None),
    "statx": (332, 291), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439), "readlink": (89, None),
    "readlinkat": (267, 78), "getcwd": (79, 17), "getdents64": (217, 61), "fstatfs": (138, 44), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "mremap": (25, 216), "brk": (12, 214), "madvise": (28, 233),
    "membarrier": (324, 283), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "alarm": (37, None), "setitimer": (38, 103), "getitimer": (36, 102),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133), "sigaltstack": (131, 132),
    "futex": (202, 98), "sched_yield": (24, 124), "nanosleep": (35, 101), "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153),
    "getrusage": (98, 165), "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174),
    "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150),
    "getgroups": (115, 158), "getpgid": (121, 155), "getpgrp": (111, None), "getsid": (124, 156), "uname": (63, 160),
    "sysinfo": (99, 179), "getcpu": (309, 168), "sched_getaffinity": (204, 123), "sched_getscheduler": (145, 120),
    "sched_getparam": (143, 121), "getpriority": (140, 141), "getrlimit": (97, 163), "umask": (95, 166),
    "set_tid_address": (218, 96), "set_robust_list": (273, 99), "get_robust_list": (274, 100), "rseq": (334, 293),
    "arch_prctl": (158, None), "restart_syscall": (219, 128), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "pipe": (22, None), "pipe2": (293, 59), "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "exit": (60, 93), "exit_group": (231, 94), "getrandom": (318, 278), "chdir": (80, 49), "fchdir": (81, 50),
}

# Allowed with some arguments only; see `_arguments`.
_CHECKED: Table = {
    "openat": (257, 56), "open": (2, None), "fcntl": (72, 25), "ioctl": (16, 29), "clone": (56, 220), "tgkill": (234, 131),
    "kill": (62, 129), "prlimit64": (302, 261), "prctl": (157, 167), "ftruncate": (77, 46),
}

# Known, and refused: a PermissionError says so at the student's own line.
_REFUSED: Table = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "tkill": (200, 130),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203),
    "bind": (49, 200), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211),
    "recvfrom": (45, 207), "recvmsg": (47, 212), "creat": (85, None), "mkdir": (83, None), "mkdirat": (258, 34),
    "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36),
    "mknod": (133, None), "mknodat": (259, 33), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "truncate": (76, 45),
    "fallocate": (285, 47), "utime": (132, None), "utimes": (235, None), "utimensat": (280, 88), "futimesat": (261, None),
    "setxattr": (188, 5), "fsetxattr": (190, 7), "mount": (165, 40), "umount2": (166, 39), "chroot": (161, 51),
    "pivot_root": (155, 41), "unshare": (272, 97), "setns": (308, 268), "setuid": (105, 146), "setgid": (106, 144),
    "setreuid": (113, 145), "setregid": (114, 143), "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159),
    "setpgid": (109, 154), "setsid": (112, 157), "setpriority": (141, 140), "setrlimit": (160, 164),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118), "memfd_create": (319, 279),
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191),
    "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "mq_open": (240, 180), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "flock": (73, 32), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "seccomp": (317, 277), "openat2": (437, 437), "inotify_init": (253, None), "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27), "epoll_create": (213, None), "epoll_create1": (291, 20), "eventfd2": (290, 19),
    "timerfd_create": (283, 85), "signalfd4": (289, 74),
}

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of the tables and the kernel's AUDIT_ARCH value."""

_ALLOW, _ERRNO, _TRAP, _KILL = 0x7FFF0000, 0x00050000, 0x00030000, 0x80000000
_LOAD, _JUMP, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x05, 0x15, 0x45, 0x35, 0x06  # BPF: ld abs, ja, jeq, jset, jge, ret
_NUMBER, _ARCH = 0, 4  # offsets in struct seccomp_data
_CLONE3 = 435  # on every architecture; on no list: libc falls back to clone
_HEAD = 6  # instructions before a program looks at the number of a call
_X32 = 0x40000000  # the x32 calls of an x86_64 kernel: another door to the same room

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | 0o20000000  # the last is __O_TMPFILE without O_DIRECTORY
_CLONE_THREAD, _CLONE_NEW = 0x10000, 0x7E020000  # every namespace flag of clone(2)
_FCNTL = (0, 1, 2, 3, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC: no locks, no owners, no leases
_IOCTL = (0x5401, 0x5450, 0x5451)  # TCGETS (isatty), FIONCLEX, FIOCLEX
_PRCTL = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: names for threads and memory
_PRINTED = (1, 2)  # the file for printed text is emptied before each call
_OWN_PID = 0x5EED1D01  # stands for the process that will install the program; no process number is as large

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_libc = ctypes.CDLL(None, use_errno=True)

Instruction = tuple[int, int, int, int]
"""code, jump if true, jump if false, constant."""


def _fail(number: int) -> Instruction:
    """Refuse with this error."""
    return _RETURN, 0, 0, _ERRNO | number


def _argument(index: int, *, high: bool = False) -> Instruction:
    return _LOAD, 0, 0, 16 + 8 * index + (4 if high else 0)


def _one_of(index: int, allowed: tuple[int, ...]) -> list[Instruction]:
    """Allow if the argument is one of these, else EPERM."""
    tests = [(_EQUAL, len(allowed) - i, 0, value) for i, value in enumerate(allowed)]
    return [_argument(index), *tests, _fail(errno.EPERM), (_RETURN, 0, 0, _ALLOW)]


def _none_of_bits(index: int, bits: int, number: int) -> list[Instruction]:
    """Allow if the argument has none of these bits, else the error."""
    return [_argument(index), (_ANY_BIT, 0, 1, bits), _fail(number), (_RETURN, 0, 0, _ALLOW)]


def _arguments(name: str, *, opens: bool) -> list[Instruction]:
    """What decides about a call that is allowed with some arguments only; every path returns."""
    if name in ("open", "openat"):
        return _none_of_bits(1 if name == "open" else 2, _WRITING, errno.EACCES) if opens else [_fail(errno.EACCES)]
    if name == "clone":  # a thread and nothing else
        return [_argument(0), (_ANY_BIT, 1, 0, _CLONE_THREAD), _fail(errno.EPERM), *_none_of_bits(0, _CLONE_NEW, errno.EPERM)]
    if name == "prlimit64":  # reading one's own limits
        zero = [i for part in (_argument(2), _argument(2, high=True)) for i in (part, (_EQUAL, 1, 0, 0), _fail(errno.EPERM))]
        return [*zero, *_one_of(0, (0, _OWN_PID))]
    index, allowed = {
        "fcntl": (1, _FCNTL), "ioctl": (1, _IOCTL), "prctl": (0, _PRCTL), "tgkill": (0, (_OWN_PID,)), "kill": (0, (_OWN_PID,)),
        "ftruncate": (0, _PRINTED),
    }[name]  # fmt: skip
    return _one_of(index, allowed)


def program(*, opens: bool, machine: str | None = None) -> bytes:
    """The filter, for whatever process; see `own`.

    Parameters
    ----------
    opens : bool
        Whether files may be opened for reading (where Landlock decides which); else every open is refused.
    machine : str or None
        ``x86_64`` or ``aarch64``; this machine's if None.

    Raises
    ------
    OSError
        On an architecture whose numbers are not known here.
    """
    column, arch = _architecture(machine or platform.machine())
    code = [
        (_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL),
        *_search(_intervals(_rules(column, opens=opens))),
    ]  # fmt: skip
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def own(code: bytes, pid: int) -> bytes:
    """The program for the process of this number, which may signal itself and its threads."""
    return code.replace(struct.pack("=I", _OWN_PID), struct.pack("=I", pid))


def trapping(code: bytes) -> bytes:
    """The same program, but for a signal in the place of each error; calls that make a process are made with all signals blocked."""
    def changed(op: int, yes: int, no: int, k: int) -> Instruction:
        return op, yes, no, k ^ _ERRNO ^ _TRAP if op == _RETURN and k & ~0xFFFF == _ERRNO else k

    column, _ = _architecture(platform.machine())
    rules = _rules(column, opens=True) | {_CLONE3: [_fail(errno.ENOSYS)]}
    made = [row[column] for row in (_CHECKED["clone"], _REFUSED["fork"], _REFUSED["vfork"])]
    quiet = [i for n in (*made, _CLONE3) if n is not None for i in ((_EQUAL, 0, len(rules[n]), n), *rules[n])]
    instructions = list(struct.iter_unpack("=HBBI", code))
    traps = [changed(*i) for i in instructions[_HEAD:]]
    return b"".join(struct.pack("=HBBI", *i) for i in (*instructions[:_HEAD], *quiet, *traps))


def name_of(number: int) -> str:
    """What a system call of this machine is called; its number if it is on no list."""
    column, _ = _architecture(platform.machine())
    names = {row[column]: name for table in (_PLAIN, _CHECKED, _REFUSED) for name, row in table.items()}
    return names.get(number, f"system call {number}")


def _rules(column: int, *, opens: bool) -> dict[int, list[Instruction]]:
    """What decides about each call that has a number here."""
    decide = {name: [(_RETURN, 0, 0, _ALLOW)] for name in _PLAIN}
    decide |= {name: _arguments(name, opens=opens) for name in _CHECKED}
    decide |= {name: [_fail(errno.EPERM)] for name in _REFUSED}
    numbers = {name: row[column] for table in (_PLAIN, _CHECKED, _REFUSED) for name, row in table.items()}
    return {number: decide[name] for name, number in numbers.items() if number is not None}


def _intervals(rules: dict[int, list[Instruction]]) -> list[tuple[int, list[Instruction]]]:
    """First number of each run of calls that are decided alike, and how; what is on no list does not exist."""
    runs: list[tuple[int, list[Instruction]]] = []
    for number in range(max(rules) + 2):
        block = rules.get(number, [_fail(errno.ENOSYS)])
        if not runs or runs[-1][1] != block:
            runs.append((number, block))
    return runs


def _search(runs: list[tuple[int, list[Instruction]]]) -> list[Instruction]:
    """Bisection: the kernel tries the program on every number when it is installed, and at each call on one."""
    if len(runs) == 1:
        return runs[0][1]
    middle = len(runs) // 2
    below = _search(runs[:middle])
    return [(_AT_LEAST, 0, 1, runs[middle][0]), (_JUMP, 0, 0, len(below)), *below, *_search(runs[middle:])]


def _architecture(machine: str) -> tuple[int, int]:
    if machine not in ARCHITECTURES:
        raise OSError(f"no table of system calls for {machine}")
    return ARCHITECTURES[machine]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(code: bytes) -> None:
    """Confine the calling thread, for good, to what `program` allows.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    descriptor = _Program(len(code) // 8, code)
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(descriptor), 0, 0)):
        if _libc.prctl(*arguments):
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
