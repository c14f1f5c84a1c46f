"""Starters are graded as students' work is: by processes of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.runner.forkserver import ForkServer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def runner() -> Iterator[ForkServer]:
    """One for all."""
    with ForkServer() as server:
        yield server
