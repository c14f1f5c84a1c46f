"""What the platforms' results have in common: texts, rounded points, JSON."""

import json
from collections.abc import Mapping
from fractions import Fraction

from grader.core.report import GradeReport, ItemResult, points
from grader.report.platforms import SENTENCES, State
from grader.report.terminal import item_text
from grader.report.text import Bounds, clean
from grader.report.views import ItemView, view

LONGEST = 4000
"""Characters of one item's text: a screen or two."""
_BOUNDS = Bounds(text=800, many=6, evidence=4, source=0)
_ALL = 150_000  # characters of all items' texts: at four bytes each, with the names of 300 items, below PrairieLearn's 1 MB
_NAME = 300


def number(value: Fraction) -> float:
    """Points as a JSON number: two decimals."""
    return float(points(value))


def as_json(document: Mapping[str, object]) -> str:
    """The text of a JSON file."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def line(text: str) -> str:
    """A name or title."""
    return clean(text, _NAME, lines=False)


def texts(report: GradeReport) -> dict[str, str]:
    """What there is to say of each item, plain text by id; bounded one by one and together."""
    room = min(LONGEST, _ALL // max(len(report.items), 1))
    views = {i.id: i for s in view(report, _BOUNDS).sections for i in s.items}
    return {i.id: clean(_text(views[i.id]), room) for i in report.items}


def _text(item: ItemView) -> str:
    """Of what was met, the notes alone: name and points stand beside it."""
    return item_text(item) if item.open else "\n".join((f"{item.outcome.capitalize()}.", *(f"- {note}" for note in item.notes)))


def overall(report: GradeReport) -> str:
    """What there is to say of the submission as a whole: banner, remarks, tally, what a person has to award."""
    shown = view(report, _BOUNDS)
    missing = f"{shown.ungraded}, and no sum here has them." if shown.ungraded else ""
    return "\n".join(filter(None, (shown.banner, *shown.remarks, shown.tally, missing)))


def named(item: ItemResult) -> str:
    """How a list calls an item: what nobody has judged says so in its name, which no platform drops."""
    return line(f"{'[ungraded] ' if item.earned is None else ''}{item.id}: {item.title}")


def explained(state: State, detail: str) -> str:
    """Why there are no verdicts."""
    return "\n".join(filter(None, (SENTENCES[state], clean(detail, LONGEST))))
