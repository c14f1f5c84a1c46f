"""The graded class, made from the store: verdicts, then what a person decided, then what being late costs, then totals."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias

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
_NOT_ASKED: Final = Verdict(Outcome.UNGRADED, None, Reason.NOT_ASKED, NOT_ASKED)


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


class Kept(NamedTuple):
    """What the store has of each row: of 1000 it takes a twentieth of a second to read."""

    listed: Sequence[Listed]
    results: Mapping[str, Result]
    verdicts: Verdicts
    levels: Sequence[str]


def kept_in(store: Store) -> Kept:
    """What is in the store now."""
    return Kept(tuple(store.listed()), {r.key: r for r in store.results()}, store.verdicts(), store.levels())


def class_book(store: Store, kept: Kept | None = None, *, complete: bool = True) -> ClassBook:
    """The class as it stands in the store, before overrides and the late policy; `kept` is for who has read it already."""
    kept = kept or kept_in(store)
    lines, shown = lines_in(store), FeedbackPolicy.model_validate(store.get("feedback", {}))
    asking = store.get("asking", "")
    rows, waiting, scores = [], 0, _Scores(lines)
    for one in kept.listed:
        result = kept.results.get(one.key)
        if one.absent:
            rows.append(Row(one.persons, Status.ABSENT, remarks=one.remarks))
        elif result is None or not is_current(result, one, asking):
            waiting += 1
        else:
            rows.append(_row(one, result, scores.of(kept.verdicts.get(one.key, _NOTHING))))
    rows.sort(key=lambda row: ([p.name.casefold() for p in row.persons], row.key))
    late, now = late_policy(store), datetime.now(UTC)
    items = tuple(
        Item(x.id, x.section, x.title, x.points, None if is_shown(x.visibility, late, shown, now) else x.visibility) for x in lines)
    facts: dict[str, Any] = store.get("conditions", {})
    return ClassBook(
        store.get("assignment", ""), store.get("title", ""), items, tuple(rows), store.get("unrecognised", {}),
        {**facts, "isolation": ", ".join(sorted(kept.levels)) or "no code was run"}, complete and not waiting, waiting,
        shown.show, tuple(store.get("notes", ())),
    )


def is_current(result: Result, one: Listed, asking: str) -> bool:
    """Whether a result is about what was handed in last, asked as it is asked now."""
    return result.content == one.content and result.asking == asking


class _Scores:
    """The points of each submission of a class; of the very same verdicts, as many have, they are the same object, made once.

    What is remembered by an object's id keeps that object, so that the id stays its own.
    """

    def __init__(self, lines: Sequence[RubricLine]) -> None:
        self._lines = lines
        self._ids = [x.id for x in lines]
        self._of_all: dict[int, tuple[object, Mapping[str, Score]]] = {}
        self._of_one: dict[tuple[str, int], tuple[object, Score]] = {}

    def of(self, judged: Mapping[str, Judged]) -> Mapping[str, Score]:
        """The points of one submission; empty where nothing was judged."""
        if not judged:
            return {}
        if id(judged) not in self._of_all:
            self._of_all[id(judged)] = judged, self._settled(judged)
        return self._of_all[id(judged)][1]

    def _settled(self, judged: Mapping[str, Judged]) -> dict[str, Score]:
        own = {i: judged[i].verdict if i in judged else _NOT_ASKED for i in self._ids}
        causes = {i: judged[i].cause if i in judged else "" for i in self._ids}
        counting = settled(self._lines, own, causes, own)
        return {x.id: self._score(x, counting[x.id]) for x in self._lines}

    def _score(self, line: RubricLine, verdict: Verdict) -> Score:
        key = line.id, id(verdict)
        if key not in self._of_one:
            self._of_one[key] = verdict, _score(line.points, verdict)
        return self._of_one[key][1]


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
