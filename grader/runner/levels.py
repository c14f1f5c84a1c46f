"""The levels of isolation as data: what each must keep, in which order they are tried, and what a child may read.

What a level's layers are is written in ``grader.worker.confine``; which of them holds on this machine is measured by a trial
child when a worker starts (``grader.worker.attempts``).
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from grader.core.errors import GraderError
from grader.runner.protocol import Isolation

Demand = Literal["required", "best-effort", "none"]
"""Confined or not at all; as well as this machine can; not at all (one's own file on one's own machine)."""

ALWAYS: Final = (
    "a process of its own, which never held the reference, the rubric or the grader's environment",
    "no descriptor but its own pipes",
    "CPU and wall-clock time per item",
    "whatever it leaves running is ended",
)
"""What every level keeps, by the way in which it is built."""
_ALWAYS_ELSEWHERE: Final = (*ALWAYS[:3], "memory is limited, by looking at it often and not by the kernel")
_NEVER_ELSEWHERE: Final = (
    "not measured on this system: whether other processes can be listed, and the grader's memory and environment be read",
    "a submission can outlive a grader that is killed",
)
SENTENCES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType({
    "files": ("files of the grader's user cannot be read", "files that the grader can read can be read"),
    "memory": ("the grader's memory and environment cannot be read", "the memory or the environment of the grader can be read"),
    "signals": ("no signal reaches the grader", "the grader can be signalled"),
    "writing": ("no file can be written", "files can be written"),
    "tcp": ("no TCP connection", "the network can be used (TCP)"),
    "udp": ("no UDP packet", "the network can be used (UDP)"),
    "fork": ("no further process", "processes can be started"),
    "exec": ("no other program", "other programs can be run"),
    "allocation": ("memory is limited", "memory is not limited"),
    "processes": ("other processes cannot be listed", "other processes can be listed"),
})  # fmt: skip
"""For each attempt of the trial child: what is said when it was refused, and when it was not."""
MUST: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "B": tuple(SENTENCES), "C": tuple(SENTENCES), "D": ("memory",), "E": ("files", "signals", "writing", "tcp", "udp", "fork"),
    "F": (), "trace": (), "none": (),
})  # fmt: skip
"""What a level has to keep to be called so."""
DEMANDS: Final[Mapping[Demand, tuple[str, ...]]] = MappingProxyType({
    "required": ("B", "C"), "best-effort": ("B", "C", "D", "F"), "none": ("none",),
})  # fmt: skip
"""The levels tried for each demand, the best first."""
_DEMANDS_ON_MACOS: Final[Mapping[Demand, tuple[str, ...]]] = MappingProxyType({
    "required": (), "best-effort": ("E", "F"), "none": ("none",),
})  # fmt: skip
MEASURED_ELSEWHERE: Final = (*MUST["E"], "exec")
"""What a trial child tries where there is no ``/proc``, and the kernel does not limit memory."""
UNTESTED: Final = "this level is untested on macOS: what is said here rests on a short trial when the run began"

BUBBLEWRAP: Final = "bwrap"
SCRATCH_INSIDE: Final = "/scratch"
_NAMESPACES: Final = ("ipc", "pid", "net", "uts", "cgroup-try")
_LIBRARIES: Final = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64")
_SINGLE_FILES: Final = ("/etc/ld.so.cache", "/usr/share/zoneinfo", "/dev/null", "/dev/urandom")
_INSTALLED: Final = ("site-packages", "dist-packages")


def tried(demand: Demand, level: str | None) -> tuple[str, ...]:
    """The levels to try inside a worker, best first: those that the demand allows, or the one that a caller insists on."""
    if level is None:
        return (_DEMANDS_ON_MACOS if on_macos() else DEMANDS)[demand]
    return DEMANDS["required"] if level == "A" else (level,)


def on_macos() -> bool:
    """Whether children are to be started one by one, as a fork would break them."""
    return sys.platform == "darwin"


# ---- what can be read --------------------------------------------------------------------------------------------------


def readable() -> list[str]:
    """Files and folders that computing needs: the standard library, numpy, shared libraries, time zones.

    Never what is installed beside them, where the grader and the reference may be: folders that hold such are listed entry
    by entry.
    """
    folders = dict.fromkeys(os.path.realpath(p) for p in (*standard(), f"{sys.base_prefix}/lib", *_LIBRARIES))
    entries = dict.fromkeys(entry for folder in folders for entry in _entries(folder))
    return [*entries, *_SINGLE_FILES, *package("numpy")]


def standard() -> list[str]:
    """The folders of the standard library."""
    return [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]


def _entries(folder: str) -> Iterator[str]:
    try:
        found = list(os.scandir(folder))
    except OSError:  # not on this machine
        return
    for entry in found:
        if entry.name.startswith("python") and entry.is_dir():
            yield from _entries(entry.path)
        elif entry.name not in _INSTALLED:
            yield entry.path


def package(name: str) -> list[str]:
    """Where a package is installed, and the shared libraries that wheels put beside it; empty if it is not here."""
    spec = PathFinder.find_spec(name)
    if spec is None:
        return []
    places = [os.path.realpath(p) for p in spec.submodule_search_locations or [spec.origin or ""]]
    return [*places, *(libs for p in places if os.path.isdir(libs := f"{os.path.dirname(p)}/{name}.libs"))]  # noqa: PTH112, PTH120


def exposed(allowed: Iterable[str], secrets: Iterable[Path]) -> list[Path]:
    """Those secrets that are, or lie in, something that may be read."""
    roots = set(allowed)
    return [s for s in secrets if roots & {str(p) for p in (s.resolve(), *s.resolve().parents)}]


# ---- the outer wall ----------------------------------------------------------------------------------------------------


def bubblewrap() -> str:
    """Where bubblewrap is installed; empty if it is not."""
    return (sys.platform == "linux" and shutil.which(BUBBLEWRAP)) or ""


def shut_in(needed: list[str]) -> list[str]:
    """The command that runs a worker in namespaces of its own: what it needs, read-only, and nothing else of this machine.

    The Landlock rules inside are finer: here whole folders are bound, and what is installed in them is covered up. Not with
    ``--die-with-parent``: the worker ends by itself when the grader is gone, and a first process of bubblewrap's that is killed
    before it has let the second one go leaves that waiting for ever. Nor with ``--unshare-user``, which bubblewrap takes for itself
    where it is not root: as root it would leave nobody but root to be, whose threads the kernel does not count.
    """
    folders = [os.path.realpath(f"{sys.base_prefix}/lib"), *_LIBRARIES]
    beside = [str(p) for folder in folders for name in _INSTALLED for p in Path(folder).glob(f"python*/{name}")]
    return [
        bubblewrap(), *(f"--unshare-{kind}" for kind in _NAMESPACES), "--new-session", "--as-pid-1",
        *_mounts("--ro-bind-try", [*folders, *_SINGLE_FILES[:2]], twice=True), *_mounts("--tmpfs", beside),
        *_mounts("--ro-bind", [*needed, *package("numpy")], twice=True),
        "--proc", "/proc", "--dev", "/dev", "--tmpfs", SCRATCH_INSIDE, "--chdir", "/",
    ]  # fmt: skip


def _mounts(option: str, paths: Iterable[str], *, twice: bool = False) -> list[str]:
    return [argument for path in dict.fromkeys(paths) for argument in (option, path, *([path] if twice else []))]


# ---- what was measured -------------------------------------------------------------------------------------------------


def label(level: str, held: Iterable[str], *, shut_in: bool) -> Isolation:
    """What a report says."""
    kept = set(held)
    holds = tuple(yes for name, (yes, _) in SENTENCES.items() if name in kept)
    lacks = tuple(no for name, (_, no) in SENTENCES.items() if name not in kept)
    return Isolation("A" if shut_in else level, (*ALWAYS, *holds), lacks)


def label_elsewhere(level: str, kept: Collection[str]) -> Isolation:
    """The same where there is no fork server: nothing is claimed that was not measured there."""
    spoken = {name: SENTENCES[name] for name in MEASURED_ELSEWHERE}
    lacks = [no for name, (_, no) in spoken.items() if name not in kept]
    untested = [UNTESTED] if level == "E" else []
    return Isolation(
        level, (*_ALWAYS_ELSEWHERE, *(yes for name, (yes, _) in spoken.items() if name in kept)),
        (*untested, *lacks, *_NEVER_ELSEWHERE))


class NotConfined(GraderError):  # noqa: N818 - a sentence, as its base is one
    """No level that was asked for can be had on this machine: nothing is graded."""


def nothing_holds(failed: Mapping[str, str]) -> NotConfined:
    """What was tried, what is missing, and what to do."""
    tried = "; ".join(f"level {level}: {_readable(problem)}" for level, problem in failed.items())
    return NotConfined(
        f"student code cannot be confined on this machine ({tried}), so nothing was graded. Use a Linux kernel with Landlock "
        "(5.13 or later) or a container whose profile allows seccomp filters; or grade with what there is: --isolation best-effort."
    )


def not_enough_on_macos() -> NotConfined:
    """What there is on macOS is not what ``required`` asks for."""
    return NotConfined(
        "student code cannot be confined well enough on macOS (sandbox-exec gives level E, untested, where C is required), so nothing "
        "was graded. Use Linux or a Linux container; or grade with what there is: --isolation best-effort."
    )


def _readable(problem: str) -> str:
    """The names of what did not hold as sentences; other text as it is."""
    return ", ".join(SENTENCES[name][1] if name in SENTENCES else name for name in problem.split(", "))
