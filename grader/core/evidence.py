"""What a verdict shows for itself: frozen, bounded, JSON-able, rendered elsewhere."""

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as the report shows it: bounded text, made by `grader.numerics.show.show`."""

    text: str
    shape: tuple[int, ...] | None = None
    """None for what is no array."""


@dataclass(frozen=True, slots=True)
class Input:
    """One argument of the failing call: ``x = [0.31 -1.20 0.55]``."""

    name: str
    value: Shown


@dataclass(frozen=True, slots=True)
class Contrast:
    """Returned against should-be, for the smallest failing input.

    Parameters
    ----------
    call : str
        The function, or the relation, in a student's words: ``softmax(x + 1000)``.
    inputs : tuple of Input
        The arguments worth seeing.
    returned, expected : Shown
        Both sides; `expected` is None where only a property was asked for. Where the call did not return, `returned` has no text.
    source : str
        Where `expected` comes from: ``the reference``, ``your own answer for x``, ``shape (N, D) = (2, 3)``. Empty where the call
        did not return.
    differ, of : int
        How many entries differ, of how many.
    first, worst : tuple of int or None
        Index of the first and of the worst entry.
    worst_error : float or None
        ``abs(returned - expected)`` there; None if it is not finite.
    rtol, atol : float or None
        The tolerance, both or neither.
    errors : tuple of rows
        ``abs(returned - expected)`` as a small matrix for a heat-map, None where not finite; empty if it says nothing.
    """

    call: str
    inputs: tuple[Input, ...]
    returned: Shown
    expected: Shown | None
    source: str
    differ: int = 0
    of: int = 0
    first: tuple[int, ...] | None = None
    worst: tuple[int, ...] | None = None
    worst_error: float | None = None
    rtol: float | None = None
    atol: float | None = None
    errors: tuple[tuple[float | None, ...], ...] = ()
    kind: Literal["contrast"] = "contrast"


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One block of a gradient: how much of it is right, and its worst entry."""

    name: str
    shape: tuple[int, ...]
    differ: int
    of: int
    worst: tuple[int, ...] | None = None
    returned: float | None = None
    expected: float | None = None
    errors: tuple[tuple[float | None, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Blocks:
    """A gradient, block by block."""

    rows: tuple[BlockRow, ...]
    kind: Literal["blocks"] = "blocks"


@dataclass(frozen=True, slots=True)
class StepPlot:
    """Error of the gradient against the step of the central difference, both positive, for a log-log plot.

    A right gradient falls with slope 2 until the noise floor and rises again; a wrong one stays flat; a kink falls with
    slope 1 or not at all.
    """

    title: str
    steps: tuple[float, ...]
    errors: tuple[float, ...]
    reference_errors: tuple[float, ...] = ()
    """The same for the reference's gradient of its own cost, for comparison; may be empty."""
    reading: str = ""
    """What the curve says, one sentence."""
    kind: Literal["step_plot"] = "step_plot"


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A line of the student's code in a traceback."""

    file: str
    line: int
    function: str
    text: str


@dataclass(frozen=True, slots=True)
class Traceback:
    """An exception that the student's function raised, their own lines only."""

    type: str
    message: str
    lines: tuple[TraceLine, ...] = ()
    call: str = ""
    inputs: tuple[Input, ...] = ()
    kind: Literal["traceback"] = "traceback"


@dataclass(frozen=True, slots=True)
class Printed:
    """What the function printed."""

    text: str
    kind: Literal["printed"] = "printed"


Evidence: TypeAlias = Contrast | Blocks | StepPlot | Traceback | Printed
