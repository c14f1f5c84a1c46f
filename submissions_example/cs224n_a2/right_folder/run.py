# loses:
# fault: none: a right solution as the handout has it: word2vec.py, sgd.py and run.py, which trains and is never run; utils is not handed in.
import random

import numpy as np
from utils.treebank import StanfordSentiment

from sgd import *
from word2vec import *

random.seed(314)
dataset = StanfordSentiment()
tokens = dataset.tokens()
nWords = len(tokens)
wordVectors = np.concatenate(((np.random.rand(nWords, 10) - 0.5) / 10, np.zeros((nWords, 10))), axis=0)
wordVectors = sgd(lambda vec: skipgram("the", 5, ["good", "film"], tokens, vec[:nWords], vec[nWords:], dataset, negSamplingLossAndGradient),
                  wordVectors, 0.3, 40000, None, True, PRINT_EVERY=10)
