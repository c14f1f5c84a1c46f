"""What a reader sees of a `GradeReport`: frozen, cleaned, bounded. Every decision is here; the renderers only lay out.

Views are named tuples: nothing is compared or changed, and making twenty frozen dataclasses costs 12 ms of every start.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple, assert_never

from grader.core.audience import Visibility, Withheld
from grader.core.evidence import BlockRow, Blocks, Contrast, Evidence, Input, Printed, Shown, StepPlot, Traceback, TraceLine
from grader.core.reason import Reason
from grader.core.report import GradeReport, ItemResult, SourceText, points
from grader.core.verdict import Outcome, Verdict
from grader.report.figures import HeatMap, Plot, heat_map, plot
from grader.report.once import NotFound, explained_at, is_not_found, not_found
from grader.report.text import clean, shortened, split_lines

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
_LINE_COST = 80  # bytes of markup around one line of source
_DONE_WITH = (Outcome.BLOCKED, Outcome.NOT_ATTEMPTED)  # there is no answer to tell of
_NAME = 80  # characters of the name of a file that is not shown
_SENTENCE = 300  # characters of a message that stands in full at its item
_NAMED = 6  # items behind one message: the first screen tells what is wrong, not a list of all it cost

NOT_FOUND = "not-found"
"""The anchor of what is said once of functions that are not there."""


class Bounds(NamedTuple):
    """How much is shown, so that no submission can make a page that a browser cannot open.

    Parameters
    ----------
    text : int
        Characters of one text.
    many : int
        Entries of one list: inputs, notes, lines of a traceback, blocks, files.
    evidence : int
        Pieces of evidence of one item.
    source : int
        Characters of source, all files together, markup around the lines included.
    """

    text: int = 2000  # five times what `numerics.show` gives; a message is one sentence
    many: int = 24
    evidence: int = 8
    source: int = 500_000


_USUAL = Bounds()


class Link(NamedTuple):
    """A place on the page: an anchor (empty if that place is not shown) and its text."""

    anchor: str
    text: str


class BarView(NamedTuple):
    """Points as a bar of three parts, in percent of the possible points."""

    earned: float
    ungraded: float
    label: str


class ContrastView(NamedTuple):
    """Returned against should-be."""

    call: str
    inputs: tuple[tuple[str, str, str], ...]
    """(name, text, shape)"""
    returned: str
    returned_shape: str
    expected: str
    """Empty where only a property was asked for."""
    expected_shape: str
    source: str
    tolerance: str
    facts: str
    heat: HeatMap | None
    kind: Literal["contrast"] = "contrast"


class BlockView(NamedTuple):
    """One block of a gradient."""

    name: str
    shape: str
    right: bool
    differ: str
    worst: str
    returned: str
    expected: str
    """Empty if it is not shown."""
    heat: HeatMap | None


class BlocksView(NamedTuple):
    """A gradient, block by block."""

    rows: tuple[BlockView, ...]
    kind: Literal["blocks"] = "blocks"


class PlotView(NamedTuple):
    """Error of the gradient against the step."""

    title: str
    reading: str
    plot: Plot | None
    kind: Literal["plot"] = "plot"


class TraceLineView(NamedTuple):
    """A line of the student's code in a traceback, linked to the source."""

    where: Link
    function: str
    text: str
    repeated: bool
    """Whether it stands there several times in a row, as in a recursion that does not end."""


class TracebackView(NamedTuple):
    """An exception."""

    error: str
    lines: tuple[TraceLineView, ...]
    call: str
    inputs: tuple[tuple[str, str, str], ...]
    kind: Literal["traceback"] = "traceback"


class PrintedView(NamedTuple):
    """Captured output."""

    text: str
    size: str
    kind: Literal["printed"] = "printed"


EvidenceView = ContrastView | BlocksView | PlotView | TracebackView | PrintedView


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


class LineView(NamedTuple):
    """A line of source; `marks` are the lost items that lead here."""

    number: int
    anchor: str
    text: str
    marks: tuple[Link, ...]


class FileView(NamedTuple):
    """A file of the submission."""

    path: str
    anchor: str
    lines: tuple[LineView, ...]
    omitted: str
    """What of it is not shown; empty if all is."""


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
    bar: BarView
    banner: str
    banner_lacks: tuple[str, ...]
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


def view(report: GradeReport, bounds: Bounds = _USUAL) -> PageView:
    """The page for a report."""
    return _Viewer(report, bounds).page()


def unsaid(page: PageView) -> tuple[str, ...]:
    """The remarks that do not stand below them again, as that a file cannot be parsed: ``a.py: line 3`` and ``a.py, line 3``."""
    said = {lost.message.replace(", ", ": ", 1) for lost in page.lost}
    return tuple(remark for remark in page.remarks if remark not in said)


def scope(report: GradeReport) -> str:
    """What the points are of, behind ``14 of 14 points``: empty unless the report leaves items out, and they are no total."""
    return " for the public items" if report.withheld else ""


def tally(report: GradeReport) -> str:
    """``18 met, 2 partly``; or ``5 of 5 public items; 4 further items are graded after the deadline``."""
    if not report.withheld:
        return _tally(report.items)
    met = [i for i in report.items if i.verdict.outcome is Outcome.MET]
    lost = _tally([i for i in report.items if i.verdict.outcome is not Outcome.MET])
    return "; ".join([f"{len(met)} of {len(report.items)} public items", *([lost] if lost else []), *map(further, report.withheld)])


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
    given = "" if override.points is None else f"{in_points(_of(override.points, possible))} by "
    return f"{given}{who}" + (f": {override.note}" if override.note else "")


def in_points(share: str) -> str:
    """``0 of 4 points``, ``0 of 1 point``."""
    return f"{share} {'point' if share.endswith(' of 1') else 'points'}"


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


def _by_section(items: Iterable[ItemResult]) -> dict[str, list[ItemResult]]:
    """Items by section, in the rubric's order."""
    sections: dict[str, list[ItemResult]] = {}
    for item in items:
        sections.setdefault(item.section, []).append(item)
    return sections


def _number(value: float | None) -> str:
    """A number of the evidence, four significant digits; None is a dash."""
    return "–" if value is None else f"{value:.4g}"


def _index(at: tuple[int, ...] | None) -> str:
    """An index as Python writes it: ``[0, 2]``; empty for a scalar's."""
    return f"[{', '.join(map(str, at))}]" if at else ""


class _Viewer:
    """Holds what every part needs: the bounds, and which lines of source are on the page."""

    def __init__(self, report: GradeReport, bounds: Bounds) -> None:
        self.report = report
        self.bounds = bounds
        self.shown = self._lines_shown(report.submission.files[: bounds.many])
        self.marks: dict[str, list[Link]] = {}
        self.explained_at = explained_at(report.items)

    # ---- text ----

    def line(self, text: str) -> str:
        return clean(text, self.bounds.text, lines=False)

    def text(self, text: str) -> str:
        return clean(text, self.bounds.text)

    def listed(self, texts: Sequence[str]) -> tuple[str, ...]:
        """As many as there is room for, and how many more there are."""
        more = len(texts) - self.bounds.many
        return (*texts[: self.bounds.many], *([f"… and {more:,} more"] if more > 0 else []))

    # ---- the page ----

    def page(self) -> PageView:
        report = self.report
        sections = tuple(self._section(title, items) for title, items in _by_section(report.items).items())
        conditions = report.conditions
        loud = conditions.isolation in _LOUD_LEVELS
        return PageView(
            title=f"{self.line(report.submission.name)} – {points(report.total)} of {points(report.possible)} points{scope(report)}",
            assignment=self.line(report.title),
            name=self.line(report.submission.name),
            score=points(report.total),
            possible=points(report.possible),
            scope=scope(report),
            ungraded=points(report.ungraded) if report.ungraded else "",
            bar=_bar(report.items, report.counted),
            banner=_banner(conditions.isolation) if loud else "",
            banner_lacks=tuple(map(self.line, conditions.isolation_lacks)) if loud else (),
            remarks=self.listed([*map(self.line, report.submission.remarks)]),
            tally=tally(report),
            sums=self._sums(),
            comments=self._comments(),
            missing=self._missing(),
            lost=self._lost({i.anchor: i for s in sections for i in s.items}),
            sections=sections,
            files=self._files(),  # after the sections: they say which lines are marked
            files_omitted=self._files_omitted(),
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
        """What persons said of the whole, and adjustments of which no points may be told."""
        decided = self.report.decided
        if decided is None:
            return ()
        told = self.listed([self.text(decision(c, Fraction(0))) for c in decided.comments])
        return (*told, *(self.line(without_points(label)) for label in decided.without_points))

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

    def _section(self, title: str, items: Sequence[ItemResult]) -> SectionView:
        return SectionView(self.line(title), _bar(items, self.report.counted), tuple(map(self._item, items)))

    def _item(self, item: ItemResult) -> ItemView:
        verdict, counted, override = item.verdict, self.report.counted(item), self.report.override(item)
        lost = verdict.outcome is not Outcome.MET
        anchor = item_anchor(item.id)
        glyph = GLYPHS[verdict.outcome]
        defined = self._defined(item.function)
        evidence = _pictured_once(tuple(map(self._evidence, verdict.evidence[: self.bounds.evidence])))
        if lost:
            self._mark(Link(anchor, f"{glyph} {self.line(item.id)}"), defined, evidence)
        return ItemView(
            id=self.line(item.id),
            anchor=anchor,
            title=self.line(item.title),
            glyph=glyph,
            outcome=verdict.outcome.value,
            state=verdict.outcome.value.replace(" ", "-"),
            points=_of(counted, item.points),
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
        if verdict.see and any(i.id == verdict.see for i in self.report.items):
            return Link(item_anchor(verdict.see), self.line(message(verdict)))
        if first := self.explained_at.get(item.id):
            return Link(item_anchor(first), f"For the same reason as {self.line(first)}.")
        if verdict.outcome in _DONE_WITH or _is_one_sentence(verdict):
            return Link("", self.line(message(verdict) or f"{verdict.outcome.value.capitalize()}."))
        return None

    def _lost(self, shown: Mapping[str, ItemView]) -> tuple[LostView, ...]:
        """Each message once, and with it what was lost for the same reason."""
        lost: dict[str, list[ItemResult]] = {}
        for item in self.report.items:
            one = shown[item_anchor(item.id)]
            if self.report.counted(item) == item.points or (one.brief and one.brief.anchor == NOT_FOUND):
                continue
            cause = shown[one.brief.anchor] if one.brief and one.brief.anchor else one
            message = cause.brief.text if cause.brief else cause.message
            said = one.decided if one.struck else message or f"{one.outcome.capitalize()}."
            lost.setdefault(shortened(said, _SENTENCE), []).append(item)
        return tuple(
            LostView(
                said, shown[item_anchor(items[0].id)].state, _bar(items, self.report.counted).label,
                tuple(Link(item_anchor(i.id), self.line(i.id)) for i in items[:_NAMED]), max(0, len(items) - _NAMED),
            )
            for said, items in lost.items()
        )

    def _missing(self) -> MissingView | None:
        found = not_found(self.report.items, self.report.submission.files)
        if not found:
            return None
        names = "of this name" if len(found) == 1 else f"of these {len(found)} names"
        files = self.report.submission.files
        where = f"{self.line(files[0].path)} has no function" if len(files) == 1 else "No file that was handed in has a function"
        items = [i for one in found for i in one.items]
        return MissingView(
            f"{where} {names}:", _bar(items, self.report.counted).label, tuple(map(self._missing_row, found)),
            "Define each function under exactly its name, at the top level of a file." if len(found) > 1 else Reason.MISSING.hint,
        )

    def _missing_row(self, one: NotFound) -> MissingRow:
        cost = sum((i.points for i in one.items), Fraction(0))
        worth = f"{points(cost)} {'point' if cost == 1 else 'points'}"
        if one.near is None:
            return MissingRow(self.line(one.function), worth, "", None, "")
        name, file, line, inside = one.near
        place, number = file.place(line)
        at = Link(self._anchor(file.path, line), f"line {number} of {self.line(place)}")
        if name != one.function:
            near, rest = f"Is it {self.line(name)},", ", inside another block?" if inside else "?"
        else:
            near = "There is one in"
            rest = ", inside another block: move it to the top level." if inside else ", and it is gone after loading."
        return MissingRow(self.line(one.function), worth, near, at, rest)

    # ---- the source ----

    def _lines_shown(self, files: Sequence[SourceText]) -> dict[str, list[str]]:
        """The first lines of each file, as long as the page has room for them."""
        room = self.bounds.source
        shown: dict[str, list[str]] = {}
        for file in files:
            lines: list[str] = []
            for text in split_lines(file.text):
                line = self.line(text)
                room -= len(line) + _LINE_COST
                if room < 0:
                    break
                lines.append(line)
            shown[file.path] = lines
        return shown

    def _anchor(self, path: str, line: int) -> str:
        cell = next((f for f in self.report.submission.files if path in f.cells), None)
        if cell:
            path, line = cell.path, line + cell.cells[path]
        if 1 <= line <= len(self.shown.get(path, ())):
            return f"f{list(self.shown).index(path) + 1}-L{line}"
        return ""

    def _defined(self, function: str) -> Link | None:
        for file in self.report.submission.files:
            if line := file.functions.get(function):
                place, number = file.place(line)
                return Link(self._anchor(file.path, line), f"line {number} of {self.line(place)}")
        return None

    def _mark(self, item: Link, defined: Link | None, evidence: Sequence[EvidenceView]) -> None:
        """Let the lines that this lost item leads to lead back to it."""
        raised = [line.where for e in evidence if isinstance(e, TracebackView) for line in e.lines]
        for anchor in dict.fromkeys(link.anchor for link in (defined, *raised) if link and link.anchor):
            self.marks.setdefault(anchor, []).append(item)

    def _files(self) -> tuple[FileView, ...]:
        files = self.report.submission.files
        return tuple(self._file(n, f) for n, f in enumerate(files[: self.bounds.many], 1))

    def _files_omitted(self) -> str:
        left = [shortened(f.path, _NAME) for f in self.report.submission.files[self.bounds.many :]]
        if not left:
            return ""
        more = len(left) - self.bounds.many
        named = ", ".join(left[: self.bounds.many]) + (f" and {more:,} more" if more > 0 else "")
        return f"{len(left):,} more {'file is' if len(left) == 1 else 'files are'} not shown: {named}."

    def _file(self, n: int, file: SourceText) -> FileView:
        anchors = (f"f{n}-L{i}" for i in range(1, len(self.shown[file.path]) + 1))
        lines = tuple(
            LineView(i, anchor, text, tuple(self.marks.get(anchor, ())))
            for i, (anchor, text) in enumerate(zip(anchors, self.shown[file.path], strict=True), 1)
        )
        left = len(split_lines(file.text)) - len(lines)
        return FileView(self.line(file.path), f"file-{n}", lines, f"{left:,} more lines are not shown." if left else "")

    # ---- evidence ----

    def _evidence(self, evidence: Evidence) -> EvidenceView:
        match evidence:
            case Contrast():
                return self._contrast(evidence)
            case Blocks(rows):
                return BlocksView(tuple(self._block(r) for r in rows[: self.bounds.many]))
            case StepPlot():
                return self._plot(evidence)
            case Traceback():
                return self._traceback(evidence)
            case Printed(text):
                return PrintedView(self.text(text), f"{len(text):,} characters")
            case _:
                assert_never(evidence)

    def _contrast(self, c: Contrast) -> ContrastView:
        expected = c.expected or Shown("")
        tolerance = "" if c.rtol is None or c.atol is None else f"rtol {_short(c.rtol)}, atol {_short(c.atol)}"
        return ContrastView(
            call=self._call(c.call, c.inputs), inputs=self._inputs(c.inputs),
            returned=self.text(c.returned.text), returned_shape=_shape(c.returned.shape),
            expected=self.text(expected.text), expected_shape=_shape(expected.shape),
            source=self.line(c.source), tolerance=tolerance, facts=_facts_of(c), heat=heat_map(c.errors, c.returned.shape),
        )

    def _call(self, call: str, inputs: Sequence[Input]) -> str:
        """``softmax(x)``; a relation already says how it calls."""
        bare = call.isidentifier() and inputs
        return self.line(f"{call}({', '.join(i.name for i in inputs)})" if bare else call)

    def _inputs(self, inputs: Sequence[Input]) -> tuple[tuple[str, str, str], ...]:
        return tuple((self.line(i.name), self.text(i.value.text), _shape(i.value.shape)) for i in inputs[: self.bounds.many])

    def _block(self, row: BlockRow) -> BlockView:
        return BlockView(
            name=self.line(row.name), shape=_shape(row.shape), right=row.differ == 0, differ=f"{row.differ} of {row.of}",
            worst=_index(row.worst), returned=_number(row.returned),
            expected="" if row.expected is None else _number(row.expected), heat=heat_map(row.errors, row.shape),
        )

    def _plot(self, p: StepPlot) -> PlotView:
        return PlotView(self.line(p.title), self.text(p.reading), plot(p))

    def _traceback(self, t: Traceback) -> TracebackView:
        lines = tuple(self._trace_line(at, repeated=len(list(same)) > 1) for at, same in groupby(t.lines[-self.bounds.many:]))
        return TracebackView(
            self.text(f"{t.type}: {t.message}" if t.message else t.type), lines,
            self._call(t.call, t.inputs), self._inputs(t.inputs),
        )

    def _trace_line(self, at: TraceLine, *, repeated: bool) -> TraceLineView:
        where = Link(self._anchor(at.file, at.line), f"{self.line(at.file)}, line {at.line}")
        return TraceLineView(where, self.line(at.function), self.line(at.text.strip()), repeated)


def _pictured_once(evidence: tuple[EvidenceView, ...]) -> tuple[EvidenceView, ...]:
    """Without the pictures of arrays that a table of blocks has already."""
    seen = {row.heat for e in evidence if isinstance(e, BlocksView) for row in e.rows}
    return tuple(e._replace(heat=None) if isinstance(e, ContrastView) and e.heat in seen else e for e in evidence)


def _banner(isolation: str) -> str:
    return f"{'No' if isolation == 'none' else 'Best-effort'} isolation: the code was not kept from the rest of the machine."


def _is_one_sentence(verdict: Verdict) -> bool:
    """Whether a message is all that was left of it, as where a course shows its students no evidence."""
    bare = Verdict(verdict.outcome, verdict.credit, message=verdict.message)
    return verdict == bare and verdict.message != "" and "\n" not in verdict.message


def _of(earned: Fraction | None, possible: Fraction) -> str:
    return f"{_points(earned)} of {points(possible)}"


def _points(value: Fraction | None) -> str:
    return "–" if value is None else points(value)


def _bar(items: Sequence[ItemResult], counted: Callable[[ItemResult], Fraction | None]) -> BarView:
    possible = sum((i.points for i in items), Fraction(0))
    earned = sum((counted(i) or Fraction(0) for i in items), Fraction(0))
    ungraded = sum((i.points for i in items if counted(i) is None), Fraction(0))
    scale = 100 / possible if possible else Fraction(0)
    label = _of(earned, possible) + (f", {points(ungraded)} ungraded" if ungraded else "")
    return BarView(round(float(earned * scale), 2), round(float(ungraded * scale), 2), label)


def _tally(items: Sequence[ItemResult]) -> str:
    """``18 items met, 2 partly, 1 not met``; outcomes that do not occur are left out."""
    counts = [(sum(i.verdict.outcome is o for i in items), o) for o in Outcome]
    return ", ".join(f"{n} {o.value}" for n, o in counts if n)


def _shape(shape: tuple[int, ...] | None) -> str:
    return f"shape {shape}" if shape else ""  # a number has none to speak of


def _facts_of(c: Contrast) -> str:
    """``3 of 6 entries differ; first at [0, 0]; worst at [1, 2], off by 0.5``."""
    parts = [f"{c.differ} of {c.of} entries differ"] if c.differ and c.of > 1 else []
    if c.first:
        parts.append(f"first at {_index(c.first)}")
    off = "" if c.worst_error is None else f"off by {_number(c.worst_error)}"
    if c.worst and c.worst != c.first:
        parts.append(f"worst at {_index(c.worst)}, {off}" if off else f"worst at {_index(c.worst)}")
    elif off:
        parts.append(off)
    return "; ".join(parts)


def _short(value: float) -> str:
    """``1e-9`` rather than Python's ``1e-09``."""
    return f"{value:g}".replace("e-0", "e-")
