"""Mistakes in the ``cases`` of a rubric: sizes of dims that a function has not, variants that its arguments have not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from grader.core.interface import ArraySpec, ContextSpec, FunctionSpec, Spec, StandInSpec

Problem = tuple[str, str, str]
"""(field, problem, what to write instead)."""

_OF_ARRAYS: Final = ("vector", "scalar", "integers", "int_vector", "cube")
_OF_LABELS: Final = ("likeliest", "unlikeliest")
_OF_CONTEXTS: Final = ("distinct", "repeats", "center", "one")
_OF_STAND_INS: Final[Mapping[str, tuple[str, ...]]] = {
    "sampler": ("distinct", "repeats", "one_word", "target"),
    "postprocessing": ("none", "pure", "in_place"),
}


def variants(spec: Spec) -> tuple[str, ...]:
    """The variants that a case can ask for of an argument; what each is, its spec's docstring says."""
    match spec:
        case ArraySpec(domain="one_hot_rows"):
            return (*_OF_ARRAYS, *_OF_LABELS)
        case ArraySpec():
            return _OF_ARRAYS
        case ContextSpec():
            return _OF_CONTEXTS
        case StandInSpec(name=name):
            return _OF_STAND_INS.get(name, ())
        case _:
            return ()


def case_problems(cases: Iterable[Mapping[str, int | str]], function: FunctionSpec) -> Iterator[Problem]:
    """What no trial could draw: such an entry would go unnoticed, and the case would be another random one."""
    for number, case in enumerate(cases, 1):
        for name, value in case.items():
            for problem, remedy in _entry_problems(name, value, function):
                yield "cases", f"case {number}, {name}: {problem}", remedy


def _entry_problems(name: str, value: int | str, function: FunctionSpec) -> Iterator[tuple[str, str]]:
    if name in function.dims:
        if not isinstance(value, int) or value < 1:
            yield f"{value!r} is no size.", "Write a whole number from 1."
    elif name not in function.param_names:
        yield f"{function.name} has no dim or parameter of this name.", f"Write one of: {', '.join(_names(function))}."
    elif value not in (known := variants(function.param(name).spec)):
        yield f"there is no variant {value!r}.", f"Write one of: {', '.join(known)}." if known else f"Leave {name} out: it has no variants."


def _names(function: FunctionSpec) -> list[str]:
    return [*sorted(function.dims), *(p.name for p in function.params if variants(p.spec))]
