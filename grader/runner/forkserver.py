"""The fork server: one child of the zygote answers all groups in order; a fresh one goes on where one was lost."""

from typing import TYPE_CHECKING, Self

from grader.runner.protocol import Answered, Isolation, Limits, Program, ignore
from grader.runner.zygote import Zygote

if TYPE_CHECKING:  # they import numpy, and a runner is started before that
    from collections.abc import Iterable

    from grader.core.observation import Observation
    from grader.core.probe import Group

HOLDS = (
    "a process of its own, which never held the reference, the rubric or the grader's environment",
    "no descriptor but its own pipes",
    "CPU and wall-clock time per item",
    "address space, size of files, number of open files",
    "whatever it leaves running is ended",
)
LACKS = (
    "files of the same user can be read and written",
    "the network can be used",
    "processes can be started, and those of the same user signalled or traced",
)


class ForkServer:
    """A `Runner`: processes and resource limits, and no wall beyond those (level F).

    The constructor starts the zygote and returns at once, so that it imports numpy while the caller does.

    Parameters
    ----------
    limits : Limits
        What one child may use.

    Raises
    ------
    GraderError
        If no worker can be started on this machine.
    """

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self.limits = limits
        self.zygote = Zygote()

    @property
    def isolation(self) -> Isolation:
        """Resource limits only."""
        return Isolation("F", HOLDS, LACKS)

    def observe(
        self, program: Program, groups: "Iterable[Group]", answered: Answered = ignore
    ) -> "list[tuple[Observation, ...]]":
        """Put every probe; see `Runner`."""
        from grader.runner.session import Session  # noqa: PLC0415 - imports numpy, which the zygote is doing just now

        return Session(self, program).observe(groups, answered)

    def renew(self) -> None:
        """A new zygote in the place of one that was lost."""
        self.zygote.close()
        self.zygote = Zygote()

    def close(self) -> None:
        """End every process."""
        self.zygote.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
