"""Visibility of items and the ``[feedback]`` table: read, refused with one line, and no part of what is asked."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from grader.core.audience import FeedbackPolicy, Visibility
from grader.core.errors import CourseError
from grader.course import load_assignment
from grader.schemas import rubric_schema

Edit = Callable[[Path, str, str, str], None]
POINTS = 'points = "1/3"'
HEADER = 'slug = "demo"\n'
FEEDBACK = HEADER + '\n[feedback]\nshow = "relation"\npublished = 2026-03-08T12:00:00+01:00\n'


def test_without_a_word_everything_is_shown(course: Path) -> None:
    """Items are visible, and students see values."""
    rubric = load_assignment(course, "demo").rubric
    assert {i.visibility for i in rubric.items} == {Visibility.VISIBLE}
    assert rubric.feedback == FeedbackPolicy(show="value", published=None)


def test_what_is_written_is_read(course: Path, edit: Edit) -> None:
    """Both tables, as the documentation has them; the schema for editors takes them too."""
    edit(course, "rubrics/demo.toml", POINTS, POINTS + '\nvisibility = "after_due_date"')
    edit(course, "rubrics/demo.toml", HEADER, FEEDBACK)
    rubric = load_assignment(course, "demo").rubric
    assert rubric.item("double.more").visibility is Visibility.AFTER_DUE_DATE
    assert rubric.feedback == FeedbackPolicy(show="relation", published=datetime(2026, 3, 8, 11, tzinfo=UTC))
    written = tomllib.loads((course / "rubrics/demo.toml").read_text())
    written["feedback"]["published"] = written["feedback"]["published"].isoformat()  # what an editor's TOML reader hands to the schema
    schema = jsonschema.Draft202012Validator(rubric_schema())
    schema.validate(written)
    written["item"][1]["visibility"] = "secret"
    assert not schema.is_valid(written)


def test_what_is_decided_later_changes_no_question(course: Path, edit: Edit) -> None:
    """The digest, and with it the seed, stays when an item is published or the feedback is changed; not when points are."""
    before = load_assignment(course, "demo")
    edit(course, "rubrics/demo.toml", POINTS, POINTS + '\nvisibility = "hidden"')
    edit(course, "rubrics/demo.toml", HEADER, FEEDBACK)
    after = load_assignment(course, "demo")
    assert (after.rubric_sha256, after.default_seed) == (before.rubric_sha256, before.default_seed)
    edit(course, "rubrics/demo.toml", POINTS, 'points = "1/4"')
    assert load_assignment(course, "demo").rubric_sha256 != before.rubric_sha256


@pytest.mark.parametrize(("old", "new", "says"), [
    (POINTS, POINTS + '\nvisibility = "secret"',
     "item double.more, field visibility: it is 'secret'. Write \"visible\", \"after_due_date\", \"after_published\" or \"hidden\"."),
    (POINTS, POINTS + '\nvisibilty = "hidden"', "item double.more, field visibilty: there is no such field. Write visibility."),
    ("points = 2", 'points = 2\nvisibility = "hidden"',
     ("item double.more, field visibility: it is visible, and would give away how double.values ended, which is hidden. "
      'Write visibility = "hidden".')),
    (HEADER, HEADER + '\n[feedback]\nshow = "some"\n',
     "table [feedback], field show: it is 'some'. Write \"none\" (outcome and one sentence), \"relation\" "),
    (HEADER, HEADER + "\n[feedback]\npublished = 2026-03-08\n",
     "table [feedback], field published: it should have a time of day, not 2026-03-08. Write when grades are published"),
    (HEADER, HEADER + "\n[feedback]\nshows = 1\n", "table [feedback], field shows: there is no such field. Write show."),
    (HEADER, HEADER + "\n[[feedback]]\n", "table [feedback]: it should be a table. Write [feedback], with single brackets, once."),
    (HEADER, HEADER + "\n[feedbacks]\n", "field feedbacks: there is no such field. Write feedback."),
])
def test_a_mistake_is_one_line(old: str, new: str, says: str, course: Path, edit: Edit) -> None:
    """File, place and what to write instead."""
    edit(course, "rubrics/demo.toml", old, new)
    with pytest.raises(CourseError) as caught:
        load_assignment(course, "demo")
    assert says in str(caught.value)
    assert "demo.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("need", "item", "fine"), [
    ("visible", "hidden", True), ("after_due_date", "after_published", True), ("after_due_date", "after_due_date", True),
    ("after_published", "after_due_date", False), ("hidden", "after_published", False),
])
def test_an_item_is_not_shown_before_one_that_it_needs(need: str, item: str, fine: bool, course: Path, edit: Edit) -> None:
    """*Blocked* would tell how the other one ended."""
    edit(course, "rubrics/demo.toml", "points = 2", f'points = 2\nvisibility = "{need}"')
    edit(course, "rubrics/demo.toml", POINTS, f'{POINTS}\nvisibility = "{item}"')
    if fine:
        load_assignment(course, "demo")
    else:
        with pytest.raises(CourseError, match="would give away"):
            load_assignment(course, "demo")
