"""The report as one self-contained HTML page: no script, no request, everything escaped, less than 2 MB."""

from grader.core.report import GradeReport
from grader.report.page import digest, environment
from grader.report.text import Bounds
from grader.report.views import view

LARGEST = 2_000_000
"""Bytes of a page: what a browser on a phone still opens at once."""

_BOUNDS = (Bounds(), Bounds(text=160, many=3, evidence=2, source=0), Bounds(text=80, many=1, evidence=0, source=0))


def to_html(report: GradeReport) -> str:
    """The report as a page; one that would be too large is written again with less of each text."""
    template, style_hash = environment().get_template("report.html.j2"), digest("base.css", "report.css")
    for bounds in _BOUNDS:
        page = view(report, bounds)
        text = template.render(page=page, style_hash=style_hash, shortened=bounds is not _BOUNDS[0])
        if len(text.encode()) <= LARGEST:
            break
    return text
