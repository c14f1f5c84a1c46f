"""The report on a terminal: a line per item, then what there is to say of each item that lost points."""

import io
import re
from collections.abc import Iterable, Sequence
from typing import assert_never

from rich.console import Console
from rich.text import Text

from grader.core.report import GradeReport
from grader.report.evidence_views import BlocksView, ContrastView, EvidenceView, PlotView, PrintedView, TracebackView
from grader.report.text import Bounds
from grader.report.views import NOT_FOUND, ItemView, MissingView, PageView, SectionView, in_points, view

BOUNDS = Bounds(text=1200, many=12, source=0)  # a screen or two; the HTML report has the rest
_WIDEST = 100  # columns: text in longer lines is not read
_LABEL = 15  # columns of "you returned" and the spaces after it
_NUMBER = 6  # columns of points above the total
_HANGING = 2  # columns before what a message has besides its first line
_SHORT = 60  # characters of inputs that still stand beside the answer
_WORD = re.compile(r" *(?:--\S+ )?(?:'[^']*'|[^' ])+")
"""A word of a command line, quoted as `shlex.quote` does, with the blanks and the name of the option before it."""
_ASCII = str.maketrans("✓◐✗○⊘–−…", "+~xo/--~")
_STYLES = {
    "met": "green", "partly": "yellow", "not-met": "red", "not-attempted": "dim", "blocked": "dim", "ungraded": "magenta",
}


def print_report(report: GradeReport, console: Console) -> None:
    """Print the report. Without a terminal, or under ``NO_COLOR``, it is plain text of at most the console's width."""
    screen = _Screen(console)
    page = view(report, BOUNDS)
    screen.header(page)
    for section in page.sections:
        screen.section(section)
    if page.missing:
        screen.missing(page.missing)
    items = [i for s in page.sections for i in s.items]
    for item in items:
        if item.open and not item.brief:
            screen.item(item)
    screen.brief(items)
    screen.total(page)
    screen.flush()


def item_text(item: ItemView) -> str:
    """What there is to say of one item, as plain text: for outputs that are no terminal."""
    console = Console(file=io.StringIO(), width=80, no_color=True)
    screen = _Screen(console)
    screen.item(item)
    return "\n".join(line.plain for line in screen.lines).strip("\n")


class _Screen:
    """Lines of text on a console. Nothing is ever read as markup: texts come from the student."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = min(console.width, _WIDEST)
        self.lines: list[Text] = []

    def line(self, *parts: str | tuple[str, str], indent: int = 0, further: int = 0) -> None:
        """One line of (text, style) parts; further ones are indented, so that no text of a student's looks like a line of ours."""
        text = Text.assemble(*parts)
        further = further or indent or (_HANGING if len(text) > self.width or "\n" in text.plain else 0)
        for n, wrapped in enumerate(self._wrapped(text, self.width - further)):
            self._add(Text(" " * (further if n else indent)).append_text(wrapped))

    def ends(self, left: Text, right: str) -> None:
        """A line with something at its right end."""
        room = self.width - len(right) - 1
        left.truncate(room, overflow="ellipsis", pad=True)
        self._add(left.append(f" {right}"))

    def _wrapped(self, text: Text, width: int) -> Iterable[Text]:
        if len(text) <= width and text.plain.isascii() and "\n" not in text.plain:
            return (text,)  # Rich's own way to the same takes 0.1 ms
        return text.wrap(self.console, max(width, 20))

    def _add(self, text: Text) -> None:
        encoding = self.console.encoding
        if not encoding.startswith("utf"):  # a code page without our signs: say them in ASCII
            text = Text(text.plain.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding))
        text.rstrip()
        self.lines.append(text)

    def flush(self) -> None:
        """Print what was laid out, at once: a print of Rich's costs as much as the layout of ten lines."""
        self.console.print(Text("\n").join(self.lines), no_wrap=True, overflow="ignore", crop=False, highlight=False)

    def header(self, page: PageView) -> None:
        self.line((page.name, "bold"), f"  {page.assignment}")
        if page.banner:
            self.line((page.banner, "bold red"))
        for remark in page.remarks:
            self.line((remark, "yellow"))

    def section(self, section: SectionView) -> None:
        self.line("")
        self.ends(Text(section.title, "bold"), section.bar.label)
        column = max(len(i.id) for i in section.items)
        for i in section.items:
            row = Text.assemble("  ", (f"{i.glyph} ", _STYLES[i.state]), f"{i.id:<{column}}  ", (i.title, "dim"))
            self.ends(row, i.points)

    def item(self, item: ItemView) -> None:
        self.line("")
        self.ends(Text(item.id, f"bold {_STYLES[item.state]}"), in_points(item.points) if item.state != "ungraded" else item.points)
        if item.decided:
            self.labelled("decided", item.decided + (f" (the grader: {item.struck})" if item.struck else ""))
        self.line(item.message)
        for evidence in item.evidence:
            self.evidence(evidence)
        for note in item.notes:
            self.line(f"- {note}", indent=2, further=4)
        if item.defined:
            self.labelled("where", f"{item.function}, {item.defined.text}")
        self.command("repeat:", item.repeat)
        if item.hint:
            self.labelled("hint:", item.hint)

    def missing(self, found: MissingView) -> None:
        """All functions that are not there, a line each: what it costs, and what may be meant for it."""
        self.line("")
        self.ends(Text("not found", f"bold {_STYLES['not-met']}"), in_points(found.points))
        self.line(found.message)
        column, digits = (max(map(len, texts)) for texts in ([r.function for r in found.rows], [r.points for r in found.rows]))
        lines = [(f"{r.function:<{column}}  {r.points:>{digits}}", f"{r.near} {r.at.text}{r.rest}" if r.at else "") for r in found.rows]
        beside = all(len(line) + len(near) + 5 <= self.width for line, near in lines)
        for line, near in lines:
            self.line(f"{line}   {near}" if beside else line, indent=2)
            if near and not beside:
                self.line((near, "dim"), indent=6)
        self.labelled("hint:", found.hint)

    def brief(self, items: Sequence[ItemView]) -> None:
        """A line for each item that has no more to say, or for all of which the same is to be said."""
        by_text: dict[str, list[ItemView]] = {}
        for i in items:
            if i.brief and i.brief.anchor != NOT_FOUND:
                by_text.setdefault(i.brief.text, []).append(i)
        if by_text:
            self.line("")
        column = max((len(same[0].id) for same in by_text.values() if len(same) == 1), default=0)
        for text, (first, *more) in sorted(by_text.items(), key=lambda found: len(found[1]) > 1):
            if more:
                self.line(text)
                self.line((", ".join(i.id for i in (first, *more)), _STYLES[first.state]), indent=2)
            elif column + len(text) + len(first.points) + 10 <= self.width:
                self.ends(Text.assemble((f"{first.id:<{column}}", f"bold {_STYLES[first.state]}"), f"  {text}"), in_points(first.points))
            else:
                self.ends(Text(first.id, f"bold {_STYLES[first.state]}"), in_points(first.points))
                self.line(text, indent=2)

    def labelled(self, label: str, text: str) -> None:
        """``  label          text``, the text's further lines below its first."""
        self.rows((label, text, ""))

    def command(self, label: str, text: str) -> None:
        """As `labelled`, and several lines are still one command for a shell: no word of it is broken."""
        room = self.width - _LABEL - 4  # "  ", and " \\" at the end
        lines = [""]
        for word in _WORD.findall(text):
            if lines[-1] and len(lines[-1]) + len(word) > room:
                lines.append("")
            lines[-1] += word if lines[-1] else word.lstrip()
        for n, line in enumerate(lines, 1):
            self._add(Text(f"  {'' if n > 1 else label:<{_LABEL}}{line}" + (" \\" if n < len(lines) else "")))

    def rows(self, *rows: tuple[str, str, str]) -> None:
        """Label, value and remark in three columns; remarks go below the values where there is no room beside them."""
        room = self.width - _LABEL - 2
        column = max(len(line) for _, value, _ in rows for line in value.split("\n"))
        beside = all(column + 2 + len(remark) <= room and "\n" not in value for _, value, remark in rows)
        for label, value, remark in rows:
            text = Text(f"{value:<{column}}  " if beside and remark else value)
            text.append(remark if beside else f"\n{remark}" if remark else "", "dim")
            lines = list(self._wrapped(text, room))
            above = len(label) >= _LABEL and len(lines) > 1  # beside it the first row of a matrix would stand to the right of the others
            if above:
                self._add(Text(f"  {label}"))
            for n, line in enumerate(lines):
                self._add(Text(f"  {'' if n or above else label:<{_LABEL - 1}} ").append_text(line))

    def evidence(self, e: EvidenceView) -> None:
        match e:
            case ContrastView():
                self.contrast(e)
            case BlocksView(rows):
                for b in rows:
                    should = f", should be {b.expected}" if b.expected else ""
                    worst = "" if b.right else f"worst at {b.worst}: {b.returned}{should}"
                    self.labelled(f"{'✓' if b.right else '✗'} {b.name}", f"{b.differ} differ   {worst}".rstrip())
            case PlotView():
                self.labelled("by step", e.reading or e.title)
            case TracebackView():
                for at in (line for line in e.lines if not line.said):
                    again = ", several times" if at.repeated else ""
                    self.line(f"{at.where.text}, in {at.function}{again}: ", (at.text, "bold"), indent=2)
                if e.error:
                    self.line((e.error, "red"), indent=2)
                self.given(e.call, e.inputs)
            case PrintedView(text):
                self.labelled("printed", text.strip())
            case _:
                assert_never(e)

    def contrast(self, c: ContrastView) -> None:
        short = all("\n" not in text for _, text, _ in c.inputs) and sum(len(text) for _, text, _ in c.inputs) < _SHORT
        remark = ", ".join([f"for {c.call}", *(f"{name} = {text}" for name, text, _ in c.inputs)]) if short else ""
        if not (c.returned and short):
            self.given(c.call, c.inputs)
        if not c.returned:
            return
        source = f"{c.source} ({c.tolerance})" if c.tolerance else c.source
        equal = "should say" if c.says else "should equal"
        should = (equal, self.fitted(c.expected, c.expected_shape), source) if c.expected else ("should be", c.source, "")
        self.rows(("it says" if c.says else "you returned", self.fitted(c.returned, c.returned_shape), remark), should)
        if c.facts:
            self.line(f"{c.facts}.", indent=2)

    def given(self, call: str, inputs: tuple[tuple[str, str, str], ...]) -> None:
        if call:
            self.labelled("for", call)
        for name, text, shape in inputs:
            self.labelled(f"with {name}", self.fitted(text, shape))

    def fitted(self, text: str, shape: str) -> str:
        """A vector that numpy broke for a wider line, as one line: wrapped at this width it stays readable."""
        too_wide = any(len(line) > self.width - _LABEL - 2 for line in text.split("\n"))
        return " ".join(text.split()) if too_wide and shape.endswith(",)") else text

    def total(self, page: PageView) -> None:
        self.line("")
        for comment in page.comments:
            self.line((comment, "yellow"))
        for label, value in page.sums[:-1]:
            self.line(f"{value:>{_NUMBER}}  {label}")
        self.line((f"{page.score} of {in_points(page.possible)}{page.scope}", "bold"), f"   {page.tally}")
        if page.ungraded:
            self.line((f"{page.ungraded}.", _STYLES["ungraded"]))
