"""What a reader sees of a `GradeReport`: frozen, cleaned, bounded. Every decision is here; the renderers only lay out.

Views are named tuples: nothing is compared or changed, and making twenty frozen dataclasses costs 12 ms of every start.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from grader.core.audience import Visibility, Withheld
from grader.core.not_found import NotFound, is_not_found, not_found
from grader.core.reason import Reason
from grader.core.report import GradeReport, ItemResult, points
from grader.core.verdict import Outcome, Verdict
from grader.report.evidence_views import EvidenceView, EvidenceViewer, TracebackView
from grader.report.listing import FileView, Link, Listing
from grader.report.once import explained_at
from grader.report.text import USUAL, Bounds, shortened

if TYPE_CHECKING:
    from grader.core.classbook import Override

GLYPHS = {
    Outcome.MET: "✓",
    Outcome.PARTLY: "◐",
    Outcome.NOT_MET: "✗",
    Outcome.NOT_ATTEMPTED: "○",
    Outcome.BLOCKED: "⊘",
    Outcome.UNGRADED: "?",
}
"""Always beside the word: an outcome is never told by colour or sign alone."""

UNTIL = {
    Visibility.AFTER_DUE_DATE: "graded after the deadline",
    Visibility.AFTER_PUBLISHED: "shown when the grades are published",
    Visibility.HIDDEN: "graded and not shown",
}
"""What becomes of the items that a student's report leaves out; visible ones never are."""

_LOUD_LEVELS = ("D", "E", "F", "none", "")  # an untested sandbox, another user and limits at most: little is sure to be kept from the code
_DONE_WITH = (Outcome.BLOCKED, Outcome.NOT_ATTEMPTED)  # there is no answer to tell of
_SIZE = re.compile(r"(?<!line )(?<!cell )\b\d+\b")  # a number that is no place, no part of a name: inputs of other sizes have others
_SENTENCE = 300  # characters of a message that stands in full at its item
_NAMED = 6  # items behind one message: the first screen tells what is wrong, not a list of all it cost

NOT_FOUND = "not-found"
"""The anchor of what is said once of functions that are not there."""


class BarView(NamedTuple):
    """Points as a bar of three parts, in percent of the possible points."""

    earned: float
    ungraded: float
    label: str


class ItemView(NamedTuple):
    """One rubric item. `state` is the outcome as a word for a class attribute."""

    id: str
    anchor: str
    title: str
    glyph: str
    outcome: str
    state: str
    points: str
    open: bool
    message: str
    hint: str
    repeat: str
    function: str
    defined: Link | None
    evidence: tuple[EvidenceView, ...]
    notes: tuple[str, ...]
    struck: str
    """The grader's points where a person's count; empty if they are the grader's."""
    decided: str
    """What a person decided about it; empty if nobody did."""
    brief: Link | None
    """All that there is to say of it, one sentence, and where it is explained if anywhere; None if it has more to say."""


class MissingRow(NamedTuple):
    """A function that is not there: what it costs, and what may be meant for it at a place of the source."""

    function: str
    points: str
    near: str
    """``Is it soft_max,``; empty if nothing is near."""
    at: Link | None
    rest: str
    """What follows the place."""


class MissingView(NamedTuple):
    """All functions that are not there."""

    message: str
    points: str
    rows: tuple[MissingRow, ...]
    hint: str


class LostView(NamedTuple):
    """What is wrong, once, and the items that have not all their points by it."""

    message: str
    hint: str
    state: str
    points: str
    items: tuple[Link, ...]
    more: int
    """How many items are not named."""


class SectionView(NamedTuple):
    """The items of one question of the handout."""

    title: str
    bar: BarView
    items: tuple[ItemView, ...]


class PageView(NamedTuple):
    """Everything on the page, in its order."""

    title: str
    assignment: str
    name: str
    score: str
    possible: str
    scope: str
    """What the points are of, behind them; empty if they are the total."""
    ungraded: str
    """How many points are, and who has to award them; empty if none are."""
    bar: BarView
    banner: str
    remarks: tuple[str, ...]
    tally: str
    sums: tuple[tuple[str, str], ...]
    """How the score comes from the items' points, line by line; empty if it is their sum."""
    comments: tuple[str, ...]
    missing: MissingView | None
    """Functions that were asked for and are not there; None if all are."""
    lost: tuple[LostView, ...]
    """What else is wrong, in the rubric's order."""
    sections: tuple[SectionView, ...]
    files: tuple[FileView, ...]
    files_omitted: str
    """Which files are not shown; empty if all are."""
    facts: tuple[tuple[str, str], ...]
    holds: tuple[str, ...]
    lacks: tuple[str, ...]
    timings: tuple[tuple[str, str], ...]


def view(report: GradeReport, bounds: Bounds = USUAL) -> PageView:
    """The page for a report."""
    return _Viewer(report, bounds).page()


def scope(report: GradeReport) -> str:
    """What the points are of, behind ``14 of 14 points``: empty unless they are no total, as where the report leaves items out."""
    not_final = report.decided is not None and report.decided.not_final
    return " for the public items" if report.withheld else ", not final" if not_final else ""


def tally(report: GradeReport) -> str:
    """``18 met, 2 partly``; or ``5 of 5 public items; 4 further items are graded after the deadline``."""
    if not report.withheld:
        return _tally(report.items)
    lost = [i for i in report.items if i.verdict.outcome is not Outcome.MET]
    met = f"{len(report.items) - len(lost)} of {len(report.items)} public items"
    return "; ".join(filter(None, (met, _tally(lost), *map(further, report.withheld))))


def further(withheld: Withheld) -> str:
    """``4 further items are graded after the deadline``."""
    return f"{withheld.items} further item{' is' if withheld.items == 1 else 's are'} {UNTIL[withheld.visibility]}"


def decision(override: "Override", possible: Fraction) -> str:
    """``4 of 5 points by Tutor, 2026-11-21: note``, as far as a person decided it.

    Parameters
    ----------
    possible : Fraction
        What the item is worth.
    """
    who = ", ".join(part for part in (override.who, override.when) if part)
    given = "" if override.points is None else f"{in_points(of(override.points, possible))} by "
    return f"{given}{who}" + (f": {override.note}" if override.note else "")


def in_points(share: str) -> str:
    """``0 of 4 points``, ``0 of 1 point``, ``1 point``."""
    return f"{share} {'point' if share.rsplit(maxsplit=1)[-1] == '1' else 'points'}"


def without_points(label: str) -> str:
    """What is said of an adjustment where its points would tell of items that are left out."""
    return f"{label}. This is taken off the total, which is not shown here."


def hint(verdict: Verdict) -> str:
    """One thing to try: the verdict's own, else the reason's."""
    return verdict.hint or (verdict.reason.hint if verdict.reason else "")


def message(verdict: Verdict) -> str:
    """What is wrong, one sentence; empty if nothing is."""
    return verdict.message or (verdict.reason.sentence if verdict.reason else "")


def item_anchor(item: str) -> str:
    """Where an item is on the page of a report: also other pages link there."""
    return "item-" + re.sub(r"[^\w.-]+", "-", item)


class _Told(NamedTuple):
    """An item, and the one that explains its loss: often itself."""

    item: ItemResult
    shown: ItemView
    cause: ItemView

    @property
    def is_missing(self) -> bool:
        """Whether all is said of it where the functions are that are not there."""
        return is_not_found(self.item) or (self.cause.brief is not None and self.cause.brief.anchor == NOT_FOUND)

    @property
    def why(self) -> str:
        """What a person said who gave other points; else what is wrong, where it is explained."""
        explained = self.cause.brief.text if self.cause.brief else self.cause.message
        return self.shown.decided if self.shown.struck else explained or f"{self.shown.outcome.capitalize()}."

    @property
    def hint(self) -> str:
        """What to do about it; nothing more where a person has spoken."""
        return "" if self.shown.struck else self.cause.hint


class _Viewer:
    """Holds what every part needs: the report, and which lines of source are on the page."""

    def __init__(self, report: GradeReport, bounds: Bounds) -> None:
        self.report = report
        self.line, self.text, self.listed = bounds.line, bounds.lines, bounds.listed
        self.listing = Listing(report.submission.files, bounds)
        self.evidence = EvidenceViewer(self.listing, bounds)
        ids = {i.id for i in report.items}
        self.see = explained_at(report.items) | {i.id: i.verdict.see for i in report.items if i.verdict.see in ids}

    # ---- the page ----

    def page(self) -> PageView:
        report = self.report
        sections = tuple(map(self._section, dict.fromkeys(i.section for i in report.items)))
        conditions = report.conditions
        told = self._told({i.anchor: i for s in sections for i in s.items})
        lost = self._lost(told)
        said = {one.message for one in lost}
        return PageView(
            title=f"{self.line(report.submission.name)} – {points(report.total)} of {in_points(points(report.possible))}{scope(report)}",
            assignment=self.line(report.title),
            name=self.line(report.submission.name),
            score=points(report.total),
            possible=points(report.possible),
            scope=scope(report),
            ungraded=_ungraded(report.ungraded) if report.ungraded else "",
            bar=_bar(report.items, report.counted),
            banner=_banner(conditions.isolation) if conditions.isolation in _LOUD_LEVELS else "",
            remarks=self.listed([r for r in map(self.line, report.submission.remarks) if r not in said]),
            tally=tally(report),
            sums=self._sums(),
            comments=self._comments(),
            missing=self._missing(told),
            lost=lost,
            sections=sections,
            files=self.listing.views(),  # after the sections: they say which lines are marked
            files_omitted=self.listing.omitted(),
            facts=self._facts(),
            holds=tuple(map(self.line, conditions.isolation_holds)),
            lacks=tuple(map(self.line, conditions.isolation_lacks)),
            timings=tuple((self.line(k), f"{v:.3f} s") for k, v in report.timings.items()),
        )

    def _sums(self) -> tuple[tuple[str, str], ...]:
        """The items' points and each adjustment; the total is the last line."""
        decided = self.report.decided
        if decided is None or not decided.adjustments:
            return ()
        adjusted = [(self.line(a.label), points(a.points)) for a in decided.adjustments]
        return (("All items", points(self.report.earned)), *adjusted, ("Total", points(self.report.total)))

    def _comments(self) -> tuple[str, ...]:
        """What persons said of the whole, and what of the total is not told."""
        decided = self.report.decided
        if decided is None:
            return ()
        told = self.listed([self.text(decision(c, Fraction(0))) for c in decided.comments])
        untold = (*map(without_points, decided.without_points), decided.not_final)
        return (*told, *(self.line(text) for text in untold if text))

    def _facts(self) -> tuple[tuple[str, str], ...]:
        report, conditions = self.report, self.report.conditions
        return (
            ("Assignment", self.line(report.assignment)),
            ("Seed", str(conditions.seed)),
            ("Isolation level", self.line(conditions.isolation)),
            ("Submission, SHA-256", self.line(report.submission.sha256)),
            ("Rubric, SHA-256", self.line(conditions.rubric_sha256)),
            ("Reference, SHA-256", self.line(conditions.reference_sha256)),
            ("Versions", self.line(", ".join(f"{name} {version}" for name, version in conditions.versions.items()))),
        )

    def _section(self, title: str) -> SectionView:
        items = [i for i in self.report.items if i.section == title]
        return SectionView(self.line(title), _bar(items, self.report.counted), tuple(map(self._item, items)))

    def _item(self, item: ItemResult) -> ItemView:
        verdict, counted, override = item.verdict, self.report.counted(item), self.report.override(item)
        lost = verdict.outcome is not Outcome.MET
        anchor = item_anchor(item.id)
        glyph = GLYPHS[verdict.outcome]
        defined = self.listing.defined(item.function)
        evidence = self.evidence.views(verdict.evidence, message(verdict))
        if lost:
            raised = (line.where for e in evidence if isinstance(e, TracebackView) for line in e.lines)
            self.listing.mark(Link(anchor, f"{glyph} {self.line(item.id)}"), (defined, *raised))
        return ItemView(
            id=self.line(item.id),
            anchor=anchor,
            title=self.line(item.title),
            glyph=glyph,
            outcome=verdict.outcome.value,
            state=verdict.outcome.value.replace(" ", "-"),
            points=of(counted, item.points),
            open=lost or override is not None,
            message=self.text(message(verdict)),
            hint=self.text(hint(verdict)),
            repeat=self.line(item.repeat),
            function=self.line(item.function),
            defined=defined,
            evidence=evidence,
            notes=self.listed([*map(self.line, verdict.notes)]),
            struck="" if override is None or override.points is None else _points(item.earned),
            decided=self.text(decision(override, item.points)) if override else "",
            brief=None if override else self._brief(item),
        )

    # ---- said once ----

    def _brief(self, item: ItemResult) -> Link | None:
        """Explained under what is not there, at the first item of this cause, or where the verdict itself refers to; or done with."""
        verdict = item.verdict
        if is_not_found(item):
            return Link(NOT_FOUND, f"{self.line(item.function)} was not found.")
        if first := self.see.get(item.id):
            return Link(item_anchor(first), self.line(message(verdict) if first == verdict.see else f"For the same reason as {first}."))
        if verdict.outcome in _DONE_WITH or _is_one_sentence(verdict):
            return Link("", self.line(message(verdict) or f"{verdict.outcome.value.capitalize()}."))
        return None

    def _told(self, shown: Mapping[str, ItemView]) -> tuple[_Told, ...]:
        """Each item of the report with the one that explains it in the end."""
        own = [(item, shown[item_anchor(item.id)]) for item in self.report.items]
        return tuple(_Told(item, one, _explaining(one, shown)) for item, one in own)

    def _lost(self, told: Iterable[_Told]) -> tuple[LostView, ...]:
        """Each message once, whatever the sizes in it, with what to do about it and what was lost for the same reason."""
        lost: dict[str, list[_Told]] = {}
        for one in told:
            if self.report.counted(one.item) != one.item.points and not one.is_missing:
                lost.setdefault(one.why if one.shown.struck else _SIZE.sub("n", one.why), []).append(one)
        return tuple(
            LostView(
                shortened(first.why, _SENTENCE), shortened(first.hint, _SENTENCE), first.shown.state,
                self._losses(t.item for t in (first, *more)),
                tuple(Link(t.shown.anchor, t.shown.id) for t in (first, *more)[:_NAMED]), max(0, 1 + len(more) - _NAMED),
            )
            for first, *more in lost.values()
        )

    def _missing(self, told: Sequence[_Told]) -> MissingView | None:
        files = self.report.submission.files
        found = not_found(self.report.items, files)
        if not found:
            return None
        names = "of this name" if len(found) == 1 else f"of these {len(found)} names"
        where = f"{self.line(files[0].path)} has no function" if len(files) == 1 else "No file that was handed in has a function"
        items = [t.item for t in told if t.is_missing]
        return MissingView(
            f"{where} {names}:", _bar(items, self.report.counted).label, tuple(self._missing_row(one, told) for one in found),
            "Define each function under exactly its name, at the top level of a file." if len(found) > 1 else Reason.MISSING.hint,
        )

    def _missing_row(self, one: NotFound, told: Iterable[_Told]) -> MissingRow:
        function = self.line(one.function)
        cost = self._losses(t.item for t in told if t.is_missing and t.cause.function == function)
        if one.near is None:
            return MissingRow(function, cost, "", None, "")
        near, rest = one.near.asked(one.function)
        return MissingRow(function, cost, self.line(near), self.listing.place(one.near.file, one.near.line), rest)

    def _losses(self, items: Iterable[ItemResult]) -> str:
        """``−8 points, 3 ungraded``; empty if nothing is missing."""
        counted = [(i.points, self.report.counted(i)) for i in items]
        lost = sum((worth - earned for worth, earned in counted if earned is not None), Fraction(0))
        waiting = sum((worth for worth, earned in counted if earned is None), Fraction(0))
        parts = (f"−{in_points(points(lost))}" if lost else "", f"{points(waiting)} ungraded" if waiting else "")
        return ", ".join(filter(None, parts))


def _explaining(one: ItemView, shown: Mapping[str, ItemView]) -> ItemView:
    """The item at the end of those that refer to each other."""
    for _ in shown:  # not for ever, should they do so in a circle
        if one.brief and one.brief.anchor in shown:
            one = shown[one.brief.anchor]
    return one


def _banner(isolation: str) -> str:
    return f"{'No' if isolation == 'none' else 'Best-effort'} isolation: the code was not kept from the rest of the machine."


def _ungraded(value: Fraction) -> str:
    verb, them = ("is", "it") if value == 1 else ("are", "them")
    return f"{in_points(points(value))} {verb} ungraded: a person has to award {them}"


def _is_one_sentence(verdict: Verdict) -> bool:
    """Whether a message is all that was left of it, as where a course shows its students no evidence."""
    bare = Verdict(verdict.outcome, verdict.credit, message=verdict.message)
    return verdict == bare and verdict.message != "" and "\n" not in verdict.message


def of(earned: Fraction | None, possible: Fraction) -> str:
    """``3 of 4``, ``– of 4``."""
    return f"{_points(earned)} of {points(possible)}"


def _points(value: Fraction | None) -> str:
    return "–" if value is None else points(value)


def _bar(items: Sequence[ItemResult], counted: Callable[[ItemResult], Fraction | None]) -> BarView:
    possible = sum((i.points for i in items), Fraction(0))
    earned = sum((counted(i) or Fraction(0) for i in items), Fraction(0))
    ungraded = sum((i.points for i in items if counted(i) is None), Fraction(0))
    scale = 100 / possible if possible else Fraction(0)
    label = of(earned, possible) + (f", {points(ungraded)} ungraded" if ungraded else "")
    return BarView(round(float(earned * scale), 2), round(float(ungraded * scale), 2), label)


def _tally(items: Sequence[ItemResult]) -> str:
    """``18 met, 2 partly, 1 not met``; outcomes that do not occur are left out."""
    counts = [(sum(i.verdict.outcome is o for i in items), o) for o in Outcome]
    return ", ".join(f"{n} {o.value}" for n, o in counts if n)
