"""Other results beside a right gradient: charged where they are right in the control and wrong in the cases."""

from fractions import Fraction

import numpy as np
import pytest

from grader.checks.gradient import GradientCheck
from grader.core.evidence import Contrast
from grader.core.reason import Reason
from grader.core.verdict import Outcome
from reference.cs224n_a1.misconceptions import MISCONCEPTIONS
from reference.cs224n_a1.solutions import negSamplingCostAndGradient
from tests.checks.inprocess import trial_of

REPEATS = GradientCheck(
    function="negSamplingCostAndGradient", gradient="grad", wrt="outputVectors", alone=Fraction(1, 2),
    cases=({"K": 10, "V": 4, "dataset": "one_word"}, {"K": 10, "V": 5, "dataset": "repeats"}),
    control={"K": 10, "V": 12, "dataset": "distinct"},
)
WITHOUT = REPEATS.model_copy(update={"control": {}})


def edited(edit):
    """The right function with its results changed: edit(cost, gradPred, grad, whether a negative is drawn twice) -> results."""
    def function(predicted, target, outputVectors, dataset, K=10):
        return edit(*negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K), len(outputVectors) < 12)
    return function


def cost_wrong(cost, gradPred, grad, repeated):
    return (cost + 0.5 if repeated else cost), gradPred, grad


def pred_wrong(cost, gradPred, grad, repeated):
    return cost, (gradPred * 1.1 if repeated else gradPred), grad


def cost_wrong_everywhere(cost, gradPred, grad, repeated):
    return cost + 0.5, gradPred, grad


def both_wrong(cost, gradPred, grad, repeated):
    return (cost + 0.5, gradPred * 1.1, grad) if repeated else (cost, gradPred, grad)


def all_wrong(cost, gradPred, grad, repeated):
    return (cost + 0.5, 2 * gradPred, 2 * grad) if repeated else (cost, gradPred, grad)


def pred_malformed(cost, gradPred, grad, repeated):
    return cost, np.append(gradPred, 0.0), grad


@pytest.mark.parametrize(("edit", "named"), [
    (cost_wrong, "cost is"), (pred_wrong, "gradPred is"), (both_wrong, "cost is"),
])
def test_a_result_that_is_wrong_in_the_cases_alone_keeps_the_share(judged, edit, named):
    """With the result by its name, and in numbers; the plot and the sweep of a wrong gradient would contradict it."""
    found = judged(REPEATS, negSamplingCostAndGradient=edited(edit))
    assert (found.outcome, found.credit, found.reason) == (Outcome.PARTLY, Fraction(1, 2), Reason.VALUE)
    assert found.message == f"negSamplingCostAndGradient: {named} wrong; grad is right."
    assert [type(e) for e in found.evidence] == [Contrast]
    assert not [note for note in found.notes if "item of its own" in note]


def test_a_known_mistake_in_the_cost_alone_is_named(observe):
    """By its own sentence, and where it is: the gradients count each draw."""
    def once(predicted, target, outputVectors, dataset, K=10):
        drawn = []
        dataset = type("Kept", (), {"sampleTokenIdx": lambda self, d=dataset: drawn.append(d.sampleTokenIdx()) or drawn[-1]})()
        _, gradPred, grad = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
        scores = outputVectors @ predicted
        terms = [scores[target], *(-scores[k] for k in set(drawn) - {target})]
        return sum(np.log1p(np.exp(-s)) for s in terms), gradPred, grad

    trial = trial_of(1, MISCONCEPTIONS)
    known = next(m for m in MISCONCEPTIONS if (m.function, m.id) == (REPEATS.function, "repeats_dropped"))
    found = REPEATS.judge(trial, observe(REPEATS.plan(trial), negSamplingCostAndGradient=once))
    assert (found.reason, found.hint) == (Reason.MISCONCEPTION, known.hint)
    assert found.message == f"{known.sentence} So it is in cost; grad is right."


@pytest.mark.parametrize("check", [REPEATS, WITHOUT])
@pytest.mark.parametrize("edit", [cost_wrong_everywhere, pred_malformed])
def test_what_is_wrong_in_the_control_too_is_charged_elsewhere(judged, check, edit):
    """Wrong without what the item is about, or in another form: there are items for that."""
    assert judged(check, negSamplingCostAndGradient=edited(edit)).outcome is Outcome.MET


@pytest.mark.parametrize("edit", [cost_wrong, pred_wrong])
def test_without_a_control_other_results_are_not_judged(judged, edit):
    """The gradient is right, and nothing says what the rest is wrong for."""
    assert judged(WITHOUT, negSamplingCostAndGradient=edited(edit)).outcome is Outcome.MET


def test_a_wrong_gradient_is_told_as_ever(judged):
    """The control is about what stands beside a right one."""
    alone, beside = (judged(c, negSamplingCostAndGradient=edited(all_wrong)) for c in (WITHOUT, REPEATS))
    assert (beside.credit, beside.message, beside.evidence) == (alone.credit, alone.message, alone.evidence)
    assert beside.credit == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_right_function_meets_it(observe, seed):
    """On any seed, and however its gradients are shaped."""
    trial = trial_of(seed)
    assert REPEATS.judge(trial, observe(REPEATS.plan(trial))).credit == 1

    def rows(*args):
        cost, gradPred, grad = negSamplingCostAndGradient(*args)
        return np.array([[cost]]), gradPred[None], grad
    assert REPEATS.judge(trial, observe(REPEATS.plan(trial), negSamplingCostAndGradient=rows)).credit == 1


def test_a_control_that_cannot_be_drawn_is_the_authors_mistake():
    """Told like one in the cases."""
    problems = list(REPEATS.model_copy(update={"control": {"dataset": "twice"}}).problems(trial_of().interface))
    assert [field for field, _, _ in problems] == ["control"]
