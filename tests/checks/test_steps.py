"""Where gradient descent arrives, for right ones and for each mistake."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from grader.checks import KINDS
from grader.checks.steps import StepsCheck
from grader.core.observation import Died, HostError, Malformed, NotAsked, Raised, Returned, TimedOut, Unavailable
from grader.core.probe import Opaque
from grader.core.reason import Reason
from grader.core.verdict import Outcome
from grader.worker.standins import build
from reference.cs224n_a1.solutions import sgd
from tests.checks.inprocess import ask, trial_of

CHECKS = {a: StepsCheck(aspect=a) for a in ("steps", "postprocessing", "annealing")}


def descent(
    *, step_sign=-1, start=1, extra=1, post=lambda x, process: process(x), before=None, at_end=None, anneal_every=20000, anneal_first=False,
    anneal_by=0.5, in_place=False, returned=lambda x, x0: x,
):
    """The handout's sgd, with one thing done otherwise."""
    def run(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
        process = postprocessing or (lambda x: x)
        first, x = np.copy(x0), x0
        for i in range(start, iterations + extra):
            if anneal_first and i % anneal_every == 0:
                step *= 0.5
            if before is not None:
                x = before(x, process)
            cost, grad = f(x)
            if in_place and isinstance(x, np.ndarray):
                x += step_sign * step * grad
            else:
                x = x + step_sign * step * grad
            x = post(x, process)
            if i % PRINT_EVERY == 0:
                print(f"iter {i}: {cost}")
            if not anneal_first and i % anneal_every == 0:
                step *= anneal_by
        if at_end is not None:
            x = at_end(x, process)
        return returned(x, first)
    return run


def discard(x, process):
    process(x)
    return x


def keep(x, process):
    return process(x)


def ignore(x, process):
    return x


def returns_inside_the_loop(f, x0, step, iterations, *rest):
    for _ in range(iterations):
        return x0 - step * f(x0)[1]
    return x0


def from_the_start_each_time(f, x0, step, iterations, *rest):
    x = x0
    for _ in range(iterations):
        x = x - step * f(x0)[1]
    return x


def each_step_from_the_start(f, x0, step, iterations, *rest):
    x = x0
    for _ in range(iterations):
        x = x0 - step * f(x)[1]
    return x


def without_step(f, x0, step, iterations, *rest):
    return sgd(f, x0, 1.0, iterations)


def processed_after_the_gradient(f, x0, step, iterations, postprocessing, *rest):
    x = x0
    for _ in range(iterations):
        _, grad = f(x)
        x = postprocessing(x)
        x = x - step * grad
    return x


def steps_beside_what_is_processed(f, x0, step, iterations, postprocessing, *rest):
    x = x0
    for _ in range(iterations):
        _, grad = f(x)
        x = x0 - step * grad
        x0 = x
        x = postprocessing(x)
    return x


def with_processed_gradients(f, x0, step, iterations, postprocessing, *rest):
    x = x0
    for _ in range(iterations):
        x = x - step * postprocessing(f(x)[1])
    return x


def verdict(aspect, function, seed=0):
    check, trial = CHECKS[aspect], trial_of(seed)
    return check.judge(trial, ask(check.plan(trial), function))


def lost(function, aspects=("steps", "postprocessing")):
    return {a for a in aspects if verdict(a, function).outcome is not Outcome.MET}


@pytest.mark.parametrize("function", [sgd, descent(), descent(in_place=True)])
def test_right_descents_are_met_on_three_hundred_seeds(function):
    """On a new array or in place, without a note."""
    for seed in range(300):
        for aspect in ("steps", "postprocessing"):
            found = verdict(aspect, function, seed)
            assert (found.outcome, found.notes) == (Outcome.MET, ()), (seed, aspect, found)


@pytest.mark.parametrize("function", [sgd, descent()])
def test_right_annealing_is_met(function):
    """Whatever slope and start are drawn; nothing rounds, so even the last bit is equal."""
    exact = CHECKS["annealing"].model_copy(update={"rtol": 0.0, "atol": 0.0})
    for seed in range(4):
        trial = trial_of(seed)
        assert exact.judge(trial, ask(exact.plan(trial), function)).outcome is Outcome.MET


def test_nothing_is_printed_for_a_submission_that_prints_now_and_then():
    """PRINT_EVERY lies beyond every number of iterations."""
    for check in CHECKS.values():
        trial = trial_of()
        assert all(o.printed == "" for o in ask(check.plan(trial), descent()))


def test_x_may_be_a_number_a_vector_or_a_matrix():
    """And the number is a plain one, as the handout's own test has it; f is not separable."""
    args = [p.args for p in CHECKS["steps"].plan(trial_of())]
    assert [np.shape(a[1]) for a in args] == [(), (3,), (2, 4), (5,), (2,)]
    assert type(args[0][1]) is float
    assert all(abs(a[0].data["A"][0, 1]) > 0 for a in args[1:])


def in_single(x):
    """As single precision has it: off by six roundings of its largest entry."""
    return np.asarray(x + 6 * 2.0**-23 * np.max(np.abs(x)), np.float32)


# ---- mistakes --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("aspect", "function", "words"), [
    ("steps", descent(returned=lambda x, x0: x0), "no step is taken"),
    ("steps", descent(step_sign=1), "climbs"),
    ("steps", descent(step_sign=1, returned=lambda x, x0: in_single(x)), "climbs"),
    ("steps", descent(step_sign=-0.5), "half of each step"),
    ("steps", descent(start=2), "one step too few"),
    ("steps", descent(extra=2), "one step too many"),
    ("steps", descent(anneal_every=1), "halves the step in every iteration"),
    ("steps", descent(start=0, extra=0), "as one that counts from 0 does"),
    ("steps", descent(start=0), "takes one step too many, and halves"),
    ("steps", returns_inside_the_loop, "after its first iteration"),
    ("steps", from_the_start_each_time, "the gradient at x0 in every iteration"),
    ("steps", each_step_from_the_start, "every step from x0"),
    ("steps", without_step, "not multiplied by step"),
    ("postprocessing", processed_after_the_gradient, "between the gradient and the step"),
    ("postprocessing", steps_beside_what_is_processed, "its steps from what it was given"),
    ("postprocessing", with_processed_gradients, "with the gradient"),
    ("annealing", descent(anneal_by=2), "doubles the step"),
    ("postprocessing", descent(post=ignore), "does not call postprocessing after each step"),
    ("postprocessing", descent(post=discard), "discards what it returns"),
    ("postprocessing", descent(post=ignore, before=keep), "before the step; it belongs after"),
    ("postprocessing", descent(before=keep), "before the step and after it"),
    ("postprocessing", descent(post=ignore, at_end=keep), "once, at the end"),
    ("postprocessing", descent(post=lambda x, process: process(process(x))), "twice after each step"),
    ("postprocessing", descent(post=lambda x, process: discard(process(x), process)), "once more, and discards"),
    ("annealing", descent(anneal_every=10**9), "never halves"),
    ("annealing", descent(anneal_first=True), "one iteration too early"),
    ("annealing", descent(anneal_every=10000), "every 10000 iterations"),
])
def test_each_mistake_is_named(aspect, function, words):
    """By a run of the same mistake that arrives at the same place in every case; no credit."""
    for seed in range(1 if aspect == "annealing" else 20):
        found = verdict(aspect, function, seed)
        assert (found.reason, found.credit) == (Reason.MISCONCEPTION, 0)
        assert words in found.message
        assert found.hint


@pytest.mark.parametrize("post", [ignore, discard])
def test_postprocessing_costs_its_own_item_only(post):
    """The steps are judged without one."""
    assert lost(descent(post=post)) == {"postprocessing"}


def test_a_mistake_that_is_none_of_the_known_ones_shows_where_x_should_be():
    """A step that is a tenth too long."""
    found = verdict("steps", descent(step_sign=-1.1))
    assert (found.reason, found.message) == (Reason.STEPS, "With iterations = 1, x is not where it should be at the end.")
    assert found.evidence[0].call == "sgd with iterations = 1"


def processed_where_it_prints(f, x0, step, iterations, postprocessing, useSaved, PRINT_EVERY):
    x = x0
    for i in range(1, iterations + 1):
        x = x - step * f(x)[1]
        if i % PRINT_EVERY == 0:
            x = postprocessing(x)
    return x


def test_who_processes_a_copy_and_discards_it_is_not_said_to_leave_it_out():
    """The x that is gone on from is the same either way; that it was called is known."""
    def on_a_copy(f, x0, step, iterations, postprocessing, *rest):
        x = x0
        for _ in range(iterations):
            x = x - step * f(x)[1]
            postprocessing(np.array(x))
        return x

    assert verdict("postprocessing", on_a_copy).message == "sgd calls postprocessing and discards what it returns."


def test_nobody_is_said_never_to_call_postprocessing():
    """It may be called now and then, and not here."""
    found = verdict("postprocessing", processed_where_it_prints)
    assert (found.reason, found.message) == (Reason.MISCONCEPTION, "sgd does not call postprocessing after each step.")


@pytest.mark.parametrize(("factor", "added_up"), [
    (lambda i: 0.5 ** (i // 2000), "3996.0957"), (lambda i: 1 / (1 + 2 * (i // 20000)), "20000.667"), (lambda i: 0.75, "15001.5"),
])
def test_another_schedule_is_told_by_what_its_steps_add_up_to(factor, added_up):
    """On a constant slope that is all that x tells of it."""
    def scheduled(f, x0, step, iterations, *rest):
        x = x0
        for i in range(iterations):
            x = x - step * factor(i) * f(x)[1]
        return x

    found = verdict("annealing", scheduled)
    assert found.reason is Reason.STEPS
    assert found.message.endswith(f"The steps add up to {added_up} of the first one; halved after every 20000, they add up to 20001 of it.")
    assert "ANNEAL_EVERY" in found.hint


SHARES = {"steps": Fraction(2, 3), "postprocessing": Fraction(1), "annealing": Fraction(1)}


def of_arrays(aspect, function, share):
    check, trial = CHECKS[aspect].model_copy(update={"arrays_only": share}), trial_of(0)
    first = ask(check.plan(trial), function)
    return check.judge(trial, first, ask(check.follow_up(trial, first), function))


def for_arrays(function):
    """Begins with x0.copy(), which a plain number has not."""
    return lambda f, x0, *rest: function(f, x0.copy(), *rest)


@pytest.mark.parametrize("aspect", CHECKS)
def test_code_for_arrays_alone_keeps_its_share(aspect):
    """It raises at a plain number, which is charged where the rubric says so; a mistake beside it is found all the same."""
    found = of_arrays(aspect, for_arrays(descent()), SHARES[aspect])
    assert found.credit == SHARES[aspect]
    if aspect == "steps":
        assert (found.reason, "'float' object has no attribute 'copy'" in found.message) == (Reason.RAISED, True)
    else:
        assert found.notes == ("sgd raises where x is a plain number. That is not charged here.",)
    assert of_arrays(aspect, for_arrays(descent(step_sign=1)), SHARES[aspect]).credit == 0
    assert of_arrays(aspect, for_arrays(descent()), Fraction(0)).credit == 0


@pytest.mark.parametrize("aspect", CHECKS)
def test_who_raises_at_arrays_too_gets_no_share(aspect):
    """Nor does one who raises at arrays alone."""
    def raises(*args):
        raise ValueError(args)

    def raises_at_arrays(f, x0, *rest):
        return raises() if np.ndim(x0) else descent()(f, x0, *rest)

    assert of_arrays(aspect, raises, SHARES[aspect]).credit == 0
    assert of_arrays(aspect, raises_at_arrays, SHARES[aspect]).credit == (1 if aspect == "annealing" else 0)


def stops_when_the_cost_rises(f, x, step, iterations, postprocessing=None, *rest, by=0.0):
    """Before the step that would come next."""
    costs = []
    for _ in range(iterations):
        cost, grad = f(x)
        if costs and cost > costs[-1] + by:
            break
        costs.append(cost)
        x = (postprocessing or (lambda x: x))(x - step * grad)
    return x


def never_steps_uphill(f, x, step, iterations, postprocessing=None, *rest):
    """To where the cost is greater it does not go at all."""
    for _ in range(iterations):
        cost, grad = f(x)
        further = (postprocessing or (lambda x: x))(x - step * grad)
        if f(further)[0] > cost:
            break
        x = further
    return x


@pytest.mark.parametrize("function", [stops_when_the_cost_rises, never_steps_uphill])
@pytest.mark.parametrize("seed", range(20))
def test_who_stops_when_the_cost_rises_is_seen_and_told_so(function, seed):
    """Under every seed, in sgd.steps alone: whether the cost rises with a postprocessing is a matter of luck."""
    for aspect, share in (("steps", Fraction(1, 3)), ("postprocessing", Fraction(1))):
        check, trial = CHECKS[aspect], trial_of(seed)
        answers = ask(check.plan(trial), function)
        lost = check.judge(trial, answers)
        assert (lost.credit, "as soon as the cost rises" in lost.message) in {(0, True), (0 if aspect == "steps" else 1, aspect == "steps")}
        found = check.model_copy(update={"stopping": share}).judge(trial, answers)
        assert found.credit == share
        if share == 1 and not lost.credit:
            assert (found.message, found.notes[0].endswith("says. That is not charged here.")) == ("", True)


@pytest.mark.parametrize("aspect", ["steps", "postprocessing"])
def test_no_other_mistake_keeps_what_is_granted_for_stopping(aspect):
    """Nor another one beside it."""
    check, trial = CHECKS[aspect].model_copy(update={"stopping": Fraction(1)}), trial_of(0)
    for wrong in (lambda f, x, *rest: x, descent(step_sign=1) if aspect == "steps" else descent(post=ignore)):
        found = check.judge(trial, ask(check.plan(trial), wrong))
        assert (found.credit, found.reason) == (0, Reason.MISCONCEPTION)


STEPS_OTHERWISE = {
    "counting": [{"start": 2}, {"extra": 0}, {"extra": 2}, {"start": 0, "extra": 0}, {"start": 0}],
    "climbing": [{"step_sign": 1}],
    "halving": [{"anneal_every": 1}],
}


@pytest.mark.parametrize("aspect", CHECKS)
@pytest.mark.parametrize(("field", "otherwise"), [(f, o) for f, all_of_it in STEPS_OTHERWISE.items() for o in all_of_it])
def test_steps_that_are_charged_elsewhere_hide_nothing_else(aspect, field, otherwise):
    """They keep the share that the rubric grants; with another mistake beside them, or with that one alone, nothing."""
    check, trial = CHECKS[aspect], trial_of(1)
    beside = {"steps": {"returned": lambda x, x0: x0}, "postprocessing": {"post": ignore}, "annealing": {"anneal_every": 10**9}}[aspect]

    def credit(share, function):
        return check.model_copy(update={field: share}).judge(trial, ask(check.plan(trial), function))

    for share in (Fraction(0), Fraction(1, 3), Fraction(1)):
        found = credit(share, descent(**otherwise))
        assert found.credit == share
        assert "sgd" in (found.notes[0] if share == 1 else found.message)
        assert credit(share, descent(**{**otherwise, **beside})).credit == credit(share, descent(**beside)).credit == 0
    assert credit(Fraction(1), descent(anneal_first=True)).credit == (0 if aspect == "annealing" else 1)


def test_the_cost_rises_with_each_of_the_steps_that_are_too_long():
    """By far: who stops when it has risen by ten is seen as well, and a right one ends where it should."""
    check, trial = CHECKS["steps"], trial_of(3)
    f, x, step, iterations = check._cases(trial)[-1].args[:4]
    cost = build(f.name, f.data)
    costs = [cost(descent()(cost, x, step, i))[0] for i in range(iterations + 1)]
    assert all(b > a + 10 for a, b in itertools.pairwise(costs[1:]))
    assert check.judge(trial, ask(check.plan(trial), descent())).outcome is Outcome.MET


@pytest.mark.parametrize(("name", "outcome"), [("saved_params_5000.npy", Outcome.UNGRADED), ("notes.txt", Outcome.NOT_MET)])
def test_a_file_that_sgd_may_write_and_cannot_is_left_to_a_person(name, outcome):
    """No file can be written where submissions run; other files none may write."""
    check, trial = CHECKS["annealing"], trial_of(0)
    found = check.judge(trial, [Raised("PermissionError", f"[Errno 13] Permission denied: '{name}'")])
    assert (found.outcome, found.credit) == (outcome, None if outcome is Outcome.UNGRADED else 0)


@pytest.mark.parametrize(("off", "outcome"), [(0.9e-6, Outcome.MET), (1.1e-6, Outcome.NOT_MET), (1e-4, Outcome.NOT_MET)])
def test_the_tolerance_is_pinned(off, outcome):
    """Relative 1e-6 on both sides; a near miss of 1e-4 in one entry of the last case alone is found."""
    check, trial = CHECKS["steps"].model_copy(update={"atol": 0.0}), trial_of(1)
    answers = ask(check.plan(trial), sgd)
    last = answers[-1].value.copy()
    last[1] *= 1 + off
    assert check.judge(trial, [*answers[:-1], Returned(last)]).outcome is outcome


def test_one_step_at_the_wrong_length_is_seen_at_the_end_of_annealing():
    """The smallest fault, one of 20002 steps taken whole, is 25 times the tolerance or more."""
    trial = trial_of(2)
    case = CHECKS["annealing"]._cases(trial)[0]
    slope, step = case.args[0].data["slope"], case.args[2]
    want = float(trial.answer(case)["x"])
    assert want == case.args[1] - 20001 * slope * step
    assert 0.5 * slope * step > 20 * 1e-6 * abs(want)


@pytest.mark.parametrize("function", [
    lambda f, x0, *a: x0, lambda f, x0, *a: np.zeros_like(x0), lambda f, x0, *a: np.ones_like(x0), lambda f, x0, *a: f(x0)[1],
])
def test_degenerate_answers_earn_nothing(function):
    """The start, zeros, ones, the gradient."""
    assert lost(function, CHECKS) == set(CHECKS)


@pytest.mark.parametrize(("function", "reason"), [
    (lambda *a: None, Reason.TYPE), (lambda f, x0, *a: np.full_like(x0, np.nan), Reason.NOT_FINITE), (lambda f, x0, *a: np.zeros(7), Reason.SHAPE),
    (lambda *a: 1 / 0, Reason.RAISED),
])
def test_form_comes_before_values(function, reason):
    """What is no array like x0 has its own verdict."""
    assert verdict("steps", function).reason is reason


def test_the_reference_answers_once(monkeypatch):
    """20002 iterations of it are not repeated for every submission of a run."""
    trial = trial_of(0)
    calls = []
    counted = trial.oracle.functions["sgd"]
    monkeypatch.setattr(trial, "oracle", type(trial.oracle)({"sgd": lambda *a: calls.append(1) or counted(*a)}))
    answers = ask(CHECKS["annealing"].plan(trial), descent())
    assert CHECKS["annealing"].judge(trial, answers) == CHECKS["annealing"].judge(trial, answers)
    assert len(calls) == len(CHECKS["annealing"].plan(trial))


ODD = (
    Returned(None), Returned(()), Returned("x"), Returned(np.full(3, 1e308)), Returned(1e308), Returned(10**400), Returned(True),
    Returned(Opaque("X", "")), Returned(np.zeros((2, 4)), calls=()), Raised("ValueError", "no"), Unavailable("f"), TimedOut("wall", 5.0),
    Died("memory", 9), Malformed("junk"), NotAsked(), HostError("no space"),
)


@pytest.mark.parametrize("odd", ODD, ids=lambda o: repr(o)[:40])
@pytest.mark.parametrize("aspect", ["steps", "postprocessing"])
def test_judging_never_raises(aspect, odd):
    """Whatever comes back, nothing of it is met."""
    check, trial = CHECKS[aspect], trial_of(0)
    right = ask(check.plan(trial), sgd)
    for first in ([odd] * len(right), [odd, *right[1:]], [*right[:2], odd, *right[3:]], right[:-1], [], [*right, odd]):
        assert check.judge(trial, first).outcome is not Outcome.MET


def test_the_kind_is_registered_and_its_author_is_helped():
    """A function of other arguments is no descent."""
    assert KINDS["steps"] is StepsCheck
    assert not list(CHECKS["steps"].problems(trial_of().interface))
    assert [p[0] for p in StepsCheck(aspect="steps", function="softmax").problems(trial_of().interface)] == ["function"]


def test_who_raises_everywhere_is_told_of_an_array():
    """That it takes no plain number either is the lesser half of it, and mending that alone would not help."""
    def three(f, x0, *rest):
        x0.shape  # noqa: B018 - a plain number has none
        _cost, _slope, _more = f(x0)

    found = verdict("steps", three)
    assert (found.credit, found.reason) == (0, Reason.RAISED)
    assert "unpack" in found.message
    assert of_arrays("annealing", for_arrays(descent()), Fraction(1)).credit == 1


def taking(pick, step_of=lambda step: step):
    """x - step * something that is made of cost and gradient."""
    def run(f, x0, step, iterations, postprocessing=None, *rest):
        x = x0
        with np.errstate(all="ignore"):
            for _ in range(iterations):
                x = x - step_of(step) * pick(*f(x))
                x = postprocessing(x) if postprocessing else x
        return x
    return run


@pytest.mark.parametrize("seed", range(10))
def test_who_subtracts_the_cost_is_told_so_though_the_numbers_overflow(seed):
    """After five iterations nothing but NaN is left, on whichever side it is computed; the first iterations tell."""
    found = verdict("steps", taking(lambda cost, grad: cost), seed)
    assert (found.credit, found.reason, found.hint) == (0, Reason.MISCONCEPTION, "Write cost, grad = f(x).")
    assert found.message == "sgd subtracts the cost: f returns the cost first, and the gradient second."


@pytest.mark.parametrize("function", [
    taking(lambda cost, grad: cost + 1e-3 * grad),  # overflows alike, and is not the cost
    taking(lambda cost, grad: grad, lambda step: 1e30 * step),
    taking(lambda cost, grad: grad * np.nan),
])
def test_numbers_that_overflow_otherwise_are_called_what_they_are(function):
    """Near misses: NaN is no evidence by itself."""
    found = verdict("steps", function)
    assert (found.credit, found.reason) == (0, Reason.NOT_FINITE)
