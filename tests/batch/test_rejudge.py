"""Judging again: exactly the right differences, no student code, and what a person decided stays."""

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import grader
from grader.batch import commands
from grader.batch import rejudge as rejudging
from grader.batch import run as batch_run
from grader.batch.book import class_book
from grader.batch.folder import opened
from grader.batch.job import failed
from grader.batch.rejudge import differences, regrading, rejudge, restored, stale_reports
from grader.batch.run import Graded, Wish, grade_class, worked
from grader.batch.store import Store
from grader.core.classbook import ClassBook, Item, Override, Person, Row, Score, Status
from grader.core.errors import UsageError
from grader.core.verdict import Outcome

from .conftest import RIGHT, rows, times_graded, write_class, write_course

Changes = set[tuple[str, str, Any, Any, str]]


@pytest.fixture
def judged_again(course: Path, out: Path) -> Callable[[], Changes]:
    """Rejudge the run and write its reports: (row, item, before, after, why)."""

    def again() -> Changes:
        with opened(out) as folder:
            run = restored(folder, Wish(course, jobs=1, quiet=True))
            _, changes, kept = rejudge(run)
            graded = worked(run, stale_reports(run, kept))
            assert (graded.done, graded.troubles) == (0, ())
            return {(c.row, c.item, c.before, c.after, c.why) for c in changes}

    return again


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded class, to be copied."""
    root = tmp_path_factory.mktemp("template")
    grade_class(write_class(root / "class", 4), root / "run", Wish(write_course(root / "course"), quiet=True, jobs=1))
    return root


@pytest.fixture
def klass(template: Path, course: Path, tmp_path: Path) -> Path:
    """A graded class of ``right000``, ``near001``, ``wrong002`` and ``raises003``."""
    shutil.copytree(template / "run", tmp_path / "run")
    return shutil.copytree(template / "class", tmp_path / "class")


def test_nothing_changed_nothing_happens(klass: Path, judged_again: Callable[[], Changes], out: Path) -> None:
    """Not one difference, and not one byte of a report."""
    before = {p: p.read_bytes() for p in (out / "reports").iterdir()}
    assert judged_again() == set()
    assert {p: p.read_bytes() for p in (out / "reports").iterdir()} == before


def test_points(klass: Path, judged_again: Callable[[], Changes], edit: Callable[[str, str], None], graded: Callable[..., Graded]) -> None:
    """Whoever earned some of the item, by as much as it is worth more; the reports say so; nobody is graded again."""
    edit("points = 3", "points = 5")
    why = "the item's points changed from 3 to 5"
    assert judged_again() == {(key, "square.values", 3, 5, why) for key in ("right000", "near001")}
    again = graded(klass)
    assert again.done == 0
    assert again.book.possible == 8 + Fraction(1, 3)


def test_the_reports_say_what_was_judged_anew(klass: Path, judged_again: Callable[[], Changes], edit: Callable[[str, str], None], out: Path) -> None:
    """JSON and HTML carry the new points."""
    edit("points = 3", "points = 7")
    judged_again()
    item = next(i for i in rows(out)["right000"]["report"]["items"] if i["id"] == "square.values")
    assert item["earned"] == {"exact": "7", "points": 7.0}
    assert "7 of 7" in (out / "reports/right000.html").read_text()


def test_a_looser_tolerance_and_back(klass: Path, judged_again: Callable[[], Changes], edit: Callable[[str, str], None], graded: Callable[..., Graded]) -> None:
    """The one who is near gains the item, and the one that needed it is not blocked any more; and loses it again. No code is run."""
    edit("rtol = 1e-6", "rtol = 1e-3")
    changes = judged_again()
    assert {c[:4] for c in changes} == {("near001", "double.values", 0, 2)}
    assert {c[4] for c in changes} == {"not met before, met now"}
    assert graded(klass).done == 0
    edit("rtol = 1e-3", "rtol = 1e-6")
    assert {c[:4] for c in judged_again()} == {("near001", "double.values", 2, 0)}


def test_a_removed_item_and_a_new_one(klass: Path, judged_again: Callable[[], Changes], edit: Callable[[str, str], None], graded: Callable[..., Graded]) -> None:
    """A removed item is told with what it was worth; a new one is ungraded, never zero, until it is asked."""
    edit('id = "double.more"', 'id = "double.other"')
    third = Fraction(1, 3)
    new = "a new item; This item was not asked when the submission was run; run it again."
    assert judged_again() == {
        *((key, "double.more", third if key != "near001" else 0, None, "the item was removed") for key in ("right000", "near001", "wrong002", "raises003")),
        *((key, "double.other", None, None, new) for key in ("right000", "near001", "wrong002", "raises003")),
    }
    again = graded(klass)
    assert again.done == 4, "what was not asked is asked by the next run"
    assert {r.status for r in again.book.rows} == {Status.GRADED}


def test_other_questions_are_not_answered_by_old_answers(klass: Path, judged_again: Callable[[], Changes], edit: Callable[[str, str], None]) -> None:
    """An item that asks for other inputs now is ungraded; with its old inputs again, the stored answers count again."""
    edit("cases = [{ N = 4 }]", "cases = [{ N = 5 }]")
    assert {(c[0], c[3]) for c in judged_again()} == {(key, None) for key in ("right000", "near001", "wrong002", "raises003")}
    edit("cases = [{ N = 5 }]", "cases = [{ N = 4 }]")
    assert ("right000", Fraction(1, 3)) in {(c[0], c[3]) for c in judged_again()}


def test_only_what_changed_is_judged_and_no_code_runs(klass: Path, judged_again: Callable[[], Changes], edit: Callable[[str, str], None], course: Path,
                                                      out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Points alone are arithmetic; a tolerance judges its own item, and equal answers once. No runner is ever started."""
    from grader.batch import rejudge as module

    asked: list[str] = []
    own = module.own_verdict
    monkeypatch.setattr(module, "own_verdict", lambda item, *a: (asked.append(item.id), own(item, *a))[1])
    with opened(out) as folder:
        edit("points = 3", "points = 4")
        rejudge(restored(folder, Wish(course)))
        assert asked == []
        edit("rtol = 1e-6", "rtol = 1e-5")
        rejudge(restored(folder, Wish(course)))
        assert asked == ["double.values"] * 2, "right, wrong and raises answer the same"
    assert set(times_graded(out).values()) == {1}


def test_equal_answers_of_a_written_function_and_of_the_starters_are_judged_apart(
    klass: Path, judged_again: Callable[[], Changes], edit: Callable[[str, str], None], out: Path, course: Path,
) -> None:
    """What was answered is the same; only where nothing was written is it no attempt."""
    with opened(out) as folder, closing(sqlite3.connect(out / "run.sqlite")) as store, store:
        (answers,) = store.execute("select observations from answers where key = 'near001' and item = 'double.values'").fetchone()
        store.execute("update answers set observations = ? where item = 'double.values'", (answers,))
        store.execute("""update result set untouched = '["double"]' where key in ('wrong002', 'raises003')""")
        store.commit()
        edit("rtol = 1e-6", "rtol = 1e-7")
        book, *_ = rejudge(restored(folder, Wish(course)))
        of_double = {r.key: r.scores["double.values"].outcome for r in book.rows}
    missed, nothing = Outcome.NOT_MET, Outcome.NOT_ATTEMPTED
    assert of_double == {"right000": missed, "near001": missed, "wrong002": nothing, "raises003": nothing}


def test_overrides_survive_and_win(klass: Path, judged_again: Callable[[], Changes], edit: Callable[[str, str], None], graded: Callable[..., Graded],
                                   out: Path, capsys: pytest.CaptureFixture[str], course: Path) -> None:
    """A person's points stay through judging and running again, and the list of changes says that they decide."""
    (out / "overrides.toml").write_text(
        '[[override]]\nstudent = "right000"\nitem = "square.values"\npoints = 1\nnote = "copied"\nwho = "Ada"\nwhen = "2026-03-05"\n')
    edit("points = 3", "points = 5")
    assert commands.rejudge_run(out, Wish(course, jobs=1), reports=False) == 0
    said = capsys.readouterr().out
    assert "right000: square.values  3 -> 5 (an override decides, and stays)  the item's points changed from 3 to 5" in said
    assert "near001: square.values  3 -> 5  the item's points changed from 3 to 5" in said
    assert "2 of 4 rows changed" in said
    assert "4 reports still say what they said before" in said
    for book in (graded(klass).book, graded(klass, seed=9).book):
        score = next(r for r in book.rows if r.key == "right000").scores["square.values"]
        assert (score.earned, score.counted) == (5, 1)
    assert commands.regrade_run(out, Wish(course, jobs=1, quiet=True), []) == 0
    assert "copied" in (out / "index.html").read_text()


def test_reports_that_wait_are_counted(klass: Path, course: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One in the singular, none in silence."""
    for waiting in ("", "1 report still says what it said before; the next grade or rejudge of this run writes it.\n"):
        assert commands.rejudge_run(out, Wish(course, jobs=1), reports=False) == 0
        assert capsys.readouterr().out == f"nobody's points changed\n{waiting}"
        (out / "reports/right000.json").unlink(missing_ok=True)


def test_another_course_is_not_the_runs(klass: Path, course: Path, out: Path) -> None:
    """Where none is named, the current folder's may be meant by mistake."""
    (course / "rubrics/demo.toml").rename(course / "rubrics/other.toml")
    with pytest.raises(UsageError, match=r"this run is of assignment demo, which the course .*course does not have\. Name the course with --course\."):
        commands.rejudge_run(out, Wish(course), reports=False)


def test_who_changed_is_kept_whoever_is_killed_before_it_is_told(
    klass: Path, course: Path, out: Path, edit: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the judging itself, and not after it: before the first line is printed, and before any file is written. The next command has it all."""
    def killed(*_: object) -> None:
        raise SystemExit

    file, wish = out / "changes.txt", Wish(course, jobs=1, quiet=True)
    for new, module, name in ((4, commands, "told"), (5, rejudging, "show")):
        edit(f"points = {new - 1}", f"points = {new}")
        with monkeypatch.context() as patched:
            patched.setattr(module, name, killed)
            with pytest.raises(SystemExit):
                commands.rejudge_run(out, replace(wish, quiet=False), reports=False)
    assert "3 -> 4" in file.read_text()
    assert "4 -> 5" not in file.read_text()
    capsys.readouterr()
    assert commands.rejudge_run(out, wish, reports=False) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["nobody's points changed", f"all changes so far: {file}"]
    last, first = file.read_text().split("\n\n")
    for block, told in ((last, "4 -> 5  the item's points changed from 4 to 5"), (first, "3 -> 4  the item's points changed from 3 to 4")):
        heading, *lines = block.splitlines()
        assert heading.endswith(" UTC: 2 of 4 rows changed")
        assert lines == [f"{who}: square.values  {told}" for who in ("near001", "right000")]
    file.unlink()
    assert commands.regrade_run(out, wish, ["near001"]) == 0
    assert file.read_text() == f"{last}\n\n{first}"


def test_the_course_of_a_run_is_found_from_anywhere(
    klass: Path, course: Path, out: Path, edit: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it was at the last judging, also when both were moved; what is named wins, then a course that one is in."""
    def from_here(command: str = "rejudge", **given: Path) -> str:
        with opened(out) as folder:
            return str(restored(folder, Wish(given.get("course"), jobs=1), command).setup.course)

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    commands.rejudge_run(out, Wish(course, jobs=1), reports=False)
    capsys.readouterr()
    assert commands.rejudge_run(out, Wish(None, jobs=1), reports=False) == 0
    assert capsys.readouterr().err == f"course: {course}\n"
    other = write_course(tmp_path / "other")
    assert from_here(course=other) == str(other)
    monkeypatch.chdir(other / "rubrics")
    assert from_here() == str(other)
    (other / "rubrics/demo.toml").rename(other / "rubrics/another.toml")
    assert from_here() == str(course), "the current one has no such assignment"
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "moved").mkdir()
    for name in ("run", "course"):
        (tmp_path / name).rename(tmp_path / "moved" / name)
    out = tmp_path / "moved/run"
    assert from_here() == str(tmp_path / "moved/course")
    (tmp_path / "moved/course").rename(tmp_path / "away")
    says = rf"it was judged with the course {course}, which is not there any more, .*Type: grade regrade {out} --course COURSE; COURSE is the folder"
    with pytest.raises(UsageError, match=says):
        from_here("regrade")
    assert from_here(course=tmp_path / "away") == str(tmp_path / "away")
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "away/grader/__init__.py"))  # as installed with -e from a folder with examples
    with pytest.raises(UsageError, match=says):
        from_here("regrade")


def override(points: float, who: str = "Ada") -> str:
    """A file of one override of right000."""
    return f'[[override]]\nstudent = "right000"\nitem = "square.values"\npoints = {points}\nnote = "copied"\nwho = "{who}"\nwhen = "2026-03-05"\n'


def test_what_a_person_decided_is_a_change(klass: Path, judged_again: Callable[[], Changes], out: Path) -> None:
    """A new override, another one, and one that is gone: each is told once, with who decided."""
    file = out / "overrides.toml"
    for text, change in (
        (override(1), (3, 1, "override by Ada, 2026-03-05: copied")), (override(2, "Bob"), (1, 2, "override by Bob, 2026-03-05: copied")),
        ("", (2, 3, "the override by Bob is gone")),
    ):
        file.write_text(text)
        assert judged_again() == {("right000", "square.values", *change)}
        assert judged_again() == set()


def test_an_override_that_gives_what_was_earned_is_told(klass: Path, judged_again: Callable[[], Changes], edit: Callable[[str, str], None], out: Path) -> None:
    """It decides from now on; and of a change below it, it is said that it does not count."""
    (out / "overrides.toml").write_text(override(3))
    assert judged_again() == {("right000", "square.values", 3, 3, "override by Ada, 2026-03-05: copied")}
    edit("points = 3", "points = 4")
    assert {c[:4] for c in judged_again()} == {("right000", "square.values", 3, 4), ("near001", "square.values", 3, 4)}


def test_what_being_late_costs_is_a_change(klass: Path, course: Path, out: Path, edit: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]) -> None:
    """By whom, from what to what, by which rule; and a misspelt extension is told where it is applied."""
    with opened(out) as folder:
        folder.store._db.execute("update entry set came = '2026-03-03T12:00:00+00:00' where key = 'right000'")
    edit('[[item]]', '[late]\npolicy = "per_day"\ndue = 2026-03-02T12:00:00+00:00\npercent_per_day = 25\nof = "earned"\n'
         '[late.extensions]\n"rihgt000" = "2 days"\n[[item]]')
    assert commands.rejudge_run(out, Wish(course, jobs=1), reports=False) == 0
    said = capsys.readouterr()
    assert ("right000: late  0 -> -1.58  the late policy: 1 day late (due 2026-03-02 12:00 +00:00, came 2026-03-03 12:00): "
            "25 % of the points earned each day\n1 of 4 rows changed\n") in said.out
    assert said.err == "grade: [late.extensions]: nobody of the class has the key or e-mail 'rihgt000', so this extension has no effect.\n"
    edit("rihgt000", "right000")
    assert commands.rejudge_run(out, Wish(course, jobs=1, quiet=True), reports=False) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "1 of 4 rows changed"
    assert said.err == ""


def test_overrides_in_a_file_of_another_name_are_told(klass: Path, course: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where they would have taken effect."""
    (out / "override.toml").write_text(override(1))
    assert commands.rejudge_run(out, Wish(course, jobs=1, quiet=True), reports=False) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "nobody's points changed"
    assert said.err == f"grade: {out}/override.toml: it is not read. Overrides are read from overrides.toml or overrides.csv; rename it if it is to count.\n"


def test_an_override_that_does_not_fit_is_said_before_anything_is_judged(klass: Path, course: Path, out: Path, edit: Callable[[str, str], None]) -> None:
    """The store is as it was."""
    before = rows(out)
    edit("points = 3", "points = 4")
    (out / "overrides.toml").write_text(override(9))
    with pytest.raises(UsageError, match="they should be from 0 to 4, not 9"):
        commands.rejudge_run(out, Wish(course, jobs=1), reports=True)
    (out / "overrides.toml").unlink()
    with opened(out) as folder:
        assert class_book(folder.store).possible == 6 + Fraction(1, 3)
    assert rows(out) == before


def test_run_again_one_student_or_one_item(klass: Path, course: Path, out: Path) -> None:
    """From what is stored: the folder may be gone. What was not asked again stays as it was."""
    before = rows(out)
    for file in klass.iterdir():
        file.unlink()
    with opened(out) as folder:
        run = restored(folder, Wish(course, jobs=1, quiet=True))
        assert [j.key for j in regrading(run, ["near001"])] == ["near001"]
        assert worked(run, regrading(run, ["near001", "double.values"])).done == 1
        with pytest.raises(UsageError, match="--only nobody: there is neither an item nor a student of this name"):
            regrading(run, ["nobody"])
    assert rows(out) == before
    assert times_graded(out) == {"near001": 2, "raises003": 1, "right000": 1, "wrong002": 1}


def test_run_again_what_was_handed_in_before_is_not_what_is_handed_in_now(
    klass: Path, course: Path, out: Path, graded: Callable[..., Graded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roll knows of a new submission, but the run was killed before its turn: what is stored is the old one, and stays told as such."""
    (klass / "wrong002.py").write_text(RIGHT)
    with monkeypatch.context() as patched:
        patched.setattr(batch_run, "worked", lambda run, jobs: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            graded(klass)
    with opened(out) as folder:
        run = restored(folder, Wish(course, jobs=1, quiet=True))
        assert worked(run, regrading(run, [])).book.waiting == 1
    (row,) = (r for r in graded(klass).book.rows if r.key == "wrong002")
    assert row.total == 6 + Fraction(1, 3)


def test_run_again_by_another_course_than_judged_by(klass: Path, course: Path, out: Path, edit: Callable[[str, str], None]) -> None:
    """One row by other rules than the rest would be left out of the class: the others first."""
    edit("rtol = 1e-6", "rtol = 1e-3")
    with opened(out) as folder:
        run = restored(folder, Wish(course, jobs=1, quiet=True))
        with pytest.raises(UsageError, match=r"Give `grade rejudge .*run` first\."):
            regrading(run, ["near001"])
        rejudge(run)
        assert worked(run, regrading(run, ["near001"])).book.waiting == 0


def test_whom_to_run_again(klass: Path, course: Path, out: Path, graded: Callable[..., Graded], tmp_path: Path) -> None:
    """All whom a name means; whoever has nothing that could be run is told of, and not passed over."""
    (klass / "broken.zip").write_bytes(b"PK and no more")
    (tmp_path / "roster.csv").write_text(
        "name,username\nJos\u00e9 D,right000\nJos\u00e9 D,near001\nB,broken\nW,wrong002\nR,raises003\nA,absent\n")
    graded(klass, roster=tmp_path / "roster.csv")
    with opened(out) as folder:
        run = restored(folder, Wish(course, jobs=1, quiet=True))
        assert {j.key for j in regrading(run, ["Jose\u0301 D"])} == {"right000", "near001"}
        for name, why in (("broken", "nothing of it is stored"), ("absent", "handed in nothing")):
            with pytest.raises(UsageError, match=f"--only {name}: .*{why}"):
                regrading(run, [name])
        assert len(regrading(run, [])) == 4
        for name, remedy in (("Jose D", "Write 'José D'."), ("square.value", "Write 'square.values'."),
                             ("Zed", "Write an item's id, or a student's key, e-mail address or name.")):
            with pytest.raises(UsageError, match=re.escape(f"--only {name}: there is neither an item nor a student of this name. {remedy}")):
                regrading(run, ["right000", name])


def test_a_failing_machine_takes_no_earlier_result_away(klass: Path, course: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run again, and lost by us: what was graded stays, and it is told."""
    before = rows(out)
    with opened(out) as folder:
        run = restored(folder, Wish(course, jobs=1, quiet=True))
        jobs = regrading(run, ["right000"])
        monkeypatch.setattr(batch_run, "ended", lambda _, jobs: ((failed(j, "the grader's own process was lost on it."), j) for j in jobs))
        graded = worked(run, jobs)
    assert graded.troubles == ("right000: it could not be run again, and its earlier result stays: the grader's own process was lost on it.",)
    assert rows(out) == before
    assert {r.status for r in graded.book.rows} == {Status.GRADED}


@pytest.fixture
def interrupted(graded: Callable[..., Graded], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Graded]:
    """Grade a class, and end it after so many."""
    ended = batch_run.ended

    def run(folder: Path, count: int, **wish: Any) -> Graded:
        def some(of: Any, jobs: Any) -> Any:
            yield from ended(of, jobs[:count])
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(batch_run, "ended", some)
            return graded(folder, **wish)

    return run


def test_who_was_asked_by_another_seed_is_not_judged_as_if_by_this(
    klass: Path, course: Path, out: Path, edit: Callable[[str, str], None], graded: Callable[..., Graded], judged_again: Callable[[], Changes],
    interrupted: Callable[..., Graded]
) -> None:
    """Another seed, interrupted half-way, then another rubric: who has not been asked by that seed is ungraded, and asked by the next run."""
    assert interrupted(klass, 2, seed=9).book.waiting == 2
    edit("points = 3", "points = 5")
    judged_again()
    for key in ("right000", "wrong002"):
        assert {i["outcome"] for i in rows(out)[key]["report"]["items"]} == {"ungraded"}
    with opened(out) as folder:
        scores = {r.key: [s.earned for s in r.scores.values()] for r in class_book(folder.store).rows}
    assert scores["right000"] == scores["wrong002"] == [None] * 4
    again = graded(klass)
    assert (again.done, again.book.waiting) == (2, 0)
    assert {r.key: r.total for r in again.book.rows}["right000"] == 8 + Fraction(1, 3)


def test_a_class_that_was_about_to_be_asked_anew_is_judged_again_all_the_same(
    klass: Path, course: Path, out: Path, edit: Callable[[str, str], None], graded: Callable[..., Graded], judged_again: Callable[[], Changes],
    interrupted: Callable[..., Graded]
) -> None:
    """A new tolerance, the wrong command, Ctrl-C: what is stored answers the same questions."""
    edit("rtol = 1e-6", "rtol = 1e-3")
    assert interrupted(klass, 1).book.waiting == 3
    judged_again()
    again = graded(klass)
    assert (again.done, again.book.waiting) == (0, 0)
    assert {r.key: r.total for r in again.book.rows}["near001"] == 6


# ---- pure ------------------------------------------------------------------------------------------------------------


def book(points: int, scores: dict[str, Score]) -> ClassBook:
    """A class of one."""
    items = (Item("a", "", "A", Fraction(points)),)
    return ClassBook("demo", "Demo", items, (Row((Person("p", "P"),), Status.GRADED, scores),))


def test_differences_of_equal_books_are_none() -> None:
    """Another message for the same points is no change."""
    one = Score(Fraction(1), Outcome.PARTLY, "value", "so")
    assert list(differences(book(2, {"a": one}), book(2, {"a": replace(one, message="or so")}))) == []


def test_an_overridden_change_does_not_count() -> None:
    """It is told, and marked."""
    before = Score(Fraction(1), Outcome.PARTLY)
    after = Score(Fraction(2), Outcome.MET, override=Override("p", "a", Fraction(0), "", "Ada", "2026-03-05"))
    (change,) = differences(book(2, {"a": before}), book(2, {"a": after}))
    assert (change.before, change.after, change.counts) == (1, 2, False)
    note = replace(after, override=Override("p", "a", None, "a note", "Ada", "2026-03-05"))
    (change,) = differences(book(2, {"a": before}), book(2, {"a": note}))
    assert change.counts


def test_rows_that_share_their_scores_are_told_each_by_its_own_name() -> None:
    """Of the same verdicts a class has the same scores; whoever has others beside them is told of others."""
    shared, better, worse = ({"a": Score(Fraction(n), Outcome.PARTLY)} for n in (1, 2, 0))
    one, other, third = ((Person(name, name.upper()),) for name in "pqr")
    before, after = (
        replace(book(2, {}), rows=tuple(Row(who, Status.GRADED, scores) for who, scores in zip((one, other, third), found, strict=True)))
        for found in ((shared, shared, shared), (better, better, worse)))
    assert [(c.row, c.persons, c.after) for c in differences(before, after)] == [("p", one, 2), ("q", other, 2), ("r", third, 0)]


def test_whoever_was_judged_by_other_items_alone_is_ungraded_and_whoever_was_not_judged_has_nothing(klass: Path, out: Path) -> None:
    """No verdict on any item of the rubric is another thing than no verdict at all."""
    with closing(sqlite3.connect(out / "run.sqlite")) as store, store:
        store.execute("update verdict set item = 'old.' || item")
        store.execute("delete from verdict where key = 'near001'")
    with opened(out) as folder:
        found = {r.key: [s.outcome for s in r.scores.values()] for r in class_book(folder.store).rows}
    assert found == {"near001": [], **dict.fromkeys(("right000", "wrong002", "raises003"), [Outcome.UNGRADED] * 4)}


def test_what_is_shown_is_what_is_stored(klass: Path, edit: Callable[[str, str], None], out: Path, course: Path) -> None:
    """The class that a judging gives is the one that is read from the store afterwards."""
    edit("rtol = 1e-6", "rtol = 1e-3")
    edit('id = "double.more"', 'id = "double.other"')
    with opened(out) as folder:
        book, *_ = rejudge(restored(folder, Wish(course)))
        assert book.rows == class_book(folder.store).rows


def test_the_class_is_read_once(klass: Path, edit: Callable[[str, str], None], out: Path, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging, the class page, and which reports are stale: all of it from what was read at first."""
    read: list[str] = []
    for name in ("listed", "results", "levels"):
        own = getattr(Store, name)
        monkeypatch.setattr(Store, name, lambda store, name=name, own=own: (read.append(name), own(store))[1])
    edit("rtol = 1e-6", "rtol = 1e-3")
    assert commands.rejudge_run(out, Wish(course, quiet=True), reports=False) == 0
    assert sorted(read) == ["levels", "listed", "results"]


def test_judging_again_loads_neither_what_reads_a_class_nor_what_runs_code() -> None:
    """Importing them would take longer than judging a class of 100 again."""
    code = ("import sys, grader.batch.commands; "
            "print([m for m in ('grader.submission.layouts', 'grader.submission.roster', 'grader.batch.work') if m in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_what_is_stored_survives_packing() -> None:
    """A submission with a lone surrogate, a notebook's cells, a syntax error: equal after packing."""
    from grader.batch.packing import pack, unpack
    from grader.submission.source import submission

    notebook = b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": null, "source": ["def f(x):\\n", "    return x"]}]}'
    one = submission("s", {"a.py": b"# coding: unicode_escape\nx = '\\ud800'\n", "b.py": b"def f(:\n", "hw.ipynb": notebook})
    assert unpack(pack(one)) == one
