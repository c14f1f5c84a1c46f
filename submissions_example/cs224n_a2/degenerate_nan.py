# loses: *
# fault: every function returns NaN in the right shapes.
import numpy as np


def sigmoid(x):
    return np.full(np.shape(x), np.nan)


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    return np.nan, np.full(centerWordVec.shape, np.nan), np.full(outsideVectors.shape, np.nan)


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    return np.nan, np.full(centerWordVec.shape, np.nan), np.full(outsideVectors.shape, np.nan)


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    return np.nan, np.full(centerWordVectors.shape, np.nan), np.full(outsideVectors.shape, np.nan)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return np.full(np.shape(x0), np.nan)
