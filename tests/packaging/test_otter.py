"""Names and points of otter's tests become the beginning of a rubric; none of their code runs."""

import tomllib
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from grader.checks import KINDS
from grader.core.errors import CourseError, UsageError
from grader.course import load_interface
from grader.packaging.otter import read_test, to_rubric
from grader.rubric import load_rubric
from tests.packaging.conftest import COURSE

OK_FORMAT = '''
OK_FORMAT = True
test = {
    "name": "q1.a",
    "points": [0.5, 1, None],
    "suites": [{"cases": [
        {"code": ">>> import numpy as np\\n>>> np.allclose(softmax(x), 1)\\nTrue", "hidden": False, "locked": False},
        {"code": ">>> len(sigmoid(x))\\n3", "hidden": True},
    ], "scored": True, "setup": "", "teardown": "", "type": "doctest"}],
}
'''
EXCEPTION_BASED = '''
from otter.test_files import test_case
open("ran", "w")
OK_FORMAT = False
name = "q10"
points = None

@test_case(points=2, hidden=True)
def test_one(sgd, env):
    check(sgd(1))

def check(v):
    assert v

@test_case(points=0.25, hidden=True)
def test_two(env):
    assert int(env["x"])
'''


@pytest.fixture
def assignment(tmp_path: Path) -> Path:
    folder = tmp_path / "hw/tests"
    folder.mkdir(parents=True)
    (folder / "q2.py").write_text(OK_FORMAT)
    (folder / "q10.py").write_text(EXCEPTION_BASED)
    (folder / "__init__.py").write_text("")
    return tmp_path / "hw"


def test_both_forms_are_read_in_the_order_of_their_numbers(assignment: Path) -> None:
    """Titles, points as exact numbers, hidden where all cases are."""
    found = tomllib.loads(to_rubric(assignment, "hw1"))
    assert found["assignment"] == {"slug": "hw1"}
    assert found["item"] == [
        {"id": "q1_a", "title": "q1.a", "points": "3/2"},
        {"id": "q10", "title": "q10", "points": "9/4", "visibility": "hidden"},
    ]
    assert not Path("ran").exists()


def test_the_author_is_told_what_the_tests_call(assignment: Path) -> None:
    """Python's own functions and the test's helpers are left out: what remains are the candidates for `function`."""
    text = to_rubric(assignment, "hw1")
    assert "# its tests call: sigmoid, softmax\n" in text
    assert "# its tests call: sgd\n" in text


def test_only_the_checks_are_missing(assignment: Path, tmp_path: Path) -> None:
    """Loading the rubric names the first item without one; with checks it loads."""
    interface = load_interface(COURSE, "cs224n_a1")
    text = to_rubric(assignment, "cs224n_a1")
    file = tmp_path / "cs224n_a1.toml"
    file.write_text(text)
    with pytest.raises(CourseError, match=r"item q1_a, field check: it is missing or no table. Write check = "):
        load_rubric(file, interface, KINDS)
    file.write_text(text.replace("# its tests call: s", 'check = { kind = "values", function = "softmax" }\n#'))
    assert [i.points for i in load_rubric(file, interface, KINDS).items] == [Fraction(3, 2), Fraction(9, 4)]


def test_a_file_that_cannot_be_read_is_told_of(assignment: Path) -> None:
    """A test whose points are computed is no literal: its item is not lost in silence."""
    (assignment / "tests/q3.py").write_text('test = {"name": "q3", "points": 1 + one()}')
    assert "# q3.py: no otter test that can be read, left out.\n" in to_rubric(assignment, "hw1")
    assert "__init__" not in to_rubric(assignment, "hw1")


def test_a_zip_is_read_as_the_folder_is(assignment: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "autograder.zip", "w") as archive:
        archive.writestr("otter_config.json", "{}")
        for file in (assignment / "tests").iterdir():
            archive.write(file, f"tests/{file.name}")
        archive.writestr("helpers/q3.py", OK_FORMAT)
    assert to_rubric(tmp_path / "autograder.zip", "hw1").split("\n")[1:] == to_rubric(assignment, "hw1").split("\n")[1:]
    assert to_rubric(assignment / "tests", "hw1").split("\n")[1:] == to_rubric(assignment, "hw1").split("\n")[1:]


@pytest.mark.parametrize(("source", "points"), [
    ('test = {"name": "a"}', 1), ('test = {"points": 0.1}', Fraction(1, 10)), ('test = {"points": float("nan")}', None),
    ('test = {"points": [1, 2.5]}', Fraction(7, 2)), ('test = {"points": True}', 1),
    ("@test_case()\ndef a(): pass\npoints = 3", 3), ("@otter.test_case(points=2)\ndef a(): pass\n@test_case()\ndef b(): pass", 2),
    ("@test_case\ndef a(): pass", 1), ("x = 1", None), ("def (", None), ("test = 4", None), ("\0", None),
])
def test_points_as_otter_counts_them(source: str, points: object) -> None:
    """None for what is no test."""
    test = read_test("q", source)
    assert (test and test.points) == points


def test_hostile_names_stay_one_line_of_toml(tmp_path: Path) -> None:
    """Quotes, newlines, control characters, other tables: a title is a title, an id an id; two of one name are told apart."""
    for n in range(2):
        (tmp_path / f"q{n}.py").write_text('test = {"name": "x\\"\\n[[item]]\\nid = 1\\x1b\\\\", "points": 1}')
    (tmp_path / "q9.py").write_text('test = {"name": "9 \u00e9", "points": -1}')
    found = tomllib.loads(to_rubric(tmp_path, 'a"b'))
    assert [i["id"] for i in found["item"]] == ["x_item_id_1", "x_item_id_1-2"]
    assert "is worth -1 points, which no item can be" in to_rubric(tmp_path, "a")


def test_what_has_no_tests_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    with pytest.raises(UsageError, match=r"there is no otter test\. Name the assignment's folder"):
        to_rubric(tmp_path, "a")
    (tmp_path / "a.zip").write_text("no zip")
    with pytest.raises(UsageError, match="it cannot be read"):
        to_rubric(tmp_path / "a.zip", "a")
