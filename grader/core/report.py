"""The one model that feeds terminal, JSON, HTML and every export."""

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from grader.core.audience import Withheld
from grader.core.verdict import Verdict

if TYPE_CHECKING:
    from grader.core.classbook import Decided, Override  # a report of one submission does without: importing it takes 5 ms

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; not when one is added."""


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One rubric item, judged.

    Parameters
    ----------
    points : Fraction
        What the item is worth.
    function : str
        The student's function that it asks.
    repeat : str
        A command that reproduces the verdict.
    """

    id: str
    section: str
    title: str
    points: Fraction
    function: str
    verdict: Verdict
    repeat: str

    @property
    def earned(self) -> Fraction | None:
        """Exact points by the grader's own judgement; None if ungraded."""
        return None if self.verdict.credit is None else self.points * self.verdict.credit


@dataclass(frozen=True, slots=True)
class SourceText:
    """One file of the submission, for the report.

    Parameters
    ----------
    path : str
        Relative to the submission.
    text : str
        Its source, decoded.
    functions : dict of str to int
        Line where each function of the interface is defined.
    cells : dict of str to int
        Of a notebook: what tracebacks call each cell, and how many lines of the text are above its first.
    """

    path: str
    text: str
    functions: dict[str, int] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """Its lines as Python counts them: a form feed or a Unicode separator ends none."""
        return re.split(r"\r\n|\r|\n", self.text.removesuffix("\n"))

    def place(self, line: int) -> tuple[str, int]:
        """What a line is called: its file or cell, and its number there."""
        above = {offset: cell for cell, offset in self.cells.items() if offset < line}
        return (above[max(above)], line - max(above)) if above else (self.path, line)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was handed in.

    Parameters
    ----------
    name : str
        File or folder name, as the report calls it.
    sha256 : str
        Over names and contents of all files.
    remarks : tuple of str
        What there is to say of the submission as a whole: a syntax error and its line, Python 2, a file that was left out.
    """

    name: str
    sha256: str
    files: tuple[SourceText, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """How it was graded: everything that anyone needs to get the same verdicts again."""

    seed: int
    isolation: str
    isolation_holds: tuple[str, ...]
    isolation_lacks: tuple[str, ...]
    rubric_sha256: str
    reference_sha256: str
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class GradeReport:
    """The verdicts on one submission.

    Byte-stable for equal inputs and versions, apart from `timings` (seconds by step, in a block of its own).

    Parameters
    ----------
    withheld : tuple of Withheld
        Of a student's report: what it leaves out. Points are then those of the items that it has, and no total.
    decided : Decided or None
        Of a class's report that is handed back; None where nobody has decided anything yet.
    """

    assignment: str
    title: str
    submission: Submitted
    items: tuple[ItemResult, ...]
    conditions: Conditions
    timings: dict[str, float]
    schema_version: int = SCHEMA_VERSION
    withheld: tuple[Withheld, ...] = ()
    decided: "Decided | None" = None

    def override(self, item: ItemResult) -> "Override | None":
        """What a person decided about the item."""
        return self.decided.overrides.get(item.id) if self.decided else None

    def counted(self, item: ItemResult) -> Fraction | None:
        """The item's points that count: a person's, else the grader's; None if there are neither."""
        override = self.override(item)
        return override.over(item.earned) if override else item.earned

    @property
    def possible(self) -> Fraction:
        """Points of all items."""
        return sum((i.points for i in self.items), Fraction(0))

    @property
    def earned(self) -> Fraction:
        """Points that count, before adjustments; ungraded items count as none yet, see `ungraded`."""
        return sum((self.counted(i) or Fraction(0) for i in self.items), Fraction(0))

    @property
    def total(self) -> Fraction:
        """Points after adjustments; those of the items that it has, where it leaves some out."""
        return self.earned if self.decided is None or self.decided.total is None else self.decided.total

    @property
    def ungraded(self) -> Fraction:
        """Points that a person still has to award."""
        return sum((i.points for i in self.items if self.counted(i) is None), Fraction(0))


@lru_cache(maxsize=1024)  # a report says some fifty numbers two hundred times
def points(value: Fraction) -> str:
    """The one rounding rule: two decimals, half up, no trailing zeros.

    Examples
    --------
    >>> points(Fraction(1, 3)), points(Fraction(7, 2)), points(Fraction(5)), points(Fraction(-1, 300))
    ('0.33', '3.5', '5', '0')
    """
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = exact.quantize(Decimal("0.01"), ROUND_HALF_UP) + 0  # zero has no sign
    return f"{rounded.normalize():f}"


def percent(share: Fraction) -> str:
    """Whole percents, half up; what is not all never reads as 100 %, and what is not nothing never as 0 %.

    Examples
    --------
    >>> percent(Fraction(1, 8)), percent(Fraction(1, 300)), percent(Fraction(299, 300)), percent(Fraction(1))
    ('13 %', '< 1 %', '> 99 %', '100 %')
    """
    rounded = int(100 * share + Fraction(1, 2))
    if 0 < share < 1:
        return "< 1 %" if rounded == 0 else "> 99 %" if rounded == 100 else f"{rounded} %"
    return f"{rounded} %"
