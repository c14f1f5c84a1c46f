"""The sample report, and the same as its student sees it: with items that are left out."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.audience import as_shown
from grader.core.audience import Visibility, Withheld
from grader.core.report import GradeReport
from tests.report.conftest import SOURCE, build


@pytest.fixture
def sample() -> GradeReport:
    """The sample report."""
    return build()


@pytest.fixture
def student(sample: GradeReport) -> GradeReport:
    """Without expected values, and with items that are graded later."""
    items = tuple(replace(i, verdict=as_shown(i.verdict, "relation")) for i in sample.items)
    return replace(sample, items=items, withheld=(Withheld(Visibility.AFTER_DUE_DATE, 4), Withheld(Visibility.HIDDEN, 1)))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A student's repository with the sample's file in it."""
    (tmp_path / "submit.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path
