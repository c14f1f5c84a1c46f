"""What every runner promises, whatever isolation it gives."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:  # they import numpy, and a runner is started before that
    from collections.abc import Callable, Collection, Iterable
    from typing import TypeAlias

    from grader.core.observation import Observation
    from grader.core.probe import Group

    Answered: TypeAlias = Callable[[int, tuple[Observation, ...], str], Iterable[Group]]
else:
    Answered = object


def ignore(_group: int, _answers: "tuple[Observation, ...]", _remark: str) -> "tuple[Group, ...]":
    """For whoever waits for all answers."""
    return ()


@dataclass(frozen=True, slots=True)
class Source:
    """One module as it travels to the worker.

    Parameters
    ----------
    name : str
        Dotted module name: ``q1_softmax``, ``utils.treebank``.
    path : str
        Path as the student knows it, for tracebacks: ``assignment1/q1_softmax.py``.
    text : str
        Its source.
    """

    name: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Program:
    """Everything of a submission that the worker may see.

    Parameters
    ----------
    modules : tuple of Source
        The student's files.
    lookup : mapping of str to tuple of str
        For each function of the interface, the student's modules to look in, in this order.
    support : tuple of Source
        Modules that the course supplies; they never count as the student's.
    substitutes : mapping of str to str
        Function name to the support module whose function replaces the student's wherever a student module refers to it.
        Only in a worker of its own, whose answers count for other functions.
    packages : tuple of str
        Third-party packages that may be imported, besides numpy.
    placeholders : tuple of str
        Packages that are not here: importing one yields an object that raises ``PackageNotAvailable`` when it is used.
    stateless : bool
        Whether it is proven that none of its functions keeps anything between calls, see `grader.submission.stateless`.
    """

    modules: tuple[Source, ...]
    lookup: "dict[str, tuple[str, ...]]"
    support: tuple[Source, ...] = ()
    substitutes: "dict[str, str]" = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    stateless: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use.

    Parameters
    ----------
    load_seconds : float
        CPU seconds for loading the submission's modules.
    wall_factor : float
        Wall-clock seconds granted for each CPU second, so that a busy machine costs nobody a point.
    repeat_seconds : float
        CPU seconds for a group whose function has already timed out in an earlier group.
    memory : int
        Bytes of address space beyond the bare worker's.
    file_size : int
        Bytes per file.
    output : int
        Bytes of printed text kept per call.
    reply : int
        Bytes of one answer; its arrays may take half of them, which is a thousand by a thousand numbers.
    answers : int
        Bytes that the grader keeps of all answers to one round of questions, roughly: those to one group may take half of what
        is left, or `few`. Right solutions of the assignment that ships take a tenth of it, and all of it may have to be stored.
    few : int
        Bytes that the answers to any group may take, whatever others have taken.
    patience : float
        Seconds, of CPU time or of sleep, that may go into children of one submission that are lost, and into loading; and of sleep
        at any time. What comes after that is not asked.
    """

    load_seconds: float = 10.0
    wall_factor: float = 4.0
    repeat_seconds: float = 1.0
    memory: int = 1 << 30
    file_size: int = 1 << 20
    output: int = 4096
    reply: int = 16 << 20
    answers: int = 32 << 20
    few: int = 1 << 20
    patience: float = 120.0


@dataclass(slots=True)
class Patience:
    """How far a submission has tried it, in all rounds of asking together.

    Parameters
    ----------
    tried : float
        Seconds that count of those that have gone into it, see `Limits.patience`.
    """

    tried: float = 0.0


@dataclass(frozen=True, slots=True)
class Isolation:
    """How the student's code was kept apart: measured, not configured.

    Parameters
    ----------
    level : str
        ``F`` (a process of its own with resource limits) up to ``A``.
    holds, lacks : tuple of str
        What a trial at start-up showed to be contained, and what not.
    """

    level: str
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


class Runner(Protocol):
    """Asks one submission at a time. A context manager; leaving it ends every process that it started."""

    @property
    def isolation(self) -> Isolation:
        """How student code is kept apart."""
        ...

    def observe(
        self, program: Program, groups: "Iterable[Group]", answered: "Answered" = ignore, doubted: "Collection[str]" = (),
        patience: Patience | None = None,
    ) -> "list[tuple[Observation, ...]]":
        """Put every probe, and say what came back: one observation per probe, group by group in the order of asking.

        Never raises for anything that the submission does. What the machine fails at is a `HostError`.

        Parameters
        ----------
        groups : iterable of Group
            Taken one ahead of the group that is being answered, so that planning them may take time.
        answered : callable
            Told of each group's number and answers, while the next one is being answered, and of what there is to remark on
            how they were had. Told again of a group that was asked again: the last word counts. Returns groups to be put besides,
            in view of these answers; they are numbered on as they are returned, and asked after all others or at once.
        doubted : collection of str
            Functions that may keep something. What is asked after them, and they themselves, is asked in a second process too,
            and groups whose answers depend on the process in one of their own.
        patience : Patience or None
            What earlier rounds of asking the same submission have left of it; all of it if None.
        """
        ...

    def close(self) -> None:
        """End every process; called twice, it does nothing the second time."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
