"""Which inputs a function is wrong for, where the kind of input tells."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from grader.trial import Case

_KINDS: Final[Mapping[str, Callable[[np.ndarray], bool]]] = {
    "whole numbers": lambda x: x.dtype.kind == "i",
    "plain numbers": lambda x: x.ndim == 0,
    "vectors": lambda x: x.ndim == 1,
    "matrices of one row": lambda x: x.ndim == 2 and len(x) == 1,
    "matrices": lambda x: x.ndim == 2,
    "arrays of three axes": lambda x: x.ndim == 3,
}


def told_apart(cases: Sequence[Case], wrong: Sequence[tuple[Case, np.ndarray]]) -> str:
    """The sentence, if a function of one array is wrong for all inputs of one kind and right for all others; empty if it is not so.

    Where it is wrong only at some entries, larger or smaller than any it is right for, the kind of input says nothing.

    Parameters
    ----------
    wrong : sequence of (Case, ndarray of bool)
        The cases it is wrong for, and at which entries.
    """
    spec = cases[0].function
    like = spec.returns[0].spec.like if len(spec.returns) == 1 else None
    if not like or len(wrong) == len(cases):
        return ""
    failing = {id(case) for case, _ in wrong}
    right = np.concatenate([np.ravel(np.asarray(case.arg(like))) for case in cases if id(case) not in failing])
    at = np.concatenate([np.asarray(case.arg(like))[bad] for case, bad in wrong])
    if not all(bad.all() for _, bad in wrong) and not np.any((right.min() <= at) & (at <= right.max())):
        return ""
    for kind, is_one in _KINDS.items():
        if {id(case) for case in cases if is_one(np.asarray(case.arg(like)))} == failing:
            return f"It is wrong for {kind} alone, and right for all other inputs that were tried."
    return ""
