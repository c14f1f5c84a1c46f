"""The report as JSON, as ``report.schema.json`` describes it: for machines, and byte-stable up to ``timings``."""

import json
import math
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from grader.core.report import GradeReport, ItemResult, Submitted, points
from grader.report.text import clean
from grader.report.views import hint, message

_LONGEST = 10_000  # characters of one text: more than any output that the worker keeps


def to_json(report: GradeReport) -> str:
    """The report as JSON text; keys in a fixed order, ``timings`` last.

    The source of the submission is left out: it is named by path and SHA-256.
    """
    data = {
        "schema_version": report.schema_version,
        "assignment": report.assignment,
        "title": report.title,
        "submission": _submitted(report.submission),
        "possible": report.possible,
        "earned": report.earned,
        "ungraded": report.ungraded,
        "withheld": report.withheld,
        "decided": report.decided,
        "items": [_item(i) for i in report.items],
        "conditions": report.conditions,
        "timings": report.timings,
    }
    return json.dumps(plain(data), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _submitted(submission: Submitted) -> dict[str, object]:
    return {
        "name": submission.name,
        "sha256": submission.sha256,
        "files": [{"path": f.path, "functions": f.functions} for f in submission.files],
        "remarks": submission.remarks,
    }


def _item(item: ItemResult) -> dict[str, object]:
    verdict = item.verdict
    return {
        "id": item.id,
        "section": item.section,
        "title": item.title,
        "function": item.function,
        "possible": item.points,
        "earned": item.earned,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason.code if verdict.reason else None,
        "message": message(verdict),
        "hint": hint(verdict),
        "notes": verdict.notes,
        "evidence": verdict.evidence,
        "repeat": item.repeat,
    }


@cache
def _names(record: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(record))


def plain(value: Any) -> Any:
    """What `json` takes: points exact and rounded, floats that JSON has no number for as words, texts cleaned."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return clean(value, _LONGEST)
    if isinstance(value, float):
        return value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Fraction):
        return {"exact": str(value), "points": float(points(value))}
    if isinstance(value, dict):
        return {clean(k, _LONGEST): plain(v) for k, v in value.items()}
    if is_dataclass(kind := type(value)):
        return {name: plain(getattr(value, name)) for name in _names(kind)}
    return [plain(v) for v in value]
