import random

import numpy as np

from q1_softmax import softmax
from q2_gradcheck import gradcheck_naive
from q2_sigmoid import sigmoid, sigmoid_grad


def normalizeRows(x):
    """Scale each row of a matrix to unit length."""
    lengths = np.sqrt(np.sum(x ** 2, axis=1))
    x = x / lengths[:, np.newaxis]
    return x


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    """Softmax cost of one predicted vector and one target word."""
    y_hat = softmax(np.dot(outputVectors, predicted))
    cost = -np.log(y_hat[target])

    y = np.zeros_like(y_hat)
    y[target] = 1
    gradPred = np.dot(outputVectors.T, y_hat - y)
    grad = np.outer(y_hat - y, predicted)
    return cost, gradPred, grad


def getNegativeSamples(target, dataset, K):
    """Sample K indices which are not the target."""
    indices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == target:
            newidx = dataset.sampleTokenIdx()
        indices[k] = newidx
    return indices


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    """Negative sampling cost of one predicted vector and one target word."""
    indices = [target]
    indices.extend(getNegativeSamples(target, dataset, K))

    grad = np.zeros(outputVectors.shape)
    gradPred = np.zeros(predicted.shape)
    cost = 0
    for i, idx in enumerate(indices):
        label = 1 if i == 0 else -1
        s = sigmoid(label * np.dot(outputVectors[idx], predicted))
        cost -= np.log(s)
        gradPred += label * (s - 1) * outputVectors[idx]
        grad[idx] += label * (s - 1) * predicted
    return cost, gradPred, grad


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
             dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    """Skip-gram model: predict each context word from the center word."""
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)

    cword_idx = tokens[currentWord]
    for j in contextWords:
        c_cost, c_grad_in, c_grad_out = word2vecCostAndGradient(
            inputVectors[cword_idx], tokens[j], outputVectors, dataset)
        cost += c_cost
        gradIn[cword_idx, :] += c_grad_in
        gradOut += c_grad_out
    return cost, gradIn, gradOut


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
         dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    """CBOW model: predict the center word from the sum of the context."""
    gradIn = np.zeros(inputVectors.shape)
    v_hat = np.zeros(inputVectors.shape[1])
    for j in contextWords:
        v_hat += inputVectors[tokens[j]]
    cost, gradPred, gradOut = word2vecCostAndGradient(
        v_hat, tokens[currentWord], outputVectors, dataset)
    for j in contextWords:
        gradIn[tokens[j]] += gradPred
    return cost, gradIn, gradOut


def word2vec_sgd_wrapper(word2vecModel, tokens, wordVectors, dataset, C,
                         word2vecCostAndGradient=softmaxCostAndGradient):
    batchsize = 50
    cost = 0.0
    grad = np.zeros(wordVectors.shape)
    N = wordVectors.shape[0] // 2
    inputVectors, outputVectors = wordVectors[:N, :], wordVectors[N:, :]
    for i in range(batchsize):
        centerword, context = dataset.getRandomContext(random.randint(1, C))
        c, gin, gout = word2vecModel(centerword, C, context, tokens, inputVectors,
                                     outputVectors, dataset, word2vecCostAndGradient)
        cost += c / batchsize
        grad[:N, :] += gin / batchsize
        grad[N:, :] += gout / batchsize
    return cost, grad


def test_word2vec():
    dataset = type("dummy", (), {})()
    words = ["a", "b", "c", "d", "e"]
    dataset.sampleTokenIdx = lambda: random.randint(0, 4)
    dataset.getRandomContext = lambda C: (random.choice(words), [random.choice(words) for _ in range(2 * C)])

    random.seed(31415)
    np.random.seed(9265)
    vectors = normalizeRows(np.random.randn(10, 3))
    tokens = dict((word, i) for i, word in enumerate(words))
    for model in (skipgram, cbow):
        for F in (softmaxCostAndGradient, negSamplingCostAndGradient):
            print("==== Gradient check of %s with %s ====" % (model.__name__, F.__name__))
            gradcheck_naive(lambda vec: word2vec_sgd_wrapper(model, tokens, vec, dataset, 5, F), vectors)


if __name__ == "__main__":
    test_word2vec()
