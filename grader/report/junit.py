"""The report as JUnit XML, which GitLab, Jenkins and most other services show: a test case for each item."""

import xml.etree.ElementTree as ET
from typing import Literal

from grader.core.report import GradeReport
from grader.core.verdict import Outcome
from grader.report.terminal import BOUNDS, item_text
from grader.report.text import clean
from grader.report.views import ItemView, view

_SENTENCE = 500  # characters of a message, which services show on one line

_TOLD_AS: dict[Outcome, Literal["failure", "error", "skipped"]] = {
    Outcome.PARTLY: "failure",
    Outcome.NOT_MET: "failure",
    Outcome.NOT_ATTEMPTED: "failure",
    Outcome.BLOCKED: "skipped",
    Outcome.UNGRADED: "error",
}
"""*Met* has no child element. What we could not judge is an error, as a test that could not run is."""


def to_junit(report: GradeReport) -> str:
    """The report as XML text.

    Points stand as properties of suite and cases, and say exactly what was earned where an item is partly met. There is no
    time stamp and no host name: equal reports give equal bytes.
    """
    root = ET.Element("testsuites")
    page = view(report, BOUNDS)
    told = [_TOLD_AS.get(i.verdict.outcome) for i in report.items]
    suite = ET.SubElement(root, "testsuite", {
        "name": page.name, "tests": str(len(told)), "failures": str(told.count("failure")), "errors": str(told.count("error")),
        "skipped": str(told.count("skipped")), "time": f"{report.timings.get('total', 0.0):.3f}",
    })
    points = f"{page.score} of {page.possible}{page.scope}"
    _properties(suite, {"assignment": page.assignment, "points": points, "items": page.tally})
    for section in page.sections:
        for item in section.items:
            _case(suite, section.title, item)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(['<?xml version="1.0" encoding="UTF-8"?>\n', "\n"])


def _case(suite: ET.Element, section: str, item: ItemView) -> None:
    case = ET.SubElement(suite, "testcase", {"classname": section or item.function, "name": f"{item.id}: {item.title}", "time": "0"})
    _properties(case, {"outcome": item.outcome, "points": item.points})
    if told := _TOLD_AS.get(Outcome(item.outcome)):
        child = ET.SubElement(case, told, {"message": clean(item.message, _SENTENCE, lines=False), "type": item.outcome})
        child.text = item_text(item)


def _properties(parent: ET.Element, values: dict[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", {"name": name, "value": value})
