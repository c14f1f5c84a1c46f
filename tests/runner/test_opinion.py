"""The second child: what depends on the calls before is found out, and nobody pays for what another item did to the process."""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.core.observation import Died, HostError, Malformed, NotAsked, Observation, Raised, Returned, TimedOut
from grader.core.probe import Group, Probe, Value
from grader.runner import opinion
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program, Source


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    """Short limits: some of these loop."""
    with ForkServer(Limits(repeat_seconds=0.2)) as runner:
        yield runner


@pytest.fixture
def forks(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What each child was started with."""
    made: list[object] = []
    fork = server.zygote.fork
    monkeypatch.setattr(server.zygote, "fork", lambda *given: made.append(given) or fork(*given))
    return made


def asked(
    server: ForkServer, text: str, *names: str, repeats: int = 3, doubted: Collection[str] = ()
) -> tuple[list[tuple[Observation, ...]], dict[int, str]]:
    """Answers to several calls of each function, in order, and the remarks on them; all are doubted if nothing is said."""
    program = Program((Source("submit", "submit.py", text),), dict.fromkeys(names, ("submit",)))
    remarks: dict[int, str] = {}
    groups = [Group(tuple(Probe(n, (float(i),)) for i in range(repeats)), 0.5) for n in names]

    def answered(group: int, _: object, remark: str) -> tuple[Group, ...]:
        remarks[group] = remark
        return ()

    found = server.observe(program, iter(groups), answered, doubted or program.lookup)
    return found, {g: r for g, r in remarks.items() if r}


def values(answers: tuple[Observation, ...]) -> list[Value]:
    return [o.value for o in answers if isinstance(o, Returned)]


def test_pure_functions_raise_no_doubt(server: ForkServer) -> None:
    """Two children agree: nothing to remark."""
    found, remarks = asked(server, "def f(x): return x + 1\ndef g(x): raise ValueError(x)\n", "f", "g")
    assert values(found[0]) == [1.0, 2.0, 3.0]
    assert remarks == {}


@pytest.mark.parametrize("count", range(1, 10))
def test_however_few_or_many_there_are(server: ForkServer, count: int) -> None:
    """The second child begins in their midst, at the end, or never; what depends on another process is found."""
    names = [f"f{i}" for i in range(count)]
    text = "import numpy as np\n" + "".join(f"def {n}(x): return x\n" for n in names[1:]) + "def f0(x): return np.random.default_rng().normal()\n"
    found, remarks = asked(server, text, *names)
    assert [values(answers) for answers in found[1:]] == [[0.0, 1.0, 2.0]] * (count - 1)
    assert remarks == {0: opinion.UNSTEADY}


def test_an_answer_that_depends_on_another_item_is_judged_alone(server: ForkServer) -> None:
    """f leaves something behind that changes g: g is asked again where f never was, and it is said."""
    text = "seen = []\ndef f(x):\n    seen.append(x)\n    return x\ndef g(x):\n    return x + 100 * len(seen)\n"
    found, remarks = asked(server, text, "f", "g")
    assert values(found[1]) == [0.0, 1.0, 2.0]
    assert remarks == {1: opinion.UNSTEADY}


@pytest.mark.parametrize("first", range(14))
def test_what_one_item_does_to_the_process_costs_no_other(server: ForkServer, first: int) -> None:
    """Whichever it is, and however many come after it in the same process."""
    names = [f"f{i}" for i in range(14)]
    text = "import operator\n" + "".join(f"def {n}(x): return operator.add(x, 1)\n" for n in names)
    spoils = text + f"def f{first}(x):\n    operator.add = None\n    return x\n"
    found, remarks = asked(server, spoils, *names)
    assert [values(answers) for answers in found] == [[0.0, 1.0, 2.0] if i == first else [1, 2, 3] for i in range(14)]
    assert remarks == dict.fromkeys(set(range(first + 1, 14)) | set(range(first)), opinion.UNSTEADY)


def test_what_two_items_do_to_the_process_costs_none_between_them(server: ForkServer) -> None:
    """Both children are asked g after one of them; that somebody else's answers differ is reason enough to ask it alone."""
    spoil = "(x):\n    cmath.exp = None\n    return x\n"
    text = f"import cmath\ndef f{spoil}def h{spoil}def g(x): return cmath.exp(x)\nk = l = g\n"
    found, remarks = asked(server, text, "k", "f", "g", "h", "l", repeats=1)
    assert values(found[2]) == [1.0]
    assert remarks == dict.fromkeys((0, 2, 4), opinion.UNSTEADY)


def test_what_comes_before_all_that_is_doubted_is_asked_once(server: ForkServer, forks: list[object]) -> None:
    """And what comes after it is doubted, whoever it is: b is put to a process of its own, as d is, and a is not."""
    text = "seen = []\ndef a(x): return x\nb = c = a\ndef d(x):\n    seen.append(x)\n    return x + len(seen)\n"
    found, remarks = asked(server, text, "a", "d", "b", doubted={"d"})
    assert [values(answers) for answers in found] == [[0.0, 1.0, 2.0], [1.0, 3.0, 5.0], [0.0, 1.0, 2.0]]
    assert remarks == {1: opinion.UNSTEADY}
    assert len(forks) == 4, "the first, the second that doubts, and one for each of d and b"
    forks.clear()
    found, remarks = asked(server, text, "a", "b", "c", doubted={"d"})
    assert remarks == {}
    assert len(forks) <= 2


def test_memory_that_another_item_holds_is_no_items_fault(server: ForkServer) -> None:
    """g needs more than f has left; alone it has enough."""
    text = "import numpy as np\nheld = []\ndef f(x):\n    held.append(np.empty(100 << 20))\n    return x\ndef g(x): return np.empty(80 << 20).size + x\n"
    found, remarks = asked(server, text, "f", "g", repeats=1)
    assert values(found[1]) == [80 << 20]
    assert remarks == {1: opinion.LOST}


def test_an_item_that_fills_the_memory_itself_is_asked_once(server: ForkServer, forks: list[object]) -> None:
    """It was the first that its process was asked: neither the second child nor one of its own would have more."""
    names = [f"f{i}" for i in range(8)]
    text = "import numpy as np\n" + "".join(f"def {n}(x): return np.empty(1 << 30)\n" for n in names) + "def ok(x): return x\n"
    found, remarks = asked(server, text, *names, "ok", repeats=1)
    assert [getattr(answers[0], "type", "") for answers in found] == ["MemoryError"] * 8 + [""]
    assert remarks == {}
    assert len(forks) == 10, "one for each, and the second that doubts"


def test_what_never_ends_as_the_first_that_a_process_is_asked_is_asked_once(server: ForkServer, forks: list[object]) -> None:
    """It was put before the word on a function that is not there: still nobody else can have been the cause."""
    found, remarks = asked(server, "def f(x):\n    while True: pass\n", "nothing", "f", repeats=1)
    assert found[1] == (TimedOut("cpu", 0.5),)
    assert remarks == {}
    assert len(forks) == 2, "the first, and the second that doubts"


def test_numbers_drawn_without_a_seed_are_unsteady(server: ForkServer) -> None:
    """Each process draws others."""
    _, remarks = asked(server, "import numpy as np\ndef f(x): return float(np.random.default_rng().normal())\n", "f")
    assert remarks == {0: opinion.UNSTEADY}


def test_a_thread_that_ends_the_process_later_costs_no_other_item(server: ForkServer) -> None:
    """f starts a thread that exits while g is at work: g is asked again in a process of its own."""
    text = ("import os, threading, time\ndef f(x):\n    threading.Timer(0.3, os._exit, (3,)).start()\n    return x\n"
            "def g(x):\n    time.sleep(0.8)\n    return x + 1\n")
    found, remarks = asked(server, text, "f", "g", repeats=1)
    assert values(found[1]) == [1.0]
    assert remarks[1] == opinion.LOST


def test_a_thread_that_burns_the_time_of_others_costs_no_other_item(server: ForkServer) -> None:
    """The CPU time of a process is that of all its threads; alone, g has its own."""
    text = ("import threading\ndef spin():\n    while True: pass\ndef f(x):\n    for _ in range(8): threading.Thread(target=spin, daemon=True).start()\n    return x\n"
            "def g(x):\n    s = 0\n    for i in range(3_000_000): s += i\n    return x + 1\n")
    found, _ = asked(server, text, "f", "g", repeats=1)
    assert values(found[1]) == [1.0]


def test_what_ends_its_own_process_does_so_alone_too(server: ForkServer) -> None:
    """An exit is an exit: the second attempt ends as the first, and the others are answered."""
    found, remarks = asked(server, "import os\ndef f(x): return x\ndef g(x): os._exit(4)\ndef h(x): return x\n", "f", "g", "h", repeats=1)
    assert found[1] == (Died("exit", 4),)
    assert values(found[0]) + values(found[2]) == [0.0, 0.0]
    assert remarks == {}


def test_a_child_that_plays_dead_when_asked_twice_gains_nothing(server: ForkServer) -> None:
    """Whoever is not heard in time there is asked alone, too."""
    text = "calls = []\ndef f(x):\n    calls.append(x)\n    while len(calls) == 1 and x: pass\n    return x\n"
    found, _ = asked(server, text, "f")
    assert values(found[0]) == [0.0, 1.0, 2.0]


def test_a_child_that_ends_when_asked_again_hides_nothing(server: ForkServer) -> None:
    """What came after the end in the same batch is put once more: g's answer hangs on f, though k, l and m leave nobody to say so."""
    text = ("import os\nseen = []\ndef f(x):\n    seen.append(x)\n    return x\ndef g(x):\n    return x + 100 * (len(seen) == 3)\n"
            "def k(x):\n    return x if len(seen) == 3 else os._exit(0)\nl = m = k\n")
    found, remarks = asked(server, text, "f", "k", "l", "g", "m")  # the second child is asked in the order m, g, l, k, f
    assert values(found[3]) == [0.0, 1.0, 2.0]
    assert remarks[3] == opinion.UNSTEADY


HISTORY = "seen = set()\ndef f(x):\n    seen.add('f')\n    return x\ndef h(x):\n    seen.add('h')\n    return x\n"


@pytest.mark.parametrize("end", ["while True: pass", "time.sleep(99)", "os.kill(os.getpid(), 19)"])
def test_a_child_that_is_silent_when_it_is_the_second_hides_nothing(end: str, server: ForkServer) -> None:
    """g is right after f alone, and knows the other order by h; m is right after either, and so it is asked alone as well."""
    text = (f"import os, time\n{HISTORY}def g(x):\n    if 'f' not in seen and 'h' in seen:\n        {end}\n    return x + 100 * ('f' in seen)\n"
            "def m(x): return x + 100 * bool(seen)\n")
    found, remarks = asked(server, text, "f", "g", "m", "h")
    assert values(found[1]) == values(found[2]) == [0.0, 1.0, 2.0]
    assert remarks == dict.fromkeys((1, 2), opinion.UNSTEADY)


def test_patience_that_the_first_child_has_used_up_hides_nothing() -> None:
    """By functions that never end; and the second child, in the midst of its answers, saves nobody either."""
    names = [f"e{i}" for i in range(4)]
    text = HISTORY + "def g(x): return x + 100 * ('f' in seen)\n" + "".join(f"def {n}(x):\n    while True: pass\n" for n in names)
    with ForkServer(Limits(repeat_seconds=0.2, patience=1.5)) as hurried:
        found, remarks = asked(hurried, text, "f", "g", "h", *names)
        assert found[-1] == (TimedOut("wall", 1.5),) * 3
        assert values(found[1]) == [0.0, 1.0, 2.0]
        assert remarks[1] == opinion.UNSTEADY
        silent = text.replace("return x + 100", "while 'h' in seen and 'f' not in seen: pass\n    return x + 100").replace(
            "seen.add('h')", "seen.add('h')\n    while 'f' not in seen: pass")
        found, _ = asked(hurried, silent, "f", "g", "h", "f", "f")
        assert values(found[1]) != [100.0, 101.0, 102.0]


def test_patience_that_explanations_have_used_up_hides_nothing() -> None:
    """What is asked besides earns no points, and costs none if it never ends."""
    text = HISTORY + "def g(x): return x + 100 * ('f' in seen)\ndef e(x):\n    while True: pass\n"
    names = ("f", "g", "h")
    program = Program((Source("submit", "submit.py", text),), dict.fromkeys((*names, "e"), ("submit",)))
    further = [Group((Probe("e", (float(n),)),), 0.9) for n in range(4)]
    with ForkServer(Limits(repeat_seconds=0.9, patience=1.5)) as hurried:
        found = hurried.observe(
            program, [Group((Probe(n, (1.0,)),), 0.5) for n in names], lambda number, *_: further if number == 2 else (), doubted=names)
    assert found[-1] == (TimedOut("wall", 1.5),)
    assert [values(answers) for answers in found[:3]] == [[1.0]] * 3


def test_a_slow_function_is_not_taken_for_a_silent_one(server: ForkServer, forks: list[object]) -> None:
    """Six of them have not as much time together as each has alone: who answers the same then has kept nothing, and nobody says so."""
    names = [f"f{i}" for i in range(6)]
    text = "import time\nkept = []\n" + "".join(
        f"def {n}(x):\n    end = time.process_time() + 0.3\n    while time.process_time() < end: pass\n    return x\n" for n in names)
    found, remarks = asked(server, text, *names, repeats=1)
    assert [values(answers) for answers in found] == [[0.0]] * 6
    assert remarks == {}
    assert len(forks) > 2, "or all of them were heard in time"


A = Returned(np.array([1.0, 2.0]))


@pytest.mark.parametrize(("one", "other", "same"), [
    (A, Returned(np.array([1.0, 2.0 * (1 + 0.9e-9)])), True),
    (A, Returned(np.array([1.0, 2.0 * (1 + 2.1e-9)])), False),
    (A, Returned(np.array([[1.0, 2.0]])), False),
    (A, Returned(np.array([1, 2])), False),
    (Returned(np.array([np.nan, np.inf])), Returned(np.array([np.nan, np.inf])), True),
    (Returned((1.0, "a", {"b": 2})), Returned((1.0, "c", {"b": 2})), True),
    (Returned((1.0, 2)), Returned((1.0, 3)), False),
    (Returned((1.0, 2)), Returned((1.0,)), False),
    (Returned(None), Returned(0.0), False),
    (Raised("ValueError", "a"), Raised("ValueError", "b"), True),
    (Raised("ValueError", "a"), Raised("TypeError", "a"), False),
    (A, Raised("ValueError", "a"), False), (A, Died("exit", 0), False), (A, Malformed("x"), False), (A, HostError("x"), False),
    (A, TimedOut("cpu", 1.0), False), (A, NotAsked(), False),
    (A, Returned(np.array([1.0, 2.0]), changed=(0,)), False),
    (A, Returned(np.array([1.0, 2.0]), printed="passed"), True),
    (Returned(None, printed="passed"), Returned(None, printed="failed"), False),
    (Returned(None, printed="passed, 0.31 s"), Returned(None, printed="passed, 1.2e-05 s"), True),
    (Raised("ValueError", "a", printed="failed"), Raised("ValueError", "a"), False),
])
def test_agree(one: Observation, other: Observation, same: bool) -> None:
    """Numbers to 1e-9, forms exactly, texts only where nothing else is said; what did not come in time agrees with nothing."""
    assert opinion.agree(one, other) is same


def test_groups_that_were_answered() -> None:
    """Where all came back and there was memory for it."""
    no = {1: TimedOut("cpu", 1.0), 3: Raised("MemoryError", ""), 4: Died("exit", 0)}
    answers = [(A, no[g], NotAsked()) if g in no else () if g == 2 else (A, Raised("ValueError", "")) for g in range(7)]
    assert opinion.told(answers) == [0, 5, 6]


def test_the_second_child_is_asked_one_probe_of_each_group_the_last_first(server: ForkServer, tmp_path: Path) -> None:
    """Not always the same one; and while the first one is at work: f12 waits until it was asked there too, where it comes first."""
    names = [f"f{i}" for i in range(13)]
    text = (f"import os, time\ndef note(n, x):\n    with open({str(tmp_path)!r} + f'/{{os.getpid()}}', 'a') as file: file.write(f'{{n}} {{x}}\\n')\n"
            + "".join(f"def {n}(x):\n    note({n[1:]}, x)\n    return x\n" for n in names[:12])
            + "def f12(x):\n    note(12, x)\n    until = time.monotonic() + 0.4\n"
            + f"    while len(os.listdir({str(tmp_path)!r})) < 2 and time.monotonic() < until: time.sleep(0.01)\n"
            + f"    return float(len(os.listdir({str(tmp_path)!r})))\n")
    with ForkServer(demand="none") as unwalled:
        found, remarks = asked(unwalled, text, *names)
    assert remarks == {}
    assert values(found[12]) == [2.0, 2.0, 2.0]
    first, second = sorted((f.read_text().split() for f in tmp_path.iterdir()), key=len, reverse=True)
    assert first[::2] == [str(i) for i in range(13) for _ in range(3)]
    assert second[::2] == [str(i) for i in reversed(range(13))]
    assert len(set(second[1::2])) > 1


@pytest.mark.parametrize(("ends", "outcome"), [("while True: pass", TimedOut("cpu", 0.5)), ("os._exit(4)", Died("exit", 4))])
def test_where_the_first_one_is_lost_the_second_is_asked_the_others_anew(server: ForkServer, ends: str, outcome: Observation) -> None:
    """A fresh one, which is not asked what took the first one's process or time; it still finds out that f5 depends on f1."""
    names = [f"f{i}" for i in range(12)]
    text = ("import os\nseen = []\n" + "".join(f"def {n}(x): return x\n" for n in names)
            + f"def f9(x):\n    {ends}\ndef f1(x):\n    seen.append(x)\n    return x\ndef f5(x): return x + 100 * len(seen)\n")
    found, remarks = asked(server, text, *names, repeats=1)
    assert found[9] == (outcome,)
    assert [values(answers) for g, answers in enumerate(found) if g != 9] == [[0.0]] * 11
    assert remarks == {5: opinion.UNSTEADY}


def test_a_function_that_is_not_there_is_no_reason_to_ask_anew(server: ForkServer, forks: list[object]) -> None:
    """Neither child is lost; both are asked all the others."""
    names = [f"f{i}" for i in range(12)]
    text = "".join(f"def {n}(x): return x\n" for n in names if n not in ("f3", "f9"))
    found, remarks = asked(server, text, *names, repeats=1)
    assert [values(answers) for answers in found] == [[] if g in (3, 9) else [0.0] for g in range(12)]
    assert remarks == {}
    assert len(forks) == 2, "the first, and the second that doubts"


def test_what_is_asked_besides_of_an_unsteady_group_is_asked_again_with_it(server: ForkServer) -> None:
    """Where the group is: the last word on both comes from one process."""
    text = "seen = []\ndef f(x):\n    seen.append(x)\n    return float(len(seen))\ndef g(x): return x\n"
    program = Program((Source("submit", "submit.py", text),), {"f": ("submit",), "g": ("submit",)})
    further = Group((Probe("f", (9.0,)),))
    told: list[tuple[int, list[Value]]] = []

    def answered(number: int, answers: tuple[Observation, ...], _remark: str) -> tuple[Group, ...]:
        told.append((number, values(answers)))
        return (further,) if number == 1 else ()

    groups = [Group((Probe("f", (0.0,)),) * 2), Group((Probe("f", (1.0,)),) * 2), Group((Probe("g", (1.0,)),) * 2)]
    server.observe(program, groups, answered, program.lookup)
    assert told[:4] == [(0, [1.0, 2.0]), (1, [3.0, 4.0]), (2, [1.0, 1.0]), (3, [5.0])]
    assert told[-2:] == [(1, [1.0, 2.0]), (4, [3.0])]


def test_what_ends_the_process_at_its_first_question_is_asked_once(server: ForkServer, forks: list[object]) -> None:
    """Nobody else had been asked there: a process of its own would end as that one did."""
    text = "import os\ndef f(x): os._exit(3)\ndef g(x): return x\n"
    found, remarks = asked(server, text, "f", "g")
    assert [type(o).__name__ for o in found[0]] == ["Died", "NotAsked", "NotAsked"]
    assert values(found[1]) == [0.0, 1.0, 2.0]
    assert remarks == {}
    assert len(forks) == 3, "the first, the second that doubts, and one for g"


def test_a_second_child_that_cannot_load_costs_the_first_one_nothing(tmp_path: Path) -> None:
    """What one child says of a module is believed of it; only the first one's word counts for both."""
    text = (
        f"import os, time\nopen({str(tmp_path)!r} + '/' + str(os.getpid()), 'w').close()\ntime.sleep(0.2)\n"
        f"if sorted(map(int, os.listdir({str(tmp_path)!r}))).index(os.getpid()) == 1: os._exit(3)\ndef f(x): return x\n")
    program = Program((Source("submit", "submit.py", text),), {"f": ("submit",)})
    with ForkServer(demand="none") as unwalled:
        found = unwalled.observe(program, [Group((Probe("f", (float(n),)),)) for n in range(20)], doubted={"f"})
    assert [values(answers) for answers in found] == [[float(n)] for n in range(20)]


def test_a_second_child_that_cannot_load_hides_nothing(tmp_path: Path) -> None:
    """The number of a process may tell which one it is."""
    text = (
        f"import os, time\nopen({str(tmp_path)!r} + '/' + str(os.getpid()), 'w').close()\ntime.sleep(0.2)\n"
        f"if sorted(map(int, os.listdir({str(tmp_path)!r}))).index(os.getpid()) == 1: os._exit(3)\n"
        f"{HISTORY}def g(x): return x + 100 * ('f' in seen)\n")
    with ForkServer(demand="none") as unwalled:
        found, remarks = asked(unwalled, text, "f", "g", "h")
    assert [values(answers) for answers in found] == [[0.0, 1.0, 2.0]] * 3
    assert remarks == {1: opinion.UNSTEADY}
