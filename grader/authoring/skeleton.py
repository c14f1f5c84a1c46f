"""The student's side of an interface as Python source: signatures, docstrings with shapes, and nothing computed.

Pure: from specs to text. The layout is black's at 88 columns, the docstrings are numpydoc's.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from grader.core import dims
from grader.core.interface import (
    ArraySpec,
    ConstantSpec,
    ContextSpec,
    FunctionSpec,
    IndexSpec,
    NumberSpec,
    Param,
    Result,
    SizeSpec,
    SizesSpec,
    StandInSpec,
    WordSpec,
    WordsSpec,
)
from grader.core.wording import listed

WIDTH: Final = 88
"""Columns of a line: black's."""
_INDENT: Final = " " * 4
PLAIN_NUMBER: Final = "a plain number"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a function's text needs to know beyond the function.

    Parameters
    ----------
    homes : mapping of str to str
        The module of each other function, where it is not the one at hand.
    forms : mapping of (str, str) to tuple of str
        By function and parameter: what else than an array of the declared shape is handed over, ``a vector (D,)``.
    """

    homes: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Argument:
    """A parameter or result as it is written down; empty where there is nothing to write."""

    name: str
    annotation: str
    kind: str
    says: str = ""
    default: str = ""

    @property
    def signed(self) -> str:
        """As it stands in the signature."""
        text = f"{self.name}: {self.annotation}" if self.annotation else self.name
        return text if not self.default else f"{text} = {self.default}" if self.annotation else f"{text}={self.default}"


def module_source(docstring: str, functions: Sequence[FunctionSpec], around: Surroundings) -> str:
    """A module that declares these functions; each raises NotImplementedError."""
    bodies = [function_source(f, around) for f in functions]
    imports = "import numpy as np\n" if any("np." in b for b in bodies) else ""
    return "\n\n".join([f'{_quoted(docstring, "")}\n' + (f"\n{imports}" if imports else ""), *bodies])


def function_source(function: FunctionSpec, around: Surroundings) -> str:
    """One function: its signature, its docstring, ``raise NotImplementedError``."""
    arguments = _with_defaults([_argument(p, function, around) for p in function.params])
    results = [_result(r, function, around) for r in function.returns]
    signature = _signature(function.name, [a.signed for a in arguments], _returned(results))
    docstring = _quoted("\n".join(_docstring(function, arguments, results, around)), _INDENT)
    return f"{signature}\n{docstring}\n{_INDENT}raise NotImplementedError\n"


def _signature(name: str, arguments: Sequence[str], returned: str) -> str:
    head, inside, tail = f"def {name}(", ", ".join(arguments), f") -> {returned}:"
    if len(head + inside + tail) <= WIDTH:
        return head + inside + tail
    if len(_INDENT + inside) <= WIDTH:
        return f"{head}\n{_INDENT}{inside}\n{tail}"
    return "\n".join([head, *(f"{_INDENT}{a}," for a in arguments), tail])


def _returned(results: Sequence[_Argument]) -> str:
    if not results:
        return "None"
    return results[0].annotation if len(results) == 1 else f"tuple[{', '.join(r.annotation for r in results)}]"


def _quoted(text: str, indent: str) -> str:
    """A docstring, whatever an author's title or summary holds."""
    text = text.replace("\\", "\\\\").replace('"""', "'''").rstrip()
    lines = [f"{indent}{line}".rstrip() for line in text.split("\n")]
    end = f"\n{indent}" if len(lines) > 1 else " " if text.endswith('"') else ""
    return f'{indent}"""' + "\n".join(lines).removeprefix(indent) + f'{end}"""'


# ---- the docstring ---------------------------------------------------------------------------------------------------


def _docstring(
    function: FunctionSpec, arguments: Sequence[_Argument], results: Sequence[_Argument], around: Surroundings
) -> Iterator[str]:
    yield from wrapped(function.summary or f"See the handout for {function.name}.")
    yield from _section("Parameters", arguments)
    yield from _section("Returns", results)
    if function.uses:
        yield from ("", "Notes", "-----", *wrapped(_neighbours(function, around)))


def _section(title: str, arguments: Sequence[_Argument]) -> Iterator[str]:
    if arguments:
        yield from ("", title, "-" * len(title))
    for argument in arguments:
        yield f"{argument.name} : {argument.kind}"
        yield from wrapped(argument.says, _INDENT)


def wrapped(text: str, indent: str = "") -> list[str]:
    """A paragraph as lines that fit into a docstring."""
    width = WIDTH - len(_INDENT)
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _neighbours(function: FunctionSpec, around: Surroundings) -> str:
    at = [f"{name} ({around.homes[name]})" if name in around.homes else name for name in function.uses]
    return f"It can call your own {listed(at)}."


# ---- what each argument is -------------------------------------------------------------------------------------------


def _argument(param: Param, function: FunctionSpec, around: Surroundings) -> _Argument:
    name, spec = param.name, param.spec
    match spec:
        case ArraySpec():
            return _array_argument(name, spec, function, around)
        case IndexSpec(below=below):
            return _Argument(name, "int", "int", f"From 0 to {_less_one(below)}.")
        case SizeSpec(of=size):
            return _Argument(name, "int", "int", _size_says(name, size, function))
        case SizesSpec(of=sizes):
            return _Argument(name, "list[int]", "list of int", f"[{', '.join(sizes)}].")
        case NumberSpec(low=low, high=high):
            return _Argument(name, "float", "float", f"From {low:g} to {high:g}.")
        case WordsSpec(count=count):
            return _Argument(name, "dict[str, int]", "dict of str to int", f"The index of each word, from 0 to {_less_one(count)}.")
        case WordSpec(of=words):
            return _Argument(name, "str", "str", f"A word of {words}.")
        case ContextSpec():
            return _Argument(name, "list[str]", "list of str", _context_says(spec))
        case StandInSpec():
            kind, says, default = _STAND_INS[spec.name]
            return _Argument(name, "", kind, _filled(says, name, spec), default)
        case ConstantSpec(value=value):
            kind = "None" if value is None else type(value).__name__
            return _Argument(name, "" if value is None else kind, kind, f"{value!r} whenever it is graded.", repr(value))


def _array_argument(name: str, spec: ArraySpec, function: FunctionSpec, around: Surroundings) -> _Argument:
    forms = around.forms.get((function.name, name), ())
    says = [_DOMAINS[spec.domain].format(last=_less_one(spec.below or "0")), *_blocks_say(spec)]
    says += [f"May also be {listed(forms, 'or')}."] if forms else []
    says += ["May be changed in place."] if name in function.may_change else []
    return _Argument(name, _annotated(spec, forms), _kind(spec), " ".join(says))


def _result(result: Result, function: FunctionSpec, around: Surroundings) -> _Argument:
    spec = result.spec
    forms = around.forms.get((function.name, spec.like), ()) if spec.like else ()
    if spec.like:
        annotation = _annotated(ArraySpec(shape="n"), forms)
        return _Argument(result.name, annotation, f"{spec.dtype} ndarray", f"Of the shape of {spec.like}.")
    return _Argument(result.name, _annotated(spec, ()), _kind(spec), " ".join(_blocks_say(spec)))


def _annotated(spec: ArraySpec, forms: Sequence[str]) -> str:
    if not spec.shape:
        return spec.dtype
    return f"np.ndarray | {spec.dtype}" if PLAIN_NUMBER in forms else "np.ndarray"


def _kind(spec: ArraySpec) -> str:
    return f"{dims.spelled(spec.shape)} {spec.dtype} ndarray" if spec.shape else spec.dtype


def _blocks_say(spec: ArraySpec) -> list[str]:
    if not spec.blocks:
        return []
    return [f"Holds {listed(f'{b.name} {dims.spelled(b.shape)}' for b in spec.blocks)}, row by row, one after the other."]


_DOMAINS: Final[Mapping[str, str]] = {
    "real": "Real numbers.",
    "integers": "Whole numbers.",
    "unit": "Numbers between 0 and 1.",
    "probability_rows": "Rows of positive numbers that sum to 1.",
    "one_hot_rows": "One 1 in each row, all else 0.",
    "labels": "Whole numbers from 0 to {last}.",
    "nonzero_rows": "Real numbers, no row of length 0.",
}


def _less_one(size: str) -> str:
    """One less than a size: ``V - 1``, ``9`` for ``10``."""
    return str(int(size) - 1) if size.isdigit() else f"{size} - 1"


def _size_says(name: str, size: str, function: FunctionSpec) -> str:
    wanted = set(dims.names(dims.parse_size(size)))
    alone = {p.name: FunctionSpec(name=function.name, module=function.module, params=(p,)).dims for p in function.params if p.name != name}
    where = next((other for other, used in alone.items() if wanted <= used and isinstance(function.param(other).spec, _SIZED)), "")
    return f"The {size} of {where}." if where else "At least 1."


_SIZED: Final = (ArraySpec, WordsSpec, ContextSpec)


def _context_says(spec: ContextSpec) -> str:
    around = f"Words around {spec.center}: at" if spec.center else "At"
    return f"{around} most {spec.length} words of {spec.of}; a word may come several times."


_SAMPLER: Final = (
    "{name}.sampleTokenIdx() returns the index of a random word, from 0 to {last}. {name}.getRandomContext(C) returns a word and a list "
    "of at most 2*C words around it.")
_COST_FUNCTION: Final = (
    "{name}(predicted, target, outputVectors, dataset) returns a cost, its gradient for predicted ({size},) and its gradient for "
    "outputVectors ({count}, {size}). It may be any such function.")
_POSTPROCESSING: Final = "Unless it is None, {name}(x) returns the x to go on with; it may change x in place."
_STAND_INS: Final[Mapping[str, tuple[str, str, str]]] = {
    "sampler": ("object", _SAMPLER, ""),
    "cost_function": ("callable", _COST_FUNCTION, ""),
    "objective": ("callable", "{name}(x) returns a cost, a float, and its gradient, shaped like x.", ""),
    "postprocessing": ("callable or None", _POSTPROCESSING, "None"),
}
"""By the stand-in's name: its kind, what it does, and its default value."""


def _filled(says: str, name: str, spec: StandInSpec) -> str:
    return says.format(name=name, last=_less_one(spec.count or "1"), count=spec.count, size=spec.size)


def _with_defaults(arguments: Sequence[_Argument]) -> list[_Argument]:
    """Defaults only behind the last argument that has none: Python allows no others."""
    last = max((i for i, a in enumerate(arguments) if not a.default), default=-1)
    return [_Argument(a.name, a.annotation, a.kind, a.says) if i < last else a for i, a in enumerate(arguments)]
