# loses: *
# fault: every function returns random numbers of the right shapes; gradcheck_naive prints one.
import numpy as np

rng = np.random.default_rng()


def softmax(x):
    return rng.normal(size=np.shape(x))


def sigmoid(x):
    return rng.normal(size=np.shape(x))


def sigmoid_grad(s):
    return rng.normal(size=np.shape(s))


def gradcheck_naive(f, x):
    print(rng.normal())


def parameter_count(Dx, H, Dy):
    return rng.integers(1000)


def forward_backward_prop(data, labels, params, dimensions):
    return rng.normal(), rng.normal(size=params.shape)


def normalizeRows(x):
    return rng.normal(size=np.shape(x))


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    return rng.normal(), rng.normal(size=predicted.shape), rng.normal(size=outputVectors.shape)


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    return rng.normal(), rng.normal(size=predicted.shape), rng.normal(size=outputVectors.shape)


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return rng.normal(), rng.normal(size=inputVectors.shape), rng.normal(size=outputVectors.shape)


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return rng.normal(), rng.normal(size=inputVectors.shape), rng.normal(size=outputVectors.shape)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return rng.normal(size=np.shape(x0))
