# loses: sgd.steps
# fault: sgd takes one step fewer than it was asked for.
# partly: sgd.steps=1/3
import random

import numpy as np


def softmax(x):
    """Compute the softmax of a vector, or of each row of a matrix, in a stable way."""
    if len(x.shape) > 1:
        x = x - np.max(x, axis=1).reshape(-1, 1)
        x = np.exp(x)
        x = x / np.sum(x, axis=1).reshape(-1, 1)
    else:
        x = x - np.max(x)
        x = np.exp(x)
        x = x / np.sum(x)
    return x


def sigmoid(x):
    """Logistic function of a number or of each entry of an array."""
    s = 1.0 / (1.0 + np.exp(-x))
    return s


def sigmoid_grad(s):
    """Derivative of the sigmoid, where s is the value of the sigmoid."""
    ds = s * (1.0 - s)
    return ds


def gradcheck_naive(f, x):
    """Check the gradient of f at x.

    f takes x and returns the cost and its gradient; x is the point, a number or an array.
    """
    rndstate = random.getstate()
    random.setstate(rndstate)
    fx, grad = f(x)  # cost and gradient at the original point
    h = 1e-4

    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index

        xp = x.copy()
        xp[ix] += h
        random.setstate(rndstate)
        fp, _ = f(xp)

        xm = x.copy()
        xm[ix] -= h
        random.setstate(rndstate)
        fm, _ = f(xm)

        numgrad = (fp - fm) / (2 * h)

        reldiff = abs(numgrad - grad[ix]) / max(1, abs(numgrad), abs(grad[ix]))
        if reldiff > 1e-5:
            print("Gradient check failed.")
            print("First gradient error found at index %s" % str(ix))
            print("Your gradient: %f \t Numerical gradient: %f" % (grad[ix], numgrad))
            return

        it.iternext()

    print("Gradient check passed!")


def parameter_count(Dx, H, Dy):
    """Number of parameters: weights and biases of both layers."""
    return Dx * H + H + H * Dy + Dy


def forward_backward_prop(data, labels, params, dimensions):
    """Forward and backward propagation for a two-layer sigmoidal network."""
    ofs = 0
    Dx, H, Dy = (dimensions[0], dimensions[1], dimensions[2])

    W1 = np.reshape(params[ofs:ofs + Dx * H], (Dx, H))
    ofs += Dx * H
    b1 = np.reshape(params[ofs:ofs + H], (1, H))
    ofs += H
    W2 = np.reshape(params[ofs:ofs + H * Dy], (H, Dy))
    ofs += H * Dy
    b2 = np.reshape(params[ofs:ofs + Dy], (1, Dy))

    # forward propagation
    z1 = np.dot(data, W1) + b1
    h = sigmoid(z1)
    z2 = np.dot(h, W2) + b2
    y_hat = softmax(z2)
    cost = -np.sum(labels * np.log(y_hat))

    # backward propagation
    d2 = y_hat - labels
    gradW2 = np.dot(h.T, d2)
    gradb2 = np.sum(d2, axis=0, keepdims=True)
    d1 = np.dot(d2, W2.T) * sigmoid_grad(h)
    gradW1 = np.dot(data.T, d1)
    gradb1 = np.sum(d1, axis=0, keepdims=True)

    grad = np.concatenate((gradW1.flatten(), gradb1.flatten(),
                           gradW2.flatten(), gradb2.flatten()))
    return cost, grad


def normalizeRows(x):
    """Scale each row of a matrix to unit length."""
    lengths = np.sqrt(np.sum(x ** 2, axis=1))
    x = x / lengths[:, np.newaxis]
    return x


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    """Softmax cost of one predicted vector and one target word."""
    y_hat = softmax(np.dot(outputVectors, predicted))
    cost = -np.log(y_hat[target])

    y = np.zeros_like(y_hat)
    y[target] = 1
    gradPred = np.dot(outputVectors.T, y_hat - y)
    grad = np.outer(y_hat - y, predicted)
    return cost, gradPred, grad


def getNegativeSamples(target, dataset, K):
    """Sample K indices which are not the target."""
    indices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == target:
            newidx = dataset.sampleTokenIdx()
        indices[k] = newidx
    return indices


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    """Negative sampling cost of one predicted vector and one target word."""
    indices = [target]
    indices.extend(getNegativeSamples(target, dataset, K))

    grad = np.zeros(outputVectors.shape)
    gradPred = np.zeros(predicted.shape)
    cost = 0
    for i, idx in enumerate(indices):
        label = 1 if i == 0 else -1
        s = sigmoid(label * np.dot(outputVectors[idx], predicted))
        cost -= np.log(s)
        gradPred += label * (s - 1) * outputVectors[idx]
        grad[idx] += label * (s - 1) * predicted
    return cost, gradPred, grad


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
             dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    """Skip-gram model: predict each context word from the center word."""
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)

    cword_idx = tokens[currentWord]
    for j in contextWords:
        c_cost, c_grad_in, c_grad_out = word2vecCostAndGradient(
            inputVectors[cword_idx], tokens[j], outputVectors, dataset)
        cost += c_cost
        gradIn[cword_idx, :] += c_grad_in
        gradOut += c_grad_out
    return cost, gradIn, gradOut


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
         dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    """CBOW model: predict the center word from the sum of the context."""
    gradIn = np.zeros(inputVectors.shape)
    v_hat = np.zeros(inputVectors.shape[1])
    for j in contextWords:
        v_hat += inputVectors[tokens[j]]
    cost, gradPred, gradOut = word2vecCostAndGradient(
        v_hat, tokens[currentWord], outputVectors, dataset)
    for j in contextWords:
        gradIn[tokens[j]] += gradPred
    return cost, gradIn, gradOut


ANNEAL_EVERY = 20000


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    """Stochastic gradient descent."""
    x = x0
    if not postprocessing:
        postprocessing = lambda x: x

    expcost = None
    for it in range(1, iterations):
        cost, grad = f(x)
        x = x - step * grad
        x = postprocessing(x)

        expcost = cost if expcost is None else 0.95 * expcost + 0.05 * cost
        if it % PRINT_EVERY == 0:
            print("iter %d: %f" % (it, expcost))
        if it % ANNEAL_EVERY == 0:
            step *= 0.5

    return x
