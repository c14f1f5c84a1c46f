"""Shape: every result has the declared shape, whatever the sizes."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Literal, TypeAlias

import numpy as np

from grader.checks.answers import Conformed, Mismatch, mismatch, numbers, parts, should_be, trouble
from grader.checks.base import CaseTable
from grader.checks.form import FormCheck
from grader.checks.guard import idle, notes_of, read, twins, unfit, worth_nothing
from grader.core import dims
from grader.core.evidence import BlockRow, Blocks
from grader.core.interface import Block, Identifier, Result
from grader.core.observation import Observation, Returned
from grader.core.probe import Probe, Value
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met
from grader.core.wording import listed
from grader.trial import Case, CaseConfig, Trial

_ENOUGH = 10  # entries, from which on two random vectors do not look alike by chance
_FEW = 3  # blocks to which a mistake is done, if not to all biases: of 14 blocks there are 469 such choices, and 16 382 in all
_ALIKE = 0.9  # correlation: of two random vectors of 10 entries it is above this once in 2 000 times


class ShapeCheck(FormCheck):
    """Each output has the declared shape, for pairwise different sizes and for one example.

    No value is compared with the reference; but zeros, constants and copies of the input have the shape of anything and
    earn nothing.

    Parameters
    ----------
    outputs : tuple of str
        Which results are judged; all of them if empty.
    cases : tuple of tables
        Sizes and variants; three random ones and N = 1 if empty.
    """

    kind: Literal["shape"] = "shape"
    outputs: tuple[Identifier, ...] = ()
    cases: tuple[CaseTable, ...] = ()

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """Each case, then each once more with other numbers, then one again."""
        return tuple(case.probe for case in self._asked(trial))

    def judged(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """Shapes first, block by block where a vector has blocks; then finite and not degenerate."""
        cases, other, asked = self._cases(trial), self._twins(trial), self._asked(trial)
        if wrong := trouble(observations, asked) or self._misshapen(cases, observations):
            return wrong
        answers = read(asked, observations, self.outputs)
        if isinstance(answers, Verdict):
            return answers
        first, second = answers[:len(cases)], answers[len(cases):-1]
        again = first[self._largest(trial)], answers[-1]
        bad = unfit(cases, other, first, second) or idle(cases, first, second) or _erratic(asked[-1], *again)
        return (bad or met()).with_notes(*notes_of(answers))

    def _misshapen(self, cases: Sequence[Case], observations: Sequence[Observation]) -> Verdict | None:
        """The verdict on a transposed result or on a flat one whose blocks do not fit; None if neither is the matter."""
        found = [(case, parts(o.value, case)) for case, o in zip(cases, observations, strict=False) if isinstance(o, Returned)]
        given = [(case, result, value) for case, some in found if isinstance(some, tuple) for result, value in some]
        for case, result, value in given:
            if self.outputs and result.name not in self.outputs:
                continue
            every = [(c, v) for c, r, v in given if r.name == result.name]
            if wrong := _blocks(result, value, case, every) if result.spec.blocks else _transposed(result, value, case):
                return wrong
        return None

    def _configs(self, trial: Trial) -> tuple[CaseConfig, ...]:
        single: tuple[CaseConfig, ...] = ({"N": 1},) if "N" in trial.interface.function(self.function).dims else ()
        return self.cases or ({}, {}, {}, *single)

    def _asked(self, trial: Trial) -> tuple[Case, ...]:
        cases = self._cases(trial)
        return (*cases, *self._twins(trial), cases[self._largest(trial)])

    def _largest(self, trial: Trial) -> int:
        sizes = [sum(math.prod(case.shape_of(r.name)) for r in case.function.returns) for case in self._cases(trial)]
        return int(np.argmax(sizes))

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        return trial.cases(self.function, self._configs(trial))

    def _twins(self, trial: Trial) -> tuple[Case, ...]:
        return twins(trial, self.function, self._configs(trial))


def _erratic(case: Case, answer: Conformed, again: Conformed) -> Verdict | None:
    """The verdict on numbers drawn at random: of the right shape, but for the same inputs others, unlike the first.

    A state that is carried from call to call leaves answers alike; it is for the purity check to see.
    """
    for name, got in answer.results.items():
        if got.size >= _ENOUGH and not _correlation(got, again.results[name]) > _ALIKE:
            hint = "Compute the answer from the arguments, without random numbers."
            return worth_nothing(name, "the same call gives other numbers each time", case, got, hint)
    return None


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's r of their entries; NaN where all entries of one are the same."""
    with np.errstate(invalid="ignore"):
        return float(np.corrcoef(x.ravel(), y.ravel())[0, 1])


def _transposed(result: Result, value: Value, case: Case) -> Verdict | None:
    array, want = numbers(value, result, []), case.shape_of(result.name)
    if isinstance(array, Mismatch) or array.shape == want or array.shape != want[::-1]:
        return None
    message = f"{result.name}: shape {array.shape}, but should be {should_be(result, case)}: it is transposed."
    return mismatch(Mismatch(Reason.SHAPE, message), case, value)


def _blocks(result: Result, value: Value, case: Case, every: Sequence[tuple[Case, Value]]) -> Verdict | None:
    """The verdict on a vector of blocks that is no flat vector of the right length; None if it is, or is no such thing at all.

    What explains the length has to do so in `every` case.
    """
    blocks = result.spec.blocks
    if isinstance(value, list | tuple) and len(value) == len(blocks) and all(isinstance(part, np.ndarray) for part in value):
        return _separate(result, [np.shape(part) for part in value], case)  # type: ignore[arg-type]
    array = numbers(value, result, [])
    if isinstance(array, Mismatch) or array.ndim != 1 or array.shape == case.shape_of(result.name):
        return None
    lengths = [math.prod(_shape(b, case)) for b in blocks]
    each = ", ".join(f"{b.name} {n}" for b, n in zip(blocks, lengths, strict=True))
    how, concerned = _explained(blocks, [(c, np.size(v)) for c, v in every if isinstance(v, np.ndarray)])
    why = how.format(listed([blocks[i].name for i in concerned])) if how else ""
    left_out = concerned if how == _WITHOUT else ()
    message = f"{result.name}: {array.size} numbers, but should be {should_be(result, case)}: {each}.{why}"
    verdict = mismatch(Mismatch(Reason.SHAPE, message), case, value)
    if not left_out:
        return verdict
    sized = enumerate(zip(blocks, lengths, strict=True))
    rows = tuple(BlockRow(b.name, _shape(b, case), n if i in left_out else 0, n) for i, (b, n) in sized)
    return replace(verdict, evidence=(*verdict.evidence, Blocks(rows)))


def _separate(result: Result, shapes: Sequence[tuple[int, ...]], case: Case) -> Verdict:
    """The blocks came as arrays of their own: which of them has another shape, or that they are to be joined."""
    blocks = result.spec.blocks
    rows = []
    messages = []
    for block, shape in zip(blocks, shapes, strict=True):
        want = _shape(block, case)
        size = math.prod(want)
        rows.append(BlockRow(block.name, shape, 0 if shape == want else size, size))
        if shape != want:
            hint = ": it is transposed" if shape == want[::-1] else ""
            messages.append(f"{block.name}: shape {shape}, but should be {dims.spelled(block.shape)} = {want}{hint}.")
    joined = f"{result.name}: a list of {listed([b.name for b in blocks])}, but should be one flat vector, {should_be(result, case)}."
    return not_met(
        Reason.SHAPE, " ".join(messages) or joined, Blocks(tuple(rows)),
        hint="" if messages else "Flatten each block and join them in this order with np.concatenate.",
    )


_WITHOUT = " That is its length without {}."
_EACH_EXAMPLE = " That is its length with {} of each example: they are to be summed over the N examples."
_OTHER_AXIS = " That is its length with one number for each example in {}: sum over the N examples (axis=0), not over the entries."
_ONE_NUMBER = " That is its length with a single number for {}: sum over the N examples (axis=0), not over everything."


def _explained(blocks: Sequence[Block], found: Sequence[tuple[Case, int]]) -> tuple[str, tuple[int, ...]]:
    """What was done to which blocks, if exactly one choice explains the length in every case; empty if none or several do.

    That blocks are missing a single case shows; what their entries are, several: a length that is off by one may be anything.
    """
    choices = _choices(blocks, found)
    return choices[0][:2] if len(choices) == 1 else ("", ())


_Choice: TypeAlias = tuple[str, tuple[int, ...], list[list[int]]]
"""What was done, to which blocks, and how long every block is then, in each case."""


def _choices(blocks: Sequence[Block], found: Sequence[tuple[Case, int]]) -> list[_Choice]:
    """All that explain the lengths. Only where nothing else does is one block taken to have come with another of the sizes."""
    shapes = [([_shape(b, case) for b in blocks], case.sizes.get("N", 1)) for case, _ in found]
    some = [c for n in range(1, min(_FEW + 1, len(blocks))) for c in combinations(range(len(blocks)), n)]
    rows = tuple(i for i in range(len(blocks)) if shapes and _is_row(shapes[0][0][i]))
    some += [rows] if _FEW < len(rows) < len(blocks) else []
    hows = (_WITHOUT, _EACH_EXAMPLE, _OTHER_AXIS, _ONE_NUMBER) if len(found) > 1 else (_WITHOUT,)
    choices = [(how, c, [_lengths(how, c, of, N) for of, N in shapes]) for how in hows for c in some]
    return _fitting(choices, found) or (_fitting(_resized(blocks, [case for case, _ in found]), found) if len(found) > 1 else [])


def _fitting(choices: Iterable[_Choice], found: Sequence[tuple[Case, int]]) -> list[_Choice]:
    return [c for c in choices if all(sum(lengths) == length for lengths, (_, length) in zip(c[2], found, strict=True))]


def _resized(blocks: Sequence[Block], cases: Sequence[Case]) -> Iterator[_Choice]:
    """One block, one of whose axes has the size of another dim: ``h.T @ delta``, where ``x.T @ delta`` is meant."""
    for i, block in enumerate(blocks):
        axes = block.shape.split()
        for axis, dim in product(range(len(axes)), cases[0].sizes):
            if dim != axes[axis]:
                shape = " ".join([*axes[:axis], dim, *axes[axis + 1:]])
                lengths = [[math.prod(dims.shape_of(shape, c.sizes) if b is block else _shape(b, c)) for b in blocks] for c in cases]
                yield f" That is its length with {{}} of shape {dims.spelled(shape)}: look at what it is made of.", (i,), lengths


def _lengths(how: str, concerned: Sequence[int], shapes: Sequence[tuple[int, ...]], N: int) -> list[int]:
    """Of each of these blocks, if that was done to those concerned; -1 for all of them together if it cannot be done to a matrix."""
    if how != _WITHOUT and not all(_is_row(shapes[i]) for i in concerned):
        return [-1]
    lengths = enumerate(map(math.prod, shapes))
    return [{_WITHOUT: 0, _EACH_EXAMPLE: N * n, _OTHER_AXIS: N, _ONE_NUMBER: 1}[how] if i in concerned else n for i, n in lengths]


@dataclass(frozen=True, slots=True)
class Laid:
    """How vectors of another length than declared are laid out, where that is known.

    Parameters
    ----------
    why : str
        What was done; empty if several things lead to the same lengths.
    lost : tuple of str
        The blocks to which it was done.
    lengths : sequence of lists of int
        Of every block, in each case.
    """

    why: str
    lost: tuple[str, ...]
    lengths: Sequence[list[int]]

    def mended(self, at: int, vector: np.ndarray, case: Case, blocks: Sequence[Block]) -> np.ndarray:
        """The vector of that number at its declared length, with zeros for what is lost."""
        pieces = np.split(vector, np.cumsum(self.lengths[at])[:-1])
        return np.concatenate([
            np.zeros(math.prod(_shape(b, case))) if b.name in self.lost else piece for b, piece in zip(blocks, pieces, strict=True)])


def laid_out(result: Result, found: Sequence[tuple[Case, int]]) -> Laid | None:
    """The only way to lay out vectors of these lengths, if there is one and it is not the declared one."""
    blocks = result.spec.blocks
    ways = _choices(blocks, found)
    if not ways or any(way[1:] != ways[0][1:] for way in ways):
        return None
    how, concerned, lengths = ways[0]
    names = tuple(blocks[i].name for i in concerned)
    return Laid(how.format(listed(names)) if len(ways) == 1 else "", names, lengths)


def misplaced(result: Result, found: Sequence[tuple[Case, int]]) -> str:
    """Why a vector of blocks has another length though no block is left out: a bias is summed over the wrong axis, or not at all.

    Empty if that does not explain the length in every case.

    Parameters
    ----------
    found : sequence of (Case, int)
        The lengths.
    """
    how, concerned = _explained(result.spec.blocks, found)
    return "" if how in ("", _WITHOUT) else how.strip().format(listed([result.spec.blocks[i].name for i in concerned]))


def _is_row(shape: tuple[int, ...]) -> bool:
    """Whether it is a bias: one row, or one number."""
    return shape[:1] in ((), (1,))


def _shape(block: Block, case: Case) -> tuple[int, ...]:
    return dims.shape_of(block.shape, case.sizes)
