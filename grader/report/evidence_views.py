"""Evidence as a reader sees it: cleaned, bounded, and with pictures of what a picture tells better."""

from collections.abc import Sequence
from itertools import groupby
from typing import Literal, NamedTuple, assert_never

from grader.audience import NOT_SHOWN
from grader.core.evidence import BlockRow, Blocks, Contrast, Evidence, Input, Printed, Shown, StepPlot, Traceback, TraceLine
from grader.report.figures import HeatMap, Plot, heat_map, plot
from grader.report.listing import Link, Listing
from grader.report.text import Bounds

_QUOTED = 80
"""Characters that `Unparsable.message` quotes of a line."""


class ContrastView(NamedTuple):
    """Returned against should-be."""

    call: str
    inputs: tuple[tuple[str, str, str], ...]
    """(name, text, shape)"""
    returned: str
    """Empty where the call did not return: then nothing is compared."""
    returned_shape: str
    expected: str
    """Empty where only a property was asked for."""
    expected_shape: str
    source: str
    tolerance: str
    facts: str
    heat: HeatMap | None
    says: bool
    """Whether it is compared what the function says, in what it printed, and not what it returned."""
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
    said: bool
    """Whether place and text stand in the item's message."""


class TracebackView(NamedTuple):
    """An exception."""

    error: str
    """Empty if the item's message has it."""
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


class EvidenceViewer:
    """What evidence becomes on a page with this listing of the source."""

    def __init__(self, listing: Listing, bounds: Bounds) -> None:
        self.listing, self.bounds = listing, bounds
        self.line, self.text = bounds.line, bounds.lines

    def views(self, evidence: Sequence[Evidence], message: str = "") -> tuple[EvidenceView, ...]:
        """As many as there is room for; what the item's message says of an exception is not said again."""
        says = any(isinstance(e, Printed) for e in evidence)
        told = [e for e in evidence if not _is_in_full(e, evidence)]
        return _pictured_once(tuple(self._view(e, message, says=says) for e in told[: self.bounds.evidence]))

    def _view(self, evidence: Evidence, message: str, *, says: bool) -> EvidenceView:
        match evidence:
            case Contrast():
                return self._contrast(evidence, says=says)
            case Blocks(rows):
                return BlocksView(tuple(self._block(r) for r in rows[: self.bounds.many]))
            case StepPlot():
                return PlotView(self.line(evidence.title), self.text(evidence.reading), plot(evidence))
            case Traceback():
                return self._traceback(evidence, message)
            case Printed(text):
                return PrintedView(self.text(text), f"{len(text):,} characters")
            case _:
                assert_never(evidence)

    def _contrast(self, c: Contrast, *, says: bool) -> ContrastView:
        expected = c.expected or Shown("")
        tolerance = "" if c.rtol is None or c.atol is None else f"rtol {_short(c.rtol)}, atol {_short(c.atol)}"
        return ContrastView(
            call=self._call(c.call, c.inputs), inputs=self._inputs(c.inputs),
            returned=self.text(c.returned.text), returned_shape=_shape(c.returned.shape),
            expected=self.text(expected.text), expected_shape=_shape(expected.shape),
            source=self.line(c.source), tolerance=tolerance, facts=_facts_of(c), heat=heat_map(c.errors, c.returned.shape), says=says,
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

    def _traceback(self, t: Traceback, message: str) -> TracebackView:
        lines = tuple(self._trace_line(at, message, repeated=len(list(same)) > 1) for at, same in groupby(t.lines[-self.bounds.many:]))
        # of a syntax error Python adds the place
        bare = t.message.removesuffix(f" ({t.lines[-1].file}, line {t.lines[-1].line})" if t.lines else "").rstrip(".")
        said = (t.type in message and bare in message) or (bare != "" and message.rstrip(".").endswith(f": {bare}"))
        error = "" if said else self.text(f"{t.type}: {t.message}" if t.message else t.type)
        return TracebackView(error, lines, self._call(t.call, t.inputs), self._inputs(t.inputs))

    def _trace_line(self, at: TraceLine, message: str, *, repeated: bool) -> TraceLineView:
        place = f"{at.file}, line {at.line}"
        said = message.startswith(f"{place}:") and repr(at.text.strip()[:_QUOTED]) in message
        where = self.listing.link(at.file, at.line, self.line(place))
        return TraceLineView(where, self.line(at.function), self.line(at.text.strip()), repeated, said)


def _is_in_full(evidence: Evidence, beside: Sequence[Evidence]) -> bool:
    """Whether this is a table of one block, of which a contrast shows every entry."""
    if not isinstance(evidence, Blocks) or len(evidence.rows) != 1:
        return False
    (row,) = evidence.rows
    pictures = (c for c in beside if isinstance(c, Contrast) and "..." not in c.returned.text)
    return any((c.errors, c.differ, c.of) == (row.errors, row.differ, row.of) for c in pictures)


def _pictured_once(evidence: tuple[EvidenceView, ...]) -> tuple[EvidenceView, ...]:
    """Without the pictures of arrays that a table of blocks has already."""
    seen = {row.heat for e in evidence if isinstance(e, BlocksView) for row in e.rows}
    return tuple(e._replace(heat=None) if isinstance(e, ContrastView) and e.heat in seen else e for e in evidence)


def _number(value: float | None) -> str:
    """A number of the evidence, four significant digits; None is a dash."""
    return "–" if value is None else f"{value:.4g}"


def _index(at: tuple[int, ...] | None) -> str:
    """An index as Python writes it: ``[0, 2]``; empty for a scalar's."""
    return f"[{', '.join(map(str, at))}]" if at else ""


def _shape(shape: tuple[int, ...] | None) -> str:
    return f"shape {shape}" if shape else ""  # a number has none to speak of


def _facts_of(c: Contrast) -> str:
    """``3 of 6 entries differ; first at [0, 0]; worst at [1, 2], off by 0.5``."""
    differ = "differ" if c.expected or c.source == NOT_SHOWN else "are not"  # as behind "should be finite numbers"
    some = f"{c.differ} of {c.of} entries {differ}" if c.differ and c.of > 1 else ""
    first = f"first at {_index(c.first)}" if c.first else ""
    worst = f"worst at {_index(c.worst)}" if c.worst and c.worst != c.first else ""
    off = "" if c.worst_error is None else f"off by {_number(c.worst_error)}"
    return "; ".join(filter(None, (some, first, ", ".join(filter(None, (worst, off))))))


def _short(value: float) -> str:
    """``1e-9`` rather than Python's ``1e-09``."""
    return f"{value:g}".replace("e-0", "e-")
