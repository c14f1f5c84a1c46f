"""The cases that a rubric declares are those that are asked, and one is enough."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.checks.base import Check
from grader.checks.cases import case_problems
from grader.checks.gradient import GradientCheck
from grader.checks.probability import ProbabilityCheck
from grader.checks.purity import PurityCheck
from grader.checks.relation import RelationCheck
from grader.checks.shape import ShapeCheck
from grader.checks.stability import StabilityCheck
from grader.checks.values import ValuesCheck
from grader.core.observation import Observation
from grader.core.reason import Reason
from grader.core.verdict import Verdict
from grader.trial import Trial
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import FUNCTIONS, softmax
from tests.checks.inprocess import trial_of

Judged = Callable[..., Verdict]
ONE = ({"N": 11},)
CHECKS: tuple[Check, ...] = (
    ValuesCheck(function="softmax", cases=ONE), ShapeCheck(function="softmax", cases=ONE), PurityCheck(function="softmax", cases=ONE),
    ProbabilityCheck(function="softmax", cases=ONE), StabilityCheck(function="softmax", cases=ONE),
    RelationCheck(function="softmax", relation="shift_invariance", cases=ONE),
    GradientCheck(function="forward_backward_prop", cost="cost", gradient="grad", wrt="params", cases=ONE),
)
every_check = pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.kind)


@every_check
def test_the_declared_sizes_are_asked_and_no_other(check: Check, trial: Trial) -> None:
    """Eleven rows, which no case has by itself: every matrix that is asked about has them."""
    assert {np.shape(p.args[0])[0] for p in check.plan(trial)} == {11}


@every_check
def test_a_right_solution_meets_a_check_of_one_case(check: Check, judged: Judged) -> None:
    """Whatever else is asked of it."""
    assert judged(check).credit == 1


@every_check
@pytest.mark.parametrize(("wrong", "kept"), [
    (lambda y: y * 0.5, {"shape", "purity", "relation"}), (lambda y: y[..., :-1], {"purity"}), (lambda y: y * 0, set()), (lambda y: y * np.nan, set()),
], ids=["half", "a column less", "zeros", "nan"])
def test_a_wrong_one_is_met_by_those_alone_whose_matter_it_is_not(check: Check, wrong: Callable[[Any], Any], kept: set[str], judged: Judged) -> None:
    """Nor does a judge stumble over there being no second case."""
    def network(*args: Any) -> Any:
        cost, grad = FUNCTIONS["forward_backward_prop"](*args)
        return cost, wrong(grad)

    verdict = judged(check, softmax=lambda x: wrong(softmax(x)), forward_backward_prop=network)
    assert (verdict.credit == 1) is (check.kind in kept)


@pytest.mark.parametrize(("entry", "said"), [
    ({"D": 1}, None), ({"D": 0}, ("D: 0 is no size.", "Write a whole number from 1.")),
    ({"postprocessing": "in_place"}, None),
    ({"postprocessing": "inplace"}, ("postprocessing: there is no variant 'inplace'.", "Write one of: none, pure, in_place.")),
    ({"step": "large"}, ("step: there is no variant 'large'.", "Leave step out: it has no variants.")),
    ({"steps": 3}, ("steps: sgd has no dim or parameter of this name.", "Write one of: D, K, x0, postprocessing.")),
], ids=str)
def test_a_case_that_no_trial_could_draw_is_told_with_what_to_write(entry: dict[str, int | str], said: tuple[str, str] | None) -> None:
    """By its number; a parameter that has no variants is not offered."""
    found = list(case_problems(({"D": 3}, entry), INTERFACE.function("sgd")))
    assert found == ([] if said is None else [("cases", f"case 2, {said[0]}", said[1])])


def test_a_shape_is_no_answer_to_all_arguments_where_there_was_one(judged: Judged) -> None:
    """That the same array came back for all of them is said where there were several."""
    def fixed(x: np.ndarray) -> np.ndarray:
        return np.ones((2, 2))

    one = judged(ValuesCheck(function="softmax", cases=ONE), softmax=fixed)
    two = judged(ValuesCheck(function="softmax", cases=(*ONE, {"N": 5})), softmax=fixed)
    assert (one.reason, two.reason) == (Reason.SHAPE, Reason.SHAPE)
    assert "argument" not in one.hint
    assert one.hint != two.hint


def test_half_of_the_entries_is_enough_to_call_a_function_pure(trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """One entry less than half is too little."""
    check = PurityCheck(function="softmax", cases=({"N": 4, "D": 5},))
    assert replace(check.judge(trial, observe(check.plan(trial), softmax=lambda x: softmax(x)[:2])), notes=()).credit == 1
    assert check.judge(trial, observe(check.plan(trial), softmax=lambda x: softmax(x)[:2].ravel()[:-1])).credit == 0


@pytest.mark.parametrize("seed", range(10))
def test_the_class_of_the_least_or_greatest_cost_can_be_asked_for(seed: int) -> None:
    """Of every row, and whatever the seed: yhat is largest there, or smallest."""
    trial = trial_of(seed)
    for variant, best in (("likeliest", np.argmax), ("unlikeliest", np.argmin)):
        (one, several) = trial.cases("forward_backward_prop", ({"N": 1, "labels": variant}, {"N": 3, "labels": variant}))
        residual = trial.answer(one)["grad"][-one.sizes["Dy"]:]
        labels = np.asarray(one.arg("labels"))
        assert best(residual + labels[0]) == labels[0].argmax()
        assert len({int(row.argmax()) for row in np.asarray(several.arg("labels"))}) == 1


@pytest.mark.parametrize(("param", "known"), [("labels", True), ("data", False)])
def test_one_hot_rows_alone_have_a_likeliest_class(param: str, known: bool) -> None:
    """Elsewhere it is an author's mistake."""
    problems = list(case_problems([{param: "likeliest"}], INTERFACE.function("forward_backward_prop")))
    assert (not problems) is known
