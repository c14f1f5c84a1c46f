"""Starter of the 2017 handout, in this course's words; used to recognise functions that were left as they were."""

import numpy as np


def softmax(x):
    """Softmax of each row of x, or of x itself if it is a vector."""
    orig_shape = x.shape

    if len(x.shape) > 1:
        # Matrix
        ### YOUR CODE HERE
        raise NotImplementedError
        ### END YOUR CODE
    else:
        # Vector
        ### YOUR CODE HERE
        raise NotImplementedError
        ### END YOUR CODE

    assert x.shape == orig_shape
    return x
