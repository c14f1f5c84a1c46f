"""Level E without a Mac: what stands in for ``sandbox-exec`` and for macOS's own count of what a process has used."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.runner import fresh, levels

OPEN = '#!/bin/sh\n[ "$1" = -p ] || exit 64\nshift 2\nunset PWD\nexec "$@"\n'
"""No walls: it runs what follows the profile."""
LACKS = f"""#!{sys.executable}
import ctypes, os, resource, runpy, signal, socket, sys
for module, names in (
    (os, "memfd_create pidfd_open O_PATH O_TMPFILE setresuid setresgid sched_getaffinity sched_setaffinity posix_fadvise sched_yield"),
    (resource, "RLIMIT_MSGQUEUE prlimit"), (signal, "pidfd_send_signal"), (socket, "AF_NETLINK SO_PEERCRED"),
):
    for name in names.split():
        vars(module).pop(name, None)
real = ctypes.CDLL.__getattr__
def without(library, name):
    if name in ("prctl", "syscall", "capset"):
        raise AttributeError(name)
    return real(library, name)
ctypes.CDLL.__getattr__ = without
"""
"""The beginning of a script in which what only Linux has is not there."""
FEW = LACKS + """
command = sys.argv[3:]
worker = next(i for i, word in enumerate(command) if os.path.isdir(word))
sys.argv[:] = command[worker:]
sys.path[:] = [p for p in sys.path[1:] if not p.endswith("-packages")]
runpy.run_path(command[worker], run_name="__main__")
"""
"""No walls either, and a worker that has what macOS has."""


def used(pid: int) -> fresh.Use:
    """As `fresh.used`, where there is ``/proc``."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return fresh.Use(time.clock_gettime((~pid << 3) | 2), pages * resource.getpagesize())
    except FileNotFoundError as error:
        raise OSError from error


@contextmanager
def standing_in(folder: Path, text: str = OPEN, must: tuple[str, ...] = ()) -> Iterator[None]:
    """With these in the place of what macOS has; a level E that need not keep anything, as nothing is there to keep it."""
    program = folder / "sandbox-exec"
    program.write_text(text)
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fresh, "SANDBOX_EXEC", str(program))
        patch.setattr(fresh, "used", used)
        patch.setattr(levels, "MUST", {**levels.MUST, "E": must})
        yield
