"""The graded class, made from the store: verdicts, then what a person decided, then what being late costs, then totals."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final, TypeAlias

from grader.batch.folder import report_path
from grader.batch.job import Judged
from grader.batch.store import Listed, Result, Store
from grader.core.audience import FeedbackPolicy, Visibility, is_shown
from grader.core.classbook import ClassBook, Item, Row, Score, Status
from grader.core.late import LatePolicy
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.course import Assignment
from grader.grading import NOT_ASKED, settled

Verdicts: TypeAlias = Mapping[str, Mapping[str, Judged]]
_NOTHING: Final[Mapping[str, Judged]] = {}


@dataclass(frozen=True, slots=True)
class RubricLine:
    """What the store keeps of a rubric item, so that a class can be shown without its course."""

    id: str
    section: str
    title: str
    points: Fraction
    needs: tuple[str, ...]
    visibility: Visibility = Visibility.VISIBLE


def lines_of(assignment: Assignment) -> tuple[RubricLine, ...]:
    """The rubric's items as the store keeps them."""
    return tuple(RubricLine(i.id, i.section, i.title, i.points, i.needs, i.visibility) for i in assignment.rubric.items)


def noted(lines: Sequence[RubricLine]) -> str:
    """As text for the store."""
    return json.dumps([[x.id, x.section, x.title, str(x.points), list(x.needs), x.visibility] for x in lines])


def lines_in(store: Store) -> tuple[RubricLine, ...]:
    """The rubric by which the store's verdicts count."""
    found = json.loads(store.get("items", "[]"))
    return tuple(
        RubricLine(i, section, title, Fraction(points), tuple(needs), Visibility(visibility))
        for i, section, title, points, needs, visibility in found
    )


def late_policy(store: Store) -> LatePolicy | None:
    """The rubric's ``[late]`` table, as the store keeps it."""
    late = store.get("late")
    return None if late is None else LatePolicy.model_validate(late)


def class_book(store: Store, verdicts: Verdicts | None = None, *, complete: bool = True) -> ClassBook:
    """The class as it stands in the store, before overrides and the late policy.

    Parameters
    ----------
    verdicts : mapping or None
        Those in the store, from who has read them already: 30 000 take a tenth of a second.
    """
    lines, shown = lines_in(store), FeedbackPolicy.model_validate(store.get("feedback", {}))
    asking = store.get("asking", "")
    results = {r.key: r for r in store.results()}
    verdicts = store.verdicts() if verdicts is None else verdicts
    rows, waiting = [], 0
    for one in store.listed():
        result = results.get(one.key)
        if one.absent:
            rows.append(Row(one.persons, Status.ABSENT, remarks=one.remarks))
        elif result is None or not is_current(result, one, asking):
            waiting += 1
        else:
            rows.append(_row(one, result, scores_of(lines, verdicts.get(one.key, _NOTHING))))
    rows.sort(key=lambda row: ([p.name.casefold() for p in row.persons], row.key))
    late, now = late_policy(store), datetime.now(UTC)
    items = tuple(
        Item(x.id, x.section, x.title, x.points, None if is_shown(x.visibility, late, shown, now) else x.visibility) for x in lines)
    facts: dict[str, Any] = store.get("conditions", {})
    return ClassBook(
        store.get("assignment", ""), store.get("title", ""), items, tuple(rows), store.get("unrecognised", {}),
        {**facts, "isolation": ", ".join(sorted(store.levels())) or "no code was run"}, complete and not waiting, waiting,
        shown.show, tuple(store.get("notes", ())),
    )


def is_current(result: Result, one: Listed, asking: str) -> bool:
    """Whether a result is about what was handed in last, asked as it is asked now."""
    return result.content == one.content and result.asking == asking


def scores_of(lines: Sequence[RubricLine], judged: Mapping[str, Judged]) -> dict[str, Score]:
    """The points of one submission; empty where nothing was judged."""
    if not judged:
        return {}
    own = {x.id: judged[x.id].verdict if x.id in judged else Verdict(Outcome.UNGRADED, None, Reason.NOT_ASKED, NOT_ASKED) for x in lines}
    causes = {x.id: judged[x.id].cause if x.id in judged else "" for x in lines}
    counting = settled(lines, own, causes, own)
    return {x.id: _score(x.points, counting[x.id]) for x in lines}


def _score(points: Fraction, verdict: Verdict) -> Score:
    named = verdict.message if verdict.reason in (Reason.MISCONCEPTION, Reason.MISSING) else ""
    whole = verdict.outcome is Outcome.MET and verdict.credit == 1  # most are, and exact arithmetic is slow
    earned = points if whole else None if verdict.credit is None else points * verdict.credit
    return Score(earned, verdict.outcome, verdict.reason.code if verdict.reason else "", verdict.message, named)


def _row(one: Listed, result: Result, scores: Mapping[str, Score]) -> Row:
    ungraded = any(s.earned is None for s in scores.values())
    status = Status.PARTLY_UNGRADED if result.status is Status.GRADED and ungraded else result.status
    return Row(
        one.persons, status, scores, (), one.name, one.when, one.late, one.told_by, result.sha256, result.tree_sha256,
        report_path(one.key) if "html" in result.reports else "", (*one.remarks, *result.remarks), (), one.handed_in_as,
    )
