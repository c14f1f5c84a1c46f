"""What is told of files that are graded though something went wrong while they were loaded."""

import pytest

from grader.core.observation import Died, Frame, Malformed, Observation, Raised, TimedOut, Unavailable
from grader.submission.loading import remarks_on_loading
from grader.submission.source import Submission, submission
from tests.submission.test_notebook import written

SO = "So only the definitions (imports, functions, classes, constants) of"
MOVE = "Move all else that a file runs under `if __name__ == '__main__':`."
ENDS = "This statement ends the loading of"
BEFORE = "what stands before it was run, and of what follows only the definitions (imports, functions, classes, constants)."
MEND = "Mend it, or move it under `if __name__ == '__main__':`."


def handed(*paths: str) -> Submission:
    return submission("hw", {p: written("x = 1") if p.endswith(".ipynb") else b"x = 1\n" for p in paths})


def unavailable(error: Raised) -> Unavailable:
    return Unavailable("f", error, "hw")


@pytest.mark.parametrize(("error", "says"), [
    (Raised("FileNotFoundError", "train.csv not found.", (Frame("hw.py", 40, "<module>", "x"), Frame("numpy", 1, "a", "b"))),
     "hw.py, line 40: FileNotFoundError: train.csv not found."),
    (Raised("AssertionError", ""), "hw.py: AssertionError."),
])
def test_of_a_file_that_raised_it_is_told_what_was_run(error: Raised, says: str) -> None:
    """Where, what, what was done instead, and what to write."""
    assert remarks_on_loading({"hw.py": unavailable(error)}, handed("hw.py")) == {"hw.py": f"{says} {ENDS} hw.py: {BEFORE} {MEND}"}


@pytest.mark.parametrize(("trouble", "says"), [
    (unavailable(Raised("MemoryError", "")), "hw.py: MemoryError."),
    (TimedOut("cpu", 10.0), "Loading did not end within 10 s."),
    (Died("exit", 3), "Loading ended the process (exit status 3)."),
    (Died("signal", 11), "Loading ended the process (signal 11)."),
    (Died("memory", 9), "Loading ran out of memory."),
    (Malformed("x"), "Loading did not come to an end that can be told."),
])
def test_a_file_is_told_with_its_cause_and_what_to_do(trouble: Observation, says: str) -> None:
    """Where, what, what was done instead, and what to write."""
    assert remarks_on_loading({"hw.py": trouble}, handed("hw.py")) == {"hw.py": f"{says} {SO} hw.py were run. {MOVE}"}


def test_one_cause_is_told_once() -> None:
    """Files that import the one that failed have the same line."""
    error = Raised("RuntimeError", "boom", (Frame("b.py", 1, "<module>", "import a"), Frame("a.py", 3, "<module>", "raise")))
    found = remarks_on_loading({"a.py": unavailable(error), "b.py": unavailable(error), "c.py": TimedOut("cpu", 10.0)}, handed("a.py", "b.py", "c.py"))
    assert found["a.py"] == found["b.py"] == f"a.py, line 3: RuntimeError: boom. {ENDS} a.py and b.py: {BEFORE} {MEND}"
    assert found["c.py"].startswith("Loading did not end within 10 s.")


def test_notebooks_are_told_by_cell() -> None:
    """A statement that raised was passed over; a cell that never ends is to be mended."""
    whole = handed("hw.ipynb")
    raised = Raised("NameError", "no x", (Frame("hw.ipynb, cell 1", 2, "<module>", "y = x"),))
    assert remarks_on_loading({"hw.ipynb": raised}, whole) == {
        "hw.ipynb": "hw.ipynb, cell 1, line 2: NameError: no x. This statement was passed over; the rest was run."}
    assert remarks_on_loading({"hw.ipynb": TimedOut("cpu", 10.0)}, whole) == {
        "hw.ipynb": f"Loading did not end within 10 s. {SO} hw.ipynb were run. Mend or remove the cell that keeps it from running to its end."}


def test_what_a_worker_says_is_bounded_and_believed_of_the_submission_only() -> None:
    """One line, whatever it sends; a place that is not there is not told."""
    error = Raised("A" * 2000, "x\n\x1b[31m" * 1000, (Frame("hw.py", 4, "", ""), Frame("/etc/passwd", 9, "", "")))
    (said,) = remarks_on_loading({"hw.py": unavailable(error)}, handed("hw.py")).values()
    assert said.startswith("hw.py, line 4: AAA")
    assert "\n" not in said
    assert len(said) < 700
