"""The published JSON Schemas: report, interface, rubric."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from grader.checks import KINDS
from grader.checks.base import Check
from grader.core.audience import FeedbackPolicy
from grader.core.interface import Interface
from grader.core.late import LatePolicy
from grader.core.wording import described
from grader.rubric import RubricItem


def report_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of the JSON report, as committed beside the renderer."""
    schema: dict[str, Any] = json.loads((Path(__file__).parent / "report" / "report.schema.json").read_text(encoding="utf-8"))
    return schema


def rubric_schema() -> dict[str, Any]:
    """The schema of ``rubrics/<slug>.toml``, for editors that complete TOML: one definition per check kind."""
    models: dict[str, type[BaseModel]] = {**KINDS, "item": RubricItem, "late": LatePolicy, "feedback": FeedbackPolicy}
    definitions: dict[str, Any] = {}
    for name, model in models.items():
        schema = _explained(model)
        definitions |= schema.pop("$defs", {})
        definitions[name] = schema
    definitions.pop("Check", None)
    definitions["item"]["properties"]["check"] = {
        "description": described(RubricItem, "check"), "type": "object", "required": ["kind"],
        "properties": {"kind": {"enum": list(KINDS), "description": described(Check, "kind")}},
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in KINDS],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rubric",
        "type": "object",
        "required": ["assignment", "item"],
        "additionalProperties": False,
        "properties": {
            "assignment": {
                "type": "object", "required": ["slug"], "additionalProperties": False,
                "properties": {"slug": {"type": "string", "description": "The name of the interface's folder."}},
            },
            "item": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}},
            "late": {"$ref": "#/$defs/late"},
            "feedback": {"$ref": "#/$defs/feedback"},
        },
        "$defs": definitions,
    }


def _explained(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema in which each field says what it is, as the model's docstring does; a check names its kind."""
    schema = model.model_json_schema()
    schema["description"] = schema["description"].partition("\n\nParameters\n")[0]
    for name, field in schema["properties"].items():
        field["description"] = " ".join(described(model, name).split())
    if issubclass(model, Check):
        schema["required"] = ["kind", *schema.get("required", ())]
    return schema


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "report": report_schema,
    "interface": Interface.model_json_schema,
    "rubric": rubric_schema,
}
"""What ``grade schema NAME`` prints."""
