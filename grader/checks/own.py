"""Functions that take what another one returns in the shape in which the student's own returns it.

`skipgram` is asked with a made-up cost function, whose gradient is like the vector that it was given. Where the student's own cost
function returns a matrix of one row, which is a noted leniency, a caller that takes the row out of it is right with that one.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from grader.checks.answers import Conformed, conform, parts
from grader.checks.vectors import matrices_of
from grader.core.interface import ArraySpec, Result
from grader.core.observation import Observation, Raised, Returned
from grader.core.probe import Own, Probe
from grader.core.verdict import Verdict
from grader.numerics.compare import Tolerance, agrees
from grader.trial import Case, Trial


def with_own(trial: Trial, cases: Sequence[Case], own: Mapping[str, str]) -> tuple[Case, ...]:
    """The cases with functions of the student's own in place of stand-ins: parameter names to functions."""
    return trial.once(("with own", *map(id, cases)), lambda: tuple(case.replaced(**{n: Own(f) for n, f in own.items()}) for case in cases))


def probes_of(trial: Trial, cases: Sequence[Case], own: Mapping[str, str]) -> tuple[Probe, ...]:
    """These cases, and calls of each of the functions themselves: with vectors, and with matrices in their place."""
    return trial.once(("probes with own", *map(id, cases)), lambda: tuple(
        case.probe for case in (*with_own(trial, cases, own), *_themselves(trial, own))))


def judged_with_own(
    verdict: Verdict, trial: Trial, cases: Sequence[Case], observations: Sequence[Observation], answers: Sequence[Observation],
    own: Mapping[str, str], judge: Callable[[Sequence[Case], Sequence[Observation]], Verdict], tolerance: Tolerance,
) -> Verdict:
    """The same verdict, or the one on the cases with functions of the student's own, if those have another shape and all is right.

    That the stand-in is called, and not ignored, is known where an answer to it is right at least in part, or where it is an
    exception that does not come with the student's own.
    """
    themselves = _themselves(trial, own)
    if not own or len(answers) != len(cases) + len(themselves):
        return verdict
    shapes = [s for case, o in zip(themselves, answers[len(cases):], strict=True) for s in _other_shapes(case, o)]
    if not shapes or not all(_heeds(trial, case, o, tolerance) for case, o in zip(cases, observations, strict=False)):
        return verdict
    found = judge(with_own(trial, cases, own), answers[:len(cases)])
    name = cases[0].function.name
    return found.with_notes(f"{name} was judged with {shapes[0]}, as your own returns it.") if found.credit == 1 else verdict


def _themselves(trial: Trial, own: Mapping[str, str]) -> tuple[Case, ...]:
    return trial.once(("themselves", *own.values()), lambda: tuple(
        c for case in (trial.cases(function)[0] for function in own.values()) for c in (case, *(m.of(case) for m in matrices_of(case)))))


def _other_shapes(case: Case, observation: Observation) -> list[str]:
    """The results that a stand-in returns in other shapes: ``gradPred of softmaxCostAndGradient as (1, 4)``."""
    found = parts(observation.value, case) if isinstance(observation, Returned) else ()
    if not isinstance(found, tuple) or not isinstance(observation, Returned) or not isinstance(conform(observation.value, case), Conformed):
        return []
    return [f"{case.function.whose(r.name)} as {np.shape(v)}{_given(case, r)}" for r, v in found  # type: ignore[arg-type]
            if case.shape_of(r.name) and np.shape(v) != _shape_of_stand_in(case, r)]  # type: ignore[arg-type]


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
