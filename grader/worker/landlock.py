"""Landlock: what of the file system a process may still see, by three system calls and no library.

The ruleset is built once, in the zygote; each child restricts itself with it. There is no way back.

References
----------
Linux kernel documentation, "Landlock: unprivileged access control" (userspace-api/landlock).
"""

import ctypes
import os
import struct
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many file-system rights each ABI version knows; later versions know as many as 5."""

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """The kernel's Landlock ABI version; 0 where there is no Landlock."""
    return max(int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)), 0)


def ruleset(readable: Iterable[str]) -> int:
    """A descriptor for "read these files and folders, and nothing else; no TCP, no signal to the outside".

    Parameters
    ----------
    readable : iterable of str
        Files, and folders with all that is below them. Those that do not exist are passed over.

    Raises
    ------
    OSError
        If the kernel has no Landlock or refuses a rule.
    """
    version = abi()
    if version == 0:
        raise OSError("this kernel has no Landlock")
    everything = (1 << _FS_BITS.get(version, _FS_BITS[5])) - 1
    attributes = struct.pack("=Q", everything)
    if version >= 4:
        attributes += struct.pack("=Q", 0b11)  # bind and connect TCP
    if version >= 6:
        attributes += struct.pack("=Q", 0b11)  # abstract unix sockets, signals
    fd = _checked(_libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0))
    for path in readable:
        _allow_reading(fd, path)
    return fd


def _allow_reading(fd: int, path: str) -> None:
    try:
        at = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rights = _EXECUTE | _READ_FILE | (_READ_DIR if os.path.isdir(path) else 0)  # noqa: PTH112 - pathlib is not imported here
        _checked(_libc.syscall(_ADD_RULE, fd, _PATH_BENEATH, struct.pack("=Qi", rights, at), 0))
    finally:
        os.close(at)


def restrict(fd: int) -> None:
    """Confine the calling process, for good. NO_NEW_PRIVS must be set.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    _checked(_libc.syscall(_RESTRICT_SELF, fd, 0))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
