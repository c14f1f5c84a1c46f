"""Whose fault an exception is: the student's, an older numpy's, Python 2's, or that of a package that is not here."""

import numpy as np
import pytest

from grader.checks.values import ValuesCheck
from grader.core.observation import Frame, Observation, Raised
from grader.core.reason import Reason
from grader.core.verdict import Outcome
from grader.trial import Trial


def _removed(name: str) -> str:
    """What this numpy says of a name that it has dropped."""
    try:
        getattr(np, name)
    except AttributeError as error:
        return str(error)
    pytest.skip(f"this numpy still has {name}")


NAMES = ("mat", "float", "int", "product", "asscalar", "NaN", "alltrue", "in1d", "trapz")


@pytest.mark.parametrize("name", NAMES)
def test_names_that_numpy_has_dropped_are_the_environments(name: str, trial: Trial) -> None:
    """As this numpy words it: ungraded, not zero."""
    verdict = _verdict(trial, Raised("AttributeError", _removed(name)))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNGRADED, Reason.ENVIRONMENT)


@pytest.mark.parametrize(("type_", "message", "reason"), [
    ("AttributeError", "module 'numpy' has no attribute 'sofmax'", Reason.RAISED),
    ("NameError", "name 'xrange' is not defined", Reason.PYTHON_2),
    ("AttributeError", "'dict' object has no attribute 'iteritems'", Reason.PYTHON_2),
    ("NameError", "name 'y_hat' is not defined", Reason.RAISED),
    ("TypeError", "reshape() got an unexpected keyword argument 'newshape'", Reason.ENVIRONMENT),
    ("PackageNotAvailable", "needs the package 'sklearn', which is not available here", Reason.ENVIRONMENT),
    ("MemoryError", "", Reason.MEMORY),
    ("NotImplementedError", "", Reason.NOT_ATTEMPTED),
    ("PermissionError", "[Errno 13] Permission denied: '/etc/passwd'", Reason.FORBIDDEN),
    ("ValueError", "setting an array element with a sequence.", Reason.RAISED),
])
def test_who_is_blamed(type_: str, message: str, reason: Reason, trial: Trial) -> None:
    """By what the exception says."""
    assert _verdict(trial, Raised(type_, message)).reason is reason


def _verdict(trial: Trial, observation: Observation):
    check = ValuesCheck(function="sigmoid")
    return check.judge(trial, [observation] * len(check.plan(trial)))


ONE_NUMBER = "only 0-dimensional arrays can be converted to Python scalars"


@pytest.mark.parametrize(("function", "line", "reason"), [
    ("sigmoid", "    return 1 / (1 + math.exp(-x))", Reason.RAISED),
    ("sigmoid", "    return 1 / (1 + exp(-1.0 * x))", Reason.RAISED),
    ("softmax", "    e = math.exp(x - m)", Reason.RAISED),
    ("sigmoid", "    return float(z) / np.exp(-x)", Reason.ENVIRONMENT),
    ("softmax", "    total = math.log(np.sum(np.exp(x), keepdims=True))", Reason.ENVIRONMENT),
    ("softmaxCostAndGradient", "    cost = -math.log(p)", Reason.ENVIRONMENT),
])
def test_arrays_of_several_entries_were_never_numbers(function: str, line: str, reason: Reason, trial: Trial) -> None:
    """This numpy says so of those of one entry as well, which older ones took."""
    check = ValuesCheck(function=function)
    error = Raised("TypeError", ONE_NUMBER, (Frame("hw.py", 3, function, line),))
    verdict = check.judge(trial, [error] * len(check.plan(trial)))
    assert verdict.reason is reason
    assert ("np.exp" in verdict.hint) is (reason is Reason.RAISED)


def test_what_numpy_says_ends_with_a_full_stop(trial: Trial) -> None:
    """Before the grader's own sentence begins."""
    assert _verdict(trial, Raised("TypeError", ONE_NUMBER)).message.endswith(f"{ONE_NUMBER}. The code is older than this numpy.")
