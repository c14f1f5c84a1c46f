"""A class, graded: one row for every submission whatever is in it, and nothing done twice."""

import errno
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import pytest

from grader.batch import run as batch_run
from grader.batch.folder import opened
from grader.batch.rejudge import rejudge, restored
from grader.batch.run import Graded, Wish
from grader.core.classbook import ClassBook, Status
from grader.core.errors import CourseError, GraderError, UsageError
from grader.core.verdict import Outcome
from grader.report.class_stats import item_statistics
from grader.report.classpage import to_class_page

from .conftest import RIGHT, command, rows, times_graded

TRAP = RIGHT.replace("return x * x", "return '{}'")


def hostile(folder: Path) -> dict[str, Status]:
    """A folder of broken and hostile submissions; how each is to end."""
    folder.mkdir()
    texts = {
        "right": RIGHT,
        "loops": RIGHT.replace("return x * x", "while True: pass"),
        "exits": "import os\n" + RIGHT.replace("return x * x", "os._exit(0)"),
        "segfault": "import ctypes\n" + RIGHT.replace("return x * x", "ctypes.string_at(0)"),
        "bomb": "import numpy as np\n" + RIGHT.replace("return x * x", "return np.ones(2**40)"),
        "python2": RIGHT + "print 'done'\n",
        "exits_at_import": "import os\nos._exit(0)\n" + RIGHT,
        "deep": "(" * 100_000,
        "kill": TRAP.format("kill"),
        "hang": TRAP.format("hang"),
        "fail": TRAP.format("fail"),
    }
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "bytes.py").write_bytes(bytes(range(256)))
    (folder / "huge.py").write_bytes(b"#" * (3 << 20))
    (folder / "corrupt.zip").write_bytes(b"PK\x03\x04 and no more")
    (folder / "empty").mkdir()
    (folder / "link.py").symlink_to("/etc/passwd")
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("hw.py", RIGHT)
        archive.writestr("../../escape.py", RIGHT)
    ends = dict.fromkeys([*texts, "bytes", "packed"], Status.GRADED) | dict.fromkeys(["kill", "hang", "fail"], Status.FAILED)
    ends |= dict.fromkeys(["huge", "corrupt"], Status.UNREADABLE)
    if os.geteuid():
        (folder / "locked.py").write_text(RIGHT)
        (folder / "locked.py").chmod(0)
        ends["locked"] = Status.UNREADABLE
    return ends


def test_a_name_that_is_no_text_costs_nobody_a_row(graded: Callable[..., Graded], tmp_path: Path) -> None:
    """Bytes that are no UTF-8, escape sequences, formulas, and one at its longest: all are graded."""
    (tmp_path / "class").mkdir()
    for name in (b"right", b"\xff\xfe", b"\x1b[31m", b"=1+1", b"<b>", b"a\nb", b"x" * 240):
        Path(os.fsdecode(bytes(tmp_path / "class") + b"/" + name + b".py")).write_text(RIGHT)
    rows = graded(tmp_path / "class", jobs=1).book.rows
    assert [row.status for row in rows] == [Status.GRADED] * 7


def test_a_mixed_folder_yields_a_row_for_each(graded: Callable[..., Graded], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looping, exiting, crashing, unreadable, lost and hanging workers, a mistake of ours: each ends in its row, and costs no other."""
    ends = hostile(tmp_path / "class")
    monkeypatch.setattr(batch_run, "deadline", lambda _: 10.0)
    book = graded(tmp_path / "class", jobs=3).book
    found = {row.key: row for row in book.rows}
    assert {key: found[key].status for key in ends} == ends
    assert len(book.rows) == len(found)
    assert {"empty", "link.py"} <= {*found, *book.unrecognised}, "nothing is skipped in silence"
    assert found["right"].total == book.possible
    assert found["loops"].scores["double.values"].outcome is Outcome.MET
    assert found["loops"].scores["square.values"].reason == "timed_out"
    assert found["python2"].scores["double.values"].reason == "python_2"
    assert found["kill"].remarks == ("the grader's own process was lost on it 2 times (exit status -9).",)
    assert found["hang"].remarks == ("the grader's own process was lost on it 2 times (exit status -9).",)
    assert found["fail"].remarks == ("the grader failed on it (RuntimeError: a mistake of ours).",)
    assert found["fail"].total is None, "ungraded, not zero"
    assert found["huge"].report == ""
    assert (out / found["right"].report).is_file()
    assert "fail" in (out / "index.html").read_text()
    assert not (tmp_path.parent / "escape.py").exists()


def test_the_report_is_that_of_one_submission_alone(graded: Callable[..., Graded], make: Callable[[int], Path], course: Path, out: Path) -> None:
    """The same JSON, but for the seconds, as ``grade FILE`` with the same seed; the replay command too."""
    folder = make(3)
    graded(folder, seed=5)
    for file in (folder / "near001.py", folder / "wrong002.py"):
        alone = command(file, "--seed", 5, "--course", course, "--out", out.parent / "alone", "-q", cwd=out.parent)
        assert alone.communicate()[1] == "assignment demo (the only one of this course)\n"
        one, other = (json.loads((place / f"{file.stem}.json").read_text()) for place in (out / "reports", out.parent / "alone"))
        assert {**one, "timings": 0} == {**other, "timings": 0}
        assert set(one["timings"]) == {"observe", "judge", "total"}


def test_finished_work_is_not_done_again(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path) -> None:
    """The same command grades what is new or changed, and nothing else; who is gone has no row."""
    folder = make(4)
    assert graded(folder).done == 4
    before = rows(out)
    assert graded(folder).done == 0
    assert rows(out) == before
    (folder / "right000.py").write_text(RIGHT + "# changed\n")
    (folder / "new.py").write_text(RIGHT)
    (folder / "near001.py").unlink()
    again = graded(folder)
    assert again.done == 2
    assert [r.key for r in again.book.rows] == ["new", "raises003", "right000", "wrong002"]
    assert times_graded(out) == {"near001": 1, "new": 1, "raises003": 1, "right000": 2, "wrong002": 1}


def test_what_is_gone_for_a_while_is_tried_again(
    graded: Callable[..., Graded], make: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that is lost, a file that is replaced; near miss: what is and stays unreadable is not."""
    folder, planned = make(2), batch_run._planned
    (folder / "torn.zip").write_bytes(b"PK and no more")

    def moved(*args: Any) -> Any:
        jobs = planned(*args)
        (folder / "near001.py").rename(tmp_path / "aside.py")
        return jobs

    with monkeypatch.context() as patch:
        patch.setattr(batch_run, "_planned", moved)
        rows = {row.key: row for row in graded(folder).book.rows}
    assert (rows["near001"].status, rows["torn"].status) == (Status.FAILED, Status.UNREADABLE)
    assert rows["near001"].remarks == (
        f"{folder / 'near001.py'}: there is no such file or folder.",
        "It was changed or taken away while the run was at work. Give the same command again.")
    (tmp_path / "aside.py").rename(folder / "near001.py")
    again = graded(folder)
    assert (again.done, [row.status for row in again.book.rows]) == (1, [Status.GRADED, Status.GRADED, Status.UNREADABLE])


def test_another_seed_asks_all_again(graded: Callable[..., Graded], make: Callable[[int], Path]) -> None:
    """A run keeps its seed, also when the rubric changes it; with another one nothing is finished."""
    folder = make(2)
    assert graded(folder, seed=5).book.conditions["seed"] == "5"
    assert (again := graded(folder)).done == 0
    assert again.book.conditions["seed"] == "5"
    assert graded(folder, seed=6).done == 2


def test_a_torn_or_missing_report_is_written_again(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path) -> None:
    """As a power cut may leave it; without running student code again."""
    folder = make(2)
    graded(folder)
    whole = (out / "reports/near001.html").read_bytes()
    (out / "reports/near001.html").write_bytes(whole[:1000])
    (out / "reports/right000.json").unlink()
    assert graded(folder).done == 0
    assert (out / "reports/near001.html").read_bytes() == whole
    assert (out / "reports/right000.json").is_file()


def test_who_handed_in_nothing_has_a_row(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path) -> None:
    """By the roster; and no points, which are not zero points."""
    roster = out.parent / "roster.csv"
    roster.write_text("username,name\nright000,Ada\nnear001,Grace\nmissing,Nobody\n")
    book = graded(make(2), roster=roster).book
    absent = next(r for r in book.rows if r.status is Status.ABSENT)
    assert absent.persons[0].name == "Nobody"
    assert absent.total is None
    assert book.complete
    without = graded(make_again := out.parent / "class")
    assert (without.done, len(without.book.rows)) == (0, 2)
    assert [note for note in without.notes if f"had the roster {roster}, and this time none was named" in note]
    assert graded(make_again, roster=roster).notes == ()


def test_another_class_in_the_folder_of_a_run_is_told(graded: Callable[..., Graded], make: Callable[[int], Path]) -> None:
    """Two terms have a folder of the same name, and no --out: overrides would go from one to the other. A folder that was moved has not."""
    autumn = make(1)
    spring = autumn.with_name("spring")
    shutil.copytree(autumn, spring)
    assert [graded(autumn).notes, graded(autumn).notes] == [(), ()]
    [said] = graded(spring).notes
    assert said.startswith(f"Name another --out if this is not the class of {autumn.resolve()}, whose run this was")
    assert graded(spring).notes == ()
    assert graded(spring.rename(autumn.with_name("moved"))).notes == ()


def test_a_course_at_fault_stops_the_run(graded: Callable[..., Graded], make: Callable[[int], Path], course: Path) -> None:
    """The reference raises: said once, by a worker, as what it is."""
    file = course / "reference/demo/solutions.py"
    file.write_text(file.read_text().replace("return 2 * x", "return 1 / 0"))
    with pytest.raises(CourseError, match="function double: it raises ZeroDivisionError"):
        graded(make(2))


def test_an_assignment_that_is_not_written_yet_stops_no_other(make: Callable[[int], Path], course: Path, out: Path) -> None:
    """A rubric that `grade import` has begun, without an interface: a class of an assignment that is named is graded, on the command line too."""
    (course / "rubrics/begun.toml").write_text('[assignment]\nslug = "begun"\n')
    run = command(make(2), "--course", course, "--out", out, "--assignment", "demo", "--jobs", 1, cwd=out.parent)
    said, complained = run.communicate(timeout=120)
    assert run.returncode == 0, complained
    assert "2 graded" in said


def test_a_worker_that_cannot_start_stops_the_run(graded: Callable[..., Graded], make: Callable[[int], Path], course: Path) -> None:
    """Its process ends while the course is imported: no endless replacing of workers."""
    folder = make(2)
    graded(folder)
    file = course / "reference/demo/checks.py"
    file.write_text("import multiprocessing, os\nif multiprocessing.parent_process():\n    os._exit(9)\n" + file.read_text())
    with pytest.raises(GraderError, match="a worker process ended while it was starting"):
        graded(folder, seed=3)


def test_a_machine_without_room_for_a_worker_stops_the_run(
    graded: Callable[..., Graded], make: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process, no memory, no file descriptor: a sentence."""
    def fails(_: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", fails)
    with pytest.raises(GraderError, match=r"a worker process could not be started \(Resource temporarily unavailable\)"):
        graded(make(1))


def test_a_system_that_does_not_tell_its_cores(graded: Callable[..., Graded], make: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """MacOS knows of no affinity: all cores there are, or one."""
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert graded(make(2), jobs=0).done == 2


def test_a_folder_of_another_assignment_is_refused(graded: Callable[..., Graded], make: Callable[[int], Path], course: Path) -> None:
    """A run's folder is of one assignment; of one that there is not, nothing else is said."""
    folder = make(1)
    graded(folder)
    with pytest.raises(UsageError, match=r"there is no assignment 'other'\. This course has: demo\."):
        graded(folder, assignment="other")
    shutil.copytree(course / "reference/demo", course / "reference/other")
    shutil.copy(course / "rubrics/demo.toml", course / "rubrics/other.toml")
    for file in ("reference/other/interface.py", "rubrics/other.toml"):
        (course / file).write_text((course / file).read_text().replace("demo", "other"))
    with pytest.raises(UsageError, match="holds a run of assignment demo"):
        graded(folder, assignment="other")


def test_the_course_is_nobodys_submission(graded: Callable[..., Graded], make: Callable[[int], Path], course: Path, tmp_path: Path) -> None:
    """Where it lies in the class; in a course of nbgrader's it is told apart by itself."""
    make(2).rename(course / "submissions")
    for folder, mine in ((course, course / "reference"), (tmp_path, course)):
        with pytest.raises(UsageError) as caught:
            graded(folder)
        assert str(caught.value) == (f"{folder}: the course {course} lies in it, and {mine} would be graded as a submission. "
                                     "Name the folder of the submissions alone.")
    assert len(graded(course / "submissions").book.rows) == 2
    (course / "submitted/ann/demo").mkdir(parents=True)
    (course / "submitted/ann/demo/hw.py").write_text(RIGHT)
    (course / "submissions").rename(tmp_path / "elsewhere")
    assert {row.key for row in graded(course).book.rows} == {"ann"}


def test_reports_of_who_left_the_class_do_not_look_current(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path) -> None:
    """They are kept apart, and told; whoever comes back has them again, and nothing is graded again."""
    folder = make(3)
    (folder / "torn.zip").write_bytes(b"PK and no more")
    reports = {f.name: f.read_bytes() for f in (graded(folder), out / "reports")[1].iterdir()}
    left = {name for name in reports if name.startswith("near001.")}
    (folder / "near001.py").rename(out / "near001.py")
    (folder / "torn.zip").unlink()  # of which there is nothing to keep
    again = graded(folder)
    assert len(left) == 2
    assert {f.name for f in (out / "reports").iterdir()} == reports.keys() - left | {"left"}
    assert {f.name: f.read_bytes() for f in (out / "reports/left").iterdir()} == {name: reports[name] for name in left}
    (note,) = again.notes
    assert note.startswith("Graded earlier under names that no submission has now: near001. Their reports are in reports/left/, and")
    assert note in to_class_page(again.book)
    (out / "near001.py").rename(folder / "near001.py")
    back = graded(folder)
    assert (back.done, back.notes) == (0, ())
    assert {f.name: f.read_bytes() for f in (out / "reports").iterdir() if f.is_file()} == reports
    assert not [*(out / "reports/left").iterdir()]


def test_what_was_decided_of_who_left_ends_no_run(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path) -> None:
    """A student drops the course: the override is told, waits, and counts again for whoever comes back. Near miss: a name of nobody."""
    folder = make(3)
    graded(folder)
    written = '[[override]]\nstudent = "near001"\nitem = "square.values"\npoints = 1\nwho = "T"\nwhen = "2026-03-01"\n'
    (out / "overrides.toml").write_text(written)
    (folder / "near001.py").rename(out / "near001.py")
    told = "overrides of near001, who is not in the class any more: they are not used, and may stay."
    for _ in range(2):  # nor is it forgotten
        assert graded(folder).notes[0] == told
    (out / "near001.py").rename(folder / "near001.py")
    back = graded(folder)
    assert told not in back.notes
    assert [s.override.who for row in back.book.rows for s in row.scores.values() if s.override] == ["T"]
    (out / "overrides.toml").write_text(written.replace("near001", "near009"))
    with pytest.raises(UsageError, match="nobody of the class is called 'near009'"):
        graded(folder)


def test_who_has_left_is_told_in_a_few_names(graded: Callable[..., Graded], make: Callable[[int], Path]) -> None:
    """Another class, graded into the same folder, is most likely a mistake; its first is told of."""
    folder = make(8)
    graded(folder)
    for file in sorted(folder.iterdir())[1:]:
        file.unlink()
    (note,) = graded(folder).notes
    assert "and 1 more. Their reports are in reports/left/" in note
    assert batch_run.left([*"abcdef"])[0].startswith("Graded earlier under names that no submission has now: a; b; c; d; e; f. Their")


def test_a_file_that_evaluates_what_is_no_python_is_graded_by_its_definitions(graded: Callable[..., Graded], out: Path, tmp_path: Path) -> None:
    """As one that raises anything else: the file itself can be parsed."""
    folder = tmp_path / "class"
    folder.mkdir()
    for name, text in {"a": "exec('x = = 3')", "b": "eval('1 +')"}.items():
        (folder / f"{name}.py").write_text(f"{RIGHT}{text}\n")
    book = graded(folder).book
    assert [[s.outcome for s in row.scores.values()] for row in book.rows] == [[Outcome.MET] * 4] * 2
    assert "SyntaxError: invalid syntax (<string>, line 1)" in (out / "reports/a.json").read_text()


def test_two_entries_of_one_key_are_told(tmp_path: Path) -> None:
    """No submission takes another's row in silence."""
    from grader.batch.store import listed
    from grader.core.classbook import Person
    from grader.submission.roll import Entry, Roll

    one = Entry((Person("a", "A"),), (tmp_path / "one.py",), "one.py")
    other = replace(one, paths=(tmp_path / "two.py",), name="two.py")
    taken, entries, unrecognised = listed(Roll("loose files", (one, other)), tmp_path)
    assert [x.name for x in taken] == ["one.py"]
    assert entries["a"] is one
    assert unrecognised == {"two.py": "it belongs to a, who has another submission of the name one.py."}


def test_reports_can_wait(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path) -> None:
    """Graded without reports, the next run writes them, and runs no student code."""
    folder = make(2)
    assert graded(folder, reports=False).done == 2
    assert list((out / "reports").iterdir()) == []
    again = graded(folder)
    assert again.done == 0
    assert [row.report for row in again.book.rows] == ["reports/near001.html", "reports/right000.html"]
    assert all((out / row.report).is_file() for row in again.book.rows)


def test_overrides_that_do_not_fit_are_told_before_anything_is_graded(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path) -> None:
    """Not after an hour."""
    out.mkdir()
    (out / "overrides.toml").write_text('[[override]]\nstudent = "right000"\nitem = "squares"\npoints = 1\nwho = "Ada"\nwhen = "2026-03-05"\n')
    with pytest.raises(UsageError, match="there is no item 'squares'"):
        graded(make(2))
    assert rows(out) == {}


def test_earlier_attempts_are_told_in_the_report(graded: Callable[..., Graded], out: Path, tmp_path: Path) -> None:
    """The latest attempt of one person is graded; its report says what was set aside."""
    (tmp_path / "class").mkdir()
    for name, text in {"doejane_12345_1_hw.py": RIGHT, "doejane_12345_2_hw-1.py": RIGHT + "# second\n", "roejohn_54321_3_hw.py": RIGHT}.items():
        (tmp_path / "class" / name).write_text(text)
    book = graded(tmp_path / "class").book
    jane = next(r for r in book.rows if r.handed_in_as[0].startswith("doejane"))
    assert jane.handed_in_as == ("doejane_12345_2_hw-1.py",)
    assert "doejane_12345_1_hw.py" in " ".join(jane.remarks)
    assert "doejane_12345_1_hw.py" in (out / jane.report).read_text()


def test_a_damaged_attachment_costs_only_what_may_be_in_it(graded: Callable[..., Graded], out: Path, tmp_path: Path) -> None:
    """Of a Canvas download: who handed in all functions beside it is graded, and told; who did not is for a person to look at."""
    (tmp_path / "class").mkdir()
    for student, user, text in (("adaann", 11, RIGHT), ("bobbo", 12, RIGHT.partition("def square")[0]), ("caycay", 13, RIGHT)):
        (tmp_path / f"class/{student}_{user}_{user}1_hw.py").write_text(text)
        if user != 13:
            (tmp_path / f"class/{student}_{user}_{user}2_data.zip").write_bytes(b"PK and no more")
    found = {r.key: r for r in graded(tmp_path / "class").book.rows}
    assert {key: row.status for key, row in found.items()} == {"11": Status.GRADED, "12": Status.UNREADABLE, "13": Status.GRADED}
    assert found["11"].total == found["13"].total == 6 + Fraction(1, 3)
    (said,) = found["11"].remarks
    assert said.startswith("data.zip: this archive is damaged")
    assert said in (out / "reports/11.json").read_text()
    assert found["12"].remarks[0].endswith("What else was handed in does not define square.")


def test_the_class_page_tells_by_what_name_a_missing_function_may_be_there(
    graded: Callable[..., Graded], course: Path, edit: Callable[[str, str], None], out: Path, tmp_path: Path
) -> None:
    """Counted: of a name that half of a class has, the handout may be the cause. Also when judged again, and not on the page without names."""
    (tmp_path / "class").mkdir()
    for name, text in (("ada", RIGHT.replace("square", "sqaure")), ("bo", f"\n{RIGHT.replace('square', 'sqaure')}"),
                       ("cy", RIGHT.partition("def square")[0])):
        (tmp_path / f"class/{name}.py").write_text(text)

    def told(book: ClassBook) -> list[tuple[str, int]]:
        return [(m.text, len(m.rows)) for s in item_statistics(book) if s.item.id == "square.values" for m in s.mistakes]

    missing = "No module defines a function square."
    book = graded(tmp_path / "class").book
    assert told(book) == [(f"{missing} Is it sqaure?", 2), (missing, 1)]
    assert f"{missing} Is it sqaure?" in (out / "index.html").read_text()
    assert "sqaure" not in to_class_page(book, anonymous=True)
    edit('kind = "values", function = "square"', 'kind = "values", function = "square", rtol = 1e-5, atol = 1e-8')
    with opened(out) as folder:
        assert told(rejudge(restored(folder, Wish(course, quiet=True)))[0]) == told(book)


def test_a_check_of_the_courses_own_that_fails_is_not_asked_again_until_it_is_mended(
    graded: Callable[..., Graded], make: Callable[[int], Path], course: Path
) -> None:
    """The machine may fail at it once, and a check always; both leave it ungraded."""
    file, folder = course / "reference/demo/checks.py", make(2)
    right = file.read_text()
    file.write_text(right.replace('        said = {', '        1 / 0\n        said = {'))
    first = graded(folder)
    assert [r.status for r in first.book.rows] == [Status.PARTLY_UNGRADED] * 2
    assert [graded(folder).done for _ in range(2)] == [0, 0]
    file.write_text(right)
    mended = graded(folder)
    assert (mended.done, [r.status for r in mended.book.rows]) == (2, [Status.GRADED] * 2)


def test_a_report_says_how_it_is_found_now(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path) -> None:
    """The roster that was forgotten, or was another class's: what it tells of a submission is in its report, and nobody is run again."""
    roster = out.parent / "roster.csv"
    roster.write_text("username,name\nmissing,Nobody\n")
    folder = make(1)
    graded(folder, roster=roster)
    assert "not on the roster" in (out / "reports/right000.html").read_text()
    roster.write_text("username,name\nright000,Ada\n")
    assert graded(folder, roster=roster).done == 0
    assert "not on the roster" not in (out / "reports/right000.html").read_text()


def test_a_packed_class_is_unpacked_beside_its_run(graded: Callable[..., Graded], make: Callable[[int], Path], out: Path, tmp_path: Path) -> None:
    """And nothing of it is left there, not even what a run that was killed had unpacked."""
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for file in make(2).iterdir():
            archive.write(file, f"hw/{file.name}")
        archive.writestr("hw/torn.zip", b"PK and no more")
    (out / ".class-left").mkdir(parents=True)
    book = graded(tmp_path / "class.zip").book
    assert [(r.key, r.status) for r in book.rows] == [
        ("near001", Status.GRADED), ("right000", Status.GRADED), ("torn", Status.UNREADABLE)]
    assert not list(out.glob(".class-*"))
    assert [r.handed_in_as for r in book.rows] == [("hw/near001.py",), ("hw/right000.py",), ("hw/torn.zip",)]
    [why] = book.rows[2].remarks
    assert why.startswith("hw/torn.zip: this archive is damaged"), why
    assert graded(tmp_path / "class.zip").done == 0


_FIRST = """
import signal
from multiprocessing import get_context
from grader.batch.executors.local import _interrupts_blocked
with _interrupts_blocked():
    first = get_context("spawn").Process(target=int)
    first.start()
    print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
first.join()
"""


def test_the_first_worker_is_born_deaf_to_interrupts_too() -> None:
    """Python starts a process of its own beside the first one, and lets them through then."""
    said = subprocess.run([sys.executable, "-c", _FIRST], capture_output=True, text=True, check=True)
    assert said.stdout == "True\n"
