"""Central differences: points to ask at, slopes from the answers, and what the error does as the step shrinks.

For a cost f, a point x and a direction d of length 1, the directional derivative is ``<grad f(x), d>`` and::

    (f(x + h d) - f(x - h d)) / (2 h)  =  <grad f(x), d>  +  h^2/6 f'''  +  eps |f| / h
                                                             truncation     rounding

References
----------
Nocedal and Wright, Numerical Optimization, 2nd edition, section 8.1.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

EPS = float(np.finfo(float).eps)
STEPS = tuple(10.0**-k for k in range(1, 10))
"""The steps of an error curve: from truncation alone to rounding alone."""

# Rounding of a right cost: a sum of a hundred terms, each wrong by eps/2 of the whole at worst, taken twice
ROUNDING = 100.0
_USABLE = 1e-6  # below this step rounding hides a slope that is wrong by 1e-6 (ROUNDING eps / h = 2e-8 at it)


def step_size(x: np.ndarray) -> float:
    """The step that balances truncation h^2 and rounding eps / h: ``h = eps**(1/3)``, 6e-6, times the scale of x.

    The sum of both is least where their derivatives cancel: h = (3 eps |f| / |f'''|)^(1/3), with |f| and |f'''| of one
    size for the costs at hand. A larger x (at least 1) has coarser floating-point neighbours, and takes a larger step.
    """
    return float(EPS ** (1 / 3) * max(1.0, np.max(np.abs(x), initial=0.0)))


def random_directions(shape: tuple[int, ...], count: int, rng: np.random.Generator, mask: np.ndarray | None = None) -> np.ndarray:
    """Directions of length 1 in which no entry is overlooked.

    Each entry is +- (0.5 ... 1) before scaling: a normal draw would be near zero for some entries and miss their errors.

    Parameters
    ----------
    mask : (*shape) bool ndarray, optional
        The entries to move; all of them if absent. The others are 0.

    Returns
    -------
    (count, *shape) ndarray
    """
    raw = rng.uniform(0.5, 1.0, (count, *shape)) * rng.choice([-1.0, 1.0], (count, *shape))
    if mask is not None:
        raw = raw * mask
    length = np.sqrt(np.sum(raw**2, axis=tuple(range(1, raw.ndim)), keepdims=True))
    return np.asarray(raw / np.where(length > 0, length, 1.0))


def unit_direction(shape: tuple[int, ...], entry: int) -> np.ndarray:
    """The direction of one entry, by its number in row-major order: an array of this shape, 1.0 there and 0.0 elsewhere."""
    d = np.zeros(shape)
    d.reshape(-1)[entry] = 1.0
    return d


def pair(x: np.ndarray, d: np.ndarray, h: float) -> tuple[np.ndarray, np.ndarray]:
    """The two points ``x + h d`` and ``x - h d``; x and d have one shape, any, and so have the points."""
    return x + h * d, x - h * d


def slope(plus: float, minus: float, h: float) -> float:
    """The central difference of the costs at the two points of `pair`."""
    return (plus - minus) / (2 * h)


def along(gradient: np.ndarray, d: np.ndarray) -> float:
    """The directional derivative ``<gradient, d>``, both of one shape; entries that d does not move count nothing, NaN included."""
    return float(np.sum(gradient * d, where=d != 0))


def slope_allowance(cost: float, h: float, gradient: np.ndarray, rtol: float, eps: float = EPS) -> float:
    """How far a central difference at this step may be from ``<gradient, d>`` for a right pair of cost and gradient.

    Rounding of the cost, ``ROUNDING * eps * max(1, |cost|) / h`` (4e-9 at `step_size`), and the relative error that the
    entries of the gradient are allowed: at most ``rtol * |gradient|`` along a direction of length 1. `eps` is that of the cost's
    precision. The gradient may have any shape.
    """
    return ROUNDING * eps * max(1.0, abs(cost)) / h + rtol * float(np.linalg.norm(gradient))


class Curve(StrEnum):
    """What the error of a gradient does as the step shrinks."""

    RIGHT = "right"
    """Falls with slope 2 (or is nothing but rounding from the start)."""
    WRONG = "wrong"
    """Stays where it is: the gradient is off by a fixed amount."""
    KINK = "kink"
    """Falls, but with slope 1 or less, or only once the step is smaller than the distance to a kink."""
    NOISE = "noise"
    """Grows as the step shrinks: the cost is not the same at every call."""
    UNCLEAR = "unclear"
    """Too few finite errors to tell."""


def read_curve(steps: Sequence[float], errors: Sequence[float], cost: float) -> Curve:
    """What the errors say of a gradient; steps from large to small.

    Only steps down to 1e-6 count: below, rounding hides what there is to see.

    Parameters
    ----------
    errors : sequence of float
        ``abs(slope - <gradient, d>)`` at each step, for one direction d of length 1.
    cost : float
        The cost there, for the size of its rounding.
    """
    h, e = np.asarray(steps, float), np.asarray(errors, float)
    usable = np.isfinite(e) & (h >= _USABLE * (1 - 1e-9))
    h, e = h[usable], e[usable]
    if e.size < 4:  # three fit a line through anything
        return Curve.UNCLEAR
    floor = ROUNDING * EPS * max(1.0, abs(cost)) / h
    reached = np.flatnonzero(e <= floor)
    if reached.size:
        at = int(reached[0])
        falling = _slopes(h[:at], e[:at])
        last = _slopes(h[at - 1 : at + 1], np.array([e[at - 1], floor[at]])) if at else np.zeros(1)
        # 1.5 lies between the slope 1 of a kink and the 2 of a smooth cost, whose first steps may be too long for either; an
        # error that vanishes from one step to the next, faster than h^6, was that of a kink which the smaller step does not reach
        return Curve.KINK if last[0] > 6 or (falling.size and falling[-1] < 1.5) else Curve.RIGHT
    trend = float(np.median(_slopes(h, e)[-3:]))
    if trend < -0.5:  # noise has slope -1, a wrong gradient 0, |x|^1.5 at its kink 0.5
        return Curve.NOISE
    return Curve.KINK if trend > 0.25 else Curve.WRONG


def _slopes(h: np.ndarray, e: np.ndarray) -> np.ndarray:
    """Slope of log e against log h, from each point to the next."""
    return np.asarray(np.diff(np.log(np.maximum(e, np.finfo(float).tiny))) / np.diff(np.log(h)))
