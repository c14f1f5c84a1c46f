"""Interface of assignment 2 (word2vec), handouts of 2019 to 2023.

Function names never vary in real submissions, nor does the given ``getNegativeSamples``. Arrays are float64; rows are words.

Sizes are small on purpose: a wrong answer is to be read, and every entry of a gradient can be swept. Word vectors have
entries of standard deviation 0.7, so that |u . v| stays far below 20 (at D = 8 its standard deviation is 0.7^2 sqrt(8) = 1.4):
beyond that a sigmoid rounds to 1, and what becomes of log(1 - 1) the handout leaves open.
"""

from grader.core.interface import (
    ArraySpec,
    ConstantSpec,
    ContextSpec,
    DimRange,
    FunctionSpec,
    IndexSpec,
    Interface,
    NumberSpec,
    Param,
    Result,
    SizeSpec,
    StandInSpec,
    WordSpec,
    WordsSpec,
)

# some right solutions return the loss as (1,) or (1, 1), and the gradient of v_c as (1, D) or (D, 1): a noted leniency
LOSS = Result(name="loss", spec=ArraySpec(squeezable=True))
WORD_VECTORS = ArraySpec(shape="V D", scale=0.7)
WORD_GRADIENTS = (
    LOSS,
    Result(name="gradCenterVec", spec=ArraySpec(shape="D", squeezable=True)),
    Result(name="gradOutsideVecs", spec=ArraySpec(shape="V D")),
)
PREDICTION = (
    Param(name="centerWordVec", spec=ArraySpec(shape="D", scale=0.7)),
    Param(name="outsideWordIdx", spec=IndexSpec(below="V")),
    Param(name="outsideVectors", spec=WORD_VECTORS),
    Param(name="dataset", spec=StandInSpec(name="sampler", count="V", target="outsideWordIdx")),
)

INTERFACE = Interface(
    slug="cs224n_a2",
    title="Assignment 2: word2vec",
    dims={
        "N": DimRange(low=2, high=7),
        "D": DimRange(low=3, high=8),
        "V": DimRange(low=5, high=11),
        "K": DimRange(low=3, high=12),  # negatives; and the iterations of sgd
        "C": DimRange(low=2, high=5),
    },
    functions=(
        FunctionSpec(
            name="sigmoid", module="word2vec", summary="Logistic function of each entry.",
            params=(Param(name="x", spec=ArraySpec(shape="N D", scale=2.0)),),
            returns=(Result(name="s", spec=ArraySpec(like="x")),),
        ),
        FunctionSpec(
            name="naiveSoftmaxLossAndGradient", module="word2vec", summary="Naive softmax loss of one outside word, and its gradients.",
            params=PREDICTION, returns=WORD_GRADIENTS,
        ),
        FunctionSpec(
            name="negSamplingLossAndGradient", module="word2vec",
            summary="Negative sampling loss of one outside word and K sampled others, and its gradients.",
            params=(*PREDICTION, Param(name="K", spec=SizeSpec(of="K"))), returns=WORD_GRADIENTS, uses=("sigmoid",),
        ),
        FunctionSpec(
            name="skipgram", module="word2vec",
            summary="Skip-gram loss and gradients for one window; word2vecLossAndGradient=naiveSoftmaxLossAndGradient if it is left out.",
            params=(
                Param(name="currentCenterWord", spec=WordSpec(of="word2Ind")),
                Param(name="windowSize", spec=SizeSpec(of="C")),
                Param(name="outsideWords", spec=ContextSpec(of="word2Ind", length="2*C", center="currentCenterWord")),
                Param(name="word2Ind", spec=WordsSpec(count="V")),
                Param(name="centerWordVectors", spec=WORD_VECTORS),
                Param(name="outsideVectors", spec=WORD_VECTORS),
                Param(name="dataset", spec=StandInSpec(name="sampler", count="V")),
                Param(name="word2vecLossAndGradient", spec=StandInSpec(
                    name="cost_function", count="V", size="D",
                    parameters=("centerWordVec", "outsideWordIdx", "outsideVectors", "dataset"),
                )),
            ),
            returns=(
                LOSS,
                Result(name="gradCenterVecs", spec=ArraySpec(shape="V D")),
                Result(name="gradOutsideVectors", spec=ArraySpec(shape="V D")),
            ),
        ),
        FunctionSpec(
            name="sgd", module="sgd", summary="Stochastic gradient descent with halving step.",
            params=(
                Param(name="f", spec=StandInSpec(name="objective", size="D")),
                Param(name="x0", spec=ArraySpec(shape="D")),
                Param(name="step", spec=NumberSpec(low=0.05, high=0.1)),
                Param(name="iterations", spec=SizeSpec(of="K")),
                Param(name="postprocessing", spec=StandInSpec(name="postprocessing")),
                Param(name="useSaved", spec=ConstantSpec(value=False)),
                Param(name="PRINT_EVERY", spec=ConstantSpec(value=1000)),
            ),
            returns=(Result(name="x", spec=ArraySpec(like="x0")),),
            may_change=("x0",),
        ),
    ),
    support=("utils",),
)
