"""How a value looks in a report: bounded, plain text."""

import re

import numpy as np

from grader.core.evidence import Shown
from grader.core.probe import Opaque, Own, StandIn, Value

_LENGTH = 400  # characters; a report line that is longer is not read
_BITS = 1024  # a longer int is no float either, and Python refuses to print a very long one
_HEAT = 24  # rows and columns of a heat-map


def show(value: Value) -> Shown:
    """The value as text of at most a few lines, with its shape if it is an array."""
    match value:
        case np.ndarray():
            return Shown(_array(value), value.shape)
        case Opaque(kind, text):
            return Shown(_cut(text if value.is_array else f"{text} (an object of type {kind})"))
        case StandIn(name):
            return Shown(f"a stand-in for {name.replace('_', ' ')}")
        case Own(function):
            return Shown(f"your own {function}")
        case float():
            return Shown(f"{value:.6g}")
        case int() if value.bit_length() > _BITS:
            return Shown(f"a whole number of {value.bit_length()} bits")
        case tuple() | list():
            inside = _one_by_one([show(v).text for v in value[:12]] + (["..."] if len(value) > 12 else []))
            return Shown(_cut(f"({inside})" if isinstance(value, tuple) else f"[{inside}]"))
        case dict():
            inside = ", ".join(f"{k!r}: {show(v).text}" for k, v in list(value.items())[:12])
            return Shown(_cut("{" + inside + (", ..." if len(value) > 12 else "") + "}"))
        case _:
            return Shown(_cut(repr(value)))


def heat(error: np.ndarray) -> tuple[tuple[float | None, ...], ...]:
    """Errors as a small matrix for a heat-map: of an array (..., n) its rows, one beneath the other, cut to the first 24 rows and columns.

    Empty for a single number; None stands for an error that is not finite.
    """
    if error.ndim == 0 or error.size < 2:
        return ()
    flat = np.atleast_2d(error.reshape(-1, error.shape[-1]))[:_HEAT, :_HEAT]
    return tuple(tuple(float(v) if np.isfinite(v) else None for v in row) for row in flat)


def _array(value: np.ndarray) -> str:
    if value.size == 0:
        return f"an empty array of shape {value.shape}"
    text = np.array2string(value, precision=4, threshold=60, edgeitems=3, max_line_width=100, suppress_small=False)
    return _cut(re.sub("\n+", "\n", text))  # numpy leaves a blank line between matrices, four of them where there are six axes


def _one_by_one(texts: list[str]) -> str:
    """Behind a bracket: side by side, or each on lines of its own where one has several, so that its rows stay below each other."""
    tall = any("\n" in text for text in texts)
    return ",\n ".join(text.replace("\n", "\n ") for text in texts) if tall else ", ".join(texts)


def _cut(text: str) -> str:
    return text if len(text) <= _LENGTH else text[: _LENGTH - 4] + " ..."
