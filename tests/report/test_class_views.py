"""Decisions of the class page: what is shown, in which words, marked how."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from grader.core.classbook import Adjustment, ClassBook, Override, Person, Row, Score, Status
from grader.core.verdict import Outcome
from grader.report.anonymous import anonymous
from grader.report.class_views import ClassBounds, ClassPageView, _percent, class_view
from grader.report.classpage import to_class_page
from grader.report.views import item_anchor
from tests.report.class_sample import book, row, score


def page(*rows: Row, bounds: ClassBounds | None = None, **rest: object) -> ClassPageView:
    """The view of a class with these rows."""
    return class_view(book(*rows, **rest), bounds or ClassBounds(), anonymous=False)


def test_an_ungraded_item_is_a_question_mark_and_its_total_is_not_final() -> None:
    """Never a zero."""
    (shown,) = page(row("A", 4, None)).rows
    assert [(c.state, c.text) for c in shown.cells] == [("", "4"), ("u", "?")]
    assert (shown.total, shown.final, shown.status) == ("4", False, "partly ungraded")


@pytest.mark.parametrize("status", [Status.ABSENT, Status.UNREADABLE, Status.FAILED])
def test_who_was_not_graded_has_dashes(status: Status) -> None:
    """Neither points nor a total, whatever the reason."""
    shown = page(row("A", 4), row("B", status=status)).rows[1]
    assert ([c.text for c in shown.cells], shown.total, shown.subtotal, shown.status) == (["–"], "–", "–", status.value)


def test_every_outcome_can_be_told_without_colour() -> None:
    """By its points, and by a sign where points do not tell."""
    outcomes = {Outcome.MET: 4, Outcome.PARTLY: 2, Outcome.NOT_MET: 0, Outcome.NOT_ATTEMPTED: 0, Outcome.BLOCKED: 0, Outcome.UNGRADED: None}
    scores = {f"f.{n}": Score(None if p is None else Fraction(p), o) for n, (o, p) in enumerate(outcomes.items())}
    (shown,) = page(row("A", scores=scores)).rows
    assert [c.text for c in shown.cells] == ["4", "2", "0", "○\u00a00", "⊘\u00a00", "?"]
    assert len({c.state for c in shown.cells}) == 6


def test_what_a_person_decided_shows_in_the_cell_and_is_explained() -> None:
    """The cell has the person's points and leads to who, when, why, and from what; colours follow the points that count."""
    override = Override("a", "f.0", Fraction(4), "Right by another convention.", "R. Meyer", "2026-03-20")
    decided = score(1, reason="value", override=override)
    shown = page(row("A", scores={"f.0": decided}, status=Status.GRADED, report="r/a.html"))
    (cell,), (decision,) = shown.rows[0].cells, shown.decisions
    assert (cell.state, cell.text, cell.anchor) == ("", "4", decision.anchor)
    assert (decision.report, decision.item, decision.change) == (("A", f"./r/a.html#{item_anchor('f.0')}"), "f.0", "1 → 4")
    assert (decision.note, decision.by) == ("Right by another convention.", "R. Meyer, 2026-03-20")


def test_a_person_can_give_points_for_what_was_not_attempted_or_not_judged() -> None:
    """The sign of the outcome goes, and the change says from what."""
    scores = {
        "f.0": Score(Fraction(0), Outcome.NOT_ATTEMPTED, override=Override("a", "f.0", Fraction(2), "", "", "")),
        "f.1": Score(None, Outcome.UNGRADED, override=Override("a", "f.1", Fraction(0), "", "", "")),
        "f.2": Score(None, Outcome.UNGRADED, override=Override("a", "f.2", None, "Look at this.", "", "")),
    }
    shown = page(row("A", scores=scores))
    assert [(c.state, c.text) for c in shown.rows[0].cells] == [("p", "2"), ("n", "0"), ("u", "?")]
    assert [d.change for d in shown.decisions] == ["0 → 2", "ungraded → 0", ""]


def test_notes_on_the_whole_are_listed_and_linked_from_the_name() -> None:
    """Two notes are two entries with places of their own; the first is linked."""
    notes = tuple(Override("a", "", None, note, "me", "") for note in ("one", "two"))
    shown = page(row("A", 4, comments=notes))
    assert [d.note for d in shown.decisions] == ["one", "two"]
    assert len({d.anchor for d in shown.decisions}) == 2
    assert shown.rows[0].anchor == shown.decisions[0].anchor
    assert shown.decisions[0].item == "the whole"


def test_a_deduction_is_a_column_of_its_own() -> None:
    """Items, what being late costs with its sentence, and the total; the columns are there only if anyone has one."""
    late = Adjustment("1 day late, 10 % of the points", Fraction("-0.8"))
    shown = page(row("A", 4, 4, adjustments=(late,), when=datetime(2026, 3, 1, 9, 5, tzinfo=UTC), late=True))
    (line,) = shown.rows
    assert (line.subtotal, line.adjustments, line.total) == ("8", (("−0.8", "1 day late, 10 % of the points"),), "7.2")
    assert (line.when, line.late, shown.adjusted, shown.dated) == ("2026-03-01 09:05", "late", True, True)
    plain = page(row("A", 4))
    assert (plain.adjusted, plain.dated) == (False, False)


def test_who_needs_a_person_is_listed_with_why() -> None:
    """Failed first, then unreadable, then partly ungraded; graded and absent ones need nobody."""
    shown = page(row("A", 4), row("B", 4, None), row("C", status=Status.UNREADABLE, remarks=("x.zip is no archive.",)), row("D", status=Status.FAILED), row("E"))
    assert [(one.report.name, one.status, one.why) for one in shown.looks] == [
        ("D", "failed", ()), ("C", "unreadable", ("x.zip is no archive.",)), ("B", "partly ungraded", ("Ungraded: f.1.",))]


def test_whose_lateness_a_person_has_to_decide_is_listed_by_what_is_asked() -> None:
    """One line for all of whom the same is asked, but for those without points and those who have a person's comment. And nobody is told that nothing is to do."""
    asked = "No time of handing in is known: the late policy was not applied. A person has to decide."
    note = Override("D", "", None, "came in time", "Tutor", "2026-11-21")
    rows = [row("A", 4, doubt=asked), row("B", 4, doubt="is an extension missing?"), row("C", 4, doubt=asked),
            replace(row("D", 4, doubt=asked), comments=(note,)), row("E", 4), row("F", status=Status.UNREADABLE, doubt=asked)]
    shown = page(*rows)
    assert [(d.many, d.what, [r.name for r in d.reports]) for d in shown.doubts] == [
        ("2 submissions", asked, ["A", "C"]), ("1 submission", "is an extension missing?", ["B"])]
    lines = to_class_page(book(*rows))
    assert "Nothing: every submission" not in lines
    assert '<strong class="state">2 submissions</strong>' in lines
    assert "A person has to decide" not in to_class_page(book(*rows), anonymous=True)


def test_a_total_that_a_person_has_to_decide_is_not_final_on_either_page() -> None:
    """As in the exports, which leave the grade empty: neither in the mean nor called final, with names and without."""
    note = Override("D", "", None, "came in time", "Tutor", "2026-11-21")
    rows = [row("A", 4), row("B", 0, doubt="When did it come?"), replace(row("D", 2, doubt="When did it come?"), comments=(note,))]
    for shown in (page(*rows), class_view(anonymous(book(*rows)), ClassBounds(), anonymous=True)):
        assert (shown.final, shown.waiting, shown.mean) == (2, 1, "3")
        assert sorted((line.total, line.final) for line in shown.rows) == [("0", False), ("2", True), ("4", True)]
    assert shown.doubts == ()


def test_lists_are_bounded_and_say_what_is_left() -> None:
    """Nothing ends in silence."""
    bounds = ClassBounds(listed=2, cells=6)
    rows = [row(n, None, 1) for n in "ABCDE"]
    shown = page(*rows, bounds=bounds, unrecognised={str(n): "no" for n in range(5)})
    assert (len(shown.looks), shown.looks_more) == (2, 3)
    assert (len(shown.rows), shown.rows_more) == (2, 3)
    assert (len(shown.unrecognised), shown.unrecognised_more) == (2, "And 3 more entries that were not graded.")


def test_remarks_that_are_left_out_are_counted_and_long_ones_are_cut_between_words() -> None:
    """Four of a row, and how many more there are."""
    (shown,) = page(row("A", 4, remarks=("word " * 100, *"bcdef"))).rows
    assert shown.remarks[0] == ("word " * 80)[:-1] + "…"
    assert shown.remarks[1:] == ("b", "c", "d", "… and 2 more")


def test_more_decisions_than_are_listed_are_still_marked() -> None:
    """A cell whose decision is not listed has the sign without a link."""
    rows = [row(n, scores={"f.0": score(0, override=Override(n, "f.0", Fraction(4), "", "", ""))}) for n in "ABC"]
    shown = page(*rows, bounds=ClassBounds(listed=1))
    assert [(c.text, bool(c.anchor)) for r in shown.rows for c in r.cells] == [("4", True), ("4\u00a0✎", False), ("4\u00a0✎", False)]
    assert shown.decisions_more == 2


def test_items_are_taught_weakest_first_and_unjudged_ones_last() -> None:
    """By the mean share of the points."""
    shown = page(row("A", 4, 0, None, 2), row("B", 4, 2, None, 2))
    assert [t.id for t in shown.teach] == ["f.1", "f.3", "f.0", "f.2"]
    assert [(t.passed, t.mean) for t in shown.teach] == [("0 %", "25 %"), ("0 %", "50 %"), ("100 %", "100 %"), ("–", "–")]


def test_a_mistake_links_to_the_item_in_a_few_reports() -> None:
    """Three reports, and how many more there are."""
    rows = [row(n, 0, scores={"f.0": score(0, diagnosis="divided by N")}, report=f"r/{n}.html") for n in "ABCDE"]
    (mistake,) = page(*rows, row("F", 4)).teach[0].mistakes
    assert (mistake.many, mistake.what, mistake.more) == ("83 %", "divided by N", 2)
    assert mistake.reports[0] == ("A", "./r/A.html#item-f.0")


@pytest.mark.parametrize(("share", "text"), [
    (None, "–"), (Fraction(0), "0 %"), (Fraction(1, 1000), "< 1 %"), (Fraction(5, 1000), "1 %"), (Fraction(41, 100), "41 %"),
    (Fraction(1, 8), "13 %"), (Fraction(999, 1000), "> 99 %"), (Fraction(1), "100 %"),
])
def test_percents_do_not_round_to_none_or_all(share: Fraction | None, text: str) -> None:
    """One who failed among 2000 is not 100 %."""
    assert _percent(share) == text


@pytest.mark.parametrize(("path", "href"), [
    ("reports/u1.html", "./reports/u1.html"),
    ("reports/a b#c?d.html", "./reports/a%20b%23c%3Fd.html"),
    ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
    ("//evil.example/x", ".///evil.example/x"),
    ("\\\\evil.example\\x", "./%5C%5Cevil.example%5Cx"),
    ("x" * 2000, ""),
    ("", ""),
])
def test_a_link_stays_in_the_folder_of_the_run(path: str, href: str) -> None:
    """Whatever a report is called, it is no other scheme, host, query or place."""
    assert page(row("A", 4, report=path)).rows[0].report.href == href


def test_a_row_shows_key_and_address_only_where_they_say_more() -> None:
    """A person whose key is the name is not shown twice; a group shows all of its members."""
    group = (Person("u1", "Ada", "ada@x.org"), Person("Bob", "Bob"))
    (shown,) = page(row("x", 4, persons=group)).rows
    assert (shown.report.name, shown.detail) == ("Ada, Bob", "u1 · ada@x.org")


def test_an_interrupted_run_says_how_many_wait() -> None:
    """In the singular too; a complete one says nothing."""
    assert page(row("A", 4)).interrupted == ""
    assert "3 submissions are still waiting" in page(row("A", 4), complete=False, waiting=3).interrupted
    assert "1 submission is still waiting" in page(row("A", 4), complete=False, waiting=1).interrupted


def test_an_empty_class_has_a_view() -> None:
    """No items, no rows: no error."""
    shown = class_view(ClassBook("a", "A", (), ()), ClassBounds(), anonymous=False)
    assert (shown.tally, shown.mean, shown.histogram, shown.rows) == ("0 rows", "–", None, ())
