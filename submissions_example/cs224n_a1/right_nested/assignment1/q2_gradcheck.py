import random

import numpy as np

STEP = 1e-4
TOLERANCE = 1e-5


def eval_numerical_gradient(f, x):
    """Central differences of f in every entry of x; f must draw the same random numbers each time."""
    state = random.getstate()

    def cost():
        random.setstate(state)
        return f(x)[0]

    numerical = np.empty(x.shape)
    entries, out = x.reshape(-1), numerical.reshape(-1)
    for i in range(entries.size):
        kept = entries[i]
        entries[i] = kept + STEP
        plus = cost()
        entries[i] = kept - STEP
        minus = cost()
        entries[i] = kept
        out[i] = (plus - minus) / (2 * STEP)
    random.setstate(state)
    return numerical


def gradcheck_naive(f, x):
    numerical = eval_numerical_gradient(f, x)
    _, grad = f(x)
    scale = np.maximum(1, np.maximum(np.abs(numerical), np.abs(grad)))
    wrong = np.abs(numerical - grad) / scale > TOLERANCE
    if np.any(wrong):
        print("Gradient check failed in", int(np.sum(wrong)), "entries:")
        for index in np.argwhere(wrong):
            print("   at", tuple(index))
    else:
        print("Gradient check passed!")
