"""Results beside the one that is judged, right where nothing is special and wrong where the item's cases are."""

from collections.abc import Sequence
from fractions import Fraction

from grader.checks.answers import contrast, inputs
from grader.checks.guard import read
from grader.core.observation import Observation
from grader.core.reason import Reason
from grader.core.verdict import Verdict, partly
from grader.diagnosis import diagnose
from grader.numerics.compare import Tolerance, compare
from grader.trial import Case, Trial


def told_beside(
    trial: Trial, cases: Sequence[Case], observations: Sequence[Observation], control: Sequence[Case], controls: Sequence[Observation],
    judged: str, tolerance: Tolerance, share: Fraction,
) -> Verdict | None:
    """The verdict on the other results, if one is right in the control and wrong in one of the cases; the judged one is right.

    Where one is wrong in the control as well, or there is no control, another item charges it.

    Parameters
    ----------
    control : sequence of Case
        One, or none.
    judged : str
        The result that is right in all cases.
    share : Fraction
        Of the points, for that.
    """
    answers = read((*cases, *control), (*observations, *controls), squeezable=True) if control else ()
    if isinstance(answers, Verdict) or not answers:
        return None
    rows = [(c, {n: compare(got, trial.answer(c)[n], a.allowed(tolerance)) for n, got in a.results.items()})
            for c, a in zip((*cases, *control), answers, strict=True)]
    name = next((n for n in rows[-1][1] if rows[-1][1][n].ok and not all(found[n].ok for _, found in rows) and n != judged), None)
    if name is None:
        return None
    at = next(i for i, (_, found) in enumerate(rows) if not found[name].ok)
    case, found = rows[at]
    evidence = contrast(case.function.name, inputs(case), answers[at].results[name], trial.answer(case)[name], found[name], "the reference")
    known = diagnose(trial, cases, [a.results for a in answers[: len(cases)]], (name,), answers[at].allowed(tolerance))
    reason, hint = (Reason.MISCONCEPTION, known.hint) if known else (Reason.VALUE, "")
    sentence = f"{known.sentence} So it is in {name}" if known else f"{case.function.name}: {name} is wrong"
    return partly(share, reason, f"{sentence}; {judged} is right.", evidence, hint=hint)
