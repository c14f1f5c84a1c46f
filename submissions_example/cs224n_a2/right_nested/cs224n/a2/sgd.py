# loses:
# fault: none: a right solution two folders down, which needs no utils.
#!/usr/bin/env python
import glob
import os.path as op
import pickle
import random

import numpy as np

# Save parameters every a few SGD iterations as fail-safe
SAVE_PARAMS_EVERY = 5000


def load_saved_params():
    """The newest saved parameters, and the iteration at which they were saved."""
    st = 0
    for f in glob.glob("saved_params_*.npy"):
        st = max(st, int(op.splitext(op.basename(f))[0].split("_")[2]))
    if st == 0:
        return st, None, None
    with open("saved_state_%d.pickle" % st, "rb") as f:
        return st, np.load("saved_params_%d.npy" % st), pickle.load(f)


def save_params(iter, params):
    np.save("saved_params_%d.npy" % iter, params)
    with open("saved_state_%d.pickle" % iter, "wb") as f:
        pickle.dump(random.getstate(), f)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False,
        PRINT_EVERY=10):
    """Stochastic gradient descent."""
    # Anneal learning rate every several iterations
    ANNEAL_EVERY = 20000

    start_iter = 0
    if useSaved:
        start_iter, oldx, state = load_saved_params()
        if start_iter > 0:
            x0 = oldx
            step *= 0.5 ** (start_iter / ANNEAL_EVERY)
            random.setstate(state)

    x = x0

    if not postprocessing:
        postprocessing = lambda x: x

    exploss = None

    for iter in range(start_iter + 1, iterations + 1):
        # You might want to print the progress every few iterations.

        loss = None
        ### YOUR CODE HERE (~2 lines)
        loss, grad = f(x)
        x = x - step * grad
        ### END YOUR CODE

        x = postprocessing(x)
        if iter % PRINT_EVERY == 0:
            exploss = .95 * exploss + .05 * loss if exploss else loss
            print("iter %d: %f" % (iter, exploss))

        if iter % SAVE_PARAMS_EVERY == 0 and useSaved:
            save_params(iter, x)

        if iter % ANNEAL_EVERY == 0:
            step *= 0.5

    return x


def sanity_check():
    t = sgd(lambda x: (np.sum(x ** 2), x * 2), 0.5, 0.01, 1000, PRINT_EVERY=100)
    assert abs(t) <= 1e-6


if __name__ == "__main__":
    sanity_check()
