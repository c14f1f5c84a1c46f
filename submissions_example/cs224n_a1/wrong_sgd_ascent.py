# loses: sgd.steps
# fault: sgd adds the gradient: it climbs.
# partly: sgd.steps=1/3
import random

import numpy as np


def softmax(x):
    """Softmax of a vector, or of each row of a matrix."""
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sigmoid(x):
    """Logistic function, entry by entry; only e to a negative power is ever taken."""
    e = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1.0, e) / (1.0 + e)


def sigmoid_grad(s):
    """Derivative of the sigmoid, given its value s."""
    return s * (1 - s)


def gradcheck_naive(f, x):
    """Compare the gradient that f returns with central differences, entry by entry."""
    state = random.getstate()
    _, grad = f(x)
    h = 1e-4
    for index in np.ndindex(x.shape):
        old = x[index]
        costs = []
        for moved in (old + h, old - h):
            x[index] = moved
            random.setstate(state)
            costs.append(f(x)[0])
        x[index] = old
        numgrad = (costs[0] - costs[1]) / (2 * h)
        reldiff = abs(numgrad - grad[index]) / max(1, abs(numgrad), abs(grad[index]))
        if reldiff > 1e-5:
            print(f"Gradient check failed at {index}: yours {grad[index]:f}, numerical {numgrad:f}")
            return
    print("Gradient check passed!")


def parameter_count(Dx, H, Dy):
    return (Dx + 1) * H + (H + 1) * Dy


def forward_backward_prop(data, labels, params, dimensions):
    """Cross-entropy cost and gradient of a network with one sigmoid hidden layer."""
    Dx, H, Dy = dimensions
    W1, b1, W2, b2 = np.split(params, np.cumsum([Dx * H, H, H * Dy]))
    W1, W2 = W1.reshape(Dx, H), W2.reshape(H, Dy)

    h = sigmoid(data @ W1 + b1)
    yhat = softmax(h @ W2 + b2)
    cost = -np.sum(np.log(np.sum(yhat * labels, axis=1)))

    delta2 = yhat - labels
    delta1 = delta2 @ W2.T * sigmoid_grad(h)
    blocks = data.T @ delta1, delta1.sum(axis=0), h.T @ delta2, delta2.sum(axis=0)
    return cost, np.concatenate([block.ravel() for block in blocks])


def normalizeRows(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    yhat = softmax(outputVectors @ predicted)
    cost = -np.log(yhat[target])
    delta = yhat.copy()
    delta[target] -= 1
    return cost, delta @ outputVectors, np.outer(delta, predicted)


def getNegativeSamples(target, dataset, K):
    """K token indices, none of them the target."""
    samples = []
    while len(samples) < K:
        index = dataset.sampleTokenIdx()
        if index != target:
            samples.append(index)
    return samples


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    indices = [target] + getNegativeSamples(target, dataset, K)
    signs = np.array([1.0] + [-1.0] * K)
    vectors = outputVectors[indices]
    p = sigmoid(signs * (vectors @ predicted))
    delta = signs * (p - 1)
    # one row for each draw; multiplying by the indicator matrix adds up the repeats
    indicator = np.equal.outer(np.arange(len(outputVectors)), indices)
    return -np.sum(np.log(p)), delta @ vectors, indicator @ np.outer(delta, predicted)


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
             word2vecCostAndGradient=softmaxCostAndGradient):
    center = tokens[currentWord]
    cost, gradIn, gradOut = 0.0, np.zeros_like(inputVectors), np.zeros_like(outputVectors)
    for word in contextWords:
        c, gPred, gOut = word2vecCostAndGradient(inputVectors[center], tokens[word], outputVectors, dataset)
        cost += c
        gradIn[center] += gPred
        gradOut += gOut
    return cost, gradIn, gradOut


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
         word2vecCostAndGradient=softmaxCostAndGradient):
    context = [tokens[word] for word in contextWords]
    vhat = inputVectors[context].sum(axis=0)
    cost, gPred, gradOut = word2vecCostAndGradient(vhat, tokens[currentWord], outputVectors, dataset)
    times = np.bincount(context, minlength=len(inputVectors))
    return cost, np.outer(times, gPred), gradOut


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    x = x0
    for iteration in range(1, iterations + 1):
        cost, grad = f(x)
        x = x + step * grad
        if postprocessing is not None:
            x = postprocessing(x)
        if iteration % PRINT_EVERY == 0:
            print(f"iter {iteration}: {cost:f}")
        if iteration % 20000 == 0:
            step /= 2
    return x
