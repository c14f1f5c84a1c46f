"""Functions that are not there: which items lose their points by it, and what may be meant for them. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher, get_close_matches
from itertools import islice
from typing import NamedTuple

from grader.core.reason import Reason
from grader.core.report import ItemResult, SourceText
from grader.core.verdict import Outcome

_DEFINITION = re.compile(r"([ \t]*)(?:async[ \t]+)?def[ \t]+(\w{1,80})[ \t]*\(")
_CLOSE = 0.7  # share of letters in common: `forward_prop` for `forward_backward_prop` has 0.73, `skipgram_old` for `sigmoid` 0.63
_LOOKED_AT = 200  # definitions compared with the names that are missing: homework has some dozens


class Near(NamedTuple):
    """A definition in the submission that may be meant; `inside` tells that it is not at the top level."""

    name: str
    file: SourceText
    line: int
    inside: bool

    def asked(self, function: str) -> tuple[str, str]:
        """The question whether it is meant for a function, before and behind its place."""
        if self.name != function:
            return f"Is it {self.name},", ", inside another block?" if self.inside else "?"
        return "There is one in", ", inside another block: move it to the top level." if self.inside else ", and it is gone after loading."


class NotFound(NamedTuple):
    """A function that is not there, the items that ask it, and what may be meant for it."""

    function: str
    items: tuple[ItemResult, ...]
    near: Near | None

    @property
    def question(self) -> str:
        """``Is it soft_max, line 3 of a.py?``; empty if nothing is near."""
        if self.near is None:
            return ""
        before, behind = self.near.asked(self.function)
        place, line = self.near.file.place(self.near.line)
        return f"{before} line {line} of {place}{behind}"

    @property
    def question_of_many(self) -> str:
        """``Is it soft_max?``: the same for all of a class in whose files it is called so."""
        if self.near is None:
            return ""
        before, behind = self.near.asked(self.function)
        return f"{before.removesuffix(',').removesuffix(' in')}{behind}"


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


def _near(functions: Sequence[str], files: Sequence[SourceText]) -> dict[str, Near]:
    """The nearest definition of each function, as far as one is near; none is given to two functions."""
    there = {name for f in files for name in f.functions}.difference(functions)
    wanted = {_plain(name): name for name in functions}
    found: dict[str, tuple[float, Near]] = {}
    for one in islice((d for f in files for d in _defined(f) if d.name not in there), _LOOKED_AT):
        for close in get_close_matches(_plain(one.name), wanted, 1, _CLOSE):
            likeness = 2.0 if one.name == wanted[close] else SequenceMatcher(None, _plain(one.name), close).ratio()
            if likeness > found.get(wanted[close], (0.0,))[0]:
                found[wanted[close]] = likeness, one
    return {function: near for function, (_, near) in found.items()}


def _defined(file: SourceText) -> Iterator[Near]:
    for number, line in enumerate(file.lines, 1):
        if found := _DEFINITION.match(line):
            yield Near(found[2], file, number, bool(found[1]))


def _plain(name: str) -> str:
    """A name without what spellings differ in: ``normalize_rows`` and ``normalizeRows``."""
    return name.replace("_", "").casefold()
