"""What the worker makes of a module that cannot be loaded whole: its definitions alone."""

import ast
import sys
from collections.abc import Iterator

import pytest

from grader.core.observation import Observation, Raised, Returned, TimedOut, Unavailable
from grader.core.probe import Group, Probe
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program, Source
from grader.worker.missing import DEFINITIONS, LOADING
from grader.worker.modules import _defines

F = "def f(x):\n    return x\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Limits(load_seconds=0.5, wall_factor=30.0)) as runner:
        yield runner


def program(lookup: dict[str, tuple[str, ...]], **files: str) -> Program:
    """Files by name, each with its stand-in, as the grader sends them: a name and no text."""
    modules = [Source(name + suffix, f"{name}.py", "" if suffix else text) for name, text in files.items() for suffix in ("", DEFINITIONS)]
    return Program(tuple(modules), lookup)


def ask(server: ForkServer, handed: Program, *functions: str) -> list[Observation]:
    return [o for (o,) in server.observe(handed, [Group((Probe(f, (1.0,)),), 0.5) for f in functions])]


def of(server: ForkServer, text: str, *functions: str) -> list[Observation]:
    """What functions of a file answer."""
    return ask(server, program(dict.fromkeys(functions, ("hw", "hw#definitions")), hw=text), *functions)


DEFINES = [
    "import a.b as c", "from . import a", "def f(): g()", "async def f(): pass", "class A: n = 3", "pass", "EPS = 1e-8", "N: int = 3", "A, B = 10 ** -7, [{}]",
    "xrange", "np.prod", "try:\n    xrange\nexcept NameError:\n    xrange = range",
    "sigmoid = lambda x: g(x)", "softmax = _softmax", "f.cache = {}", "LOG = np.log",
    "EYE = np.eye(3)", "sigmoid = np.vectorize(g)", "f = partial(g, n=1)", "A, B = math.log(2.0), -float('inf')", "R = np.random.RandomState(0).rand(3)",
    "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle", "if sys.version_info[0] < 3:\n    range = xrange\nelse:\n    pass",
]
REST = [
    "g()", "g().a", "a[0]", "try:\n    xrange(3)\nexcept NameError:\n    xrange = range",
    "data = open('x')", "K = [g(i) for i in b]", "K = (i for i in b)", "K = sum(b)", "K = np.array(g(1))", "K = g.np(1)", "K = np.f(1)(g())", "n: int", "n += 1", "assert f(1) == 1", "for i in b: pass", "while True: pass",
    "with a: pass", "raise A", "del f", "'docstring'", "N = 2 * g()", "if g(): import a", "if a: g()", "try:\n    g()\nexcept A:\n    pass",
    "try:\n    import a\nexcept A:\n    g()", "if __name__ == '__main__':\n    main()",
]


@pytest.mark.parametrize(("statement", "defines"), [*((s, True) for s in DEFINES), *((s, False) for s in REST)])
def test_what_belongs_to_the_definitions(statement: str, defines: bool) -> None:
    """What imports, defines, or binds a name to what nobody has to compute."""
    (node,) = ast.parse(statement).body
    assert _defines(node) is defines


@pytest.mark.parametrize("line", [
    "1 / 0", "while True: pass", "import os; os._exit(0)", "raise SystemExit", "exit()", "input()", "open('train.csv')", "assert f(1) == 2",
    "import sys; sys.modules.clear(); 1 / 0", "raise KeyboardInterrupt", "import os; os.write(4, b'x' * 99)", "def f(x: undefined): pass",
    "class E(Exception):\n    __traceback__ = 0\nraise E",
])
@pytest.mark.parametrize("first", [True, False])
def test_definitions_stand_in_for_a_file_that_cannot_be_loaded(line: str, first: bool, server: ForkServer) -> None:
    """Whether it raises, never ends, or ends the process, before its functions or after them."""
    text = f"N = 3.0\n{F.replace('return x', 'return N')}"
    (answer,) = of(server, f"{line}\n{text}" if first else f"{text}{line}\n", "f")
    if line.startswith("def f") and not first and sys.version_info < (3, 14):
        assert isinstance(answer, Raised)
        assert answer.type == "NameError"
    else:
        assert isinstance(answer, Returned)
        assert answer.value == (None if line.startswith("def f") and not first else 3.0)  # since 3.14 nobody looks at annotations


def test_a_file_that_loads_is_run_as_it_is(server: ForkServer) -> None:
    """With all that it computes; a function that it has not is not looked for in its definitions a second time."""
    text = f"K = [0]\nK.append(7.0)\nprint('loaded')\n{F.replace('return x', 'return K[-1]')}"
    answer, missing = ask(server, program({"f": ("hw", "hw#definitions"), "g": ("hw",)}, hw=text), "f", "g")
    assert isinstance(answer, Returned)
    assert answer.value == 7.0
    assert missing == Unavailable("g")


def test_what_rests_on_a_computed_constant_fails_honestly(server: ForkServer) -> None:
    """Below the error its name is not there, and that is said, at the student's line; nor is it where the file never ends."""
    for text, line in (("def f(x):\n    return K\nopen('x')\nK = sum([1])\n", 2), ("K = sum([1])\ndef f(x):\n    return K\nwhile True: pass\n", 3)):
        (answer,) = of(server, text, "f")
        assert isinstance(answer, Raised)
        assert (answer.type, answer.frames[-1].line) == ("NameError", line)


def answered(server: ForkServer, text: str) -> object:
    (answer,) = of(server, text, "f")
    assert isinstance(answer, Returned), answer
    return answer.value


def test_what_ran_before_the_error_is_there_and_ran_once(server: ForkServer) -> None:
    """Closures, counts and executed text; of the statement that raised, what it had done; below it, the definitions, in the same module."""
    made = "def make():\n    N.append(1)\n    return lambda x: [N, K, M, LATE, late()]\nN = []\nf = make()\nexec('K = 2.0')\n"
    late = "LATE = 4.0\nsum(N)\nN.append(9)\ndef late():\n    return f is globals()['f']\n"
    assert answered(server, f"{made}for M in range(3):\n    assert M < 2, (\n        'my own test'\n    )\n{late}") == [[1], 2.0, 2, 4.0, True]


def test_definitions_on_the_line_that_raised_are_there(server: ForkServer) -> None:
    """And that of several lines; what a decorator kept from being bound says so."""
    assert answered(server, "N = 1; 1 / 0; M = 2\ndef f(x):\n    return [N, M]\n") == [1, 2]
    assert answered(server, "K = [\n    1.0,\n    late,\n]\nlate = 7.0\ndef f(x):\n    return K\n") == [1.0, 7.0]
    (f,) = of(server, "K = []\nK.append(1)\n@len\ndef f(x): pass\n", "f")
    assert isinstance(f, Raised)
    assert (f.type, f.frames[-1].line) == ("TypeError", 3)


def test_a_module_finds_itself(server: ForkServer) -> None:
    """By its name, under which it stands among the modules."""
    assert answered(server, "import sys\nK = [7.0]\ndef f(x):\n    return sys.modules[__name__].K\nK.append(8.0)\n1 / 0\n") == [7.0, 8.0]


def test_what_fills_the_memory_is_not_kept(server: ForkServer) -> None:
    """Only the definitions stand in: all else is given back."""
    text = "import numpy as np\nK = [1.0]\ndef f(x):\n    np.zeros(1 << 25)\n    return K\nwhile True: K.append(np.zeros(1 << 25))\n"
    (trouble,) = ask(server, program({LOADING + "hw": ("hw",)}, hw=text), LOADING + "hw")
    assert isinstance(trouble, Unavailable)
    assert trouble.error is not None
    assert trouble.error.type == "MemoryError"
    assert answered(server, text) == [1.0]


def test_a_name_that_is_tried_stays_defined(server: ForkServer) -> None:
    """Where definitions stand in, below an error."""
    text = "1 / 0\ntry:\n    xrange\nexcept NameError:\n    xrange = range\ndef f(x):\n    return list(xrange(2))\n"
    assert answered(server, text) == [0, 1]


def test_a_trace_names_the_line_of_the_file(server: ForkServer) -> None:
    """Statements are run one by one, and stay where they are."""
    (answer,) = of(server, "x = open('x')\n\n\ndef f(x):\n    return x / 0\n", "f")
    assert isinstance(answer, Raised)
    assert (answer.frames[-1].file, answer.frames[-1].line, answer.frames[-1].text) == ("hw.py", 5, "return x / 0")


def test_imports_from_the_future_hold_for_every_statement(server: ForkServer) -> None:
    """Annotations are not looked at."""
    (answer,) = of(server, f"from __future__ import annotations\n{F.replace('(x)', '(x: Tensor) -> Tensor')}1 / 0\n", "f")
    assert isinstance(answer, Returned)


def test_one_definition_that_raises_costs_no_other(server: ForkServer) -> None:
    """It says itself what kept it from being bound."""
    f, g = of(server, f"{F}@undefined\ndef g(x): pass\n", "f", "g")
    assert isinstance(f, Returned)
    assert isinstance(g, Raised)
    assert (g.type, g.frames[-1].line) == ("NameError", 3)


@pytest.mark.parametrize("line", ["import sklearn", "def g(x:\n    pass", "from q1 import softmax"])
def test_a_missing_package_or_a_syntax_error_is_not_helped(line: str, server: ForkServer) -> None:
    """There is no saying what the functions would have done."""
    (answer,) = of(server, f"{F}{line}\n", "f")
    assert isinstance(answer, Unavailable)
    assert answer.error is not None
    assert answer.error.type in ("ModuleNotFoundError", "SyntaxError")


def test_the_use_of_a_missing_package_costs_what_rests_on_it(server: ForkServer) -> None:
    """What it would have bound, nobody knows: whoever needs that has the machine to blame, and a person has to look; no other has."""
    text = ("import matplotlib.pyplot as plt\nL = sum([1])\ndef f(x):\n    return L * x\nplt.show()\nK = sum([1])\ndef g(x):\n    return K * x\n"
            "@plt.jit\ndef h(x):\n    return x\ndef i(x):\n    return nowhere\n")
    handed = program(dict.fromkeys("fghi", ("hw", "hw#definitions")), hw=text)
    f, g, h, i = ask(server, Program(handed.modules, handed.lookup, placeholders=("matplotlib",)), *"fghi")
    assert isinstance(f, Returned)
    assert all(isinstance(o, Raised) for o in (g, h, i))
    assert [o.type for o in (g, h, i)] == ["PackageNotAvailable", "PackageNotAvailable", "NameError"]


NET = "from q1 import softmax\ndef net(x):\n    return softmax(x)\n"
WHERE = {"softmax": ("q1", "q1#definitions"), "net": ("q2", "q2#definitions"), "table": ("q3", "q3#definitions")}


@pytest.mark.parametrize("line", ["1 / 0", "while True: pass", "import os; os._exit(0)"])
@pytest.mark.parametrize("order", [("softmax", "net"), ("net", "softmax")])
def test_a_neighbour_that_cannot_be_loaded_costs_nobody(line: str, order: tuple[str, str], server: ForkServer) -> None:
    """Definitions import definitions, in whatever order they are asked for."""
    handed = program(WHERE, q1=f"def softmax(x):\n    return ('softmax', x)\n{line}\n", q2=NET, q3="")
    answers = ask(server, handed, *order)
    assert [a.value for a in answers if isinstance(a, Returned)] == [("softmax", 1.0)] * 2


def test_a_neighbour_that_loads_is_whole_for_everybody_else(server: ForkServer) -> None:
    """That definitions have imported its own does not show: nor do its own functions run without the rest of it."""
    table = "T = list(range(3))\ndef table(x):\n    return T\n"
    handed = program(WHERE, q1="", q2="import os\nimport q3\ndef net(x):\n    return 1.0\nos._exit(0)\n", q3=table)
    net, whole = ask(server, handed, "net", "table")
    assert isinstance(net, Returned)
    assert isinstance(whole, Returned)
    assert whole.value == [0, 1, 2]


def test_what_a_broken_file_has_loaded_before_stays_whole(server: ForkServer) -> None:
    """Its definitions import what is there."""
    handed = program(WHERE, q1="", q2="from q3 import T\ndef net(x):\n    return T\n1 / 0\n", q3="T = list(range(3))\n")
    (net,) = ask(server, handed, "net")
    assert isinstance(net, Returned)
    assert net.value == [0, 1, 2]


def test_a_package_of_files_that_cannot_be_loaded(server: ForkServer) -> None:
    """Relative and dotted imports find the definitions too."""
    files = {"pkg.q1": ("pkg/q1.py", "def softmax(x): return 2.0\n1 / 0\n"),
             "pkg.q2": ("pkg/q2.py", "from .q1 import softmax as a\nfrom pkg.q1 import softmax as b\nfrom pkg import q1\ndef net(x): return [a(x), b(x), q1.softmax(x)]\n")}
    modules = tuple(Source(n + s, path, "" if s else text) for n, (path, text) in files.items() for s in ("", DEFINITIONS))
    (net,) = ask(server, Program(modules, {"net": ("pkg.q2", "pkg.q2#definitions")}), "net")
    assert isinstance(net, Returned)
    assert net.value == [2.0, 2.0, 2.0]


def test_what_a_neighbour_did_before_its_error_counts_too(server: ForkServer) -> None:
    """Whichever is asked first; and each has it once."""
    q1 = "def make(n):\n    return lambda x: (n, x)\nsoftmax = make('made')\nK = []\nK.append(1)\n1 / 0\nLATE = 2.0\n"
    q2 = "import q1\nfrom q1 import softmax\ndef net(x):\n    return [softmax(x), q1.K, q1.LATE]\n"
    for order in (("softmax", "net"), ("net", "softmax")):
        answers = dict(zip(order, ask(server, program(WHERE, q1=q1, q2=q2, q3=""), *order), strict=True))
        assert [answers[f].value for f in ("softmax", "net")] == [("made", 1.0), [("made", 1.0), [1], 2.0]]


def test_a_stream_that_was_bound_at_load_prints_for_the_call_in_hand(server: ForkServer) -> None:
    """A log's handler holds it: however much earlier calls have logged, this one's lines are told, and no more of them than of any other's."""
    text = "import sys\nstream = sys.stdout\nprint('loading', file=stream)\ndef f(x):\n    stream.write('a' * 3000)\n    print('end')\n"
    answers = ask(server, program({"f": ("hw",)}, hw=text), *["f"] * 4)
    assert [o.printed for o in answers] == ["a" * 3000 + "end\n"] * 4
    many = ask(server, program({"f": ("hw",)}, hw=text.replace("3000", "9000")), *["f"] * 3)
    assert [o.printed for o in many] == [many[0].printed] * 3
    assert "bytes were printed" in many[0].printed


def test_substitutes_are_put_into_definitions(server: ForkServer) -> None:
    """The course's function in the place of the student's, where its file cannot be loaded."""
    support = (Source("helpers", "support/helpers.py", "def softmax(x):\n    return 10.0\n"),)
    handed = program(WHERE, q1="def softmax(x): return 1.0\n1 / 0\n", q2=f"{NET}1 / 0\n", q3="")
    (net,) = ask(server, Program(handed.modules, handed.lookup, support, {"softmax": "helpers"}), "net")
    assert isinstance(net, Returned)
    assert net.value == 10.0


def test_both_may_be_endless(server: ForkServer) -> None:
    """Then the time that loading may take is up twice, and the first loss is told."""
    (answer,) = of(server, f"{F}class A:\n    while True: pass\n", "f")
    assert answer == TimedOut("cpu", 0.5)


def test_how_a_module_was_loaded_can_be_asked(server: ForkServer) -> None:
    """By a name that no function has: what kept it from being loaded; nothing if it was."""
    for text, error in ((F, None), (f"{F}1 / 0\n", "ZeroDivisionError")):
        (answer,) = ask(server, program({LOADING + "hw": ("hw",)}, hw=text), LOADING + "hw")
        assert isinstance(answer, Unavailable)
        assert (answer.error and answer.error.type) == error
    assert ask(server, program({LOADING + "hw": ("hw",)}, hw="while True: pass"), LOADING + "hw") == [TimedOut("cpu", 0.5)]


@pytest.mark.parametrize(("cells", "line"), [
    (("data = open('x')", F), 1), (("x = 1\ny = undefined", F), 2), ((F, "import os"), 0), (("y = z", "z = 1", F), 0),
])
def test_a_notebook_tells_which_statement_raised(cells: tuple[str, ...], line: int, server: ForkServer) -> None:
    """The first one; not one that was repeated, once the cell below it was run."""
    text = "".join(f"\f{n}\n{c}" for n, c in enumerate(cells, 1))
    handed = Program((Source("hw", "hw.ipynb", text),), {"f": ("hw",), LOADING + "hw": ("hw",)})
    f, answer = ask(server, handed, "f", LOADING + "hw")
    assert isinstance(f, Returned)
    if line:
        assert isinstance(answer, Raised)
        assert (answer.frames[-1].file, answer.frames[-1].line) == ("hw.ipynb, cell 1", line)
    else:
        assert answer == Unavailable(LOADING + "hw")
