# loses: *
# fault: every function returns one constant; gradcheck_naive always prints that it passed.
import numpy as np


def softmax(x):
    return np.full(np.shape(x), 0.5)


def sigmoid(x):
    return np.full(np.shape(x), 0.5)


def sigmoid_grad(s):
    return np.full(np.shape(s), 0.5)


def gradcheck_naive(f, x):
    print("Gradient check passed!")


def parameter_count(Dx, H, Dy):
    return 40


def forward_backward_prop(data, labels, params, dimensions):
    return 0.5, np.full(params.shape, 0.5)


def normalizeRows(x):
    return np.full(np.shape(x), 0.5)


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    return 0.5, np.full(predicted.shape, 0.5), np.full(outputVectors.shape, 0.5)


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    return 0.5, np.full(predicted.shape, 0.5), np.full(outputVectors.shape, 0.5)


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return 0.5, np.full(inputVectors.shape, 0.5), np.full(outputVectors.shape, 0.5)


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return 0.5, np.full(inputVectors.shape, 0.5), np.full(outputVectors.shape, 0.5)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return np.full(np.shape(x0), 0.5)
