"""Known mistakes of assignment 2: those of word2vec in assignment 1, in this handout's words."""

from collections.abc import Mapping

from grader.trial import Misconception
from reference.mistakes import renamed
from reference.word2vec_costs import COSTS
from reference.word2vec_windows import WINDOWS

WORDS: Mapping[str, str] = {
    "softmaxCostAndGradient": "naiveSoftmaxLossAndGradient",
    "negSamplingCostAndGradient": "negSamplingLossAndGradient",
    "word2vecCostAndGradient": "word2vecLossAndGradient",
    "cost": "loss",
    "costs": "losses",
    "predicted": "centerWordVec",
    "outputVectors": "outsideVectors",
    "gradPred": "gradCenterVec",
    "grad": "gradOutsideVecs",
    "v": "v_c",
    "target": "outside word",
    "as target": "as outsideWordIdx",
    "grad[target]": "gradOutsideVecs[outsideWordIdx]",
    "getNegativeSamples(target, dataset, K)": "getNegativeSamples(outsideWordIdx, dataset, K)",
    "C": "windowSize",
    "2C": "2 windowSize",
    "context word": "outside word",
    "a context word": "an outside word",
    "context words": "outside words",
    "contextWords": "outsideWords",
    "tokens": "word2Ind",
    "inputVectors": "centerWordVectors",
    "gradIn": "gradCenterVecs",
    "gradOut": "gradOutsideVectors",
}
"""What assignment 1 calls it, and what this one does."""

MISCONCEPTIONS: tuple[Misconception, ...] = renamed((*COSTS, *(m for m in WINDOWS if m.function == "skipgram")), WORDS)
"""In the order in which they are tried."""
