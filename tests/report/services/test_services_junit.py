"""JUnit XML: valid for its contract, whatever is in it, and clear about points."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from grader.core.report import GradeReport
from grader.core.verdict import Outcome
from grader.report import FORMATS, ON_REQUEST
from grader.report.junit import to_junit
from tests.report.services import contracts
from tests.report.test_report_hostile import STRINGS, poisoned

GOLDEN = Path(__file__).with_name("golden") / "report.junit.xml"


def test_a_students_report_is_written_as_reviewed(student: GradeReport) -> None:
    """``GOLDEN=write`` writes the file anew."""
    text = ON_REQUEST["junit"].render(student)
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_golden_file_keeps_to_the_contract() -> None:
    """Read by the contract's reader, not by ours."""
    contracts.junit(GOLDEN.read_text(encoding="utf-8"))


def test_each_outcome_has_its_element_and_its_points(sample: GradeReport) -> None:
    """Lost is a failure, blocked is skipped, what we could not judge is an error; exact words stand in the properties."""
    suite = contracts.junit(to_junit(sample))
    told = {Outcome.MET: None, Outcome.PARTLY: "failure", Outcome.NOT_MET: "failure", Outcome.NOT_ATTEMPTED: "failure",
            Outcome.BLOCKED: "skipped", Outcome.UNGRADED: "error"}
    for case, item in zip(suite.findall("testcase"), sample.items, strict=True):
        assert [c.tag for c in case][1:] == [tag for tag in [told[item.verdict.outcome]] if tag], item.id
        properties = {p.get("name"): p.get("value") for p in case[0]}
        assert properties["outcome"] == item.verdict.outcome.value
    assert {p.get("name"): p.get("value") for p in suite[0]}["points"] == "12.67 of 44"


def test_a_lost_item_is_explained_as_on_the_terminal(sample: GradeReport) -> None:
    """The failure's text has asked, returned, should be, where and repeat."""
    case = contracts.junit(to_junit(sample)).findall("testcase")[1]
    text = case.findtext("failure") or ""
    assert all(word in text for word in ("you returned", "should equal", "your own answer for x", "line 4 of submit.py", "repeat:", "hint:"))


@pytest.mark.parametrize("name", STRINGS)
def test_hostile_text_stays_text(name: str, sample: GradeReport) -> None:
    """In every field: the same elements, no control character, and a size that services take."""
    text = to_junit(poisoned(sample, STRINGS[name]))
    suite = contracts.junit(text)
    assert len(suite.findall("testcase")) == len(sample.items)
    assert len(text.encode()) < 2_000_000


def test_timings_alone_differ_from_run_to_run(sample: GradeReport) -> None:
    """Equal reports give equal bytes."""
    assert to_junit(sample) == to_junit(replace(sample, timings={"load": 9.0}))
    assert 'time="1.500"' in to_junit(replace(sample, timings={"total": 1.5}))


def test_the_registry_has_no_name_twice() -> None:
    """Formats that every submission gets, and those on request."""
    assert not set(FORMATS) & set(ON_REQUEST)
    assert len({f.suffix for f in (*FORMATS.values(), *ON_REQUEST.values())}) == len(FORMATS) + len(ON_REQUEST)
