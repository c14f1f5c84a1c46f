# loses: *
# fault: every function returns zeros of the right shapes.
import numpy as np


def sigmoid(x):
    return np.zeros(np.shape(x))


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    return 0.0, np.zeros(centerWordVec.shape), np.zeros(outsideVectors.shape)


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    return 0.0, np.zeros(centerWordVec.shape), np.zeros(outsideVectors.shape)


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    return 0.0, np.zeros(centerWordVectors.shape), np.zeros(outsideVectors.shape)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return np.zeros(np.shape(x0))
