import glob
import os.path as op
import pickle
import random

import numpy as np

SAVE_PARAMS_EVERY = 5000
ANNEAL_EVERY = 20000


def load_saved_params():
    """Load the newest saved parameters, and the iteration at which they were saved."""
    st = 0
    for f in glob.glob("saved_params_*.npy"):
        st = max(st, int(op.splitext(op.basename(f))[0].split("_")[2]))
    if st == 0:
        return st, None, None
    with open("saved_params_%d.npy" % st, "rb") as f:
        params = pickle.load(f)
        state = pickle.load(f)
    return st, params, state


def save_params(iteration, params):
    with open("saved_params_%d.npy" % iteration, "wb") as f:
        pickle.dump(params, f)
        pickle.dump(random.getstate(), f)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    """Stochastic gradient descent."""
    start_iter = 0
    if useSaved:
        start_iter, oldx, state = load_saved_params()
        if start_iter > 0:
            x0 = oldx
            step *= 0.5 ** (start_iter // ANNEAL_EVERY)
            random.setstate(state)

    x = x0
    if not postprocessing:
        postprocessing = lambda x: x

    expcost = None
    for it in range(start_iter + 1, iterations + 1):
        cost, grad = f(x)
        x = x - step * grad
        x = postprocessing(x)

        expcost = cost if expcost is None else 0.95 * expcost + 0.05 * cost
        if it % PRINT_EVERY == 0:
            print("iter %d: %f" % (it, expcost))
        if it % SAVE_PARAMS_EVERY == 0 and useSaved:
            save_params(it, x)
        if it % ANNEAL_EVERY == 0:
            step *= 0.5

    return x
