# loses:
# fault: none: a right solution one folder down, as a package: some modules import each other by full name, some relatively.
import numpy as np


def _softmax_row(row):
    weights = np.exp(row - row.max())
    return weights / weights.sum()


def softmax(x):
    """Softmax along the last axis."""
    return np.apply_along_axis(_softmax_row, -1, np.asarray(x, dtype=float))
