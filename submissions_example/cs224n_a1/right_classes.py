# loses:
# fault: none: a right solution with classes for layers, the network and the descent, which the functions wrap.
import random

import numpy as np
class Layer:
    """A layer x W + b and what comes after it."""

    def __init__(self, W, b, activation):
        self.W, self.b, self.activation = W, b, activation

    def forward(self, x):
        self.x = x
        self.out = self.activation(x @ self.W + self.b)
        return self.out

    def backward(self, delta):
        self.gradient = np.hstack([(self.x.T @ delta).flatten(), delta.sum(axis=0)])
        return delta @ self.W.T
class Network:
    """Two layers, with their parameters from one vector."""

    def __init__(self, params, dimensions):
        Dx, H, Dy = dimensions
        W1, b1, W2, b2 = np.split(params, np.cumsum([Dx * H, H, H * Dy]))
        self.hidden = Layer(W1.reshape(Dx, H), b1, sigmoid)
        self.output = Layer(W2.reshape(H, Dy), b2, softmax)

    def cost(self, data, labels):
        yhat = self.output.forward(self.hidden.forward(data))
        self.delta = yhat - labels
        return float(-(labels * np.log(yhat)).sum())

    def gradient(self):
        back = self.output.backward(self.delta)
        self.hidden.backward(back * sigmoid_grad(self.hidden.out))
        return np.append(self.hidden.gradient, self.output.gradient)
class Descent:
    """The step, halved as it goes."""

    def __init__(self, step):
        self.step, self.taken = step, 0

    def __call__(self, x, gradient):
        x = x - self.step * gradient
        self.taken += 1
        if self.taken % 20000 == 0:
            self.step /= 2
        return x


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
    network = Network(params, dimensions)
    cost = network.cost(data, labels)
    return cost, network.gradient()


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
    descent, x = Descent(step), x0
    for _ in range(iterations):
        x = descent(x, f(x)[1])
        if postprocessing:
            x = postprocessing(x)
    return x
