"""The published JSON Schemas: report, interface, rubric."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grader.checks import KINDS
from grader.core.interface import Interface
from grader.rubric import RubricItem


def report_schema() -> dict[str, Any]:
    """The schema of the JSON report, as committed beside the renderer."""
    schema: dict[str, Any] = json.loads((Path(__file__).parent / "report" / "report.schema.json").read_text(encoding="utf-8"))
    return schema


def rubric_schema() -> dict[str, Any]:
    """The schema of ``rubrics/<slug>.toml``, for editors that complete TOML: one definition per check kind."""
    item = RubricItem.model_json_schema()
    definitions: dict[str, Any] = {}
    for kind, check in KINDS.items():
        schema = check.model_json_schema()
        definitions |= schema.pop("$defs", {})
        definitions[kind] = schema
    item["properties"]["check"] = {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in KINDS]}
    item.pop("$defs", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rubric",
        "type": "object",
        "required": ["assignment", "item"],
        "additionalProperties": False,
        "properties": {
            "assignment": {
                "type": "object", "required": ["slug"], "additionalProperties": False, "properties": {"slug": {"type": "string"}},
            },
            "item": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}},
        },
        "$defs": {**definitions, "item": item},
    }


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "report": report_schema,
    "interface": Interface.model_json_schema,
    "rubric": rubric_schema,
}
"""What ``grade schema NAME`` prints."""
