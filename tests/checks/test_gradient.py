"""Every path of the gradient check's table, with planted faults of a two-layer network."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from grader.checks import KINDS
from grader.checks.gradient import GradientCheck
from grader.core.evidence import Blocks, Contrast, StepPlot
from grader.core.observation import Died, HostError, Malformed, NotAsked, Raised, Returned, TimedOut, Unavailable
from grader.core.probe import Opaque
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.numerics.differences import STEPS, slope_allowance, step_size
from grader.trial import Misconception, Oracle, Trial
from reference.cs224n_a1.solutions import FUNCTIONS, softmaxCostAndGradient
from tests.checks.inprocess import ask, trial_of

NETWORK = GradientCheck(function="forward_backward_prop", gradient="grad", wrt="params")
DELTA = GradientCheck(function="forward_backward_prop", gradient="grad", wrt="params", blocks=("b2",), cases=({"N": 1},) * 3)
ITEMS = (
    NETWORK, DELTA,
    GradientCheck(function="softmaxCostAndGradient", gradient="gradPred", wrt="predicted"),
    GradientCheck(function="softmaxCostAndGradient", gradient="grad", wrt="outputVectors"),
    GradientCheck(function="negSamplingCostAndGradient", gradient="gradPred", wrt="predicted"),
    GradientCheck(function="negSamplingCostAndGradient", gradient="grad", wrt="outputVectors", cases=({"dataset": "one_word"}, {})),
)


def network(data, labels, params, dimensions, *, derivative=lambda h, z: h * (1 - h)):
    """A right network, written out; `derivative` is where the usual mistake goes."""
    Dx, H, Dy = dimensions
    W1, b1, W2, b2 = np.split(params, np.cumsum([Dx * H, H, H * Dy]))
    z = data @ W1.reshape(Dx, H) + b1
    h = 1 / (1 + np.exp(-z))
    theta = h @ W2.reshape(H, Dy) + b2
    p = np.exp(theta - theta.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    d = p - labels
    dz = d @ W2.reshape(H, Dy).T * derivative(h, z)
    return -np.sum(labels * np.log(p)), np.concatenate([(data.T @ dz).ravel(), dz.sum(0), (h.T @ d).ravel(), d.sum(0)])


def sigma_of_z(h, z):
    return z * (1 - z)


def mean(data, *rest):
    cost, gradient = network(data, *rest)
    return cost / len(data), gradient / len(data)


def edited(edit):
    """The right network with its answer changed: edit(cost, gradient, args) -> answer."""
    return lambda *args: edit(*network(*args), args)


def in_block(name, change):
    """The right network with one block of its gradient changed."""
    def edit(cost, gradient, args):
        Dx, H, Dy = args[3]
        sizes = {"W1": (Dx, H), "b1": (1, H), "W2": (H, Dy), "b2": (1, Dy)}
        start = 0
        for block, shape in sizes.items():
            stop = start + math.prod(shape)
            if block == name:
                gradient[start:stop] = np.reshape(change(gradient[start:stop].reshape(shape)), -1)
            start = stop
        return cost, gradient
    return edited(edit)


def one_entry(factor):
    def change(block):
        block = block.copy()
        block[-1, -1] *= factor
        return block
    return change


MEAN = Misconception("mean_over_N", "forward_backward_prop", "You divided the cost by N; the handout sums.", "Sum.", mean)
SIGMA_OF_Z = Misconception("sigma_of_z", "forward_backward_prop", "You took sigma' of z.", "Take it of h.",
                           lambda *a: network(*a, derivative=sigma_of_z))


@pytest.fixture
def verdict():
    def judge(function, check=NETWORK, seed=0, known=(), follow=False):
        trial = trial_of(seed, known)
        first = ask(check.plan(trial), function)
        more = ask(check.follow_up(trial, first), function) if follow else ()
        return check.judge(trial, first, more)
    return judge


# ---- right -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("check", ITEMS, ids=lambda c: f"{c.gradient}-{c.blocks}-{c.function}")
def test_right_solutions_are_met_on_three_hundred_seeds(check):
    """No false alarm, and no note."""
    for seed in range(300):
        trial = trial_of(seed)
        found = check.judge(trial, ask(check.plan(trial), FUNCTIONS[check.function]))
        assert (found.outcome, found.notes) == (Outcome.MET, ()), (seed, found)


def test_another_way_of_writing_it_is_met(verdict):
    """With log(p) of the probabilities in place of log-softmax, and a small number inside the logarithm."""
    assert verdict(network).outcome is Outcome.MET
    assert verdict(edited(lambda cost, g, args: (cost + 1e-12 * math.sin(args[2][0]), g))).outcome is Outcome.MET


def test_the_first_round_is_cheap_and_repeatable():
    """Four cases and two calls for each of four differences; the same ones again for the same seed."""
    trial = trial_of(5)
    once, again = NETWORK.plan(trial), NETWORK.plan(trial_of(5))
    assert len(once) == 4 + 2 * 4
    assert all(np.array_equal(a.args[2], b.args[2]) for a, b in zip(once, again, strict=True))


def test_the_differences_move_only_the_blocks_that_count():
    """A wrong gradient elsewhere cannot make b2 inconsistent."""
    trial = trial_of(1)
    probes = DELTA.plan(trial)
    case = trial.cases("forward_backward_prop", DELTA.cases)[0]
    moved = np.flatnonzero(np.asarray(probes[3].args[2]) - case.args[2])
    assert moved.tolist() == list(range(len(case.args[2]) - case.sizes["Dy"], len(case.args[2])))


# ---- the call and the form -------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("function", "reason"), [
    (edited(lambda cost, g, args: 1 / 0), Reason.RAISED),
    (edited(lambda cost, g, args: cost), Reason.TYPE),
    (edited(lambda cost, g, args: (cost, None)), Reason.TYPE),
    (edited(lambda cost, g, args: (cost, g[:-1])), Reason.SHAPE),
    (edited(lambda cost, g, args: (cost, g.reshape(1, -1))), Reason.SHAPE),
    (edited(lambda cost, g, args: (cost, g * np.nan)), Reason.NOT_FINITE),
    (edited(lambda cost, g, args: (cost, g * np.inf)), Reason.NOT_FINITE),
])
def test_form_comes_before_values(verdict, function, reason):
    """Raising, results missing, wrong shapes, NaN: each has its verdict, and no credit."""
    found = verdict(function)
    assert (found.reason, found.credit) == (reason, 0)


def test_a_fault_at_the_moved_points_alone_is_found():
    """A call that raises counts wherever it is asked."""
    trial = trial_of(0)
    answers = ask(NETWORK.plan(trial), network)
    answers[-1] = Raised("ZeroDivisionError", "division by zero")
    assert NETWORK.judge(trial, answers).reason is Reason.RAISED


def test_nan_in_a_block_that_does_not_count_is_no_matter(verdict):
    """The item about b2 looks at b2."""
    assert verdict(in_block("W1", lambda w: w * np.nan), DELTA).outcome is Outcome.MET
    assert verdict(in_block("b2", lambda w: w * np.nan), DELTA).reason is Reason.NOT_FINITE
    found = verdict(edited(lambda cost, g, args: (2 * cost, np.where(np.arange(g.size) < 3, np.nan, 2 * g))), DELTA)
    assert found.reason is Reason.OTHER_COST


@pytest.mark.parametrize("cost", [math.nan, math.inf, None, "3", np.ones(3), Opaque("Tensor", "tensor(3)")])
def test_the_cost_has_an_item_of_its_own(verdict, cost):
    """A right gradient beside a cost that is no number earns its points, with a note."""
    found = verdict(edited(lambda _, g, args: (cost, g)))
    assert found.outcome is Outcome.MET
    assert found.notes == ("the cost is not the handout's; it has an item of its own",)


def test_a_right_gradient_beside_a_wrong_cost_is_met(verdict):
    """Not the differences of that cost but the reference decides."""
    assert verdict(edited(lambda cost, g, args: (7.0, g))).credit == 1
    assert verdict(edited(lambda cost, g, args: (cost / len(args[0]), g))).credit == 1


def test_a_leniency_is_noted(verdict):
    """A cost of shape (1, 1) is taken for a number."""
    found = verdict(edited(lambda cost, g, args: (np.array([[cost]]), g)))
    assert found.outcome is Outcome.MET
    assert found.notes == ("cost: shape (1, 1) was taken for ()",)


# ---- the gradient is wrong -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("block", ["W1", "b1", "W2", "b2"])
def test_one_wrong_block_costs_its_share(verdict, block):
    """Three of four blocks are right; the wrong one is named, and how."""
    found = verdict(in_block(block, lambda w: -w))
    assert (found.outcome, found.credit, found.reason) == (Outcome.PARTLY, Fraction(3, 4), Reason.GRADIENT)
    assert found.message.startswith(f"The gradient is wrong in {block}, and right in ")
    assert found.message.endswith(f"{block} has the wrong sign in every entry.")
    assert "lost minus" in found.hint


def test_shares_weigh_the_blocks(verdict):
    """W1 with three quarters and b1 with a quarter; the others count nothing."""
    check = NETWORK.model_copy(update={"shares": {"W1": Fraction(3), "b1": Fraction(1)}})
    assert verdict(in_block("W1", lambda w: -w), check).credit == Fraction(1, 4)
    assert verdict(in_block("b1", lambda w: -w), check).credit == Fraction(3, 4)


@pytest.mark.parametrize(("off", "right"), [(0.9e-6, True), (1.1e-6, False), (1e-4, False)])
@pytest.mark.parametrize("block", ["W1", "b1", "W2", "b2"])
def test_one_entry_off_by_little_is_found(verdict, block, off, right):
    """The tolerance of 1e-6 is pinned on both sides, for the last entry of each block; atol is a thousandth of it here."""
    check = NETWORK.model_copy(update={"atol": 1e-15})
    found = verdict(in_block(block, one_entry(1 + off)), check)
    assert (found.outcome is Outcome.MET) is right
    if not right:
        rows = next(e for e in found.evidence if isinstance(e, Blocks)).rows
        bad = {r.name: (r.differ, r.worst) for r in rows if r.differ}
        shape = next(r.shape for r in rows if r.name == block)
        assert bad == {block: (1, (shape[0] - 1, shape[1] - 1))}


def test_a_near_miss_in_one_case_only_costs_the_block(verdict):
    """A block counts only if it is right in every case: here the third is wrong by 1e-4."""
    seen = []

    def third(*args):
        seen.append(1)
        return in_block("W2", one_entry(1.0001))(*args) if len(seen) == 3 else network(*args)
    found = verdict(third)
    assert found.credit == Fraction(3, 4)
    assert "W2" in found.message


def test_the_whole_gradient_by_one_slip_is_said_once(verdict):
    """Divided by N with a right cost: one sentence for all four blocks."""
    found = verdict(edited(lambda cost, g, args: (cost, g / len(args[0]))))
    assert (found.reason, found.credit) == (Reason.GRADIENT, 0)
    assert found.message == "The gradient is wrong in W1, b1, W2 and b2. grad is divided by N."


def test_column_major_is_told_from_wrong_numbers(verdict):
    """W1 flattened column by column."""
    found = verdict(in_block("W1", lambda w: w.ravel("F")))
    assert "W1 is laid out column by column." in found.message


def test_wrong_cost_and_inconsistent_gradient_are_both_said(verdict):
    """And the blocks that are right keep their shares."""
    found = verdict(edited(lambda cost, g, args: (cost + 1, in_block("W1", lambda w: -w)(*args)[1])))
    assert (found.reason, found.credit) == (Reason.GRADIENT, Fraction(3, 4))
    assert found.message.endswith("The cost is not the handout's either.")


def test_the_evidence_is_the_smallest_failing_case():
    """Blocks first, then the first wrong block of that case beside the reference's."""
    trial = trial_of(3)
    found = NETWORK.judge(trial, ask(NETWORK.plan(trial), in_block("b1", lambda w: 0 * w)))
    blocks, shown = found.evidence
    case = trial.cases("forward_backward_prop")[0]
    assert isinstance(blocks, Blocks)
    assert isinstance(shown, Contrast)
    assert [(r.name, r.shape) for r in blocks.rows] == [
        ("W1", (case.sizes["Dx"], case.sizes["H"])), ("b1", (1, case.sizes["H"])),
        ("W2", (case.sizes["H"], case.sizes["Dy"])), ("b2", (1, case.sizes["Dy"]))]
    assert (shown.call, shown.returned.shape, shown.source) == (
        "forward_backward_prop, gradient of b1", (1, case.sizes["H"]), "the reference")
    assert (shown.rtol, shown.atol) == (1e-6, 1e-9)


def test_a_gradient_without_blocks_counts_entries():
    """outputVectors is one block, called by the result's name."""
    check, trial = ITEMS[3], trial_of(2)

    def wrong(*args):
        cost, pred, grad = softmaxCostAndGradient(*args)
        grad[0, 0] += 0.5
        return cost, pred, grad
    found = check.judge(trial, ask(check.plan(trial), wrong))
    sizes = trial.cases("softmaxCostAndGradient")[0].sizes
    assert found.credit == 0
    assert found.message == f"grad of softmaxCostAndGradient: 1 of {sizes['V'] * sizes['D']} entries are wrong."


def test_results_that_do_not_matter_are_not_looked_at():
    """gradPred is judged whatever grad is."""
    check, trial = ITEMS[2], trial_of(2)
    found = check.judge(trial, ask(check.plan(trial), lambda *a: (*softmaxCostAndGradient(*a)[:2], "no grad")))
    assert found.outcome is Outcome.MET


# ---- another cost ----------------------------------------------------------------------------------------------------

def test_a_consistent_gradient_of_another_cost_is_said_to_be_so(verdict):
    """The mean, where the author has not named it: no points, and not called a wrong gradient."""
    found = verdict(mean)
    assert (found.reason, found.credit) == (Reason.OTHER_COST, 0)
    assert found.message == "grad is the right gradient of your own cost, but your cost is not the handout's. grad is divided by N."


OF_LABELS = DELTA.model_copy(update={"targets": "labels"})


def with_theta(theta_of, *, factor=1.0, power=1.0):
    """One example with another theta, and the gradient of b2 that is right for it; the other blocks are left as they are."""
    def answer(data, labels, params, dimensions):
        _, gradient = network(data, labels, params, dimensions)
        theta = theta_of(data, params, dimensions)
        p = np.exp(theta) / np.exp(theta).sum()
        gradient[-dimensions[2]:] = factor * (p - labels[0])
        return -factor * np.log(labels[0] @ p) ** power, gradient
    return answer


def cube_root(data, params, dimensions):
    Dx, _, Dy = dimensions
    return np.cbrt(data[0] @ np.resize(params[:-Dy], (Dx, Dy))) + params[-Dy:]


@pytest.mark.parametrize("seed", range(5))
def test_yhat_minus_y_is_right_whatever_theta_is(verdict, seed):
    """Where the rubric says which argument y is; else it is the gradient of another cost."""
    found = verdict(with_theta(cube_root), OF_LABELS, seed=seed)
    assert (found.outcome, "yhat - y is right" in found.notes[0]) == (Outcome.MET, True)
    assert verdict(with_theta(cube_root), DELTA, seed=seed).reason is Reason.OTHER_COST


@pytest.mark.parametrize("wrong", [
    with_theta(cube_root, factor=0.5), with_theta(cube_root, factor=1.001), with_theta(cube_root, power=1.001),
    with_theta(lambda data, params, dimensions: np.zeros(dimensions[2])),
    with_theta(lambda data, params, dimensions: data[0] @ np.resize(params, (dimensions[0], dimensions[2]))),
    edited(lambda cost, gradient, args: (cost + 1, 2 * gradient)),
], ids=["half", "a thousandth more", "another cost", "uniform", "no b2", "twice"])
def test_what_is_not_yhat_minus_y_of_its_own_cost_is_charged(verdict, wrong):
    """A mean, a cost that it does not follow from, a yhat that does not move with b2."""
    assert verdict(wrong, OF_LABELS).credit == 0


def test_the_targets_are_to_be_one_hot_rows():
    """An author who names something else is told what there is."""
    assert not list(OF_LABELS.problems(trial_of().interface))
    (problem,) = DELTA.model_copy(update={"targets": "data"}).problems(trial_of().interface)
    assert problem == ("targets", "forward_backward_prop takes no one-hot rows 'data'.", "Write one of: labels.")


@pytest.mark.parametrize("check", [NETWORK, DELTA])
def test_a_gradient_in_an_array_of_integers_is_named(verdict, check):
    """By its dtype and by what is left of the right one; another wrong gradient of integers is wrong otherwise."""
    found = verdict(edited(lambda cost, gradient, args: (cost, gradient.astype(int))), check)
    assert (found.reason, found.credit) == (Reason.MISCONCEPTION, 0)
    assert found.message.startswith("grad has an integer dtype")
    other = verdict(edited(lambda cost, gradient, args: (cost, np.rint(3 * gradient).astype(int))), check)
    assert "integer" not in other.message
    floats = verdict(edited(lambda cost, gradient, args: (cost, np.trunc(gradient))), check)
    assert "integer" not in floats.message


@pytest.mark.parametrize(("place", "name"), [(0, "data"), (2, "params")])
def test_an_argument_that_is_changed_is_told_first_where_nothing_else_explains_the_gradient(verdict, place, name):
    """Beside a right gradient, or a known mistake, it is a note."""
    def changing(function):
        def answer(*args):
            given = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
            args[place][...] *= 2
            return function(*given)
        return answer

    sentence = f"forward_backward_prop changes its argument {name}: work on a copy."
    wrong = verdict(changing(in_block("W1", lambda b: b**2 + 1)))
    assert (wrong.reason, wrong.message.startswith(f"{sentence} The gradient is wrong in W1")) == (Reason.GRADIENT, True)
    assert sentence not in wrong.notes
    right = verdict(changing(network))
    assert (right.outcome, right.notes) == (Outcome.MET, (sentence,))


@pytest.mark.parametrize("in_place", [True, False])
def test_a_neighbour_that_changes_its_argument_is_told_first(judged, in_place):
    """sigmoid_grad writes over h, from which the gradient of W2 is computed afterwards; W2 alone would be blamed."""
    def derivative(s):
        s = s if in_place else np.array(s)
        s *= 1 - s
        return s

    wrong = in_block("W2", lambda b: b**2 + 1)
    said = judged(NETWORK, forward_backward_prop=wrong, sigmoid_grad=derivative)
    sentence = "sigmoid_grad changes its argument s: work on a copy. "
    assert (said.reason, said.credit) == (Reason.GRADIENT, Fraction(3, 4))
    assert said.message == (sentence if in_place else "") + "The gradient is wrong in W2, and right in W1, b1 and b2."


def test_blocks_that_are_right_for_both_costs_keep_their_shares(verdict):
    """A penalty on W1 alone leaves three blocks as they were."""
    def penalised(data, labels, params, dimensions):
        cost, gradient = network(data, labels, params, dimensions)
        n = dimensions[0] * dimensions[1]
        gradient[:n] += params[:n]
        return cost + 0.5 * np.sum(params[:n] ** 2), gradient
    found = verdict(penalised)
    assert (found.reason, found.credit) == (Reason.OTHER_COST, Fraction(3, 4))


def test_a_known_mistake_in_cost_and_gradient_is_named(verdict):
    """And earns what the rubric grants for it by name, which is nothing unless it does."""
    found = verdict(mean, known=(SIGMA_OF_Z, MEAN))
    assert (found.reason, found.credit, found.message) == (Reason.MISCONCEPTION, 0, MEAN.sentence)
    granted = NETWORK.model_copy(update={"conventions": {"mean_over_N": Fraction(1, 2)}})
    assert verdict(mean, granted, known=(MEAN,)).credit == Fraction(1, 2)
    assert verdict(mean, granted).credit == 0


def test_a_convention_is_not_granted_for_half_of_it(verdict):
    """The gradient of the mean beside the cost of the sum is no convention, and is not called one."""
    granted = NETWORK.model_copy(update={"conventions": {"mean_over_N": Fraction(1, 2)}})
    found = verdict(edited(lambda cost, g, args: (cost, g / len(args[0]))), granted, known=(MEAN,))
    assert (found.reason, found.credit) == (Reason.GRADIENT, 0)


def test_a_known_mistake_in_the_gradient_alone_is_named_beside_a_wrong_cost(verdict):
    """sigma' of z: W2 and b2 are right; a cost that is wrong besides is said too."""
    wrong = lambda *a: network(*a, derivative=sigma_of_z)  # noqa: E731
    found = verdict(wrong, known=(MEAN, SIGMA_OF_Z))
    assert (found.reason, found.credit, found.message) == (Reason.MISCONCEPTION, Fraction(1, 2), SIGMA_OF_Z.sentence)
    found = verdict(lambda *a: (1.0, wrong(*a)[1]), known=(MEAN, SIGMA_OF_Z))
    assert (found.reason, found.credit) == (Reason.MISCONCEPTION, Fraction(1, 2))
    assert found.message == f"{SIGMA_OF_Z.sentence} The cost is not the handout's either."


# ---- what is not worth a point ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("answer", [
    lambda args: (0.0, np.zeros_like(args[2])),
    lambda args: (3.0, np.zeros_like(args[2])),
    lambda args: (float(args[2].sum()), np.ones_like(args[2])),
    lambda args: (0.5 * float(args[2] @ args[2]), args[2]),
])
@pytest.mark.parametrize("check", [NETWORK, DELTA])
def test_consistent_pairs_that_compute_nothing_earn_nothing(verdict, check, answer):
    """Cost 0 with gradient 0, a linear cost, a quadratic one whose gradient is the argument itself."""
    found = verdict(lambda *args: answer(args), check)
    assert found.credit == 0
    assert found.reason in (Reason.DEGENERATE, Reason.OTHER_COST)


def test_a_right_cost_beside_no_gradient_earns_nothing(verdict):
    """The starter's zeros."""
    found = verdict(edited(lambda cost, g, args: (cost, 0 * g)))
    assert (found.reason, found.credit) == (Reason.DEGENERATE, 0)
    assert found.message == "grad of forward_backward_prop: every entry of the answer is the same number."


def test_a_table_of_right_answers_is_inconsistent(verdict):
    """Right at the four base points, and a constant beside them: the differences of the own cost are zero."""
    table = []

    def hostile(*args):
        table.append(network(*args))
        return table[-1] if len(table) <= 4 else table[0]
    found = verdict(hostile)
    assert (found.reason, found.credit) == (Reason.INCONSISTENT, 0)
    assert isinstance(found.evidence[0], Contrast)


@pytest.mark.parametrize(("share", "outcome"), [(0.9, Outcome.MET), (1.1, Outcome.NOT_MET)])
def test_the_allowance_of_a_difference_is_pinned(share, outcome):
    """One slope of the own cost off by 0.9 of what is allowed is met; by 1.1 of it, inconsistent."""
    trial = trial_of(4)
    answers = ask(NETWORK.plan(trial), network)
    case = trial.cases("forward_backward_prop")[0]
    want = trial.answer(case)
    h = step_size(case.arg("params"))
    off = share * slope_allowance(float(want["cost"]), h, want["grad"], NETWORK.rtol)
    plus = answers[4].value
    answers[4] = replace(answers[4], value=(plus[0] + 2 * h * off, plus[1]))
    assert NETWORK.judge(trial, answers).outcome is outcome


def single(cost):
    """As a number in single precision comes over the wire."""
    return np.array(cost, np.float32)


@pytest.mark.parametrize("edit", [
    lambda cost, g, args: (single(cost), g), lambda cost, g, args: (cost, g.astype(np.float32)),
    lambda cost, g, args: (single(cost), g.astype(np.float32)),
])
@pytest.mark.parametrize("check", [NETWORK, DELTA])
def test_single_precision_is_a_leniency(verdict, check, edit):
    """Its rounding, a million times that of the step, is not taken for a cost that is not what it seems."""
    for seed in range(20):
        found = verdict(edited(edit), check, seed)
        assert found.outcome is Outcome.MET
        assert {"float32" in note for note in found.notes} == {True}


@pytest.mark.parametrize(("off", "right"), [(1.8e-6, True), (2.1e-6, False)])
def test_a_cost_in_single_precision_is_right_where_the_item_on_the_cost_says_so(verdict, off, right):
    """Off by rtol = 1e-6 and eight roundings, 1.95e-6 together: no note says that it is another one."""
    found = verdict(edited(lambda cost, g, args: (single(cost * (1 + off)), g)))
    assert found.outcome is Outcome.MET
    assert ("the cost is not the handout's; it has an item of its own" not in found.notes) is right


def test_a_known_mistake_of_another_shape_explains_nothing(verdict):
    """The author's slip, which a vector of the declared shape is not compared with."""
    row = Misconception("row", "forward_backward_prop", "You made it a row.", "Do not.", lambda *a: (network(*a)[0], 3 * network(*a)[1][None]))
    found = verdict(edited(lambda cost, g, args: (cost, 3 * g)), known=(row,))
    assert found.reason is Reason.GRADIENT


def test_single_precision_excuses_no_table(verdict):
    """Right at the base points, and the same everywhere beside them."""
    table = []

    def hostile(*args):
        cost, gradient = network(*args)
        table.append((single(cost), gradient))
        return table[-1] if len(table) <= 4 else table[0]
    assert verdict(hostile).reason is Reason.INCONSISTENT


def test_differences_of_a_coarse_cost_prove_nothing(verdict):
    """A wrong gradient is not called that of another cost, nor is it swept."""
    found = verdict(edited(lambda cost, g, args: (single(2 * cost), 3 * g)), follow=True)
    assert (found.reason, found.credit) == (Reason.GRADIENT, 0)
    assert not any("slope of your own cost" in note for note in found.notes)


def test_a_convention_does_not_explain_one_wrong_block_among_right_ones(verdict):
    """A mean over N in b1 alone is one wrong block, not a mean with three others that are wrong besides."""
    def averaged(data, *rest):
        cost, gradient = network(data, *rest)
        return cost, gradient / len(data)

    mistake = Misconception("mean_gradient", "forward_backward_prop", "You divided the gradient by N.", "Leave it out.", averaged)
    check = NETWORK.model_copy(update={"conventions": {"mean_gradient": Fraction(1, 2)}})

    def b1_averaged(data, labels, params, dimensions):
        cost, gradient = network(data, labels, params, dimensions)
        Dx, H, _ = dimensions
        gradient[Dx * H:Dx * H + H] /= len(data)
        return cost, gradient

    found = verdict(b1_averaged, check, known=(mistake,))
    assert found.credit == Fraction(3, 4)
    assert found.message == "The gradient is wrong in b1, and right in W1, W2 and b2. b1 is divided by N."


def test_a_convention_with_another_mistake_beside_it_keeps_its_share_of_what_is_right(verdict):
    """The mean, and no derivative of the activation: W2 and b2 are right for it."""
    check = NETWORK.model_copy(update={"conventions": {"mean_over_N": Fraction(1, 2)}})

    def both(data, *rest):
        cost, gradient = network(data, *rest, derivative=lambda h, z: 1.0)
        return cost / len(data), gradient / len(data)
    found = verdict(both, check, known=(MEAN,))
    assert (found.credit, found.reason, found.hint) == (Fraction(1, 4), Reason.GRADIENT, MEAN.hint)
    assert found.message == f"{MEAN.sentence} Besides, the gradient is wrong in W1 and b1, and right for that in W2 and b2."
    assert verdict(both, known=(MEAN,)).credit == 0


def test_a_convention_of_full_credit_is_met_and_named(verdict):
    """What another item charges."""
    check = GradientCheck(function="forward_backward_prop", gradient="grad", wrt="params", conventions={"mean_over_N": Fraction(1)})
    assert verdict(mean, check, known=(MEAN,)) == Verdict(
        Outcome.MET, Fraction(1), notes=("You divided the cost by N; the handout sums. That is not charged here.",))


def test_a_block_that_no_case_tells_from_zero_is_left_to_a_person():
    """An empty answer would earn it: neither zero nor full marks."""
    trial = trial_of(0)
    flat = Trial(0, trial.interface, Oracle({"forward_backward_prop": lambda d, y, p, s: (1.0, 0 * p)}))
    found = NETWORK.judge(flat, ask(NETWORK.plan(flat), lambda d, y, p, s: (1.0, 0 * p)))
    assert (found.outcome, found.credit) == (Outcome.UNGRADED, None)


# ---- the second round ------------------------------------------------------------------------------------------------

def test_the_sweep_names_the_entries_and_the_curve_stays():
    """Every entry of the smallest failing case, and nine steps along one direction inside the wrong block."""
    trial = trial_of(0)
    wrong = in_block("W1", one_entry(3.0))
    first = ask(NETWORK.plan(trial), wrong)
    probes = NETWORK.follow_up(trial, first)
    case = trial.cases("forward_backward_prop")[0]
    count = 2 * (len(case.arg("params")) + len(STEPS))
    assert [p.function for p in probes] == ["forward_backward_prop"] * count + ["softmax", "sigmoid", "sigmoid_grad"]
    found = NETWORK.judge(trial, first, ask(probes, wrong))
    at = f"[{case.sizes['Dx'] - 1}, {case.sizes['H'] - 1}]"
    assert found.notes[-1].startswith("Entry by entry, against the slope of your own cost: W1 differs in 1 of ")
    assert f"most at {at} (" in found.notes[-1]
    assert found.notes[-1].endswith("b1 agrees; W2 agrees; b2 agrees.")
    plot = found.evidence[-1]
    assert isinstance(plot, StepPlot)
    assert (plot.steps, len(plot.errors), len(plot.reference_errors)) == (STEPS, 9, 9)
    assert "stays" in plot.reading
    assert min(plot.reference_errors[3:6]) < 1e-6 * max(plot.errors)
    assert found.credit == Fraction(3, 4)


def test_the_second_round_of_another_cost_shows_a_right_slope(verdict):
    """The student sees that gradient and own cost agree."""
    found = verdict(mean, follow=True)
    assert found.reason is Reason.OTHER_COST
    assert found.notes[-1].endswith("W1 agrees; b1 agrees; W2 agrees; b2 agrees.")
    assert "slope of your own cost" in found.evidence[-1].reading


def test_the_second_round_tells_noise_and_kinks(verdict):
    """A cost with random numbers in it, and one with a kink close to every parameter."""
    rng = np.random.default_rng(0)
    noisy = edited(lambda cost, g, args: (cost + 1e-3 * rng.random(), -g))
    noise = verdict(edited(lambda cost, g, args: (cost + 1e-8 * rng.random(), g)), follow=True)
    assert noise.reason is Reason.INCONSISTENT
    assert "not the same function" in noise.evidence[-1].reading
    assert "not the same function" in verdict(noisy, follow=True).evidence[-1].reading
    base = {}

    def kinked(*args):
        start = base.setdefault(args[2].size, args[2].copy())  # the first call of a size is that of the case itself
        cost, g = network(*args)
        return cost + abs(float(np.sum(args[2] - start)) - 1e-5), g - 1
    assert "has a kink" in verdict(kinked, follow=True).evidence[-1].reading


def test_a_large_gradient_is_swept_in_part():
    """At most 200 entries, chosen by the seed."""
    check = GradientCheck(function="softmaxCostAndGradient", gradient="grad", wrt="outputVectors", cases=({"V": 40, "D": 10},))
    trial = trial_of(0)
    wrong = lambda v, o, U, s: (1.0, v, np.where(np.arange(U.size).reshape(U.shape) == 3, U, 1 / 3))  # noqa: E731
    first = ask(check.plan(trial), wrong)
    probes = check.follow_up(trial, first)
    assert [p.function for p in probes].count("softmaxCostAndGradient") == 2 * (200 + 9)
    note = check.judge(trial, first, ask(probes, wrong)).notes[-1]
    assert " of 200, most at " in note


def test_there_is_no_second_round_without_an_answer():
    """A function that raises, or whose gradient or cost has the wrong form, is explained by the first."""
    trial = trial_of(0)
    for edit in (lambda cost, g, args: 1 / 0, lambda cost, g, args: (cost, g[:3]), lambda cost, g, args: (None, -g)):
        function = edited(edit)
        assert NETWORK.follow_up(trial, ask(NETWORK.plan(trial), function)) == ()


# ---- judging never fails ---------------------------------------------------------------------------------------------

ODD = (
    Returned(None), Returned(()), Returned((1.0,)), Returned("x"), Returned({"a": 1}), Returned((1.0, 2.0, 3.0)),
    Returned((math.nan, np.full(31, np.nan))), Returned((10**400, np.full(31, 1e308))), Returned((1e308, np.full(31, -1e308))),
    Returned((True, np.ones(31, bool))), Returned((1j, np.ones(31, complex))), Returned(Opaque("Liar", "x")),
    Raised("ValueError", "no"), Raised("NotImplementedError", ""), Unavailable("f"), TimedOut("cpu", 5.0), Died("signal", 11),
    Malformed("junk"), NotAsked(), HostError("no space"),
)


@pytest.mark.parametrize("odd", ODD, ids=lambda o: repr(o)[:40])
@pytest.mark.parametrize("check", ITEMS[:3], ids=lambda c: c.gradient + str(c.blocks))
def test_judging_never_raises(check, odd):
    """Whatever comes back for all probes, for one of them, for too few, or in the second round."""
    trial = trial_of(6)
    case = trial.cases(check.function, check.cases)[0]
    shape = case.shape_of(check.gradient)
    if isinstance(odd, Returned) and isinstance(odd.value, tuple) and len(odd.value) == 2 and isinstance(odd.value[1], np.ndarray):
        odd = Returned((odd.value[0], np.resize(odd.value[1], shape)))
    right = ask(check.plan(trial), FUNCTIONS[check.function])
    wrong = [replace(o, value=(o.value[0], *(2 * np.asarray(v) for v in o.value[1:]))) for o in right]
    more = check.follow_up(trial, wrong)
    for first in ([odd] * len(right), [odd, *right[1:]], [*right[:-1], odd], right[:-1], [], [*right, odd]):
        assert check.judge(trial, first).credit in (None, 0, 1) or check.judge(trial, first).outcome is Outcome.PARTLY
        check.follow_up(trial, first)
    for second in ([odd] * len(more), [odd], [odd, *right]):
        assert check.judge(trial, wrong, second).credit == 0


# ---- the rubric's author ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("fields", "field"), [
    ({"gradient": "grda"}, "gradient"), ({"cost": "loss"}, "cost"), ({"wrt": "labels2"}, "wrt"), ({"wrt": "data"}, "wrt"),
    ({"blocks": ("W3",)}, "blocks"), ({"blocks": ("W1",), "shares": {"b1": Fraction(1)}}, "shares"), ({"function": "nothing"}, "function"),
])
def test_mistakes_in_the_rubric_are_found(fields, field):
    """Each with the field, and what to write instead."""
    problems = list(NETWORK.model_copy(update=fields).problems(trial_of().interface))
    assert [p[0] for p in problems] == [field]
    assert problems[0][2].startswith("Write")


def test_the_checks_of_the_rubric_have_no_mistakes():
    """And the kind is registered."""
    assert KINDS["gradient"] is GradientCheck
    assert not [p for c in ITEMS for p in c.problems(trial_of().interface)]


def by_a_difference(h, z):
    """The sigmoid's derivative, off by some 1e-7."""
    return (1 / (1 + np.exp(-z - 1e-6)) - h) / 1e-6


def off_by(share):
    """The right network, the largest entry of W1's gradient off by that share."""
    def edit(cost, gradient, args):
        Dx, H, _ = args[3]
        gradient[np.argmax(np.abs(gradient[: Dx * H]))] *= 1 + share
        return cost, gradient

    return edited(edit)


def test_what_is_nearly_right_is_not_called_wrong(verdict):
    """A derivative taken by a small difference: no points for its blocks, as before, and a sentence that is true of them."""
    found = verdict(lambda *args: network(*args, derivative=by_a_difference))
    assert (found.reason, found.credit) == (Reason.GRADIENT, Fraction(1, 2))
    assert found.message == "The gradient is close, but not exact, in W1 and b1, and right in W2 and b2."
    assert "small difference" in found.hint

    def averaged(data, *rest):
        cost, gradient = network(data, *rest, derivative=by_a_difference)
        return cost / len(data), gradient / len(data)

    check = NETWORK.model_copy(update={"conventions": {"mean_over_N": Fraction(1, 2)}})
    found = verdict(averaged, check, known=(MEAN,))
    assert found.message == f"{MEAN.sentence} Besides, the gradient is close, but not exact, in W1 and b1, and right for that in W2 and b2."


@pytest.mark.parametrize(("share", "words"), [(0.9e-4, "close, but not exact, in W1"), (1.1e-4, "wrong in W1")])
def test_near_is_a_ten_thousandth(verdict, share, words):
    """Of a block's largest entry, in every case."""
    assert verdict(off_by(share)).message.startswith(f"The gradient is {words}, and right in ")


def biases(change):
    """The right network with its biases' gradients made otherwise: change(dz, d) -> what replaces them, by name."""
    def edit(cost, gradient, args):
        data, labels, params, (Dx, H, Dy) = args
        W1, b1, W2, b2 = np.split(params, np.cumsum([Dx * H, H, H * Dy]))
        h = 1 / (1 + np.exp(-(data @ W1.reshape(Dx, H) + b1)))
        p = np.exp(h @ W2.reshape(H, Dy) + b2)
        d = p / p.sum(1, keepdims=True) - labels
        blocks = dict(zip(("W1", "b1", "W2", "b2"), np.split(gradient, np.cumsum([Dx * H, H, H * Dy])), strict=True))
        blocks |= change(d @ W2.reshape(H, Dy).T * h * (1 - h), d)
        return cost, np.concatenate([np.ravel(b) for b in blocks.values()])
    return edited(edit)


LENGTHS = {
    "b1 over the wrong axis": (lambda dz, d: {"b1": dz.sum(1)}, Fraction(3, 4), 1, "one number for each example in b1"),
    "b2 over the wrong axis": (lambda dz, d: {"b2": d.sum(1)}, Fraction(3, 4), 0, "one number for each example in b2"),
    "both over the wrong axis": (lambda dz, d: {"b1": dz.sum(1), "b2": d.sum(1)}, Fraction(1, 2), 0, "in b1 and b2"),
    "b1 not summed": (lambda dz, d: {"b1": dz}, Fraction(3, 4), 1, "b1 of each example"),
    "b1 as one number": (lambda dz, d: {"b1": dz.sum()}, Fraction(3, 4), 1, "a single number for b1"),
    "b2 left out": (lambda dz, d: {"b2": []}, Fraction(3, 4), 0, "its length without b2"),
    "W1 left out": (lambda dz, d: {"W1": []}, Fraction(3, 4), 1, "its length without W1"),
    "b1 not summed, b2 negative": (lambda dz, d: {"b1": dz, "b2": -d.sum(0)}, Fraction(1, 2), 0, "b1 of each example"),
    "b1 made of the output layer": (lambda dz, d: {"b1": d.sum(0)}, Fraction(3, 4), 1, "b1 of shape (1, Dy)"),
    "W1 made of the hidden layer": (lambda dz, d: {"W1": dz.T @ dz}, Fraction(3, 4), 1, "W1 of shape (H, H)"),
    "W2 made of the output layer, b1 negative": (lambda dz, d: {"W2": d.T @ d, "b1": -dz.sum(0)}, Fraction(1, 2), 1, "W2 of shape (Dy, Dy)"),
    "one number too many": (lambda dz, d: {"b2": np.append(d.sum(0), 1.0)}, Fraction(0), 0, ""),
    "everything twice": (lambda dz, d: {"W1": [], "b1": np.ones(500)}, Fraction(0), 0, ""),
}


@pytest.mark.parametrize(("change", "share", "delta", "why"), LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_block_of_another_length_does_not_spoil_the_others(verdict, change, share, delta, why, seed):
    """Where the length tells which block it is, the rest is judged; where it does not, nothing is guessed."""
    found = verdict(biases(change), seed=seed)
    assert (found.credit, found.reason) == (share, Reason.SHAPE)
    assert why in found.message
    of_b2 = verdict(biases(change), DELTA, seed)
    assert of_b2.credit == delta
    if delta and "not summed" not in why and "of each example" not in why:  # of one example, that sum has one term
        assert "is not the declared one" in " ".join(of_b2.notes)


def test_a_convention_keeps_its_share_of_the_blocks_beside_one_of_another_length(verdict):
    """The mean over N, and b1 summed over the wrong axis: three of four blocks, half of each."""
    def both(*args):
        cost, gradient = biases(lambda dz, d: {"b1": dz.sum(1)})(*args)
        return cost / len(args[0]), gradient / len(args[0])

    found = verdict(both, NETWORK.model_copy(update={"conventions": {"mean_over_N": Fraction(1, 2)}}), known=(MEAN,))
    assert (found.credit, found.reason) == (Fraction(3, 8), Reason.SHAPE)


@pytest.mark.parametrize("shape", [(1, -1), (-1, 1)])
def test_a_vector_may_come_as_a_matrix_of_one_row_or_column_where_the_rubric_says_so(verdict, shape):
    """With a note: its shape is another item's. A wrong block is wrong in it too."""
    lenient = NETWORK.model_copy(update={"squeezable": True})
    found = verdict(edited(lambda cost, gradient, args: (cost, gradient.reshape(shape))), lenient)
    assert (found.credit, found.notes) == (1, ("grad has axes of length 1 too many. That is charged where its shape is judged.",))
    assert verdict(edited(lambda cost, gradient, args: (cost, -gradient.reshape(shape))), lenient).credit == 0
    assert verdict(edited(lambda cost, gradient, args: (cost, gradient.reshape(shape)))).reason is Reason.SHAPE


def test_a_matrix_for_the_vector_of_blocks_is_none(verdict):
    """Of one axis too many, each longer than 1."""
    found = verdict(edited(lambda cost, gradient, args: (cost, np.vstack([gradient, gradient]))))
    assert (found.credit, found.reason) == (0, Reason.SHAPE)


def test_the_first_round_is_judged_once_for_both_rounds(monkeypatch):
    """To know what to ask next, and to tell of it; other answers are judged by themselves, though they come in the same list."""
    judged = []
    decide = GradientCheck._decide
    monkeypatch.setattr(GradientCheck, "_decide", lambda self, *args: judged.append(self) or decide(self, *args))
    trial = trial_of()
    first = ask(NETWORK.plan(trial), edited(lambda cost, gradient, _: (cost, 2 * gradient)))
    assert NETWORK.judge(trial, first).outcome is Outcome.NOT_MET
    further = NETWORK.follow_up(trial, first)
    assert any(isinstance(e, StepPlot) for e in NETWORK.judge(trial, first, ask(further, network)).evidence)
    assert len(judged) == 1
    first[:] = ask(NETWORK.plan(trial), network)
    assert NETWORK.judge(trial, first).outcome is Outcome.MET
    assert len(judged) == 2
