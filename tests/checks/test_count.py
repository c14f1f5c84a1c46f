"""The number of parameters: exact, for many sizes, with the usual slips named."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.count import CountCheck
from grader.core.observation import Observation, Raised, Unavailable
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.trial import Trial
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import FUNCTIONS

Judged = Callable[..., Verdict]
CHECK = CountCheck(
    function="parameter_count", formula="(Dx+1)*H + (H+1)*Dy", otherwise="forward_backward_prop", result="grad",
    slips={"Dx*H + H*Dy": "The biases are left out.", "Dx*H + H + H*Dy": "The biases b2 are left out."},
)


def right(Dx: int, H: int, Dy: int) -> int:
    """As the handout asks."""
    return (Dx + 1) * H + (H + 1) * Dy


@pytest.mark.parametrize("kind", [int, float, np.float64, np.array, lambda n: np.array([n])])
def test_a_whole_number_of_any_kind_is_a_count(kind: Callable[[int], Any], judged: Judged) -> None:
    """25, 25.0 and numpy's integers; an array of one number is a noted leniency."""
    assert judged(CHECK, parameter_count=lambda *sizes: kind(right(*sizes))).credit == 1


@pytest.mark.parametrize("wrong", [
    lambda *s: right(*s) + 1e-4, lambda *s: right(*s) - 1, lambda Dx, H, Dy: right(Dx, H, Dy) + (H == 1), lambda *s: 25, lambda *s: right(*s[::-1]),
    lambda Dx, H, Dy: right(Dx, H, Dy) if Dx != Dy else 0,
], ids=["by 1e-4", "one short", "one hidden unit", "constant", "order of arguments", "equal sizes"])
def test_near_misses_are_counted_wrong(wrong: Callable[..., float], judged: Judged) -> None:
    """Exactly, and for sizes of 1 and equal ones too."""
    verdict = judged(CHECK, parameter_count=wrong)
    assert (verdict.reason, verdict.credit) == (Reason.COUNT, 0)
    assert re.match(r"parameter_count returned [-\d.]+ for Dx = \d+, H = \d+, Dy = \d+, but \(Dx\+1\)\*H \+ \(H\+1\)\*Dy = \d+\.$", verdict.message)


@pytest.mark.parametrize("wrong", [lambda *s: True, lambda *s: "25", lambda *s: None, lambda *s: 25j, lambda *s: np.arange(2)])
def test_what_is_no_number_is_no_count(wrong: Callable[..., Any], judged: Judged) -> None:
    """True is not 1 here."""
    assert judged(CHECK, parameter_count=wrong).reason in (Reason.TYPE, Reason.SHAPE)


@pytest.mark.parametrize(("wrong", "sentence"), [
    (lambda Dx, H, Dy: Dx * H + H * Dy, "The biases are left out."),
    (lambda Dx, H, Dy: Dx * H + H + H * Dy, "The biases b2 are left out."),
])
def test_usual_slips_are_named(wrong: Callable[..., int], sentence: str, judged: Judged) -> None:
    """A slip is named only if it gives every count."""
    assert judged(CHECK, parameter_count=wrong).message == sentence
    assert judged(CHECK, parameter_count=lambda *s: wrong(*s) + (s[0] == 1)).message != sentence


def network(change: Callable[..., Any]) -> Callable[..., Any]:
    """forward_backward_prop with another gradient."""
    def answer(data: Any, labels: Any, params: Any, dimensions: Any) -> Any:
        cost, grad = FUNCTIONS["forward_backward_prop"](data, labels, params, dimensions)
        return cost, change(grad, *dimensions)

    return answer


def test_without_the_function_the_gradient_is_counted(judged: Judged) -> None:
    """And the verdict says so."""
    verdict = judged(CHECK, parameter_count=None)
    assert (verdict.credit, verdict.notes) == (1, ("Judged by the length of grad of forward_backward_prop: there is no parameter_count.",))


@pytest.mark.parametrize(("change", "reason"), [
    (lambda g, Dx, H, Dy: g[:Dx * H + H * Dy], Reason.COUNT),
    (lambda g, Dx, H, Dy: g[:-1], Reason.COUNT),
    (lambda g, *s: np.stack((g, g)), Reason.SHAPE),
    (lambda g, *s: 0 * g, Reason.DEGENERATE),
    (lambda g, *s: g * np.nan, Reason.DEGENERATE),
    (lambda g, *s: np.arange(float(g.size)), Reason.DEGENERATE),
], ids=["no biases", "one short", "twice", "zeros", "NaN", "counting"])
def test_the_gradient_is_counted_with_care(change: Callable[..., Any], reason: Reason, judged: Judged) -> None:
    """A length counts only if there is a gradient in it."""
    verdict = judged(CHECK, parameter_count=None, forward_backward_prop=network(change))
    assert (verdict.reason, verdict.credit) == (reason, 0)


def test_a_gradient_that_is_not_finite_is_said_to_be_so(judged: Judged) -> None:
    """One entry that is NaN, in an answer of the right length."""
    verdict = judged(CHECK, parameter_count=None, forward_backward_prop=network(lambda g, *s: np.where(np.arange(g.size) == 0, np.nan, g)))
    assert "some entries are NaN or infinite" in verdict.message


def blocks(grad: np.ndarray, Dx: int, H: int, Dy: int) -> list[np.ndarray]:
    """W1, b1, W2 and b2 one after the other."""
    return np.split(grad, np.cumsum([Dx * H, H, H * Dy]))


@pytest.mark.parametrize("answer", [lambda *a: 1.0, lambda *a: (1.0, "grad"), lambda *a: (1.0, [[1.0], [2.0, 3.0]])])
def test_what_has_no_length_is_said_to_be_no_gradient(answer: Callable[..., Any], judged: Judged) -> None:
    """One result for two, a text, rows of different lengths: nothing can be counted, and the other function's form is to blame."""
    verdict = judged(CHECK, parameter_count=None, forward_backward_prop=answer)
    assert (verdict.reason, verdict.credit) == (Reason.TYPE, 0)


def test_a_length_that_the_shape_explains_is_no_wrong_count(judged: Judged) -> None:
    """One number for each example in b1, or one for all: each block is there, and its shape has an item. A block less is a wrong count."""
    def summed_over_entries(data: Any, labels: Any, params: Any, dimensions: Any) -> Any:
        cost, grad = FUNCTIONS["forward_backward_prop"](data, labels, params, dimensions)
        W1, b1, W2, b2 = blocks(grad, *dimensions)
        return cost, np.concatenate([W1, np.resize(b1, len(data)), W2, b2])

    verdict = judged(CHECK, parameter_count=None, forward_backward_prop=summed_over_entries)
    assert (verdict.credit, "one number for each example in b1" in verdict.notes[0]) == (1, True)
    one = network(lambda g, *s: np.concatenate([blocks(g, *s)[0], [blocks(g, *s)[1].sum()], *blocks(g, *s)[2:]]))
    assert judged(CHECK, parameter_count=None, forward_backward_prop=one).credit == 1
    less = network(lambda g, *s: np.concatenate(blocks(g, *s)[:3]))
    assert judged(CHECK, parameter_count=None, forward_backward_prop=less).reason is Reason.COUNT


def test_a_crash_of_the_other_function_is_no_wrong_count(judged: Judged) -> None:
    """It means that there is nothing to count, and says how to be judged all the same."""
    def crash(*args: Any) -> Any:
        raise ValueError("shapes are not aligned")

    verdict = judged(CHECK, parameter_count=None, forward_backward_prop=crash)
    assert (verdict.outcome, verdict.reason, verdict.credit) == (Outcome.BLOCKED, Reason.BLOCKED, 0)
    assert verdict.message.startswith("There is no parameter_count, and no grad of forward_backward_prop whose length could be counted: ")
    assert "not aligned" in verdict.message


def test_a_crash_at_a_size_of_1_leaves_the_other_lengths_to_count(judged: Judged) -> None:
    """Code that squeezes b1 (1, H) fails at H = 1; the lengths for the other sizes are right or wrong all the same."""
    def squeezed(change: Callable[..., Any]) -> Callable[..., Any]:
        def answer(data: Any, labels: Any, params: Any, dimensions: Any) -> Any:
            if dimensions[1] == 1:
                raise ValueError("shapes are not aligned")
            return network(change)(data, labels, params, dimensions)
        return answer

    assert judged(CHECK, parameter_count=None, forward_backward_prop=squeezed(lambda g, *s: g)).credit == 1
    assert judged(CHECK, parameter_count=None, forward_backward_prop=squeezed(lambda g, *s: g[:-1])).reason is Reason.COUNT


def test_a_function_that_is_there_and_wrong_is_not_rescued(judged: Judged) -> None:
    """The gradient stands in for a missing function only."""
    assert judged(CHECK, parameter_count=lambda *s: 0).reason is Reason.COUNT
    def broken(*sizes: int) -> int:
        raise ValueError(sizes)

    assert judged(CHECK, parameter_count=broken).reason is Reason.RAISED
    assert judged(CHECK.model_copy(update={"otherwise": ""}), parameter_count=None).reason is Reason.MISSING


def test_nobody_hands_in_either(judged: Judged) -> None:
    """Both missing is missing."""
    assert judged(CHECK, parameter_count=None, forward_backward_prop=None).outcome is Outcome.NOT_MET


def test_sizes_are_different_of_one_and_equal(trial: Trial) -> None:
    """At least eight draws, among them every dim of size 1 and all of one size."""
    draws = [p.args for p in CHECK.plan(trial) if p.function == "parameter_count"]
    assert len(draws) >= 8
    assert sum(len(set(d)) == 3 for d in draws) >= 5
    assert all(any(d[i] == 1 for d in draws) for i in range(3))
    assert any(len(set(d)) == 1 for d in draws)


@pytest.mark.parametrize(("field", "value"), [("formula", "N*Dx"), ("otherwise", "forward"), ("result", "gradient"), ("slips", {"V": "?"})])
def test_the_authors_mistakes_are_found(field: str, value: Any) -> None:
    """Field by field, with what to write instead."""
    problems = list(CHECK.model_copy(update={field: value}).problems(INTERFACE))
    assert problems
    assert {p[0] for p in problems} == {field}
    assert all(p[2].startswith(("Write one of: ", "Use only: ")) and p[2].count(", ") >= 1 for p in problems)


def test_a_file_that_cannot_be_loaded_is_not_a_missing_function(trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """The gradient of another file does not stand in for it."""
    count = sum(p.function == "parameter_count" for p in CHECK.plan(trial))
    answers = observe(CHECK.plan(trial))
    answers[:count] = [Unavailable("parameter_count", Raised("NameError", "name 'n' is not defined"), "q2_neural")] * count
    assert CHECK.judge(trial, answers).reason is Reason.CANNOT_LOAD
