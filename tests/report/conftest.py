"""A report built by hand with every outcome and every kind of evidence: what the renderers are tested on."""

from dataclasses import replace
from fractions import Fraction

import pytest

from grader.core.classbook import Adjustment, Decided, Override
from grader.core.evidence import BlockRow, Blocks, Contrast, Input, Printed, Shown, StepPlot, Traceback, TraceLine
from grader.core.reason import Reason
from grader.core.report import Conditions, GradeReport, ItemResult, SourceText, Submitted
from grader.core.verdict import Outcome, Verdict, met, not_met, partly, ungraded

SOURCE = '''\
import numpy as np


def softmax(x):
    """Softmax of each row."""
    x = np.exp(x)
    return x / x.sum(axis=-1)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_grad(s):
    return s * (1 - s)


def forward_backward_prop(data, labels, params, dimensions):
    ofs = 0
    Dx, H, Dy = dimensions[0], dimensions[1], dimensions[2]

    W1 = np.reshape(params[ofs:ofs + Dx * H], (Dx, H))
    ofs += Dx * H
    b1 = np.reshape(params[ofs:ofs + H], (1, H))
    ofs += H
    W2 = np.reshape(params[ofs:ofs + H * Dy], (H, Dy))
    ofs += H * Dy
    b2 = np.reshape(params[ofs:ofs + Dy], (1, Dy))

    h = sigmoid(data @ W1 + b1)
    yhat = softmax(h @ W2 + b2)
    cost = -np.sum(labels * np.log(yhat))

    delta = yhat - labels
    gradW2 = h.T @ delta
    gradb2 = delta.sum(axis=0)
    dh = delta @ W2.T  # the derivative of the sigmoid is missing
    gradW1 = data.T @ dh
    gradb1 = dh.sum(axis=0)
    grad = np.concatenate((gradW1.flatten(), gradb1.flatten(), gradW2.flatten(), gradb2.flatten()))
    return cost, grad


def parameter_count(Dx, H, Dy):
    raise NotImplementedError


def normalizeRows(x):
    norms = np.sqrt((x ** 2).sum(axis=1))
    print("norms", norms)
    return x / norms


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, cost=None):
    vhat = inputVectors[tokens[currentWord]]
    for word in contextWords:
        return cost(vhat, tokens[word], outputVectors, dataset, 5)


def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    while True:
        cost, grad = f(x0)
        x0 = x0 - step * grad
'''

FUNCTIONS = {
    line.split("(")[0].removeprefix("def "): number
    for number, line in enumerate(SOURCE.splitlines(), 1) if line.startswith("def ")
}

SHIFT = Contrast(
    call="softmax(x + 1000)",
    inputs=(Input("x", Shown("[[ 0.31 -1.2   0.55]\n [ 0.02  1.4  -0.7 ]]", (2, 3))),),
    returned=Shown("[[nan nan nan]\n [nan nan nan]]", (2, 3)),
    expected=Shown("[[0.4046 0.0894 0.506 ]\n [0.1825 0.7252 0.0923]]", (2, 3)),
    source="your own answer for x",
    differ=6, of=6, first=(0, 0), worst=(0, 0), worst_error=None, rtol=1e-9, atol=1e-12,
    errors=((None, None, None), (None, None, None)),
)
VALUES = Contrast(
    call="softmax",
    inputs=(Input("x", Shown("[[ 1.  0. -1.]\n [ 0.  2.  0.]\n [ 1.  1.  1.]]", (3, 3))),),
    returned=Shown("[[0.6652 0.0955 0.0451]\n [0.2447 0.7054 0.1224]\n [0.6652 0.2595 0.3333]]", (3, 3)),
    expected=Shown("[[0.6652 0.2447 0.09  ]\n [0.1065 0.787  0.1065]\n [0.3333 0.3333 0.3333]]", (3, 3)),
    source="the reference",
    differ=7, of=9, first=(0, 1), worst=(2, 0), worst_error=0.331948, rtol=1e-6, atol=1e-9,
    errors=((0.0, 0.1492, 0.0449), (0.1382, 0.0816, 0.0159), (0.3319, 0.0738, 1e-17)),
)
GRADIENT = Blocks((
    BlockRow("W1", (5, 4), 20, 20, (2, 1), -0.81734, -0.19022, tuple(
        tuple(10.0 ** -((r * 5 + c * 3) % 5) * 0.6271 for c in range(4)) for r in range(5))),
    BlockRow("b1", (1, 4), 4, 4, (0, 3), 0.4412, 0.1001, ((0.2, 0.003, 0.00004, 0.3411),)),
    BlockRow("W2", (4, 3), 0, 12),
    BlockRow("b2", (1, 3), 0, 3),
))
STEPS = tuple(10.0 ** -k for k in range(1, 11))
PLOT = StepPlot(
    "Error of the gradient of W1 and b1 against the step", STEPS,
    tuple(0.62 + 0.01 * s for s in STEPS),
    tuple(0.08 * s**2 + 3e-17 / s for s in STEPS),
    "Your error stays at 0.62 for every step: the gradient is wrong, it is not the noise of the difference.",
)
RAISED = Traceback(
    "ValueError", "operands could not be broadcast together with shapes (4,3) (4,)",
    (TraceLine("submit.py", 51, "normalizeRows", "return x / norms"),),
    "normalizeRows", (Input("x", Shown("[[ 1.  2.  2.]\n [ 0.  3.  4.]\n [-2.  1.  2.]\n [ 4.  0.  3.]]", (4, 3))),),
)
PRINTED = Printed("norms [3. 5. 3. 5.]\n")
SHAPE = Contrast(
    "forward_backward_prop", (Input("dimensions", Shown("[3, 4, 5]")),), Shown("[ 0.12 -0.53 ... 0.07]", (41,)), None,
    "a gradient of shape (Dx*H + H + H*Dy + Dy,) = (41,)",
)


def item(id_: str, section: str, title: str, points: str, function: str, verdict: Verdict) -> ItemResult:
    return ItemResult(id_, section, title, Fraction(points), function, verdict, f"grade submit.py --item {id_} --seed 7")


def build(**changes: object) -> GradeReport:
    a, b, c, d = "1a Softmax", "2a Sigmoid", "2c Neural network", "3 Word vectors and SGD"
    parts: dict[str, object] = {
        "assignment": "cs224n_a1",
        "title": "Assignment 1: softmax, neural network basics, word2vec",
        "submission": Submitted(
            "submit.py", "9b74c9897bac770ffc029102a200c5de1f7d3a3c1d3a9f5d2a3b6f9b6f0c1e2d", (SourceText("submit.py", SOURCE, FUNCTIONS),),
            ("notes.txt is no Python file and was left out.",),
        ),
        "items": (
            item("softmax.values", a, "softmax returns the right values, row by row", "4", "softmax", not_met(
                Reason.MISCONCEPTION, "You divided each entry by the wrong row's sum: the row sums were taken without keepdims.", VALUES,
                hint="Write x.sum(axis=-1, keepdims=True), so that each row is divided by its own sum.")),
            item("softmax.shift", a, "softmax(x + c) equals softmax(x)", "3", "softmax", not_met(
                Reason.UNSTABLE, "softmax changes when the same constant is added to every logit.", SHIFT,
                hint="Subtract the row maximum before exponentiating.")),
            item("softmax.probabilities", a, "the rows of softmax are probabilities", "1", "softmax",
                 Verdict(Outcome.BLOCKED, Fraction(0), Reason.BLOCKED, "Means nothing until softmax.values is met.",
                         hint="Mend softmax.values first.")),
            item("sigmoid.values", b, "sigmoid returns the right values", "3", "sigmoid", met("sigmoid: float32 was taken for float64")),
            item("sigmoid_grad.values", b, "sigmoid_grad(s) is s (1 - s), from the sigmoid's value", "3", "sigmoid_grad", met()),
            item("neural.shapes", c, "the gradient has the shape of params, block by block", "3", "forward_backward_prop", not_met(
                Reason.SHAPE, "grad: shape (1, 41), but should be (Dx*H + H + H*Dy + Dy,) = (41,).", SHAPE)),
            item("neural.gradient", c, "the gradients of W1, b1, W2 and b2", "12", "forward_backward_prop", partly(
                Fraction(5, 9), Reason.GRADIENT, "The gradients of W1 and b1 are wrong; those of W2 and b2 are right.", GRADIENT, PLOT,
                hint="Multiply by h (1 - h), the derivative of the sigmoid, on the way back through the hidden layer.",
                notes=("the cost is the handout's: summed over the N examples",))),
            item("neural.count", c, "the network has (Dx+1)H + (H+1)Dy parameters", "3", "parameter_count",
                 Verdict(Outcome.NOT_ATTEMPTED, Fraction(0), Reason.NOT_ATTEMPTED, "parameter_count still raises NotImplementedError.")),
            item("normalize.values", d, "normalizeRows scales each row to unit length", "3", "normalizeRows", not_met(
                Reason.RAISED, "normalizeRows raises ValueError at line 51 of submit.py.", RAISED, PRINTED)),
            item("skipgram.sum", d, "skipgram sums F over the context, for any F", "6", "skipgram", ungraded(
                Reason.HOST, "This could not be judged: the process that ran it could not be started again.")),
            item("sgd.steps", d, "sgd takes the steps x - step * gradient", "3", "sgd", not_met(
                Reason.TIMED_OUT, "sgd was stopped after 5 s of computing.")),
        ),
        "conditions": Conditions(
            7, "F", ("a process of its own", "time, memory and output are limited", "the report and the reference are out of its sight"),
            ("reading other files", "the network"), "11" * 32, "22" * 32, {"grade": "0.1.0", "Python": "3.11.4", "numpy": "2.4.6"}),
        "timings": {"load": 0.012, "observe": 0.871, "judge": 0.034},
    }
    return GradeReport(**(parts | changes))  # type: ignore[arg-type]


@pytest.fixture
def sample() -> GradeReport:
    """The sample report."""
    return build()


@pytest.fixture
def decided(sample: GradeReport) -> GradeReport:
    """The sample with points and notes of a person, a comment, and what being late costs."""
    def override(item: str, points: int | None, note: str) -> Override:
        return Override("ann", item, None if points is None else Fraction(points), note, "Tutor", "2026-11-21")

    first, second, *_ = (i.id for i in sample.items)
    overrides = {first: override(first, 2, "The idea is right: a slip in one factor."), second: override(second, None, "See p. 3.")}
    late = Adjustment("1 day late (due 2026-11-20 23:59 +01:00, came 2026-11-21 12:00): 10 % of the points possible each day", Fraction(-7, 3))
    found = replace(sample, decided=Decided(overrides, (override("", None, "Well documented."),), (late,)))
    return replace(found, decided=replace(found.decided, total=found.earned + late.points))  # type: ignore[type-var]
