# loses: *
# fault: every function returns a plain number.
def softmax(x):
    return 1.0


def sigmoid(x):
    return 1.0


def sigmoid_grad(s):
    return 1.0


def gradcheck_naive(f, x):
    return 1.0


def parameter_count(Dx, H, Dy):
    return 1.0


def forward_backward_prop(data, labels, params, dimensions):
    return 1.0


def normalizeRows(x):
    return 1.0


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    return 1.0


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    return 1.0


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return 1.0


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return 1.0


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return 1.0
