"""Random sizes and arguments from declared specs."""

from collections.abc import Callable, Mapping

import numpy as np

from grader.core import dims
from grader.core.interface import (
    ArraySpec,
    ConstantSpec,
    ContextSpec,
    DimRange,
    FunctionSpec,
    IndexSpec,
    NumberSpec,
    SizeSpec,
    SizesSpec,
    Spec,
    StandInSpec,
    WordSpec,
    WordsSpec,
)
from grader.core.probe import StandIn, Value

Rng = np.random.Generator
Sizes = Mapping[str, int]
Drawn = Mapping[str, Value]
"""The arguments drawn so far, by parameter name: a context needs its dictionary."""

_SCRIPT = 200  # entries of a sampler's script; longer than any K, so that a case never meets the same stretch twice


def draw_sizes(
    function: FunctionSpec, ranges: Mapping[str, DimRange], fixed: Sizes, rng: Rng, number: int, count: int
) -> dict[str, int]:
    """Sizes for every dim of the function: pairwise distinct where the ranges allow, growing with the number of the case.

    Parameters
    ----------
    fixed : mapping of str to int
        Sizes that the case prescribes; equal ones are meant.
    number, count : int
        This is case `number` of `count`: the first draws from the low end of each range, the last from all of it.
    """
    sizes = dict(fixed)
    share = (number + 1) / count
    used = function.dims
    for name, span in ranges.items():
        if name in sizes or name not in used:
            continue
        top = span.low + round((span.high - span.low) * share)
        near = [s for s in range(span.low, top + 1) if s not in sizes.values()]
        anywhere = [s for s in range(span.low, span.high + 1) if s not in sizes.values()]
        choices = near or anywhere[:1] or list(range(span.low, span.high + 1))
        sizes[name] = int(rng.choice(choices))
    return sizes


def draw_arguments(
    function: FunctionSpec, sizes: Sizes, variants: Mapping[str, str], rng: Rng, number: int
) -> tuple[Value, ...]:
    """Arguments for one call, in order.

    Parameters
    ----------
    variants : mapping of str to str
        By parameter name: which kind of stand-in or context.
    number : int
        This is case `number`. The numbers of the first have two decimals: a student will read it first.
    """
    drawn: dict[str, Value] = {}
    for param in sorted(function.params, key=lambda p: _ORDER.get(type(p.spec), 0)):
        drawn[param.name] = _draw(param.spec, sizes, rng, drawn, variants.get(param.name, ""), number)
    return tuple(drawn[name] for name in function.param_names)


# a word needs its dictionary, a context its center word, a sampler's script the target that it must hit
_ORDER: Mapping[type, int] = {WordsSpec: -1, WordSpec: 0, ContextSpec: 1, StandInSpec: 2}


def draw_array(spec: ArraySpec, sizes: Sizes, rng: Rng, variant: str, number: int) -> np.ndarray | float:
    """An array of the spec's shape and domain, or the variant of it that a case asks for (see `ArraySpec`)."""
    shape = dims.shape_of(spec.shape, sizes)
    if variant in ("vector", "int_vector"):
        shape = shape[-1:]
    elif variant == "cube":
        shape = (2, *shape)
    elif variant == "scalar":
        return round(float(_DOMAINS[spec.domain](spec, (), sizes, rng, number)), 2)
    if variant in ("integers", "int_vector"):
        return _integers(spec, shape, sizes, rng, number)
    values = _DOMAINS[spec.domain](spec, shape, sizes, rng, number)
    if number == 0 and values.dtype.kind == "f" and spec.domain not in ("probability_rows", "one_hot_rows"):
        values = np.round(values, 2)
    return values.astype(np.int64 if spec.dtype == "int" else float)


def _real(spec: ArraySpec, shape: tuple[int, ...], sizes: Sizes, rng: Rng, number: int) -> np.ndarray:
    return np.asarray(rng.normal(0.0, spec.scale, shape))


def _integers(spec: ArraySpec, shape: tuple[int, ...], sizes: Sizes, rng: Rng, number: int) -> np.ndarray:
    return np.asarray(rng.integers(-5, 6, shape))


def _unit(spec: ArraySpec, shape: tuple[int, ...], sizes: Sizes, rng: Rng, number: int) -> np.ndarray:
    return np.asarray(rng.uniform(0.02, 0.98, shape))


def _probability_rows(spec: ArraySpec, shape: tuple[int, ...], sizes: Sizes, rng: Rng, number: int) -> np.ndarray:
    weights = rng.uniform(0.1, 1.0, shape)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _one_hot_rows(spec: ArraySpec, shape: tuple[int, ...], sizes: Sizes, rng: Rng, number: int) -> np.ndarray:
    return np.asarray(np.eye(shape[-1])[_indices(shape[:-1], shape[-1], rng, number)])


def _labels(spec: ArraySpec, shape: tuple[int, ...], sizes: Sizes, rng: Rng, number: int) -> np.ndarray:
    return _indices(shape, _size(spec.below, sizes), rng, number)


def _indices(shape: tuple[int, ...], below: int, rng: Rng, number: int) -> np.ndarray:
    """Random indices, both ends among them: code that goes wrong at one of them does so whatever the seed.

    Where there is room for a single index, the first of every three cases has the last one, and the second has 0.
    """
    drawn = np.asarray(rng.integers(0, below, shape))
    ends = (below - 1, 0)
    if drawn.size > 1:
        drawn.flat[0], drawn.flat[-1] = ends
    elif number % 3 < len(ends):
        drawn[...] = ends[number % 3]
    return drawn


def _nonzero_rows(spec: ArraySpec, shape: tuple[int, ...], sizes: Sizes, rng: Rng, number: int) -> np.ndarray:
    values = _real(spec, shape, sizes, rng, number)
    values[np.linalg.norm(values, axis=-1) < 0.1] = spec.scale
    return values


_DOMAINS: Mapping[str, Callable[[ArraySpec, tuple[int, ...], Sizes, Rng, int], np.ndarray]] = {
    "real": _real,
    "integers": _integers,
    "unit": _unit,
    "probability_rows": _probability_rows,
    "one_hot_rows": _one_hot_rows,
    "labels": _labels,
    "nonzero_rows": _nonzero_rows,
}


def _size(text: str | None, sizes: Sizes) -> int:
    return dims.evaluate(dims.parse_size(text or "0"), sizes)


def _draw(spec: Spec, sizes: Sizes, rng: Rng, drawn: Drawn, variant: str, number: int) -> Value:
    match spec:
        case ArraySpec():
            return draw_array(spec, sizes, rng, variant, number)
        case IndexSpec(below=below):
            return int(_indices((), _size(below, sizes), rng, number))
        case SizeSpec(of=size):
            return _size(size, sizes)
        case SizesSpec(of=several):
            return [_size(s, sizes) for s in several]
        case NumberSpec(low=low, high=high):
            return round(float(rng.uniform(low, high)), 3)
        case WordsSpec(count=count):
            n = _size(count, sizes)
            return {f"word{i}": int(j) for i, j in enumerate(rng.permutation(n))}
        case WordSpec(of=of):
            return str(rng.choice(sorted(_dictionary(drawn, of))))
        case ContextSpec():
            return _context(spec, sizes, rng, drawn, variant)
        case StandInSpec():
            return _STAND_INS[spec.name](spec, sizes, rng, drawn, variant)
        case ConstantSpec(value=value):
            return value


def _dictionary(drawn: Drawn, name: str) -> dict[str, Value]:
    words = drawn.get(name)
    if not isinstance(words, dict):
        raise TypeError(f"the parameter {name} should be drawn before, and be a dictionary of words")
    return words


def _context(spec: ContextSpec, sizes: Sizes, rng: Rng, drawn: Drawn, variant: str) -> Value:
    words = sorted(_dictionary(drawn, spec.of))
    center = str(drawn[spec.center]) if spec.center else None
    others = [w for w in words if w != center] or words
    longest = max(1, _size(spec.length, sizes))
    rng.shuffle(others)
    if variant == "one":
        return [others[0]]
    if variant == "distinct":
        return list(others[:longest])
    context = [str(w) for w in rng.choice(others, max(longest - 1, 1))]
    if variant == "center" and center is not None:
        context[0] = center
    # default and "repeats": one word at least twice, as a window over text has them
    context.append(context[0])
    return list(context[:max(longest, 2)])


def _sampler(spec: StandInSpec, sizes: Sizes, rng: Rng, drawn: Drawn, variant: str) -> Value:
    count = _size(spec.count, sizes)
    target = drawn.get(spec.target) if spec.target else None
    target = target if isinstance(target, int) else None
    others = [i for i in range(count) if i != target] or [0]
    if variant == "one_word":
        script = [int(rng.choice(others))] * _SCRIPT
    elif variant == "distinct":
        script = [int(i) for _ in range(_SCRIPT // len(others) + 1) for i in rng.permutation(others)]
    elif variant == "target" and target is not None:
        # once, then twice in a row: to draw again once is not enough
        turns = (k for _ in range(_SCRIPT // len(others) + 1) for k in enumerate(rng.permutation(others)))
        script = [int(i) for turn, other in turns for i in (*[target] * (1 + turn % 2), other)]
    elif variant == "repeats":
        script = [int(i) for i in rng.choice(others, _SCRIPT)]
    else:
        script = [int(i) for i in rng.integers(0, count, _SCRIPT)]
        script[0] = others[0]  # a script of targets alone would never end
    return StandIn("sampler", {"script": np.array(script), "words": [f"word{i % count}" for i in range(8)]})


def _cost_function(spec: StandInSpec, sizes: Sizes, rng: Rng, drawn: Drawn, variant: str) -> Value:
    count, size = _size(spec.count, sizes), _size(spec.size, sizes)
    return StandIn("cost_function", {
        "alpha": rng.normal(size=count), "beta": rng.normal(size=count), "gamma": rng.normal(size=(count, count)),
        "w": rng.normal(size=size), "M": rng.normal(size=(count, size)), "names": list(spec.parameters or ()),
    })


def _objective(spec: StandInSpec, sizes: Sizes, rng: Rng, drawn: Drawn, variant: str) -> Value:
    n = _size(spec.size, sizes)
    half = rng.normal(size=(n, n)) / np.sqrt(n)
    return StandIn("objective", {"A": half @ half.T + np.eye(n), "b": rng.normal(size=n)})


def _postprocessing(spec: StandInSpec, sizes: Sizes, rng: Rng, drawn: Drawn, variant: str) -> Value:
    return draw_postprocessing(variant, rng)


def draw_postprocessing(variant: str, rng: Rng) -> Value:
    """A postprocessing that returns a new x or changes x in place; None where none is asked for, and as much is drawn all the same."""
    data = {"scale": float(rng.uniform(0.5, 0.9)), "shift": float(rng.uniform(0.1, 0.5)), "in_place": variant == "in_place"}
    return None if variant in ("", "none") else StandIn("postprocessing", data, record=1)


_STAND_INS: Mapping[str, Callable[[StandInSpec, Sizes, Rng, Drawn, str], Value]] = {
    "sampler": _sampler,
    "cost_function": _cost_function,
    "objective": _objective,
    "postprocessing": _postprocessing,
}
