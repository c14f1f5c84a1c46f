"""Rubrics: ``rubrics/<slug>.toml`` into frozen models, with errors that say file, item, field and what to write instead."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from grader.checks.base import Check
from grader.core.errors import CourseError
from grader.core.interface import Interface, Model

_ID = r"^[A-Za-z][\w-]*(\.[\w-]+)*$"


def _fraction(value: object) -> object:
    """TOML has no fractions: 3, 0.5 and "1/3" are all exact here (0.1 is 1/10, not the nearest double)."""
    return Fraction(str(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else value


Points = Annotated[Fraction, BeforeValidator(_fraction), Field(gt=0, le=10_000)]


class RubricItem(Model):
    """One line of a rubric.

    Parameters
    ----------
    id : str
        ``softmax.shift``; what ``--item`` takes.
    section : str
        The handout's question.
    title : str
        What must hold, for students.
    points : Fraction
        ``3``, ``0.5`` or ``"1/3"``.
    needs : tuple of str
        Items without which this one means nothing; it is *blocked* while one of them earns nothing.
    seconds : float
        CPU seconds for all of its questions together.
    hint : str
        In place of the check's own hint when points are lost.
    check : Check
    """

    id: Annotated[str, Field(pattern=_ID, max_length=80)]
    section: str = ""
    title: Annotated[str, Field(min_length=1, max_length=200)]
    points: Points
    needs: tuple[str, ...] = ()
    seconds: Annotated[float, Field(gt=0, le=600)] = 5.0
    hint: str = ""
    check: Check


class Rubric(Model):
    """All items of an assignment, in the order of the handout."""

    slug: str
    items: tuple[RubricItem, ...]

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
    _closed(path, data, {"assignment", "item"}, "")
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
    return Rubric(slug=interface.slug, items=items)


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
            raise CourseError(str(path), f"{place}, field {name}".lstrip(", "), "there is no such field.", _instead(name, known))


def _instead(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"Write {close[0]}." if close else f"The fields are: {', '.join(sorted(known))}."


def _item(path: Path, number: int, table: object, kinds: Mapping[str, type[Check]]) -> RubricItem:
    if not isinstance(table, dict):
        raise CourseError(str(path), f"item number {number}", "it should be a table.", "Write [[item]], with double brackets.")
    place = f"item {table['id']}" if isinstance(table.get("id"), str) else f"item number {number}"
    check = table.get("check")
    if not isinstance(check, dict):
        raise CourseError(str(path), f"{place}, field check", "it is missing or no table.",
                          'Write check = { kind = "values", function = "softmax" }.')
    kind = str(check.get("kind"))
    if kind not in kinds:
        close = difflib.get_close_matches(kind, kinds, 1)
        raise CourseError(str(path), f"{place}, field check.kind", f"there is no check kind {kind!r}.",
                          f'Write "{close[0]}".' if close else f"The kinds are: {', '.join(sorted(kinds))}.")
    checked = _validated(path, place, kinds[kind], check, "check.")
    return _validated(path, place, RubricItem, {**table, "check": checked}, "")


_M = TypeVar("_M", bound=Model)


def _validated(path: Path, place: str, model: type[_M], table: Mapping[str, Any], prefix: str) -> _M:
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        first = foremost(error)
        name = ".".join(str(part) for part in first["loc"]) or "table"
        raise CourseError(str(path), f"{place}, field {prefix}{name}", *_worded(first, model)) from error


def foremost(error: ValidationError) -> Any:
    """The error worth telling: a misspelt field before the field that is missing for it."""
    return min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")


def _worded(error: Any, model: type[Model]) -> tuple[str, str]:
    """Pydantic's first error as (problem, remedy)."""
    name = str(error["loc"][0]) if error["loc"] else ""
    match error["type"]:
        case "extra_forbidden":
            return "there is no such field.", _instead(name, set(model.model_fields))
        case "missing":
            return "it is missing.", f"Write {name} = {_purpose(model, name) or '...'}"
        case _:
            message = str(error["msg"]).removeprefix("Value error, ")
            return f"{message[0].lower()}{message[1:]}, not {error['input']!r}.", _purpose(model, name)


def _purpose(model: type[Model], name: str) -> str:
    """The field's line in the numpydoc ``Parameters`` of its model, which is what the author needs to know."""
    found = re.search(rf"^\s*{re.escape(name)}\s*:.*\n\s+(.+)$", model.__doc__ or "", re.MULTILINE)
    return found[1].strip() if found else ""


def _cross_checks(items: tuple[RubricItem, ...], interface: Interface) -> Iterator[tuple[str, str, str]]:
    """Mistakes that one item alone does not show: (place, problem, remedy)."""
    ids = [i.id for i in items]
    for number, item in enumerate(items):
        if item.id in ids[:number]:
            yield f"item {item.id}, field id", "there are two items of this id.", "Give each item an id of its own."
        for need in item.needs:
            if need not in ids[:number]:
                problem = "an item cannot need itself." if need == item.id else f"no earlier item has the id {need!r}."
                close = difflib.get_close_matches(need, ids[:number], 1)
                remedy = f'Write "{close[0]}".' if close else "Name an item that stands before this one."
                yield f"item {item.id}, field needs", problem, remedy
        for field, problem, remedy in item.check.problems(interface):
            yield f"item {item.id}, field check.{field}", problem, remedy
