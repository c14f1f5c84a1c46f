# loses: gradcheck.planted
# fault: gradcheck_naive compares the difference without its absolute value, and so misses faults of one sign.
import random

import numpy as np


def softmax(x):
    orig_shape = x.shape
    if len(x.shape) > 1:
        x = x - np.max(x, axis=1, keepdims=True)
        x = np.exp(x)
        x = x / np.sum(x, axis=1, keepdims=True)
    else:
        x = x - np.max(x)
        x = np.exp(x)
        x = x / np.sum(x)
    assert x.shape == orig_shape
    return x


def sigmoid(x):
    s = 1 / (1 + np.exp(-x))
    return s


def sigmoid_grad(s):
    ds = s * (1 - s)
    return ds


def gradcheck_naive(f, x):
    rndstate = random.getstate()
    random.setstate(rndstate)
    fx, grad = f(x)  # Evaluate function value at original point
    h = 1e-4

    it = np.nditer(x, flags=['multi_index'], op_flags=['readwrite'])
    while not it.finished:
        ix = it.multi_index
        x[ix] += h
        random.setstate(rndstate)
        fxh, _ = f(x)
        x[ix] -= 2 * h
        random.setstate(rndstate)
        fxnh, _ = f(x)
        x[ix] += h
        numgrad = (fxh - fxnh) / 2 / h

        reldiff = (numgrad - grad[ix]) / max(1, abs(numgrad), abs(grad[ix]))
        if reldiff > 1e-5:
            print("Gradient check failed.")
            print("First gradient error found at index %s" % str(ix))
            print("Your gradient: %f \t Numerical gradient: %f" % (grad[ix], numgrad))
            return
        it.iternext()
    print("Gradient check passed!")


def parameter_count(Dx, H, Dy):
    return (Dx + 1) * H + (H + 1) * Dy


def forward_backward_prop(data, labels, params, dimensions):
    ofs = 0
    Dx, H, Dy = (dimensions[0], dimensions[1], dimensions[2])

    W1 = np.reshape(params[ofs:ofs+ Dx * H], (Dx, H))
    ofs += Dx * H
    b1 = np.reshape(params[ofs:ofs + H], (1, H))
    ofs += H
    W2 = np.reshape(params[ofs:ofs + H * Dy], (H, Dy))
    ofs += H * Dy
    b2 = np.reshape(params[ofs:ofs + Dy], (1, Dy))

    h = sigmoid(np.dot(data, W1) + b1)
    yhat = softmax(np.dot(h, W2) + b2)
    cost = -np.sum(labels * np.log(yhat))

    d1 = yhat - labels
    gradW2 = np.dot(h.T, d1)
    gradb2 = np.sum(d1, axis=0)
    d2 = np.dot(d1, W2.T)
    d3 = d2 * sigmoid_grad(h)
    gradW1 = np.dot(data.T, d3)
    gradb1 = np.sum(d3, axis=0)

    grad = np.concatenate((gradW1.flatten(), gradb1.flatten(),
        gradW2.flatten(), gradb2.flatten()))
    return cost, grad


def normalizeRows(x):
    n = np.sqrt(np.sum(x ** 2, axis=1, keepdims=True))
    x = x / n
    return x


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    y_hat = softmax(np.dot(outputVectors, predicted))
    cost = -np.log(y_hat[target])
    d = y_hat.copy()
    d[target] -= 1
    grad = np.outer(d, predicted)
    gradPred = np.dot(outputVectors.T, d)
    return cost, gradPred, grad


def getNegativeSamples(target, dataset, K):
    """ Samples K indexes which are not the target """
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
    grad = np.zeros(outputVectors.shape)
    gradPred = np.zeros(predicted.shape)
    z = sigmoid(np.dot(outputVectors[target], predicted))
    cost = -np.log(z)
    gradPred += (z - 1) * outputVectors[target]
    grad[target] += (z - 1) * predicted
    for k in indices[1:]:
        z = sigmoid(-np.dot(outputVectors[k], predicted))
        cost -= np.log(z)
        gradPred += (1 - z) * outputVectors[k]
        grad[k] += (1 - z) * predicted
    return cost, gradPred, grad


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
             dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)
    c = tokens[currentWord]
    v = inputVectors[c]
    for w in contextWords:
        cc, gp, g = word2vecCostAndGradient(v, tokens[w], outputVectors, dataset)
        cost += cc
        gradIn[c] += gp
        gradOut += g
    return cost, gradIn, gradOut


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
         dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)
    vhat = np.zeros(inputVectors.shape[1])
    for w in contextWords:
        vhat += inputVectors[tokens[w]]
    cost, gp, gradOut = word2vecCostAndGradient(vhat, tokens[currentWord], outputVectors, dataset)
    for w in contextWords:
        gradIn[tokens[w]] += gp
    return cost, gradIn, gradOut


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    ANNEAL_EVERY = 20000
    if not postprocessing:
        postprocessing = lambda x: x
    x = x0
    for iter in range(1, iterations + 1):
        cost, grad = f(x)
        x = postprocessing(x - step * grad)
        if iter % PRINT_EVERY == 0:
            print("iter %d: %f" % (iter, cost))
        if iter % ANNEAL_EVERY == 0:
            step *= 0.5
    return x
