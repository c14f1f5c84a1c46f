"""``--audience`` and ``--format`` as people type them: who sees what, and what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report.services import contracts


def grade(*args: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run the command outside of any service."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB")} | {"COLUMNS": "100"}
    return subprocess.run([sys.executable, "-m", "grader", *map(str, args)], cwd=cwd, env=env, capture_output=True, text=True, check=False)


def report(repository: Path) -> "dict[str, list[dict[str, object]]]":
    """The JSON that was written."""
    return json.loads((repository / "grade-report" / "hw.json").read_text())


def test_whoever_types_grade_sees_everything(course: Path, repository: Path) -> None:
    """Staff is the default: hidden items and values in the report, observations to judge again."""
    done = grade("hw.py", "--course", course, cwd=repository)
    assert "4 of 14 points" in done.stdout
    assert [i["id"] for i in report(repository)["items"]] == ["double.values", "square.values", "shout.values", "treble.values"]
    assert (repository / "grade-report" / "hw.observations").exists()
    assert "should equal" in done.stdout


@pytest.mark.parametrize("options", [["--audience", "student"], ["--format", "html", "--format", "junit"], ["--format", "github"]])
def test_a_students_run_asks_the_public_items_alone(options: list[str], course: Path, repository: Path) -> None:
    """Said or understood from a format for CI; no observations are kept, and no expected value is shown."""
    done = grade("hw.py", "--course", course, *options, cwd=repository)
    assert done.returncode == 0, done.stderr
    assert "4 of 9 points for the public items" in done.stdout
    assert [i["id"] for i in report(repository)["items"]] == ["double.values", "square.values", "shout.values"]
    assert not (repository / "grade-report" / "hw.observations").exists()
    assert "should equal" not in done.stdout
    assert "another value, which is not shown" in done.stdout


def test_a_log_that_github_reads_obeys_no_student_though_its_variables_are_not_set(course: Path, repository: Path) -> None:
    """What a student raised, and what a student's file is called, on either stream."""
    name = "a\n::error::owned.py"
    (repository / name).write_text('def double(x):\n    raise ValueError("x\\n::set-output name=a::b\\n::add-mask::x")\n')
    for option in (["--format", "github"], ["--format=github"]):
        done = grade(name, "--course", course, *option, cwd=repository)
        assert done.returncode == 0, done.stderr
        assert "\n  ::set-output name=a::b\n" in done.stdout
        found = contracts.commands(done.stdout)
        assert [c.name for c in found] == ["error"] * 3 + ["notice"]
        lines = done.stdout.splitlines()
        token = lines[0].removeprefix("::stop-commands::")
        assert contracts.commands(f"{lines[0]}\n{done.stderr}\n::{token}::") == []


def test_staff_can_have_every_format_in_full(course: Path, repository: Path) -> None:
    """``--audience staff`` wins over what a format suggests."""
    assert grade("hw.py", "--course", course, "--audience", "staff", "--format", "junit", cwd=repository).returncode == 0
    assert len(contracts.junit((repository / "grade-report" / "hw.junit.xml").read_text()).findall("testcase")) == 4


def test_a_students_report_can_be_judged_from_what_staff_have_stored(course: Path, repository: Path) -> None:
    """The same report as running it again gives."""
    grade("hw.py", "--course", course, cwd=repository)
    stored = repository / "grade-report" / "hw.observations"
    texts = []
    for more in (["--rejudge", stored], []):
        assert grade("hw.py", "--course", course, "--audience", "student", *more, cwd=repository).returncode == 0
        texts.append({k: v for k, v in report(repository).items() if k != "timings"})
    assert texts[0] == texts[1]


def test_an_item_that_is_not_public_is_as_if_it_were_not_there(course: Path, repository: Path) -> None:
    """The message names the public items, and is the same as for a name that was made up."""
    said = [grade("hw.py", "--course", course, "--audience", "student", "--item", item, cwd=repository) for item in ("treble.values", "no.such")]
    assert [s.returncode for s in said] == [2, 2]
    assert said[0].stderr.replace("treble.values", "no.such") == said[1].stderr
    assert "double.values, square.values, shout.values." in said[0].stderr


def test_a_course_that_shows_nothing_yet_says_so(course: Path, repository: Path) -> None:
    """Every item is hidden: nothing is asked, and the count is honest."""
    rubric = course / "rubrics" / "demo.toml"
    text = rubric.read_text().replace('visibility = "after_due_date"\n', "").replace("points =", 'visibility = "hidden"\npoints =')
    rubric.write_text(text)
    done = grade("hw.py", "--course", course, "--format", "github", "--format", "junit", cwd=repository)
    assert done.returncode == 0, done.stderr
    assert "0 of 0 public items; 4 further items are graded and not shown" in " ".join(done.stdout.split())


def test_the_quiet_line_says_what_the_points_are_of(course: Path, repository: Path) -> None:
    """Four of nine points would pass for the total."""
    done = grade("hw.py", "--course", course, "--audience", "student", "-q", cwd=repository)
    assert done.stdout.splitlines() == ["4 of 9 points for the public items", "report: grade-report/hw.html"]


@pytest.mark.parametrize(("options", "says"), [
    (["--format", "xml"], "grade: --format xml: write one of: html, json, junit"),
    (["--audience", "students"], "grade: --audience students: write staff or student."),
    (["--as", "many", "--format", "junit"], "--format is for one submission"),
    (["--as", "many", "--audience", "student"], "--audience is for one submission"),
])
def test_a_wrong_word_is_one_line(options: list[str], says: str, course: Path, repository: Path) -> None:
    """Usage: exit code 2, nothing is graded."""
    done = grade("hw.py" if "--as" not in options else ".", "--course", course, *options, cwd=repository)
    assert done.returncode == 2
    assert says in done.stderr
    assert not (repository / "grade-report").exists()
