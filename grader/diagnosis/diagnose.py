"""Which known mistake explains these answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.diagnosis.slips import IN_PARALLEL, IN_PROPORTION, Slip, slips_for
from grader.numerics.compare import Tolerance, agrees
from grader.trial import Case, Misconception, Trial

_SEVERAL = 3  # cases: of two an offset or a factor may be alike by chance, if one of them is right to a rounding

Answers = Mapping[str, np.ndarray]
"""Results by name."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A mistake that explains the answers on every case.

    Parameters
    ----------
    id : str
        Empty if it explains the first output only.
    """

    id: str
    sentence: str
    hint: str


def diagnose(
    trial: Trial, cases: Sequence[Case], answers: Sequence[Answers], outputs: Sequence[str], tolerance: Tolerance
) -> Diagnosis | None:
    """The first known mistake whose answers equal the student's in every case, all of `outputs`.

    The author's misconceptions come first; then the usual slips, if they explain every output that is wrong; then the
    misconceptions that explain the first output, a cost, if that is wrong: the gradients may be those of another one, and where
    they are neither right nor the same misconception's, the sentence says so. None if nothing does.
    """
    def equal(function: Callable[..., Any] | None, names: Sequence[str]) -> bool:
        """Whether these outputs are the function's; the reference's if there is none."""
        return all(
            agrees(got[n], trial.answer(case, function)[n], tolerance) for case, got in zip(cases, answers, strict=True) for n in names)

    def known(names: Sequence[str]) -> Misconception | None:
        """None for zeros alone, or nearly so: a result that was never filled in is zero as well."""
        if all(agrees(got[n], np.zeros_like(got[n]), tolerance) for n in names for got in answers):
            return None
        return next((m for m in trial.misconceptions.get(cases[0].function.name, ()) if equal(m.answer, names)), None)

    if found := known(outputs):
        return Diagnosis(found.id, found.sentence, found.hint)
    if slips := _slips(trial, cases, answers, outputs, tolerance):
        return slips
    first = None if equal(None, outputs[:1]) else known(outputs[:1])
    if first is None:
        return None
    wrong = [n for n in outputs[1:] if not equal(first.answer, [n]) and not equal(None, [n])]
    besides = f" Besides, {' and '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} wrong." if wrong else ""
    return Diagnosis("", first.sentence + besides, first.hint)


def diagnose_not_finite(trial: Trial, cases: Sequence[Case], answers: Sequence[Answers], tolerance: Tolerance) -> Diagnosis | None:
    """The author's misconception that is NaN or infinite in the same entries, and equal in all others of every output; None if none is."""
    def same(got: np.ndarray, made: np.ndarray) -> bool:
        finite = np.isfinite(made)
        return np.array_equal(np.isfinite(got), finite) and agrees(np.where(finite, got, 0.0), np.where(finite, made, 0.0), tolerance)

    def explains(known: Misconception) -> bool:
        return all(same(got[n], trial.answer(case, known.answer)[n]) for case, got in zip(cases, answers, strict=True) for n in got)

    found = next((m for m in trial.misconceptions.get(cases[0].function.name, ()) if explains(m)), None)
    return Diagnosis(found.id, found.sentence, found.hint) if found else None


def diagnose_output(
    cases: Sequence[Case], got: Sequence[np.ndarray], want: Sequence[np.ndarray], name: str, tolerance: Tolerance, called: str = ""
) -> Diagnosis | None:
    """The first usual slip that turns the right answers into the student's, on every case alike.

    Parameters
    ----------
    got, want : sequences of ndarray
        One output, or one block of it, for each case. Not necessarily of one shape: a transposed answer has another.
    name : str
        Which one: ``grad``, ``W1``.
    called : str
        What the sentence calls it, if not by its name.

    Returns
    -------
    Diagnosis or None
        None too if the answers are right, or if the right ones are zero, which says nothing of a factor or a sign.
    """
    if all(agrees(g, w, tolerance) for g, w in zip(got, want, strict=True)):
        return None
    if all(agrees(np.zeros_like(w), w, tolerance) for w in want):
        return None

    def matches(slip: Slip) -> bool:
        for case, g, w in zip(cases, got, want, strict=True):
            made = slip.transform(w, g, case, name)
            if made is None or not agrees(g, made, tolerance):
                return False
        return True

    with np.errstate(all="ignore"):  # a student's numbers may be as large as they like
        slip = next((s for s in slips_for(cases) if matches(s)), None)
        slip = slip or _in_step(got, want, tolerance)
    return Diagnosis(slip.id, slip.sentence.format(name=called or name), slip.hint) if slip else None


def _in_step(got: Sequence[np.ndarray], want: Sequence[np.ndarray], tolerance: Tolerance) -> Slip | None:
    """What plain numbers of several cases have in common: a factor, or an offset."""
    if len(got) < _SEVERAL or any(g.shape or w.shape for g, w in zip(got, want, strict=True)):
        return None
    g, w = np.array(got), np.array(want)
    if not np.isfinite(g).all():
        return None
    at = int(np.argmax(np.abs(w)))
    alike = (IN_PROPORTION, g[at] / w[at] * w), (IN_PARALLEL, w + (g - w)[at])
    return next((slip for slip, made in alike if agrees(g, made, tolerance)), None)


def _slips(
    trial: Trial, cases: Sequence[Case], answers: Sequence[Answers], outputs: Sequence[str], tolerance: Tolerance
) -> Diagnosis | None:
    found: list[Diagnosis] = []
    function = cases[0].function
    for name in outputs:
        got, want = [a[name] for a in answers], [trial.answer(case)[name] for case in cases]
        if all(agrees(g, w, tolerance) for g, w in zip(got, want, strict=True)):
            continue
        slip = diagnose_output(cases, got, want, name, tolerance, function.name if len(function.returns) == 1 else "")
        if slip is None:
            return None
        found.append(slip)
    return Diagnosis(found[0].id, " ".join(d.sentence for d in found), found[0].hint) if found else None
