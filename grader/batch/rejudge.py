"""A finished run, judged again on what is stored, or run again from what is stored; and who changed, from what to what, why."""

import shlex
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from grader.batch.book import Kept, Verdicts, class_book, is_current, kept_in
from grader.batch.folder import RunFolder
from grader.batch.identity import check_of
from grader.batch.job import Job, Judged, Setup, judged
from grader.batch.packing import unpacked
from grader.batch.publish import decisions, final_book, show, warnings
from grader.batch.run import Run, Wish, is_as_judged, note
from grader.batch.store import Listed, Result, Store, storable
from grader.core.classbook import ClassBook, Person, Row, Score
from grader.core.errors import UsageError
from grader.core.reason import Reason
from grader.core.report import points
from grader.core.verdict import ungraded
from grader.core.wording import instead
from grader.course import find_course, load_assignment, slugs
from grader.grading import NOT_ASKED, Recorded, own_verdict
from grader.interview import questions_of
from grader.report import FORMATS
from grader.report.text import shortened
from grader.rubric import RubricItem
from grader.runner.protocol import Isolation
from grader.trial import Trial

_LONGEST: Final = 100  # characters of a student-made text on a line
_NOTHING: Final[Mapping[str, Judged]] = {}


@dataclass(frozen=True, slots=True)
class Change:
    """One item of one row that is not what it was.

    Parameters
    ----------
    row : str
        Its key.
    persons : tuple of Person
        Whose it is.
    item : str
        Its id; ``late`` for what being late costs.
    before, after : Fraction or None
        Points as the grader judged, or as a person decided; None if ungraded, or if there is no such item.
    why : str
        Half a sentence.
    counts : bool
        False where a person's override keeps the points as they are.
    """

    row: str
    persons: tuple[Person, ...]
    item: str
    before: Fraction | None
    after: Fraction | None
    why: str
    counts: bool = True


def restored(folder: RunFolder, wish: Wish, command: str = "rejudge") -> Run:
    """A run as it is in its folder, with the course as it is now.

    Parameters
    ----------
    command : str
        Of ``grade``, for messages.

    Raises
    ------
    UsageError
        If the folder holds no run that got as far as grading, or one of another course.
    CourseError
        If the course is at fault.
    """
    store = folder.store
    slug = store.get("assignment")
    if slug is None:
        raise UsageError(f"{folder.path}: this run was ended before anything was graded. Give its `grade CLASS` command again.")
    course = _course(folder, wish.course, slug, command)
    assignment = load_assignment(course, slug)
    secrets = (course / "reference", folder.path.resolve())
    setup = Setup(course, slug, store.get("seed"), store.get("demand"), secrets, tuple(FORMATS),
                  run=storable(str(folder.path)), names=store.get("names", ""))
    return Run(folder, assignment, setup, wish)


def _course(folder: RunFolder, given: Path | None, slug: str, command: str) -> Path:
    """The course that is named; else the first that has the assignment: the one that we are in, or where it was last.

    Our own, with the examples, is none of these: it may judge otherwise, though it has an assignment of that name.
    """
    if given is not None:
        if slug not in slugs(course := find_course(given)):
            raise UsageError(f"{folder.path}: this run is of assignment {slug}, which the course {course} does not have. "
                             "Name the course with --course.")
        return course
    here, was = Path.cwd(), folder.store.get("course", ())  # as seen from the run's folder, and from the root
    for place in (here, *here.parents, *(folder.path.resolve() / path for path in was)):
        with suppress(UsageError):
            if slug in slugs(course := find_course(place)):
                return course
    gone = f"it was judged with the course {was[-1]}, which is not there any more, and " if was else ""
    raise UsageError(f"{folder.path}: {gone}neither the current folder nor one above it is the course of this run. Type: grade {command} "
                     f"{shlex.quote(str(folder.path))} --course COURSE; COURSE is the folder with reference/ and rubrics/.")


def rejudge(run: Run) -> tuple[ClassBook, list[Change], Kept]:
    """Apply the rubric as it is now to what is stored: the class, who changed, and what is stored now.

    No student code runs; which reports are to be written anew, `stale_reports` tells.

    Only items whose check has changed are judged; of a submission that an interrupted run was to ask otherwise, all of them. All of
    it is one transaction: either the class is judged anew or it is not.
    """
    store = run.folder.store
    warnings(run.folder, run.assignment)  # overrides that do not fit are said before anything is judged
    kept, decided = kept_in(store), store.get("decided")
    before = class_book(store, kept)
    again = list(_judged_again(run, kept))
    with store.transaction():
        store.judge_again(again)
        store.asked_as(run.asking)
        note(run)
        results = {key: r._replace(asking=run.asking) for key, r in kept.results.items()}
        kept = kept._replace(results=results, verdicts=_merged(kept.verdicts, store.verdicts({v.item for _, v in again})))
        after = final_book(run.folder, kept)
        changes = [*differences(before, after), *([] if decided is None else decided_anew(before, decided, after))]
        history = _history(store, after, changes)
        store.put(decided=decisions(after), changes=history)  # with the judging, so that no kill parts them
    show(run.folder, after, history)
    return after, changes, kept


def _merged(before: Verdicts, anew: Verdicts) -> Verdicts:
    """The new verdicts in the place of earlier ones; of the very same two, as many submissions have, they are the same object."""
    made: dict[tuple[int, int], Mapping[str, Judged]] = {}
    both = ((key, of_one, anew.get(key, _NOTHING)) for key, of_one in before.items())
    return {key: made.setdefault((id(one), id(other)), {**one, **other}) for key, one, other in both}


def _history(store: Store, book: ClassBook, changes: Sequence[Change]) -> list[str]:
    """A text for each judging that changed something, the last one first."""
    new = [f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {counted(book, changes)}\n" + "".join(f"{line}\n" for line in told(changes))]
    return [*(new if changes else ()), *store.get("changes", ())]


def stale_reports(run: Run, kept: Kept) -> list[Job]:
    """Reports that say what is no longer so; of those who wait, the one that they have is left."""
    found = ((one, kept.results[one.key]) for one in kept.listed if one.key in kept.results)
    return [Job(one.key, one.name, remarks=one.remarks, ask=()) for one, result in found
            if is_current(result, one, run.asking) and run.is_stale(result, one)]


def _judged_again(run: Run, kept: Kept) -> Iterator[tuple[str, Judged]]:
    store = run.folder.store
    trial, asking = Trial(run.setup.seed, run.assignment.interface, run.assignment.oracle), store.get("asking")
    asked_otherwise = {key for key, result in kept.results.items() if result.asking != asking}
    for item in run.assignment.rubric.items:
        check = check_of(item, run.assignment)
        changed = {key: v for key, of_one in kept.verdicts.items()
                   if (v := of_one.get(item.id)) is None or v.check != check or key in asked_otherwise}
        if changed:
            yield from _one_item(item, check, trial, store, changed, kept.results)


def _one_item(
    item: RubricItem, check: str, trial: Trial, store: Store, changed: dict[str, Judged | None], results: Mapping[str, Result]
) -> Iterator[tuple[str, Judged]]:
    """The item anew where its questions are those that were asked; elsewhere it is ungraded."""
    questions = questions_of(item, trial)
    for key, asked, data in store.answers(item.id):
        if key in changed and asked == questions:
            before = changed.pop(key)
            if before is not None and before.cause:  # a module that cannot be loaded answers nothing, whatever is asked
                yield key, replace(before, check=check)
            else:
                untouched = results[key].untouched  # of a class, many answered the same, and left the same functions as they were
                after = trial.lately((item.id, data, untouched), lambda: _judged(item, check, trial, data, untouched))  # noqa: B023 - called at once
                if before is not None and after.reason == before.reason == Reason.MISSING.code:
                    after = replace(after, message=before.message)  # which asks whether another name is meant
                yield key, after
    for key in changed:
        yield key, judged(item.id, ungraded(Reason.NOT_ASKED, NOT_ASKED), check, "")


def _judged(item: RubricItem, check: str, trial: Trial, answers: bytes, untouched: Container[str]) -> Judged:
    recorded = Recorded(trial.seed, {item.id: unpacked(answers)}, Isolation(""))
    return judged(item.id, own_verdict(item, trial, recorded, untouched.__contains__), check, questions_of(item, trial))


# ---- who changed -----------------------------------------------------------------------------------------------------


def differences(before: ClassBook, after: ClassBook) -> Iterator[Change]:
    """Every item of every row whose points are not what they were, by the grader's own judgement."""
    was = {row.key: row for row in before.rows}
    worth = {i.id: i.points for i in before.items}, {i.id: i.points for i in after.items}
    found: dict[tuple[int, int], list[Any]] = {}  # by the scores' ids: of a class, many rows have the very same
    for row in after.rows:
        if (old := was.get(row.key)) is not None:
            both = id(old.scores), id(row.scores)
            if both not in found:
                found[both] = list(_differences(old.scores, row.scores, *worth))
            yield from (Change(row.key, row.persons, *difference) for difference in found[both])


def _differences(
    old: Mapping[str, Score], new: Mapping[str, Score], was_worth: Mapping[str, Fraction], worth: Mapping[str, Fraction]
) -> Iterator[tuple[str, Fraction | None, Fraction | None, str, bool]]:
    """What a `Change` says beside whose it is."""
    for item in dict.fromkeys((*new, *old)):
        one, other = old.get(item), new.get(item)
        if one is None or other is None or one.earned != other.earned:
            why = _why(one, other, was_worth.get(item), worth.get(item))
            yield item, one.earned if one else None, other.earned if other else None, why, other is None or _is_open(other)


def _is_open(score: Score) -> bool:
    return score.override is None or score.override.points is None


def _why(before: Score | None, after: Score | None, was_worth: Fraction | None, worth: Fraction | None) -> str:
    if before is None:
        return f"a new item; {after.message}" if after and after.earned is None else "a new item"
    if after is None:
        return "the item was removed"
    if before.outcome is not after.outcome:
        return f"{before.outcome.value} before, {after.outcome.value} now" + (f": {after.message}" if after.message else "")
    if was_worth is not None and worth is not None and was_worth != worth:
        return f"the item's points changed from {points(was_worth)} to {points(worth)}"
    return f"judged anew: {after.message}"


def decided_anew(before: ClassBook, decided: Mapping[str, Mapping[str, Any]], after: ClassBook) -> Iterator[Change]:
    """Every override that gives other points than at the last judging, and every row that being late costs something else.

    Parameters
    ----------
    before : ClassBook
        By the grader's own judgement.
    decided : mapping
        What was decided then, see `grader.batch.publish.decisions`.
    """
    was = {row.key: row for row in before.rows}
    for row in after.rows:
        kept = decided.get(row.key, {})
        yield from _overridden_anew(was.get(row.key), kept.get("points", {}), row)
        late = [(label, Fraction(points)) for label, points in kept.get("late", [])]
        if late != [(a.label, a.points) for a in row.adjustments]:
            why = "; ".join(a.label for a in row.adjustments) or "nothing is taken off any more"
            yield Change(row.key, row.persons, "late", _sum(p for _, p in late), _sum(a.points for a in row.adjustments),
                         f"the late policy: {why}")


def _overridden_anew(before: Row | None, kept: Mapping[str, Sequence[str]], row: Row) -> Iterator[Change]:
    for item, score in row.scores.items() if kept or row.overrides else ():
        given = score.override if score.override and score.override.points is not None else None
        old = Fraction(kept[item][0]) if item in kept else None
        if old == (given.points if given else None):
            continue
        judged = before.scores.get(item) if before else None
        why = f"override by {given.who}, {given.when}" + (f": {given.note}" if given.note else "") if given else (
            f"the override by {kept[item][1]} is gone")
        yield Change(row.key, row.persons, item, old if old is not None else judged.earned if judged else None, score.counted, why)


def _sum(values: Iterable[Fraction]) -> Fraction:
    return sum(values, Fraction(0))


def told(changes: Sequence[Change]) -> list[str]:
    """Who changed, from what to what, why: a line for each item of each row, items together."""
    order = {item: place for place, item in enumerate(dict.fromkeys(c.item for c in changes))}
    return [_line(c) for c in sorted(changes, key=lambda c: order[c.item])]


def _line(change: Change) -> str:
    who = shortened(", ".join(p.name for p in change.persons), _LONGEST)
    kept = "" if change.counts else " (an override decides, and stays)"
    why = shortened(change.why, 2 * _LONGEST)
    return f"{who}: {change.item}  {_or_none(change.before)} -> {_or_none(change.after)}{kept}  {why}"


def _or_none(value: Fraction | None) -> str:
    return "–" if value is None else points(value)


def counted(book: ClassBook, changes: Sequence[Change]) -> str:
    """How many changed, in a few words."""
    rows = len({c.row for c in changes})
    return f"{rows} of {len(book.rows)} rows changed" if rows else "nobody's points changed"


# ---- running again ---------------------------------------------------------------------------------------------------


def regrading(run: Run, only: Sequence[str]) -> list[Job]:
    """Jobs that run student code again, from the submissions as they are stored.

    Parameters
    ----------
    only : sequence of str
        Ids of items, and keys, names or e-mails of students; everything if empty.

    Raises
    ------
    UsageError
        If one of them is neither, or nothing of it is stored; or the course is not what the class was judged by last.
    """
    store = run.folder.store
    if not is_as_judged(run) or store.get("asking") != run.asking:
        raise UsageError(f"{run.folder.path}: rubric or reference have changed since this class was judged. "
                         f"Give `grade rejudge {run.folder.path}` first.")
    listed, packed = list(store.listed()), store.packed()
    rubric = [i.id for i in run.assignment.rubric.items]
    items = tuple(i for i in rubric if i in only)
    wanted = {key for name in only if name not in items for key in _called(name, listed, packed, rubric)}
    return [Job(one.key, one.name, remarks=one.remarks, ask=items or None) for one in listed
            if one.key in packed and (not wanted or one.key in wanted)]


def _called(name: str, listed: Sequence[Listed], packed: Container[str], items: Sequence[str]) -> list[str]:
    """Keys of all rows of whoever is called so, and can be run again."""
    composed = unicodedata.normalize("NFC", name)
    names = {one.key: {one.key, *(n for p in one.persons for n in (p.key, p.name, p.email) if n)} for one in listed}
    meant = [one for one in listed if composed in names[one.key]]
    if not meant:
        remedy = instead(name, [*items, *set().union(*names.values())], "Write an item's id, or a student's key, e-mail address or name.")
        raise UsageError(f"--only {name}: there is neither an item nor a student of this name. {remedy}")
    if all(one.absent for one in meant):
        raise UsageError(f"--only {name}: this student handed in nothing.")
    if not (keys := [one.key for one in meant if one.key in packed]):
        raise UsageError(f"--only {name}: nothing of it is stored, for it could not be read or has not been run. "
                         "Grade the class's folder again.")
    return keys
