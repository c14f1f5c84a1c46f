"""What tests of several rooms need: the assignment that ships with the project, and a runner that is quick about what never loads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course import Assignment, load_assignment
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    """The assignment that ships with the project."""
    return load_assignment(Path(__file__).parents[1], "cs224n_a1")


@pytest.fixture(scope="module")
def confined() -> Iterator[ForkServer]:
    """Processes of their own, as students' code has them."""
    with ForkServer(Limits(load_seconds=0.5, wall_factor=30.0)) as server:  # however busy the machine: CPU time decides
        yield server
