"""What came back: plain numbers and facts, never opinions.

Every field was written by a hostile process. The grader believes one thing only: that this is what the function returned.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from grader.core.probe import Value


@dataclass(frozen=True, slots=True)
class StandInCall:
    """One call that the student's function made to a stand-in."""

    arg: int
    """Position of the stand-in among the probe's arguments."""
    method: str
    args: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of the student's own traceback."""

    file: str
    line: int
    function: str
    text: str


@dataclass(frozen=True, slots=True)
class Returned:
    """The function returned."""

    value: Value
    changed: tuple[int, ...] = ()
    """Positions of the arguments that are no longer as they were handed over."""
    printed: str = ""
    """Bounded; what was left out is said at the end."""
    calls: tuple[StandInCall, ...] = ()
    stale: bool = False
    """Whether an array that the call before it returned, in the same process, holds other numbers now."""


@dataclass(frozen=True, slots=True)
class Raised:
    """The function raised an exception (SystemExit and KeyboardInterrupt included)."""

    type: str
    message: str
    frames: tuple[Frame, ...] = ()
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """There is no such function: no module defines it, or the module that should could not be loaded."""

    function: str
    error: Raised | None = None
    """Why the module could not be loaded; None if all was loaded and nothing has the name."""
    module: str | None = None


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The call was ended because its time was up."""

    clock: Literal["cpu", "wall"]
    seconds: float


@dataclass(frozen=True, slots=True)
class Died:
    """The process ended in the middle of the call."""

    how: Literal["exit", "signal", "memory", "output"]
    """It exited by itself, was ended by a signal, ran out of memory, or wrote too much to a file."""
    code: int
    """Exit status or signal number."""
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Malformed:
    """The process answered with bytes that are not an answer."""

    problem: str


@dataclass(frozen=True, slots=True)
class NotAsked:
    """The probe was not put: an earlier one of its group ended the process or used up the time."""


@dataclass(frozen=True, slots=True)
class HostError:
    """The machine or the grader failed: what this touches is ungraded."""

    problem: str


Observation: TypeAlias = Returned | Raised | Unavailable | TimedOut | Died | Malformed | NotAsked | HostError
