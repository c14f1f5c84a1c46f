"""JSON: valid for its published schema, exact, and never anything that JSON does not have."""

import json
import math
from collections.abc import Iterator
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any, get_args

import jsonschema
import pytest

from grader.core.classbook import Adjustment, Decided, Override
from grader.core.evidence import BlockRow, Blocks, Contrast, Evidence, Input, Shown, StepPlot, TraceLine
from grader.core.reason import Reason
from grader.core.report import Conditions, GradeReport
from grader.core.verdict import Outcome, met, not_met
from grader.report.json import to_json
from grader.schemas import report_schema

VALID = jsonschema.Draft202012Validator(report_schema())


def closed(node: Any) -> Any:
    """The schema with no room for a field that it does not describe."""
    if isinstance(node, list):
        return [closed(n) for n in node]
    if not isinstance(node, dict):
        return node
    inside = {k: closed(v) for k, v in node.items()}
    return inside | {"additionalProperties": False} if "required" in node else inside


def numbers(node: Any) -> Iterator[float]:
    """Every number in a JSON document."""
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from numbers(child)
    elif isinstance(node, float):
        yield node


def test_the_schema_is_a_valid_schema() -> None:
    """The published file keeps to draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(report_schema())


def test_the_sample_report_has_exactly_the_fields_of_the_schema(sample: GradeReport) -> None:
    """No field is missing from the schema, none in it is missing from the report."""
    jsonschema.Draft202012Validator(closed(report_schema())).validate(json.loads(to_json(sample)))


def test_decisions_have_exactly_the_fields_of_the_schema(sample: GradeReport) -> None:
    """Overrides by item, comments, adjustments and the total; the item's own points stay the grader's."""
    item = sample.items[0]
    override = Override("ann", item.id, Fraction(1, 3), "n", "Tutor", "2026-11-21")
    decided = Decided({item.id: override}, (replace(override, item="", points=None),), (Adjustment("late", Fraction(-1)),), ("l",), Fraction(1, 3))
    data = json.loads(to_json(replace(sample, decided=decided)))
    jsonschema.Draft202012Validator(closed(report_schema())).validate(data)
    assert data["decided"]["overrides"][item.id]["points"] == {"exact": "1/3", "points": 0.33}
    assert data["items"][0]["earned"] == json.loads(to_json(sample))["items"][0]["earned"]
    assert Fraction(data["earned"]["exact"]) == sample.earned - (item.earned or 0) + Fraction(1, 3)
    for name, model in (("decided", Decided), ("override", Override), ("adjustment", Adjustment)):
        assert list(report_schema()["$defs"][name]["properties"]) == [f.name for f in fields(model)]


def test_the_schema_sees_a_wrong_report(sample: GradeReport) -> None:
    """The schema refuses an unknown outcome, an inexact credit and a missing field: it is not empty words."""
    for change in ({"outcome": "fine"}, {"earned": 3}, {"reason": "Not A Code"}):
        data = json.loads(to_json(sample))
        data["items"][0] |= change
        assert not VALID.is_valid(data), change
    data = json.loads(to_json(sample))
    del data["items"][0]["repeat"]
    assert not VALID.is_valid(data)


@pytest.mark.parametrize("model", [*get_args(Evidence), BlockRow, Shown, Input, TraceLine, Conditions])
def test_the_schema_has_every_field_of_the_model(model: type) -> None:
    """A field added to the model has to be described in ``report.schema.json``."""
    name = {"StepPlot": "step_plot", "BlockRow": "block", "TraceLine": "trace_line"}.get(model.__name__, model.__name__.lower())
    assert list(report_schema()["$defs"][name]["properties"]) == [f.name for f in fields(model)]


def test_the_schema_knows_every_outcome_and_fits_every_reason_code() -> None:
    """Outcomes are listed; reason codes may be added and only have to look like one."""
    item = report_schema()["$defs"]["item"]["properties"]
    assert item["outcome"]["enum"] == [o.value for o in Outcome]
    code = jsonschema.Draft202012Validator(item["reason"])
    assert all(code.is_valid(r.code) for r in Reason)


def test_points_are_exact_and_rounded_once(sample: GradeReport) -> None:
    """A third of a point stays a third beside the rounded number, and sums are of the exact ones."""
    third = replace(sample.items[0], points=Fraction(1, 3), verdict=met())
    data = json.loads(to_json(replace(sample, items=(third,) * 3)))
    assert data["items"][0]["earned"] == {"exact": "1/3", "points": 0.33}
    assert data["earned"] == {"exact": "1", "points": 1.0}


def test_numbers_that_json_does_not_have_become_words(sample: GradeReport) -> None:
    """NaN and infinity are spelled out, so that any JSON reader takes the file."""
    block = BlockRow("W1", (2,), 1, 2, (0,), math.nan, -math.inf, ((math.inf, None),))
    plot = StepPlot("t", (0.1, 0.2), (math.nan, math.inf))
    contrast = Contrast("f", (), Shown("nan"), None, "finite numbers", worst_error=math.inf)
    report = replace(sample, items=(replace(sample.items[0], verdict=not_met(Reason.VALUE, "", Blocks((block,)), plot, contrast)),))
    text = to_json(report)
    data = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    VALID.validate(data)
    assert data["items"][0]["evidence"][0]["rows"][0]["expected"] == "-Infinity"
    assert all(math.isfinite(n) for n in numbers(data))


def test_an_empty_report_is_valid(sample: GradeReport) -> None:
    """A rubric without items and a submission without files have a report too."""
    empty = replace(sample, items=(), submission=replace(sample.submission, files=(), remarks=()), timings={})
    VALID.validate(json.loads(to_json(empty)))


def test_timings_come_last(sample: GradeReport) -> None:
    """The one part that differs from run to run is at the end, in a block of its own."""
    assert list(json.loads(to_json(sample)))[-1] == "timings"
