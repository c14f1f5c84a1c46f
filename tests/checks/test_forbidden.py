"""What a student reads whose code tried what a submission may not do."""

import pytest

from grader.checks.answers import trouble
from grader.core.observation import Died, Frame, Observation, Raised, Unavailable
from grader.core.reason import Reason
from grader.core.verdict import Outcome
from grader.trial import Case, Trial

FRAMES = (Frame("submit.py", 4, "softmax", "open('/etc/passwd')"),)
TRIED = "tried something that a submission may not do (open a file, start a process, use the network)"


@pytest.fixture
def softmax(trial: Trial) -> Case:
    """One set of inputs of softmax."""
    return trial.cases("softmax")[0]


@pytest.mark.parametrize(
    ("observation", "message"),
    [
        (Raised("PermissionError", "[Errno 13] Permission denied: 'a'", FRAMES), f"softmax {TRIED}: [Errno 13] Permission denied: 'a'"),
        (Raised("PermissionError", "[Errno 1] Operation not permitted", FRAMES), f"softmax {TRIED}: [Errno 1] Operation not permitted"),
        (Raised("OSError", "[Errno 38] Function not implemented", FRAMES), f"softmax {TRIED}: [Errno 38] Function not implemented"),
        (Unavailable("softmax", Raised("PermissionError", "[Errno 13] no", FRAMES), "q1"),
         f"softmax cannot be called: q1, while it is loaded, {TRIED}: [Errno 13] no"),
        (Died("signal", 31), "softmax made a system call that a submission may not make, and was stopped."),
    ],
)  # fmt: skip
def test_a_forbidden_operation_is_named(softmax: Case, observation: Observation, message: str) -> None:
    """Not met, with a reason of its own and a sentence."""
    verdict = trouble([observation], [softmax])
    assert verdict is not None
    assert (verdict.outcome, verdict.reason, verdict.message) == (Outcome.NOT_MET, Reason.FORBIDDEN, message)


@pytest.mark.parametrize(
    ("observation", "reason"),
    [
        (Raised("OSError", "[Errno 28] No space left on device", FRAMES), Reason.RAISED),
        (Raised("FileNotFoundError", "[Errno 2] No such file or directory: 'a'", FRAMES), Reason.RAISED),
        (Unavailable("softmax", Raised("OSError", "[Errno 5] x", FRAMES), "q1"), Reason.CANNOT_LOAD),
        (Died("signal", 11), Reason.DIED),
    ],
)
def test_other_trouble_keeps_its_reason(softmax: Case, observation: Observation, reason: Reason) -> None:
    """Neighbours of the above."""
    verdict = trouble([observation], [softmax])
    assert verdict is not None
    assert verdict.reason is reason
