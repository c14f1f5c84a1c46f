"""autograder.zip as Gradescope uses it: set up from its own wheels, then a submission each in a scratch root."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from grader.report.platforms import SENTENCES, State
from tests.packaging.conftest import COURSE, Container
from tests.report.platforms import contracts

pytestmark = pytest.mark.slow
EXAMPLES = COURSE / "submissions_example/cs224n_a1"

LOOKING = '''
import os

def tried(what):
    try:
        return str(what())[:40]
    except BaseException as error:
        return type(error).__name__

def softmax(x):
    root = {root!r}
    raise ValueError("; ".join([
        "rubric " + tried(lambda: open(root + "/source/course/rubrics/cs224n_a1.toml").read()),
        "reference " + tried(lambda: open(root + "/source/course/reference/cs224n_a1/solutions.py").read()),
        "names " + tried(lambda: open(root + "/submission_metadata.json").read()),
        "forged " + tried(lambda: open(root + "/results/results.json", "w").write("x")),
        "killed " + tried(lambda: os.kill(os.getppid(), 9)),
        "import " + tried(lambda: __import__("reference")),
    ]))
'''


def test_an_example_is_graded(container: Container) -> None:
    """Full points, every test passed, its validator content, and nothing but our one line on the instructor's side."""
    container.hand_in(EXAMPLES / "right_vectorised.py")
    text, output = container.run()
    found = contracts.gradescope(text)
    assert found["score"] == sum(t["max_score"] for t in found["tests"]) == 100
    assert {t["status"] for t in found["tests"]} == {"passed"}
    assert "grade right_vectorised.py" in text or found["tests"][0]["output"] == "Met."
    assert output.startswith("written: ")


def test_late_and_attempts_come_from_the_metadata_beside_it(container: Container) -> None:
    """And that file, with other people's names, is the grader's alone."""
    file = container.root / "submission_metadata.json"
    file.write_text(json.dumps({"created_at": "2026-03-02T10:00:00Z", "assignment": {"due_date": "2026-03-01T10:00:00Z"},
                                "previous_submissions": [{"score": 3}]}))
    container.hand_in(EXAMPLES / "wrong_neural_mean.py")
    try:
        found = contracts.gradescope(container.run()[0])
        assert file.stat().st_mode & 0o077 == 0
    finally:
        file.unlink()
    assert found["output"].startswith("Attempt 2, handed in 1 day after the due time.")
    assert "averaged over the N examples" in next(t["output"] for t in found["tests"] if t["status"] == "failed")


def test_student_code_sees_nothing_of_the_course_and_changes_no_result(container: Container) -> None:
    """Every attempt ends in an exception; so does killing, by a process that has a parent to kill."""
    file = container.root / "submission_metadata.json"
    file.write_text("{}")
    container.hand_in(submit=LOOKING.format(root=str(container.root)))
    try:
        text, _ = container.run()
    finally:
        file.unlink()
    found = contracts.gradescope(text)
    said = " ".join(next(t["output"] for t in found["tests"] if "rubric " in t["output"]).split())
    for attempt in ("rubric", "reference", "names", "forged", "killed"):
        assert f"{attempt} PermissionError" in said
    assert "import ModuleNotFoundError" in said
    assert found["score"] == 0
    assert found["extra_data"]["grade"]["isolation"] in ("B", "C")


def test_the_course_is_nobody_elses(container: Container) -> None:
    """No file of the archive can be read by another user, and student code is one."""
    container.hand_in(EXAMPLES / "wrong_syntax_error.py")
    container.run()
    assert (container.root / "source").stat().st_mode & 0o077 == 0
    assert not [p for p in (container.root / "source").rglob("*") if p.stat().st_mode & 0o077]


@pytest.mark.parametrize("ending", ["import os\nos._exit(0)", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
                                    "import ctypes\nctypes.string_at(0)", "import sys\nsys.exit(0)"])
def test_a_submission_that_ends_its_own_process_gets_a_result_and_no_points(container: Container, ending: str) -> None:
    """The grader is another process: it says what happened, and passes nothing."""
    container.hand_in(submit=f"{ending}\ndef softmax(x):\n    return x\n")
    found = contracts.gradescope(container.run()[0])
    assert found["score"] == 0
    assert found["extra_data"]["grade"]["state"] == "graded"
    assert "passed" not in {t.get("status") for t in found["tests"]}


def test_kill_9_of_everything_leaves_the_provisional_result(container: Container) -> None:
    """As the platform ends a container that takes too long; it is no pass, says so, and nothing of ours goes on."""
    container.hand_in(submit="while True:\n    pass\n")
    process = container.start()
    _wait((container.root / "results/results.json").exists)
    _wait(lambda: _workers(container.root))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    found = contracts.gradescope(container.result())
    assert found["score"] == 0
    assert found["tests"] == []
    assert found["output"] == SENTENCES[State.UNFINISHED]
    _wait(lambda: not _workers(container.root))
    assert contracts.gradescope(container.result()) == found


def test_a_broken_grader_leaves_the_provisional_result_and_exits_0(container: Container) -> None:
    """What went wrong is printed for the instructor, and is not in what students see."""
    options = container.root / "source/options"
    kept = options.read_text()
    options.write_text("--assignment\nno_such_assignment\n")
    container.hand_in(EXAMPLES / "right_vectorised.py")
    try:
        text, output = container.run()
    finally:
        options.write_text(kept)
    found = contracts.gradescope(text)
    assert (found["score"], found["output"], found["stdout_visibility"]) == (0, SENTENCES[State.UNFINISHED], "hidden")
    assert "there is no assignment 'no_such_assignment'" in output


def test_a_submission_without_python_is_told_so(container: Container) -> None:
    container.hand_in()
    (container.root / "submission/essay.txt").write_text("x")
    found = contracts.gradescope(container.run()[0])
    assert found["score"] == 0
    assert found["extra_data"]["grade"]["state"] == "unreadable"
    assert "Hand over a Python file" in found["output"]
    assert str(container.root) not in found["output"]


def _workers(root: Path) -> list[str]:
    """Processes of this container's interpreter."""
    rows = [_words(process) for process in Path("/proc").glob("[0-9]*")]
    return [row for row in rows if row.startswith(f"{root}/venv/bin/python") or f"{root}/source/grade/grader/worker" in row]


def _words(process: Path) -> str:
    """The command line of a process; nothing of one that has ended meanwhile."""
    try:
        return (process / "cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def _wait(reached) -> None:
    until = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.02)
