"""What students may see: nothing of an item that is left out, and of the others as much as the course shows."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from rich.console import Console

from grader.audience import NOT_SHOWN, as_shown, for_student, is_public, public, sentence
from grader.checks.values import ValuesCheck
from grader.core.audience import FeedbackPolicy, Show, Visibility, Withheld
from grader.core.classbook import Adjustment, Decided, Override
from grader.core.evidence import BlockRow, Blocks, Contrast, Shown, StepPlot
from grader.core.late import LatePolicy
from grader.core.reason import Reason
from grader.core.report import GradeReport, ItemResult
from grader.core.verdict import Outcome, Verdict, met, not_met
from grader.report.github import annotations, outputs, summary
from grader.report.html import to_html
from grader.report.json import to_json
from grader.report.junit import to_junit
from grader.report.platforms import PLATFORMS, Circumstances, Graded
from grader.report.terminal import print_report
from grader.rubric import Rubric, RubricItem
from tests.audience.marked import DUE, PUBLISHED, Drawn, draw, with_decisions


def terminal(report: GradeReport) -> str:
    """The report as it is printed, on lines that break no mark."""
    console = Console(file=io.StringIO(), width=100)
    print_report(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


FILES = {
    "html": to_html, "json": to_json, "junit": to_junit, "terminal": terminal, "github summary": summary,
    "github annotations": lambda report: "\n".join(annotations(report, Path("hw.py"), Path.cwd())),
    "github outputs": lambda report: outputs(report, {"html": Path("hw.html")}, "fence"),
}


ENVIRONMENT = {
    "CLASSROOM": "c", "ASSIGNMENT": "a", "SUBMISSION_TAG": "submit/1", "USERNAME": "ann", "MODE": "individual",
    "COMMIT_URL": "https://github.com/o/r/commit/" + "ab" * 20, "RELEASE_URL": "https://github.com/o/r/r", "REVIEW_URL": "https://github.com/o/r/p",
}


def platforms(case: Drawn, student: GradeReport) -> dict[str, str]:
    """What students get to read there; Gradescope keeps the tests that are not visible from them by itself."""
    asked = replace(case.report, items=tuple(i for i in case.report.items if i.id in {s.id for s in student.items}))
    circumstances = Circumstances(now=case.moment, environment=ENVIRONMENT)
    files = {
        f"{name} {file}": text for name, platform in PLATFORMS.items()
        for file, text in platform.result(Graded(case.report if platform.hides else asked, student, case.rubric), circumstances).items()
    }
    scope = json.loads(files["gradescope results.json"])
    shown = {i.id for i in student.items}
    scope["tests"] = [t for t in scope["tests"] if t["extra_data"]["id"] in shown]
    return files | {"gradescope results.json": json.dumps(scope)}


def seen(mark: str, text: str) -> bool:
    """Whether the mark, or the number in it however it is written, stands in the text."""
    return mark in text or (mark.endswith(".0") and re.search(rf"(?<![\d#x]){mark[:-2]}(?!\d)", text) is not None)


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_no_secret_is_in_any_file_that_a_student_gets(first: int) -> None:
    """200 random rubrics and reports: no id, title, input, value or text beyond what the course shows, in any output."""
    for seed in range(first, first + 20):
        case = with_decisions(draw(seed), seed)
        report = for_student(case.report, case.rubric, case.moment)
        texts = {name: render(report) for name, render in FILES.items()} | platforms(case, report)
        for name, text in texts.items():
            assert [m for m in case.marks.secret if seen(m, text)] == [], f"seed {seed}, {name}"


def test_the_marks_are_seen_where_nothing_is_withheld() -> None:
    """The search can find: the full report has every secret mark, and a student's report still has the marks that are public."""
    for seed in range(100):
        case = with_decisions(draw(seed), seed)
        everything = to_json(case.report) + to_html(case.report)
        assert [m for m in case.marks.secret if not seen(m, everything)] == [], seed
        allowed = to_json(for_student(case.report, case.rubric, case.moment))
        assert [m for m in case.marks.public if not seen(m, allowed)] == [], seed


def test_what_is_left_out_is_counted_by_when_it_is_shown() -> None:
    """200 random cases: every item is either in the report or counted, and the counts tell nothing else."""
    for seed in range(200):
        case = draw(seed)
        report = for_student(case.report, case.rubric, case.moment)
        assert sum(w.items for w in report.withheld) == case.withheld
        assert len(report.items) + case.withheld == len(case.report.items)


# ---- by hand ---------------------------------------------------------------------------------------------------------


def line(item_id: str, visibility: Visibility = Visibility.VISIBLE, function: str = "f") -> RubricItem:
    return RubricItem(id=item_id, title=f"title of {item_id}", points=Fraction(2), visibility=visibility, check=ValuesCheck(function=function))


def result(item: RubricItem, verdict: Verdict) -> ItemResult:
    return ItemResult(item.id, "", item.title, item.points, item.check.function, verdict, f"grade hw.py --item {item.id} --seed 3")


def rubric(*items: RubricItem, show: str = "value", late: LatePolicy | None = None, published: datetime | None = PUBLISHED) -> Rubric:
    return Rubric(slug="demo", items=items, late=late or LatePolicy(policy="none", due=DUE),
                  feedback=FeedbackPolicy.model_validate({"show": show, "published": published}))


def report_of(*items: ItemResult) -> GradeReport:
    return replace(draw(0).report, items=items)


def test_decisions_reach_the_student_as_far_as_the_items_do() -> None:
    """With every item shown all is told; with one left out neither its override, nor a note that names it, nor points of the sum."""
    def override(item_id: str, note: str) -> Override:
        return Override("ann", item_id, Fraction(1), note, "Tutor", "2026-03-05")

    a, h = line("a"), line("h", Visibility.HIDDEN)
    of_a, of_h = override("a", "as with h"), override("h", "no")
    comments = (override("", "See h."), override("", "Fine."))
    decided = Decided({"a": of_a, "h": of_h}, comments, (Adjustment("2 days late", Fraction(-1)),), total=Fraction(1))
    full = replace(report_of(result(a, met()), result(h, met())), decided=decided)
    assert for_student(full, rubric(a, line("h")), DUE).decided == decided
    student = for_student(full, rubric(a, h), DUE)
    assert student.decided == Decided({"a": replace(of_a, note="")}, comments[1:], without_points=("2 days late",))
    assert (student.earned, student.total) == (1, 1)
    text = terminal(student)
    assert "2 days late. This is taken off the total, which is not shown here." in text
    assert "1 of 2 points by Tutor, 2026-03-05 (the grader: 2)" in text
    assert "1 of 2 points for the public items" in text


@pytest.mark.parametrize(("message", "reason", "show", "told"), [
    ("f returned 12, but H = 41.", Reason.COUNT, "value", "f returned 12, but H = 41."),
    ("f returned 12, but H = 41.", Reason.COUNT, "relation", Reason.COUNT.sentence),
    ("f returned 12, but H = 41.", Reason.COUNT, "none", Reason.COUNT.sentence),
    ("You forgot the 1/N.", Reason.MISCONCEPTION, "none", "You forgot the 1/N."),
    ("For the same reason as soft.max.", Reason.CANNOT_LOAD, "value", Reason.CANNOT_LOAD.sentence),
    ("For the same reason as soft.maximum.", Reason.CANNOT_LOAD, "value", "For the same reason as soft.maximum."),
    ("", Reason.VALUE, "value", Reason.VALUE.sentence),
    ("", None, "none", ""),
])
def test_one_sentence_tells_no_more_than_a_report(message: str, reason: Reason | None, show: Show, told: str) -> None:
    """No number that should have come out where values are not shown, and no item that is left out."""
    assert sentence(message, reason, show, {"soft.max"}) == told


DAY = timedelta(days=1)


@pytest.mark.parametrize(("visibility", "since"), [
    ("visible", datetime(2020, 1, 1, tzinfo=UTC)), ("after_due_date", DUE), ("after_published", PUBLISHED), ("hidden", None),
])
def test_an_item_is_shown_from_its_time_on(visibility: str, since: datetime | None) -> None:
    """To the second: not just before its time, and from its time on; a hidden one never."""
    item = line("a", Visibility(visibility))
    rules = rubric(item)
    assert is_public(item, rules, datetime(2100, 1, 1, tzinfo=UTC)) is (since is not None)
    if since and visibility != "visible":
        assert not is_public(item, rules, since - timedelta(seconds=1))
        assert is_public(item, rules, since)


@pytest.mark.parametrize(("policy", "closes"), [
    ({"grace": "15 minutes"}, DUE + timedelta(minutes=15)),
    ({"cut_off": "3 days"}, DUE + 3 * DAY),
    ({"cut_off": "3 days", "extensions": {"ann": "2 days"}}, DUE + 5 * DAY),
    ({"extensions": {"ann": DUE + 4 * DAY, "bob": "1 day"}}, DUE + 4 * DAY),
])
def test_an_item_for_after_the_due_date_waits_for_everybody(policy: dict[str, object], closes: datetime) -> None:
    """Who has an extension, or may hand in late, does not learn the item from who is done."""
    item = line("a", Visibility.AFTER_DUE_DATE)
    rules = rubric(item, late=LatePolicy.model_validate({"policy": "per_day", "due": DUE, "percent_per_day": 10, **policy}))
    assert not is_public(item, rules, closes - timedelta(seconds=1))
    assert is_public(item, rules, closes)


def test_what_has_no_known_time_stays_hidden() -> None:
    """No due time, no time of publication: such items are not shown by mistake."""
    items = (line("a", Visibility.AFTER_DUE_DATE), line("b", Visibility.AFTER_PUBLISHED))
    rules = Rubric(slug="demo", items=items)
    assert public(rules, datetime(2100, 1, 1, tzinfo=UTC)).items == ()


def test_the_totals_say_what_they_are_of() -> None:
    """All public items met: no total, no "all tests passed", and the rest is announced."""
    items = [line(f"a{n}") for n in range(5)] + [line(f"b{n}", Visibility.AFTER_DUE_DATE) for n in range(4)] + [line("c", Visibility.HIDDEN)]
    full = report_of(*(result(i, met()) for i in items))
    report = for_student(full, rubric(*items), DUE - DAY)
    assert report.withheld == (Withheld(Visibility.AFTER_DUE_DATE, 4), Withheld(Visibility.HIDDEN, 1))
    said = "5 of 5 public items; 4 further items are graded after the deadline; 1 further item is graded and not shown"
    texts = {name: render(report) for name, render in FILES.items()}
    for name in ("html", "junit", "terminal", "github summary", "github annotations"):
        text = " ".join(texts[name].split())
        assert said in text, name
        assert re.search(r"10 of 10 (points )?for the public items", text), name
    assert "of 20 points" not in "".join(texts.values())


def test_a_run_of_the_public_items_alone_tells_the_same() -> None:
    """What was not even asked is counted from the rubric."""
    shown, hidden = line("a"), line("b", Visibility.HIDDEN)
    rules = rubric(shown, hidden)
    assert public(rules, DUE).items == (shown,)
    both, one = report_of(result(shown, met()), result(hidden, met())), report_of(result(shown, met()))
    assert for_student(both, rules, DUE) == for_student(one, rules, DUE)


def test_a_file_that_cannot_be_loaded_is_explained_at_an_item_that_is_shown() -> None:
    """It was told at a hidden item: the first visible one tells it, the next one refers to that."""
    case = next(c for c in map(draw, range(500)) if _retold(c.report, c.rubric, c.moment))
    first, *rest = [i for i in for_student(case.report, case.rubric, case.moment).items if i.verdict.reason is Reason.CANNOT_LOAD]
    assert first.verdict.message == "hw.py cannot be loaded."
    assert [i.verdict.message for i in rest] == [f"For the same reason as {first.id}."] * len(rest)


def _retold(report: GradeReport, rules: Rubric, moment: datetime) -> bool:
    hidden = {i.id for i in rules.items if not is_public(i, rules, moment)}
    return rules.feedback.show != "none" and sum(i.verdict.see in hidden and i.id not in hidden and i.verdict.reason is Reason.CANNOT_LOAD for i in report.items) > 1


def test_a_note_about_a_helper_goes_if_only_a_hidden_item_tells_why() -> None:
    """The course's softmax stood in for the student's: that gives a hidden item away, unless a visible one was lost as well."""
    note, own = "Judged with the course's g in place of yours, so that one mistake does not cost twice.", "f: float32 was taken for float64"
    a, b, h = line("a"), line("b", function="g"), line("h", Visibility.HIDDEN, "g")
    wrong = not_met(Reason.VALUE, "wrong")
    secret = report_of(result(a, met(note, own)), result(b, met()), result(h, wrong))
    known = report_of(result(a, met(note, own)), result(b, wrong), result(h, wrong))
    assert for_student(secret, rubric(a, b, h), DUE).items[0].verdict.notes == (own,)
    assert for_student(known, rubric(a, b, h), DUE).items[0].verdict.notes == (note, own)


@pytest.mark.parametrize(("text", "stays"), [
    ("Mend soft.max first.", False), ("See soft.max", False), ("(soft.max)", False),
    ("Mend soft.maximum first.", True), ("See my.soft.max.", True), ("soft.max-2 and softXmax", True),
])
def test_a_hint_that_names_a_hidden_item_goes_and_no_other(text: str, stays: bool) -> None:
    """By whole ids: one that only begins or ends like a hidden one is no reason to say less."""
    a, h = line("a"), line("soft.max", Visibility.HIDDEN)
    report = report_of(result(a, not_met(Reason.VALUE, "wrong", hint=text)), result(h, met()))
    assert for_student(report, rubric(a, h), DUE).items[0].verdict.hint == (text if stays else "")


VALUE = Contrast("f", (), Shown("1"), Shown("2"), "the reference", 1, 1, (0,), (0,), 1.0, 1e-6, 1e-9, ((1.0,),))
OWN = Contrast("f(x + 1)", (), Shown("1"), Shown("3"), "row 1 of your own answer for x")
PROPERTY = Contrast("f", (), Shown("1"), None, "rows that add up to 1")
PLOT = StepPlot("t", (0.1, 0.2), (1.0, 2.0), (3.0, 4.0))


def test_relations_come_before_expected_values() -> None:
    """Whatever the check's order was, and otherwise in its order."""
    verdict = not_met(Reason.VALUE, "wrong", VALUE, Blocks(()), PLOT, OWN, PROPERTY)
    assert as_shown(verdict, "value").evidence == (PLOT, OWN, PROPERTY, VALUE, Blocks(()))


def test_relation_shows_what_was_returned_and_not_what_should_be() -> None:
    """The student's own contradiction and properties stay whole; of the reference's value nothing is left, nor how far off it was."""
    cut, own, prop, plot = as_shown(not_met(Reason.VALUE, "3 of 4 entries are wrong.", VALUE, OWN, PROPERTY, PLOT), "relation").evidence
    assert cut == replace(VALUE, expected=None, source=NOT_SHOWN, worst_error=None, errors=())
    assert (own, prop) == (OWN, PROPERTY)
    assert plot == replace(PLOT, reference_errors=())


@pytest.mark.parametrize("reason", [Reason.CHANGED_INPUT, Reason.PRINTED])
def test_what_was_asked_is_no_reference_value(reason: Reason) -> None:
    """Arguments as they were, and the word that a gradient check has to print, are the question itself."""
    evidence = replace(VALUE, source="the arguments that were handed over")
    assert as_shown(not_met(reason, "m", evidence), "relation").evidence == (evidence,)


@pytest.mark.parametrize("show", ["none", "relation"])
def test_a_message_that_spells_the_number_is_the_reasons_own_sentence(show: str) -> None:
    """The number of parameters is not told; that softmax breaks its own relation is."""
    told = as_shown(not_met(Reason.COUNT, "f returned 12 for H = 3, but (Dx+1)*H = 41.", VALUE), show)  # type: ignore[arg-type]
    assert told.message == Reason.COUNT.sentence
    kept = as_shown(not_met(Reason.UNSTABLE, "softmax changes.", OWN), show)  # type: ignore[arg-type]
    assert kept.message == "softmax changes."


def test_none_leaves_outcome_and_sentence() -> None:
    """No evidence, hint, note or reason; without a message the reason's sentence."""
    verdict = Verdict(Outcome.PARTLY, Fraction(1, 3), Reason.VALUE, "", (VALUE, OWN), ("note",), "hint")
    assert as_shown(verdict, "none") == Verdict(Outcome.PARTLY, Fraction(1, 3), message=Reason.VALUE.sentence)


def test_a_report_without_public_items_says_so() -> None:
    """Nothing to show is not the same as nothing to judge."""
    item = line("a", Visibility.HIDDEN)
    report = for_student(report_of(result(item, met())), rubric(item), DUE)
    assert "No item is shown to students yet." in to_html(report)
    assert "0 of 0 public items; 1 further item is graded and not shown" in terminal(report)


def test_a_value_that_is_not_shown_reads_as_one() -> None:
    """Terminal and page say that there is a right value which is not shown, and leave no bare label."""
    blocks = Blocks((BlockRow("W1", (1, 2), 1, 2, (0, 1), 5.0, 6.0, ((0.0, 1.0),)),))
    a = line("a")
    report = for_student(report_of(result(a, not_met(Reason.VALUE, "wrong", VALUE, blocks))), rubric(a, show="relation"), DUE)
    text, page = terminal(report), to_html(report)
    assert "should be      another value, which is not shown" in text
    assert "worst at [0, 1]: 5" in text
    assert "should be –" not in text
    assert "not shown</td>" in page
