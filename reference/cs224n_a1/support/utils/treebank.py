"""A stand-in for the handout's reader of the Stanford Sentiment Treebank: what word2vec calls, on five sentences."""

import random

SENTENCES = [
    "a gorgeous witty and moving film".split(),
    "the plot is thin and the jokes are old".split(),
    "nobody in the film seems to want to be there".split(),
    "a film that is as warm as it is wise".split(),
    "it is neither good nor bad".split(),
]


class StanfordSentiment:
    """Sentences, the index of each word, and samples of both."""

    def __init__(self, path=None, tablesize=1000000):
        self.path = path
        self.tablesize = tablesize

    def sentences(self):
        return SENTENCES

    def tokens(self):
        words = dict.fromkeys(word for sentence in SENTENCES for word in sentence)
        return {word: index for index, word in enumerate(words)}

    def sampleTokenIdx(self):
        return random.randrange(len(self.tokens()))

    def getRandomContext(self, C=5):
        sentence = random.choice(SENTENCES)
        at = random.randrange(len(sentence))
        context = sentence[max(0, at - C):at] + sentence[at + 1:at + 1 + C]
        return sentence[at], context
