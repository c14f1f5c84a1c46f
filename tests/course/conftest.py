"""A small course to break on purpose."""

from collections.abc import Callable
from pathlib import Path

import pytest

INTERFACE = '''
from grader.core.interface import ArraySpec, DimRange, FunctionSpec, Interface, Param, Result

INTERFACE = Interface(
    slug="demo", title="Demo", dims={"N": DimRange(low=2, high=5)},
    functions=(
        FunctionSpec(name="double", module="hw", params=(Param(name="x", spec=ArraySpec(shape="N")),),
                     returns=(Result(name="y", spec=ArraySpec(shape="N")),)),
    ),
)
'''
SOLUTIONS = '''
def double(x):
    return 2 * x

FUNCTIONS = {"double": double}
'''
RUBRIC = '''
[assignment]
slug = "demo"

[[item]]
id = "double.values"
title = "double doubles"
points = 2
check = { kind = "values", function = "double" }

[[item]]
id = "double.more"
title = "double doubles more"
points = "1/3"
needs = ["double.values"]
check = { kind = "values", function = "double", cases = [{ N = 4 }] }
'''


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one assignment, ``demo``."""
    return write_assignment(tmp_path / "course")


def write_assignment(root: Path, interface: str = INTERFACE, solutions: str = SOLUTIONS, rubric: str = RUBRIC, slug: str = "demo") -> Path:
    """The files of an assignment; its course."""
    for name, text in ((f"reference/{slug}/interface.py", interface), (f"reference/{slug}/solutions.py", solutions),
                       (f"rubrics/{slug}.toml", rubric)):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


@pytest.fixture
def edit() -> Callable[[Path, str, str, str], None]:
    """Plant a mistake in a course's file: the old text must be there."""

    def plant(course: Path, name: str, old: str, new: str) -> None:
        file = course / name
        text = file.read_text()
        assert old in text, old
        file.write_text(text.replace(old, new, 1))

    return plant
