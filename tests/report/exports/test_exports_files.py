"""Feedback archives, folders for similarity tools, JSON Lines and the plain gradebook."""

import csv
import errno
import io
import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.classbook import ClassBook, Person, Row, Status
from grader.core.errors import GraderError, UsageError
from grader.report.exports import EXPORTS, Options, Written
from grader.report.exports.archive import zip_atomically
from tests.report.exports.conftest import ITEMS, scores
from tests.report.exports.contracts import canvas_reply, moodle_reply


@pytest.fixture
def run() -> Options:
    """Three reports; login6's could not be made, and who handed in nothing has none."""
    found: dict[str, bytes | str] = {f"login{n}": f"<!doctype html>{n}".encode() for n in (1, 2)}
    found |= {"login3+login4": b"<!doctype html>3", "login6": "has no report, for it could not be made: \x1b[2Jno"}
    return Options(feedback=lambda row: found.get(row.key, f"has no report: {row.status.value}"))


def contents(path: Path) -> dict[str, str]:
    """Names and texts of an archive."""
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def row(person: Person, *handed_in_as: str) -> Row:
    """A graded row."""
    return Row((person,), Status.GRADED, scores(3, 2, 5), handed_in_as=handed_in_as)


def one(*rows: Row) -> ClassBook:
    """A class of these rows."""
    return ClassBook("hw1", "Homework 1", ITEMS, rows)


def test_canvas_takes_reports_back(book: ClassBook, run: Options, tmp_path: Path) -> None:
    """Each report's name leads Canvas to the person and the attachment, late or not; the rest is listed."""
    written = EXPORTS["canvas-feedback"].write(book, tmp_path, run)
    found = contents(tmp_path / "canvas-feedback.zip")
    assert {canvas_reply(name): text[-1] for name, text in found.items()} == {("1001", "2001"): "1", ("1002", "2002"): "2"}
    assert list(found) == ["mullerzoe_1001_2001_softmax.py_report.html", "cmd_LATE_1002_2002_=1+1.py_report.html"]
    assert [(left.who.rpartition("(")[2], left.reason.partition(";")[0]) for left in written.left] == [
        ("login3)", "its name is not one that Canvas gave"),
        ("login5)", "has no report: unreadable"),
        ("login6)", "has no report, for it could not be made: ␛[2Jno"),
        ("login7)", "has no report: failed"),
        ("login8)", "has no report: absent"),
    ]


@pytest.mark.parametrize(("name", "reply"), [
    ("doejohn_12345_67890_link.py", ("12345", "67890")),
    ("doejohn_LATE_12345_67890_soft_max-1.py", ("12345", "67890")),
    ("sub/folder/doejohn_12345_67890_a.py", ("12345", "67890")),
    ("doejohn_12345_text.html", None),
    ("doejohn_12345_link.html", None),
    ("softmax.py", None),
])
def test_only_names_that_canvas_gave_are_used(name: str, reply: tuple[str, str] | None, run: Options, tmp_path: Path) -> None:
    """An essay or a link typed into Canvas has no attachment to answer to."""
    written = EXPORTS["canvas-feedback"].write(one(row(Person("login1", "A"), "note.txt", name)), tmp_path, run)
    assert [canvas_reply(n) for n in contents(tmp_path / "canvas-feedback.zip")] == ([reply] if reply else [])
    assert bool(written.left) is (reply is None)


def test_an_anonymous_download_goes_back(run: Options, tmp_path: Path) -> None:
    """``anon_<id>_<attachment>_name``."""
    EXPORTS["canvas-feedback"].write(one(row(Person("login1", "A"), "LATE_anon_x1y2z_678_a.py")), tmp_path, run)
    assert list(contents(tmp_path / "canvas-feedback.zip")) == ["LATE_anon_x1y2z_678_a.py_report.html"]


def test_moodle_takes_reports_back(book: ClassBook, run: Options, tmp_path: Path) -> None:
    """By participant's number, each member of a group, with the folder's own name where it is known."""
    EXPORTS["moodle-feedback"].write(book, tmp_path, run)
    found = contents(tmp_path / "moodle-feedback.zip")
    assert {moodle_reply(name): text[-1] for name, text in found.items()} == {
        (str(50 + n), "assignfeedback_file", "report.html"): str(min(n, 3)) for n in (1, 2, 3, 4)
    }
    assert "Łukasz Nowak_53_assignfeedback_file_/report.html" in found


@pytest.mark.parametrize(("folder", "wanted"), [
    ("Ann Lee_51_assignsubmission_file_", "Ann Lee_51_assignfeedback_file_/report.html"),
    ("Ann Lee_51_assignsubmission_file", "Ann Lee_51_assignfeedback_file/report.html"),
    ("Ann Lee_51_assignsubmission_onlinetext_", "Ann Lee_51_assignfeedback_file_/report.html"),
    ("Group 1-Ann Lee_51_assignsubmission_file_", "Group 1-Ann Lee_51_assignfeedback_file_/report.html"),
    ("Participant_51_assignsubmission_file_", "Participant_51_assignfeedback_file_/report.html"),
])
def test_both_forms_of_moodles_folders(folder: str, wanted: str, run: Options, tmp_path: Path) -> None:
    """Up to 4.0, from 4.1, blind, with a group; the number is read from the folder."""
    EXPORTS["moodle-feedback"].write(one(row(Person("login1", "Ann_Lee/.."), f"{folder}/a.py")), tmp_path, run)
    assert list(contents(tmp_path / "moodle-feedback.zip")) == [wanted]


def test_a_groups_folder_is_not_taken_for_each_of_its_members(tmp_path: Path) -> None:
    """One number, two people: whose it is, nobody knows."""
    group = replace(row(Person("login1", "A"), "A_51_assignsubmission_file_/a.py"), persons=(Person("a", "A"), Person("b", "B")))
    written = EXPORTS["moodle-feedback"].write(one(group), tmp_path, Options(feedback=lambda r: b"x"))
    assert contents(tmp_path / "moodle-feedback.zip") == {}
    assert [left.reason.partition(";")[0] for left in written.left] == ["the number that Moodle gave the participant is not known"] * 2


@pytest.mark.parametrize("name", ["a_9_b", "../../x", "/etc/passwd", "C:\\x", "\ud800", "\x00", "", "..."])
def test_a_name_cannot_lead_out_of_the_archive_or_to_another_person(name: str, run: Options, tmp_path: Path) -> None:
    """A folder made from a name has one level, and its number is the person's."""
    EXPORTS["moodle-feedback"].write(one(row(Person("login1", name, ids={"moodle_participant": "51"}))), tmp_path, run)
    (path,) = contents(tmp_path / "moodle-feedback.zip")
    assert path.count("/") == 1
    assert not path.startswith((".", "/"))
    assert moodle_reply(path) == ("51", "assignfeedback_file", "report.html")


@pytest.mark.parametrize("name", ["canvas-feedback", "moodle-feedback"])
def test_the_staffs_reports_are_not_handed_out(name: str, tmp_path: Path) -> None:
    """Whatever lies in the run's folder: without reports that were made for students nothing is written."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/login1.html").write_text("for the staff")
    with pytest.raises(UsageError, match="none were made for them"):
        EXPORTS[name].write(one(row(Person("login1", "A", ids={"moodle_participant": "51"}), "A_1_2_a.py")), tmp_path)
    assert not list(tmp_path.glob("*.zip"))


def test_two_rows_for_one_name_are_not_mixed(run: Options, tmp_path: Path) -> None:
    """The first keeps it, the second is listed."""
    rows = [row(Person("login1", "A", ids={"moodle_participant": "51"})) for _ in range(2)]
    written = EXPORTS["moodle-feedback"].write(one(*rows), tmp_path, run)
    assert len(contents(tmp_path / "moodle-feedback.zip")) == 1
    assert written.left[0].reason == "another submission has the same name"


def test_equal_input_gives_equal_bytes(book: ClassBook, run: Options, tmp_path: Path) -> None:
    """For every export that needs nothing else; the clock and the order of a set play no part."""
    for name in ("csv", "jsonl", "canvas", "moodle-gradebook", "canvas-feedback", "moodle-feedback"):
        first = EXPORTS[name].write(book, tmp_path / "1", run).paths[0]
        again = EXPORTS[name].write(book, tmp_path / "2", run).paths[0]
        assert first.read_bytes() == again.read_bytes()


def test_a_full_disk_leaves_the_old_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no half one; the message names it."""
    path = tmp_path / "a.zip"
    path.write_text("old")

    def fail(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(GraderError, match=r"a\.zip could not be written: No space left on device\. Make room or mend the disk, then give the same command again\."):
        zip_atomically(path, [("x", b"y")])
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_a_forbidden_place_for_an_archive_is_usage(tmp_path: Path) -> None:
    """The path is a file's."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=r"folder cannot be written: it is a folder\. Move it away, or name another place\."):
        zip_atomically(tmp_path / "folder", [("a", b"")])
    with pytest.raises(UsageError, match=r"a\.zip cannot be written: .* Choose a folder that you may write to\."):
        zip_atomically(tmp_path / "file" / "a.zip", [])


SOURCES = {
    "login1": {"softmax.py": b"a", "pkg/softmax.py": b"b", "data.csv": b"c", "UPPER.PY": b"d"},
    "login2": {"../../../etc/x.py": b"a", "/abs.py": b"b", "..py": b"e", "a\x00\n b.py": b"c", "A-b.py": b"1", "a-B.py": b"2"},
    "login3+login4": {"readme.md": b"x"},
}


def similarity(book: ClassBook, folder: Path, **more: object) -> Written:
    """The export with the sources above."""
    return EXPORTS["jplag"].write(book, folder, Options(sources=lambda r: SOURCES.get(r.key, {}), **more))  # type: ignore[arg-type]


def test_a_folder_per_submission_with_its_python_files(book: ClassBook, tmp_path: Path) -> None:
    """Nothing else is in it, no path is followed, none is lost to another that differs in case alone."""
    written = similarity(book, tmp_path, starter={"softmax.py": b"starter", "readme.md": b"x"})
    found = {p.relative_to(tmp_path / "similarity").as_posix(): p.read_bytes() for p in (tmp_path / "similarity").rglob("*") if p.is_file()}
    assert found.pop("names.csv").startswith(b"\xef\xbb\xbffolder,key,name\r\nlogin1,login1,")
    assert found == {
        "base/softmax.py": b"starter",
        "submissions/login1/softmax.py": b"a", "submissions/login1/pkg-softmax.py": b"b", "submissions/login1/UPPER.py": b"d",
        "submissions/login2/etc-x.py": b"a", "submissions/login2/abs.py": b"b", "submissions/login2/submission.py": b"e",
        "submissions/login2/a_b.py": b"c", "submissions/login2/A-b.py": b"1", "submissions/login2/a-B-2.py": b"2",
    }
    assert [left.reason for left in written.left] == ["no Python file in the submission"] * 4
    assert written.notes[0].endswith("jplag -l python3 --base-code base submissions, or copydetect -t submissions -b base -e py.")


def test_whose_a_folder_is_can_be_looked_up(tmp_path: Path) -> None:
    """A folder's name has letters of ASCII alone; who handed in no Python has none."""
    persons = [Person("محمد", "محمد علي"), Person("יעל", "יעל כהן"), Person("Łuk", "=1+1"), Person("none", "none")]
    files = {p.key: {"a.py": b"x"} for p in persons[:3]}
    EXPORTS["jplag"].write(one(*map(row, persons)), tmp_path, Options(sources=lambda r: files.get(r.key, {})))
    names = list(csv.reader(io.StringIO((tmp_path / "similarity/names.csv").read_text("utf-8-sig"))))
    assert names == [["folder", "key", "name"], ["submission", "محمد", "محمد علي"], ["submission-2", "יעל", "יעל כהן"], ["uk", "Łuk", "'=1+1"]]
    assert sorted(p.name for p in (tmp_path / "similarity/submissions").iterdir()) == ["submission", "submission-2", "uk"]


def test_an_earlier_folder_is_not_mixed_in(book: ClassBook, tmp_path: Path) -> None:
    """Stale submissions would be compared too."""
    assert "--base-code" not in similarity(book, tmp_path).notes[0]
    with pytest.raises(UsageError, match="this folder is there already"):
        similarity(book, tmp_path)


def test_sources_that_were_not_kept_are_asked_for(book: ClassBook, tmp_path: Path) -> None:
    """Nothing is written."""
    with pytest.raises(UsageError, match="the run has kept none"):
        EXPORTS["jplag"].write(book, tmp_path)
    assert not list(tmp_path.iterdir())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=4, unique=True), st.dictionaries(st.text(max_size=12).map(lambda t: t + ".py"), st.just(b"x"), min_size=1))
def test_no_name_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, keys: list[str], files: dict[str, bytes]) -> None:
    """Every file of every submission is there, two levels down."""
    folder = tmp_path_factory.mktemp("similar")
    EXPORTS["jplag"].write(one(*(row(Person(k, k)) for k in keys)), folder, Options(sources=lambda r: files))
    found = [p.relative_to(folder).parts for p in folder.rglob("*") if p.is_file() and p.name != "names.csv"]
    assert len(found) == len(keys) * len(files)
    assert all(len(parts) == 4 for parts in found)


def table(book: ClassBook, folder: Path) -> list[dict[str, str]]:
    """The plain gradebook."""
    EXPORTS["csv"].write(book, folder)
    data = (folder / "gradebook.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_the_gradebook_has_a_line_per_person_and_a_column_per_item(book: ClassBook, tmp_path: Path) -> None:
    """Both members of the group, everyone who handed in nothing, and no partial sum."""
    got = {r["key"]: r for r in table(book, tmp_path)}
    assert list(got) == [f"login{n}" for n in range(1, 9)]
    assert list(got["login1"]) == [
        "key", "name", "email", "canvas_id", "moodle_participant", "section", "sis_login_id", "submission", "submitted at", "late", "status",
        "softmax.value", "softmax.shift", "sgd.steps", "adjustments", "total", "possible", "remarks"]
    assert [r["total"] for r in got.values()] == ["10", "1.6", "", "", "", "4.67", "", ""]
    assert [got["login3"][i.id] for i in ITEMS] == ["3", "", "5"]
    assert got["login1"]["submitted at"] == "2026-03-02T23:59:30+01:00"
    assert [got[k]["late"] for k in ("login1", "login2", "login3")] == ["no", "yes", ""]


def test_numbers_are_not_touched_and_texts_are(book: ClassBook, tmp_path: Path) -> None:
    """-0.4 stays a number; a file's name and a remark do not run."""
    late = table(book, tmp_path)[1]
    assert late["adjustments"] == "-0.4"
    assert late["submission"] == "'=1+1.py"
    assert late["remarks"] == ("an earlier attempt of 1 March was set aside | @SUM(1) next | 2 days late, 10 % of the points each (-0.4)")


def test_json_lines_carry_everything_exactly(book: ClassBook, tmp_path: Path) -> None:
    """A line per row, keys in one order, points exact; a total only where it is final."""
    EXPORTS["jsonl"].write(book, tmp_path)
    text = (tmp_path / "gradebook.jsonl").read_text(encoding="utf-8")
    got = [json.loads(line) for line in text.splitlines()]
    assert len(got) == text.count("\n") == 7
    assert len({tuple(r) for r in got}) == 1
    assert len({tuple(i) for r in got for i in r["items"]}) == 1
    by = {r["key"]: r for r in got}
    assert by["login6"]["total"] == {"exact": "14/3", "points": 4.67}
    assert by["login6"]["items"][1]["override"]["points"] == {"exact": "2", "points": 2.0}
    assert (by["login3+login4"]["total"], by["login3+login4"]["subtotal"]["points"]) == (None, 8.0)
    assert by["login3+login4"]["not_final"].startswith("not final: softmax.shift")
    assert by["login8"]["subtotal"] is None
    assert by["login2"]["adjustments"] == [{"label": "2 days late, 10 % of the points each", "points": {"exact": "-2/5", "points": -0.4}}]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_leaves_the_columns_where_they_are(tmp_path: Path, name: str, remark: str) -> None:
    """Whatever is written in names and remarks, points stay in their columns and JSON stays a line."""
    hostile = replace(row(Person("k", name, name, {"username": name})), remarks=(remark,), submission=name)
    (got,) = table(one(hostile), tmp_path)
    assert [got[i.id] for i in ITEMS] == ["3", "2", "5"]
    assert (got["total"], got["possible"]) == ("10", "10")
    EXPORTS["jsonl"].write(one(hostile), tmp_path)
    (only,) = (tmp_path / "gradebook.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(only)["total"]["points"] == 10


def test_a_third_is_rounded_once(tmp_path: Path) -> None:
    """Three items of a third each and more add up before they are rounded."""
    thirds = scores(Fraction(1, 3), Fraction(1, 3), Fraction(1, 3))
    (got,) = table(one(replace(row(Person("k", "K")), scores=thirds)), tmp_path)
    assert [got[i.id] for i in ITEMS] == ["0.33"] * 3
    assert got["total"] == "1"
