"""Executors: where the submissions of a run are worked on. To add one, write ``executors/<name>.py`` and one entry here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from grader.batch.job import Done, Job, Setup


@dataclass(frozen=True, slots=True)
class Resources:
    """What an executor may use.

    Parameters
    ----------
    jobs : int
        Submissions at a time.
    seconds : float
        Wall-clock seconds after which a submission counts as lost: beyond every limit that the runner itself keeps.
    address : str
        Of what the executor connects to; empty if it needs nothing.
    """

    jobs: int
    seconds: float
    address: str = ""


class Executor(Protocol):
    """Works on jobs; see `grader.batch.work` for what that means."""

    def __call__(self, setup: Setup, resources: Resources, jobs: Iterable[Job]) -> Iterator[Done]:
        """Work on all jobs and yield one `Done` for each, in the order in which they end.

        Jobs are taken from the iterable as there is room for them, so that memory does not grow with their number. Whoever
        closes the generator ends every process and gets nothing more.

        Raises
        ------
        CourseError, GraderError
            If the course or the machine does not let anything be graded.
        """
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """An executor, imported when first used."""

    module: str
    function: str

    def load(self) -> Executor:
        """The executor itself."""
        return cast("Executor", getattr(import_module(self.module), self.function))


EXECUTORS: Mapping[str, Entry] = {
    "local": Entry("grader.batch.executors.local", "local"),
    "dask": Entry("grader.batch.executors.dask", "dask"),
}
"""Executors by name."""
