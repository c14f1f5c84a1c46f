"""The rubric's cases, and what the course supplies beside the reference: helpers, handout modules, starters."""

import ast
import itertools
from pathlib import Path

import numpy as np
import pytest

from grader.core.probe import StandIn
from grader.course import HELPERS, load_assignment, starters
from grader.submission.source import Body
from grader.trial import Trial
from reference.cs224n_a1.support import helpers
from reference.cs224n_a1.support.utils.glove import loadWordVectors
from reference.cs224n_a1.support.utils.treebank import StanfordSentiment

COURSE = Path(__file__).parents[2]
FOLDER = COURSE / "reference" / "cs224n_a1"
ASSIGNMENT = load_assignment(COURSE, "cs224n_a1")
ITEMS = {item.id: item for item in ASSIGNMENT.rubric.items}
NEGATIVE_SAMPLING = [name for name in ITEMS if name.startswith("negsampling.")]


def cases(item, seed):
    """The cases that an item asks about."""
    trial = Trial(seed, ASSIGNMENT.interface, ASSIGNMENT.oracle)
    return trial.cases(ITEMS[item].check.function, ITEMS[item].check.cases)


def drawn(case):
    """The first K samples of a case, as its sampler's script has them."""
    sampler = case.arg("dataset")
    assert isinstance(sampler, StandIn)
    return [int(i) for i in sampler.data["script"][: case.sizes["K"]]]


# ---- the rubric ----------------------------------------------------------------------------------------------------------


def test_the_rubric_is_worth_100_points():
    """All items together; sections in the order of the handout."""
    assert sum(item.points for item in ITEMS.values()) == 100
    sections = [section for section, _ in itertools.groupby(ITEMS.values(), key=lambda item: item.section[:2])]
    assert sections == sorted(sections)


def test_every_function_of_the_interface_is_worth_points():
    """None is declared and forgotten."""
    assert {item.check.function for item in ITEMS.values()} == {f.name for f in ASSIGNMENT.interface.functions}


@pytest.mark.parametrize("item", ["negsampling.cost", "negsampling.predicted", "negsampling.outputs"])
@pytest.mark.parametrize("seed", range(20))
def test_base_cases_of_negative_sampling_have_distinct_samples_without_the_target(item, seed):
    """So that repeats and the target cost their own items; a second draw is another set; K is 10 once."""
    for case in cases(item, seed):
        first = drawn(case)
        assert len(set(first)) == len(first)
        assert case.arg("target") not in first
        assert case.sizes["K"] < case.sizes["V"] - 1
    assert [case.sizes["K"] for case in cases(item, seed)].count(10) == 1


@pytest.mark.parametrize("seed", range(20))
def test_cases_about_repeats_repeat_and_never_draw_the_target(seed):
    """Also beyond K: whoever draws twice meets no target either."""
    for case in cases("negsampling.repeats", seed):
        assert len(set(drawn(case))) < len(drawn(case))
        assert case.arg("target") not in case.arg("dataset").data["script"]


@pytest.mark.parametrize("seed", range(20))
def test_cases_about_the_target_draw_it_among_distinct_words(seed):
    """Once and twice in a row, so that one more draw is not enough; and the K that are left are all different."""
    for case in cases("negsampling.target", seed):
        target, script = case.arg("target"), [int(i) for i in case.arg("dataset").data["script"]]
        kept = [i for i in script if i != target][: case.sizes["K"]]
        assert target in drawn(case)
        assert [target, target] in [script[i : i + 2] for i in range(script.index(kept[2]))]  # three samples are the fewest that are drawn
        assert len(set(kept)) == len(kept) == case.sizes["K"]


@pytest.mark.parametrize("item", NEGATIVE_SAMPLING)
def test_products_of_word_vectors_stay_where_the_handout_says_what_to_return(item):
    """|u . v| below 20 for 200 seeds: beyond that 1 - sigma(x) loses its last digits, and right solutions differ."""
    largest = max(np.max(np.abs(c.arg("outputVectors") @ c.arg("predicted"))) for seed in range(200) for c in cases(item, seed))
    assert largest < 15


@pytest.mark.parametrize("item", ["neural.cost", "neural.gradient"])
def test_cases_of_the_network_have_different_sizes_but_for_one_square_one(item):
    """A transposed block has another shape everywhere but in the square case."""
    for seed in range(20):
        distinct = [len(set(case.sizes.values())) for case in cases(item, seed)]
        assert sorted(distinct) == [1, 4, 4, 4]


def test_items_about_one_function_ask_about_the_same_inputs():
    """The reports of two items on one function can be laid side by side."""
    for a, b in [("neural.cost", "neural.gradient"), ("softmaxcost.cost", "softmaxcost.outputs"), ("negsampling.cost", "negsampling.outputs")]:
        assert ITEMS[a].check.cases == ITEMS[b].check.cases


# ---- what students may import ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", ["softmax", "sigmoid", "sigmoid_grad", "normalizeRows"])
def test_the_helpers_agree_with_the_reference(name, seed):
    """They stand in for a student's function, so they must be right, at extremes too."""
    x = np.random.default_rng(seed).normal(0, 300, (4, 3))
    np.testing.assert_allclose(getattr(helpers, name)(x), ASSIGNMENT.oracle.functions[name](x), rtol=1e-13)


@pytest.mark.parametrize(("off", "said"), [(0.0, "Gradient check passed!\n"), (1e-3, "Gradient check failed.\n")])
def test_the_helping_gradient_check_tells_right_from_wrong(off, said, capsys):
    """And leaves x as it was."""
    x = np.array([[0.5, -1.0, 2.0]])
    helpers.gradcheck_naive(lambda p: (float(np.sum(p**2)), 2 * p + off), x)
    assert capsys.readouterr().out == said
    np.testing.assert_array_equal(x, [[0.5, -1.0, 2.0]])


def test_every_neighbour_that_a_function_uses_has_a_helper():
    """Otherwise a wrong neighbour would cost its points twice."""
    assert {name for f in ASSIGNMENT.interface.functions for name in f.uses} <= ASSIGNMENT.helpers


def test_the_interface_names_what_the_course_supplies():
    """Top-level modules of support/, no more and no fewer but the course's own versions, which no student may import."""
    supplied = {source.name.partition(".")[0] for source in ASSIGNMENT.support}
    assert supplied == {*ASSIGNMENT.interface.support, HELPERS}


def test_the_stand_in_for_the_treebank_has_words_samples_and_contexts():
    """As the handout's word2vec script calls it."""
    dataset = StanfordSentiment()
    tokens = dataset.tokens()
    assert sorted(tokens.values()) == list(range(len(tokens)))
    assert dataset.sampleTokenIdx() in tokens.values()
    for _ in range(50):
        center, context = dataset.getRandomContext(3)
        assert center in tokens
        assert 1 <= len(context) <= 6
        assert set(context) <= set(tokens)


def test_the_stand_in_for_glove_has_one_vector_for_each_token():
    """The same ones every time."""
    vectors = loadWordVectors({"a": 0, "b": 1}, dimensions=7)
    assert vectors.shape == (2, 7)
    np.testing.assert_array_equal(vectors, loadWordVectors({"a": 0, "b": 1}, dimensions=7))


# ---- the starters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", ["2016", "2017"])
def test_each_starter_has_the_six_modules_and_their_functions(year):
    """All but parameter_count, which the handout asks for on paper."""
    files = {p.stem: {n.name for n in ast.parse(p.read_text()).body if isinstance(n, ast.FunctionDef)} for p in (FOLDER / "starter" / year).glob("*.py")}
    for function in ASSIGNMENT.interface.functions:
        if function.name != "parameter_count":
            assert function.name in files[function.module]


def test_cbow_left_out_as_the_handout_says_is_the_starters_own():
    """Its NotImplementedError is removed, and nothing else is done."""
    given = (FOLDER / "starter/2017/q3_word2vec.py").read_text().replace("    raise NotImplementedError\n", "")
    (left_out,) = (n for n in ast.parse(given).body if isinstance(n, ast.FunctionDef) and n.name == "cbow")
    assert Body(left_out) in starters(ASSIGNMENT.starter)["cbow"]


def test_no_function_of_the_starter_is_a_solution():
    """A function recognised as untouched earns nothing: so every student function of 2017 raises, and of 2016 differs from it."""
    for function, bodies in starters(ASSIGNMENT.starter).items():
        if function in ASSIGNMENT.oracle.functions:
            assert len(bodies) == (3 if function == "cbow" else 2)
            assert all(a != b for a, b in itertools.combinations(bodies, 2))
            assert any("NotImplementedError" in ast.dump(statement) for body in bodies for statement in body._statements)
