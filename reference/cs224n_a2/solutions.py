"""Reference solutions of assignment 2. Each docstring derives its formula; letters in brackets are the handout's questions.

The code is ``reference/word2vec.py``, which has it in common with assignment 1. V words, vectors of length D, K negatives. The
handout writes word vectors as the columns of U (D, V); the code has them as rows (V, D), so that a gradient is transposed too.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reference import word2vec
from reference.word2vec import Array, WordCost, sgd, sigmoid


def naiveSoftmaxLossAndGradient(
    centerWordVec: Array, outsideWordIdx: int, outsideVectors: Array, dataset: Any = None
) -> tuple[float, Array, Array]:
    """Loss J = -log yhat_o for yhat = softmax(U^T v_c), o the outside word, and its gradients.

    (a) The true distribution y is 1 at o and 0 elsewhere, so the cross-entropy -sum_w y_w log yhat_w has one term, -log yhat_o.
    With theta_w = u_w . v_c it is J = -theta_o + log sum_w exp(theta_w), and dJ/dtheta_w = -y_w + exp(theta_w) / sum = yhat_w - y_w.
    (b) dtheta_w/dv_c = u_w, hence dJ/dv_c = sum_w (yhat_w - y_w) u_w = U (yhat - y) (D,): the vector expected under yhat less the
    one that was there. It is zero where these two agree, as they do if yhat = y.
    (c) dtheta_w/du_w = v_c, and no other theta has u_w in it: dJ/du_o = (yhat_o - 1) v_c, dJ/du_w = yhat_w v_c for w != o.
    (d) These are the columns of dJ/dU = v_c (yhat - y)^T; as rows, (yhat - y) v_c^T (V, D).
    """
    return word2vec.softmaxCostAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset)


def negSamplingLossAndGradient(
    centerWordVec: Array, outsideWordIdx: int, outsideVectors: Array, dataset: Any, K: int = 10
) -> tuple[float, Array, Array]:
    """Loss J = -log sigma(u_o . v_c) - sum_s log sigma(-u_s . v_c) over K sampled words s != o, and its gradients.

    (f) sigma' = sigma (1 - sigma), so -log sigma has the derivative sigma - 1, and 1 - sigma(-z) = sigma(z).
    (g) With z = u_o . v_c, and z = -u_s . v_c for each sample: dJ/dv_c = (sigma(u_o . v_c) - 1) u_o + sum_s (1 - sigma(-u_s . v_c)) u_s,
    dJ/du_o = (sigma(u_o . v_c) - 1) v_c, dJ/du_s = (1 - sigma(-u_s . v_c)) v_c. All three take sigma(U_{o,s}^T v_c) - 1, with the
    signs inside, which is computed once. K + 1 words are looked at, where softmax normalises over all V.
    (h) A word that was drawn n times stands in n equal terms of the sum: its gradient is n (1 - sigma(-u_s . v_c)) v_c.
    """
    return word2vec.negSamplingCostAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K)


def skipgram(
    currentCenterWord: str, windowSize: int, outsideWords: Sequence[str], word2Ind: Mapping[str, int], centerWordVectors: Array,
    outsideVectors: Array, dataset: Any, word2vecLossAndGradient: WordCost = naiveSoftmaxLossAndGradient,
) -> tuple[float, Array, Array]:
    """Loss J = sum_w F(v_c, w, U) over the outside words w of a window, for any loss F, and its gradients (V, D).

    (i) A sum is differentiated term by term: dJ/dU = sum_w dF(v_c, w, U)/dU and dJ/dv_c = sum_w dF(v_c, w, U)/dv_c, a word that
    occurs several times each time. No other center vector is in J, so dJ/dv_w = 0 for w != c.
    """
    return word2vec.skipgram(
        currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset, word2vecLossAndGradient)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function for function in (sigmoid, naiveSoftmaxLossAndGradient, negSamplingLossAndGradient, skipgram, sgd)
}
"""The reference of each function that the interface declares."""
