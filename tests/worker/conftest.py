"""One process for a few lines of code."""

from collections.abc import Callable

import pytest

from grader.core.observation import Observation
from grader.core.probe import Group, Probe
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Program, Source


@pytest.fixture
def asked() -> Callable[..., list[Observation]]:
    """Answers to one call of each function, in order, in one process; the calls differ by their argument."""
    def ask(text: str, *names: str, stateless: bool = False) -> list[Observation]:
        program = Program((Source("submit", "submit.py", text),), dict.fromkeys(names, ("submit",)), stateless=stateless)
        with ForkServer() as server:
            return [o for (o,) in server.observe(program, [Group((Probe(name, (float(i),)),)) for i, name in enumerate(names, 1)])]

    return ask
