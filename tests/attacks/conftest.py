"""One scene, and one fork server for each isolation level that can be had here."""

from collections.abc import Iterator

import pytest

from grader.runner.forkserver import ForkServer
from tests.attacks.harness import Scene
from tests.attacks.levels import LIMITS, levels, server_at


@pytest.fixture(scope="session")
def scene() -> Iterator[Scene]:
    """Where the attacks act; its secret is in this process's environment, too."""
    with Scene() as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CANARY", made.secret)
        yield made


@pytest.fixture(scope="session", params=levels())
def server(request: pytest.FixtureRequest, scene: Scene) -> Iterator[ForkServer]:
    """Started while the operator's environment holds the secret."""
    with server_at(request.param, LIMITS) as made:
        yield made
