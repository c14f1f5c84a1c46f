# loses: *
# fault: every function returns copies of its arguments in the right shapes.
import numpy as np


def softmax(x):
    return x.copy()


def sigmoid(x):
    return np.copy(x)


def sigmoid_grad(s):
    return np.copy(s)


def gradcheck_naive(f, x):
    print(f(x))


def parameter_count(Dx, H, Dy):
    return H


def forward_backward_prop(data, labels, params, dimensions):
    return data[0, 0], params.copy()


def normalizeRows(x):
    return x.copy()


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    return float(target), predicted.copy(), outputVectors.copy()


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    return float(K), predicted.copy(), outputVectors.copy()


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return float(C), inputVectors.copy(), outputVectors.copy()


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return float(C), inputVectors.copy(), outputVectors.copy()


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return np.copy(x0)
