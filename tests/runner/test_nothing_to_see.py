"""What a submission finds when it looks around: nothing that the grader knows and it must not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.core.probe import Group, Probe
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program

PROC = pytest.mark.skipif(os.geteuid() != 0, reason="the kernel shows a process that keeps its memory private to root alone")
LOOK = r"""
import gc, os, sys, threading

def f(x):
    return {
        "modules": sorted(sys.modules),
        "environ": dict(os.environ),
        "initial_environ": open("/proc/self/environ").read(),
        "fds": sorted(int(fd) for fd in os.listdir("/proc/self/fd")),
        "files": [os.readlink(f"/proc/self/fd/{fd}") for fd in range(5)],
        "path": sys.path,
        "argv": [sys.argv, sys.orig_argv],
        "cwd": os.listdir("."),
        "threads": len(os.listdir("/proc/self/task")),
        "session": [os.getpid() == os.getsid(0), os.getpid() == os.getpgid(0)],
    }

def texts(values, seen, depth=0):
    for value in values:
        if type(value) is str:
            yield value[:200]
        elif type(value) is bytes:
            yield value[:200].decode("latin-1")
        elif depth < 6 and id(value) not in seen and isinstance(value, (dict, list, tuple, set)):
            seen.add(id(value))
            yield from texts(list(value.keys()) + list(value.values()) if isinstance(value, dict) else list(value), seen, depth + 1)
        elif depth < 6 and id(value) not in seen and hasattr(value, "__dict__"):
            seen.add(id(value))
            yield from texts(list(vars(value).values()), seen, depth + 1)

def halves(words):
    return [("".join(w[: len(w) // 2]), "".join(w[len(w) // 2 :])) for w in words]  # whole, they would find themselves

def holds(data, first, second):
    at = data.find(first)
    while at >= 0:
        if data.startswith(second, at + len(first)):
            return True
        at = data.find(first, at + 1)
    return False

def found(values, words):
    return sorted({t for t in texts(values, set()) for a, b in halves(words) if holds(t, a, b)})[:20]

def g(words):
    frame, frames = sys._getframe(), []
    while frame:
        frames += [frame.f_locals, frame.f_globals]
        frame = frame.f_back
    gc.unfreeze()
    return [found(frames, words), found(gc.get_objects(), words), found([vars(m) for m in list(sys.modules.values())], words)]

def read(memory, start, end):
    try:
        memory.seek(start)
        return memory.read(end - start)
    except OSError:  # pages that guard the stack of a thread, as newer versions of libc have them
        middle = (start + end) // 8192 * 4096
        return read(memory, start, middle) + read(memory, middle, end) if start < middle else b""

def h(words):
    hits = []
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if rights[:2] == "rw" and "[v" not in line:
                start, end = (int(n, 16) for n in span.split("-"))
                data = read(memory, start, end)
                hits += [a for a, b in halves(words) if holds(data, a.encode(), b.encode())]
    return hits
"""


@pytest.fixture(scope="module")
def look(server: ForkServer, program: Callable[[str], Program]) -> Callable[..., object]:
    """What a function of the file above finds."""
    return lambda function, *args: server.observe(program(LOOK), [Group((Probe(function, args),), 20.0)])[0][0].value


@PROC
@pytest.mark.levels("F")
def test_the_process_has_nothing_of_the_graders(look: Callable[..., object], level: str) -> None:
    """No module, variable, descriptor, path or argument; one thread (at E another one that waits), its own session."""
    seen = look("f", 0)
    assert not [m for m in seen["modules"] if m.partition(".")[0] in ("grader", "worker", "pydantic", "jinja2", "typer", "pytest", "reference")]
    assert seen["environ"].keys() <= {
        "PATH", "LC_ALL", "PYTHONHASHSEED", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "HOME", "TMPDIR",
        "VECLIB_MAXIMUM_THREADS"}
    assert "HOME" not in seen["initial_environ"]
    assert seen["fds"] in ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5])  # 5 is the listing itself
    assert seen["files"][0] == "/dev/null"
    assert seen["files"][1] == seen["files"][2]
    assert all(f.startswith("pipe:") for f in seen["files"][3:])
    assert not [p for p in seen["path"] if "site-packages" in p or "grader" in p]
    assert seen["argv"] == [["submit.py"], ["submit.py"]]
    assert (seen["cwd"], seen["threads"], seen["session"]) == ([], 2 if level == "E" else 1, [True, True])


SECRETS = ("softmax.shift", "canary-of-the-grader", "mean_over_N", "Mend the reference", "squeezable", "rtol 1e-")
"""An item's id, what this process holds, and texts of the grading side only. They cross as lists of letters."""


def test_no_frame_object_or_module_holds_what_the_grader_knows(look: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Up the stack, in every object that the collector knows, in every module; and the search does find what is there."""
    monkeypatch.setenv("SECRET", "canary-of-the-grader")
    frames, objects, modules = look("g", [list(w) for w in SECRETS])
    assert (frames, objects, modules) == ([], [], [])
    assert all(look("g", [list("OPENBLAS_NUM_TH")]))


@PROC
@pytest.mark.levels("F")
def test_the_memory_of_the_process_holds_no_secret(look: Callable[..., object]) -> None:
    """All of its writable memory is searched; a word that is in it is found."""
    assert look("h", [list(w) for w in SECRETS]) == []
    assert look("h", [list("OPENBLAS_NUM_THREADS")]) != []


@PROC
def test_a_server_started_with_secrets_does_not_pass_them_on(
    monkeypatch: pytest.MonkeyPatch, program: Callable[[str], Program], quick: Limits
) -> None:
    """Environment and open files of the grader stay its own, inheritable ones too."""
    monkeypatch.setenv("SECRET", "canary-of-the-grader")
    fd = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(fd, True)
    with ForkServer(quick, level="F") as server:
        seen = server.observe(program(LOOK), [Group((Probe("f", (0,)),), 5.0)])[0][0].value
        zygote = Path(f"/proc/{server.zygote.pid}")
        assert "SECRET" not in (zygote / "environ").read_text()
        assert sorted(int(p.name) for p in (zygote / "fd").iterdir())[:3] == [0, 1, 2]
        libraries = [p for p in (zygote / "fd").iterdir() if ".so" in p.readlink().name]  # libffi keeps itself open
        assert len(list((zygote / "fd").iterdir())) - len(libraries) == 4
    os.close(fd)
    assert "SECRET" not in seen["environ"]
