"""The folder of a run: one run at a time, nothing half-written, and errors that say what is wrong with it."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grader.batch.folder import opened, scratch
from grader.batch.identity import content_of
from grader.batch.run import Graded
from grader.core.classbook import Status
from grader.core.errors import GraderError, UsageError
from grader.submission.roll import Entry


def failing(number: int) -> Callable[..., Any]:
    """A call to the system that fails so."""
    def fails(*_: object, **__: object) -> Any:
        raise OSError(number, os.strerror(number))

    return fails


def test_a_file_system_without_locks_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other run is blamed that is not there."""
    monkeypatch.setattr(fcntl, "flock", failing(errno.ENOLCK))
    with pytest.raises(UsageError, match=r"cannot be locked \(No locks available\)"), opened(tmp_path, new=True):
        pass


def test_a_run_that_may_not_be_written_to_is_told_as_such(
    graded: Callable[..., Graded], make: Callable[[int], Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its database complains of the disk; another folder is named only where there is an option for it."""
    graded(make(1))
    monkeypatch.setattr(os, "access", lambda *_: False)
    for new, instead in ((True, ", or name another folder with --out."), (False, ".")):
        with pytest.raises(UsageError) as caught, opened(out, new=new):
            pass
        assert str(caught.value) == f"{out}: nothing can be written to this folder (Permission denied). Change that{instead}"


def test_a_disk_that_is_full_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose lock it is is told where there is room; what cannot do without room says so."""
    monkeypatch.setattr(os, "pwrite", failing(errno.ENOSPC))
    monkeypatch.setattr(tempfile, "mkdtemp", failing(errno.ENOSPC))
    with opened(tmp_path, new=True) as folder, pytest.raises(GraderError, match=r"cannot be written \(No space left on device\)"), scratch(folder):
        pass


def test_what_a_killed_run_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    """Parts of files, of the page and of reports; nothing else."""
    left = [tmp_path / ".index.html.0123abcd.part", tmp_path / "reports/.a.html.0123abcd.part"]
    own = [tmp_path / ".mine.part", tmp_path / "reports/a.html"]
    (tmp_path / "reports").mkdir()
    for file in (*left, *own):
        file.touch()
    with opened(tmp_path, new=True):
        assert [f.exists() for f in (*left, *own)] == [False, False, True, True]


def test_a_report_goes_with_what_it_was_about(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path) -> None:
    """Handed in again, and not to be read: what lay there tells of another submission."""
    folder = make(2)
    graded(folder)
    (folder / "right000.py").rename(folder / "right000.zip")
    assert {r.key: r.status for r in graded(folder).book.rows} == {"near001": Status.GRADED, "right000": Status.UNREADABLE}
    assert {p.name for p in (out / "reports").iterdir()} == {"near001.html", "near001.json"}


def _forbidden(call: Callable[..., Any], path: Any, **named: Any) -> Any:
    return (failing(errno.EACCES) if str(path).endswith("hw.py") else call)(path, **named)


def test_a_folder_that_may_not_be_entered_ends_no_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files can be listed, and nothing else be told of them."""
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann/hw.py").touch()
    before = content_of(Entry((), (tmp_path / "ann",), "hw.py"))
    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, partial(_forbidden, getattr(os, name)))
    assert content_of(Entry((), (tmp_path / "ann",), "hw.py")) != before
    assert content_of(Entry((), (tmp_path / "ann/hw.py",), "hw.py")) != before


def test_facts_are_noted_all_or_none(tmp_path: Path) -> None:
    """A run that is killed in between is not half of one sort and half of another."""
    with opened(tmp_path, new=True) as folder:
        with pytest.raises(TypeError):
            folder.store.put(seed=1, asking=object())
        assert folder.store.get("seed") is None
        folder.store._db.execute("create trigger full before insert on run when new.name = 'asking' begin select raise(abort, 'full'); end")
        with pytest.raises(GraderError):
            folder.store.put(seed=1, asking="a")
        assert folder.store.get("seed") is None


@pytest.mark.parametrize("data", [b"not a database, but long enough to be taken for one" * 100, b""])
def test_a_store_that_is_none_is_not_called_intact(tmp_path: Path, data: bytes) -> None:
    """Damaged by a disk or by hand: nothing is promised of what was in it. An empty one is as good as new."""
    (tmp_path / "run.sqlite").write_bytes(data)
    if not data:
        with opened(tmp_path) as folder:
            assert folder.store.get("seed") is None
        return
    with pytest.raises(GraderError, match=r"file is not a database\. This file is damaged: take it away") as caught, opened(tmp_path):
        pass
    assert "intact" not in str(caught.value)
