"""What a gradient check works with: blocks of a gradient, differences to take, and the answers in the declared form."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from grader.core import dims
from grader.core.interface import ArraySpec, Block, FunctionSpec
from grader.numerics.compare import Comparison, Tolerance, agrees, compare
from grader.numerics.differences import EPS, along, pair, slope_allowance
from grader.trial import Case


@dataclass(frozen=True, slots=True)
class Part:
    """A block inside a gradient, in row-major order.

    Parameters
    ----------
    shape : tuple of int
        Its own shape.
    entries : slice
        Where it lies in the flattened gradient.
    """

    shape: tuple[int, ...]
    entries: slice

    def of(self, gradient: np.ndarray) -> np.ndarray:
        """The block, in its own shape."""
        return gradient.reshape(-1)[self.entries].reshape(self.shape)


def blocks_of(function: FunctionSpec, wrt: str) -> tuple[Block, ...]:
    """The declared blocks of a parameter; none if it is not a flat vector of several."""
    spec = function.param(wrt).spec
    return spec.blocks if isinstance(spec, ArraySpec) else ()


@lru_cache(maxsize=1024)  # the same for every submission of a run, and asked for at every turn
def parts_of(case: Case, wrt: str, gradient: str, chosen: tuple[str, ...]) -> Mapping[str, Part]:
    """The blocks that count, by name; the whole gradient, under its own name, if the parameter has no blocks."""
    parts: dict[str, Part] = {}
    start = 0
    for block in blocks_of(case.function, wrt):
        shape = dims.shape_of(block.shape, case.sizes)
        stop = start + math.prod(shape)
        if not chosen or block.name in chosen:
            parts[block.name] = Part(shape, slice(start, stop))
        start = stop
    shape = case.shape_of(gradient)
    return parts or {gradient: Part(shape, slice(0, math.prod(shape)))}


def mask_of(shape: tuple[int, ...], parts: Sequence[Part]) -> np.ndarray:
    """The entries of a gradient of that shape that lie in one of the parts."""
    mask = np.zeros(math.prod(shape), bool)
    for part in parts:
        mask[part.entries] = True
    return mask.reshape(shape)


@dataclass(frozen=True, eq=False)
class Difference:
    """One central difference to take.

    Parameters
    ----------
    at : int
        Number of the case, as in `Answers.cases`.
    case : Case
        The case itself.
    wrt : str
        The argument that is moved.
    d : ndarray
        Direction, of the argument's shape and of length 1.
    h : float
        Step.
    """

    at: int
    case: Case
    wrt: str
    d: np.ndarray
    h: float

    @cached_property  # the same two for every submission of a run
    def cases(self) -> tuple[Case, Case]:
        """The case moved forward and backward."""
        plus, minus = pair(np.asarray(self.case.arg(self.wrt)), self.d, self.h)
        return self.case.replaced(**{self.wrt: plus}), self.case.replaced(**{self.wrt: minus})


@dataclass(frozen=True, eq=False)
class Answers:
    """What the student's function answered, case by case, beside what is right.

    Parameters
    ----------
    parts : sequence of mappings
        The blocks that count, for each case.
    got, want : sequences of ndarray
        Gradients: the student's and the reference's, one for each case, both of the shape that is declared for it there.
    costs, want_costs : sequences of float
        The same of the cost; NaN where the student's is no finite number, for it has an item of its own.
    differences, slopes : sequences
        Central differences of the student's own cost.
    tolerance : Tolerance
        That of single precision if some of it came so.
    eps : float
        Of the precision that the student's costs have: in single precision the differences are little but rounding.
    whole : bool
        Whether every gradient came as an array of integers.
    """

    cases: Sequence[Case]
    parts: Sequence[Mapping[str, Part]]
    got: Sequence[np.ndarray]
    want: Sequence[np.ndarray]
    costs: Sequence[float]
    want_costs: Sequence[float]
    differences: Sequence[Difference]
    slopes: Sequence[float]
    tolerance: Tolerance
    eps: float = EPS
    whole: bool = False

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the blocks that count."""
        return tuple(self.parts[0])

    @cached_property
    def cost_right(self) -> bool:
        """Whether every cost is the reference's."""
        return all(agrees(np.array(c), np.array(w), self.tolerance) for c, w in zip(self.costs, self.want_costs, strict=True))

    def block(self, name: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The student's and the reference's block, for each case an array of the block's own shape."""
        return ([p[name].of(g) for p, g in zip(self.parts, self.got, strict=True)],
                [p[name].of(w) for p, w in zip(self.parts, self.want, strict=True)])

    def found(self, at: int, name: str) -> Comparison:
        """The comparison of one block in one case."""
        return self._found[at][name]

    @cached_property
    def _found(self) -> list[dict[str, Comparison]]:
        return self.against(self.want)

    def against(self, gradients: Sequence[np.ndarray]) -> list[dict[str, Comparison]]:
        """The comparison of the student's gradients with these (one for each case, of the same shape), block by block."""
        return [{n: compare(p.of(g), p.of(w), self.tolerance.of(w)) for n, p in parts.items()}
                for parts, g, w in zip(self.parts, self.got, gradients, strict=True)]

    def are(self, gradients: Sequence[np.ndarray]) -> bool:
        """Whether the student's gradients are these (one for each case, of the same shape), as far as they count."""
        return all(compare(p.of(g), p.of(w), self.tolerance.of(w)).ok
                   for parts, g, w in zip(self.parts, self.got, gradients, strict=True) for p in parts.values())

    @cached_property
    def wrong(self) -> tuple[str, ...]:
        """The blocks that are wrong in some case."""
        return tuple(n for n in self.blocks if not all(self.found(i, n).ok for i in range(len(self.cases))))

    def near(self, names: Collection[str], gradients: Sequence[np.ndarray], share: float) -> bool:
        """Whether these blocks are off from these gradients by no more than this share of a block's largest entry, in every case.

        The gradients are one for each case, of the shape of `got`.
        """
        return all(np.max(np.abs(p.of(got) - p.of(g))) <= share * np.max(np.abs(p.of(g)))
                   for parts, got, g in zip(self.parts, self.got, gradients, strict=True) for n, p in parts.items() if n in names)

    @property
    def is_cut(self) -> bool:
        """Whether these are the right gradients without their fractions, in arrays of integers."""
        return self.whole and self.are([np.trunc(w) for w in self.want])

    @property
    def invisible(self) -> tuple[str, ...]:
        """The blocks that no case tells from zero, so that an empty answer would earn them."""
        return tuple(n for n in self.blocks if all(compare(np.zeros_like(w), w, self.tolerance).ok for w in self.block(n)[1]))

    @cached_property
    def failing(self) -> int:
        """Number of the smallest case in which a block is wrong; 0 if there is none."""
        return next((i for i in range(len(self.cases)) if not all(self.found(i, n).ok for n in self.blocks)), 0)

    def chosen(self, at: int) -> np.ndarray:
        """The student's gradient without the entries that do not count; in its own shape if all of them do."""
        mask = mask_of(self.got[at].shape, tuple(self.parts[at].values()))
        return self.got[at] if mask.all() else self.got[at][mask]

    def follows(self, gradients: Sequence[np.ndarray]) -> bool:
        """Whether the student's own cost changes as these gradients (one for each case) say.

        One that does not change at all follows none, however coarse it is.
        """
        still = self.coarse and bool(self.slopes) and not any(self.slopes)
        return not still and all(self.gap(i, gradients) <= self.allowance(i) for i in range(len(self.slopes)))

    @property
    def coarse(self) -> bool:
        """Whether the costs are too coarse for their differences to prove anything."""
        return self.eps > EPS

    def gap(self, i: int, gradients: Sequence[np.ndarray]) -> float:
        """How far slope number `i` is from that gradient; infinite if either is no finite number."""
        difference = self.differences[i]
        gap = abs(self.slopes[i] - along(gradients[difference.at], difference.d))
        return gap if math.isfinite(gap) else math.inf

    def allowance(self, i: int) -> float:
        """How far slope number `i` of a right solution may be from its gradient.

        The sizes of the costs are the reference's and, for a consistent pair of another cost, the student's.
        """
        at = self.differences[i].at
        cost = max(abs(self.want_costs[at]), abs(self.costs[at]) if math.isfinite(self.costs[at]) else 0.0)
        return slope_allowance(cost, self.differences[i].h, self.want[at], self.tolerance.rtol, self.eps)
