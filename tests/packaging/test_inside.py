"""What runs in a platform's container, without one: every ending leaves a result, and the right one."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.core.errors import CourseError, GraderError
from grader.packaging import inside
from grader.packaging.inside import Errand, carry_out, metadata
from grader.report.platforms import PLATFORMS, SENTENCES, Circumstances, State
from grader.runner.levels import nothing_holds
from tests.course.conftest import RUBRIC, write_assignment
from tests.packaging.conftest import COURSE
from tests.report.platforms import contracts
from tests.report.platforms.conftest import ENVIRONMENT

NOW = Circumstances({}, ENVIRONMENT, datetime(2026, 3, 2, tzinfo=UTC))


@pytest.fixture
def errand(tmp_path: Path) -> Errand:
    """A course of one assignment with a public and a hidden item, and a right submission."""
    hidden = RUBRIC.replace('points = "1/3"', 'points = "1/3"\nvisibility = "hidden"')
    (tmp_path / "handed/submission").mkdir(parents=True)
    (tmp_path / "handed/submission/hw.py").write_text("def double(x):\n    return 2 * x\n")
    course = write_assignment(tmp_path / "course", rubric=hidden)
    return Errand(tmp_path / "handed/submission", tmp_path / "results", course, "demo")


def found(errand: Errand, platform: str = "gradescope") -> dict:
    (file,) = [f for f in errand.out.iterdir() if f.suffix == ".json"]
    return getattr(contracts, platform)(file.read_text())


def test_a_right_submission_has_all_points_hidden_ones_included_on_gradescope(errand: Errand) -> None:
    carry_out(errand, PLATFORMS["gradescope"], NOW)
    result = found(errand)
    assert result["score"] == 2.33
    assert [(t["visibility"], t["output"]) for t in result["tests"]] == [("visible", "Met."), ("hidden", "met.")]


def test_hidden_items_are_not_asked_where_the_student_sees_everything(errand: Errand) -> None:
    """Not in PrairieLearn's result, nor in that of Classroom 50."""
    graded = carry_out(errand, PLATFORMS["prairielearn"], NOW)
    assert [i.id for i in graded.report.items] == ["double.values"]
    assert found(errand, "prairielearn")["score"] == 1
    assert "1 further item is graded and not shown" in found(errand, "prairielearn")["message"]


def test_the_report_calls_the_only_file_by_its_name(errand: Errand) -> None:
    (errand.path / "hw.py").write_text("def double(x):\n    return 3 * x\n")
    carry_out(errand, PLATFORMS["gradescope"], NOW)
    assert "grade hw.py --item double.values" in " ".join(found(errand)["tests"][0]["output"].split())


def test_a_provisional_result_is_there_before_the_submission_is_opened(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it stays when the grader has a bug, which is not hidden."""
    seen = []

    def opened(path: Path, asked: frozenset[str]) -> None:
        seen.append(found(errand)["extra_data"]["grade"]["state"])
        raise ZeroDivisionError

    monkeypatch.setattr(inside, "open_submission", opened)
    with pytest.raises(ZeroDivisionError):
        carry_out(errand, PLATFORMS["gradescope"], NOW)
    assert seen == ["unfinished"]
    assert found(errand)["output"] == SENTENCES[State.UNFINISHED]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_machine_that_cannot_confine_grades_nothing(errand: Errand, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The result says that it is nobody's fault who handed in; what is missing is for the instructor."""
    def refused(*args: object, **kwargs: object) -> None:
        raise nothing_holds({"B": "this kernel has no Landlock", "C": "files"})

    monkeypatch.setattr(inside, "grade", refused)
    with pytest.raises(GraderError, match="student code cannot be confined on this machine"):
        carry_out(errand, PLATFORMS[platform], NOW)
    result = found(errand, platform)
    assert "Landlock" not in str(result)
    assert result.get("score", 0) == 0
    if platform != "classroom50":
        assert SENTENCES[State.UNGRADED] in str(result)


def test_a_broken_course_is_not_the_students_fault(errand: Errand) -> None:
    (errand.course / "reference/demo/solutions.py").write_text("FUNCTIONS = {}")
    with pytest.raises(CourseError, match="there is no reference for double"):
        carry_out(errand, PLATFORMS["gradescope"], NOW)
    assert found(errand)["extra_data"]["grade"]["state"] == "ungraded"
    assert "double" not in found(errand)["output"]


@pytest.mark.parametrize(("code", "state"), [("x = 1\n", "unreadable"), ("def double(x):\n    return 2 * x\n", "graded")])
def test_what_is_asked_for_may_be_in_an_archive_that_cannot_be_read(errand: Errand, code: str, state: str) -> None:
    """As with a class: no points are lost for a function that may be in there; what is not asked for costs nothing."""
    (errand.path / "hw.py").write_text(code)
    (errand.path / "rest.zip").write_bytes(b"PK and no more")
    carry_out(errand, PLATFORMS["gradescope"], NOW)
    result = found(errand)
    assert result["extra_data"]["grade"]["state"] == state
    assert ("What else was handed in does not define double." in result["output"]) is (state == "unreadable")
    assert "rest.zip: this archive is damaged" in result["output"]


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_metadata_that_is_none_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_bytes(content)
    assert metadata(tmp_path / "m.json") == {}
    assert metadata(tmp_path / "absent.json") == metadata(None) == {}


def grade(*args: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "grader", *map(str, args)], cwd=cwd, capture_output=True, text=True, check=False,
                          env={**os.environ, **env}, timeout=120)


def test_classroom50_as_its_runner_calls_it(errand: Errand, tmp_path: Path) -> None:
    """In the student's checkout: a result that the schema takes, a release text, two outputs, exit code 0."""
    output = tmp_path / "github_output"
    done = grade("result", "classroom50", ".", "--course", errand.course, cwd=errand.path, GITHUB_OUTPUT=str(output), **ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    result = contracts.classroom50((errand.path / "result.json").read_text())
    assert (result["score"], result["max-score"], result["owner"]) == (200, 200, "ann")
    assert (errand.path / "release-body.md").read_text().startswith("    2 of 2 points\n")
    assert output.read_text() == "status=success\nsummary=2/2 points\n"


def test_classroom50_away_from_its_runner(errand: Errand) -> None:
    """Every variable that is missing is named, nothing is written, exit code 2."""
    done = grade("result", "classroom50", ".", "--course", errand.course, cwd=errand.path, **dict.fromkeys((*ENVIRONMENT, "OWNER"), ""))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("grade: result.json cannot be written without these variables: CLASSROOM, ASSIGNMENT, OWNER or USERNAME, "
                           "SUBMISSION_TAG, COMMIT_URL, RELEASE_URL. Classroom 50's runner sets them.\n")
    assert [p.name for p in errand.path.iterdir()] == ["hw.py"]


def test_outputs_that_cannot_be_written_are_told_and_the_result_stands(errand: Errand) -> None:
    done = grade("result", "classroom50", ".", "--course", errand.course, cwd=errand.path, GITHUB_OUTPUT="/", **ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, "grade: GITHUB_OUTPUT: / could not be written: Is a directory.\n")
    assert contracts.classroom50((errand.path / "result.json").read_text())["score"] == 200


@pytest.mark.parametrize(("args", "said"), [
    (["export", "gradescope"], "grade export writes what gradebooks import. What gradescope needs to grade is built by `grade package gradescope`."),
    (["export", "prairielearn", "--to", "csv"],
     "grade export writes what gradebooks import. What prairielearn needs to grade is built by `grade package prairielearn`."),
    (["export", "run", "--to", "gradescope"],
     "grade export writes what gradebooks import. What gradescope needs to grade is built by `grade package gradescope`."),
    (["result", "moodle", "."], "grade result moodle: there is no such platform. Write one of: gradescope, prairielearn, classroom50, check50."),
    (["result", "gradescope", ".", "--assignment", "x"], "--assignment: there is no assignment 'x'. This course has: demo."),
    (["result", "gradescope", ".", "--isolation", "none"], "--isolation none: write required or best-effort."),
    (["package", "canvas"], "grade package canvas: write gradescope or prairielearn."),
    (["package", "gradescope", "--image", "me"], "--image does nothing for gradescope: it is for prairielearn. Leave it out."),
    (["package", "prairielearn", "--leaderboard"], "--leaderboard does nothing for prairielearn: it is for gradescope. Leave it out."),
    (["result", "check50", ".", "--leaderboard"], "--leaderboard does nothing for check50: it is for gradescope. Leave it out."),
    (["result", "prairielearn", ".", "--metadata", "m.json"], "--metadata does nothing for prairielearn: it is for gradescope. Leave it out."),
    (["package", "gradescope", "--wheels", "absent"], "--wheels absent: there is no such folder."),
    (["import", "nbgrader", ".", "--slug", "a"], "grade import nbgrader: write otter."),
])
def test_wrong_words_are_told_in_one_line(errand: Errand, args: list[str], said: str) -> None:
    course = [] if args[0] in ("import", "export") else ["--course", errand.course]
    done = grade(*args, *course, cwd=errand.path)
    assert (done.returncode, done.stderr.strip()) == (2, f"grade: {said}")


@pytest.mark.slow
def test_the_prairielearn_script_in_a_scratch_root(tmp_path: Path) -> None:
    """As its container runs it: a result in a folder that was not there, the course closed, exit code 0; and a broken one."""
    root, built = tmp_path / "grade", tmp_path / "pl"
    assert grade("package", "prairielearn", "--course", COURSE, "--assignment", "cs224n_a1", "--out", built, cwd=tmp_path).returncode == 0
    (built / "questions/cs224n_a1/tests").rename(root.joinpath("tests")) if root.mkdir() is None else None
    (root / "student").mkdir()
    (root / "student/submit.py").write_bytes((COURSE / "submissions_example/cs224n_a1/right_vectorised.py").read_bytes())
    environment = {**os.environ, "GRADE_ROOT": str(root), "GRADE_PYTHON": sys.executable}

    def run() -> dict:
        assert subprocess.run([root / "tests/run.sh"], env=environment, check=False, timeout=120, capture_output=True).returncode == 0
        return contracts.prairielearn((root / "results/results.json").read_text())

    assert run()["score"] == 1
    assert (root / "tests").stat().st_mode & 0o077 == 0
    (root / "tests/options").write_text("--no-such-option\n")
    assert run()["gradable"] is False
