"""What is told beside a verdict is told where it is so, and nowhere else."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.probability import ProbabilityCheck
from grader.checks.values import ValuesCheck
from grader.checks.which import told_apart
from grader.core.verdict import Verdict
from grader.trial import Case
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import sigmoid, softmax
from tests.checks.inprocess import trial_of

Judged = Callable[..., Verdict]
KINDS = {
    "plain numbers": ("scalar", lambda x: np.ndim(x) == 0), "vectors": ("vector", lambda x: np.ndim(x) == 1),
    "matrices": ("", lambda x: np.ndim(x) == 2), "arrays of three axes": ("cube", lambda x: np.ndim(x) == 3),
}


@pytest.mark.parametrize(("kind", "is_one"), [(kind, is_one) for kind, (_, is_one) in KINDS.items()], ids=KINDS)
def test_the_kind_of_input_that_is_wrong_is_told(kind: str, is_one: Callable[[Any], bool], judged: Judged) -> None:
    """Each of four in turn, the others being right."""
    check = ValuesCheck(function="sigmoid", cases=tuple({"x": variant} if variant else {} for variant, _ in KINDS.values()))
    verdict = judged(check, sigmoid=lambda x: sigmoid(x) + 0.01 * is_one(x))
    assert verdict.message.endswith(f"It is wrong for {kind} alone, and right for all other inputs that were tried.")


@pytest.mark.parametrize(("limit", "told"), [(2.0, False), (-0.9, True)])
def test_the_kind_of_input_is_not_blamed_where_it_alone_holds_numbers_so_large(limit: float, told: bool) -> None:
    """Wrong above 2, where there is nothing but in an array of three axes; wrong above -0.9, where others are right, it is the axes."""
    spec = trial_of().interface.function("sigmoid")
    vector, cube = np.array([-1.0, 0.5, 1.5]), np.array([[[-1.0, 0.0, 3.0]]])
    cases = [Case(number, spec, {}, (x,)) for number, x in enumerate((vector, cube))]
    assert ("arrays of three axes alone" in told_apart(cases, [(cases[1], cube > limit)])) is told


def test_where_there_are_no_other_inputs_none_are_right(judged: Judged) -> None:
    """Wrong for all matrices, of matrices alone."""
    verdict = judged(ValuesCheck(function="softmax", cases=({}, {})), softmax=lambda x: softmax(x) ** 1.5)
    assert verdict.credit == 0
    assert "alone" not in verdict.message


@pytest.mark.parametrize(("fails", "is_told"), [
    (lambda x: np.max(x, axis=1), True), (lambda x: x / (1 // 0), False), (lambda x: x * math.sqrt(-1.0), False),
])
def test_a_vector_is_blamed_for_its_one_axis_where_the_error_is_about_axes(fails: Callable[[Any], Any], is_told: bool, judged: Judged) -> None:
    """Another exception at a vector has another hint, or none."""
    verdict = judged(ValuesCheck(function="softmax", cases=({"x": "vector"},)), softmax=fails)
    assert verdict.credit == 0
    assert ("A vector has one axis" in verdict.hint) is is_told


@pytest.mark.parametrize(("function", "output", "problem"), [
    ("softmax", "p", "softmax returns no 'p'."), ("forward_backward_prop", "", "forward_backward_prop returns 2 results."),
    ("forward_backward_prop", "p", "forward_backward_prop returns no 'p'."),
])
def test_which_result_are_probabilities_is_the_authors_to_say(function: str, output: str, problem: str) -> None:
    """What is wrong with the name that is given, or that there is none where there are several."""
    check = ProbabilityCheck(function=function, output=output) if output else ProbabilityCheck(function=function)
    assert [(field, text) for field, text, _ in check.problems(INTERFACE) if field == "output"] == [("output", problem)]


@pytest.mark.parametrize(("field", "value"), [("rtol", 1.0), ("atol", 1.0), ("rtol", -1e-9), ("as_matrix", "1.01"), ("as_matrix", "-0.1")])
def test_a_tolerance_or_share_out_of_range_is_refused(field: str, value: object) -> None:
    """With a tolerance of 1 zeros would be right, and a share above 1 would be a gift."""
    given = {"kind": "values", "function": "softmax", "rtol": 1e-6, "atol": 1e-9}
    ValuesCheck.model_validate(given | {"rtol": 0.999, "atol": 0.0, "as_matrix": "1"})
    with pytest.raises(ValueError, match=field):
        ValuesCheck.model_validate(given | {field: value})


@pytest.mark.parametrize(("off", "credit"), [(1e-8, 1), (1e-4, 0)])
def test_the_default_tolerance_lies_between_noise_and_the_smallest_fault(off: float, credit: int, judged: Judged) -> None:
    """One entry wrong by 1e-8 of itself is rounding, by 1e-4 a fault."""
    def near(x: np.ndarray) -> np.ndarray:
        y = softmax(x)
        y.flat[np.argmax(y)] *= 1 + off
        return y

    assert judged(ValuesCheck(function="softmax"), softmax=near).credit == credit
