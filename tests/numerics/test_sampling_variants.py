"""What each kind of argument is drawn like, in each variant that a case can ask for."""

import numpy as np
import pytest

from grader.core.interface import (
    ArraySpec,
    ContextSpec,
    DimRange,
    FunctionSpec,
    IndexSpec,
    Param,
    Result,
    SizeSpec,
    SizesSpec,
    StandInSpec,
    WordSpec,
    WordsSpec,
)
from grader.core.probe import StandIn
from grader.numerics.sampling import draw_arguments, draw_array, draw_sizes

SIZES = {"N": 3, "D": 4, "V": 5, "C": 6}


def function(**specs):
    params = tuple(Param(name=name, spec=spec) for name, spec in specs.items())
    return FunctionSpec(name="f", module="m", params=params, returns=(Result(name="y", spec=ArraySpec()),))


def drawn(seed, variants=None, number=1, sizes=SIZES, **specs):
    values = draw_arguments(function(**specs), sizes, variants or {}, np.random.default_rng(seed), number)
    return dict(zip(specs, values, strict=True))


# ---- sizes -----------------------------------------------------------------------------------------------------------


def sizes_of_trials(number, count, fixed=None, **ranges):
    dims = {name: DimRange(low=low, high=high) for name, (low, high) in ranges.items()}
    f = function(x=ArraySpec(shape=" ".join(ranges)))
    return [draw_sizes(f, dims, fixed or {}, np.random.default_rng(seed), number, count) for seed in range(200)]


@pytest.mark.parametrize(("number", "sizes"), [(0, {2, 3, 4}), (1, {2, 3, 4, 5, 6}), (2, {2, 3, 4, 5, 6, 7, 8})])
def test_sizes_grow_with_the_number_of_the_case(number, sizes):
    """A third of the range for the first of three cases, all of it, both ends among them, for the last."""
    assert {s["N"] for s in sizes_of_trials(number, 3, N=(2, 8))} == sizes


def test_sizes_are_distinct_even_where_the_near_end_is_taken():
    """The first case has two to choose from, both of them taken: the next free one stands in."""
    assert [s["D"] for s in sizes_of_trials(0, 4, {"N": 2, "V": 3}, N=(2, 6), V=(2, 6), D=(2, 6))] == [4] * 200


def test_sizes_are_equal_where_there_is_no_other():
    """A range of one size, taken, is drawn from all the same."""
    assert sizes_of_trials(0, 1, {"N": 2}, N=(2, 2), D=(2, 2))[0] == {"N": 2, "D": 2}


# ---- arrays ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("variant", "shape"), [("", (3, 4)), ("integers", (3, 4)), ("vector", (4,)), ("int_vector", (4,)), ("cube", (2, 3, 4))])
def test_a_variant_has_its_shape(variant, shape):
    """The last axis alone, or a leading axis of length 2 more."""
    value = draw_array(ArraySpec(shape="N D"), SIZES, np.random.default_rng(0), variant, 1)
    assert value.shape == shape
    assert value.dtype == (np.int64 if variant in ("integers", "int_vector") else float)


def test_the_vector_of_a_vector_is_itself():
    """Its last axis is its only one."""
    assert draw_array(ArraySpec(shape="D"), SIZES, np.random.default_rng(0), "vector", 1).shape == (4,)


@pytest.mark.parametrize(("spec", "variant"), [(ArraySpec(shape="N D"), "integers"), (ArraySpec(shape="N D", domain="integers"), "")])
def test_whole_numbers_are_from_minus_five_to_five(spec, variant):
    """Both ends among them, and none beyond."""
    values = [draw_array(spec, SIZES, np.random.default_rng(seed), variant, 1) for seed in range(60)]
    assert set(np.ravel(values).tolist()) == set(range(-5, 6))


@pytest.mark.parametrize("number", [0, 1])
def test_a_plain_number_has_two_decimals(number):
    """In every case."""
    values = [draw_array(ArraySpec(shape="N D"), SIZES, np.random.default_rng(seed), "scalar", number) for seed in range(20)]
    assert all(type(v) is float and v == round(v, 2) for v in values)
    assert any(v != round(v, 1) for v in values)


@pytest.mark.parametrize(("domain", "round_in_first"), [("real", True), ("unit", True), ("nonzero_rows", True), ("probability_rows", False)])
def test_the_first_case_has_two_decimals(domain, round_in_first):
    """Only where rounding leaves the numbers what they are: rows still sum to 1."""
    for number, is_round in ((0, round_in_first), (1, False)):
        value = draw_array(ArraySpec(shape="N D", domain=domain), SIZES, np.random.default_rng(0), "", number)
        assert np.array_equal(value, np.round(value, 2)) is is_round


def test_domains_are_what_they_are_called():
    """Rows that sum to 1, one 1 a row, inside (0, 1), rows of a norm that one can divide by."""
    for seed in range(100):
        draw = {d: draw_array(ArraySpec(shape="N D", domain=d, scale=0.05), SIZES, np.random.default_rng(seed), "", 1)
                for d in ("unit", "probability_rows", "one_hot_rows", "nonzero_rows")}
        assert 0 < draw["unit"].min() <= draw["unit"].max() < 1
        assert draw["probability_rows"].min() > 0
        assert np.allclose(draw["probability_rows"].sum(axis=1), 1, rtol=1e-15)
        assert np.sort(draw["one_hot_rows"], axis=1).tolist() == [[0, 0, 0, 1]] * 3
        assert np.linalg.norm(draw["nonzero_rows"], axis=1).min() >= 0.1 * (1 - 1e-12)


# ---- sizes, words and contexts ---------------------------------------------------------------------------------------


def test_sizes_are_passed_as_they_are():
    """One as a number, several as a list of them."""
    assert drawn(0, n=SizeSpec(of="2*N"), ns=SizesSpec(of=("N", "D", "N + D"))) == {"n": 6, "ns": [3, 4, 7]}


def context(seed, variant, length="C", center="c"):
    specs = {"c": WordSpec(of="words"), "context": ContextSpec(of="words", length=length, center=center), "words": WordsSpec(count="V")}
    values = drawn(seed, {"context": variant}, **specs)
    assert sorted(values["words"].values()) == list(range(5))
    assert {values["c"], *values["context"]} <= set(values["words"])
    return values["c"], values["context"]


@pytest.mark.parametrize("seed", range(20))
def test_a_context_is_of_its_variant(seed):
    """One word; each at most once; the centre among them; one of them at least twice, and the centre not."""
    center, one = context(seed, "one")
    assert len(one) == 1
    assert center not in one
    center, distinct = context(seed, "distinct")
    assert (len(distinct), len(set(distinct)), center in distinct) == (4, 4, False)
    center, among = context(seed, "center")
    assert (len(among), among[0], among[-1]) == (6, center, center)
    for variant in ("", "repeats"):
        center, repeats = context(seed, variant)
        assert (len(repeats), repeats[0], center in repeats) == (6, repeats[-1], False)


@pytest.mark.parametrize(("length", "words"), [("1", 2), ("2", 2), ("3", 3)])
def test_a_context_with_a_repeat_has_two_words_at_least(length, words):
    """However short a context may be."""
    assert len(context(0, "repeats", length)[1]) == words


# ---- stand-ins -------------------------------------------------------------------------------------------------------


def script(seed, variant, count=5):
    values = drawn(seed, {"dataset": variant}, sizes={"V": count},
                   dataset=StandInSpec(name="sampler", count="V", target="target"), target=IndexSpec(below="V"))
    data = values["dataset"].data
    assert data["words"] == [f"word{i % count}" for i in range(8)]
    assert len(data["script"]) >= 200
    return values["target"], data["script"].tolist()


@pytest.mark.parametrize("seed", range(10))
def test_a_sampler_is_of_its_variant(seed):
    """Never the target, unless it is asked for: then once, and twice in a row, before each of the others."""
    target, one = script(seed, "one_word")
    assert len(set(one)) == 1
    assert target not in one
    target, distinct = script(seed, "distinct")
    others = sorted({0, 1, 2, 3, 4} - {target})
    assert [sorted(distinct[i : i + 4]) for i in range(0, 200, 4)] == [others] * 50
    assert distinct[:4] != distinct[4:8] or distinct[:4] != distinct[8:12]
    target, repeats = script(seed, "repeats")
    assert (set(repeats), len(repeats)) == (set(others), 200)
    target, before = script(seed, "target")
    assert sorted(before[i] for i in (1, 4, 6, 9)) == others
    assert [i for i in range(10) if before[i] == target] == [0, 2, 3, 5, 7, 8]
    target, anything = script(seed, "")
    assert (set(anything), anything[0] == target) == ({0, 1, 2, 3, 4}, False)


def test_a_cost_function_has_numbers_of_its_sizes():
    """A vector for each vector that it takes, and a matrix for each matrix."""
    names = ("predicted", "target", "outputVectors", "dataset")
    spec = StandInSpec(name="cost_function", count="V", size="D", parameters=names)
    (made,) = drawn(0, f=spec).values()
    assert {k: np.shape(v) for k, v in made.data.items() if k != "names"} == {
        "alpha": (5,), "beta": (5,), "gamma": (5, 5), "w": (4,), "M": (5, 4)}
    assert made.data["names"] == list(names)


@pytest.mark.parametrize("seed", range(10))
def test_an_objective_has_a_minimum(seed):
    """Its matrix is symmetric, and no eigenvalue is below 1."""
    (made,) = drawn(seed, f=StandInSpec(name="objective", size="D")).values()
    assert np.array_equal(made.data["A"], made.data["A"].T)
    assert np.linalg.eigvalsh(made.data["A"]).min() >= 1 - 1e-12
    assert made.data["b"].shape == (4,)


@pytest.mark.parametrize(("variant", "in_place"), [("pure", False), ("in_place", True)])
def test_a_postprocessing_is_of_its_variant(variant, in_place):
    """It shrinks and shifts x, and one call of it is reported back."""
    (made,) = drawn(0, {"p": variant}, p=StandInSpec(name="postprocessing")).values()
    assert isinstance(made, StandIn)
    assert (made.data["in_place"], made.record) == (in_place, 1)
    assert 0.5 <= made.data["scale"] <= 0.9
    assert 0.1 <= made.data["shift"] <= 0.5


def test_what_is_drawn_later_does_not_depend_on_whether_there_is_a_postprocessing():
    """As much is drawn where none is asked for."""
    with_it, without, unsaid = (drawn(0, {"p": v}, p=StandInSpec(name="postprocessing"), x=ArraySpec(shape="D")) for v in ("pure", "none", ""))
    assert without["p"] is None
    assert unsaid["p"] is None
    assert with_it["x"].tolist() == without["x"].tolist() == unsaid["x"].tolist()
