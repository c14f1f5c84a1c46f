# loses:
# fault: none: a right solution in the handout's six modules, tested under __main__; the parameter count is not asked for.
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


def test_softmax():
    print("Running softmax tests...")
    two = softmax(np.array([[0.0, np.log(3.0)], [5.0, 5.0]]))
    assert np.allclose(two, [[0.25, 0.75], [0.5, 0.5]])
    row = np.array([0.3, -1.2, 2.5])
    assert np.allclose(softmax(row), softmax(row - 900))
    assert softmax(row).shape == (3,)
    print("ok\n")


if __name__ == "__main__":
    test_softmax()
