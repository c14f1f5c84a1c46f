"""Late policies: what is deducted, to the second and to the fraction of a point, and what is left to a person."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from grader.batch.late import apply_late, unmatched_extensions
from grader.core.classbook import Adjustment, ClassBook, Item, Override, Person, Row, Score, Status
from grader.core.errors import CourseError
from grader.core.late import LatePolicy
from grader.core.verdict import Outcome
from grader.course import load_assignment
from grader.report.classpage import to_class_page
from grader.schemas import rubric_schema
from tests.course.conftest import course, edit

__all__ = ["course", "edit"]

DUE = datetime.fromisoformat("2026-03-01T23:59:00+01:00")
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
ANN, BOB = Person("ann", "Ann", "ann@uni.edu"), Person("bob", "Bob", "bob@uni.edu")
POSSIBLE = Fraction(20)


def policy(**changes):
    """Ten percent a day, 15 minutes of grace, three days."""
    given = {"policy": "per_day", "due": DUE, "percent_per_day": 10, "grace": "15 minutes", "cut_off": "3 days"}
    return LatePolicy(**{**given, **changes})


def row(when, earned=10, *, late=None, persons=(ANN,), **more):
    """A row of one item, of 20 points."""
    return Row(persons, Status.GRADED, {"a": Score(Fraction(earned), Outcome.PARTLY)}, submission="a.py", when=when, late=late,
               told_by="the file's name", **more)


def cost(after, earned=10, **changes):
    """What is added for a submission so long after the due time."""
    return [a.points for a in apply_late(row(DUE + after, earned), policy(**changes), POSSIBLE).adjustments]


# ---- boundaries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "points"), [
    (-DAY, []), (-SECOND, []), (0 * DAY, []), (SECOND, []),
    (timedelta(minutes=15), []), (timedelta(minutes=15) + SECOND, [-2]),
    (DAY, [-2]), (DAY + SECOND, [-4]), (2 * DAY, [-4]), (2 * DAY + SECOND, [-6]),
    (3 * DAY, [-6]), (3 * DAY + SECOND, [-10]), (300 * DAY, [-10]),
])
def test_each_boundary_to_the_second(after, points):
    """Due, end of grace, each day counted from the due time, cut-off: the boundary itself is on the kind side."""
    assert cost(after) == points


@pytest.mark.parametrize(("after", "points"), [(0 * DAY, []), (SECOND, [-2]), (timedelta(microseconds=1), [-2]), (40 * DAY, [-10])])
def test_without_grace_and_cut_off(after, points):
    """Late is late at once, and for ever; no more is deducted than the items have."""
    assert cost(after, grace="0 minutes", cut_off=None) == points


def test_percent_of_the_points_earned_or_possible():
    """10 of 20 points, one day late: 10 % are 1 or 2 points, exact with thirds too."""
    assert cost(DAY, of="earned") == [-1]
    assert cost(DAY, of="possible") == [-2]
    assert cost(2 * DAY, Fraction(1, 3), of="earned", percent_per_day=Decimal("12.5")) == [Fraction(-1, 12)]


def test_the_total_is_never_below_zero():
    """And the line says what was in fact taken."""
    found = apply_late(row(DUE + 2 * DAY, 1), policy(percent_per_day=100), POSSIBLE)
    assert (found.adjustments[0].points, found.total) == (-1, 0)
    assert cost(DAY, 0) == [0]


def test_an_override_is_what_counts():
    """Points that a person gave are late like any others."""
    decided = {"a": Score(None, Outcome.UNGRADED, override=Override("ann", "a", Fraction(20), "", "Eve", "2026-03-09"))}
    late = Row((ANN,), Status.GRADED, decided, submission="a.py", when=DUE + DAY)
    assert apply_late(late, policy(of="earned"), POSSIBLE).total == 18


def test_a_late_line_comes_after_those_that_are_there():
    """Applied last."""
    found = apply_late(row(DUE + DAY, adjustments=(Adjustment("bonus", Fraction(1)),)), policy(), POSSIBLE)
    assert [a.points for a in found.adjustments] == [1, -2]
    assert found.total == 9


# ---- what it says ----------------------------------------------------------------------------------------------------


def said(after, **changes):
    """The line."""
    return apply_late(row(DUE + after), policy(**changes), POSSIBLE).adjustments[0].label


def test_the_line_says_when_it_was_due_when_it_came_and_the_rule():
    """In the due time's zone; seconds only where they matter."""
    came = DUE + timedelta(days=1, hours=10, minutes=13)
    expected = "2 days late (due 2026-03-01 23:59 +01:00, came 2026-03-03 10:12): 10 % of the points possible each day"
    assert said(came - DUE) == expected
    elsewhere = row(came.astimezone(ZoneInfo("America/New_York")))
    assert apply_late(elsewhere, policy(), POSSIBLE).adjustments[0].label == expected
    assert said(SECOND, grace="0 minutes", of="earned", percent_per_day=Decimal("2.50")) == (
        "1 day late (due 2026-03-01 23:59 +01:00, came 2026-03-01 23:59:01): 2.5 % of the points earned each day")
    assert "due 2026-03-01 23:59 +01:00, came 2026-03-01 23:59:00.400000)" in said(SECOND * 0.4, grace="0 minutes")


def test_the_line_of_the_cut_off_says_that_nothing_counts():
    """Zero points are a line of their own, never a silence."""
    assert said(4 * DAY) == ("later than the cut-off, which is 3 days after the due time "
                             "(due 2026-03-01 23:59 +01:00, came 2026-03-05 23:59): nothing counts")
    assert "which is 90 minutes after" in said(4 * DAY, cut_off="90 minutes")
    assert "which is 1 hour after" in said(4 * DAY, cut_off="60 minutes")


# ---- not known -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late", "says"), [(True, "the file's name says late"), (None, "nothing says whether that was late"), (False, "")])
def test_nothing_is_guessed_where_the_time_is_not_known(late, says):
    """A person is asked, unless the system itself says that it came in time."""
    found = apply_late(row(None, late=late), policy(), POSSIBLE)
    assert found.adjustments == ()
    assert [says in r and "A person has to decide" in r for r in found.remarks] == ([True] if says else [])
    assert found.doubt == "".join(found.remarks)
    assert " it " not in found.doubt  # on the class page the same is said of eight


def test_a_system_that_disagrees_is_mentioned():
    """The course's table decides; that the system let it pass may be an extension that the table lacks."""
    found = apply_late(row(DUE + DAY, late=False), policy(), POSSIBLE)
    assert [a.points for a in found.adjustments] == [-2]
    assert found.remarks == ("Late by the course's [late] table, in time by the file's name: is an extension missing in the table?",)
    assert found.doubt == found.remarks[0]
    assert apply_late(row(DUE + DAY, late=True), policy(), POSSIBLE).remarks == ()


@pytest.mark.parametrize("given", [None, LatePolicy(policy="none"), policy(policy="none")])
def test_no_policy_changes_nothing(given):
    """None written, none wanted, or one that is switched off."""
    late = row(DUE + 9 * DAY, late=True)
    assert apply_late(late, given, POSSIBLE) == late


def test_who_handed_in_nothing_or_nothing_readable_has_nothing_to_lose():
    """No line for either, and no total."""
    absent, unread = Row((ANN,), Status.ABSENT), Row((ANN,), Status.UNREADABLE, submission="a.rar", when=DUE + DAY)
    assert apply_late(absent, policy(), POSSIBLE) == absent
    assert apply_late(unread, policy(), POSSIBLE) == unread


# ---- extensions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ann", "ANN@uni.edu"])
@pytest.mark.parametrize("given", ["2 days", DUE + 2 * DAY])
def test_an_extension_moves_the_due_time(name, given):
    """By key or e-mail, as a length or a time; grace, days and cut-off count from there, and the line says so."""
    extended = policy(extensions={name: given})
    assert apply_late(row(DUE + 2 * DAY + 15 * timedelta(minutes=1)), extended, POSSIBLE).adjustments == ()
    found = apply_late(row(DUE + 2 * DAY + HOUR), extended, POSSIBLE).adjustments[0]
    assert found.points == -2
    assert "1 day late (due 2026-03-03 23:59 +01:00, extended, came 2026-03-04 00:59)" in found.label
    assert apply_late(row(DUE + 5 * DAY), extended, POSSIBLE).adjustments[0].points == -6
    assert apply_late(row(DUE + 2 * DAY, persons=(BOB,)), extended, POSSIBLE).adjustments[0].points == -4


def test_an_extension_is_anybodys_however_his_name_is_composed():
    """A folder from a Mac and an editor on Linux write the same letters in two ways."""
    zoe = Person("Zo\u00eb", "Zo\u00eb")
    given = policy(extensions={"Zoe\u0308": "2 days"})
    assert unmatched_extensions(given, [zoe]) == ()
    assert apply_late(row(DUE + 2 * DAY, persons=(zoe,)), given, POSSIBLE).adjustments == ()


def test_a_group_has_the_most_generous_of_its_extensions():
    """Whoever of them has it, in whatever order."""
    extended = policy(extensions={"ann": "1 day", "bob": DUE + 3 * DAY})
    for persons in ((ANN, BOB), (BOB, ANN)):
        assert apply_late(row(DUE + 3 * DAY, persons=persons), extended, POSSIBLE).adjustments == ()
        assert len(apply_late(row(DUE + 3 * DAY + HOUR, persons=persons), extended, POSSIBLE).adjustments) == 1


def test_an_extension_of_nobody_is_told():
    """One that was misspelt would help nobody, in silence."""
    given = policy(extensions={"ann": "1 day", "BOB@uni.edu": "1 day", "anne": "1 day", "Ann Lee": "1 day"})
    found = unmatched_extensions(given, [ANN, BOB])
    assert ["'anne'" in found[0], "'Ann Lee'" in found[1], len(found)] == [True, True, 2]
    assert unmatched_extensions(None, [ANN]) == ()


# ---- clocks ----------------------------------------------------------------------------------------------------------


def test_days_are_of_24_hours_when_clocks_change():
    """On 29 March 2026 Berlin skips an hour: midnight to midnight is 23 hours there, and wall clocks do not count."""
    berlin = ZoneInfo("Europe/Berlin")
    due = datetime(2026, 3, 29, 0, 0, tzinfo=berlin)
    assert [a.points for a in apply_late(row(datetime(2026, 3, 30, 1, 0, tzinfo=berlin)), policy(due=due), POSSIBLE).adjustments] == [-2]
    assert [a.points for a in apply_late(row(datetime(2026, 3, 30, 1, 0, 1, tzinfo=berlin)), policy(due=due), POSSIBLE).adjustments] == [-4]
    autumn = datetime(2026, 10, 25, 0, 0, tzinfo=berlin)  # 25 hours
    assert [a.points for a in apply_late(row(datetime(2026, 10, 25, 23, 0, 1, tzinfo=berlin)), policy(due=autumn), POSSIBLE).adjustments] == [-4]
    assert [a.points for a in apply_late(row(datetime(2026, 10, 25, 22, 0, tzinfo=UTC)), policy(due=autumn), POSSIBLE).adjustments] == [-2]


# ---- the table in the rubric -----------------------------------------------------------------------------------------

TABLE = """
[late]
policy = "per_day"
due = 2026-03-01T23:59:00+01:00
percent_per_day = 12.5
of = "earned"
grace = "15 minutes"
cut_off = "3 days"

[late.extensions]
ann = "2 days"
"bob@uni.edu" = 2026-03-05T12:00:00Z
"""


@pytest.fixture
def rubric(course: Path) -> Path:
    """A rubric with a late policy at its end."""
    file = course / "rubrics/demo.toml"
    file.write_text(file.read_text().strip() + "\n" + TABLE)
    return file


def test_the_table_is_read(course, rubric):
    """Exact percent, lengths, times with offset."""
    late = load_assignment(course, "demo").rubric.late
    assert late == LatePolicy(policy="per_day", due=DUE, percent_per_day=Decimal("12.5"), of="earned", grace="15 minutes", cut_off="3 days",
                              extensions={"ann": "2 days", "bob@uni.edu": datetime(2026, 3, 5, 12, tzinfo=UTC)})


@pytest.mark.parametrize("changes", [
    {}, {"cut_off": None, "grace": "1 hour"}, {"grace": "9999 weeks", "cut_off": "9999 weeks"}, {"due": datetime(2026, 3, 1, tzinfo=UTC)},
    {"percent_per_day": Decimal("12.5"), "extensions": {"ann": "36 hours", "bob": DUE + DAY}}, {"zone": "Europe/Berlin"}, {"policy": "none", "due": None},
])
def test_a_policy_survives_json(changes):
    """A run keeps it so."""
    given = policy(**changes)
    assert LatePolicy.model_validate(json.loads(json.dumps(given.model_dump(mode="json")))) == given
    assert LatePolicy.model_validate_json(given.model_dump_json()) == given


MISTAKES = [
    ("policy = \"per_day\"", "policy = \"daily\"", "field policy", 'Write "per_day"'),
    ("due = 2026-03-01T23:59:00+01:00", "due = 2026-03-01T23:59:00", "field due: it should have an offset from UTC, not 2026-03-01 23:59:00.", "+01:00"),
    ("due = 2026-03-01T23:59:00+01:00", "due = 2026-03-01", "field due: it should have a time of day, not 2026-03-01.", "+01:00"),
    ("due = 2026-03-01T23:59:00+01:00", 'due = "2026-03-01 23:59"', "field due: it should have an offset from UTC, not '2026-03-01 23:59'.", "+01:00"),
    ("due = 2026-03-01T23:59:00+01:00", 'due = "tomorrow"', "field due: it should be a date with time and offset, not 'tomorrow'.", "+01:00"),
    ("due = 2026-03-01T23:59:00+01:00", "", "field due: it is missing.", "Write due = 2026-03-01T23:59:00+01:00."),
    ("percent_per_day = 12.5", "", "field percent_per_day: it is missing.", "Write percent_per_day = 10."),
    ("percent_per_day = 12.5", "percent_per_day = 101", "field percent_per_day", "less than or equal to 100"),
    ("percent_per_day = 12.5", "percent_per_day = -1", "field percent_per_day", "greater than or equal to 0"),
    ("percent_per_day", "percent_a_day", "field percent_a_day", "Write percent_per_day."),
    ('"15 minutes"', '"15 min"', "field grace: it should be a whole number of minutes, hours, days or weeks, not '15 min'.", '"15 minutes"'),
    ('"15 minutes"', "15", "field grace: it should be a whole number of minutes", "not 15."),
    ('"15 minutes"', '"-1 days"', "field grace", "not '-1 days'"),
    ('cut_off = "3 days"', 'cut_off = "14 minutes"', "field cut_off", "before the end of the grace time"),
    ('of = "earned"', 'of = "all"', "field of", '"possible"'),
    ('ann = "2 days"', 'ann = "two days"', "field extensions.ann", "\"ann@uni.edu\" = \"2 days\""),
    ('ann = "2 days"', 'ann = "2026-03-04 12:00"', "field extensions.ann: it should have an offset from UTC", "due time of their own"),
    ('cut_off = "3 days"', 'cut_off = "1.5 days"', "field cut_off: it should be a whole number", '"3 days"'),
    ('ann = "2 days"', "ann = 2026-02-01T00:00:00Z", "field extensions.ann: it is before the due time of all", "Write a later one."),
    ('grace =', 'zone = "Berlin"\ngrace =', "field zone: it should be the name of a time zone that this machine knows, not 'Berlin'.", '"Europe/Berlin"'),
    ('grace =', 'zone = "Europe"\ngrace =', "field zone: it should be the name of a time zone", "not 'Europe'."),
    ('grace =', 'zone = 1\ngrace =', "field zone: it should be the name of a time zone", "not 1."),
    ("[late]", "[[late]]", "table [late]", "single brackets"),
]


@pytest.mark.parametrize(("old", "new", "place", "says"), MISTAKES, ids=[f"{n[:30]}" for _, n, _, _ in MISTAKES])
def test_a_mistake_in_the_table_is_one_line(course, rubric, old, new, place, says):
    """File, table, field and what to write instead."""
    text = rubric.read_text()
    assert old in text
    text = text.replace(old, new, 1)
    rubric.write_text(text.partition("[late.extensions]")[0] if new == "[[late]]" else text)
    with pytest.raises(CourseError) as caught:
        load_assignment(course, "demo")
    message = str(caught.value)
    assert "demo.toml, table [late]" in message
    assert place in message
    assert says in message
    assert "\n" not in message


def test_a_policy_that_is_switched_off_needs_nothing_else(course, rubric):
    """And may keep its other fields."""
    rubric.write_text(rubric.read_text().replace("per_day", "none", 1))
    assert load_assignment(course, "demo").rubric.late.policy == "none"
    rubric.write_text(rubric.read_text().partition("[late]")[0] + '[late]\npolicy = "none"\n')
    assert load_assignment(course, "demo").rubric.late.policy == "none"


def test_the_seed_and_the_stored_observations_do_not_depend_on_the_policy(course, edit):
    """Neither on its contents nor on where it stands nor on whether there is one; on everything else they do."""
    file = course / "rubrics/demo.toml"
    plain = file.read_text().strip() + "\n"
    file.write_text(plain)
    without = load_assignment(course, "demo")
    head, mark, rest = plain.partition('[[item]]\nid = "double.more"')
    for text in (plain + TABLE, plain + TABLE.replace("12.5", "10"), plain + TABLE.partition("[late.extensions]")[0],
                 head + TABLE.lstrip() + mark + rest):
        file.write_text(text)
        loaded = load_assignment(course, "demo")
        assert loaded.rubric.late is not None
        assert (loaded.rubric_sha256, loaded.default_seed) == (without.rubric_sha256, without.default_seed)
        assert loaded.rubric.items == without.rubric.items
    edit(course, "rubrics/demo.toml", "double doubles more", "double doubles most")
    assert load_assignment(course, "demo").rubric_sha256 != without.rubric_sha256


def test_the_schema_of_the_rubric_knows_the_table():
    """For editors: what the loader takes is valid, what it refuses is not."""
    schema = rubric_schema()["$defs"]["late"]
    right = {"policy": "per_day", "due": "2026-03-01T23:59:00+01:00", "percent_per_day": 10, "grace": "15 minutes", "extensions": {"a": "2 days"}}
    jsonschema.validate(right, schema)
    for wrong in ({"policy": "daily"}, {"grace": "15 min"}, {"percent": 1}, {"extensions": {"a": 2}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**right, **wrong}, schema)
    json.dumps(schema)


@pytest.mark.parametrize(("came", "points"), [("2026-03-02T00:14:00", []), ("2026-03-02T00:14:01", [-2]), ("2026-03-03T00:00:00", [-4])])
def test_a_time_without_a_zone_is_of_the_due_times_zone(came, points):
    """As a roster has it: the people of a course write its times as they write when it was due."""
    charged = apply_late(row(datetime.fromisoformat(came)), policy(), POSSIBLE)
    assert [a.points for a in charged.adjustments] == points
    elsewhere = policy(extensions={"ann": "2026-03-02T00:59:00+02:00"})  # the same moment, in another zone
    assert [a.points for a in apply_late(row(datetime.fromisoformat(came)), elsewhere, POSSIBLE).adjustments] == points


@pytest.mark.parametrize(("came", "points"), [("2026-03-28T23:59:00", []), ("2026-03-30T00:59:00", [-2]), ("2026-03-30T00:59:01", [-4])])
def test_a_time_without_a_zone_is_of_the_policys_zone_if_it_names_one(came, points):
    """A Moodle worksheet tells times by the clock on the wall, which was put on by an hour after this was due."""
    told = policy(due="2026-03-28T23:59:00+01:00", zone="Europe/Berlin", grace="0 minutes")
    charged = apply_late(row(datetime.fromisoformat(came)), told, POSSIBLE)
    assert [a.points for a in charged.adjustments] == points
    assert all(f"came {came[:10]} {came[11:].removesuffix(':00')} +02:00)" in a.label for a in charged.adjustments)


def test_who_has_to_decide_is_told_what_would_tell():
    """A class of sixty without times is not to be decided one by one."""
    (remark,) = apply_late(row(None), policy(), POSSIBLE).remarks
    assert remark.endswith("A person has to decide, or to give a roster that tells the times, in a column 'submitted at'.")


def test_the_class_page_tells_all_that_decides_whether_something_was_late():
    """A roster with times decides for the whole class; an override and an extension for one."""
    doubted = apply_late(row(None), policy(), POSSIBLE)
    book = ClassBook("demo", "Demo", (Item("a", "", "a", POSSIBLE),), (doubted,))
    text = to_class_page(book).partition("<h3>Late or not</h3>")[2].partition("</p>")[0]
    for way in ("a roster may tell it, in a column <code>submitted at</code>", "<code>--roster</code>", "write an override", "[late.extensions]"):
        assert way in text
