"""Formulas of word2vec, which the assignments on it share. Each docstring derives its formula.

Names and question numbers are those of the oldest handout, that of ``cs224n_a1``; a later one has its own in its folder.
Letters: V words, vectors of length D; K negatives.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
WordCost: TypeAlias = Callable[[Array, int, Array, Any], tuple[float, Array, Array]]
"""F of questions 3a to 3d: (predicted, target, outputVectors, dataset) -> (cost, gradPred, grad)."""

ANNEAL_EVERY = 20000  # iterations of sgd, the handout's


def softmax(x: Array) -> Array:
    """Softmax of each row, yhat_i = exp(x_i) / sum_j exp(x_j), for x of shape (D,) or (N, D).

    Question 1a: exp(x_i + c) = exp(c) exp(x_i), and exp(c) cancels between numerator and denominator, so
    softmax(x + c) = softmax(x). With c = -max_j x_j no exponent is positive, so nothing overflows, and the
    denominator is at least exp(0) = 1.

    Examples
    --------
    >>> softmax(np.array([[1001, 1001], [0, -1000]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    x = np.asarray(x, float)
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def log_softmax(x: Array) -> Array:
    """Logarithm of softmax per row: log yhat_i = x_i - m - log sum_j exp(x_j - m), with m = max_j x_j.

    Stays finite where yhat_i itself underflows to 0.
    """
    shifted = x - x.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def sigmoid(x: Array | float) -> Array:
    """Logistic function of each entry, for x of any shape: sigma(x) = 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x)).

    Question 2a. The first form is taken for x >= 0, the second for x < 0: with e = exp(-abs(x)) both have the
    denominator 1 + e, and e never overflows.

    Examples
    --------
    >>> sigmoid(np.array([-1000, 0, 1000]))
    array([0. , 0.5, 1. ])
    """
    x = np.asarray(x, float)
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, e) / (1.0 + e))


def softmaxCostAndGradient(predicted: Array, target: int, outputVectors: Array, dataset: Any = None) -> tuple[float, Array, Array]:
    """Cost J = -log yhat_o for yhat = softmax(U v), and its gradients; v (D,) predicted, o the target, U (V, D).

    With theta = U v (V,), J is the cross-entropy of question 2b, so dJ/dtheta = yhat - y (V,), y one-hot at o.
    Question 3a: theta_w = u_w . v, so dJ/dv = sum_w (yhat - y)_w u_w = -u_o + sum_w yhat_w u_w = U^T (yhat - y) (D,).
    Question 3b: dJ/du_w = (yhat - y)_w v, that is (yhat - y) v^T (V, D). (The handout has words as columns of U.)
    """
    log_yhat = log_softmax(outputVectors @ predicted)
    dtheta = np.exp(log_yhat)
    dtheta[target] -= 1.0
    return -float(log_yhat[target]), outputVectors.T @ dtheta, np.outer(dtheta, predicted)


def getNegativeSamples(target: int, dataset: Any, K: int) -> list[int]:
    """K samples of ``dataset.sampleTokenIdx()`` that are not the target; a word may come several times. Question 3c."""
    samples: list[int] = []
    while len(samples) < K:
        sample = dataset.sampleTokenIdx()
        if sample != target:
            samples.append(sample)
    return samples


def negSamplingCostAndGradient(
    predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int = 10
) -> tuple[float, Array, Array]:
    """Cost J = -log sigma(u_o . v) - sum_k log sigma(-u_k . v) over K sampled words k != o, and its gradients.

    One sum over the target with sign s = +1 and the samples with s = -1, z = s u . v: J = -sum log sigma(z), and
    -log sigma(z) = log(1 + e^-z). Question 3c: d(-log sigma)/dz = sigma(z) - 1, hence dJ/d(u . v) = s (sigma(z) - 1), and
    dJ/dv = sum s (sigma(z) - 1) u = (sigma(u_o . v) - 1) u_o - sum_k (sigma(-u_k . v) - 1) u_k (D,);
    dJ/du_o = (sigma(u_o . v) - 1) v, dJ/du_k = (1 - sigma(-u_k . v)) v once per occurrence of k; 0 for all other words,
    so K + 1 rows are touched where softmax touches all V.
    """
    words = [target, *getNegativeSamples(target, dataset, K)]
    s = np.array([1.0] + [-1.0] * K)
    z = s * (outputVectors[words] @ predicted)
    slope = s * (sigmoid(z) - 1.0)
    grad = np.zeros(outputVectors.shape)
    np.add.at(grad, words, np.outer(slope, predicted))  # `grad[words] += ...` would count a repeated word once
    return float(np.sum(np.logaddexp(0.0, -z))), outputVectors[words].T @ slope, grad


def skipgram(
    currentWord: str, C: int, contextWords: Sequence[str], tokens: Mapping[str, int], inputVectors: Array, outputVectors: Array,
    dataset: Any, word2vecCostAndGradient: WordCost = softmaxCostAndGradient,
) -> tuple[float, Array, Array]:
    """Cost J = sum_w F(v_c, w, U) over the context words w, and its gradients in all input and output vectors (V, D).

    Question 3d: the sum's gradient is the sum of F's. Only v_c of the center word c enters, so row c of dJ/dV is
    sum_w dF(v_c, w, U)/dv_c, and every other row is 0; dJ/dU = sum_w dF(v_c, w, U)/dU. A repeated word counts each time.
    """
    c = tokens[currentWord]
    cost, gradIn, gradOut = 0.0, np.zeros(inputVectors.shape), np.zeros(outputVectors.shape)
    for word in contextWords:
        F, dv, dU = word2vecCostAndGradient(inputVectors[c], tokens[word], outputVectors, dataset)
        cost += F
        gradIn[c] += dv
        gradOut += dU
    return cost, gradIn, gradOut


def cbow(
    currentWord: str, C: int, contextWords: Sequence[str], tokens: Mapping[str, int], inputVectors: Array, outputVectors: Array,
    dataset: Any, word2vecCostAndGradient: WordCost = softmaxCostAndGradient,
) -> tuple[float, Array, Array]:
    """Cost J = F(vhat, c, U) for vhat = sum_w v_w over the context words w (D,), and its gradients (V, D).

    Question 3d: dvhat/dv_w is the identity, once per occurrence of w in the context, so row w of dJ/dV is dF/dvhat
    times the number of occurrences, and 0 for words outside the context; dJ/dU = dF/dU.
    """
    context = [tokens[word] for word in contextWords]
    cost, dvhat, gradOut = word2vecCostAndGradient(inputVectors[context].sum(axis=0), tokens[currentWord], outputVectors, dataset)
    gradIn = np.zeros(inputVectors.shape)
    np.add.at(gradIn, context, dvhat)
    return cost, gradIn, gradOut


def sgd(
    f: Callable[[Any], tuple[float, Any]], x0: Any, step: float, iterations: int,
    postprocessing: Callable[[Any], Any] | None = None, useSaved: bool = False, PRINT_EVERY: int = 10,  # noqa: FBT001, FBT002
) -> Any:
    """Minimise f: `iterations` times x <- post(x - step * gradient at x), from x0. Question 3, implementation.

    The step is halved after every 20000th iteration, counted from 1. Nothing is printed or saved here.
    """
    x = x0
    for iteration in range(1, iterations + 1):
        x = x - step * f(x)[1]
        if postprocessing is not None:
            x = postprocessing(x)
        if iteration % ANNEAL_EVERY == 0:
            step /= 2
    return x
