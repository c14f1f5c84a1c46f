"""Pictures as data: the heat-map of an error, and the error of a gradient against the step. Renderers only draw them."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from grader.core.evidence import StepPlot

Errors = Sequence[Sequence[float | None]]
"""``abs(returned - expected)`` as a matrix; None where it is not finite."""

_ROUNDING = 1e-6  # of the largest error: below that an entry is rounding noise and stays blank
_FEWEST = 4  # entries: fewer are read faster as numbers
_MOST_POINTS = 200  # a sweep has about 20 steps; more would be one blot
_FLOOR = 1e-18  # an exact 0 has no place on a log axis and sits at its foot, below the noise of float64 at 1
_MOST_LABELS = 7  # on one axis


class Cell(NamedTuple):
    """An entry of a heat-map that stands out: column, row, how much, and the same in words."""

    x: int
    y: int
    level: str
    """``4`` within a decade of the largest error, then ``3``, ``2`` and ``1`` for all below, or ``nan``."""
    label: str


class HeatMap(NamedTuple):
    """Where the error is, by decades below the largest one.

    `legend` has (level, text) for the levels that occur, largest first; `note` says what part of the array it is.
    """

    columns: int
    rows: int
    cells: tuple[Cell, ...]
    label: str
    legend: tuple[tuple[str, str], ...]
    note: str = ""


def heat_map(errors: Errors, shape: tuple[int, ...] | None) -> HeatMap | None:
    """The heat-map of an error, or None where it would say nothing.

    Parameters
    ----------
    errors : rows of float or None
        All of one length.
    shape : tuple of int or None
        Of the whole array, of which `errors` is the first part.
    """
    rows, columns = len(errors), len(errors[0]) if errors else 0
    finite = [e for row in errors for e in row if e is not None and math.isfinite(e)]
    largest = max(finite, default=0.0)
    cells = tuple(
        Cell(x, y, level, f"{_place(y, x, shape)}: {'not finite' if level == 'nan' else f'off by {error:.3g}'}")
        for y, row in enumerate(errors) for x, error in enumerate(row) if (level := _level(error, largest))
    )
    if rows * columns < _FEWEST or not cells:
        return None
    whole = math.prod(shape) if shape else rows * columns
    note = f"The first {rows} × {columns} entries." if whole > rows * columns else ""
    label = f"Error of each entry, {rows} rows by {columns} columns: {len(cells)} entries stand out" + (
        f", the largest is off by {largest:.3g}." if largest else ".")
    return HeatMap(columns, rows, cells, label, _legend({c.level for c in cells}, largest), note)


def _level(error: float | None, largest: float) -> str:
    if error is None or not math.isfinite(error):
        return "nan"
    if error <= _ROUNDING * largest:
        return ""
    return str(max(1, 4 - int(-math.log10(error / largest))))


def _legend(levels: set[str], largest: float) -> tuple[tuple[str, str], ...]:
    texts = {
        "4": f"{largest / 10:.2g} to {largest:.2g}",
        "3": f"{largest / 100:.2g} to {largest / 10:.2g}",
        "2": f"{largest / 1000:.2g} to {largest / 100:.2g}",
        "1": f"below {largest / 1000:.2g}",
        "nan": "not finite",
    }
    return tuple((level, text) for level, text in texts.items() if level in levels)


def _place(row: int, column: int, shape: tuple[int, ...] | None) -> str:
    return f"[{column}]" if shape is not None and len(shape) == 1 else f"[{row}, {column}]"


class Tick(NamedTuple):
    """A gridline: where on its axis, 0 to 1, and its label."""

    at: float
    label: str


class Curve(NamedTuple):
    """A curve in plot coordinates: x to the right and y upwards, both from 0 to 1."""

    name: str
    role: Literal["yours", "reference"]
    points: tuple[tuple[float, float], ...]


class Plot(NamedTuple):
    """Curves over logarithmic axes, and the same as a table of (step, error, reference's error)."""

    curves: tuple[Curve, ...]
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    table: tuple[tuple[str, ...], ...]
    label: str


def plot(p: StepPlot) -> Plot | None:
    """Error against step on log-log axes, or None with fewer than two points to draw."""
    yours = _drawable(p.steps, p.errors)
    reference = _drawable(p.steps, p.reference_errors)
    if len(yours) < 2:
        return None
    x = _decades(s for s, _ in yours + reference)
    y = _decades(e for _, e in yours + reference)
    named: tuple[tuple[str, Literal["yours", "reference"], list[tuple[float, float]]], ...] = (
        ("your gradient", "yours", yours), ("the reference", "reference", reference))
    curves = tuple(
        Curve(name, role, tuple((_along(s, x), _along(e, y)) for s, e in found)) for name, role, found in named if found
    )
    padded = list(p.reference_errors) + [math.nan] * len(p.steps)
    table = tuple(
        (f"{s:.3g}", f"{e:.3g}") + ((f"{r:.3g}",) if reference else ())
        for s, e, r in zip(p.steps[:_MOST_POINTS], p.errors, padded, strict=False)
    )
    low, high = min(e for _, e in yours), max(e for _, e in yours)
    label = (f"Error of your gradient against the step of the central difference, both axes logarithmic: "
             f"between {low:.2g} and {high:.2g} for steps from {yours[0][0]:.2g} to {yours[-1][0]:.2g}.")
    return Plot(curves, _ticks(x), _ticks(y), table, label)


def _drawable(steps: Sequence[float], errors: Sequence[float]) -> list[tuple[float, float]]:
    pairs = zip(steps[:_MOST_POINTS], errors, strict=False)
    return [(s, max(e, _FLOOR)) for s, e in pairs if math.isfinite(s) and s > 0 and math.isfinite(e) and e >= 0]


def _decades(values: Iterable[float]) -> tuple[int, int]:
    """Exponents of the powers of ten around the values, at least one decade apart."""
    logs = [math.log10(v) for v in values]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    return low, max(high, low + 1)


def _along(value: float, axis: tuple[int, int]) -> float:
    return round((math.log10(value) - axis[0]) / (axis[1] - axis[0]), 4)


def _ticks(axis: tuple[int, int]) -> tuple[Tick, ...]:
    low, high = axis
    stride = math.ceil((high - low) / (_MOST_LABELS - 1))
    return tuple(Tick((k - low) / (high - low), f"1e{k}") for k in range(low, high + 1, stride))
