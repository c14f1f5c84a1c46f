"""What the handout gives: comparisons of gradients with central differences, which print their outcome."""

import random

import numpy as np


def gradcheck_naive(f, x, gradientText):
    """Compare the gradient that f returns at x with central differences; gradientText says what is checked."""
    state = random.getstate()
    _, grad = f(x)
    grad = np.asarray(grad)
    h = 1e-4
    for index in np.ndindex(x.shape):
        old = x[index]
        slope = 0.0
        for sign in (1, -1):
            x[index] = old + sign * h
            random.setstate(state)
            slope += sign * f(x)[0] / (2 * h)
        x[index] = old
        if abs(slope - grad[index]) > 1e-5 * max(1, abs(slope), abs(grad[index])):
            print("Gradient check failed for", gradientText)
            print("First error at", index, "- your gradient:", grad[index], "- numerical gradient:", slope)
            return
    print("Gradient check passed!")


def grad_tests_softmax(skipgram, dummy_tokens, dummy_vectors, dataset):
    """Check the gradients of skipgram with the loss function that it takes by default."""
    _check_windows(skipgram, dummy_tokens, dummy_vectors, dataset, "skipgram with naiveSoftmaxLossAndGradient")


def grad_tests_negsamp(skipgram, dummy_tokens, dummy_vectors, dataset, negSamplingLossAndGradient):
    """Check the gradients of skipgram with negative sampling."""
    _check_windows(skipgram, dummy_tokens, dummy_vectors, dataset, "skipgram with negSamplingLossAndGradient", negSamplingLossAndGradient)


def _check_windows(skipgram, tokens, vectors, dataset, text, *loss):
    """The first half of the vectors are center vectors, the second half outside vectors; one outside word comes twice."""
    center, *others = tokens
    half = len(vectors) // 2

    def f(both):
        J, dV, dU = skipgram(center, len(others), [*others, others[0]], tokens, both[:half], both[half:], dataset, *loss)
        return J, np.concatenate((dV, dU))

    gradcheck_naive(f, vectors, text)
