"""Layouts of a class: each from a download made in the documented form, with its traps, read to the right people."""

import os
import re
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.core.errors import UsageError
from grader.submission.layouts import looks_like_a_class, read_class
from grader.submission.layouts.listing import is_ignored
from tests.submission.layout_fixtures import SOFTMAX, make, of, owners, put, read

# ---- folders made by hand --------------------------------------------------------------------------------------------


def test_files_and_folders_are_named_after_their_students(tmp_path: Path) -> None:
    """A folder of files, notebooks, archives and folders, each somebody's, also if it is packed in a way that is not read; junk is not listed, other files are."""
    roll = read(make(tmp_path / "hw1", "alice.py", "bob.ipynb", "carol.tar.gz", "Dave Doe/src/softmax.py", "grades.csv", "erin.pdf", "finn.tar.xz", "x.csv.gz",
                     ".DS_Store", "__MACOSX/._alice.py", "Thumbs.db", "._alice.py", ".git/config", "venv/lib.py", ".hidden.py"))
    assert roll.layout == "folder of submissions"
    assert owners(roll) == {"Dave Doe": "softmax.py", "alice": "alice.py", "bob": "bob.ipynb", "carol": "carol.tar.gz", "finn": "finn.tar.xz"}
    assert of(roll, "Dave Doe").paths == (tmp_path / "hw1/Dave Doe",)
    assert set(roll.unrecognised) == {"grades.csv", "erin.pdf", "x.csv.gz", "venv", ".hidden.py"}
    assert roll.unrecognised["erin.pdf"].startswith("It holds no Python.")
    assert roll.unrecognised["x.csv.gz"] == "It is packed in a way that is not read. Ask for a .zip or a .tar.gz."
    assert all((e.when, e.late, e.told_by) == (None, None, "") for e in roll.entries)


def test_two_files_of_one_name_are_attempts_of_one_person(tmp_path: Path) -> None:
    """Which is the latest is not told by names, never by dates of files; the last by name counts and the remark says so."""
    folder = make(tmp_path / "hw1", "alice.py", "alice.zip", "alice.ipynb", "bob.py")
    os.utime(folder / "alice.ipynb", (4e9, 4e9))
    alice = of(read(folder), "alice")
    assert alice.paths == (folder / "alice.zip",)
    assert alice.set_aside == ("alice.ipynb", "alice.py")
    assert alice.remarks == ("Which of 3 attempts is the latest is not told; the last by name was taken.",)


def test_an_archive_in_a_students_folder_is_what_counts(tmp_path: Path) -> None:
    """The form of a folder reads no archives; what lies beside is listed, and Python beside belongs to it."""
    folder = make(tmp_path / "hw1", "alice/hw/hw.zip", "alice/hw/report.pdf", "alice/hw/extra.py", "alice/hw/pictures/a.png", "bob/b.py")
    (folder / "alice/hw/link").symlink_to("/etc")
    roll = read(folder)
    assert of(roll, "alice").paths == (tmp_path / "hw1/alice/hw/extra.py", tmp_path / "hw1/alice/hw/hw.zip")
    assert set(roll.unrecognised) == {"alice/hw/report.pdf", "alice/hw/pictures", "alice/hw/link"}


def test_a_lone_student_is_not_taken_for_a_folder_around_the_class(tmp_path: Path) -> None:
    """With an archive, with modules; near miss: a folder around two students."""
    assert owners(read(make(tmp_path / "a", "alice/hw.zip"))) == {"alice": "hw.zip"}
    assert set(owners(read(put(tmp_path / "b", {"alice/q1.py": "def a(): ...", "alice/q2.py": "def b(): ..."})))) == {"alice"}
    assert set(owners(read(make(tmp_path / "c", "class/alice.py", "class/bob.py")))) == {"alice", "bob"}


def test_one_file_named_as_by_canvas_makes_no_canvas_download(tmp_path: Path) -> None:
    """Near miss: folders are more."""
    assert read(make(tmp_path / "x", "plot_1_2_a.py", "alice/a.py", "bob/a.py")).layout == "folder of submissions"


@pytest.mark.parametrize("name", ["=SUM(A1)", "..x", "bob\u202e", "ünï cödé 名前 🎓", "a" * 250, "tab\there", "<script>", "bob"])
def test_hostile_names_stay_apart_and_readable(tmp_path: Path, name: str) -> None:
    """A key has one line, nothing invisible, at most 87 characters; and no name takes another's place."""
    roll = read(make(tmp_path / "hw1", f"{name}.py", "bob.py") if not name.startswith(".") else make(tmp_path / "hw1", f"x{name}.py", "bob.py"))
    assert len(roll.entries) == (1 if name == "bob" else 2)
    assert {e.owners[0].key for e in roll.entries} >= {"bob"}
    for entry in roll.entries:
        assert entry.owners[0].key.isprintable()
        assert len(entry.owners[0].key) <= 87


def test_a_mixed_folder_loses_nothing(tmp_path: Path) -> None:
    """A dozen broken and hostile entries, each in a row or in the list of what was not recognised."""
    folder = put(tmp_path / "hw1", {
        "good.py": "def f(): pass\n", "syntax.py": "def (\n", "empty.py": "", "broken.zip": "PK no", "empty folder/": "", "only text/notes.txt": "x",
        "UPPER.PY": "x = 1\n", "notebook.ipynb": "{", "word.docx": "x", "no suffix": "x", "deep/a/b/c/d/e/f.py": "", "new\nline.py": "", "-rf.py": "",
    })
    (folder / "link.py").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "fifo.py")
    (folder / os.fsdecode(b"latin\xe9.py")).write_bytes(b"x = 1\n")
    roll = read(folder)
    named = {PurePosixPath(p.name).stem for e in roll.entries for p in e.paths} | {PurePosixPath(n).stem for n in roll.unrecognised}
    assert named == {"good", "syntax", "empty", "broken", "empty folder", "only text", "UPPER", "notebook", "word", "no suffix", "deep",
                     "new\nline", "-rf", "link", "loop", "fifo", os.fsdecode(b"latin\xe9")}
    assert {n for n, why in roll.unrecognised.items() if "link" in why} == {"link.py", "loop"}
    assert "neither a file nor a folder" in roll.unrecognised["fifo.py"]
    for entry in roll.entries:
        (entry.owners[0].key + entry.name).encode("utf-8")  # can be stored


@pytest.mark.parametrize("names", [["bob.py", "locked/a.py"], ["hw1-submissions/hw1-bob/a.py", "hw1-submissions/locked/a.py"],
                                   ["submitted/bob/ps1/a.py", "submitted/locked/ps1/a.py"], ["Bo_1_assignsubmission_file_/a.py", "locked/a.py"]])
def test_a_folder_that_cannot_be_read_ends_no_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]) -> None:
    """It is an entry or is listed, and the others are read."""
    folder = make(tmp_path / "x", *names)
    scandir = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    roll = read(folder)
    told = [str(p) for e in roll.entries for p in e.paths] + list(roll.unrecognised)
    assert any(t.endswith("locked") for t in told)
    assert len(roll.entries) >= 1
    assert looks_like_a_class(folder)[1]


# ---- clones ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("parent", "prefix"), [("downloads", "hw1-"), ("hw1-submissions", "hw1-"), ("class", "cs50-fall-hw1-")])
def test_clones_belong_to_their_users(tmp_path: Path, parent: str, prefix: str) -> None:
    """Bare, in GitHub Classroom's folder, and as Classroom 50 names them; users' names with hyphens are whole."""
    folder = make(tmp_path / parent, *(f"{prefix}{user}/{file}" for user in ("alice", "bob-the-builder", "carol")
                                       for file in (".git/config", "q1_softmax.py", "README.md")), "roster.csv")
    roll = read(folder)
    assert roll.layout == "clones of <assignment>-<username>"
    assert owners(roll) == {"alice": "q1_softmax.py", "bob-the-builder": "q1_softmax.py", "carol": "q1_softmax.py"}
    assert of(roll, "alice").owners[0].ids == {"username": "alice"}
    assert set(roll.unrecognised) == {"roster.csv"}


def test_the_classroom_folder_says_where_the_assignment_ends(tmp_path: Path) -> None:
    """Two users whose names begin alike are not cut; a clone with another beginning is kept, with a remark."""
    roll = read(make(tmp_path / "hw1-submissions", "hw1-anna-lee/a.py", "hw1-anna-kim/a.py", "late-dora/a.py"))
    assert set(owners(roll)) == {"anna-lee", "anna-kim", "late-dora"}
    assert of(roll, "late-dora").remarks == ("Its folder's name does not begin with hw1-, as the others do.",)


def test_the_assignment_asked_for_says_it_too(tmp_path: Path) -> None:
    """With hyphens for its underscores, as GitHub has them."""
    roll = read(make(tmp_path / "x", "cs224n-a1-anna-lee/a.py", "cs224n-a1-anna-kim/a.py"), assignment="cs224n_a1")
    assert set(owners(roll)) == {"anna-lee", "anna-kim"}


def test_most_clones_say_what_they_begin_with(tmp_path: Path) -> None:
    """One folder of another kind among five hides no assignment."""
    users = ("alice", "bob", "carl", "dora", "emil")
    roll = read(make(tmp_path / "x", *(f"hw1-{user}/a.py" for user in users), "solution/a.py"))
    assert set(owners(roll)) == {*users, "solution"}


def test_two_folders_with_hyphens_are_no_clones(tmp_path: Path) -> None:
    """Near miss: without git's folder, two that begin alike may be two students called so."""
    assert set(owners(read(make(tmp_path / "x", "smith-anna/a.py", "smith-bob/a.py")))) == {"smith-anna", "smith-bob"}


# ---- Canvas ----------------------------------------------------------------------------------------------------------


def test_a_canvas_download(tmp_path: Path) -> None:
    """Late ones, several attachments, text and links, a file without Python, names with digits and underscores, a group's name."""
    roll = read(make(tmp_path / "submissions", "doejohn_12345_67890_softmax.py", "roejane_LATE_12346_67891_q1_softmax.py",
                     "roejane_LATE_12346_67892_q2_neural.py", "roejane_LATE_12346_67893_report.pdf", "o_neil3_12347_67894_1_2_x.py",
                     "textonly_12348_text.html", "linkonly_LATE_12349_link.html", "doejohn_12345_text.html", "smithpdf_12350_67895_essay.pdf",
                     "teamrocket_12351_67896_hw.zip", "_12352_67897_submit.py", "grades.csv", "extra/"))
    assert roll.layout == "Canvas download"
    assert owners(roll) == {"12345": "softmax.py", "12346": "q1_softmax.py, q2_neural.py", "12347": "1_2_x.py", "12348": "textonly_12348_text.html",
                            "12349": "linkonly_LATE_12349_link.html", "12350": "essay.pdf", "12351": "hw.zip", "12352": "submit.py"}
    jane = of(roll, "12346")
    assert (jane.late, jane.told_by, jane.when) == (True, "the file's name", None)
    assert [p.name for p in jane.paths] == ["roejane_LATE_12346_67891_q1_softmax.py", "roejane_LATE_12346_67892_q2_neural.py"]
    assert jane.names == ("q1_softmax.py", "q2_neural.py")
    assert (jane.owners[0].name, jane.owners[0].ids) == ("roejane", {"canvas_id": "12346"})
    assert of(roll, "12345").late is False
    assert of(roll, "12347").owners[0].name == "o_neil3"
    assert roll.unrecognised == {
        "doejohn_12345_text.html": "It lies beside files that doejohn handed in; these are the submission.",
        "grades.csv": "Its name is not made by Canvas: <name>_<user>_<attachment>_<file>.",
        "extra": "It is a folder; a Canvas download holds files only.",
        "roejane_LATE_12346_67893_report.pdf": "It lies beside roejane's submission, and holds no Python."}
    assert of(roll, "12348").remarks == (
        "Text typed into Canvas: read it. If it is code, save it as textonly_12348_1_NAME.py, and grade the class again.",)
    assert of(roll, "12349").remarks == (
        "A web address: open it. If it is code, save it as linkonly_LATE_12349_1_NAME.py, and grade the class again.",)
    assert (of(roll, "12348").late, of(roll, "12349").late) == (False, True)


def test_text_that_is_saved_as_canvas_would_call_it_is_graded(tmp_path: Path) -> None:
    """As the remark says: the file is its owner's, and the text lies beside."""
    [entry] = read(make(tmp_path / "s", "ann_12_text.html", "ann_12_1_softmax.py")).entries
    assert (entry.owners[0].key, entry.names, entry.remarks) == ("12", ("softmax.py",), ())


def test_canvas_resubmissions(tmp_path: Path) -> None:
    """Digits that Canvas appends are no part of a module's name; of several attempts the latest attachment counts."""
    roll = read(make(tmp_path / "s", "doejohn_1_10_softmax.py", "doejohn_1_30_softmax-2.py", "doejohn_1_20_softmax-1.py", "doejohn_1_11_neural.py",
                     "roejane_2_12_submit-1.py", "poeed_3_13_hw.py", "poeed_LATE_3_40_other.py", "kim_4_9_a.py", "kim_4_10_a.py"))
    john = of(roll, "1")
    assert (john.names, john.name) == (("neural.py", "softmax.py"), "neural.py, softmax.py")
    assert [p.name for p in john.paths] == ["doejohn_1_11_neural.py", "doejohn_1_30_softmax-2.py"]
    assert set(john.set_aside) == {"doejohn_1_10_softmax.py", "doejohn_1_20_softmax-1.py"}
    assert (of(roll, "2").name, of(roll, "2").set_aside) == ("submit.py", ())
    assert (of(roll, "3").late, of(roll, "3").set_aside) == (True, ("poeed_3_13_hw.py",))
    assert of(roll, "4").set_aside == ("kim_4_9_a.py",)
    assert {e.remarks for e in roll.entries} == {()}, "a number in a name is no remark"


def test_a_canvas_download_with_other_files_in_it(tmp_path: Path) -> None:
    """As many others may lie beside the files that Canvas named, and as many folders; one more, and it is no download of Canvas'."""
    names = ("doe_1_10_softmax.py", "poe_2_11_softmax.py")
    for root, others, is_canvas in (
        ("a", ("x.py", "y.py"), True), ("b", ("x.py", "y.py", "z.py"), False), ("c", ("x/", "y/"), True), ("d", ("x/", "y/", "z/"), False),
    ):
        assert (read(make(tmp_path / root, *names, *others)).layout == "Canvas download") is is_canvas
    typed = make(tmp_path / "e", "doe_1_text.html", "poe_2_link.html", "roe_3_12_softmax.py")
    assert read(typed).layout == "Canvas download"


def test_a_moodle_download_with_other_files_in_it(tmp_path: Path) -> None:
    """As many others may lie beside what Moodle named; one more, and it is no download of Moodle's."""
    names = ("Ann Lee_1_assignsubmission_file_/a.py", "Bob Lee_2_assignsubmission_file_/a.py")
    for root, others, is_moodle in (("a", ("x.py", "y/z.py"), True), ("b", ("x.py", "y/z.py", "z.py"), False)):
        assert (read(make(tmp_path / root, *names, *others)).layout == "Moodle download") is is_moodle


def test_odd_characters_leave_a_file_of_its_kind(tmp_path: Path) -> None:
    """A module stays a module."""
    [name] = of(read(make(tmp_path / "s", "doe_1_10_my\u202e softmax.py")), "1").names
    assert name.startswith("my softmax~")
    assert name.endswith(".py")


def test_numbered_files_that_define_different_functions_belong_together(tmp_path: Path) -> None:
    """``problem-1.py`` and ``problem-2.py`` are no attempts; near miss: if they define the same, they are."""
    together = put(tmp_path / "a", {"x_1_10_p-1.py": "def softmax(x): ...", "x_1_11_p-2.py": "def sigmoid(x): ..."})
    entry = of(read(together), "1")
    assert (entry.names, entry.set_aside) == (("p-1.py", "p-2.py"), ())
    assert entry.remarks == ("p-1.py, p-2.py define different functions, and were taken for one attempt.",)
    attempts = put(tmp_path / "b", {"x_1_10_p-1.py": "def softmax(x): ...", "x_1_11_p-2.py": "def softmax(x): ..."})
    assert of(read(attempts), "1").set_aside == ("x_1_10_p-1.py",)
    three = put(tmp_path / "c", {"x_1_10_p-1.py": "def softmax(x): ...", "x_1_11_p-2.py": "def sigmoid(x): ...", "x_1_12_p-3.py": "def sigmoid(x): ..."})
    assert of(read(three), "1").set_aside == ("x_1_10_p-1.py", "x_1_11_p-2.py")


@pytest.mark.parametrize(("first", "second"), [("p.py", "p-1.py"), ("p.py", "p.py")])
def test_who_begins_anew_hands_in_one_file(tmp_path: Path, first: str, second: str) -> None:
    """A file that is handed in again replaces the one of its name, whatever either of them defines."""
    folder = put(tmp_path / "a", {f"x_1_10_{first}": "def softmax(x): ...", f"x_1_11_{second}": "def sigmoid(x): ..."})
    entry = of(read(folder), "1")
    assert ([p.name for p in entry.paths], entry.set_aside, entry.remarks) == ([f"x_1_11_{second}"], (f"x_1_10_{first}",), ())


def test_an_anonymous_canvas_download(tmp_path: Path) -> None:
    """Late before the mark, no name, no id to join."""
    roll = read(make(tmp_path / "s", "anon_aB3xY_10_softmax.py", "LATE_anon_Zz9qq_11_softmax.py", "anon_qqqqq_text.html", "LATE_anon_rrrrr_link.html"))
    assert owners(roll) == {"anon_aB3xY": "softmax.py", "anon_Zz9qq": "softmax.py", "anon_qqqqq": "anon_qqqqq_text.html",
                            "anon_rrrrr": "LATE_anon_rrrrr_link.html"}
    assert [e.owners[0].key for e in roll.entries if e.late] == ["anon_Zz9qq", "anon_rrrrr"]
    assert of(roll, "anon_aB3xY").remarks == ("Handed in anonymously: Canvas tells no name.",)
    assert of(read(make(tmp_path / "named", "anonymous fox_7_12_a.py")), "7").remarks == ()
    assert roll.unrecognised == {}


def test_two_persons_of_one_number_are_told_apart(tmp_path: Path) -> None:
    """Nobody takes another's row by a forged number; the keys are the same from run to run."""
    folder = make(tmp_path / "s", "doejohn_1_10_a.py", "roejane_1_11_a.py", "other_2_12_a.py")
    roll = read(folder)
    assert set(owners(roll)) == {"1 (doejohn)", "1 (roejane)", "2"}
    assert "Several persons are called '1' here" in of(roll, "1 (doejohn)").remarks[0]
    assert read_class(folder, None, tmp_path, None) == roll


# ---- Moodle ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["_", ""])
def test_a_moodle_download(tmp_path: Path, end: str) -> None:
    """Folders as up to 4.0 and since 4.1 named; an online text is somebody's, if there is no file; subfolders and archives are the student's."""
    roll = read(make(tmp_path / "hw1", f"Anna-Lena Meier_101_assignsubmission_file{end}/q1.py", f"Anna-Lena Meier_101_assignsubmission_onlinetext{end}/onlinetext.html",
                     f"José Peña_102_assignsubmission_file{end}/src/q1.py", f"Bo_Li_103_assignsubmission_file{end}/hw.zip",
                     f"Text Only_104_assignsubmission_onlinetext{end}/onlinetext.html", "notes.txt"))
    assert roll.layout == "Moodle download"
    assert owners(roll) == {"101": "q1.py", "102": "q1.py", "103": "hw.zip", "104": "onlinetext.html"}
    assert (of(roll, "101").owners[0].name, of(roll, "101").owners[0].ids) == ("Anna-Lena Meier", {"moodle_participant": "101"})
    assert of(roll, "103").paths[0].name == "hw.zip"
    assert roll.unrecognised == {
        f"Anna-Lena Meier_101_assignsubmission_onlinetext{end}":
            "Anna-Lena Meier typed text into Moodle, too; the files that came with it are the submission.",
        "notes.txt": "Its name is not made by Moodle: <name>_<number>_assignsubmission_file."}
    assert of(roll, "104").remarks == (
        f"Text typed into Moodle: read it. If it is code, save it as Text Only_104_assignsubmission_onlinetext{end}/NAME.py, and grade the class again.",)
    assert of(roll, "104").owners[0].name == "Text Only"


def test_text_that_is_saved_as_python_is_graded(tmp_path: Path) -> None:
    """As the remark says: in the text's folder; and without folders, under Moodle's name for a file."""
    folder = "Ann Lee_7_assignsubmission_onlinetext"
    [entry] = read(make(tmp_path / "a", f"{folder}/onlinetext.html", f"{folder}/q1.py")).entries
    assert (entry.name, entry.paths, entry.remarks) == ("q1.py", (tmp_path / "a" / folder,), ())
    typed = "Ann Lee_7_assignsubmission_onlinetext_onlinetext.html"
    [entry] = read(make(tmp_path / "b", typed)).entries
    assert (entry.name, entry.remarks) == ("onlinetext.html", (
        "Text typed into Moodle: read it. If it is code, save it as Ann Lee_7_assignsubmission_file_NAME.py, and grade the class again.",))
    [entry] = read(make(tmp_path / "c", typed, "Ann Lee_7_assignsubmission_file_q1.py")).entries
    assert (entry.names, entry.remarks) == (("q1.py",), ())


def test_who_typed_text_is_not_called_absent(tmp_path: Path) -> None:
    """Near miss: somebody else on the roster, who handed in nothing at all."""
    roster = tmp_path / "roster.csv"
    roster.write_text("Identifier,Full name\nParticipant 1,Ann Lee\nParticipant 2,Bo Li\nParticipant 3,Cy Ray\n")
    roll = read(make(tmp_path / "s", "Ann Lee_1_assignsubmission_file/q1.py", "Bo Li_2_assignsubmission_onlinetext/onlinetext.html"), roster)
    assert (set(owners(roll)), [p.name for p in roll.absent]) == ({"1", "2"}, ["Cy Ray"])


def test_moodle_without_folders(tmp_path: Path) -> None:
    """One person's files belong together under the names that the student gave them."""
    roll = read(make(tmp_path / "hw1", "Ann Lee_7_assignsubmission_file_q1_softmax.py", "Ann Lee_7_assignsubmission_file_q2.py",
                     "Ann Lee_7_assignsubmission_file_notes.pdf", "Bo Li_8_assignsubmission_file_a.zip", "Bo Li_8_assignsubmission_onlinetext_onlinetext.html"))
    assert (of(roll, "7").names, of(roll, "8").names) == (("q1_softmax.py", "q2.py"), ("a.zip",))
    assert set(roll.unrecognised) == {"Ann Lee_7_assignsubmission_file_notes.pdf", "Bo Li_8_assignsubmission_onlinetext_onlinetext.html"}


def test_moodle_blind_groups_and_teams(tmp_path: Path) -> None:
    """Participants keep their number; a group's prefix is no part of a name; those in no team have no number."""
    blind = read(make(tmp_path / "blind", "Participant_12345_assignsubmission_file_/a.py", "Participant_12346_assignsubmission_file_/a.py"))
    assert [(e.owners[0].key, e.owners[0].name) for e in blind.entries] == [("12345", "Participant 12345"), ("12346", "Participant 12346")]
    typed = read(make(tmp_path / "typed", "Participant_7_assignsubmission_file/a.py", "Participant_7_assignsubmission_onlinetext/onlinetext.html"))
    assert list(typed.unrecognised.values()) == ["Participant 7 typed text into Moodle, too; the files that came with it are the submission."]
    german = read(make(tmp_path / "german", "Teilnehmer_1_assignsubmission_file/a.py", "Teilnehmer_2_assignsubmission_file/a.py"))
    assert [e.owners[0].name for e in german.entries] == ["Teilnehmer 1", "Teilnehmer 2"]
    group = read(make(tmp_path / "group", "Lab A-Ann Lee_1_assignsubmission_file_/a.py", "Lab A-Bo-Yi Li_2_assignsubmission_file_/a.py"))
    assert [e.owners[0].name for e in group.entries] == ["Ann Lee", "Bo-Yi Li"]
    both = read(make(tmp_path / "both", "Lab A-Participant_1_assignsubmission_file_/a.py", "Lab A-Participant_2_assignsubmission_file_/a.py"))
    assert [e.owners[0].name for e in both.entries] == ["Participant 1", "Participant 2"]
    teams = read(make(tmp_path / "teams", "Team One_17_assignsubmission_file/a.py", "Default group_assignsubmission_file/a.py"))
    assert {(e.owners[0].key, e.owners[0].name) for e in teams.entries} == {("17", "Team One"), ("Default group", "Default group")}


# ---- Gradescope ------------------------------------------------------------------------------------------------------

METADATA = """\
submission_11:
  :submitters:
  - :name: Ann Lee
    :sid: 00123
    :email: ann@uni.edu
  :created_at: 2023-09-08 23:17:12.123456789 Z
  :score: 9.5
  :status: processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
  :history:
  - :id: 9
    :created_at: 2023-09-07 20:00:00.000000000 Z
    :score: 1
submission_12:
  :submitters:
  - :name: Bo Li
    :sid:
    :email: bo@uni.edu
  - :name: Cy Yu
    :sid: '124'
    :email: cy@uni.edu
  :updated_at: &1 2023-09-09 01:02:03 -07:00
  :created_at: *1
submission_13:
  :submitters: []
submission_99:
  :submitters:
  - :name: Gone Girl
"""


def test_a_gradescope_export(tmp_path: Path) -> None:
    """Symbols and tags of Ruby are text; numbers keep zeros; groups have several owners; earlier attempts are named."""
    folder = make(tmp_path / "x/assignment_5_export", "submission_11/q1.py", "submission_11/.DS_Store", "submission_12/src/a.py",
                  "submission_13/a.py", "submission_14/a.py", "notes.txt")
    put(folder, {"submission_metadata.yml": METADATA})
    roll = read(tmp_path / "x")
    assert roll.layout == "Gradescope export"
    assert owners(roll) == {"00123": "q1.py", "bo@uni.edu+124": "a.py", "submission_13": "a.py"}
    ann = of(roll, "00123")
    assert (ann.when, ann.told_by, ann.late) == (datetime(2023, 9, 8, 23, 17, 12, 123456, UTC), "submission_metadata.yml", None)
    assert ann.set_aside == ("attempt 9 of 2023-09-07 20:00:00.000000000 Z, which is not in the export",)
    assert [(p.name, p.email, p.ids) for p in of(roll, "bo@uni.edu+124").owners] == [
        ("Bo Li", "bo@uni.edu", {}), ("Cy Yu", "cy@uni.edu", {"gradescope_sid": "124"})]
    assert of(roll, "bo@uni.edu+124").when == datetime(2023, 9, 9, 8, 2, 3, tzinfo=UTC)
    assert of(roll, "submission_13").remarks == ("submission_metadata.yml names no submitter of it.",)
    assert roll.unrecognised == {
        "assignment_5_export/submission_14": "submission_metadata.yml does not name it.",
        "assignment_5_export/notes.txt": "submission_metadata.yml does not name it.",
        "assignment_5_export/submission_99": "submission_metadata.yml names it as of Gone Girl, but it is not there. Export again."}


def test_the_latest_attempt_is_told_by_metadata(tmp_path: Path) -> None:
    """Two folders of one person: the later time counts, whatever the names; without times, the remark says that nothing tells."""
    person = "  :submitters: [{':name': Ann, ':sid': 1}]\n"
    for times, aside in ((("2024-01-02 00:00:00 Z", "2024-01-01 23:00:00 -07:00"), "submission_1"), (("2024-01-02 00:00:00 Z", "2024-01-01 00:00:00 Z"), "submission_2")):
        folder = put(tmp_path / aside, {"submission_1/a.py": "", "submission_2/a.py": "", "submission_metadata.yml":
                     "".join(f"submission_{i}:\n{person}  :created_at: {t}\n" for i, t in enumerate(times, start=1))})
        entry = of(read(folder), "1")
        assert (entry.set_aside, entry.remarks) == ((aside,), ())


@pytest.mark.parametrize(("text", "says"), [
    ("submission_1:\n  a: [\n", r"submission_metadata.yml, line \d: this is no YAML"), ("- a\n", "line 1: it names no submissions"),
    ("\x00", "this is no YAML"), ("a: " + "[" * 2000, "this is no YAML"),
])
def test_gradescope_metadata_that_cannot_be_read(tmp_path: Path, text: str, says: str) -> None:
    """One sentence with file and line."""
    with pytest.raises(UsageError, match=says):
        read(put(tmp_path / "x", {"submission_1/a.py": "", "submission_metadata.yml": text}))


def test_gradescope_metadata_nested_without_end(tmp_path: Path) -> None:
    """Deep lists end no process; what they stand beside is read."""
    text = METADATA + f"submission_50: {'[' * 3000}{']' * 3000}\n"
    assert "00123" in owners(read(put(tmp_path / "x", {"submission_11/a.py": "", "submission_metadata.yml": text})))


def test_gradescope_metadata_construct_nothing(tmp_path: Path) -> None:
    """A tag that other loaders would run is text; names lead nowhere."""
    folder = put(tmp_path / "x", {"submission_1/a.py": "", "submission_metadata.yml":
                 f"submission_1: {{':submitters': [{{':name': !!python/object/apply:os.mkdir ['{tmp_path}/made']}}]}}\n../../etc: {{}}\n"})
    roll = read(folder)
    assert not (tmp_path / "made").exists()
    assert [(e.owners[0].key, e.paths) for e in roll.entries] == [("submission_1", (folder / "submission_1",))]


# ---- nbgrader --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("top", ["", "submitted"])
def test_an_nbgrader_course(tmp_path: Path, top: str) -> None:
    """From the course or from its submitted/; time from timestamp.txt; what is not students' work is listed."""
    course = put(tmp_path / "course", {
        "submitted/alice/ps1/p.ipynb": "{}", "submitted/alice/ps1/timestamp.txt": "2015-02-02 15:58:23.948203 America/Los_Angeles\n",
        "submitted/bob/ps1/p.ipynb": "{}", "submitted/bob/ps1/timestamp.txt": "soon", "submitted/carl/ps1/p.ipynb": "{}", "submitted/dora/": "",
        "submitted/emil/ps1/p.zip": "", "submitted/emil/ps1/p.pdf": "", "submitted/emil/ps1/timestamp.txt": "",
        "submitted/alice/notes.txt": "", "source/ps1/p.ipynb": "{}", "gradebook.db": "",
    })
    (course / "submitted/alice/link").symlink_to("/etc")
    roll = read(course / top)
    assert roll.layout == "nbgrader course"
    assert owners(roll) == {"alice": "p.ipynb", "bob": "p.ipynb", "carl": "p.ipynb", "emil": "p.zip"}
    assert (of(roll, "alice").when, of(roll, "alice").told_by) == (datetime(2015, 2, 2, 23, 58, 23, 948203, UTC), "timestamp.txt")
    assert (of(roll, "bob").when, of(roll, "bob").remarks) == (None, ("timestamp.txt holds no time: 'soon'. Write it as 2026-03-01 23:59:00 UTC.",))
    assert of(roll, "carl").when is None
    lead = "" if top else "submitted/"
    listed = {f"{lead}{name}" for name in ("dora", "alice/notes.txt", "alice/link", "emil/ps1/p.pdf")}
    assert set(roll.unrecognised) == listed | (set() if top else {"source", "gradebook.db"})


def test_an_nbgrader_course_with_several_assignments(tmp_path: Path) -> None:
    """The one asked for; without that, all are named in one sentence."""
    course = make(tmp_path / "course", "submitted/alice/ps1/p.ipynb", "submitted/alice/ps2/p.ipynb", "submitted/bob/ps2/p.ipynb")
    roll = read(course, assignment="ps1")
    assert owners(roll) == {"alice": "p.ipynb"}
    assert set(roll.unrecognised) == {"submitted/alice/ps2", "submitted/bob/ps2"}
    with pytest.raises(UsageError, match=r"here: ps1, ps2. Name it with --assignment if the course calls it so; else hand over a copy of"):
        read_class(course, None, tmp_path, None)
    with pytest.raises(UsageError, match=r"None is called ps3: hand over a copy of the folder with one of them alone"):
        read_class(course, None, tmp_path, "ps3")
    assert set(owners(read_class(course, None, tmp_path, "PS2"))) == {"alice", "bob"}


# ---- archives --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("top", ["", "hw1/"])
@pytest.mark.parametrize("kind", [".zip", ".tar.gz"])
@pytest.mark.parametrize(("layout", "names"), [
    ("Canvas download", ["a_1_2_x.py", "b_3_4_x.py"]), ("folder of submissions", ["alice.py", "bob.py"]),
    ("folder of submissions", ["alice/x.py", "bob/x.py"]), ("Moodle download", ["A B_1_assignsubmission_file_/x.py"]),
    ("nbgrader course", ["submitted/alice/ps1/x.ipynb"]),
])
def test_an_archive_of_a_class(tmp_path: Path, layout: str, names: list[str], kind: str, top: str) -> None:
    """Of any layout, with or without one folder around it, and with what its refused entries were."""
    make(tmp_path / "plain", *(top + n for n in names))
    packed = tmp_path / f"class{kind}"
    if kind == ".zip":
        with zipfile.ZipFile(packed, "w") as archive:
            for name in names:
                archive.write(tmp_path / "plain" / top / name, top + name)
            archive.writestr("../evil.py", "x")
    else:
        with tarfile.open(packed, "w:gz") as archive:
            for name in names:
                archive.add(tmp_path / "plain" / top / name, top + name)
            archive.add(tmp_path / "plain" / top / names[0], "../evil.py")
    roll = read(packed)
    assert (roll.layout, len(roll.entries)) == (layout, len(names))
    assert "leads out" in roll.unrecognised["../evil.py"]
    assert all(p.is_relative_to(tmp_path / f"scratch of class{kind}") for e in roll.entries for p in e.paths)


@pytest.mark.parametrize(("layout", "names", "key"), [
    ("Canvas download", ["a_1_2_x.py", "b_3_4_x.py"], "3"), ("folder of submissions", ["alice.py", "bob.py"], "bob"),
    ("folder of submissions", ["alice/x.py", "bob/hw/x.py"], "bob"), ("Moodle download", ["A_1_assignsubmission_file_/x.py", "B_2_assignsubmission_file_/x.py"], "2"),
])
def test_what_is_damaged_in_the_archive_of_a_class_has_a_row(tmp_path: Path, layout: str, names: list[str], key: str) -> None:
    """Its owner's, by its name, with the reason; what lies beside it has no such remark."""
    packed = tmp_path / "class.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, f"code of {name}")
        archive.writestr("venv/lib.py", "code of nobody")
    data = packed.read_bytes()
    for name in (names[1], "nobody"):
        data = data.replace(f"code of {name}".encode(), f"Xode of {name}".encode())
    packed.write_bytes(data)
    roll = read(packed)
    assert roll.layout == layout
    assert {e.owners[0].key: [r.partition(" (")[0] for r in e.remarks] for e in roll.entries}[key] == [f"{names[1]}: It is damaged"]
    assert sum(bool(e.remarks) for e in roll.entries) == 1
    assert len(roll.entries) == 2
    assert "venv/lib.py" in roll.unrecognised
    assert names[1] not in roll.unrecognised


def test_metadata_in_an_archive_are_named_by_their_place_in_it(tmp_path: Path) -> None:
    """Nobody finds the folder that it was unpacked into."""
    packed = tmp_path / "class.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("submission_1/a.py", "")
        archive.writestr("submission_metadata.yml", "a: [")
    with pytest.raises(UsageError, match=rf"^{re.escape(str(packed))}/submission_metadata\.yml, line 2: "):
        read(packed)


def test_what_is_not_there_or_no_archive_is_said(tmp_path: Path) -> None:
    """The caller's mistake, one sentence."""
    with pytest.raises(UsageError, match="there is no such file or folder"):
        read_class(tmp_path / "absent", None, tmp_path, None)
    with pytest.raises(UsageError, match=r"this file is no class. Name a folder of submissions, or a .zip or .tar.gz of one."):
        read_class(make(tmp_path, "a.py") / "a.py", None, tmp_path, None)


# ---- nothing is skipped in silence -----------------------------------------------------------------------------------

_PARTS = st.sampled_from([
    "alice", "bob.py", "softmax.py", "hw.zip", "notes.pdf", ".DS_Store", ".hidden", "__MACOSX", "venv", "doe_1_2_a.py", "doe_LATE_1_3_b-1.py", "doe_1_text.html",
    "Ann Lee_7_assignsubmission_file_", "Ann Lee_7_assignsubmission_file_x.py", "Bo_8_assignsubmission_onlinetext_", "submitted", "ps1", "timestamp.txt",
    "hw1-alice", "hw1-bob", ".git", "submission_11", "submission_metadata.yml", "link", "x\u202ey", "=1+1.py", "carol.ipynb", "dan.tar.gz",
])


@settings(max_examples=300, deadline=None)
@example([["timestamp.txt", "dan.tar.gz", "alice", "timestamp.txt"], ["timestamp.txt", "dan.tar.gz", "alice", "dan.tar.gz"]])
@given(st.lists(st.lists(_PARTS, min_size=1, max_size=4), min_size=1, max_size=12))
def test_every_path_is_accounted_for(tmp_path_factory: pytest.TempPathFactory, paths: list[list[str]]) -> None:
    """Below a class, each file is in an entry, set aside, not recognised, or ignored by name."""
    root = tmp_path_factory.mktemp("any") / "class"
    made = [Path(*parts) for parts in paths if _make(root, parts)]
    leaves = [p for p in made if (root / p).is_symlink() or not (root / p).is_dir() or not any((root / p).iterdir())]
    try:
        roll = read(root)
    except UsageError as error:
        if "students handed in several assignments here" not in str(error):
            raise
        return
    told = [str(p.relative_to(root)) for e in roll.entries for p in e.paths] + [a for e in roll.entries for a in e.set_aside] + list(roll.unrecognised)
    works = {p.parent for e in roll.entries for p in e.paths} if roll.layout == "nbgrader course" else set()  # what tells their times lies in these
    for path in leaves:
        ancestors = [str(p) for p in (path, *path.parents)]
        tells = path.name == "timestamp.txt" and (root / path).parent in works
        assert any(is_ignored(p) or p == "submission_metadata.yml" for p in path.parts) or tells or any(a in told for a in ancestors), (path, roll)
    keys = ["+".join(p.key for p in e.owners) for e in roll.entries]
    assert len(set(keys)) == len(keys)


def _make(root: Path, parts: list[str]) -> bool:
    """Make a file, an empty folder or, where it is called so, a link; False where a part of the path is a file already."""
    place = root.joinpath(*parts)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if parts[-1] == "link":
            place.symlink_to("/etc")
        elif "." in parts[-1]:
            place.write_text(METADATA if parts[-1].endswith(".yml") else "def softmax(x): ...\n")
        else:
            place.mkdir()
    except OSError:
        return False
    return True


# ---- what this tool has written ----------------------------------------------------------------------------------------


def _with_run(folder: Path, *runs: str) -> Path:
    for run in runs:
        put(folder, {f"{run}/run.sqlite": "", f"{run}/index.html": "", f"{run}/reports/": "", f"{run}/feedback/ann.html": ""})
    return folder


OURS = "These are reports of this tool."


@pytest.mark.parametrize(("files", "keys"), [
    (("ann/a.py", "bo.py"), {"ann", "bo"}),
    (("hw-ann/a.py", "hw-bo/a.py", "hw-cy/a.py"), {"ann", "bo", "cy"}),
    (("submitted/ann/hw/a.py", "submitted/bo/hw/a.py"), {"ann", "bo"}),
])
def test_a_run_inside_of_the_class_is_nobodys(tmp_path: Path, files: tuple[str, ...], keys: set[str]) -> None:
    """Graded from inside, or into a folder there: the next run takes no report for a submission."""
    folder = make(tmp_path / "class", *files)
    folder = folder / "submitted" if (folder / "submitted").exists() else folder
    _with_run(folder, "grade-report/class", "results")
    roll = read(folder)
    assert set(owners(roll)) == keys
    assert (roll.unrecognised["grade-report"], roll.unrecognised["results"]) == (OURS, OURS)


def test_a_class_that_was_graded_into_its_own_folder_has_no_student_called_reports(tmp_path: Path) -> None:
    """What a run writes beside ``run.sqlite`` is no submission there; in another class it may be somebody's name."""
    names = {"ann.py": "", "bo.py": "", "reports/ann.json": "", "feedback/ann.html": "", "similarity/base/a.py": SOFTMAX}
    roll = read(put(tmp_path / "graded", {**names, "run.sqlite": ""}))
    assert set(owners(roll)) == {"ann", "bo"}
    assert [roll.unrecognised[name] for name in ("reports", "feedback", "similarity")] == [OURS] * 3
    assert "similarity" in owners(read(put(tmp_path / "class", names)))


def test_a_submission_is_no_run_for_its_files_names(tmp_path: Path) -> None:
    """Whoever hands in code hands in code."""
    roll = read(put(tmp_path / "class", {"ann/run.sqlite": "", "ann/a.py": SOFTMAX, "bo/run.sqlite": "", "bo/src/a.py": SOFTMAX, "cy.py": ""}))
    assert set(owners(roll)) == {"ann", "bo", "cy"}
