# loses:
# fault: none: a right solution with parameters renamed or added, partials, helper classes, einsum, changes in place and a star import.
from functools import partial, reduce
from numpy import *
import random  # after the star, which brings a random of its own


class Layer:
    """Weights and biases of one affine layer, as views into the flat vector of parameters."""

    def __init__(self, flat, fan_in, fan_out):
        self.size = (fan_in + 1) * fan_out
        self.W = flat[: fan_in * fan_out].reshape(fan_in, fan_out)
        self.b = flat[fan_in * fan_out : self.size]

    def __call__(self, inputs):
        return einsum("nd,dh->nh", inputs, self.W) + self.b

    def gradient(self, inputs, delta):
        return hstack([einsum("nd,nh->dh", inputs, delta).ravel(), einsum("nh->h", delta)])


def logsumexp(scores):
    top = amax(scores, axis=-1, keepdims=True)
    return top + log(exp(scores - top).sum(axis=-1, keepdims=True))


def softmax(logits, axis=-1):
    """Works in place where it can: the handout allows it."""
    if logits.dtype.kind != "f":
        logits = logits.astype(float)
    logits -= logits.max(axis=axis, keepdims=True)
    exp(logits, out=logits)
    logits /= logits.sum(axis=axis, keepdims=True)
    return logits


sigmoid = lambda z, slope=1.0: 1.0 / (1.0 + exp(-slope * z))
sigmoid_grad = lambda value: value * (1.0 - value)


def gradcheck_naive(objective, point, h=1e-4, tolerance=1e-5):
    seed = random.getstate()

    def cost_at(p):
        random.setstate(seed)
        return objective(p)[0]

    random.setstate(seed)
    analytic = asarray(objective(point)[1])
    worst = 0.0
    for place in ndindex(*point.shape):
        point[place] += h
        above = cost_at(point)
        point[place] -= 2 * h
        below = cost_at(point)
        point[place] += h
        slope = (above - below) / (2 * h)
        gap = abs(slope - analytic[place]) / amax([1.0, abs(slope), abs(analytic[place])])
        worst = maximum(worst, gap)
    outcome = "passed" if worst <= tolerance else "failed"
    print(f"gradient check {outcome} (worst relative difference {worst:.1e})")


def parameter_count(inputs, hidden, outputs, bias=True):
    layers = [(inputs, hidden), (hidden, outputs)]
    return reduce(lambda total, pair: total + (pair[0] + bias) * pair[1], layers, 0)


def forward_backward_prop(X, Y, theta, dims, eps=1e-12):
    d_x, d_h, d_y = dims
    first = Layer(theta, d_x, d_h)
    second = Layer(theta[first.size :], d_h, d_y)

    hidden = sigmoid(first(X))
    scores = second(hidden)
    log_probabilities = scores - logsumexp(scores)
    loss = -einsum("nk,nk->", Y, log_probabilities)

    out = exp(log_probabilities) - Y
    back = einsum("nk,hk->nh", out, second.W) * sigmoid_grad(hidden)
    return loss, hstack([first.gradient(X, back), second.gradient(hidden, out)])


def normalizeRows(matrix):
    matrix /= sqrt(einsum("nd,nd->n", matrix, matrix))[:, newaxis]
    return matrix


def softmaxCostAndGradient(v_c, o, U, data=None):
    scores = U.dot(v_c)
    loss = logsumexp(scores)[0] - scores[o]
    err = softmax(scores)
    err[o] -= 1.0
    return loss, U.T.dot(err), err[:, newaxis] * v_c


def getNegativeSamples(target, dataset, K):
    draws = iter(dataset.sampleTokenIdx, None)
    others = filter(lambda index: index != target, draws)
    return [next(others) for _ in range(K)]


def negSamplingCostAndGradient(v_c, o, U, data, n_negative=10):
    negatives = getNegativeSamples(o, data, n_negative)
    softplus = lambda t: logaddexp(0, t)
    loss = softplus(-U[o] @ v_c) + softplus(U[negatives] @ v_c).sum()

    pull = sigmoid(U[o] @ v_c) - 1
    push = sigmoid(U[negatives] @ v_c)
    d_v = pull * U[o] + push @ U[negatives]
    d_U = zeros(U.shape)
    d_U[o] = pull * v_c
    add.at(d_U, negatives, outer(push, v_c))
    return loss, d_v, d_U


def skipgram(center, C, context, vocabulary, V_in, V_out, data, F=softmaxCostAndGradient):
    c = vocabulary[center]
    cost_of = partial(F, V_in[c])
    losses, d_in, d_out = zip(*[cost_of(vocabulary[word], V_out, data) for word in context])
    grad_in = zeros(V_in.shape)
    grad_in[c] = sum(d_in, axis=0)
    return sum(losses), grad_in, sum(d_out, axis=0)


def cbow(center, C, context, vocabulary, V_in, V_out, data, F=softmaxCostAndGradient, verbose=False):
    one_hots = zeros((len(context), V_in.shape[0]))
    for row, word in enumerate(context):
        one_hots[row, vocabulary[word]] = 1.0
    counts = one_hots.sum(axis=0)
    loss, d_hat, d_out = F(counts @ V_in, vocabulary[center], V_out, data)
    return loss, counts[:, newaxis] * d_hat, d_out


class Annealing:
    """A step that halves itself every 20000 iterations."""

    def __init__(self, step, every=20000):
        self.start, self.every = step, every

    def at(self, iteration):
        return self.start * 0.5 ** ((iteration - 1) // self.every)


def sgd(objective, start, rate, n_steps, postprocessing=None, useSaved=False, PRINT_EVERY=10, log=lambda *line: None):
    project = postprocessing or (lambda point: point)
    schedule = Annealing(rate)
    point = start
    for iteration in range(1, n_steps + 1):
        loss, slope = objective(point)
        point = project(point - schedule.at(iteration) * slope)
        if iteration % PRINT_EVERY == 0:
            log(iteration, loss)
    return point
