# loses: *
# fault: every function returns copies of its arguments in the right shapes.
import numpy as np


def sigmoid(x):
    return np.copy(x)


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    return 1.0, centerWordVec.copy(), outsideVectors.copy()


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    return 1.0, centerWordVec.copy(), outsideVectors.copy()


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    return 1.0, centerWordVectors.copy(), outsideVectors.copy()


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return np.copy(x0)
