# loses: sgd.steps
# fault: sgd steps up the gradient.
# partly: sgd.steps=1/3
import numpy as np


def softmax(x):
    """Softmax of a vector of scores."""
    e = np.exp(x - np.max(x))
    return e / e.sum()


def sigmoid(x):
    """Logistic function, entry by entry; only e to a negative power is ever taken."""
    e = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1.0, e) / (1.0 + e)


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    yhat = softmax(outsideVectors @ centerWordVec)
    loss = -np.log(yhat[outsideWordIdx])
    delta = yhat.copy()
    delta[outsideWordIdx] -= 1
    return loss, delta @ outsideVectors, np.outer(delta, centerWordVec)


def getNegativeSamples(outsideWordIdx, dataset, K):
    """K word indices, none of them the outside word's."""
    samples = []
    while len(samples) < K:
        index = dataset.sampleTokenIdx()
        if index != outsideWordIdx:
            samples.append(index)
    return samples


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    indices = [outsideWordIdx] + getNegativeSamples(outsideWordIdx, dataset, K)
    signs = np.array([1.0] + [-1.0] * K)
    vectors = outsideVectors[indices]
    p = sigmoid(signs * (vectors @ centerWordVec))
    delta = signs * (p - 1)
    gradCenterVec = delta @ vectors
    gradOutsideVecs = np.zeros_like(outsideVectors)
    np.add.at(gradOutsideVecs, indices, np.outer(delta, centerWordVec))
    return -np.sum(np.log(p)), gradCenterVec, gradOutsideVecs


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    c = word2Ind[currentCenterWord]
    loss, gradCenterVecs, gradOutsideVectors = 0.0, np.zeros_like(centerWordVectors), np.zeros_like(outsideVectors)
    for word in outsideWords:
        l, gradCenter, gradOutside = word2vecLossAndGradient(centerWordVectors[c], word2Ind[word], outsideVectors, dataset)
        loss += l
        gradCenterVecs[c] += gradCenter
        gradOutsideVectors += gradOutside
    return loss, gradCenterVecs, gradOutsideVectors


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    x = x0
    for iteration in range(1, iterations + 1):
        loss, grad = f(x)
        x = x + step * grad
        if postprocessing is not None:
            x = postprocessing(x)
        if iteration % PRINT_EVERY == 0:
            print(f"iter {iteration}: {loss:f}")
        if iteration % 20000 == 0:
            step /= 2
    return x
