"""Each reference formula against an independent route: complex steps, 50 digits, loops over words, brute force."""

import random
from itertools import pairwise

import mpmath
import numpy as np
import pytest

from grader.worker.standins import build
from reference.cs224n_a1.solutions import (
    cbow,
    forward_backward_prop,
    gradcheck_naive,
    negSamplingCostAndGradient,
    normalizeRows,
    parameter_count,
    sgd,
    sigmoid,
    sigmoid_grad,
    skipgram,
    softmax,
    softmaxCostAndGradient,
)
from reference.word2vec import getNegativeSamples, log_softmax

mpmath.mp.dps = 50

SEEDS = range(50)
TIGHT = {"rtol": 1e-10, "atol": 1e-12}  # rounding of sums of some 100 terms is 1e-14; the smallest planted fault is 1e-4
FEW_ULPS = {"rtol": 1e-14, "atol": 0}  # the same formula, evaluated to 16 digits and to 50

EXTREMES = [[0.0, 0.0], [1000.0, 1001.0], [-1000.0, -1001.0], [800.0, 0.0, -800.0], [30.0, -700.0], [-745.0, 0.5], [5.0]]


def complex_step(cost, x):
    """The gradient of an analytic cost: Im cost(x + ih) / h loses nothing to subtraction, so h may be as small as 1e-30."""
    x = np.asarray(x, float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1e-30j
        gradient[index] = cost(moved).imag / 1e-30
    return gradient


def word(*values):
    """A sampler that returns these, round and round."""
    return build("sampler", {"script": values})


def word_case(seed):
    """Predicted vector, target, output vectors of one random case of sizes V and D."""
    rng = np.random.default_rng(seed)
    V, D = rng.integers(3, 9), rng.integers(1, 7)
    return rng, rng.normal(size=D), int(rng.integers(V)), rng.normal(size=(V, D))


# ---- softmax, sigmoid ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", EXTREMES)
def test_softmax_has_the_value_of_50_digits_at_extremes(x):
    """Logits up to 1000, spread over up to 1600, against exponentials with 50 digits; 1e-320 and below may be 0."""
    weights = [mpmath.exp(mpmath.mpf(v)) for v in x]
    want = [float(w / mpmath.fsum(weights)) for w in weights]
    np.testing.assert_allclose(softmax(np.array(x)), want, rtol=1e-14, atol=1e-307)


@pytest.mark.parametrize("x", EXTREMES)
def test_log_softmax_has_the_value_of_50_digits_at_extremes(x):
    """Where softmax itself underflows its logarithm is still right."""
    total = mpmath.fsum(mpmath.exp(mpmath.mpf(v)) for v in x)
    want = [float(mpmath.mpf(v) - mpmath.log(total)) for v in x]
    np.testing.assert_allclose(log_softmax(np.array(x)), want, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("seed", SEEDS)
def test_softmax_treats_rows_vectors_and_ints_alike(seed):
    """Row i of the matrix is the softmax of vector i, by the plain definition, for floats and whole numbers."""
    rng = np.random.default_rng(seed)
    for x in (rng.normal(size=(4, 3)), rng.integers(-5, 6, (4, 3)), rng.normal(size=(1, 5)), rng.normal(size=(3, 3))):
        for row, got in zip(x, softmax(x), strict=True):
            want = [np.exp(v) / sum(np.exp(w) for w in row) for v in row]
            np.testing.assert_allclose(got, want, **TIGHT)
            np.testing.assert_array_equal(softmax(row), got)


@pytest.mark.parametrize("x", [-1000.0, -745.0, -37.0, -1.5, 0.0, 1e-9, 2.0, 36.0, 700.0, 1000.0])
def test_sigmoid_has_the_value_of_50_digits_at_extremes(x):
    """From where exp overflows on the one side to where it does on the other, for a number and for an array."""
    want = float(1 / (1 + mpmath.exp(-mpmath.mpf(x))))
    np.testing.assert_allclose(sigmoid(x), want, rtol=1e-14, atol=1e-307)
    np.testing.assert_allclose(sigmoid(np.full((2, 1, 3), x)), np.full((2, 1, 3), want), rtol=1e-14, atol=1e-307)


@pytest.mark.parametrize("seed", SEEDS)
def test_sigmoid_grad_is_the_slope_of_sigmoid(seed):
    """s (1 - s) at s = sigma(x) against the derivative that mpmath finds at x with 50 digits."""
    x = float(np.random.default_rng(seed).normal(0, 3))
    want = float(mpmath.diff(lambda t: 1 / (1 + mpmath.exp(-t)), x))
    np.testing.assert_allclose(sigmoid_grad(sigmoid(x)), want, rtol=1e-12)
    assert np.shape(sigmoid_grad(np.full((2, 3), 0.5))) == (2, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_normalised_rows_point_the_same_way_with_length_one(seed):
    """Row by row with math in 50 digits."""
    x = np.random.default_rng(seed).normal(size=(4, 3))
    for row, got in zip(x, normalizeRows(x), strict=True):
        length = mpmath.sqrt(mpmath.fsum(mpmath.mpf(float(v)) ** 2 for v in row))
        np.testing.assert_allclose(got, [float(mpmath.mpf(float(v)) / length) for v in row], **FEW_ULPS)


# ---- gradcheck_naive -----------------------------------------------------------------------------------------------------


def quadratic(size, entry=0, by=0.0, noise=0.0):
    """A non-separable objective of `size` numbers with one wrong entry of its gradient."""
    half = np.random.default_rng(size).normal(size=(size, size))
    G, b, one = half @ half.T, np.arange(size), np.eye(size)
    return build("cost_and_gradient", {
        "W": np.vstack([half.T, one]), "p": np.append(np.zeros(size), b), "q": np.append(np.ones(size), np.zeros(size)),
        "r": np.append(np.zeros(size), np.ones(size)), "g": b + by * one[entry], "G": G, "V": one, "K": 3 * one, "noise": noise,
    })


@pytest.mark.parametrize("shape", [(), (5,), (2, 3)])
def test_gradcheck_passes_right_gradients_and_restores_x(shape, capsys):
    """0-d, 1-D and 2-D x, noise included: f draws from Python's generator, which is reset before each call."""
    x = np.random.default_rng(3).normal(size=shape)
    before = x.copy()
    gradcheck_naive(quadratic(x.size, noise=1.0), x)
    assert capsys.readouterr().out == "Gradient check passed!\n"
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("entry", range(6))
@pytest.mark.parametrize("by", [1.0, -1e-3])
def test_gradcheck_fails_any_one_wrong_entry_and_restores_x(entry, by, capsys):
    """Each entry of a 2 by 3 x; 1e-3 is 100 times the tolerance for entries of some 1."""
    x = np.random.default_rng(3).normal(size=(2, 3)) * 0.1
    before = x.copy()
    gradcheck_naive(quadratic(6, entry, by), x)
    assert capsys.readouterr().out.startswith("Gradient check failed.\n")
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(("factor", "said"), [(0.9, "passed"), (1.1, "failed")])
def test_gradcheck_has_the_tolerance_of_the_handout(factor, said, capsys):
    """A gradient of 0.5 may be off by 1e-5: 0.9 of that passes, 1.1 fails."""
    gradcheck_naive(lambda x: (0.5 * float(x[0]), np.array([0.5 + factor * 1e-5])), np.zeros(1))
    assert said in capsys.readouterr().out


def test_gradcheck_leaves_f_the_same_random_numbers_in_each_call():
    """Every call of f finds the generator in the state in which the first one found it."""
    states = []

    def f(x):
        states.append(random.getstate())
        return random.random() * 0, np.zeros(3)

    gradcheck_naive(f, np.zeros(3))
    assert len(states) == 7
    assert len(set(states)) == 1


# ---- forward_backward_prop -----------------------------------------------------------------------------------------------


def network_cost(data, labels, params, Dx, H, Dy):
    """The handout's cost, one example and one unit at a time, for complex parameters too."""
    blocks = np.split(params, np.cumsum([Dx * H, H, H * Dy]))
    W1, b1, W2, b2 = (b.reshape(s) for b, s in zip(blocks, [(Dx, H), (H,), (H, Dy), (Dy,)], strict=True))
    cost = 0.0
    for x, y in zip(data, labels, strict=True):
        h = [1 / (1 + np.exp(-(sum(x[i] * W1[i, j] for i in range(Dx)) + b1[j]))) for j in range(H)]
        theta = [sum(h[j] * W2[j, k] for j in range(H)) + b2[k] for k in range(Dy)]
        cost -= theta[int(np.argmax(y))] - np.log(sum(np.exp(t) for t in theta))
    return cost


@pytest.mark.parametrize("seed", SEEDS)
def test_the_network_has_the_cost_and_the_complex_step_gradient_of_its_definition(seed):
    """Random sizes from 1, N = 1 among them; every one of the (Dx+1)H + (H+1)Dy entries."""
    rng = np.random.default_rng(seed)
    N, Dx, H, Dy = (int(n) for n in rng.integers(1, 5, 4))
    data, labels = rng.normal(size=(N, Dx)), np.eye(Dy)[rng.integers(0, Dy, N)]
    params = rng.normal(size=parameter_count(Dx, H, Dy))
    cost, grad = forward_backward_prop(data, labels, params, [Dx, H, Dy])
    np.testing.assert_allclose(cost, network_cost(data, labels, params, Dx, H, Dy), **TIGHT)
    np.testing.assert_allclose(grad, complex_step(lambda p: network_cost(data, labels, p, Dx, H, Dy), params), **TIGHT)


@pytest.mark.parametrize(("factor", "accepted"), [(0.9, True), (1.1, False)])
def test_the_comparison_with_complex_steps_sees_one_entry_off_by_little(factor, accepted):
    """The tolerance of these tests lies where it says: 1e-10 of an entry, on both sides."""
    x = np.array([0.3, -1.2, 0.7])
    want = complex_step(lambda p: np.sum(p**3), x)
    got = 3 * x**2
    got[1] *= 1 + factor * TIGHT["rtol"]
    assert np.allclose(got, want, rtol=TIGHT["rtol"], atol=0) is accepted


@pytest.mark.parametrize("seed", SEEDS)
def test_the_parameter_count_is_the_size_of_all_blocks(seed):
    """Blocks made and counted one by one."""
    Dx, H, Dy = (int(n) for n in np.random.default_rng(seed).integers(1, 20, 3))
    assert parameter_count(Dx, H, Dy) == sum(np.zeros(s).size for s in [(Dx, H), (1, H), (H, Dy), (1, Dy)])


# ---- word vectors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_softmax_cost_has_its_complex_step_gradients(seed):
    """-log(exp(u_o . v) / sum_w exp(u_w . v)) as it is written, with respect to v and to every u_w."""
    _, v, target, U = word_case(seed)

    def definition(vector, vectors):
        return -np.log(np.exp(vectors[target] @ vector) / sum(np.exp(u @ vector) for u in vectors))

    cost, gradPred, grad = softmaxCostAndGradient(v, target, U, None)
    np.testing.assert_allclose(cost, definition(v, U), **TIGHT)
    np.testing.assert_allclose(gradPred, complex_step(lambda p: definition(p, U), v), **TIGHT)
    np.testing.assert_allclose(grad, complex_step(lambda p: definition(v, p), U), **TIGHT)


@pytest.mark.parametrize("seed", SEEDS)
def test_negative_sampling_has_the_gradients_of_a_loop_over_its_words(seed):
    """The handout's formulas, word by word, and complex steps of its cost; K above V, so that words repeat."""
    rng, v, target, U = word_case(seed)
    K = int(rng.integers(1, 13))
    script = [int(i) for i in (*rng.integers(0, len(U), 40), (target + 1) % len(U))]
    negatives = [i for i in script * K if i != target][:K]

    def sigma(x):
        return 1 / (1 + np.exp(-x))

    def definition(vector, vectors):
        return -np.log(sigma(vectors[target] @ vector)) - sum(np.log(sigma(-vectors[k] @ vector)) for k in negatives)

    by_hand = np.zeros(U.shape)
    by_hand[target] += (sigma(U[target] @ v) - 1) * v
    for k in negatives:
        by_hand[k] += (1 - sigma(-U[k] @ v)) * v
    v_by_hand = (sigma(U[target] @ v) - 1) * U[target] - sum((sigma(-U[k] @ v) - 1) * U[k] for k in negatives)

    cost, gradPred, grad = negSamplingCostAndGradient(v, target, U, word(*script), K)
    np.testing.assert_allclose(cost, definition(v, U), **TIGHT)
    np.testing.assert_allclose(gradPred, v_by_hand, **TIGHT)
    np.testing.assert_allclose(grad, by_hand, **TIGHT)
    np.testing.assert_allclose(gradPred, complex_step(lambda p: definition(p, U), v), **TIGHT)
    np.testing.assert_allclose(grad, complex_step(lambda p: definition(v, p), U), **TIGHT)


def test_negative_samples_are_drawn_again_where_they_are_the_target_and_kept_where_they_repeat():
    """In the order of the draws, K of them; 10 if nothing else is said."""
    assert getNegativeSamples(2, word(2, 5, 2, 2, 5, 1), 4) == [5, 5, 1, 5]
    U, v = np.zeros((3, 2)), np.ones(2)
    cost, _, _ = negSamplingCostAndGradient(v, 0, U, word(1))
    np.testing.assert_allclose(cost, 11 * np.log(2), **FEW_ULPS)


def window(seed):
    """A random window: center, context with repeats (the center at times), tokens, input and output vectors, F."""
    rng = np.random.default_rng(seed)
    V, D, C = (int(n) for n in rng.integers(2, 7, 3))
    tokens = {f"w{i}": int(j) for i, j in enumerate(rng.permutation(V))}
    context = [str(w) for w in rng.choice(list(tokens), int(rng.integers(1, 2 * C + 1)))]
    F = build("cost_function", {
        "alpha": rng.normal(size=V), "beta": rng.normal(size=V), "gamma": rng.normal(size=(V, V)),
        "w": rng.normal(size=D), "M": rng.normal(size=(V, D)), "names": ["predicted", "target", "outputVectors", "dataset"],
    })
    return "w0", C, context, tokens, rng.normal(size=(V, D)), rng.normal(size=(V, D)), None, F


@pytest.mark.parametrize("seed", SEEDS)
def test_skipgram_is_the_sum_of_f_over_the_context(seed):
    """One call of an arbitrary F per context word, added up word for word; other rows of gradIn stay zero."""
    center, C, context, tokens, V, U, dataset, F = window(seed)
    parts = [F(V[tokens[center]], tokens[w], U, dataset) for w in context]
    cost, gradIn, gradOut = skipgram(center, C, context, tokens, V, U, dataset, F)
    np.testing.assert_allclose(cost, sum(p[0] for p in parts), **TIGHT)
    for row in range(len(V)):
        np.testing.assert_allclose(gradIn[row], sum(p[1] for p in parts) if row == tokens[center] else np.zeros(V.shape[1]), **TIGHT)
    np.testing.assert_allclose(gradOut, sum(p[2] for p in parts), **TIGHT)


@pytest.mark.parametrize("seed", SEEDS)
def test_cbow_is_f_of_the_sum_of_the_context(seed):
    """One call of an arbitrary F; each row of gradIn gets its gradient as often as its word occurs."""
    center, C, context, tokens, V, U, dataset, F = window(seed)
    total = np.zeros(V.shape[1])
    for w in context:
        total = total + V[tokens[w]]
    cost_of_sum, dv, dU = F(total, tokens[center], U, dataset)
    cost, gradIn, gradOut = cbow(center, C, context, tokens, V, U, dataset, F)
    np.testing.assert_allclose(cost, cost_of_sum, **TIGHT)
    for w, row in tokens.items():
        np.testing.assert_allclose(gradIn[row], context.count(w) * dv, **TIGHT)
    np.testing.assert_allclose(gradOut, dU, **TIGHT)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("model", [skipgram, cbow])
def test_both_models_have_the_complex_step_gradients_of_the_softmax_cost(model, seed):
    """With the default F, J as a function of all input and all output vectors, written with sums over words."""
    center, C, context, tokens, V, U, dataset, _ = window(seed)

    def F(v, target, vectors):
        return -vectors[target] @ v + np.log(sum(np.exp(u @ v) for u in vectors))

    def definition(V, U):
        if model is skipgram:
            return sum(F(V[tokens[center]], tokens[w], U) for w in context)
        return F(sum(V[tokens[w]] for w in context), tokens[center], U)

    cost, gradIn, gradOut = model(center, C, context, tokens, V, U, dataset)
    np.testing.assert_allclose(cost, definition(V, U), **TIGHT)
    np.testing.assert_allclose(gradIn, complex_step(lambda p: definition(p, U), V), **TIGHT)
    np.testing.assert_allclose(gradOut, complex_step(lambda p: definition(V, p), U), **TIGHT)


# ---- sgd -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("in_place", [False, True])
def test_sgd_is_a_plain_loop_of_steps_and_postprocessing(seed, in_place):
    """x after n iterations, postprocessing on a new array and in place; x0 is left as it was."""
    rng = np.random.default_rng(seed)
    f, x0, n = quadratic(4), 0.1 * rng.normal(size=4), int(rng.integers(0, 9))
    post = build("postprocessing", {"scale": 0.9, "shift": 0.1, "in_place": in_place})
    start, x = x0.copy(), x0.copy()
    for _ in range(n):
        x = 0.9 * (x - 0.01 * f(x)[1]) + 0.1
    np.testing.assert_allclose(sgd(f, x0, 0.01, n, post), x, **TIGHT)
    np.testing.assert_array_equal(x0, start)


def test_sgd_halves_the_step_after_every_20000th_iteration():
    """A slope of -1 adds up the steps: iteration 20000 is the last one of step 1, iteration 40000 the last one of 1/2."""
    total = {n: sgd(lambda x: (0.0, -1.0), 0.0, 1.0, n) for n in (19999, 20000, 20001, 20002, 40000, 40001)}
    assert total == {19999: 19999, 20000: 20000, 20001: 20000.5, 20002: 20001, 40000: 30000, 40001: 30000.25}
    assert all(a < b for a, b in pairwise(total.values()))
