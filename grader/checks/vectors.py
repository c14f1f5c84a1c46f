"""Functions that fail at a vector and are right where it is handed over as a matrix, of one row or of one column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.checks.answers import Conformed, conform
from grader.core.interface import ArraySpec
from grader.core.observation import Observation, Raised, Returned
from grader.core.reason import Reason
from grader.core.verdict import Verdict
from grader.numerics.compare import Tolerance, compare
from grader.trial import Case, Trial


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A case with one of its vectors as a matrix.

    Parameters
    ----------
    param, dim : str
        ``predicted``, a vector of length ``D``.
    column : bool
        Whether it is a column of the matrix, or else a row.
    case : Case
        The case with the matrix.
    """

    param: str
    dim: str
    column: bool
    case: Case


def as_matrices(trial: Trial, case: Case, observations: Sequence[Observation]) -> tuple[Matrix, ...]:
    """What is asked again of a function that raised at a case, the first of those observed: each vector as a row, then as a column."""
    raised = bool(observations) and isinstance(observations[0], Raised)
    return trial.once(("as matrices", id(case)), lambda: _made(case)) if raised else ()


def _made(case: Case) -> tuple[Matrix, ...]:
    vectors = [(p.name, p.spec.shape) for p in case.function.params if isinstance(p.spec, ArraySpec) and p.spec.shape in case.sizes]
    return tuple(
        Matrix(name, dim, column, case.replaced(**{name: np.asarray(case.arg(name)).reshape((-1, 1) if column else (1, -1))}))
        for name, dim in vectors for column in (False, True)
    )


def named(
    verdict: Verdict, trial: Trial, case: Case, asked: Sequence[Matrix], answers: Sequence[Observation], outputs: Sequence[str],
    tolerance: Tolerance,
) -> Verdict:
    """The same verdict, with the first of the matrices for which all of `outputs` are right as its reason."""
    if len(answers) != len(asked):
        return verdict
    for matrix, answer in zip(asked, answers, strict=True):
        if _is_right(trial, case, matrix, answer, outputs, tolerance):
            kind, shape = ("column", f"({matrix.dim}, 1)") if matrix.column else ("row", f"(1, {matrix.dim})")
            sentence = (f"{case.function.name} is right only for {matrix.param} as a matrix of one {kind}, {shape}; "
                        f"it is a vector, ({matrix.dim},).")
            hint = f"Begin with {matrix.param} = {matrix.param}.reshape({'-1, 1' if matrix.column else '1, -1'})."
            return replace(verdict, reason=Reason.MISCONCEPTION, message=sentence, hint=hint)
    return verdict


def _is_right(trial: Trial, case: Case, matrix: Matrix, answer: Observation, outputs: Sequence[str], tolerance: Tolerance) -> bool:
    got = conform(answer.value, matrix.case, outputs) if isinstance(answer, Returned) else None
    want = trial.answer(case)
    return isinstance(got, Conformed) and all(
        compare(g.reshape(want[n].shape), want[n], got.allowed(tolerance)).ok for n, g in got.results.items())
