"""Forms of a submission: one file, a folder; what is skipped, what is refused."""

import errno
import os
import re
import stat
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from grader.core.errors import GraderError, UsageError
from grader.submission import bounds, open_submission
from tests.submission.test_notebook import written


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


def test_an_archive_of_another_kind_in_a_folder_is_named(tmp_path: Path) -> None:
    """Alone it is why there is nothing to grade; beside Python it is left out, and may hold what is missing. Near miss: packed data."""
    (tmp_path / "hw.rar").write_bytes(b"x")
    (tmp_path / "train.csv.gz").write_bytes(b"x")
    why = "it is packed in a way that is not read. Pack it as .zip or .tar.gz."
    with pytest.raises(UsageError, match=rf"^{re.escape(f'{tmp_path}/hw.rar: {why}')}$"):
        open_submission(tmp_path)
    (tmp_path / "hw.py").write_text("def softmax(x): return x\n")
    assert open_submission(tmp_path, {"softmax": "q1"}).remarks == (f"hw.rar: {why} It was left out.",)
    with pytest.raises(UsageError, match=r"hw\.rar: .* does not define sgd\.$"):
        open_submission(tmp_path, {"softmax": "q1", "sgd": "q3"})


def test_what_a_folder_without_python_holds_is_told(tmp_path: Path) -> None:
    """So that nobody has to look; or why it was left out."""
    with pytest.raises(UsageError, match=r"there is no Python file or notebook in this folder\. It is empty\.$"):
        open_submission(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/hw").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"in this folder\. It holds hw\.$"):
        open_submission(tmp_path / "linked")
    (tmp_path / "linked/hw").unlink()
    _write(tmp_path, "hw.py.txt", "a/report\u202e.pdf", ".git/HEAD", ".DS_Store")
    with pytest.raises(UsageError, match=r"in this folder\. It holds hw\.py\.txt and a/report\.pdf~\w{6}\.$"):
        open_submission(tmp_path)
    (tmp_path / "hw.py").write_bytes(bytes(bounds.MAX_FILE + 1))
    with pytest.raises(UsageError, match=rf"^{re.escape(str(tmp_path))}/hw\.py: larger than 2,097,152 bytes, left out\.$"):
        open_submission(tmp_path)


MANY = [f"a{n:03}.py" for n in range(bounds.MAX_FILES - 1)]
CODE = "def softmax(x):\n    return x\n"


def _folder(folder: Path, left_out: str) -> Path:
    if left_out == "one of many":
        _write(folder, *MANY, "z.py")
    elif left_out == "too large":
        (folder / "z.py").write_bytes(b"#" * bounds.MAX_FILE + CODE.encode())
    elif left_out == "a link":
        (folder / "z.py").symlink_to("a.py")
    return folder


def _zip(folder: Path, left_out: str) -> Path:
    link = zipfile.ZipInfo("z.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    parts: dict[str, Sequence[tuple[str | zipfile.ZipInfo, bytes]]] = {
        "one of many": [(name, b"#") for name in (*MANY, "z.py")], "too large": [("z.py", bytes(bounds.MAX_FILE + 1))], "a link": [(link, b"a.py")],
        "deep": [("a/b/c/d/e/f/z.py", CODE.encode())], "a name that leads out": [("../z.py", CODE.encode())],
    }
    with zipfile.ZipFile(folder / "hw.zip", "w") as archive:
        for name, data in [*((f.name, f.read_bytes()) for f in folder.glob("?.py")), *parts[left_out]]:
            archive.writestr(name, data)
    return folder / "hw.zip"


@pytest.mark.parametrize(("form", "left_out"), [
    *((_folder, left_out) for left_out in ("one of many", "too large", "a link")),
    *((_zip, left_out) for left_out in ("one of many", "too large", "a link", "deep", "a name that leads out")),
], ids=lambda v: v if isinstance(v, str) else v.__name__)
def test_what_is_left_out_may_be_what_is_asked_for(tmp_path: Path, form: Callable[[Path, str], Path], left_out: str) -> None:
    """Then nobody can say what the submission lacks, and a person looks; where all is there, it is told and that is all."""
    (tmp_path / "a.py").write_text("def sigmoid(x):\n    return x\n")
    path = form(tmp_path, left_out)
    with pytest.raises(UsageError, match=rf"^{re.escape(str(path))}.*z\.py.* What else was handed in does not define softmax\.$"):
        open_submission(path, {"sigmoid": "a", "softmax": "z"})
    (told,) = open_submission(path, {"sigmoid": "a"}).remarks
    assert "z.py" in told
    assert "left out." in told


@pytest.mark.parametrize(("name", "data", "says"), [
    ("hw.py", written("x = 1"), "this is a notebook (.ipynb), and no Python source. Hand it in under its right name."),
    ("hw.py", b"PK\3\4...", "this is an archive (.zip), and no Python source. Hand it in under its right name."),
    ("hw.py", b"Rar!\x1a\x07\0...", "this is an archive (.rar), and no Python source. Hand it in under its right name."),
    ("hw.py", b"%PDF-1.5\n%...", "this is a document (.pdf), and no Python source. Hand in the source itself."),
    ("hw.py", b"\xd0\xcf\x11\xe0...", "this is a document (.doc), and no Python source. Hand in the source itself."),
    ("hw.py", b"\x89PNG\r\n...", "this is a picture (.png), and no Python source. Hand in the source itself."),
    ("hw.py", b" \n<!DOCTYPE HTML><html>", "this is a web page, and no Python source. Hand in the file itself."),
    ("hw.py", b"{\\rtf1\\ansi def softmax(x):", "this is rich text (.rtf), and no Python source. Save it as plain text."),
    ("hw.py", bytes(5), "this is nothing but zero bytes: it was damaged on its way. Hand it in again."),
    ("hw.ipynb", b"\xef\xbb\xbf \n", "this is no notebook: the file is empty. Save it again, and hand in that file."),
    ("hw.ipynb", b"<!DOCTYPE html>", "this is no notebook: it is a web page. Save it again, and hand in that file."),
    ("hw.ipynb", b"PK\3\4...", "this is no notebook: it is an archive. Save it again, and hand in that file."),
    ("hw.ipynb", b"# mine\nimport numpy\n", "this is no notebook: it is Python, and its name has to end in .py. Save it again, and hand in that file."),
], ids=range(13))
def test_a_file_of_another_kind_than_its_name_says(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    """It is told what it is; beside another file it is left alone."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=rf"^{re.escape(f'{tmp_path}/{name}: {says}')}$"):
        open_submission(tmp_path / name)
    (tmp_path / "b.py").write_text("x = 1")
    assert open_submission(tmp_path).remarks == (f"{name}: {says}",)


def test_what_only_looks_like_another_kind_is_python(tmp_path: Path) -> None:
    """Near misses: a dict of cells, text that begins like an archive's two letters, a page in a string."""
    for text in ('{"cells": []}\n', "PK = 1\n", '{"cells": [{"cell_type": "code", "source": "x"}]}[0]\n', '"<html>"\n'):
        (tmp_path / "hw.py").write_text(text)
        assert open_submission(tmp_path / "hw.py").files[0].unparsable is None
