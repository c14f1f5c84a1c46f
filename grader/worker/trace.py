"""For authors of courses: which refused system call an import needs.

A filter that sends SIGSYS for each refused call, and a handler that writes down its name and the line of Python at which it
happened; then the call fails as it does otherwise. New processes are refused without a word: libc blocks all signals while it
starts one. Never used for grading.
"""

import contextlib
import ctypes
import os
import platform
import signal
import sys
from typing import Any, Final

from . import seccomp

_HANDLER: Final = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_FLAGS: Final = 0x40000004  # SA_NODEFER, SA_SIGINFO
_ERROR, _NUMBER = 4, 24  # offsets in siginfo_t: si_errno, which a filter chooses, and si_syscall
_RESULT: Final = {"x86_64": 144, "aarch64": 184}
"""Offset in ucontext_t of the register that holds what a system call returns: rax, x0."""


_kept: Final[list[Any]] = []  # what C calls must not be collected


class _Action(ctypes.Structure):
    _fields_ = (("handler", ctypes.c_void_p), ("mask", ctypes.c_char * 128), ("flags", ctypes.c_int), ("restorer", ctypes.c_void_p))


def install(code: bytes) -> None:
    """Confine the calling thread as `seccomp.install` does, and print what is refused."""
    _kept.append(_HANDLER(_note))
    action = _Action(ctypes.cast(_kept[0], ctypes.c_void_p), b"", _FLAGS, None)
    ctypes.CDLL(None).sigaction(signal.SIGSYS, ctypes.byref(action), None)
    seccomp.install(seccomp.trapping(code))


def _note(_signal: int, info: Any, context: Any) -> None:
    error = ctypes.c_int.from_address(info + _ERROR).value
    number = ctypes.c_int.from_address(info + _NUMBER).value
    ctypes.c_long.from_address(context + _RESULT[platform.machine()]).value = -error
    frame = sys._getframe(1) if sys._getframe().f_back else None  # noqa: SLF001 - where it happened
    place = f" at {frame.f_code.co_filename}:{frame.f_lineno}" if frame else ""
    with contextlib.suppress(OSError):  # the file for printed text is full
        os.write(2, f"{seccomp.name_of(number)}: {os.strerror(error)}{place}\n".encode())
