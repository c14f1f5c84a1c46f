"""One fork server for all tests of a room, and programs written as text."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from grader.core.observation import Observation
from grader.core.probe import Group, Probe
from grader.runner.forkserver import ForkServer
from grader.runner.levels import bubblewrap
from grader.runner.protocol import Limits, Program, Source


@pytest.fixture(scope="session")
def quick() -> Limits:
    """Small enough that a test which runs into one of them is quick."""
    return Limits(load_seconds=0.3, repeat_seconds=0.1, wall_factor=6.0, memory=1 << 29, reply=1 << 22)


LEVELS = ("F", "B", "C", *(["A"] if bubblewrap() else []))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that uses the server runs at every level; ``levels("F")`` names those where its question has a meaning."""
    if "level" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("levels")
        metafunc.parametrize("level", [x for x in (mark.args if mark else LEVELS) if x in LEVELS], scope="session")


@pytest.fixture(scope="session")
def server(quick: Limits, level: str) -> Iterator[ForkServer]:
    with ForkServer(quick, level=level) as server:
        yield server


@pytest.fixture(scope="session")
def program() -> Callable[[str], Program]:
    """One file, in which every function is looked for."""

    def make(text: str) -> Program:
        return Program((Source("submit", "submit.py", text),), dict.fromkeys(("f", "g", "h", "ok"), ("submit",)))

    return make


X = np.arange(6.0).reshape(2, 3)
OK = "def ok(x):\n    return x * 2\n"


@pytest.fixture
def run(server: ForkServer, program: Callable[[str], Program]) -> Callable[..., Observation]:
    """What comes of ``f(x)`` in a file; every time it is checked that the next item is not touched by it."""

    def ask(text: str, *args: object, seconds: float = 0.5) -> Observation:
        probe = Probe("f", args or (X,))
        group = Group((probe,), seconds)
        (answer,), (after,) = server.observe(program(OK + text), [group, Group((Probe("ok", (X,)),))])
        np.testing.assert_array_equal(after.value, X * 2)
        return answer

    return ask
