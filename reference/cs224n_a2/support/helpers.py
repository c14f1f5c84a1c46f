"""The course's own versions of small functions.

They stand in for yours, and the report says so, where a function of yours fails only because one that it calls is wrong or
missing: so one mistake does not cost twice.
"""

import numpy as np


def sigmoid(x):
    """Logistic function of each entry."""
    x = np.asarray(x, float)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))
