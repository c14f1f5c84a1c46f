"""Answers of nearly the form that was declared, and modules that are nearly loaded: what is said of them."""

from collections.abc import Callable

import numpy as np
import pytest

from grader.checks.values import ValuesCheck
from grader.core.evidence import Traceback
from grader.core.observation import Observation, Raised, Unavailable
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.trial import Trial
from reference.cs224n_a1.solutions import softmax

CHECK = ValuesCheck(function="softmax", cases=({"N": 3, "D": 4},))


@pytest.mark.parametrize(("wrong", "transposed"), [
    (lambda y: y.T, True), (lambda y: y[:, :3].T, False), (lambda y: y[:2], False), (lambda y: y.reshape(2, 6), False),
])
def test_only_what_is_transposed_is_said_to_be(wrong: Callable[[np.ndarray], np.ndarray], transposed: bool, judged: Callable[..., Verdict]) -> None:
    """Not every matrix of a wrong shape."""
    verdict = judged(CHECK, softmax=lambda x: wrong(softmax(x)))
    assert verdict.reason is Reason.SHAPE
    assert ("transposed" in f"{verdict.message} {verdict.hint}") is transposed


def test_a_package_that_is_not_here_is_said_with_the_module_that_wants_it(trial: Trial) -> None:
    """Nobody is judged: it is the machine that lacks something, and the import shows where."""
    error = Raised("ModuleNotFoundError", "the package 'torch' is not available here.")
    verdict = CHECK.judge(trial, [Unavailable("softmax", error, "q1_softmax")] * len(CHECK.plan(trial)))
    assert (verdict.outcome, verdict.reason, verdict.credit) == (Outcome.UNGRADED, Reason.ENVIRONMENT, None)
    assert verdict.message == "q1_softmax could not be loaded here: the package 'torch' is not available here."
    (shown,) = verdict.evidence
    assert isinstance(shown, Traceback)
    assert shown.call == "import q1_softmax"


@pytest.mark.parametrize("message", [
    "index 5 is out of bounds for axis 0 with size 3", "setting an array element with a sequence.", "shape mismatch: indexing arrays could not be broadcast",
    "only length-1 arrays can be converted to Python scalars",
])
def test_an_exception_of_which_no_line_is_known_is_one(message: str, trial: Trial) -> None:
    """In no code of the student's: in words that numpy has for what older ones took, too."""
    raised: list[Observation] = [Raised("IndexError", message)] * len(CHECK.plan(trial))
    assert CHECK.judge(trial, raised).reason is Reason.RAISED
