"""Writing a report: whole or not at all, and one clear message if not."""

import errno
import os
from pathlib import Path

import pytest

from grader.core.errors import GraderError, UsageError
from grader.core.report import GradeReport
from grader.report import FORMATS, write_atomically


def test_every_format_renders(sample: GradeReport) -> None:
    """Each entry of the registry names a renderer that is there."""
    for name, form in FORMATS.items():
        assert form.suffix == f".{name}"
        assert form.render(sample)


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    """Missing folders are made, the text is UTF-8 with plain newlines, and nothing else is left behind."""
    path = tmp_path / "a" / "b" / "report.html"
    write_atomically(path, "σ\n")
    assert path.read_bytes() == "σ\n".encode()
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_a_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    """Readable by whom the umask lets read: a web server, a colleague."""
    write_atomically(tmp_path / "report.html", "x")
    (tmp_path / "other").touch()
    assert (tmp_path / "report.html").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_after_a_failure_the_old_file_is_still_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """A full disk costs the new report, never the old one, and leaves no half file."""
    path = tmp_path / "report.json"
    path.write_text("old")

    def fail(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if broken == "fsync" else (Path, "replace")), fail)
    with pytest.raises(GraderError, match=r"report\.json could not be written: No space left on device\."):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_a_folder_that_is_a_file_is_the_callers_mistake(tmp_path: Path) -> None:
    """The message names the path and the cause."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match=r"out/report\.html cannot be written: .*Choose a folder"):
        write_atomically(tmp_path / "out" / "report.html", "x")


def test_a_target_that_is_a_folder_is_the_callers_mistake(tmp_path: Path) -> None:
    """The folder stays as it was."""
    (tmp_path / "report.html").mkdir()
    with pytest.raises(UsageError, match="it is a folder"):
        write_atomically(tmp_path / "report.html", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_forbidden_folder_is_the_callers_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No permission: said in one sentence."""
    def forbid(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(UsageError, match="Permission denied"):
        write_atomically(tmp_path / "report.html", "x")
