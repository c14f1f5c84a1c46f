"""Stability at extreme inputs: who breaks where, and what is said of it."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from grader.checks.stability import StabilityCheck, extremes
from grader.core.evidence import Contrast
from grader.core.observation import Observation, Returned
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict
from grader.trial import Trial
from reference.cs224n_a1.solutions import sigmoid, softmax

Judged = Callable[..., Verdict]
SOFTMAX = StabilityCheck(function="softmax", hint="Subtract the row maximum.")
SIGMOID = StabilityCheck(function="sigmoid", cases=({"x": "scalar"}, {"x": "vector"}, {}))


def shifted_by(shift: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """A softmax that subtracts something before it exponentiates."""
    def answer(x: np.ndarray) -> np.ndarray:
        weights = np.exp(x - shift(x))
        return weights / weights.sum(-1, keepdims=True)

    return answer


NAIVE = shifted_by(np.zeros_like)


@pytest.mark.parametrize(("wrong", "call"), [
    (NAIVE, "softmax(x + 1000)"),
    (shifted_by(lambda x: x.min(-1, keepdims=True)), "softmax(x with +1000 and -1000 added in turn)"),
    (shifted_by(lambda x: x.max()), "softmax(x with 1000 added to its first row)"),
    (lambda x: NAIVE(x) if x.ndim == 1 else softmax(x), "softmax(x + 1000)"),
    (lambda x: softmax(x) if x.ndim == 1 else NAIVE(x), "softmax(x + 1000)"),
], ids=["no shift", "minimum", "one maximum", "1-D only", "2-D only"])
def test_each_mistake_breaks_at_an_input_that_shows_it(wrong: Callable[..., np.ndarray], call: str, judged: Judged) -> None:
    """Right at ordinary inputs, NaN at the extreme one that is named."""
    verdict = judged(SOFTMAX, softmax=wrong)
    assert (verdict.reason, verdict.credit, verdict.hint) == (Reason.UNSTABLE, 0, "Subtract the row maximum.")
    assert verdict.message.startswith("softmax returns NaN or infinity at large inputs")
    assert isinstance(verdict.evidence[0], Contrast)
    assert verdict.evidence[0].call == call


def test_the_minimum_breaks_at_a_spread_above_710_even_without_large_entries(judged: Judged) -> None:
    """With a magnitude of 300 only the slope of 800 overflows exp(x - min)."""
    gentle = StabilityCheck(function="softmax", magnitude=300)
    assert judged(gentle, softmax=shifted_by(lambda x: x.min(-1, keepdims=True))).reason is Reason.UNSTABLE
    assert judged(gentle, softmax=NAIVE).credit == 1


def test_rows_that_broke_are_named(judged: Judged) -> None:
    """One maximum for the whole matrix: the rows other than the first."""
    for N, said in ((4, "in rows 1, 2 and 3 of 4"), (2, "in row 1 of 2")):
        verdict = judged(StabilityCheck(function="softmax", cases=({"N": N},)), softmax=shifted_by(lambda x: x.max()))
        assert verdict.message == f"softmax returns NaN or infinity at large inputs, {said}."


def test_a_finite_wrong_answer_is_told_from_nan(judged: Judged) -> None:
    """Clipped logits: finite, but 3e-7 where 0 should be."""
    verdict = judged(SIGMOID, sigmoid=lambda x: sigmoid(np.clip(x, -15, 15)))
    assert verdict.reason is Reason.UNSTABLE
    assert verdict.message == "sigmoid is finite but wrong at large inputs: 3.05902e-07, where 0 should be."


def test_a_sigmoid_that_overflows(judged: Judged) -> None:
    """e^x / (1 + e^x) is NaN at 1000, for a plain number too."""
    verdict = judged(SIGMOID, sigmoid=lambda x: np.exp(x) / (1 + np.exp(x)))
    assert verdict.message == "sigmoid returns NaN or infinity at large inputs."


def test_both_conventions_for_underflow_are_right(judged: Judged) -> None:
    """1 / (1 + exp(1000)) is 0 with a warning; the smallest positive number is as good."""
    assert judged(SIGMOID, sigmoid=lambda x: 1 / (1 + np.exp(-np.asarray(x)))).credit == 1
    assert judged(SIGMOID, sigmoid=lambda x: np.maximum(sigmoid(x), 5e-324)).credit == 1


def test_what_is_wrong_at_ordinary_inputs_is_not_called_unstable(judged: Judged) -> None:
    """The values are wrong: that is said, without a word on stability."""
    verdict = judged(SOFTMAX, softmax=lambda x: softmax(2 * x))
    assert (verdict.reason, verdict.credit) == (Reason.VALUE, 0)


@pytest.mark.parametrize(("share", "outcome"), [(0.9, Outcome.MET), (1.1, Outcome.NOT_MET)])
@pytest.mark.parametrize("number", [0, -1], ids=["ordinary", "extreme"])
def test_the_tolerance_is_pinned(
    share: float, outcome: Outcome, number: int, trial: Trial, observe: Callable[..., list[Observation]],
) -> None:
    """One entry of one answer, off by 0.9 and by 1.1 of the allowance, at an ordinary and at an extreme input."""
    answers = observe(SOFTMAX.plan(trial))
    changed = answers[number]
    assert isinstance(changed, Returned)
    assert isinstance(changed.value, np.ndarray)
    off = changed.value.copy()
    off.flat[0] += share * (1e-9 + 1e-6 * off.flat[0])
    answers[number] = replace(changed, value=off)
    assert SOFTMAX.judge(trial, answers).outcome is outcome


def test_extremes_are_made_from_the_input_by_what_their_names_say() -> None:
    """A spread above 710 both ways, mixed signs, a single huge entry, one extreme row; numbers have signs only."""
    rows = {
        "x + 1000": [1000, 1000, 1000], "x - 1000": [-1000, -1000, -1000],
        "x with +1000 and -1000 added in turn": [1000, -1000, 1000], "x with -1000 and +1000 added in turn": [-1000, 1000, -1000],
        "x with 1000 added to the first entry of each row": [1000, 0, 0], "x with 1000 taken from the first entry of each row": [-1000, 0, 0],
        "x with a slope of 800 added to each row": [-400, 0, 400], "x with a slope of -800 added to each row": [400, 0, -400],
    }
    made = {text: x.tolist() for text, x in extremes(np.zeros((2, 3)), 1000)}
    assert made == {text: [row, row] for text, row in rows.items()} | {
        "x with 1000 added to its first row": [[1000] * 3, [0] * 3], "x with 1000 taken from its first row": [[-1000] * 3, [0] * 3]}
    assert {text: x.tolist() for text, x in extremes(np.zeros(3), 1000)} == rows
    assert [float(v) for _, v in extremes(np.array(1.0), 1000)] == [1001.0, -999.0]


def test_the_reference_is_asked_once_for_many_submissions(trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """Judging again makes no new cases, so the reference's answers are kept."""
    answers = observe(SOFTMAX.plan(trial))
    SOFTMAX.judge(trial, answers)
    kept = len(trial._answers)
    SOFTMAX.judge(trial, answers)
    assert len(trial._answers) == kept


@pytest.mark.parametrize("wrong", [lambda x: softmax(np.atleast_2d(x)), lambda x: softmax(x)[0] if len(x) == 1 else softmax(x)])
def test_a_row_for_a_vector_and_the_reverse_cost_another_item(wrong: Callable[..., np.ndarray], judged: Judged) -> None:
    """The numbers are finite and right; what shape they come in, the item on values asks."""
    verdict = judged(StabilityCheck(function="softmax"), softmax=wrong)
    assert verdict.credit == 1
    assert "was taken for" in verdict.notes[0]


def test_single_precision_is_a_leniency(judged: Judged) -> None:
    """At x + 1000 it has four digits left; who is wrong by a thousandth is wrong in it too."""
    def single(x: np.ndarray) -> np.ndarray:
        return shifted_by(lambda x: x.max(-1, keepdims=True))(x.astype(np.float32))

    verdict = judged(SOFTMAX, softmax=single)
    assert verdict.credit == 1
    assert verdict.notes == ("softmax: float32 was taken for float64",)
    (wrong,) = judged(SOFTMAX, softmax=lambda x: single(x) * np.float32(1.001)).evidence
    assert isinstance(wrong, Contrast)
    assert (wrong.rtol, wrong.atol > 1e-8) == (SOFTMAX.rtol, True), "what was allowed, not what double precision is"
    assert judged(SOFTMAX, softmax=lambda x: single(x).astype(float)).credit == 0


def test_code_for_matrices_alone_may_be_charged_elsewhere(judged: Judged) -> None:
    """It raises at vectors; what it does with matrices is judged as ever. Without leave it loses all."""
    def rows(stable: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
        def answer(x: np.ndarray) -> np.ndarray:
            assert x.ndim == 2, "rows only"
            return stable(x)

        return answer

    lenient, half = (SOFTMAX.model_copy(update={"matrices_only": Fraction(share)}) for share in ("1", "1/2"))
    assert judged(SOFTMAX, softmax=rows(softmax)).reason is Reason.RAISED
    found = judged(lenient, softmax=rows(softmax))
    assert (found.credit, found.notes) == (1, ("softmax raises where x is a vector. That is not charged here.",))
    assert judged(half, softmax=rows(softmax)).credit == Fraction(1, 2)
    for check in (lenient, half):
        assert judged(check, softmax=rows(NAIVE)).reason is Reason.UNSTABLE
        assert judged(check, softmax=lambda x: softmax(x) if x.ndim == 1 else 1 / 0).credit == 0
        assert judged(check, softmax=lambda x: 1 / 0).credit == 0


ONE_MAXIMUM = shifted_by(np.max)
UNSHIFTED = StabilityCheck(function="softmax", unshifted=Fraction(1), hint="Subtract the row maximum.")


@pytest.mark.parametrize("wrong", [NAIVE, ONE_MAXIMUM], ids=["no shift", "one maximum"])
def test_what_a_relation_of_shifts_charges_is_not_charged_again(wrong: Callable[..., np.ndarray], judged: Judged) -> None:
    """Where the greatest entry of each row is 0, nothing is missing: the same extremes are right there."""
    verdict = judged(UNSHIFTED, softmax=wrong)
    said = "softmax breaks down where a large number is added to a row of x, but not where the greatest entry of each row is 0."
    assert (verdict.outcome, verdict.notes) == (Outcome.MET, (f"{said} That is not charged here.",))
    half = judged(UNSHIFTED.model_copy(update={"unshifted": Fraction(1, 2)}), softmax=wrong)
    assert (half.credit, half.reason, half.message, half.hint) == (Fraction(1, 2), Reason.UNSTABLE, said, "Subtract the row maximum.")
    assert repr(half.evidence) == repr(judged(SOFTMAX, softmax=wrong).evidence)  # where it breaks down


@pytest.mark.parametrize("wrong", [
    shifted_by(lambda x: x.min(-1, keepdims=True)),
    shifted_by(lambda x: x.mean(-1, keepdims=True)),
    shifted_by(lambda x: np.abs(x).max(-1, keepdims=True)),
    lambda x: NAIVE(x) if x.ndim == 1 else softmax(x),
    lambda x: NAIVE(x) * (1 + 1e-4 * (np.ptp(x) > 500)),
    lambda x: NAIVE(np.clip(x, -15, None)),
    lambda x: np.clip(softmax(x), 1e-3, None),
    lambda x: softmax(x) if x.ndim > 1 and len(x) % 2 else NAIVE(x),
    lambda x: NAIVE(x) * (1 + 1e-3 * (0 < x.max() < 20)),
    lambda x: np.full(x.shape, "nan"),
], ids=["minimum", "mean", "absolute values", "vectors alone", "wrong beside it", "clipped", "finite", "not everywhere", "ordinary inputs", "words"])
def test_what_no_shift_would_mend_loses_the_points(wrong: Callable[..., np.ndarray], judged: Judged) -> None:
    """Nor what a relation that is asked of matrices does not see."""
    for share in (Fraction(1), Fraction(1, 2)):
        assert judged(UNSHIFTED.model_copy(update={"unshifted": share}), softmax=wrong).credit == 0


def test_the_shape_of_a_vector_is_left_to_another_item_here_too(judged: Judged) -> None:
    """As where nothing breaks down."""
    assert judged(UNSHIFTED, softmax=lambda x: NAIVE(np.atleast_2d(x))).credit == 1


def test_nobody_is_asked_again_where_no_row_is_moved(trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """Of vectors alone a relation may be no item's; and the answers to other questions say nothing."""
    vectors = UNSHIFTED.model_copy(update={"cases": ({"x": "vector"},)})
    first = observe(vectors.plan(trial), softmax=NAIVE)
    assert (vectors.judge(trial, first).credit, vectors.follow_up(trial, first)) == (0, ())
    first = observe(UNSHIFTED.plan(trial), softmax=NAIVE)
    further = observe(UNSHIFTED.follow_up(trial, first), softmax=NAIVE)
    assert [UNSHIFTED.judge(trial, first, said).credit for said in (further, further[1:])] == [1, 0]
