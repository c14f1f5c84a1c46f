"""Which known mistake explains these answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.trial import Case, Misconception, Trial
from grader.numerics.compare import Tolerance, compare


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A mistake that explains the answers on every case."""

    id: str
    sentence: str
    hint: str


def diagnose(
    trial: Trial, cases: Sequence[Case], answers: Sequence[Mapping[str, np.ndarray]], outputs: Sequence[str], tolerance: Tolerance
) -> Diagnosis | None:
    """The first known mistake whose answers equal the student's in every case, all of `outputs`; None if there is none."""
    for known in trial.misconceptions.get(cases[0].function.name, ()):
        if all(_explains(trial, known, case, got, outputs, tolerance) for case, got in zip(cases, answers, strict=True)):
            return Diagnosis(known.id, known.sentence, known.hint)
    return None


def _explains(
    trial: Trial, known: Misconception, case: Case, got: Mapping[str, np.ndarray], outputs: Sequence[str], tolerance: Tolerance
) -> bool:
    want = trial.answer(case, known.answer)
    return all(want[n].shape == got[n].shape and compare(got[n], want[n], tolerance).ok for n in outputs)
