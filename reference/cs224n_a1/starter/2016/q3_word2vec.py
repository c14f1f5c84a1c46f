"""Starter of the 2016 handout, in this course's words; used to recognise functions that were left as they were."""

import random

import numpy as np

from q1_softmax import softmax
from q2_gradcheck import gradcheck_naive
from q2_sigmoid import sigmoid, sigmoid_grad


def normalizeRows(x):
    """Each row of x scaled to unit length."""
    ### YOUR CODE HERE
    ### END YOUR CODE

    return x


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    """Softmax cost of one prediction, and its gradients."""
    ### YOUR CODE HERE
    ### END YOUR CODE

    return cost, gradPred, grad


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset,
                               K=10):
    """Negative sampling cost of one prediction, and its gradients."""
    ### YOUR CODE HERE
    ### END YOUR CODE

    return cost, gradPred, grad


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
             dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    """Cost of one window by the skip-gram model, and its gradients."""
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)

    ### YOUR CODE HERE
    ### END YOUR CODE

    return cost, gradIn, gradOut


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
         dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    """Cost of one window by the CBOW model, and its gradients."""
    cost = 0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)

    ### YOUR CODE HERE
    ### END YOUR CODE

    return cost, gradIn, gradOut
