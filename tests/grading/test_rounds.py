"""How often a submission is asked, in how many processes, and what each round has left of its patience."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from grader.core.report import GradeReport
from grader.course import Assignment, load_assignment
from grader.grading import Recorded, grade
from grader.interview import Interview
from grader.program import loading_of
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Program
from grader.runner.zygote import Zygote
from grader.submission import open_submission
from grader.submission.source import Submission, submission
from grader.trial import Trial

EXAMPLES = Path(__file__).parents[2] / "submissions_example/cs224n_a1"
RIGHT = (EXAMPLES / "right_vectorised.py").read_text()
USERS = {"forward_backward_prop", "softmaxCostAndGradient"}  # of softmax
KEEPS = "\n_kept = []\n_own = forward_backward_prop\ndef forward_backward_prop(*given):\n    _kept.append(0)\n    return _own(*given)\n"


def handed(text: str) -> Submission:
    return submission("hw.py", {"hw.py": text.encode()})


class Rounds(NamedTuple):
    """What was put in each round, in which program; how many children there were."""

    programs: list[Program]
    functions: list[set[str]]
    forks: list[object]


@pytest.fixture
def rounds(confined: ForkServer, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    """Noted as they are asked."""
    noted = Rounds([], [], [])

    def observe(program: Program, groups: Any, *given: Any) -> Any:
        noted.programs.append(program)
        noted.functions.append(asked := set())

        def told() -> Iterator[Any]:
            for group in groups:
                asked.update(p.function for p in group.probes)
                yield group

        return ForkServer.observe(confined, program, told(), *given)

    fork = Zygote._fork
    monkeypatch.setattr(confined, "observe", observe)
    monkeypatch.setattr(Zygote, "_fork", lambda self, *given: (noted.forks.append(given), fork(self, *given))[1])
    return noted


@pytest.fixture
def graded(assignment: Assignment, confined: ForkServer) -> Callable[[Submission], tuple[GradeReport, Recorded]]:
    return lambda handed_in: grade(assignment, handed_in, confined)


Graded = Callable[[Submission], tuple[GradeReport, Recorded]]


@pytest.mark.parametrize("name", ["wrong_syntax_error.py", "wrong_python_2.py"])
def test_what_is_no_python_is_asked_once(name: str, graded: Graded, rounds: Rounds) -> None:
    """In one process: there is nothing that it could keep, and no definition that could stand in."""
    report, _ = graded(open_submission(EXAMPLES / name))
    assert not any(i.verdict.credit for i in report.items)
    assert (len(rounds.programs), len(rounds.forks)) == (1, 1)


def test_functions_that_keep_nothing_share_a_process_with_the_same_neighbour(graded: Graded, rounds: Rounds) -> None:
    """One round for all users of a wrong softmax; each gets its points, and the note says why."""
    report, _ = graded(handed(RIGHT + "\ndef softmax(x):\n    return x\n"))
    assert {i.function for i in report.items if i.verdict.credit != 1} == {"softmax"}
    assert [set(p.substitutes) for p in rounds.programs] == [set(), {"softmax"}]
    assert rounds.functions[1] >= USERS
    assert len(rounds.forks) == 2


def test_functions_that_may_keep_something_do_not_share_one(graded: Graded, rounds: Rounds) -> None:
    """Each has a process of its own with the course's function, as what one keeps may be another's answer."""
    report, _ = graded(handed(RIGHT + KEEPS + "\ndef softmax(x):\n    return x\n"))
    assert {i.function for i in report.items if i.verdict.credit != 1} == {"softmax"}
    assert [functions & USERS for functions in rounds.functions[1:]] in ([{f} for f in sorted(USERS)], [{f} for f in sorted(USERS)][::-1])


def test_a_program_says_whether_anything_can_be_kept(graded: Graded, rounds: Rounds) -> None:
    """In every round: one function of which nothing is proven is enough, whichever is asked."""
    graded(handed(RIGHT + "\ndef softmax(x):\n    return x\n"))
    proven = [p.stateless for p in rounds.programs]
    rounds.programs.clear()
    graded(handed(RIGHT + "\ndef softmax(x):\n    return x\ndef cbow(*given, kept=[]):\n    kept.append(0)\n"))
    assert set(proven) == {True}
    assert {p.stateless for p in rounds.programs} == {False}


BLANK = """
import numpy as np
def sigmoid(x):
    return x
def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    ### YOUR CODE HERE
    WRITTEN
    ### END YOUR CODE
    return LAST
"""


@pytest.mark.parametrize(("written", "last", "helped"), [
    ("", "cost, gradPred, grad", False),
    ("", "sigmoid_grad(predicted)", True),
    ("", "sigmoid(predicted)", True),
    ("half = 0.5 if sigmoid(0) == 0.5 else misspelt", "half, half, half", True),
])
def test_what_was_never_written_is_not_asked_again(written: str, last: str, helped: bool, graded: Graded, rounds: Rounds) -> None:
    """It lacks its own names, whatever its neighbours do; one that lacks a neighbour, or has a wrong one, may be right with the course's."""
    _, recorded = graded(handed(BLANK.replace("WRITTEN", written).replace("LAST", last)))
    assert any("negSamplingCostAndGradient" in functions for functions in rounds.functions[1:]) == helped
    assert bool(recorded.answers["negsampling.cost"].helped) == helped


def test_a_neighbour_that_was_never_written_is_no_reason_not_to_ask(graded: Graded) -> None:
    """The one that calls it does not lack the name itself: it is asked with the course's, though its own blank is empty."""
    text = BLANK.replace("return x\n", "return unwritten\n").replace("WRITTEN", "").replace("LAST", "sigmoid(predicted)")
    _, recorded = graded(handed(text))
    assert recorded.answers["negsampling.cost"].helped


def test_patience_is_left_for_the_courses_functions(
    assignment: Assignment, confined: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has tried all of it with an endless function loses no points for those that call it."""
    tried: list[float] = []

    def observe(program: Program, groups: Any, answered: Any, doubted: Any, patience: Any) -> Any:
        tried.append(patience.tried)
        found = ForkServer.observe(confined, program, groups, answered, doubted, patience)
        patience.tried += 0.0 if program.substitutes else confined.limits.patience
        return found

    monkeypatch.setattr(confined, "observe", observe)
    report, _ = grade(assignment, handed(RIGHT + "\ndef softmax(x):\n    return x\n"), confined)
    assert {i.function for i in report.items if i.verdict.credit != 1} == {"softmax"}
    assert tried[0] == 0
    assert confined.limits.patience / 2 <= tried[1] < confined.limits.patience * 0.75


def test_only_the_first_of_several_files_is_loaded_to_see_how_it_goes(assignment: Assignment, confined: ForkServer, rounds: Rounds) -> None:
    """Who has the function already need not be looked for in files that come after it, whatever else these are the first to have."""
    old = b"def softmax(x): return x\ndef sigmoid(x): return x\nraise ValueError('not asked')\n"
    report, _ = grade(assignment, submission("hw", {"q2_sigmoid.py": RIGHT.encode(), "q1_softmax.py": old}), confined, items=["sigmoid.values"])
    assert all(i.verdict.credit == 1 for i in report.items)
    assert rounds.functions[0] == {loading_of("q2_sigmoid"), "sigmoid"}


def test_a_file_that_answers_nothing_is_no_reason_to_replace_more(graded: Graded, rounds: Rounds) -> None:
    """Functions of other files, which were loaded, are asked with the neighbours that they have, and no others."""
    own = "def skipgram(*given):\n    return given\n"
    files = {"q1_softmax.py": b"raise ValueError('at once')\n", "q2_sigmoid.py": b"def sigmoid(x): return x\n", "q3_word2vec.py": own.encode()}
    report, recorded = graded(submission("hw", files))
    assert not any(i.verdict.credit for i in report.items if i.function in ("softmax", "skipgram"))
    assert recorded.answers["skipgram.sum"].helpers == ()
    assert not any("skipgram" in functions for functions in rounds.functions[1:])


def test_what_the_course_adds_is_read_for_a_proof(confined: ForkServer) -> None:
    """As the submission's own files are: a module that nobody has read may keep anything."""
    course = load_assignment(EXAMPLES.parents[1], "cs224n_a2")
    right = open_submission(EXAMPLES.parent / "cs224n_a2/right_folder")
    interview = Interview(course, right, confined, Trial(1, course.interface, course.oracle))
    assert "naiveSoftmaxLossAndGradient" in interview._stateless
    assert any("from utils.utils import" in f.text for f in right.files)
