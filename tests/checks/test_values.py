"""Values against the reference: how near, in which order, and what a known mistake is worth."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.checks.answers import describe
from grader.checks.base import Check
from grader.checks.shape import ShapeCheck
from grader.checks.values import ValuesCheck
from grader.core.evidence import Contrast
from grader.core.observation import Returned
from grader.core.probe import Opaque
from grader.core.reason import Reason
from grader.core.verdict import Verdict
from grader.trial import Trial
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.misconceptions import MISCONCEPTIONS
from reference.cs224n_a1.solutions import skipgram, softmax, softmaxCostAndGradient
from tests.checks.inprocess import ask, trial_of

Judged = Callable[..., Verdict]
SOFTMAX = ValuesCheck(function="softmax")
WORDS = ValuesCheck(function="softmaxCostAndGradient")
COST = ValuesCheck(function="softmaxCostAndGradient", outputs=("cost",))


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize(("share", "credit"), [(0.9, 1), (1.1, 0)])
def test_the_tolerance_is_pinned_on_both_sides(share: float, sign: float, credit: int, judged: Judged) -> None:
    """Of one entry, which the evidence points at."""
    def near(x: np.ndarray) -> np.ndarray:
        y = softmax(x)
        y[-1, -1] += sign * share * (SOFTMAX.atol + SOFTMAX.rtol * y[-1, -1])
        return y

    verdict = judged(SOFTMAX, softmax=near)
    assert verdict.credit == credit
    for evidence in verdict.evidence:
        assert isinstance(evidence, Contrast)
        assert (evidence.differ, evidence.rtol, evidence.atol) == (1, SOFTMAX.rtol, SOFTMAX.atol)


@pytest.mark.parametrize(("answer", "reason"), [
    (lambda x: softmax(x).T, Reason.SHAPE), (lambda x: softmax(x) * np.nan, Reason.NOT_FINITE), (lambda x: 0 / 0, Reason.RAISED),
    (lambda x: None, Reason.TYPE), (lambda x: softmax(x) ** 1.5, Reason.VALUE),
])
def test_form_comes_before_values(answer: Callable[[np.ndarray], Any], reason: Reason, judged: Judged) -> None:
    """Each has a verdict of its own."""
    assert judged(SOFTMAX, softmax=answer).reason is reason


def test_a_number_has_no_entries_to_count(judged: Judged) -> None:
    """One number is wrong, not 1 of 1 entries."""
    verdict = judged(COST, softmaxCostAndGradient=lambda *given: (softmaxCostAndGradient(*given)[0] ** 2 + 1, *softmaxCostAndGradient(*given)[1:]))
    assert verdict.message == "cost of softmaxCostAndGradient is not what it should be."


KINDS = ValuesCheck(function="softmax", cases=({"x": "vector"}, {}, {"N": 1}, {}, {"x": "int_vector"}, {"x": "integers"}))


@pytest.mark.parametrize(("wrong", "kind"), [
    (lambda x: x.dtype.kind == "i", "whole numbers"),
    (lambda x: x.ndim == 1, "vectors"),
    (lambda x: x.ndim == 2 and len(x) == 1, "matrices of one row"),
    (lambda x: x.ndim == 2, "matrices"),
    (lambda x: x.ndim == 2 and len(x) > 1, ""),
    (lambda x: True, ""),
], ids=["ints", "vectors", "one row", "matrices", "several rows", "all"])
def test_the_kind_of_input_that_is_wrong_is_told(wrong: Callable[[np.ndarray], bool], kind: str, judged: Judged) -> None:
    """If every one of it is wrong, and nothing else."""
    def answer(x: np.ndarray) -> np.ndarray:
        return np.sqrt(softmax(x)) if wrong(x) else softmax(x)

    verdict = judged(KINDS, softmax=answer)
    assert verdict.reason is Reason.VALUE
    said = f" It is wrong for {kind} alone, and right for all other inputs that were tried."
    assert verdict.message.endswith(said) if kind else "alone" not in verdict.message


def test_an_argument_that_is_changed_is_a_note_and_comes_first_where_values_are_wrong(judged: Judged) -> None:
    """No points are lost for it alone; what the handout lets a function change is not told of."""
    def changing(wrong: float, by: float) -> Callable[..., Any]:
        def answer(v: Any, target: int, U: Any, dataset: Any) -> Any:
            cost, *gradients = softmaxCostAndGradient(v, target, U, dataset)
            U[target] *= by
            return (cost + wrong * cost**2, *gradients)
        return answer

    sentence = "softmaxCostAndGradient changes its argument outputVectors: work on a copy."
    right = judged(COST, softmaxCostAndGradient=changing(0.0, 1 + 1e-12))
    assert (right.credit, right.notes) == (1, (sentence,))
    assert judged(COST, softmaxCostAndGradient=changing(0.0, 1.0)).notes == ()
    wrong = judged(COST, softmaxCostAndGradient=changing(0.3, 0.5))
    assert (wrong.reason, wrong.message) == (Reason.VALUE, f"{sentence} cost of softmaxCostAndGradient is not what it should be.")
    assert "copy" in wrong.hint

    def in_place(x: np.ndarray) -> np.ndarray:
        x[:] = softmax(x)
        return x

    assert judged(SOFTMAX, softmax=in_place).notes == ()


@pytest.mark.parametrize(("changed", "by", "credit"), [(2, 1.5, Fraction(1, 3)), (0, 1.5, Fraction(1, 3)), (2, 1.0, 1)])
def test_a_right_function_that_changes_its_arguments_keeps_the_share_that_the_rubric_gives(
    changed: int, by: float, credit: Fraction, judged: Judged
) -> None:
    """Said as a reason, not as a note; one that writes what was there before changes nothing."""
    def answer(*given: Any) -> Any:
        right = softmaxCostAndGradient(*given)
        given[changed][...] *= by
        return right

    verdict = judged(COST.model_copy(update={"changing": Fraction(1, 3)}), softmaxCostAndGradient=answer)
    assert verdict.credit == credit
    if credit != 1:
        name = ("predicted", "target", "outputVectors")[changed]
        assert (verdict.reason, verdict.notes) == (Reason.CHANGED_INPUT, ())
        assert verdict.message == f"softmaxCostAndGradient changes its argument {name}: work on a copy."


def test_what_a_function_may_change_costs_nothing(judged: Judged) -> None:
    """However little the rubric leaves to those that change something else."""
    def in_place(x: np.ndarray) -> np.ndarray:
        x[...] = softmax(x)
        return x

    assert judged(ValuesCheck(function="softmax", cases=({},), changing=Fraction(0)), softmax=in_place).credit == 1


def test_wrong_values_cost_no_more_where_arguments_are_changed_too(judged: Judged) -> None:
    """What is lost is lost once; the share is for right answers alone."""
    def answer(*given: Any) -> Any:
        cost, *gradients = softmaxCostAndGradient(*given)
        given[2][...] *= 1.5
        return (cost / 2, *gradients)

    check = COST.model_copy(update={"changing": Fraction(1, 2), "conventions": {"halved": Fraction(1, 4)}})
    assert judged(check, softmaxCostAndGradient=answer).credit == Fraction(1, 4)


def test_results_that_are_not_asked_for_are_not_judged(judged: Judged) -> None:
    """Neither their form nor what they are."""
    def cost_alone(*args: Any) -> Any:
        return softmaxCostAndGradient(*args)[0], np.array([np.nan]), "gradient"

    assert judged(COST, softmaxCostAndGradient=cost_alone).credit == 1
    assert judged(WORDS, softmaxCostAndGradient=cost_alone).reason is Reason.SHAPE


@pytest.mark.parametrize("single", [(), (0,), (3,), (0, 1, 2, 3)])
def test_a_convention_keeps_its_share_whichever_answers_are_in_single_precision(single: tuple[int, ...]) -> None:
    """One mistake is to explain them all, as coarsely as the coarsest."""
    trial = trial_of(1, MISCONCEPTIONS)
    check = ValuesCheck(function="softmax", conventions={"negative_exponent": "1/2"})
    answers = iter(range(4))

    def of_minus_x(x: np.ndarray) -> np.ndarray:
        y = softmax(-x)
        return np.asarray(y + 4 * 2.0**-23 * y.max(), np.float32) if next(answers) in single else y

    verdict = check.judge(trial, ask(check.plan(trial), of_minus_x))
    assert (verdict.reason, verdict.credit) == (Reason.MISCONCEPTION, Fraction(1, 2))


@pytest.mark.parametrize("kind", [ValuesCheck, ShapeCheck])
@pytest.mark.parametrize(("function", "outputs", "known"), [
    ("skipgram", ("cost", "gradCenter"), "cost, gradIn, gradOut"), ("gradcheck_naive", ("cost",), "none"), ("skipgram", ("gradIn",), ""),
])
def test_outputs_that_a_function_lacks_are_the_authors_mistake(
    kind: type[Check], function: str, outputs: tuple[str, ...], known: str
) -> None:
    """Of a function that returns nothing too."""
    problems = list(kind(function=function, outputs=outputs).problems(INTERFACE))  # type: ignore[call-arg]
    assert problems == ([("outputs", f"{function} returns no {outputs[-1]!r}.", f"Write some of: {known}.")] if known else [])


SHAPED = ValuesCheck(function="softmax", cases=({"x": "vector"}, {}, {"N": 1}))


@pytest.mark.parametrize(("answer", "hint"), [
    (lambda x: softmax(np.atleast_2d(x)), "reshape it to the shape that x came in"),
    (lambda x: np.squeeze(softmax(x)) if len(x) == 1 else softmax(x), "reshape it to the shape that x came in"),
    (lambda x: softmax(x)[:-1], ""),
    (lambda x: np.eye(2), "the same whatever it is given"),
])
def test_a_wrong_shape_comes_with_what_to_write(answer: Callable[[np.ndarray], Any], hint: str, judged: Judged) -> None:
    """Axes of length 1 alone, or an argument that is never read; else nothing is claimed."""
    found = judged(SHAPED, softmax=answer)
    assert found.reason is Reason.SHAPE
    assert hint in found.hint
    assert bool(hint) == bool(found.hint)


@pytest.mark.parametrize(("order", "returned"), [
    ((0, 2, 1), "cost, grad and gradPred"), ((1, 2, 0), "gradPred, grad and cost"), ((2, 1, 0), "grad, gradPred and cost"),
])
def test_results_in_another_order_are_named_in_it(order: tuple[int, ...], returned: str, judged: Judged) -> None:
    """By their shapes, if each has another's; one that has nobody's is a shape of its own."""
    found = judged(WORDS, softmaxCostAndGradient=lambda *given: tuple(softmaxCostAndGradient(*given)[i] for i in order))
    assert (found.reason, found.credit) == (Reason.SHAPE, 0)
    assert found.message == f"softmaxCostAndGradient returns {returned} in this order, but should return cost, gradPred and grad."
    assert found.hint == "End with: return cost, gradPred, grad."
    short = judged(WORDS, softmaxCostAndGradient=lambda *given: tuple(softmaxCostAndGradient(*given)[i][..., :1] if i else 0.0 for i in order))
    assert "in this order" not in short.message


def test_results_whose_shapes_do_not_tell_them_apart_are_in_no_order(judged: Judged) -> None:
    """gradIn and gradOut have one shape: where a number came in the place of one, it may be either's."""
    def moved(*given: Any) -> Any:
        cost, gradIn, gradOut = skipgram(*given)
        return gradIn, cost, gradOut

    found = judged(ValuesCheck(function="skipgram"), skipgram=moved)
    assert found.reason is Reason.SHAPE
    assert "in this order" not in found.message


@pytest.mark.parametrize("off", [0.0, 1e-3])
def test_a_cost_that_is_nan_is_named_where_all_else_is_as_the_mistake_has_it(off: float) -> None:
    """The probability was overwritten before its logarithm was taken; with other gradients something else is the matter."""
    trial = trial_of(2, MISCONCEPTIONS)

    def overwritten(*given: Any) -> Any:
        _, gradPred, grad = softmaxCostAndGradient(*given)
        return np.nan, gradPred + off, grad

    found = COST.judge(trial, ask(COST.plan(trial), overwritten))
    assert found.credit == 0
    assert found.reason is (Reason.NOT_FINITE if off else Reason.MISCONCEPTION)
    assert ("changed in place before" in found.message) is (not off)


def test_terms_of_a_cost_are_to_be_added_up(judged: Judged) -> None:
    """One cost for each entry, where a number is meant."""
    def one_by_one(*given: Any) -> Any:
        cost, *rest = softmaxCostAndGradient(*given)
        return np.full(4, cost / 4), *rest

    assert judged(COST, softmaxCostAndGradient=one_by_one).hint == "If these are the terms of a sum, add them up: np.sum, without an axis."


def test_an_infinite_cost_of_labels_speaks_of_their_logarithm(judged: Judged) -> None:
    """yhat and y have changed places."""
    network = ValuesCheck(function="forward_backward_prop", outputs=("cost",))
    found = judged(network, forward_backward_prop=lambda data, labels, *rest: (-np.sum(np.log(labels) * 0.5), rest[0]))
    assert found.reason is Reason.NOT_FINITE
    assert found.hint.endswith("labels are 0 but at one class, and so have no logarithm there.")
    assert not judged(COST, softmaxCostAndGradient=lambda *given: (np.inf, 0, 0)).hint.endswith("there.")


def test_a_vector_has_one_axis(judged: Judged) -> None:
    """axis=1 of a vector: what to write for both."""
    found = judged(SHAPED, softmax=lambda x: np.exp(x) / np.exp(x).sum(axis=1)[:, None])
    assert (found.reason, "axis=-1" in found.hint) == (Reason.RAISED, True)


def test_a_cost_that_is_off_by_little_is_said_to_be_close(judged: Judged) -> None:
    """By a thousandth at most, in every case alike; no more is known of it."""
    def off(by: float) -> Callable[..., Any]:
        def answer(*given: Any) -> Any:
            cost, *rest = softmaxCostAndGradient(*given)
            return cost * (1 + by / (1 + cost)), *rest

        return answer

    near, far = (judged(COST, softmaxCostAndGradient=off(by)) for by in (0.9e-3, 0.1))
    assert (near.credit, near.message, "small number" in near.hint) == (0, "cost is close, but not exact.", True)
    assert far.message.startswith("cost of softmaxCostAndGradient is not what it should be.")


@pytest.mark.parametrize(("kind", "said"), [
    ("list", "a list that holds too much, or something that is no number"), ("map", "an object of type map"),
    ("array of dtype object", "an array of dtype object"),
])
def test_what_cannot_cross_is_told_in_plain_words(kind: str, said: str) -> None:
    """A list is one: only what is in it, or how much, is the trouble."""
    assert describe(Opaque(kind, "...")) == said


@pytest.mark.parametrize(("answer", "message", "hint"), [
    (lambda x: (softmax(x),), "softmax: a tuple of 1, but should be an array shaped like x.", "Return it alone: a comma behind return makes a tuple."),
    (lambda x: (1.0, 2.5), "softmax: a tuple of 2, but should be an array shaped like x.", "Return it alone: a comma behind return makes a tuple."),
    (lambda x: (softmax(x), "rows"), "softmax: a tuple of 2, but should be an array shaped like x.",
     "Return it alone: a comma behind return makes a tuple."),
    (lambda x: [softmax(x)], "softmax: shape (1, 3), but should be (3,), like x.",
     "Only axes of length 1 are wrong: reshape it to the shape that x came in before it is returned."),
])
def test_a_second_result_or_a_comma_is_no_shape(answer: Callable[[np.ndarray], Any], message: str, hint: str, judged: Judged) -> None:
    """What is returned beside the answer is said so, whether or not numpy could make one array of both; a list is one array."""
    verdict = judged(ValuesCheck(function="softmax", cases=({"x": "vector", "D": 3},)), softmax=answer)
    assert (verdict.credit, verdict.message, verdict.hint) == (0, message, hint)


def test_a_tuple_of_the_right_shape_is_an_array(judged: Judged) -> None:
    """The near miss on the other side; and so it is among several results."""
    assert judged(SOFTMAX, softmax=lambda x: tuple(map(tuple, softmax(x)))).credit == 1

    def in_tuples(*given: Any) -> Any:
        cost, v, U = softmaxCostAndGradient(*given)
        return (cost,), tuple(v), U

    assert judged(WORDS, softmaxCostAndGradient=in_tuples).credit == 1


@pytest.mark.parametrize(("kind", "hint"), [("map", "In Python 3 a map is no list: write list(...) around it."), ("Map", "")])
def test_what_was_a_list_in_python_2_is_told_apart_from_other_objects(kind: str, hint: str, trial: Trial) -> None:
    """map, filter and zip returned lists."""
    probes = SOFTMAX.plan(trial)
    verdict = SOFTMAX.judge(trial, [Returned(Opaque(kind, "<>"))] * len(probes))
    assert (verdict.message, verdict.hint) == (f"softmax: an object of type {kind}, but should be an array shaped like x.", hint)


@pytest.mark.parametrize(("cost", "says"), [(lambda cost: 1e-16, "cost is zero everywhere."), (lambda cost: cost + 1e-16, "")])
def test_a_cost_of_zero_but_for_a_rounding_proves_no_mistake(cost: Callable[[float], float], says: str) -> None:
    """-log of the sum of yhat, for one; that of a softmax which is 1 for every word is zero as well."""
    def answer(*given: Any) -> Any:
        right, *rest = softmaxCostAndGradient(*given)
        return cost(right), *rest

    trial = trial_of(1, MISCONCEPTIONS)
    assert COST.judge(trial, ask(COST.plan(trial), answer)).message == says
