"""The walls: what each level keeps, what the label says, what a student reads, and that honest code does not notice."""

import _thread
import contextlib
import ctypes
import json
import os
import resource
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from mmap import mmap
from pathlib import Path

import numpy as np
import pytest

from grader.core.errors import GraderError
from grader.core.observation import Died, Observation, Raised, Returned
from grader.core.probe import Group, Probe
from grader.runner import levels
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program, Source
from grader.runner.tracing import trace_import
from grader.worker import confine, landlock, seccomp

WALLED = ("B", "C", "A")
ARCHITECTURES = ("x86_64", "aarch64")
Run = Callable[..., Observation]


def f(body: str) -> str:
    """A file with a function f(x) of this body."""
    return "import os\nimport numpy as np\ndef f(x):\n    " + body.replace("\n", "\n    ") + "\n"


# ---- what is kept --------------------------------------------------------------------------------------------------------

FORBIDDEN = {
    "read": "open({secret!r}).read()",
    "environ": "open('/proc/{grader}/environ').read()",
    "own memory file": "open('/proc/self/mem', 'rb').read(1)",
    "list": "os.listdir('/')",
    "site-packages": "os.listdir(os.path.dirname(os.path.dirname(np.__file__)))",
    "write": "open('a', 'w')",
    "write to what may be read": "open('/dev/null', 'w')",
    "numpy": "os.utime(np.__file__)",
    "mkdir": "os.mkdir('a')",
    "truncate": "os.truncate(np.__file__, 0)",
    "link": "os.symlink('a', 'b')",
    "signal": "os.kill({grader}, 0)",
    "signal to the zygote": "os.kill(os.getppid(), 9)",
    "signal to the group": "os.kill(0, 9)",
    "fork": "os.fork()",
    "exec": "os.execv('/bin/true', ['true'])",
    "subprocess": "import subprocess; subprocess.run(['true'])",
    "tcp": "import socket; socket.socket()",
    "udp": "import socket; socket.socket(type=socket.SOCK_DGRAM)",
    "unix": "import socket; socket.socketpair()",
    "memfd": "os.memfd_create('a')",
    "priority": "os.setpriority(os.PRIO_PROCESS, {grader}, 19)",
    "affinity": "os.sched_setaffinity({grader}, [0])",
    "limits of others": "import resource; resource.prlimit({grader}, resource.RLIMIT_NOFILE)",
    "lock": "import fcntl; fcntl.flock(0, 1)",
    "owner of signals": "import fcntl; fcntl.fcntl(0, 8, {grader})",
    "pidfd": "os.pidfd_open({grader})",
    "asyncio": "import asyncio; asyncio.new_event_loop()",
}


@pytest.mark.levels(*WALLED)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_a_submission_may_not_do_is_an_exception_at_its_own_line(run: Run, tmp_path: Path, what: str) -> None:
    """PermissionError, with the line that tried; nothing else is lost by it."""
    secret = tmp_path / "secret"
    secret.write_text("x")
    answer = run(f(FORBIDDEN[what].format(secret=str(secret), grader=os.getpid())))
    assert isinstance(answer, Raised)
    gone = ("FileNotFoundError", "ProcessLookupError")  # in a mount and process namespace of its own there is no such thing
    assert answer.type in ("PermissionError", *gone)
    assert answer.frames[-1].text == FORBIDDEN[what].format(secret=str(secret), grader=os.getpid())


@pytest.mark.levels("F")
@pytest.mark.parametrize("what", ["read", "environ", "write", "fork", "tcp", "signal", "list", "memfd", "pidfd"])
def test_the_same_succeeds_without_walls(run: Run, tmp_path: Path, what: str) -> None:
    """So that the tests above do show the walls."""
    secret = tmp_path / "secret"
    secret.write_text("x")
    body = FORBIDDEN[what].format(secret=str(secret), grader=os.getpid())
    answer = run(f(body + "\nreturn 1") if what != "fork" else f("if os.fork() == 0: os._exit(0)\nreturn 1"))
    if what == "environ" and os.geteuid() != 0:
        assert answer.type == "PermissionError"  # it is closed to others of the same user, walls or not
    else:
        assert answer.value == 1


@pytest.mark.levels(*WALLED)
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="a 32-bit system call of x86")
def test_a_system_call_of_another_architecture_ends_the_process(run: Run) -> None:
    """int 0x80 with getpid's number: SIGSYS, not an answer."""
    code = "b8 14 00 00 00 cd 80 c3"
    body = (
        "import ctypes, mmap\n"
        f"m = mmap.mmap(-1, 4096, prot=7)\nm.write(bytes.fromhex('{code}'))\n"
        "return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()"
    )
    answer = run(f(body))
    assert isinstance(answer, Died)
    assert (answer.how, answer.code) == ("signal", 31)


@pytest.mark.levels(*WALLED)
def test_raw_clone_and_clone3_make_no_process(run: Run) -> None:
    """Neither by number nor with flags; threads are not touched by that."""
    body = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "number = 56 if os.uname().machine == 'x86_64' else 220\n"
        "seen = [(libc.syscall(number, flags, 0, 0, 0, 0), ctypes.get_errno()) for flags in (17, 0, 0x10000000, 0x20000011)]\n"
        "return seen + [(libc.syscall(435, ctypes.create_string_buffer(88), 88), ctypes.get_errno())]"
    )
    answer = run(f(body))
    assert answer.value == [(-1, 1)] * 4 + [(-1, 38)]


@pytest.mark.levels(*WALLED)
def test_limits_stay_as_they_are(run: Run) -> None:
    """Not even lowered; Python calls the refusal a ValueError."""
    assert run(f("import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))")).type == "ValueError"
    assert run(f("import resource; return resource.getrlimit(resource.RLIMIT_MEMLOCK)")).value == (0, 0)


@pytest.mark.levels(*WALLED)
def test_the_filter_and_the_rules_cannot_be_taken_off(run: Run) -> None:
    """A second filter, new privileges, dumpable: refused."""
    body = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "return [libc.prctl(*a) for a in ((22, 2, 0, 0, 0), (4, 1, 0, 0, 0), (1, 0, 0, 0, 0), (36, 1, 0, 0, 0))]"
    )
    assert run(f(body)).value == [-1] * 4


# ---- honest code does not notice -----------------------------------------------------------------------------------------

HONEST = {
    "numpy's parts": "import numpy.fft, numpy.ma, numpy.polynomial, numpy.testing, numpy.random, numpy.ctypeslib, numpy.lib.format",
    "linear algebra": "a = np.random.rand(60, 60)\nnp.linalg.svd(a), np.linalg.eigh(a @ a.T), np.fft.fft2(a), np.linalg.solve(a, a)",
    "random": "import random, secrets\nrandom.SystemRandom().random(), os.urandom(4), np.random.default_rng().normal(), secrets.token_hex()",
    "threads": "import threading\nt = [threading.Thread(target=np.linalg.inv, args=(np.eye(9),)) for _ in range(8)]\n"
               "[a.start() for a in t], [a.join() for a in t]",
    "pool": "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as e: assert sum(e.map(abs, range(5))) == 10",
    "time": "import time, datetime\ntime.sleep(0.001), time.localtime(), datetime.datetime.now().astimezone(), time.process_time()",
    "imports": "import tempfile, ctypes, unittest, doctest, pickle, subprocess, multiprocessing, asyncio, socket, sqlite3, ssl, pdb",
    "recursion": "import sys\nsys.setrecursionlimit(5000)\ndef g(n): return n and g(n - 1)\ng(4000)",
    "warnings": "import warnings, logging\nwarnings.warn('x'), logging.warning('y'), np.log(np.zeros(2)), print('z')",
    "traceback": "import traceback\ntry: np.linalg.inv(np.zeros((2, 2)))\nexcept Exception: assert 'LinAlgError' in traceback.format_exc()",
    "assertions": "try: np.testing.assert_allclose([1.0], [2.0])\nexcept AssertionError: return 1\nraise ValueError",
    "callbacks": "import ctypes\nassert ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 3)() == 3",
    "alarm": "import signal\nsignal.alarm(5), signal.alarm(0), signal.setitimer(signal.ITIMER_REAL, 0)",
    "looking": "import platform, inspect\nos.getcwd(), os.getpid(), os.cpu_count(), platform.system(), os.path.exists('x'), inspect.getsource(f)",
    "masked": "np.ma.masked_invalid(np.array([1.0, np.nan])).mean()",
    "memory": "np.ones((1000, 1000)).sum(), [bytearray(1 << 20) for _ in range(50)]",
    "null": "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()): print('x')",
}  # fmt: skip


@pytest.mark.parametrize("what", HONEST)
def test_honest_code_does_not_notice(run: Run, what: str) -> None:
    """All of numpy, threads, clocks, imports, warnings."""
    answer = run(f(HONEST[what] + "\nreturn 1"), seconds=5.0)
    assert isinstance(answer, Returned), answer
    assert answer.value == 1


@pytest.mark.skipif(not levels.package("scipy"), reason="scipy is not installed")
def test_scipy_works_where_the_course_allows_it(server: ForkServer) -> None:
    """Its compiled parts, its shared libraries, and parts that are imported late."""
    text = "import scipy\nfrom scipy.special import expit\ndef f(x):\n    import scipy.optimize, scipy.stats, scipy.linalg\n    return expit(x)\n"
    program = Program((Source("submit", "submit.py", text),), {"f": ("submit",)}, packages=("scipy",))
    ((answer,),) = server.observe(program, [Group((Probe("f", (np.zeros(2),)),), 20.0)])
    np.testing.assert_array_equal(answer.value, [0.5, 0.5])


# ---- the label -----------------------------------------------------------------------------------------------------------


@pytest.mark.levels(*WALLED)
def test_a_walled_level_holds_everything_that_was_tried(server: ForkServer, level: str) -> None:
    """And the label is the level that was asked for."""
    assert server.isolation.level == level
    assert server.isolation.lacks == ()
    assert len(server.isolation.holds) == len(levels.ALWAYS) + len(levels.SENTENCES)


@pytest.mark.levels("F", "D", "none")
def test_a_level_without_walls_says_what_it_lacks() -> None:
    """Files, network, processes; memory is limited at F and not at none."""
    for level, limited in (("F", True), ("none", False)):
        with ForkServer(level=level) as server:
            isolation = server.isolation
        assert isolation.level == level
        assert {"files can be written", "the network can be used (UDP)", "processes can be started"} <= set(isolation.lacks)
        assert ("memory is limited" in isolation.holds) is limited


def test_the_best_level_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside bubblewrap where it is installed and works, else with Landlock, else without opening files."""
    with ForkServer() as server:
        assert server.isolation.level == ("A" if levels.bubblewrap() else "B" if landlock.abi() else "C")
    monkeypatch.setattr(levels, "bubblewrap", lambda: "/bin/false")
    with ForkServer() as server:
        assert server.isolation.level == ("B" if landlock.abi() else "C")
    with ForkServer(level="A") as server, pytest.raises(GraderError, match="the worker has ended"):
        server.isolation  # noqa: B018 - asking is what raises
    monkeypatch.setattr(levels, "bubblewrap", lambda: "")
    with pytest.raises(GraderError, match="not installed"):
        ForkServer(level="A")


def test_without_any_wall_nothing_is_graded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GraderError says what is missing and what to do; best effort goes on."""
    monkeypatch.setattr(levels, "MUST", {**levels.MUST, "B": ("files", "the moon"), "C": ("the sun",)})
    program = Program((Source("a", "a.py", "def f():\n    return 1\n"),), {"f": ("a",)})
    with ForkServer() as server, pytest.raises(GraderError) as error:
        server.observe(program, [Group((Probe("f", ()),))])
    assert "level B: the moon; level C: the sun" in str(error.value)
    assert "--isolation best-effort" in str(error.value)
    with ForkServer(demand="best-effort") as server:
        assert server.isolation.level in ("D", "F")
        assert server.observe(program, [Group((Probe("f", ()),))])[0][0].value == 1


def test_what_did_not_hold_is_said_in_words() -> None:
    """Not by the names of the attempts."""
    assert "level C: files can be written, the network can be used (TCP)" in str(levels.nothing_holds({"C": "writing, tcp"}))


def test_a_zygote_in_the_place_of_a_lost_one_has_the_same_level(quick: Limits) -> None:
    """The label is true of all answers."""
    with ForkServer(quick, "best-effort") as server:
        before = server.isolation
        server.renew()
        assert server.zygote.isolation == before
        assert server._tried == (server.zygote.level,)


def test_the_grader_closes_its_memory_while_it_runs() -> None:
    """Not dumpable between the first start and the last end; in a process that has no other server."""
    script = (
        "import ctypes\nfrom grader.runner.forkserver import ForkServer\nseen = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)\n"
        "print(seen())\nfirst, second = ForkServer(), ForkServer()\nprint(seen())\nfirst.close(); first.close()\nprint(seen())\n"
        "second.close()\nprint(seen())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "0", "0", "1"]


# ---- what may be read ----------------------------------------------------------------------------------------------------


def test_nothing_that_may_be_read_holds_the_grader_or_what_is_installed() -> None:
    """Neither this checkout nor any site-packages, but numpy in it."""
    roots = levels.readable()
    here = Path(levels.__file__)
    assert levels.exposed(roots, [here, Path(pytest.__file__), here.parents[2], Path("/etc/passwd"), Path("/home")]) == []
    assert levels.exposed(roots, [Path(np.__file__)]) == [Path(np.__file__)]
    assert not [r for r in roots if Path(r).name in ("site-packages", "dist-packages")]


def test_a_course_inside_the_python_installation_is_refused() -> None:
    """Below such a folder or the folder itself, not beside or around it: an environment may lie in a course's own folder."""
    numpy = Path(np.__file__).parent
    with ForkServer() as server:
        for secret in (numpy, numpy / "core"):
            with pytest.raises(GraderError, match="may read"):
                server.keep_from(secret)
        server.keep_from(numpy.parent, numpy.parent / "numpyro", Path(__file__))


def test_site_packages_inside_the_standard_library_are_left_out(tmp_path: Path) -> None:
    """Their neighbours are listed one by one, also one folder down."""
    for name in ("python3.11/site-packages/secret", "python3.11/json", "python3/dist-packages", "x86_64"):
        (tmp_path / name).mkdir(parents=True)
    assert sorted(levels._entries(str(tmp_path))) == [str(tmp_path / "python3.11/json"), str(tmp_path / "x86_64")]


def test_a_package_that_is_not_here_is_no_path() -> None:
    """And one that is brings the libraries beside it."""
    assert levels.package("nosuch") == []
    assert levels.package("numpy")[0] == str(Path(np.__file__).resolve().parent)


# ---- root ----------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.levels("B", "C", "D", "A")
def test_root_has_no_capability_left(run: Run) -> None:
    """Whether it became another user or not: nothing that root may do."""
    body = "import ctypes\nlibc = ctypes.CDLL(None)\nreturn [libc.prctl(23, c, 0, 0, 0) for c in range(38)] if os.getuid() == 0 else [0] * 38"
    assert run(f(body)).value in ([0] * 38, [-1] * 38)


def in_a_child(action: Callable[[], object]) -> object:
    """What it returns in a forked process, as JSON carries it."""
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            os.write(writing, json.dumps(action()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        data = file.read()
    os.waitpid(pid, 0)
    return json.loads(data)


def room(user: int, level: str = "D", scratch: str = "", *, closed: bool = False) -> confine.Room:
    """A room of which only the user matters."""
    return confine.Room(0, 1, 2, mmap(-1, 1), scratch, 1, 1, 1, 1, level, confine.Walls(-1, {}, user, closed))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_becomes_a_user_that_nobody_is(tmp_path: Path) -> None:
    """With a number of its own, no groups, and a scratch directory that is its own."""

    def action() -> object:
        confine.nobody(room(confine.UNUSED[0], scratch=str(tmp_path)))
        return [os.getresuid(), os.getresgid(), os.getgroups(), os.getpid()]

    users, groups, others, pid = in_a_child(action)
    assert users == groups == [confine.UNUSED[0] + pid] * 3
    assert others == []
    assert tmp_path.stat().st_uid == confine.UNUSED[0] + pid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_that_opens_files_as_root_has_few_threads_all_the_same(tmp_path: Path) -> None:
    """Where another user could not read the interpreter: the kernel counts threads by the real user, and root's not at all."""
    (tmp_path / "closed").mkdir(mode=0o700)

    def action() -> object:
        confine.nobody(room(confine.UNUSED[0], closed=True))
        started = 0
        threading.stack_size(1 << 16)  # as little as every Python takes
        with contextlib.suppress(RuntimeError):
            while started < 2 * confine.THREADS:
                _thread.start_new_thread(time.sleep, (60,))
                started += 1
        refused = []
        for take_back in (lambda: os.setuid(0), lambda: os.seteuid(0), lambda: os.kill(os.getppid(), 0)):
            try:
                take_back()
            except PermissionError:
                refused.append(True)
        return [os.getresuid(), os.getpid(), [*map(str, (tmp_path / "closed").iterdir())], started, refused]

    users, pid, listed, started, refused = in_a_child(action)
    assert users == [confine.UNUSED[0] + pid] * 3
    assert refused == [True] * 3  # nor is it root to root's processes
    assert listed == []
    assert started == confine.THREADS - 1


@pytest.mark.parametrize(("known", "first", "last"), [
    ("0 0 4294967295", 1_879_048_192, (1 << 31) - 2), ("0 100000 65536", 60_578, 61_183), ("0 0 1", 0, 0), ("0 1000 1\n1 100000 70", 0, 0),
])
def test_users_that_nobody_is_are_drawn_by_lot(known: str, first: int, last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children in two namespaces have the same process numbers: who has another one's user has its threads, too."""
    monkeypatch.setattr(confine, "_read", lambda _: known)
    drawn = {confine._unused_user() for _ in range(50)}
    assert first <= min(drawn)
    assert max(drawn) + (1 << 22) * (first > 1 << 17) <= last
    assert len(drawn) > 10 or not first


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_the_number_of_a_user_stays_in_a_small_range() -> None:
    """Of 606: after the last one comes the first."""
    last = confine.UNUSED[1] + 605

    def action() -> object:
        confine.nobody(room(last, "B"))
        return [os.getuid(), os.getpid()]

    user, pid = in_a_child(action)
    assert user == confine.UNUSED[1] + (605 + pid) % 606


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities to lose")
@pytest.mark.parametrize(("user", "closed"), [(0, False), (confine.UNUSED[0], True)])
def test_root_by_name_only_has_no_capabilities(user: int, closed: bool) -> None:
    """Effective, permitted, inheritable and bounding sets are empty."""

    def action() -> object:
        confine.nobody(room(user, closed=closed))
        return [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("Cap")]

    assert {int(mask, 16) for mask in in_a_child(action)} == {0}


def test_threads_leave_room_for_other_processes() -> None:
    """Small ones, of which memory holds as many as a machine has process numbers: whoever is no root gets few more than there are tasks."""

    def action() -> object:
        confine.resources(replace(room(0), cpu=20, memory=1 << 30, file_size=1 << 20))
        if os.geteuid() == 0:
            os.setresuid(*[confine.UNUSED[1]] * 3)
        before, started = int(Path("/proc/loadavg").read_text().split()[3].split("/")[1]), 0
        threading.stack_size(1 << 16)  # as little as every Python takes
        with contextlib.suppress(RuntimeError):
            while started < before + 2000:
                _thread.start_new_thread(time.sleep, (60,))
                started += 1
        return [started, before]

    started, before = in_a_child(action)
    assert confine.THREADS <= started < before + 1000


def test_where_proc_shows_processes_only_threads_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """``subset=pid``: nobody can be kept from anything for want of a number, and students' code runs all the same."""
    read = confine._read

    def shown(path: str) -> str:
        if path == "/proc/loadavg":
            raise FileNotFoundError(path)
        return read(path)

    monkeypatch.setattr(confine, "_read", shown)

    def action() -> object:
        before = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        confine.resources(replace(room(0), cpu=20, memory=1 << 30, file_size=1 << 20))
        return [before, resource.getrlimit(resource.RLIMIT_NPROC)[1]]

    before, after = in_a_child(action)
    assert after == (before if 0 <= before < 1 << 22 else (1 << 22) + confine.THREADS)


def test_a_closed_home_keeps_the_user(tmp_path: Path) -> None:
    """An interpreter in a folder that others cannot enter could not be read by another user."""
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "lib").mkdir()
    assert not confine._open_to_all(str(tmp_path / "home" / "lib"))
    assert confine._open_to_all("/usr/lib")


# ---- for authors of courses ------------------------------------------------------------------------------------------------


def test_what_an_import_was_refused_is_shown() -> None:
    """The name of the call and where it was made; an import that needs nothing shows nothing."""
    assert trace_import("wave", []) == "wave was imported."
    shown = trace_import("os; os.path.exists('a'), os.getpid(), open('a', 'w')", [])
    assert shown.splitlines()[0] == "openat: Permission denied at submit.py:2"
    assert "PermissionError" in shown
    assert "socket: Operation not permitted" in trace_import("socket; socket.socket()", [])


def test_an_import_that_starts_threads_or_tries_to_start_processes_is_traced() -> None:
    """Libc blocks all signals meanwhile, and a blocked one that a filter sends ends the process."""
    starts = "threading; t = threading.Thread(target=print, args=('here',)); t.start(); t.join()"
    assert trace_import(starts, []) == f"here\n{starts} was imported."
    shown = trace_import("os, socket\n    try: os.fork()\n    except PermissionError: print('refused')\n    socket.socket()", [])
    assert shown.splitlines()[0] == "refused"
    assert "socket: Operation not permitted" in shown


def test_only_what_makes_a_process_is_refused_without_a_signal() -> None:
    """Whatever was allowed is, and nothing else."""
    plain, traps = seccomp.program(opens=True, machine="x86_64"), seccomp.trapping(seccomp.program(opens=True, machine="x86_64"))
    quiet = {seccomp._CHECKED["clone"][0], seccomp._REFUSED["fork"][0], seccomp._REFUSED["vfork"][0], 435}
    for number in range(512):
        for arguments in ((), (CLONE_THREAD,)):
            before, now = decision(plain, number, arguments), decision(traps, number, arguments)
            assert now == (before ^ TRAP if number not in quiet and before & ~0xFFFF == 0x50000 else before), number
    assert decision(traps, 435) == ENOSYS


# ---- system calls --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def resolver() -> ctypes.CDLL:
    """libseccomp, which knows the number of every call on every architecture."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        if os.environ.get("CI"):
            raise
        pytest.skip("libseccomp is not installed")
    return library


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_numbers_of_system_calls_are_right(resolver: ctypes.CDLL, machine: str) -> None:
    """Every entry of the tables; a call that an architecture does not have is None."""
    column, arch = seccomp.ARCHITECTURES[machine]
    wrong = {}
    for name, row in {**seccomp._PLAIN, **seccomp._CHECKED, **seccomp._REFUSED}.items():
        number = resolver.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(arch), name.encode())
        if (number if number >= 0 else None) != row[column]:
            wrong[name] = (row[column], number)
    assert wrong == {}


def decision(code: bytes, number: int, arguments: tuple[int, ...] = (), arch: int = 0xC000003E) -> int:
    """What a program says about a call: BPF, interpreted."""
    data = struct.pack("=IIQ6Q", number, arch, 0, *(*arguments, *[0] * (6 - len(arguments))))
    program = list(struct.iter_unpack("=HBBI", code))
    at = accumulator = 0
    while True:
        op, yes, no, k = program[at]
        at += 1
        match op:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, k)
            case 0x05:
                at += k
            case 0x15:
                at += yes if accumulator == k else no
            case 0x35:
                at += yes if accumulator >= k else no
            case 0x45:
                at += yes if accumulator & k else no
            case 0x06:
                return k


ALLOW, EPERM, EACCES, ENOSYS, KILL = 0x7FFF0000, 0x50001, 0x5000D, 0x50026, 0x80000000
CLONE_THREAD, TRAP = 0x10000, 0x50000 ^ 0x30000


@pytest.mark.parametrize("opens", [True, False])
def test_the_program_decides_each_call_as_the_tables_say(opens: bool) -> None:
    """All numbers up to 1000 on both architectures, by an interpreter of our own."""
    for machine, (column, arch) in seccomp.ARCHITECTURES.items():
        code = seccomp.program(opens=opens, machine=machine)
        plain, checked, refused = ({row[column] for row in t.values()} - {None} for t in (seccomp._PLAIN, seccomp._CHECKED, seccomp._REFUSED))
        for number in range(1000):
            want = ALLOW if number in plain else EPERM if number in refused else ENOSYS
            if number not in checked:
                assert decision(code, number, arch=arch) == want, (machine, number)
        assert not plain & checked
        assert not (plain | checked) & refused


@pytest.mark.parametrize(
    ("name", "arguments", "want"),
    [
        ("openat", (0, 0, os.O_RDONLY | os.O_CLOEXEC), ALLOW), ("openat", (0, 0, os.O_WRONLY), EACCES), ("open", (0, os.O_RDWR), EACCES),
        ("openat", (0, 0, os.O_CREAT), EACCES), ("openat", (0, 0, os.O_TRUNC), EACCES), ("openat", (0, 0, os.O_TMPFILE), EACCES),
        ("clone", (0x3D0F00,), ALLOW), ("clone", (17,), EPERM), ("clone", (0x10000 | 0x10000000,), EPERM),
        ("tgkill", (77, 78, 6), ALLOW), ("tgkill", (78, 78, 6), EPERM), ("kill", (77, 9), ALLOW), ("kill", (0, 9), EPERM),
        ("kill", (2**32 - 1, 9), EPERM), ("prlimit64", (0, 7, 0), ALLOW), ("prlimit64", (77, 7, 0), ALLOW),
        ("prlimit64", (78, 7, 0), EPERM), ("prlimit64", (0, 7, 1), EPERM), ("prlimit64", (0, 7, 1 << 40), EPERM),
        ("fcntl", (1, 3), ALLOW), ("fcntl", (1, 8), EPERM), ("fcntl", (1, 6), EPERM), ("fcntl", (1, 1024), EPERM),
        ("ioctl", (1, 0x5401), ALLOW), ("ioctl", (1, 0x5412), EPERM), ("prctl", (15,), ALLOW), ("prctl", (4, 1), EPERM),
        ("ftruncate", (1, 0), ALLOW), ("ftruncate", (3, 0), EPERM),
    ],
)  # fmt: skip
def test_arguments_decide(name: str, arguments: tuple[int, ...], want: int) -> None:
    """Both sides of each of the checks, for process 77."""
    code = seccomp.own(seccomp.program(opens=True, machine="x86_64"), 77)
    assert decision(code, seccomp._CHECKED[name][0], arguments) == want


def test_without_opening_every_open_is_refused() -> None:
    """For reading, too."""
    code = seccomp.program(opens=False, machine="x86_64")
    assert {decision(code, n) for n in (2, 257)} == {EACCES}


def test_other_doors_are_closed() -> None:
    """i386 and x32 calls on x86_64, calls of the future, unknown machines."""
    code = seccomp.program(opens=True, machine="x86_64")
    assert decision(code, 20, arch=0x40000003) == KILL
    assert decision(code, 0x40000000 | 39) == KILL
    assert decision(code, 0x3FFFFFFF) == ENOSYS
    with pytest.raises(OSError, match="no table of system calls for m68k"):
        seccomp.program(opens=True, machine="m68k")


def test_the_process_number_is_put_in_each_place() -> None:
    """tgkill, kill and prlimit64; and nothing else is changed by it."""
    code = seccomp.program(opens=True, machine="x86_64")
    own = seccomp.own(code, 77)
    pairs = zip(struct.iter_unpack("=HBBI", code), struct.iter_unpack("=HBBI", own), strict=True)
    assert sum(before != after for before, after in pairs) == 3
    assert struct.pack("=I", 0x5EED1D01) not in own


def test_levels_of_both_sides_agree() -> None:
    """The grader's table and the worker's know the same levels and attempts."""
    from grader.worker.attempts import ATTEMPTS

    assert levels.MUST.keys() == confine.LEVELS.keys()
    assert ATTEMPTS.keys() == levels.SENTENCES.keys()


def test_the_command_line_refuses_other_words(tmp_path: Path) -> None:
    """Exit code 2 and the words that there are."""
    (tmp_path / "a.py").touch()
    done = subprocess.run([sys.executable, "-m", "grader", "run", str(tmp_path / "a.py"), "--isolation", "some", "--out", str(tmp_path)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 2
    assert "required, best-effort, none" in done.stderr


@pytest.mark.skipif(not levels.bubblewrap(), reason="bubblewrap is not installed")
def test_a_worker_that_is_not_wanted_any_more_leaves_nothing_of_bubblewrap() -> None:
    """Whenever it is closed: of its two processes, the second would wait for ever for a first one that was killed alone."""
    groups = []
    for pause in range(24):
        server = ForkServer(level="A")
        groups.append(server.zygote.pid)
        time.sleep(pause / 4000)
        server.close()
    assert [group for group in groups if is_there(group)] == []


def is_there(group: int) -> bool:
    """Whether anybody is left of a process group; whoever was killed takes a moment to be gone."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.01)
    return True


def test_few_descriptors_are_enough() -> None:
    """``ulimit -n 90``: a login or a container may allow no more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    def answer() -> object:
        resource.setrlimit(resource.RLIMIT_NOFILE, (90, 90))
        with ForkServer() as server:
            program = Program((Source("submit", "submit.py", "def f(x):\n    return x\n"),), {"f": ("submit",)})
            return server.observe(program, [Group((Probe("f", (1.0,)),))])[0][0].value

    assert in_a_child(answer) == 1.0
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
