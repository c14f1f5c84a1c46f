"""Known mistakes in sigmoid, softmaxCostAndGradient and negSamplingCostAndGradient."""

import itertools
import math
import random
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeAlias, cast

import numpy as np

from grader.trial import Misconception
from reference.mistakes import Answer, log_plus, rows_of
from reference.word2vec import Array, getNegativeSamples, negSamplingCostAndGradient, sigmoid, softmax, softmaxCostAndGradient

CostAndGradients: TypeAlias = tuple[float, Array, Array]

# ---- softmaxCostAndGradient --------------------------------------------------------------------------------------------


def _word_softmax(dtheta: Callable[[Array, Array], Array], of_cost: float = 1.0) -> Answer:
    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
        cost, _, _ = softmaxCostAndGradient(predicted, target, outputVectors)
        y = np.eye(len(outputVectors))[target]
        delta = dtheta(softmax(outputVectors @ predicted), y)
        return of_cost * cost, outputVectors.T @ delta, np.outer(delta, predicted)

    return answer


def _with_cost(of: Callable[[Array, int], float]) -> Answer:
    """The gradients right, and another cost of yhat and the target."""
    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
        _, gradPred, grad = softmaxCostAndGradient(predicted, target, outputVectors)
        return float(of(softmax(outputVectors @ predicted), target)), gradPred, grad

    return answer


def _word_log_plus(small: float) -> Answer:
    return _with_cost(lambda yhat, o: -np.log(yhat[o] + small))


def _column_of_scores(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    """With a softmax over rows of one entry each."""
    delta = 1.0 - np.eye(len(outputVectors))[target]
    return 0.0, outputVectors.T @ delta, np.outer(delta, predicted)


def _summed_to_a_number(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    cost, gradPred, grad = softmaxCostAndGradient(predicted, target, outputVectors)
    expected = gradPred + outputVectors[target]
    return cost, expected.sum() - outputVectors[target], grad


def _not_divided(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    score = outputVectors[target] @ predicted
    _, gradPred, grad = _log_left_out(predicted, target, outputVectors, dataset)
    return -float(score), gradPred, grad


def _target_vector_alone(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    cost, _, grad = softmaxCostAndGradient(predicted, target, outputVectors)
    return cost, -outputVectors[target], grad


def _target_twice(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    cost, gradPred, grad = softmaxCostAndGradient(predicted, target, outputVectors)
    return cost, gradPred - outputVectors[target], grad


def _score_alone(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    _, gradPred, grad = softmaxCostAndGradient(predicted, target, outputVectors)
    return -float(outputVectors[target] @ predicted), gradPred, grad


def _times_output_vectors(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    cost, gradPred, _ = softmaxCostAndGradient(predicted, target, outputVectors)
    delta = softmax(outputVectors @ predicted) - np.eye(len(outputVectors))[target]
    return cost, gradPred, delta[:, None] * outputVectors


def _overwritten(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    _, gradPred, grad = softmaxCostAndGradient(predicted, target, outputVectors)
    return math.nan, gradPred, grad


def _word_sigmoid(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    theta = outputVectors @ predicted
    delta = sigmoid(theta) - np.eye(len(outputVectors))[target]
    return float(np.logaddexp(0.0, -theta[target])), outputVectors.T @ delta, np.outer(delta, predicted)


def _log_left_out(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    weights = np.exp(outputVectors @ predicted)
    delta = weights - np.eye(len(outputVectors))[target]
    return float(weights.sum() - outputVectors[target] @ predicted), outputVectors.T @ delta, np.outer(delta, predicted)


# ---- negSamplingCostAndGradient ----------------------------------------------------------------------------------------


def _as_drawn(target: int, dataset: Any, K: int) -> list[int]:
    return [dataset.sampleTokenIdx() for _ in range(K)]


def _skipped(target: int, dataset: Any, K: int) -> list[int]:
    return [sample for sample in _as_drawn(target, dataset, K) if sample != target]


def _drawn_again_once(target: int, dataset: Any, K: int) -> list[int]:
    return [dataset.sampleTokenIdx() if sample == target else sample for sample in (dataset.sampleTokenIdx() for _ in range(K))]


def _drawn_anew(target: int, dataset: Any, K: int) -> list[int]:
    getNegativeSamples(target, dataset, K)
    return getNegativeSamples(target, dataset, K)


def _distinct(target: int, dataset: Any, K: int) -> list[int]:
    return list(dict.fromkeys(getNegativeSamples(target, dataset, K)))


def _last_left_out(target: int, dataset: Any, K: int) -> list[int]:
    return getNegativeSamples(target, dataset, K)[:-1]


def _one_place_too_early(target: int, dataset: Any, K: int) -> list[int]:
    return [target, *_last_left_out(target, dataset, K)]


def _target_too(target: int, dataset: Any, K: int) -> list[int]:
    return [target, *getNegativeSamples(target, dataset, K)]


def _numbered_from(first: int) -> Callable[[int, Any, int], list[int]]:
    """With the loop's k for the k-th sample."""
    return lambda target, dataset, K: list(range(first, first + K))


def _rows_numbered_from(first: int) -> Answer:
    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
        if first + K > len(outputVectors):  # an IndexError, which needs no name
            return math.nan, np.full(predicted.shape, np.nan), np.full(outputVectors.shape, np.nan)
        return cast("CostAndGradients", _sampled(_numbered_from(first))(predicted, target, outputVectors, dataset, K))

    return answer


def _own_samples(draw: Callable[[int, int, int], list[int]]) -> Answer:
    """With samples of numpy's or Python's generator, given target, V and K: each call of a student's function begins with seed 0."""
    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
        samples = draw(target, len(outputVectors), K)
        return cast("CostAndGradients", _sampled(lambda *_: samples)(predicted, target, outputVectors, dataset, K))

    return answer


def _not_the_target(sample: Callable[[], int], target: int, K: int) -> list[int]:
    return list(itertools.islice((k for k in iter(sample, None) if k != target), K))


def _chosen(target: int, V: int, K: int) -> list[int]:
    return [int(k) for k in np.random.RandomState(0).choice([k for k in range(V) if k != target], K)]


def _from_numpy(target: int, V: int, K: int) -> list[int]:
    generator = np.random.RandomState(0)
    return _not_the_target(lambda: int(generator.randint(V)), target, K)


def _from_numpy_as_drawn(target: int, V: int, K: int) -> list[int]:
    return [int(k) for k in np.random.RandomState(0).randint(0, V, K)]


def _from_python(target: int, V: int, K: int) -> list[int]:
    generator = random.Random(0)  # noqa: S311 - the one that a student draws from
    return _not_the_target(lambda: generator.randint(0, V - 1), target, K)


def _always(count: int) -> Callable[[int, Any, int], list[int]]:
    return lambda target, dataset, K: getNegativeSamples(target, dataset, count)


Slope: TypeAlias = Callable[[Array], Array]
"""z -> what is taken for d(-log sigma)/dz."""


def _log_slope(z: Array) -> Array:
    return sigmoid(z) - 1.0


def _sigma_slope(z: Array) -> Array:
    return (sigmoid(z) - 1.0) * sigmoid(z)


def _sampled(
    draw: Callable[[int, Any, int], list[int]] = getNegativeSamples, cost_sign: float = 1.0, slope_sign: float = 1.0, inside: float = -1.0,
    of_target: float = 1.0, slope: Slope = _log_slope, target_slope: Slope = _log_slope,
) -> Answer:
    """Negative sampling with other negatives, signs (of their cost, of their slopes, inside sigma, of the target's slope) or slopes."""

    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
        words = [target, *draw(target, dataset, K)]
        s = np.array([1.0] + [inside] * (len(words) - 1))
        of_cost = np.array([1.0] + [cost_sign] * (len(words) - 1))
        of_slope = np.array([of_target] + [slope_sign] * (len(words) - 1))
        z = s * (outputVectors[words] @ predicted)
        cost = of_cost @ np.logaddexp(0.0, -z)
        slopes = of_slope * s * np.append(target_slope(z[:1]), slope(z[1:]))
        grad = np.zeros(outputVectors.shape)
        np.add.at(grad, words, np.outer(slopes, predicted))
        return float(cost), outputVectors[words].T @ slopes, grad

    return answer


def _target_as_negative(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    words = [target, *getNegativeSamples(target, dataset, K)]
    z = outputVectors[words] @ predicted
    grad = np.zeros(outputVectors.shape)
    np.add.at(grad, words, np.outer(sigmoid(z), predicted))
    return float(np.logaddexp(0.0, z).sum()), outputVectors[words].T @ sigmoid(z), grad


def _signs_exchanged(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    """With sigma(-u_o . v) and sigma(u_k . v), and their gradients."""
    words = [target, *getNegativeSamples(target, dataset, K)]
    s = np.array([-1.0] + [1.0] * K)
    z = s * (outputVectors[words] @ predicted)
    slopes = -s * sigmoid(-z)
    grad = np.zeros(outputVectors.shape)
    np.add.at(grad, words, np.outer(slopes, predicted))
    return float(np.logaddexp(0.0, -z).sum()), outputVectors[words].T @ slopes, grad


def _negatives_averaged(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    return _sampled(cost_sign=1 / K, slope_sign=1 / K)(predicted, target, outputVectors, dataset, K)


def _divided_by_K(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    cost, gradPred, grad = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
    return cost / K, gradPred / K, grad / K


def _predicted_from(of_target: float, slope_sign: float) -> Answer:
    """With these shares of the target and of the negatives in gradPred; the rest is right."""
    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
        words = getNegativeSamples(target, dataset, K)
        rest = (predicted, target, outputVectors, dataset, K)
        cost, _, grad = _sampled(lambda *_: words)(*rest)
        return cost, _sampled(lambda *_: words, of_target=of_target, slope_sign=slope_sign)(*rest)[1], grad

    return answer


def _predicted_of_last(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    """With ``gradPred = ...`` in the loop, in place of ``gradPred += ...``."""
    words = getNegativeSamples(target, dataset, K)
    cost, _, grad = _sampled(lambda *_: words)(predicted, target, outputVectors, dataset, K)
    last = outputVectors[words[-1]]
    return cost, sigmoid(last @ predicted) * last, grad


def _repeats_overwritten(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    words = getNegativeSamples(target, dataset, K)
    cost, gradPred, grad = _sampled(lambda *_: words)(predicted, target, outputVectors, dataset, K)
    for word, count in Counter(words).items():
        grad[word] /= count
    return cost, gradPred, grad


def _target_row_lost(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    cost, gradPred, grad = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
    grad[target] = 0.0
    return cost, gradPred, grad


def _drawn_anew_as_drawn(target: int, dataset: Any, K: int) -> list[int]:
    getNegativeSamples(target, dataset, K)
    return _as_drawn(target, dataset, K)


def _one_too_many(target: int, dataset: Any, K: int) -> list[int]:
    return getNegativeSamples(target, dataset, K + 1)


def _computed_twice(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    """A loop that draws anew adds to the gradients of the first samples, and begins its cost anew."""
    _, gradPred, grad = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
    cost, more, further = _sampled(_as_drawn)(predicted, target, outputVectors, dataset, K)
    return cost, gradPred + more, grad + further


def _negated(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    cost, gradPred, grad = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
    return -cost, -gradPred, -grad


def _negatives_in_all_rows(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    """With ``grad += ...`` in place of ``grad[k] += ...``."""
    cost, gradPred, grad = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
    of_target = np.zeros_like(grad)
    of_target[target] = grad[target]
    return cost, gradPred, of_target + (grad - of_target).sum(axis=0)


def _drawn_twice(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    cost, _, _ = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
    _, gradPred, grad = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
    return cost, gradPred, grad


def _all_other_words(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    words = [k for k in range(len(outputVectors)) if k != target]
    return cast("CostAndGradients", _sampled(lambda *_: words)(predicted, target, outputVectors, dataset, K))


def _with_gradients(of: Callable[[CostAndGradients, Array, Array, list[int]], CostAndGradients]) -> Answer:
    """Made of the right answer, predicted, outputVectors and the words: the target first, then the samples as drawn."""
    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
        samples = getNegativeSamples(target, dataset, K)
        right = _sampled(lambda *_: samples)(predicted, target, outputVectors, dataset, K)
        return of(right, predicted, outputVectors, [target, *samples])

    return answer


def _slopes(predicted: Array, outputVectors: Array, words: list[int]) -> Array:
    """dJ/d(u . v) of the target and of the samples."""
    return np.append(-1.0, np.zeros(len(words) - 1)) + sigmoid(outputVectors[words] @ predicted)


def _target_for_negatives(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    cost, _, grad = right
    return cost, _slopes(predicted, outputVectors, words).sum() * outputVectors[words[0]], grad


def _predicted_times_itself(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    cost, _, grad = right
    return cost, _slopes(predicted, outputVectors, words).sum() * predicted, grad


def _negatives_summed_to_a_number(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    cost, gradPred, grad = right
    of_target = _slopes(predicted, outputVectors, words)[0] * outputVectors[words[0]]
    return cost, of_target + (gradPred - of_target).sum(), grad


def _outputs_times_themselves(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    cost, gradPred, grad = right
    slopes = _slopes(predicted, outputVectors, words)
    made = np.zeros_like(grad)
    np.add.at(made, words, slopes[:, None] * outputVectors[words])
    return cost, gradPred, made


def _outputs_of_last(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    cost, gradPred, _ = right
    slopes, made = _slopes(predicted, outputVectors, words), np.zeros_like(outputVectors)
    made[words[0]] = slopes[0] * predicted
    made[words[-1]] += slopes[-1] * predicted
    return cost, gradPred, made


def _outputs_to_target(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    cost, gradPred, grad = right
    made = np.zeros_like(grad)
    made[words[0]] = grad.sum(axis=0)
    return cost, gradPred, made


def _averaged(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    cost, gradPred, grad = right
    return cost / len(words), gradPred / len(words), grad / len(words)


def _cost_of_last(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    _, gradPred, grad = right
    return float(np.logaddexp(0.0, outputVectors[words[-1]] @ predicted)), gradPred, grad


def _cost_of_target_and_last(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    """With the line for the cost behind the loop over the samples."""
    _, gradPred, grad = right
    return float(np.logaddexp(0.0, [1.0, -1.0] * -(outputVectors[[words[0], words[-1]]] @ predicted)).sum()), gradPred, grad


def _predicted_of_target_and_last(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    cost, _, grad = right
    return cost, _slopes(predicted, outputVectors, words)[[0, -1]] @ outputVectors[[words[0], words[-1]]], grad


def _target_with_minus(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    """With sigma(-u_o . v) for sigma(u_o . v), in its cost and in its slope."""
    cost, gradPred, grad = right
    u = outputVectors[words[0]]
    score = u @ predicted
    more = sigmoid(-score) - sigmoid(score)
    grad[words[0]] += more * predicted
    return cost + float(score), gradPred + more * u, grad


def _negative_costs(of: Callable[[Array], Any]) -> Answer:
    """With something else of the u_k . v in place of their summed costs."""
    def made(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
        scores = outputVectors[words] @ predicted
        return float(np.logaddexp(0.0, -scores[0]) + of(scores[1:])), right[1], right[2]

    return _with_gradients(made)


def _log_forgotten_in_cost(*, of_target: bool, of_negatives: bool) -> Answer:
    """With -sigma in place of -log sigma in these terms of the cost."""
    def made(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
        z = (outputVectors[words] @ predicted) * np.array([1.0] + [-1.0] * (len(words) - 1))
        plain = np.array([of_target] + [of_negatives] * (len(words) - 1))
        return float(np.where(plain, -sigmoid(z), np.logaddexp(0.0, -z)).sum()), right[1], right[2]

    return _with_gradients(made)


def _others_as_zeros(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    """With a matrix like U for the samples, whose other rows are zero: sigma(0) is 1/2."""
    cost, gradPred, grad = right
    return cost + (len(outputVectors) - len(set(words[1:]))) * math.log(2.0), gradPred, grad


def _sampled_log_plus(small: float) -> Answer:
    def made(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
        signs = np.array([1.0] + [-1.0] * (len(words) - 1))
        return -float(np.sum(np.log(sigmoid(signs * (outputVectors[words] @ predicted)) + small))), right[1], right[2]

    return _with_gradients(made)


def _target_in_the_loop(right: CostAndGradients, predicted: Array, outputVectors: Array, words: list[int]) -> CostAndGradients:
    K, o = len(words) - 1, words[0]
    cost, gradPred, grad = right
    score = outputVectors[o] @ predicted
    slope = (K - 1) * (sigmoid(score) - 1.0)
    grad[o] += slope * predicted
    return cost + (K - 1) * float(np.logaddexp(0.0, -score)), gradPred + slope * outputVectors[o], grad


# ---- the table ---------------------------------------------------------------------------------------------------------

_INDICES = "Use indices[k], the sample, not k, its place in the list."
_OWN_SAMPLES = "You drew the negatives by a random generator of your own; they are to come from dataset."
_SAMPLER = "Call getNegativeSamples(target, dataset, K), which calls dataset.sampleTokenIdx()."

COSTS: tuple[Misconception, ...] = (
    *rows_of(
        "sigmoid",
        ("negative_exponent", "You computed 1 / (1 + exp(x)); the exponent is -x.", "Write exp(-x) in the denominator.",
         lambda x: sigmoid(-x)),
        ("tanh", "You computed tanh(x).", "Write 1 / (1 + exp(-x)).", np.tanh),
        ("of_2x", "You computed sigma(2x), which is (1 + tanh x) / 2.", "Write 1 / (1 + exp(-x)), or (1 + tanh(x / 2)) / 2.",
         lambda x: sigmoid(2 * np.asarray(x, float))),
        ("of_absolute_value", "For negative x you return sigma(-x).", "Where x is negative, write exp(x) / (1 + exp(x)).",
         lambda x: sigmoid(np.abs(x))),
        ("no_parentheses", "You computed 1 + exp(-x): 1 / 1 + exp(-x) divides first.",
         "Put the denominator in parentheses: 1 / (1 + exp(-x)).", lambda x: 1 + np.exp(-np.asarray(x, float))),
        ("minus_in_denominator", "You computed 1 / (1 - exp(-x)).", "Write 1 / (1 + exp(-x)).",
         lambda x: 1 / (1 - np.exp(-np.asarray(x, float)))),
        ("derivative", "You returned the derivative of the sigmoid.", "Return 1 / (1 + exp(-x)) itself.",
         lambda x: sigmoid(x) * (1 - sigmoid(x))),
    ),
    *rows_of(
        "softmaxCostAndGradient",
        ("no_minus_one", "The gradient uses yhat where yhat - y belongs.", "Subtract 1 from yhat at the target.",
         _word_softmax(lambda yhat, y: yhat)),
        ("minus_one_everywhere", "The gradient subtracts 1 from yhat at every word; it is subtracted at the target alone.",
         "Subtract 1 from yhat at the target.", _word_softmax(lambda yhat, y: yhat - 1.0)),
        ("plus_y", "The gradient uses yhat + y where yhat - y belongs.", "Subtract 1 from yhat at the target.",
         _word_softmax(lambda yhat, y: yhat + y)),
        ("minus_one_for_yhat", "The gradient has -1 at the target; it is yhat_o - 1 there.",
         "Subtract 1 from yhat at the target with -=, do not put -1 there.", _word_softmax(lambda yhat, y: np.where(y > 0, -1.0, yhat))),
        ("sign_of_cost", "Your cost has the wrong sign: it is -log yhat_o.",
         "Put the minus back in front of the log.", _word_softmax(lambda yhat, y: yhat - y, -1.0)),
        ("sign_of_both", "Your cost and its gradients both have the wrong sign: the cost is -log yhat_o.",
         "Put the minus back in front of the log; dJ/dtheta is yhat - y.", _word_softmax(lambda yhat, y: y - yhat, -1.0)),
        ("sign_of_gradients", "The gradient has the wrong sign: it starts from yhat - y, not y - yhat.",
         "Subtract 1 from yhat at the target.", _word_softmax(lambda yhat, y: y - yhat)),
        ("target_only", "The gradient counts the target alone; every word has a share yhat_w in it.",
         "Use the whole vector yhat - y.", _word_softmax(lambda yhat, y: y * (yhat - y))),
        ("sigmoid", "You applied a sigmoid to each u_w . v; the handout has a softmax over all words.", "Call softmax.", _word_sigmoid),
        ("summed_to_a_number", "You added up the entries of sum_w yhat_w u_w to a single number; it is a vector like v_c.",
         "Leave out np.sum around the product, or give it axis=0.", _summed_to_a_number),
        ("times_output_vectors", "The gradient of U multiplies yhat - y with U; it is v_c that belongs there.",
         "Write np.outer(yhat - y, predicted).", _times_output_vectors),
        ("no_log", "Your cost is -yhat_o; the logarithm is missing.", "Write -log yhat_o.", _with_cost(lambda yhat, o: -yhat[o])),
        ("log_left_out", "Your cost is sum_w exp(u_w . v) - u_o . v; the logarithm of the sum is missing.",
         "Write np.log around the sum, which gives -log yhat_o; the gradients then have yhat.", _log_left_out),
        ("all_words", "Your cost sums -log yhat_w over all words; it is that of the target alone.", "Write -log yhat_o.",
         _with_cost(lambda yhat, o: -np.sum(np.log(yhat)))),
        ("one_minus_yhat", "Your cost is -log(1 - yhat_o); it is -log yhat_o.", "Write -log yhat_o.",
         _with_cost(lambda yhat, o: -np.log1p(-yhat[o]))),
        ("likeliest", "Your cost takes the largest yhat_w; it is that of the target, whatever yhat is.", "Write -log yhat_o.",
         _with_cost(lambda yhat, o: -np.log(yhat.max()))),
        ("binary_cost", "Your cost is the binary cross-entropy of every word; the handout has -log yhat_o.",
         "Leave out log(1 - yhat_w).", _with_cost(lambda yhat, o: -np.log(yhat[o]) - np.log1p(-np.delete(yhat, o)).sum())),
        ("score_alone", "Your cost is -u_o . v; the logarithm of the sum that yhat is divided by is missing.", "Write -log yhat_o.",
         _score_alone),
        ("not_divided", "Your yhat is exp(u_w . v) alone; it is to be divided by the sum over all words.", "Call softmax.",
         _not_divided),
        ("target_vector_alone", "Your gradPred is -u_o alone; sum_w yhat_w u_w is missing.", "Write U^T (yhat - y).", _target_vector_alone),
        ("target_twice", "Your gradPred subtracts u_o twice: yhat - y has it already.",
         "Write U^T (yhat - y), or U^T yhat - u_o, not both.", _target_twice),
        ("column_of_scores", "You took the softmax of a column, (V, 1): each row is normalised by itself, and yhat is 1 for every word.",
         "Give softmax a vector, (V,), or one row, (1, V).", _column_of_scores),
        ("overwritten", "Your cost is the logarithm of yhat_o - 1, which is negative: yhat was changed in place before.",
         "Take the logarithm before you subtract 1, or subtract it from a copy: yhat.copy().", _overwritten),
        *log_plus("log yhat_o", _word_log_plus),
    ),
    *rows_of(
        "negSamplingCostAndGradient",
        ("repeats_dropped", "You counted a negative that is drawn several times once; each draw is a term of the sum.",
         "Loop over the samples as they were drawn, without set() or np.unique().", _sampled(_distinct)),
        ("repeats_overwritten", "A negative that is drawn several times is counted once in grad: a later draw overwrites an earlier one.",
         "Add to grad[k] in a loop, or with np.add.at; grad[indices] += ... counts repeats once.", _repeats_overwritten),
        ("target_kept", "You kept the target as a negative when the sampler returned it; it is to be drawn again.",
         "Draw again while the sample is the target, as getNegativeSamples does.", _sampled(_as_drawn)),
        ("drawn_again_once", "You draw once more when the sample is the target; the second draw may be the target as well.",
         "Draw again while the sample is the target: while, not if.", _sampled(_drawn_again_once)),
        ("target_skipped", "You left out samples that are the target without drawing others in their place; K negatives are needed.",
         "Draw again while the sample is the target, as getNegativeSamples does.", _sampled(_skipped)),
        ("K_ignored", "You drew 10 negatives whatever K is.", "Draw K of them.", _sampled(_always(10))),
        ("five_drawn", "You drew 5 negatives whatever K is.", "Draw K of them.", _sampled(_always(5))),
        ("drawn_anew", "You drew the negatives anew: K of them had been drawn already, and those count.",
         "Loop over the list that was drawn first, by getNegativeSamples; do not call dataset.sampleTokenIdx() again.",
         _sampled(_drawn_anew)),
        ("drawn_anew_as_drawn", "You drew the negatives anew, after K of them had been drawn, and kept the target among them.",
         "Loop over the list that getNegativeSamples returned; do not call dataset.sampleTokenIdx() again.",
         _sampled(_drawn_anew_as_drawn)),
        ("computed_twice", "You computed the gradients twice, with other samples the second time, and added both up.",
         "Keep one of the two: all samples at once, or the loop over them.", _computed_twice),
        ("drawn_twice", "You drew new samples for the gradients; cost and gradients are to use the same ones.",
         "Call getNegativeSamples once and keep the list.", _drawn_twice),
        ("negatives_as_positives", "You used sigma(u_k . v) for the negatives; the handout has sigma(-u_k . v).",
         "Put the minus inside the sigmoid.", _sampled(inside=1.0)),
        ("sign_of_negative_costs", "The negatives enter your cost with the wrong sign.",
         "Check the signs: J = -log sigma(u_o . v) - sum_k log sigma(-u_k . v).", _sampled(cost_sign=-1.0)),
        ("sign_of_negatives", "The sum over the negatives has the wrong sign, in the cost and in the gradients.",
         "Check the signs: J = -log sigma(u_o . v) - sum_k log sigma(-u_k . v).", _sampled(cost_sign=-1.0, slope_sign=-1.0)),
        ("sign_of_negative_slopes", "The negatives enter the gradient with the wrong sign.",
         "Differentiate -log sigma(-u_k . v) once more: the inner minus gives (1 - sigma(-u_k . v)).", _sampled(slope_sign=-1.0)),
        ("minus_lost", "You used sigma(u_k . v) for the negatives; the handout has sigma(-u_k . v).",
         "Put the minus inside the sigmoid.", _sampled(inside=1.0, slope_sign=-1.0)),
        ("sigma_for_one_minus_sigma", "The negatives enter the gradient with sigma(-u_k . v) where 1 - sigma(-u_k . v) belongs.",
         "Look for a minus inside the sigmoid that is lost, or one too many: 1 - sigma(-u . v) is sigma(u . v).",
         _sampled(slope_sign=-1.0, slope=sigmoid)),
        ("log_forgotten", "The gradient is that of sigma; the handout has it of log sigma.",
         "Divide by sigma: d log sigma(z) / dz is 1 - sigma(z).", _sampled(slope=_sigma_slope, target_slope=_sigma_slope)),
        ("log_forgotten_for_target", "The target enters the gradient with the derivative of sigma; the handout has it of log sigma.",
         "Divide by sigma: d log sigma(z) / dz is 1 - sigma(z).", _sampled(target_slope=_sigma_slope)),
        ("log_forgotten_for_negatives", "The negatives enter the gradient with the derivative of sigma; the handout has it of log sigma.",
         "Divide by sigma: d log sigma(z) / dz is 1 - sigma(z).", _sampled(slope=_sigma_slope)),
        ("sign_of_target_slope", "The target enters the gradient with the wrong sign.",
         "Differentiate -log sigma(u_o . v) once more: it gives sigma(u_o . v) - 1.", _sampled(of_target=-1.0)),
        ("predicted_without_target", "The target's share, (sigma(u_o . v) - 1) u_o, is missing.",
         "Sum over the target and all negatives.", _predicted_from(0.0, 1.0)),
        ("predicted_without_negatives", "The shares of the negatives are missing.",
         "Sum over the target and all negatives.", _predicted_from(1.0, 0.0)),
        ("predicted_of_last", "You returned the share of the last negative alone as gradPred.", "Add up with gradPred += ... in the loop.",
         _predicted_of_last),
        ("sign_of_both", "Your cost and its gradients both have the wrong sign: J = -log sigma(u_o . v) - sum_k log sigma(-u_k . v).",
         "Put the minus back in front of both logarithms, and differentiate once more.", _negated),
        ("negatives_in_all_rows", "You added the gradients of the u_k to every row of grad; each belongs to row k alone.",
         "Write grad[k] += ..., with k the index of the sample.", _negatives_in_all_rows),
        ("negatives_averaged", "You divided the sum over the negatives by K; the handout sums.", "Leave out the division.",
         _negatives_averaged),
        ("divided_by_K", "You divided everything by K; the handout sums.", "Leave out the division.", _divided_by_K),
        ("target_too", "You counted the target as a negative as well.",
         "Loop over the samples alone: indices[1:], if the target comes first.", _sampled(_target_too)),
        ("target_as_negative", "You counted the target as a negative; its term is -log sigma(u_o . v), without the minus inside.",
         "Take -log sigma(-u . v) for the samples alone.", _target_as_negative),
        ("last_left_out", "You counted K - 1 of the K negatives.", "Loop over all of them: range(K), or the list itself.",
         _sampled(_last_left_out)),
        ("one_place_too_early", "You counted the target as a negative, and left out the last one: your index is off by one.",
         "The target is indices[0], the negatives are indices[1:].", _sampled(_one_place_too_early)),
        ("target_without_minus_one", "The target enters the gradient with sigma(u_o . v) where sigma(u_o . v) - 1 belongs.",
         "Subtract 1 for the target.", _sampled(target_slope=sigmoid)),
        ("negatives_without_cost", "The negatives are missing from your cost.",
         "Subtract log sigma(-u_k . v) for each of them.", _sampled(cost_sign=0.0)),
        ("target_row_lost", "The gradient of u_o, the target's row of grad, is missing.",
         "Add (sigma(u_o . v) - 1) v to grad[target], and do not clear it afterwards.", _target_row_lost),
        ("rows_0_to_K_minus_1", "Your negatives are the rows 0 to K - 1 of U, whatever was drawn.", _INDICES, _rows_numbered_from(0)),
        ("rows_1_to_K", "Your negatives are the rows 1 to K of U, whatever was drawn.", _INDICES, _rows_numbered_from(1)),
        ("chosen_by_numpy", _OWN_SAMPLES, _SAMPLER, _own_samples(_chosen)),
        ("drawn_by_numpy", _OWN_SAMPLES, _SAMPLER, _own_samples(_from_numpy)),
        ("drawn_by_numpy_as_drawn", _OWN_SAMPLES, _SAMPLER, _own_samples(_from_numpy_as_drawn)),
        ("drawn_by_python", _OWN_SAMPLES, _SAMPLER, _own_samples(_from_python)),
        ("target_for_negatives", "Your gradPred has u_o, the target's row of U, where the u_k of the negatives belong.",
         "Take outputVectors[k] for the negatives, with k the index of the sample.", _with_gradients(_target_for_negatives)),
        ("predicted_times_itself", "Your gradPred multiplies the slopes with v_c; it is u_o and the u_k that belong there.",
         "Multiply with rows of outputVectors for gradPred, and with predicted for grad.", _with_gradients(_predicted_times_itself)),
        ("summed_to_a_number", "You added up the entries of the negatives' share in gradPred to a single number; it is a vector like v_c.",
         "Leave out np.sum around the product, or give it axis=0.", _with_gradients(_negatives_summed_to_a_number)),
        ("outputs_times_themselves", "Your grad multiplies the slopes with u_o and the u_k; it is v_c that belongs there.",
         "Multiply with predicted for grad, and with rows of outputVectors for gradPred.", _with_gradients(_outputs_times_themselves)),
        ("outputs_of_last", "Of the negatives, the last alone has its gradient in grad.",
         "Add to grad[k] inside the loop over the samples.", _with_gradients(_outputs_of_last)),
        ("log_of_sum", "Your cost takes the logarithm of the sum over the negatives; the handout sums the logarithms.",
         "Write np.sum(np.log(...)), not np.log(np.sum(...)).", _negative_costs(lambda z: -np.log(np.sum(sigmoid(-z))))),
        ("sigma_of_sum", "Your cost takes sigma of the sum of the u_k . v; each has a sigma, and a logarithm, of its own.",
         "Write np.sum(np.log(sigmoid(...))), with the sum outside.", _negative_costs(lambda z: np.logaddexp(0.0, np.sum(z)))),
        ("one_too_many", "You drew K + 1 negatives; the handout has K of them.", "Draw K of them.", _sampled(_one_too_many)),
        ("averaged", "You divided by K + 1, the number of terms; the handout sums over them.", "Leave out the division.",
         _with_gradients(_averaged)),
        ("cost_of_last", "Your cost is the term of the last negative alone.", "Add the terms up, with cost -= np.log(...) in the loop.",
         _with_gradients(_cost_of_last)),
        ("cost_of_target_and_last", "Of the negatives, the last alone has its term in your cost.",
         "Add to the cost inside the loop over the samples.", _with_gradients(_cost_of_target_and_last)),
        ("predicted_of_target_and_last", "Of the negatives, the last alone has its share in gradPred.",
         "Add to gradPred inside the loop over the samples.", _with_gradients(_predicted_of_target_and_last)),
        ("outputs_to_target", "You added the gradients of the u_k to the target's row of grad; each belongs to row k.",
         "Write grad[k] += ..., with k the index of the sample.", _with_gradients(_outputs_to_target)),
        ("target_with_minus", "You used sigma(-u_o . v) for the target; it is sigma(u_o . v).",
         "Put the minus inside the sigma of the negatives alone.", _with_gradients(_target_with_minus)),
        ("signs_exchanged", "You used sigma(-u_o . v) for the target and sigma(u_k . v) for the negatives; it is the other way round.",
         "Put the minus inside the sigma of the negatives alone.", _signs_exchanged),
        ("minus_outside", "You used -sigma(u_k . v) for the negatives; the handout has sigma(-u_k . v).",
         "Put the minus inside the sigmoid.", _sampled(slope=lambda z: -1.0 - sigmoid(-z))),
        ("all_other_words", "You took every word but the target for a negative, whatever was drawn.",
         "Sum over the K samples that getNegativeSamples returned.", _all_other_words),
        ("cost_without_logs", "Your cost sums -sigma; the logarithms are missing.", "Write np.log around each sigmoid.",
         _log_forgotten_in_cost(of_target=True, of_negatives=True)),
        ("cost_without_log_of_target", "Your cost has -sigma(u_o . v) for the target; the logarithm is missing.",
         "Write -log sigma(u_o . v).", _log_forgotten_in_cost(of_target=True, of_negatives=False)),
        ("cost_without_logs_of_negatives", "Your cost has -sigma(-u_k . v) for the negatives; the logarithm is missing.",
         "Write -log sigma(-u_k . v).", _log_forgotten_in_cost(of_target=False, of_negatives=True)),
        ("others_as_zeros", "Your cost has a term for every word that was not sampled: -log sigma(0), which is log 2.",
         "Sum over the samples alone, not over all rows of a matrix that is zero elsewhere.", _with_gradients(_others_as_zeros)),
        ("target_in_the_loop", "You counted the target K times, once for each negative.",
         "Take the target's terms out of the loop over the negatives.", _with_gradients(_target_in_the_loop)),
        *log_plus("log sigma", _sampled_log_plus),
    ),
)
