"""What each platform takes, written from the description of its format alone: shares nothing with the writers.

Each reader returns the document, and raises `RefusedError` where the platform would refuse it, or show something else than meant.
"""

import json
import re
from datetime import datetime
from typing import Any

GRADESCOPE_VISIBILITY = ("hidden", "after_due_date", "after_published", "visible")
GRADESCOPE_FORMATS = ("text", "html", "simple_format", "md", "ansi")


class RefusedError(Exception):
    """The platform does not take this."""


def gradescope(text: str) -> dict[str, Any]:
    """``results.json``."""
    found = _object(text)
    _only(found, {"score": _number, "execution_time": _number, "output": str, "output_format": GRADESCOPE_FORMATS,
                  "test_output_format": GRADESCOPE_FORMATS, "test_name_format": GRADESCOPE_FORMATS, "visibility": GRADESCOPE_VISIBILITY,
                  "stdout_visibility": GRADESCOPE_VISIBILITY, "extra_data": dict, "tests": list, "leaderboard": list})
    tests = found.get("tests", [])
    for test in tests:
        _only(test, {"score": _number, "max_score": _number, "status": ("passed", "failed"), "name": str, "name_format": GRADESCOPE_FORMATS,
                     "number": str, "output": str, "output_format": GRADESCOPE_FORMATS, "tags": list, "visibility": GRADESCOPE_VISIBILITY,
                     "extra_data": dict})
        _all(isinstance(tag, str) for tag in test.get("tags", []))
    if "score" not in found and not (tests and all("score" in t for t in tests)):
        raise RefusedError("no score, and not one on each test")
    for entry in found.get("leaderboard", []):
        _only(entry, {"name": str, "value": lambda v: _number(v) or isinstance(v, str), "order": ("asc",)})
        _all(key in entry for key in ("name", "value"))
    return found


def prairielearn(text: str) -> dict[str, Any]:
    """``results.json`` of an external grader."""
    if len(text.encode()) > 1_000_000:
        raise RefusedError("larger than 1 MB")
    found = _object(text)
    _only(found, {"gradable": bool, "score": lambda v: _number(v) and 0 <= v <= 1, "message": str, "output": str, "images": list,
                  "format_errors": lambda v: isinstance(v, str) or (isinstance(v, list) and all(isinstance(e, str) for e in v)),
                  "succeeded": bool, "max_points": _number, "tests": list})
    if found.get("gradable", True) and "score" not in found:
        raise RefusedError("gradable without a score")
    tests = found.get("tests", [])
    for test in tests:
        _only(test, {"name": str, "description": str, "points": _number, "max_points": _number, "message": str, "output": str,
                     "images": list})
        _all(("points" in test) is ("max_points" in test) and ("points" in test) is ("points" in tests[0]) for _ in [0])
    return found


def classroom50(text: str) -> dict[str, Any]:
    """``result.json``, schema classroom50/result/v1."""
    found = _object(text)
    fields: dict[str, Any] = {
        "schema": ("classroom50/result/v1",), "classroom": _filled, "assignment": _filled, "assignment_type": ("individual", "group"),
        "owner": _filled, "submission": lambda v: _filled(v) and v.startswith("submit/"), "commit": _filled, "release": _filled,
        "review": _filled, "datetime": _moment, "score": _whole, "max-score": _whole, "tests": list,
    }
    _only(found, {**fields, "graded_at": _moment, "submitted_by": dict, "usernames": list})
    _all(name in found for name in fields)
    for test in found["tests"]:
        _all(name in test for name in ("test-name", "passed", "score", "max-score"))
        _all((_filled(test["test-name"]), isinstance(test["passed"], bool), _whole(test["score"]), _whole(test["max-score"])))
    if (found["score"], found["max-score"]) != tuple(sum(t[k] for t in found["tests"]) for k in ("score", "max-score")):
        raise RefusedError("totals are not the sums of the tests")
    return found


def check50(text: str) -> dict[str, Any]:
    """``check50 -o json``."""
    found = _object(text)
    _only(found, {"slug": str, "results": list, "version": str, "error": dict})
    if ("results" in found) is ("error" in found):
        raise RefusedError("results, or an error")
    known: set[str] = set()
    for result in found.get("results", []):
        _only(result, {"name": _filled, "description": str, "passed": (True, False, None), "log": list, "data": dict,
                       "cause": lambda v: v is None or isinstance(v, dict), "dependency": lambda v: v is None or v in known})
        _all(isinstance(row, str) for row in result["log"])
        if result["passed"] is not True and "rationale" not in result["cause"]:
            raise RefusedError("not passed, and no rationale")
        known.add(result["name"])
    return found


def _object(text: str) -> dict[str, Any]:
    def constant(name: str) -> None:
        raise RefusedError(f"{name} is no JSON")

    found = json.loads(text, parse_constant=constant)
    if not isinstance(found, dict):
        raise RefusedError("no object")
    return found


def _only(found: dict[str, Any], fields: dict[str, Any]) -> None:
    """No other field than these, each of its type, among its values, or as its rule says."""
    for name, value in found.items():
        if name not in fields:
            raise RefusedError(f"unknown field {name}")
        rule = fields[name]
        fits = value in rule if isinstance(rule, tuple) else isinstance(value, rule) if isinstance(rule, type) else rule(value)
        if not fits:
            raise RefusedError(f"{name} = {value!r}")


def _all(facts: Any) -> None:
    if not all(facts):
        raise RefusedError("not all of them")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _filled(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _moment(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) is not None \
        and datetime.fromisoformat(value) is not None
