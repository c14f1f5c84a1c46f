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
        found = self._at_sizes(trial).judge(trial, follow_up) if follow_up else verdict
        return self._told_of_sizes(verdict, found) if found.credit and verdict.reason is Reason.RAISED else verdict

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
        found = self.judged(trial, first)
        if found.credit != 1:  # else there is nothing to explain
            found = self.judged(trial, first, arranged(trial.interface.function(self.function), follow_up)[0])
        if not found.credit:
            return found
        if self.rearranged == 1:
            return found.with_notes(f"{message} That is not charged here.")
        hint = f"End with: return {', '.join(r.name for r in trial.interface.function(self.function).returns)}."
        share, also = self.rearranged * found.credit, f" {found.message}" if found.message else ""
        evidence = self.judged(trial, observations).evidence if found.credit == 1 else found.evidence
        return replace(partly(share, Reason.SHAPE, message + also, *evidence, hint=hint), notes=found.notes)

    def _arranged(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Sequence[Observation], str]:
        return arranged(trial.interface.function(self.function), observations) if self.rearranged else (observations, "")

    def _at_sizes(self, trial: Trial) -> Self:
        """The same check, which asks at the other sizes."""
        changes = {"cases": (dict(self.sizes),) * 2, "sizes": {}}
        return trial.once(("at sizes", self.model_dump_json()), lambda: self.model_copy(update=changes))

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
    gathered = [_gathered(o, function) for o in observations]
    order = _another_order(function, gathered)
    names, joined = [r.name for r in function.returns], any(g is not o for g, o in zip(gathered, observations, strict=True))
    said = [f"{function.name} returns {listed(names[i] for i in order)} in this order, but should return {listed(names)}."] if order else []
    blocks = f"{function.name} returns the blocks of {_blocked(function).name} one by one; they are to be one flat vector."
    return [_in_order(o, order) for o in gathered] if order else gathered, " ".join([*said, *([blocks] if joined else [])])


def _another_order(function: FunctionSpec, observations: Sequence[Observation]) -> tuple[int, ...]:
    """In which order the results come, where it is not the declared one: ``(1, 0)`` for grad, cost; empty where they are in order.

    Their numbers of axes tell, the same in every answer of several results; of results that have as many, the first is the first.
    """
    due = [len(dims.shape_of(r.spec.shape, dict.fromkeys(function.dims, 2))) for r in function.returns]
    came = {_axes(o.value) for o in observations if isinstance(o, Returned)} - {()}
    axes = came.pop() if len(came) == 1 else ()
    if sorted(axes) != sorted(due) or list(axes) == due:
        return ()
    places = {n: iter([i for i, d in enumerate(due) if d == n]) for n in due}
    return tuple(next(places[n]) for n in axes)


def _axes(value: Value) -> tuple[int, ...]:
    """The number of axes of each of several results; empty if there is only one, or if some are neither arrays nor numbers."""
    given = value if isinstance(value, tuple | list) else ()
    axes = [v.ndim if isinstance(v, np.ndarray) else 0 for v in given if isinstance(v, np.ndarray | float | int)]
    return tuple(axes) if len(axes) == len(given) else ()


def _in_order(observation: Observation, order: Sequence[int]) -> Observation:
    if not isinstance(observation, Returned) or not isinstance(observation.value, tuple | list) or len(observation.value) != len(order):
        return observation
    return replace(observation, value=tuple(observation.value[order.index(i)] for i in range(len(order))))


def _blocked(function: FunctionSpec) -> Result:
    """The result that is made of blocks, or just the first one."""
    return max(function.returns, key=lambda r: bool(r.spec.blocks))


def _gathered(observation: Observation, function: FunctionSpec) -> Observation:
    """The observation with blocks that come in a list, or among the results, joined."""
    value, results = (observation.value, function.returns) if isinstance(observation, Returned) else (None, ())
    count = len(_blocked(function).spec.blocks) if results else 0
    if not count or not isinstance(value, tuple | list) or not results:
        return observation
    at, rest = results.index(_blocked(function)), len(results) - 1
    among = len(value) == rest + count
    parts = value[at:at + count] if among else value[at] if len(value) == len(results) else ()
    if not isinstance(parts, tuple | list) or len(parts) != count or not all(isinstance(p, np.ndarray) for p in parts):
        return observation
    joined = np.concatenate([np.ravel(p) for p in parts])  # type: ignore[arg-type]
    assert isinstance(observation, Returned)
    return replace(observation, value=(*value[:at], joined, *value[at + (count if among else 1):]))
