import numpy as np

from assignment1.q1_softmax import softmax
from assignment1.q2_gradcheck import gradcheck_naive
from assignment1.q2_sigmoid import sigmoid, sigmoid_grad


def unpack(params, dimensions):
    """Views of W1, b1, W2 and b2 in the flat vector."""
    Dx, H, Dy = dimensions
    blocks, start = [], 0
    for shape in ((Dx, H), (1, H), (H, Dy), (1, Dy)):
        size = shape[0] * shape[1]
        blocks.append(params[start : start + size].reshape(shape))
        start += size
    return blocks


def forward_backward_prop(data, labels, params, dimensions):
    W1, b1, W2, b2 = unpack(params, dimensions)
    h = sigmoid(np.matmul(data, W1) + b1)
    yhat = softmax(np.matmul(h, W2) + b2)
    right = np.argmax(labels, axis=1)
    picked = yhat[np.arange(len(data)), right]
    cost = np.sum(-np.log(picked))

    # the gradient is written into a vector of its own through the same views
    grad = np.zeros_like(params)
    gradW1, gradb1, gradW2, gradb2 = unpack(grad, dimensions)
    d2 = yhat.copy()
    d2[np.arange(len(data)), right] -= 1.0
    gradW2 += np.matmul(h.T, d2)
    gradb2 += d2.sum(axis=0)
    d1 = np.matmul(d2, W2.T) * sigmoid_grad(h)
    gradW1 += np.matmul(data.T, d1)
    gradb1 += d1.sum(axis=0)
    return cost, grad


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    sizes = [6, 4, 3]
    X, Y = rng.normal(size=(5, 6)), np.eye(3)[rng.integers(0, 3, 5)]
    gradcheck_naive(lambda p: forward_backward_prop(X, Y, p, sizes), rng.normal(size=7 * 4 + 5 * 3))
