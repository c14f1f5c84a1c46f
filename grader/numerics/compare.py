"""Entry-wise comparison against the trusted side."""

import math
from dataclasses import dataclass

import numpy as np

EPS_SINGLE = float(np.finfo(np.float32).eps)
_ROUNDINGS = 8  # of single precision, in a sum of some ten terms


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``abs(got - want) <= atol + rtol * abs(want)``; `want` is the trusted side.

    Parameters
    ----------
    rtol, atol : float
        As above.
    largest : float
        Share of the largest entry of `want` that `atol` is at least.
    """

    rtol: float
    atol: float
    largest: float = 0.0

    def single(self, size: float = 1.0) -> "Tolerance":
        """The same for answers in single precision, or this one where it is wider.

        The largest entry's rounding may be in all of them, because sums cancel. `size` is that of the largest input: an exponent is
        off by its rounding, eps/2 of it, and by that of the one subtracted from it.
        """
        noise = EPS_SINGLE * max(_ROUNDINGS, 2 * size)
        return Tolerance(max(self.rtol, noise), self.atol, noise)

    def of(self, want: np.ndarray) -> "Tolerance":
        """The same in two numbers, for these right answers or for a part of them."""
        if not self.largest:
            return self
        return Tolerance(self.rtol, max(self.atol, self.largest * float(np.max(np.abs(want), initial=0.0))))


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Where two arrays of one shape differ.

    Parameters
    ----------
    bad : ndarray of bool
        Entries outside the tolerance; NaN and infinity are bad unless both sides have the same infinity.
    error : ndarray of float
        ``abs(got - want)``, NaN where `got` is not finite.
    ok : bool
        Whether no entry differs.
    tolerance : Tolerance
        What was allowed, in two numbers.
    """

    bad: np.ndarray
    error: np.ndarray
    ok: bool
    tolerance: Tolerance

    @property
    def differ(self) -> int:
        """How many entries differ."""
        return int(self.bad.sum())

    @property
    def first(self) -> tuple[int, ...] | None:
        """Index of the first entry that differs, in row-major order."""
        return None if self.ok else _index(self.bad, int(np.argmax(self.bad)))

    @property
    def worst(self) -> tuple[int, ...] | None:
        """Index of the entry that differs most; entries that are not finite come before all others."""
        if self.ok:
            return None
        rank = np.where(self.bad, np.where(np.isfinite(self.error), self.error, np.inf), -1.0)
        return _index(rank, int(np.argmax(rank)))

    @property
    def worst_error(self) -> float | None:
        """The error at `worst`; None if it is not finite or nothing differs."""
        at = self.worst
        value = float(self.error[at]) if at is not None else np.nan
        return value if np.isfinite(value) else None


def compare(got: np.ndarray, want: np.ndarray, tolerance: Tolerance) -> Comparison:
    """Compare entry by entry; never broadcasts.

    Parameters
    ----------
    got, want : ndarray
        Real numbers, of one shape.

    Raises
    ------
    ValueError
        If the shapes differ: that is a verdict of its own, to be given before.
    """
    if got.shape != want.shape:
        raise ValueError(f"shapes {got.shape} and {want.shape} are not compared")
    got, want = np.asarray(got, float), np.asarray(want, float)
    tolerance = tolerance.of(want)
    with np.errstate(all="ignore"):
        error = np.abs(got - want)
        near = error <= tolerance.atol + tolerance.rtol * np.abs(want)
        if near.all() and math.isfinite(error.sum()):  # as nearly always; the rest is about what is not finite
            return Comparison(~near, error, ok=True, tolerance=tolerance)
    same_infinity = np.isinf(want) & (got == want)
    bad = ~((near & np.isfinite(got) & np.isfinite(want)) | same_infinity)
    error = np.where(same_infinity, 0.0, error)
    return Comparison(bad, error, ok=not bad.any(), tolerance=tolerance)


def agrees(got: np.ndarray, want: np.ndarray, tolerance: Tolerance) -> bool:
    """Whether two arrays are of one shape and equal within the tolerance."""
    return got.shape == want.shape and compare(got, want, tolerance).ok


def _index(array: np.ndarray, flat: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, array.shape))
