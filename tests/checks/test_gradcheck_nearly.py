"""Checkers of gradients that nearly do as they should, and what their students are told."""

import pytest

from grader.core.evidence import Contrast
from grader.core.observation import Frame, Observation, Raised, Returned
from grader.core.reason import Reason
from grader.core.verdict import Outcome
from reference.cs224n_a1.solutions import gradcheck_naive
from tests.checks.inprocess import trial_of
from tests.checks.test_gradcheck import CHECKS, checker, verdict


@pytest.mark.parametrize("aspect", ["right", "planted", "random"])
def test_who_raises_that_every_check_failed_has_said_so(aspect: str) -> None:
    """Of right gradients too, in the words of a failure: it is told what it said, and not that it raised."""
    check, trial = CHECKS[aspect], trial_of(0)
    error = Raised("ValueError", "Gradient check failed.", (Frame("hw.py", 3, "gradcheck_naive", "raise ValueError(message)"),))
    found = check.judge(trial, [error] * len(check.plan(trial)))
    assert (found.reason, found.credit) == (Reason.DEGENERATE, 0)
    assert found.message.startswith("It says that right gradients failed")
    assert found.notes == ('a ValueError was taken for "failed"',)


def test_where_an_x_is_not_put_back_is_said() -> None:
    """By the name of the question: which gradient it was, and which of its entries was wrong."""
    (shown,) = (e for e in verdict("restores", checker(restore_on_failure=False)).evidence if isinstance(e, Contrast))
    assert shown.returned.text.startswith("x was changed, for a gradient of a matrix x whose middle entry is wrong by ")
    assert verdict("restores", gradcheck_naive).outcome is Outcome.MET


def test_a_riddle_without_an_answer_does_not_stand_for_the_next_one() -> None:
    """Who passes the right gradient of a linear function does not have the comparison the wrong way round."""
    check, trial = CHECKS["right"], trial_of(0)
    failed = [Returned(None, printed="failed")] * len(check.plan(trial))
    passed = [Returned(None, printed="passed")] * 4
    riddles: list[Observation] = [Raised("IndexError", "too many indices"), *passed, Returned(None, printed="failed")]
    assert len(riddles) == len(check.follow_up(trial, failed))
    assert "wrong ones passed" not in check.judge(trial, failed, riddles).message
