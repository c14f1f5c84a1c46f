"""The class of `conftest` in every text export, against files that a person has looked at.

To write them anew after a wanted change: ``GOLDEN=write pytest tests/report/exports/test_exports_golden.py``, then read the diff.
"""

import os
from pathlib import Path

import pytest

from grader.core.classbook import ClassBook
from grader.report.exports import EXPORTS, Options
from tests.report.exports.test_exports_moodle import SHEET

GOLDEN = Path(__file__).with_name("golden")


@pytest.mark.parametrize("name", ["csv", "jsonl", "canvas", "moodle", "moodle-gradebook"])
def test_the_class_is_exported_as_reviewed(name: str, book: ClassBook, tmp_path: Path) -> None:
    """Every change of an export shows as a diff of a golden file."""
    template = tmp_path / "template.csv"
    template.write_bytes(SHEET.encode())
    (path,) = EXPORTS[name].write(book, tmp_path, Options(column="Homework 1 (4711)", template=template)).paths
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / path.name).write_bytes(path.read_bytes())
    assert path.read_bytes() == (GOLDEN / path.name).read_bytes()


def test_every_export_is_there() -> None:
    """Each entry of the registry names a function, and begins by saying what it writes."""
    from importlib import import_module

    for export in EXPORTS.values():
        assert callable(getattr(import_module(export.module), export.function))
        assert ": " in export.writes
