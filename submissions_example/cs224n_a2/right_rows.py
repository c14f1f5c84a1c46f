# loses:
# fault: none: a right solution with v_c as a matrix of one row; its losses are (1,) and its gradients of v_c (1, D).
import numpy as np
from utils.utils import softmax


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    """With v_c as a row: the loss comes out as (1,), the gradient of v_c as (1, D)."""
    v = centerWordVec.reshape(1, -1)
    yhat = softmax(v @ outsideVectors.T)
    y = np.zeros_like(yhat)
    y[0, outsideWordIdx] = 1
    return -np.log(yhat[:, outsideWordIdx]), (yhat - y) @ outsideVectors, (yhat - y).T @ v


def getNegativeSamples(outsideWordIdx, dataset, K):
    """K word indices, none of them the outside word's."""
    draws = iter(dataset.sampleTokenIdx, outsideWordIdx)
    samples = []
    while len(samples) < K:
        samples.extend(index for index, _ in zip(draws, range(K - len(samples))))
        draws = iter(dataset.sampleTokenIdx, outsideWordIdx)
    return samples


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    """How often each word was drawn, in place of a loop over the draws."""
    v = centerWordVec.reshape(1, -1)
    times = np.bincount(getNegativeSamples(outsideWordIdx, dataset, K), minlength=len(outsideVectors))
    scores = v @ outsideVectors.T
    slopes = times * sigmoid(scores)
    slopes[0, outsideWordIdx] = sigmoid(scores[0, outsideWordIdx]) - 1
    loss = -np.log(sigmoid(scores[:, outsideWordIdx])) - np.sum(times * np.log(sigmoid(-scores)), axis=1)
    return loss, slopes @ outsideVectors, slopes.T @ v


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    c = word2Ind[currentCenterWord]
    parts = [word2vecLossAndGradient(centerWordVectors[c], word2Ind[word], outsideVectors, dataset) for word in outsideWords]
    gradCenterVecs = np.zeros(centerWordVectors.shape)
    gradCenterVecs[c] = sum(np.reshape(part[1], -1) for part in parts)
    return sum(part[0] for part in parts), gradCenterVecs, sum(part[2] for part in parts)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    """The step for each iteration is looked up, and not changed on the way."""
    x = x0
    for i in range(iterations):
        x = x - step * 0.5 ** (i // 20000) * f(x)[1]
        x = postprocessing(x) if postprocessing else x
    return x
