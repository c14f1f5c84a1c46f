"""The last argument left out: another default, none at all, and what is no matter of the default."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.checks.values import ValuesCheck
from grader.core.evidence import Contrast
from grader.core.observation import Observation, Raised
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.trial import Trial
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import negSamplingCostAndGradient

Judged = Callable[..., Verdict]
Function = Callable[..., Any]
NAME = "negSamplingCostAndGradient"
CASES = ({"K": 3, "V": 6, "dataset": "target"}, {"K": 10, "V": 12, "dataset": "target"})
CHECK = ValuesCheck(function=NAME, outputs=("cost",), cases=CASES, another_default=Fraction(1, 2))


def no_default(v: Any, o: int, U: Any, dataset: Any, K: int) -> Any:
    return negSamplingCostAndGradient(v, o, U, dataset, K)


def with_default(default: int, of: Function = negSamplingCostAndGradient) -> Function:
    return lambda v, o, U, dataset, K=default: of(v, o, U, dataset, K)


@pytest.mark.parametrize("default", [1, 5, 9, 11, 30])
def test_another_default_keeps_the_share_and_is_named(default: int, judged: Judged) -> None:
    """By the number that explains the answer."""
    found = judged(CHECK, negSamplingCostAndGradient=with_default(default))
    assert (found.credit, found.reason) == (Fraction(1, 2), Reason.VALUE)
    assert found.message == f"Without K, {NAME} takes K = {default}; the default is 10."
    assert found.hint == "Write K=10 in the line that begins with def."
    (shown,) = found.evidence
    assert isinstance(shown, Contrast)
    assert (shown.source, [i.name for i in shown.inputs][-1]) == ("your own for K = 10", "outputVectors")


def test_the_right_default_is_met(judged: Judged) -> None:
    """And nothing is asked of a function where the rubric does not say so."""
    assert judged(CHECK, negSamplingCostAndGradient=negSamplingCostAndGradient) == judged(CHECK)
    assert judged(CHECK).outcome is Outcome.MET
    unasked = CHECK.model_copy(update={"another_default": Fraction(1)})
    assert judged(unasked, negSamplingCostAndGradient=with_default(9)).credit == 1


def test_what_no_default_explains_is_said_to_be_otherwise(judged: Judged) -> None:
    """Another answer, or none."""
    def otherwise(v: Any, o: int, U: Any, dataset: Any, K: int = 0) -> Any:
        return negSamplingCostAndGradient(v, o, U, dataset, K) if K else (7.0, *negSamplingCostAndGradient(v, o, U, dataset)[1:])

    assert judged(CHECK, negSamplingCostAndGradient=otherwise).message == f"Without K, {NAME} answers otherwise; the default is 10."
    required = judged(CHECK, negSamplingCostAndGradient=no_default)
    assert (required.credit, required.reason, required.hint) == (Fraction(1, 2), Reason.RAISED, "Write K=10 in the line that begins with def.")
    assert required.message.startswith(f"Without K: {NAME} raises TypeError")
    assert "missing 1 required positional argument: 'K'" in required.message
    empty = judged(CHECK, negSamplingCostAndGradient=lambda v, o, U, dataset, K=None: negSamplingCostAndGradient(v, o, U, dataset, K) if K else None)
    assert (empty.credit, empty.message[:11]) == (Fraction(1, 2), "Without K: ")


def test_a_wrong_answer_is_told_as_ever(judged: Judged) -> None:
    """No share, and no word of the default."""
    def doubled(*args: Any) -> Any:
        cost, *rest = negSamplingCostAndGradient(*args)
        return (2 * cost, *rest)

    with_it, without = (judged(CHECK, negSamplingCostAndGradient=with_default(n, doubled)) for n in (10, 9))
    assert (without.credit, without.message) == (0, with_it.message)


def test_code_for_matrices_alone_is_asked_nothing_of_its_default(judged: Judged) -> None:
    """It raises at vectors, with the argument and without it."""
    def rows(v: np.ndarray, o: int, U: Any, dataset: Any, K: int = 10) -> Any:
        assert v.ndim == 2
        return negSamplingCostAndGradient(v[0], o, U, dataset, K)

    assert judged(CHECK.model_copy(update={"as_matrix": Fraction(1)}), negSamplingCostAndGradient=rows).credit == 1


def test_answers_that_do_not_come_leave_the_verdict_to_the_others(trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """A round that was cut short: nothing is raised."""
    answers = observe(CHECK.plan(trial))
    assert len(answers) == len(CASES) + 1
    assert CHECK.judge(trial, answers[:-1]).credit == 1
    assert CHECK.judge(trial, answers[:1]).credit != 1
    assert CHECK.judge(trial, [*answers[:-1], Raised("PermissionError", "saved")]).credit == Fraction(1, 2)


@pytest.mark.parametrize("fields", [
    {"cases": (*CASES[:1], {"V": 12})}, {"cases": ()}, {"function": "skipgram", "outputs": (), "cases": ({"V": 5},)},
])
def test_a_default_that_no_case_has_is_the_authors_mistake(fields: dict[str, Any]) -> None:
    """So is one of an argument that is no size."""
    assert list(CHECK.problems(INTERFACE)) == []
    assert [p[0] for p in CHECK.model_copy(update=fields).problems(INTERFACE)] == ["another_default"]
