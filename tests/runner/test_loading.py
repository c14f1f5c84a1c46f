"""How the files of a submission become modules, and what is made of those that do not."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from grader.core.observation import Died, Frame, HostError, Malformed, Observation, Raised, Returned, TimedOut, Unavailable
from grader.core.probe import Group, Probe
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Program, Source
from grader.worker import preload


def ask(server: ForkServer, program: Program, *functions: str) -> list[Observation]:
    """One call ``f(1.0)`` of each function, each in a group of its own."""
    return [o for (o,) in server.observe(program, [Group((Probe(f, (1.0,)),), 0.5) for f in functions])]


def files(sources: dict[str, str], lookup: dict[str, Sequence[str]], **fields: object) -> Program:
    """A program of files by path, each named by its last part."""
    modules = tuple(Source(path.rpartition("/")[2].removesuffix(".py"), path, text) for path, text in sources.items())
    return Program(modules, {f: tuple(m) for f, m in lookup.items()}, **fields)


SIX = {
    "assignment1/q1_softmax.py": "def softmax(x):\n    return ('softmax', x)\n",
    "assignment1/q2_sigmoid.py": "def sigmoid(x):\n    return ('sigmoid', x)\n",
    "assignment1/q2_neural.py": "from q1_softmax import softmax\nfrom q2_sigmoid import *\ndef net(x):\n    return [softmax(x), sigmoid(x)]\n",
    "assignment1/q3_word2vec.py": "import assignment1.q1_softmax as a\nfrom assignment1.q2_neural import net\nfrom .q1_softmax import softmax\n"
    "from . import q1_softmax as b\nimport q1_softmax as c\ndef skipgram(x):\n    return [a is b, b is c, c.softmax is softmax, net(x)]\n",
}
WHERE = {"softmax": ["q1_softmax"], "sigmoid": ["q2_sigmoid"], "net": ["q2_neural"], "skipgram": ["q3_word2vec"]}


def test_a_package_hides_a_module_of_its_name(server: ForkServer) -> None:
    """As Python's own finder has it."""
    modules = (Source("utils", "utils.py", "K = 1.0\n"), Source("utils", "utils/__init__.py", "K = 2.0\n"),
               Source("utils.inner", "utils/inner.py", "L = 3.0\n"),
               Source("hw", "hw.py", "from utils import K\nfrom utils.inner import L\ndef f(x):\n    return [K, L]\n"))
    (answer,) = ask(server, Program(modules, {"f": ("hw",)}), "f")
    assert answer == Returned([2.0, 3.0])


@pytest.mark.parametrize("call", ["exit()", "quit(1)", "exit('done')"])
def test_exit_and_quit_are_what_they_are_at_home(server: ForkServer, call: str) -> None:
    """They leave the file; no name is missing, and what stands above is there."""
    (answer,) = ask(server, files({"hw.py": f"def f(x):\n    return x\ndef g(x):\n    {call}\ng(0)\n"}, {"g": ["hw"]}), "g")
    assert isinstance(answer, Unavailable)
    assert answer.error is not None
    assert answer.error.type == "SystemExit"


def test_files_import_each_other_by_every_name(server: ForkServer) -> None:
    """Bare, dotted and relative imports give one module object."""
    softmax, net, skipgram = ask(server, files(SIX, WHERE), "softmax", "net", "skipgram")
    assert softmax.value == ("softmax", 1.0)
    assert net.value == [("softmax", 1.0), ("sigmoid", 1.0)]
    assert skipgram.value == [True, True, True, net.value]


@pytest.mark.parametrize("lines", [
    "from .q1_softmax import softmax", "from . import q1_softmax\nsoftmax = q1_softmax.softmax", "from .q1_softmax import *",
    "from .sub.inner import softmax", "from . import sub\nfrom .sub import inner\nsoftmax = inner.softmax",
    "import q1_softmax\nfrom . import q1_softmax as other\nsoftmax = other.softmax if other is q1_softmax else None",
    "from .q1_softmax import softmax\n1 / 0",
])
def test_files_beside_each_other_import_relatively(server: ForkServer, lines: str) -> None:
    """As they do where the folder that they lay in is a package; also where the definitions alone stand in."""
    handed = {"q1_softmax.py": SIX["assignment1/q1_softmax.py"], "sub/inner.py": SIX["assignment1/q1_softmax.py"],
              "q2_neural.py": f"{lines}\ndef net(x):\n    return softmax(x)\n"}
    program = files(handed, {"net": ["q2_neural", "q2_neural#definitions"]})
    program = replace(program, modules=(*program.modules, Source("q2_neural#definitions", "q2_neural.py", "")))
    (net,) = ask(server, program, "net")
    assert net.value == ("softmax", 1.0)


def test_an_init_beside_the_files_imports_relatively(server: ForkServer) -> None:
    """It is loaded where a function is defined in it too; the folder that it was written for is not there."""
    handed = files({"__init__.py": "from .q1_softmax import softmax\ndef net(x):\n    return softmax(x)\n",
                    "q1_softmax.py": SIX["assignment1/q1_softmax.py"]}, {"net": ["__init__"]})
    assert ask(server, handed, "net")[0].value == ("softmax", 1.0)


def test_a_relative_import_of_what_was_not_handed_in(server: ForkServer) -> None:
    """The same as of a package that is not here, under the name that the student wrote; a placeholder takes its place."""
    handed = files({"a.py": "from .nosuch import g\ndef f(x):\n    return 1\n"}, {"f": ["a"]})
    (f,) = ask(server, handed, "f")
    assert f.error.type == "ModuleNotFoundError"
    assert f.error.message.startswith("the package 'nosuch' is not available here")
    assert ask(server, replace(handed, placeholders=("nosuch",)), "f")[0].value == 1


def test_files_that_import_each_other_in_a_circle(server: ForkServer) -> None:
    """As Python does it."""
    circle = {"a.py": "import b\ndef f(x):\n    return b.g(x)\n", "b.py": "import a\ndef g(x):\n    return 2 * x\ndef h(x):\n    return a.f(x)\n"}
    assert [o.value for o in ask(server, files(circle, {"f": ["a"], "h": ["b"]}), "h", "f")] == [2.0, 2.0]


def test_a_package_has_its_init(server: ForkServer) -> None:
    """A folder's ``__init__.py`` runs when the folder is imported."""
    modules = (Source("pkg", "pkg/__init__.py", "from .inner import K\n"), Source("pkg.inner", "pkg/inner.py", "K = 7\n"),
               Source("main", "main.py", "import pkg.inner\ndef f(x):\n    return pkg.K + pkg.inner.K\n"))
    assert ask(server, Program(modules, {"f": ("main",)}), "f")[0].value == 14


def test_support_modules_are_served_but_never_count_as_the_students(server: ForkServer) -> None:
    """``utils.treebank`` can be imported; a function that comes from it is not found."""
    support = (Source("utils.treebank", "support/utils/treebank.py", "def helper(x):\n    return -x\n"),)
    program = files({"a.py": "from utils.treebank import helper\nimport utils\ndef f(x):\n    return helper(x)\n"},
                    {"f": ["a"], "helper": ["a"]}, support=support)
    assert [type(o) for o in ask(server, program, "f", "helper")] == [Returned, Unavailable]


def test_anything_callable_counts_and_nothing_else_does(server: ForkServer) -> None:
    """A lambda, a class and a partial do; a number does not."""
    text = "import functools\na = lambda x: 1\nclass b:\n    def __new__(cls, x): return 2\nc = functools.partial(max, 3)\nd = 4\n"
    answers = ask(server, files({"m.py": text}, dict.fromkeys("abcd", ("m",))), *"abcd")
    assert [getattr(o, "value", o) for o in answers] == [1, 2, 3, Unavailable("d")]


def test_a_function_is_looked_for_in_order(server: ForkServer) -> None:
    """The first module that has it; modules that are not there are passed over."""
    program = files({"a.py": "x = 1\n", "b.py": "def f(x):\n    return 'b'\n", "c.py": "def f(x):\n    return 'c'\n"},
                    {"f": ["nowhere", "a", "b", "c"], "g": ["a", "b"], "h": []})
    found, missing, nowhere = ask(server, program, "f", "g", "h")
    assert found.value == "b"
    assert (missing, nowhere) == (Unavailable("g"), Unavailable("h"))


def test_a_module_that_raises_says_where(server: ForkServer) -> None:
    """What was defined before the error does not count, and the other files are not touched."""
    broken = {"a.py": "def f(x):\n    return 1\n\ny = 1 / 0\n", "b.py": "def g(x):\n    return 2\n"}
    f, g = ask(server, files(broken, {"f": ["a"], "g": ["b"]}), "f", "g")
    assert f.function == "f"
    assert f.module == "a"
    assert (f.error.type, f.error.frames) == ("ZeroDivisionError", (Frame("a.py", 4, "<module>", "y = 1 / 0"),))
    assert g.value == 2


def test_a_syntax_error_quotes_its_line(server: ForkServer) -> None:
    """The frame is the line that cannot be read."""
    (f,) = ask(server, files({"a.py": "x = 1\ndef f(x:\n"}, {"f": ["a"]}), "f")
    assert f.error.type == "SyntaxError"
    assert f.error.frames == (Frame("a.py", 2, "<module>", "def f(x:"),)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("import sys; sys.exit(3)", Unavailable),
        ("import os; os._exit(3)", Died),
        ("while True: pass", TimedOut),
        ("import time; time.sleep(99)", TimedOut),
        ("import os; os.write(4, b'x' * 99)", Malformed),
    ],
)  # fmt: skip
def test_a_module_that_ends_the_process_costs_its_own_functions_only(server: ForkServer, line: str, outcome: type) -> None:
    """Whichever is asked first, and a later module that has the function too is found."""
    bad = {"a.py": f"def f(x):\n    return 1\n{line}\n", "b.py": "def g(x):\n    return 2\n", "c.py": "import a\ndef h(x):\n    return 3\n"}
    where = {"f": ["a"], "g": ["b"], "again": ["a", "b"], "h": ["c"]}
    f, g, h, f_again, g_again = ask(server, files(bad, where), "f", "g", "h", "f", "g")
    assert (type(f), type(h)) == (outcome, outcome)
    assert f_again == f
    assert g.value == g_again.value == 2


def test_a_function_found_after_a_fatal_module_is_used(server: ForkServer) -> None:
    """The second module in the list is tried in a fresh process."""
    (f,) = ask(server, files({"a.py": "import os; os._exit(1)\n", "b.py": "def f(x):\n    return 'b'\n"}, {"f": ["a", "b"]}), "f")
    assert f.value == "b"


def test_a_missing_neighbour_is_named(server: ForkServer) -> None:
    """The error is that of the import, at the student's line."""
    (f,) = ask(server, files({"a.py": "from q1_softmax import softmax\ndef f(x):\n    return 1\n"}, {"f": ["a"]}), "f")
    assert f.error.type == "ModuleNotFoundError"
    assert f.error.message.startswith("the package 'q1_softmax' is not available here")
    assert f.error.frames[-1].text == "from q1_softmax import softmax"


@pytest.mark.parametrize("name", ["grader", "pydantic", "pytest", "reference", "worker", "setuptools", "grader.core"])
def test_nothing_of_the_graders_can_be_imported(server: ForkServer, name: str) -> None:
    """The standard library, numpy and the submission are all there is."""
    (f,) = ask(server, files({"a.py": f"def f(x):\n    import {name}\n"}, {"f": ["a"]}), "f")
    assert isinstance(f, Raised)
    assert f.type == "ModuleNotFoundError"
    assert f.message.startswith(f"the package '{name.partition('.')[0]}' is not available here")


def test_the_standard_library_and_numpy_can_be_imported(server: ForkServer) -> None:
    """Also what was not loaded before."""
    text = "def f(x):\n    import sqlite3, wave, numpy.polynomial.hermite, numpy.testing, xml.dom.minidom, multiprocessing, zoneinfo\n    return 1\n"
    assert ask(server, files({"a.py": text}, {"f": ["a"]}), "f")[0].value == 1


def test_what_is_imported_beforehand_is_what_the_submission_names(server: ForkServer, level: str) -> None:
    """Where no file can be opened, each module of the lists is there for whoever names it; a fork copies none that nobody does."""
    there = [name for name in (*preload.SILENT, *preload.NAMED) if not name.startswith("distutils") and find_spec(name)]
    text = "def f(x):\n" + "".join(f"    import {name}\n" for name in there) + "    return 1\n"
    none = "import sys\ndef f(x):\n    return sorted({'asy' 'ncio', 'sql' 'ite3', 'x' 'ml.dom.minidom'} & sys.modules.keys())\n"
    if level == "C":
        with ForkServer(level=level) as fresh:  # the other tests' worker has been asked for some
            assert ask(fresh, files({"a.py": none}, {"f": ["a"]}), "f")[0].value == []
    assert ask(server, files({"a.py": text}, {"f": ["a"]}), "f")[0].value == 1


def test_packages_that_the_course_names_can_be_imported(server: ForkServer) -> None:
    """And one that it names but that is not installed is refused like any other."""
    text = "import mpmath\ndef f(x):\n    return float(mpmath.mpf(x))\n"
    assert ask(server, files({"a.py": text}, {"f": ["a"]}, packages=("mpmath",)), "f")[0].value == 1.0
    (f,) = ask(server, files({"a.py": text.replace("mpmath", "nosuch")}, {"f": ["a"]}, packages=("nosuch",)), "f")
    assert f.error.type == "ModuleNotFoundError"


USES = ["sk.fit(1)", "list(sk.a)", "sk.a + 1", "1 * sk.a", "sk.a[0]", "np.asarray(sk.a)", "Model()", "-sk.a", "sk.a < 1", "plt.plot(x)"]


@pytest.mark.parametrize("use", USES)
def test_a_placeholder_fails_when_it_is_used(server: ForkServer, use: str) -> None:
    """Importing, naming, setting and subclassing are no use."""
    text = (
        "import numpy as np\nimport sklearn as sk\nimport matplotlib.pyplot as plt_module\nfrom matplotlib import pyplot as plt\n"
        "from sklearn.linear_model import Base, Other as O\nplt.rcParams['figure.figsize'] = (1, 2)\nplt.x = O.y.z\n"
        f"class Model(Base):\n    pass\ndef f(x):\n    return {use}\ndef g(x):\n    return isinstance(x, O)\n"
    )
    f, g = ask(server, files({"a.py": text}, {"f": ["a"], "g": ["a"]}, placeholders=("sklearn", "matplotlib")), "f", "g")
    package = "matplotlib" if "plt" in use else "sklearn"
    assert (f.type, f.message) == ("PackageNotAvailable", f"needs the package '{package}', which is not available here")
    assert f.frames[-1].text == f"return {use}"
    assert g.value is False


def test_modules_see_themselves_as_under_an_ordinary_run(server: ForkServer) -> None:
    """Name, file, command line, and source for tracebacks; the main block does not run."""
    text = (
        "import sys, traceback, inspect\nif __name__ == '__main__':\n    1 / 0\ndef f(x):\n"
        "    return [__name__, __file__, sys.argv, inspect.getsource(g), sys.stdin.read(), __import__('__main__').__dict__.get('live')]\n"
        "def g(x):\n    traceback.print_stack()\n"
    )
    f, g = ask(server, files({"hw/a.py": text}, {"f": ["a"], "g": ["a"]}), "f", "g")
    assert f.value == ["a", "hw/a.py", ["submit.py"], "def g(x):\n    traceback.print_stack()\n", "", None]
    assert 'File "hw/a.py", line 7, in g\n    traceback.print_stack()' in g.printed


def test_a_file_named_like_a_standard_module_hides_it(server: ForkServer) -> None:
    """As in any folder; and its functions are found."""
    program = files({"copy.py": "def f(x):\n    return 'mine'\n", "a.py": "import copy\ndef g(x):\n    return copy.f(x)\n"},
                    {"f": ["copy"], "g": ["a"]})
    assert [o.value for o in ask(server, program, "f", "g")] == ["mine", "mine"]


def test_patched_builtins_numpy_and_json_change_nothing_here(server: ForkServer) -> None:
    """Whoever replaces what the worker works with is answered as before; his own code sees the patch."""
    text = (
        "import builtins, json, sys, os, time, numpy as np\n"
        "for name in ('any', 'all', 'len', 'type', 'isinstance', 'issubclass', 'memoryview', 'list', 'str', 'repr'):\n"
        "    setattr(builtins, name, lambda *a, **k: True)\n"
        "for space in (np, json, os, time):\n"
        "    for name in ('array', 'asarray', 'allclose', 'ndarray', 'frombuffer', 'generic', 'dumps', 'JSONEncoder', 'write', 'pread'):\n"
        "        setattr(space, name, None)\n"
        "np.random.seed = np.seterr = sys.setrecursionlimit = None\n"
        "def f(x):\n    print(any([]))\n    return [x, np.arange(3)]\ndef g(x):\n    return 1 / 0\n"
    )
    f, g = ask(server, files({"a.py": text}, {"f": ["a"], "g": ["a"]}), "f", "g")
    assert (f.printed, f) == ("True\n", f)
    np.testing.assert_array_equal(f.value[1], [0, 1, 2])
    assert g.type == "ZeroDivisionError"


# ---- substitutes -----------------------------------------------------------------------------------------------------

COURSE = {"support": (Source("helpers", "support/helpers.py", "import numpy as np\ndef softmax(x):\n    return ('course', x)\n"),),
          "substitutes": {"softmax": "helpers"}}


@pytest.mark.parametrize(
    "neighbour",
    [
        {"assignment1/q1_softmax.py": "def softmax(x):\n    return 'wrong'\n"},
        {"assignment1/q1_softmax.py": "def softmax(x):\n    return 'wrong'\n1 / 0\n"},
        {"assignment1/q1_softmax.py": "def softmax(x:\n"},
        {"assignment1/q1_softmax.py": "raise SystemExit\n"},
        {},
    ],
    ids=["wrong", "raises", "syntax", "exits", "missing"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from q1_softmax import softmax", "softmax(x)"),
        ("from q1_softmax import softmax as sm", "sm(x)"),
        ("from assignment1.q1_softmax import softmax", "softmax(x)"),
        ("from .q1_softmax import softmax", "softmax(x)"),
        ("try:\n    from q1_softmax import softmax\nexcept ImportError:\n    softmax = None", "softmax(x)"),
    ],
)
def test_a_wrong_neighbour_is_replaced(server: ForkServer, neighbour: dict[str, str], imports: str, call: str) -> None:
    """By the course's function, whatever became of the student's own and however it is imported."""
    program = files({**neighbour, "assignment1/q2_neural.py": f"{imports}\ndef net(x):\n    return {call}\n"},
                    {"softmax": ["q1_softmax"], "net": ["q2_neural"]}, **COURSE)
    assert ask(server, program, "net")[0].value == ("course", 1.0)


def test_a_neighbour_in_the_same_file_is_replaced(server: ForkServer) -> None:
    """Under its own name and under any other; a file of the student's that is called like the course's does not hide it."""
    text = "def softmax(x):\n    return 'wrong'\nalias = softmax\ndef f(x):\n    return [softmax(x), alias(x)]\n"
    program = files({"submit.py": text, "helpers.py": "def softmax(x):\n    return 'mine'\n"}, {"softmax": ["submit"], "f": ["submit"]}, **COURSE)
    assert ask(server, program, "f")[0].value == [("course", 1.0)] * 2


@pytest.mark.parametrize(("kind", "handed_out"), [
    ("    @staticmethod\n    def softmax(x):", "softmax = Net.softmax"),
    ("    @classmethod\n    def softmax(cls, x):", "softmax = Net.softmax"),
    ("    def softmax(self, x):", "softmax = Net().softmax"),
])
def test_a_neighbour_in_a_class_is_replaced(server: ForkServer, kind: str, handed_out: str) -> None:
    """Whichever kind of method it is, and however it is called."""
    text = f"class Net:\n{kind}\n        return 'wrong'\n{handed_out}\ndef f(x):\n    return [Net.softmax(x), Net().softmax(x), softmax(x)]\n"
    program = files({"submit.py": text}, {"softmax": ["submit"], "f": ["submit"]}, **COURSE)
    assert ask(server, program, "f")[0].value == [("course", 1.0)] * 3


def test_a_function_that_was_replaced_is_not_the_students(server: ForkServer) -> None:
    """Asked for, it is not there."""
    program = files({"submit.py": "def softmax(x):\n    return 'wrong'\n"}, {"softmax": ["submit"]}, **COURSE)
    assert ask(server, program, "softmax") == [Unavailable("softmax")]


def test_a_missing_package_is_not_taken_for_a_neighbour(server: ForkServer) -> None:
    """Only what is replaced is made up."""
    text = "import sklearn\nfrom q1_softmax import softmax\ndef f(x):\n    return 1\n"
    (f,) = ask(server, files({"submit.py": text}, {"softmax": [], "f": ["submit"]}, **COURSE), "f")
    assert f.error.message.startswith("the package 'sklearn' is not available")


def test_file_names_that_are_no_text(server: ForkServer) -> None:
    """Bytes of another encoding in a file's name do not leave it ungraded."""
    program = files({"caf\udce9.py": "def f(x):\n    return 1 / 0\n"}, {"f": ["caf\udce9"]})
    (f,) = ask(server, program, "f")
    assert f.frames[0].file == "caf?.py"


def test_large_and_strange_sources_travel(server: ForkServer) -> None:
    """Five megabytes of comments, a byte-order mark's remains, and 200 000 minus signs that no compiler takes."""
    text = "# " + "é" * 2_500_000 + "\ndef f(x):\n    return np.pi\nimport numpy as np\n"
    deep = "def g(x):\n    return " + "-" * 200_000 + "1\n"
    f, g = ask(server, files({"a.py": text, "b.py": deep}, {"f": ["a"], "g": ["b"]}), "f", "g")
    assert f.value == np.pi
    assert isinstance(g, Unavailable | Died)


def test_every_group_is_told_of_once_and_in_order() -> None:
    """Also those that need no child, because their function is missing."""
    program = Program((Source("submit", "submit.py", "def f(x): return x + 1\n"),), {"f": ("submit",), "g": ()})
    groups = [Group((Probe(name, (float(n),)),)) for n, name in enumerate("gfgffgg")]
    told: list[tuple[int, object]] = []
    with ForkServer() as runner:
        found = runner.observe(program, iter(groups), lambda n, answers, _: told.append((n, answers)) or ())
    assert told == list(enumerate(found))
    assert [type(o).__name__ for (o,) in found] == ["Unavailable", "Returned", "Unavailable", "Returned", "Returned", "Unavailable", "Unavailable"]


def test_what_is_to_be_asked_besides_is_asked_last_and_in_the_same_child() -> None:
    """In the order in which it was returned, and numbered so; it is told of, too, also where the last group gave rise to it."""
    program = Program((Source("submit", "submit.py", "n = 0\ndef f(x):\n    global n\n    n += 1\n    return n\n"),), {"f": ("submit",)})
    group = {n: Group((Probe("f", (float(n),)),)) for n in range(6)}
    told: list[tuple[int, object]] = []

    def answered(number: int, answers: tuple[Observation, ...], _remark: str) -> tuple[Group, ...]:
        told.append((number, answers))
        return {0: (group[3],), 2: (group[4], group[5])}.get(number, ())

    with ForkServer() as runner:
        found = runner.observe(program, [group[0], group[1], group[2]], answered)
    assert [o.value for (o,) in found if isinstance(o, Returned)] == [1, 2, 3, 4, 5, 6]
    assert told == list(enumerate(found))


@pytest.mark.parametrize("line", [
    "from assignment1.q1_softmax import softmax", "import assignment1.q1_softmax\nsoftmax = assignment1.q1_softmax.softmax",
    "from assignment1 import q1_softmax\nsoftmax = q1_softmax.softmax",
])
def test_the_folder_that_was_handed_in_may_be_imported_from_by_its_name(line: str) -> None:
    """The student's folder was called assignment1; what came to us is what was in it."""
    modules = (Source("q1_softmax", "q1_softmax.py", "def softmax(x): return x + 1\n"), Source("q2", "q2.py", line + "\ndef f(x): return softmax(x)\n"))
    with ForkServer() as runner:
        ((answer,),) = runner.observe(Program(modules, {"f": ("q2",)}), [Group((Probe("f", (1.0,)),))])
    assert isinstance(answer, Returned)
    assert answer.value == 2.0


@pytest.mark.parametrize("line", [
    "from CS224n.a2.utils.utils import softmax", "import CS224n.a2.utils.utils as u\nsoftmax = u.softmax",
    "from CS224n.a2.sigmoid import softmax", "from CS224n.a2 import sigmoid\nsoftmax = sigmoid.softmax",
    "from CS224n.a2 import sigmoid\nfrom CS224n.a2.utils.utils import softmax", "from a2.utils.utils import softmax",
])
def test_folders_around_it_may_be_named_too(line: str) -> None:
    """However many; a folder of the submission's, or of the course's, is found in the last of them."""
    modules = (Source("sigmoid", "sigmoid.py", "def softmax(x): return x + 1\n"), Source("q2", "q2.py", line + "\ndef f(x): return softmax(x)\n"))
    program = Program(modules, {"f": ("q2",), "g": ("sigmoid",)}, support=(Source("utils.utils", "utils/utils.py", "def softmax(x): return x + 1\n"),))
    with ForkServer() as runner:
        ((answer,),) = runner.observe(program, [Group((Probe("f", (1.0,)),))])
    assert isinstance(answer, Returned), answer
    assert answer.value == 2.0


def test_a_library_is_no_folder_around_it_because_a_module_of_its_is_called_like_a_file() -> None:
    """The student's tools.py is not what TensorFlow has by that name, deep inside."""
    modules = (Source("tools", "tools.py", "def f(x): return x\n"), Source("q2", "q2.py", "from tensorflow.python.tools import f\n"))
    with ForkServer() as runner:
        ((answer,),) = runner.observe(Program(modules, {"f": ("q2",)}), [Group((Probe("f", (1.0,)),))])
    assert isinstance(answer, Unavailable)
    assert answer.error is not None
    assert "'tensorflow' is not available here" in answer.error.message


def test_an_unknown_package_is_not_taken_for_that_folder() -> None:
    """Nothing of the student's own is imported from it, so it is a package that is missing."""
    modules = (Source("q1", "q1.py", "x = 1\n"), Source("q2", "q2.py", "from sklearn.svm import q1\ndef f(x): return x\n"))
    with ForkServer() as runner:
        ((answer,),) = runner.observe(Program(modules, {"f": ("q2",)}), [Group((Probe("f", (1.0,)),))])
    assert isinstance(answer, Unavailable)
    assert answer.error is not None
    assert "'sklearn' is not available here" in answer.error.message


def test_a_star_import_of_numpy_imports_nothing_large() -> None:
    """What no homework means by it."""
    text = "from numpy import *\nimport sys\ndef f(x): return [name for name in ('numpy.f2py', 'numpy.testing', 'unittest') if name in sys.modules]\n"
    with ForkServer() as runner:
        ((answer,),) = runner.observe(Program((Source("submit", "submit.py", text),), {"f": ("submit",)}), [Group((Probe("f", (1.0,)),))])
    assert answer == Returned([])


def test_a_star_import_of_numpy_hides_no_builtin_that_numpy_1_left_alone() -> None:
    """``max(1, a, b)`` after ``from numpy import *`` is the handout's own line in q2_gradcheck."""
    text = "from numpy import *\ndef f(x): return max(1, abs(x), min(x, 2)) + round(0.4) + exp(0.0)\n"
    with ForkServer() as runner:
        ((answer,),) = runner.observe(Program((Source("submit", "submit.py", text),), {"f": ("submit",)}), [Group((Probe("f", (-3.0,)),))])
    assert isinstance(answer, Returned), answer
    assert answer.value == 4.0


def test_a_machine_that_gives_no_process_is_a_host_error_never_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    """The descriptors have run out, the scratch folder is gone: nothing is judged, and nobody is blamed."""
    def refuse(_: str) -> int:
        raise OSError(24, "Too many open files")

    with ForkServer() as runner:
        program = Program((Source("submit", "submit.py", "def f(x): return x\n"),), {"f": ("submit",)})
        monkeypatch.setattr("os.memfd_create", refuse)
        ((answer,),) = runner.observe(program, [Group((Probe("f", (1.0,)),))])
    assert isinstance(answer, HostError), answer
    assert "Too many open files" in answer.problem
