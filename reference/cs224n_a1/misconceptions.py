"""Known mistakes of assignment 1, as the functions that they compute: most are the reference with one thing changed.

Seen in real submissions. Where two of one function agree on a single result (dropping repeats and overwriting them leave the
same ``grad``), the other results tell them apart. Where only one result is judged, the first in the table is named: so its
sentence claims no more than that result shows.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

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


def _sigmoid_minus_y_at_the_label(theta: Array, labels: Array) -> Any:
    return labels * (sigmoid(theta) - 1.0)


def _network(
    cost: OfTheta = _cross_entropy,
    dtheta: OfTheta = _yhat_minus_y,
    activation_slope: Callable[[Array, Array], Array] = lambda z, h: sigmoid_grad(h),
    scales: Callable[[int], tuple[float, float]] = lambda N: (1.0, 1.0),
) -> Answer:
    """forward_backward_prop with one part changed; `scales` multiply cost and gradient, given N."""

    def answer(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
        Dx, H, Dy = dimensions
        W1, b1, W2, b2 = np.split(params, np.cumsum([Dx * H, H, H * Dy]))
        z = data @ W1.reshape(Dx, H) + b1
        h = sigmoid(z)
        theta = h @ W2.reshape(H, Dy) + b2
        delta = dtheta(theta, labels)
        dz = (delta @ W2.reshape(H, Dy).T) * activation_slope(z, h)
        of_cost, of_gradient = scales(len(data))
        gradient = flat(data.T @ dz, dz.sum(axis=0), h.T @ delta, delta.sum(axis=0))
        return of_cost * cost(theta, labels), of_gradient * gradient

    return answer


# ---- softmaxCostAndGradient --------------------------------------------------------------------------------------------


def _word_softmax(dtheta: Callable[[Array, Array], Array], of_cost: float = 1.0) -> Answer:
    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any) -> CostAndGradients:
        cost, _, _ = softmaxCostAndGradient(predicted, target, outputVectors)
        y = np.eye(len(outputVectors))[target]
        delta = dtheta(softmax(outputVectors @ predicted), y)
        return of_cost * cost, outputVectors.T @ delta, np.outer(delta, predicted)

    return answer


# ---- negSamplingCostAndGradient ----------------------------------------------------------------------------------------


def _as_drawn(target: int, dataset: Any, K: int) -> list[int]:
    return [dataset.sampleTokenIdx() for _ in range(K)]


def _skipped(target: int, dataset: Any, K: int) -> list[int]:
    return [sample for sample in _as_drawn(target, dataset, K) if sample != target]


def _distinct(target: int, dataset: Any, K: int) -> list[int]:
    return list(dict.fromkeys(getNegativeSamples(target, dataset, K)))


def _ten(target: int, dataset: Any, K: int) -> list[int]:
    return getNegativeSamples(target, dataset, 10)


def _sampled(
    draw: Callable[[int, Any, int], list[int]] = getNegativeSamples, cost_sign: float = 1.0, slope_sign: float = 1.0, inside: float = -1.0
) -> Answer:
    """Negative sampling with other negatives or signs: of their cost, of their slopes, and inside sigma."""

    def answer(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
        words = [target, *draw(target, dataset, K)]
        s, of_cost, of_slope = (np.array([1.0] + [sign] * (len(words) - 1)) for sign in (inside, cost_sign, slope_sign))
        z = s * (outputVectors[words] @ predicted)
        cost = of_cost @ np.logaddexp(0.0, -z)
        slope = of_slope * s * (sigmoid(z) - 1.0)
        grad = np.zeros(outputVectors.shape)
        np.add.at(grad, words, np.outer(slope, predicted))
        return float(cost), outputVectors[words].T @ slope, grad

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


def _drawn_twice(predicted: Array, target: int, outputVectors: Array, dataset: Any, K: int) -> CostAndGradients:
    cost, _, _ = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
    _, gradPred, grad = negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K)
    return cost, gradPred, grad


# ---- skipgram and cbow: (center, C, context, tokens, inputVectors, outputVectors, dataset, F) -------------------------------


def _on_context(function: Answer, chosen: Callable[[Sequence[str]], Sequence[str]]) -> Answer:
    return lambda center, C, context, *rest: function(center, C, chosen(context), *rest)


def _with_cost_function(function: Answer, cost_function: Answer) -> Answer:
    return lambda *window: function(*window[:-1], cost_function)


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


def _skipgram_mean(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = skipgram(center, C, context, *rest)
    return cost / len(context), gradIn / len(context), gradOut / len(context)


def _skipgram_gradients_of_the_last(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    cost, _, _ = skipgram(center, C, context, *rest)
    _, gradIn, gradOut = skipgram(center, C, _last(context), *rest)
    return cost, gradIn, gradOut


def _skipgram_swapped(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return _added([skipgram(word, C, [center], *rest) for word in context])


def _cbow_of_mean(divide_gradient: bool) -> Answer:  # noqa: FBT001 - the only thing that there is to say
    def answer(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, *rest: Any) -> CostAndGradients:
        cost, gradIn, gradOut = cbow(center, C, context, tokens, inputVectors / len(context), *rest)
        return cost, gradIn / len(context) if divide_gradient else gradIn, gradOut

    return answer


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


def _cbow_gradient_to_center(center: str, C: int, context: Sequence[str], tokens: Any, *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = cbow(center, C, context, tokens, *rest)
    moved = np.zeros_like(gradIn)
    moved[tokens[center]] = gradIn.sum(axis=0) / len(context)
    return cost, moved, gradOut


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
    ),
    *_of(
        "sigmoid",
        ("negative_exponent", "You computed 1 / (1 + exp(x)); the exponent is -x.", "Write exp(-x) in the denominator.",
         lambda x: sigmoid(-x)),
    ),
    *_of(
        "sigmoid_grad",
        ("of_x", "You took the argument for x; it is s, the sigmoid's value already.",
         "Do not call sigmoid in sigmoid_grad: the answer is a formula in s.", lambda s: sigmoid_grad(sigmoid(s))),
        ("sign", "Your derivative has the wrong sign; the sigmoid rises everywhere.",
         "Differentiate exp(-x) again: the inner minus cancels the outer one.", lambda s: -sigmoid_grad(s)),
        ("plus", "You computed s (1 + s).", "Write the derivative in terms of s once more: e^-x / (1 + e^-x) is 1 - s.",
         lambda s: s * (1 + s)),
    ),
    *_of(
        "normalizeRows",
        ("sign_lost", "You took the root of each entry's square, which loses the signs: every entry comes out positive.",
         "Divide x itself by the root of the row's sum of squares.", lambda x: np.abs(x) / np.linalg.norm(x, axis=1, keepdims=True)),
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
    ),
    *_of(
        "forward_backward_prop",
        ("mean_over_N", "You averaged over the N examples; the handout sums over them.",
         "Leave out the division by N.", _network(scales=lambda N: (1 / N, 1 / N))),
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
        ("sign_of_cost", "Your cost has the wrong sign: it is -sum(y log yhat).",
         "Put the minus back in front of the sum.", _network(scales=lambda N: (-1.0, 1.0))),
        ("sign_of_both", "Your cost and its gradient both have the wrong sign: the cost is -sum(y log yhat).",
         "Put the minus back in front of the sum; dJ/dtheta is yhat - y.", _network(scales=lambda N: (-1.0, -1.0))),
        ("sign_of_gradient", "Your gradient has the wrong sign: dJ/dtheta is yhat - y, not y - yhat.",
         "Start the backward pass with yhat - y.", _network(scales=lambda N: (1.0, -1.0))),
    ),
    *_of(
        "softmaxCostAndGradient",
        ("no_minus_one", "Your gradients use yhat where yhat - y belongs.", "Subtract 1 from yhat at the target.",
         _word_softmax(lambda yhat, y: yhat)),
        ("plus_y", "Your gradients use yhat + y where yhat - y belongs.", "Subtract 1 from yhat at the target.",
         _word_softmax(lambda yhat, y: yhat + y)),
        ("sign_of_cost", "Your cost has the wrong sign: it is -log yhat_o.",
         "Put the minus back in front of the log.", _word_softmax(lambda yhat, y: yhat - y, -1.0)),
        ("sign_of_both", "Your cost and its gradients both have the wrong sign: the cost is -log yhat_o.",
         "Put the minus back in front of the log; dJ/dtheta is yhat - y.", _word_softmax(lambda yhat, y: y - yhat, -1.0)),
        ("sign_of_gradients", "Your gradients have the wrong sign: they start from yhat - y, not y - yhat.",
         "Subtract 1 from yhat at the target.", _word_softmax(lambda yhat, y: y - yhat)),
        ("target_only", "Your gradients count the target alone; every word has a share yhat_w in them.",
         "Use the whole vector yhat - y.", _word_softmax(lambda yhat, y: y * (yhat - y))),
    ),
    *_of(
        "negSamplingCostAndGradient",
        ("repeats_dropped", "You counted a negative that is drawn several times once; each draw is a term of the sum.",
         "Loop over the samples as they were drawn, without set() or np.unique().", _sampled(_distinct)),
        ("repeats_overwritten", "A negative that is drawn several times is counted once in grad: a later draw overwrites an earlier one.",
         "Add to grad[k] in a loop, or with np.add.at; grad[indices] += ... counts repeats once.", _repeats_overwritten),
        ("target_kept", "You kept the target as a negative when the sampler returned it; it is to be drawn again.",
         "Draw again while the sample is the target, as getNegativeSamples does.", _sampled(_as_drawn)),
        ("target_skipped", "You left out samples that are the target without drawing others in their place; K negatives are needed.",
         "Draw again while the sample is the target, as getNegativeSamples does.", _sampled(_skipped)),
        ("K_ignored", "You drew 10 negatives whatever K is.", "Draw K of them.", _sampled(_ten)),
        ("drawn_twice", "You drew new samples for the gradients; cost and gradients are to use the same ones.",
         "Call getNegativeSamples once and keep the list.", _drawn_twice),
        ("negatives_as_positives", "You used sigma(u_k . v) for the negatives; the handout has sigma(-u_k . v).",
         "Put the minus inside the sigmoid.", _sampled(inside=1.0)),
        ("sign_of_negative_costs", "The negatives enter your cost with the wrong sign.",
         "Check the signs: J = -log sigma(u_o . v) - sum_k log sigma(-u_k . v).", _sampled(cost_sign=-1.0)),
        ("sign_of_negatives", "The sum over the negatives has the wrong sign, in the cost and in the gradients.",
         "Check the signs: J = -log sigma(u_o . v) - sum_k log sigma(-u_k . v).", _sampled(cost_sign=-1.0, slope_sign=-1.0)),
        ("sign_of_negative_slopes", "The negatives enter your gradients with the wrong sign.",
         "Differentiate -log sigma(-u_k . v) once more: the inner minus gives (1 - sigma(-u_k . v)).", _sampled(slope_sign=-1.0)),
        ("target_row_lost", "The gradient of u_o, the target's row of grad, is missing.",
         "Add (sigma(u_o . v) - 1) v to grad[target], and do not clear it afterwards.", _target_row_lost),
    ),
    *_of(
        "skipgram",
        ("always_softmax", "You called softmaxCostAndGradient whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(skipgram, softmaxCostAndGradient)),
        ("always_negative_sampling", "You called negSamplingCostAndGradient whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(skipgram, negSamplingCostAndGradient)),
        ("last_word_only", "You returned the cost and gradients of the last context word alone.",
         "Add them up with += in the loop.", _on_context(skipgram, _last)),
        ("gradients_of_last_word", "You added up the costs, but returned the gradients of the last context word alone.",
         "Add the gradients up too, with +=.", _skipgram_gradients_of_the_last),
        ("mean_over_context", "You divided by the number of context words; the handout sums over them.",
         "Leave out the division.", _skipgram_mean),
        ("repeats_dropped", "You counted a context word that occurs several times once.",
         "Loop over contextWords as it is, without set().", _on_context(skipgram, _each_once)),
        ("gradient_in_all_rows", "You added the gradient of v_c to every row of gradIn; all rows but the center word's stay zero.",
         "Write gradIn[c] += ..., with c the center word's index.", _in_all_rows(skipgram)),
        ("swapped", "You swapped center and context: the center word's vector predicts each context word.",
         "Pass inputVectors[center] as predicted, and the context word's index as target.", _skipgram_swapped),
    ),
    *_of(
        "cbow",
        ("mean_for_sum", "You predicted from the mean of the context vectors; the handout has their sum.",
         "Leave out the division by the number of context words.", _cbow_of_mean(divide_gradient=True)),
        ("mean_for_sum_gradient_of_sum",
         "You predicted from the mean of the context vectors, with the gradient for their sum; the handout has the sum.",
         "Leave out the division by the number of context words.", _cbow_of_mean(divide_gradient=False)),
        ("gradient_divided", "You divided the gradient among the context words; each of them gets all of it.",
         "Leave out the division by the number of context words.", _cbow_gradient_divided),
        ("last_word_only", "You predicted from the last context word alone; the handout has the sum of all context vectors.",
         "Add the context vectors up with += before calling the cost function.", _on_context(cbow, _last)),
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
         "Add it to gradIn at each context word's index.", _cbow_gradient_to_center),
        ("always_softmax", "You called softmaxCostAndGradient whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(cbow, softmaxCostAndGradient)),
        ("always_negative_sampling", "You called negSamplingCostAndGradient whatever cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(cbow, negSamplingCostAndGradient)),
    ),
)
"""In the order in which they are tried."""
