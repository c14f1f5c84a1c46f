# loses:
# fault: none: a right solution word by word, in plain loops.
import math
import random

import numpy as np


def sigmoid(x):
    s = 1 / (1 + np.exp(-x))
    return s


def naiveSoftmaxLossAndGradient(
    centerWordVec,
    outsideWordIdx,
    outsideVectors,
    dataset
):
    """One word at a time."""
    scores = []
    for u in outsideVectors:
        scores.append(float(np.dot(u, centerWordVec)))
    highest = max(scores)
    total = 0.0
    for s in scores:
        total += math.exp(s - highest)

    loss = math.log(total) + highest - scores[outsideWordIdx]
    gradCenterVec = np.zeros(centerWordVec.shape)
    gradOutsideVecs = np.zeros(outsideVectors.shape)
    for w in range(len(outsideVectors)):
        yhat = math.exp(scores[w] - highest) / total
        y = 1 if w == outsideWordIdx else 0
        gradCenterVec += (yhat - y) * outsideVectors[w]
        gradOutsideVecs[w] = (yhat - y) * centerWordVec
    return loss, gradCenterVec, gradOutsideVecs


def getNegativeSamples(outsideWordIdx, dataset, K):
    """Samples K indexes which are not the outsideWordIdx."""
    negSampleWordIndices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == outsideWordIdx:
            newidx = dataset.sampleTokenIdx()
        negSampleWordIndices[k] = newidx
    return negSampleWordIndices


def negSamplingLossAndGradient(
    centerWordVec,
    outsideWordIdx,
    outsideVectors,
    dataset,
    K=10
):
    negSampleWordIndices = getNegativeSamples(outsideWordIdx, dataset, K)

    u_o = outsideVectors[outsideWordIdx]
    s = sigmoid(np.dot(u_o, centerWordVec))
    loss = -np.log(s)
    gradCenterVec = (s - 1) * u_o
    gradOutsideVecs = np.zeros(outsideVectors.shape)
    gradOutsideVecs[outsideWordIdx] = (s - 1) * centerWordVec

    for k in negSampleWordIndices:
        u_k = outsideVectors[k]
        s = sigmoid(-np.dot(u_k, centerWordVec))
        loss -= np.log(s)
        gradCenterVec += (1 - s) * u_k
        gradOutsideVecs[k] += (1 - s) * centerWordVec
    return loss, gradCenterVec, gradOutsideVecs


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind,
             centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    loss = 0.0
    gradCenterVecs = np.zeros(centerWordVectors.shape)
    gradOutsideVectors = np.zeros(outsideVectors.shape)

    center = word2Ind[currentCenterWord]
    for i in range(len(outsideWords)):
        outside = word2Ind[outsideWords[i]]
        result = word2vecLossAndGradient(centerWordVectors[center, :], outside, outsideVectors, dataset)
        loss = loss + result[0]
        gradCenterVecs[center, :] = gradCenterVecs[center, :] + result[1]
        gradOutsideVectors = gradOutsideVectors + result[2]
    return loss, gradCenterVecs, gradOutsideVectors


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False,
        PRINT_EVERY=10):
    ANNEAL_EVERY = 20000
    x = x0

    if not postprocessing:
        postprocessing = lambda x: x

    exploss = None
    for iter in range(1, iterations + 1):
        loss, gradient = f(x)
        x -= step * gradient
        x = postprocessing(x)
        if iter % PRINT_EVERY == 0:
            if not exploss:
                exploss = loss
            else:
                exploss = .95 * exploss + .05 * loss
            print("iter %d: %f" % (iter, exploss))
        if iter % ANNEAL_EVERY == 0:
            step *= 0.5
    return x
