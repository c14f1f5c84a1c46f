"""Known mistakes of assignment 1, as the functions that they compute: most are the reference with one thing changed.

Seen in real submissions. Where two of one function agree on a single result (dropping repeats and overwriting them leave the
same ``grad``), the other results tell them apart. Where only one result is judged, the first in the table is named: so its
sentence claims no more than that result shows.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

import numpy as np

from grader.trial import Misconception
from reference.cs224n_a1.solutions import (
    Array,
    cbow,
    flat,
    getNegativeSamples,
    log_softmax,
    negSamplingCostAndGradient,
    sigmoid,
    sigmoid_grad,
    skipgram,
    softmax,
    softmaxCostAndGradient,
)

CostAndGradients: TypeAlias = tuple[float, Array, Array]
Answer: TypeAlias = Callable[..., Any]
OfTheta: TypeAlias = Callable[[Array, Array], Any]
"""(theta, labels) -> cost, or dJ/dtheta."""

# ---- softmax, sigmoid_grad, normalizeRows ------------------------------------------------------------------------------


def _normalised_along(axis: int | None) -> Answer:
    def answer(x: Array) -> Array:
        weights = np.exp(np.asarray(x, float) - np.max(x))
        return np.asarray(weights / weights.sum(axis=axis, keepdims=True))

    return answer


def _exponentials(x: Array) -> Array:
    return np.exp(np.asarray(x, float))


def _shifted(x: Array, axis: int = -1) -> Array:
    return np.asarray(x - np.max(x, axis=axis, keepdims=True), float)


def _divided_by(size: Callable[[Array], Any]) -> Answer:
    return lambda x: x / size(x)


def _z_score(x: Array) -> Array:
    return np.asarray((x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True))


# ---- forward_backward_prop ---------------------------------------------------------------------------------------------


def _cross_entropy(theta: Array, labels: Array) -> float:
    return -float(np.sum(labels * log_softmax(theta)))


def _yhat_minus_y(theta: Array, labels: Array) -> Any:
    return softmax(theta) - labels


def _sigmoid_cross_entropy(theta: Array, labels: Array) -> float:
    return float(np.sum(labels * np.logaddexp(0.0, -theta)))  # -log sigma(theta) = log(1 + e^-theta)


def _binary_cross_entropy(theta: Array, labels: Array) -> float:
    return float(np.sum(labels * np.logaddexp(0.0, -theta) + (1.0 - labels) * np.logaddexp(0.0, theta)))


def _sigmoid_minus_y(theta: Array, labels: Array) -> Any:
    return sigmoid(theta) - labels


def _squared_error(theta: Array, labels: Array) -> float:
    return 0.5 * float(np.sum((softmax(theta) - labels) ** 2))


def _binary_cost(theta: Array, labels: Array) -> float:
    return _cross_entropy(theta, labels) - float(np.sum((1.0 - labels) * np.log1p(-softmax(theta))))


def _mean_of_entries(theta: Array, labels: Array) -> float:
    return _cross_entropy(theta, labels) / labels.size


def _softmax_twice(theta: Array, labels: Array) -> float:
    return _cross_entropy(softmax(theta), labels)


def _sigmoid_minus_y_at_the_label(theta: Array, labels: Array) -> Any:
    return labels * (sigmoid(theta) - 1.0)


def _network(
    cost: OfTheta = _cross_entropy,
    dtheta: OfTheta = _yhat_minus_y,
    activation_slope: Callable[[Array, Array], Array] = lambda z, h: sigmoid_grad(h),
    scales: Callable[[int], tuple[float, float]] = lambda N: (1.0, 1.0),
    activation: Callable[[Array], Array] = sigmoid,
    biases: tuple[float, float] = (1.0, 1.0),
) -> Answer:
    """forward_backward_prop with one part changed.

    `scales` multiply cost and gradient, given N; `biases` multiply b1 and b2 in the forward pass.
    """

    def answer(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
        Dx, H, Dy = dimensions
        W1, b1, W2, b2 = np.split(params, np.cumsum([Dx * H, H, H * Dy]))
        z = data @ W1.reshape(Dx, H) + biases[0] * b1
        h = activation(z)
        theta = h @ W2.reshape(H, Dy) + biases[1] * b2
        delta = dtheta(theta, labels)
        dz = (delta @ W2.reshape(H, Dy).T) * activation_slope(z, h)
        of_cost, of_gradient = scales(len(data))
        gradient = flat(data.T @ dz, dz.sum(axis=0), h.T @ delta, delta.sum(axis=0))
        return of_cost * cost(theta, labels), of_gradient * gradient

    return answer


def _averaged(N: int) -> tuple[float, float]:
    return 1 / N, 1 / N


def _cost_of_squashed_scores(theta: Array, labels: Array) -> float:
    return _cross_entropy(sigmoid(theta), labels)


def _slope_of_squashed_scores(theta: Array, labels: Array) -> Any:
    return _yhat_minus_y(sigmoid(theta), labels) * sigmoid_grad(sigmoid(theta))


def _relu_slope(z: Array, h: Array) -> Array:
    return (z > 0) * 1.0


def _relu(z: Array) -> Array:
    return np.maximum(z, 0.0)


def _b1_without_slope(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
    Dx, H, _ = dimensions
    cost, gradient = _network()(data, labels, params, dimensions)
    _, straight = _network(activation_slope=lambda z, h: np.ones_like(z))(data, labels, params, dimensions)
    gradient[Dx * H : Dx * H + H] = straight[Dx * H : Dx * H + H]
    return cost, gradient


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


def _summed_to_a_number(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    cost, gradPred, grad = softmaxCostAndGradient(predicted, target, outputVectors)
    expected = gradPred + outputVectors[target]
    return cost, expected.sum() - outputVectors[target], grad


def _word_sigmoid(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
    theta = outputVectors @ predicted
    delta = sigmoid(theta) - np.eye(len(outputVectors))[target]
    return float(np.logaddexp(0.0, -theta[target])), outputVectors.T @ delta, np.outer(delta, predicted)


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


def _target_too(target: int, dataset: Any, K: int) -> list[int]:
    return [target, *getNegativeSamples(target, dataset, K)]


def _ten(target: int, dataset: Any, K: int) -> list[int]:
    return getNegativeSamples(target, dataset, 10)


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


def _negatives_averaged(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    return _sampled(cost_sign=1 / K, slope_sign=1 / K)(predicted, target, outputVectors, dataset, K)


def _predicted_from(of_target: float, slope_sign: float) -> Answer:
    """With these shares of the target and of the negatives in gradPred; the rest is right."""
    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
        words = getNegativeSamples(target, dataset, K)
        rest = (predicted, target, outputVectors, dataset, K)
        cost, _, grad = _sampled(lambda *_: words)(*rest)
        return cost, _sampled(lambda *_: words, of_target=of_target, slope_sign=slope_sign)(*rest)[1], grad

    return answer


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


# ---- skipgram and cbow: (center, C, context, tokens, inputVectors, outputVectors, dataset, F) -------------------------------


def _on_context(function: Answer, chosen: Callable[[Sequence[str]], Sequence[str]]) -> Answer:
    return lambda center, C, context, *rest: function(center, C, chosen(context), *rest)


def _with_cost_function(function: Answer, cost_function: Answer) -> Answer:
    return lambda *window: function(*window[:-1], cost_function)


def _negatives_as_many_as_the_window(function: Answer) -> Answer:
    def answer(center: str, C: int, *rest: Any) -> CostAndGradients:
        return cast("CostAndGradients", function(center, C, *rest[:-1], lambda *given: negSamplingCostAndGradient(*given, K=C)))

    return answer


def _last(context: Sequence[str]) -> Sequence[str]:
    return context[-1:]


def _each_once(context: Sequence[str]) -> Sequence[str]:
    return list(dict.fromkeys(context))


def _added(parts: Sequence[CostAndGradients]) -> CostAndGradients:
    costs, gradIn, gradOut = zip(*parts, strict=True)
    return sum(costs), sum(gradIn), sum(gradOut)


def _in_all_rows(function: Answer) -> Answer:
    """With ``gradIn += dv`` in place of ``gradIn[word] += dv``."""

    def answer(*window: Any) -> CostAndGradients:
        cost, gradIn, gradOut = function(*window)
        return cost, np.broadcast_to(gradIn.sum(axis=0), gradIn.shape), gradOut

    return answer


Size: TypeAlias = Callable[[int, Sequence[str]], int]
"""(C, context) -> what is divided by."""


def _words(C: int, context: Sequence[str]) -> int:
    return len(context)


def _window(C: int, context: Sequence[str]) -> int:
    return 2 * C


def _skipgram_over(size: Size) -> Answer:
    def answer(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
        cost, gradIn, gradOut = skipgram(center, C, context, *rest)
        n = size(C, context)
        return cost / n, gradIn / n, gradOut / n

    return answer


def _skipgram_last_of(*numbers: int) -> Answer:
    """With some of the three results those of the last context word alone."""
    def answer(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
        every, last = skipgram(center, C, context, *rest), skipgram(center, C, _last(context), *rest)
        cost, gradIn, gradOut = ((last if i in numbers else every)[i] for i in range(3))
        return cost, gradIn, gradOut

    return answer


def _without_center(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return skipgram(center, C, [word for word in context if word != center], *rest)


def _first_half(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return skipgram(center, C, context[:C], *rest)


def _skipgram_to_context(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, *rest: Any) -> CostAndGradients:
    cost, _, gradOut = skipgram(center, C, context, tokens, inputVectors, *rest)
    moved = np.zeros_like(inputVectors)
    for word in context:
        moved[tokens[word]] += skipgram(center, C, [word], tokens, inputVectors, *rest)[1][tokens[center]]
    return cost, moved, gradOut


def _of_output_vectors(function: Answer) -> Answer:
    """With the predicted vector taken from outputVectors."""
    def answer(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, outputVectors: Array, *rest: Any
               ) -> CostAndGradients:
        return function(center, C, context, tokens, outputVectors, outputVectors, *rest)

    return answer


def _gradients_exchanged(function: Answer) -> Answer:
    def answer(*window: Any) -> CostAndGradients:
        cost, gradIn, gradOut = function(*window)
        return cost, gradOut, gradIn

    return answer


def _skipgram_swapped(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return _added([skipgram(word, C, [center], *rest) for word in context])


def _cbow_over(size: Size, *, divide_gradient: bool) -> Answer:
    def answer(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, *rest: Any) -> CostAndGradients:
        n = size(C, context)
        cost, gradIn, gradOut = cbow(center, C, context, tokens, inputVectors / n, *rest)
        return cost, gradIn / n if divide_gradient else gradIn, gradOut

    return answer


def _given_to_each(gradIn: Array, context: Sequence[str], tokens: Any) -> Array:
    """The gradient of the vector predicted from, in the row of each context word, once per occurrence."""
    given = np.zeros_like(gradIn)
    np.add.at(given, [tokens[word] for word in context], gradIn.sum(axis=0))
    return given


def _cbow_last_vector(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, *rest: Any) -> CostAndGradients:
    """The last word's vector alone is predicted from, and all context words get its gradient."""
    cost, gradIn, gradOut = cbow(center, C, _last(context), tokens, inputVectors, *rest)
    return cost, _given_to_each(gradIn, context, tokens), gradOut


def _cbow_in_place(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, *rest: Any) -> CostAndGradients:
    """With ``vhat = inputVectors[first]; vhat += ...``, which is a view: the first word's vector grows while it is added to."""
    vectors = inputVectors.copy()
    vhat = vectors[tokens[context[0]]]
    for word in context[1:]:
        vhat += vectors[tokens[word]]
    cost, gradIn, gradOut = cbow(center, C, [context[0]], tokens, vectors, *rest)
    return cost, _given_to_each(gradIn, context, tokens), gradOut


def _cbow_gradient_divided(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = cbow(center, C, context, *rest)
    return cost, gradIn / len(context), gradOut


def _cbow_one_by_one(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return _added([cbow(center, C, [word], *rest) for word in context])


def _cbow_context_as_target(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return _added([cbow(word, C, context, *rest) for word in context])


def _cbow_repeats_overwritten(center: str, C: int, context: Sequence[str], tokens: Any, *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = cbow(center, C, context, tokens, *rest)
    for word, count in Counter(context).items():
        gradIn[tokens[word]] /= count
    return cost, gradIn, gradOut


def _cbow_to_center(*, once: bool) -> Answer:
    """The gradient given to the center word, once or once for each context word."""
    def answer(center: str, C: int, context: Sequence[str], tokens: Any, *rest: Any) -> CostAndGradients:
        cost, gradIn, gradOut = cbow(center, C, context, tokens, *rest)
        moved = np.zeros_like(gradIn)
        moved[tokens[center]] = gradIn.sum(axis=0) / (len(context) if once else 1)
        return cost, moved, gradOut

    return answer


# ---- the table ---------------------------------------------------------------------------------------------------------


def _of(function: str, *rows: tuple[str, str, str, Answer]) -> tuple[Misconception, ...]:
    return tuple(Misconception(name, function, sentence, hint, answer) for name, sentence, hint, answer in rows)


MISCONCEPTIONS: tuple[Misconception, ...] = (
    *_of(
        "softmax",
        ("columns", "You normalised the columns; each row is to sum to 1.",
         "Sum over the last axis: np.sum(..., axis=-1, keepdims=True).", _normalised_along(0)),
        ("whole_matrix", "You divided by the sum over the whole matrix; each row has a sum of its own.",
         "Sum over the last axis: np.sum(..., axis=-1, keepdims=True).", _normalised_along(None)),
        ("negative_exponent", "You computed the softmax of -x.", "Look for a minus in front of x in the exponent.",
         lambda x: softmax(-x)),
        ("column_maximum", "You subtracted the maximum of each column; what is subtracted is to be the same within a row.",
         "Take np.max(..., axis=-1, keepdims=True).", lambda x: softmax(_shifted(x, axis=0))),
        ("logarithm", "You returned the logarithm of the softmax.", "Return exp(x_i) / sum_j exp(x_j) itself.", log_softmax),
        ("not_divided", "You returned the exponentials; they are to be divided by the sum of their row.",
         "Divide by np.sum(..., axis=-1, keepdims=True).", _exponentials),
        ("not_divided_shifted", "You returned the exponentials; they are to be divided by the sum of their row.",
         "Divide by np.sum(..., axis=-1, keepdims=True).", lambda x: _exponentials(_shifted(x))),
        ("no_exponential", "You divided the logits by their sum; the exponential is missing.", "Take np.exp first.",
         lambda x: _shifted(x) / np.sum(_shifted(x), axis=-1, keepdims=True)),
    ),
    *_of(
        "sigmoid",
        ("negative_exponent", "You computed 1 / (1 + exp(x)); the exponent is -x.", "Write exp(-x) in the denominator.",
         lambda x: sigmoid(-x)),
        ("tanh", "You computed tanh(x).", "Write 1 / (1 + exp(-x)).", np.tanh),
    ),
    *_of(
        "sigmoid_grad",
        ("of_x", "You took the argument for x; it is s, the sigmoid's value already.",
         "Do not call sigmoid in sigmoid_grad: the answer is a formula in s.", lambda s: sigmoid_grad(sigmoid(s))),
        ("sign", "Your derivative has the wrong sign; the sigmoid rises everywhere.",
         "Differentiate exp(-x) again: the inner minus cancels the outer one.", lambda s: -sigmoid_grad(s)),
        ("plus", "You computed s (1 + s).", "Write the derivative in terms of s once more: e^-x / (1 + e^-x) is 1 - s.",
         lambda s: s * (1 + s)),
        ("of_tanh", "You computed 1 - s^2, the derivative of tanh.", "The sigmoid's is s (1 - s).", lambda s: 1 - s * s),
        ("one_minus_s", "You computed 1 - s; the factor s is missing.", "Multiply by s.", lambda s: 1 - s),
    ),
    *_of(
        "normalizeRows",
        ("sign_lost", "You took the root of each entry's square, which loses the signs: every entry comes out positive.",
         "Divide x itself by the root of the row's sum of squares.", lambda x: np.abs(x) / np.linalg.norm(x, axis=1, keepdims=True)),
        ("sign_of_first_lost", "Rows whose first entry is negative come out with the opposite sign.",
         "Divide x itself by the length of its row, not by its first entry before.",
         lambda x: x * np.sign(x[:, :1]) / np.linalg.norm(x, axis=1, keepdims=True)),
        ("no_root", "You divided each row by its squared norm; the root is missing.", "Take np.sqrt of the sum of squares.",
         _divided_by(lambda x: np.sum(x**2, axis=1, keepdims=True))),
        ("L1", "You divided each row by the sum of its absolute values; unit length is meant in the Euclidean norm.",
         "Square the entries, sum, and take the root.", _divided_by(lambda x: np.abs(x).sum(axis=1, keepdims=True))),
        ("matrix_norm", "You divided by the norm of the whole matrix; each row has a norm of its own.",
         "Give np.sum or np.linalg.norm axis=1 and keepdims=True.", _divided_by(np.linalg.norm)),
        ("columns", "You scaled the columns to unit length; the rows are the vectors.", "Sum over axis=1.",
         _divided_by(lambda x: np.linalg.norm(x, axis=0))),
        ("z_score", "You subtracted the mean and divided by the standard deviation; only the length is to change.",
         "Divide by the Euclidean norm, and subtract nothing.", _z_score),
        ("mean", "You divided each row by its mean.", "Divide by the Euclidean norm of the row.",
         _divided_by(lambda x: x.mean(axis=1, keepdims=True))),
        ("sum", "You divided each row by its sum.", "Divide by the Euclidean norm of the row.",
         _divided_by(lambda x: x.sum(axis=1, keepdims=True))),
        ("maximum", "You divided each row by its largest entry.", "Divide by the Euclidean norm of the row.",
         _divided_by(lambda x: x.max(axis=1, keepdims=True))),
        ("column_maximum", "You divided each column by its largest entry.", "Divide each row by its Euclidean norm.",
         _divided_by(lambda x: x.max(axis=0))),
    ),
    *_of(
        "forward_backward_prop",
        ("mean_over_N", "You averaged over the N examples; the handout sums over them.",
         "Leave out the division by N.", _network(scales=_averaged)),
        ("mean_gradient", "You divided the gradient by N, but not the cost; the handout sums over the N examples.",
         "Leave out the division by N in the gradient.", _network(scales=lambda N: (1.0, 1 / N))),
        ("sigmoid_output_binary", "Your output layer is a sigmoid with the binary cross-entropy of every class; the handout has a softmax.",
         "Apply softmax to h W2 + b2, and take -sum(y log yhat).", _network(_binary_cross_entropy, _sigmoid_minus_y)),
        ("sigmoid_output", "Your output layer is a sigmoid; the handout has a softmax.",
         "Apply softmax to h W2 + b2.", _network(_sigmoid_cross_entropy, _sigmoid_minus_y)),
        ("sigmoid_output_consistent", "Your output layer is a sigmoid, and your gradient is right for that; the handout has a softmax.",
         "Apply softmax to h W2 + b2; dJ/dtheta is then yhat - y.", _network(_sigmoid_cross_entropy, _sigmoid_minus_y_at_the_label)),
        ("slope_of_z", "You gave sigmoid_grad the pre-activation z; it takes the sigmoid's value h.",
         "Call sigmoid_grad(h).", _network(activation_slope=lambda z, h: sigmoid_grad(z))),
        ("slope_of_sigmoid_of_h", "You applied the sigmoid once more before taking its derivative; h is the sigmoid's value already.",
         "Call sigmoid_grad(h).", _network(activation_slope=lambda z, h: sigmoid_grad(sigmoid(h)))),
        ("slope_twice", "You applied sigmoid_grad twice.", "Call sigmoid_grad(h) once.",
         _network(activation_slope=lambda z, h: sigmoid_grad(sigmoid_grad(h)))),
        ("no_activation_slope", "Your gradient goes through the hidden layer without the derivative of the sigmoid.",
         "Multiply dJ/dh by sigmoid_grad(h), entry by entry.", _network(activation_slope=lambda z, h: np.ones_like(z))),
        ("no_b1", "Your hidden layer leaves out its bias b1.", "Write h = sigmoid(x W1 + b1).", _network(biases=(0.0, 1.0))),
        ("no_b2", "Your output layer leaves out its bias b2.", "Write yhat = softmax(h W2 + b2).", _network(biases=(1.0, 0.0))),
        ("tanh_layer", "Your hidden layer is a tanh; the handout has a sigmoid.",
         "Apply sigmoid to x W1 + b1.", _network(activation=np.tanh, activation_slope=lambda z, h: 1 - h * h)),
        ("relu_layer", "Your hidden layer is a ReLU; the handout has a sigmoid.",
         "Apply sigmoid to x W1 + b1.", _network(activation=_relu, activation_slope=_relu_slope)),
        ("linear_layer", "Your hidden layer has no activation; the handout has a sigmoid.",
         "Apply sigmoid to x W1 + b1.", _network(activation=lambda z: z, activation_slope=lambda z, h: np.ones_like(z))),
        ("activation_left_out", "Your hidden layer lacks the sigmoid in the forward pass; the backward pass has its derivative.",
         "Apply sigmoid to x W1 + b1.", _network(activation=lambda z: z)),
        ("tanh_with_slope_of_sigmoid",
         "Your hidden layer is a tanh, with the derivative of the sigmoid; the handout has the sigmoid in both.",
         "Apply sigmoid to x W1 + b1.", _network(activation=np.tanh)),
        ("b1_without_slope", "The gradient of b1 lacks the derivative of the sigmoid.",
         "Sum dJ/dz over the examples, not dJ/dh.", _b1_without_slope),
        ("mean_of_entries", "You averaged the cost over all entries of y log yhat; the handout sums over them.",
         "Write np.sum in place of np.mean.", _network(_mean_of_entries)),
        ("squared_error", "Your cost is the squared error; the handout has the cross-entropy.", "Write -sum(y log yhat).",
         _network(_squared_error)),
        ("binary_cost", "Your cost is the binary cross-entropy of every class; the handout has -sum(y log yhat).",
         "Leave out (1 - y) log(1 - yhat).", _network(_binary_cost)),
        ("softmax_twice", "Your cost takes the softmax of yhat, which is one already.",
         "Write -sum(y log yhat).", _network(_softmax_twice)),
        ("sign_of_cost", "Your cost has the wrong sign: it is -sum(y log yhat).",
         "Put the minus back in front of the sum.", _network(scales=lambda N: (-1.0, 1.0))),
        ("sign_of_both", "Your cost and its gradient both have the wrong sign: the cost is -sum(y log yhat).",
         "Put the minus back in front of the sum; dJ/dtheta is yhat - y.", _network(scales=lambda N: (-1.0, -1.0))),
        ("sign_of_gradient", "Your gradient has the wrong sign: dJ/dtheta is yhat - y, not y - yhat.",
         "Start the backward pass with yhat - y.", _network(scales=lambda N: (1.0, -1.0))),
        # two at once, with the mean over N, which is the most common of all: for N = 1 they are the ones above
        ("sigmoid_output_binary_mean",
         "Your output layer is a sigmoid with the binary cross-entropy of every class, and you averaged over the N examples.",
         "Apply softmax to h W2 + b2, take -sum(y log yhat), and leave out the division by N.",
         _network(_binary_cross_entropy, _sigmoid_minus_y, scales=_averaged)),
        ("sigmoid_output_mean", "Your output layer is a sigmoid, where the handout has a softmax, and you averaged over the N examples.",
         "Apply softmax to h W2 + b2, and leave out the division by N.",
         _network(_sigmoid_cross_entropy, _sigmoid_minus_y, scales=_averaged)),
        ("relu_layer_mean", "Your hidden layer is a ReLU, where the handout has a sigmoid, and you averaged over the N examples.",
         "Apply sigmoid to x W1 + b1, and leave out the division by N.",
         _network(activation=_relu, activation_slope=_relu_slope, scales=_averaged)),
        ("tanh_layer_mean", "Your hidden layer is a tanh, where the handout has a sigmoid, and you averaged over the N examples.",
         "Apply sigmoid to x W1 + b1, and leave out the division by N.",
         _network(activation=np.tanh, activation_slope=lambda z, h: 1 - h * h, scales=_averaged)),
        ("sign_of_both_mean", "Your cost and its gradient both have the wrong sign, and you averaged over the N examples.",
         "Put the minus back in front of the sum, and leave out the division by N.", _network(scales=lambda N: (-1 / N, -1 / N))),
        ("sigmoid_before_softmax", "Your output layer applies a sigmoid before the softmax; the handout has the softmax alone.",
         "Apply softmax to h W2 + b2 itself.", _network(_cost_of_squashed_scores, _slope_of_squashed_scores)),
    ),
    *_of(
        "softmaxCostAndGradient",
        ("no_minus_one", "The gradient uses yhat where yhat - y belongs.", "Subtract 1 from yhat at the target.",
         _word_softmax(lambda yhat, y: yhat)),
        ("plus_y", "The gradient uses yhat + y where yhat - y belongs.", "Subtract 1 from yhat at the target.",
         _word_softmax(lambda yhat, y: yhat + y)),
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
        ("no_log", "Your cost is -yhat_o; the logarithm is missing.", "Write -log yhat_o.", _with_cost(lambda yhat, o: -yhat[o])),
        ("all_words", "Your cost sums -log yhat_w over all words; it is that of the target alone.", "Write -log yhat_o.",
         _with_cost(lambda yhat, o: -np.sum(np.log(yhat)))),
    ),
    *_of(
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
        ("K_ignored", "You drew 10 negatives whatever K is.", "Draw K of them.", _sampled(_ten)),
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
        ("log_forgotten_for_negatives", "The negatives enter the gradient with the derivative of sigma; the handout has it of log sigma.",
         "Divide by sigma: d log sigma(z) / dz is 1 - sigma(z).", _sampled(slope=_sigma_slope)),
        ("sign_of_target_slope", "The target enters the gradient with the wrong sign.",
         "Differentiate -log sigma(u_o . v) once more: it gives sigma(u_o . v) - 1.", _sampled(of_target=-1.0)),
        ("predicted_without_target", "The target's share, (sigma(u_o . v) - 1) u_o, is missing.",
         "Sum over the target and all negatives.", _predicted_from(0.0, 1.0)),
        ("predicted_without_negatives", "The shares of the negatives are missing.",
         "Sum over the target and all negatives.", _predicted_from(1.0, 0.0)),
        ("sign_of_both", "Your cost and its gradients both have the wrong sign: J = -log sigma(u_o . v) - sum_k log sigma(-u_k . v).",
         "Put the minus back in front of both logarithms, and differentiate once more.", _negated),
        ("negatives_in_all_rows", "You added the gradients of the u_k to every row of grad; each belongs to row k alone.",
         "Write grad[k] += ..., with k the index of the sample.", _negatives_in_all_rows),
        ("negatives_averaged", "You divided the sum over the negatives by K; the handout sums.", "Leave out the division.",
         _negatives_averaged),
        ("target_too", "You counted the target as a negative as well.",
         "Loop over the samples alone: indices[1:], if the target comes first.", _sampled(_target_too)),
        ("negatives_without_cost", "The negatives are missing from your cost.",
         "Subtract log sigma(-u_k . v) for each of them.", _sampled(cost_sign=0.0)),
        ("target_row_lost", "The gradient of u_o, the target's row of grad, is missing.",
         "Add (sigma(u_o . v) - 1) v to grad[target], and do not clear it afterwards.", _target_row_lost),
    ),
    *_of(
        "skipgram",
        ("always_softmax", "You called softmaxCostAndGradient whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(skipgram, softmaxCostAndGradient)),
        ("always_negative_sampling", "You called negSamplingCostAndGradient whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(skipgram, negSamplingCostAndGradient)),
        ("always_negative_sampling_C", "You called negSamplingCostAndGradient with K = C whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument, and leave K to it.", _negatives_as_many_as_the_window(skipgram)),
        ("last_word_only", "You returned the cost and gradients of the last context word alone.",
         "Add them up with += in the loop.", _on_context(skipgram, _last)),
        ("gradients_of_last_word", "You added up the costs, but returned the gradients of the last context word alone.",
         "Add the gradients up too, with +=.", _skipgram_last_of(1, 2)),
        ("mean_over_context", "You divided by the number of context words; the handout sums over them.",
         "Leave out the division.", _skipgram_over(_words)),
        ("repeats_dropped", "You counted a context word that occurs several times once.",
         "Loop over contextWords as it is, without set().", _on_context(skipgram, _each_once)),
        ("gradient_in_all_rows", "You added the gradient of v_c to every row of gradIn; all rows but the center word's stay zero.",
         "Write gradIn[c] += ..., with c the center word's index.", _in_all_rows(skipgram)),
        ("cost_of_last_word", "You returned the cost of the last context word alone.", "Add the costs up with +=.", _skipgram_last_of(0)),
        ("gradIn_of_last_word", "You returned gradIn of the last context word alone.", "Add up with gradIn[c] +=.", _skipgram_last_of(1)),
        ("gradOut_of_last_word", "You returned gradOut of the last context word alone.", "Add up with gradOut +=.", _skipgram_last_of(2)),
        ("center_skipped", "You left out the context words that are the center word itself.",
         "Loop over contextWords as it is.", _without_center),
        ("first_half", "You used the first C context words; there are up to 2C of them.", "Loop over contextWords as it is.", _first_half),
        ("divided_by_window", "You divided by 2C; the handout sums over the context words.", "Leave out the division.",
         _skipgram_over(_window)),
        ("gradient_to_context", "You added the gradients to the context words' rows of gradIn; they belong to the center word's.",
         "Write gradIn[c] += ..., with c the center word's index.", _skipgram_to_context),
        ("output_vectors", "You took the center word's vector from outputVectors.",
         "Take it from inputVectors.", _of_output_vectors(skipgram)),
        ("exchanged", "You returned gradIn and gradOut in each other's place.",
         "Return cost, gradIn, gradOut.", _gradients_exchanged(skipgram)),
        ("swapped", "You swapped center and context: the center word's vector predicts each context word.",
         "Pass inputVectors[center] as predicted, and the context word's index as target.", _skipgram_swapped),
    ),
    *_of(
        "cbow",
        ("mean_for_sum", "You predicted from the mean of the context vectors; the handout has their sum.",
         "Leave out the division by the number of context words.", _cbow_over(_words, divide_gradient=True)),
        ("mean_for_sum_gradient_of_sum",
         "You predicted from the mean of the context vectors, with the gradient for their sum; the handout has the sum.",
         "Leave out the division by the number of context words.", _cbow_over(_words, divide_gradient=False)),
        ("gradient_divided", "You divided the gradient among the context words; each of them gets all of it.",
         "Leave out the division by the number of context words.", _cbow_gradient_divided),
        ("last_word_only", "You predicted from the last context word alone; the handout has the sum of all context vectors.",
         "Add the context vectors up with += before calling the cost function.", _on_context(cbow, _last)),
        ("last_vector_only", "You predicted from the last context word's vector alone; the handout has the sum of all context vectors.",
         "Add the context vectors up with += before calling the cost function.", _cbow_last_vector),
        ("in_place", "You added the context vectors up inside inputVectors: vhat = inputVectors[k] is a view of it, and += changes it.",
         "Begin with vhat = np.zeros(D), or with a copy.", _cbow_in_place),
        ("divided_by_window", "You divided by 2C; the handout sums over the context words.", "Leave out the division.",
         _cbow_over(_window, divide_gradient=True)),
        ("divided_by_window_gradient_of_sum", "You divided by 2C; the handout sums over the context words.", "Leave out the division.",
         _cbow_over(_window, divide_gradient=False)),
        ("output_vectors", "You took the context vectors from outputVectors.", "Take them from inputVectors.", _of_output_vectors(cbow)),
        ("exchanged", "You returned gradIn and gradOut in each other's place.",
         "Return cost, gradIn, gradOut.", _gradients_exchanged(cbow)),
        ("one_by_one", "You called the cost function for each context word; CBOW calls it once, with the sum of their vectors.",
         "Add the context vectors up first, then call the cost function once.", _cbow_one_by_one),
        ("context_as_target", "You made the context words the targets; CBOW predicts the center word.",
         "Pass the center word's index as target, once.", _cbow_context_as_target),
        ("skipgram", "You computed skip-gram; CBOW predicts the center word from the sum of the context vectors.",
         "Pass the sum of the context vectors as predicted, and the center word's index as target.", skipgram),
        ("repeats_dropped", "You counted a context word that occurs several times once.",
         "Loop over contextWords as it is, without set().", _on_context(cbow, _each_once)),
        ("repeats_overwritten", "A context word that occurs several times gets its gradient once; it gets it once per occurrence.",
         "Add to gradIn[k] in a loop, or with np.add.at; gradIn[indices] += ... counts repeats once.", _cbow_repeats_overwritten),
        ("gradient_in_all_rows", "You added the gradient to every row of gradIn; rows of words outside the context stay zero.",
         "Add it to the rows of the context words only.", _in_all_rows(cbow)),
        ("gradient_to_center", "You gave the gradient to the center word; the context words' vectors were used.",
         "Add it to gradIn at each context word's index.", _cbow_to_center(once=True)),
        ("gradients_to_center", "You gave the gradients to the center word; the context words' vectors were used.",
         "Add it to gradIn at each context word's index.", _cbow_to_center(once=False)),
        ("always_softmax", "You called softmaxCostAndGradient whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(cbow, softmaxCostAndGradient)),
        ("always_negative_sampling", "You called negSamplingCostAndGradient whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(cbow, negSamplingCostAndGradient)),
        ("always_negative_sampling_C", "You called negSamplingCostAndGradient with K = C whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument, and leave K to it.", _negatives_as_many_as_the_window(cbow)),
    ),
)
"""In the order in which they are tried."""
