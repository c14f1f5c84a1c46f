import numpy as np


def sigmoid(x):
    """Logistic function of a number or of each entry of an array."""
    s = 1.0 / (1.0 + np.exp(-x))
    return s


def sigmoid_grad(s):
    """Derivative of the sigmoid, where s is the value of the sigmoid."""
    ds = s * (1.0 - s)
    return ds


def test_sigmoid():
    print("Running sigmoid tests...")
    x = np.array([[0.0, np.log(4.0)], [-np.log(4.0), 1.0]])
    f = sigmoid(x)
    assert np.allclose(f[0], [0.5, 0.8])
    assert np.allclose(f[0, 1] + f[1, 0], 1.0)
    assert np.allclose(sigmoid_grad(f)[0], [0.25, 0.16])
    print("ok\n")


if __name__ == "__main__":
    test_sigmoid()
