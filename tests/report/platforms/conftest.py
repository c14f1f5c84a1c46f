"""The sample report as a platform's result gets it: two of its items are not public yet."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from grader.audience import for_student
from grader.core.audience import FeedbackPolicy, Visibility
from grader.core.report import GradeReport
from grader.report.platforms import Circumstances, Graded
from grader.rubric import Rubric, RubricItem
from tests.report.conftest import build

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = {"normalize.values": Visibility.AFTER_DUE_DATE, "neural.gradient": Visibility.HIDDEN}
ENVIRONMENT = {
    "CLASSROOM": "ml", "ASSIGNMENT": "a1", "SUBMISSION_TAG": "submit/2026-03-02T12-00-00Z-abc", "USERNAME": "ann", "MODE": "individual",
    "COMMIT_URL": "https://example.org/c", "RELEASE_URL": "https://example.org/r", "REVIEW_URL": "https://example.org/v",
}
METADATA = {
    "id": 1, "created_at": "2026-03-02T01:12:30.5-08:00",
    "assignment": {"due_date": "2026-03-02T00:00:00.000000-08:00", "late_due_date": None, "title": "A1", "total_points": "44.0"},
    "users": [{"email": "ann@example.org", "id": 4, "name": "Ann"}],
    "previous_submissions": [{"submission_time": "2026-03-01T00:00:00-08:00", "score": 12.5, "results": {}}, {"score": None}],
}


def rubric_of(report: GradeReport, later: dict[str, Visibility], show: str = "value") -> Rubric:
    """A rubric with these items, as far as results look at it."""
    items = tuple(
        RubricItem.model_construct(id=i.id, title=i.title, visibility=later.get(i.id, Visibility.VISIBLE),
                                   check=SimpleNamespace(function=i.function)) for i in report.items)
    return Rubric.model_construct(slug=report.assignment, items=items, late=None, feedback=FeedbackPolicy(show=show))


def graded_from(report: GradeReport, later: dict[str, Visibility] = LATER, show: str = "value") -> Graded:
    rubric = rubric_of(report, later, show)
    return Graded(report, for_student(report, rubric, NOW), rubric)


@pytest.fixture
def graded() -> Graded:
    """The sample report, for its platform and its student."""
    return graded_from(build())


@pytest.fixture
def public() -> Graded:
    """The sample report, with nothing hidden."""
    return graded_from(build(), {})


@pytest.fixture
def judged() -> Graded:
    """The sample report without its ungraded item, two others hidden."""
    return graded_from(build(items=tuple(i for i in build().items if i.earned is not None)))


@pytest.fixture
def circumstances() -> Circumstances:
    """A late third attempt."""
    return Circumstances(METADATA, ENVIRONMENT, NOW)


@pytest.fixture
def graded_as() -> Callable[..., Graded]:
    return graded_from
