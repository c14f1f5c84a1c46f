"""Functions that fail at a vector and are right where it is handed over as a matrix, of one row or of one column."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from grader.checks.guard import read
from grader.core.interface import ArraySpec
from grader.core.observation import Observation, Raised
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, partly
from grader.numerics.compare import Tolerance, compare
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

    @property
    def kind(self) -> str:
        """In words: ``a matrix of one row, (1, D)``."""
        return f"a matrix of one {f'column, ({self.dim}, 1)' if self.column else f'row, (1, {self.dim})'}"

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
    trial: Trial, verdict: Verdict, cases: Sequence[Case], observations: Sequence[Observation], answers: Sequence[Observation],
    judge: Callable[[Sequence[Observation]], Verdict], share: Fraction, tolerance: Tolerance,
) -> Verdict:
    """The same verdict, or what the first of the matrices makes of it for which something is right, or wrong in a known way.

    Where no result at all is right for that matrix, it is not what is meant, and the exception says more: a known mistake is a note.

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
        answered = answers[number * len(cases):(number + 1) * len(cases)]
        found = judge(answered)
        if found.credit or (found.reason is Reason.MISCONCEPTION and _some_right(trial, cases, answered, tolerance)):
            return _told(verdict, cases[0].function.name, matrix, found, share)
        if found.reason is Reason.MISCONCEPTION:
            return verdict.with_notes(f"For {matrix.param} as {matrix.kind}: {found.message} {found.hint}".rstrip())
    return verdict


def _some_right(trial: Trial, cases: Sequence[Case], answered: Sequence[Observation], tolerance: Tolerance) -> bool:
    """Whether one of the results is right in every case."""
    answers = read(cases, answered, squeezable=True)
    return not isinstance(answers, Verdict) and any(
        all(compare(a.results[name], trial.answer(case)[name], a.allowed(tolerance)).ok for case, a in zip(cases, answers, strict=True))
        for name in answers[0].results)


def _told(verdict: Verdict, function: str, matrix: Matrix, found: Verdict, share: Fraction) -> Verdict:
    what = "is right only for" if found.credit == 1 else "takes only"
    sentence = f"{function} {what} {matrix.param} as {matrix.kind}; it is a vector, ({matrix.dim},)."
    if share == 1:
        return found.with_notes(f"{sentence} That is not charged here.")
    hint = f"Begin with {matrix.param} = {matrix.param}.reshape({'-1, 1' if matrix.column else '1, -1'})."
    message = " ".join(filter(None, (sentence, found.message)))
    return partly(share * (found.credit or 0), Reason.MISCONCEPTION, message, *verdict.evidence, hint=hint)
