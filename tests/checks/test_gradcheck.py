"""Checkers of gradients, right ones written several ways and each mistake of the handout's students."""

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

from grader.checks import KINDS
from grader.checks.gradcheck import GradcheckCheck, restorable, what_was_said
from grader.core.evidence import Printed
from grader.core.observation import Died, Frame, HostError, Malformed, NotAsked, Raised, Returned, StandInCall, TimedOut, Unavailable
from grader.core.probe import Opaque
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.worker.standins import build
from reference.cs224n_a1.solutions import gradcheck_naive
from tests.checks.inprocess import ask, trial_of

ASPECTS = ("right", "planted", "restores", "random")
CHECKS = {a: GradcheckCheck(function="gradcheck_naive", aspect=a) for a in ASPECTS}


def checker(
    *, difference="central", reset=True, restore=True, restore_on_failure=True, tolerance=1e-5, compare=abs, entries=range,
    one_entry=False, h=1e-4, say=print, keep_going=False, after=lambda: None,
):
    """A checker in the handout's words, with one thing done otherwise."""
    def check(f, x):
        state = random.getstate()
        _, grad = f(x)
        flat, wanted = x.reshape(-1), np.asarray(grad).reshape(-1)
        bad = False

        def at(value, i):
            flat[i] = value
            if reset:
                random.setstate(state)
            return f(flat[i] if one_entry else x)[0]
        for i in entries(x.size):
            old = float(flat[i])
            up, down = at(old + h, i), at(old - h, i)
            if difference in ("one-sided", "half"):
                down = at(old, i)
            slope = (up - down) / {"central": 2 * h, "sign": -2 * h, "one-sided": h, "by h": h, "half": 2 * h}[difference]
            if compare(slope - wanted[i]) / max(1, abs(slope), abs(wanted[i])) > tolerance:
                if restore_on_failure:
                    flat[i] = old
                bad = True
                say("Gradient check failed.")
                if not keep_going:
                    return after()
            if restore:
                flat[i] = old
        if not bad:
            say("Gradient check passed!")
        return after()
    return check


def plus_minus_plus(f, x, h=1e-4):
    """x is moved and moved back by adding and subtracting, as most students do."""
    state = random.getstate()
    random.setstate(state)
    _, grad = f(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        x[ix] += h
        random.setstate(state)
        up = f(x)[0]
        x[ix] -= 2 * h
        random.setstate(state)
        down = f(x)[0]
        x[ix] += h
        slope = (up - down) / 2 / h
        if abs(slope - grad[ix]) / max(1, abs(slope), abs(grad[ix])) > 1e-5:
            print("Gradient check failed.")
            print(f"First gradient error found at index {ix}")
            return
        it.iternext()
    print("Gradient check passed!")


def on_a_copy(f, x):
    """Never moves x itself, and answers with a bool besides."""
    state = random.getstate()
    ok = True
    for ix in np.ndindex(x.shape):
        values = []
        for h in (1e-5, -1e-5):
            y = x.copy()
            y[ix] += h
            random.setstate(state)
            values.append(f(y)[0])
        random.setstate(state)
        ok &= bool(np.isclose((values[0] - values[1]) / 2e-5, f(x)[1][ix], rtol=1e-4))
    print("PASS" if ok else "FAIL")
    return ok


def verdict(aspect, function, seed=0):
    check, trial = CHECKS[aspect], trial_of(seed)
    first = ask(check.plan(trial), function)
    judged = check.judge(trial, first)
    return judged if judged.outcome is Outcome.MET else check.judge(trial, first, ask(check.follow_up(trial, first), function))


def lost(function, seed=0):
    return {a for a in ASPECTS if verdict(a, function, seed).outcome is not Outcome.MET}


# ---- right -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("function", [gradcheck_naive, plus_minus_plus, on_a_copy, checker(), checker(tolerance=1e-4), checker(h=1e-6),
                                      *(partial(plus_minus_plus, h=h) for h in (1e-3, 1e-5, 1e-6))])
def test_right_checkers_are_met_on_many_seeds(function):
    """Written in different ways, with other steps and tolerances: never a false alarm, never a note."""
    for seed in range(8):
        for aspect in ASPECTS:
            found = verdict(aspect, function, seed)
            assert (found.outcome, found.notes) == (Outcome.MET, ()), (seed, aspect, found)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_the_references_checker_is_met_on_three_hundred_seeds(aspect):
    """The questions are answerable whatever is drawn."""
    assert all(verdict(aspect, gradcheck_naive, seed).outcome is Outcome.MET for seed in range(300))


def test_an_assertion_counts_as_failed_and_a_bool_as_said():
    """Both with a note."""
    def asserts(f, x):
        out = []
        checker(say=out.append)(f, x)
        assert "passed" in out[-1], "wrong gradient"
        return True
    found = verdict("planted", asserts)
    assert lost(asserts) == set()
    assert set(found.notes) == {'an AssertionError was taken for "failed"', "what the function returns was taken for what it should print"}


@pytest.mark.parametrize(("returned", "said"), [
    (Returned(None, printed="Gradient check passed!\n"), "passed"), (Returned(None, printed="Gradient check failed."), "failed"),
    (Returned(None, printed="GRADIENT CHECK FAILED at (0,)"), "failed"), (Returned(None, printed="Passing..."), "passed"),
    (Returned(None, printed="failed\npassed"), "both"), (Returned(None, printed="(0, 0) passed\n(0, 1) failed"), "failed"),
    (Returned(None, printed="Failed: it has not passed."), "failed"), (Returned(None, printed="The check did NOT pass."), "failed"),
    (Returned(None, printed="It didn't pass"), "failed"), (Returned(None, printed="passed, no failures"), "passed"),
    (Returned(None, printed="0 failed, 6 passed"), "passed"), (Returned(None), "nothing"), (Returned(None, printed="ok"), "nothing"),
    (Returned(True), "passed"), (Returned(False), "failed"), (Returned(np.array(False)), "failed"), (Returned("check passed"), "passed"),
    (Returned(True, printed="failed"), "failed"), (Returned(True, printed="done"), "passed"), (Returned(1.0), "nothing"),
    (Returned(True, printed="0 failures"), "passed"), (Returned(False, printed="no failures"), "failed"),
])
def test_what_was_said_is_read_from_the_text_first(returned, said):
    """Any case, the stems only; both words or neither is unclear; a bool or a text that is returned counts if nothing is printed."""
    assert what_was_said(returned) == said


# ---- mistakes --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("function", "items", "words"), [
    (checker(difference="sign"), {"right", "planted", "random"}, "f(x - h) - f(x + h)"),
    (checker(difference="by h"), {"right", "planted", "random"}, "divided by h"),
    (checker(difference="half"), {"right", "planted", "random"}, "divided by 2h"),
    (checker(difference="one-sided"), {"right"}, "one-sided"),
    (checker(restore=False, restore_on_failure=False), {"right", "restores"}, "not put back"),
], ids=["sign", "by h", "half", "one-sided", "not restored"])
def test_wrong_differences_fail_right_gradients_and_are_named(function, items, words):
    """By passing the wrong gradients that the mistake would find right; a comparison that works keeps its item where it can."""
    for seed in range(8):
        assert lost(function, seed) == items
        assert words in verdict("right", function, seed).message


def all_entries_moved(f, x, h=1e-4):
    """x[ix] is moved by h, and back by h with all the others: f(x - h), for f at an x of which one entry is moved."""
    _, grad = f(x)
    for ix in np.ndindex(x.shape):
        old = float(x[ix])
        x[ix] = old + h
        up, _ = f(x)
        x[ix] = old
        down, _ = f(x - h)
        if abs((up - down) / (2 * h) - np.asarray(grad)[ix]) > 1e-5 * max(1, abs(np.asarray(grad)[ix])):
            print("failed")
            return
    print("passed")


def gradient_overwritten(f, x, h=1e-4):
    """`fxh, grad = f(x)`: what is compared is the gradient at x + h."""
    for ix in np.ndindex(x.shape):
        old = float(x[ix])
        x[ix] = old + h
        up, grad = f(x)
        x[ix] = old - h
        down = f(x)[0]
        x[ix] = old
        if abs((up - down) / (2 * h) - np.asarray(grad)[ix]) > 1e-5 * max(1, abs(np.asarray(grad)[ix])):
            print("failed")
            return
    print("passed")


@pytest.mark.parametrize(("function", "words"), [
    (all_entries_moved, "several entries of x at once"), (gradient_overwritten, "at a moved x"), (checker(h=1e-12), "so small"), (partial(plus_minus_plus, h=1e-12), "so small"),
])
def test_what_a_checker_did_to_x_tells_why_right_gradients_fail(function, words):
    """None is one-sided, and none leaves x where it moved it."""
    for seed in range(8):
        assert words in verdict("right", function, seed).message


def rows_moved(f, x):
    """A whole row of x is moved both ways, and put back."""
    state = random.getstate()
    _, grad = f(x)
    rows, bad = x if x.ndim == 2 else x.reshape(1, -1), False
    wanted = np.reshape(grad, rows.shape)

    def at(row, move):
        old = row.copy()
        row += move
        random.setstate(state)
        cost = f(x)[0]
        row[...] = old
        return cost
    for r, row in enumerate(rows):
        for i in range(row.size):
            part = row if x.ndim == 2 else row[i:i + 1]
            slope = (at(part, 1e-4) - at(part, -1e-4)) / 2e-4
            bad |= abs(slope - wanted[r, i]) / max(1, abs(slope)) > 1e-5
    print("Gradient check failed!" if bad else "Gradient check passed!")


def test_a_checker_that_moves_whole_rows_is_told_so_and_nothing_else():
    """It is neither one-sided nor does it forget the random state, which a vector shows."""
    for seed in range(8):
        assert "several entries of x at once" in verdict("right", rows_moved, seed).message
        said = verdict("random", rows_moved, seed)
        assert (said.reason, "random state is not reset" in said.message) == (Reason.PRINTED, False)


def state_taken_in_the_loop(f, x):
    """The state is reset, but to one that was taken after the first call of f."""
    _, grad = f(x)
    flat, wanted = x.reshape(-1), np.reshape(grad, -1)
    for i in range(x.size):
        old, state = float(flat[i]), random.getstate()
        costs = []
        for move in (1e-4, -1e-4):
            flat[i] = old + move
            random.setstate(state)
            costs.append(f(x)[0])
        flat[i] = old
        slope = (costs[0] - costs[1]) / 2e-4
        if abs(slope - wanted[i]) / max(1, abs(slope), abs(wanted[i])) > 1e-5:
            print("Gradient check failed.")
            return
    print("Gradient check passed!")


def test_the_draw_of_the_first_call_is_the_one_whose_gradient_is_compared():
    """Two sides that draw alike, but not as the gradient did, are not enough; it costs nothing else."""
    for seed in range(8):
        assert lost(state_taken_in_the_loop, seed) == {"random"}
        said = verdict("random", state_taken_in_the_loop, seed)
        assert (said.reason, "once, before the first f(x)" in said.hint) == (Reason.MISCONCEPTION, True)


def test_whoever_goes_on_after_a_failure_is_told_to_return():
    """It says "failed", and "passed" at the end all the same."""
    def goes_on(f, x):
        checker(keep_going=True)(f, x)
        print("Gradient check passed!")

    said = verdict("planted", goes_on)
    assert "both" in said.message
    assert "`return`" in said.hint


@pytest.mark.parametrize(("h", "named"), [(0.9e-9, True), (1.1e-9, False)])
def test_steps_are_called_small_below_1e_9(h, named):
    """Of a checker that fails everything, so that nothing else explains it."""
    assert ("so small" in verdict("right", checker(tolerance=-1.0, h=h)).message) is named


def one_sided_in_place(f, x, h=1e-6):
    """x[ix] is moved by adding h, and put back by taking it away: up to one rounding."""
    _, grad = f(x)
    for ix in np.ndindex(x.shape):
        x[ix] += h
        up, _ = f(x)
        x[ix] -= h
        slope = (up - f(x)[0]) / h
        if abs(slope - np.asarray(grad)[ix]) > 1e-5 * max(1, abs(slope), abs(np.asarray(grad)[ix])):
            print("failed")
            return
    print("passed")


def test_a_rounding_is_not_an_x_that_was_not_put_back():
    """What is left of a step that was added and taken away is no cause of a failure."""
    for seed in range(30):
        message = verdict("right", one_sided_in_place, seed).message
        assert not message or message.startswith("The difference is one-sided")


def test_x_that_is_not_put_back_costs_the_same_at_a_smaller_step():
    """Whatever the seed: students write 1e-6 where the handout has 1e-4."""
    for seed in range(40):
        assert verdict("right", checker(restore=False, h=1e-6), seed).credit == 0


def test_a_small_step_passes_more_than_linear_functions():
    """Nothing is said of one-sided differences that this one belies."""
    message = verdict("right", checker(difference="one-sided", h=1e-6)).message
    assert "one-sided" in message
    assert "only" not in message


@pytest.mark.parametrize("compare", [lambda d: d, lambda d: -d], ids=["no abs", "no abs, other sign"])
def test_faults_of_one_sign_are_charged_once(compare):
    """A checker that finds those of the other sign compares: it keeps what is about right gradients."""
    for seed in range(8):
        assert lost(checker(compare=compare), seed) == {"planted"}


@pytest.mark.parametrize(("line", "message", "kept"), [
    ("raise ValueError('gradient check failed')", "gradient check failed", True),
    ("raise ValueError(message)", "Gradient check has not passed", True),
    ("raise ValueError('gradients differ')", "gradients differ", True),
    ("x[ix] += 'a'", "ufunc 'add' failed", False),
])
def test_an_exception_for_wrong_gradients_counts_as_failed(line, message, kept):
    """If the checker raises it itself; with a note."""
    check, trial = CHECKS["planted"], trial_of(0)
    right = ask(check.plan(trial), gradcheck_naive)
    error = Raised("ValueError", message, (Frame("hw.py", 3, "gradcheck_naive", line),))
    found = check.judge(trial, [error if what_was_said(o) == "failed" else o for o in right])
    assert found.outcome is (Outcome.MET if kept else Outcome.NOT_MET)
    assert found.notes == (('a ValueError was taken for "failed"',) if kept else ())


def test_an_exception_for_right_gradients_is_one():
    """What a checker raises at a gradient that is right, or in place of code, is no verdict on a gradient."""
    check, trial = CHECKS["planted"], trial_of(0)
    right = ask(check.plan(trial), gradcheck_naive)
    frame = Frame("hw.py", 3, "gradcheck_naive", "raise ValueError('x is no matrix')")
    assert check.judge(trial, [Raised("ValueError", "x is no matrix", (frame,))] * len(right)).reason is Reason.RAISED
    stub = Raised("NotImplementedError", "", (Frame("hw.py", 3, "gradcheck_naive", "raise NotImplementedError"),))
    assert check.judge(trial, [stub if what_was_said(o) == "failed" else o for o in right]).outcome is Outcome.NOT_ATTEMPTED


def reversed_comparison(f, x):
    """reldiff < 1e-5 says that it failed."""
    said = []
    checker(say=said.append)(f, x)
    print("failed" if "passed" in said[-1] else "passed")


def reversed_entry_by_entry(f, x):
    """Each entry that agrees is a failure, so that one wrong entry among right ones fails too."""
    checker(compare=lambda d: 1.0 if abs(d) < 1e-5 else 0.0)(f, x)


def test_a_comparison_of_entries_the_wrong_way_round_is_named():
    """Numbers tell: every wrong one passes."""
    for seed in range(8):
        assert "wrong way round" in verdict("right", reversed_entry_by_entry, seed).message


@pytest.mark.parametrize("aspect", ["right", "planted", "random"])
def test_a_comparison_the_wrong_way_round_is_named(aspect):
    """It passes a gradient of the wrong sign too, and the difference is not to blame."""
    for seed in range(8):
        assert "wrong way round" in verdict(aspect, reversed_comparison, seed).message
    assert "wrong way round" not in verdict(aspect, checker(difference="sign")).message


@pytest.mark.parametrize(("h", "large"), [(2e-3, False), (2e-2, True), (0.1, True)])
def test_a_large_step_is_named(h, large):
    """Where the error of the central difference is beyond the tolerance."""
    for seed in range(8):
        found = verdict("right", checker(h=h), seed)
        assert "so large" in found.message if large else found.outcome is Outcome.MET
    assert "f(x - h) - f(x + h)" in verdict("right", checker(difference="sign", h=h)).message


def multiplied_by_h(f, x, h=1e-4):
    """(up - down) / 2 * h."""
    _, grad = f(x)
    for ix in np.ndindex(x.shape):
        old = float(x[ix])
        x[ix] = old + h
        up = f(x)[0]
        x[ix] = old - h
        down = f(x)[0]
        x[ix] = old
        if abs((up - down) / 2 * h - np.asarray(grad)[ix]) > 1e-5:
            print("failed")
            return
    print("passed")


def test_a_difference_of_zero_is_named():
    """The brackets around 2h are missing, or x is not moved at all."""
    for seed in range(8):
        assert "comes out as zero" in verdict("right", multiplied_by_h, seed).message


@pytest.mark.parametrize(("function", "words"), [
    (checker(tolerance=1e-2), "too loose"),
    (checker(compare=lambda d: d), "without its absolute value"),
    (checker(compare=lambda d: -d), "without its absolute value"),
    (checker(entries=lambda n: range(n - 1)), "every fault in the last entry"),
    (checker(entries=lambda n: range(1, n) if n > 1 else range(n)), "every fault in the first entry"),
    (checker(entries=lambda n: range(1)), "every fault in the middle and the last entry"),
], ids=["loose", "no abs", "no abs, other sign", "last skipped", "first skipped", "first only"])
def test_wrong_comparisons_miss_planted_faults_and_are_named(function, words):
    """Only `planted` is lost for a comparison that is too kind, and the sentence says to what."""
    for seed in range(8):
        found = verdict("planted", function, seed)
        assert (found.reason, found.credit) == (Reason.MISCONCEPTION, 0)
        assert words in found.message
        assert "right" not in lost(function, seed) or "absolute" in words


def test_magnitudes_that_are_compared_miss_flipped_signs():
    """abs(abs(a) - abs(b))."""
    def magnitudes(f, x):
        def absolute(p):
            cost, g = f(p)
            return cost, np.abs(g)
        grad = absolute(x)[1]
        for ix in np.ndindex(x.shape):
            old = float(x[ix])
            x[ix] = old + 1e-4
            up = f(x)[0]
            x[ix] = old - 1e-4
            slope = (up - f(x)[0]) / 2e-4
            x[ix] = old
            if abs(abs(slope) - grad[ix]) > 1e-5:
                print("failed")
                return
        print("passed")
    assert "flipped sign" in verdict("planted", magnitudes).message


@pytest.mark.parametrize(("tolerance", "outcome"), [(9e-4, Outcome.MET), (2.1e-3, Outcome.NOT_MET)])
def test_the_smallest_planted_fault_is_pinned(tolerance, outcome):
    """It is at most 2e-3 of max(1, entry) and at least half of that: a tolerance below finds it, one above does not."""
    for seed in range(8):
        assert verdict("planted", checker(tolerance=tolerance), seed).outcome is outcome


@pytest.mark.parametrize(("tolerance", "outcome"), [(1e-5, Outcome.NOT_MET), (1e-4, Outcome.NOT_MET), (1e-1, Outcome.MET)])
def test_the_curvature_is_enough_for_one_sided_differences(tolerance, outcome):
    """Off by 5e-4 of max(1, entry) at least: the handout's tolerance sees it with a factor of 50, one of 1e-4 with 5."""
    for seed in range(8):
        assert verdict("right", checker(difference="one-sided", tolerance=tolerance), seed).outcome is outcome


def test_a_state_that_is_not_reset_costs_the_random_item_alone():
    """And is named."""
    for seed in range(8):
        assert lost(checker(reset=False), seed) == {"random"}
    assert "random state is not reset" in verdict("random", checker(reset=False)).message


def test_x_that_is_not_put_back_on_failure_costs_the_restoring_item_alone():
    """A return in the middle of the loop."""
    function = checker(restore_on_failure=False)
    assert lost(function) == {"restores"}
    found = verdict("restores", function)
    assert found.reason is Reason.CHANGED_INPUT
    assert "when the check fails" in found.message


def test_f_of_one_entry_is_named_wherever_it_shows():
    """The stand-in refuses a number where it takes the whole x."""
    for aspect in ASPECTS:
        found = verdict(aspect, checker(one_entry=True))
        assert found.reason is Reason.MISCONCEPTION
        assert found.message.startswith("It calls f with one entry of x")


def test_both_words_are_unclear_and_are_shown():
    """A checker that goes on after a failure and then says passed."""
    def both(f, x):
        checker(keep_going=True)(f, x)
        print("Gradient check passed!")
    found = verdict("planted", both)
    assert (found.reason, found.credit) == (Reason.PRINTED, 0)
    assert 'says both "passed" and "failed"' in found.message
    assert any(isinstance(e, Printed) and "failed" in e.text for e in found.evidence)


def test_a_checker_that_goes_on_after_a_failure_is_no_matter():
    """Saying "failed" several times is saying it."""
    assert lost(checker(keep_going=True)) == set()


# ---- what is not worth a point ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("function", [
    lambda f, x: print("Gradient check passed!"), lambda f, x: print("Gradient check failed."), lambda f, x: None,
    lambda f, x: print("passed failed"), lambda f, x: True, lambda f, x: False, lambda f, x: x, lambda f, x: 0.0, lambda f, x: f(x),
    lambda f, x: print("passed" if np.ndim(x) else "failed"),
])
def test_saying_always_the_same_earns_nothing(function):
    """Neither "passed" nor "failed" nor silence, with or without a call of f."""
    assert lost(function) == set(ASPECTS)


def test_who_never_calls_f_beside_x_is_told_to_move_an_entry():
    """What was left in peace was not put back."""
    found = verdict("restores", lambda f, x: f(x))
    assert found.message.endswith("nothing was done to x.")
    assert found.hint == "Move one entry of x by h, call f(x), and put the entry back; for each entry."


def test_never_comparing_is_named():
    """Everything passes."""
    found = verdict("planted", checker(tolerance=1e9))
    assert found.reason is Reason.DEGENERATE
    assert "never compares" in found.message
    assert lost(checker(tolerance=1e9)) == {"right", "planted", "random"}


def test_a_stub_is_not_attempted():
    """As the starter has it."""
    def stub(f, x):
        raise NotImplementedError
    assert verdict("right", stub).outcome is Outcome.NOT_ATTEMPTED


# ---- the questions ---------------------------------------------------------------------------------------------------

def test_the_planted_gradients_are_wrong_in_one_entry_and_the_others_right():
    """Against the stand-in's own cost, by a central difference, for each question of each aspect."""
    for seed in range(10):
        for check in CHECKS.values():
            for question in check._questions(trial_of(seed)):
                f, x = question.case.args
                quiet = build(f.name, {**f.data, "noise": 0.0})
                grad = np.asarray(quiet(x.copy())[1]).reshape(-1)
                ds = 1e-4 * np.eye(x.size).reshape(x.size, *x.shape)
                slopes = np.array([(quiet(x + d)[0] - quiet(x - d)[0]) / 2e-4 for d in ds])
                off = np.abs(slopes - grad) / np.maximum(1, np.maximum(np.abs(slopes), np.abs(grad)))
                assert np.sum(off > 1e-7) == bool(question.by)
                assert not question.by or off.max() > 5e-4
                assert np.unique(x).size == (1 if check.aspect == "restores" else x.size)


def objects(aspect, seed=0):
    """The questions of an aspect, each with its f as the worker builds it."""
    for question in CHECKS[aspect]._questions(trial_of(seed)):
        f = question.case.args[0]
        yield question, build(f.name, f.data)


def structure(value):
    """All that can be read off a value but its numbers."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.flags.c_contiguous, value.flags.owndata, value.base is None
    return {k: structure(v) for k, v in value.items()} if isinstance(value, dict) else type(value)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("shape", [(), (5,), (2, 3)])
def test_right_and_wrong_gradients_have_the_same_structure(aspect, shape):
    """Names, types, shapes and order of what is sent and of what the object keeps: there is no place for a flag."""
    of_shape = [(q, f) for q, f in objects(aspect) if np.shape(q.case.args[1]) == shape]
    kept = [structure(vars(f)) for _, f in of_shape]
    sent = [(structure(dict(q.case.args[0].data)), list(q.case.args[0].data)) for q, _ in of_shape]
    assert all(k == kept[0] for k in kept)
    assert all(s == sent[0] for s in sent)
    assert all(q.case.args[0].name == "cost_and_gradient" and q.case.args[0].record == 64 for q, _ in of_shape)


@pytest.mark.parametrize("aspect", ["right", "random"])
def test_the_shape_of_x_does_not_tell_which_gradients_are_wrong(aspect):
    """Vectors and matrices, the noise alike, come with both."""
    for shape in ((5,), (2, 3)):
        noisy = [q for q, f in objects(aspect) if np.shape(q.case.args[1]) == shape and f._noise == (aspect == "random")]
        assert {q.should for q in noisy} == {"passed", "failed"}


def test_no_number_of_a_right_gradient_is_one_of_its_cost():
    """So that equality tells nothing: zeros of a linear cost apart, no two of their numbers are the same, nor negatives."""
    for question, f in (pair for aspect in ASPECTS for pair in objects(aspect)):
        cost, gradient = (np.abs(np.concatenate([np.ravel(getattr(f, f"_{n}")) for n in names])) for names in ("Wpqr", "gGVK"))
        assert not set(cost[cost > 0]) & set(gradient[gradient > 0]), question.name


def test_no_two_questions_are_about_one_cost():
    """Or the gradient that differs from the others would be the wrong one; questions asked twice are the same question."""
    seen = {}
    for question, f in (pair for aspect in ASPECTS for pair in objects(aspect)):
        seen.setdefault((f._W.tobytes(), f._p.tobytes()), set()).add(question.name)
    assert {len(names) for names in seen.values()} == {1}
    assert len(seen) == 25


def test_a_wrong_gradient_does_not_look_it():
    """At x all entries, right or wrong, are of the same range: size alone tells no one of them from the others."""
    told = {True: [], False: []}
    for seed in range(30):
        for question, f in (pair for aspect in ASPECTS for pair in objects(aspect, seed)):
            random.seed(seed)
            scale = 1 + random.random() * question.case.args[0].data["noise"]
            random.seed(seed)
            told[question.should == "failed"] += list(np.abs(np.ravel(f(question.case.args[1].copy())[1])) / scale)
    for sizes in told.values():
        assert 0.5 - 1e-9 < min(sizes) < 0.55
        assert 1.95 < max(sizes) < 2 + 1e-9


def test_who_judges_by_what_was_seen_before_earns_nothing():
    """An oracle by memory: it remembers the first gradient at each x, and calls what differs wrong."""
    known = {}

    def remembers(f, x):
        grad = np.array(f(x.copy())[1])
        print("passed" if np.array_equal(known.setdefault(x.tobytes(), grad), grad) else "failed")
    assert lost(remembers) == set(ASPECTS)


def test_x_comes_back_to_the_last_bit_in_any_usual_order():
    """So that rounding is not taken for an x that was not put back."""
    x, h = restorable(50, np.random.default_rng(0)), 1e-4
    y = x.copy()
    y += h
    y -= 2 * h
    y += h
    assert np.array_equal(x, y)
    assert np.array_equal((x - h) + h, x)
    for seed in range(50):  # -0.0 would come back as 0.0
        zeros = [v for v in restorable(60, np.random.default_rng(seed)) if v == 0]
        assert not np.signbit(zeros).any()


def test_the_curvature_is_what_the_docstring_says():
    """f'' of every entry is at least 19, for each right question that is not linear."""
    for seed in range(20):
        for question in CHECKS["right"]._questions(trial_of(seed))[:3]:
            f, x = question.case.args
            f = build(f.name, f.data)
            ds = 1e-3 * np.eye(x.size).reshape(x.size, *x.shape)
            assert all((f(x + d)[0] + f(x - d)[0] - 2 * f(x.copy())[0]) / 1e-6 > 19 for d in ds)


# ---- judging never fails ---------------------------------------------------------------------------------------------

ODD = (
    Returned(None), Returned("\x00pass fail"), Returned(np.zeros(0, bool)), Returned(Opaque("X", "passed")), Returned(1j, printed="pass\nfail"),
    Returned(None, calls=(StandInCall(0, "__call__", ()), StandInCall(0, "__call__", ("x",)), StandInCall(0, "__call__", (np.zeros(3, bool),)))),
    Returned(None, changed=(1,), calls=(StandInCall(7, "", (1.0,)),)), Raised("AssertionError", ""), Raised("ValueError", "no"),
    Unavailable("f"), TimedOut("cpu", 5.0), Died("exit", 0), Malformed("junk"), NotAsked(), HostError("no space"),
)


@pytest.mark.parametrize("odd", ODD, ids=lambda o: repr(o)[:40])
@pytest.mark.parametrize("aspect", ASPECTS)
def test_judging_never_raises(aspect, odd):
    """Whatever comes back for all probes, for one of them, for too few, or in the second round; and none of it is met."""
    check, trial = CHECKS[aspect], trial_of(0)
    right = ask(check.plan(trial), gradcheck_naive)
    for first in ([odd] * len(right), [odd, *right[1:]], right[:-1], [], [*right, odd]):
        assert check.judge(trial, first).outcome is not Outcome.MET
    wrong = [replace(o, printed="failed") for o in right]
    more = check.follow_up(trial, wrong)
    for second in ([odd] * len(more), [odd], [odd] * 9):
        check.judge(trial, wrong, second)


def test_the_kind_is_registered_and_its_author_is_helped():
    """A function of other arguments is no checker."""
    assert KINDS["gradcheck"] is GradcheckCheck
    interface = trial_of().interface
    assert not list(CHECKS["right"].problems(interface))
    assert [p[0] for p in CHECKS["right"].model_copy(update={"function": "sgd"}).problems(interface)] == ["function"]


def test_a_verdict_that_is_taken_back_costs_the_planted_ones_only(judged: Callable[..., Verdict]) -> None:
    """It says "failed" and goes on to say "passed": right gradients are told from wrong ones, but not at the end."""
    def goes_on(f: Any, x: Any) -> None:
        _, grad = f(x)
        grad = np.asarray(grad)
        for at in np.ndindex(np.shape(x)):
            moved = [np.array(x, float) for _ in range(2)]
            moved[0][at] += 1e-4
            moved[1][at] -= 1e-4
            slope = (f(moved[0])[0] - f(moved[1])[0]) / 2e-4
            if abs(slope - grad[at]) > 1e-5 * max(1, abs(slope), abs(grad[at])):
                print("Gradient check failed.")
        print("Gradient check passed!")

    kept = {aspect: judged(GradcheckCheck(function="gradcheck_naive", aspect=aspect), gradcheck_naive=goes_on).credit
               for aspect in ("right", "planted")}
    assert kept == {"right": 1, "planted": 0}


def test_silence_about_wrong_gradients_costs_the_planted_ones_only() -> None:
    """Right gradients are said to have passed, wrong ones are not: they are told apart, and the word is one item's."""
    def silent(text: str) -> None:
        print(text.replace("Gradient check failed.", "numerical gradient: 1.2, yours: 3.4"))

    assert lost(checker(say=silent)) == {"planted"}
    assert lost(checker(say=lambda _: None)) == set(ASPECTS) - {"restores"}


def test_an_exception_after_failed_was_said_costs_the_planted_ones_only(judged: Callable[..., Verdict]) -> None:
    """A report that cannot be formatted: "failed" has been printed by then. Of a right gradient, it is an exception."""
    def misprints(always: bool) -> Callable[..., None]:
        def check(f: Any, x: Any) -> None:
            said: list[str] = []
            checker(say=said.append)(f, x)
            print(said[-1])
            if always or "failed" in said[-1]:
                raise TypeError("not enough arguments for format string")

        return check

    def kept(always: bool) -> dict[str, Fraction]:
        return {a: judged(GradcheckCheck(function="gradcheck_naive", aspect=a), gradcheck_naive=misprints(always)).credit for a in ASPECTS}

    assert kept(False) == {"right": 1, "planted": 0, "restores": 1, "random": 1}
    assert set(kept(True).values()) == {0}


@pytest.mark.parametrize("share", [Fraction(0), Fraction(1, 2), Fraction(1)])
def test_an_x_that_is_not_put_back_is_charged_where_the_rubric_says_so(share: Fraction) -> None:
    """Only if nothing else is wrong with the difference."""
    def right(function: Any, seed: int) -> Verdict:
        check, trial = CHECKS["right"].model_copy(update={"not_restored": share}), trial_of(seed)
        first = ask(check.plan(trial), function)
        return check.judge(trial, first, ask(check.follow_up(trial, first), function))

    for seed in range(8):
        found = right(checker(restore=False, restore_on_failure=False), seed)
        assert found.credit == share
        assert "not put back" in found.message + " ".join(found.notes)
        for difference in ("one-sided", "by h", "half", "sign"):
            assert right(checker(difference=difference, restore=False, restore_on_failure=False), seed).credit == 0
        assert right(partial(gradient_overwritten_and_left), seed).credit == 0


def gradient_overwritten_and_left(f: Any, x: Any) -> None:
    """What is compared is the gradient at x + h, and x stays at x - h."""
    for ix in np.ndindex(x.shape):
        old = float(x[ix])
        x[ix] = old + 1e-4
        up, grad = f(x)
        x[ix] = old - 1e-4
        if abs((up - f(x)[0]) / 2e-4 - np.asarray(grad)[ix]) > 1e-5 * max(1, abs(np.asarray(grad)[ix])):
            print("failed")
            return
    print("passed")


def test_numbers_that_are_rounded_before_they_are_compared_miss_some_small_faults() -> None:
    """To two decimals 0.002 is nothing, or 0.01."""
    found = {verdict("planted", checker(compare=lambda gap: round(abs(gap), 2)), seed).message for seed in range(4)}
    assert all("tolerance is too loose" in message for message in found)

    def between(f: Any, x: Any) -> None:
        _, grad = f(x)
        for ix in np.ndindex(x.shape):
            up, down = (f(x + s * 1e-4 * (np.indices(x.shape) == np.reshape(ix, (-1, *[1] * x.ndim))).all(0))[0] for s in (1, -1))
            slope = (up - down) / 2e-4
            if abs(round(slope, 2) - round(float(np.asarray(grad)[ix]), 2)) > 1e-5:
                print("failed")
                return
        print("passed")

    told = {verdict("planted", between, seed).message for seed in range(100)}
    assert any("numbers are rounded" in message for message in told)
    assert all("loose" in message for message in told)  # one fault in the middle is none to two decimals, whatever is drawn


def test_whoever_is_silent_is_told_the_word() -> None:
    """The one that should have been printed."""
    silent = verdict("planted", checker(say=lambda text: print(text.replace("failed", "went wrong"))))
    assert (silent.reason, silent.hint) == (Reason.PRINTED, 'Print a line with the word "failed" before the function returns.')
