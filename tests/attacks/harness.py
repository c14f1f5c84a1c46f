"""What an attack is, the scene that it is let loose on, and what of the scene shows that it was not contained.

All of it is harmless outside the sandbox: the programs act only on files, processes and sockets of the scene, their memory,
time and number of processes are bounded, and the network is the loopback interface.
"""

import contextlib
import hashlib
import json
import os
import platform
import resource
import secrets
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from grader.core.observation import Died, HostError, Malformed, Observation, Raised, Returned, TimedOut
from grader.core.probe import Group, Probe
from grader.runner import codec
from grader.runner.protocol import Program, Source

X = np.arange(6.0).reshape(2, 3)
WON = "WON"  # what a program returns or prints that got what it wanted
REFUSED = "raised PermissionError"
NAPPING = f"31.{os.getpid():07}"  # an argument by which programs that were left behind are found: no other run's
_PATIENCE = 1.0  # seconds for a program outside the sandbox that never ends
_LONG = 5.0  # for one that does, on however busy a machine


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile function ``f(x)``.

    Parameters
    ----------
    name : str
        What it does, in a few words.
    kind : str
        Its class.
    shows : str
        How it is seen, in the scene, that it succeeded outside the sandbox: ``secret`` (came back), ``said`` (it returned or
        printed WON), ``files``, ``victim``, ``network``, ``process`` (one was left), ``hangs``, ``ends`` (no answer),
        ``floods`` or ``forges`` (bytes where the answer belongs).
    outcome : str
        What is observed when it is contained, as `told` says it; alternatives are separated by `` | ``.
    body : str
        Of the function.
    before : str
        Code of the module, ahead of it.
    also : dict of str to str
        Outcomes at other isolation levels.
    requires : tuple of str
        ``root``, ``x86_64``, ``Python 3.11`` (later ones bound recursion themselves), ``two cores``, ``Python's own files``,
        ``numpy's own files`` (may be written): what it takes to succeed anywhere.
    seconds : float
        CPU seconds that its call is given.
    open_at : str
        Isolation levels at which it is known to succeed.
    """

    name: str
    kind: str
    shows: str
    outcome: str
    body: str
    before: str = ""
    also: dict[str, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    seconds: float = 0.5
    open_at: str = ""

    def lacking(self) -> str:
        """What it takes and is not here; empty if all is."""
        here = {
            "root": os.geteuid() == 0, "x86_64": platform.machine() == "x86_64", "Python 3.11": sys.version_info < (3, 12),
            "two cores": len(os.sched_getaffinity(0)) > 1, "Python's own files": os.access(os.__file__, os.W_OK),
            "numpy's own files": os.access(np.__file__, os.W_OK),
        }
        return ", ".join(r for r in self.requires if not here[r])

    def outcomes(self, level: str) -> list[str]:
        """What may be observed when it is contained at that isolation level."""
        unseen = "raised FileNotFoundError | raised ProcessLookupError"  # in namespaces of its own it is not even there
        given = self.also.get(level) or (f"{self.outcome} | {unseen}" if level == "A" and self.outcome == REFUSED else self.outcome)
        return given.split(" | ")

    def source(self, world: dict[str, Any]) -> str:
        """The submission: right functions around the hostile one."""
        body = self.body.strip("\n").replace("\n", "\n    ")
        return f"{PRELUDE}\nWORLD = {world!r}\n{self.before}\ndef f(x):\n    {body}\n"


PRELUDE = """
import ctypes, os, sys, time
import numpy as np

def ok(x):
    return x * 2

def won():
    return "".join(("W", "O", "N"))

def kernel(number, *args):
    libc = ctypes.CDLL(None, use_errno=True)
    given = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    result = libc.syscall(ctypes.c_long(number), *given)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"""


def told(observation: Observation) -> str:
    """An observation in a few words."""
    match observation:
        case Returned(value=np.ndarray()):
            return "returned an array"
        case Returned(value=value):
            return f"returned {value!r}"[:80]
        case Raised(type=kind):
            return f"raised {kind}"
        case TimedOut(clock=clock):
            return f"timed out {clock}"
        case Died(how=how, code=code):
            return f"died {how} {code}"
        case Malformed():
            return "malformed"
        case HostError(problem=problem):
            return f"host error: {problem}"
        case _:
            return type(observation).__name__


# ---- the scene -------------------------------------------------------------------------------------------------------

_VICTIM = """
import ctypes, os, sys
secret = sys.stdin.readline().strip().encode()
memory = ctypes.create_string_buffer(secret)
fd = os.memfd_create("open")
os.write(fd, secret)
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # PR_SET_PTRACER: as far as Yama is asked, anyone may
print(ctypes.addressof(memory), fd, flush=True)
sys.stdin.read()
"""


class Scene:
    """Everything that can be attacked: a secret, files, a process, sockets."""

    def __init__(self) -> None:
        self.secret = "canary-" + secrets.token_hex(16)
        self.root = Path(tempfile.mkdtemp(prefix="scene-"))
        self.nonce = "attack-" + secrets.token_hex(6)
        self.outside = [Path(folder) / self.nonce for folder in ("/dev/shm", "/tmp", "/var/tmp")]
        self._undo = contextlib.ExitStack()
        self._undo.callback(shutil.rmtree, self.root, ignore_errors=True)
        self._make_files()
        self._make_sockets()
        self._victim: subprocess.Popen[str] | None = None
        self._start_victim()
        self.before = self._files()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Take it all away."""
        self._stop_victim()
        self._sweep()
        self._undo.close()

    def _make_files(self) -> None:
        """Like a course: a reference with something beside it, another submission, a gradebook."""
        self.root.chmod(0o755)
        reference = self.root / "reference" / "a1"
        reference.mkdir(parents=True)
        (reference / "__init__.py").write_text("")
        (reference / "solutions.py").write_text(f"ANSWER = {self.secret!r}\n")
        (reference / "secret.txt").write_text(self.secret)
        (self.root / "submissions").mkdir()
        (self.root / "submissions" / "other.py").write_text(f"# {self.secret}\n")
        (self.root / "gradebook.db").write_bytes(b"")
        for path in self.root.rglob("*"):
            path.chmod(0o777 if path.is_dir() else 0o666)  # nothing but the sandbox keeps anyone out
            os.utime(path, (1e9, 1e9))
        (self.root).chmod(0o777)
        self.inherited = self._undo.enter_context((reference / "secret.txt").open())
        os.set_inheritable(self.inherited.fileno(), True)

    def _make_sockets(self) -> None:
        self.unix = tempfile.mktemp(prefix="sock-", dir="/tmp")
        names = (
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)), (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            (socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{self.nonce}"), (socket.AF_UNIX, socket.SOCK_DGRAM, self.unix),
        )
        self.sockets = []
        for family, kind, name in names:
            made = self._undo.enter_context(socket.socket(family, kind))
            made.bind(name)
            self.sockets.append(made)
        self.sockets[0].listen()
        Path(self.unix).chmod(0o777)
        self._undo.callback(lambda: Path(self.unix).unlink(missing_ok=True))

    def _start_victim(self) -> None:
        self._victim = subprocess.Popen(
            [sys.executable, "-c", _VICTIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "CANARY": self.secret},
        )
        self._victim.stdin.write(self.secret + "\n")
        self._victim.stdin.flush()
        self._address, self._fd = map(int, self._victim.stdout.readline().split())
        self._state = self._victim_state()

    def _stop_victim(self) -> None:
        self._victim.kill()
        self._victim.wait()
        self._victim.stdin.close()
        self._victim.stdout.close()

    def world(self, zygote: int | None = None) -> dict[str, Any]:
        """What an attacker may know of it. Outside the sandbox the victim stands for the grader's processes."""
        victim = self._victim.pid
        return {
            "reference": str(self.root / "reference" / "a1" / "secret.txt"), "course": str(self.root),
            "other": str(self.root / "submissions" / "other.py"), "gradebook": str(self.root / "gradebook.db"),
            "victim": victim, "address": self._address, "fd": self._fd, "length": len(self.secret),
            "grader": os.getpid() if zygote else victim, "grader_address": id(self.secret) if zygote else self._address,
            "zygote": zygote or victim, "outside": [str(p) for p in self.outside], "nonce": self.nonce, "prefix": ["can", "ary-"],
            "tcp": self.sockets[0].getsockname()[1], "udp": self.sockets[1].getsockname()[1], "unix": self.unix, "nap": NAPPING,
            "crowd": 500 + (os.geteuid() != 0 and int(Path("/proc/loadavg").read_text().split()[3].split("/")[1])),
        }

    # ---- what became of it -------------------------------------------------------------------------------------------

    def damage(self, said: str, stored: str = "") -> set[str]:
        """What of it was touched, or came back; everything is as before afterwards."""
        return {name for name, happened in (
            ("secret", self.secret in said + stored), ("said", WON in said), ("files", self._restore()), ("victim", self._revive()),
            ("network", self._arrivals()), ("process", bool(self._sweep())),
        ) if happened}

    def _files(self) -> str:
        """Names, kinds, rights, times and contents of all that is there."""
        digest = hashlib.sha256()
        for path in [self.root, *sorted(self.root.rglob("*"))]:
            status = path.lstat()
            content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
            names = os.listxattr(path, follow_symlinks=False)
            digest.update(repr((str(path), status.st_mode, status.st_uid, status.st_mtime_ns, names, content)).encode())
        return digest.hexdigest()

    def _restore(self) -> bool:
        made = [p for p in self.outside if p.exists()]
        for path in made:
            path.unlink()
        if self._files() == self.before:
            return bool(made)
        shutil.rmtree(self.root)
        self.root.mkdir()
        self._make_files()
        self.before = self._files()
        return True

    def _victim_state(self) -> tuple[Any, ...]:
        fields = Path(f"/proc/{self._victim.pid}/stat").read_text().rpartition(")")[2].split()
        stopped = "t" if fields[0] in "tT" else ""  # running or sleeping is its own affair
        limit = resource.prlimit(self._victim.pid, resource.RLIMIT_FSIZE)
        return stopped, fields[16], os.sched_getaffinity(self._victim.pid), limit

    def _revive(self) -> bool:
        """Whether the victim was touched; if so there is a new one."""
        if self._victim.poll() is None and self._victim_state() == self._state:
            return False
        self._stop_victim()
        self._start_victim()
        return True

    def _arrivals(self) -> bool:
        ready = select.select(self.sockets, [], [], 0)[0]
        for one in ready:
            if one is self.sockets[0]:
                one.accept()[0].close()
            else:
                one.recv(100)
        return bool(ready)

    def _sweep(self) -> list[int]:
        """Processes that a program left; they are ended."""
        left = [pid for pid, line in command_lines() if NAPPING in line]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return left

    # ---- without a sandbox -------------------------------------------------------------------------------------------

    def unconfined(self, attack: Attack) -> set[str]:
        """The damage that a program does in a plain process that holds the secret, as the graders of old had it."""
        reply = self.root.with_name(self.root.name + "-reply")
        given = {"source": attack.source(self.world()), "secret": self.secret, "reply": str(reply)}
        process = subprocess.Popen(
            [sys.executable, "-c", _UNCONFINED, NAPPING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, errors="replace", start_new_session=True, pass_fds=[self.inherited.fileno()], cwd=tempfile.gettempdir(),
            env={**os.environ, "CANARY": self.secret, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        said, extra = "", set()
        with process:
            try:
                said, _ = process.communicate(json.dumps(given), timeout=_PATIENCE if attack.shows == "hangs" else _LONG)
            except subprocess.TimeoutExpired as error:
                extra.add("hangs")
                said = (error.stdout or b"").decode("utf-8", "replace")
            left = self._others(process.pid)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        extra |= {name for name, happened in (
            ("ends", "hangs" not in extra and "ANSWERED" not in said), ("floods", len(said) > 1 << 20),
            ("forges", reply.exists() and reply.stat().st_size > 0), ("process", left),
        ) if happened}
        reply.unlink(missing_ok=True)
        return self.damage(said) | extra

    def _others(self, pid: int) -> bool:
        return any(NAPPING in line and other != pid for other, line in command_lines())


_UNCONFINED = """
import json, os, sys
given = json.load(sys.stdin)
SECRET = given["secret"]
os.dup2(os.open(given["reply"], os.O_WRONLY | os.O_CREAT), 4)
space = {"__name__": "submit"}
exec(compile(given["source"], "submit.py", "exec"), space)
import numpy
try:
    value = space["f"](numpy.arange(6.0).reshape(2, 3))
    print("ANSWERED", repr(value)[:10**7], flush=True)
except Exception as error:
    print("ANSWERED", type(error).__name__, error, flush=True)
"""


def command_lines() -> Iterator[tuple[int, str]]:
    """Every process's number and command line."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                yield int(folder.name), (folder / "cmdline").read_text(errors="replace")


# ---- in the sandbox --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of an attack in the sandbox."""

    observation: Observation
    damage: set[str]
    neighbours: bool
    """Whether the functions asked before and after it gave their right answers."""

    @property
    def contained(self) -> bool:
        """Nothing was touched, nothing came back, nobody else lost anything, and the host has no trouble."""
        return not self.damage and self.neighbours and not isinstance(self.observation, HostError)


def attempt(server: Any, scene: Scene, attack: Attack) -> Attempt:
    """Let a submission attack, between two right functions of the same file."""
    server.observe(*_asked(PRELUDE, "ok"))  # so that there is a zygote, whatever an earlier attack did to it
    zygote = server.zygote.pid
    program, groups = _asked(attack.source(scene.world(zygote)), "ok", "f", "ok", seconds=attack.seconds)
    descriptors, processes = open_descriptors(), descendants(os.getpid())
    answers = server.observe(program, groups)
    leaked, left = open_descriptors() != descriptors, set(descendants(os.getpid())) - set(processes)
    damage = scene.damage("\n".join(texts(answers[1][0])), codec.encode_observations(answers).decode("latin-1"))
    if server.zygote.pid != zygote:
        damage.add("host")
    else:
        damage |= {name for name, happened in (("process", left), ("descriptors", leaked)) if happened}
    right = all(isinstance(a, Returned) and np.array_equal(a.value, X * 2) for (a,) in answers[::2])
    return Attempt(answers[1][0], damage, right)


def _asked(text: str, *functions: str, seconds: float = 5.0) -> tuple[Program, list[Group]]:
    program = Program((Source("submit", "submit.py", text),), dict.fromkeys(("f", "ok"), ("submit",)))
    return program, [Group((Probe(f, (X,)),), seconds if f == "f" else 5.0) for f in functions]


def texts(observation: Observation) -> Iterator[str]:
    """What a submission got to say: values and printed text, not the lines of its source in a traceback."""
    match observation:
        case Returned(value=value, printed=printed):
            yield from (repr(value), printed)
        case Raised(message=message, printed=printed):
            yield from (message, printed)
        case Died(printed=printed):
            yield printed


def open_descriptors() -> int:
    """How many this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


def descendants(pid: int) -> list[int]:
    """All children, grandchildren and so on."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [p for child in children for p in (int(child), *descendants(int(child)))]


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
