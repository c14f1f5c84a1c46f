"""Functions that fail at a vector and are right where it is handed over as a matrix, of one row or of one column."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from grader.core.interface import ArraySpec
from grader.core.observation import Observation, Raised
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, partly
from grader.trial import Case, Trial


@dataclass(frozen=True, slots=True)
class Matrix:
    """A vector that is handed over as a matrix.

    Parameters
    ----------
    param, dim : str
        ``predicted``, a vector of length ``D``.
    column : bool
        Whether it is a column of the matrix, or else a row.
    """

    param: str
    dim: str
    column: bool

    def of(self, case: Case) -> Case:
        """The case with the matrix."""
        return case.replaced(**{self.param: np.asarray(case.arg(self.param)).reshape((-1, 1) if self.column else (1, -1))})


def as_matrices(trial: Trial, cases: Sequence[Case], observations: Sequence[Observation]) -> tuple[Probe, ...]:
    """What is asked again of a function that raised at the first of these cases: all of them, for each `Matrix` in turn."""
    if not _raised(observations):
        return ()
    return trial.once(
        ("as matrices", *map(id, cases)), lambda: tuple(m.of(case).probe for m in matrices_of(cases[0]) for case in cases))


def _raised(observations: Sequence[Observation]) -> bool:
    return bool(observations) and isinstance(observations[0], Raised)


def matrices_of(case: Case) -> Iterator[Matrix]:
    """Each vector of the function as a row, then as a column."""
    for p in case.function.params:
        if isinstance(p.spec, ArraySpec) and p.spec.shape in case.sizes:
            yield from (Matrix(p.name, p.spec.shape, column) for column in (False, True))


def judged_as_matrices(
    verdict: Verdict, cases: Sequence[Case], observations: Sequence[Observation], answers: Sequence[Observation],
    judge: Callable[[Sequence[Observation]], Verdict], share: Fraction,
) -> Verdict:
    """The same verdict, or what the first of the matrices makes of it for which something is right, or wrong in a known way.

    Parameters
    ----------
    answers : sequence of Observation
        To `as_matrices` of these cases.
    judge : callable
        The verdict on answers to the cases, as if they had been to the vectors.
    share : Fraction
        How much of what that gives is kept. All of it is kept where another item charges the shape.
    """
    matrices = list(matrices_of(cases[0]))
    if not _raised(observations) or len(answers) != len(matrices) * len(cases):
        return verdict
    for number, matrix in enumerate(matrices):
        found = judge(answers[number * len(cases):(number + 1) * len(cases)])
        if found.credit or found.reason is Reason.MISCONCEPTION:
            return _told(verdict, cases[0].function.name, matrix, found, share)
    return verdict


def _told(verdict: Verdict, function: str, matrix: Matrix, found: Verdict, share: Fraction) -> Verdict:
    kind, shape = ("column", f"({matrix.dim}, 1)") if matrix.column else ("row", f"(1, {matrix.dim})")
    what = "is right only for" if found.credit == 1 else "takes only"
    sentence = f"{function} {what} {matrix.param} as a matrix of one {kind}, {shape}; it is a vector, ({matrix.dim},)."
    if share == 1:
        return found.with_notes(f"{sentence} That is not charged here.")
    hint = f"Begin with {matrix.param} = {matrix.param}.reshape({'-1, 1' if matrix.column else '1, -1'})."
    message = " ".join(filter(None, (sentence, found.message)))
    return partly(share * (found.credit or 0), Reason.MISCONCEPTION, message, *verdict.evidence, hint=hint)
