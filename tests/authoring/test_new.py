"""A new course works as its README says, keeps its examples' promises, and can be changed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from grader.authoring.commands import course_of_examples
from grader.authoring.new import new_course
from grader.core.errors import UsageError
from grader.core.verdict import Outcome
from grader.course import Assignment, load_assignment
from grader.grading import grade
from grader.runner.forkserver import ForkServer
from grader.submission import open_submission
from tests.authoring.conftest import ROOT
from tests.examples.test_headers import read_header, row

GRADE = [sys.executable, "-m", "grader"]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new course, named as its assignment is."""
    folder = tmp_path_factory.mktemp("new") / "hw1"
    new_course("hw1", folder)
    return folder


@pytest.fixture(scope="module")
def loaded(course: Path) -> Assignment:
    """Its assignment."""
    return load_assignment(course, "hw1")


EXAMPLES = (
    "near_gradient_last_example", "right_loops", "right_vectorised", "wrong_cost_mean", "wrong_sigmoid_overflow", "wrong_sigmoid_tanh",
    "wrong_weights_changed",
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_loses_what_it_declares(example: str, course: Path, loaded: Assignment, runner: ForkServer) -> None:
    """On five seeds: exactly the items of its first line, and the shares that it says it keeps."""
    file = course / f"submissions_example/hw1/{example}.py"
    header = read_header(file)
    for seed in range(5):
        report, _ = grade(loaded, open_submission(file), runner, seed=seed)
        lost = {i.id: i.verdict.credit for i in report.items if i.verdict.credit != 1}
        assert set(lost) == set(header.loses or ()), f"seed {seed}"
        assert {item: credit for item, credit in lost.items() if credit} == header.partly


def test_every_item_is_lost_by_an_example(course: Path, loaded: Assignment) -> None:
    """And every file there is one of the examples above."""
    files = sorted((course / "submissions_example/hw1").iterdir())
    assert [f.stem for f in files] == list(EXAMPLES)
    assert {i for f in files for i in read_header(f).loses or ()} == {i.id for i in loaded.rubric.items}


def test_the_readme_lists_the_examples_as_they_are(course: Path) -> None:
    """One row each."""
    rows = [line for line in (course / "README.md").read_text().splitlines() if re.match(r"\| `\w+\.py`", line)]
    assert rows == [row(f) for f in sorted((course / "submissions_example/hw1").iterdir())]


def ran(command: str, cwd: Path) -> str:
    """A command line as a README prints it."""
    words = command.split()
    assert words[0] == "grade"
    done = subprocess.run([*GRADE, *words[1:]], cwd=cwd, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "COLUMNS": "120"})
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def test_the_commands_of_the_readme_work_as_printed(tmp_path: Path) -> None:
    """From `grade new demo` on, in the folder where it was typed; then in the course's own."""
    assert ran("grade new demo", tmp_path).rstrip().endswith("try it: grade demo/submissions_example")
    readme = (tmp_path / "demo/README.md").read_text()
    above, *inside = re.findall(r"^    (grade .*?)(?: {3,}.*| > .*)?$", readme, re.MULTILINE)
    assert above == "grade demo/submissions_example"
    assert "7 rows: 7 graded" in ran(above, tmp_path)
    assert inside == [
        "grade submissions_example", "grade submissions_example/demo/wrong_cost_mean.py", "grade schema rubric", "grade start demo"]
    says = [ran(command, tmp_path / "demo") for command in inside]
    assert "7 rows: 7 graded" in says[0]
    assert "You divided the cost and its gradient by N" in says[1]
    assert says[2] == (tmp_path / "demo/rubrics/rubric.schema.json").read_text()
    assert "0 of 10 points" in ran("grade demo/submit.py", tmp_path / "demo")


def test_the_workflow_runs_what_works(tmp_path: Path, course: Path) -> None:
    """It is YAML, may read and nothing else, and its grade commands exit with 0."""
    workflow = yaml.safe_load((course / ".github/workflows/course.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    commands = [s["run"] for s in workflow["jobs"]["examples"]["steps"] if s.get("run", "").startswith("grade ")]
    assert commands == ["grade submissions_example", "grade submissions_example/hw1/right_vectorised.py --fail-under 100%"]
    ran(f"{commands[1]} --out {tmp_path}", course)


def test_the_reference_is_clean_and_its_doctests_hold(course: Path) -> None:
    """As this project's own reference: its rules of style, its doctests."""
    rules = ["check", "--isolated", "--select", "ALL", "--ignore", "INP001,CPY001,COM812,D203,D213,I001,N803,N806,ERA001", "--line-length", "140"]
    style = subprocess.run([sys.executable, "-m", "ruff", *rules, "--config", 'lint.pydocstyle.convention="numpy"', course / "reference"],
                           capture_output=True, text=True, check=False)
    assert style.returncode == 0, style.stdout
    docs = subprocess.run([sys.executable, "-m", "doctest", course / "reference/hw1/solutions.py"], capture_output=True, text=True, check=False)
    assert docs.returncode == 0, docs.stdout


def test_the_starter_of_a_new_course_earns_nothing(course: Path, loaded: Assignment, runner: ForkServer, tmp_path: Path) -> None:
    """Another interface than the one that ships."""
    ran(f"grade start hw1 --course {course} --form notebook --out {tmp_path / 'hw'}", tmp_path)
    report = grade(loaded, open_submission(tmp_path / "hw/submit.ipynb"), runner)[0]
    assert {i.verdict.outcome for i in report.items} == {Outcome.NOT_ATTEMPTED}


BAD_SLUGS = [
    ("my course", "my_course"), ("9lives", "a9lives"), ("class", "aclass"), ("../evil", "evil"), ("hw-1", "hw_1"), ("", "a1"), ("a/b", "a_b"),
    ("x" * 61, "x" * 59),
]


@pytest.mark.parametrize(("slug", "better"), BAD_SLUGS, ids=[s[:12] or "empty" for s, _ in BAD_SLUGS])
def test_a_slug_is_a_name(tmp_path: Path, slug: str, better: str) -> None:
    """What is none is refused with one that is; nothing is written."""
    with pytest.raises(UsageError, match=rf"Write {better}\.$"):
        new_course(slug, tmp_path / "course")
    assert list(tmp_path.iterdir()) == []
    new_course(better, tmp_path / "course")


def test_a_folder_that_exists_is_refused(tmp_path: Path) -> None:
    """Though it is empty; so is one that cannot be made."""
    (tmp_path / "demo").mkdir()
    with pytest.raises(UsageError, match=r"demo: this exists, and a new course needs a folder of its own\."):
        new_course("demo", tmp_path / "demo")
    assert list((tmp_path / "demo").iterdir()) == []
    with pytest.raises(UsageError, match="it cannot be written"):
        new_course("demo", tmp_path / ("n" * 300))


# ---- which course a path says it is of ---------------------------------------------------------------------------------


def test_a_path_through_a_courses_examples_names_the_course(course: Path) -> None:
    """The folder itself, and what is in it."""
    examples = course / "submissions_example"
    assert course_of_examples(examples) == course
    assert course_of_examples(examples / "hw1" / "right_loops.py") == course
    assert course_of_examples(ROOT / "submissions_example/cs224n_a1/right_loops.py") == ROOT


def test_no_other_path_names_a_course(course: Path, tmp_path: Path) -> None:
    """What students hand in may look like a course; whoever grades it has not typed so."""
    assert course_of_examples(course / "reference") is None
    for part in ("reference", "rubrics", "submissions_example"):
        (tmp_path / "handed_in" / part).mkdir(parents=True)
    assert course_of_examples(tmp_path / "handed_in") is None
    (tmp_path / "handed_in/rubrics").rmdir()
    assert course_of_examples(tmp_path / "handed_in/submissions_example") is None
