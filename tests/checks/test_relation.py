"""Relations between the student's own answers: which mistakes break which, and what is said of them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from grader.checks.relation import RelationCheck
from grader.core.evidence import Contrast
from grader.core.observation import Observation, Returned
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.trial import Trial
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import sigmoid, softmax

Judged = Callable[..., Verdict]
SHIFT = RelationCheck(function="softmax", relation="shift_invariance", hint="Subtract the row maximum.")


def softmax_without_shift(x: np.ndarray) -> np.ndarray:
    """Overflows at 710."""
    weights = np.exp(x)
    return weights / weights.sum(-1, keepdims=True)


def softmax_of_the_matrix(x: np.ndarray) -> np.ndarray:
    """Adds up over all entries, not over each row."""
    weights = np.exp(x - x.max())
    return weights / weights.sum()


def test_a_naive_softmax_is_unstable_under_large_shifts_only(judged: Judged) -> None:
    """The message of the handbook: NaN for x + 1000, and the student's own answer for x beside it."""
    verdict = judged(SHIFT, softmax=softmax_without_shift)
    (evidence,) = verdict.evidence
    assert isinstance(evidence, Contrast)
    assert (verdict.reason, verdict.credit) == (Reason.UNSTABLE, 0)
    assert verdict.message == "softmax changes when the same constant is added to every logit of a row."
    assert verdict.hint == "Subtract the row maximum."
    assert (evidence.call, evidence.source) == ("softmax(x + 1000)", "your own answer for x")
    assert set(evidence.returned.text) <= set("[nan ]")
    assert evidence.inputs[0].name == "x"


def test_one_maximum_for_the_whole_matrix_breaks_under_a_constant_per_row(judged: Judged) -> None:
    """Rows shifted apart by 2000: the others are divided by zero; a vector alone does not show it."""
    def one_maximum(x: np.ndarray) -> np.ndarray:
        return softmax_without_shift(x - x.max())

    verdict = judged(SHIFT, softmax=one_maximum)
    assert isinstance(verdict.evidence[0], Contrast)
    assert [i.name for i in verdict.evidence[0].inputs] == ["x", "c"]
    assert judged(SHIFT.model_copy(update={"cases": ({"x": "vector"},)}), softmax=one_maximum).credit == 1


def test_a_relation_that_fails_for_small_shifts_is_not_called_unstable(judged: Judged) -> None:
    """Normalised by hand instead of exponentiated: wrong for x + 1 already, so the hint on stability is left out."""
    verdict = judged(SHIFT, softmax=lambda x: np.abs(x) / np.abs(x).sum(-1, keepdims=True))
    assert (verdict.reason, verdict.hint) == (Reason.RELATION, "")


def test_the_smallest_case_that_fails_is_shown(judged: Judged) -> None:
    """The vector comes before the matrices."""
    verdict = judged(SHIFT, softmax=lambda x: np.abs(x) / np.abs(x).sum(-1, keepdims=True))
    assert isinstance(verdict.evidence[0], Contrast)
    assert verdict.evidence[0].call == "softmax(x + 1)"


@pytest.mark.parametrize(("share", "outcome"), [(0.9, Outcome.MET), (1.1, Outcome.NOT_MET)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_tolerance_is_pinned(
    share: float, outcome: Outcome, sign: int, trial: Trial, observe: Callable[..., list[Observation]],
) -> None:
    """One entry of one answer, off by 0.9 and by 1.1 of the allowance."""
    check = RelationCheck(function="softmax", relation="shift_invariance", cases=({"x": "vector"},))
    answers = observe(check.plan(trial))
    base = answers[0]
    assert isinstance(base, Returned)
    assert isinstance(base.value, np.ndarray)
    off = base.value.copy()
    off[1] += sign * share * (1e-12 + 1e-9 * base.value[1])
    assert check.judge(trial, [*answers[:2], replace(base, value=off), base, base, base]).outcome is outcome


@pytest.mark.parametrize(("relation", "function", "wrong", "call"), [
    ("row_independence", "softmax", softmax_of_the_matrix, "softmax(x[0:1])"),
    ("permutation_equivariance", "softmax", lambda x: softmax(x + 1e-3 * np.arange(x.shape[-1])), "softmax(x[..., ::-1])"),
    ("complement", "sigmoid", lambda x: sigmoid(x + 1e-4), "sigmoid(-x)"),
    ("scale_invariance", "normalizeRows", lambda x: x / np.sqrt((x**2).sum(1, keepdims=True) + 1e-3), "normalizeRows(2 * x)"),
])
def test_near_misses_are_seen(relation: str, function: str, wrong: Callable[..., np.ndarray], call: str, judged: Judged) -> None:
    """Wrong by little, and everywhere alike: the relation tells, and the call is spelled as a student would type it."""
    verdict = judged(RelationCheck(function=function, relation=relation), **{function: wrong})
    assert (verdict.reason, verdict.credit) == (Reason.RELATION, 0)
    assert isinstance(verdict.evidence[0], Contrast)
    assert verdict.evidence[0].call == call


def test_a_row_that_feels_only_the_others_is_seen(judged: Judged) -> None:
    """Right for a row alone; the mean of the other rows leaks in."""
    def leaks(x: np.ndarray) -> np.ndarray:
        return softmax(x) * (1 + 1e-4 * (x.mean() - x.mean(-1, keepdims=True)))

    assert judged(RelationCheck(function="softmax", relation="row_independence"), softmax=leaks).reason is Reason.RELATION


@pytest.mark.parametrize("relation", ["permutation_equivariance", "row_independence"])
@pytest.mark.parametrize("scaled", [lambda x: x, lambda x: -x, lambda x: 3 * x, lambda x: 0.5 + x / 7], ids=["x", "-x", "3x", "affine"])
def test_a_copy_up_to_scale_and_shift_is_degenerate(relation: str, scaled: Callable[..., np.ndarray], judged: Judged) -> None:
    """What acts on each entry alone satisfies both relations; the argument itself is worth nothing."""
    verdict = judged(RelationCheck(function="softmax", relation=relation), softmax=scaled)
    assert (verdict.reason, verdict.credit) == (Reason.DEGENERATE, 0)


@pytest.mark.parametrize("slope", [0.1, -1.0])
def test_a_straight_line_is_no_sigmoid(slope: float, judged: Judged) -> None:
    """1/2 + a x satisfies f(-x) = 1 - f(x)."""
    verdict = judged(RelationCheck(function="sigmoid", relation="complement"), sigmoid=lambda x: 0.5 + slope * x)
    assert verdict.reason is Reason.DEGENERATE


def test_the_best_entry_alone_is_not_enough_for_one_answer(judged: Judged) -> None:
    """Uniform rows for matrices, right for vectors: a constant among right answers still earns nothing."""
    verdict = judged(SHIFT, softmax=lambda x: softmax(x) if x.ndim == 1 else np.full(x.shape, 1 / x.shape[-1]))
    assert (verdict.reason, verdict.credit) == (Reason.DEGENERATE, 0)


def test_form_comes_first(judged: Judged) -> None:
    """A transposed answer is a shape, NaN at ordinary inputs is finiteness: neither is a broken relation."""
    assert judged(SHIFT, softmax=lambda x: softmax(x).T).reason is Reason.SHAPE
    assert judged(SHIFT, softmax=lambda x: softmax(x) * np.nan).reason is Reason.NOT_FINITE


@pytest.mark.parametrize("form", [lambda x: np.atleast_2d(softmax(x)), lambda x: softmax(x)[0] if x.shape[0] == 1 else softmax(x)],
                         ids=["(1, D) for (D,)", "(D,) for (1, D)"])
def test_axes_of_length_1_are_another_items_to_judge(form: Callable[[np.ndarray], np.ndarray], judged: Judged) -> None:
    """The numbers of each row are what the relation is about; the note says what was taken for what."""
    for check in (SHIFT, RelationCheck(function="softmax", relation="row_independence")):
        assert judged(check, softmax=form).credit == 1
    assert judged(RelationCheck(function="softmax", relation="row_independence"), softmax=lambda x: form(x) / np.size(x)).credit == 0


def test_an_unknown_relation_is_the_authors_mistake() -> None:
    """It says which there are; a function of several results is refused as well."""
    with pytest.raises(ValidationError, match="write one of: shift_invariance, "):
        RelationCheck(function="softmax", relation="shift")
    (problem,) = RelationCheck(function="forward_backward_prop", relation="complement").problems(INTERFACE)
    assert problem[0] == "function"


def test_nan_after_a_small_shift_is_no_matter_of_stability(trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """Only from 1000 on is exp to blame."""
    answers = observe(SHIFT.plan(trial))
    small, large = list(answers), list(answers)
    small[2] = large[4] = Returned(np.full(np.shape(trial.cases("softmax", ({"x": "vector"}, {}, {}, {"N": 1}))[0].args[0]), np.nan))
    assert SHIFT.judge(trial, small).reason is Reason.RELATION
    assert SHIFT.judge(trial, large).reason is Reason.UNSTABLE


def test_a_wrong_axis_is_wrong_and_not_degenerate(judged: Judged) -> None:
    """Normalised over columns, a single row is constant; that the relation fails says more."""
    def columns(x: np.ndarray) -> np.ndarray:
        return np.exp(x) / np.exp(x).sum(0)

    assert judged(RelationCheck(function="softmax", relation="row_independence"), softmax=columns).reason is Reason.RELATION


def test_single_precision_is_a_leniency(judged: Judged) -> None:
    """x + 1000 has four digits left in it."""
    def single(x: np.ndarray) -> np.ndarray:
        return np.asarray(softmax(x.astype(np.float32).astype(float)), np.float32)

    check = RelationCheck(function="softmax", relation="shift_invariance")
    assert judged(check, softmax=single).credit == 1
    assert judged(check, softmax=lambda x: single(x).astype(float)).credit == 0


def test_rows_that_depend_on_each_other_have_a_hint(judged: Judged) -> None:
    """What to do, where nothing is unstable."""
    found = judged(RelationCheck(function="softmax", relation="row_independence"), softmax=softmax_of_the_matrix)
    assert (found.reason, "keepdims=True" in found.hint) == (Reason.RELATION, True)
