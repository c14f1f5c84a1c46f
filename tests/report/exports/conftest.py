"""A small class with every status, a group, overrides, a late policy, and names that break naive files."""

from datetime import datetime, timedelta, timezone
from fractions import Fraction

import pytest

from grader.core.classbook import Adjustment, ClassBook, Item, Override, Person, Row, Score, Status
from grader.core.verdict import Outcome

ITEMS = (
    Item("softmax.value", "1a", "softmax is right", Fraction(3)),
    Item("softmax.shift", "1a", "softmax(x + c) equals softmax(x)", Fraction(2)),
    Item("sgd.steps", "3c", "sgd takes the steps", Fraction(5)),
)
WHEN = datetime(2026, 3, 2, 23, 59, 30, tzinfo=timezone(timedelta(hours=1)))


def scores(*earned: Fraction | int | None) -> dict[str, Score]:
    """Scores in the order of the items; None is ungraded."""
    return {
        i.id: Score(None, Outcome.UNGRADED, "UNSTABLE", "Two runs disagree.") if e is None
        else Score(Fraction(e), Outcome.MET) if e == i.points
        else Score(Fraction(e), Outcome.NOT_MET if e == 0 else Outcome.PARTLY, "VALUE", f"<b>{i.id}</b> is wrong; =1+1\nat [0].")
        for i, e in zip(ITEMS, earned, strict=True)
    }


def person(number: int, name: str, **more: str) -> Person:
    """A person whom every system knows."""
    ids = {"canvas_id": str(1000 + number), "sis_login_id": f"login{number}", "moodle_participant": str(50 + number), "section": "A1"}
    return Person(f"login{number}", name, f"s{number}@example.edu", {**ids, **more})


@pytest.fixture
def book() -> ClassBook:
    """The class."""
    given = scores(1, 0, Fraction(5, 3))
    given["softmax.shift"] = Score(Fraction(0), Outcome.NOT_MET, "VALUE", "x", "", Override("login6", "softmax.shift", Fraction(2), "right by hand", "Ann", "2026-03-05"))
    given["sgd.steps"] = Score(Fraction(5, 3), Outcome.PARTLY, "STEPS", "m", "You forgot the 1/N.", Override("login6", "sgd.steps", None, "see p. 3", "Ann", "2026-03-05"))
    rows = (
        Row((person(1, 'Zoë "Z" Müller, Jr.'),), Status.GRADED, scores(3, 2, 5), submission="softmax.py", when=WHEN, late=False,
            told_by="the file's name", sha256="a" * 64, report="reports/login1.html", handed_in_as=("mullerzoe_1001_2001_softmax.py",)),
        Row((person(2, "=cmd|' /C calc'!A0"),), Status.GRADED, scores(0, 2, 0), submission="=1+1.py", when=WHEN, late=True,
            adjustments=(Adjustment("2 days late, 10 % of the points each", Fraction(-2, 5)),), report="reports/login2.html",
            handed_in_as=("cmd_LATE_1002_2002_=1+1.py",), remarks=("an earlier attempt of 1 March was set aside", "@SUM(1)\r\nnext")),
        Row((person(3, "Łukasz 🧮 Nowak"), person(4, "דנה\u200f כהן")), Status.PARTLY_UNGRADED, scores(3, None, 5), submission="hw.zip",
            report="reports/login3.html", handed_in_as=("Łukasz Nowak_53_assignsubmission_file_/hw.zip",)),
        Row((person(5, "Nul\x00 \x1b[31mRed\x1b[0m"),), Status.UNREADABLE, submission="broken.zip", remarks=("the archive is cut off",)),
        Row((person(6, "Points Possible"),), Status.GRADED, given, submission="hw.py", report="reports/missing.html",
            handed_in_as=("Points Possible_56_assignsubmission_file/hw.py",),
            comments=(Override("login6", "", None, "Well <written>.", "Ann", "2026-03-05"),)),
        Row((person(7, "Fran\tFailed\nLine"),), Status.FAILED, remarks=("the worker could not be started",)),
        Row((person(8, "＝Ab sent"),), Status.ABSENT),
    )
    return ClassBook("hw1", "Homework 1", ITEMS, rows)
