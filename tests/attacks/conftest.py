"""One scene, and one fork server for each isolation level that can be had here."""

import fcntl
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


@pytest.fixture(autouse=True)
def one_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests may run side by side in several processes: what another one's attack leaves would be taken for damage of this one's."""
    with (tmp_path_factory.getbasetemp().parent / "attacks.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
