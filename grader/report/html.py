"""The report as one self-contained HTML page: no script, no request, everything escaped, less than 2 MB."""

from grader.core.report import GradeReport
from grader.report.page import digest, fitted
from grader.report.text import Bounds
from grader.report.views import view

LARGEST = 2_000_000
"""Bytes of a page: what a browser on a phone still opens at once."""

_BOUNDS = (Bounds(), Bounds(text=160, many=3, evidence=2, source=0), Bounds(text=80, many=1, evidence=0, source=0))


def to_html(report: GradeReport) -> str:
    """The report as a page; one that would be too large is written again with less of each text."""
    pages = (view(report, bounds) for bounds in _BOUNDS)
    return fitted("report.html.j2", pages, LARGEST, style_hash=digest("base.css", "report.css"))
