"""The sample report in every format, against files that a person has looked at.

To write them anew after a wanted change: ``GOLDEN=write pytest tests/report/test_report_golden.py``, then read the diff.
"""

import io
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from grader.core.report import GradeReport
from grader.report import FORMATS
from grader.report.terminal import print_report

GOLDEN = Path(__file__).with_name("golden")


def terminal(report: GradeReport) -> str:
    """The report as it is printed to a file, 80 columns."""
    console = Console(file=io.StringIO(), width=80)
    print_report(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


RENDERERS = {"report.html": FORMATS["html"].render, "report.json": FORMATS["json"].render, "report.txt": terminal}


@pytest.mark.parametrize("name", RENDERERS)
def test_the_sample_report_is_rendered_as_reviewed(name: str, sample: GradeReport) -> None:
    """Every change of an output shows as a diff of a golden file."""
    text = RENDERERS[name](sample)
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RENDERERS)
def test_a_report_with_decisions_is_rendered_as_reviewed(name: str, decided: GradeReport) -> None:
    """As above, of a report that is handed back."""
    text = RENDERERS[name](decided)
    path = GOLDEN / name.replace("report", "decided")
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RENDERERS)
def test_a_report_is_the_same_twice_and_only_the_timings_block_may_differ(name: str, sample: GradeReport) -> None:
    """Equal inputs give equal bytes, and other timings change nothing outside their block."""
    first, again = RENDERERS[name](sample), RENDERERS[name](sample)
    later = RENDERERS[name](replace(sample, timings={"load": 99.0}))
    assert first == again
    block = {"report.html": r'(?s)<section id="timings".*?</section>', "report.json": r'(?s)"timings": \{.*?\}', "report.txt": "$^"}[name]
    assert re.sub(block, "", first) == re.sub(block, "", later)
    assert (first == later) is (name == "report.txt")
