"""Rosters: read as systems export them, joined with what was handed in, and never by a guess."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.core.classbook import in_order
from grader.core.errors import UsageError
from grader.submission.roster import is_stranger, read_roster
from tests.submission.layout_fixtures import make, of, owners, put, read

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (77),Current Score
,,,,,Manual Posting,(read only)
"    Points Possible",,,,,10,(read only)
"Doe, John",12345,u1,jdoe,Lab A,,
"Peña, José",12346,u2,jpena,Lab A,,
"Nakamura, Ai",12347,u3,anaka,Lab B,,
"Student, Test",999,,,Lab A,,
"""


def _roster(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "roster.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_a_canvas_gradebook(tmp_path: Path) -> None:
    """Ids join; names, e-mail and sections come along; the test student, points and posting lines are nobody; the rest is absent."""
    folder = make(tmp_path / "s", "doejohn_12345_1_a.py", "peñajosé_LATE_12346_2_a.py", "roejane_55_3_a.py")
    roll = read(folder, _roster(tmp_path, CANVAS))
    john = of(roll, "12345").owners[0]
    assert (john.name, john.ids) == ("Doe, John", {"canvas_id": "12345", "sis_user_id": "u1", "sis_login_id": "jdoe", "section": "Lab A"})
    assert of(roll, "12346").owners[0].name == "Peña, José"
    assert of(roll, "12346").remarks == ()
    assert of(roll, "55").remarks == ("roejane is not on the roster (roster.csv).",)
    assert [(p.key, p.name) for p in roll.absent] == [("12347", "Nakamura, Ai")]


def test_a_canvas_roster_joins_folders_by_login_and_name(tmp_path: Path) -> None:
    """Whatever the folder is called: login, number, name in either order, without accents; absent ones get the usual kind of key."""
    roll = read(make(tmp_path / "s", "jdoe.py", "anaka.py"), _roster(tmp_path, CANVAS))
    assert [(e.owners[0].key, e.owners[0].name) for e in roll.entries] == [("anaka", "Nakamura, Ai"), ("jdoe", "Doe, John")]
    assert [p.key for p in roll.absent] == ["jpena"]
    roll = read(make(tmp_path / "t", "Jose Pena.py", "u1.py", "Nakamura Ai/a.py"), _roster(tmp_path, CANVAS))
    assert {e.owners[0].name for e in roll.entries} == {"Peña, José", "Doe, John", "Nakamura, Ai"}
    assert (roll.absent, [e.remarks for e in roll.entries]) == ((), [(), (), ()])


def test_a_moodle_worksheet(tmp_path: Path) -> None:
    """Participants join by number, also blind and in another language; a team's number is no participant's."""
    sheet = ("\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade\n"
             "Participant 101,Anna-Lena Meier,anna@x.org,Submitted,,10\nParticipant 102,José Peña,jose@x.org,,,10\nParticipant 103,Bo Li,bo@x.org,,,10\n")
    folder = make(tmp_path / "s", "Lab-Anna-Lena Meier_101_assignsubmission_file_/a.py", "Team Rocket_102_assignsubmission_file_/a.py")
    roll = read(folder, _roster(tmp_path, sheet))
    assert (of(roll, "101").owners[0].name, of(roll, "101").owners[0].email) == ("Anna-Lena Meier", "anna@x.org")
    assert of(roll, "102").owners[0].name == "Team Rocket"
    assert "it was not joined. It may be a group's number" in of(roll, "102").remarks[0]
    assert [p.key for p in roll.absent] == ["102 (line 3)", "103"]
    blind = make(tmp_path / "t", "Teilnehmer_101_assignsubmission_file_/a.py", "Teilnehmer_102_assignsubmission_file_/a.py")
    sheet = "Identifier;Status;Grade\nTeilnehmer 101;;\nTeilnehmer 102;;\nTeilnehmer 103;;\n"
    roll = read(blind, _roster(tmp_path, sheet))
    assert (set(owners(roll)), [p.key for p in roll.absent]) == ({"101", "102"}, ["103"])
    assert all(not e.remarks for e in roll.entries)


def test_first_names_that_look_like_a_groups(tmp_path: Path) -> None:
    """What all names of a download begin with may be the group's, or nobody's: number and roster tell the whole name."""
    sheet = "Identifier,Full name,Email address\nParticipant 101,Anna-Maria Huber,m@x.org\nParticipant 102,Anna-Lena Berg,l@x.org\n"
    folder = make(tmp_path / "s", "Anna-Maria Huber_101_assignsubmission_file_/a.py", "Anna-Lena Berg_102_assignsubmission_file_/a.py")
    roll = read(folder, _roster(tmp_path, sheet))
    assert [(e.owners[0].name, e.remarks) for e in roll.entries] == [("Anna-Maria Huber", ()), ("Anna-Lena Berg", ())]
    assert roll.absent == ()


def test_a_github_classroom_roster(tmp_path: Path) -> None:
    """Users join whatever the case of their names; who has no user name yet is absent by the school's."""
    text = '"identifier","github_username","github_id","name"\n"ann@uni.edu","AnnLee","7","Ann Lee"\n"bo@uni.edu","","",""\n'
    roll = read(make(tmp_path / "hw1-submissions", "hw1-annlee/a.py", "hw1-mallory/a.py"), _roster(tmp_path, text))
    assert (of(roll, "annlee").owners[0].name, of(roll, "annlee").owners[0].ids["roster_identifier"]) == ("Ann Lee", "ann@uni.edu")
    assert of(roll, "mallory").remarks == ("mallory is not on the roster (roster.csv).",)
    assert [(p.key, p.name) for p in roll.absent] == [("bo@uni.edu", "bo@uni.edu")]


def test_the_grades_of_github_classroom_tell_whom_the_school_means(tmp_path: Path) -> None:
    """Their heading for it is another one than the roster's."""
    text = ('"assignment_name","github_username","roster_identifier","student_repository_name","submission_timestamp"\n'
            '"hw1","AnnLee","ann@uni.edu","hw1-annlee","2026-03-01 10:00:00 UTC"\n')
    roll = read(make(tmp_path / "hw1-submissions", "hw1-annlee/a.py"), _roster(tmp_path, text))
    assert of(roll, "annlee").owners[0].ids["roster_identifier"] == "ann@uni.edu"


def test_a_gradescope_roster(tmp_path: Path) -> None:
    """First and last names are joined; teachers are left out; numbers keep their zeros."""
    text = "First Name,Last Name,SID,Email,Role\nAnn,Lee,00123,ann@x.org,Student\nProf,X,1,px@x.org,Instructor\nBo,Li,124,bo@x.org,Student\n"
    meta = "submission_1:\n  :submitters:\n  - :name: A. Lee\n    :sid: 00123\nsubmission_2:\n  :submitters:\n  - :name: B\n    :email: BO@x.org\n"
    folder = put(tmp_path / "s", {"submission_1/a.py": "", "submission_2/a.py": "", "submission_metadata.yml": meta})
    roll = read(folder, _roster(tmp_path, text))
    assert [e.owners[0].name for e in roll.entries] == ["Ann Lee", "Bo Li"]
    assert roll.absent == ()


def test_mailboxes_are_names_of_folders(tmp_path: Path) -> None:
    """The part before the @, where only one has it."""
    folder = make(tmp_path / "s", "ann.py", "bo/a.py", "CY@x.org.py")
    roll = read(folder, _roster(tmp_path, "name,email\nAnn,ann@x.org\nBo,bo@x.org\nBo,bo@y.org\nCy,cy@x.org\n"))
    assert [(e.owners[0].name, bool(e.remarks)) for e in roll.entries] == [("Cy", False), ("Ann", False), ("bo", True)]


def test_members_of_a_group(tmp_path: Path) -> None:
    """Where the roster has groups, a group's submission belongs to all of its members; without, the one member is told of."""
    text = "name,canvas_user_id,login_id,group_name\nAnn Lee,1,ann,Team Rocket\nBo Li,2,bo,Team Rocket\nCy Yu,3,cy,Solo\n"
    folder = make(tmp_path / "s", "teamrocket_1_10_a.py")
    roll = read(folder, _roster(tmp_path, text))
    assert [p.name for p in of(roll, "1+2").owners] == ["Ann Lee", "Bo Li"]
    assert [p.key for p in roll.absent] == ["3"]
    roll = read(make(tmp_path / "t", "teamrocket_1_10_a.py"), _roster(tmp_path, text.replace("Team Rocket", "")))
    assert of(roll, "1").remarks == ("Canvas calls it teamrocket, and user 1 is Ann Lee in roster.csv: a group's submission, perhaps.",)


def test_members_without_names(tmp_path: Path) -> None:
    """They go by what there is; a row without a name would be nobody's."""
    roll = read(make(tmp_path / "s", "team.py"), _roster(tmp_path, "login,group\nann,team\nbo,team\n"))
    assert [(p.key, p.name) for p in of(roll, "ann+bo").owners] == [("ann", "ann"), ("bo", "bo")]


@pytest.mark.parametrize(("text", "name"), [
    ("canvas id,login\n1,ann\n", "ann"), ("first name,last name,canvas id\nAnn,Lee,1\n", "Ann Lee"), ("canvas id,email\n1,ann@x.org\n", "ann@x.org"),
])
def test_a_roster_with_the_ids_of_canvas_and_no_full_names(tmp_path: Path, text: str, name: str) -> None:
    """It is no gradebook, and none of its lines is one of points."""
    (student,) = read_roster(_roster(tmp_path, text)).students
    assert name in (student.name, student.email, *student.ids.values())


def test_ambiguous_names_are_not_guessed(tmp_path: Path) -> None:
    """Two of one name: neither is taken, nor said to have handed in nothing; an id decides. Near miss: one of them is joined by login."""
    text = "name,login\nAnn Lee,alee1\nAnn Lee,alee2\nBo Li,bli\nCy Wu,cwu\n"
    roll = read(make(tmp_path / "s", "Ann Lee.py", "Bo Li.py"), _roster(tmp_path, text))
    assert of(roll, "Ann Lee").remarks == (
        "Ann Lee may be any of lines 2, 3 of roster.csv; it was not joined. Give them an id that tells; until then none of them is called absent.",)
    assert is_stranger(of(roll, "Ann Lee"))
    assert [p.key for p in roll.absent] == ["cwu"]
    text = text.replace("Cy Wu,cwu\n", "")
    assert [p.key for p in read(make(tmp_path / "t", "alee2.py"), _roster(tmp_path, text)).absent] == ["alee1", "bli"]


def test_who_handed_in_a_file_of_another_kind_is_not_called_absent(tmp_path: Path) -> None:
    """It is theirs, and a person has to look. Near misses: beside their code, of nobody on the roster, and whoever handed in nothing."""
    klass = make(tmp_path / "s", "Ann Lee.py", "Ann Lee.pdf", "Bo Li.pdf", "README.md")
    roster = _roster(tmp_path, "name,login\nAnn Lee,alee\nBo Li,bli\nCy Wu,cwu\n")
    roll = read(klass, roster)
    assert owners(roll) == {"Ann Lee": "Ann Lee.py", "Bo Li": "Bo Li.pdf"}
    assert of(roll, "Bo Li").paths == (klass / "Bo Li.pdf",)
    assert [p.key for p in roll.absent] == ["cwu"]
    assert set(roll.unrecognised) == {"Ann Lee.pdf", "README.md"}
    assert set(read(make(tmp_path / "t", "Ann Lee.py", "Ann Lee.pdf", "Bo Li.pdf", "README.md")).unrecognised) == {"Ann Lee.pdf", "Bo Li.pdf", "README.md"}


def test_two_submissions_of_one_person_are_told(tmp_path: Path) -> None:
    """By login and by name: both stay, and both say so."""
    roll = read(make(tmp_path / "s", "alee.py", "Ann Lee.py"), _roster(tmp_path, "name,login\nAnn Lee,alee\n"))
    assert len(roll.entries) == 2
    assert all("another submission is of the same person" in e.remarks[0] for e in roll.entries)


def test_nobody_is_absent_where_submissions_are_anonymous(tmp_path: Path) -> None:
    """Each may be anybody's."""
    roll = read(make(tmp_path / "s", "anon_aB3xY_10_a.py"), _roster(tmp_path, CANVAS))
    assert roll.absent == ()
    assert "nobody is called absent" in roll.entries[0].remarks[1]


def test_a_roster_inside_the_class_is_not_listed(tmp_path: Path) -> None:
    """It belongs to everybody."""
    folder = put(tmp_path / "s", {"alee.py": "", "roster.csv": "login\nalee\n", "other.csv": ""})
    assert set(read(folder, folder / "roster.csv").unrecognised) == {"other.csv"}


@pytest.mark.parametrize(("text", "encoding"), [
    ("\ufeffName;E-Mail\nJosé Peña;j@x.org\n", "utf-8"), ("name,email\nJosé Peña,j@x.org\n", "latin-1"), ("EMAIL ADDRESS,Full_Name\r\nj@x.org,José Peña\r\n", "utf-8"),
    ("name\temail\nJosé Peña\tj@x.org\n", "utf-16"), ("sep=;\nname;email\nJosé Peña;j@x.org\n", "utf-8"), ('First,Surname,mail\n"José",Peña,j@x.org\n\n,,\n', "utf-8"),
])
def test_encodings_delimiters_and_headings(tmp_path: Path, text: str, encoding: str) -> None:
    """Byte-order marks, Latin-1, semicolons, tabs, any order and case of headings, blank lines."""
    [student] = read_roster(_roster(tmp_path, text, encoding)).students
    assert (student.name, student.email) == ("José Peña", "j@x.org")


@pytest.mark.parametrize("name", ["Ann Lee ", "Ann\u200f Lee", "Ann  Lee"])
def test_a_space_or_an_invisible_sign_is_nobody_else_where_the_number_agrees(tmp_path: Path, name: str) -> None:
    """In the folder's name alone: a table loses them."""
    folder = make(tmp_path / "s", f"{name}_101_assignsubmission_file_/a.py", "Bo Li_102_assignsubmission_file_/a.py")
    roll = read(folder, _roster(tmp_path, "Identifier,Full name\nParticipant 101,Ann Lee\nParticipant 102,Bo Li\n"))
    assert (of(roll, "101").owners[0].name, of(roll, "101").remarks, roll.absent) == ("Ann Lee", (), ())


def test_the_encoding_of_windows(tmp_path: Path) -> None:
    """Its apostrophes and carons are no control characters, of which a name would be stripped."""
    listed = read_roster(_roster(tmp_path, "name;id\nO’Brien – Žižek;7\n", "cp1252")).students
    assert [s.name for s in listed] == ["O’Brien – Žižek"]


@pytest.mark.parametrize(("text", "says"), [
    ("", "roster.csv, line 1: the roster is empty. Write headings, such as name,email,id, and a line for each student."),
    ("name,id\n", "line 2: the roster has headings and names nobody. Write a line for each student."),
    ("colour,points\nred,1\n", "line 1, columns 1 to 2: no heading names a person; there is colour, points. Write name, email, id or username"),
    ("name,id\nDoe, John,7\n", "line 2, column 3: '7' stands beyond the last heading. Put quotation marks around a cell that holds the delimiter."),
    ("section,name,id\nA,Ann,7\nB,,\n", "line 3, column 1: this line names nobody. Fill in a name, an e-mail address or an id."),
    ("name,id\nAnn,7\n\nBo,7\n", "line 4, column 2: 7 stands in line 2, too. Give each student one line."),
    ("name,email\nAnn,a@x.org\nBo,b@x.org\nANN,A@x.org\n", "line 4, column 2: a@x.org stands in line 2, too. Give each student one line."),
    ('name,id\n"Ann,7\n', "line 2: this is no line of a CSV file (unexpected end of data). Close every quotation mark"),
])
def test_errors_name_line_and_column(tmp_path: Path, text: str, says: str) -> None:
    """And what to write instead."""
    with pytest.raises(UsageError) as error:
        read_roster(_roster(tmp_path, text))
    assert says in str(error.value)


def test_two_may_share_an_address(tmp_path: Path) -> None:
    """A course's own, or a family's."""
    assert [s.name for s in read_roster(_roster(tmp_path, "name,email\nAnn,a@x.org\nBo,a@x.org\nCy,\nDi,\n")).students] == ["Ann", "Bo", "Cy", "Di"]


@pytest.mark.parametrize("magic", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest"])
def test_a_workbook_is_no_roster(tmp_path: Path, magic: bytes) -> None:
    """What people have at hand: it is named for what it is."""
    (tmp_path / "class.xlsx").write_bytes(magic)
    with pytest.raises(UsageError, match=r"class\.xlsx: the roster is a workbook of a spreadsheet program\. Save its sheet as CSV"):
        read_roster(tmp_path / "class.xlsx")


def test_a_roster_that_is_not_there(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(UsageError, match=r"absent.csv: the roster cannot be read \(No such file or directory\)"):
        read_roster(tmp_path / "absent.csv")


def test_hostile_cells(tmp_path: Path) -> None:
    """Formulas stay text, control characters go; a name of a thousand characters is cut."""
    students = read_roster(_roster(tmp_path, f"name,login\n=1+1,a\n\u202eevil\x1b[2J,b\n{'x' * 1000},c\n")).students
    assert [s.name[:8] for s in students] == ["=1+1", "evil[2J~", "x" * 8]
    assert all(len(s.name) < 90 and s.name.isprintable() for s in students)


@pytest.mark.parametrize("headings", ["id number,student number,sis_user_id", "sis_user_id,id number,student number", "student number,sis_user_id,id number"])
def test_each_id_keeps_its_own_name_in_any_order(tmp_path: Path, headings: str) -> None:
    """Canvas' SIS id, Moodle's number and the school's may differ; none hides another, and each joins."""
    of_ann = {"sis_user_id": "SIS1", "id number": "007", "student number": "n7"}
    line = ",".join(of_ann[heading] for heading in headings.split(","))
    (student,) = read_roster(_roster(tmp_path, f"name,{headings}\nAnn Lee,{line}\n")).students
    assert student.ids == {"sis_user_id": "SIS1", "id_number": "007", "student_number": "n7"}
    for number in of_ann.values():
        roll = read(make(tmp_path / number, f"{number}.py"), _roster(tmp_path, f"name,{headings}\nAnn Lee,{line}\n"))
        assert [e.owners[0].name for e in roll.entries] == ["Ann Lee"]


@pytest.mark.parametrize(("heading", "told", "when"), [
    ("Last modified (submission)", "Sunday, 1 March 2026, 11:50 PM", "2026-03-01T23:50:00"),
    ("Last modified (submission)", "Sunday, March 1, 2026, 12:05 AM", "2026-03-01T00:05:00"),
    ("submission_timestamp", "2026-03-01 23:12:00 UTC", "2026-03-01T23:12:00+00:00"),
    ("submitted at", "2026-03-01T23:12+01:00", "2026-03-01T23:12:00+01:00"),
    ("Submitted at", "2026-03-01 23:12", "2026-03-01T23:12:00"),
])
def test_a_roster_tells_times_where_the_system_tells_none(tmp_path: Path, heading: str, told: str, when: str) -> None:
    """Moodle's worksheet, GitHub Classroom's grades and a column of one's own; who handed in nothing has none."""
    klass = make(tmp_path / "s", "Ann Lee_7_assignsubmission_file_/a.py", "Bo Li_8_assignsubmission_file_/a.py")
    text = f'Identifier,Full name,"{heading}"\nParticipant 7,Ann Lee,"{told}"\nParticipant 8,Bo Li,-\nParticipant 9,Cy Wu,-\n'
    roll = read(klass, _roster(tmp_path, text))
    ann, bo = of(roll, "7"), of(roll, "8")
    assert (ann.when, ann.told_by, ann.remarks) == (datetime.fromisoformat(when), "roster.csv", ())
    assert (bo.when, bo.told_by, bo.remarks) == (None, "", ())


@pytest.mark.parametrize("told", ["01/03/2026 23:50", "Sonntag, 1. März 2026, 23:50", "31 February 2026, 11:50 PM", "1 March 2026, 13:50 PM", "2026-03-01"])
def test_a_time_that_may_mean_several_is_not_guessed(tmp_path: Path, told: str) -> None:
    """It is told, with what to write instead."""
    roll = read(make(tmp_path / "s", "Ann Lee.py"), _roster(tmp_path, f'name,submitted at\nAnn Lee,"{told}"\n'))
    assert (roll.entries[0].when, roll.entries[0].told_by) == (None, "")
    assert roll.entries[0].remarks == (
        f"roster.csv says that it came at {told!r}, which is no time that is read. Write it as 2026-03-01 23:59.",)


def test_the_systems_own_time_is_not_overruled(tmp_path: Path) -> None:
    """nbgrader's time stamp stays, whatever the roster says; of a group the last time counts."""
    klass = make(tmp_path / "s", "submitted/ann/hw/a.py")
    (klass / "submitted/ann/hw/timestamp.txt").write_text("2026-03-01 10:00:00 UTC")
    roll = read(klass, _roster(tmp_path, "username,submitted at\nann,2026-03-05 10:00\n"))
    assert (roll.entries[0].when, roll.entries[0].told_by) == (datetime(2026, 3, 1, 10, tzinfo=UTC), "timestamp.txt")
    text = "name,group,submitted at\nAnn,Team 1,2026-03-01 10:00\nBo,Team 1,2026-03-02 09:00\nCy,Team 2,2026-03-09 09:00\n"
    (grouped,) = read(make(tmp_path / "t", "team1_5_6_a.py"), _roster(tmp_path, text)).entries
    assert grouped.when == datetime.fromisoformat("2026-03-02T09:00")


def test_the_last_time_of_a_group_is_the_last_whatever_its_zone(tmp_path: Path) -> None:
    """An hour later by the clock on the wall is earlier where the zone lies to the east."""
    text = "name,group,submitted at\nAnn,Team 1,2026-03-01T23:00-08:00\nBo,Team 1,2026-03-01T23:50+01:00\n"
    (grouped,) = read(make(tmp_path / "t", "team1_5_6_a.py"), _roster(tmp_path, text)).entries
    assert grouped.when == datetime.fromisoformat("2026-03-01T23:00-08:00")


def test_moments_are_ordered_alike_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One without a zone too, wherever the machine stands."""
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    try:
        assert in_order(datetime(1970, 1, 1, 1)) == in_order(datetime(1970, 1, 1, 1, tzinfo=UTC)) == 3600  # noqa: DTZ001 - none is told
    finally:
        monkeypatch.undo()
        time.tzset()
