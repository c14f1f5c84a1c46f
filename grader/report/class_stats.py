"""What a class teaches its teacher, as numbers: pass rates, discrimination, the commonest mistakes, equal submissions. Pure.

Points are added and compared as whole numbers of a common unit, the largest of which all are multiples: exact, as fractions are, and
ten times as fast.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from statistics import StatisticsError, correlation
from typing import NamedTuple

from grader.core.classbook import ClassBook, Item, Row, Score
from grader.core.reason import REASONS, Reason
from grader.core.verdict import Outcome

FEWEST = 5
"""Submissions below which a correlation says nothing: of 4 pairs of unrelated numbers it is 0.9 or more, either way, one time in ten."""

_BINS = 20  # of the histogram, about: as many as a phone shows with labels that can be read
_NICE = (Fraction(1), Fraction(2), Fraction(5, 2), Fraction(5), Fraction(10))
_MOST_BINS = 40  # points given by hand can exceed the possible ones; beyond this they share the last bin
NO_MISTAKES = (Reason.NOT_ATTEMPTED.sentence, Reason.BLOCKED.sentence)
"""What costs an item its points, and teaches nobody what to teach again."""
_NO_ATTEMPT = (Outcome.NOT_ATTEMPTED, Outcome.BLOCKED)


class Mistake(NamedTuple):
    """What went wrong in an item: in words, in what share of the submissions judged, and in which rows, in the book's order."""

    text: str
    share: Fraction
    rows: tuple[Row, ...]


class ItemStatistics(NamedTuple):
    """One item over the class.

    `judged` is the number of rows that have points for it; the others count nowhere. `passed` is the share of these with all
    points, `mean` the mean share of the points; None where nothing was judged. `discrimination` is as `discrimination` gives it.
    `mistakes` come commonest first, `NO_MISTAKES` after them.
    """

    item: Item
    judged: int
    passed: Fraction | None
    mean: Fraction | None
    discrimination: float | None
    mistakes: tuple[Mistake, ...]


class Bin(NamedTuple):
    """Totals from `low` up to but not including `high`; the last bin has its upper end too. `waiting` ones are not final."""

    low: Fraction
    high: Fraction
    final: int
    waiting: int


class Totals(NamedTuple):
    """The totals of a class. Mean and median are of the final ones; None if there are none."""

    final: int
    waiting: int
    mean: Fraction | None
    median: Fraction | None
    bins: tuple[Bin, ...]


class Equals(NamedTuple):
    """Submissions of different persons that are the same: in every byte, or but for names, comments and layout."""

    identical: bool
    rows: tuple[Row, ...]


def _in_units(values: Iterable[Fraction]) -> tuple[list[int], int]:
    """The values in units, and how many of these make 1."""
    ratios = [v.as_integer_ratio() for v in values]
    unit = math.lcm(*{d for _, d in ratios})
    return [n * (unit // d) for n, d in ratios], unit


# ---- items ----


def item_statistics(book: ClassBook) -> tuple[ItemStatistics, ...]:
    """Every item over the class, in the rubric's order."""
    points = {one: counted for one, score in book.scores().items() if (counted := score.counted) is not None}
    in_units, unit = _in_units([*points.values(), *(item.points for item in book.items)])
    units = dict(zip(points, in_units, strict=False))  # without the items', which only make the unit
    rows = [(row, int(row.subtotal * unit) if row.is_judged else None) for row in book.rows]
    return tuple(_statistics(item, rows, units, unit) for item in book.items)


def _statistics(item: Item, rows: Sequence[tuple[Row, int | None]], units: Mapping[int, int], unit: int) -> ItemStatistics:
    """One item, of rows with their subtotals, if they have all points, and of the points of each score by its id."""
    judged = [(row, score, points, whole) for row, whole in rows
              if (score := row.scores.get(item.id)) and (points := units.get(id(score))) is not None]
    worth, count = int(item.points * unit), len(judged)
    lost = [(row, score) for row, score, points, _ in judged if points < worth]
    return ItemStatistics(
        item, count,
        passed=_share(count - len(lost), count),
        mean=_share(sum(points for _, _, points, _ in judged), worth * count),
        discrimination=discrimination([(points, whole) for _, _, points, whole in judged if whole is not None], unit),
        mistakes=_mistakes(lost, count),
    )


def discrimination(earned: Sequence[tuple[int, int]], unit: int = 1) -> float | None:
    """The corrected item-total correlation: Pearson's r between an item's points and the total without that item.

    Parameters
    ----------
    earned : sequence of (int, int)
        Per submission whose every item has points: those of the item, and those of all items, in units.
    unit : int
        How many units make a point.

    Returns
    -------
    float or None
        -1 to 1. None for fewer than `FEWEST` submissions, or where one side does not vary.

    References
    ----------
    Henrysson (1963), Correction of item-total correlations in item analysis, Psychometrika 28, 211-218.
    """
    if len(earned) < FEWEST:
        return None
    try:
        return correlation([item / unit for item, _ in earned], [(total - item) / unit for item, total in earned])
    except StatisticsError:  # no variance
        return None


def _mistakes(lost: Iterable[tuple[Row, Score]], judged: int) -> tuple[Mistake, ...]:
    """Rows by the known mistake that was named, else by what the reason says; what is no mistake comes last."""
    by_text: defaultdict[str, list[Row]] = defaultdict(list)
    for row, score in lost:
        reason = REASONS.get(score.reason)
        if text := score.diagnosis or (reason.sentence if reason else ""):
            by_text[text].append(row)
    common = sorted(by_text.items(), key=lambda found: (found[0] in NO_MISTAKES, -len(found[1])))
    return tuple(Mistake(text, Fraction(len(rows), judged), tuple(rows)) for text, rows in common)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


# ---- totals ----


def totals(book: ClassBook) -> Totals:
    """The distribution of totals; rows without one (nothing was judged) are in no bin."""
    final = [total for row in book.rows if row.is_final and (total := row.total) is not None]
    waiting = [total for row in book.rows if not row.is_final and (total := row.total) is not None]
    mean, median = _middle(final)
    return Totals(len(final), len(waiting), mean, median, _bins(final, waiting, book.possible))


def _middle(values: Sequence[Fraction]) -> tuple[Fraction, Fraction] | tuple[None, None]:
    """Mean and median."""
    if not values:
        return None, None
    in_units, unit = _in_units(values)
    n, in_order = len(values), sorted(in_units)
    return Fraction(sum(in_units), n * unit), Fraction(in_order[(n - 1) // 2] + in_order[n // 2], 2 * unit)


def _bins(final: Sequence[Fraction], waiting: Sequence[Fraction], possible: Fraction) -> tuple[Bin, ...]:
    top = max([possible, *final, *waiting])
    if not (final or waiting) or top <= 0:
        return ()
    width = _nice(possible / _BINS if possible else top / _BINS)
    n = min(math.ceil(top / width), _MOST_BINS)
    counts = [Counter(min(total // width, n - 1) for total in some) for some in (final, waiting)]
    ends = [width * i for i in range(n)] + [max(width * n, top)]
    return tuple(Bin(ends[i], ends[i + 1], counts[0][i], counts[1][i]) for i in range(n))


def _nice(width: Fraction) -> Fraction:
    """The next larger of 1, 2, 2.5 or 5 times a power of ten."""
    power = Fraction(10) ** math.floor(math.log10(width))
    return next(power * n for n in _NICE if power * n >= width)


# ---- equal submissions ----


def equal_submissions(book: ClassBook) -> tuple[Equals, ...]:
    """Groups of rows whose submissions are the same, largest first; a group's common submission is one row and no finding.

    Submissions in which nothing was attempted are left out: all of them are the starter.
    """
    rows = [row for row in book.rows if _attempted(row)]
    alike = [_strangers(some) for some in grouped(rows, lambda row: row.tree_sha256) if len({r.sha256 for r in some}) > 1]
    same = [_strangers(some) for some in grouped(rows, lambda row: row.sha256)]
    found = [Equals(identical, some) for identical, groups in ((True, same), (False, alike)) for some in groups if len(some) > 1]
    return tuple(sorted(found, key=lambda e: -len(e.rows)))


def _attempted(row: Row) -> bool:
    return not row.scores or any(score.outcome not in _NO_ATTEMPT for score in row.scores.values())


def grouped(rows: Iterable[Row], by: Callable[[Row], str]) -> Iterable[list[Row]]:
    """Rows of which the same text, not empty, can be said."""
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if text := by(row):
            groups[text].append(row)
    return groups.values()


def _strangers(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows without those that share a person with an earlier one: nobody copies from themselves."""
    kept: list[Row] = []
    seen: set[str] = set()
    for row in rows:
        keys = {person.key for person in row.persons}
        if not keys & seen:
            kept.append(row)
        seen |= keys
    return tuple(kept)
