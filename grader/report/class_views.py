"""What a teacher sees of a `ClassBook`: cleaned, bounded, in words. Every decision is here; the template only lays out.

Views are named tuples, as those of a report: a class of 2000 has 64 000 cells.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from grader.core.classbook import ClassBook, Item, Override, Row, Score, Status, in_order
from grader.core.report import percent, points
from grader.core.verdict import Outcome
from grader.core.wording import first
from grader.report.class_stats import Equals, ItemStatistics, Mistake, Totals, equal_submissions, grouped, item_statistics, totals
from grader.report.text import shortened, some
from grader.report.views import GLYPHS, item_anchor

_LONGEST_PATH = 1024  # characters; longer than what file systems take, so such a link would lead nowhere
_STATES = {
    Outcome.MET: "", Outcome.PARTLY: "p", Outcome.NOT_MET: "n", Outcome.NOT_ATTEMPTED: "a", Outcome.BLOCKED: "b", Outcome.UNGRADED: "u",
}  # short: they are written 64 000 times
_SIGNED = (Outcome.NOT_ATTEMPTED, Outcome.BLOCKED)  # lost, and not by a wrong answer
_TO_LOOK_AT = (Status.FAILED, Status.UNREADABLE, Status.PARTLY_UNGRADED)
_LISTED = 6  # names in one line of text
_NO_BREAK = "\u00a0"
_WEAKEST = 8  # items that are not folded away
_MISTAKES = 2  # of one item
_EXAMPLES = 3  # reports for one mistake
_HARDLY_TELLS = 0.2  # Ebel's (1965) bound: below it an item is to be improved or dropped


class ClassBounds(NamedTuple):
    """How much is shown, so that no class can make a page that a browser cannot open.

    Parameters
    ----------
    name, remark : int
        Characters of a name, an address or an identifier; of a remark or a note.
    remarks : int
        Remarks of one row.
    listed : int
        Entries of a list beside the table.
    cells : int
        Cells of the table.
    """

    name: int = 120
    remark: int = 400
    remarks: int = 4
    listed: int = 200
    cells: int = 300_000


class Report(NamedTuple):
    """A name, and where the report is; the address is empty if there is none."""

    name: str
    href: str


class BinView(NamedTuple):
    """A bar of the histogram: its range in words, where it begins, and two counts."""

    label: str
    low: str
    final: int
    waiting: int


class HistogramView(NamedTuple):
    """Totals in bins; `end` labels the end of the axis and `highest` its highest bar."""

    bins: tuple[BinView, ...]
    end: str
    highest: int
    waiting: int
    label: str


class LookView(NamedTuple):
    """A submission that a person has to look at, and why."""

    report: Report
    status: str
    why: tuple[str, ...]


class GroupView(NamedTuple):
    """Submissions of which the same can be said: how many, what, the reports of some, and how many more there are."""

    many: str
    what: str
    reports: tuple[Report, ...]
    more: int


class TeachView(NamedTuple):
    """An item over the class."""

    id: str
    title: str
    judged: int
    passed: str
    passed_width: float
    mean: str
    discrimination: str
    weak: bool
    """Whether it hardly tells strong submissions from weak ones."""
    mistakes: tuple[GroupView, ...]


class ColumnView(NamedTuple):
    """An item as the head of a column."""

    id: str
    title: str
    points: str


class CellView(NamedTuple):
    """Points of one item: `state` is a class of one letter, `anchor` leads to what a person decided."""

    state: str
    text: str
    anchor: str


class RowView(NamedTuple):
    """A line of the table."""

    report: Report
    detail: str
    anchor: str
    """Leads to a comment on the whole."""
    status: str
    state: str
    when: str
    instant: str
    """Seconds since 1970, to sort by."""
    late: str
    total: str
    final: bool
    subtotal: str
    adjustment: str
    """Sum of the adjustments, to sort by."""
    adjustments: tuple[tuple[str, str], ...]
    """(points, what for)"""
    cells: tuple[CellView, ...]
    remarks: tuple[str, ...]


class DecisionView(NamedTuple):
    """What a person decided or noted."""

    anchor: str
    report: Report
    item: str
    change: str
    note: str
    by: str


class ClassPageView(NamedTuple):
    """Everything on the page, in its order."""

    title: str
    assignment: str
    anonymous: bool
    interrupted: str
    tally: str
    mean: str
    median: str
    possible: str
    final: int
    waiting: int
    histogram: HistogramView | None
    notes: tuple[str, ...]
    looks: tuple[LookView, ...]
    looks_more: int
    unrecognised: tuple[tuple[str, str], ...]
    unrecognised_more: str
    """How many were not graded besides those that are listed; empty if all are."""
    doubts: tuple[GroupView, ...]
    equals: tuple[GroupView, ...]
    equals_more: int
    teach: tuple[TeachView, ...]
    teach_rest: tuple[TeachView, ...]
    columns: tuple[ColumnView, ...]
    statuses: tuple[tuple[str, str, int], ...]
    """(state, word, how many)"""
    adjusted: bool
    dated: bool
    rows: tuple[RowView, ...]
    rows_more: int
    decisions: tuple[DecisionView, ...]
    decisions_more: int
    facts: tuple[tuple[str, str], ...]


def class_view(book: ClassBook, bounds: ClassBounds, *, anonymous: bool) -> ClassPageView:
    """The page for a class; `anonymous` says that the book has no names, and only what is said of it depends on that."""
    return _ClassViewer(book, bounds).page(anonymous=anonymous)


@lru_cache(maxsize=4096)
def _points(value: Fraction) -> str:
    """As `points`, with a real minus sign; a class has 64 000 cells and few different values."""
    return points(value).replace("-", "−")


class _ClassViewer:
    """Holds what every part needs: the bounds, the items, and which decisions are listed."""

    def __init__(self, book: ClassBook, bounds: ClassBounds) -> None:
        self.book = book
        self.bounds = bounds
        self.items = {item.id: item for item in book.items}
        decided = [(row, override) for row in book.rows for override in _overrides(row)]
        self.decided = [(f"by-hand-{n}", *found) for n, found in enumerate(decided[: bounds.listed], 1)]
        self.decisions_more = len(decided) - len(self.decided)
        # reversed: of several notes on one thing the first is linked, and the others follow it
        self.anchors = {(row.key, override.item): anchor for anchor, row, override in reversed(self.decided)}
        self.plain: dict[int, CellView] = {}  # by its score's id: of a class, many rows have the very same
        self.cells: dict[str | int, tuple[CellView, ...]] = {}  # of a row, by the id of its scores, or by its key

    # ---- text ----

    def name(self, text: str) -> str:
        return shortened(text, self.bounds.name)

    def remark(self, text: str) -> str:
        return shortened(text, self.bounds.remark)

    def who(self, row: Row) -> str:
        return self.name(", ".join(person.name or person.key for person in row.persons))

    def report(self, row: Row, item: str = "") -> Report:
        return Report(self.who(row), _href(row.report, item))

    # ---- the page ----

    def page(self, *, anonymous: bool) -> ClassPageView:
        book, bounds = self.book, self.bounds
        spread = totals(book)
        looks = [row for status in _TO_LOOK_AT for row in book.rows if row.status is status]
        equals = equal_submissions(book)
        items = sorted(item_statistics(book), key=_weakest_first)
        unrecognised = self._unrecognised(book.unrecognised) if not anonymous else ()
        shown = book.rows[: bounds.cells // (len(book.items) + 1)]
        return ClassPageView(
            title=self.remark(book.title),
            assignment=self.name(book.assignment),
            anonymous=anonymous,
            interrupted="" if book.complete else _still_waiting(book.waiting),
            tally=_tally(book.rows),
            mean="–" if spread.mean is None else _points(spread.mean),
            median="–" if spread.median is None else _points(spread.median),
            possible=_points(book.possible),
            final=spread.final,
            waiting=spread.waiting,
            histogram=_histogram(spread),
            notes=tuple(map(self.remark, book.notes)),
            looks=tuple(map(self._look, looks[: bounds.listed])),
            looks_more=max(0, len(looks) - bounds.listed),
            unrecognised=unrecognised,
            unrecognised_more=_not_graded(len(unrecognised), len(book.unrecognised)),
            doubts=self._doubts() if not anonymous else (),
            equals=tuple(map(self._equal, equals[: bounds.listed])),
            equals_more=max(0, len(equals) - bounds.listed),
            teach=tuple(map(self._teach, items[:_WEAKEST])),
            teach_rest=tuple(map(self._teach, items[_WEAKEST:])),
            columns=tuple(ColumnView(self.name(i.id), self.remark(i.title), _points(i.points)) for i in book.items),
            statuses=_statuses(book.rows),
            adjusted=any(row.adjustments for row in book.rows),
            dated=any(row.when is not None or row.late for row in book.rows),
            rows=tuple(map(self._row, shown)),
            rows_more=len(book.rows) - len(shown),
            decisions=tuple(self._decision(*found) for found in self.decided),
            decisions_more=self.decisions_more,
            facts=tuple((self.name(name), self.remark(value)) for name, value in list(book.conditions.items())[: bounds.listed]),
        )

    # ---- a person first ----

    def _look(self, row: Row) -> LookView:
        open_ = [self.name(item) for item, score in row.scores.items() if score.counted is None]
        why = [f"Ungraded: {first(open_, _LISTED)}."] if open_ else []
        return LookView(self.report(row), row.status.value, (*why, *self._remarks(row)))

    def _remarks(self, row: Row) -> tuple[str, ...]:
        return tuple(map(self.remark, some(row.remarks, self.bounds.remarks)))

    def _unrecognised(self, found: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple((self.name(path), self.remark(reason)) for path, reason in list(found.items())[: self.bounds.listed])

    def _doubts(self) -> tuple[GroupView, ...]:
        """What a person has to decide of lateness, unless one has commented on the whole; what is asked of most comes first."""
        asked = grouped(self.book.rows, lambda row: row.undecided)
        return tuple(self._group(rows, self.remark(rows[0].undecided)) for rows in sorted(asked, key=lambda rows: -len(rows)))

    def _equal(self, equal: Equals) -> GroupView:
        return self._group(equal.rows, "the same in every byte" if equal.identical else "the same but for names, comments and layout")

    def _group(self, rows: Sequence[Row], what: str) -> GroupView:
        shown = rows[: self.bounds.listed // 4]
        many = "1 submission" if len(rows) == 1 else f"{len(rows)} submissions"
        return GroupView(many, what, tuple(map(self.report, shown)), len(rows) - len(shown))

    # ---- what to teach again ----

    def _teach(self, s: ItemStatistics) -> TeachView:
        r = s.discrimination
        return TeachView(
            id=self.name(s.item.id), title=self.remark(s.item.title), judged=s.judged,
            passed=_percent(s.passed), passed_width=round(100 * float(s.passed or 0), 1), mean=_percent(s.mean),
            discrimination="–" if r is None else f"{r:.2f}".replace("-", "−"), weak=r is not None and r < _HARDLY_TELLS,
            mistakes=tuple(self._mistake(m, s.item) for m in s.mistakes[:_MISTAKES]),
        )

    def _mistake(self, mistake: Mistake, item: Item) -> GroupView:
        reports = tuple(self.report(row, item.id) for row in mistake.rows[:_EXAMPLES])
        return GroupView(percent(mistake.share), self.remark(mistake.text), reports, len(mistake.rows) - len(reports))

    # ---- the table ----

    def _row(self, row: Row) -> RowView:
        total = row.total
        return RowView(
            report=self.report(row),
            detail=self._detail(row),
            anchor=self.anchors.get((row.key, ""), ""),
            status=row.status.value,
            state=_state(row.status),
            when=f"{row.when:%Y-%m-%d %H:%M}" if row.when else "",
            instant=f"{in_order(row.when):.0f}" if row.when else "",
            late="late" if row.late else "",
            total="–" if total is None else _points(total),
            final=row.is_final or total is None,
            subtotal=_points(row.subtotal) if row.scores else "–",
            adjustment=_points(sum((a.points for a in row.adjustments), Fraction(0))),
            adjustments=tuple((_points(a.points), self.remark(a.label)) for a in row.adjustments[: self.bounds.remarks]),
            cells=self._cells(row),
            remarks=self._remarks(row),
        )

    def _detail(self, row: Row) -> str:
        """Keys and addresses, as far as they say more than the names."""
        parts = [part for p in row.persons for part in (p.key, p.email) if part and part != p.name]
        return self.name(" · ".join(dict.fromkeys(parts)))

    def _cells(self, row: Row) -> tuple[CellView, ...]:
        """One for each item; of the very same scores, as many rows have, they are made once."""
        key = row.key if row.overrides else id(row.scores)
        if key not in self.cells:
            self.cells[key] = tuple([self._cell(row, item) for item in self.items])
        return self.cells[key]

    def _cell(self, row: Row, item: str) -> CellView:
        score = row.scores.get(item)
        if score is None:
            return _MISSING
        if score.override:
            return _cell(score, self.items[item].points, self.anchors.get((row.key, item), ""))
        if id(score) not in self.plain:
            self.plain[id(score)] = _cell(score, self.items[item].points, "")
        return self.plain[id(score)]

    # ---- what a person decided ----

    def _decision(self, anchor: str, row: Row, override: Override) -> DecisionView:
        by = ", ".join(part for part in (self.name(override.who), self.name(override.when)) if part)
        score = row.scores.get(override.item)
        return DecisionView(
            anchor, self.report(row, override.item), self.name(override.item) or "the whole",
            _change(score, override), self.remark(override.note), by,
        )


_MISSING = CellView("", "–", "")


def _cell(score: Score, possible: Fraction, anchor: str) -> CellView:
    """The sign of an outcome that the points alone do not tell, unless a person decided otherwise, and the points."""
    counted = score.counted
    mark = _NO_BREAK + "✎" if score.override and not anchor else ""
    if counted is None:
        return CellView("u", "?" + mark, anchor)
    if score.override and score.override.points is not None:
        return CellView("" if counted >= possible else "p" if counted > 0 else "n", _points(counted) + mark, anchor)
    sign = GLYPHS[score.outcome] + _NO_BREAK if score.outcome in _SIGNED else ""
    return CellView(_STATES[score.outcome], sign + _points(counted) + mark, anchor)


def _overrides(row: Row) -> list[Override]:
    """What a person decided on a row: on its items, in their order, then on the whole."""
    return [*row.overrides.values(), *row.comments]


def _href(report: str, item: str) -> str:
    """A link relative to this page whatever the path is called: ``./`` keeps it from being another scheme or another host."""
    if not report or len(report) > _LONGEST_PATH:
        return ""
    fragment = "#" + quote(item_anchor(item), errors="replace") if item else ""
    return "./" + quote(report, errors="replace") + fragment


def _still_waiting(waiting: int) -> str:
    some = f"{waiting:,} submission is" if waiting == 1 else f"{waiting:,} submissions are"
    return f"Interrupted: {some} still waiting. The same command goes on where this run stopped."


def _not_graded(listed: int, found: int) -> str:
    """``And 3 more entries that were not graded.``, or the same without a list above it."""
    left = found - listed
    if not left:
        return ""
    entries = "entry that was" if left == 1 else "entries that were"
    return f"And {left:,} more {entries} not graded." if listed else f"{left:,} {entries} not graded."


def _state(status: Status) -> str:
    return status.value.replace(" ", "-")


def _statuses(rows: Iterable[Row]) -> tuple[tuple[str, str, int], ...]:
    found = [row.status for row in rows]
    return tuple((_state(s), s.value, found.count(s)) for s in Status if s in found)


def _tally(rows: Sequence[Row]) -> str:
    """``1,990 rows: 1,900 graded, 90 absent``."""
    counts = ", ".join(f"{n:,} {word}" for _, word, n in _statuses(rows))
    return f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'}" + (f": {counts}" if counts else "")


def _histogram(spread: Totals) -> HistogramView | None:
    if not spread.bins:
        return None
    highest = max(b.final + b.waiting for b in spread.bins)
    low, high = spread.bins[0].low, spread.bins[-1].high
    label = f"Totals of {spread.final + spread.waiting:,} submissions from {_points(low)} to {_points(high)} points."
    bins = tuple(BinView(f"{_points(b.low)} to {_points(b.high)}", _points(b.low), b.final, b.waiting) for b in spread.bins)
    return HistogramView(bins, _points(high), highest, spread.waiting, label)


def _weakest_first(s: ItemStatistics) -> tuple[bool, Fraction]:
    """What went worst comes first, what was not judged at all last; equal ones stay in the rubric's order."""
    return s.mean is None, s.mean or Fraction(0)


def _percent(share: Fraction | None) -> str:
    return "–" if share is None else percent(share)


def _change(score: Score | None, override: Override) -> str:
    """``2 → 3 points``; empty for a note alone."""
    if override.points is None:
        return ""
    before = "ungraded" if score is None or score.earned is None else _points(score.earned)
    return f"{before} → {_points(override.points)}"
