"""Every way in which a call can end, and that the next item is none the worse for it."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from grader.core.errors import GraderError
from grader.core.observation import Died, Frame, HostError, Malformed, NotAsked, Raised, Returned, StandInCall, TimedOut, Unavailable
from grader.core.probe import Group, Opaque, Own, Probe, StandIn
from grader.runner import zygote
from grader.runner.forkserver import ForkServer
from grader.runner.levels import bubblewrap
from grader.runner.protocol import Limits, Program

X = np.arange(6.0).reshape(2, 3)
OK = "def ok(x):\n    return x * 2\n"
Run = Callable[..., object]
Make = Callable[[str], Program]


def f(body: str, before: str = "") -> str:
    """A file with a function f(x) of this body."""
    return f"import numpy as np\n{before}\ndef f(x):\n    " + body.replace("\n", "\n    ") + "\n"


# ---- what returns ----------------------------------------------------------------------------------------------------


def test_an_array_comes_back_as_it_was_returned(run: Run) -> None:
    """Values, shape and dtype survive the wire."""
    answer = run(f("return np.exp(x).astype(np.float32)"))
    assert isinstance(answer, Returned)
    assert answer.value.dtype == np.float32
    np.testing.assert_array_equal(answer.value, np.exp(X).astype(np.float32))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("None", None), ("True", True), ("7", 7), ("-0.0", -0.0), ("float('inf')", float("inf")), ("1j", 1j), ("'é'", "é"),
        ("[1, (2, 3.5)]", [1, (2, 3.5)]), ("{'a': [1]}", {"a": [1]}), ("10**400", 10**400),
    ],
)  # fmt: skip
def test_plain_values_keep_their_type(run: Run, expression: str, value: object) -> None:
    """What is not an array comes back equal and of the same type."""
    answer = run(f(f"return {expression}"))
    assert answer.value == value
    assert type(answer.value) is type(value)
    assert str(answer.value) == str(value)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("object()", "object"), ("(i for i in x)", "generator"), ("np.array([object()])", "array of dtype object"), ("{1: 2}", "dict"),
        ("b'abc'", "bytes"), ("10**5000", "int"), ("np.broadcast_to(1.0, (10**5, 10**5))", "array of shape (100000, 100000), too large to be returned"), ("'x' * 10**6", "str"),
        ("[10**1200] * 4000", "list"),
    ],
)  # fmt: skip
def test_what_cannot_cross_is_opaque(run: Run, expression: str, kind: str) -> None:
    """Its type and a bounded text come back, and nothing is lost."""
    answer = run(f(f"return {expression}"))
    assert isinstance(answer.value, Opaque)
    assert answer.value.type == kind
    assert len(answer.value.text) <= 500


def test_subclasses_are_read_by_their_base_class(run: Run) -> None:
    """A lying subclass of ndarray, float or int shows the numbers that it holds."""
    lies = (
        "class A(np.ndarray):\n"
        "    def __eq__(self, other): return True\n"
        "    def astype(self, *a, **k): return np.zeros(3)\n"
        "    def tobytes(self, *a): return b''\n"
        "    shape = property(lambda self: (99,))\n"
        "class F(float):\n"
        "    def __float__(self): return 1.0\n"
        "class I(int):\n"
        "    def __int__(self): return 1\n"
        "    def __index__(self): return 1\n"
        "    def bit_length(self): return 10**9\n"
    )
    answer = run(f("return [np.arange(3.0).view(A), F(2.5), I(5), np.matrix([[1.0]]), np.ma.array([1.0], mask=[1])]", lies))
    array, number, integer, matrix, masked = answer.value
    np.testing.assert_array_equal(array, [0.0, 1.0, 2.0])
    assert (number, integer) == (2.5, 5)
    np.testing.assert_array_equal(matrix, [[1.0]])
    np.testing.assert_array_equal(masked, [1.0])


def test_a_repr_that_raises_or_exits_is_only_shown_so(run: Run) -> None:
    """The text says so, and the process goes on."""
    hostile = "class A:\n    def __repr__(self): raise SystemExit('gone')\n    __class__ = property(lambda self: 1 / 0)\n"
    assert run(f("return A()", hostile)).value == Opaque("A", "<SystemExit while it was being shown>")


def test_a_repr_that_never_ends_is_inside_the_time_limit(run: Run) -> None:
    """Showing a value costs its function's time."""
    assert run(f("return A()", "class A:\n    def __repr__(self):\n        while True: pass\n")) == TimedOut("cpu", 0.5)


def test_changed_arguments_are_named(run: Run) -> None:
    """In place, in shape, or inside a list; and not when nothing changed."""
    assert run(f("x += 1\nreturn 0")).changed == (0,)
    assert run(f("x[1, 2] = np.nan\nreturn 0")).changed == (0,)
    assert run(f("x.shape = (6,)\nreturn 0")).changed == (0,)
    assert run(f("return x + 1")).changed == ()
    assert run("def f(x, y, z):\n    y.append(1)\n    z['a'][0] = 5\n", X, [1], {"a": [0]}).changed == (1, 2)
    assert run("def f(x, y, z):\n    y[0][0] = 7\n", X, (X,), 1.5).changed == (1,)
    assert run("def f(y):\n    y.append(y.pop())\n    y[0] = int('1' + '0' * 20)\n", [10**20, 0.5]).changed == ()


def test_arguments_are_fresh_in_every_call(server: ForkServer, program: Make) -> None:
    """What one call does to its arguments the next one does not see."""
    probes = (Probe("f", (X,)),) * 2
    first, second = server.observe(program(f("x += 1\nreturn x.sum()")), [Group(probes)])[0]
    assert first.value == second.value == X.sum() + 6


def test_printed_text_is_captured_and_bounded(run: Run) -> None:
    """Python's and C's, in order; what was left out is said, before the end, which may be what counts."""
    assert run(f("print('a'); import os; os.write(1, b'b'); print('c'); import sys; print('d', file=sys.stderr)")).printed == "a\nbc\nd\n"
    assert run(f("print('x' * 5000)")).printed == "x" * 5000 + "\n"
    answer = run(f("print('x' * 6000)\nprint('passed')"))
    assert answer.printed == "x" * 4096 + "\n[912 more bytes were printed]\n" + "x" * 992 + "\npassed\n"


def test_a_gigabyte_of_text_costs_nothing_but_time(run: Run) -> None:
    """It is counted and thrown away, and the function keeps its answer."""
    answer = run(f("s = 'x' * 10**7\nfor _ in range(100): print(s)\nreturn x"), seconds=20.0)
    assert isinstance(answer, Returned)
    assert answer.printed == "x" * 4096 + "\n[999995004 more bytes were printed]\n" + "x" * 999 + "\n"


def test_a_flood_from_c_is_cut_off(run: Run) -> None:
    """The file for descriptor 1 is bounded by the kernel; printing on is an error that C code ignores."""
    flood = "import ctypes\nputs = ctypes.CDLL(None).puts\nfor _ in range(300): puts(b'y' * 10**4)\nctypes.CDLL(None).fflush(None)\nreturn 1"
    answer = run(f(flood), seconds=5.0)
    assert answer.value == 1
    assert len(answer.printed) < 5000


def test_random_streams_are_the_same_in_every_call(server: ForkServer, program: Make) -> None:
    """``random`` and ``np.random`` are seeded before each one."""
    text = f("import random\nreturn [random.random(), np.random.rand()]")
    first, second = server.observe(program(text), [Group((Probe("f", (X,)),) * 2)])[0]
    assert first.value == second.value


def test_sets_of_strings_have_one_order_in_all_runs(program: Make, quick: Limits) -> None:
    """So that a replay adds the same numbers in the same order."""
    answers = []
    for _ in range(2):
        with ForkServer(quick) as server:
            answers += server.observe(program(f("return list({str(i) for i in range(50)})")), [Group((Probe("f", (X,)),))])[0]
    assert answers[0].value == answers[1].value


def test_state_that_a_call_leaves_is_reset_before_the_next(server: ForkServer, program: Make) -> None:
    """Error handling of numpy, recursion limit, directory, environment, streams, warnings, tracing."""
    change = (
        "import os, sys, warnings\nnp.seterr(all='raise')\nsys.setrecursionlimit(60)\nos.chdir('/')\nos.environ.clear()\n"
        "sys.stdout = None\nwarnings.simplefilter('error')\nsys.settrace(lambda *a: None)\nos.environ = {}"
    )
    look = (
        "def g(x):\n    import os, sys, warnings\n    warnings.warn('hear me')\n    print('here')\n    def deep(n): return n and deep(n - 1)\n"
        "    deep(500)\n    return [os.getcwd() == os.environ['HOME'], bool(np.exp(np.array(1e4)) == np.inf), sys.gettrace()]\n"
    )
    first, second = server.observe(program(f(change) + look), [Group((Probe("f", (X,)), Probe("g", (X,))))])[0]
    assert isinstance(first, Returned)
    assert second.value == [True, True, None]
    assert "hear me" in second.printed
    assert "here" in second.printed


def test_the_same_warning_appears_in_every_call(server: ForkServer, program: Make) -> None:
    """Python shows it once per place; here a repeated call prints the same again."""
    first, second = server.observe(program(f("import warnings; warnings.warn('one row only')")), [Group((Probe("f", (X,)),) * 2)])[0]
    assert "UserWarning: one row only" in first.printed
    assert first.printed == second.printed


def test_stand_ins_work_and_note_their_calls(run: Run) -> None:
    """The first `record` calls come back, with the position of the stand-in."""
    sampler = StandIn("sampler", {"script": [3, 1]}, record=2)
    answer = run("def f(x, d):\n    return [d.sampleTokenIdx() for _ in range(4)]\n", 0, sampler)
    assert answer.value == [3, 1, 3, 1]
    assert answer.calls == (StandInCall(1, "sampleTokenIdx", ()),) * 2


def test_a_function_of_the_same_submission_can_be_an_argument(run: Run) -> None:
    """`Own` is the student's function itself."""
    assert run("def f(cost, x):\n    return cost(x)\ndef g(x):\n    return x + 1\n", Own("g"), 4).value == 5


def test_a_missing_function_as_an_argument_says_which(run: Run) -> None:
    """The observation names the function that is not there."""
    assert run("def f(cost):\n    return 1\n", Own("h")) == Unavailable("h")


# ---- what raises -----------------------------------------------------------------------------------------------------


def test_an_exception_quotes_the_students_own_line(run: Run) -> None:
    """File, line, function and text, and no line of ours."""
    answer = run("def f(x):\n    return g(x)\ndef g(x):\n    return x / None\n")
    assert isinstance(answer, Raised)
    assert answer.type == "TypeError"
    assert answer.frames == (Frame("submit.py", 4, "f", "return g(x)"), Frame("submit.py", 6, "g", "return x / None"))


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "RecursionError"])
def test_every_exception_is_an_answer(run: Run, name: str) -> None:
    """``sys.exit()`` in a function does not end the process."""
    answer = run(f(f"raise {name}('so')"))
    assert (answer.type, answer.message) == (name, "so")


def test_messages_are_bounded_and_may_fail(run: Run) -> None:
    """A message of a megabyte, one that raises, one with half a character."""
    assert len(run(f("raise ValueError('x' * 10**6)")).message) == 2000
    assert run(f("raise E", "class E(Exception):\n    def __str__(self): raise E")).message == "<E while it was being shown>"
    assert run(f("raise ValueError('\\ud800')")).message == "?"


def test_endless_recursion_is_an_exception(run: Run) -> None:
    """With the last lines of it."""
    answer = run(f("return f(x)"))
    assert answer.type == "RecursionError"
    assert len(answer.frames) == 10


def test_a_huge_allocation_is_an_exception(run: Run) -> None:
    """100 GB fail at once, under the name that students know."""
    answer = run(f("return np.ones(10**10 * 10 // 8)"))
    assert (answer.type, len(answer.frames)) == ("MemoryError", 1)


@pytest.mark.parametrize("piece", ["' ' * 2**20 + str(len(a))", "str(len(a)) * 3", "np.ones(2**17)"])
def test_memory_filled_for_good_is_an_exception(run: Run, piece: str) -> None:
    """Large and small pieces that are held until nothing is left; the next item meets a fresh process."""
    assert run(f(f"while True: a.append({piece})", "a = []"), seconds=30.0).type == "MemoryError"


def test_closing_the_descriptor_for_text_costs_nobody_else(run: Run) -> None:
    """The text is lost, and that is all; also for the calls after it."""
    assert run(f("import os; os.close(1); os.close(2); print('unheard'); return 1")).value == 1


@pytest.mark.parametrize("timer", ["ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF"])
def test_an_alarm_does_not_ring_in_the_next_call(server: ForkServer, program: Make, timer: str) -> None:
    """Whatever it measures; nor does a closed stream stay closed."""
    text = f(f"import signal, sys; signal.setitimer(signal.{timer}, 0.1); sys.stdout.close(); return 1")
    text += "def g(x):\n    import time\n    time.sleep(0.15)\n    end = time.process_time() + 0.15\n"
    text += "    while time.process_time() < end: sum(range(9999))\n    print('heard')\n    return 2\n"
    first, second = server.observe(program(text), [Group((Probe("f", (X,)), Probe("g", (X,))))])[0]
    assert (first.value, second.value, second.printed) == (1, 2, "heard\n")


@pytest.mark.levels("F")
def test_a_file_too_large_is_an_exception(run: Run) -> None:
    """One megabyte may be written, in a directory of its own."""
    assert run(f("open('saved_params_1.npy', 'wb').write(b'x' * 2**20)\nreturn 1")).value == 1
    answer = run(f("with open('a', 'wb') as file: file.write(b'x' * (2**20 + 1))"))
    assert (answer.type, answer.message) == ("OSError", "[Errno 27] File too large")


# ---- what ends the process -------------------------------------------------------------------------------------------


def test_an_endless_loop_is_stopped_by_its_cpu_time(run: Run) -> None:
    """Within its seconds, whatever it catches."""
    assert run(f("while True:\n    try:\n        while True: pass\n    except BaseException: pass")) == TimedOut("cpu", 0.5)


def test_sleeping_is_stopped_by_the_clock(run: Run) -> None:
    """It costs no CPU time, so it gets what anybody may sleep."""
    assert run(f("import time; time.sleep(100)"), seconds=0.1) == TimedOut("wall", 1.0)


def test_a_second_slow_group_gets_less_time(server: ForkServer, program: Make) -> None:
    """A function that timed out is not given the full time again; others are."""
    slow, other = Group((Probe("f", (X,)),), 0.4), Group((Probe("g", (X,)),), 0.4)
    text = f("while True: pass") + "def g(x):\n    while True: pass\n"
    answers = server.observe(program(text), [slow, slow, other])
    assert answers == [(TimedOut("cpu", 0.4),), (TimedOut("cpu", 0.1),), (TimedOut("cpu", 0.4),)]


@pytest.mark.parametrize(
    ("body", "how", "code"),
    [
        ("import os; os._exit(0)", "exit", 0),
        ("import os; os._exit(9)", "exit", 9),
        ("import os; os.kill(os.getpid(), 11)", "signal", signal.SIGSEGV),
        ("import os; os.abort()", "signal", signal.SIGABRT),
        ("import os; os.kill(os.getpid(), 9)", "signal", signal.SIGKILL),
        ("import ctypes; ctypes.string_at(0)", "signal", signal.SIGSEGV),
        ("import signal, os; signal.signal(25, signal.SIG_DFL); os.write(1, b'x' * 2**20); os.write(1, b'x')", "output", signal.SIGXFSZ),
        ("import os; os.write(2, b'terminate: std::bad_alloc'); os.abort()", "memory", signal.SIGABRT),
        ("a = [np.ones(2**22) for _ in range(11)]; import os; os.kill(os.getpid(), 9)", "memory", signal.SIGKILL),
    ],
)  # fmt: skip
def test_a_process_that_ends_costs_its_call_only(run: Run, body: str, how: str, code: int) -> None:
    """Exit, signals, and the two ways of dying that have a name of their own."""
    answer = run(f("print('last words')\n" + body), seconds=3.0)
    assert isinstance(answer, Died)
    assert (answer.how, answer.code) == (how, code)
    assert answer.printed.startswith("last words")


def test_the_rest_of_a_group_is_not_asked(server: ForkServer, program: Make) -> None:
    """What came before the end stands, what comes after it was never put, and the next group meets a fresh process."""
    text = "n = 0\ndef f(x):\n    global n\n    n += 1\n    if n == 2:\n        import os; os._exit(3)\n    return n\n"
    group = Group((Probe("f", (X,)),) * 4)
    first, second = server.observe(program(text), [group, group])
    assert first[0].value == second[0].value == 1
    assert first[1:] == second[1:]
    assert first[1:] == (Died("exit", 3, ""), NotAsked(), NotAsked())


def test_groups_share_a_process_while_it_lives(server: ForkServer, program: Make) -> None:
    """One child answers all groups, in order."""
    text = "n = 0\ndef f(x):\n    global n\n    n += 1\n    return n\n"
    answers = server.observe(program(text), [Group((Probe("f", (X,)),))] * 3)
    assert [a.value for (a,) in answers] == [1, 2, 3]


@pytest.mark.parametrize(
    "body",
    [
        "os.write(4, b'garbage' * 10); time.sleep(9)",
        "os.write(4, b'grd1' + b'\\xff' * 12); time.sleep(9)",
        "os.write(4, struct.pack('<4sIQ', b'grd1', 2, 0) + b'12'); return 1",
        "os.write(4, struct.pack('<4sIQ', b'grd1', 20, 0) + b'{\"kind\":\"host_error\"}'[:20]); time.sleep(9)",
        "b = b'[' * 10**6; w(struct.pack('<4sIQ', b'grd1', len(b), 0) + b); time.sleep(9)",
        "h = b'[\"a\",\"<f8\",[0,1099511627776,1099511627776,1099511627776]]'; w(struct.pack('<4sIQ', b'grd1', len(h), 0) + h); time.sleep(9)",
        "os.write(4, b'grd1'); os._exit(0)",
        "os.close(4); time.sleep(9)",
    ],
)
def test_bytes_that_are_no_answer(run: Run, body: str) -> None:
    """Garbage, absurd lengths, deep nesting, impossible shapes, half a frame, closed pipes."""
    before = "import os, struct, time\ndef w(b):\n    while b: b = b[os.write(4, b):]\n"
    answer = run(f(body, before), seconds=3.0)
    assert isinstance(answer, Malformed)


@pytest.mark.parametrize("closed", [(4, 5), (0, 100)])
def test_an_answer_whose_pipe_is_closed_counts(server: ForkServer, program: Make, closed: tuple[int, int]) -> None:
    """What a function returned is known even if it cannot be sent any more; the next group meets a fresh process."""
    text = f"import os\ndef f(x):\n    os.closerange{closed}\n    return id(f)\n"
    first, second = server.observe(program(text), [Group((Probe("f", (X,)), Probe("f", (X,)))), Group((Probe("f", (X,)),))])
    assert all(isinstance(o, Returned) for o in (*first, *second))
    assert first[0].value == first[1].value


def test_a_worker_cannot_speak_for_the_grader(run: Run) -> None:
    """A well-formed frame that claims a host error, to be left ungraded, is malformed."""
    claim = "from json import dumps\nh = dumps({'kind': 'host_error', 'problem': 'disk'}).encode()\n"
    answer = run(f(claim + "import os, struct, time\nos.write(4, struct.pack('<4sIQ', b'grd1', len(h), 0) + h)\ntime.sleep(9)"))
    assert answer == Malformed("an answer of no known kind")


def test_more_answers_than_questions(run: Run) -> None:
    """An answer of its own making before the real one: the real one is one too many."""
    forged = (
        "import os, struct, json\nh = json.dumps({'kind': 'returned', 'value': 1, 'changed': ['l'], 'printed': '', 'calls': ['l'],"
        " 'seconds': 0.5}).encode()\nos.write(4, (struct.pack('<4sIQ', b'grd1', len(h), 0) + h) * 2)\nreturn 2"
    )
    assert run(f(forged)) == Malformed("it answered more than it was asked")


def test_an_answer_of_64_mb_is_refused_or_opaque(run: Run) -> None:
    """What the worker will not send comes back opaque; a frame forged larger than the limit is malformed."""
    assert run(f("return np.ones(2**20)"), seconds=5.0).value.text == (
        "(an array of shape (1048576,), too large to be returned: all arrays of an answer may take 2,097,152 bytes)")
    assert isinstance(run(f("import os, struct\nos.write(4, struct.pack('<4sIQ', b'grd1', 2, 1 << 23))\nreturn 1")), Malformed)


def test_a_thread_that_never_ends_holds_nothing_up(run: Run) -> None:
    """The answer counts; the thread ends with the process."""
    assert run(f("import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\nreturn 1")).value == 1


@pytest.mark.parametrize(
    "leave",
    [
        "if os.fork() == 0:\n    time.sleep(99)",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(99)\n    os._exit(0)",
        "import subprocess; subprocess.Popen(['sleep', '99'], start_new_session=True)",
    ],
)
@pytest.mark.levels("F")
def test_what_it_leaves_running_is_ended(server: ForkServer, run: Run, leave: str) -> None:
    """A fork, a daemon that leaves the session, a program."""
    assert run(f("import os, time\n" + leave + "\nreturn 1")).value == 1
    assert descendants(server.zygote.pid) == []


@pytest.mark.levels("F")
def test_a_process_left_behind_does_not_hide_the_end(run: Run) -> None:
    """It holds the pipe open, and still it is seen that the one that was asked has ended."""
    assert run(f("import os, time\nif os.fork(): os._exit(5)\ntime.sleep(99)"), seconds=3.0) == Died("exit", 5, "")


# ---- nothing is left, nothing is touched -----------------------------------------------------------------------------


def open_files() -> set[str]:
    """This process's descriptors."""
    return {p.name for p in Path("/proc/self/fd").iterdir()}


def descendants(pid: int) -> list[str]:
    """Process numbers of all children, grandchildren and so on."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [p for child in children for p in (child, *descendants(int(child)))]


def test_no_process_no_descriptor_no_file_is_left(program: Make, quick: Limits) -> None:
    """After the server is closed, and after every submission."""
    fds, children = open_files(), descendants(os.getpid())
    server = ForkServer(quick, level="F")
    scratch = Path(server.zygote._scratch)
    text = f("import os\nos.makedirs('a/b'); open('a/b/c', 'w').write('x'); os.chmod('a/b', 0); os.chmod('a', 0)\nreturn 1")
    for end in ("", "    import os; os._exit(1)\n", "    while True: pass\n"):
        server.observe(program(text.replace("    return 1\n", end or "    return 1\n")), [Group((Probe("f", (X,)),), 0.1)] * 2)
        assert [p.name for p in scratch.iterdir()] == ["empty"]
        assert descendants(server.zygote.pid) == []
    server.close()
    server.close()
    assert not scratch.exists()
    assert open_files() == fds
    assert descendants(os.getpid()) == children


def test_a_scratch_directory_goes_however_deep_it_is(program: Make, quick: Limits) -> None:
    """Deeper than Python recurses and than a path may be long; what its links point to stays."""
    deep = f("import os\nos.symlink('/', 'link')\nfor _ in range(3000):\n    os.mkdir('dd')\n    os.chdir('dd')\nreturn 1")
    with ForkServer(quick, level="F") as server:
        ((answer,),) = server.observe(program(deep), [Group((Probe("f", (X,)),), 5.0)])
        assert isinstance(answer, Returned), answer
        assert [p.name for p in Path(server.zygote._scratch).iterdir()] == ["empty"]


DAEMON = (
    "import os, threading\nfrom grader.runner.forkserver import ForkServer\nfrom grader.runner.zygote import is_readable\n"
    "from grader.runner.protocol import *\nfrom grader.core.probe import *\n"
    "server = ForkServer(level='F')\nprint(server.zygote.pid, server.zygote._scratch, flush=True)\n"
    "body = 'import os, time\\n    if os.fork() == 0:\\n        os.setsid()\\n        if os.fork(): os._exit(0)\\n    time.sleep(99)'\n"
    "asked = Program((Source('a', 'a.py', f'def f():\\n    {body}\\n'),), {'f': ('a',)}), [Group((Probe('f', ()),))]\n"
    "threading.Thread(target=server.observe, args=asked, daemon=True).start()\ninput()\n"
)
"""A grader whose student forks one that stays; when it is given a line, it goes on."""


@pytest.mark.parametrize(("end", "stopped"), [
    ("threading.Event().wait()", False),
    ("server.zygote._control.send(b'{\"reap\": 0}')\nis_readable(server.zygote._control.fileno(), 10.0)\nos._exit(0)", False),
    ("server.zygote._control.send(b'{\"reap\": 0}')\nos._exit(0)", True),
], ids=["silent", "an answer unread", "a request unanswered"])
def test_nothing_outlives_a_grader_that_is_gone(end: str, stopped: bool) -> None:
    """Neither zygote, child, daemon nor scratch directory; whatever they were talking of."""
    with subprocess.Popen([sys.executable, "-c", DAEMON + end], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        zygote, scratch = process.stdout.readline().split()
        until(lambda: len(descendants(int(zygote))) == 3)  # the child, its dead child, and the daemon
        family = [zygote, *descendants(int(zygote))]
        if stopped:
            os.kill(int(zygote), signal.SIGSTOP)
        process.stdin.write("\n")
        process.stdin.flush()
        if end.startswith("threading"):
            process.kill()
    if stopped:
        os.kill(int(zygote), signal.SIGCONT)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
    assert not Path(scratch).exists()


@pytest.mark.skipif(not bubblewrap(), reason="bubblewrap is not installed")
def test_nothing_inside_bubblewrap_outlives_a_grader_that_is_killed() -> None:
    """Nobody kills bubblewrap's processes then: the worker inside sees that the grader is gone."""
    script = (
        "from grader.runner.forkserver import ForkServer\nfrom grader.runner.protocol import *\nfrom grader.core.probe import *\n"
        "server = ForkServer(level='A')\nserver.isolation\nprint(server.zygote.pid, flush=True)\n"
        "server.observe(Program((Source('a', 'a.py', 'def f():\\n    while True: pass\\n'),), {'f': ('a',)}), [Group((Probe('f', ()),), 99.0)])\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        zygote = int(process.stdout.readline())
        until(lambda: len(descendants(zygote)) == 2)  # the worker, and its child
        family = [zygote, *descendants(zygote)]
        process.kill()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def until(condition: Callable[[], bool]) -> None:
    """Wait for it, ten seconds at most."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.levels("F", "B", "A")
def test_the_working_directory_is_private_and_empty(run: Run) -> None:
    """Neither the grader's nor the submission's own."""
    here, files = run(f("import os\nreturn [os.getcwd(), os.listdir('.')]")).value
    assert here != str(Path.cwd())
    assert files == []


@pytest.mark.levels("F")
def test_a_lost_zygote_is_replaced_once(server: ForkServer, program: Make) -> None:
    """The group that it was at is asked again; what loses it twice is ungraded, and the next submission is not touched."""
    text = OK + f("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(9)")
    groups = [Group((Probe("ok", (X,)),)), Group((Probe("f", (X,)),)), Group((Probe("ok", (X,)),) * 2)]
    first, killer, rest = server.observe(program(text), groups)
    assert isinstance(first[0], Returned)
    assert isinstance(killer[0], HostError)
    assert [type(o) for o in rest] == [HostError, HostError]
    assert isinstance(server.observe(program(OK), groups[:1])[0][0], Returned)


def test_a_zygote_that_was_killed_between_submissions_is_replaced(program: Make, quick: Limits) -> None:
    """Nobody notices."""
    with ForkServer(quick) as server:
        group = Group((Probe("ok", (X,)),))
        server.observe(program(OK), [group])
        os.kill(server.zygote.pid, 9)
        assert isinstance(server.observe(program(OK), [group])[0][0], Returned)


def test_a_stopped_zygote_does_not_hang_the_grader(monkeypatch: pytest.MonkeyPatch, program: Make, quick: Limits) -> None:
    """Every wait has an end."""
    monkeypatch.setattr(zygote, "REPLY_SECONDS", 0.2)
    with ForkServer(quick) as server:
        group = Group((Probe("ok", (X,)),))
        server.observe(program(OK), [group])
        os.kill(server.zygote.pid, signal.SIGSTOP)
        assert isinstance(server.observe(program(OK), [group])[0][0], Returned)


def test_a_layer_that_fails_means_that_nothing_is_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Make, quick: Limits
) -> None:
    """The submission is not executed, and it is the host's problem: here, a working directory that is not there."""
    mark = tmp_path / "ran"
    with ForkServer(quick, level="F") as server:
        whole = tempfile.mkdtemp
        monkeypatch.setattr("tempfile.mkdtemp", lambda **k: whole(**k) if "prefix" in k else "/nowhere")  # the second is a child's
        ((answer,),) = server.observe(program(f"open({str(mark)!r}, 'w')\n" + OK), [Group((Probe("ok", (X,)),))])
        monkeypatch.undo()
    assert isinstance(answer, HostError)
    assert "environment: [Errno 2]" in answer.problem
    assert not mark.exists()


def test_a_worker_that_cannot_start_is_a_host_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Make, quick: Limits) -> None:
    """No interpreter, or no worker behind it."""
    monkeypatch.setattr(zygote, "WORKER", tmp_path)
    with ForkServer(quick, level="F") as server:
        ((answer,),) = server.observe(program(OK), [Group((Probe("ok", (X,)),))])
    assert isinstance(answer, HostError)
    assert "__main__" in answer.problem
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    fds = open_files()
    with pytest.raises(GraderError, match="no worker could be started"):
        ForkServer(quick, level="F")
    assert open_files() == fds


def test_other_systems_are_told_so(monkeypatch: pytest.MonkeyPatch, quick: Limits) -> None:
    """A clear sentence, not a traceback of ours."""
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(GraderError, match="on Linux, and on macOS with --isolation best-effort; this is win32"):
        ForkServer(quick)


@pytest.mark.levels("F")
def test_the_label_says_what_is_lacking(server: ForkServer) -> None:
    """Level F is processes and limits, and says so."""
    assert server.isolation.level == "F"
    assert any("network" in lack for lack in server.isolation.lacks)


def test_importing_the_server_does_not_import_numpy() -> None:
    """So that the zygote imports it at the same time as the command line."""
    code = "import sys, grader.runner.forkserver; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_two_servers_do_not_hold_each_others_descriptors(quick: Limits) -> None:
    """The first closes while the second lives: its zygote ends, for nobody else holds its socket."""
    first, second = ForkServer(quick), ForkServer(quick)
    thread = threading.Thread(target=first.close)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    second.close()


@pytest.mark.parametrize(("expression", "kind"), [
    ("np.array(['abc'])", "array of dtype <U3"), ("np.zeros(2, [('a', float)])", "array of dtype [('a', '<f8')]"),
    ("np.zeros((2,) + (1,) * 35)", "array of 36 axes"), ("np.zeros((3000, 3000))", "array of shape (3000, 3000), too large to be returned"),
])
def test_an_array_that_cannot_cross_says_what_is_the_matter(run: Run, expression: str, kind: str) -> None:
    """Its dtype, or its shape; and is known for an array."""
    answer = run(f(f"return {expression}"))
    assert (answer.value.type, answer.value.is_array) == (kind, True)
