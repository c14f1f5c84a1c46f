"""What several items share is said once: functions that are not there, and causes that are equal word for word."""

import io
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from rich.console import Console

from grader.audience import as_shown
from grader.core.classbook import Decided, Override
from grader.core.evidence import BlockRow, Blocks, Contrast, Input, Printed, Shown, Traceback, TraceLine
from grader.core.not_found import not_found
from grader.core.reason import Reason
from grader.core.report import Conditions, GradeReport, ItemResult, SourceText, Submitted
from grader.core.verdict import Outcome, Verdict, met, not_met, partly, ungraded
from grader.report.evidence_views import TracebackView
from grader.report.github import summary
from grader.report.html import to_html
from grader.report.junit import to_junit
from grader.report.once import explained_at
from grader.report.terminal import print_report
from grader.report.text import Bounds
from grader.report.views import view

from .test_report_hostile import FORBIDDEN, STRINGS, Outline, poisoned

NAMES = ("softmax", "sigmoid", "sigmoid_grad", "normalizeRows", "sgd")


def missing(function: str) -> Verdict:
    """As the checks say it."""
    return not_met(Reason.MISSING, f"No module defines a function {function}.")


def item(id_: str, verdict: Verdict, function: str = "f", points: int = 2) -> ItemResult:
    return ItemResult(id_, "1a", f"title of {id_}", Fraction(points), function, verdict, f"grade none.py --item {id_} --seed 7")


def report(*items: ItemResult, source: str = "x = 1\n", functions: dict[str, int] | None = None) -> GradeReport:
    files = (SourceText("none.py", source, functions or {}),)
    return GradeReport("a", "A", Submitted("none.py", "0", files), items, Conditions(7, "B", (), (), "", "", {}), {})


def none_of_them(source: str = "x = 1\n") -> GradeReport:
    """Three items for each of five functions, none of which is there."""
    return report(*(item(f"{f}.{n}", missing(f), f) for f in NAMES for n in range(3)), source=source)


def printed(found: GradeReport, width: int = 80) -> str:
    file = io.StringIO()
    print_report(found, Console(file=file, width=width))
    return file.getvalue()


def raises(number: int) -> Verdict:
    """The same exception for another input."""
    inputs = (Input("x", Shown(str(number))),)
    return not_met(Reason.RAISED, "f raises NameError at line 2: name 'np' is not defined", Traceback("NameError", "no np", (), "f", inputs))


# ---- functions that are not there ------------------------------------------------------------------------------------


def test_functions_that_are_not_there_are_said_once_on_a_terminal() -> None:
    """A line for each function with what it costs; a row for each item with its points; no paragraph for each item."""
    text = printed(none_of_them())
    assert "none.py has no function of these 5 names:\n  softmax        −6 points\n  sigmoid        −6 points\n" in text
    assert text.count("0 of 30 points") == 2  # of what was not found, and the total
    assert text.count("Define each function under exactly its name") == 1
    assert "No module defines" not in text
    assert "was not found" not in text
    assert "repeat:" not in text
    for function in NAMES:
        assert text.count(f"  ✗ {function}.") == 3


def test_functions_that_are_not_there_are_said_once_on_the_page() -> None:
    """A heading that can be linked; each item keeps its row and its points, folded, and leads there."""
    page = to_html(none_of_them())
    text = "".join(Outline(page).text)
    assert "none.py has no function of these 5 names:" in text
    assert "No module defines" not in text
    assert text.count("0 of 2") == 15
    assert page.count('<a href="#not-found">') == 1 + 15
    assert '" open>\n<summary><span class="outcome">' not in page


def test_other_outputs_have_a_text_for_each_item() -> None:
    """A test case of JUnit stands alone."""
    assert to_junit(none_of_them()).count("<failure") == 15
    assert to_junit(none_of_them()).count("No module defines a function sgd.") == 6


def test_one_function_that_is_not_there_is_said_in_the_singular() -> None:
    """And others, which are there, are told as ever."""
    found = report(item("f.a", missing("f"), "f", 1), item("g.a", not_met(Reason.VALUE, "3 of 4 entries are wrong."), "g"), functions={"g": 1})
    shown = view(found).missing
    assert shown is not None
    assert (shown.message, shown.points, shown.hint) == ("none.py has no function of this name:", "0 of 1", Reason.MISSING.hint)
    assert [r.points for r in shown.rows] == ["−1 point"]
    assert "3 of 4 entries are wrong." in printed(found)


def test_what_a_person_gave_for_a_missing_function_is_not_lost() -> None:
    """Its line says what is still missing, as the sum above it does."""
    found = report(item("f.a", missing("f"), "f", 2), item("f.b", missing("f"), "f", 3))
    decided = Decided({"f.a": Override("s", "f.a", Fraction(3, 2), "only the name", "Tutor", "2026-11-21")})
    shown = view(replace(found, decided=decided)).missing
    assert shown is not None
    assert (shown.points, [r.points for r in shown.rows]) == ("1.5 of 5", ["−3.5 points"])


def test_nothing_is_said_where_nothing_is_missing() -> None:
    """No empty heading."""
    found = report(item("f.a", met()), item("f.b", not_met(Reason.VALUE, "no")))
    assert view(found).missing is None
    assert "not-found" not in to_html(found)


def test_of_several_files_none_is_named() -> None:
    """Nobody knows which of them should have it."""
    two = none_of_them()
    two = replace(two, submission=replace(two.submission, files=(SourceText("a.py", "x = 1\n"), SourceText("b.py", "x = 1\n"))))
    shown = view(two).missing
    assert shown is not None
    assert shown.message == "No file that was handed in has a function of these 5 names:"


SOURCE = """\
def soft_max(x): pass
async def Sigmoid_Grad(x): pass
class Net:
    def sgd(self): pass
    def other(self): pass
def normalizeRow(x): pass
def normalize_rows(x): pass
"""


def test_near_names_are_named_with_their_line() -> None:
    """Spelled otherwise, or one letter off: the nearest; inside a class: that it is; what is not near is not named."""
    near = {one.function: one.near and (one.near.name, one.near.line, one.near.inside) for one in not_found(*_parts(none_of_them(SOURCE)))}
    assert near == {
        "softmax": ("soft_max", 1, False), "sigmoid": None, "sigmoid_grad": ("Sigmoid_Grad", 2, False),
        "normalizeRows": ("normalize_rows", 7, False), "sgd": ("sgd", 4, True),
    }
    text = printed(none_of_them(SOURCE), width=100)
    assert "Is it soft_max, line 1 of none.py?" in text
    assert "There is one in line 4 of none.py, inside another block: move it to the top level." in text
    page = to_html(none_of_them(SOURCE))
    assert 'Is it soft_max, <a href="#f1-L1">line 1 of none.py</a>?' in page


def _parts(found: GradeReport) -> tuple[tuple[ItemResult, ...], tuple[SourceText, ...]]:
    return found.items, found.submission.files


@pytest.mark.parametrize(("function", "other", "is_near"), [
    ("forward_backward_prop", "forward_prop", True), ("negSamplingCostAndGradient", "neg_sampling_cost_and_grad", True),
    ("sigmoid", "skipgram_old", False), ("softmax", "max_row", False),
])
def test_near_is_what_shares_most_letters(function: str, other: str, is_near: bool) -> None:
    """A shorter name is, another function's is not."""
    (one,) = not_found(*_parts(report(item("a", missing(function), function), source=f"def {other}(x):\n    return x\n")))
    assert (one.near is not None) == is_near


def test_what_another_item_asks_and_finds_is_near_to_nothing() -> None:
    """``sigmoid`` is there and right: it is not what is meant by ``sigmoid_grad``."""
    found = report(item("a", missing("sigmoid_grad"), "sigmoid_grad"), source="def sigmoid(x): pass\n", functions={"sigmoid": 1})
    assert [one.near for one in not_found(*_parts(found))] == [None]


def test_a_function_that_is_gone_after_loading_is_said_to_be() -> None:
    """``del softmax`` at the foot of the file."""
    found = report(item("a", missing("softmax"), "softmax"), source="def softmax(x): pass\ndel softmax\n", functions={"softmax": 1})
    assert "There is one in line 1 of none.py, and it is gone after loading." in printed(found)


def test_a_near_name_in_a_notebook_is_told_by_its_cell() -> None:
    """As everywhere else."""
    found = report(item("a", missing("softmax"), "softmax"))
    file = SourceText("hw.ipynb", "x = 1\ny = 1\ndef soft_max(x): pass\n", {}, {"hw.ipynb, cell 1": 0, "hw.ipynb, cell 2": 2})
    found = replace(found, submission=replace(found.submission, files=(file,)))
    assert "Is it soft_max, line 1 of hw.ipynb, cell 2?" in printed(found)


@pytest.mark.parametrize("name", STRINGS)
def test_hostile_names_and_sources_are_text(name: str) -> None:
    """Also what is near comes from the student."""
    clean = none_of_them(SOURCE)
    hostile = poisoned(clean, STRINGS[name])
    hostile = replace(hostile, submission=replace(hostile.submission, files=(replace(hostile.submission.files[0], text=SOURCE),)))
    page = to_html(hostile)
    assert set(Outline(page).tags) <= set(Outline(to_html(clean)).tags)
    assert not FORBIDDEN.search(page)
    assert not FORBIDDEN.search(printed(hostile))


# ---- the same cause --------------------------------------------------------------------------------------------------


def test_an_equal_cause_is_explained_at_the_first_item() -> None:
    """The second has one line and its points, and leads to the first; the page has its evidence folded away."""
    found = report(item("f.a", raises(1)), item("f.b", raises(2)), item("f.c", not_met(Reason.VALUE, "wrong")))
    text = printed(found)
    assert text.count("f raises NameError at line 2") == 1
    assert "\nf.b  For the same reason as f.a." in text
    assert "\nwrong\n" in text
    shown = view(found).sections[0].items
    assert [i.brief and tuple(i.brief) for i in shown] == [None, ("item-f.a", "For the same reason as f.a."), None]
    page = to_html(found)
    assert [f'id="item-f.{i}" open>' in page for i in "abc"] == [True, False, True]
    assert page.count("f raises NameError at line 2") == 2  # at the top, and at the first item


def test_equal_words_about_different_answers_are_two_causes() -> None:
    """Where something was returned, what was returned counts; without any reason nobody can tell."""
    def wrong(returned: str) -> Verdict:
        return not_met(Reason.VALUE, "4 of 4 entries are wrong.", Contrast("f", (), Shown(returned), None, "the reference"))

    assert explained_at([item("a", wrong("1")), item("b", wrong("2")), item("c", wrong("1"))]) == {"c": "a"}
    bare = Verdict(Outcome.NOT_MET, Fraction(0), None, "4 of 4 entries are wrong.")
    assert explained_at([item("a", bare), item("b", bare)]) == {}


def test_other_outcomes_and_reasons_are_other_causes() -> None:
    """Ungraded for the machine's sake is not a student's exception, whatever it says."""
    assert explained_at([item("a", not_met(Reason.RAISED, "x")), item("b", ungraded(Reason.HOST, "x")), item("c", met())]) == {}
    assert explained_at([item("a", ungraded(Reason.HOST, "x")), item("b", ungraded(Reason.HOST, "x"))]) == {"b": "a"}


def test_a_verdict_that_refers_to_another_item_is_brief() -> None:
    """Ungraded items of a module that needs a package that is not here: one explanation, not ten."""
    first = ungraded(Reason.ENVIRONMENT, "it could not be loaded here", Traceback("ModuleNotFoundError", "torch", (), "import m"))
    second = replace(ungraded(Reason.ENVIRONMENT, "For the same reason as f.a."), hint="See f.a.", see="f.a")
    text = printed(report(item("f.a", first), item("f.b", second)))
    assert "\nf.b  For the same reason as f.a." in text
    assert "See f.a." not in text
    alone = printed(report(item("f.b", second)))  # f.a was not asked for, and is nowhere on this page
    assert "See f.a." in alone


def test_an_untouched_starter_is_said_once() -> None:
    """On a terminal one sentence and the items' ids; on the page each is folded, with the sentence beside its title."""
    stub = Verdict(Outcome.NOT_ATTEMPTED, Fraction(0), Reason.NOT_ATTEMPTED, "Not attempted: it is the starter's stub.")
    found = report(*(item(f"f.{n}", stub) for n in "abc"), item("g", replace(stub, message="Not attempted: it raises NotImplementedError.")))
    text = printed(found)
    assert "\nNot attempted: it is the starter's stub.\n  f.a, f.b, f.c\n" in text
    assert "\ng  Not attempted: it raises NotImplementedError.                   0 of 2 points\n" in text
    page = to_html(found)
    assert page.count("<small>Not attempted: it is the starter&#39;s stub.</small>") == 3
    assert 'id="item-f.a" open' not in page


LONG = "You averaged over the N examples; the handout sums over them, and so the cost of each batch is N times as large as yours."


def test_an_item_of_one_sentence_is_a_line() -> None:
    """As where a course shows students no evidence: neither a command nor a place, which would tell nothing more; on the page they are folded."""
    def bare(message: str, outcome: Outcome = Outcome.NOT_MET) -> Verdict:
        return as_shown(not_met(Reason.TYPE, message, Contrast("f", (), Shown("1"), Shown("2"), "the reference")), "none") if outcome is Outcome.NOT_MET else (
            Verdict(outcome, Fraction(1, 2), message=message))

    found = report(item("a.x", bare("f: 4 of 4 entries are wrong.")), item("b.y", bare(LONG, Outcome.PARTLY)),
                   item("c.z", bare("f raises.")), item("d.zz", bare("f raises.")))
    assert printed(found).partition("0 of 2\n\n")[2].startswith("""\
a.x  f: 4 of 4 entries are wrong.                                  0 of 2 points
b.y                                                                1 of 2 points
  You averaged over the N examples; the handout sums over them, and so the cost
  of each batch is N times as large as yours.
f raises.
  c.z, d.zz

1 of 8 points   1 partly, 3 not met
""")
    page = to_html(found)
    assert page.count(LONG) == 2  # at the top, and at the item
    assert not re.search(r'<details class="item[^>]* open', page)
    assert "grade none.py --item b.y" in page


@pytest.mark.parametrize("more", [{"notes": ("Judged with the course's g.",)}, {"hint": "try this"}, {"evidence": (Traceback("E", "m", (), "f", ()),)},
                                  {"message": "one\ntwo"}, {"reason": Reason.TYPE}])
def test_an_item_that_has_more_to_say_is_told_in_full(more: dict[str, object]) -> None:
    """A note, a hint of its own or its reason's, evidence, a second line."""
    verdict = replace(Verdict(Outcome.NOT_MET, Fraction(0), message="wrong"), **more)  # type: ignore[arg-type]
    assert "repeat:" in printed(report(item("a.x", verdict)))


def test_what_a_person_decided_is_told_in_full() -> None:
    """An item with an override is never brief."""
    override = Override("ann", "f.b", Fraction(1), "see p. 3", "Tutor", "2026-11-21")
    found = replace(report(item("f.a", raises(1)), item("f.b", raises(2))), decided=Decided({"f.b": override}))
    assert "1 of 2 points by Tutor" in printed(found)
    assert printed(found).count("f raises NameError") == 2
    assert 'id="item-f.b" open>' in to_html(found)


# ---- the first screen of the page ------------------------------------------------------------------------------------


def test_what_is_wrong_stands_above_the_items() -> None:
    """A student with 92 of 100 points reads why before the list of all that is right; nothing is announced where nothing is lost."""
    found = report(item("f.a", met()), item("f.b", not_met(Reason.VALUE, "You averaged over the N examples.")))
    text = "".join(Outline(to_html(found)).text)
    assert text.index("You averaged over the N examples.") < text.index("title of f.a")
    assert "Where points are missing" not in to_html(report(item("f.a", met())))


def test_each_message_stands_there_once() -> None:
    """With what all items lost by it, a hint, and links to them: equal words, an equal cause, or a cause that is referred to."""
    syntax = not_met(Reason.SYNTAX, "a.py, line 3: SyntaxError.")
    blocked = Verdict(Outcome.BLOCKED, Fraction(0), message="For the same reason as f.a.", see="f.a")
    page = view(report(
        item("f.a", syntax), item("f.b", blocked), item("g.a", not_met(Reason.VALUE, "no", Contrast("g", (), Shown("1"), None, "2"))),
        item("g.b", ungraded(Reason.HOST, "The machine stopped.")), item("g.c", partly(Fraction(1, 2), Reason.VALUE, "no", hint="try"), points=4),
        item("h.a", met()),
    ))
    assert [(one.message, one.hint, one.state, one.points, [i.anchor for i in one.items]) for one in page.lost] == [
        ("a.py, line 3: SyntaxError.", Reason.SYNTAX.hint, "not-met", "−4 points", ["item-f.a", "item-f.b"]),
        ("no", Reason.VALUE.hint, "not-met", "−4 points", ["item-g.a", "item-g.c"]),
        ("The machine stopped.", Reason.HOST.hint, "ungraded", "2 ungraded", ["item-g.b"]),
    ]


@pytest.mark.parametrize(("other", "is_same"), [
    ("f raises ValueError at line 5 of a.ipynb, cell 7: (size 1 is different from 12)", True),
    ("f raises ValueError at line 6 of a.ipynb, cell 7: (size 2 is different from 5)", False),
    ("f raises ValueError at line 5 of a.ipynb, cell 7: (size W1 is different from 5)", False),
    ("f raises ValueError at line 5 of a.ipynb, cell 8: (size 2 is different from 5)", False),
    ("g raises ValueError at line 5 of a.ipynb, cell 7: (size 2 is different from 5)", False),
])
def test_a_message_with_other_sizes_is_the_same(other: str, is_same: bool) -> None:
    """One mistake meets inputs of many sizes; another line or another name is another mistake."""
    first = "f raises ValueError at line 5 of a.ipynb, cell 7: (size 2 is different from 5)"
    found = view(report(item("f.a", not_met(Reason.RAISED, first)), item("f.b", not_met(Reason.RAISED, other)))).lost
    assert [(one.message, len(one.items)) for one in found] == ([(first, 2)] if is_same else [(first, 1), (other, 1)])


def test_what_to_do_stands_on_the_first_screen() -> None:
    """Beside what is wrong, before the items; where there is nothing to say, no empty line."""
    page = to_html(report(item("f.a", not_met(Reason.VALUE, "no", hint="Divide by N.")), item("f.b", met())))
    assert page.index("<strong>Hint</strong> Divide by N.") < page.index('id="items"')
    assert 'class="next"' not in to_html(report(item("f.a", Verdict(Outcome.NOT_MET, Fraction(0), message="no"))))


def test_what_rests_on_another_is_told_with_it() -> None:
    """However many stand between them; what refers to each other in a circle is told, too."""
    def rests_on(id_: str) -> Verdict:
        return Verdict(Outcome.BLOCKED, Fraction(0), Reason.BLOCKED, f"This means nothing until {id_} is met.", see=id_)

    chain = (item("f.a", not_met(Reason.VALUE, "no")), item("f.b", rests_on("f.a")), item("f.c", rests_on("f.b")))
    assert [(one.message, one.points, len(one.items)) for one in view(report(*chain)).lost] == [("no", "−6 points", 3)]
    circle = view(report(item("f.a", rests_on("f.b")), item("f.b", rests_on("f.a")))).lost
    assert sum(len(one.items) for one in circle) == 2


def test_what_rests_on_a_function_that_is_not_there_is_told_with_it() -> None:
    """It costs these points, too, and is nowhere told a second time."""
    rests = Verdict(Outcome.BLOCKED, Fraction(0), Reason.BLOCKED, "This means nothing until f.a is met.", see="f.a")
    page = view(report(item("f.a", missing("f")), item("f.b", rests), item("g.a", missing("g"), "g"), item("h.a", met(), "h")))
    assert page.missing is not None
    assert (page.missing.points, [(r.function, r.points) for r in page.missing.rows]) == ("0 of 6", [("f", "−4 points"), ("g", "−2 points")])
    assert page.lost == ()


def test_functions_that_are_not_found_are_not_listed_again() -> None:
    """They have a heading of their own."""
    assert view(none_of_them()).lost == ()


def test_what_a_person_decided_counts_there_too() -> None:
    """Full points by hand are not missing; fewer are, with what the person said of it; beside a note alone the grader's word stands."""
    def decided(points: int | None) -> GradeReport:
        override = Override("ann", "f.a", None if points is None else Fraction(points), "see p. 3", "Tutor", "2026-11-21")
        return replace(report(item("f.a", not_met(Reason.VALUE, "no"))), decided=Decided({"f.a": override}))

    assert view(decided(2)).lost == ()
    assert [(one.message, one.points) for one in view(decided(1)).lost] == [("1 of 2 points by Tutor, 2026-11-21: see p. 3", "−1 point")]
    assert [(one.message, one.points) for one in view(decided(None)).lost] == [("no", "−2 points")]
    two = decided(1)
    other = Override("ann", "f.b", Fraction(1), "see p. 4", "Tutor", "2026-11-21")
    two = replace(two, items=(*two.items, item("f.b", not_met(Reason.VALUE, "no"))), decided=Decided({**two.decided.overrides, "f.b": other}))
    assert [one.message[-8:] for one in view(two).lost] == ["see p. 3", "see p. 4"]


def test_a_long_message_is_cut_there_and_a_long_list_counted() -> None:
    """Both stand in full below; the first screen stays one."""
    long = "word " * 200
    (lost,) = view(report(*(item(f"f.{n}", not_met(Reason.RAISED, long)) for n in range(9)))).lost
    assert len(lost.message) <= 300
    assert (len(lost.items), lost.more) == (6, 3)


def test_one_point_is_no_points() -> None:
    """On the terminal and on the page."""
    found = report(item("f.a", ungraded(Reason.HOST, "No."), points=1))
    assert view(found).ungraded == "1 point is ungraded: a person has to award it"
    assert view(report(item("f.a", ungraded(Reason.HOST, "No.")))).ungraded == "2 points are ungraded: a person has to award them"
    assert "0 of 1 point   1 ungraded\n1 point is ungraded: a person has to award it." in printed(found)
    assert "<title>none.py – 0 of 1 point</title>" in to_html(found)
    assert "<strong>0</strong> of 1 point</p>" in to_html(found)
    assert "none&#46;py: 0 of 1 point\n" in summary(found)


def test_a_remark_that_says_the_same_is_left_out_on_the_page() -> None:
    """A file that cannot be parsed: said of the submission and of its items, and read once; other remarks stay."""
    found = report(item("f.a", not_met(Reason.SYNTAX, "a.py, line 3: SyntaxError.")))
    found = replace(found, submission=replace(found.submission, remarks=("a.py, line 3: SyntaxError.", "b.py, line 3: SyntaxError.")))
    page = to_html(found)
    assert 'class="remark">a.py' not in page
    assert 'class="remark">b.py, line 3' in page
    assert printed(found).count("a.py, line 3") == printed(found).count("b.py, line 3") == 1


def test_a_syntax_error_is_quoted_once_for_its_item() -> None:
    """Place, error and line stand in the message; the place is a link on the page, and nothing else of the traceback is left."""
    evidence = Traceback("SyntaxError", "'(' was never closed (none.py, line 2)", (TraceLine("none.py", 2, "<module>", "    y = f(x"),))
    verdict = not_met(Reason.SYNTAX, "none.py, line 2: SyntaxError: '(' was never closed: 'y = f(x'.", evidence)
    found = report(item("f.a", verdict), source="x = 1\n    y = f(x\n")
    text, page = printed(found), to_html(found)
    for said in ("never closed", "SyntaxError", "y = f(x"):
        assert text.count(said) == 1
    assert '<li><a href="#f1-L2">none.py, line 2</a></li>' in page
    assert '<div class="error">' not in page


@pytest.mark.parametrize(("message", "error"), [
    ("f raises ValueError at line 3 of a.py: no such shape", ""), ("f could not run here: no such shape.", ""),
    ("f raises ValueError at line 3 of a.py.", "ValueError: no such shape"), ("f says no such shape here", "ValueError: no such shape"),
])
def test_an_exception_is_told_once(message: str, error: str) -> None:
    """At the end of its traceback only where the message does not have it; the lines stay."""
    evidence = Traceback("ValueError", "no such shape", (TraceLine("none.py", 1, "f", "x = 1"),), "f")
    (found,) = view(report(item("f.a", not_met(Reason.RAISED, message, evidence)))).sections[0].items[0].evidence
    assert isinstance(found, TracebackView)
    assert (found.error, [line.said for line in found.lines]) == (error, [False])


def test_of_a_call_that_did_not_return_only_the_call_is_shown() -> None:
    """Nothing was returned, so there is nothing to compare."""
    evidence = Contrast("f", (Input("x", Shown("[1 2]")),), Shown(""), None, "")
    found = report(item("f.a", not_met(Reason.TIMED_OUT, "f did not end within 5 s of computing, and was stopped.", evidence)))
    text, page = printed(found), "".join(Outline(to_html(found)).text)
    assert "within 5 s of computing, and was stopped.\n  for            f(x)\n  with x         [1 2]\n  repeat:" in text
    for label in ("you returned", "should"):
        assert label not in text
        assert label not in page
    assert "[1 2]" in page


@pytest.mark.parametrize(("rows", "entries", "other", "is_told"), [
    (1, "[0 2]", 1, False),
    (2, "[0 2]", 1, True),
    (1, "[0 ... 2]", 1, True),
    (1, "[0 2]", 2, True),
], ids=["every entry is shown", "several blocks", "not every entry", "another array"])
def test_a_table_of_one_block_is_not_beside_all_its_entries(rows: int, entries: str, other: int, is_told: bool) -> None:
    """The table has the worst entry, which stands there already; near misses: what is shown is not all, or not the block."""
    block = BlockRow("b1", (2,), 1, 2, (1,), 2.0, 1.0, ((0.0, 1.0),))
    contrast = Contrast("f", (), Shown(entries, (2,)), Shown("[0 1]", (2,)), "the reference", other, 2, (1,), errors=((0.0, 1.0),))
    found = report(item("f.a", not_met(Reason.GRADIENT, "no", Blocks((block,) * rows), contrast)))
    assert ("1 of 2 differ" in printed(found)) is is_told
    assert ('<table class="blocks">' in to_html(found)) is is_told


def test_what_a_function_printed_is_not_called_returned() -> None:
    """A gradient check says its verdict; without anything printed, the answer is what was returned."""
    says = Contrast("f", (), Shown('"passed"'), Shown('"failed"'), "a wrong gradient")
    found = report(item("f.a", not_met(Reason.PRINTED, "no", says, Printed("passed!"))))
    assert '  it says        "passed"  for f\n  should say     "failed"  a wrong gradient\n' in printed(found)
    assert "it says" in to_html(found)
    assert "you returned" in printed(report(item("f.a", not_met(Reason.VALUE, "no", says))))


# ---- what is left out ------------------------------------------------------------------------------------------------


def test_lines_that_are_not_shown_are_counted() -> None:
    """One is no lines."""
    for lines, omitted in ((1, ""), (2, "1 more line is not shown."), (3, "2 more lines are not shown.")):
        (file,) = view(report(source="x = 1\n" * lines), Bounds(source=100)).files
        assert file.omitted == omitted


def test_files_that_are_not_shown_are_named() -> None:
    """How many, and which: as many names as there are files shown."""
    found = none_of_them()
    def files(n: int) -> GradeReport:
        return replace(found, submission=replace(found.submission, files=tuple(SourceText(f"m{i}.py", "x = 1\n") for i in range(n))))

    assert view(files(24)).files_omitted == ""
    assert view(files(25)).files_omitted == "1 more file is not shown: m24.py."
    assert view(files(60)).files_omitted.startswith("36 more files are not shown: m24.py, m25.py, ")
    assert view(files(60)).files_omitted.endswith(", m47.py and 12 more.")
    assert "36 more files are not shown" in to_html(files(60))


def test_remarks_and_notes_that_are_left_out_are_counted() -> None:
    """No list ends in silence."""
    verdict = not_met(Reason.VALUE, "no").with_notes(*(f"note {n}" for n in range(30)))
    found = report(item("a", verdict))
    found = replace(found, submission=replace(found.submission, remarks=tuple(f"remark {n}" for n in range(25))))
    page = view(found)
    assert page.remarks[-2:] == ("remark 23", "… and 1 more")
    assert page.sections[0].items[0].notes[-2:] == ("note 23", "… and 6 more")
