"""A runner without processes, for tests of what is made of observations."""

from collections.abc import Collection, Iterable
from typing import Any, Self

import pytest

from grader.core.observation import Observation, Raised, Unavailable
from grader.core.probe import Group, Probe
from grader.runner.protocol import Answered, Isolation, Program, ignore
from tests.checks.inprocess import call


class InProcess:
    """Calls the functions right here: trusted code only. Every module is one namespace, in order."""

    isolation = Isolation("none")

    def __init__(self) -> None:
        self.programs: list[Program] = []

    def observe(self, program: Program, groups: Iterable[Group], answered: Answered = ignore, doubted: Collection[str] = (), patience: object = None) -> list[tuple[Observation, ...]]:
        """Every probe, in order."""
        self.programs.append(program)
        space: dict[str, Any] = {"__name__": "submit"}
        broken: Raised | None = None
        for module in program.modules:
            try:
                exec(compile(module.text, module.path, "exec"), space)
            except Exception as error:  # noqa: BLE001 - whatever a file raises
                broken = Raised(type(error).__name__, str(error))
        helpers: dict[str, Any] = {}
        for source in program.support:
            if source.name == "helpers":
                exec(source.text, helpers)
        space |= {name: helpers[name] for name in program.substitutes}
        found = [tuple(self._ask(space, p, broken) for p in group.probes) for group in groups]
        for number, answers in enumerate(found):
            answered(number, answers, "")
        return found

    def _ask(self, space: dict[str, Any], probe: Probe, broken: Raised | None) -> Observation:
        function = space.get(probe.function)
        if not callable(function):
            return Unavailable(probe.function, broken)
        return call(probe, function)

    def close(self) -> None:
        """Nothing to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@pytest.fixture
def runner() -> InProcess:
    """A fresh one for each test."""
    return InProcess()
