"""Level E on Linux, with something in the place of macOS's sandbox: what it promises beyond the contract, and its profile as text."""

import ctypes
import os
import re
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from mmap import mmap
from pathlib import Path

import numpy as np
import pytest

from grader.core.errors import GraderError
from grader.core.observation import Died, HostError, Returned
from grader.core.probe import Group, Probe
from grader.runner import fresh, levels, seatbelt
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program
from tests.runner.macos import LACKS, OPEN, standing_in, used

X = np.arange(6.0).reshape(2, 3)
OK = "def ok(x):\n    return x * 2\n"
ASK_OK = Group((Probe("ok", (X,)),))
ROOT = Path(__file__).parents[2]
USED_ON_MACOS = fresh.used  # before anything stands in for it
Make = Callable[[str], Program]


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[None]:
    with standing_in(tmp_path):
        yield


def until(condition: Callable[[], bool]) -> None:
    """Wait for it, ten seconds at most."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# ---- what the kernel does not do there -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("piece", ["np.ones(2**17)", "' ' * 2**20 + str(len(a))"])
def test_memory_is_limited_by_looking(program: Make, quick: Limits, piece: str) -> None:
    """A process that holds too much is ended, out of memory, and the next item meets a fresh one."""
    text = OK + f"import numpy as np\na = []\ndef f(x):\n    while True: a.append({piece})\n"
    with ForkServer(quick, level="E") as server:
        (full,), (after,) = server.observe(program(text), [Group((Probe("f", (X,)),), 20.0), ASK_OK])
    assert (full.how, full.code) == ("memory", 9)
    assert isinstance(after, Returned)


@pytest.mark.usefixtures("stand_in")
def test_memory_within_the_limit_is_granted(program: Make, quick: Limits) -> None:
    """0.8 of it, beyond what a bare worker has; 1.2 of it is too much."""
    text = "import numpy as np, time\ndef f(x):\n    a = np.ones(int(x)); time.sleep(1)\n    return a[-1]\n"
    with ForkServer(quick, level="E") as server:
        (below,), (above,) = server.observe(program(text), [Group((Probe("f", (share * quick.memory / 8,)),), 9.0) for share in (0.8, 1.2)])
    assert below.value == 1.0
    assert isinstance(above, Died)
    assert above.how == "memory"


@pytest.mark.usefixtures("stand_in")
def test_no_process_no_descriptor_no_file_no_thread_is_left(program: Make, quick: Limits) -> None:
    """After every submission, and after the server is closed, twice."""
    def standing() -> tuple[int, str, int]:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        return len(list(Path("/proc/self/fd").iterdir())), children, threading.active_count()

    time.sleep(0.2)  # until the last child of another test has gone; servers of other tests may stay
    before = standing()
    server = ForkServer(quick, level="E")
    scratch = Path(server.zygote._scratch)
    for body in ("return 1", "import os; os._exit(1)", "while True: pass"):
        server.observe(program(f"def f(x):\n    {body}\n"), [Group((Probe("f", (X,)),), 0.1)] * 2)
        assert [p.name for p in scratch.iterdir()] == ["empty"]
    server.close()
    server.close()
    assert not scratch.exists()
    until(lambda: standing() == before)


@pytest.mark.parametrize("end", ["raise SystemExit(3)", "os.kill(os.getpid(), 9)"])
def test_a_looping_submission_ends_with_its_grader(tmp_path: Path, end: str) -> None:
    """Nobody has closed the server; one that fails removes the scratch folder, too, one that was killed cannot."""
    script = (
        "import sys, time, threading, os\nfrom pathlib import Path\nfrom tests.runner.macos import standing_in\n"
        "from grader.runner.forkserver import ForkServer\nfrom grader.runner.protocol import *\nfrom grader.core.probe import *\n"
        f"with standing_in(Path({str(tmp_path)!r})):\n    server = ForkServer(level='E')\n    print(server.zygote._scratch)\n"
        "    looping = Program((Source('a', 'a.py', 'def f():\\n    while True: pass\\n'),), {'f': ('a',)})\n"
        "    threading.Thread(target=server.observe, args=(looping, [Group((Probe('f', ()),), 60.0)]), daemon=True).start()\n"
        f"    time.sleep(1)\n    print(*(c.pid for c in server.zygote.children), flush=True)\n    {end}\n"
    )
    there = {"TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=there, capture_output=True, text=True, check=False)
    scratch, child = done.stdout.split()
    until(lambda: not Path(f"/proc/{child}").exists())
    assert Path(scratch).exists() is (done.returncode == -9)
    shutil.rmtree(scratch, ignore_errors=True)


@pytest.mark.usefixtures("stand_in")
def test_a_server_that_was_closed_gives_no_child(program: Make, quick: Limits) -> None:
    """It is said to be the machine's problem, and nothing is started."""
    with ForkServer(quick, level="E") as server:
        server.isolation  # noqa: B018 - measured
        server.close()
        server.renew = lambda: None
        ((answer,),) = server.observe(program(OK), [ASK_OK])
    assert isinstance(answer, HostError)
    assert "no process could be prepared" in answer.problem


# ---- when it is chosen ---------------------------------------------------------------------------------------------------


def test_macos_has_level_e_when_what_there_is_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Make) -> None:
    """Best effort is E, and says that it is untested; none is none, without a sandbox."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with standing_in(tmp_path):
        with ForkServer(demand="best-effort") as server:
            isolation = server.isolation
            assert isinstance(server.observe(program(OK), [ASK_OK])[0][0], Returned)
            server.renew()
            assert server.isolation == isolation
        assert isolation.level == "E"
        assert isolation.lacks[0].startswith("this level is untested on macOS")
        monkeypatch.setattr(fresh, "SANDBOX_EXEC", "/nowhere")
        with ForkServer(demand="none") as server:
            assert server.isolation.level == "none"


def test_required_is_more_than_macos_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is graded, and the sentence says what to write."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(levels.NotConfined, match=r"sandbox-exec gives level E, untested, where C is required.*--isolation best-effort"):
        ForkServer()


@pytest.mark.parametrize("text", [OPEN, "#!/bin/sh\necho bad profile >&2; exit 65\n", None])
def test_a_sandbox_that_does_not_hold_is_not_called_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None) -> None:
    """One that lets everything through, one that fails, none at all: E is refused, and best effort goes on with limits only."""
    why = "files that the grader can read can be read" if text == OPEN else "bad profile" if text else "No such file"
    with standing_in(tmp_path, text or "", must=("files", "fork")):
        if text is None:
            monkeypatch.setattr(fresh, "SANDBOX_EXEC", "/nowhere")
        with ForkServer(level="E") as server, pytest.raises(GraderError, match=why):
            server.isolation  # noqa: B018 - asking is what raises
        monkeypatch.setattr(sys, "platform", "darwin")
        with ForkServer(demand="best-effort") as server:
            assert server.isolation.level == "F"


def test_what_was_not_measured_is_not_claimed() -> None:
    """Neither side of it: memory and processes of others are looked at by way of ``/proc``; of memory the truth is said."""
    everything = levels.label_elsewhere("E", levels.MEASURED_ELSEWHERE)
    nothing = levels.label_elsewhere("F", ())
    for name in ("memory", "processes", "allocation"):
        assert not set(levels.SENTENCES[name]) & {*everything.holds, *everything.lacks, *nothing.holds, *nothing.lacks}
    assert levels.ALWAYS[3] not in everything.holds
    assert any(s.startswith("not measured on this system") for s in everything.lacks)
    assert levels.UNTESTED in everything.lacks
    assert levels.UNTESTED not in nothing.lacks
    assert set(levels.MUST["E"]) <= set(levels.MEASURED_ELSEWHERE) <= levels.SENTENCES.keys()


def test_a_grader_and_a_worker_without_what_only_linux_has(tmp_path: Path) -> None:
    """The command line from end to end, where there is no memfd, pidfd, prctl, Landlock, seccomp, and none of their constants."""
    script = tmp_path / "grade.py"
    script.write_text(f"""{LACKS}
import sysconfig
from pathlib import Path
from tests.runner.macos import FEW, standing_in
import grader.entry
sysconfig.get_config_vars()  # of this machine, before it calls itself another one
sys.platform = "darwin"
sys.argv[0] = "grade"
with standing_in(Path({str(tmp_path)!r}), FEW):
    grader.entry.main()
""")
    example = ROOT / "submissions_example" / "cs224n_a1" / "wrong_neural_mean.py"
    run = [sys.executable, str(script), str(example), "--out", str(tmp_path / "out")]
    there = {"cwd": ROOT, "env": {**os.environ, "PYTHONPATH": str(ROOT)}, "capture_output": True, "text": True}
    done = subprocess.run([*run, "--isolation", "best-effort"], check=False, **there)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "wrong_neural_mean.html").read_text()
    assert "Best-effort isolation" in page
    assert "untested on macOS" in page
    refused = subprocess.run(run, check=False, **there)
    assert refused.returncode == 4
    assert "cannot be confined well enough on macOS" in " ".join(refused.stderr.split())


# ---- what macOS says of a process ----------------------------------------------------------------------------------------


def test_ticks_are_turned_into_seconds_and_the_footprint_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """24 million a second on Apple's own processors; the footprint is at byte 72 of the record."""
    class Library:
        def proc_pid_rusage(self, pid: int, flavor: int, record: ctypes.Array) -> int:
            struct.pack_into("=2Q", record, 16, 36_000_000, 12_000_000)
            struct.pack_into("=2Q", record, 64, 1, 123 << 20)
            return -(pid != 7 or flavor != 0 or len(record) != 96)

        def sysctlbyname(self, name: bytes, value: object, *_: object) -> int:
            value._obj.value = 24_000_000
            return -(name != b"hw.tbfrequency")

    monkeypatch.setattr(ctypes, "CDLL", lambda *a, **k: Library())
    assert USED_ON_MACOS(7) == fresh.Use(2.0, 123 << 20)
    with pytest.raises(OSError):
        USED_ON_MACOS(8)


def test_the_stand_in_counts_what_is_there() -> None:
    """So that the tests of limits above rest on something."""
    before = used(os.getpid())
    kept = np.frombuffer(mmap(-1, 32 << 20), np.uint8)  # from the kernel itself: what an allocator has got back is counted already
    kept[:] = 1
    assert used(os.getpid()).memory - before.memory > kept.nbytes // 2
    assert used(os.getpid()).cpu > before.cpu


# ---- the profile ---------------------------------------------------------------------------------------------------------


def rules(profile: str) -> list[tuple[str, str, str, str]]:
    """Each (action, operation, kind of filter, its text), read by a small reader of the profile's language."""
    tokens = re.findall(r'#?"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+', profile)
    found, at = [], 0

    def form() -> list:
        nonlocal at
        items: list = []
        while tokens[at] != ")":
            at += 1
            items.append(form() if tokens[at - 1] == "(" else tokens[at - 1])
        at += 1
        return items

    while at < len(tokens):
        assert tokens[at] == "("
        at += 1
        action, *rest = form()
        names = [r for r in rest if isinstance(r, str)]
        filters = [r for r in rest if isinstance(r, list)]
        found += [(action, name, kind, text) for name in names for kind, text in (filters or [["", ""]])]
    return found


def text_of(quoted: str) -> str:
    """A string as the language reads it."""
    data = re.sub(r"\\x([0-9a-f]{2})|\\(.)", lambda m: chr(int(m[1], 16)) if m[1] else m[2], quoted[1:-1])
    return data.encode("latin-1").decode()


def allows(profile: str, operation: str, path: str) -> bool:
    """What the profile says: the last rule that matches, else the default."""
    answer = False
    for action, name, kind, text in rules(profile)[1:]:
        if name != operation and not (name.endswith("*") and operation.startswith(name[:-1])):
            continue
        match kind:
            case "literal":
                hit = path == text_of(text)
            case "subpath":
                hit = path == text_of(text) or path.startswith(f"{text_of(text)}/")
            case "regex":
                hit = bool(re.search(text[2:-1], path))
            case _:
                hit = kind == ""
        answer = action == "allow" if hit else answer
    return answer


SITE = "/opt/venv/lib/python3.12/site-packages"
PROFILE = seatbelt.profile(
    ["/py/lib/python3.12/json", "/py/lib/python3.12/os.py", f"{SITE}/numpy", "/private/var/folders/T/grade-1/empty"],
    ["/py/lib/python3.12", SITE], ["/py/bin/python3.12", "/py/Resources/Python.app/Contents/MacOS/Python"],
    "/private/var/folders/T/grade-1/a/output")


@pytest.mark.parametrize(
    ("operation", "path", "allowed"),
    [
        ("file-read-data", "/py/lib/python3.12/os.py", True), ("file-read-data", "/py/lib/python3.12/json/decoder.py", True),
        ("file-read-data", f"{SITE}/numpy/linalg/lapack_lite.so", True), ("file-read-data", SITE, True),
        ("file-read-data", "/usr/lib/libSystem.B.dylib", True), ("file-read-data", "/", True), ("file-read-data", "/py/bin/python3.12", True),
        ("file-read-data", "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib", True), ("file-read-metadata", "/opt/venv", True),
        ("file-read-data", f"{SITE}/grader/course.py", False), ("file-read-data", f"{SITE}/numpyro/__init__.py", False),
        ("file-read-data", "/Users/me/course/reference/a1/solutions.py", False), ("file-read-data", "/Users/me/course/rubrics/a1.toml", False),
        ("file-read-data", "/Users/me", False), ("file-read-data", "/Users/me/.ssh/id_ed25519", False), ("file-read-data", "/etc/passwd", False),
        ("file-read-data", "/private/etc/passwd", False), ("file-read-data", "/private/tmp/x", False), ("file-read-metadata", "/tmp", False),
        ("file-read-data", "/private/var/folders/T/grade-1/b/output", False), ("file-read-data", "/opt/homebrew/etc/secret.txt", False),
        ("file-read-data", "/opt", False), ("file-read-metadata", "/Users/me/course/reference", False),
        ("file-write-data", "/private/var/folders/T/grade-1/a/output", True), ("file-write-data", "/dev/null", True),
        ("file-write-data", "/private/var/folders/T/grade-1/b/output", False), ("file-write-data", f"{SITE}/numpy/__init__.py", False),
        ("file-write-create", "/private/var/folders/T/grade-1/a/output", False), ("file-write-unlink", "/dev/null", False),
        ("process-exec", "/py/bin/python3.12", True), ("process-exec", "/bin/sh", False), ("process-exec", "/py/bin/pip", False),
    ],
)  # fmt: skip
def test_the_profile_decides(operation: str, path: str, allowed: bool) -> None:
    """What Python and numpy need, and nothing of the course, the user, or of what is installed beside numpy."""
    assert allows(PROFILE, operation, path) is allowed


def test_the_profile_allows_no_other_kind_of_operation() -> None:
    """No network, service, process, shared memory; a process may know and signal itself only; no environments of others."""
    assert rules(PROFILE)[:2] == [("version", "1", "", ""), ("deny", "default", "", "")]
    allowed = {(name, kind) for action, name, kind, _ in rules(PROFILE) if action == "allow"}
    assert {name for name, _ in allowed} == {
        "process-exec", "file-read*", "file-read-data", "file-read-metadata", "file-write-data", "sysctl-read", "process-info*", "signal"}
    assert {kind for name, kind in allowed if name in ("process-info*", "signal")} == {"target"}
    facts = [text_of(t) for _, name, _, t in rules(PROFILE) if name == "sysctl-read"]
    assert not [f for f in facts if "kern.procargs2".startswith(f) or "kern.proc.all".startswith(f)]
    assert PROFILE.count('(subpath "/")') == 0


def test_a_path_cannot_say_more_than_a_path() -> None:
    """Quotes, backslashes, parentheses, new lines and other alphabets stay inside their string, in ASCII."""
    path = '/py/a") (allow default) (literal "\\/é\n/lib'
    profile = seatbelt.profile([path], [path], [path], path)
    assert profile.isascii()
    assert allows(profile, "file-read-data", f"{path}/os.py")
    assert ("allow", "default", "", "") not in rules(profile)
    assert len(profile.splitlines()) == len(PROFILE.splitlines())


@pytest.mark.usefixtures("stand_in")
def test_the_profile_of_this_machine_holds_no_secret(quick: Limits) -> None:
    """That of a real child: neither reference, rubric, submission, grader nor this test; the worker's own code only."""
    with ForkServer(quick, level="E") as server:
        command = server.zygote._command("E", 9, "/private/tmp/output")
    profile = command[command.index("-p") + 1]
    for path in (ROOT / "reference", ROOT / "rubrics", ROOT / "submissions_example", Path(__file__), Path(fresh.__file__), Path.home(), Path(pytest.__file__)):
        assert not allows(profile, "file-read-data", str(path.resolve()))
    for path in (Path(np.__file__), Path(os.__file__).resolve(), ROOT / "grader" / "worker" / "alone.py"):
        assert allows(profile, "file-read-data", str(path.resolve()))
    assert allows(profile, "process-exec", os.path.realpath(sys.executable))
