# loses: *
# fault: every function returns constants of the right shapes.
import numpy as np


def sigmoid(x):
    return np.full(np.shape(x), 0.5)


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    return 1.0, np.full(centerWordVec.shape, 0.5), np.full(outsideVectors.shape, 0.5)


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    return 1.0, np.full(centerWordVec.shape, 0.5), np.full(outsideVectors.shape, 0.5)


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    return 1.0, np.full(centerWordVectors.shape, 0.5), np.full(outsideVectors.shape, 0.5)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return np.full(np.shape(x0), 0.5)
