"""What is in the bytes: who may run an entry of an archive, and what a gradebook says of time."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from grader.core.classbook import ClassBook
from grader.report.exports import EXPORTS, Options
from grader.report.exports.archive import zip_atomically


def test_only_programs_may_be_run(tmp_path: Path) -> None:
    """The rest is read by all and written by its owner; every entry is a plain file of a Unix system, as old as can be."""
    path = tmp_path / "a.zip"
    zip_atomically(path, [("run", b"#!"), ("dir/run", b"x" * 1000), ("b.txt", b"")], executable={"run"})
    with ZipFile(path) as archive:
        found = [(i.filename, oct(i.external_attr >> 16), i.create_system, i.date_time, i.compress_type) for i in archive.infolist()]
        assert archive.read("dir/run") == b"x" * 1000
    old = (1980, 1, 1, 0, 0, 0)
    assert found == [
        ("run", "0o100755", 3, old, ZIP_DEFLATED), ("dir/run", "0o100644", 3, old, ZIP_DEFLATED), ("b.txt", "0o100644", 3, old, ZIP_DEFLATED)]
    assert path.stat().st_size < 1000


@pytest.mark.parametrize(("late", "said"), [(True, "yes"), (False, "no"), (None, "")])
def test_a_gradebook_says_late_of_those_who_were(book: ClassBook, tmp_path: Path, late: bool | None, said: str) -> None:
    """And nothing of whom nothing is known."""
    EXPORTS["csv"].write(replace(book, rows=(replace(book.rows[0], late=late),)), tmp_path, Options())
    (file,) = tmp_path.glob("*.csv")
    (row,) = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")))
    assert row["late"] == said
