"""The usual slips: transforms of the right answer that a student's answer equals on every case alike.

To add one is to add a row to `SLIPS`. A transform returns what the slip would make of the right answer, or None where it
cannot be told from something else.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.core import dims
from grader.trial import Case

_CLOSE = 1e-3  # of a cost: what is added to each probability to be safe is 1e-3 at most, other mistakes change it by 1e-2 at least

Transform = Callable[[np.ndarray, np.ndarray, Case, str], np.ndarray | None]
"""(right answer, student's answer, case, name of the output) -> what the slip makes of the right answer."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One usual slip.

    Parameters
    ----------
    id : str
        ``sign_flipped``.
    sentence : str
        With ``{name}`` for the output.
    hint : str
        What to look for.
    transform : callable
        See `Transform`.
    """

    id: str
    sentence: str
    hint: str
    transform: Transform


def _zero(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    return np.zeros_like(want)


def _negative(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    return -want


def _signs(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    # of several blocks, those with the wrong signs are named one by one
    if got.shape != want.shape or want.size < 2 or _parts(want, case, name) or np.array_equal(np.signbit(got), np.signbit(want)):
        return None
    return np.asarray(np.copysign(want, got))


def _doubled(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    return 2.0 * want


def _halved(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    return want / 2.0


def _times_size(dim: str, power: int) -> Transform:
    def transform(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
        return want * float(case.sizes[dim]) ** power
    return transform


def _transposed(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    return want.T if want.ndim == 2 else None


def _column_major(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    if want.ndim == 2:
        return want.T.reshape(want.shape)
    parts = _parts(want, case, name)
    return np.concatenate([p.T.ravel() for p in parts]) if parts else None


def _blocks_reversed(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    parts = _parts(want, case, name)
    return np.concatenate([p.ravel() for p in reversed(parts)]) if len(parts) > 1 else None


def _rows_summed(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    return np.broadcast_to(want.sum(axis=0), want.shape) if want.ndim == 2 else None


def _rows_same(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    return np.broadcast_to(got[0], got.shape) if got.ndim == 2 and got.shape[0] > 1 else None


def _constant(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    return np.full_like(got, got.flat[0]) if got.size > 1 else None


def _close(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    # a plain number: of arrays it is told which entries are off
    return got if got.shape == want.shape == () and abs(got - want) <= _CLOSE * abs(want) else None


def _offset(want: np.ndarray, got: np.ndarray, case: Case, name: str) -> np.ndarray | None:
    # of one entry anything is an offset, of two half of everything looks like one; 0 in some case is none
    if got.shape != want.shape or want.size < 3 or np.array_equal(got, want):
        return None
    return np.asarray(want + np.mean(got - want))


def _parts(want: np.ndarray, case: Case, name: str) -> list[np.ndarray]:
    """The blocks of a flat output, in order; empty if it has none."""
    spec = next((r.spec for r in case.function.returns if r.name == name), None)
    shapes = [dims.shape_of(b.shape, case.sizes) for b in spec.blocks] if spec else []
    ends = np.cumsum([int(np.prod(s)) for s in shapes])
    if not shapes or want.ndim != 1 or ends[-1] != want.size:
        return []
    return [p.reshape(s) for p, s in zip(np.split(want, ends[:-1]), shapes, strict=True)]


SLIPS: tuple[Slip, ...] = (
    Slip("all_zero", "{name} is zero everywhere.",
         "Make sure that the result is filled in before it is returned. If it is, look at the shapes of what it is made of.", _zero),
    Slip("constant", "Every entry of {name} is the same number.",
         "Look for a sum over all axes where one axis was meant.", _constant),
    Slip("sign_flipped", "{name} has the wrong sign in every entry.",
         "Look for (y - yhat) in place of (yhat - y), or for a lost minus.", _negative),
    Slip("doubled", "{name} is twice what it should be.", "Look for a factor 2, or for something that is added twice.", _doubled),
    Slip("halved", "{name} is half of what it should be.", "Look for a factor 1/2 that the handout does not have.", _halved),
    Slip("transposed", "{name} is transposed.", "Write the shape of each factor beside the product.", _transposed),
    Slip("column_major", "{name} is laid out column by column.",
         "Flatten row by row: .flatten() or .ravel(), without a transpose before it.", _column_major),
    Slip("blocks_reversed", "The parts of {name} are in the reverse order.", "Concatenate them in the handout's order.", _blocks_reversed),
    Slip("rows_summed", "Every row of {name} holds the sum over all rows.",
         "Add to the row that is meant, by its index, and to no other.", _rows_summed),
    Slip("rows_same", "All rows of {name} are the same.", "Keep one row for each example or word.", _rows_same),
    Slip("signs", "The magnitudes of {name} are right, but the signs are not.",
         "Look for a root of a square, an absolute value, or a division by a number that may be negative.", _signs),
    Slip("close", "{name} is close, but not exact.",
         "Look for a small number that is added, inside a logarithm for one, or for a constant that is rounded.", _close),
    Slip("offset", "Every entry of {name} is off by the same amount.", "Look for a constant that is added or left out.", _offset),
)
"""In the order in which they are tried, special before general."""


IN_PROPORTION = Slip("in_proportion", "{name} is off by the same factor in every case.",
                     "Look for a logarithm to another base, or a number that the sum is multiplied or divided by.", lambda *_: None)
IN_PARALLEL = Slip("in_parallel", "{name} is off by the same amount in every case.",
                   "Look for a number that is added or left out, whatever the arguments are.", lambda *_: None)
"""Of plain numbers: what no single case shows."""


def slips_for(cases: Sequence[Case]) -> Iterator[Slip]:
    """The table, and one row for each dim that may have been multiplied or divided by."""
    yield from SLIPS
    for dim in dict.fromkeys(d for case in cases for d in case.sizes):
        if all(dim in case.sizes for case in cases):
            yield Slip(f"divided_by_{dim}", f"{{name}} is divided by {dim}.",
                       f"Look for a mean, or a division by {dim}, where the handout has a sum.", _times_size(dim, -1))
            yield Slip(f"times_{dim}", f"{{name}} is {dim} times what it should be.",
                       f"Look for a sum over {dim} terms that are all the same, or a missing division by {dim}.", _times_size(dim, 1))
