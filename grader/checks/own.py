"""Functions that take what another one returns in the shape in which the student's own returns it.

`skipgram` is asked with a made-up cost function, whose gradient is like the vector that it was given. Where the student's own cost
function returns a matrix of one row, which is a noted leniency, or a transposed one, which it is charged for itself, a caller that
makes the right one of it is right with that one.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from grader.checks.answers import Conformed, conform, parts
from grader.checks.vectors import matrices_of
from grader.core.interface import ArraySpec, FunctionSpec, Interface, Result, StandInSpec
from grader.core.observation import Observation, Raised, Returned
from grader.core.probe import Own, Probe
from grader.core.verdict import Verdict
from grader.core.wording import instead
from grader.numerics.compare import Tolerance, agrees
from grader.trial import Case, Trial

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class WithOwn:
    """Cases with functions of the student's own in place of stand-ins.

    Parameters
    ----------
    own : mapping of str to str
        Parameters that are stand-ins, and the functions of the student's own that are handed over for them.
    """

    trial: Trial
    cases: Sequence[Case]
    own: Mapping[str, str]

    def probes(self) -> tuple[Probe, ...]:
        """These cases, and calls of each of the functions themselves: with vectors, and with matrices in their place."""
        return self._once("probes", lambda: tuple(case.probe for case in (*self._replaced(), *self._themselves())))

    def judged(
        self, verdict: Verdict, observations: Sequence[Observation], answers: Sequence[Observation],
        judge: Callable[[Sequence[Case], Sequence[Observation]], Verdict], tolerance: Tolerance,
    ) -> Verdict:
        """The same verdict, or the one on the cases with functions of the student's own, if those have another shape and all is right.

        That the stand-in is called, and not ignored, is known where an answer to it is right at least in part, or where it is an
        exception that does not come with the student's own.
        """
        cases, themselves = self.cases, self._themselves()
        if len(answers) != len(cases) + len(themselves):
            return verdict
        shapes = [s for case, o in zip(themselves, answers[len(cases):], strict=True) for s in _other_shapes(case, o)]
        if not shapes or not all(_heeds(self.trial, case, o, tolerance) for case, o in zip(cases, observations, strict=False)):
            return verdict
        found = judge(self._replaced(), answers[:len(cases)])
        name = cases[0].function.name
        return found.with_notes(f"{name} was judged with {shapes[0]}, as your own returns it.") if found.credit == 1 else verdict

    def _replaced(self) -> tuple[Case, ...]:
        handed = {param: Own(function) for param, function in self.own.items()}
        return self._once("replaced", lambda: tuple(case.replaced(**handed) for case in self.cases))

    def _themselves(self) -> tuple[Case, ...]:
        firsts = (self.trial.cases(function)[0] for function in self.own.values())
        return self._once("themselves", lambda: tuple(c for case in firsts for c in (case, *(m.of(case) for m in matrices_of(case)))))

    def _once(self, what: str, make: Callable[[], _T]) -> _T:
        """Made once for these cases and functions."""
        return self.trial.once((what, *self.own.items(), *map(id, self.cases)), make)


def own_problems(own: Mapping[str, str], function: FunctionSpec, interface: Interface) -> Iterator[tuple[str, str, str]]:
    """Parameters that are no stand-ins for functions, and functions that there are not: (field, problem, what to write instead)."""
    params = [p.name for p in function.params if isinstance(p.spec, StandInSpec) and p.spec.name != "sampler"]
    functions = [f.name for f in interface.functions]
    for param, handed in own.items():
        if param not in params:
            yield "own", f"{function.name} takes no function {param!r}.", f"Write one of: {', '.join(params) or 'none'}."
        if handed not in functions:
            yield "own", f"the interface declares no function {handed!r}.", instead(handed, functions)


def _other_shapes(case: Case, observation: Observation) -> list[str]:
    """The results that a stand-in returns in other shapes, right or wrong ones: ``gradPred of softmaxCostAndGradient as (1, 4)``."""
    found = parts(observation.value, case) if isinstance(observation, Returned) else ()
    return [f"{case.function.whose(r.name)} as {v.shape}{_given(case, r)}" for r, v in (found if isinstance(found, tuple) else ())
            if isinstance(v, np.ndarray) and case.shape_of(r.name) and v.shape != _shape_of_stand_in(case, r)
            and v.size == math.prod(case.shape_of(r.name))]


def _like(case: Case, result: Result) -> str:
    """The parameter that is declared with the same shape, which the stand-in's result is like; empty if there is none."""
    specs = ((p.name, p.spec) for p in case.function.params)
    return next((name for name, spec in specs if isinstance(spec, ArraySpec) and spec.shape == result.spec.shape), "")


def _shape_of_stand_in(case: Case, result: Result) -> tuple[int, ...]:
    like = _like(case, result)
    return np.shape(case.arg(like)) if like else case.shape_of(result.name)  # type: ignore[arg-type]


def _given(case: Case, result: Result) -> str:
    shape = _shape_of_stand_in(case, result)
    return "" if shape == case.shape_of(result.name) else f" for {_like(case, result)} as {shape}"


def _heeds(trial: Trial, case: Case, observation: Observation, tolerance: Tolerance) -> bool:
    if not isinstance(observation, Returned):
        return isinstance(observation, Raised)
    want = trial.answer(case)
    first = case.function.returns[0].name
    answer = conform(observation.value, case, (first,))
    return isinstance(answer, Conformed) and agrees(answer.results[first], want[first], answer.allowed(tolerance))
