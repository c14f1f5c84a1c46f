"""Decisions of the views: what is shown, in which words, and what leads where."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest

from grader.audience import NOT_SHOWN
from grader.core.audience import Visibility, Withheld
from grader.core.classbook import Adjustment, Decided, Override
from grader.core.evidence import BlockRow, Blocks, Contrast, Input, Shown, StepPlot, Traceback, TraceLine
from grader.core.reason import Reason
from grader.core.report import Conditions, GradeReport, ItemResult, SourceText, Submitted
from grader.core.verdict import Outcome, Verdict, met, not_met, ungraded
from grader.report.evidence_views import BlocksView, ContrastView, TracebackView
from grader.report.figures import heat_map, plot
from grader.report.html import to_html
from grader.report.text import Bounds
from grader.report.views import GLYPHS, PageView, view


def report(*verdicts: Verdict, source: str = "def f(x):\n    return x\n", isolation: str = "B") -> GradeReport:
    """A report with one item of 2 points per verdict."""
    items = tuple(ItemResult(f"f.{n}", "1a", "t", Fraction(2), "f", v, "grade") for n, v in enumerate(verdicts))
    files = (SourceText("submit.py", source, {"f": 1}),)
    return GradeReport("a", "A", Submitted("submit.py", "0", files), items, Conditions(1, isolation, (), ("the network",), "", "", {}), {})


def test_every_outcome_has_a_sign_of_its_own() -> None:
    """Two outcomes never look alike, even without colour."""
    assert set(GLYPHS) == set(Outcome)
    assert len(set(GLYPHS.values())) == len(Outcome)


def test_the_bar_has_three_parts() -> None:
    """Earned, ungraded and lost points are told apart, and none is counted as another."""
    bar = view(report(met(), met(), ungraded(Reason.HOST, ""), not_met(Reason.VALUE, ""))).bar
    assert (bar.earned, bar.ungraded) == (50.0, 25.0)
    assert bar.label == "4 of 8, 2 ungraded"


def test_lost_items_are_open_and_met_ones_folded() -> None:
    """What needs reading is open."""
    (section,) = view(report(met(), not_met(Reason.VALUE, "no"), ungraded(Reason.HOST, "?"))).sections
    assert [i.open for i in section.items] == [False, True, True]


def decided(points: int | None = None, **more: object) -> Decided:
    """A decision on item f.0, and more."""
    override = Override("ann", "f.0", None if points is None else Fraction(points), "see p. 3", "Tutor", "2026-11-21")
    return Decided({"f.0": override}, **more)  # type: ignore[arg-type]


def test_a_persons_points_count_and_the_graders_are_struck() -> None:
    """In the item, its section, the bar and the score; the item is open, also if it was met or blocked."""
    page = view(replace(report(met(), ungraded(Reason.HOST, "")), decided=decided(1)))
    (section,) = page.sections
    first, second = section.items
    assert (first.points, first.struck, first.open) == ("1 of 2", "2", True)
    assert first.decided == "1 of 2 points by Tutor, 2026-11-21: see p. 3"
    assert (second.struck, second.decided) == ("", "")
    assert (page.score, page.bar.earned, section.bar.label) == ("1", 25.0, "1 of 4, 2 ungraded")


def test_what_a_person_graded_is_not_ungraded_any_more() -> None:
    """Points in place of none."""
    page = view(replace(report(ungraded(Reason.HOST, "")), decided=decided(0)))
    assert (page.ungraded, page.sections[0].items[0].struck) == ("", "–")


def test_a_note_alone_strikes_nothing() -> None:
    """The grader's points count."""
    item = view(replace(report(met()), decided=decided())).sections[0].items[0]
    assert (item.points, item.struck, item.decided) == ("2 of 2", "", "Tutor, 2026-11-21: see p. 3")


def test_each_adjustment_is_a_line_above_the_total() -> None:
    """Rounded once: the total is the row's own, and no sum of rounded numbers."""
    third = Fraction(1, 3)
    late = (Adjustment("1 day late", -third), Adjustment("again", -third))
    page = view(replace(report(met()), decided=Decided(adjustments=late, total=2 - 2 * third)))
    assert page.sums == (("All items", "2"), ("1 day late", "-0.33"), ("again", "-0.33"), ("Total", "1.33"))
    assert (page.score, page.title) == ("1.33", "submit.py – 1.33 of 2 points")
    assert view(report(met())).sums == ()


def test_without_a_total_an_adjustment_is_a_sentence() -> None:
    """Of a student's report that leaves items out; no number of it is anywhere."""
    left_out = replace(report(met()), withheld=(Withheld(Visibility.HIDDEN, 1),), decided=Decided(without_points=("2 days late",)))
    page = view(left_out)
    assert page.comments == ("2 days late. This is taken off the total, which is not shown here.",)
    assert (page.sums, page.score, page.scope) == ((), "2", " for the public items")


def test_a_hostile_note_is_cleaned_and_bounded() -> None:
    """Notes come from a file of the instructor's, which may hold what a student wrote."""
    note = Override("a", "", None, "\x1b[2J" + "x" * 5000, "T", "2026")
    (said,) = view(replace(report(met()), decided=Decided(comments=(note,)))).comments
    assert said.startswith("T, 2026: ␛[2J")
    assert len(said) < 2100


def test_without_a_message_or_hint_the_reason_speaks() -> None:
    """A verdict that says nothing gets its reason's sentence and hint; one that speaks is left alone."""
    (section,) = view(report(not_met(Reason.MISSING, ""), not_met(Reason.MISSING, "No f.", hint="Write f."))).sections
    assert (section.items[0].message, section.items[0].hint) == (Reason.MISSING.sentence, Reason.MISSING.hint)
    assert (section.items[1].message, section.items[1].hint) == ("No f.", "Write f.")


def test_a_lost_item_and_its_function_are_linked_both_ways() -> None:
    """The item leads to the line of the function, and that line back to the item; a met item marks nothing."""
    page = view(report(met(), not_met(Reason.VALUE, "no")))
    lost = page.sections[0].items[1]
    line = page.files[0].lines[0]
    assert lost.defined is not None
    assert lost.defined.anchor == line.anchor == "f1-L1"
    assert [m.anchor for m in line.marks] == [lost.anchor] == ["item-f.1"]


def test_a_traceback_leads_to_the_line_that_raised() -> None:
    """Lines on the page are links; a line of a file that is not there is text alone."""
    trace = Traceback("ValueError", "no", (TraceLine("submit.py", 2, "f", "return x"), TraceLine("other.py", 2, "g", "y")))
    page = view(report(not_met(Reason.RAISED, "", trace)))
    evidence = page.sections[0].items[0].evidence[0]
    assert isinstance(evidence, TracebackView)
    assert [line.where.anchor for line in evidence.lines] == ["f1-L2", ""]
    assert page.files[0].lines[1].marks[0].anchor == "item-f.0"


def test_lines_of_source_are_counted_as_python_counts_them() -> None:
    """Any line ending ends a line; a form feed or a Unicode separator does not."""
    lines = view(report(met(), source="a\r\nb\rc\x0cd\u2028e\nf\n")).files[0].lines
    assert [(n.anchor, n.text) for n in lines] == [("f1-L1", "a"), ("f1-L2", "b"), ("f1-L3", "c␌d\\u2028e"), ("f1-L4", "f")]


def test_source_beyond_the_bound_is_left_out_and_nothing_links_there() -> None:
    """The page says how many lines are missing, and a link to one of them is plain text."""
    long = report(not_met(Reason.VALUE, "no"), source="x\n" * 50)
    long = replace(long, submission=replace(long.submission, files=(replace(long.submission.files[0], functions={"f": 40}),)))
    page = view(long, Bounds(source=81 * 30))
    assert len(page.files[0].lines) == 30
    assert page.files[0].omitted == "20 more lines are not shown."
    defined = page.sections[0].items[0].defined
    assert defined is not None
    assert (defined.anchor, defined.text) == ("", "line 40 of submit.py")


@pytest.mark.parametrize(("isolation", "loud"), [("A", False), ("B", False), ("E", True), ("D", True), ("F", True), ("none", True)])
def test_weak_isolation_is_said_at_the_top(isolation: str, loud: bool) -> None:
    """Below the levels that contain the code, a banner says so and names what did not hold."""
    found = report(met(), isolation=isolation)
    banner = view(found).banner
    assert bool(banner) is loud
    assert banner.startswith("No isolation: ") is (isolation == "none")
    assert ("<p>Not held: the network.</p>" in to_html(found)) is loud


def test_an_empty_report_has_a_page() -> None:
    """No items: nothing is divided by zero."""
    page: PageView = view(report())
    assert (page.score, page.possible, page.sections, page.tally) == ("0", "0", (), "")


def test_facts_of_a_contrast_read_as_a_sentence() -> None:
    """How many, where first, where worst and by how much; nothing is said of a lone number but its error."""
    def facts(**changes: object) -> str:
        c = replace(Contrast("f", (), Shown("1", (2, 2)), Shown("2", (2, 2)), "the reference"), **changes)  # type: ignore[arg-type]
        found = view(report(not_met(Reason.VALUE, "", c))).sections[0].items[0].evidence[0]
        assert isinstance(found, ContrastView)
        return found.facts

    assert facts(differ=3, of=4, first=(0, 1), worst=(1, 0), worst_error=0.5) == (
        "3 of 4 entries differ; first at [0, 1]; worst at [1, 0], off by 0.5")
    assert facts(differ=1, of=4, first=(0, 1), worst=(0, 1), worst_error=0.5) == "1 of 4 entries differ; first at [0, 1]; off by 0.5"
    assert facts(differ=4, of=4, first=(0, 0), worst=(1, 1)) == "4 of 4 entries differ; first at [0, 0]; worst at [1, 1]"
    assert facts(differ=1, of=1, first=(), worst=(), worst_error=0.5) == "off by 0.5"
    assert facts(expected=None, source="finite numbers", differ=2, of=4, first=(0, 1)) == "2 of 4 entries are not; first at [0, 1]"
    assert facts(expected=None, source=NOT_SHOWN, differ=2, of=4, first=(0, 1)) == "2 of 4 entries differ; first at [0, 1]"


def test_an_array_is_pictured_once() -> None:
    """Where the table of blocks has the heat-map of an array, its contrast has none; another array's stays."""
    errors, other = ((1.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (0.0, 1.0))
    def contrast(errors: tuple[tuple[float, ...], ...]) -> Contrast:
        return Contrast("f", (), Shown("1", (2, 2)), Shown("2", (2, 2)), "the reference", errors=errors)

    verdict = not_met(Reason.VALUE, "no", Blocks((BlockRow("W1", (2, 2), 2, 4, errors=errors),)), contrast(errors), contrast(other))
    blocks, same, differs = view(report(verdict)).sections[0].items[0].evidence
    assert isinstance(blocks, BlocksView)
    assert isinstance(same, ContrastView)
    assert isinstance(differs, ContrastView)
    assert (blocks.rows[0].heat is None, same.heat is None, differs.heat is None) == (False, True, False)


def test_a_line_that_is_repeated_in_a_traceback_stands_there_once() -> None:
    """An endless recursion is one line, said to be repeated; other lines stay in their order."""
    again, first = TraceLine("submit.py", 2, "f", "return f(x)"), TraceLine("submit.py", 1, "g", "return f(x)")
    (evidence,) = view(report(not_met(Reason.RAISED, "", Traceback("RecursionError", "", (first, again, again, again))))).sections[0].items[0].evidence
    assert isinstance(evidence, TracebackView)
    assert [(line.function, line.repeated) for line in evidence.lines] == [("g", False), ("f", True)]


def test_a_number_has_no_shape_to_speak_of() -> None:
    """Nobody reads ``shape ()``; that of an array stays."""
    c = Contrast("f", (Input("x", Shown("1", ())),), Shown("[1.]", (1,)), Shown("2", ()), "the reference")
    (evidence,) = view(report(not_met(Reason.VALUE, "", c))).sections[0].items[0].evidence
    assert isinstance(evidence, ContrastView)
    assert (evidence.inputs, evidence.returned_shape, evidence.expected_shape) == ((("x", "1", ""),), "shape (1,)", "")


def test_a_heat_map_shows_decades_below_the_largest_error() -> None:
    """Within a decade of the largest is the strongest level; rounding noise stays blank; what is not finite has a level of its own."""
    found = heat_map([[1.0, 0.11, 0.09], [0.009, 0.0009, 1.1e-6], [0.9e-6, 0.0, None]], (3, 3))
    assert found is not None
    assert [(c.x, c.y, c.level) for c in found.cells] == [
        (0, 0, "4"), (1, 0, "4"), (2, 0, "3"), (0, 1, "2"), (1, 1, "1"), (2, 1, "1"), (2, 2, "nan")]
    assert found.cells[2].label == "[0, 2]: off by 0.09"
    assert "7 entries stand out, the largest is off by 1" in found.label


def test_a_heat_map_that_says_nothing_is_not_drawn() -> None:
    """No entries, few entries, or none that is off."""
    assert heat_map([], None) is None
    assert heat_map([[1.0, 2.0, 3.0]], (3,)) is None
    assert heat_map([[0.0] * 4], (4,)) is None


def test_a_heat_map_of_a_part_says_so() -> None:
    """Large arrays are cut to their first rows and columns."""
    found = heat_map([[1.0] * 24] * 24, (100, 100))
    assert found is not None
    assert found.note == "The first 24 × 24 entries."


def test_a_plot_lies_within_its_axes() -> None:
    """Points are mapped to 0..1 by their logarithm, between whole decades."""
    found = plot(StepPlot("t", (1e-2, 1e-4), (1e-1, 1e-3), (1e-5, 1e-5)))
    assert found is not None
    assert found.curves[0].points == ((1.0, 1.0), (0.0, 0.5))
    assert found.curves[1].points == ((1.0, 0.0), (0.0, 0.0))
    assert [(t.at, t.label) for t in found.x] == [(0.0, "1e-4"), (0.5, "1e-3"), (1.0, "1e-2")]


@pytest.mark.parametrize("errors", [(), (0.5,), (math.nan, math.inf), (0.5, math.nan)])
def test_a_plot_of_less_than_two_points_is_not_drawn(errors: tuple[float, ...]) -> None:
    """There is no curve through one point."""
    assert plot(StepPlot("t", (1e-2, 1e-4), errors)) is None


def test_an_error_of_zero_sits_at_the_foot() -> None:
    """A logarithmic axis has no 0; the curve goes on at its foot. Equal values still span a decade."""
    found = plot(StepPlot("t", (1e-2, 1e-4), (0.0, 1.0)))
    assert found is not None
    assert found.curves[0].points == ((1.0, 0.0), (0.0, 1.0))
    flat = plot(StepPlot("t", (1e-2, 1e-2), (1.0, 1.0)))
    assert flat is not None
    assert flat.curves[0].points[0] == (0.0, 0.0)
