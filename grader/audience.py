"""What a student may see of a report, and what a student's run may ask: pure, from the rubric's visibilities and ``[feedback]``.

A student's own run asks the public items alone (`public`): what is not asked cannot be printed, stored or guessed. A report
on all items becomes a student's by `for_student`; where there is room for one sentence on an item, `sentence` has it.
"""

import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from grader.core.audience import Show, Visibility, Withheld, is_shown
from grader.core.evidence import Blocks, Contrast, Evidence, Printed, StepPlot, Traceback
from grader.core.reason import Reason
from grader.core.report import GradeReport, ItemResult
from grader.core.verdict import Outcome, Verdict
from grader.grading import cause
from grader.rubric import Rubric, RubricItem

if TYPE_CHECKING:
    from grader.core.classbook import Decided

NOT_SHOWN = "another value, which is not shown"
"""In place of where an expected value comes from: a formula there would be the answer."""

_TELL_VALUES = (Reason.COUNT, Reason.UNSTABLE)
"""Their messages spell the number that should have come out."""

_ASK_NO_REFERENCE = (Reason.CHANGED_INPUT, Reason.PRINTED)
"""Their expected side is what was asked: arguments as they were, the word that a gradient check has to print."""


def public(rubric: Rubric, moment: datetime) -> Rubric:
    """The rubric with the items that students see at this moment, and no other."""
    return rubric.model_copy(update={"items": tuple(i for i in rubric.items if is_public(i, rubric, moment))})


def is_public(item: RubricItem, rubric: Rubric, moment: datetime) -> bool:
    """Whether students see the item at this moment."""
    return is_shown(item.visibility, rubric.late, rubric.feedback, moment)


def for_student(report: GradeReport, rubric: Rubric, moment: datetime) -> GradeReport:
    """The report as its student may see it.

    Items that are not public are left out and only counted; nothing that stays names them or tells how they ended. What
    stays is cut to what ``[feedback] show`` allows, relations before expected values.

    Parameters
    ----------
    report : GradeReport
        On all items or on some: for a run that asked the public ones alone, the rubric still tells how many were left out.
    rubric : Rubric
        With all of its items.
    moment : datetime
        When the student looks, with an offset from UTC.
    """
    left_out = {i.id: i for i in rubric.items if not is_public(i, rubric, moment)}
    told = _retold({i.id: i.verdict for i in report.items}, left_out)
    functions = _told_by_them_alone(report.items, left_out)
    items = tuple(
        replace(i, verdict=as_shown(_discreet(told[i.id], left_out, functions - {i.function}), rubric.feedback.show))
        for i in report.items if i.id not in left_out
    )
    counted = withheld(i.visibility for i in left_out.values())
    return replace(report, items=items, withheld=counted, decided=_decided(report.decided, left_out))


def sentence(message: str, reason: Reason | None, show: Show, left_out: Collection[str]) -> str:
    """What a student may read of an item that is shown, where there is no evidence beside it.

    Parameters
    ----------
    left_out : collection of str
        Ids of the items that are not shown.
    """
    spelled = show != "value" and reason in _TELL_VALUES
    return reason.sentence if reason and (spelled or not message or names(message, left_out)) else message


def as_shown(verdict: Verdict, show: Show) -> Verdict:
    """The verdict cut to what a course shows, the student's own contradictions before expected values.

    Parameters
    ----------
    show : {'none', 'relation', 'value'}
        Outcome and message alone; or all but what comes from the reference; or everything.
    """
    if show == "value":
        return replace(verdict, evidence=tuple(sorted(verdict.evidence, key=lambda e: _tells_value(e, verdict.reason))))
    if any(_tells_value(e, verdict.reason) for e in verdict.evidence) and verdict.reason in _TELL_VALUES:
        verdict = replace(verdict, message=verdict.reason.sentence)
    if show == "none":
        message = verdict.message or (verdict.reason.sentence if verdict.reason else "")
        return Verdict(verdict.outcome, verdict.credit, message=message)
    return replace(verdict, evidence=tuple(_without_values(e, verdict.reason) for e in verdict.evidence))


def withheld(visibilities: Iterable[Visibility]) -> tuple[Withheld, ...]:
    """Items that are left out, counted by when they are shown."""
    counts = Counter(visibilities)
    return tuple(Withheld(v, counts[v]) for v in Visibility if counts[v])


# ---- nothing that names an item which is left out --------------------------------------------------------------------


def _retold(verdicts: Mapping[str, Verdict], left_out: Container[str]) -> dict[str, Verdict]:
    """A file that cannot be loaded is explained at the first item that is shown, if it was at one that is not."""
    first: dict[str, str] = {}
    told: dict[str, Verdict] = {}
    for item, verdict in verdicts.items():
        told[item] = verdict
        if item in left_out or verdict.see not in left_out or verdict.see not in verdicts or not cause(verdicts[verdict.see]):
            continue
        source = first.setdefault(verdict.see, item)
        told[item] = _loading(verdicts[verdict.see]) if source == item else replace(
            verdict, message=f"For the same reason as {source}.", hint=f"See {source}.", see=source)
    return told


def _loading(verdict: Verdict) -> Verdict:
    """The verdict on an item whose file cannot be loaded, which says nothing of the item."""
    evidence = tuple(e for e in verdict.evidence if isinstance(e, Traceback))
    return Verdict(verdict.outcome, verdict.credit, verdict.reason, verdict.message, evidence)


def _told_by_them_alone(items: Iterable[ItemResult], left_out: Mapping[str, RubricItem]) -> frozenset[str]:
    """Functions of which only the items left out tell that something is wrong."""
    known = {i.function for i in items if i.id not in left_out and i.verdict.outcome is not Outcome.MET}
    return frozenset(i.check.function for i in left_out.values()) - known


def _decided(decided: "Decided | None", left_out: Collection[str]) -> "Decided | None":
    """What was decided, as far as it tells nothing of these items: no note that names one, and no points of their sum."""
    if decided is None or not left_out:
        return decided
    notes = {i: replace(o, note="" if names(o.note, left_out) else o.note) for i, o in decided.overrides.items() if i not in left_out}
    overrides = {i: o for i, o in notes.items() if o.note or o.points is not None}
    comments = tuple(c for c in decided.comments if not names(c.note, left_out))
    labels = tuple(a.label for a in decided.adjustments)
    return replace(decided, overrides=overrides, comments=comments, adjustments=(), without_points=labels, total=None)


def _discreet(verdict: Verdict, ids: Collection[str], functions: frozenset[str]) -> Verdict:
    """The verdict without texts that name these items, or notes on what was done about these functions.

    The reason's own sentence and hint stand in for those that go.
    """
    message, hint = ("" if names(text, ids) else text for text in (verdict.message, verdict.hint))
    notes = tuple(n for n in verdict.notes if not names(n, (*ids, *functions)))
    return replace(verdict, message=message, hint=hint, notes=notes, see="" if verdict.see in ids else verdict.see)


def names(text: str, words: Iterable[str]) -> bool:
    """Whether one of these ids or functions stands in the text as a whole."""
    return any(re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-]|\.\w)", text) for word in words)


# ---- how much of the evidence ----------------------------------------------------------------------------------------


def _tells_value(evidence: Evidence, reason: Reason | None) -> bool:
    """Whether something of it comes from the reference."""
    match evidence:
        case Contrast(expected=expected, source=source):
            return expected is not None and "your own " not in source and reason not in _ASK_NO_REFERENCE
        case Blocks():
            return True
        case StepPlot() | Traceback() | Printed():
            return False
        case _:
            assert_never(evidence)


def _without_values(evidence: Evidence, reason: Reason | None) -> Evidence:
    """What the student's function was given and returned, and where it is wrong; not what it should be, nor by how much."""
    match evidence:
        case Contrast() if _tells_value(evidence, reason):
            return replace(evidence, expected=None, source=NOT_SHOWN, worst_error=None, errors=())
        case Blocks(rows):
            return Blocks(tuple(replace(row, expected=None, errors=()) for row in rows))
        case StepPlot():
            return replace(evidence, reference_errors=())
        case _:
            return evidence
