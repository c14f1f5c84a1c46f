"""Which mistake is named, and that none is named for an answer that is only near it."""

import numpy as np
import pytest

from grader.core.interface import ArraySpec, Block, DimRange, FunctionSpec, Interface, Param, Result
from grader.diagnosis import Diagnosis, diagnose, diagnose_not_finite, diagnose_output
from grader.diagnosis.slips import SLIPS
from grader.numerics.compare import Tolerance
from grader.trial import Misconception, Oracle, Trial

TOLERANCE = Tolerance(1e-6, 1e-9)
BLOCKS = (Block(name="W", shape="N D"), Block(name="b", shape="1 D"))
INTERFACE = Interface(
    slug="toy", title="Toy", dims={"N": DimRange(low=2, high=5), "D": DimRange(low=3, high=7)},
    functions=(
        FunctionSpec(name="g", module="m", params=(Param(name="x", spec=ArraySpec(shape="N D")),),
                     returns=(Result(name="y", spec=ArraySpec(shape="N D")),)),
        FunctionSpec(name="p", module="m", params=(Param(name="x", spec=ArraySpec(shape="N D")),), returns=(
            Result(name="c", spec=ArraySpec()), Result(name="y", spec=ArraySpec(shape="N*D + D", blocks=BLOCKS)))),
    ),
)


def two(x):
    return float(x.sum()), np.concatenate([x.ravel() ** 2, x[0]])


MISTAKES = (
    Misconception("root", "g", "You forgot the square.", "Square it.", np.abs),
    Misconception("mean", "p", "You took the mean.", "Take the sum.", lambda x: (x.mean(), two(x)[1] / x.size)),
    Misconception("nothing", "p", "You added nothing up.", "Add up.", lambda x: (0.0, two(x)[1] + 1)),
    Misconception("third power", "p", "You took the third power.", "Take the square.", lambda x: (two(x)[0], two(x)[1] ** 1.5)),
)
TRIAL = Trial(3, INTERFACE, Oracle({"g": lambda x: x**2 + x, "p": two}, MISTAKES))
CASES = TRIAL.cases("g")
WANT = [TRIAL.answer(c)["y"] for c in CASES]
FLAT = TRIAL.cases("p")
FLAT_WANT = [TRIAL.answer(c)["y"] for c in FLAT]


def reversed_blocks(w, case):
    n = case.sizes["N"] * case.sizes["D"]
    return np.concatenate([w[n:], w[:n]])


def columns_first(w, case):
    n = case.sizes["N"] * case.sizes["D"]
    return np.concatenate([w[:n].reshape(case.sizes["N"], -1).ravel("F"), w[n:]])


MADE = {
    "all_zero": (CASES, WANT, lambda w, c: 0 * w),
    "constant": (CASES, WANT, lambda w, c: np.full_like(w, w.sum())),
    "sign_flipped": (CASES, WANT, lambda w, c: -w),
    "signs": (CASES, WANT, lambda w, c: np.where(np.arange(w.size).reshape(w.shape) % 2, w, -w)),
    "doubled": (CASES, WANT, lambda w, c: 2 * w),
    "halved": (CASES, WANT, lambda w, c: w / 2),
    "transposed": (CASES, WANT, lambda w, c: w.T),
    "column_major": (CASES, WANT, lambda w, c: w.ravel("F").reshape(w.shape)),
    "rows_summed": (CASES, WANT, lambda w, c: w.sum(0) + 0 * w),
    "rows_same": (CASES, WANT, lambda w, c: w[-1] + 0 * w),
    "offset": (CASES, WANT, lambda w, c: w + 0.25),
    "close": (FLAT, [abs(TRIAL.answer(c)["c"]) for c in FLAT], lambda w, c: w * (1 + 0.95e-3)),
    "blocks_reversed": (FLAT, FLAT_WANT, reversed_blocks),
    "divided_by_N": (CASES, WANT, lambda w, c: w / c.sizes["N"]),
    "times_D": (CASES, WANT, lambda w, c: w * c.sizes["D"]),
}


def test_every_slip_of_the_table_has_an_example():
    """A new row of the table needs a row here."""
    assert {s.id for s in SLIPS} <= set(MADE)


@pytest.mark.parametrize("slip", MADE)
def test_a_slip_on_every_case_is_named(slip):
    """By its id, in a sentence that names the output."""
    cases, want, make = MADE[slip]
    found = diagnose_output(cases, [make(w, c) for w, c in zip(want, cases, strict=True)], want, "y", TOLERANCE)
    assert found is not None
    assert found.id == slip
    assert "y" in found.sentence.split() or "y is" in found.sentence
    assert found.hint


@pytest.mark.parametrize("slip", MADE)
def test_a_slip_is_not_named_for_an_answer_that_is_only_near(slip):
    """One entry of one case off by 1e-4 of its size, or one case that is right after all."""
    cases, want, make = MADE[slip]
    got = [np.array(make(w, c)) for w, c in zip(want, cases, strict=True)]
    at = np.unravel_index(np.argmax(np.abs(got[-1])), got[-1].shape)
    got[-1][at] += 1e-4 * max(1.0, abs(got[-1][at]))
    assert diagnose_output(cases, got, want, "y", TOLERANCE) is None
    got = [make(w, c) for w, c in zip(want, cases, strict=True)]
    if slip != "close":  # which is true of the right answer, too
        assert diagnose_output(cases, [want[0], *got[1:]], want, "y", TOLERANCE) is None


@pytest.mark.parametrize(("share", "named"), [(0.9, True), (1.1, False)])
def test_the_tolerance_is_that_of_the_check(share, named):
    """Accepted at 0.9 of it and rejected at 1.1."""
    got = [-w * (1 + share * 1e-6) for w in WANT]
    assert (diagnose_output(CASES, got, WANT, "y", Tolerance(1e-6, 0.0)) is not None) is named


def test_column_major_blocks_inside_a_flat_vector_are_named():
    """Each block of a flat gradient written out column by column."""
    found = diagnose_output(FLAT, [columns_first(w, c) for w, c in zip(FLAT_WANT, FLAT, strict=True)], FLAT_WANT, "y", TOLERANCE)
    assert found is not None
    assert found.id == "column_major"


def test_a_square_case_is_transposed_rather_than_column_major():
    """Where both fit, the simpler word is used."""
    cases = TRIAL.cases("g", [{"N": 4, "D": 4}])
    want = [TRIAL.answer(c)["y"] for c in cases]
    found = diagnose_output(cases, [w.T for w in want], want, "y", TOLERANCE)
    assert found is not None
    assert found.id == "transposed"


def test_right_and_zero_answers_have_no_slip():
    """There is nothing to explain, and a right answer of zero says nothing of a factor."""
    assert diagnose_output(CASES, WANT, WANT, "y", TOLERANCE) is None
    zero = [0 * w for w in WANT]
    assert diagnose_output(CASES, [w + 1 for w in zero], zero, "y", TOLERANCE) is None


@pytest.mark.filterwarnings("error")
def test_huge_and_odd_numbers_are_no_slip():
    """Numbers near the end of the range neither raise nor warn."""
    assert diagnose_output(CASES, [np.full_like(w, 1e308) * np.sign(w) for w in WANT], WANT, "y", TOLERANCE) is None
    assert diagnose_output(CASES, [np.zeros(0) for _ in WANT], WANT, "y", TOLERANCE) is None
    assert diagnose_output(CASES, [np.array(1e308) for _ in WANT], WANT, "y", TOLERANCE) is None


def test_a_named_misconception_comes_before_a_slip():
    """The author's sentence is the better one."""
    got = [{"y": np.abs(np.asarray(c.arg("x")))} for c in CASES]
    found = diagnose(TRIAL, CASES, got, ["y"], TOLERANCE)
    assert found is not None
    assert (found.id, found.sentence) == ("root", "You forgot the square.")


def test_a_misconception_must_match_every_output_on_every_case():
    """A cost of the mean with a gradient of the sum is not the mean."""
    both = [{"c": np.asarray(c.arg("x")).mean(), "y": two(np.asarray(c.arg("x")))[1] / np.size(c.arg("x"))} for c in FLAT]
    found = diagnose(TRIAL, FLAT, both, ["c", "y"], TOLERANCE)
    assert found is not None
    assert found.id == "mean"
    mixed = [*both[1:], {"c": np.array(two(np.asarray(FLAT[0].arg("x")))[0]), "y": both[0]["y"]}]
    found = diagnose(TRIAL, [*FLAT[1:], FLAT[0]], mixed, ["c", "y"], TOLERANCE)
    assert found is None or found.id != "mean"


@pytest.mark.parametrize("share", [0.99, 1.01])
def test_a_misconception_of_the_cost_is_named_though_the_gradient_is_another(share):
    """Of no id, so that no share is granted for it; not where the cost is right, or only near, whatever the gradient."""
    answers = [{"c": np.array(c.args[0].mean()), "y": 3.7 * TRIAL.answer(c)["y"]} for c in FLAT]
    found = diagnose(TRIAL, FLAT, answers, ("c", "y"), TOLERANCE)
    assert found == Diagnosis("", "You took the mean. Besides, y is wrong.", "Take the sum.")
    summed = [{**a, "y": TRIAL.answer(c)["y"]} for a, c in zip(answers, FLAT, strict=True)]
    assert diagnose(TRIAL, FLAT, summed, ("c", "y"), TOLERANCE) == Diagnosis("", "You took the mean.", "Take the sum.")
    right = [{**a, "c": TRIAL.answer(c)["c"]} for a, c in zip(answers, FLAT, strict=True)]
    assert diagnose(TRIAL, FLAT, right, ("c", "y"), TOLERANCE) is None
    near = [{**a, "c": a["c"] * (1 + share * 1e-6) + share * 1e-9} for a in answers]
    assert (diagnose(TRIAL, FLAT, near, ("c", "y"), TOLERANCE) is None) == (share > 1)


def test_zeros_alone_name_no_misconception():
    """A result that was never filled in is zero as well; beside another result that is the mistake's they are its own."""
    zero, given = ([{"c": np.array(0.0), "y": TRIAL.answer(c)["y"] + more} for c in FLAT] for more in (0, 1))
    for answers, outputs in ((zero, ("c",)), (given, ("c",)), (zero, ("c", "y"))):
        found = diagnose(TRIAL, FLAT, answers, outputs, TOLERANCE)
        assert found is not None
        assert (found.id, found.sentence) == ("all_zero", "c is zero everywhere.")
    found = diagnose(TRIAL, FLAT, given, ("c", "y"), TOLERANCE)
    assert found is not None
    assert found.id == "nothing"


def test_slips_explain_only_if_they_explain_every_wrong_output():
    """Right outputs are left out; one wrong output without an explanation silences the rest."""
    right = [TRIAL.answer(c) for c in FLAT]
    flipped = [{"c": r["c"], "y": -r["y"]} for r in right]
    found = diagnose(TRIAL, FLAT, flipped, ["c", "y"], TOLERANCE)
    assert found is not None
    assert found.sentence == "y has the wrong sign in every entry."
    both = [{"c": -r["c"], "y": 2 * r["y"]} for r in right]
    found = diagnose(TRIAL, FLAT, both, ["c", "y"], TOLERANCE)
    assert found is not None
    assert found.sentence == "c has the wrong sign in every entry. y is twice what it should be."
    odd = [{"c": np.sqrt(np.abs(r["c"]) + 1), "y": -r["y"]} for r in right]
    assert diagnose(TRIAL, FLAT, odd, ["c", "y"], TOLERANCE) is None


def test_no_known_mistakes_explain_nothing():
    """Nor do the slips, of a power."""
    assert diagnose(Trial(0, INTERFACE, Oracle(TRIAL.oracle.functions)), CASES, [{"y": w**3} for w in WANT], ["y"], TOLERANCE) is None


def test_the_only_result_is_called_by_the_functions_name() -> None:
    """Nobody knows what the interface calls it; of several each has its own name."""
    found = diagnose(TRIAL, CASES, [{"y": 0 * w} for w in WANT], ["y"], TOLERANCE)
    assert found is not None
    assert found.sentence == "g is zero everywhere."
    found = diagnose(TRIAL, FLAT, [{**TRIAL.answer(c), "y": 0 * w} for c, w in zip(FLAT, FLAT_WANT, strict=True)], ["c", "y"], TOLERANCE)
    assert found is not None
    assert found.sentence == "y is zero everywhere."


@pytest.mark.parametrize(("share", "named"), [(0.0, True), (0.9, True), (1.1, False)])
def test_what_is_not_finite_is_named_where_the_mistake_is_not_finite_and_equal_elsewhere(share, named):
    """The same entries and no others, in every case; the tolerance is the check's."""
    def rooted(x):
        with np.errstate(invalid="ignore"):
            return np.sqrt(x)

    trial = Trial(3, INTERFACE, Oracle(TRIAL.oracle.functions, (Misconception("negative root", "g", "You took a root.", "Square.", rooted),)))
    cases = trial.cases("g")
    got = [{"y": rooted(np.asarray(c.arg("x"))) * (1 + share * 1e-6)} for c in cases]
    assert any(np.isnan(g["y"]).any() for g in got)
    found = diagnose_not_finite(trial, cases, got, Tolerance(1e-6, 0.0))
    assert (found.id if found else None) == ("negative root" if named else None)
    for elsewhere in (np.nan, 0.0):  # one NaN more, or all of them numbers
        other = [{"y": np.where(np.isnan(g["y"]) | (elsewhere != 0), elsewhere, g["y"])} for g in got]
        assert diagnose_not_finite(trial, cases, other, Tolerance(1e-6, 0.0)) is None


NUMBERS = [np.array(v) for v in (1.5, 2.25, 0.75)]


@pytest.mark.parametrize(("made", "named"), [
    (lambda w, i: w / np.log(7), "in_proportion"), (lambda w, i: w + 0.3, "in_parallel"), (lambda w, i: w * 1.7 + 0.3, None),
    (lambda w, i: w / np.log(7) * (1 + 1e-4 * (i == 1)), None), (lambda w, i: w + 0.3 * (i < 2), None), (lambda w, i: w * np.inf, None),
])
def test_what_numbers_of_several_cases_have_in_common_is_said(made, named):
    """A factor or an offset that no single case shows; of two cases, nothing is."""
    got = [np.array(made(w, i)) for i, w in enumerate(NUMBERS)]
    cases = TRIAL.cases("p", [{}, {}, {}])
    found = diagnose_output(cases, got, NUMBERS, "c", TOLERANCE)
    assert (found.id if found else None) == named
    assert diagnose_output(cases[:2], got[:2], NUMBERS[:2], "c", TOLERANCE) is None
