"""The fork server: one child of the zygote answers all groups in order; a fresh one goes on where one was lost."""

import contextlib
from functools import cached_property
from typing import TYPE_CHECKING, Self

from grader.core.errors import GraderError
from grader.runner import levels, startup
from grader.runner.protocol import Answered, Isolation, Limits, Patience, Program, ignore
from grader.runner.zygote import Zygote

if TYPE_CHECKING:  # they import numpy, and a runner is started before that
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from grader.core.observation import Observation
    from grader.core.probe import Group
    from grader.runner.codec import AnswerReader
    from grader.runner.fresh import Fresh


class ForkServer:
    """A `Runner` whose children are forked from one worker, behind the best walls that this machine has.

    On macOS, and at level E, each is started by itself instead.

    The constructor starts the zygote and returns at once, so that it imports numpy while the caller does.

    Parameters
    ----------
    limits : Limits
        What one child may use.
    demand : str
        ``required``: with Landlock or seccomp or not at all. ``best-effort``: with what there is. ``none``: with no walls.
    level : str or None
        Exactly this level, whatever the demand.

    Attributes
    ----------
    spare : list of callable
        What the caller would like to have done while this thread has nothing to do but wait: done from the end, once each.

    Raises
    ------
    GraderError
        If no worker can be started on this machine.
    """

    def __init__(
        self, limits: Limits = Limits(), demand: levels.Demand = "required", level: str | None = None  # noqa: B008 - frozen
    ) -> None:
        self.limits = limits
        self.spare: list[Callable[[], object]] = []
        self._tried = levels.tried(demand, level)
        self._alone = level == "E" or levels.on_macos()
        if not self._tried:
            raise levels.not_enough_on_macos()
        self._outer = bool(levels.bubblewrap()) if level is None and demand != "none" and not self._alone else level == "A"
        self._insists = level is not None
        if level == "A" and not levels.bubblewrap():
            raise GraderError("level A needs bubblewrap (bwrap), which is not installed here")
        self.zygote: Zygote | Fresh = self._new_zygote({})
        startup.close_memory()
        self._undo = contextlib.ExitStack()
        self._undo.callback(startup.open_memory)
        self._packages: dict[str, list[str]] = {}

    @cached_property
    def isolation(self) -> Isolation:
        """What was measured when the worker started.

        Raises
        ------
        GraderError
            If nothing that was demanded holds on this machine.
        """
        try:
            isolation = self.zygote.isolation
        except GraderError:
            if not self._outer or self._insists:
                raise
            self._outer = False  # bubblewrap is here, but this machine does not let it work
            self.renew()
            isolation = self.zygote.isolation
        self._tried = (self.zygote.level,)  # so that the label is true of a worker that takes its place, too
        return isolation

    @cached_property
    def reader(self) -> "AnswerReader":
        """Reads the answers of all submissions."""
        from grader.runner.codec import AnswerReader  # noqa: PLC0415 - as in `observe`

        return AnswerReader(self.limits)

    def observe(
        self, program: Program, groups: "Iterable[Group]", answered: Answered = ignore, doubted: "Collection[str]" = (),
        patience: Patience | None = None,
    ) -> "list[tuple[Observation, ...]]":
        """Put every probe; see `Runner`.

        Raises
        ------
        GraderError
            If nothing that was demanded holds on this machine.
        """
        from grader.runner.session import Session  # noqa: PLC0415 - imports numpy, which the zygote is doing just now

        try:
            _ = self.isolation
            self.zygote.learn()
        except levels.NotConfined:
            raise
        except GraderError:  # the worker was lost: the session takes another one, or says so
            pass
        self._may_import({name: places for name in program.packages if (places := levels.package(name))})
        return Session(self, program, {}, patience or Patience()).observe(groups, answered, doubted)

    def _new_zygote(self, packages: dict[str, list[str]]) -> "Zygote | Fresh":
        """Bubblewrap is the wall around another one: by itself it is no level."""
        inside = tuple(level for level in self._tried if level in levels.DEMANDS["required"])
        try:
            if self._alone:
                from grader.runner.fresh import Fresh  # noqa: PLC0415 - not needed on Linux

                return Fresh(self._tried, packages)
            return Zygote(inside if self._outer else self._tried, outer=self._outer, packages=packages)
        except OSError as error:  # no descriptors, no room for a scratch folder
            raise GraderError(f"no worker could be started: {error}") from error

    def _may_import(self, packages: dict[str, list[str]]) -> None:
        self._packages = packages
        if self._outer and not packages.items() <= self.zygote.packages.items():
            self.renew()
        self.zygote.packages = packages

    def keep_from(self, *secrets: "Path") -> None:
        """Make sure that nothing of this lies where student code may read: the reference, rubrics, submissions.

        Raises
        ------
        GraderError
            If it does.
        """
        for secret in levels.exposed(levels.readable(), secrets):
            raise GraderError(f"{secret} lies in a folder that student code may read, with the Python installation: move it elsewhere")

    def renew(self) -> None:
        """A new zygote in the place of one that was lost."""
        self.zygote.close()
        self.zygote = self._new_zygote(self._packages)

    def close(self) -> None:
        """End every process."""
        self.zygote.close()
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
