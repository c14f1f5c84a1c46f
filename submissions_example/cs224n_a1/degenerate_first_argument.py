# loses: *
# fault: every function returns its first argument, whatever is asked for.
def softmax(x):
    return x


def sigmoid(x):
    return x


def sigmoid_grad(s):
    return s


def gradcheck_naive(f, x):
    return f


def parameter_count(Dx, H, Dy):
    return Dx


def forward_backward_prop(data, labels, params, dimensions):
    return data


def normalizeRows(x):
    return x


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    return predicted


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    return predicted


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return currentWord


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    return currentWord


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    return f
