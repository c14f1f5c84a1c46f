"""A stand-in for the handout's reader of pretrained GloVe vectors: made-up vectors, the same for the same words."""

import numpy as np


def loadWordVectors(tokens, filepath=None, dimensions=50):
    """One made-up vector for each token, of shape (number of tokens, dimensions)."""
    return np.random.RandomState(0).randn(len(tokens), dimensions)
