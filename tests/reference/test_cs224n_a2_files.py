"""Assignment 2: its derivations, its rubric's cases, what the course supplies and what students start from."""

import ast
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from grader.core.reason import Reason
from grader.course import HELPERS, load_assignment, starters
from grader.grading import grade
from grader.submission import open_submission
from grader.submission.source import submission
from grader.trial import Trial
from grader.worker.standins import build
from reference.cs224n_a2.solutions import FUNCTIONS, naiveSoftmaxLossAndGradient, negSamplingLossAndGradient, skipgram
from reference.cs224n_a2.support import helpers
from reference.cs224n_a2.support.utils.gradcheck import grad_tests_negsamp, grad_tests_softmax, gradcheck_naive
from reference.cs224n_a2.support.utils.utils import normalizeRows, softmax

COURSE = Path(__file__).parents[2]
FOLDER = COURSE / "reference/cs224n_a2"
EXAMPLES = COURSE / "submissions_example/cs224n_a2"
ASSIGNMENT = load_assignment(COURSE, "cs224n_a2")
ITEMS = {item.id: item for item in ASSIGNMENT.rubric.items}
CLOSE = {"rtol": 1e-10, "atol": 1e-12}
SEEDS = range(20)


def words(seed):
    """Center vector, outside word and outside vectors of one random case."""
    rng = np.random.default_rng(seed)
    V, D = rng.integers(3, 9), rng.integers(2, 7)
    return rng, rng.normal(size=D), int(rng.integers(V)), rng.normal(size=(V, D))


# ---- what the docstrings derive ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_loss_is_the_cross_entropy_and_the_gradients_are_those_of_a_to_d(seed):
    """With U as the handout has it, words as columns, and y one-hot."""
    _, v, o, rows = words(seed)
    U, y = rows.T, np.eye(len(rows))[o]
    yhat = np.exp(U.T @ v) / np.exp(U.T @ v).sum()
    loss, center, outside = naiveSoftmaxLossAndGradient(v, o, rows)
    np.testing.assert_allclose(loss, -np.sum(y * np.log(yhat)), **CLOSE)
    np.testing.assert_allclose(center, U @ (yhat - y), **CLOSE)
    np.testing.assert_allclose(outside.T, np.outer(v, yhat - y), **CLOSE)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_of_the_center_vector_is_zero_where_the_expected_vector_is_the_one_that_was_there(seed):
    """Question b, where yhat is uniform: u_o is the mean of all vectors; and not where it is another."""
    _, v, o, U = words(seed)
    v = np.zeros(v.shape)
    U[o] = np.delete(U, o, axis=0).mean(axis=0)
    np.testing.assert_allclose(naiveSoftmaxLossAndGradient(v, o, U)[1], 0, atol=1e-12)
    U[o, 0] += 1
    assert np.abs(naiveSoftmaxLossAndGradient(v, o, U)[1]).max() > 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_negative_sampling_has_the_gradients_of_g_and_h(seed):
    """Written with 1 - sigma(-x), one drawn word after the other; more draws than words."""
    rng, v, o, U = words(seed)
    drawn = [int(i) for i in rng.choice([i for i in range(len(U)) if i != o], 12)]

    def sigma(x):
        return 1 / (1 + np.exp(-x))

    loss, center, outside = negSamplingLossAndGradient(v, o, U, build("sampler", {"script": drawn}), 12)
    by_hand = np.zeros(U.shape)
    by_hand[o] = (sigma(U[o] @ v) - 1) * v
    for s in set(drawn):
        by_hand[s] = drawn.count(s) * (1 - sigma(-U[s] @ v)) * v
    np.testing.assert_allclose(loss, -np.log(sigma(U[o] @ v)) - sum(np.log(sigma(-U[s] @ v)) for s in drawn), **CLOSE)
    np.testing.assert_allclose(center, (sigma(U[o] @ v) - 1) * U[o] + sum((1 - sigma(-U[s] @ v)) * U[s] for s in drawn), **CLOSE)
    np.testing.assert_allclose(outside, by_hand, **CLOSE)


def test_skipgram_takes_the_naive_softmax_by_itself_and_has_the_gradients_of_i():
    """The sum over the outside words; zero for all center vectors but one."""
    rng, _, _, U = words(3)
    V, index = rng.normal(size=U.shape), {f"w{i}": i for i in range(len(U))}
    loss, dV, dU = skipgram("w1", 2, ["w0", "w2", "w0"], index, V, U, None)
    parts = [naiveSoftmaxLossAndGradient(V[1], o, U) for o in (0, 2, 0)]
    np.testing.assert_allclose(loss, sum(p[0] for p in parts), **CLOSE)
    np.testing.assert_allclose(dV[1], sum(p[1] for p in parts), **CLOSE)
    np.testing.assert_allclose(dU, sum(p[2] for p in parts), **CLOSE)
    assert not np.delete(dV, 1, axis=0).any()


# ---- the rubric ----------------------------------------------------------------------------------------------------------


def cases(item, seed):
    """The cases that an item asks about."""
    trial = Trial(seed, ASSIGNMENT.interface, ASSIGNMENT.oracle)
    return trial.cases(ITEMS[item].check.function, ITEMS[item].check.cases)


def test_the_rubric_is_worth_100_points_and_asks_for_every_function():
    """None is declared and forgotten."""
    assert sum(item.points for item in ITEMS.values()) == 100
    assert {item.check.function for item in ITEMS.values()} == {f.name for f in ASSIGNMENT.interface.functions}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_item_of_negative_sampling_draws_what_it_is_about(seed):
    """Distinct words that are not the outside word for loss and gradients, repeats for h, the outside word for the last."""
    for item in ("negsampling.loss", "negsampling.center", "negsampling.outside", "negsampling.repeats", "negsampling.target"):
        for case in cases(item, seed):
            script, target = [int(i) for i in case.arg("dataset").data["script"]], case.arg("outsideWordIdx")
            first = script[: case.sizes["K"]]
            assert (target in first) == (item == "negsampling.target")
            assert (len(set(first)) < len(first)) == (item in ("negsampling.repeats", "negsampling.target"))
            assert np.abs(case.arg("outsideVectors") @ case.arg("centerWordVec")).max() < 15


def test_items_about_one_function_ask_about_the_same_inputs():
    """The reports of two items on one function can be laid side by side."""
    for one, other in (("softmax.loss", "softmax.center"), ("softmax.loss", "softmax.outside"), ("negsampling.loss", "negsampling.center"),
                       ("negsampling.loss", "negsampling.outside")):
        assert ITEMS[one].check.cases == ITEMS[other].check.cases


# ---- what the course supplies --------------------------------------------------------------------------------------------


def test_the_given_functions_are_right():
    """At extremes too; a row of zeros is left as it is, and no argument is changed."""
    x = np.random.default_rng(0).normal(0, 300, (4, 3))
    before = x.copy()
    np.testing.assert_allclose(softmax(x).sum(axis=1), 1)
    np.testing.assert_allclose(softmax(x[0]), softmax(x)[0])
    np.testing.assert_allclose(np.linalg.norm(normalizeRows(x), axis=1), 1)
    np.testing.assert_array_equal(normalizeRows(np.zeros((2, 3))), np.zeros((2, 3)))
    np.testing.assert_allclose(helpers.sigmoid(x), FUNCTIONS["sigmoid"](x), rtol=1e-13)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(("off", "said"), [(0.0, "Gradient check passed!\n"), (1e-3, "Gradient check failed for a square")])
def test_the_given_gradient_check_tells_right_from_wrong(off, said, capsys):
    """Leaves x as it was, and the random state the same for every call of f."""
    x = np.array([[0.5, -1.0, 2.0]])
    gradcheck_naive(lambda p: (float(np.sum(p**2)) + random.random(), 2 * p + off), x, "a square")
    assert capsys.readouterr().out.startswith(said)
    np.testing.assert_array_equal(x, [[0.5, -1.0, 2.0]])


def test_the_given_gradient_tests_pass_a_right_skipgram_and_fail_a_wrong_one(capsys):
    """As the handouts of 2021 and later call them."""
    dataset = build("sampler", {"script": [1, 2, 4, 0, 3]})
    dataset.sampleTokenIdx = lambda: random.randrange(5)
    tokens, vectors = {w: i for i, w in enumerate("abcde")}, np.random.default_rng(1).normal(size=(10, 3))

    def halved(*window):
        loss, dV, dU = skipgram(*window)
        return loss, dV / 2, dU

    grad_tests_softmax(skipgram, tokens, vectors, dataset)
    grad_tests_negsamp(skipgram, tokens, vectors, dataset, negSamplingLossAndGradient)
    assert capsys.readouterr().out == "Gradient check passed!\n" * 2
    grad_tests_softmax(halved, tokens, vectors, dataset)
    assert "Gradient check failed for skipgram with naiveSoftmaxLossAndGradient" in capsys.readouterr().out


def test_the_interface_names_what_the_course_supplies():
    """And every neighbour has a helper."""
    assert {source.name.partition(".")[0] for source in ASSIGNMENT.support} == {*ASSIGNMENT.interface.support, HELPERS}
    assert {name for f in ASSIGNMENT.interface.functions for name in f.uses} <= ASSIGNMENT.helpers


def test_the_starter_has_every_function_and_no_solution():
    """In the modules that the interface names."""
    bodies = starters(ASSIGNMENT.starter)
    for function in ASSIGNMENT.interface.functions:
        file = FOLDER / "starter/2019" / f"{function.module}.py"
        assert function.name in {n.name for n in ast.parse(file.read_text()).body if isinstance(n, ast.FunctionDef)}
        assert len(bodies[function.name]) == 1


def test_it_needs_no_other_assignment(tmp_path):
    """A package for a platform holds one assignment, and what stands beside it in reference/."""
    (tmp_path / "reference").mkdir()
    for file in (COURSE / "reference").glob("*.py"):
        shutil.copy(file, tmp_path / "reference")
    shutil.copytree(FOLDER, tmp_path / "reference/cs224n_a2")
    (tmp_path / "rubrics").mkdir()
    shutil.copy(COURSE / "rubrics/cs224n_a2.toml", tmp_path / "rubrics")
    assert load_assignment(tmp_path, "cs224n_a2").reference_sha256 == ASSIGNMENT.reference_sha256
    load_assignment(COURSE, "cs224n_a2")  # so that `reference` is this course's again


# ---- submissions ---------------------------------------------------------------------------------------------------------


def graded(files, runner):
    """The report on these files, by path."""
    report, _ = grade(ASSIGNMENT, submission("hw", {name: text.encode() for name, text in files.items()}), runner)
    return {item.id: item.verdict for item in report.items}


def folder(name):
    """The files of an example, by path."""
    return {p.relative_to(EXAMPLES / name).as_posix(): p.read_text() for p in (EXAMPLES / name).rglob("*.py")}


@pytest.mark.parametrize("prefix", ["", "a2/", "hw/a2/"])
def test_a_folder_with_its_own_utils_is_right_however_deep(prefix, confined):
    """The handout's own files, handed in; run.py beside, which would train for minutes."""
    given = {s.path.removeprefix("support/"): s.text for s in ASSIGNMENT.support if s.name != HELPERS}
    found = graded({prefix + name: text for name, text in (folder("right_folder") | given).items()}, confined)
    assert [item for item, verdict in found.items() if verdict.credit != 1] == []


def test_utils_is_supplied_where_it_is_not_handed_in_also_by_the_name_of_the_folder(confined):
    """As submissions import it that were written in a repository's root."""
    files = {name: text.replace("from utils.", "from a2.utils.") for name, text in folder("right_folder").items()}
    given = {"a2/" + s.path.removeprefix("support/"): s.text for s in ASSIGNMENT.support if s.name != HELPERS}
    found = graded({f"a2/{name}": text for name, text in files.items()} | given, confined)
    assert [item for item, verdict in found.items() if verdict.credit != 1] == []


def test_a_function_without_a_line_of_ones_own_is_not_attempted(confined):
    """Also skipgram, which returns zeros: neither wrong nor an exception; the others keep their points."""
    found = graded(folder("stub_2019") | {"sgd.py": folder("right_folder")["sgd.py"]}, confined)
    asked = {item: (v.reason if v.reason is not Reason.BLOCKED else None) for item, v in found.items()}
    assert {v for item, v in asked.items() if not item.startswith("sgd")} == {Reason.NOT_ATTEMPTED, None}
    assert found["skipgram.sum"].reason is Reason.NOT_ATTEMPTED
    assert all(found[item].credit == 1 for item in found if item.startswith("sgd"))


def test_a_caller_that_turns_what_its_own_loss_function_transposes_is_not_charged_for_it(confined):
    """It is right with that function, and raises with one that returns what was asked for."""
    report, _ = grade(ASSIGNMENT, open_submission(EXAMPLES / "wrong_both_transposed.py"), confined, items=["skipgram.sum"])
    (verdict,) = (i.verdict for i in report.items)
    assert verdict.credit == 1
    assert [n for n in verdict.notes if n.startswith("skipgram was judged with gradOutsideVecs of naiveSoftmaxLossAndGradient as (")]


@pytest.mark.parametrize(("example", "item", "says"), [
    ("wrong_skipgram_ones", "skipgram.sum", "added 1 to the loss"),
    ("wrong_skipgram_fixed_loss", "skipgram.sum", "though another loss function was passed"),
    ("wrong_skipgram_keywords", "skipgram.sum", "every row of gradCenterVecs"),
    ("wrong_skipgram_default", "skipgram.default", "does not take your naiveSoftmaxLossAndGradient"),
    ("wrong_negsampling_fancy_index", "negsampling.repeats", "counted once in gradOutsideVecs"),
    ("wrong_negsampling_sign", "negsampling.center", "The outside word enters the gradient with the wrong sign"),
    ("wrong_sgd_before_step", "sgd.postprocessing", "before the step"),
    ("wrong_sigmoid_overflow", "sigmoid.stability", "NaN or infinity"),
])
def test_a_mistake_seen_in_real_submissions_is_named(example, item, says, confined):
    """What was done, in this handout's words."""
    report, _ = grade(ASSIGNMENT, open_submission(EXAMPLES / f"{example}.py"), confined, items=[item])
    assert says in next(i.verdict.message for i in report.items if i.id == item)


@pytest.mark.parametrize(("called", "lost"), [
    ("outsideVectors)", "skipgram raises TypeError at line "),
    ("outsideVectors, dataset, 10)", "skipgram raises TypeError at line "),
    ("outsideVectors, dataset=dataset)", ""),
])
def test_a_call_that_no_loss_function_takes_is_the_callers_to_lose(called, lost, confined):
    """The made-up loss function is content without a dataset; the student's own is not."""
    text = (EXAMPLES / "right_vectorised.py").read_text()
    assert text.count("word2Ind[word], outsideVectors, dataset)") == 1
    files = {"submit.py": text.replace("word2Ind[word], outsideVectors, dataset)", f"word2Ind[word], {called}")}
    verdict = graded(files, confined)["skipgram.default"]
    assert (verdict.credit, verdict.message.startswith(lost)) == (0 if lost else 1, True)


def test_a_loss_function_that_takes_other_arguments_is_not_the_callers(confined):
    """It has lost its own points; skipgram calls it as the handout does."""
    text = (EXAMPLES / "right_vectorised.py").read_text()
    old = "def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):"
    assert text.count(old) == 1
    found = graded({"submit.py": text.replace(old, old.replace(", dataset", ""))}, confined)
    assert (found["softmax.loss"].credit, found["skipgram.default"].credit) == (0, 1)


@pytest.mark.parametrize("end", ["import os; os._exit(3)", "raise SystemExit", "1 / 0"])
def test_a_loss_function_that_ends_the_process_leaves_nothing_ungraded(end, confined):
    """Nothing is asked after it, which is no failure of the machine's."""
    text = (EXAMPLES / "right_vectorised.py").read_text()
    start = "def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):\n"
    assert text.count(start) == 1
    report, _ = grade(ASSIGNMENT, submission("hw", {"submit.py": text.replace(start, f"{start}    {end}\n").encode()}), confined)
    assert [i.id for i in report.items if i.verdict.credit is None] == []
    assert {i.id: i.verdict.credit for i in report.items}["skipgram.sum"] == 1


def test_what_was_left_out_is_not_shown_as_handed_over(confined):
    """The call without a loss function has seven arguments, of which the dataset is no number either."""
    report, _ = grade(ASSIGNMENT, open_submission(EXAMPLES / "wrong_skipgram_default.py"), confined, items=["skipgram.default"])
    (evidence,) = next(i.verdict.evidence for i in report.items if i.id == "skipgram.default")
    assert [i.name for i in evidence.inputs] == list(ASSIGNMENT.interface.function("skipgram").param_names[:6])
