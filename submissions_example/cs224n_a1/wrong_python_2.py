# loses: *
# fault: the source is Python 2: print statements.
# unparsable
#!/usr/bin/env python
# -*- coding: utf-8 -*-
import random
import numpy as np


def softmax(x):
	"""Softmax of each row."""
	orig_shape = x.shape
	x = np.atleast_2d(x).astype('float64')
	x -= np.amax(x, axis=1).reshape((-1, 1))
	x = np.exp(x)
	x /= np.sum(x, axis=1).reshape((-1, 1))
	return x.reshape(orig_shape)


def sigmoid(x):
	x = 1. / (1. + np.exp(-1. * x))
	return x


def sigmoid_grad(f):
	f = f * (1. - f)
	return f


def gradcheck_naive(f, x):
	rndstate = random.getstate()
	random.setstate(rndstate)
	fx, grad = f(x)
	h = 1e-4

	it = np.nditer(x, flags=['multi_index'], op_flags=['readwrite'])
	while not it.finished:
		ix = it.multi_index
		x[ix] += h
		random.setstate(rndstate)
		f1 = f(x)[0]
		x[ix] -= 2 * h
		random.setstate(rndstate)
		f2 = f(x)[0]
		x[ix] += h
		numgrad = (f1 - f2) / 2 / h

		reldiff = abs(numgrad - grad[ix]) / max(1, abs(numgrad), abs(grad[ix]))
		if reldiff > 1e-5:
			print "Gradient check failed."
			print "First gradient error found at index %s" % str(ix)
			print "Your gradient: %f \t Numerical gradient: %f" % (grad[ix], numgrad)
			return
		it.iternext()
	print "Gradient check passed!"


def parameter_count(Dx, H, Dy):
	print "counting parameters of", Dx, H, Dy
	return Dx * H + H + H * Dy + Dy


def forward_backward_prop(data, labels, params, dimensions):
	N = data.shape[0]
	Dx, H, Dy = dimensions
	W1 = params[:Dx * H].reshape((Dx, H))
	b1 = params[Dx * H:(Dx + 1) * H].reshape((1, H))
	W2 = params[(Dx + 1) * H:(Dx + 1) * H + H * Dy].reshape((H, Dy))
	b2 = params[(Dx + 1) * H + H * Dy:].reshape((1, Dy))

	ones = np.ones((N, 1))
	a1 = sigmoid(data.dot(W1) + ones.dot(b1))
	a2 = softmax(a1.dot(W2) + ones.dot(b2))
	losses = -np.log(np.sum(a2 * labels, axis=1)).reshape((N, 1))
	cost = ones.T.dot(losses)

	delta = a2 - labels
	gradW2 = a1.T.dot(delta)
	gradb2 = ones.T.dot(delta)
	delta = delta.dot(W2.T) * sigmoid_grad(a1)
	gradW1 = data.T.dot(delta)
	gradb1 = ones.T.dot(delta)
	grad = np.concatenate((gradW1.flatten(), gradb1.flatten(), gradW2.flatten(), gradb2.flatten()))
	print "cost", cost[0, 0], "gradient norm", np.linalg.norm(grad)
	return cost, grad


def normalizeRows(x):
	norms = np.sqrt(np.sum(np.square(x), axis=1)).reshape((x.shape[0], 1))
	x = x / norms
	return x


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
	v = predicted.reshape((1, -1))
	probs = softmax(v.dot(outputVectors.T))
	cost = -np.log(probs[:, [target]])
	probs[0, target] -= 1
	gradPred = probs.dot(outputVectors)
	grad = probs.T.dot(v)
	return cost, gradPred, grad


def getNegativeSamples(target, dataset, K):
	indices = [None] * K
	for k in xrange(K):
		newidx = dataset.sampleTokenIdx()
		while newidx == target:
			newidx = dataset.sampleTokenIdx()
		indices[k] = newidx
	return indices


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
	indices = [target]
	indices.extend(getNegativeSamples(target, dataset, K))
	v = predicted.reshape((1, -1))

	grad = np.zeros_like(outputVectors)
	gradPred = np.zeros_like(v)
	cost = np.zeros((1, 1))
	for i in xrange(len(indices)):
		u = outputVectors[indices[i]].reshape((1, -1))
		sgn = 1. if i == 0 else -1.
		p = sigmoid(sgn * v.dot(u.T))
		cost = cost - np.log(p)
		gradPred = gradPred + sgn * (p - 1.) * u
		grad[indices[i]] = grad[indices[i]] + (sgn * (p - 1.) * v).flatten()
	return cost, gradPred, grad


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
			 word2vecCostAndGradient=softmaxCostAndGradient):
	cost = 0.
	gradIn = np.zeros_like(inputVectors)
	gradOut = np.zeros_like(outputVectors)
	idx = tokens[currentWord]
	vhat = inputVectors[idx:idx + 1]
	for word in contextWords:
		c, gin, gout = word2vecCostAndGradient(vhat, tokens[word], outputVectors, dataset)
		cost = cost + c
		gradIn[idx:idx + 1] += gin
		gradOut += gout
	return cost, gradIn, gradOut


def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset,
		 word2vecCostAndGradient=softmaxCostAndGradient):
	gradIn = np.zeros_like(inputVectors)
	onehot = np.zeros((len(contextWords), len(tokens)))
	for i, word in enumerate(contextWords):
		onehot[i, tokens[word]] += 1
	d = np.dot(np.ones((1, len(contextWords))), onehot)
	vhat = np.dot(d, inputVectors)
	cost, gradPred, gradOut = word2vecCostAndGradient(vhat, tokens[currentWord], outputVectors, dataset)
	gradIn += np.dot(d.T, gradPred.reshape((1, -1)))
	return cost, gradIn, gradOut


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
	ANNEAL_EVERY = 20000
	x = x0
	if not postprocessing:
		postprocessing = lambda x: x
	expcost = None
	for iter in xrange(1, iterations + 1):
		cost, grad = f(x)
		x = x - step * grad
		x = postprocessing(x)
		if not expcost:
			expcost = cost
		else:
			expcost = .95 * expcost + .05 * cost
		if iter % PRINT_EVERY == 0:
			print "iter %d: %f" % (iter, expcost)
		if iter % ANNEAL_EVERY == 0:
			step *= 0.5
	return x


if __name__ == '__main__':
	print softmax(np.array([[1., 2.], [3., 4.]]))
	gradcheck_naive(lambda x: (np.sum(x ** 2), x * 2), np.random.randn(4, 5))
