"""One scene, and one fork server for each isolation level that can be had here."""

from collections.abc import Iterator

import pytest

from grader.runner.forkserver import ForkServer
from tests.attacks.harness import Scene
from tests.attacks.levels import LIMITS, levels, server_at


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Where the attacks act."""
    monkeypatch = pytest.MonkeyPatch()
    with Scene() as made, monkeypatch.context() as patch:
        patch.setenv("CANARY", made.secret)
        yield made


@pytest.fixture(scope="session", params=levels())
def server(request: pytest.FixtureRequest, scene: Scene) -> Iterator[ForkServer]:
    """Started while the operator's environment holds the secret."""
    with server_at(request.param, LIMITS) as made:
        yield made
