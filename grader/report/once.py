"""What a report says once, though several items lost their points by it: functions that are not there, and equal causes. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher, get_close_matches
from itertools import islice
from typing import NamedTuple

from grader.core.reason import Reason
from grader.core.report import ItemResult, SourceText
from grader.core.verdict import Outcome
from grader.report.text import split_lines

_NO_ANSWER = frozenset({
    Reason.CANNOT_LOAD, Reason.SYNTAX, Reason.PYTHON_2, Reason.RAISED, Reason.TIMED_OUT, Reason.DIED, Reason.FORBIDDEN, Reason.MEMORY,
    Reason.MALFORMED, Reason.ENVIRONMENT, Reason.HOST,
})
"""Nothing was returned, so the evidence is what was asked: where the messages are equal, the causes are."""
_DEFINITION = re.compile(r"([ \t]*)(?:async[ \t]+)?def[ \t]+(\w{1,80})[ \t]*\(")
_LOOKED_AT = 200  # definitions compared with the names that are missing: homework has some dozens


class Near(NamedTuple):
    """A definition in the submission that may be meant; `inside` tells that it is not at the top level."""

    name: str
    file: SourceText
    line: int
    inside: bool


class NotFound(NamedTuple):
    """A function that is not there, the items that ask it, and what may be meant for it."""

    function: str
    items: tuple[ItemResult, ...]
    near: Near | None


def is_not_found(item: ItemResult) -> bool:
    """Whether the item has no points because its function is not there."""
    return item.verdict.reason is Reason.MISSING and item.verdict.outcome is Outcome.NOT_MET


def not_found(items: Iterable[ItemResult], files: Sequence[SourceText]) -> tuple[NotFound, ...]:
    """The functions that are not there, in the rubric's order."""
    lost: dict[str, list[ItemResult]] = {}
    for item in filter(is_not_found, items):
        lost.setdefault(item.function, []).append(item)
    near = _near(list(lost), files) if lost else {}
    return tuple(NotFound(function, tuple(asking), near.get(function)) for function, asking in lost.items())


def explained_at(items: Iterable[ItemResult]) -> dict[str, str]:
    """For each item that lost its points by the same cause as one before it, word for word: that one's id."""
    first: dict[object, str] = {}
    found: dict[str, str] = {}
    for item in items:
        if (cause := _cause(item)) is not None and (before := first.setdefault(cause, item.id)) != item.id:
            found[item.id] = before
    return found


def _cause(item: ItemResult) -> object:
    """Equal for equal causes; None for what has a word of its own to say."""
    v = item.verdict
    if v.outcome in (Outcome.MET, Outcome.BLOCKED, Outcome.NOT_ATTEMPTED) or not v.message or v.reason in (None, Reason.MISSING):
        return None  # without a reason the evidence was left out, too: nobody can tell
    return (v.outcome, v.reason, v.message) if v.reason in _NO_ANSWER else (v.outcome, v.reason, v.message, v.evidence, v.notes, v.hint)


# ---- names that may be meant -----------------------------------------------------------------------------------------


def _near(functions: Sequence[str], files: Sequence[SourceText]) -> dict[str, Near]:
    """The nearest definition of each function, as far as one is near; none is given to two functions."""
    there = {name for f in files for name in f.functions}.difference(functions)
    wanted = {_plain(name): name for name in functions}
    found: dict[str, tuple[float, Near]] = {}
    for one in islice((d for f in files for d in _defined(f) if d.name not in there), _LOOKED_AT):
        for close in get_close_matches(_plain(one.name), wanted, 1):
            likeness = 2.0 if one.name == wanted[close] else SequenceMatcher(None, _plain(one.name), close).ratio()
            if likeness > found.get(wanted[close], (0.0,))[0]:
                found[wanted[close]] = likeness, one
    return {function: near for function, (_, near) in found.items()}


def _defined(file: SourceText) -> Iterator[Near]:
    for number, line in enumerate(split_lines(file.text), 1):
        if found := _DEFINITION.match(line):
            yield Near(found[2], file, number, bool(found[1]))


def _plain(name: str) -> str:
    """A name without what spellings differ in: ``normalize_rows`` and ``normalizeRows``."""
    return name.replace("_", "").casefold()
