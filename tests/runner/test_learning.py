"""What is asked of every submission of a class is read once by the worker; what many answer is read once by the grader."""

import numpy as np
import pytest

from grader.core.errors import GraderError
from grader.core.observation import Returned
from grader.core.probe import Group, Probe
from grader.runner import codec, session
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program, Source
from grader.worker.wire import WireError, encode

GROUPS = [Group(tuple(Probe("f", (np.full(3, 10.0 * g + i),)) for i in range(3))) for g in range(4)]
DOUBLE = "def f(x): return 2 * x\n"
MEDDLER = """
import sys
def f(x):
    frame = sys._getframe()
    while "serve" not in frame.f_code.co_name:
        frame = frame.f_back
    for calls in frame.f_locals["self"].questions:
        for _, (x_later,) in calls:
            x_later[:] = 7.0
    return 2 * x
"""


def asked(server: ForkServer, text: str, groups: list[Group] = GROUPS) -> list[list[float]]:
    program = Program((Source("submit", "submit.py", text),), {"f": ("submit",)})
    return [[float(o.value[0]) for o in answers if isinstance(o, Returned)] for answers in server.observe(program, groups, doubted=program.lookup)]  # type: ignore[index, call-overload]


def known(server: ForkServer, groups: list[Group] = GROUPS) -> int:
    """How many of the groups its children know by number."""
    return sum(session._questions(g).frame in server.zygote._questions for g in groups)  # type: ignore[union-attr]


def test_what_two_submissions_were_asked_is_known_to_the_third() -> None:
    """The answers are those to the very same inputs, and what one submission does to the questions is nothing to the next."""
    right = [[2.0 * (10 * g + i) for i in range(3)] for g in range(4)]
    with ForkServer() as server:
        assert [(asked(server, DOUBLE) == right, known(server)) for _ in range(4)] == [(True, 0), (True, 0), (True, 4), (True, 4)]
        assert asked(server, MEDDLER) != right
        assert asked(server, DOUBLE) == right


def test_other_questions_are_sent() -> None:
    """Those of another assignment, or of a follow-up that nobody else was asked; known ones keep their numbers."""
    other = [Group((Probe("f", (np.full(3, 0.5),)),)), GROUPS[2]]
    with ForkServer() as server:
        for _ in range(3):
            asked(server, DOUBLE)
        for _ in range(3):
            assert asked(server, DOUBLE, other) == [[1.0], [40.0, 42.0, 44.0]]
        assert known(server, [*GROUPS, *other]) == 6


def test_a_new_worker_knows_nothing() -> None:
    """It is told anew."""
    with ForkServer() as server:
        for _ in range(3):
            asked(server, DOUBLE)
        server.renew()
        assert asked(server, DOUBLE)[3] == [60.0, 62.0, 64.0]
        assert known(server) == 0


def test_a_worker_that_is_lost_while_it_learns_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pays for that."""
    with ForkServer() as server:
        for _ in range(2):
            asked(server, DOUBLE)

        def lost() -> None:
            raise GraderError("the worker has ended")

        monkeypatch.setattr(server.zygote, "learn", lost)
        assert asked(server, DOUBLE)[3] == [60.0, 62.0, 64.0]


COUNTS = "made = []\ndef f(x):\n    made.append(x)\n    return np.full(700 * (x[0] == 5.0) + 1, float(len(made)))\n"


@pytest.mark.parametrize(("stateless", "third"), [(True, [[1, 2], [1, 3], [4, 5], [6], [7]]), (False, [[1, 2], [3, 4], [5, 6], [7], [8]])])
def test_what_is_asked_again_is_called_once(*, stateless: bool, third: list[list[int]]) -> None:
    """Where nothing is kept between calls, and not for a question that repeats itself, nor for a large answer."""
    groups = [Group(tuple(Probe("f", (np.full(3, float(x)),)) for x in xs)) for xs in ([1, 2], [1, 3], [4, 4], [5], [5])]
    program = Program((Source("submit", "submit.py", f"import numpy as np\n{COUNTS}"),), {"f": ("submit",)}, stateless=stateless)
    with ForkServer() as server:
        seen = [server.observe(program, groups) for _ in range(3)]
    counted = [[[int(o.value[0]) for o in answers if isinstance(o, Returned)] for answers in one] for one in seen]  # type: ignore[index, call-overload]
    assert counted == [[[1, 2], [3, 4], [5, 6], [7], [8]]] * 2 + [third]


def frame(value: object) -> bytes:
    return encode({"kind": "returned", "value": value})


def test_equal_answers_are_read_once() -> None:
    """They are one object, and nobody can change what it says."""
    answers = codec.AnswerReader(Limits())
    first = answers.read(frame(np.ones(3)))
    assert answers.read(frame(np.ones(3))) is first
    assert answers.read(frame(np.full(3, 2.0))) is not first
    assert isinstance(first, Returned)
    with pytest.raises(ValueError, match="read-only"):
        first.value[0] = 2.0  # type: ignore[index, call-overload]


def test_answers_are_forgotten_when_there_are_too_many() -> None:
    """The latest are kept; one that is too large for that is read every time."""
    size = len(frame(1000))
    answers = codec.AnswerReader(Limits(), room=3 * size)
    kept = {n: answers.read(frame(n)) for n in range(1000, 1010)}
    assert [answers.read(frame(n)) is kept[n] for n in (1009, 1008, 1007, 1000)] == [True, True, True, False]
    large = frame(np.ones(100))
    assert answers.read(large) is not answers.read(large)


def test_no_answer_is_kept_that_is_none() -> None:
    """It is refused the second time, too."""
    answers = codec.AnswerReader(Limits())
    for _ in range(2):
        with pytest.raises(WireError):
            answers.read(encode({"kind": "host_error", "problem": "x"}))
