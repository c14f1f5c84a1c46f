"""Known mistakes as students write them: the right solution with a line or two changed, graded by processes of their own.

The table of mistakes is in formulas of the reference's; what is in here is code that never saw them.
"""

from pathlib import Path

import pytest

from grader.core.reason import Reason
from grader.core.verdict import Verdict
from grader.course import Assignment
from grader.grading import grade
from grader.runner.forkserver import ForkServer
from grader.submission.source import submission

RIGHT = (Path(__file__).parents[2] / "submissions_example/cs224n_a1/right_vectorised.py").read_text()

SOFTMAX = "    return e / e.sum(axis=-1, keepdims=True)"
INTO_ZEROS = """    rows = e / e.sum(axis=-1, keepdims=True)
    out = np.zeros_like(x)
    out[...] = rows
    return out"""
SIGMOID = "    return np.where(np.asarray(x) >= 0, 1.0, e) / (1.0 + e)"
W1 = "W1, W2 = W1.reshape(Dx, H), W2.reshape(H, Dy)"
OF_LAYER_2 = "    W2, b2 = params[:H * Dy].reshape(H, Dy), params[H * Dy:][:Dy]"
HIDDEN = "h = sigmoid(data @ W1 + b1)"
BLOCKS = "    blocks = data.T @ delta1, delta1.sum(axis=0), h.T @ delta2, delta2.sum(axis=0)"
BACK = "delta2 @ W2.T * sigmoid_grad(h)"
OF_W2 = """    gradW2 = np.zeros_like(W2)
    for n in range(len(data)):
        gradW2 = np.outer(h[n], delta2[n])
    blocks = data.T @ delta1, delta1.sum(axis=0), gradW2, delta2.sum(axis=0)"""
LOG = "np.log(np.sum(yhat * labels, axis=1))"
SAMPLES = "[target] + getNegativeSamples(target, dataset, K)"
OTHERS = "[k for k in range(len(outputVectors)) if k != target]"
NEGATIVE_COST = "-np.sum(np.log(p))"
OWN_RANDINT = """    samples = []
    while len(samples) < K:
        index = {}
        if index != target:
            samples.append(index)
    indices = [target] + samples"""
ZEROS = "cost, gradIn, gradOut = 0.0, np.zeros_like(inputVectors), np.zeros_like(outputVectors)"
ALIASED = "cost = 0.0\n    gradIn = gradOut = np.zeros(inputVectors.shape)"
SUM = "vhat = inputVectors[context].sum(axis=0)"
NORM = "np.linalg.norm(x, axis=1, keepdims=True)"
INDICES = f"    indices = {SAMPLES}"

# item: (mistake, what is written in the place of what)
WRITTEN = [
    ("softmax.values", "base_2", SOFTMAX, "    e = np.exp2(x - np.max(x, axis=-1, keepdims=True))\n" + SOFTMAX),
    ("softmax.values", "int_truncated", SOFTMAX, INTO_ZEROS),
    ("softmax.values", "int_matrix_truncated", SOFTMAX, f"    if e.ndim == 1:\n    {SOFTMAX}\n{INTO_ZEROS}"),
    ("sigmoid.values", "of_absolute_value", SIGMOID, "    return 1.0 / (1.0 + e)"),
    ("sigmoid.values", "no_parentheses", SIGMOID, "    return 1 / 1 + np.exp(-x)"),
    ("sigmoid.values", "minus_in_denominator", SIGMOID, "    return 1 / (1 - np.exp(-x))"),
    ("sigmoid.values", "derivative", SIGMOID, "    return np.exp(-x) / (1 + np.exp(-x)) ** 2"),
    ("normalize.values", "square_of_sum", NORM, "np.sqrt(np.sum(x, axis=1, keepdims=True) ** 2)"),
    ("normalize.values", "root_mean_square", NORM, "np.sqrt(np.mean(x ** 2, axis=1, keepdims=True))"),
    ("normalize.values", "squared", f"return x / {NORM}", f"return x ** 2 / {NORM}"),
    ("neural.cost", "W1_by_columns", W1, "W1, W2 = W1.reshape(H, Dx).T, W2.reshape(H, Dy)"),
    ("neural.gradient", "params_W1_by_columns", W1, "W1, W2 = W1.reshape(H, Dx).T, W2.reshape(H, Dy)"),
    ("neural.gradient", "params_weights_by_columns", W1, "W1, W2 = W1.reshape((Dx, H), order='F'), W2.reshape((H, Dy), order='F')"),
    ("neural.cost", "offset_stays_after_W1", W1, f"{W1}\n    b1, params = params[:H], params[H:]\n{OF_LAYER_2}"),
    ("neural.cost", "offset_stays_after_b1", W1, f"{W1}\n    params = params[Dx * H:]\n{OF_LAYER_2}"),
    ("neural.gradient", "offset_stays_after_W2", W1, f"{W1}\n    b2 = params[Dx * H + H:][:Dy]"),
    ("neural.gradient", "sigmoid_before_softmax_without_slope", "softmax(h @ W2 + b2)", "softmax(sigmoid(h @ W2 + b2))"),
    ("neural.cost", "b1_outside", HIDDEN, "h = sigmoid(data @ W1) + b1"),
    ("neural.gradient", "b1_outside_slope_of_h", HIDDEN, "h = sigmoid(data @ W1) + b1"),
    ("neural.gradient", "W2_reshaped", BACK, "delta2 @ W2.reshape(Dy, H) * sigmoid_grad(h)"),
    ("neural.gradient", "slope_of_dh", BACK, "sigmoid_grad(delta2 @ W2.T)"),
    ("neural.gradient", "slope_h", BACK, "delta2 @ W2.T * h"),
    ("neural.gradient", "slope_one_minus_h", BACK, "delta2 @ W2.T * (1 - h)"),
    ("neural.delta", "times_slope_of_yhat", "delta2 = yhat - labels", "delta2 = (yhat - labels) * yhat * (1 - yhat)"),
    ("neural.gradient", "W2_of_last_example", BLOCKS, OF_W2),
    ("neural.cost", "all_pairs", f"-np.sum({LOG})", "-np.sum(np.log(yhat[:, labels.argmax(axis=1)]))"),
    ("neural.cost", "likeliest", f"-np.sum({LOG})", "-np.sum(np.log(yhat[np.arange(len(yhat)), yhat.argmax(axis=1)]))"),
    ("neural.cost", "log_plus_1e-3", LOG, "np.log(np.sum((yhat + 1e-3) * labels, axis=1))"),
    ("neural.cost", "log_plus_1e-6", LOG, "np.log(np.sum(yhat * labels, axis=1) + 1e-6)"),
    ("softmaxcost.outputs", "column_of_scores", "yhat = softmax(outputVectors @ predicted)",
     "yhat = softmax(outputVectors.dot(predicted).reshape(-1, 1)).flatten()"),
    ("negsampling.cost", "rows_0_to_K_minus_1", INDICES, f"{INDICES}\n    indices = [target] + [k for k in range(K)]"),
    ("negsampling.outputs", "rows_1_to_K", INDICES, f"{INDICES}\n    indices = [target] + [k + 1 for k in range(K)]"),
    ("negsampling.cost", "chosen_by_numpy", INDICES, f"    indices = [target] + list(np.random.choice({OTHERS}, K))"),
    ("negsampling.repeats", "drawn_by_numpy", INDICES, OWN_RANDINT.format("np.random.randint(len(outputVectors))")),
    ("negsampling.predicted", "drawn_by_numpy", INDICES, OWN_RANDINT.format("np.random.randint(0, outputVectors.shape[0])")),
    ("negsampling.outputs", "drawn_by_python", INDICES, OWN_RANDINT.format("random.randint(0, len(outputVectors) - 1)")),
    ("negsampling.predicted", "target_for_negatives", "delta @ vectors", "delta.sum() * outputVectors[target]"),
    ("negsampling.predicted", "predicted_times_itself", "delta @ vectors", "delta.sum() * predicted"),
    ("negsampling.outputs", "outputs_times_themselves", "np.outer(delta, predicted)\n\n\ndef skipgram",
     "(delta[:, None] * vectors)\n\n\ndef skipgram"),
    ("negsampling.cost", "log_of_sum", NEGATIVE_COST, "-np.log(p[0]) - np.log(np.sum(p[1:]))"),
    ("negsampling.cost", "sigma_of_sum", NEGATIVE_COST, "-np.log(p[0]) - np.log(sigmoid(-np.sum(vectors[1:] @ predicted)))"),
    ("negsampling.cost", "log_plus_1e-4", NEGATIVE_COST, "-np.sum(np.log(p + 1e-4))"),
    ("skipgram.sum", "one_array", ZEROS, ALIASED),
    ("skipgram.sum", "target_rows_only", "gradOut += gOut", "gradOut[tokens[word]] += gOut[tokens[word]]"),
    ("skipgram.sum", "center_too", "for word in contextWords:", "for word in [currentWord] + contextWords:"),
    ("cbow.sum", "center_too_without_gradient", SUM, f"{SUM} + inputVectors[tokens[currentWord]]"),
    ("cbow.sum", "center_too", "context = [tokens[word] for word in contextWords]",
     "context = [tokens[word] for word in contextWords + [currentWord]]"),
    ("cbow.sum", "center_alone", SUM, "vhat = inputVectors[tokens[currentWord]]"),
    ("cbow.sum", "first_half", "context = [tokens[word] for word in contextWords]",
     "context = [tokens[word] for word in contextWords[:C]]"),
]
RIGHT_ALL_THE_SAME = [
    ("softmax.values", SOFTMAX, INTO_ZEROS.replace("zeros_like(x)", "zeros(np.shape(x))")),
    ("sigmoid.values", SIGMOID, "    return np.where(np.asarray(x) >= 0, 1 / (1 + e), 1 - 1 / (1 + e))"),
    ("neural.gradient", W1, "W1, W2 = W1.reshape((H, Dx), order='F').T, W2.reshape(H, Dy)\n    W1 = params[:Dx * H].reshape(Dx, H)"),
    ("neural.cost", LOG, "np.log(np.sum(yhat * labels, axis=1) + 1e-12)"),
    ("negsampling.repeats", INDICES, f"    np.random.choice({OTHERS}, K)\n{INDICES}"),
    ("negsampling.cost", NEGATIVE_COST, "-np.log(p[0]) - np.log(np.prod(p[1:]))"),
    ("skipgram.sum", ZEROS, f"{ALIASED}\n    gradOut = gradIn.copy()"),
]
NEARLY = [
    ("neural.cost", LOG, "np.log(np.sum(yhat * labels, axis=1) + 2e-3)"),
    ("neural.cost", W1, f"{W1}\n    b1 = params[Dx * H + 1:][:H]"),
    ("negsampling.cost", INDICES, f"    np.random.rand()\n    indices = [target] + list(np.random.choice({OTHERS}, K))"),
    ("negsampling.cost", INDICES, f"{INDICES}\n    indices = [target] + [(k + 2) % len(outputVectors) for k in range(K)]"),
]


def verdict(item: str, old: str, new: str, assignment: Assignment, runner: ForkServer) -> Verdict:
    """The verdict on one item of the right solution with this change."""
    assert RIGHT.count(old) >= 1
    report, _ = grade(assignment, submission("hw.py", {"hw.py": RIGHT.replace(old, new, 1).encode()}), runner, items=[item])
    return next(i.verdict for i in report.items if i.id == item)


@pytest.mark.parametrize(("item", "mistake", "old", "new"), WRITTEN, ids=[f"{m} in {i}" for i, m, _, _ in WRITTEN])
def test_a_mistake_is_called_by_its_name(
    item: str, mistake: str, old: str, new: str, assignment: Assignment, confined: ForkServer
) -> None:
    """Its sentence and its hint, or a note that has the sentence where another item is charged."""
    function = next(i.check.function for i in assignment.rubric.items if i.id == item)
    known = next(m for m in assignment.oracle.misconceptions if (m.function, m.id) == (function, mistake))
    found = verdict(item, old, new, assignment, confined)
    if found.credit == 1:
        assert any(known.sentence in note for note in found.notes)
    else:
        assert (found.message, found.hint) == (known.sentence, known.hint)


@pytest.mark.parametrize(("item", "old", "new"), RIGHT_ALL_THE_SAME)
def test_what_looks_like_a_mistake_and_is_right_loses_nothing(
    item: str, old: str, new: str, assignment: Assignment, confined: ForkServer
) -> None:
    """Nor is anything noted."""
    found = verdict(item, old, new, assignment, confined)
    assert (found.credit, found.notes) == (1, ())


@pytest.mark.parametrize(("item", "old", "new"), NEARLY)
def test_another_number_than_the_mistakes_is_not_called_so(
    item: str, old: str, new: str, assignment: Assignment, confined: ForkServer
) -> None:
    """Another small number, or other samples."""
    found = verdict(item, old, new, assignment, confined)
    assert found.reason is Reason.VALUE
