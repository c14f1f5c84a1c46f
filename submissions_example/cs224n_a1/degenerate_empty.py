# loses: *
# fault: every function returns empty arrays.
import numpy as np


def softmax(x):
    return np.array([])


def sigmoid(x):
    return np.array([])


def sigmoid_grad(s):
    return np.array([])


def gradcheck_naive(f, x):
    return np.array([])


def parameter_count(Dx, H, Dy):
    return np.array([])


def forward_backward_prop(data, labels, params, dimensions):
    return np.array([]), np.array([])


def normalizeRows(x):
    return np.array([])


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    return np.array([]), np.array([]), np.zeros((0, 0))


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    return np.array([]), np.array([]), np.zeros((0, 0))


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return np.array([]), np.array([]), np.zeros((0, 0))


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return np.array([]), np.array([]), np.zeros((0, 0))


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return np.array([])
