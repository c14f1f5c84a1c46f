# loses: sgd.steps sgd.postprocessing sgd.annealing
# fault: sgd.py is not handed in.
#!/usr/bin/env python
import argparse
import random

import numpy as np

from utils.gradcheck import gradcheck_naive, grad_tests_softmax, grad_tests_negsamp
from utils.utils import normalizeRows, softmax


def sigmoid(x):
    """Sigmoid of a scalar or an array."""
    ### YOUR CODE HERE (~1 Line)
    s = 1. / (1. + np.exp(-x))
    ### END YOUR CODE

    return s


def naiveSoftmaxLossAndGradient(
    centerWordVec,
    outsideWordIdx,
    outsideVectors,
    dataset
):
    """Naive softmax loss of one center word and one outside word."""
    ### YOUR CODE HERE (~6-8 Lines)
    y_hat = softmax(np.dot(outsideVectors, centerWordVec))
    loss = -np.log(y_hat[outsideWordIdx])
    y_hat[outsideWordIdx] -= 1
    gradCenterVec = np.dot(outsideVectors.T, y_hat)
    gradOutsideVecs = np.dot(y_hat[:, np.newaxis], centerWordVec[np.newaxis, :])
    ### END YOUR CODE

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
    """Negative sampling loss of one center word and one outside word."""
    negSampleWordIndices = getNegativeSamples(outsideWordIdx, dataset, K)
    indices = [outsideWordIdx] + negSampleWordIndices

    ### YOUR CODE HERE (~10 Lines)
    gradCenterVec = np.zeros(centerWordVec.shape)
    gradOutsideVecs = np.zeros(outsideVectors.shape)
    s = sigmoid(np.dot(outsideVectors[outsideWordIdx], centerWordVec))
    loss = -np.log(s)
    gradCenterVec += (s - 1) * outsideVectors[outsideWordIdx]
    gradOutsideVecs[outsideWordIdx] += (s - 1) * centerWordVec

    neg = sigmoid(-np.dot(outsideVectors[negSampleWordIndices], centerWordVec))
    loss -= np.sum(np.log(neg))
    gradCenterVec += np.dot(1 - neg, outsideVectors[negSampleWordIndices])
    np.add.at(gradOutsideVecs, negSampleWordIndices, np.outer(1 - neg, centerWordVec))
    ### END YOUR CODE

    return loss, gradCenterVec, gradOutsideVecs


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind,
             centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    """Skip-gram model."""
    loss = 0.0
    gradCenterVecs = np.zeros(centerWordVectors.shape)
    gradOutsideVectors = np.zeros(outsideVectors.shape)

    ### YOUR CODE HERE (~8 Lines)
    center = word2Ind[currentCenterWord]
    for word in outsideWords:
        loss_w, gradc_w, grado_w = word2vecLossAndGradient(
            centerWordVectors[center], word2Ind[word], outsideVectors, dataset)
        loss += loss_w
        gradCenterVecs[center] += gradc_w
        gradOutsideVectors += grado_w
    ### END YOUR CODE

    return loss, gradCenterVecs, gradOutsideVectors


def test_skipgram():
    """Gradient checks on made-up words."""
    dataset = type("dummy", (), {})()
    dataset.sampleTokenIdx = lambda: random.randint(0, 4)
    random.seed(31415)
    np.random.seed(9265)
    dummy_vectors = normalizeRows(np.random.randn(10, 3))
    dummy_tokens = dict((word, i) for i, word in enumerate("abcde"))
    grad_tests_softmax(skipgram, dummy_tokens, dummy_vectors, dataset)
    grad_tests_negsamp(skipgram, dummy_tokens, dummy_vectors, dataset, negSamplingLossAndGradient)
    gradcheck_naive(lambda x: (np.sum(x ** 2), 2 * x), dummy_vectors, "a square")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Test your implementations.")
    parser.parse_args()
    test_skipgram()
