import numpy as np

from .q1_softmax import softmax
from .q2_sigmoid import sigmoid


def normalizeRows(x):
    return np.array([row / np.sqrt(row.dot(row)) for row in x])


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    column = predicted.reshape(-1, 1)
    yhat = softmax(np.dot(outputVectors, column).T).T
    cost = -np.log(yhat[target, 0])
    yhat[target, 0] -= 1
    gradPred = np.dot(outputVectors.T, yhat)
    return cost, gradPred.reshape(predicted.shape), np.dot(yhat, column.T)


def getNegativeSamples(target, dataset, K):
    negatives = []
    for _ in range(K):
        candidate = target
        while candidate == target:
            candidate = dataset.sampleTokenIdx()
        negatives.append(candidate)
    return negatives


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    # how often each word was drawn
    times = np.zeros(outputVectors.shape[0])
    for k in getNegativeSamples(target, dataset, K):
        times[k] += 1

    scores = np.dot(outputVectors, predicted)
    positive = sigmoid(scores[target])
    negative = sigmoid(-scores)
    cost = -np.log(positive) - np.dot(times, np.log(negative))

    slope = times * (1 - negative)
    slope[target] = positive - 1
    return cost, np.dot(slope, outputVectors), np.outer(slope, predicted)


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
             word2vecCostAndGradient=softmaxCostAndGradient):
    center = tokens[currentWord]
    results = [word2vecCostAndGradient(inputVectors[center], tokens[w], outputVectors, dataset) for w in contextWords]
    gradIn = np.zeros(inputVectors.shape)
    gradIn[center] = np.sum([gradPred for _, gradPred, _ in results], axis=0)
    return sum(cost for cost, _, _ in results), gradIn, np.sum([grad for _, _, grad in results], axis=0)


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
         word2vecCostAndGradient=softmaxCostAndGradient):
    indices = list(map(tokens.get, contextWords))
    vhat = np.sum(inputVectors[indices], axis=0)
    cost, gradPred, gradOut = word2vecCostAndGradient(
        predicted=vhat, target=tokens[currentWord], outputVectors=outputVectors, dataset=dataset)
    gradIn = np.zeros(inputVectors.shape)
    np.add.at(gradIn, indices, gradPred)
    return cost, gradIn, gradOut
