"""Starter of the 2017 handout, in this course's words; used to recognise functions that were left as they were."""

import random

import numpy as np


def gradcheck_naive(f, x):
    """Compare the gradient that f returns at x with central differences."""
    rndstate = random.getstate()
    random.setstate(rndstate)
    fx, grad = f(x)  # the cost and the gradient at the original point
    h = 1e-4

    # one entry of x after the other
    it = np.nditer(x, flags=['multi_index'], op_flags=['readwrite'])
    while not it.finished:
        ix = it.multi_index

        # numgrad from x[ix] + h and x[ix] - h, with random.setstate(rndstate) before each call of f
        ### YOUR CODE HERE
        raise NotImplementedError
        ### END YOUR CODE

        reldiff = abs(numgrad - grad[ix]) / max(1, abs(numgrad), abs(grad[ix]))
        if reldiff > 1e-5:
            print("Gradient check failed.")
            print("First gradient error found at index %s" % str(ix))
            print("Your gradient: %f \t Numerical gradient: %f" % (grad[ix], numgrad))
            return

        it.iternext()

    print("Gradient check passed!")
