"""Archives: what is read of them, and every trick refused by name."""

import contextlib
import io
import random
import re
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from grader.core.errors import GraderError, UsageError
from grader.submission import archive, bounds, open_submission, open_together
from grader.submission.archive import Bounds, unpack

CODE = b"def softmax(x):\n    return x + 1\n"
SOFTMAX = {"softmax": "q1_softmax"}
BOTH = {**SOFTMAX, "sgd": "q3_sgd"}


def zipped(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries:
            file.writestr(name, data)
    return path


def tarred(path: Path, *entries: tuple[str, bytes] | tarfile.TarInfo, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as file:  # type: ignore[call-overload]
        for entry in entries:
            info, data = (entry, b"") if isinstance(entry, tarfile.TarInfo) else (tarfile.TarInfo(entry[0]), entry[1])
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def link(name: str, mode: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (mode | 0o777) << 16
    return info


def make_folder(path: Path) -> Path:
    path.mkdir()
    return path


def paths(path: Path) -> list[str]:
    return [f.path for f in open_submission(path).files]


# ---- what is read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "pack"), [("hw.zip", zipped), ("hw.tar.gz", tarred), ("hw.tgz", tarred), ("HW.ZIP", zipped)])
def test_an_archive_is_read_as_its_folder_would_be(tmp_path: Path, name: str, pack: Callable[..., Path]) -> None:
    """The one folder at its top is passed over; caches, hidden files, environments and other files are left alone, and not told of."""
    path = pack(tmp_path / name, ("hw/q1_softmax.py", CODE), ("hw/assignment1/q2.py", CODE), ("hw/__MACOSX/._q1.py", b"\0"),
                ("__MACOSX/hw/._q1.py", b"\0"), ("hw/.DS_Store", b"\0"), ("hw/venv/lib/x.py", CODE), ("hw/.git/h.py", CODE), ("hw/report.pdf", b"%PDF"))
    handed = open_submission(path)
    assert (handed.name, [f.path for f in handed.files], handed.remarks) == (name, ["assignment1/q2.py", "q1_softmax.py"], ())


def test_a_plain_tar_is_read(tmp_path: Path) -> None:
    """Without gzip, whatever its name says."""
    assert paths(tarred(tmp_path / "a.tar", ("a.py", CODE), mode="w")) == ["a.py"]
    assert paths(tarred(tmp_path / "b.tar.gz", ("a.py", CODE), mode="w")) == ["a.py"]


def test_a_folder_at_the_top_is_kept_where_there_is_more(tmp_path: Path) -> None:
    """As a folder form would see it: `src/` beside a file is a folder of the submission."""
    assert paths(zipped(tmp_path / "a.zip", ("src/a.py", CODE), ("README.md", b"x"))) == ["src/a.py"]
    assert paths(zipped(tmp_path / "b.zip", ("hw/src/a.py", CODE), ("hw/b.py", CODE))) == ["b.py", "src/a.py"]


def test_names_as_windows_packs_them(tmp_path: Path) -> None:
    """A backslash separates folders."""
    assert paths(zipped(tmp_path / "a.zip", ("hw\\src\\a.py", CODE), ("hw\\b.py", CODE))) == ["b.py", "src/a.py"]


def test_names_as_a_mac_packs_them(tmp_path: Path) -> None:
    """UTF-8 without saying so, which would be read as code page 437; a name that is of that code page stays."""
    zipped(tmp_path / "a.zip", ("JosXX/a.py", CODE), ("YY/b.py", CODE), ("c.txt", b""))
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data.replace(b"JosXX", "José".encode()).replace(b"YY", "é!".encode("cp437")))
    assert paths(tmp_path / "a.zip") == ["José/a.py", "é!/b.py"]
    unpack(tmp_path / "a.zip", make_folder(tmp_path / "into"))
    assert {f.name for f in (tmp_path / "into").iterdir()} == {"José", "é!", "c.txt"}


def folder_entry(name: str) -> tarfile.TarInfo:
    return special(name, tarfile.DIRTYPE)


def test_an_archive_of_the_folder_one_is_in(tmp_path: Path) -> None:
    """``tar czf hw.tar.gz .`` begins with the folder itself, which is no entry that anybody handed in."""
    path = tarred(tmp_path / "a.tgz", folder_entry("./"), ("./a.py", CODE), folder_entry("./src"), ("./src/b.py", CODE))
    handed = open_submission(path)
    assert ([f.path for f in handed.files], handed.remarks) == (["a.py", "src/b.py"], ())
    assert unpack(path, make_folder(tmp_path / "into")) == {}
    assert (tmp_path / "into/src/b.py").read_bytes() == CODE


@pytest.mark.parametrize("name", ["../x/", "/x/", "a\tb/"])
def test_a_hostile_folder_is_left_out_and_told(tmp_path: Path, name: str) -> None:
    """Like a file of such a name; the one folder beside it is passed over all the same."""
    for path in (zipped(tmp_path / "a.zip", (name, b""), ("hw/a.py", CODE)), tarred(tmp_path / "a.tgz", folder_entry(name), ("hw/a.py", CODE))):
        handed = open_submission(path)
        assert [f.path for f in handed.files] == ["a.py"]
        assert len(handed.remarks) == 1
        assert len(unpack(path, make_folder(tmp_path / f"into {path.name}"))) == 1


def test_equal_contents_have_equal_hashes_whatever_the_form(tmp_path: Path) -> None:
    """Folder, zip and tar of the same files are byte-identical submissions."""
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw/a.py").write_bytes(CODE)
    forms = (tmp_path / "hw", zipped(tmp_path / "a.zip", ("hw/a.py", CODE)), tarred(tmp_path / "a.tgz", ("a.py", CODE)))
    assert len({open_submission(f).sha256 for f in forms}) == 1


def test_an_archive_in_an_archive_is_read_once(tmp_path: Path) -> None:
    """A zip of a zip; deeper ones are left out and named."""
    inner = zipped(tmp_path / "in.zip", ("hw/a.py", CODE)).read_bytes()
    middle = zipped(tmp_path / "mid.zip", ("in.zip", inner))
    assert paths(middle) == ["in/a.py"]
    with pytest.raises(UsageError, match=r"nothing in this archive can be graded\. mid/in\.zip: an archive in an archive in the archive"):
        open_submission(zipped(tmp_path / "out.zip", ("mid.zip", middle.read_bytes())))


def test_a_folder_of_nothing_but_an_archive_is_read(tmp_path: Path) -> None:
    """As Moodle hands it out: a folder for each person, with the zip in it."""
    (tmp_path / "p").mkdir()
    zipped(tmp_path / "p/hw.zip", ("hw/a.py", CODE))
    assert paths(tmp_path / "p") == ["a.py"]


def test_two_archives_of_one_bare_name_lose_no_file(tmp_path: Path) -> None:
    """``hw.zip`` and ``hw.tgz`` in one archive: of a file that both have the last is taken, and that is said."""
    one = zipped(tmp_path / "one.zip", ("a.py", CODE), ("b.py", CODE)).read_bytes()
    other = tarred(tmp_path / "other.tgz", ("a.py", b"x = 1\n"), ("c.py", CODE)).read_bytes()
    handed = open_submission(zipped(tmp_path / "out.zip", ("hw.zip", one), ("hw.tgz", other)))
    assert [(f.path, f.text) for f in handed.files] == [("hw/a.py", "x = 1\n"), ("hw/b.py", CODE.decode()), ("hw/c.py", CODE.decode())]
    assert handed.remarks == ("hw/a.py: handed in twice; the last was taken.",)


@pytest.mark.parametrize(("name", "pack"), [("out.zip", zipped), ("out.tgz", tarred)])
@pytest.mark.parametrize(("inner", "pack_inner"), [("in.zip", zipped), ("in.tgz", tarred)])
def test_a_large_archive_in_an_archive_is_no_bomb(tmp_path: Path, name: str, pack: Callable[..., Path], inner: str,
                                                  pack_inner: Callable[..., Path]) -> None:
    """Pictures in a notebook: some megabytes, whichever of the two is a tar."""
    pixels = random.Random(0).randbytes(3 << 20)
    data = pack_inner(tmp_path / inner, ("picture.ipynb", pixels), ("picture.png", pixels), ("a.py", CODE)).read_bytes()
    assert paths(pack(tmp_path / name, (inner, data))) == ["in/a.py", "in/picture.ipynb"]


# ---- hostile entries are left out and named --------------------------------------------------------------------------

OUT, ABSOLUTE, NO_FILE = "leads out of the archive's folder", "is absolute", "a link or a device"
NAMES = [("../evil.py", OUT), ("a/../../evil.py", OUT), ("..\\evil.py", OUT), ("/etc/evil.py", ABSOLUTE), ("\\evil.py", ABSOLUTE), ("C:\\evil.py", ABSOLUTE),
         ("c:evil.py", ABSOLUTE), ("a\x1b[2J.py", "control characters"), ("n" * 300 + ".py", "too long"), ("/".join("d" * 40) + "/a.py", "folders deep")]


@pytest.mark.parametrize(("name", "says"), NAMES, ids=[ascii(n)[:30] for n, _ in NAMES])
@pytest.mark.parametrize(("suffix", "pack"), [("zip", zipped), ("tgz", tarred)])
def test_a_hostile_name_is_left_out_and_told(tmp_path: Path, suffix: str, pack: Callable[..., Path], name: str, says: str) -> None:
    """Traversal, absolute names, drives, backslashes, control sequences: the rest is graded, and nothing is written by `unpack`."""
    path = pack(tmp_path / f"a.{suffix}", ("hw.py", CODE), (name, CODE))
    handed = open_submission(path)
    assert [f.path for f in handed.files] == ["hw.py"]
    (remark,) = handed.remarks
    assert says in remark
    assert "\x1b" not in remark
    assert len(remark) < 300
    into = tmp_path / "into"
    into.mkdir()
    (refused,) = unpack(path, into).values()
    assert says in refused
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")} == {path.name, "into", "into/hw.py"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE], ids=["sym", "hard", "chr", "blk", "fifo"])
def test_links_and_devices_of_a_tar_are_left_out(tmp_path: Path, kind: bytes) -> None:
    """Also a link that a later entry would be written through."""
    path = tarred(tmp_path / "a.tgz", ("hw/hw.py", CODE), special("hw/x.py", kind, "/etc/passwd"), special("out", kind, str(tmp_path)), ("out/y.py", CODE))
    handed = open_submission(path)
    assert [f.path for f in handed.files] == ["hw/hw.py", "out/y.py"]
    assert [r.partition(":")[0] for r in handed.remarks] == ["hw/x.py", "out"]
    into = tmp_path / "into"
    into.mkdir()
    assert all(NO_FILE in why for why in unpack(path, into).values())
    assert not any(p.is_symlink() for p in into.rglob("*"))
    assert (into / "out/y.py").read_bytes() == CODE


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_of_a_zip_are_left_out(tmp_path: Path, mode: int) -> None:
    """Told by the mode bits; what would be the link's target is no source."""
    path = zipped(tmp_path / "a.zip", ("hw.py", CODE), (link("secret.py", mode), b"/etc/passwd"))
    handed = open_submission(path)
    assert [f.path for f in handed.files] == ["hw.py"]
    assert handed.remarks == ("secret.py: It is a link or a device. Hand in the file itself. It was left out.",)


def test_a_name_that_is_taken_is_told(tmp_path: Path) -> None:
    """Two files of one name: the first counts; a file that is a folder elsewhere is refused by `unpack`."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(tmp_path / "a.zip", ("a.py", CODE), ("a.py", b"x = 2\n"), ("a.py/b.txt", b"x"))
    handed = open_submission(path)
    assert handed.files[0].text == CODE.decode()
    assert handed.remarks == ("a.py: There is another entry of this name; the first was taken. It was left out.",)
    (tmp_path / "into").mkdir()
    assert set(unpack(path, tmp_path / "into")) == {"a.py", "a.py/b.txt"}


def test_a_nul_in_a_name_does_not_shorten_it(tmp_path: Path) -> None:
    """``a.py\\0.txt`` is not ``a.py``."""
    path = zipped(tmp_path / "a.zip", ("hw.py", CODE), ("a.pyQ.txt", CODE))
    path.write_bytes(path.read_bytes().replace(b"a.pyQ.txt", b"a.py\0.txt"))
    handed = open_submission(path)
    assert [f.path for f in handed.files] == ["hw.py"]
    assert "control characters" in handed.remarks[0]


def test_a_tar_name_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    """Its bytes stand as escapes in the remark."""
    info = tarfile.TarInfo("caf\udce9.py")
    path = tarred(tmp_path / "a.tar", ("hw.py", CODE), info, mode="w")
    assert "is not UTF-8" in open_submission(path).remarks[0]
    open_submission(path).remarks[0].encode()


def test_a_zip_name_that_is_not_utf_8_refuses_the_whole(tmp_path: Path) -> None:
    """Zipfile reads all names at once."""
    path = zipped(tmp_path / "a.zip", ("caf\xe9\xe9.py", CODE))
    path.write_bytes(path.read_bytes().replace("é".encode() * 2, b"\xff\xff\xff\xff"))
    with pytest.raises(UsageError, match="damaged or of another kind"):
        open_submission(path)


def test_many_refusals_are_summed_up(tmp_path: Path) -> None:
    """A report is not filled with them."""
    remarks = open_submission(zipped(tmp_path / "a.zip", ("hw.py", CODE), *((f"../{i}.py", CODE) for i in range(50)))).remarks
    assert len(remarks) == 21
    assert remarks[-1] == "and 30 more entries were left out."


def test_virtual_environments_are_skipped_with_their_links(tmp_path: Path) -> None:
    """A `venv/bin/python` that is a link is nobody's trick."""
    assert open_submission(zipped(tmp_path / "a.zip", ("hw.py", CODE), (link("venv/bin/python"), b"/usr/bin/python3"))).remarks == ()


# ---- bombs and damage refuse the whole -------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a test reaches quickly."""
    monkeypatch.setattr(archive, "HOMEWORK", Bounds(entries=30, file=1 << 20, total=3 << 20))
    monkeypatch.setattr(archive, "CLASS", Bounds(entries=30, file=1 << 20, total=3 << 20))


ZEROS = bytes(900_000)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("suffix", "pack"), [("zip", zipped), ("tgz", tarred)])
def test_many_small_bombs_are_one(tmp_path: Path, suffix: str, pack: Callable[..., Path]) -> None:
    """Each file within bounds, all together not: refused, by the bytes that came out."""
    path = pack(tmp_path / f"a.{suffix}", *((f"{i}.py", ZEROS) for i in range(4)))
    assert path.stat().st_size < 20_000
    with pytest.raises(UsageError, match=rf"a\.{suffix}: it unpacks to more than 3,145,728 bytes\. Pack the Python files alone\."):
        open_submission(path)
    (tmp_path / "into").mkdir()
    with pytest.raises(UsageError, match=r"unpacks to more .* alone\. It was too much at 3\.py: pack it without that, or unpack it yourself and name the folder\.$"):
        unpack(path, tmp_path / "into")


@pytest.mark.usefixtures("small")
def test_of_a_class_only_what_was_too_much_is_told_where(tmp_path: Path) -> None:
    """Not what is too much before the first file, nor a damaged one, which was not too much."""
    (tmp_path / "into").mkdir()
    first = tarfile.TarInfo("a.py")
    first.pax_headers = {"comment": "x" * (4 << 20)}
    many = tarred(tmp_path / "many.tgz", first)
    torn = tarred(tmp_path / "torn.tgz", ("a.py", CODE), ("b.py", random.Random(0).randbytes(900_000)))
    torn.write_bytes(torn.read_bytes()[:500_000])
    with pytest.raises(UsageError, match=r"Pack the Python files alone\.$"):
        unpack(many, tmp_path / "into")
    assert not any((tmp_path / "into").iterdir())
    with pytest.raises(UsageError, match=r"this archive is damaged .*\. Pack it again\.$"):
        unpack(torn, tmp_path / "into")
    assert (tmp_path / "into/a.py").exists()


@pytest.mark.usefixtures("small")
def test_nested_bombs_count_together(tmp_path: Path) -> None:
    """Like 42.zip: equal archives in an archive, each within bounds."""
    inner = zipped(tmp_path / "in.zip", ("a.py", ZEROS)).read_bytes()
    with pytest.raises(UsageError, match="unpacks to more"):
        open_submission(zipped(tmp_path / "a.zip", *((f"{i}.zip", inner) for i in range(4))))


@pytest.mark.usefixtures("small")
def test_what_a_tar_passes_over_counts_too(tmp_path: Path) -> None:
    """A data file is not kept, but has to be inflated."""
    with pytest.raises(UsageError, match="unpacks to more"):
        open_submission(tarred(tmp_path / "a.tgz", ("data.bin", bytes(4 << 20)), ("a.py", CODE)))


@pytest.mark.usefixtures("small")
def test_what_a_zip_passes_over_costs_nothing(tmp_path: Path) -> None:
    """A data file is not inflated."""
    assert paths(zipped(tmp_path / "a.zip", ("data.bin", bytes(4 << 20)), ("a.py", CODE))) == ["a.py"]


def test_the_ratio_counts_only_beyond_what_any_homework_has(tmp_path: Path) -> None:
    """15 MB of zeros in 15 kB are read, 17 MB are not."""
    assert paths(tarred(tmp_path / "a.tgz", ("z", bytes(15 << 20)), ("a.py", CODE))) == ["a.py"]
    with pytest.raises(UsageError, match="unpacks to more than 16,777,216 bytes"):
        open_submission(tarred(tmp_path / "b.tgz", ("z", bytes(17 << 20)), ("a.py", CODE)))


@pytest.mark.parametrize(("suffix", "pack"), [("zip", zipped), ("tgz", tarred)])
def test_a_file_that_is_too_large_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, pack: Callable[..., Path]) -> None:
    """One byte more than a source file may have; one that has just that many is read."""
    monkeypatch.setattr(bounds, "MAX_FILE", 100)
    handed = open_submission(pack(tmp_path / f"a.{suffix}", ("a.py", b"#" * 100), ("b.py", b"#" * 101)))
    assert [f.path for f in handed.files] == ["a.py"]
    assert handed.remarks == ("b.py: It is larger than a file may be. It was left out.",)


def test_a_declared_size_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip that declares 10 bytes for a file of a million does not get them in."""
    monkeypatch.setattr(bounds, "MAX_FILE", 1000)
    path = zipped(tmp_path / "a.zip", ("a.py", CODE), ("b.py", b"#" * 1_000_000))
    path.write_bytes(path.read_bytes().replace(struct.pack("<L", 1_000_000), struct.pack("<L", 10)))
    handed = open_submission(path)
    assert [f.path for f in handed.files] == ["a.py"]
    assert handed.remarks[0].startswith("b.py: It is damaged (Bad CRC-32")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("suffix", "pack"), [("zip", zipped), ("tgz", tarred)])
def test_too_many_entries_refuse_the_whole(tmp_path: Path, suffix: str, pack: Callable[..., Path]) -> None:
    """30 are read, 31 are not."""
    assert paths(pack(tmp_path / f"a.{suffix}", ("a.py", CODE), *((f"{i}.txt", b"") for i in range(29)))) == ["a.py"]
    with pytest.raises(UsageError, match="more than 30 files and folders"):
        open_submission(pack(tmp_path / f"b.{suffix}", ("a.py", CODE), *((f"{i}.txt", b"") for i in range(30))))


@pytest.mark.usefixtures("small")
def test_a_table_of_contents_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    """A zip of thousands of entries is refused by the size of its table."""
    with pytest.raises(UsageError, match="table of contents is larger"):
        open_submission(zipped(tmp_path / "a.zip", *((f"{i}.txt", b"") for i in range(2000))))


def test_the_headers_of_a_tar_are_bounded_before_they_are_read(tmp_path: Path) -> None:
    """A name of 10 MB, which tarfile would read whole."""
    path = tarred(tmp_path / "a.tgz", ("hw.py", CODE), ("x" * (10 << 20), CODE))
    with pytest.raises(UsageError, match="unpacks to more than"):
        open_submission(path)


def test_files_past_the_count_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a folder."""
    monkeypatch.setattr(bounds, "MAX_FILES", 2)
    handed = open_submission(zipped(tmp_path / "a.zip", *((f"{c}.py", CODE) for c in "abc")))
    assert [f.path for f in handed.files] == ["a.py", "b.py"]
    assert handed.remarks == ("c.py: There are more than 2 Python files. It was left out.",)


def test_files_past_the_count_are_left_out_of_all_archives_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three archives of two files each are no way around it."""
    monkeypatch.setattr(bounds, "MAX_FILES", 3)
    inner = zipped(tmp_path / "in.zip", ("a.py", CODE), ("b.py", CODE)).read_bytes()
    handed = open_submission(zipped(tmp_path / "out.zip", *((f"{i}.zip", inner) for i in range(3))))
    assert [f.path for f in handed.files] == ["0/a.py", "0/b.py", "1/a.py"]
    assert handed.remarks[0] == "1/b.py: There are more than 3 Python files. It was left out."


def test_files_too_deep_are_left_out(tmp_path: Path) -> None:
    """As of a folder, but told."""
    handed = open_submission(zipped(tmp_path / "a.zip", ("hw/notes", b""), ("hw/1/2/3/4/a.py", CODE), ("hw/1/2/3/4/5/b.py", CODE)))
    assert [f.path for f in handed.files] == ["1/2/3/4/a.py"]
    says = "1/2/3/4/5/b.py: it lies more than 4 folders deep. Pack it with fewer folders around it. It was left out."
    assert handed.remarks == (says,)


def test_folders_that_hold_one_folder_each_count_for_no_depth(tmp_path: Path) -> None:
    """Who packs /home/ann/... gets all of these. Near miss: a file beside the second of them ends what is passed over."""
    around = "home/ann/Documents/school/cs224n/assignment1"
    packed = zipped(tmp_path / "a.zip", ("home/", b""), ("home/ann/", b""), (f"{around}/a.py", CODE), (f"{around}/more/b.py", CODE))
    assert [f.path for f in open_submission(packed).files] == ["a.py", "more/b.py"]
    place = tmp_path / "hw" / around
    place.mkdir(parents=True)
    (place / "a.py").write_bytes(CODE)
    assert [f.path for f in open_submission(tmp_path / "hw").files] == [f"{around}/a.py"]
    (tmp_path / "hw" / "home" / "notes").write_bytes(b"")
    for path in (tmp_path / "hw", zipped(tmp_path / "b.zip", (f"{around}/a.py", CODE), ("home/notes", b""))):
        with pytest.raises(UsageError, match="more than 4 folders deep"):
            open_submission(path)


@pytest.mark.parametrize("name", ["a.zip", "a.tgz", "a.tar"])
@pytest.mark.parametrize("data", [b"", b"hello", b"PK\3\4" + bytes(100), b"\x1f\x8b" + bytes(50), b"PK\5\6" + bytes(18), bytes(1024)], ids=range(6))
def test_what_is_no_archive_is_refused_with_a_sentence(tmp_path: Path, name: str, data: bytes) -> None:
    """Never another exception, whatever the bytes."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=r"damaged or of another kind|no Python file or notebook in this archive|no content \(0 bytes\)"):
        open_submission(tmp_path / name)


@pytest.mark.parametrize(("name", "pack"), [("a.zip", zipped), ("a.tgz", tarred)])
def test_an_archive_cut_anywhere_or_with_a_flipped_byte_is_a_sentence(tmp_path: Path, name: str, pack: Callable[..., Path]) -> None:
    """Damage of every kind ends as a UsageError, or is none."""
    whole = pack(tmp_path / name, ("hw/a.py", CODE * 20), ("hw/b.py", CODE)).read_bytes()
    for i in range(len(whole)):
        for data in (whole[:i], whole[:i] + bytes([whole[i] ^ 0x55]) + whole[i + 1 :]):
            (tmp_path / name).write_bytes(data)
            with contextlib.suppress(UsageError):
                open_submission(tmp_path / name)


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    """By the flag of its entries."""
    path = zipped(tmp_path / "a.zip", ("a.py", CODE))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(UsageError, match=r"a\.zip: a\.py: It is locked with a password\. Pack it without one\.$"):
        open_submission(path)


def test_an_archive_is_known_by_its_content(tmp_path: Path) -> None:
    """Whatever its name says: a zip or a tar is read, another kind is named."""
    assert paths(tarred(tmp_path / "a.zip", ("a.py", CODE))) == ["a.py"]
    assert paths(zipped(tmp_path / "a.tar.gz", ("a.py", CODE))) == ["a.py"]
    for begins in (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"):
        (tmp_path / "b.zip").write_bytes(begins + bytes(100))
        with pytest.raises(UsageError, match=r"b\.zip: whatever its name says, it is a \.rar or \.7z, which is not read\."):
            open_submission(tmp_path / "b.zip")


def test_what_is_locked_may_be_what_is_missing(tmp_path: Path) -> None:
    """Python in it; near miss: data."""
    (tmp_path / "hw.py").write_bytes(CODE)
    for name in ("a.py", "a.csv"):
        path = zipped(tmp_path / f"{name}.zip", (name, CODE))
        data = bytearray(path.read_bytes())
        data[6] |= 1
        data[data.index(b"PK\1\2") + 8] |= 1
        path.write_bytes(data)
    with pytest.raises(UsageError, match=r"a\.py: It is locked with a password\. .* does not define sgd\.$"):
        open_together("doe", [tmp_path / "hw.py", tmp_path / "a.py.zip"], asked=BOTH)
    handed = open_together("doe", [tmp_path / "hw.py", tmp_path / "a.csv.zip"], asked=BOTH)
    assert handed.remarks == ("a.csv: It is locked with a password. Pack it without one. It was left out.",)


def test_unusual_packings_are_told(tmp_path: Path) -> None:
    """LZMA's memory is what the archive says it is: not read."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as file:
        file.writestr("a.py", CODE)
    with pytest.raises(UsageError, match="packed in an unusual way"):
        open_submission(tmp_path / "a.zip")


def test_a_sparse_file_is_left_out(tmp_path: Path) -> None:
    """A tar of a few bytes may declare a terabyte of holes."""
    info = tarfile.TarInfo("big.py")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 0
    raw = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    raw[483:495] = b"%011o\0" % (1 << 32)
    raw[148:156] = b"        "
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    normal = tarfile.TarInfo("hw.py")
    normal.size = len(CODE)
    (tmp_path / "a.tar").write_bytes(bytes(raw) + normal.tobuf() + CODE.ljust(512, b"\0") + bytes(1024))
    assert "a file with holes" in open_submission(tmp_path / "a.tar").remarks[0]


# ---- a class download ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "pack"), [("c.zip", zipped), ("c.tgz", tarred)])
def test_unpack_writes_what_is_there(tmp_path: Path, name: str, pack: Callable[..., Path]) -> None:
    """Files, whatever they are, and archives as they are; junk is not told of; nothing is executable."""
    into = tmp_path / "into"
    into.mkdir()
    refused = unpack(pack(tmp_path / name, ("build/softmax.py", CODE), ("Zoë, \"Z\"/hw.zip", b"PK"), ("__MACOSX/._x", b""), ("a/.DS_Store", b"")), into)
    assert refused == {}
    files = {p.relative_to(into).as_posix(): p for p in into.rglob("*") if p.is_file()}
    assert set(files) == {"build/softmax.py", "Zoë, \"Z\"/hw.zip"}
    assert all(not p.stat().st_mode & 0o111 for p in files.values())


def test_unpack_marks_what_cannot_be_had(tmp_path: Path) -> None:
    """One student's, damaged or locked, not the class; whoever has nothing else is unreadable, and not without a row or a zero."""
    path = zipped(tmp_path / "c.zip", ("a.py", CODE), ("b.py", b"unique content here"), ("c/d.py", b"locked"))
    with zipfile.ZipFile(path) as file:
        at = file.getinfo("b.py").header_offset + 30 + len("b.py")
    data = bytearray(path.read_bytes())
    data[at + 3] ^= 0xFF
    data[data.rindex(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    into = tmp_path / "into"
    into.mkdir()
    refused = unpack(path, into)
    assert list(refused) == ["b.py", "c/d.py"]
    assert "damaged" in refused["b.py"]
    assert "password" in refused["c/d.py"]
    for lost in (into / "b.py", into / "c"):
        with pytest.raises(UsageError, match=rf"^{into}/(b|c/d)\.py: it could not be read out of the archive that it came in\.$"):
            open_submission(lost)
    (into / "c/e.py").write_bytes(CODE)
    assert len(open_submission(into / "c", asked={}).files) == 1
    with pytest.raises(UsageError, match=r"d\.py: it could not be read .* What else was handed in does not define sgd\.$"):
        open_submission(into / "c", asked=BOTH)


def test_unpack_wants_an_empty_folder(tmp_path: Path) -> None:
    """What lies there might be mistaken for somebody's homework."""
    (tmp_path / "x").write_text("")
    with pytest.raises(UsageError, match="not empty"):
        unpack(tmp_path / "a.zip", tmp_path)


def test_unpack_to_a_disk_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the machine's fault, not the student's or the archive's."""
    path = zipped(tmp_path / "c.zip", ("a/b.py", CODE))
    (tmp_path / "into").mkdir()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(GraderError, match=r"cannot be written \(No space left on device\)"):
        unpack(path, tmp_path / "into")


# ---- several files that belong together ------------------------------------------------------------------------------


def test_files_that_came_one_by_one_are_one_submission(tmp_path: Path) -> None:
    """By the students' names, archives unpacked among them; a name that came twice is the last one's, and that is said."""
    (tmp_path / "doe_1_2_softmax.py").write_bytes(CODE)
    (tmp_path / "doe_1_3_softmax.py").write_bytes(b"x = 3\n")
    zipped(tmp_path / "doe_1_4_hw.zip", ("hw/neural.py", CODE))
    files = [tmp_path / n for n in ("doe_1_2_softmax.py", "doe_1_3_softmax.py", "doe_1_4_hw.zip")]
    handed = open_together("doe", files, ["softmax.py", "softmax.py", "hw.zip"])
    assert [(f.path, f.text) for f in handed.files] == [("neural.py", CODE.decode()), ("softmax.py", "x = 3\n")]
    assert (handed.name, handed.remarks) == ("doe", ("softmax.py: handed in twice; the last was taken.",))
    assert [f.path for f in open_together("doe", files[:1], ["softmax.py"]).files] == ["softmax.py"]
    assert open_together("doe", files[:1]).name == "doe_1_2_softmax.py"


def test_a_damaged_file_beside_what_is_asked_for_is_left_out_and_named(tmp_path: Path) -> None:
    """By the student's name for it. Where the others lack what is asked for it may be in there: nobody can say, and that is said, too."""
    (tmp_path / "doe_1_2_hw.py").write_bytes(b"def softmax(x):\n    return x\n")
    (tmp_path / "doe_1_3_data.zip").write_bytes(b"PK and no more")
    files, names = [tmp_path / "doe_1_2_hw.py", tmp_path / "doe_1_3_data.zip"], ["hw.py", "data.zip"]
    for order, asked in ((slice(None), SOFTMAX), (slice(None, None, -1), SOFTMAX), (slice(None), None)):
        handed = open_together("doe", files[order], names[order], asked)
        assert [f.path for f in handed.files] == ["hw.py"]
        (remark,) = handed.remarks
        assert re.fullmatch(r"data\.zip: this archive is damaged or of another kind than its name says \(.*\)\. Pack it again\. It was left out\.", remark)
    damaged = re.escape(f"{files[1]}: this archive is damaged")
    with pytest.raises(UsageError, match=rf"^{damaged}.*\. What else was handed in does not define sgd and sigmoid\.$"):
        open_together("doe", files, names, {"softmax", "sigmoid", "sgd"})
    for asked in (None, SOFTMAX, {}):
        with pytest.raises(UsageError, match=rf"^{damaged}.*Pack it again\.$"):
            open_together("doe", files[1:], names[1:], asked)


@pytest.mark.parametrize("kind", ["folder", "folders", "archive", "entry"])
def test_what_is_damaged_costs_itself_only(tmp_path: Path, kind: str) -> None:
    """In a folder of archives, in folders of these, in an archive of archives, one file of an archive. Where functions that are asked for may be in there, nobody can say."""
    rest, torn = zipped(tmp_path / "rest.zip", ("hw.py", CODE)).read_bytes(), b"PK and no more"
    match kind:
        case "folder" | "folders":
            path, place, name = tmp_path / "p", "p/", "b.zip" if kind == "folder" else "two/b.zip"
            for file, data in (("a.zip" if kind == "folder" else "one/a.zip", rest), (name, torn)):
                (path / file).parent.mkdir(parents=True, exist_ok=True)
                (path / file).write_bytes(data)
        case "archive":
            path, place, name = zipped(tmp_path / "p.zip", ("x/a.zip", rest), ("b.zip", torn)), "p.zip: ", "b.zip"
        case _:
            path, place, name = zipped(tmp_path / "p.zip", ("hw.py", CODE), (zipfile.ZipInfo("x/b.py"), b"unlike the sum")), "p.zip: ", "x/b.py"
            path.write_bytes(path.read_bytes().replace(b"unlike the sum", b"unlike its sum", 1))
    for asked in (SOFTMAX, None):
        handed = open_submission(path, asked)
        assert [f.text for f in handed.files] == [CODE.decode()]
        [remark] = handed.remarks
        assert re.fullmatch(rf"{re.escape(name)}: .*damaged.* Pack it again\. It was left out\.", remark), remark
    said = rf"^{re.escape(f'{tmp_path}/{place}{name}')}: .*damaged.* Pack it again\. What else was handed in does not define sgd\.$"
    with pytest.raises(UsageError, match=said):
        open_submission(path, BOTH)


def test_nothing_but_what_is_damaged_is_unreadable(tmp_path: Path) -> None:
    """Though nothing is asked for."""
    path = zipped(tmp_path / "p.zip", ("a.zip", b"PK and no more"), ("b.zip", b"PK"))
    with pytest.raises(UsageError, match=r"p\.zip: a\.zip: this archive is damaged"):
        open_submission(path, {})


def test_archives_that_came_together_are_bounded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each within bounds; one beside the other, or in a folder of nothing else: what is too much for one submission is left out and named."""
    (tmp_path / "p").mkdir()
    files = [zipped(tmp_path / f"p/{i}.zip", (f"{i}.ipynb", b'{"cells": []}'.ljust(1000))) for i in range(4)]
    monkeypatch.setattr(bounds, "MAX_TOTAL", 2500)
    said = ("more than 2,500 bytes in all; 2.zip and those after it were left out.",)
    for handed in (open_together("p", files), open_submission(tmp_path / "p")):
        assert [f.path for f in handed.files] == ["0.ipynb", "1.ipynb"]
        assert handed.remarks[:1] == said
    _refuses(rf"{re.escape(said[0])} What else was handed in does not define softmax\.$", tmp_path / "p", files)
    monkeypatch.setattr(bounds, "MAX_TOTAL", 10_000)
    monkeypatch.setattr(bounds, "MAX_FILES", 1)
    said = ("more than 1 Python files; 1.ipynb and those after it were left out.",)
    for handed in (open_together("p", files), open_submission(tmp_path / "p")):
        assert [f.path for f in handed.files] == ["0.ipynb"]
        assert handed.remarks[:1] == said
    _refuses(rf"{re.escape(said[0])} What else was handed in does not define softmax\.$", tmp_path / "p", files)


def _refuses(said: str, folder: Path, files: Sequence[Path]) -> None:
    """What was left out may be what is asked for, in one folder and one by one."""
    with pytest.raises(UsageError, match=said):
        open_submission(folder, SOFTMAX)
    with pytest.raises(UsageError, match=said):
        open_together("p", files, (), SOFTMAX)


def test_a_file_in_two_archives_of_a_folder_is_told(tmp_path: Path) -> None:
    """A folder of nothing but archives: of two files of one name the last is taken, as of files that came one by one."""
    (tmp_path / "p").mkdir()
    zipped(tmp_path / "p/hw.zip", ("a.py", CODE))
    zipped(tmp_path / "p/hw2.zip", ("a.py", b"x = 2\n"))
    handed = open_submission(tmp_path / "p")
    assert [(f.path, f.text, handed.remarks) for f in handed.files] == [("a.py", "x = 2\n", ("a.py: handed in twice; the last was taken.",))]


# ---- archives beside Python files ------------------------------------------------------------------------------------

STUB = b"def softmax(x):\n    raise NotImplementedError\n"
OTHER = b"def sgd(x):\n    return x - 1\n"
HELPER = b"K = 3\ndef one_more(x):\n    return x\n"
LEFT_OUT = ("old.zip: {} was left out; what is called or defined the same lies beside this archive. "
            "If the archive is what counts, hand it in alone.")


@pytest.mark.parametrize("form", ["folder", "archive", "files"])
@pytest.mark.parametrize(("beside", "packed", "taken"), [
    ({"hw.py": CODE}, {"hw.py": CODE}, False),  # the same again
    ({"hw.py": CODE}, {"hw.py": CODE + b"# older"}, False),
    ({"hw.py": CODE}, {"q1_softmax.py": STUB[:4] + b"softmax(x):\n    return x * 2\n"}, False),  # which would be looked in first
    ({"hw.py": CODE}, {"q1_softmax.py": STUB}, False),  # the starter
    ({"hw.py": CODE}, {"sgd.py": OTHER}, True),  # the rest
    ({"hw.py": CODE}, {"helper.py": HELPER}, True),  # that it may import
    ({"setup.py": b"x = 1\n"}, {"hw.py": CODE}, True),  # the only one that defines anything
    ({"hw.py": STUB}, {"done.py": CODE}, True),
    ({"hw.py": STUB}, {"hw.py": CODE}, True),
    ({"hw.py": CODE + b"(("}, {"done.py": CODE}, False),  # cannot be parsed, and is what was handed in last
], ids=range(10))
@pytest.mark.parametrize("asked", [None, BOTH], ids=["unknown", "asked"])
def test_an_archive_beside_python_files_adds_to_them(tmp_path: Path, form: str, beside: dict[str, bytes], packed: dict[str, bytes],
                                                     taken: bool, asked: dict[str, str] | None) -> None:
    """Never takes their place; what of it is not used is named."""
    files = {**beside, "old.zip": zipped(tmp_path / "x", *packed.items()).read_bytes()}
    folder = make_folder(tmp_path / "hw")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    if form == "files":
        handed = open_together("doe", [folder / n for n in files], [*files], asked)
    else:
        handed = open_submission(folder if form == "folder" else zipped(tmp_path / "hw.zip", *files.items()), asked)
    found = {f.text.encode() for f in handed.files}
    assert found >= {d for name, d in beside.items() if name not in packed or not taken}
    assert ({*packed.values()} <= found) is (taken or packed.items() <= beside.items())
    (name,) = packed
    said = [r for r in handed.remarks if r.startswith("old.zip")]
    assert said == ([] if taken or packed.items() <= beside.items() else [LEFT_OUT.format(f"old/{name}" if form == "archive" else name)])


def test_what_is_asked_for_decides_what_an_archive_adds(tmp_path: Path) -> None:
    """A file that has more than what lies beside is taken if that is asked for; who does not know what is asked for names it."""
    (tmp_path / "hw.py").write_bytes(CODE)
    rest = zipped(tmp_path / "old.zip", ("all.py", CODE + OTHER))
    files = [tmp_path / "hw.py", rest]
    assert [f.path for f in open_together("doe", files, asked=BOTH).files] == ["all.py", "hw.py"]
    for asked in (SOFTMAX, None):
        handed = open_together("doe", files, asked=asked)
        assert ([f.path for f in handed.files], handed.remarks) == (["hw.py"], (LEFT_OUT.format("all.py"),))


def test_an_archive_without_python_is_no_matter(tmp_path: Path) -> None:
    """Data, or a report: it is read whole, and nothing that is missing can be in it."""
    (tmp_path / "hw.py").write_bytes(CODE)
    data = zipped(tmp_path / "data.zip", ("train.csv", b"1,2"))
    for asked in (None, BOTH):
        handed = open_together("doe", [tmp_path / "hw.py", data], asked=asked)
        assert ([f.path for f in handed.files], handed.remarks) == (["hw.py"], ())


def test_what_an_archive_without_python_holds_is_told(tmp_path: Path) -> None:
    """So that nobody has to open it."""
    for files, says in (([], "It is empty."), (["hw/a.pdf"], "It holds hw/a.pdf."), (["a", "b", "c", "hw.py.txt"], "It holds a, b, c and 1 more.")):
        with pytest.raises(UsageError, match=rf"^{tmp_path}/a\.zip: there is no Python file or notebook in this archive\. {says}$"):
            open_submission(zipped(tmp_path / "a.zip", *((name, b"") for name in files)))


@pytest.mark.parametrize("name", [".ipynb_checkpoints/a.ipynb", "build/hw.py", ".hw.py"])
def test_python_that_is_passed_over_is_named(tmp_path: Path, name: str) -> None:
    """In a folder and in an archive, where there is nothing else. Near miss: beside what is graded it is not told of."""
    folder = make_folder(tmp_path / "hw")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(CODE)
    packed = tmp_path / "hw.zip"
    for path, what in ((folder, "this folder"), (zipped(packed, (name, CODE)), "this archive")):
        says = (f"{path}: all Python in {what} is hidden, in folders that are passed over, or more than 4 folders deep: {name}. "
                "Rename or move it if it was handed in.")
        with pytest.raises(UsageError, match=f"^{re.escape(says)}$"):
            open_submission(path)
    (folder / "b.py").write_bytes(CODE)
    for path in (folder, zipped(packed, (name, CODE), ("b.py", CODE))):
        assert open_submission(path).remarks == ()


@pytest.mark.usefixtures("small")
def test_a_bomb_beside_python_files_costs_itself(tmp_path: Path) -> None:
    """In an archive or a folder; alone it refuses the whole."""
    bomb = zipped(tmp_path / "in.zip", *((f"{i}.py", ZEROS) for i in range(4))).read_bytes()
    folder = make_folder(tmp_path / "hw")
    (folder / "hw.py").write_bytes(CODE)
    (folder / "z.zip").write_bytes(bomb)
    for path in (folder, zipped(tmp_path / "a.zip", ("hw.py", CODE), ("z.zip", bomb))):
        handed = open_submission(path)
        assert [f.path for f in handed.files] == ["hw.py"]
        assert re.fullmatch(r"z\.zip: it unpacks to more than [0-9,]+ bytes\. Pack the Python files alone\. It was left out\.", handed.remarks[0])


def test_what_lies_beside_is_told_for_each_archive(tmp_path: Path) -> None:
    """Of a folder with nothing but an archive, which has an older one in it."""
    old = zipped(tmp_path / "old", ("hw.py", CODE + b"# older")).read_bytes()
    folder = make_folder(tmp_path / "hw")
    zipped(folder / "hw.zip", ("hw/hw.py", CODE), ("hw/old.zip", old))
    handed = open_submission(folder)
    assert [(f.path, f.text) for f in handed.files] == [("hw.py", CODE.decode())]
    assert handed.remarks == (LEFT_OUT.format("old/hw.py"),)
