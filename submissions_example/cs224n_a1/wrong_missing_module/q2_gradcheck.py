import random

import numpy as np


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
