"""Interface of assignment 1 (softmax, neural network basics, word2vec), handouts of 2016 to 2018.

Function names never vary in real submissions; names of parameters do, so only their order counts. Arrays are float64; rows
are examples or words.

Sizes are small on purpose: a wrong answer is to be read, and every entry of a gradient can be swept. Word vectors have
entries of standard deviation 0.7, so that |u . v| stays far below 20 (at D = 8 its standard deviation is 0.7^2 sqrt(8) = 1.4):
beyond that a sigmoid rounds to 1, and what becomes of log(1 - 1) the handout leaves open.
"""

from grader.core.interface import (
    ArraySpec,
    Block,
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
    SizesSpec,
    StandInSpec,
    WordSpec,
    WordsSpec,
)

# some right solutions return the cost as (1,) or (1, 1): a noted leniency
COST = Result(name="cost", spec=ArraySpec(squeezable=True))
BLOCKS = (
    Block(name="W1", shape="Dx H"),
    Block(name="b1", shape="1 H"),
    Block(name="W2", shape="H Dy"),
    Block(name="b2", shape="1 Dy"),
)
PARAMETERS = ArraySpec(shape="Dx*H + H + H*Dy + Dy", scale=0.7, blocks=BLOCKS)
SAMPLER = StandInSpec(name="sampler", count="V", target="target")
WORD_GRADIENTS = (
    COST,
    Result(name="gradPred", spec=ArraySpec(shape="D", squeezable=True)),
    Result(name="grad", spec=ArraySpec(shape="V D")),
)
PREDICTION = (
    Param(name="predicted", spec=ArraySpec(shape="D", scale=0.7)),
    Param(name="target", spec=IndexSpec(below="V")),
    Param(name="outputVectors", spec=ArraySpec(shape="V D", scale=0.7)),
    Param(name="dataset", spec=SAMPLER),
)
WINDOW = (
    Param(name="currentWord", spec=WordSpec(of="tokens")),
    Param(name="C", spec=SizeSpec(of="C")),
    Param(name="contextWords", spec=ContextSpec(of="tokens", length="2*C", center="currentWord")),
    Param(name="tokens", spec=WordsSpec(count="V")),
    Param(name="inputVectors", spec=ArraySpec(shape="V D", scale=0.7)),
    Param(name="outputVectors", spec=ArraySpec(shape="V D", scale=0.7)),
    Param(name="dataset", spec=StandInSpec(name="sampler", count="V")),
    Param(name="word2vecCostAndGradient", spec=StandInSpec(
        name="cost_function", count="V", size="D", parameters=("predicted", "target", "outputVectors", "dataset"))),
)
WINDOW_GRADIENTS = (
    COST,
    Result(name="gradIn", spec=ArraySpec(shape="V D")),
    Result(name="gradOut", spec=ArraySpec(shape="V D")),
)

INTERFACE = Interface(
    slug="cs224n_a1",
    title="Assignment 1: softmax, neural network basics, word2vec",
    dims={
        "N": DimRange(low=2, high=7),
        "D": DimRange(low=3, high=8),
        "Dx": DimRange(low=3, high=8),
        "H": DimRange(low=2, high=7),
        "Dy": DimRange(low=3, high=9),
        "V": DimRange(low=5, high=11),
        "K": DimRange(low=3, high=12),  # negatives; and the iterations of sgd
        "C": DimRange(low=2, high=5),
    },
    functions=(
        FunctionSpec(
            name="softmax", module="q1_softmax", summary="Softmax of each row.",
            params=(Param(name="x", spec=ArraySpec(shape="N D", scale=2.0)),),
            returns=(Result(name="softmax", spec=ArraySpec(like="x")),),
            may_change=("x",),
        ),
        FunctionSpec(
            name="sigmoid", module="q2_sigmoid", summary="Logistic function of each entry.",
            params=(Param(name="x", spec=ArraySpec(shape="N D", scale=2.0)),),
            returns=(Result(name="sigmoid", spec=ArraySpec(like="x")),),
        ),
        FunctionSpec(
            name="sigmoid_grad", module="q2_sigmoid", summary="Derivative of the sigmoid, from the sigmoid's value s.",
            params=(Param(name="s", spec=ArraySpec(shape="N D", domain="unit")),),
            returns=(Result(name="ds", spec=ArraySpec(like="s")),),
        ),
        FunctionSpec(
            name="gradcheck_naive", module="q2_gradcheck", summary="Compare a gradient with central differences; prints the outcome.",
            params=(
                Param(name="f", spec=StandInSpec(name="objective", size="N*D")),
                Param(name="x", spec=ArraySpec(shape="N D")),
            ),
        ),
        FunctionSpec(
            name="forward_backward_prop", module="q2_neural", summary="Cost and gradient of a network with one hidden layer.",
            params=(
                Param(name="data", spec=ArraySpec(shape="N Dx")),
                Param(name="labels", spec=ArraySpec(shape="N Dy", domain="one_hot_rows")),
                Param(name="params", spec=PARAMETERS),
                Param(name="dimensions", spec=SizesSpec(of=("Dx", "H", "Dy"))),
            ),
            returns=(COST, Result(name="grad", spec=PARAMETERS)),
            uses=("softmax", "sigmoid", "sigmoid_grad"),
        ),
        FunctionSpec(
            name="parameter_count", module="q2_neural", summary="How many parameters the network has.",
            params=tuple(Param(name=n, spec=SizeSpec(of=n)) for n in ("Dx", "H", "Dy")),
            returns=(Result(name="count", spec=ArraySpec(squeezable=True)),),
            # where it is not there, the length of forward_backward_prop's gradient counts, which these must not stand in the way of
            uses=("softmax", "sigmoid", "sigmoid_grad"),
        ),
        FunctionSpec(
            name="normalizeRows", module="q3_word2vec", summary="Scale each row to unit Euclidean length.",
            params=(Param(name="x", spec=ArraySpec(shape="N D", domain="nonzero_rows", scale=2.0)),),
            returns=(Result(name="normalized", spec=ArraySpec(like="x")),),
            may_change=("x",),
        ),
        FunctionSpec(
            name="softmaxCostAndGradient", module="q3_word2vec", summary="Naive softmax cost of one prediction, and its gradients.",
            params=PREDICTION, returns=WORD_GRADIENTS, uses=("softmax",),
        ),
        FunctionSpec(
            name="negSamplingCostAndGradient", module="q3_word2vec", summary="Negative sampling cost of one prediction, and its gradients.",
            params=(*PREDICTION, Param(name="K", spec=SizeSpec(of="K"))), returns=WORD_GRADIENTS, uses=("sigmoid", "sigmoid_grad"),
        ),
        FunctionSpec(
            name="skipgram", module="q3_word2vec", summary="Skip-gram cost and gradients for one window.",
            params=WINDOW, returns=WINDOW_GRADIENTS,
        ),
        FunctionSpec(
            name="cbow", module="q3_word2vec", summary="Continuous bag-of-words cost and gradients for one window.",
            params=WINDOW, returns=WINDOW_GRADIENTS,
        ),
        FunctionSpec(
            name="sgd", module="q3_sgd", summary="Stochastic gradient descent with halving step.",
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
