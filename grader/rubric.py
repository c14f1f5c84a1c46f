"""Rubrics: ``rubrics/<slug>.toml`` into frozen models, with errors that say file, item, field and what to write instead."""

import difflib
import re
import tomllib
import traceback
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema

from grader.checks import KINDS
from grader.checks.answers import host_trouble
from grader.checks.base import Check
from grader.core.audience import FeedbackPolicy, Visibility
from grader.core.errors import CourseError
from grader.core.interface import Interface, Model
from grader.core.late import LatePolicy
from grader.core.observation import Observation, Returned
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict, ungraded
from grader.core.wording import foremost, instead, on_one_line, worded
from grader.trial import Trial

_ID = r"^[A-Za-z][\w-]*(\.[\w-]+)*$"


def _fraction(value: object) -> Fraction:
    """TOML has no fractions: 3, 0.5 and "1/3" are all exact here (0.1 is 1/10, not the nearest double)."""
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f'{value!r} is no number; write 3, 0.5 or "1/3"') from error


_POINTS_SCHEMA = {"anyOf": [
    {"type": "number", "exclusiveMinimum": 0, "maximum": 10_000}, {"type": "string", "pattern": r"^[0-9]+([.][0-9]+|/[0-9]+)?$"},
]}
Points = Annotated[
    Fraction, BeforeValidator(_fraction), Field(gt=0, le=10_000), WithJsonSchema(_POINTS_SCHEMA, mode="validation")]


class RubricItem(Model):
    """One line of a rubric.

    Parameters
    ----------
    id : str
        Write letters, digits, - and _, in words with dots between, as --item takes it: softmax.shift.
    section : str
        The handout's question.
    title : str
        What must hold, for students.
    points : Fraction
        Write 3, 0.5 or "1/3".
    needs : tuple of str
        Write the ids of items without which this one means nothing, in a list: it is blocked while one of them earns nothing.
    seconds : float
        CPU seconds for all of its questions together.
    hint : str
        In place of the check's own hint when points are lost.
    visibility : {'visible', 'after_due_date', 'after_published', 'hidden'}
        When students see the item and its verdict.
    check : Check
        What is asked of which function.
    """

    id: Annotated[str, Field(pattern=_ID, max_length=80)]
    section: str = ""
    title: Annotated[str, Field(min_length=1, max_length=200)]
    points: Points
    needs: tuple[str, ...] = ()
    seconds: Annotated[float, Field(gt=0, le=600)] = 5.0
    hint: str = ""
    visibility: Visibility = Visibility.VISIBLE
    check: Check

    def questions(self, trial: Trial) -> tuple[Probe, ...]:
        """What its check asks first.

        Raises
        ------
        CourseError
            If nothing can be asked: a size leaves nothing, a relation of rows is asked of a number.
        """
        try:
            return self.check.plan(trial)
        except CourseError:
            raise
        except (Exception, SystemExit) as error:
            raise self._unfit(trial, error) from error

    def judge(self, trial: Trial, first: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """What its check makes of these observations; ungraded if that is of the course's own and fails.

        Also where points are lost and our side failed at a follow-up: answers to these may be worth some.

        Such a failure may be due to this one submission: the others are judged nevertheless. Nobody loses points for an answer by a
        check that the reference does not meet either.

        Raises
        ------
        CourseError
            If the reference does not.
        """
        try:
            verdict = self.check.judge(trial, first, follow_up)
        except (Exception, SystemExit) as error:
            if not self._is_own or isinstance(error, CourseError):
                raise
            line = traceback.extract_tb(error.__traceback__)[1].lineno
            problem = f"it raises {type(error).__name__} at line {line} of reference/{trial.interface.slug}/checks.py"
        else:
            if isinstance(verdict, Verdict):
                if verdict.outcome in (Outcome.NOT_MET, Outcome.PARTLY) and any(isinstance(o, Returned) for o in first):
                    trial.once(("met by the reference", self.id), lambda: self._asked_of_reference(trial))
                return (verdict.outcome in (Outcome.NOT_MET, Outcome.PARTLY) and host_trouble(follow_up)) or verdict
            problem = f"it returns a {type(verdict).__name__}, and no Verdict"
        return ungraded(Reason.OWN_CHECK, f"This could not be judged, because the course's own check fails: {problem}.")

    def _asked_of_reference(self, trial: Trial) -> None:
        """Put it to the reference; not if that takes a worker, which notes what is printed."""
        if self._is_own or not trial.interface.function(self.check.function).returns:
            return
        try:
            verdict = self.check.judge(trial, [trial.observed(probe) for probe in self.check.plan(trial)])
        except CourseError:
            raise
        except (Exception, SystemExit) as error:
            raise self._unfit(trial, error) from error
        if verdict.outcome is not Outcome.MET:
            problem = f"the reference does not meet it: {verdict.message}"
            raise CourseError(*self._place(trial), problem, "Mend the check, or the reference.")

    def _place(self, trial: Trial) -> tuple[str, str]:
        return f"rubrics/{trial.interface.slug}.toml", f"item {self.id}, field check"

    def _unfit(self, trial: Trial, error: BaseException) -> CourseError:
        return CourseError(*self._place(trial), f"it cannot be put to the reference: {on_one_line(error)}.",
                           "Mend its cases, or the dims and domains that interface.py declares.")

    @property
    def _is_own(self) -> bool:
        """Whether its check is of a kind that the course adds."""
        return KINDS.get(self.check.kind) is not type(self.check)


class Rubric(Model):
    """All items of an assignment, in the order of the handout; what being late costs; and how much students are shown."""

    slug: str
    items: tuple[RubricItem, ...]
    late: LatePolicy | None = None
    feedback: FeedbackPolicy = FeedbackPolicy()

    def item(self, item_id: str) -> RubricItem:
        """The item of that id; KeyError if there is none."""
        return {i.id: i for i in self.items}[item_id]


def load_rubric(path: Path, interface: Interface, kinds: Mapping[str, type[Check]]) -> Rubric:
    """Read and cross-check a rubric.

    Raises
    ------
    CourseError
        For the first mistake: file, item, field, what to write instead.
    """
    data = _toml(path)
    _closed(path, data, {"assignment", "item", "late", "feedback"}, "")
    header = data.get("assignment", {})
    if not isinstance(header, dict) or header.get("slug") != interface.slug:
        raise CourseError(str(path), "table [assignment], field slug", f"it should be {interface.slug!r}, the interface's.",
                          f'Write slug = "{interface.slug}" under [assignment].')
    _closed(path, header, {"slug"}, "table [assignment]")
    tables = data.get("item", [])
    if not isinstance(tables, list) or not tables:
        raise CourseError(str(path), "", "there are no items.", "Write one [[item]] table for each line of the rubric.")
    items = tuple(_item(path, number, table, kinds) for number, table in enumerate(tables, 1))
    for place, problem, remedy in _cross_checks(items, interface):
        raise CourseError(str(path), place, problem, remedy)
    late = _late(path, data["late"]) if "late" in data else None
    return Rubric(slug=interface.slug, items=items, late=late, feedback=_feedback(path, data.get("feedback", {})))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(str(path), "", f"it cannot be read ({error.strerror}).", "Every assignment has a rubric of its name.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found = re.search(r"\(at (line \d+)", str(error))
        raise CourseError(str(path), found[1] if found else "", f"this is not TOML: {error}.",
                          "Check quotes, brackets and commas there.") from error


def _closed(path: Path, table: Mapping[str, Any], known: set[str], place: str) -> None:
    for name in table:
        if name not in known:
            raise CourseError(str(path), f"{place}, field {name}".lstrip(", "), "there is no such field.", instead(name, known))


def _item(path: Path, number: int, table: object, kinds: Mapping[str, type[Check]]) -> RubricItem:
    if not isinstance(table, dict):
        raise CourseError(str(path), f"item number {number}", "it should be a table.", "Write [[item]], with double brackets.")
    place = f"item {table['id']}" if isinstance(table.get("id"), str) else f"item number {number}"
    check = table.get("check")
    if not isinstance(check, dict):
        raise CourseError(str(path), f"{place}, field check", "it is missing or no table.",
                          'Write check = { kind = "values", function = "softmax" }.')
    if "kind" not in check:
        raise CourseError(str(path), f"{place}, field check.kind", "it is missing.", f"Write one of: {', '.join(sorted(kinds))}.")
    kind = str(check["kind"])
    if kind not in kinds:
        close = difflib.get_close_matches(kind, kinds, 1)
        raise CourseError(str(path), f"{place}, field check.kind", f"there is no check kind {kind!r}.",
                          f'Write "{close[0]}".' if close else f"The kinds are: {', '.join(sorted(kinds))}.")
    checked = _validated(path, place, kinds[kind], check, "check.")
    return _validated(path, place, RubricItem, {**table, "check": checked}, "")


def _late(path: Path, table: object) -> LatePolicy:
    if not isinstance(table, dict):
        raise CourseError(str(path), "table [late]", "it should be a table.", "Write [late], with single brackets, once.")
    policy = _validated(path, "table [late]", LatePolicy, table, "")
    for field, problem, remedy in policy.problems():
        raise CourseError(str(path), f"table [late], field {field}", problem, remedy)
    return policy


def _feedback(path: Path, table: object) -> FeedbackPolicy:
    if not isinstance(table, dict):
        raise CourseError(str(path), "table [feedback]", "it should be a table.", "Write [feedback], with single brackets, once.")
    return _validated(path, "table [feedback]", FeedbackPolicy, table, "")


_M = TypeVar("_M", bound=Model)


def _validated(path: Path, place: str, model: type[_M], table: Mapping[str, Any], prefix: str) -> _M:
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        first = foremost(error)
        name = ".".join(str(part) for part in first["loc"]) or "table"
        raise CourseError(str(path), f"{place}, field {prefix}{name}", *worded(first, model)) from error


def _cross_checks(items: tuple[RubricItem, ...], interface: Interface) -> Iterator[tuple[str, str, str]]:
    """Mistakes that one item alone does not show: (place, problem, remedy)."""
    ids = [i.id for i in items]
    for number, item in enumerate(items):
        if item.id in ids[:number]:
            yield f"item {item.id}, field id", "there are two items of this id.", "Give each item an id of its own."
        for need in item.needs:
            if need not in ids[:number]:
                yield (f"item {item.id}, field needs", *_misplaced(need, item, items, ids[:number]))
            elif item.visibility.is_before(later := items[ids.index(need)].visibility):
                problem = f"it is {item.visibility}, and would give away how {need} ended, which is {later}."
                yield f"item {item.id}, field visibility", problem, f'Write visibility = "{later}".'
        for field, problem, remedy in item.check.problems(interface):
            yield f"item {item.id}, field check.{field}", problem, remedy


def _misplaced(need: str, item: RubricItem, items: tuple[RubricItem, ...], earlier: list[str]) -> tuple[str, str]:
    """Why an item cannot need this one, and what to write instead."""
    later = next((i for i in items if i.id == need), None)
    if need == item.id:
        return "an item cannot need itself.", f"Leave {need} out."
    if later is None:
        close = difflib.get_close_matches(need, earlier, 1)
        return f"no earlier item has the id {need!r}.", f'Write "{close[0]}".' if close else "Name an item that stands before this one."
    if item.id in _needed_by(later, items):
        return f"{item.id} and {need} need each other.", "Leave one of them out of the other's needs."
    return f"{need} stands after this item.", f"Move {need} up, before {item.id}."


def _needed_by(item: RubricItem, items: tuple[RubricItem, ...]) -> set[str]:
    """Every item that this one rests on, directly or through others; cycles are walked once."""
    by_id, found, waiting = {i.id: i for i in items}, set[str](), [*item.needs]
    while waiting:
        need = waiting.pop()
        if need in by_id and need not in found:
            found.add(need)
            waiting += by_id[need].needs
    return found


def check_conventions(path: Path, rubric: Rubric, known: Mapping[str, Collection[str]]) -> None:
    """Refuse shares for mistakes that nobody knows.

    Parameters
    ----------
    known : mapping of str to collection of str
        By function, the ids of its known mistakes.

    Raises
    ------
    CourseError
        For the first.
    """
    for item in rubric.items:
        ids = known.get(item.check.function, ())
        for name in getattr(item.check, "conventions", ()):
            if name not in ids:
                close = difflib.get_close_matches(name, ids, 1)
                remedy = f"Write {close[0]}." if close else f"The known ones are: {', '.join(ids) or 'none'}."
                raise CourseError(str(path), f"item {item.id}, field check.conventions",
                                  f"misconceptions.py has no mistake {name!r} of {item.check.function}.", remedy)
