"""Tricks and misfortunes through the whole of grading: exactly the items that a function lost are lost."""

import hashlib
import os
from collections.abc import Iterator
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
from grader.runner.protocol import Limits
from grader.submission.source import submission
from grader.trial import Trial
from tests.attacks.harness import Scene, descendants, open_descriptors
from tests.attacks.levels import levels
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


@pytest.mark.parametrize("trick", [pytest.param(t, id=t.name.replace(" ", "-")) for t in TRICKS])
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
import sys
def softmax(x): return x
count = len(sys.meta_path[0].placeholders)
raise ModuleNotFoundError(f"the package 'p{count}' is not available here", name=f"p{count}")
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
