"""Tricks and misfortunes through the whole of grading: exactly the items that a function lost are lost."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import interview, recording
from grader.core.observation import Died
from grader.core.report import GradeReport
from grader.core.verdict import Outcome
from grader.course import Assignment, load_assignment
from grader.grading import grade
from grader.report.json import to_json
from grader.runner import opinion
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program
from grader.submission.source import submission
from grader.trial import Trial
from tests.attacks.harness import Scene, descendants, open_descriptors
from tests.attacks.levels import levels
from tests.attacks.programs.meddling import MEDDLING
from tests.attacks.programs.tricks import ONE, SPOILING, TRICKS, Trick

ROOT = Path(__file__).parents[2]
RIGHT = (ROOT / "submissions_example" / "cs224n_a1" / "right_vectorised.py").read_text(encoding="utf-8")
BEST = levels()[:1]  # the tricks are about grading, not about walls: one level will do


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    """The one that ships with the project."""
    return load_assignment(ROOT, "cs224n_a1")


@pytest.fixture(scope="module")
def trial(assignment: Assignment) -> Trial:
    """The published inputs."""
    return Trial(assignment.default_seed, assignment.interface, assignment.oracle)


@pytest.fixture(scope="module", params=BEST)
def runner(request: pytest.FixtureRequest, scene: Scene) -> Iterator[ForkServer]:
    """Quick about what never ends."""
    with ForkServer(Limits(wall_factor=3.0, repeat_seconds=0.2), level=request.param) as server:
        yield server


def files(source: str | bytes) -> dict[str, bytes]:
    """A submission of one file."""
    return {"submit.py": source if isinstance(source, bytes) else source.encode()}


def lost(report: GradeReport) -> set[str]:
    """Items without their full points; nothing may be left for a person to decide."""
    assert not [i.id for i in report.items if i.verdict.outcome is Outcome.UNGRADED]
    return {i.id for i in report.items if i.verdict.credit != 1}


def tree(*folders: Path) -> str:
    """Names, times and contents of all that is there."""
    digest = hashlib.sha256()
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        digest.update(f"{path}{path.stat().st_mtime_ns}".encode() + path.read_bytes())
    return digest.hexdigest()


@pytest.mark.parametrize("trick", [pytest.param(t, id=t.name.replace(" ", "-")) for t in (*TRICKS, *MEDDLING)])
def test_a_trick_earns_and_costs_nothing(trick: Trick, assignment: Assignment, trial: Trial, runner: ForkServer, scene: Scene) -> None:
    """The other items keep their points, nothing is touched or left, and no secret is in the report or in what is stored."""
    source = f"{trick.before}{RIGHT}\nREFERENCE = {scene.world()['reference']!r}\n{trick.code}"
    handed_in = submission("submit.py", files(source))
    grade(assignment, submission("submit.py", files(RIGHT)), runner, items=["normalize.values"])
    before = tree(ROOT / "reference", ROOT / "rubrics"), open_descriptors(), descendants(os.getpid())
    report, recorded = grade(assignment, handed_in, runner, trial=trial)
    after = tree(ROOT / "reference", ROOT / "rubrics"), open_descriptors(), descendants(os.getpid())
    assert lost(report) == set(trick.loses)
    assert after == before
    stored = recording.dumps(recorded, report).decode("latin-1")
    assert scene.damage(to_json(report).replace(scene.world()["reference"], ""), stored) == set()


@pytest.mark.parametrize("name", SPOILING)
def test_what_spoils_a_process_would_cost_others(
    name: str, assignment: Assignment, trial: Trial, runner: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or these tricks would pass for harmless: where all are asked in order, and nobody listens to the second child, others lose points."""
    monkeypatch.setattr(interview, "stateless_functions", lambda *_: frozenset())
    monkeypatch.setattr(opinion, "agree", lambda *_: True)
    trick = next(t for t in TRICKS if t.name == name)
    report, _ = grade(assignment, submission("submit.py", files(RIGHT + trick.code)), runner, trial=trial)
    assert lost(report) > set(trick.loses)


PACKAGES = b"""
def softmax(x): return x
for package in ("p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"): __import__(package)
"""


def test_what_is_to_be_asked_again_is_not_asked_to_the_end(
    assignment: Assignment, trial: Trial, runner: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another package that is not there, each time: what the other file's functions take is paid for once."""
    rounds: list[bool] = []

    def observe(*given: Any, **options: Any) -> Any:
        found = ForkServer.observe(runner, *given, **options)
        rounds.append(any(isinstance(o, Died) for answers in found for o in answers))
        return found

    monkeypatch.setattr(runner, "observe", observe)
    handed_in = submission("homework", {"q1_softmax.py": PACKAGES, "q3_sgd.py": b"import os\ndef sgd(*given, **named): os._exit(0)\n"})
    report, _ = grade(assignment, handed_in, runner, trial=trial)
    assert rounds[:8] == [False] * 7 + [True]
    assert next(i for i in report.items if i.id == "softmax.values").verdict.outcome is Outcome.UNGRADED
    assert next(i for i in report.items if i.id == "sgd.steps").verdict.outcome is Outcome.NOT_MET


FORGED = """
class PackageNotAvailable(ImportError): pass
words = "the package {0!r} is not available here".format("pass" + "word")
def softmax(x): raise WHAT
"""


@pytest.mark.parametrize("what", [
    "ModuleNotFoundError(words, name='password')", "ModuleNotFoundError('No module named numpy')", "PackageNotAvailable('needs ' + words)",
    "ModuleNotFoundError(\"No module named 'softmax'\")", "ModuleNotFoundError", "PackageNotAvailable('numpy')",
    "__import__('submit') and ModuleNotFoundError(\"No module named 'submit'\")",
])
@pytest.mark.parametrize("where", ["called", "loaded"])
def test_a_package_that_nothing_imports_is_not_missing(
    what: str, where: str, assignment: Assignment, trial: Trial, runner: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who raises the words of a missing package has raised an exception: lost, not left to a person, and not asked again."""
    programs: list[Program] = []

    def observe(program: Program, *given: Any) -> Any:
        programs.append(program)
        return ForkServer.observe(runner, program, *given)

    monkeypatch.setattr(runner, "observe", observe)
    code = FORGED.replace("WHAT", what) + (f"\nraise {what}\n" if where == "loaded" else "")
    report, recorded = grade(assignment, submission("submit.py", files(RIGHT + code)), runner, trial=trial, items=["softmax.values"])
    (item,) = report.items
    assert (item.verdict.outcome, item.verdict.credit) == (Outcome.NOT_MET, 0)
    assert "ImportError" in item.verdict.message
    assert {p.placeholders for p in programs} == {recorded.placeholders} == {()}


@pytest.mark.parametrize(("also", "package"), [
    ("import tensorflow", "tensorflow"),
    ("from tensorflow.keras import layers as l", "tensorflow"),
    ("import os, sklearn.svm", "sklearn"),
    ("try:\n    import torch\nexcept ImportError:\n    raise ModuleNotFoundError('install torch first')", ""),
    ("try:\n    import torch\nexcept ImportError:\n    torch = None", ""),
    ("import importlib\nimportlib.import_module('sklearn.svm')", "sklearn"),
    ("for name in ('json', 'sklearn'):\n    __import__(name)", "sklearn"),
    ("exec('import jax.numpy as jnp')", "jax"),
    ("from .treebank import load", "treebank"),
])
def test_a_package_that_the_code_imports_is_missing(
    also: str, package: str, assignment: Assignment, trial: Trial, runner: ForkServer
) -> None:
    """A placeholder takes its place, and whoever gets on without it loses nothing."""
    report, recorded = grade(assignment, submission("submit.py", files(f"{also}\n{RIGHT}")), runner, trial=trial, items=["softmax.values"])
    assert recorded.placeholders == ((package,) if package else ())
    assert [i.verdict.outcome for i in report.items] == [Outcome.MET]


@pytest.mark.parametrize("body", [
    "import sklearn.svm; sklearn.svm.SVC()", "from importlib import import_module; import_module('sklearn').svm.SVC()",
    "raise ModuleNotFoundError('sklearn it is')",
    "import numpy.nosuch", "raise ModuleNotFoundError(\"No module named '_tkinter'\")",
])
def test_a_function_that_needs_a_package_is_not_graded(body: str, assignment: Assignment, trial: Trial, runner: ForkServer) -> None:
    """Imported where it is used, by name, or by what comes with Python in turn."""
    code = f"\nif False:\n    import sklearn\ndef softmax(x):\n    {body}\n"
    report, _ = grade(assignment, submission("submit.py", files(RIGHT + code)), runner, trial=trial, items=["softmax.values"])
    assert [i.verdict.outcome for i in report.items] == [Outcome.UNGRADED]


@pytest.mark.parametrize(("top", "inside"), [
    ("from numpy import nosuch, exp as e", "pass"), ("from numpy import exp as e, nosuch", "pass"),
    ("from numpy import exp as e", "from numpy import nosuch"), ("from numpy import exp as e", "from numpy.linalg import nosuch"),
])
def test_a_name_that_this_numpy_has_not_is_no_fault_of_who_uses_it(
    top: str, inside: str, assignment: Assignment, trial: Trial, runner: ForkServer
) -> None:
    """It may have been another one's: that function is left to a person; whoever uses only what is there loses nothing."""
    code = f"\n{top}\ndef softmax(x):\n    x = e(x - x.max(-1, keepdims=True))\n    return x / x.sum(-1, keepdims=True)\n"
    code += f"def sigmoid(x):\n    {inside}\n    return nosuch(x)\n"
    report, _ = grade(assignment, submission("submit.py", files(RIGHT + code)), runner, trial=trial, items=["softmax.values", "sigmoid.values"])
    assert [i.verdict.outcome for i in report.items] == [Outcome.MET, Outcome.UNGRADED]
    assert "nosuch" in report.items[1].verdict.message


@pytest.mark.parametrize(("packages", "outcome"), [(("scipy",), Outcome.UNGRADED), (("pandas",), Outcome.NOT_MET), ((), Outcome.NOT_MET)])
def test_what_a_package_of_the_courses_lacks_is_not_the_students(
    packages: tuple[str, ...], outcome: Outcome, assignment: Assignment, trial: Trial, runner: ForkServer
) -> None:
    """Nobody here has read which others it imports."""
    course = replace(assignment, interface=assignment.interface.model_copy(update={"packages": packages}))
    code = "\ndef softmax(x):\n    raise ModuleNotFoundError(\"No module named 'pooch'\")\n    import scipy.datasets\n"
    report, _ = grade(course, submission("submit.py", files(RIGHT + code)), runner, trial=trial, items=["softmax.values"])
    assert [i.verdict.outcome for i in report.items] == [outcome]


def test_all_rounds_of_asking_try_one_patience(
    assignment: Assignment, trial: Trial, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Functions that compute and end the process, each with neighbours for which the course's are put: it is over after the first."""
    code = "import os, time\n" + "".join(
        f"def {f.name}(*given, **named):\n    while time.process_time() < 1.5: pass\n    os._exit(0)\n" for f in assignment.interface.functions)
    rounds: list[int] = []
    with ForkServer(Limits(wall_factor=60.0, patience=0.5), level=BEST[0]) as hurried:

        def observe(*given: Any) -> Any:
            found = ForkServer.observe(hurried, *given)
            rounds.append(sum(isinstance(o, Died) for answers in found for o in answers))
            return found

        monkeypatch.setattr(hurried, "observe", observe)
        report, _ = grade(assignment, submission("submit.py", files(code)), hurried, trial=trial)
    assert rounds == [1, *[0] * (len(rounds) - 1)]
    assert len(rounds) > 1
    assert not any(i.verdict.credit for i in report.items)


def test_whoever_answers_much_fills_only_so_much_of_the_disk(assignment: Assignment, trial: Trial, runner: ForkServer) -> None:
    """Three megabytes for every question; a right submission's observations take a tenth of one."""
    code = "".join(f"def {f.name}(*given, **named): return np.ones(3 << 17)\n" for f in assignment.interface.functions)
    report, recorded = grade(assignment, submission("submit.py", files("import numpy as np\n" + code)), runner, trial=trial)
    assert len(recording.dumps(recorded, report)) < 200 << 20
    assert not any(i.verdict.credit for i in report.items)


def test_a_table_of_published_inputs_holds_for_one_seed_only(assignment: Assignment, trial: Trial, runner: ForkServer) -> None:
    """Whoever knows the default seed's inputs by heart is right on these; another seed tells."""
    item = next(i for i in assignment.rubric.items if i.id == "normalize.values")
    table = []
    for group_or_probe in item.check.plan(trial):
        x = np.asarray(group_or_probe.args[0], float)
        table.append((x.tolist(), assignment.oracle.functions["normalizeRows"](x.copy()).tolist()))
    cheat = f"""
_TABLE = {table!r}
def normalizeRows(x):
    for known, answer in _TABLE:
        if np.shape(known) == x.shape and np.allclose(known, x):
            return np.array(answer)
    return x
"""
    handed_in = submission("submit.py", files(RIGHT + cheat))
    assert lost(grade(assignment, handed_in, runner, trial=trial)[0]) == set()
    assert lost(grade(assignment, handed_in, runner, seed=trial.seed + 1)[0]) == set(ONE)


HARMLESS = {"wire.py": b"", "worker.py": b"raise SystemExit", "json.py": b"dumps = 0", "calls.py": b"1 / 0", "child.py": b"", "zygote.py": b"",
            "signal.py": b"", "grader/__init__.py": b"", "reference/__init__.py": b""}


@pytest.mark.parametrize("names", [tuple(HARMLESS), *((n,) for n in HARMLESS)], ids="+".join)
def test_files_called_like_ours_change_nothing(names: tuple[str, ...], assignment: Assignment, trial: Trial, runner: ForkServer) -> None:
    """They are the student's modules, and nobody else's."""
    handed_in = submission("homework", {**files(RIGHT), **{n: HARMLESS[n] for n in names}})
    assert lost(grade(assignment, handed_in, runner, trial=trial)[0]) == set()


def test_a_numpy_of_their_own_is_their_own_loss(assignment: Assignment, trial: Trial, runner: ForkServer) -> None:
    """Everything is lost, nothing is broken, and the next submission is not touched."""
    handed_in = submission("homework", {**files(RIGHT), "numpy.py": b"def __getattr__(name): return lambda *a, **k: 0"})
    assert len(lost(grade(assignment, handed_in, runner, trial=trial)[0])) > 20
    assert lost(grade(assignment, submission("submit.py", files(RIGHT)), runner, trial=trial)[0]) == set()


@pytest.mark.parametrize(("source", "everything"), [
    (RIGHT.encode("utf-8-sig"), False),
    (b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + RIGHT.encode("latin-1", "replace"), False),
    (b"# caf\xe9\n" + RIGHT.encode("latin-1", "replace"), False),
    (RIGHT.replace("\n", "\r\n").encode(), False),
    ((RIGHT + "\nx = " + "-" * 200_000 + "1\n").encode(), True),
    ((RIGHT + "\nx = " + "(" * 500 + "1" + ")" * 500 + "\n").encode(), True),
    ((RIGHT + "\nTEXT = '''" + "long text\n" * 300_000 + "'''\n").encode(), False),
    ((RIGHT + "\n" + "".join(f"def f{i}(x): return x\n" for i in range(20_000))).encode(), False),
    (RIGHT.encode() + b"\n\0\n", True),
], ids=["mark", "latin-1", "undeclared", "crlf", "minuses", "parentheses", "3 MB", "functions", "nul"])
def test_odd_sources_lose_all_or_nothing(
    source: bytes, everything: bool, assignment: Assignment, trial: Trial, runner: ForkServer
) -> None:
    """What Python can load keeps all points; what it cannot is a verdict, never an error of ours."""
    report, _ = grade(assignment, submission("submit.py", files(source)), runner, trial=trial)
    assert lost(report) == ({i.id for i in assignment.rubric.items} if everything else set())
