# loses: *
# fault: every function returns zeros of the right shapes; gradcheck_naive prints nothing.
import numpy as np


def softmax(x):
    return np.zeros(np.shape(x))


def sigmoid(x):
    return np.zeros(np.shape(x))


def sigmoid_grad(s):
    return np.zeros(np.shape(s))


def gradcheck_naive(f, x):
    return None


def parameter_count(Dx, H, Dy):
    return 0


def forward_backward_prop(data, labels, params, dimensions):
    return 0.0, np.zeros(params.shape)


def normalizeRows(x):
    return np.zeros(np.shape(x))


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    return 0.0, np.zeros(predicted.shape), np.zeros(outputVectors.shape)


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    return 0.0, np.zeros(predicted.shape), np.zeros(outputVectors.shape)


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return 0.0, np.zeros(inputVectors.shape), np.zeros(outputVectors.shape)


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return 0.0, np.zeros(inputVectors.shape), np.zeros(outputVectors.shape)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return np.zeros(np.shape(x0))
