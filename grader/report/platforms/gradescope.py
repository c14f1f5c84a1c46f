"""Gradescope's ``results.json``.

Everything in it is plain text, so that nothing that a student writes is markup. The total is exact and rounded once: it is given
beside the tests' own scores. An ungraded item has neither score nor status, says so in its name, and adds nothing to the total:
its points are for a person to award, by Gradescope's own rubric. Being late costs nothing here: Gradescope has no such rule, and
the course's is applied with the class.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from grader.core.audience import Visibility
from grader.core.report import ItemResult
from grader.core.verdict import Outcome
from grader.report.platforms import Circumstances, Graded, State
from grader.report.platforms.wording import as_json, explained, line, named, number, overall, texts

FILE = "results.json"
_PLAIN = {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}
_SHOWN = {**_PLAIN, "visibility": "visible", "stdout_visibility": "hidden"}
"""Our own messages and tracebacks, on stdout, are for the instructor."""
_LATELY = 20  # earlier scores that are kept


class _Dates(BaseModel):
    due_date: datetime | None = None


class _Earlier(BaseModel):
    score: Annotated[float, Field(allow_inf_nan=False)] | None = None


class _Metadata(BaseModel):
    """What is used of ``submission_metadata.json``."""

    created_at: datetime | None = None
    assignment: _Dates = _Dates()
    previous_submissions: tuple[_Earlier, ...] = ()


def to_result(graded: Graded, circumstances: Circumstances) -> dict[str, str]:
    """The result of a submission that was graded: all items, those that are not public yet with their bare outcome."""
    told = texts(graded.student)
    numbers = _numbers(graded.report.items)
    visibilities = {i.id: i.visibility for i in graded.rubric.items}
    metadata = _read(circumstances.metadata)
    public = graded.student
    return {FILE: as_json({
        "score": number(graded.report.earned),
        "execution_time": round(graded.report.timings.get("total", 0.0), 2),
        "output": "\n".join(filter(None, (_handed_in(metadata), overall(public)))),
        **_SHOWN,
        "extra_data": _extra(graded, metadata),
        "tests": [_test(i, numbers[i.id], visibilities[i.id], told.get(i.id)) for i in graded.report.items],
        **({"leaderboard": [{"name": "Points", "value": number(public.earned)}]} if circumstances.leaderboard else {}),
    })}


def without_verdicts(state: State, detail: str, circumstances: Circumstances) -> dict[str, str]:
    """0 points, because Gradescope takes no result without; no test, so that none is passed."""
    return {FILE: as_json({
        "score": 0.0, "output": explained(state, detail), **_SHOWN, "extra_data": {"grade": {"state": state.value}}, "tests": [],
    })}


def _test(item: ItemResult, place: str, visibility: Visibility, told: str | None) -> dict[str, object]:
    """One item; `told` is None where its student may not read more yet, which Gradescope sees to only until a date."""
    reason = item.verdict.reason
    score = {} if item.earned is None else {
        "score": number(item.earned), "status": "passed" if item.verdict.outcome is Outcome.MET else "failed",
    }
    bare = f"{item.verdict.outcome.value}. {reason.sentence if reason else ''}".strip()
    return {
        **score,
        "max_score": number(item.points),
        "name": named(item),
        "name_format": "text",
        "number": place,
        "output": bare if told is None else told,
        "output_format": "text",
        "tags": [line(item.section)] if item.section else [],
        "visibility": visibility.value,
        "extra_data": {"id": item.id, "outcome": item.verdict.outcome.value, "reason": reason.code if reason else None},
    }


def _numbers(items: tuple[ItemResult, ...]) -> dict[str, str]:
    """``2.1``: section, and item in it, by id."""
    sections = list(dict.fromkeys(i.section for i in items))
    seen = dict.fromkeys(sections, 0)
    numbers: dict[str, str] = {}
    for item in items:
        seen[item.section] += 1
        numbers[item.id] = f"{sections.index(item.section) + 1}.{seen[item.section]}"
    return numbers


# ---- late, and attempts ----------------------------------------------------------------------------------------------


def _read(metadata: Mapping[str, Any]) -> _Metadata:
    """What Gradescope says of the submission; nothing if it says it in another way than described."""
    try:
        return _Metadata.model_validate(metadata)
    except ValidationError:
        return _Metadata()


def _late_by(metadata: _Metadata) -> timedelta | None:
    """How late it came; None if it is not known. Zone-less times cannot be compared with others, and are not guessed."""
    came, due = metadata.created_at, metadata.assignment.due_date
    if came is None or due is None or came.utcoffset() is None or due.utcoffset() is None:
        return None
    return max(came - due, timedelta(0))


def _handed_in(metadata: _Metadata) -> str:
    """``Attempt 3, handed in 1 day, 0:05:00 after the due time.``; whole days are days alone; empty if nothing is known."""
    if metadata.created_at is None:
        return ""
    late = _late_by(metadata)
    by = None if late is None else timedelta(seconds=math.ceil(late.total_seconds()))
    when = "" if by is None else f", handed in {str(by).removesuffix(', 0:00:00')} after the due time" if by else ", handed in in time"
    return f"Attempt {len(metadata.previous_submissions) + 1}{when}."


def _extra(graded: Graded, metadata: _Metadata) -> dict[str, object]:
    late = _late_by(metadata)
    conditions = graded.report.conditions
    return {"grade": {
        "state": "graded",
        "ungraded_points": number(graded.report.ungraded),
        "late_seconds": None if late is None else round(late.total_seconds()),
        "attempt": len(metadata.previous_submissions) + 1 if metadata.created_at else None,
        "earlier_scores": [e.score for e in metadata.previous_submissions[-_LATELY:]],
        "submission_sha256": graded.report.submission.sha256,
        "rubric_sha256": conditions.rubric_sha256,
        "isolation": conditions.isolation,
        "versions": conditions.versions,
    }}
