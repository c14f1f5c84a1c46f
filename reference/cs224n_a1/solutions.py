"""Reference solutions of assignment 1. Each docstring derives its formula; question numbers are the handout's.

Letters: N examples, Dx inputs, H hidden units, Dy classes. What later assignments ask for as well is in ``reference/word2vec.py``.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from reference.word2vec import (
    Array,
    cbow,
    log_softmax,
    negSamplingCostAndGradient,
    sgd,
    sigmoid,
    skipgram,
    softmax,
    softmaxCostAndGradient,
)

STEP = 1e-4  # of gradcheck_naive, the handout's
TOLERANCE = 1e-5  # of gradcheck_naive, the handout's


def sigmoid_grad(s: Array | float) -> Array:
    """Derivative of the sigmoid from its value s = sigma(x), entry by entry.

    Question 2a: d/dx (1 + e^-x)^-1 = e^-x / (1 + e^-x)^2 = 1/(1 + e^-x) * e^-x/(1 + e^-x) = s (1 - s).
    """
    s = np.asarray(s, float)
    return np.asarray(s * (1.0 - s))


def gradcheck_naive(f: Callable[[Array], tuple[float, Array]], x: Array) -> None:
    """Compare the gradient that f returns at x with central differences, entry by entry; print the outcome.

    Question 2b: f(x + h e_i) - f(x - h e_i) = 2 h df/dx_i + O(h^3), so the slope is known up to O(h^2). f may draw
    random numbers: each call starts from the same state. x is restored after each entry, for a failed one too.
    """
    state = random.getstate()

    def cost_at(index: tuple[int, ...], value: float) -> float:
        x[index] = value
        random.setstate(state)
        return f(x)[0]

    gradient = np.asarray(f(x)[1])
    for index in np.ndindex(x.shape):
        old = float(x[index])
        slope = (cost_at(index, old + STEP) - cost_at(index, old - STEP)) / (2 * STEP)
        x[index] = old
        claimed = float(gradient[index])
        if abs(slope - claimed) > TOLERANCE * max(1.0, abs(slope), abs(claimed)):
            print("Gradient check failed.")  # noqa: T201 - printing is what the function is for
            print(f"First error at {index}: your gradient {claimed:f}, numerical gradient {slope:f}")  # noqa: T201
            return
    print("Gradient check passed!")  # noqa: T201


def forward_backward_prop(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
    """Cost J = sum_n CE(y_n, yhat_n) and its gradient for h = sigma(x W1 + b1), yhat = softmax(h W2 + b2).

    Question 2b: with theta = h W2 + b2 (N, Dy) and one-hot y, CE = -theta_k + log sum_j exp(theta_j), so
    dJ/dtheta = yhat - y (N, Dy).
    Question 2c, back along the chain, z = x W1 + b1 (N, H): dJ/dW2 = h^T dtheta (H, Dy); dJ/db2 = sum_n dtheta (Dy);
    dJ/dh = dtheta W2^T (N, H); dJ/dz = dJ/dh * h (1 - h) entry by entry (N, H); dJ/dW1 = x^T dz (Dx, H);
    dJ/db1 = sum_n dz (H). `params` and the gradient hold W1, b1, W2, b2, row by row, one after the other.
    """
    Dx, H, Dy = dimensions
    W1, b1, W2, b2 = np.split(params, np.cumsum([Dx * H, H, H * Dy]))
    W1, W2 = W1.reshape(Dx, H), W2.reshape(H, Dy)
    h = sigmoid(data @ W1 + b1)
    theta = h @ W2 + b2
    cost = -float(np.sum(labels * log_softmax(theta)))
    dtheta = softmax(theta) - labels
    dz = (dtheta @ W2.T) * sigmoid_grad(h)
    return cost, flat(data.T @ dz, dz.sum(axis=0), h.T @ dtheta, dtheta.sum(axis=0))


def flat(*blocks: Array) -> Array:
    """Arrays one after the other in one vector, row by row."""
    return np.concatenate([block.ravel() for block in blocks])


def parameter_count(Dx: int, H: int, Dy: int) -> int:
    """How many parameters the network has.

    Question 2d: W1 (Dx, H) and b1 (H) make (Dx + 1) H; W2 (H, Dy) and b2 (Dy) make (H + 1) Dy.

    Examples
    --------
    >>> parameter_count(10, 5, 10)
    115
    """
    return (Dx + 1) * H + (H + 1) * Dy


def normalizeRows(x: Array) -> Array:
    """Each row of x (N, D) divided by its Euclidean norm sqrt(sum_j x_ij^2) (N, 1). Question 3, implementation.

    Examples
    --------
    >>> normalizeRows(np.array([[3.0, 4.0], [0.0, 2.0]]))
    array([[0.6, 0.8],
           [0. , 1. ]])
    """
    return np.asarray(x / np.sqrt(np.sum(x**2, axis=1, keepdims=True)))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        softmax, sigmoid, sigmoid_grad, gradcheck_naive, forward_backward_prop, parameter_count, normalizeRows,
        softmaxCostAndGradient, negSamplingCostAndGradient, skipgram, cbow, sgd,
    )
}
"""The reference of each function that the interface declares."""
