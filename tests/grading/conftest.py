"""A runner without processes, for tests of what is made of observations."""

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.core.observation import Frame, Observation, Raised, Returned, StandInCall, Unavailable
from grader.core.probe import Group, Probe, StandIn, Value
from grader.course import Assignment, load_assignment
from grader.runner.protocol import Isolation, Program
from grader.trial import materialise
from grader.worker.standins import build

ROOT = Path(__file__).parents[2]


class InProcess:
    """Calls the functions right here: trusted code only. Every module is one namespace, in order."""

    isolation = Isolation("none")

    def __init__(self) -> None:
        self.programs: list[Program] = []

    def observe(self, program: Program, groups: Sequence[Group]) -> list[tuple[Observation, ...]]:
        """Every probe, in order."""
        self.programs.append(program)
        space: dict[str, Any] = {"__name__": "submit"}
        broken: Raised | None = None
        for module in program.modules:
            try:
                exec(compile(module.text, module.path, "exec"), space)
            except Exception as error:
                broken = Raised(type(error).__name__, str(error))
        helpers: dict[str, Any] = {}
        for source in program.support:
            if source.name == "helpers":
                exec(source.text, helpers)
        space |= {name: helpers[name] for name in program.substitutes}
        return [tuple(self._ask(space, p, broken) for p in group.probes) for group in groups]

    def _ask(self, space: dict[str, Any], probe: Probe, broken: Raised | None) -> Observation:
        function = space.get(probe.function)
        if not callable(function):
            return Unavailable(probe.function, broken)
        notes: list[StandInCall] = []
        args = [self._argument(i, a, space, notes) for i, a in enumerate(probe.args)]
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out), np.errstate(all="ignore"):
                value = function(*args)
        except Exception as error:
            return Raised(type(error).__name__, str(error), (Frame("submit.py", 1, probe.function, "..."),))
        pairs = enumerate(zip(args, probe.args, strict=True))
        changed = tuple(i for i, (a, b) in pairs if isinstance(b, np.ndarray) and a.tobytes() != b.tobytes())
        return Returned(value, changed, out.getvalue(), tuple(notes))

    def _argument(self, position: int, value: Value, space: dict[str, Any], notes: list[StandInCall]) -> Any:
        if not isinstance(value, StandIn):
            return materialise(value, space)

        def note(method: str, args: tuple[Any, ...]) -> None:
            if len(notes) < value.record:
                notes.append(StandInCall(position, method, args))

        return build(value.name, value.data, note)

    def close(self) -> None:
        """Nothing to end."""

    def __enter__(self) -> "InProcess":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@pytest.fixture
def runner() -> InProcess:
    """A fresh one for each test."""
    return InProcess()


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    """The assignment that ships with the project."""
    return load_assignment(ROOT, "cs224n_a1")
