# loses: *
# fault: every function returns NaN in the right shapes.
import numpy as np


def softmax(x):
    return np.full(np.shape(x), np.nan)


def sigmoid(x):
    return np.full(np.shape(x), np.nan)


def sigmoid_grad(s):
    return np.full(np.shape(s), np.nan)


def gradcheck_naive(f, x):
    x[...] = np.nan
    print("nan")


def parameter_count(Dx, H, Dy):
    return float("nan")


def forward_backward_prop(data, labels, params, dimensions):
    return np.nan, np.full(params.shape, np.nan)


def normalizeRows(x):
    return np.full(np.shape(x), np.nan)


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    return np.nan, np.full(predicted.shape, np.nan), np.full(outputVectors.shape, np.nan)


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    return np.nan, np.full(predicted.shape, np.nan), np.full(outputVectors.shape, np.nan)


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return np.nan, np.full(inputVectors.shape, np.nan), np.full(outputVectors.shape, np.nan)


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return np.nan, np.full(inputVectors.shape, np.nan), np.full(outputVectors.shape, np.nan)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return np.full(np.shape(x0), np.nan)
