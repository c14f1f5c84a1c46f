"""The isolation levels that can be had on this machine, by this user."""

from functools import cache

from grader.core.errors import GraderError
from grader.core.observation import HostError
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits
from tests.attacks.harness import PRELUDE, _asked

LIMITS = Limits(load_seconds=2.0, repeat_seconds=0.1, wall_factor=60.0, memory=1 << 29, reply=1 << 22)


def server_at(level: str, limits: Limits = LIMITS) -> ForkServer:
    """A fork server of that level."""
    return ForkServer(limits, level=level)


@cache
def levels(wanted: str = "ABC") -> tuple[str, ...]:
    """Those of the wanted levels at which a right function is answered here."""
    return tuple(level for level in wanted if _works(level))


def _works(level: str) -> bool:
    try:
        with server_at(level) as server:
            ((answer,),) = server.observe(*_asked(PRELUDE, "ok"))
            return not isinstance(answer, HostError)
    except GraderError:
        return False
