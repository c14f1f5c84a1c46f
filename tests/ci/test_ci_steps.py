"""The action's steps as the runner runs them, and the files that a course copies."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.ci import runner
from tests.report.services import contracts

TEMPLATES = runner.ROOT / "grader" / "templates" / "ci"


def test_a_push_is_told_at_the_right_lines(course: Path, repository: Path, tmp_path: Path) -> None:
    """Annotations parse and point at the functions, the table and the outputs say what the report says, and the course is not left."""
    done = runner.run_action(repository, tmp_path / "temp", course=str(course), fail_under="40%")
    assert done.code == 0, done.log
    found = contracts.commands(done.log)
    lines = (repository / "hw.py").read_text().splitlines()
    contracts.check_annotations(found, {"hw.py": len(lines)})
    assert [(c.name, c.properties.get("line") and lines[int(c.properties["line"]) - 1]) for c in found] == [
        ("error", "def square(x):"), ("error", "import numpy as np"), ("notice", None)]
    assert found[-1].data == "4 of 9 points for the public items: 1 of 3 public items; 2 not met; 1 further item is graded after the deadline"
    assert [row[2] for row in contracts.summary(done.summary)] == ["4 of 4", "0 of 3", "0 of 2"]
    outputs = contracts.outputs(done.outputs)
    assert (outputs["score"], outputs["possible"], outputs["percent"], outputs["withheld"]) == ("4", "9", "44.44", "1")
    assert json.loads((repository / outputs["json"]).read_text())["withheld"] == [{"visibility": "after_due_date", "items": 1}]
    contracts.junit((repository / outputs["junit"]).read_text())


def test_nothing_of_an_item_that_is_not_public_is_on_the_machine_afterwards(course: Path, repository: Path, tmp_path: Path) -> None:
    """Neither in the log nor in any file that the steps left; the questions that were asked are not kept either."""
    done = runner.run_action(repository, tmp_path / "temp", course=str(course))
    written = {p: p.read_bytes() for folder in (repository / "grade-report", tmp_path / "temp") for p in folder.rglob("*") if p.is_file()}
    assert sorted(p.suffix for p in written if p.parent.name == "grade-report") == [".html", ".json", ".xml"]
    for text in (done.log.encode(), *written.values()):
        assert b"treble.values" not in text
        assert b"secret title" not in text


@pytest.mark.parametrize(("threshold", "code"), [("44%", 0), ("45%", 1), ("4.5", 1)])
def test_the_run_fails_below_the_threshold_and_still_tells(
    threshold: str, code: int, course: Path, repository: Path, tmp_path: Path
) -> None:
    """Of the public items' points; annotations, table, outputs and files are there either way."""
    done = runner.run_action(repository, tmp_path / "temp", course=str(course), fail_under=threshold)
    assert done.code == code, done.log
    assert len(contracts.commands(done.log)) == 3
    assert contracts.outputs(done.outputs)["score"] == "4"


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_a_threshold_holds_though_the_runners_files_cannot_be_written(name: str, course: Path, repository: Path, tmp_path: Path) -> None:
    """Below it is 1, above it is 0; the log says which file it was."""
    for threshold, code in (("45%", 1), ("44%", 0)):
        (tmp_path / "temp").mkdir(exist_ok=True)
        env = runner.clean(repository, tmp_path / "temp") | {name: str(repository)}
        done = runner.shell(f"grade hw.py --course '{course}' --format github --fail-under {threshold}", repository, env)
        assert done.returncode == code, done.stderr
        assert f"grade: {name}: {repository} could not be written: Is a directory." in done.stderr.splitlines()
        assert len(contracts.commands(done.stdout)) == 3


def test_a_fetched_course_is_moved_out_of_the_submission_and_removed(course: Path, repository: Path, tmp_path: Path) -> None:
    """What the checkout put into the repository is neither handed in nor left behind, also if the run fails."""
    shutil.copytree(course, repository / ".grade-course")
    done = runner.run_action(repository, tmp_path / "temp", course_repository="uni/course", fail_under="100%")
    assert done.code == 1
    assert done.ran == ["Put the course where the submission does not contain it", "Grade", "Remove the course"]
    assert not (repository / ".grade-course").exists()
    assert not (tmp_path / "temp" / "grade-course").exists()
    assert [f["path"] for f in json.loads((repository / "grade-report" / "homework.json").read_text())["submission"]["files"]] == ["hw.py"]


def test_a_course_inside_the_submission_is_refused(course: Path, repository: Path, tmp_path: Path) -> None:
    """Its reference would count as handed in: one message, no grade."""
    shutil.copytree(course, repository / "course")
    done = runner.run_action(repository, tmp_path / "temp", course=str(repository / "course"))
    assert done.code == 2
    assert "lies inside it, and would be handed in with it" in done.log


HOSTILE = '''\
import sys

def double(x):
    print("::error file=hw.py,line=1::owned\\n::add-mask::owned\\n##[error]owned")
    sys.stderr.write("\\n::set-output name=score::100\\n" + "::warning::owned " * 60000)
    raise ValueError("\\n::error::owned\\n::stop-commands::x\\r##[add-mask]owned <img src=x onerror=alert(1)> `id` | a | **b** [l](http://e.x) @ann \\x1b[31m")

def square(x):
    """::error::owned"""
    raise type("::error::owned\\n##[warning]", (Exception,), {})("</td>" * 250000)

def shout(x):
    print("A" * 1000000)
    return {"::error::<b>": "`|`"}
'''


def test_a_hostile_submission_commands_nothing(course: Path, repository: Path, tmp_path: Path) -> None:
    """Its output, exceptions, their types, its files' names and a megabyte of text are text in the log, the table and the outputs."""
    (repository / "hw.py").write_text(HOSTILE)
    other = "::error file=hw.py,line=2::owned ##[error]owned.py"
    (repository / other).write_text("def square(x): return x\n")
    (repository / "<img src=x>`|`\n::error::owned.py").write_text("def shout(x): return x\n")
    done = runner.run_action(repository, tmp_path / "temp", course=str(course))
    assert done.code == 0, done.log[-2000:]
    found = contracts.commands(done.log)
    contracts.check_annotations(found, {"hw.py": HOSTILE.count("\n"), other: 1})
    assert len(found) == 4
    titles = [c.properties["title"].partition(":")[0] for c in found]
    assert sorted(titles) == ["Points", "double.values", "shout.values", "square.values"]
    assert len(contracts.summary(done.summary)) == 3
    assert len(done.summary) < 20_000
    outputs = contracts.outputs(done.outputs)
    assert set(outputs) == {"score", "possible", "percent", "items", "met", "withheld", "html", "json", "junit"}
    assert outputs["score"] == "0"
    contracts.junit((repository / outputs["junit"]).read_text())
    assert not re.search(r"\x1b", done.log)


def test_inputs_are_never_run(course: Path, repository: Path, tmp_path: Path) -> None:
    """A path or an assignment with shell syntax in it is a path or a name that does not exist."""
    for name in ("path", "assignment", "out"):
        done = runner.run_action(repository, tmp_path / "temp", course=str(course), **{name: '$(touch owned)"; touch owned; `touch owned`'})
        assert not list(tmp_path.rglob("owned")), name
        assert (done.code == 2) is (name != "out"), name


def test_the_installation_runs_nothing_of_the_students(repository: Path, tmp_path: Path) -> None:
    """A pip.py in the repository is not pip: the step's words, asked for the version only."""
    (repository / "pip.py").write_text("open('owned', 'w')\n")
    text = next(s["run"] for s in runner.action()["runs"]["steps"] if s.get("name") == "Install grade")
    assert text == 'python -I -m pip install --quiet "$GITHUB_ACTION_PATH/../../.."'
    words = [w.replace("python", sys.executable) for w in text.split(" install")[0].split()]
    for command, owned in ((words, False), ([w for w in words if w != "-I"], True)):
        subprocess.run([*command, "--version"], cwd=repository, capture_output=True, check=False)
        assert (repository / "owned").exists() is owned
    assert (runner.ACTION.parent / "../../.." / "pyproject.toml").exists()


def test_expressions_stand_in_variables_only() -> None:
    """No text of a script has an expression in it, every input is used, and every output has a source."""
    action = runner.action()
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    text = runner.ACTION.read_text()
    assert {name for name in action["inputs"] if f"inputs.{name}" not in text} == set()
    assert all(o["value"].startswith("${{ steps.grade.outputs.") for o in action["outputs"].values())


def test_the_workflow_gives_the_action_inputs_that_it_has() -> None:
    """The ready workflow has the least permissions, and names no input that the action does not know."""
    workflow = yaml.safe_load((TEMPLATES / "github.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    checkout, grade = workflow["jobs"]["grade"]["steps"]
    assert checkout["with"]["persist-credentials"] is False
    assert set(grade["with"]) <= set(runner.action()["inputs"])
    assert runner.ACTION.parent == runner.ROOT / grade["uses"].partition("@")[0].split("/", 2)[2]


def test_gitlabs_grading_line_writes_the_report_that_it_names(course: Path, repository: Path, tmp_path: Path) -> None:
    """The last line of the script, with the course where the line before it has put it."""
    job = yaml.safe_load((TEMPLATES / "gitlab.yml").read_text())["grade"]
    (tmp_path / "temp").mkdir()
    text = job["script"][-1].replace("/tmp/grade-course", str(course))
    env = {k: v for k, v in runner.clean(repository, tmp_path / "temp").items() if not k.startswith("GITHUB")}
    done = runner.shell(text, repository, env | job["variables"] | {"GRADE_ASSIGNMENT": "demo"})
    assert done.returncode == 0, done.stderr
    (report,) = repository.glob(job["artifacts"]["reports"]["junit"])
    assert len(contracts.junit(report.read_text()).findall("testcase")) == 3
    assert "::" not in done.stdout


def test_the_pre_commit_hook_runs_and_can_refuse(course: Path, repository: Path) -> None:
    """Its entry with the arguments of the example: the table, and exit code 1 below the threshold."""
    (hook,) = yaml.safe_load((runner.ROOT / ".pre-commit-hooks.yaml").read_text())
    example = yaml.safe_load((TEMPLATES / "pre-commit.yml").read_text())["repos"][0]["hooks"][0]
    assert example["id"] == hook["id"]
    for percent, code in (("0%", 0), ("90%", 1)):
        args = [{"COURSE": str(course), "0%": percent}.get(a, a) for a in example["args"]]
        grade = [str(Path(sys.executable).parent / "grade"), *hook["entry"].split()[1:], *args]
        done = subprocess.run(grade, cwd=repository, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        assert "1 of 3 public items" in done.stdout
