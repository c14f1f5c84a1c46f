"""Named stand-ins: the callables and objects that handout functions take, built from numbers.

Used on both sides: the worker hands them to the student's function, the grader to the reference. They compute and,
where asked to, note how they were called; they know nothing of what is being judged.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Note = Callable[[str, tuple[Any, ...]], None]
"""Called with the method's name and its arguments, before the stand-in computes."""


def _ignore(method: str, args: tuple[Any, ...]) -> None:
    return


class Sampler:
    """``dataset`` of word2vec: token indices and contexts from a script, round and round."""

    def __init__(self, data: Mapping[str, Any], note: Note) -> None:
        self._script: list[int] = np.asarray(data["script"], int).tolist()
        self._words = [str(w) for w in data.get("words", ())]
        self._at = 0
        self._note = note

    def sampleTokenIdx(self) -> int:  # noqa: N802 - the handout's name
        """The next token index of the script."""
        self._note("sampleTokenIdx", ())
        self._at += 1
        return self._script[(self._at - 1) % len(self._script)]

    def getRandomContext(self, C: int = 5) -> tuple[str, list[str]]:  # noqa: N802 - the handout's names
        """A center word and at most 2C context words."""
        self._note("getRandomContext", (C,))
        return self._words[0], self._words[1 : 1 + 2 * C]


class CostFunction:
    """An arbitrary ``F(vector, target, vectors, dataset)``: no derivative of anything, but different everywhere.

    With t the target, v the predicted vector and U the output vectors::

        cost     = alpha_t (w . v) + sum(M * U)
        gradPred = alpha_t w + beta_t v
        grad     = gamma_t v^T + M        (gamma_t a column, one number for each word)

    Its arguments have the handout's `names`, of which the last, the dataset, may be left out: without it M is 0.
    """

    def __init__(self, data: Mapping[str, Any], note: Note) -> None:
        self._names = tuple(map(str, data["names"]))
        self._data = {k: np.asarray(v, float) for k, v in data.items() if k != "names"}
        self._note = note

    def __call__(self, *args: Any, **named: Any) -> tuple[float, np.ndarray, np.ndarray]:
        """Cost, gradient like the word's vector, gradient like all vectors."""
        d = self._data
        V, D = d["M"].shape
        given = dict(zip(self._names, args, strict=False))
        if twice := [name for name in named if name in given]:
            raise TypeError(f"the cost function was given {twice[0]} twice.")
        given |= named
        if missing := [name for name in self._names[:-1] if name not in given]:
            raise TypeError(f"the cost function was not given {missing[0]}; it takes ({', '.join(self._names)}).")
        predicted, target, vectors = (given[name] for name in self._names[:-1])
        u, index, U = _floats(predicted), _floats(target), _floats(vectors)
        if u is None or u.size != D:
            raise _refused(self._names[0], predicted, f"one word vector, of shape ({D},)")
        if index is None or index.size != 1 or not -V <= index.item() < V:
            raise _refused(self._names[1], target, f"the index of one word, from 0 to {V - 1}")
        if U is None or U.shape[-2:] != (V, D) or U.size != V * D:
            raise _refused(self._names[2], vectors, f"all vectors, of shape ({V}, {D})")
        shape, v, t = u.shape, u.reshape(-1), int(index.item())
        self._note("__call__", (v.copy(), t))
        M = d["M"] if hasattr(given.get(self._names[-1]), "sampleTokenIdx") else np.zeros((V, D))
        cost = d["alpha"][t] * float(d["w"] @ v) + float(np.sum(M * U))
        grad_predicted = d["alpha"][t] * d["w"] + d["beta"][t] * v
        return cost, grad_predicted.reshape(shape), np.outer(d["gamma"][t], v) + M


def _floats(x: Any) -> np.ndarray | None:
    """A copy of x as an array of floats; None if it is no numbers."""
    try:
        return np.array(x, float)
    except (TypeError, ValueError):
        return None


def _refused(name: str, x: Any, wanted: str) -> ValueError:
    """What a student reads who calls the cost function with something else."""
    try:
        one = np.asarray(x).tolist()
        # an object's repr may have its address in it, another one in every run
        told = repr(one)[:40] if isinstance(one, int | float | complex | str | bytes | None) else f"a {type(x).__name__}"
        given = f"an array of shape {np.shape(x)}" if np.shape(x) else told
    except ValueError:  # rows of different lengths
        given = f"a {type(x).__name__} that is no array"
    return ValueError(f"the cost function was given {given} for {name}; it takes {wanted}.")


def _entries(x: Any, size: int) -> np.ndarray:
    """A copy of the entries of x in row-major order."""
    y = np.array(x, float).reshape(-1)
    if y.size != size:
        raise ValueError(f"f was called with {y.size} numbers, but x has {size}: f takes the whole x")
    return y


def _like(x: Any, cost: Any, gradient: np.ndarray) -> tuple[float, Any]:
    """The cost is numpy's number, as those of the handout's functions are: some take its shape."""
    return np.float64(cost), float(gradient[0]) if isinstance(x, float | int) else gradient.reshape(np.shape(x))


class Objective:
    """``f(x) -> (cost, gradient)`` for ``sgd``: a quadratic, not separable.

    With y the entries of x in row-major order::

        cost     = y^T A y / 2 + b . y
        gradient = A y + b, like x
    """

    def __init__(self, data: Mapping[str, Any], note: Note) -> None:
        self._A, self._b = np.asarray(data["A"], float), np.asarray(data["b"], float)
        self._note = note

    def __call__(self, x: Any) -> tuple[float, Any]:
        """Cost and gradient at x."""
        self._note("__call__", (np.array(x, float),))
        y = _entries(x, self._b.size)
        slope = self._A @ y
        return _like(x, 0.5 * (y @ slope) + self._b @ y, slope + self._b)


class CostAndGradient:
    """``f(x) -> (cost, gradient)`` for ``gradcheck_naive``: two polynomials, of which one may be the other's gradient or not.

    With y the entries of x in row-major order, and powers of a vector taken entry by entry::

        z        = W y
        e        = noise * random.random(), drawn anew in every call
        cost     = (1 + e) (p . z + q . z^2 / 2 + r . z^3) + 10 e
        gradient = (1 + e) (g + G y + K (V y)^2), like x

    A right and a wrong gradient are the same kind of numbers, and no number of the gradient is one of the cost: whoever reads
    them off the object has to differentiate the cost to know which it is, as one who calls it has to.
    """

    def __init__(self, data: Mapping[str, Any], note: Note) -> None:
        self._W, self._p, self._q, self._r = (np.asarray(data[name], float) for name in "Wpqr")
        self._g, self._G, self._V, self._K = (np.asarray(data[name], float) for name in "gGVK")
        self._noise = float(data["noise"])
        self._note = note

    def __call__(self, x: Any) -> tuple[float, Any]:
        """Cost, and what is said to be its gradient, at x."""
        self._note("__call__", (np.array(x, float),))
        y = _entries(x, self._g.size)
        z, v = self._W @ y, self._V @ y
        cost, gradient = z @ (self._p + z * (0.5 * self._q + z * self._r)), self._g + self._G @ y + self._K @ (v * v)
        if self._noise:
            e = self._noise * random.random()  # noqa: S311 - the handout's f draws from this generator
            cost, gradient = (1.0 + e) * cost + 10.0 * e, (1.0 + e) * gradient
        return _like(x, cost, gradient)


class ConstantSlope:
    """``f(x) -> (0, slope)``: the cheapest objective, for tens of thousands of steps."""

    def __init__(self, data: Mapping[str, Any], note: Note) -> None:
        self._answer = (np.float64(0.0), float(data["slope"]))

    def __call__(self, x: Any) -> tuple[float, Any]:
        """Cost and slope, the same everywhere; the slope is like x."""
        if isinstance(x, np.ndarray) and x.ndim:
            return self._answer[0], np.full(x.shape, self._answer[1])
        return self._answer


class Postprocessing:
    """``postprocessing(x) -> scale x + shift``, on a new array or in place."""

    def __init__(self, data: Mapping[str, Any], note: Note) -> None:
        self._scale, self._shift = float(data["scale"]), float(data["shift"])
        self._in_place = bool(data.get("in_place", False))
        self._note = note

    def __call__(self, x: Any) -> Any:
        """The processed x; the same object if in place."""
        self._note("__call__", (np.array(x, float),))
        if not self._in_place or not isinstance(x, np.ndarray):
            return self._scale * x + self._shift
        x *= self._scale
        x += self._shift
        return x


STAND_INS: Mapping[str, Callable[[Mapping[str, Any], Note], Any]] = {
    "sampler": Sampler,
    "cost_function": CostFunction,
    "objective": Objective,
    "cost_and_gradient": CostAndGradient,
    "constant_slope": ConstantSlope,
    "postprocessing": Postprocessing,
}


def build(name: str, data: Mapping[str, Any], note: Note = _ignore) -> Any:
    """The stand-in of that name with these numbers; KeyError if there is none."""
    return STAND_INS[name](data, note)
