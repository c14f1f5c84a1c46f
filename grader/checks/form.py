"""Mistakes of form that one item charges, while the others judge the numbers: another order of the results, sizes written into the code."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Self

import numpy as np
from pydantic import Field

from grader.checks.base import Check, Share
from grader.core import dims
from grader.core.interface import FunctionSpec, Identifier, Interface, Result
from grader.core.observation import Observation, Raised, Returned
from grader.core.probe import Probe, Value
from grader.core.reason import Reason
from grader.core.verdict import Verdict, partly
from grader.core.wording import listed
from grader.trial import Trial


class FormCheck(Check):
    """A check of a function that may have its results in another order, or work at some sizes alone.

    A subclass has `judged` and `further` in place of `judge` and `follow_up`, and may be given observations with their results put in
    order. Its field ``cases`` says at which sizes it asks.

    Parameters
    ----------
    rearranged : Fraction
        Share of the points for results that come in another order, if their numbers of axes tell which one, or for a flat vector whose
        blocks come one by one. 1 is for what another item charges.
    sizes : mapping of str to int
        Sizes at which a function is asked again that fails at those of the cases: the ones of the handout's own test.
    at_sizes : Fraction
        Share of the points for a function that is right there. 1 is for what another item charges.
    """

    rearranged: Share = Fraction(0)
    sizes: dict[Identifier, int] = Field(default_factory=dict)
    at_sizes: Share = Fraction(0)

    @abstractmethod
    def judged(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """The verdict on results that are in order."""

    def further(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """Questions that explain it."""
        return ()

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """As `judged`, with what is charged for the form."""
        if not _fails_at_sizes(self, observations):
            return self._in_order(trial, observations, follow_up)
        verdict = self._in_order(trial, observations, ())
        found = self._at_sizes(trial).judge(trial, follow_up)
        if verdict.reason is not Reason.RAISED or not found.credit:
            return verdict
        spared = found.credit < 1 or self._right_elsewhere(trial, observations)
        return self._told_of_sizes(verdict, found) if spared else verdict

    def follow_up(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """The cases at other sizes, for a function that raises at the first ones; else what explains the verdict."""
        if _fails_at_sizes(self, observations):
            return self._at_sizes(trial).plan(trial)
        return self.further(trial, self._arranged(trial, observations)[0])

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: sizes of dims that the function has not."""
        yield from super().problems(interface)
        for function in (f for f in interface.functions if f.name == self.function):
            for unknown in sorted(set(self.sizes) - function.dims):
                yield "sizes", f"{self.function} has no dim {unknown}.", f"Use only: {', '.join(sorted(function.dims))}."

    def _in_order(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation]) -> Verdict:
        first, message = self._arranged(trial, observations)
        if not message:
            return self.judged(trial, observations, follow_up)
        function = trial.interface.function(self.function)
        found = self.judged(trial, first, arranged(function, follow_up)[0])
        if not found.credit:
            return found
        if self.rearranged == 1:
            return found.with_notes(f"{message} That is not charged here.")
        hint = f"End with: return {', '.join(r.name for r in function.returns)}."
        share, also = self.rearranged * found.credit, f" {found.message}" if found.message else ""
        evidence = self.judged(trial, observations).evidence if found.credit == 1 else found.evidence
        return replace(partly(share, Reason.SHAPE, message + also, *evidence, hint=hint), notes=found.notes)

    def _arranged(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Sequence[Observation], str]:
        return arranged(trial.interface.function(self.function), observations) if self.rearranged else (observations, "")

    def _at_sizes(self, trial: Trial) -> Self:
        """The same check, which asks at the other sizes."""
        cases = (dict(self.sizes),) * 2
        return trial.once(("at sizes", self.model_dump_json()), lambda: self.model_copy(update={"cases": cases}))

    def _right_elsewhere(self, trial: Trial, observations: Sequence[Observation]) -> bool:
        """Whether all is right with the reference's answers in place of exceptions: who is wrong at a size has not just written one."""
        asked = zip(self.plan(trial), self._arranged(trial, observations)[0], strict=False)
        return self.judged(trial, [trial.observed(p) if isinstance(o, Raised) else o for p, o in asked]).credit == 1

    def _told_of_sizes(self, verdict: Verdict, found: Verdict) -> Verdict:
        sizes = listed(f"{dim} = {size}" for dim, size in self.sizes.items())
        message = f"{verdict.message.rstrip(' .')}. At {sizes} it does not."
        if self.at_sizes == 1:
            return found.with_notes(f"{message} That is not charged here.")
        numbers = listed(sorted(set(self.sizes.values()), reverse=True), "or")
        hint = f"Look for numbers such as {numbers} in the code, and for one size in another's place: take each from the arguments."
        message = " ".join(filter(None, (message, found.message)))
        return partly(self.at_sizes * (found.credit or 0), Reason.RAISED, message, *verdict.evidence, hint=hint)


def _fails_at_sizes(check: FormCheck, observations: Sequence[Observation]) -> bool:
    """Whether the function raises at some of the sizes, and there are others at which it is to be asked."""
    return bool(check.sizes) and any(isinstance(o, Raised) for o in observations)


def arranged(function: FunctionSpec, observations: Sequence[Observation]) -> tuple[Sequence[Observation], str]:
    """The observations with their results as declared, and what is said of others; nothing if they are so, or nobody can tell."""
    at = next((i for i, r in enumerate(function.returns) if r.spec.blocks), None)
    gathered = list(observations) if at is None else [_gathered(o, function.returns, at) for o in observations]
    order = _another_order(function, gathered)
    names, said = [r.name for r in function.returns], []
    if order:
        said.append(f"{function.name} returns {listed(names[i] for i in order)} in this order, but should return {listed(names)}.")
    if at is not None and any(g is not o for g, o in zip(gathered, observations, strict=True)):
        said.append(f"{function.name} returns the blocks of {names[at]} one by one; they are to be one flat vector.")
    return [_reordered(o, order) for o in gathered] if order else gathered, " ".join(said)


def _another_order(function: FunctionSpec, observations: Sequence[Observation]) -> tuple[int, ...]:
    """In which order the results come, where it is not the declared one: ``(1, 0)`` for grad, cost; empty where they are in order.

    Their numbers of axes tell, the same in every answer of several results; of results that have as many, the first is the first. If
    these are not the declared ones, those without axes of length 1 tell: a cost may come as (1,), a vector as one row.
    """
    shapes = [dims.shape_of(r.spec.shape, dict.fromkeys(function.dims, 2)) for r in function.returns]
    came = {_shapes(o.value) for o in observations if isinstance(o, Returned)} - {()}
    for axes_of in (len, _long_axes):
        due, axes = [axes_of(s) for s in shapes], {tuple(map(axes_of, each)) for each in came}
        if len(axes) == 1 and sorted(found := axes.pop()) == sorted(due):
            places = {n: iter([i for i, d in enumerate(due) if d == n]) for n in due}
            return () if list(found) == due else tuple(next(places[n]) for n in found)
    return ()


def _long_axes(shape: tuple[int, ...]) -> int:
    return sum(n != 1 for n in shape)


def _shapes(value: Value) -> tuple[tuple[int, ...], ...]:
    """The shape of each of several results; empty if there is only one, or if some are neither arrays nor numbers."""
    given = value if isinstance(value, tuple | list) else ()
    shapes = [v.shape if isinstance(v, np.ndarray) else () for v in given if isinstance(v, np.ndarray | float | int)]
    return tuple(shapes) if len(shapes) == len(given) else ()


def _reordered(observation: Observation, order: Sequence[int]) -> Observation:
    value = observation.value if isinstance(observation, Returned) else None
    if not isinstance(observation, Returned) or not isinstance(value, tuple | list) or len(value) != len(order):
        return observation
    return replace(observation, value=tuple(value[order.index(i)] for i in range(len(order))))


def _gathered(observation: Observation, results: Sequence[Result], at: int) -> Observation:
    """The observation with the blocks of the result there joined, which come in a list, or among the results."""
    value = observation.value if isinstance(observation, Returned) else None
    if not isinstance(observation, Returned) or not isinstance(value, tuple | list):
        return observation
    count = len(results[at].spec.blocks)
    end = at + (count if len(value) == len(results) - 1 + count else 1)
    blocks = value[at:end] if end > at + 1 else value[at] if len(value) == len(results) else ()
    if not isinstance(blocks, tuple | list) or len(blocks) != count or not all(isinstance(b, np.ndarray) for b in blocks):
        return observation
    joined = np.concatenate([np.ravel(b) for b in blocks])  # type: ignore[arg-type]
    return replace(observation, value=(*value[:at], joined, *value[end:]))
