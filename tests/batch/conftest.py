"""A small course, classes of it, and a look into what a run has stored."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from grader.batch.run import Graded, Wish, grade_class
from grader.core.replay import typed_names
from tests.course.conftest import write_assignment

INTERFACE = '''
from grader.core.interface import ArraySpec, DimRange, FunctionSpec, Interface, Param, Result

VECTOR = ArraySpec(shape="N")
INTERFACE = Interface(
    slug="demo", title="Demo", dims={"N": DimRange(low=2, high=5)},
    functions=tuple(
        FunctionSpec(name=name, module="hw", params=(Param(name="x", spec=VECTOR),), returns=(Result(name="y", spec=VECTOR),))
        for name in ("double", "square")
    ),
)
'''
SOLUTIONS = '''
def double(x):
    return 2 * x

def square(x):
    return x * x

FUNCTIONS = {"double": double, "square": square}
'''
CHECKS = '''
"""Trusted code of the course, in which the grader's own process can be lost, hang, or fail."""
import os, signal, time
from typing import Literal
from grader.checks.base import Check
from grader.core.observation import Returned
from grader.core.reason import Reason
from grader.core.verdict import met, not_met

class Trap(Check):
    kind: Literal["trap"] = "trap"

    def plan(self, trial):
        return tuple(c.probe for c in trial.cases(self.function))

    def judge(self, trial, observations, follow_up=()):
        said = {o.value if isinstance(o, Returned) else None for o in observations if not hasattr(getattr(o, "value", None), "shape")}
        if "kill" in said:
            os.kill(os.getpid(), signal.SIGKILL)
        if "hang" in said:
            time.sleep(1000)
        return not_met(Reason.VALUE, "") if "fail" in said else met()

    def follow_up(self, trial, observations):
        raise RuntimeError("a mistake of ours")
'''
RUBRIC = '''
[assignment]
slug = "demo"

[[item]]
id = "double.values"
title = "double doubles"
points = 2
seconds = 0.3
check = { kind = "values", function = "double", rtol = 1e-6, atol = 1e-9 }

[[item]]
id = "double.more"
title = "double doubles more"
points = "1/3"
seconds = 0.3
needs = ["double.values"]
check = { kind = "values", function = "double", cases = [{ N = 4 }] }

[[item]]
id = "square.values"
title = "square squares"
points = 3
seconds = 0.3
check = { kind = "values", function = "square" }

[[item]]
id = "trap"
title = "nothing"
points = 1
seconds = 0.3
check = { kind = "trap", function = "square" }
'''
RIGHT = "def double(x):\n    return 2 * x\n\ndef square(x):\n    return x * x\n"
KINDS = {
    "right": RIGHT,
    "near": RIGHT.replace("2 * x", "2.00001 * x"),
    "wrong": RIGHT.replace("x * x", "x + x"),
    "raises": RIGHT.replace("return x * x", "raise ValueError(x)"),
}


@pytest.fixture(autouse=True)
def _bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers start in half the time."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one assignment, ``demo``, whose trap item is met by everyone who sets no trap off."""
    return write_course(tmp_path / "course")


def write_course(root: Path) -> Path:
    """The files of the course."""
    write_assignment(root, INTERFACE, SOLUTIONS, RUBRIC)
    (root / "reference/demo/checks.py").write_text(CHECKS)
    return root


@pytest.fixture
def edit(course: Path) -> Callable[[str, str], None]:
    """Change the rubric: the old text must be there."""

    def change(old: str, new: str) -> None:
        file = course / "rubrics/demo.toml"
        text = file.read_text()
        assert old in text, old
        file.write_text(text.replace(old, new, 1))

    return change


@pytest.fixture
def make(tmp_path: Path) -> Callable[[int], Path]:
    """A class of so many different submissions, of the four kinds in turn."""

    return lambda count: write_class(tmp_path / "class", count)


def write_class(folder: Path, count: int) -> Path:
    """The files of a class."""
    folder.mkdir()
    for i in range(count):
        kind = list(KINDS)[i % len(KINDS)]
        (folder / f"{kind}{i:03}.py").write_text(f"{KINDS[kind]}# number {i}\n")
    return folder


@pytest.fixture
def graded(course: Path, tmp_path: Path) -> Callable[..., Graded]:
    """Grade a class in this process, quietly, into ``run``."""

    def run(folder: Path, **wish: Any) -> Graded:
        return grade_class(folder, tmp_path / "run", Wish(course, **{"names": typed_names(course, None), "quiet": True, "jobs": 1, **wish}))

    return run


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of the run."""
    return tmp_path / "run"


def command(*args: object, cwd: Path, **options: Any) -> "subprocess.Popen[str]":
    """The command line, in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"COLUMNS": "80"}
    return subprocess.Popen([sys.executable, "-m", "grader", *map(str, args)], cwd=cwd, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=environment, start_new_session=True, **options)


def rows(out: Path) -> dict[str, Any]:
    """What is stored of each submission, apart from times: status, verdicts, reports but for their timings."""
    with closing(sqlite3.connect(out / "run.sqlite")) as store:
        found: dict[str, Any] = {
            key: {"status": status, "sha256": sha, "remarks": remarks}
            for key, status, sha, remarks in store.execute("select key, status, sha256, remarks from result")}
        for key, *verdict in store.execute("select * from verdict order by key, item"):
            found[key].setdefault("verdicts", []).append(verdict)
    for key, row in found.items():
        report = out / "reports" / f"{key}.json"
        row["report"] = {k: v for k, v in json.loads(report.read_text()).items() if k != "timings"} if report.exists() else None
    return found


def times_graded(out: Path) -> dict[str, int]:
    """How often student code was run for each row."""
    with closing(sqlite3.connect(out / "run.sqlite")) as store:
        return dict(store.execute("select key, times_graded from result"))
