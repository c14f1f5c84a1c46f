"""The grader's own process while student code runs beside it: nobody of the same user reads its memory."""

import ctypes
import sys
import threading
from typing import Final

_PR_GET_DUMPABLE: Final = 3  # <linux/prctl.h>
_PR_SET_DUMPABLE: Final = 4
_lock = threading.Lock()
_before: list[int] = []
"""What it was before each of the servers that run now was started."""


def close_memory() -> None:
    """No ``/proc/PID/mem``, no ptrace, no descriptors for others of the same user, until `open_memory`; and no core dump.

    Only Linux has such a switch; elsewhere nothing of the kind is claimed.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    with _lock:
        _before.append(libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0))
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def open_memory() -> None:
    """As it was before, if this was the last server."""
    if not _before:
        return
    with _lock:
        first = _before[0]
        _before.pop()
        if not _before:
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, first, 0, 0, 0)
