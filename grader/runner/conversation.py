"""The conversation with one child: what it may take, what waits to be sent, and how it was lost.

Every wait ends: on CPU time, on the clock, or on a sleep that is too long.
"""

import math
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, NoReturn, Protocol, TypeAlias

from grader.core.errors import GraderError
from grader.core.observation import Died, Malformed, Observation, Raised, TimedOut
from grader.runner.protocol import Limits
from grader.runner.zygote import REPLY_SECONDS, Child, ChildLimits, End
from grader.worker.replies import END
from grader.worker.wire import CUT_OFF, Bounds, FrameReader, Tree, WireError, encode, opened

BACKSTOP: Final = 3600  # CPU seconds that the kernel allows one child, behind the grader's own clock
LAST_WORDS: Final = 1.0  # seconds between a closed pipe and the end of its process
_LOOK: Final = 0.5  # seconds after which to see whether a child sleeps
_NAP: Final = 1.0  # seconds that any child may sleep at a stretch; one that may compute for longer may sleep for as long
_AWAKE: Final = 0.05  # share of the time that it computes, at least
_GLANCE: Final = 0.02  # seconds after which to read answers that the child keeps back: until then it sends those of quick questions itself
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


class Lost(Exception):  # noqa: N818 - not an error: the outcome of a question
    """The child is of no more use; says what to write down for the question that it was at."""

    def __init__(self, observation: TimedOut | Died | Malformed) -> None:
        super().__init__(observation)
        self.observation = observation


class Budget:
    """Time for one request, on three clocks: verdicts rest on CPU time, the others end what sleeps, and what the machine leaves alone."""

    def __init__(self, child: Child, seconds: float, factor: float) -> None:
        self._child, self.seconds, self._wall_seconds = child, seconds, seconds * factor
        self._looked, self._spent = time.monotonic(), child.cpu()
        self._cpu, self._wall = self._spent + seconds, self._looked + seconds * factor
        self._nap = max(seconds, _NAP)
        self._napped = 0.0
        self.slept = 0.0

    def left(self) -> float:
        """Seconds after which to look again; raises `Lost` if there are none."""
        now, spent = time.monotonic(), self._child.cpu()
        if now - self._looked >= _LOOK / 2:
            self._look(now, spent)
        if spent >= self._cpu:
            raise Lost(TimedOut("cpu", self.seconds))
        if now >= self._wall:
            raise Lost(TimedOut("wall", self._wall_seconds))
        if self._napped >= self._nap:
            raise Lost(TimedOut("wall", self._nap))
        return min(self._cpu - spent, self._wall - now, _LOOK)

    def resume(self) -> None:
        """Look from now on: this side was at other work, and whoever waited for the rest of a question did not sleep."""
        self._looked, self._spent = time.monotonic(), self._child.cpu()

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


class Conversation:
    """A child, what is said to it and what it says, and what it has loaded.

    Parameters
    ----------
    zygote : Nursery
        Where the child comes from.
    program : bytes
        The frame of its program.
    texts : iterable of str
        Those of the program's modules.
    limits : Limits
        What it may use.
    cpu : int
        Seconds after which the kernel ends it.
    spare, at_length : list of callable
        What else is to be done while it works, and what if that takes long: done from the end, once each.
    """

    def __init__(
        self, zygote: Nursery, program: bytes, texts: Iterable[str], limits: Limits, cpu: int, spare: list[Callable[[], object]],
        at_length: list[Callable[[], object]],
    ) -> None:
        self.limits = limits
        self._spare, self._at_length = spare, at_length
        self._number = zygote.number
        self.loaded: dict[str, Loaded] = {}
        self.loading: deque[str] = deque()  # modules that it was told to load, and has not said of what came of it
        self._child = zygote.fork(ChildLimits(cpu, limits.memory, limits.file_size), texts)
        self._reader = FrameReader(Bounds(body=limits.reply), self._unsent)
        self._lost: Lost | None = None
        self._greeted = False
        self._outbox = bytearray()
        self.allow(limits.answers)
        self._earned = 0.0  # CPU seconds that went into answers, or into loading that is counted already
        self.answered = False  # whether any question was answered to the end
        self.waiting: deque[object] = deque()  # questions that were put and not answered yet
        self.told: dict[str, str] = {}  # the module of each function, as far as the child knows
        self.post(program)

    def _greet(self) -> None:
        """Hear that every layer of confinement stands: the child reads nothing before."""
        try:
            hello = opened(self._next(self.budget(REPLY_SECONDS)))
        except (Lost, WireError) as lost:
            raise GraderError(f"a worker was lost before it had read anything: {outcome(lost)}") from lost
        if hello != {"ready": True}:
            raise GraderError(f"student code cannot be confined here: {hello}")
        self._greeted = True

    def budget(self, seconds: float) -> Budget:
        """Time from now on."""
        return Budget(self._child, seconds, self.limits.wall_factor)

    def post(self, frame: bytes) -> None:
        """Send a request as far as the child takes it now; the rest goes out while answers are awaited."""
        self._outbox += frame
        self._send()

    def put(self, question: object, frame: bytes) -> None:
        """Post a question, by its number if the child knows it, unless it waits for its turn already."""
        if question not in self.waiting:
            self.waiting.append(question)
            number = self._number(frame)
            self.post(frame if number is None else encoded({"calls": number}))

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
        self.post(encoded({"load": module}))

    def receive(self, budget: Budget) -> bytes:
        """The frame of the next answer; one that was given but not sent too, when no more will come or the time is up."""
        if not self._greeted:
            self._greet()
        return self._next(budget)

    def _next(self, budget: Budget) -> bytes:
        ended = False
        while (answer := self._read()) is None:
            if self._lost:
                raise self._lost
            try:
                if self._reader.eof or (ended and not self._reader.finish()):
                    self._gone(budget)
                ended = self._wait(budget)  # its last words are still in the pipe
            except Lost as lost:
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
            raise self._lost or Lost(Malformed(str(error))) from error
        if self._reader.weight > self._most:
            raise Lost(Malformed(f"its answers to these questions take more than {self._allowed:,} bytes"))
        return answer

    def _wait(self, budget: Budget) -> bool:
        """Until there is something to do or to decide; whether the process has ended (others may hold its pipe open)."""
        poll = select.poll()
        poll.register(self._child.reply, select.POLLIN)
        poll.register(self._child.handle, select.POLLIN)
        if self._outbox:
            poll.register(self._child.request, select.POLLOUT)
        while self._spare and not poll.poll(0):
            self._spare.pop()()
            budget.resume()
        ready = [fd for fd, _ in poll.poll(math.ceil(min(budget.left(), _GLANCE) * 1000))]
        if not ready:
            if self._reader.look_ahead(self._child.unsent):
                return False
            ready = [fd for fd, _ in poll.poll(math.ceil(budget.left() * 1000))]
        if self._child.request in ready:
            self._send()
        while not ready and self._at_length:
            self._at_length.pop()()
        return self._child.handle in ready

    def _gone(self, budget: Budget) -> NoReturn:
        """Nothing more will come: find out how the process ended."""
        alive = not self._child.has_ended(LAST_WORDS)
        printed = self._child.printed(self.limits.output)
        self._child.cpu()  # to be known when it is gone
        end = self._child.end()
        death = _death(end, printed, budget.seconds, self.limits.memory)
        if alive or death == Died("exit", CUT_OFF, printed):
            raise Lost(Malformed("it closed the pipe for its answers"))
        raise Lost(death)

    def wasted(self, budget: Budget) -> float:
        """Seconds that it computed or slept for no answer; or its last request's by the clock, as far as they count."""
        return max(self._child.cpu() - self._earned + budget.slept, budget.elapsed() / self.limits.wall_factor)

    def loaded_for(self, budget: Budget) -> float:
        """Seconds that it computed or slept until it had loaded what it was told to, since it was last asked."""
        since, self._earned = self._earned, self._child.cpu()
        return self._earned - since + budget.slept

    @property
    def weight(self) -> int:
        """Bytes that its answers take so far."""
        return self._reader.weight

    def allow(self, weight: int) -> None:
        """Take so many bytes of answers from now on."""
        self._allowed, self._most = weight, self.weight + weight

    def expect_end(self, budget: Budget) -> None:
        """The end of the answers to the question in hand; take an answer to no question for what it is."""
        if self.receive(budget) != _END:
            raise Lost(Malformed("it answered more than it was asked"))
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
        """End it, and keep nothing, in circles neither; GraderError if nobody can."""
        self._lost = None
        self._reader.close()
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


def outcome(lost: Lost | WireError) -> Observation:
    """What to write down for the question in hand: bytes that are no answer are the child's, too."""
    return lost.observation if isinstance(lost, Lost) else Malformed(str(lost))


def encoded(tree: Tree) -> bytes:
    """A frame of our own making."""
    try:
        return encode(tree)
    except WireError as error:
        raise GraderError(f"a question cannot be put: {error}") from error
