"""What every reason says to a student."""

import pytest

from grader.core.reason import Reason

NOT_THE_STUDENTS = (Reason.HOST, Reason.OWN_CHECK, Reason.NOT_ASKED)
TOLD_BY_THE_VERDICT = (Reason.NOT_ATTEMPTED, Reason.MISCONCEPTION)


@pytest.mark.parametrize("reason", Reason)
def test_each_loss_of_a_student_has_a_next_step(reason: Reason) -> None:
    """Sentences, both of them; those whose mistake has a hint of its own, and ours, have none."""
    assert reason.sentence.endswith(".")
    if reason in (*NOT_THE_STUDENTS, *TOLD_BY_THE_VERDICT):
        assert reason.hint == ""
    else:
        assert reason.hint.endswith(".")


def test_of_what_is_not_finite_all_causes_are_told() -> None:
    """NaN and infinity come of different things."""
    nan, infinity = Reason.NOT_FINITE.hint.split(";")
    assert "log of a negative number" in nan
    assert "log(0)" in infinity
