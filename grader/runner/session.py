"""One submission: which child answers what, what time it may take, and what to make of a child that is lost."""

import contextlib
import math
import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NoReturn, Protocol, TypeAlias
from weakref import WeakKeyDictionary

from grader.core.errors import GraderError
from grader.core.observation import Died, HostError, Malformed, NotAsked, Observation, Raised, TimedOut, Unavailable
from grader.core.probe import Group, Own, Value
from grader.runner import codec, opinion
from grader.runner.protocol import Answered, Limits, Program
from grader.runner.zygote import REPLY_SECONDS, Child, ChildLimits, End, Zygote
from grader.worker.wire import CUT_OFF, Bounds, FrameReader, Tree, WireError, encode

BACKSTOP: Final = 3600  # CPU seconds that the kernel allows one child, behind the grader's own clock
LAST_WORDS: Final = 1.0  # seconds between a closed pipe and the end of its process
_OUT_OF_MEMORY: Final = ("bad_alloc", "MemoryError", "Memory allocation", "out of memory")
"""What C++, Python and OpenBLAS print before they end a process for want of memory."""

Loaded: TypeAlias = tuple[frozenset[str], Raised | None]
"""The functions that a module has, and why it could not be loaded."""


class Server(Protocol):
    """What a session needs of its runner."""

    limits: Limits
    zygote: Zygote
    spare: list[Callable[[], object]]

    def renew(self) -> None:
        """A new zygote in the place of one that was lost."""
        ...


class _Lost(Exception):  # noqa: N818 - not an error: the outcome of a question
    """The child is of no more use; says what to write down for the question that it was at."""

    def __init__(self, observation: TimedOut | Died | Malformed) -> None:
        super().__init__(observation)
        self.observation = observation


class _Budget:
    """Time for one request, on two clocks: verdicts rest on CPU time, the other one ends what sleeps."""

    def __init__(self, child: Child, seconds: float, factor: float) -> None:
        self._child, self.seconds, self._wall_seconds = child, seconds, seconds * factor
        self._cpu, self._wall = child.cpu() + seconds, time.monotonic() + seconds * factor

    def left(self) -> float:
        """Seconds after which to look again; raises `_Lost` if there are none."""
        cpu, wall = self._cpu - self._child.cpu(), self._wall - time.monotonic()
        if cpu <= 0:
            raise _Lost(TimedOut("cpu", self.seconds))
        if wall <= 0:
            raise _Lost(TimedOut("wall", self._wall_seconds))
        return min(cpu, wall)


class _Room:
    """A child, the conversation with it, and what it has loaded."""

    def __init__(self, zygote: Zygote, program: bytes, limits: Limits, cpu: int, spare: list[Callable[[], object]]) -> None:
        self.limits = limits
        self._spare = spare
        self.loaded: dict[str, Loaded] = {}
        self._child = zygote.fork(ChildLimits(cpu, limits.memory, limits.file_size))
        self._reader = FrameReader(Bounds(body=limits.reply), self._unsent)
        self._lost: _Lost | None = None
        self.told: dict[str, str] = {}  # the module of each function, as far as the child knows
        try:
            budget = self.budget(REPLY_SECONDS)
            self._greeted(self.receive(budget))
            self.send(program, budget)
        except _Lost as lost:
            raise GraderError(f"a worker was lost before it had read anything: {lost.observation}") from lost

    def _greeted(self, hello: Tree) -> None:
        if hello != {"ready": True}:
            raise GraderError(f"student code cannot be confined here: {hello}")

    def budget(self, seconds: float) -> _Budget:
        """Time from now on."""
        return _Budget(self._child, seconds, self.limits.wall_factor)

    def send(self, frame: bytes, budget: _Budget) -> None:
        """Write a request. The child may be slow to read it, or gone."""
        view = memoryview(frame)
        while view:
            try:
                view = view[os.write(self._child.request, view) :]
            except BlockingIOError:
                if self._wait(self._child.request, select.POLLOUT, budget):
                    self._gone(budget)
            except BrokenPipeError:
                self._gone(budget)

    def receive(self, budget: _Budget) -> Tree:
        """The next answer; one that was given but not sent too, when no more will come or the time is up."""
        ended = False
        while (answer := self._read()) is None:
            if self._lost:
                raise self._lost
            try:
                if self._reader.eof or (ended and not self._reader.finish()):
                    self._gone(budget)
                ended = self._wait(self._child.reply, select.POLLIN, budget)  # its last words are still in the pipe
            except _Lost as lost:
                self._lost = lost
                self._reader.finish()
        return answer[0]

    def _unsent(self, received: int) -> bytes:
        """What the child answered and did not send; one that has closed its pipe may still be at it."""
        if self._lost is None:
            self._child.has_ended(LAST_WORDS)
        return self._child.unsent(received)

    def _read(self) -> tuple[Tree] | None:
        try:
            return self._reader.read(self._child.reply)
        except WireError as error:
            raise _Lost(Malformed(str(error))) from error

    def _wait(self, fd: int, event: int, budget: _Budget) -> bool:
        """Until there is something to do or to decide; whether the process has ended (others may hold its pipe open)."""
        poll = select.poll()
        poll.register(fd, event)
        poll.register(self._child.handle, select.POLLIN)
        while self._spare and not poll.poll(0):
            self._spare.pop()()
        return any(ready == self._child.handle for ready, _ in poll.poll(math.ceil(budget.left() * 1000)))

    def _gone(self, budget: _Budget) -> NoReturn:
        """Nothing more will come: find out how the process ended."""
        alive = not self._child.has_ended(LAST_WORDS)
        printed = self._child.printed(self.limits.output)
        end = self.end()
        if alive or end.status == CUT_OFF:
            raise _Lost(Malformed("it closed the pipe for its answers"))
        raise _Lost(_death(end, printed, budget.seconds, self.limits.memory))

    def expect_silence(self) -> None:
        """Take an answer to no question for what it is."""
        if self._read() is not None:
            raise _Lost(Malformed("it answered more than it was asked"))

    def is_usable(self) -> bool:
        """Whether it can be asked more."""
        return not self._reader.eof and not self._child.has_ended()

    def end(self) -> End:
        """End it, and say how it ended; GraderError if nobody can."""
        return self._child.end()


def _death(end: End, printed: str, seconds: float, memory: int) -> TimedOut | Died:
    """What the end of a process means that nobody on this side has ended."""
    complains = any(words in printed for words in _OUT_OF_MEMORY)
    if end.status >= 0:
        return Died("memory" if complains and end.status else "exit", end.status, printed)
    match -end.status:
        case signal.SIGXCPU:
            return TimedOut("cpu", seconds)
        case signal.SIGXFSZ as number:
            return Died("output", int(number), printed)
        case signal.SIGKILL as number if end.memory > memory // 2:  # the kernel's, short of memory
            return Died("memory", int(number), printed)
        case signal.SIGABRT as number if complains:
            return Died("memory", int(number), printed)
        case number:
            return Died("signal", number, printed)


class Session:
    """Asks all groups of one submission.

    Parameters
    ----------
    server : Server
        Where children come from.
    program : Program
        The submission.
    """

    def __init__(self, server: Server, program: Program) -> None:
        self._server, self._program, self._limits = server, codec.printable(program), server.limits
        self._chores: list[Callable[[], None]] = []
        self._renewed = False
        self._names = {m.name for m in self._program.modules}
        self._room: _Room | None = None
        self._fates: dict[str, Observation] = {}  # of modules that ended the child that was loading them
        self._slow: set[str] = set()
        self._first = True  # whether the group in hand is the first that its child is asked
        self._blamed: list[int] = []  # groups at which a child was lost that had answered others before

    def observe(self, groups: Iterable[Group], answered: Answered, *, doubt: bool = False) -> list[tuple[Observation, ...]]:
        """One observation per probe, group by group.

        While the child is at work on a group, `answered` is told of the group before, and the next one is planned: both
        take time that would be spent waiting. With `doubt` a second child is asked too, see `grader.runner.opinion`.
        """
        asked: list[Group] = []
        answers: list[tuple[Observation, ...]] = []
        twin = Session(self._server, self._program)
        try:
            self._all(iter(groups), asked, answers, answered, twin if doubt else None)
            if doubt:
                self._second_opinion(asked, answers, answered, twin)
            return answers
        finally:
            for session in (self, twin):
                with contextlib.suppress(GraderError):  # every answer is in; the next session will notice
                    session._leave()  # noqa: SLF001 - one of us

    def _all(
        self, groups: Iterator[Group], asked: list[Group], answers: list[tuple[Observation, ...]], answered: Answered,
        twin: "Session | None",
    ) -> None:
        """Every group in order, as far as possible in one child; the twin's is made ready while the first group is at work."""
        ahead = [next(groups, None)]

        def tell() -> None:
            if answers:
                answered(len(answers) - 1, answers[-1], "")

        while (group := ahead.pop()) is not None:
            self._chores = [lambda: ahead.append(next(groups, None)), tell]
            if twin is not None and not answers:
                self._chores.append(twin.prepare)
            self._first = self._room is None
            latest = self._robustly(group)
            self._meanwhile()  # if nothing was sent: the function is missing
            asked.append(group)
            answers.append(latest)
            if opinion.lost(latest) and not self._first:
                self._blamed.append(len(answers) - 1)
        tell()

    def prepare(self) -> None:
        """Have a child that has read the program, so that nobody waits for it later."""
        with contextlib.suppress(GraderError):  # then the first question says so
            self._enter()

    def _second_opinion(
        self, asked: Sequence[Group], answers: list[tuple[Observation, ...]], answered: Answered, twin: "Session"
    ) -> None:
        sample = opinion.sample(asked, answers)
        second = twin._robustly(  # noqa: SLF001 - one of us
            Group(tuple(asked[g].probes[p] for g, p in sample), max((g.seconds for g in asked), default=0.0)))
        unsteady = [g for (g, p), o in zip(sample, second, strict=True) if not opinion.agree(answers[g][p], o)]
        for numbers, remark in ((self._blamed, opinion.LOST), (sorted(unsteady), opinion.UNSTEADY)):
            for g in numbers:
                self._forget()
                answers[g] = self._robustly(asked[g])
                answered(g, answers[g], "" if opinion.lost(answers[g]) else remark)  # what ends its process alone too needs no remark

    def _forget(self) -> None:
        """Go on in a fresh child, with the full time for every function."""
        with contextlib.suppress(GraderError):  # then the next attempt says so
            self._leave()
        self._slow.clear()

    def _meanwhile(self) -> None:
        """What the grader can do while the child works; once for each group."""
        chores, self._chores = self._chores, []
        for chore in chores:
            chore()

    def _robustly(self, group: Group) -> tuple[Observation, ...]:
        """A zygote that is lost is replaced once, and the group that it was at asked again."""
        while True:
            try:
                return self._group(group)
            except GraderError as error:
                self._room = None
                if self._renewed or not self._renew():
                    return tuple(HostError(str(error)) for _ in group.probes)

    def _renew(self) -> bool:
        """Whether there is a new zygote; tried once."""
        self._renewed = True
        try:
            self._server.renew()
        except GraderError:
            return False
        return True

    @cached_property
    def _frame(self) -> bytes:
        return _encoded(codec.program_tree(self._program, self._limits))

    def _leave(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            room.end()

    def _enter(self) -> _Room:
        """The child in use, or a fresh one."""
        if self._room is not None and not self._room.is_usable():
            self._leave()
        if self._room is None:
            self._room = _Room(self._server.zygote, self._frame, self._limits, BACKSTOP, self._server.spare)
        return self._room

    def _group(self, group: Group) -> tuple[Observation, ...]:
        needs = _questions(group).needs
        where = self._where(set().union(*needs))
        seconds = group.seconds if self._slow.isdisjoint(where) else min(group.seconds, self._limits.repeat_seconds)
        there = {f: m for f, m in where.items() if isinstance(m, str)}
        if len(there) == len(where):
            return tuple(self._ask(group, there, seconds))
        missing = [next((o for f in functions if not isinstance(o := where[f], str)), None) for functions in needs]
        asked = tuple(p for p, o in zip(group.probes, missing, strict=True) if o is None)
        answers = iter(self._ask(Group(asked), there, seconds) if asked else ())
        return tuple(next(answers) if o is None else o for o in missing)

    def _ask(self, group: Group, where: Mapping[str, str], seconds: float) -> list[Observation]:
        """One observation per probe, all of whose functions are there."""
        probes = group.probes
        answers: list[Observation] = []
        frame, room = _questions(group).frame, self._enter()
        budget = room.budget(seconds)
        try:
            if not where.items() <= room.told.items():
                room.send(_encoded({"where": dict(where)}), budget)
                room.told |= where
            room.send(frame, budget)
            self._meanwhile()
            for last in range(1 - len(probes), 1):
                answer = codec.answer(room.receive(budget), self._limits)
                if not last:
                    room.expect_silence()
                answers.append(answer)
        except (_Lost, WireError) as lost:
            self._leave()
            answers.append(_outcome(lost))
            if isinstance(answers[-1], TimedOut):
                self._slow.add(probes[len(answers) - 1].function)
            answers.extend(NotAsked() for _ in probes[len(answers) :])
        if any(isinstance(a, Raised) and a.type == "MemoryError" for a in answers):
            self._leave()  # what fills the memory may still be held, and is nothing to the other items
        return answers

    # ---- where the functions are -------------------------------------------------------------------------------------

    def _where(self, functions: Iterable[str]) -> dict[str, str | Observation]:
        """The module of each function, loaded in the child in use; or why there is none."""
        while True:  # each further round knows one more module that ends its child
            found = {f: self._find(f) for f in functions}
            loaded = self._room.loaded.keys() if self._room else ()
            if all(m in loaded for m in found.values() if isinstance(m, str)):
                return found

    def _find(self, function: str) -> str | Observation:
        """The first module that loads and has the function; else what the first of the others came to."""
        troubles: list[Observation] = []
        for module in self._program.lookup.get(function, ()):
            if module not in self._names:
                continue
            functions, error = self._load(module) or (frozenset(), None)
            if function in functions:
                return module
            if module in self._fates:
                troubles.append(self._fates[module])
            elif error is not None:
                troubles.append(Unavailable(function, error, module))
        return troubles[0] if troubles else Unavailable(function)

    def _load(self, module: str) -> Loaded | None:
        """Load a module if need be; None if that ends the child."""
        if module in self._fates:
            return None
        room = self._enter()
        if module not in room.loaded:
            budget = room.budget(self._limits.load_seconds)
            try:
                room.send(_encoded({"load": module}), budget)
                room.loaded[module] = codec.loaded(room.receive(budget), self._program.lookup, self._limits)
            except (_Lost, WireError) as lost:
                self._leave()
                self._fates[module] = _outcome(lost)
                return None
        return room.loaded[module]


def _outcome(lost: _Lost | WireError) -> Observation:
    return lost.observation if isinstance(lost, _Lost) else Malformed(str(lost))


def _encoded(tree: Tree) -> bytes:
    """A frame of our own making."""
    try:
        return encode(tree)
    except WireError as error:
        raise GraderError(f"a question cannot be put: {error}") from error


@dataclass(frozen=True, slots=True)
class _Questions:
    """A group, ready to be put: its frame, and the functions of the submission that each of its probes needs."""

    frame: bytes
    needs: tuple[frozenset[str], ...]


_KNOWN: Final[WeakKeyDictionary[Group, _Questions]] = WeakKeyDictionary()
"""The groups that are put to every submission of a run."""


def _questions(group: Group) -> _Questions:
    if group not in _KNOWN:
        _KNOWN[group] = _Questions(
            _encoded(codec.calls_tree(group.probes)), tuple(frozenset((p.function, *_own(p.args))) for p in group.probes))
    return _KNOWN[group]


def _own(value: Value) -> Iterator[str]:
    if isinstance(value, Own):
        yield value.function
    elif isinstance(value, tuple | list):
        for v in value:
            yield from _own(v)
    elif isinstance(value, dict):
        for v in value.values():
            yield from _own(v)
