"""Known mistakes in softmax, sigmoid_grad, normalizeRows and their like."""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.trial import Misconception
from reference.cs224n_a1.solutions import Array, log_softmax, sigmoid, sigmoid_grad, softmax
from reference.mistakes import Answer, rows_of


def _normalised_along(axis: int | None) -> Answer:
    def answer(x: Array) -> Array:
        weights = np.exp(np.asarray(x, float) - np.max(x))
        return np.asarray(weights / weights.sum(axis=axis, keepdims=True))

    return answer


def _shifted_normalised_along(axis: int | None) -> Answer:
    """Each row shifted by its own maximum, which does not cancel."""
    def answer(x: Array) -> Array:
        weights = _exponentials(_shifted(x))
        return np.asarray(weights / weights.sum(axis=axis, keepdims=True))

    return answer


def _sum_unshifted(x: Array) -> Array:
    return np.asarray(_exponentials(_shifted(x)) / _exponentials(x).sum(axis=-1, keepdims=True))


def _exponentials(x: Array) -> Array:
    return np.exp(np.asarray(x, float))


def _shifted(x: Array, axis: int = -1) -> Array:
    return np.asarray(x - np.max(x, axis=axis, keepdims=True), float)


def _divided_by(size: Callable[[Array], Any]) -> Answer:
    return lambda x: x / size(x)


def _truncated_if_int(x: Array) -> Array:
    """Written into np.zeros_like(x)."""
    return np.asarray(softmax(x)).astype(np.asarray(x).dtype)


def _truncated_if_int_matrix(x: Array) -> Array:
    return _truncated_if_int(x) if np.ndim(x) > 1 else softmax(x)


def _z_score(x: Array) -> Array:
    return np.asarray((x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True))


def _centred(x: Array) -> Array:
    moved = x - x.mean(axis=1, keepdims=True)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True))


def _min_max(x: Array) -> Array:
    low, high = x.min(axis=1, keepdims=True), x.max(axis=1, keepdims=True)
    return np.asarray((x - low) / (high - low))


_TRUNCATED = "For an int array your answer is cut off to ints: np.zeros_like(x) has the type of x."
_NOT_TO_TRUNCATE = "Write np.zeros(x.shape), or begin with x = x.astype(float)."

BASICS: tuple[Misconception, ...] = (
    *rows_of(
        "softmax",
        ("columns", "You normalised the columns; each row is to sum to 1.",
         "Sum over the last axis: np.sum(..., axis=-1, keepdims=True).", _normalised_along(0)),
        ("whole_matrix", "You divided by the sum over the whole matrix; each row has a sum of its own.",
         "Sum over the last axis: np.sum(..., axis=-1, keepdims=True).", _normalised_along(None)),
        ("columns_shifted", "You divided by the sums of the columns; each row is to sum to 1.",
         "Sum over the last axis: np.sum(..., axis=-1, keepdims=True).", _shifted_normalised_along(0)),
        ("whole_matrix_shifted", "You divided by the sum over the whole matrix; each row has a sum of its own.",
         "Sum over the last axis: np.sum(..., axis=-1, keepdims=True).", _shifted_normalised_along(None)),
        ("negative_exponent", "You computed the softmax of -x.", "Look for a minus in front of x in the exponent.",
         lambda x: softmax(-x)),
        ("column_maximum", "You subtracted the maximum of each column; what is subtracted is to be the same within a row.",
         "Take np.max(..., axis=-1, keepdims=True).", lambda x: softmax(_shifted(x, axis=0))),
        ("logarithm", "You returned the logarithm of the softmax.", "Return exp(x_i) / sum_j exp(x_j) itself.", log_softmax),
        ("not_divided", "You returned the exponentials; they are to be divided by the sum of their row.",
         "Divide by np.sum(..., axis=-1, keepdims=True).", _exponentials),
        ("not_divided_shifted", "You returned the exponentials; they are to be divided by the sum of their row.",
         "Divide by np.sum(..., axis=-1, keepdims=True).", lambda x: _exponentials(_shifted(x))),
        ("sum_unshifted", "You subtracted the maximum in the numerator, but not in the sum that it is divided by.",
         "Compute np.exp(x - maximum) once, and divide it by its own sum.", _sum_unshifted),
        ("no_exponential", "You divided the logits by their sum; the exponential is missing.", "Take np.exp first.",
         lambda x: _shifted(x) / np.sum(_shifted(x), axis=-1, keepdims=True)),
        ("base_2", "You took powers of 2; the handout's are powers of e.", "Write np.exp.", lambda x: softmax(x * np.log(2.0))),
        ("int_truncated", _TRUNCATED, _NOT_TO_TRUNCATE, _truncated_if_int),
        ("int_matrix_truncated", _TRUNCATED, _NOT_TO_TRUNCATE, _truncated_if_int_matrix),
    ),
    *rows_of(
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
    *rows_of(
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
        ("largest_absolute", "You divided each row by its largest absolute value.", "Divide by the Euclidean norm of the row.",
         _divided_by(lambda x: np.abs(x).max(axis=1, keepdims=True))),
        ("column_maximum", "You divided each column by its largest entry.", "Divide each row by its Euclidean norm.",
         _divided_by(lambda x: x.max(axis=0))),
        ("square_of_sum", "You divided each row by the absolute value of its sum: the root of the squared sum.",
         "Square first, then sum, then take the root: np.sqrt(np.sum(x**2, axis=1, keepdims=True)).",
         _divided_by(lambda x: np.abs(x.sum(axis=1, keepdims=True)))),
        ("centred", "You subtracted the mean of each row before scaling it; only the length is to change.",
         "Divide by the Euclidean norm of the row, and subtract nothing.", _centred),
        ("min_max", "You moved and scaled each row to the range from 0 to 1; only the length is to change.",
         "Divide by the Euclidean norm of the row, and subtract nothing.", _min_max),
        ("root_mean_square", "You divided each row by the root of the mean of its squares; its length has the root of their sum.",
         "Write np.sum in place of np.mean.", _divided_by(lambda x: np.sqrt(np.mean(x**2, axis=1, keepdims=True)))),
        ("squared", "You divided the squares of the entries by the length of the row; it is the entries themselves that are divided.",
         "Keep x as it is, and square it for the length only.", lambda x: x**2 / np.linalg.norm(x, axis=1, keepdims=True)),
    ),
)
