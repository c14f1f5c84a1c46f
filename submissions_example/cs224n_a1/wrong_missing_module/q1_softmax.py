# loses: sigmoid.values sigmoid.stability sigmoid_grad.values
# fault: q2_sigmoid.py was not handed in; the modules that import it are right.
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
