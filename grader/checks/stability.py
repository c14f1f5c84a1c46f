"""Stability: finite and right answers at extreme inputs."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from grader.checks.answers import Conformed, contrast, inputs
from grader.checks.base import CaseTable, Check, Share, ToleranceFields
from grader.checks.guard import default_cases, notes_of, read, subject, subject_problems, with_x, x_of
from grader.core.evidence import Input
from grader.core.interface import Interface
from grader.core.observation import Observation, Raised, Returned
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met, partly
from grader.core.wording import listed
from grader.numerics.compare import Comparison, compare
from grader.numerics.show import show
from grader.trial import Case, Trial

_MOVED = "x with {:g} added to its first row"  # an extreme by its text
_SPREAD = 800.0  # exp overflows at 710, so this spread in a row breaks whoever subtracts its minimum, and nobody else


class StabilityCheck(Check, ToleranceFields):
    """The function is finite and right where a naive ``exp`` overflows or underflows.

    Ordinary inputs are asked first: a function that is wrong there is not called unstable. What it prints, warnings
    included, is no fault. An answer may be exactly 0 or the smallest number above it: `atol` covers both.

    Parameters
    ----------
    magnitude : float
        How large the extreme entries are.
    cases : tuple of tables
        Sizes and variants from which the extremes are made; a vector, matrices and a single row if empty.
    hint : str
        What to try when large inputs break the function.
    matrices_only : Fraction
        Share of the points for a function that raises at every vector and returns for matrices. 1 is for what another item charges.
    unshifted : Fraction
        Share of the points for a function that breaks down wherever a large number is added to a row of a matrix, and is right for the
        same extremes where the greatest entry of each row is 0; 1 as above.
    """

    kind: Literal["stability"] = "stability"
    magnitude: Annotated[float, Field(ge=10, le=1e6)] = 1000.0
    cases: tuple[CaseTable, ...] = ()
    hint: str = ""
    matrices_only: Share = Fraction(0)
    unshifted: Share = Fraction(0)

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """Every ordinary case, then the extremes made from each."""
        return tuple(case.probe for case in (*self._cases(trial), *(case for _, _, case in self._extremes(trial))))

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """Form first, (1, D) for (D,) aside, then ordinary inputs, then extreme ones; those once more for an `unshifted` function."""
        verdict = self._first(trial, observations)
        if not follow_up:
            return verdict
        shifted = self._shifted(trial)
        answers = read([case for _, _, case in shifted], follow_up, squeezable=True)
        found = answers if isinstance(answers, Verdict) else next(
            (v for e, answer in zip(shifted, answers, strict=True) for v in self._extreme(trial, *e, answer)), met())
        if found.credit != 1:
            return verdict
        x = subject(trial.interface.function(self.function))
        rows = f"where a large number is added to a row of {x}, but not where the greatest entry of each row is 0"
        what = f"{self.function} breaks down {rows}."
        if self.unshifted == 1:
            return found.with_notes(f"{what} That is not charged here.")
        return partly(self.unshifted, Reason.UNSTABLE, what, *verdict.evidence, hint=self.hint)

    def follow_up(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """The extremes with 0 for the greatest entry of each row, for a function that breaks down wherever one row is moved."""
        extremes = self._extremes(trial)
        answers = observations[len(self._cases(trial)):]
        moved = [o for (text, _, case), o in zip(extremes, answers, strict=False) if text == _MOVED.format(self.magnitude)]
        broken = bool(moved) and all(isinstance(o, Returned) and _is_broken(o.value) for o in moved)
        if not self.unshifted or not broken or self._first(trial, observations).reason is not Reason.UNSTABLE:
            return ()
        return trial.once((self.kind, "shifted probes", self.model_dump_json()), lambda: tuple(c.probe for _, _, c in self._shifted(trial)))

    def _first(self, trial: Trial, observations: Sequence[Observation]) -> Verdict:
        cases, extremes = self._cases(trial), self._extremes(trial)
        asked = (*cases, *(case for _, _, case in extremes))
        if self.matrices_only and _fails_at_vectors(asked, observations):
            kept = [i for i, case in enumerate(asked) if x_of(case).ndim > 1]
            found = self._judged(trial, [c for c in cases if x_of(c).ndim > 1], [e for e in extremes if x_of(e[2]).ndim > 1],
                                 [observations[i] for i in kept])
            return _shared(found, self.matrices_only, f"{self.function} raises where {subject(cases[0].function)} is a vector.")
        return self._judged(trial, cases, extremes, observations)

    def _judged(
        self, trial: Trial, cases: Sequence[Case], extremes: Sequence[tuple[str, Case, Case]], observations: Sequence[Observation]
    ) -> Verdict:
        answers = read((*cases, *(case for _, _, case in extremes)), observations, squeezable=True)
        if isinstance(answers, Verdict):
            return answers
        ordinary = (v for case, answer in zip(cases, answers, strict=False) for v in self._ordinary(trial, case, answer))
        large = (v for e, answer in zip(extremes, answers[len(cases):], strict=True) for v in self._extreme(trial, *e, answer))
        return next(chain(ordinary, large), met()).with_notes(*notes_of(answers))

    def _ordinary(self, trial: Trial, case: Case, answer: Conformed) -> Iterator[Verdict]:
        name = case.function.returns[0].name
        got, want = answer.results[name], trial.answer(case)[name]
        found = compare(got, want, answer.allowed(self.tolerance))
        if not found.ok:
            evidence = contrast(self.function, inputs(case), got, want, found, "the reference")
            yield not_met(Reason.VALUE, f"{self.function} is wrong at ordinary inputs already; mend that first.", evidence)

    def _extreme(self, trial: Trial, text: str, base: Case, case: Case, answer: Conformed) -> Iterator[Verdict]:
        name = case.function.returns[0].name
        got, want = answer.results[name], trial.answer(case)[name]
        found = compare(got, want, answer.allowed(self.tolerance, float(np.max(np.abs(x_of(case))))))
        if not found.ok:
            x = subject(case.function)
            evidence = contrast(
                f"{self.function}({text})", (Input(x, show(base.arg(x))), Input(text, show(case.arg(x)))), got, want, found,
                "the reference",
            )
            yield not_met(Reason.UNSTABLE, f"{self.function} {_broken(got, want, found)}", evidence, hint=self.hint)

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        return trial.cases(self.function, self.cases or default_cases(trial.interface.function(self.function)))

    def _extremes(self, trial: Trial) -> tuple[tuple[str, Case, Case], ...]:
        """Every extreme input as (its text, the ordinary case, the extreme case)."""
        return trial.once((self.kind, self.model_dump_json()), lambda: tuple(
            (text, case, with_x(case, x)) for case in self._cases(trial) for text, x in extremes(x_of(case), self.magnitude)))

    def _shifted(self, trial: Trial) -> tuple[tuple[str, Case, Case], ...]:
        """The extremes of vectors and matrices, each row moved so that its greatest entry is 0."""
        return trial.once((self.kind, "shifted", self.model_dump_json()), lambda: tuple(
            (f"{text}, moved to 0", base, with_x(case, x_of(case) - x_of(case).max(axis=-1, keepdims=True)))
            for text, base, case in self._extremes(trial) if x_of(case).ndim))

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: a function that does not return one array shaped like its argument."""
        yield from super().problems(interface)
        yield from subject_problems(self.function, interface)


def _is_broken(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and not np.isfinite(value).all()


def _fails_at_vectors(cases: Sequence[Case], observations: Sequence[Observation]) -> bool:
    """Whether it raises wherever x is a vector or a number, and returns wherever it is a matrix."""
    matrices = [x_of(case).ndim > 1 for case in cases]
    return len(cases) == len(observations) and any(matrices) and all(
        isinstance(o, Returned if matrix else Raised) for matrix, o in zip(matrices, observations, strict=True))


def _shared(found: Verdict, share: Fraction, what: str) -> Verdict:
    """A share of the verdict on matrices, with what was left out; all of it for what another item charges."""
    if share == 1:
        return found.with_notes(f"{what} That is not charged here.")
    return partly(share, Reason.RAISED, what) if found.credit == 1 else found


def extremes(x: np.ndarray, large: float) -> Iterator[tuple[str, np.ndarray]]:
    """Extreme inputs made from an ordinary one, each with its description.

    Parameters
    ----------
    x : ndarray
        A number, a vector or a matrix of rows.
    large : float
        How large.
    """
    m = f"{large:g}"
    yield f"x + {m}", x + large
    yield f"x - {m}", x - large
    if not x.ndim:
        return
    D = x.shape[-1]
    turns, first, spread = large * (-1.0) ** np.arange(D), large * (np.arange(D) == 0), np.linspace(-_SPREAD / 2, _SPREAD / 2, D)
    yield f"x with +{m} and -{m} added in turn", x + turns
    yield f"x with -{m} and +{m} added in turn", x - turns
    yield f"x with {m} added to the first entry of each row", x + first
    yield f"x with {m} taken from the first entry of each row", x - first
    yield f"x with a slope of {_SPREAD:g} added to each row", x + spread
    yield f"x with a slope of -{_SPREAD:g} added to each row", x - spread
    if x.ndim > 1 and len(x) > 1:
        top = np.zeros(x.shape)
        top[0] = large
        yield _MOVED.format(large), x + top
        yield f"x with {m} taken from its first row", x - top


def _broken(got: np.ndarray, want: np.ndarray, found: Comparison) -> str:
    bad = ~np.isfinite(got)
    if not bad.any():
        at = found.first or ()
        where = f" at {list(at)}" if at else ""
        return f"is finite but wrong at large inputs: {got[at]:.6g}{where}, where {want[at]:.6g} should be."
    if not got.ndim:
        return "returns NaN or infinity at large inputs."
    if got.ndim < 2:
        return f"returns NaN or infinity at large inputs: {int(bad.sum())} of {got.size} entries."
    rows = np.flatnonzero(bad.reshape(len(got), -1).any(axis=1))
    return f"returns NaN or infinity at large inputs, in row{'s' if len(rows) > 1 else ''} {listed(rows)} of {len(got)}."
