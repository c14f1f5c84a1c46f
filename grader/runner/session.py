"""One submission: which child answers what, what time it may take, and what to make of a child that is lost."""

import contextlib
import math
import os
import random
import select
import signal
import time
from collections import ChainMap, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final, NoReturn, Protocol, TypeAlias
from weakref import WeakKeyDictionary

from grader.core.errors import GraderError
from grader.core.observation import Died, HostError, Malformed, NotAsked, Observation, Raised, TimedOut, Unavailable
from grader.core.probe import Group, Own, Value
from grader.runner import codec, opinion
from grader.runner.protocol import Answered, Limits, Program
from grader.runner.zygote import REPLY_SECONDS, Child, ChildLimits, End
from grader.worker.replies import END
from grader.worker.wire import CUT_OFF, Bounds, FrameReader, Tree, WireError, encode, opened

BACKSTOP: Final = 3600  # CPU seconds that the kernel allows one child, behind the grader's own clock
LAST_WORDS: Final = 1.0  # seconds between a closed pipe and the end of its process
_LOOK: Final = 0.5  # seconds after which to see whether a child sleeps
_NAP: Final = 1.0  # seconds that any child may sleep at a stretch; one that may compute for longer may sleep for as long
_AWAKE: Final = 0.05  # share of the time that it computes, at least
_BATCH: Final = 6  # groups whose samples are put together: whoever is lost in one has to be asked again for the rest of it only
_EARLY: Final = 6  # groups that the first child has answered when the second one begins: what is told of loading is told by then
_END: Final = encode(END)
_OUT_OF_MEMORY: Final = ("bad_alloc", "MemoryError", "Memory allocation", "out of memory")
"""What C++, Python and OpenBLAS print before they end a process for want of memory."""

Loaded: TypeAlias = tuple[frozenset[str], Raised | None]
"""The functions that a module has, and why it could not be loaded."""


class Nursery(Protocol):
    """Where children come from."""

    def fork(self, limits: ChildLimits, texts: Iterable[str] = ()) -> Child:
        """A new child, which has not read anything yet, for a program of these texts; GraderError if there is none to be had."""
        ...

    def number(self, question: bytes) -> int | None:
        """The number by which its children know a question; None if it has to be sent."""
        ...


class Server(Protocol):
    """What a session needs of its runner."""

    limits: Limits
    spare: list[Callable[[], object]]

    @property
    def reader(self) -> codec.AnswerReader:
        """Reads them for all sessions."""
        ...

    @property
    def zygote(self) -> Nursery:
        """The one in use."""
        ...

    def renew(self) -> None:
        """A new zygote in the place of one that was lost."""
        ...


class _Lost(Exception):  # noqa: N818 - not an error: the outcome of a question
    """The child is of no more use; says what to write down for the question that it was at."""

    def __init__(self, observation: TimedOut | Died | Malformed) -> None:
        super().__init__(observation)
        self.observation = observation


class _Budget:
    """Time for one request, on three clocks: verdicts rest on CPU time, the others end what sleeps, and what the machine leaves alone."""

    def __init__(self, child: Child, seconds: float, factor: float) -> None:
        self._child, self.seconds, self._wall_seconds = child, seconds, seconds * factor
        self._looked, self._spent = time.monotonic(), child.cpu()
        self._cpu, self._wall = self._spent + seconds, self._looked + seconds * factor
        self._nap = max(seconds, _NAP)
        self._napped = 0.0
        self.slept = 0.0

    def left(self) -> float:
        """Seconds after which to look again; raises `_Lost` if there are none."""
        now, spent = time.monotonic(), self._child.cpu()
        if now - self._looked >= _LOOK / 2:
            self._look(now, spent)
        if spent >= self._cpu:
            raise _Lost(TimedOut("cpu", self.seconds))
        if now >= self._wall:
            raise _Lost(TimedOut("wall", self._wall_seconds))
        if self._napped >= self._nap:
            raise _Lost(TimedOut("wall", self._nap))
        return min(self._cpu - spent, self._wall - now, _LOOK)

    def used(self) -> float:
        """CPU seconds since its beginning."""
        return self._child.cpu() - self._cpu + self.seconds

    def elapsed(self) -> float:
        """Seconds by the clock since its beginning."""
        return time.monotonic() - self._wall + self._wall_seconds

    def _look(self, now: float, spent: float) -> None:
        """Note whether it has slept since the last look: a busy machine lets nobody compute, but whoever waits for it does not sleep."""
        if spent - self._spent < _AWAKE * (now - self._looked) and self._child.sleeps():
            nap = min(now - self._looked, 2 * _LOOK)  # this side may have been away, and the whole machine too
            self._napped += nap
            self.slept += nap
        else:
            self._napped = 0.0
        self._looked, self._spent = now, spent


class _Room:
    """A child, the conversation with it, and what it has loaded."""

    def __init__(
        self, zygote: Nursery, program: bytes, texts: Iterable[str], limits: Limits, cpu: int, spare: list[Callable[[], object]],
        at_length: list[Callable[[], object]],
    ) -> None:
        self.limits = limits
        self._spare, self._at_length = spare, at_length  # to be done while it works, and if it takes long
        self._number = zygote.number
        self.loaded: dict[str, Loaded] = {}
        self.loading: deque[str] = deque()  # modules that it was told to load, and has not said of what came of it
        self._child = zygote.fork(ChildLimits(cpu, limits.memory, limits.file_size), texts)
        self._reader = FrameReader(Bounds(body=limits.reply), self._unsent)
        self._lost: _Lost | None = None
        self._greeted = False
        self._outbox = bytearray()
        self.allow(limits.answers)
        self._earned = 0.0  # CPU seconds that went into answers
        self.slept = 0.0  # seconds, while it was loading
        self.answered = False  # whether any question was answered to the end
        self.waiting: deque[object] = deque()  # questions that were put and not answered yet
        self.told: dict[str, str] = {}  # the module of each function, as far as the child knows
        self.post(program)

    def _greet(self) -> None:
        """Hear that every layer of confinement stands: the child reads nothing before."""
        try:
            hello = opened(self._next(self.budget(REPLY_SECONDS)))
        except (_Lost, WireError) as lost:
            raise GraderError(f"a worker was lost before it had read anything: {_outcome(lost)}") from lost
        if hello != {"ready": True}:
            raise GraderError(f"student code cannot be confined here: {hello}")
        self._greeted = True

    def budget(self, seconds: float) -> _Budget:
        """Time from now on."""
        return _Budget(self._child, seconds, self.limits.wall_factor)

    def post(self, frame: bytes) -> None:
        """Send a request as far as the child takes it now; the rest goes out while answers are awaited."""
        self._outbox += frame
        self._send()

    def put(self, question: object, frame: bytes) -> None:
        """Post a question, by its number if the child knows it, unless it waits for its turn already."""
        if question not in self.waiting:
            self.waiting.append(question)
            number = self._number(frame)
            self.post(frame if number is None else _encoded({"calls": number}))

    def _send(self) -> None:
        try:
            while self._outbox:
                del self._outbox[: os.write(self._child.request, self._outbox)]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._outbox.clear()  # it is gone; whoever waits for its answer finds out how

    def load(self, module: str) -> None:
        """Tell it to load a module; `receive` says what came of it."""
        self.loading.append(module)
        self.post(_encoded({"load": module}))

    def receive(self, budget: _Budget) -> bytes:
        """The frame of the next answer; one that was given but not sent too, when no more will come or the time is up."""
        if not self._greeted:
            self._greet()
        return self._next(budget)

    def _next(self, budget: _Budget) -> bytes:
        ended = False
        while (answer := self._read()) is None:
            if self._lost:
                raise self._lost
            try:
                if self._reader.eof or (ended and not self._reader.finish()):
                    self._gone(budget)
                ended = self._wait(budget)  # its last words are still in the pipe
            except _Lost as lost:
                self._lost = lost
                self._reader.finish()
        return answer

    def _unsent(self, received: int) -> bytes:
        """What the child answered and did not send; one that has closed its pipe may still be at it."""
        if self._lost is None:
            self._child.has_ended(LAST_WORDS)
        return self._child.unsent(received)

    def _read(self) -> bytes | None:
        try:
            answer = self._reader.read_frame(self._child.reply)
        except WireError as error:
            raise self._lost or _Lost(Malformed(str(error))) from error
        if self.weight > self._most:
            raise _Lost(Malformed(f"its answers to these questions take more than {self._allowed:,} bytes"))
        return answer

    def _wait(self, budget: _Budget) -> bool:
        """Until there is something to do or to decide; whether the process has ended (others may hold its pipe open)."""
        poll = select.poll()
        poll.register(self._child.reply, select.POLLIN)
        poll.register(self._child.handle, select.POLLIN)
        if self._outbox:
            poll.register(self._child.request, select.POLLOUT)
        while self._spare and not poll.poll(0):
            self._spare.pop()()
        ready = [fd for fd, _ in poll.poll(math.ceil(budget.left() * 1000))]
        if self._child.request in ready:
            self._send()
        while not ready and self._at_length:
            self._at_length.pop()()
        return self._child.handle in ready

    def _gone(self, budget: _Budget) -> NoReturn:
        """Nothing more will come: find out how the process ended."""
        alive = not self._child.has_ended(LAST_WORDS)
        printed = self._child.printed(self.limits.output)
        end = self._child.end()
        death = _death(end, printed, budget.seconds, self.limits.memory)
        if alive or death == Died("exit", CUT_OFF, printed):
            raise _Lost(Malformed("it closed the pipe for its answers"))
        raise _Lost(death)

    def wasted(self, budget: _Budget) -> float:
        """Seconds that it computed or slept for no answer, loading included; or its last request's by the clock, as far as they count."""
        return max(self._child.cpu() - self._earned + self.slept + budget.slept, budget.elapsed() / self.limits.wall_factor)

    @property
    def weight(self) -> int:
        """Bytes that its answers take so far."""
        return self._reader.weight

    def allow(self, weight: int) -> None:
        """Take so many bytes of answers from now on."""
        self._allowed, self._most = weight, self.weight + weight

    def expect_end(self, budget: _Budget) -> None:
        """The end of the answers to the question in hand; take an answer to no question for what it is."""
        if self.receive(budget) != _END:
            raise _Lost(Malformed("it answered more than it was asked"))
        self.waiting.popleft()
        self.answered = True
        self._earned += budget.used()

    def is_usable(self) -> bool:
        """Whether it can be asked more, or is still at work on what it was asked."""
        return bool(self.waiting or self.loading) or (not self._reader.eof and not self._child.has_ended())

    def kill(self) -> None:
        """It is needed no more: it may go while something else is waited for."""
        self._child.kill()

    def leave(self) -> None:
        """End it; GraderError if nobody can."""
        self._child.end()


def _death(end: End, printed: str, seconds: float, memory: int) -> TimedOut | Died:
    """What the end of a process means that nobody on this side has ended."""
    complains = any(words in printed for words in _OUT_OF_MEMORY)
    if end.status >= 0:
        full = complains or (end.status == CUT_OFF and end.memory > memory // 2)
        return Died("memory" if full and end.status else "exit", end.status, printed)
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
    fates : mutable mapping of str to Observation
        Of modules that ended the child that was loading them: no later one need try.
    """

    def __init__(self, server: Server, program: Program, fates: MutableMapping[str, Observation]) -> None:
        self._server, self._program, self._limits = server, codec.printable(program), server.limits
        self._chores: list[Callable[[], None]] = []
        self._renewed = False
        self._names = {m.name for m in self._program.modules}
        self._room: _Room | None = None
        self._fates = fates
        self._slow: set[str] = set()
        self._first = True  # whether the group in hand is the first that its child is asked
        self._remark = ""  # on the group in hand
        self._patience = server.limits.patience
        self._space = server.limits.answers
        self._at_length: list[Callable[[], object]] = []
        self._blamed: list[int] = []  # groups at which a child was lost that had answered others before

    def observe(self, groups: Iterable[Group], answered: Answered, doubted: Collection[str] = ()) -> list[tuple[Observation, ...]]:
        """One observation per probe, group by group.

        While the child is at work on a group, `answered` is told of the group before, and the next one is planned and posted:
        all of it takes time that would be spent waiting. From the first group on that calls one of the functions `doubted`, a second
        child is asked too, see `grader.runner.opinion`.
        """
        asked: list[Group] = []
        answers: list[tuple[Observation, ...]] = []
        second = _Second(Session(self._server, self._program, ChainMap({}, self._fates)), frozenset(doubted)) if doubted else None
        try:
            if second is not None:
                self._forked()
                second.session.prepare()
            further = self._all(groups, asked, answers, answered, second)
            blamed = self._blamed.copy()  # not those of the further ones: they explain, and decide little
            self._at_length.clear()
            if second is not None:
                second.go_on(asked, answers)
            self._all(further, asked, answers, answered)
            self.dismiss()
            if second is not None:
                unsteady = second.disagrees(answers)
                second.session.dismiss()
                self._decide([g for g in blamed if g >= second.begins(asked)], opinion.LOST, asked, answers, answered)
                self._decide(unsteady, opinion.UNSTEADY, asked, answers, answered)
                if unsteady:  # both may have been asked this after something that spoils it
                    rest = [g for g in second.groups if g not in unsteady]
                    self._decide(rest, opinion.UNSTEADY, asked, answers, answered, unless_the_same=True)
            return answers
        finally:
            self.leave()
            if second is not None:
                second.session.leave()

    def _all(
        self, groups: Iterable[Group], asked: list[Group], answers: list[tuple[Observation, ...]], answered: Answered,
        second: "_Second | None" = None,
    ) -> list[Group]:
        """Every group in order, as far as possible in one child; what is to be asked besides."""
        coming = iter(groups)
        ahead, remark = deque(islice(coming, 1)), ""
        told, further = len(answers), list[Group]()

        def plan() -> None:
            ahead.extend(islice(coming, 0 if ahead else 1))
            if ahead:
                self._post(ahead[0])

        def tell() -> None:
            if len(answers) > told:
                further.extend(answered(len(answers) - 1, answers[-1], remark))

        def begin() -> None:
            if second is not None and len(answers) == _EARLY and not any(map(opinion.lost, answers)):
                ahead.extend(coming)
                coming_too = (*asked, group, *ahead)
                second.put(coming_too, range(len(coming_too)))
                self._at_length.append(second.forget)

        while ahead:
            group = ahead.popleft()
            self._chores = [plan, tell, begin]
            self._first, self._remark = self._room is None or not self._room.answered, ""
            latest = self._robustly(group)
            self._meanwhile()  # if nothing was sent: the function is missing
            asked.append(group)
            answers.append(latest)
            remark = self._remark
            if opinion.lost(latest) and not self._first:
                self._blamed.append(len(answers) - 1)
        tell()
        return further

    def _forked(self) -> _Room | None:
        """A child that reads the program, if there is anything to load."""
        with contextlib.suppress(GraderError):  # then the first question says so
            return self._enter() if self._names else None
        return None

    def prepare(self) -> None:
        """Have a child that loads the program, so that nobody waits for it later."""
        if room := self._forked():
            for module in dict.fromkeys(m for modules in self._program.lookup.values() for m in modules[:1] if m in self._names):
                room.load(module)

    def functions(self) -> set[str]:
        """Those that are there. All is loaded then that any group needs, and nothing between questions."""
        with contextlib.suppress(GraderError):  # as above
            return {f for f, where in self._where(self._program.lookup).items() if isinstance(where, str)}
        return set()

    def post(self, group: Group) -> None:
        """Put a group without waiting for its answers; `ask` does that, in the same order."""
        with contextlib.suppress(GraderError):  # as above
            self._post(group)

    def ask(self, group: Group) -> tuple[Observation, ...]:
        """One observation per probe."""
        return self._robustly(group)

    def dismiss(self) -> None:
        """Ask nothing more of the child in use."""
        if self._room is not None:
            self._room.kill()

    def leave(self) -> None:
        """End the child in use."""
        with contextlib.suppress(GraderError):  # every answer is in; the next session will notice
            self._leave()

    def _decide(
        self, numbers: Sequence[int], remark: str, asked: list[Group], answers: list[tuple[Observation, ...]], answered: Answered,
        *, unless_the_same: bool = False,
    ) -> None:
        """Ask groups again, and what is to be asked besides, each in a child of its own."""
        for g in numbers:
            if self._patience <= 0 and opinion.lost(answers[g]):
                continue
            self._forget()
            before, answers[g] = answers[g], self._robustly(asked[g])
            if unless_the_same and all(map(opinion.agree, before, answers[g])):
                answers[g] = before
                continue
            for further in answered(g, answers[g], "" if opinion.lost(answers[g]) else remark):  # it needs none if it ends its own process
                asked.append(further)
                answers.append(self._robustly(further))
                answered(len(answers) - 1, answers[-1], "")

    def _forget(self) -> None:
        """Go on in a fresh child, with the full time for every function."""
        self.leave()
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
            room.leave()

    def _enter(self) -> _Room:
        """The child in use, or a fresh one."""
        if self._room is not None and not self._room.is_usable():
            self._leave()
        if self._room is None:
            texts = [m.text for m in (*self._program.modules, *self._program.support)]
            self._room = _Room(self._server.zygote, self._frame, texts, self._limits, BACKSTOP, self._server.spare, self._at_length)
        return self._room

    def _group(self, group: Group) -> tuple[Observation, ...]:
        if self._patience <= 0:
            self._meanwhile()
            return tuple(TimedOut("wall", self._limits.patience) for _ in group.probes)
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
        room = self._enter()
        ahead, budget = group in room.waiting, room.budget(seconds)
        before = room.weight
        room.allow(max(self._space // 2, self._limits.few))
        try:
            self._put(room, group, where)
            self._meanwhile()
            for _ in probes:  # one by one: those before a loss count
                answers.append(self._server.reader.read(room.receive(budget)))  # noqa: PERF401
            room.expect_end(budget)
        except (_Lost, WireError) as lost:
            self._patience -= room.wasted(budget)
            self._leave()
            if ahead and not answers and room.answered:
                return self._again(group)
            answers[len(probes) - 1 :] = []  # more was said than asked: the last answer is none
            answers.append(_outcome(lost))
            if isinstance(answers[-1], TimedOut):
                self._slow.add(probes[len(answers) - 1].function)
            answers.extend(NotAsked() for _ in probes[len(answers) :])
        self._space -= room.weight - before
        if self._room is not None and opinion.lost(answers):
            self._patience -= room.wasted(budget) + budget.used()
            self._leave()  # what fills the memory may still be held, and is nothing to the other items
        return answers

    def _again(self, group: Group) -> list[Observation]:
        """A group that was posted ahead, after a loss before its first answer: in a fresh child; the cause may lie before it."""
        self._first = True
        answers = self._group(group)
        self._remark = "" if opinion.lost(answers) else opinion.LOST
        return list(answers)

    def _put(self, room: _Room, group: Group, where: Mapping[str, str]) -> None:
        if not where.items() <= room.told.items():
            room.told |= {f: m for f in self._program.lookup if (m := self._loaded(f))} | dict(where)  # in one message for all
            room.post(_encoded({"where": room.told}))
        room.put(group, _questions(group).frame)

    def _post(self, group: Group) -> None:
        """Put a group ahead of its turn, if the child in use has loaded all that it needs."""
        room = self._room
        where = {f: self._loaded(f) for functions in _questions(group).needs for f in functions}
        if room is not None and (there := {f: m for f, m in where.items() if m is not None}).keys() == where.keys():
            self._put(room, group, there)

    def _loaded(self, function: str) -> str | None:
        """The module of a function, if the child in use has loaded it and all that come before it."""
        for module in self._program.lookup.get(function, ()):
            if self._room is None or (module in self._names and module not in (self._room.loaded.keys() | self._fates.keys())):
                return None
            if module in self._names and module not in self._fates and function in self._room.loaded[module][0]:
                return module
        return None

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
        """Load a module if need be; None if that ends the child, or is not tried any more."""
        if self._patience <= 0 and (self._room is None or module not in self._room.loaded):
            self._fates.setdefault(module, TimedOut("wall", self._limits.patience))
        if module in self._fates:
            if self._room is not None and module in self._room.loading:
                self._leave()  # it would never come to the questions
            return None
        if self._room is not None and self._room.waiting and module not in self._room.loaded:
            self._leave()  # what is waited for would be taken for the answer to this
        room = self._enter()
        if module not in (*room.loaded, *room.loading):
            room.load(module)
        while module not in room.loaded:
            if not self._hear(room):
                return self._load(module)
        return room.loaded[module]

    def _hear(self, room: _Room) -> bool:
        """What came of the module that the child was told to load first; False if that ended the child."""
        module, budget = room.loading[0], room.budget(self._limits.load_seconds)
        try:
            room.allow(self._limits.answers)
            room.loaded[module] = codec.loaded(opened(room.receive(budget)), self._program.lookup, self._limits)
            room.loading.popleft()
            room.slept += budget.slept
        except (_Lost, WireError) as lost:
            self._patience -= room.wasted(budget)
            self._leave()
            self._fates[module] = _outcome(lost)
            return False
        return True


class _Second:
    """The second child: it is asked a sample of what the first one is asked, the last first, while that one is at work.

    So of any two groups each comes first once, and what one does to the process of the other is seen.
    """

    def __init__(self, session: Session, doubted: frozenset[str]) -> None:
        self.session, self.doubted = session, doubted
        self._dice = random.Random(0)  # noqa: S311 - a child cannot know which child it is, and that is what matters
        self._batches: list[tuple[list[tuple[int, int]], Group]] = []

    @property
    def groups(self) -> list[int]:
        """Those of which it was asked something."""
        return sorted(g for sample, _ in self._batches for g, _ in sample)

    def begins(self, asked: Sequence[Group]) -> int:
        """The number of the first group that may leave something to those after it."""
        doubted = (g for g, group in enumerate(asked) if any(self.doubted & needs for needs in _questions(group).needs))
        return next(doubted, len(asked))

    def go_on(self, asked: Sequence[Group], answers: Sequence[Sequence[Observation]]) -> None:
        """Put a sample of what was answered, if nothing is put yet; to a fresh child, if the first one was lost at something put."""
        if any(opinion.lost(answers[g]) for g in self.groups):
            self.forget()
        if not self._batches:
            self.put(asked, opinion.told(answers))

    def forget(self) -> None:
        """Forget what was put: where the first one takes long, or is lost, this one would too."""
        self.session.leave()
        self._batches.clear()

    def put(self, asked: Sequence[Group], numbers: Iterable[int]) -> None:
        """Put a sample of groups by their numbers, without waiting for answers."""
        first = self.begins(asked)
        there = self.session.functions() if first < len(asked) else set()
        wanted = [g for g in sorted(numbers, reverse=True) if g >= first and all(needs <= there for needs in _questions(asked[g]).needs)]
        chosen = [(g, self._dice.randrange(len(asked[g].probes))) for g in wanted]
        for start in range(0, len(chosen), _BATCH):
            sample = chosen[start : start + _BATCH]
            self._batches.append((sample, _sample_of(tuple((asked[g], p) for g, p in sample))))
            self.session.post(self._batches[-1][1])

    def disagrees(self, answers: Sequence[Sequence[Observation]]) -> list[int]:
        """The groups about which the two do not agree."""
        told = set(opinion.told(answers))
        return sorted(
            g for sample, group in self._batches for (g, p), o in zip(sample, self._all_of(group), strict=True)
            if g in told and not opinion.agree(answers[g][p], o))

    def _all_of(self, group: Group) -> list[Observation]:
        """Every answer to a batch: whoever ends the process in the midst of it spares nobody the rest."""
        answers = list(self.session.ask(group))
        while rest := [i for i, o in enumerate(answers) if isinstance(o, NotAsked)]:
            again = self.session.ask(Group(tuple(group.probes[i] for i in rest), group.seconds))
            for i, o in zip(rest, again, strict=True):
                answers[i] = o
        return answers


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


@lru_cache(maxsize=128)
def _sample_of(chosen: tuple[tuple[Group, int], ...]) -> Group:
    """One probe of each of these groups, by its place: the same group for all of a class who are asked so, to be learned as any."""
    return Group(tuple(group.probes[p] for group, p in chosen), max(group.seconds for group, _ in chosen))


def _own(value: Value) -> Iterator[str]:
    if isinstance(value, Own):
        yield value.function
    elif isinstance(value, tuple | list):
        for v in value:
            yield from _own(v)
    elif isinstance(value, dict):
        for v in value.values():
            yield from _own(v)
