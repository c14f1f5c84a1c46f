# loses: *
# fault: none of the blanks is filled in: the bodies return what the starter returns.
import random

import numpy as np


def softmax(x):
    """Compute the softmax of a vector, or of each row of a matrix."""
    ### YOUR CODE HERE
    ### END YOUR CODE
    return x


def sigmoid(x):
    """Compute the sigmoid of x."""
    ### YOUR CODE HERE
    ### END YOUR CODE
    return x


def sigmoid_grad(f):
    """Compute the gradient of the sigmoid, given its value."""
    ### YOUR CODE HERE
    ### END YOUR CODE
    return f


def gradcheck_naive(f, x):
    """Check the gradient of f at x."""
    rndstate = random.getstate()
    random.setstate(rndstate)
    fx, grad = f(x)
    h = 1e-4

    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index

        ### YOUR CODE HERE: compute numgrad
        ### END YOUR CODE

        reldiff = abs(numgrad - grad[ix]) / max(1, abs(numgrad), abs(grad[ix]))
        if reldiff > 1e-5:
            print("Gradient check failed at", ix)
            return
        it.iternext()

    print("Gradient check passed!")


def parameter_count(Dx, H, Dy):
    count = 0
    ### YOUR CODE HERE
    ### END YOUR CODE
    return count


def forward_backward_prop(data, labels, params, dimensions):
    """Cost and gradient of a network with one hidden layer."""
    Dx, H, Dy = dimensions
    W1, b1, W2, b2 = np.split(params, np.cumsum([Dx * H, H, H * Dy]))

    ### YOUR CODE HERE: forward propagation
    ### END YOUR CODE

    ### YOUR CODE HERE: backward propagation
    ### END YOUR CODE

    grad = np.concatenate((gradW1.flatten(), gradb1.flatten(), gradW2.flatten(), gradb2.flatten()))
    return cost, grad


def normalizeRows(x):
    """Scale each row of a matrix to unit length."""
    ### YOUR CODE HERE
    ### END YOUR CODE
    return x


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    ### YOUR CODE HERE
    ### END YOUR CODE
    return cost, gradPred, grad


def getNegativeSamples(target, dataset, K):
    indices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == target:
            newidx = dataset.sampleTokenIdx()
        indices[k] = newidx
    return indices


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    indices = [target]
    indices.extend(getNegativeSamples(target, dataset, K))

    ### YOUR CODE HERE
    ### END YOUR CODE
    return cost, gradPred, grad


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
             word2vecCostAndGradient=softmaxCostAndGradient):
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)

    ### YOUR CODE HERE
    ### END YOUR CODE
    return cost, gradIn, gradOut


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
         word2vecCostAndGradient=softmaxCostAndGradient):
    cost = 0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)

    ### YOUR CODE HERE
    ### END YOUR CODE
    return cost, gradIn, gradOut


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    """Stochastic gradient descent."""
    x = x0
    if not postprocessing:
        postprocessing = lambda x: x

    for iteration in range(1, iterations + 1):
        ### YOUR CODE HERE: do not forget to apply the postprocessing
        ### END YOUR CODE

        if iteration % 20000 == 0:
            step *= 0.5
    return x
