"""Planted mistakes in a rubric: what the author reads, word for word, and what an editor says before."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from grader.authoring.new import new_course
from grader.checks import KINDS
from grader.checks.cases import variants
from grader.core.errors import CourseError
from grader.core.interface import ArraySpec, ContextSpec, IndexSpec, StandInSpec
from grader.course import load_assignment
from grader.schemas import rubric_schema
from tests.authoring.conftest import ROOT

PURITY = 'id = "logistic.purity"'
COST = 'id = "logistic.cost"'
OUTPUTS = 'outputs = ["cost"]'
TOLERANCE = "Write numbers from 0 to below 1: an entry is right if it is off by at most atol + rtol * abs(what it should be)."
ARRAYS = "Write one of: vector, scalar, integers, int_vector, cube."
NEEDS = "Write the ids of items without which this one means nothing, in a list: it is blocked while one of them earns nothing."

# name: (what is replaced by what, what the author reads after the file's name, whether the schema sees it too)
MISTAKES: dict[str, tuple[dict[str, str], str, bool]] = {
    "unknown kind": (
        {'kind = "values", function = "sigmoid"': 'kind = "value", function = "sigmoid"'},
        "item sigmoid.values, field check.kind: there is no check kind 'value'. Write \"values\".", True),
    "no kind": (
        {'{ kind = "purity", function': "{ function"},
        ("item logistic.purity, field check.kind: it is missing. Write one of: count, gradcheck, gradient, probability, purity, relation, "
        "shape, stability, steps, values."), True),
    "misspelt field": (
        {"points = 4": "point = 4"}, "item logistic.gradient, field point: there is no such field. Write points.", True),
    "misspelt field of a check": (
        {OUTPUTS: 'output = ["cost"]'}, "item logistic.cost, field check.output: there is no such field. Write outputs.", True),
    "no title": (
        {'title = "dJ/dw = X^T (sigma(X w) - y)"\n': ""},
        "item logistic.gradient, field title: it is missing. Add title: What must hold, for students.", True),
    "unknown function": (
        {'kind = "purity", function = "logistic_cost"': 'kind = "purity", function = "logistic"'},
        "item logistic.purity, field check.function: the interface declares no function 'logistic'. Write one of: sigmoid, logistic_cost.",
        False),
    "unknown output": (
        {OUTPUTS: 'outputs = ["costs"]'},
        "item logistic.cost, field check.outputs: logistic_cost returns no 'costs'. Write some of: cost, grad.", False),
    "unknown parameter": (
        {'wrt = "w"': 'wrt = "W"'},
        "item logistic.gradient, field check.wrt: logistic_cost takes no float array 'W'. Write one of: w, X.", False),
    "negative points": (
        {"points = 4": "points = -4"},
        'item logistic.gradient, field points: it should be greater than 0, not -4. Write 3, 0.5 or "1/3".', True),
    "no points, as in a total of 0": (
        {"points = 4": "points = 0"},
        'item logistic.gradient, field points: it should be greater than 0, not 0. Write 3, 0.5 or "1/3".', True),
    "points as text": (
        {"points = 4": 'points = "four"'}, "item logistic.gradient, field points: 'four' is no number. Write 3, 0.5 or \"1/3\".", True),
    "points as a truth": (
        {"points = 4": "points = true"}, 'item logistic.gradient, field points: True is no number. Write 3, 0.5 or "1/3".', True),
    "points over nothing": (
        {"points = 4": 'points = "1/0"'}, "item logistic.gradient, field points: '1/0' is no number. Write 3, 0.5 or \"1/3\".", False),
    "one id twice": (
        {PURITY: COST}, "item logistic.cost, field id: there are two items of this id. Give each item an id of its own.", False),
    "an id with a space": (
        {PURITY: 'id = "logistic purity"'},
        ("item logistic purity, field id: it is 'logistic purity'. Write letters, digits, - and _, in words with dots between, as --item takes "
        "it: softmax.shift."), True),
    "unknown need": (
        {PURITY: f'{PURITY}\nneeds = ["logistic.costs"]'},
        "item logistic.purity, field needs: no earlier item has the id 'logistic.costs'. Write \"logistic.cost\".", False),
    "a need that comes later": (
        {COST: f'{COST}\nneeds = ["logistic.purity"]'},
        "item logistic.cost, field needs: logistic.purity stands after this item. Move logistic.purity up, before logistic.cost.", False),
    "a need of itself": (
        {COST: f'{COST}\nneeds = ["logistic.cost"]'},
        "item logistic.cost, field needs: an item cannot need itself. Leave logistic.cost out.", False),
    "a cycle of needs": (
        {COST: f'{COST}\nneeds = ["logistic.purity"]', PURITY: f'{PURITY}\nneeds = ["logistic.gradient"]',
         'id = "logistic.gradient"': 'id = "logistic.gradient"\nneeds = ["logistic.cost"]'},
        "item logistic.cost, field needs: logistic.cost and logistic.purity need each other. Leave one of them out of the other's needs.",
        False),
    "a need without brackets": (
        {PURITY: f'{PURITY}\nneeds = "logistic.cost"'}, f"item logistic.purity, field needs: it is 'logistic.cost'. {NEEDS}", True),
    "unknown relation": (
        {'kind = "purity", function = "logistic_cost"': 'kind = "relation", function = "sigmoid", relation = "complements"'},
        ("item logistic.purity, field check.relation: there is no relation 'complements'. Write one of: shift_invariance, "
        "permutation_equivariance, row_independence, complement, scale_invariance."), True),
    "a tolerance of 1.5": (
        {OUTPUTS: f"{OUTPUTS}\nrtol = 1.5\natol = 1e-9"},
        f"item logistic.cost, field check.rtol: it should be less than 1, not 1.5. {TOLERANCE}", True),
    "rtol without atol": (
        {OUTPUTS: f"{OUTPUTS}\nrtol = 1e-6"},
        "item logistic.cost, field check.atol: it is missing, but rtol is given. Write both, or neither.", False),
    "bad visibility": (
        {PURITY: f'{PURITY}\nvisibility = "secret"'},
        ("item logistic.purity, field visibility: it is 'secret'. "
        'Write "visible", "after_due_date", "after_published" or "hidden".'), True),
    "unknown dim in a case": (
        {"{ N = 4, D = 4 }": "{ N = 4, d = 4 }"},
        "item logistic.cost, field check.cases: case 3, d: logistic_cost has no dim or parameter of this name. Write one of: D, N, w, X, y.",
        False),
    "a size that is a word": (
        {"{ N = 4, D = 4 }": '{ N = "four", D = 4 }'},
        "item logistic.cost, field check.cases: case 3, N: 'four' is no size. Write a whole number from 1.", False),
    "unknown variant in a case": (
        {'[{ x = "vector"': '[{ x = "vectors"'},
        f"item sigmoid.values, field check.cases: case 1, x: there is no variant 'vectors'. {ARRAYS}", False),
    "unknown convention": (
        {'mean_over_N = "1/2"': 'mean_over_n = "1/2"'},
        "item logistic.cost, field check.conventions: misconceptions.py has no mistake 'mean_over_n' of logistic_cost. Write mean_over_N.",
        False),
    "a convention's share of 2": (
        {'mean_over_N = "1/2"': "mean_over_N = 2"},
        ("item logistic.cost, field check.conventions.mean_over_N: it should be less than or equal to 1, not 2. "
        "Write a number less than or equal to 1."), True),
    "not TOML": (
        {"points = 4": "points = "},
        "line 43: this is not TOML: Invalid value (at line 43, column 10). Check quotes, brackets and commas there.", False),
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course whose rubric is right."""
    new_course("demo", tmp_path / "course")
    load_assignment(tmp_path / "course", "demo")
    return tmp_path / "course"


def plant(course: Path, changes: dict[str, str]) -> Path:
    file = course / "rubrics/demo.toml"
    text = file.read_text("utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    file.write_text(text, "utf-8")
    return file


def said(course: Path) -> str:
    with pytest.raises(CourseError) as caught:
        load_assignment(course, "demo")
    return str(caught.value)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(course: Path, name: str) -> None:
    """File, item, field, what is wrong, what to write instead."""
    changes, says, _ = MISTAKES[name]
    file = plant(course, changes)
    assert said(course) == f"{file}, {says}"


@pytest.mark.parametrize("name", [n for n in MISTAKES if n != "not TOML"])
def test_an_editor_sees_what_needs_no_interface(course: Path, name: str) -> None:
    """The printed schema refuses the same rubric, wherever the rest of the course need not be known."""
    changes, _, seen = MISTAKES[name]
    table = tomllib.loads(plant(course, changes).read_text("utf-8"))
    assert bool(list(VALIDATOR.iter_errors(table))) is seen


def test_a_rubric_without_items_is_said(course: Path) -> None:
    """Only the head is there."""
    (course / "rubrics/demo.toml").write_text('[assignment]\nslug = "demo"\n')
    assert said(course).endswith("demo.toml: there are no items. Write one [[item]] table for each line of the rubric.")


def test_the_command_says_it_and_ends_with_3(course: Path) -> None:
    """One line on stderr, nothing else."""
    plant(course, MISTAKES["negative points"][0])
    command = [sys.executable, "-m", "grader", "submissions_example/demo/right_loops.py", "--assignment", "demo"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 3
    assert done.stderr == f"grade: {course / 'rubrics/demo.toml'}, {MISTAKES['negative points'][1]}\n"
    assert done.stdout == ""


# ---- what is right stays right ---------------------------------------------------------------------------------------

RIGHT = {
    "tolerances together": {OUTPUTS: f"{OUTPUTS}\nrtol = 1e-3\natol = 0.99"},
    "a fraction of a point": {"points = 4": 'points = "1/3"'},
    "a need that stands before": {PURITY: f'{PURITY}\nneeds = ["logistic.cost", "sigmoid.values"]'},
    "visibility": {PURITY: f'{PURITY}\nvisibility = "hidden"'},
    "sizes of one and variants": {"{ N = 4, D = 4 }": '{ N = 1, D = 1, X = "integers" }'},
}


@pytest.mark.parametrize("name", RIGHT)
def test_near_those_mistakes_is_what_is_right(course: Path, name: str) -> None:
    """Accepted by the loader and by the schema."""
    file = plant(course, RIGHT[name])
    load_assignment(course, "demo")
    VALIDATOR.validate(tomllib.loads(file.read_text("utf-8")))


# ---- the schema ------------------------------------------------------------------------------------------------------

SCHEMA = rubric_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_rubrics_that_ship_fit_the_printed_schema(course: Path) -> None:
    """As printed by the command: the one of this project, and that of a new course, which names its schema in its first line."""
    done = subprocess.run([sys.executable, "-m", "grader", "schema", "rubric"], cwd=course, capture_output=True, text=True, check=True)
    printed = json.loads(done.stdout)
    Draft202012Validator.check_schema(printed)
    for file in (ROOT / "rubrics/cs224n_a1.toml", course / "rubrics/demo.toml"):
        Draft202012Validator(printed).validate(tomllib.loads(file.read_text("utf-8")))
    first = (course / "rubrics/demo.toml").read_text().splitlines()[0]
    assert first == "#:schema ./rubric.schema.json"
    assert json.loads((course / "rubrics/rubric.schema.json").read_text()) == printed


def test_every_field_of_a_rubric_says_what_it_is() -> None:
    """An editor shows one sentence or more for each, without reST's quotes."""
    fields: dict[str, dict[str, Any]] = {f"{n}.{f}": p for n, d in SCHEMA["$defs"].items() for f, p in d.get("properties", {}).items()}
    assert len(fields) > 60
    assert [name for name, field in fields.items() if len(field.get("description", "")) < 10 or "``" in field["description"]] == []


def test_check_kinds_are_told_apart_by_their_kind() -> None:
    """Each kind is one alternative, closed, with its kind as a constant that has to be there."""
    check = SCHEMA["$defs"]["item"]["properties"]["check"]
    assert check["properties"]["kind"]["enum"] == list(KINDS)
    assert [o["$ref"] for o in check["oneOf"]] == [f"#/$defs/{kind}" for kind in KINDS]
    for kind in KINDS:
        definition = SCHEMA["$defs"][kind]
        assert definition["properties"]["kind"]["const"] == kind
        assert definition["additionalProperties"] is False
        assert "kind" in definition["required"]
        assert "Parameters\n---" not in definition["description"]


# ---- variants --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [
    ArraySpec(shape="N"), ContextSpec(of="tokens", length="2"), StandInSpec(name="sampler", count="V"), StandInSpec(name="postprocessing"),
], ids=["array", "context", "sampler", "postprocessing"])
def test_the_variants_are_those_that_the_docstring_names(spec: ArraySpec | ContextSpec | StandInSpec) -> None:
    """Each is explained where an author looks it up."""
    assert all(f"``{v}``" in (spec.__doc__ or "") for v in variants(spec))
    assert len(variants(spec)) >= 3


def test_what_has_no_variants_says_so(course: Path) -> None:
    """An index, an objective."""
    assert variants(IndexSpec(below="V")) == variants(StandInSpec(name="objective", size="D")) == ()
