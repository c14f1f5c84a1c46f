"""What the worker makes of a notebook: cell by cell, and no statement costs another."""

from collections.abc import Sequence

import pytest

from grader.core.observation import Frame, Observation, Raised, Returned, TimedOut, Unavailable
from grader.core.probe import Group, Probe
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Program, Source

pytestmark = pytest.mark.levels("F", "B")


def notebook(*cells: str) -> str:
    return "".join(f"\f{n}\n{c}" for n, c in enumerate(cells, 1))


def ask(server: ForkServer, *cells: str, functions: Sequence[str] = ("f",), **fields: object) -> list[Observation]:
    program = Program((Source("hw", "hw.ipynb", notebook(*cells)),), dict.fromkeys(functions, ("hw",)), **fields)  # type: ignore[arg-type]
    return [o for (o,) in server.observe(program, [Group((Probe(f, (1.0,)),), 0.5) for f in functions])]


def test_cells_share_one_module(server: ForkServer) -> None:
    """What one binds another reads, later cells win."""
    (answer,) = ask(server, "import numpy as np\nN = 2", "def f(x):\n    return 0", "def f(x):\n    return np.exp(0.0) * N * x")
    assert isinstance(answer, Returned)
    assert answer.value == 2.0


def test_a_traceback_names_cell_and_line(server: ForkServer) -> None:
    """Through two cells, with the lines as written."""
    (answer,) = ask(server, "def g(x):\n    y = 3\n    return x / 0", "\n\ndef f(x):\n    return g(x)")
    assert isinstance(answer, Raised)
    assert answer.frames == (Frame("hw.ipynb, cell 2", 4, "f", "return g(x)"), Frame("hw.ipynb, cell 1", 3, "g", "return x / 0"))


def test_a_statement_that_raises_costs_no_function(server: ForkServer) -> None:
    """Neither before it nor after it, in its own cell or others; not even SystemExit."""
    cells = ("def f(x):\n    return 1.0", "data = open('nowhere')\ndef g(x):\n    return 2.0", "raise SystemExit", "import sys; sys.exit(1)\ndef h(x):\n    return 3.0")
    assert [o.value for o in ask(server, *cells, functions=("f", "g", "h"))] == [1.0, 2.0, 3.0]


def test_a_cell_that_does_not_parse_costs_its_own_functions_only(server: ForkServer) -> None:
    """And these say where it does not."""
    f, g = ask(server, "def f(x):\n    return 1.0", "x = 1\ndef g(x):\n    return (x", functions=("f", "g"))
    assert isinstance(f, Returned)
    assert isinstance(g, Raised)
    assert (g.type, g.frames[-1].file, g.frames[-1].line) == ("SyntaxError", "hw.ipynb, cell 2", 3)


def test_what_a_cell_that_does_not_parse_imports_is_there_for_the_others(server: ForkServer) -> None:
    """A print of Python 2 beside the imports is not what they are judged for; an import of it that fails names its own line."""
    f, _g, h = ask(server, "import math\nfrom nowhere_at_all import y as g\nfrom math import (\nprint 'ready'\ndef h(x):\n    return x",
                  "def f(x):\n    return math.cos(0.0)", functions=("f", "g", "h"), placeholders=("nowhere_at_all",))
    assert isinstance(f, Returned)
    assert isinstance(h, Raised)
    assert h.type == "SyntaxError"
    (answer,) = ask(server, "\nimport nowhere_at_all\nprint 1", "def f(x):\n    return 1.0")
    assert answer.error.frames[-1] == Frame("hw.ipynb, cell 1", 2, "<module>", "import nowhere_at_all")


def test_a_function_that_could_not_be_bound_says_why(server: ForkServer) -> None:
    """A decorator, or an assignment, that raises; each time that it is called."""
    f, g = ask(server, "@undefined\ndef f(x):\n    return x", "y = 1\ng = wrap(y)", functions=("f", "g"))
    assert [(o.type, o.frames[-1].file, o.frames[-1].line) for o in (f, g)] == [("NameError", "hw.ipynb, cell 1", 1), ("NameError", "hw.ipynb, cell 2", 2)]


def test_a_function_that_is_not_there_is_missing(server: ForkServer) -> None:
    """Whatever else went wrong."""
    assert ask(server, "1 / 0") == [Unavailable("f")]


def test_a_package_that_is_not_here_is_asked_for(server: ForkServer) -> None:
    """The load ends with its name; with a placeholder all goes on."""
    cells = ("import matplotlib.pyplot as plt\nimport numpy as np", "plt.plot([1])", "def f(x):\n    return np.float64(x)")
    (answer,) = ask(server, *cells)
    assert isinstance(answer, Unavailable)
    assert answer.error is not None
    assert answer.error.type == "ModuleNotFoundError"
    assert answer.error.frames[-1].file == "hw.ipynb, cell 1"
    (answer,) = ask(server, *cells, placeholders=("matplotlib",))
    assert isinstance(answer, Returned)


def test_display_does_nothing(server: ForkServer) -> None:
    """In a function; a student's own wins."""
    (given,) = ask(server, "def f(x):\n    display(x, raw=True)\n    return x")
    assert isinstance(given, Returned)
    (own,) = ask(server, "def display(x):\n    return 7.0\ndef f(x):\n    return display(x)")
    assert own.value == 7.0


def test_a_file_imports_a_notebook(server: ForkServer) -> None:
    """By its name, as a module of the folder."""
    modules = (Source("hw", "hw.ipynb", notebook("K = 3.0")), Source("a", "a.py", "from hw import K\ndef f(x):\n    return K\n"))
    ((answer,),) = server.observe(Program(modules, {"f": ("a",)}), [Group((Probe("f", (1.0,)),))])
    assert answer.value == 3.0


def test_definitions_stand_in_for_a_notebook_that_never_ends(server: ForkServer) -> None:
    """The second module of the lookup is loaded where the first one ends its child."""
    modules = (Source("hw", "hw.ipynb", notebook("def f(x):\n    return x", "while True: pass")), Source("hw#definitions", "hw.ipynb", notebook("def f(x):\n    return x", "pass")))
    ((answer,),) = server.observe(Program(modules, {"f": ("hw", "hw#definitions")}), [Group((Probe("f", (1.0,)),))])
    assert isinstance(answer, Returned)
    ((answer,),) = server.observe(Program(modules[:1], {"f": ("hw",)}), [Group((Probe("f", (1.0,)),))])
    assert isinstance(answer, TimedOut)


def test_definitions_do_not_stand_in_for_a_notebook_that_wants_a_package(server: ForkServer) -> None:
    """The grader hears of it; where the whole has ended its process, nobody else can put something in its place."""
    wants, loops = "import matplotlib\ndef f(x):\n    return x", "while True: pass"
    for cells, outcome in (((wants,), Unavailable), ((loops, wants), Returned)):
        modules = (Source("hw", "hw.ipynb", notebook(*cells)), Source("hw#definitions", "hw.ipynb", notebook(wants)))
        ((answer,),) = server.observe(Program(modules, {"f": ("hw", "hw#definitions")}), [Group((Probe("f", (1.0,)),))])
        assert isinstance(answer, outcome)


def test_a_notebook_with_nothing_in_it(server: ForkServer) -> None:
    """Has no function."""
    assert ask(server) == [Unavailable("f")]


def test_substitutes_are_put_into_notebooks(server: ForkServer) -> None:
    """The course's function in the place of the student's, also where a neighbour of it is missing and another cell is broken."""
    support = (Source("helpers", "support/helpers.py", "def g(x):\n    return 10.0\n"),)
    modules = (Source("hw", "hw.ipynb", notebook("from q1 import g", "def f(x):\n    return g(x)", "broken(")),)
    ((answer,),) = server.observe(Program(modules, {"f": ("hw",), "g": ()}, support, {"g": "helpers"}), [Group((Probe("f", (1.0,)),))])
    assert isinstance(answer, Returned)
    assert answer.value == 10.0
