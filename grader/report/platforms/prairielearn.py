"""PrairieLearn's ``results.json`` (external grading).

PrairieLearn shows students all of it and keeps nothing from them, so it has the public items alone: score and tests. Where an item
of these is ungraded there is no honest score: the submission is *not gradable*, which costs the student neither points nor
an attempt. Nothing is then told of the other items, or leaving one ungraded on purpose would be a way to try for nothing.
"""

from fractions import Fraction

from grader.core.report import GradeReport, ItemResult, points
from grader.report.platforms import SENTENCES, Circumstances, Graded, State
from grader.report.platforms.wording import as_json, explained, line, named, number, overall, texts
from grader.report.views import message

FILE = "results.json"
LARGEST = 1_000_000
"""Bytes that PrairieLearn takes; `wording.texts` keeps below it."""


def to_result(graded: Graded, circumstances: Circumstances) -> dict[str, str]:
    """The result of a submission that was graded: its public items."""
    report = graded.student
    if report.ungraded:
        return {FILE: as_json(_not_gradable(report))}
    told = texts(report)
    return {FILE: as_json({
        "gradable": True,
        "score": float(report.earned / report.possible),
        "message": overall(report),
        "tests": [_test(i, told[i.id]) for i in report.items],
    })}


def without_verdicts(state: State, detail: str, circumstances: Circumstances) -> dict[str, str]:
    """Not gradable: no points won or lost, no attempt used up."""
    return {FILE: as_json({"gradable": False, "format_errors": [explained(state, detail)], "message": SENTENCES[state], "tests": []})}


def _not_gradable(report: GradeReport) -> dict[str, object]:
    """Which items a person has to look at, and why."""
    missing = [i for i in report.items if i.earned is None]
    return {
        "gradable": False,
        "format_errors": [f"{named(i)}. {line(message(i.verdict))}" for i in missing],
        "message": f"{points(report.ungraded)} of {points(report.possible)} points could not be judged, so this attempt does not count. "
                   "Tell your instructor.",
        "tests": [],
    }


def _test(item: ItemResult, told: str) -> dict[str, object]:
    return {
        "name": named(item),
        "description": line(item.section),
        "points": number(item.earned or Fraction(0)),
        "max_points": number(item.points),
        "message": f"{item.verdict.outcome.value.capitalize()}.",
        "output": told,
    }
