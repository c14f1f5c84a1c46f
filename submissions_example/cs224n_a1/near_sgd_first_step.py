# loses: sgd.steps
# fault: sgd counts from 0, and so halves its step after the very first iteration too.
# partly: sgd.steps=1/3
import math
import random

import numpy as np


def softmax(x):
    if len(x.shape) > 1:
        out = np.zeros(x.shape)
        for i in range(x.shape[0]):
            out[i] = softmax(x[i])
        return out
    biggest = max(x)
    exps = [math.exp(v - biggest) for v in x]
    total = sum(exps)
    return np.array([e / total for e in exps])


def sigmoid_of_number(v):
    if v < 0:
        e = math.exp(v)
        return e / (1.0 + e)
    return 1.0 / (1.0 + math.exp(-v))


def sigmoid(x):
    if isinstance(x, (int, float)):
        return sigmoid_of_number(x)
    out = np.zeros(x.shape)
    for ix, v in np.ndenumerate(x):
        out[ix] = sigmoid_of_number(v)
    return out


def sigmoid_grad(s):
    return s - s * s


def gradcheck_naive(f, x):
    rndstate = random.getstate()
    random.setstate(rndstate)
    fx, grad = f(x)
    h = 1e-4

    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index

        before = float(x[ix])
        x[ix] = before + h
        random.setstate(rndstate)
        up = f(x)[0]
        x[ix] = before - h
        random.setstate(rndstate)
        down = f(x)[0]
        x[ix] = before
        numgrad = (up - down) / (2.0 * h)

        reldiff = abs(numgrad - grad[ix]) / max(1.0, abs(numgrad), abs(grad[ix]))
        if reldiff > 1e-5:
            print("Gradient check failed.")
            print("First gradient error found at index %s" % str(ix))
            print("Your gradient: %f \t Numerical gradient: %f" % (grad[ix], numgrad))
            return
        it.iternext()

    print("Gradient check passed!")


def parameter_count(Dx, H, Dy):
    count = 0
    for n_in, n_out in [(Dx, H), (H, Dy)]:
        for _ in range(n_out):
            count += n_in + 1  # the weights into this unit, and its bias
    return count


def forward_backward_prop(data, labels, params, dimensions):
    Dx, H, Dy = dimensions[0], dimensions[1], dimensions[2]
    at_b1 = Dx * H
    at_W2 = at_b1 + H
    at_b2 = at_W2 + H * Dy

    cost = 0.0
    grad = np.zeros(params.shape)
    for n in range(data.shape[0]):
        # forward, one example at a time
        h = []
        for j in range(H):
            z = params[at_b1 + j]
            for i in range(Dx):
                z += data[n, i] * params[i * H + j]
            h.append(sigmoid(float(z)))
        scores = np.zeros(Dy)
        for k in range(Dy):
            scores[k] = params[at_b2 + k]
            for j in range(H):
                scores[k] += h[j] * params[at_W2 + j * Dy + k]
        yhat = softmax(scores)
        for k in range(Dy):
            if labels[n, k] == 1:
                cost -= math.log(yhat[k])

        # backward
        delta = yhat - labels[n]
        for k in range(Dy):
            grad[at_b2 + k] += delta[k]
        for j in range(H):
            back = 0.0
            for k in range(Dy):
                grad[at_W2 + j * Dy + k] += h[j] * delta[k]
                back += params[at_W2 + j * Dy + k] * delta[k]
            back *= sigmoid_grad(h[j])
            grad[at_b1 + j] += back
            for i in range(Dx):
                grad[i * H + j] += data[n, i] * back
    return cost, grad


def normalizeRows(x):
    for i in range(x.shape[0]):
        length = math.sqrt(sum(v * v for v in x[i]))
        for j in range(x.shape[1]):
            x[i, j] = x[i, j] / length
    return x


def dot(a, b):
    return sum(float(p) * float(q) for p, q in zip(a, b))


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    V, D = outputVectors.shape
    scores = np.array([dot(outputVectors[w], predicted) for w in range(V)])
    yhat = softmax(scores)
    cost = -math.log(yhat[target])

    gradPred = [-float(u) for u in outputVectors[target]]
    grad = np.zeros((V, D))
    for w in range(V):
        err = yhat[w] - 1.0 if w == target else yhat[w]
        for d in range(D):
            gradPred[d] += yhat[w] * outputVectors[w, d]
            grad[w, d] = err * predicted[d]
    return cost, np.array(gradPred), grad


def getNegativeSamples(target, dataset, K):
    indices = [None] * K
    for k in range(K):
        indices[k] = dataset.sampleTokenIdx()
        while indices[k] == target:
            indices[k] = dataset.sampleTokenIdx()
    return indices


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    D = len(predicted)
    gradPred = np.zeros(D)
    grad = np.zeros(outputVectors.shape)

    p = sigmoid(dot(outputVectors[target], predicted))
    cost = -math.log(p)
    for d in range(D):
        gradPred[d] += (p - 1) * outputVectors[target, d]
        grad[target, d] += (p - 1) * predicted[d]

    for k in getNegativeSamples(target, dataset, K):
        p = sigmoid(-dot(outputVectors[k], predicted))
        cost -= math.log(p)
        for d in range(D):
            gradPred[d] -= (p - 1) * outputVectors[k, d]
            grad[k, d] -= (p - 1) * predicted[d]
    return cost, gradPred, grad


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
             word2vecCostAndGradient=softmaxCostAndGradient):
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)
    i = tokens[currentWord]
    v = inputVectors[i]
    for j in range(len(contextWords)):
        target = tokens[contextWords[j]]
        one_cost, one_in, one_out = word2vecCostAndGradient(v, target, outputVectors, dataset)
        cost += one_cost
        for d in range(len(v)):
            gradIn[i, d] += one_in[d]
        gradOut += one_out
    return cost, gradIn, gradOut


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
         word2vecCostAndGradient=softmaxCostAndGradient):
    vhat = np.zeros(inputVectors.shape[1])
    for word in contextWords:
        vhat += inputVectors[tokens[word]]
    cost, gradPred, gradOut = word2vecCostAndGradient(vhat, tokens[currentWord], outputVectors, dataset)
    gradIn = np.zeros(inputVectors.shape)
    for word in contextWords:
        gradIn[tokens[word]] += gradPred
    return cost, gradIn, gradOut


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    x = x0
    done = 0
    while done < iterations:
        cost, grad = f(x)
        x = x - step * grad
        if postprocessing:
            x = postprocessing(x)
        if done % PRINT_EVERY == 0:
            print("iter %d: %f" % (done, cost))
        if done % 20000 == 0:
            step *= 0.5
        done += 1
    return x
