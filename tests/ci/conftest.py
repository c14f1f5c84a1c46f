"""A course with hidden items, and a student's repository that does not contain it."""

from pathlib import Path

import pytest

from tests.course.conftest import write_assignment

INTERFACE = '''
from grader.core.interface import ArraySpec, DimRange, FunctionSpec, Interface, Param, Result

def declared(name):
    return FunctionSpec(name=name, module="hw", params=(Param(name="x", spec=ArraySpec(shape="N")),),
                        returns=(Result(name="y", spec=ArraySpec(shape="N")),))

INTERFACE = Interface(slug="demo", title="Demo", dims={"N": DimRange(low=2, high=5)},
                      functions=tuple(map(declared, ("double", "square", "shout", "treble"))))
'''
SOLUTIONS = '''
FUNCTIONS = {"double": lambda x: 2 * x, "square": lambda x: x * x, "shout": lambda x: x + 1, "treble": lambda x: 3 * x}
'''
RUBRIC = '''
[assignment]
slug = "demo"

[feedback]
show = "relation"
''' + "".join(f'''
[[item]]
id = "{name}.values"
title = "{title}"
points = {points}
{visibility}
check = {{ kind = "values", function = "{name}" }}
''' for name, title, points, visibility in (
    ("double", "double doubles", 4, ""), ("square", "square squares", 3, ""), ("shout", "shout adds one", 2, ""),
    ("treble", "a secret title", 5, 'visibility = "after_due_date"')))

HOMEWORK = '''\
import numpy as np


def double(x):
    return 2 * x


def square(x):
    return np.asarray(x) * 2


def treble(x):
    return x
'''


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course, beside the repository."""
    return write_assignment(tmp_path / "course", INTERFACE, SOLUTIONS, RUBRIC)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A student's checkout."""
    folder = tmp_path / "homework"
    (folder / ".git").mkdir(parents=True)
    (folder / "hw.py").write_text(HOMEWORK)
    return folder
