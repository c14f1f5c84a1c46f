"""Classes of students who are called nearly the same, and folders of which a part is no homework."""

import errno
import os
from pathlib import Path
from zipfile import ZipFile

import pytest

from grader.core.errors import UsageError
from grader.submission.bounds import MAX_DEPTH
from grader.submission.layouts import looks_like_a_class
from tests.submission.layout_fixtures import make, of, owners, put, read


def exported(root: Path, *submitters: str) -> Path:
    """Gradescope's export of one submission for each line of submitters."""
    folder = make(root, *(f"submission_{n}/a.py" for n in range(len(submitters))))
    return put(folder, {"submission_metadata.yml": "".join(f"submission_{n}:\n  :submitters: [{who}]\n" for n, who in enumerate(submitters))})


@pytest.mark.parametrize(("first", "second", "keys"), [
    ("{':name': Ann, ':sid': 7}", "{':name': Bob, ':sid': 7}", {"7 (Ann)", "7 (Bob)"}),
    ("{':name': Ann, ':sid': 7, ':email': a@x}", "{':name': Ann, ':sid': 7, ':email': b@x}", {"7 (a@x)", "7 (b@x)"}),
    ("{':name': Ann, ':sid': 7, ':email': a@x}", "{':name': Ann, ':sid': 7}", {"7 (1)", "7 (a@x)"}),
])
def test_two_of_one_number_have_each_a_key_that_only_they_have(tmp_path: Path, first: str, second: str, keys: set[str]) -> None:
    """By name, else by address, else by a number; neither row is lost."""
    assert set(owners(read(exported(tmp_path / "x", first, second)))) == keys


def test_a_group_and_who_is_called_as_it_are_told_apart(tmp_path: Path) -> None:
    """The keys of a group's members, joined, are the key of another; numbers begin with 1."""
    roll = read(exported(tmp_path / "x", "{':name': A, ':sid': a}, {':name': B, ':sid': b}", "{':name': C, ':sid': a+b}"))
    assert set(owners(roll)) == {"a (1)+b", "a+b (2)"}
    assert {e.remarks for e in roll.entries} == {("Somebody else's key is the same; a number tells them apart.",)}


def test_what_was_said_of_one_who_is_told_apart_stays(tmp_path: Path) -> None:
    """A number in the key is one more remark."""
    folder = exported(make(tmp_path / "x", "a+b/a.py"), "{':name': A, ':sid': a}, {':name': B, ':sid': b}")
    metadata = folder / "submission_metadata.yml"
    metadata.write_text(metadata.read_text() + "a+b: {}\n")
    assert of(read(folder), "a+b (2)").remarks == (
        "submission_metadata.yml names no submitter of it.", "Somebody else's key is the same; a number tells them apart.")


def test_a_file_that_the_metadata_name_is_a_submission(tmp_path: Path) -> None:
    """Not only folders are: an export may be sorted by hand. Without a time nobody is said to have told it; odd lists hide no one."""
    folder = put(tmp_path / "x", {"softmax.py": "", "submission_metadata.yml":
                 "softmax.py:\n  :submitters: [Zoe, {':name': Ann, ':sid': 7}]\n  :history: [draft, {':id': 3}]\n"})
    [entry] = read(folder).entries
    assert (entry.owners[0].key, entry.name, entry.paths) == ("7", "softmax.py", (folder / "softmax.py",))
    assert (entry.when, entry.told_by) == (None, "")
    assert entry.set_aside == ("attempt 3, which is not in the export",)


def test_an_attempt_without_a_time_may_be_the_latest(tmp_path: Path) -> None:
    """It is told of one of two only: nobody knows which one counts, and that is said."""
    who = "  :submitters: [{':name': Ann, ':sid': 7}]\n"
    folder = put(tmp_path / "x", {"submission_1/a.py": "", "submission_2/a.py": "", "submission_metadata.yml":
                 f"submission_1:\n  :created_at: 2024-01-02 00:00:00 Z\n{who}submission_2:\n{who}"})
    [entry] = read(folder).entries
    assert entry.set_aside == ("submission_1",)
    assert entry.remarks == ("Which of 2 attempts is the latest is not told; the last by name was taken.",)


def test_a_time_that_is_told_or_missing_is_no_remark(tmp_path: Path) -> None:
    """Of nbgrader's: what is said of one that cannot be read is said of nobody else."""
    roll = read(put(tmp_path / "submitted", {
        "ann/ps1/a.py": "", "ann/ps1/timestamp.txt": "2015-02-02 15:58:23 UTC", "bob/ps1/a.py": "", "cy/ps1/a.py": "", "cy/ps1/timestamp.txt": ""}))
    assert [(e.told_by, e.remarks) for e in roll.entries] == [("timestamp.txt", ()), ("", ()), ("", ())]


def test_earlier_attempts_of_each_folder_are_named(tmp_path: Path) -> None:
    """Those of which there is a folder, and those of which the metadata alone know."""
    told = "".join(f"submission_{n}:\n  :created_at: 2024-01-0{n} 00:00:00 Z\n  :submitters: [{{':sid': 7}}]\n  :history: [{{':id': {n}{n}}}]\n" for n in (2, 1))
    folder = put(tmp_path / "x", {"submission_1/a.py": "", "submission_2/a.py": "", "submission_metadata.yml": told})
    [entry] = read(folder).entries
    assert entry.paths == (folder / "submission_2",)
    assert entry.set_aside == ("submission_1", "attempt 11, which is not in the export", "attempt 22, which is not in the export")


def test_what_the_metadata_alone_name_is_said_with_a_roster_too(tmp_path: Path) -> None:
    """It is not there, and so is not the roster either."""
    folder = exported(tmp_path / "x", "{':name': Ann, ':sid': 7}", "{':name': Bob, ':sid': 8}")
    (folder / "submission_1/a.py").unlink()
    (folder / "submission_1").rmdir()
    roster = put(tmp_path, {"roster.csv": "name,student id\nAnn,7\nBob,8\n"}) / "roster.csv"
    assert set(read(folder, roster).unrecognised) == {"submission_1"}


def test_what_was_said_of_one_whose_number_another_has_stays(tmp_path: Path) -> None:
    """That a person has to read it."""
    roll = read(make(tmp_path / "x", "doe_1_text.html", "roe_1_10_a.py", "poe_2_11_a.py"))
    assert [r.partition(":")[0] for r in of(roll, "1 (doe)").remarks] == [
        "Text typed into Canvas", "Several persons are called '1' here; the others are told apart by what stands in brackets."]


@pytest.mark.parametrize(("told", "said"), [
    ("':id': 3, ':created_at': noon", "attempt 3 of noon, which is not in the export"), ("':id': 3", "attempt 3, which is not in the export"),
    ("':created_at': noon", "attempt of noon, which is not in the export"), ("':id': ~", "attempt, which is not in the export"),
])
def test_an_earlier_attempt_is_told_by_what_is_known_of_it(tmp_path: Path, told: str, said: str) -> None:
    """Its number, its time, both or neither."""
    folder = put(tmp_path / "x", {"submission_1/a.py": "", "submission_metadata.yml": f"submission_1:\n  :history: [{{{told}}}]\n"})
    assert read(folder).entries[0].set_aside == (said,)


def test_all_whose_folder_is_not_there_are_named(tmp_path: Path) -> None:
    """Of a group each, and where there is nobody that too."""
    folder = put(tmp_path / "x", {"submission_1/a.py": "", "submission_metadata.yml":
                 "submission_1: {}\nsubmission_2:\n  :submitters: [{':name': Ann}, {':name': Bob}]\nsubmission_3: {}\n"})
    assert read(folder).unrecognised == {
        f"submission_{n}": f"submission_metadata.yml names it as of {who}, but it is not there. Export again."
        for n, who in ((2, "Ann and Bob"), (3, "nobody"))}


def test_the_line_of_a_mistake_in_the_metadata_is_told(tmp_path: Path) -> None:
    """As editors count."""
    folder = put(tmp_path / "x", {"submission_1/a.py": "", "submission_metadata.yml": "submission_1:\n  :id: 3\n  :id: [}\n"})
    with pytest.raises(UsageError, match=r"submission_metadata\.yml, line 3: this is no YAML"):
        read(folder)


def test_what_lies_in_an_nbgrader_course_beside_the_students_is_listed(tmp_path: Path) -> None:
    """Beside ``submitted/`` and in it, hidden things too."""
    roll = read(make(tmp_path / "x", "submitted/ann/ps1/a.py", "submitted/notes.txt", "submitted/.hidden", ".grades", "gradebook.db"))
    assert set(roll.unrecognised) == {"submitted/notes.txt", "submitted/.hidden", ".grades", "gradebook.db"}


def test_metadata_that_cannot_be_read_are_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be opened: its name, and what to do."""
    def fails(*_: object) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    folder = exported(tmp_path / "x", "{':name': A, ':sid': a}")
    monkeypatch.setattr(Path, "read_bytes", fails)
    with pytest.raises(UsageError, match=r"submission_metadata\.yml: it cannot be read \(Permission denied\)\. Check its permissions\."):
        read(folder)


def test_a_name_that_begins_another_is_whole(tmp_path: Path) -> None:
    """Of what all names begin with, Moodle's group is a part that ends in a hyphen, and nothing else."""
    roll = read(make(tmp_path / "x", "Ann_1_assignsubmission_file_/a.py", "Ann Lee_2_assignsubmission_file_/a.py"))
    assert {e.owners[0].key: e.owners[0].name for e in roll.entries} == {"1": "Ann", "2": "Ann Lee"}
    roll = read(make(tmp_path / "y", "G1- Ann_1_assignsubmission_file_/a.py", "G1- Ann Lee_2_assignsubmission_file_/a.py"))
    assert {e.owners[0].key: e.owners[0].name for e in roll.entries} == {"1": "Ann", "2": "Ann Lee"}


def test_what_another_plugin_of_moodles_brought_is_no_submission(tmp_path: Path) -> None:
    """A file or a folder: it is listed, with whose it is."""
    roll = read(make(tmp_path / "x", "Ann Lee_1_assignsubmission_file_/a.py", "Ann Lee_1_assignsubmission_audio_/a.py", "Bob Ray_2_assignsubmission_audio_b.py"))
    assert owners(roll) == {"1": "a.py"}
    assert roll.unrecognised == {
        name: f"It holds what {who} handed in by Moodle's plugin 'audio'; only that for files is read."
        for name, who in (("Ann Lee_1_assignsubmission_audio_", "Ann Lee"), ("Bob Ray_2_assignsubmission_audio_b.py", "Bob Ray"))}


@pytest.mark.parametrize(("folder", "others"), [
    ("Ann Lee_1_assignsubmission_file_", ()), ("ann", ("bob/a.py",)), ("submitted/ann/ps1", ("submitted/bob/ps1/a.py",)),
    ("submission_0", ("submission_metadata.yml",)),
], ids=["Moodle", "by hand", "nbgrader", "Gradescope"])
def test_what_lies_beside_an_archive_and_is_no_python_is_listed(tmp_path: Path, folder: str, others: tuple[str, ...]) -> None:
    """The archive is the submission; nothing that a student handed in is left out unsaid."""
    root = make(tmp_path / "x", f"{folder}/hw.zip", f"{folder}/notes.pdf", *(o for o in others if o.endswith(".py")))
    if folder == "submission_0":
        put(root, {"submission_metadata.yml": "submission_0:\n  :submitters: [{':name': Ann, ':sid': 1}]\n"})
    roll = read(root)
    assert "hw.zip" in owners(roll).values()
    assert set(roll.unrecognised) == {f"{folder}/notes.pdf"}


@pytest.mark.parametrize("names", [("ann", "bob"), ("hw1-ann", "hw1-bob", "hw1-cy", "hw1-di")], ids=["by hand", "clones"])
def test_a_folder_that_no_one_handed_in_is_listed(tmp_path: Path, names: tuple[str, ...]) -> None:
    """By its name: nobody is called so, and it is said what to do if somebody is."""
    roll = read(make(tmp_path / "x", *(f"{name}/a.py" for name in names), "node_modules/a.py"))
    assert len(roll.entries) == len(names)
    assert roll.unrecognised == {"node_modules": "Folders of this name hold no one's homework. Rename it if somebody handed it in."}


@pytest.mark.parametrize(("names", "are_clones"), [
    (("hw-ann", "hw-bob", "hw-cy", "hw-di", "x"), True), (("hw-ann", "hw-bob", "hw-cy", "x"), False),
    (("hw-ann", "hw-bob", "hw-cy", "hw-di", "x", "y"), False),
])
def test_four_of_five_folders_begin_alike(tmp_path: Path, names: tuple[str, ...], are_clones: bool) -> None:
    """Or it is no beginning that an assignment gave them."""
    assert read(make(tmp_path / "c", *(f"{name}/a.py" for name in names))).layout.startswith("clones") is are_clones


@pytest.mark.parametrize("name", ["submitted", "class"])
def test_a_folder_called_submitted_is_nbgraders(tmp_path: Path, name: str) -> None:
    """Without a time stamp anywhere; near miss: called otherwise, the same may be folders in folders."""
    roll = read(make(tmp_path / name, "ann/ps1/a.py", "bob/ps1/a.py"))
    assert (roll.layout == "nbgrader course") is (name == "submitted")
    assert set(owners(roll)) == {"ann", "bob"}


@pytest.mark.parametrize("names", [
    ("class/ann.py", "class/bob.py", "notes/"), ("hw/softmax.py", "__MACOSX/hw/._softmax.py", "hw/.DS_Store"), ("hw/softmax.py", "hw/.git/a.py", "hw/.b/a.py"),
    ("x/ann/src/a.py", "x/bob/src/a.py"), ("smith-ann/a.py", "smith-bob/a.py"),
], ids=["an empty folder", "of a Mac", "hidden", "far down", "that begin alike"])
def test_an_archive_is_taken_for_what_its_folder_is(tmp_path: Path, names: tuple[str, ...]) -> None:
    """One or many, for the same reason, packed or not."""
    make(tmp_path / "x", *names)
    with ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "" if name.endswith("/") else (tmp_path / "x" / name).read_bytes())
    assert looks_like_a_class(tmp_path / "x.zip") == looks_like_a_class(tmp_path / "x")


def test_a_folder_is_called_by_what_it_holds(tmp_path: Path) -> None:
    """The Python, if there is any, else all of it; three names, and how many more."""
    roll = read(make(tmp_path / "x", *(f"ann/{n}.py" for n in "abcde"), "ann/z.pdf", "bob/b.pdf", "bob/pics/b.png", "cy/", *(f"di/{n}.py" for n in "abcd")))
    assert owners(roll) == {"ann": "a.py, b.py, c.py and 2 more", "bob": "b.pdf, pics", "cy": "cy", "di": "a.py, b.py, c.py and 1 more"}


def test_a_folder_beside_an_archive_is_handed_in_too(tmp_path: Path) -> None:
    """If there is Python in it, however far down; nothing else of it is."""
    root = make(tmp_path / "x", "ann/hw.zip", "ann/part2/src/b.py", "ann/pics/a.png", "bob/a.py")
    roll = read(root)
    assert of(roll, "ann").paths == (root / "ann/hw.zip", root / "ann/part2")
    assert set(roll.unrecognised) == {"ann/pics"}


def test_the_case_of_an_ending_does_not_count(tmp_path: Path) -> None:
    """As systems for which it never did hand files over."""
    names = {"ann": "ann.PY", "bob": "bob.Ipynb", "cy": "cy.ZIP", "di": "di.Tar.GZ", "eve": "eve.RAR"}
    roll = read(make(tmp_path / "x", *names.values(), "data.XZ"))
    assert owners(roll) == names
    assert roll.unrecognised == {"data.XZ": "It is packed in a way that is not read. Ask for a .zip or a .tar.gz."}


def test_a_clone_without_a_users_name_is_called_as_its_folder(tmp_path: Path) -> None:
    """And it is said that it is none of the others' kind."""
    roll = read(make(tmp_path / "hw1-submissions", "hw1-ann/a.py", "hw1-bob/a.py", "hw1-/a.py"))
    assert set(owners(roll)) == {"ann", "bob", "hw1-"}
    assert of(roll, "hw1-").remarks == ("Its folder's name does not begin with hw1-, as the others do.",)


def test_a_name_that_is_no_text_can_be_stored(tmp_path: Path) -> None:
    """Its bytes are written out; all the others are as they were typed."""
    folder = make(tmp_path / "x", "ann.py", "bob.py", "café.txt")
    (folder / os.fsdecode(b"caf\xe9.txt")).touch()
    assert set(read(folder).unrecognised) == {"café.txt", "caf\\xe9.txt"}


def test_a_class_is_found_as_far_down_as_folders_are_read(tmp_path: Path) -> None:
    """Folder in folder, as archives have them; one more is not looked into."""
    for depth in (MAX_DEPTH, MAX_DEPTH + 1):
        inner = "/".join(["class"] * depth)
        roll = read(make(tmp_path / str(depth), f"{inner}/ann.py", f"{inner}/bob.py"))
        assert ({"ann", "bob"} == set(owners(roll))) is (depth == MAX_DEPTH)


def test_a_row_that_is_alone_has_the_key_as_it_is(tmp_path: Path) -> None:
    """No brackets where nobody else is called so."""
    roll = read(exported(tmp_path / "x", "{':name': A, ':sid': a}, {':name': B, ':sid': b}", "{':name': C, ':sid': c}"))
    assert [of(roll, key).remarks for key in ("a+b", "c")] == [(), ()]
