"""Known mistakes in forward_backward_prop."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from grader.trial import Misconception
from reference.cs224n_a1.solutions import Array, flat, log_softmax, sigmoid, sigmoid_grad, softmax
from reference.mistakes import Answer, log_plus, rows_of

OfTheta: TypeAlias = Callable[[Array, Array], Any]
"""(theta, labels) -> cost, or dJ/dtheta."""


def _cross_entropy(theta: Array, labels: Array) -> float:
    return -float(np.sum(labels * log_softmax(theta)))


def _yhat_minus_y(theta: Array, labels: Array) -> Any:
    return softmax(theta) - labels


def _sigmoid_cross_entropy(theta: Array, labels: Array) -> float:
    return float(np.sum(labels * np.logaddexp(0.0, -theta)))  # -log sigma(theta) = log(1 + e^-theta)


def _binary_cross_entropy(theta: Array, labels: Array) -> float:
    return float(np.sum(labels * np.logaddexp(0.0, -theta) + (1.0 - labels) * np.logaddexp(0.0, theta)))


def _sigmoid_minus_y(theta: Array, labels: Array) -> Any:
    return sigmoid(theta) - labels


def _squared_error(theta: Array, labels: Array) -> float:
    return 0.5 * float(np.sum((softmax(theta) - labels) ** 2))


def _binary_cost(theta: Array, labels: Array) -> float:
    return _cross_entropy(theta, labels) - float(np.sum((1.0 - labels) * np.log1p(-softmax(theta))))


def _mean_of_entries(theta: Array, labels: Array) -> float:
    return _cross_entropy(theta, labels) / labels.size


def _softmax_twice(theta: Array, labels: Array) -> float:
    return _cross_entropy(softmax(theta), labels)


def _sigmoid_minus_y_at_the_label(theta: Array, labels: Array) -> Any:
    return labels * (sigmoid(theta) - 1.0)


def _network(
    cost: OfTheta = _cross_entropy,
    dtheta: OfTheta = _yhat_minus_y,
    activation_slope: Callable[[Array, Array], Array] = lambda z, h: sigmoid_grad(h),
    scales: Callable[[int], tuple[float, float]] = lambda N: (1.0, 1.0),
    activation: Callable[[Array], Array] = sigmoid,
    biases: tuple[float, float] = (1.0, 1.0),
) -> Answer:
    """forward_backward_prop with one part changed.

    `scales` multiply cost and gradient, given N; `biases` multiply b1 and b2 in the forward pass.
    """

    def answer(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
        Dx, H, Dy = dimensions
        W1, b1, W2, b2 = np.split(params, np.cumsum([Dx * H, H, H * Dy]))
        z = data @ W1.reshape(Dx, H) + biases[0] * b1
        h = activation(z)
        theta = h @ W2.reshape(H, Dy) + biases[1] * b2
        delta = dtheta(theta, labels)
        dz = (delta @ W2.reshape(H, Dy).T) * activation_slope(z, h)
        of_cost, of_gradient = scales(len(data))
        gradient = flat(data.T @ dz, dz.sum(axis=0), h.T @ delta, delta.sum(axis=0))
        return of_cost * cost(theta, labels), of_gradient * gradient

    return answer


def _averaged(N: int) -> tuple[float, float]:
    return 1 / N, 1 / N


def _cost_of_squashed_scores(theta: Array, labels: Array) -> float:
    return _cross_entropy(sigmoid(theta), labels)


def _slope_of_squashed_scores(theta: Array, labels: Array) -> Any:
    return _yhat_minus_y(sigmoid(theta), labels) * sigmoid_grad(sigmoid(theta))


def _relu_slope(z: Array, h: Array) -> Array:
    return (z > 0) * 1.0


def _relu(z: Array) -> Array:
    return np.maximum(z, 0.0)


def _b1_without_slope(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
    Dx, H, _ = dimensions
    cost, gradient = _network()(data, labels, params, dimensions)
    _, straight = _network(activation_slope=lambda z, h: np.ones_like(z))(data, labels, params, dimensions)
    gradient[Dx * H : Dx * H + H] = straight[Dx * H : Dx * H + H]
    return cost, gradient


def _over_classes(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
    cost, gradient = _network()(data, labels, params, dimensions)
    return cost / dimensions[2], gradient / dimensions[2]


def _label_cost(of: Callable[[Array], Array]) -> Answer:
    """The gradient right, and the cost a sum over the labels of something else than -log yhat, given yhat."""
    return _network(lambda theta, labels: float(np.sum(labels * of(softmax(theta)))))


def _softmax_over(axis: int | None) -> Answer:
    """The softmax over the columns, or over all entries."""
    def yhat(theta: Array) -> Array:
        weights = np.exp(theta - theta.max())
        return np.asarray(weights / weights.sum(axis=axis, keepdims=True))

    return _network(lambda theta, y: -float(np.sum(y * np.log(yhat(theta)))), lambda theta, y: yhat(theta) - y)


def _biased(*, consistent: bool) -> Answer:
    """With h = sigma(x W1) + b1, and the slope of that, or h (1 - h)."""
    def answer(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
        Dx, H, _ = dimensions
        of_b1 = slice(Dx * H, Dx * H + H)

        def with_slope(slope: Callable[[Array, Array], Array]) -> tuple[float, Array]:
            network = _network(activation=lambda z: sigmoid(z) + params[of_b1], activation_slope=slope, biases=(0.0, 1.0))
            cost, gradient = network(data, labels, params, dimensions)
            return cost, gradient

        if not consistent:
            return with_slope(lambda z, h: sigmoid_grad(h))
        cost, gradient = with_slope(lambda z, h: sigmoid_grad(sigmoid(z)))
        gradient[of_b1] = with_slope(lambda z, h: np.ones_like(z))[1][of_b1]
        return cost, gradient

    return answer


def _backward(dz: Callable[[Array, Array, Array], Array]) -> Answer:
    """With another dJ/dz, given dJ/dtheta, W2 and h."""
    def answer(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
        cost, gradient = _network()(data, labels, params, dimensions)
        read, right = (_blocks(vector, _ORDER, dimensions) for vector in (params, gradient))
        Dx, H, Dy = dimensions
        h, W2 = sigmoid(data @ read["W1"].reshape(Dx, H) + read["b1"]), read["W2"].reshape(H, Dy)
        wrong = dz(softmax(h @ W2 + read["b2"]) - labels, W2, h)
        return cost, flat(data.T @ wrong, wrong.sum(axis=0), right["W2"], right["b2"])

    return answer


def _of_one_example(number: int, *names: str) -> Answer:
    """With these of the cost and the blocks of the gradient those of one example: ``=`` in a loop for ``+=``, or a return inside it."""
    def answer(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
        one = slice(number, number + 1 or None)
        (cost, gradient), (of_one, gradient_of_one) = (
            _network()(data[n], labels[n], params, dimensions) for n in (slice(None), one))
        every, single = (_blocks(g, _ORDER, dimensions) for g in (gradient, gradient_of_one))
        return of_one if "cost" in names else cost, flat(*((single if name in names else every)[name] for name in every))

    return answer


_ORDER = "W1 b1 W2 b2"


def _blocks(vector: Array, order: str, dimensions: Sequence[int]) -> dict[str, Array]:
    Dx, H, Dy = dimensions
    sizes = {"W1": Dx * H, "b1": H, "W2": H * Dy, "b2": Dy}
    return dict(zip(order.split(), np.split(vector, np.cumsum([sizes[name] for name in order.split()])[:-1]), strict=True))


def _laid_out(unpacked: str = _ORDER, packed: str = _ORDER) -> Answer:
    """With params read, or the gradient written, in another order of its blocks."""
    def answer(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
        read = _blocks(params, unpacked, dimensions)
        cost, gradient = _network()(data, labels, flat(*(read[name] for name in _ORDER.split())), dimensions)
        written = _blocks(gradient, _ORDER, dimensions)
        return cost, flat(*(written[name] for name in packed.split()))

    return answer


def _not_moved_on(after: str) -> Answer:
    """With params unpacked by an offset that this block does not move on: those after it begin where it does."""
    def answer(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
        read, at = _blocks(params, _ORDER, dimensions), 0
        for name, block in read.items():
            read[name] = params[at : at + block.size]
            at += block.size if name != after else 0
        cost, gradient = _network()(data, labels, flat(*read.values()), dimensions)
        return cost, gradient

    return answer


def _by_columns(names: str, *, written: bool) -> Answer:
    """With these weights read column by column, and their gradients written so or not."""
    def answer(data: Array, labels: Array, params: Array, dimensions: Sequence[int]) -> tuple[float, Array]:
        Dx, H, Dy = dimensions
        shapes = {"W1": (Dx, H), "W2": (H, Dy)}
        read = _blocks(params, _ORDER, dimensions)
        for name in names.split():
            read[name] = read[name].reshape(shapes[name], order="F")
        cost, gradient = _network()(data, labels, flat(*read.values()), dimensions)
        blocks = _blocks(gradient, _ORDER, dimensions)
        for name in names.split() if written else ():
            blocks[name] = blocks[name].reshape(shapes[name]).ravel(order="F")
        return cost, flat(*blocks.values())

    return answer


def _all_pairs(theta: Array, labels: Array) -> float:
    return -float(np.sum(log_softmax(theta)[:, labels.argmax(axis=1)]))


def _of_the_likeliest(theta: Array, labels: Array) -> float:
    return -float(np.sum(log_softmax(theta).max(axis=1)))


def _yhat_minus_1_at_the_label(theta: Array, labels: Array) -> Any:
    return labels * (softmax(theta) - 1.0)


def _likeliest(theta: Array) -> Array:
    """One-hot rows of the classes that yhat takes for the likeliest."""
    return np.eye(theta.shape[1])[theta.argmax(axis=1)]


def _yhat_minus_likeliest(theta: Array, labels: Array) -> Any:
    return softmax(theta) - _likeliest(theta)


def _zero_where_right(theta: Array, labels: Array) -> Any:
    return _yhat_minus_y(theta, labels) * np.any(_likeliest(theta) != labels, axis=1, keepdims=True)


def _label_lost_at_the_largest(theta: Array, labels: Array) -> Any:
    return softmax(theta) - labels * (theta != theta.max())


def _label_lost_at_the_likeliest(theta: Array, labels: Array) -> Any:
    return softmax(theta) - labels * (1.0 - _likeliest(theta))


def _label_lost_elsewhere(theta: Array, labels: Array) -> Any:
    return softmax(theta) - labels * _likeliest(theta)


def _slope_of_each_yhat(theta: Array, labels: Array) -> Any:
    yhat = softmax(theta)
    return -sigmoid_grad(yhat) / np.sum(labels * yhat, axis=1, keepdims=True)


def _times_slope_of_yhat(theta: Array, labels: Array) -> Any:
    return _yhat_minus_y(theta, labels) * sigmoid_grad(softmax(theta))


def _with_log_plus(small: float) -> Answer:
    return _label_cost(lambda p: -np.log(p + small))


_TO_READ_BY_ROWS = "Write params[:Dx * H].reshape(Dx, H), and flatten the gradient of W1 as it is."
_TO_ADD_UP = "Begin with zeros before the loop, and add up with += in it."
_TO_UNPACK = "Reshape in the usual order, row by row: no order='F', and no transpose before flattening."
_TO_LAY_OUT = "Write W1, b1, W2, b2, one after the other, for params and for the gradient."

NEURAL: tuple[Misconception, ...] = (
    *rows_of(
        "forward_backward_prop",
        ("mean_over_N", "You averaged over the N examples; the handout sums over them.",
         "Leave out the division by N.", _network(scales=_averaged)),
        ("mean_gradient", "You divided the gradient by N, but not the cost; the handout sums over the N examples.",
         "Leave out the division by N in the gradient.", _network(scales=lambda N: (1.0, 1 / N))),
        ("mean_over_Dy", "You divided by Dy, the number of classes; the handout sums over the N examples.",
         "Leave out the division.", _over_classes),
        ("sigmoid_output_binary", "Your output layer is a sigmoid with the binary cross-entropy of every class; the handout has a softmax.",
         "Apply softmax to h W2 + b2, and take -sum(y log yhat).", _network(_binary_cross_entropy, _sigmoid_minus_y)),
        ("sigmoid_output", "Your output layer is a sigmoid; the handout has a softmax.",
         "Apply softmax to h W2 + b2.", _network(_sigmoid_cross_entropy, _sigmoid_minus_y)),
        ("sigmoid_output_consistent", "Your output layer is a sigmoid, and your gradient is right for that; the handout has a softmax.",
         "Apply softmax to h W2 + b2; dJ/dtheta is then yhat - y.", _network(_sigmoid_cross_entropy, _sigmoid_minus_y_at_the_label)),
        ("slope_of_z", "You gave sigmoid_grad the pre-activation z; it takes the sigmoid's value h.",
         "Call sigmoid_grad(h).", _network(activation_slope=lambda z, h: sigmoid_grad(z))),
        ("slope_of_sigmoid_of_h", "You applied the sigmoid once more before taking its derivative; h is the sigmoid's value already.",
         "Call sigmoid_grad(h).", _network(activation_slope=lambda z, h: sigmoid_grad(sigmoid(h)))),
        ("slope_twice", "You applied sigmoid_grad twice.", "Call sigmoid_grad(h) once.",
         _network(activation_slope=lambda z, h: sigmoid_grad(sigmoid_grad(h)))),
        ("no_activation_slope", "Your gradient goes through the hidden layer without the derivative of the sigmoid.",
         "Multiply dJ/dh by sigmoid_grad(h), entry by entry.", _network(activation_slope=lambda z, h: np.ones_like(z))),
        ("no_b1", "Your hidden layer leaves out its bias b1.", "Write h = sigmoid(x W1 + b1).", _network(biases=(0.0, 1.0))),
        ("no_b2", "Your output layer leaves out its bias b2.", "Write yhat = softmax(h W2 + b2).", _network(biases=(1.0, 0.0))),
        ("tanh_layer", "Your hidden layer is a tanh; the handout has a sigmoid.",
         "Apply sigmoid to x W1 + b1.", _network(activation=np.tanh, activation_slope=lambda z, h: 1 - h * h)),
        ("relu_layer", "Your hidden layer is a ReLU; the handout has a sigmoid.",
         "Apply sigmoid to x W1 + b1.", _network(activation=_relu, activation_slope=_relu_slope)),
        ("linear_layer", "Your hidden layer has no activation; the handout has a sigmoid.",
         "Apply sigmoid to x W1 + b1.", _network(activation=lambda z: z, activation_slope=lambda z, h: np.ones_like(z))),
        ("activation_left_out", "Your hidden layer lacks the sigmoid in the forward pass; the backward pass has its derivative.",
         "Apply sigmoid to x W1 + b1.", _network(activation=lambda z: z)),
        ("tanh_with_slope_of_sigmoid",
         "Your hidden layer is a tanh, with the derivative of the sigmoid; the handout has the sigmoid in both.",
         "Apply sigmoid to x W1 + b1.", _network(activation=np.tanh)),
        ("b1_without_slope", "The gradient of b1 lacks the derivative of the sigmoid.",
         "Sum dJ/dz over the examples, not dJ/dh.", _b1_without_slope),
        ("no_minus_y", "The gradient uses yhat where yhat - y belongs.", "Start the backward pass with yhat - y.",
         _network(dtheta=lambda theta, y: softmax(theta))),
        ("minus_one_everywhere", "The gradient subtracts 1 from yhat at every class; it is subtracted at the label alone.",
         "Start the backward pass with yhat - y.", _network(dtheta=lambda theta, y: softmax(theta) - 1.0)),
        ("plus_y", "The gradient uses yhat + y where yhat - y belongs.", "Start the backward pass with yhat - y.",
         _network(dtheta=lambda theta, y: softmax(theta) + y)),
        ("only_at_the_label", "The gradient uses yhat - 1 at the label and 0 at the other classes; there it is yhat.",
         "Start the backward pass with yhat - y, for all classes.", _network(dtheta=_yhat_minus_1_at_the_label)),
        ("minus_likeliest", "The gradient subtracts 1 where yhat is largest; it belongs at the label, whatever yhat is.",
         "Start the backward pass with yhat - y: take the argmax of labels, not of yhat.", _network(dtheta=_yhat_minus_likeliest)),
        ("zero_where_right", "Your gradient is zero for examples whose label is the likeliest class; it is yhat - y for them too.",
         "Start the backward pass with yhat - y, for all examples.", _network(dtheta=_zero_where_right)),
        ("label_lost_at_the_largest", "The gradient does not subtract y where the label has the largest score of all.",
         "Start the backward pass with yhat - y; the largest score matters inside softmax alone.",
         _network(dtheta=_label_lost_at_the_largest)),
        ("label_lost_at_the_likeliest", "The gradient does not subtract y where the label is the likeliest class.",
         "Start the backward pass with yhat - y, for all examples.", _network(dtheta=_label_lost_at_the_likeliest)),
        ("label_lost_elsewhere", "The gradient subtracts y only where the label is the likeliest class.",
         "Start the backward pass with yhat - y, for all examples.", _network(dtheta=_label_lost_elsewhere)),
        ("minus_one_for_yhat", "Your gradient has -1 at the label; it is yhat - 1 there.",
         "Start the backward pass with yhat - y: subtract 1 with -=, do not put -1 there.",
         _network(dtheta=lambda theta, y: np.where(y > 0, -1.0, softmax(theta)))),
        ("twice", "Your gradient is twice yhat - y, from the first step back on.", "Start the backward pass with yhat - y itself.",
         _network(dtheta=lambda theta, y: 2.0 * _yhat_minus_y(theta, y))),
        ("slope_of_each_yhat", "You took yhat (1 - yhat) for the derivative of the softmax in every entry; yhat depends on all of theta.",
         "Start the backward pass with yhat - y, which is dJ/dtheta.", _network(dtheta=_slope_of_each_yhat)),
        ("all_classes", "Your cost sums -log yhat over all classes; it is that of each example's label alone.",
         "Write -sum(y log yhat).", _network(lambda theta, y: -float(np.sum(log_softmax(theta))))),
        ("no_log", "Your cost is -yhat at the label; the logarithm is missing.", "Write -sum(y log yhat).", _label_cost(lambda p: -p)),
        ("log10", "You took the logarithm to base 10; the handout's is the natural one.", "Write np.log.",
         _label_cost(lambda p: -np.log10(p))),
        ("log2", "You took the logarithm to base 2; the handout's is the natural one.", "Write np.log.",
         _label_cost(lambda p: -np.log2(p))),
        ("one_minus_yhat", "Your cost takes log(1 - yhat) at the label; it is -log yhat there.", "Write -sum(y log yhat).",
         _label_cost(lambda p: -np.log1p(-p))),
        ("whole_softmax", "Your output layer divides by one sum for all examples; each row of yhat has a sum of its own.",
         "Sum over axis 1, with keepdims=True, or call your softmax.", _softmax_over(None)),
        ("column_softmax", "Your output layer sums over the examples; each row of yhat is to sum to 1.",
         "Sum over axis 1, with keepdims=True, or call your softmax.", _softmax_over(0)),
        ("weights_before_biases", "You read and write the blocks in the order W1, W2, b1, b2; the handout's is W1, b1, W2, b2.",
         _TO_LAY_OUT, _laid_out("W1 W2 b1 b2", "W1 W2 b1 b2")),
        ("params_weights_before_biases", "You read params in the order W1, W2, b1, b2; the handout's is W1, b1, W2, b2.",
         _TO_LAY_OUT, _laid_out("W1 W2 b1 b2")),
        ("gradient_weights_before_biases", "Your gradient has the order W1, W2, b1, b2; the handout's is W1, b1, W2, b2.",
         _TO_LAY_OUT, _laid_out(packed="W1 W2 b1 b2")),
        ("gradient_last_layer_first", "Your gradient has the order W2, b2, W1, b1; the handout's is W1, b1, W2, b2.",
         _TO_LAY_OUT, _laid_out(packed="W2 b2 W1 b1")),
        ("gradient_biases_first", "Your gradient has the order b1, W1, b2, W2; the handout's is W1, b1, W2, b2.",
         _TO_LAY_OUT, _laid_out(packed="b1 W1 b2 W2")),
        ("W1_by_columns", "You read W1 as an (H, Dx) array and transposed it; params hold it row by row, as (Dx, H).",
         _TO_READ_BY_ROWS, _by_columns("W1", written=True)),
        ("params_W1_by_columns",
         "You read W1 as an (H, Dx) array and transposed it, but not its gradient; params hold W1 row by row, as (Dx, H).",
         _TO_READ_BY_ROWS, _by_columns("W1", written=False)),
        ("weights_by_columns", "You read W1 and W2 column by column; params hold them row by row.", _TO_UNPACK,
         _by_columns("W1 W2", written=True)),
        ("params_weights_by_columns", "You read W1 and W2 column by column, but write their gradients row by row, as params hold them.",
         _TO_UNPACK, _by_columns("W1 W2", written=False)),
        *((f"offset_stays_after_{name}", f"You read {late} from where {name} begins in params: the offset does not move on after {name}.",
           "Add to the offset after each block: Dx*H after W1, H after b1, H*Dy after W2.", _not_moved_on(name))
          for name, late in (("W1", "b1"), ("b1", "W2"), ("W2", "b2"))),
        ("b1_outside", "Your hidden layer adds b1 outside the sigmoid.", "Write h = sigmoid(x W1 + b1).", _biased(consistent=True)),
        ("b1_outside_slope_of_h", "Your hidden layer adds b1 outside the sigmoid, and your gradient has h (1 - h) of that h.",
         "Write h = sigmoid(x W1 + b1).", _biased(consistent=False)),
        ("W2_reshaped", "Your backward pass has W2 reshaped to (Dy, H), which keeps the order of the entries; it is W2 transposed.",
         "Write dJ/dh = (yhat - y) W2^T, with W2.T.", _backward(lambda delta, W2, h: (delta @ W2.reshape(W2.T.shape)) * sigmoid_grad(h))),
        ("slope_of_dh", "You applied sigmoid_grad to dJ/dh; it takes h, and is a factor beside dJ/dh.",
         "Write dJ/dz = dJ/dh * sigmoid_grad(h), entry by entry.", _backward(lambda delta, W2, h: sigmoid_grad(delta @ W2.T))),
        ("slope_h", "You multiplied dJ/dh by h; the factor 1 - h is missing.", "Multiply dJ/dh by sigmoid_grad(h), which is h (1 - h).",
         _backward(lambda delta, W2, h: (delta @ W2.T) * h)),
        ("slope_one_minus_h", "You multiplied dJ/dh by 1 - h; the factor h is missing.",
         "Multiply dJ/dh by sigmoid_grad(h), which is h (1 - h).", _backward(lambda delta, W2, h: (delta @ W2.T) * (1 - h))),
        ("times_slope_of_yhat", "You multiplied yhat - y by yhat (1 - yhat); yhat - y is dJ/dtheta already.",
         "Start the backward pass with yhat - y itself.", _network(dtheta=_times_slope_of_yhat)),
        ("W2_of_last_example", "The gradient of W2 is that of the last example alone.", _TO_ADD_UP, _of_one_example(-1, "W2")),
        ("W1_of_last_example", "The gradient of W1 is that of the last example alone.", _TO_ADD_UP, _of_one_example(-1, "W1")),
        ("weights_of_last_example", "The gradients of W1 and W2 are those of the last example alone.", _TO_ADD_UP,
         _of_one_example(-1, "W1", "W2")),
        ("b1_of_last_example", "The gradient of b1 is that of the last example alone.", _TO_ADD_UP, _of_one_example(-1, "b1")),
        ("b2_of_last_example", "The gradient of b2 is that of the last example alone.", _TO_ADD_UP, _of_one_example(-1, "b2")),
        ("biases_of_last_example", "The gradients of b1 and b2 are those of the last example alone.", _TO_ADD_UP,
         _of_one_example(-1, "b1", "b2")),
        ("gradient_of_last_example", "Your gradient is that of the last example alone.", _TO_ADD_UP, _of_one_example(-1, *_ORDER.split())),
        ("cost_of_last_example", "Your cost is that of the last example alone.", _TO_ADD_UP, _of_one_example(-1, "cost")),
        ("last_example", "You returned what belongs to the last example alone.", _TO_ADD_UP,
         _of_one_example(-1, "cost", *_ORDER.split())),
        ("first_example", "You returned what belongs to the first example alone.", "Return after the loop over the examples, not in it.",
         _of_one_example(0, "cost", *_ORDER.split())),
        ("all_pairs", "Your cost takes each example's yhat at the labels of all examples; it is that of its own label alone.",
         "Write yhat[np.arange(N), labels.argmax(axis=1)], or -sum(y log yhat).", _network(_all_pairs)),
        ("likeliest", "Your cost takes yhat where it is largest; it is that of the label, whatever yhat is.",
         "Take the argmax of labels, not of yhat, or write -sum(y log yhat).", _network(_of_the_likeliest)),
        ("overwritten", "Your cost has the logarithm of yhat - 1, which is negative: yhat was changed in place before.",
         "Take the logarithm before you subtract y, or subtract it from a copy: yhat.copy().", _network(lambda theta, y: math.nan)),
        *log_plus("log yhat", _with_log_plus),
        ("mean_of_entries", "You averaged the cost over all entries of y log yhat; the handout sums over them.",
         "Write np.sum in place of np.mean.", _network(_mean_of_entries)),
        ("squared_error", "Your cost is the squared error; the handout has the cross-entropy.", "Write -sum(y log yhat).",
         _network(_squared_error)),
        ("binary_cost", "Your cost is the binary cross-entropy of every class; the handout has -sum(y log yhat).",
         "Leave out (1 - y) log(1 - yhat).", _network(_binary_cost)),
        ("softmax_twice", "Your cost takes the softmax of yhat, which is one already.",
         "Write -sum(y log yhat).", _network(_softmax_twice)),
        ("sign_of_cost", "Your cost has the wrong sign: it is -sum(y log yhat).",
         "Put the minus back in front of the sum.", _network(scales=lambda N: (-1.0, 1.0))),
        ("sign_of_both", "Your cost and its gradient both have the wrong sign: the cost is -sum(y log yhat).",
         "Put the minus back in front of the sum; dJ/dtheta is yhat - y.", _network(scales=lambda N: (-1.0, -1.0))),
        ("sign_of_gradient", "Your gradient has the wrong sign: dJ/dtheta is yhat - y, not y - yhat.",
         "Start the backward pass with yhat - y.", _network(scales=lambda N: (1.0, -1.0))),
        # two at once, with the mean over N, which is the most common of all: for N = 1 they are the ones above
        ("sigmoid_output_binary_mean",
         "Your output layer is a sigmoid with the binary cross-entropy of every class, and you averaged over the N examples.",
         "Apply softmax to h W2 + b2, take -sum(y log yhat), and leave out the division by N.",
         _network(_binary_cross_entropy, _sigmoid_minus_y, scales=_averaged)),
        ("sigmoid_output_mean", "Your output layer is a sigmoid, where the handout has a softmax, and you averaged over the N examples.",
         "Apply softmax to h W2 + b2, and leave out the division by N.",
         _network(_sigmoid_cross_entropy, _sigmoid_minus_y, scales=_averaged)),
        ("relu_layer_mean", "Your hidden layer is a ReLU, where the handout has a sigmoid, and you averaged over the N examples.",
         "Apply sigmoid to x W1 + b1, and leave out the division by N.",
         _network(activation=_relu, activation_slope=_relu_slope, scales=_averaged)),
        ("tanh_layer_mean", "Your hidden layer is a tanh, where the handout has a sigmoid, and you averaged over the N examples.",
         "Apply sigmoid to x W1 + b1, and leave out the division by N.",
         _network(activation=np.tanh, activation_slope=lambda z, h: 1 - h * h, scales=_averaged)),
        ("sign_of_both_mean", "Your cost and its gradient both have the wrong sign, and you averaged over the N examples.",
         "Put the minus back in front of the sum, and leave out the division by N.", _network(scales=lambda N: (-1 / N, -1 / N))),
        ("no_activation_slope_mean",
         "Your gradient goes through the hidden layer without the derivative of the sigmoid, and you averaged over the N examples.",
         "Multiply dJ/dh by sigmoid_grad(h), entry by entry, and leave out the division by N.",
         _network(activation_slope=lambda z, h: np.ones_like(z), scales=_averaged)),
        ("slope_of_z_mean",
         "You gave sigmoid_grad the pre-activation z, where it takes the sigmoid's value h, and you averaged over the N examples.",
         "Call sigmoid_grad(h), and leave out the division by N.",
         _network(activation_slope=lambda z, h: sigmoid_grad(z), scales=_averaged)),
        ("sigmoid_before_softmax", "Your output layer applies a sigmoid before the softmax; the handout has the softmax alone.",
         "Apply softmax to h W2 + b2 itself.", _network(_cost_of_squashed_scores, _slope_of_squashed_scores)),
        ("sigmoid_before_softmax_without_slope",
         "Your output layer applies a sigmoid before the softmax, and your gradient goes back without its derivative.",
         "Apply softmax to h W2 + b2 itself.",
         _network(_cost_of_squashed_scores, lambda theta, y: _yhat_minus_y(sigmoid(theta), y))),
    ),
)
