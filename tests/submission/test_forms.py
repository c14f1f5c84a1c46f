"""Forms of a submission: one file, a folder; what is skipped, what is refused."""

import errno
import os
from pathlib import Path

import pytest

from grader.core.errors import GraderError, UsageError
from grader.submission import bounds, open_submission


def _write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}\n")


def test_a_file_is_one_submission(tmp_path: Path) -> None:
    """Its name is the submission's."""
    _write(tmp_path, "submit.py")
    handed = open_submission(tmp_path / "submit.py")
    assert (handed.name, [f.path for f in handed.files]) == ("submit.py", ["submit.py"])


def test_a_folder_is_read_two_levels_down_and_a_bit(tmp_path: Path) -> None:
    """Modules at the root and in nested folders; caches, hidden folders, environments and other files are left alone."""
    _write(tmp_path, "q1_softmax.py", "hw/assignment1/q2_neural.py", "hw/assignment1/utils/treebank.py", "__pycache__/x.py", ".git/hook.py",
           "venv/lib/y.py", "__MACOSX/._q1_softmax.py", "._q1_softmax.py", "notes.txt", "a/b/c/d/e/too_deep.py")
    assert [f.path for f in open_submission(tmp_path).files] == ["hw/assignment1/q2_neural.py", "hw/assignment1/utils/treebank.py", "q1_softmax.py"]


def test_symbolic_links_are_left_out_and_said(tmp_path: Path) -> None:
    """A link may point anywhere on the instructor's machine."""
    _write(tmp_path, "hw/a.py", "elsewhere/secret.py")
    (tmp_path / "hw/link.py").symlink_to(tmp_path / "elsewhere/secret.py")
    (tmp_path / "hw/folder").symlink_to(tmp_path / "elsewhere")
    handed = open_submission(tmp_path / "hw")
    assert [f.path for f in handed.files] == ["a.py"]
    assert handed.remarks == ("link.py: a link or device, left out. Hand in the file itself.",)


@pytest.mark.parametrize(("name", "says"), [("absent.py", "no such file"), ("empty", "no Python file"), ("notes.txt", "this is no submission")])
def test_what_cannot_be_graded_is_refused_with_a_sentence(tmp_path: Path, name: str, says: str) -> None:
    """Missing path, folder without Python, another kind of file."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match=says):
        open_submission(tmp_path / name)


def test_bounds_on_size_and_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A huge file is left out, and so is everything past the count; both are said."""
    monkeypatch.setattr(bounds, "MAX_FILE", 10)
    monkeypatch.setattr(bounds, "MAX_FILES", 2)
    for name, size in (("a.py", 10), ("b.py", 11), ("c.py", 3), ("d.py", 3)):
        (tmp_path / name).write_bytes(b"#" * size)
    handed = open_submission(tmp_path)
    assert [f.path for f in handed.files] == ["a.py", "c.py"]
    assert len(handed.remarks) == 2
    with pytest.raises(UsageError, match="11 bytes"):
        open_submission(tmp_path / "b.py")


def test_a_pipe_or_device_is_refused(tmp_path: Path) -> None:
    """Nothing is read from what is no regular file."""
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "ok.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match="this is no submission"):
        open_submission(tmp_path / "pipe.py")
    assert [f.path for f in open_submission(tmp_path).files] == ["ok.py"]


@pytest.mark.parametrize("name", ["hw.rar", "hw.7z", "hw.TAR.BZ2", "hw.tar.xz"])
def test_archives_of_other_kinds_are_named_as_such(tmp_path: Path, name: str) -> None:
    """Whoever handed them in is told how to pack."""
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(UsageError, match=r"it is packed in a way that is not read\. Pack it as \.zip or \.tar\.gz\."):
        open_submission(tmp_path / name)


def test_an_ending_in_capitals_is_the_same_ending(tmp_path: Path) -> None:
    """As Windows writes it: alone and in a folder, as in an archive."""
    _write(tmp_path, "hw/HW.PY", "hw/b.py")
    (tmp_path / "N.IPYNB").write_text('{"cells": []}')
    assert [f.path for f in open_submission(tmp_path / "hw").files] == ["HW.PY", "b.py"]
    assert [f.path for f in open_submission(tmp_path / "hw/HW.PY").files] == ["HW.PY"]
    assert [f.path for f in open_submission(tmp_path / "N.IPYNB").files] == ["N.IPYNB"]


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.ESTALE])
def test_a_failing_machine_is_not_blamed_on_the_submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """What can be read tomorrow is not unreadable: a class tries it again."""
    _write(tmp_path, "a.py")

    def fails(_: Path) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "read_bytes", fails)
    with pytest.raises(GraderError, match=rf"a\.py: it could not be read \({os.strerror(number)}\)"):
        open_submission(tmp_path / "a.py")


def test_a_folder_that_may_be_listed_but_not_entered_is_refused_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether there is anything of that name cannot be told, either."""
    def fails(_: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "exists", fails)
    with pytest.raises(UsageError, match=r"it cannot be read \(Permission denied\)\. Check its permissions\."):
        open_submission(tmp_path / "a.py")


def test_what_cannot_be_read_in_a_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, and not the folder, whose permissions are right."""
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw/q1.py").write_text("x = 1")

    def fails(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", fails)
    with pytest.raises(UsageError, match=rf"^{tmp_path}/hw/q1\.py: it cannot be read"):
        open_submission(tmp_path / "hw")
