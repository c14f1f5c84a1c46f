"""The declared interface of an assignment: functions, arguments, results, symbolic dims.

An author writes one `Interface` in ``reference/<slug>/interface.py``. Everything else follows from it: random inputs,
shape verdicts, the student's starter file, the JSON Schema.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Final, Literal, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from grader.core import dims
from grader.core.dims import DimsError


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


_T = TypeVar("_T", bound=_HasName)


def _named(things: tuple[_T, ...], name: str) -> _T:
    for thing in things:
        if thing.name == name:
            return thing
    raise KeyError(name)


class Model(BaseModel):
    """Frozen, and closed: a misspelt field is an error, not a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def _shape(text: str) -> str:
    dims.parse_shape(text)
    return text


def _size(text: str) -> str:
    dims.parse_size(text)
    return text


Shape = Annotated[str, AfterValidator(_shape)]
"""A symbolic shape, such as ``"N Dx"``; ``"()"`` is not written: a scalar is ``""``."""
Size = Annotated[str, AfterValidator(_size)]
"""One size expression, such as ``"Dx*H + H + H*Dy + Dy"``."""
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]


class Block(Model):
    """A named part of a flat vector, in order: ``W1`` of shape ``Dx H``."""

    name: Identifier
    shape: Shape


class ArraySpec(Model):
    """An array argument or result.

    Variants a case can ask for: ``vector`` (the last axis alone), ``scalar`` (a plain number), ``integers`` (whole
    numbers, as an int array), ``int_vector`` and ``cube`` (a leading axis of length 2 more); of one-hot rows ``likeliest`` and
    ``unlikeliest`` too (in every row the class for which the function's first result, a cost, is least or greatest).

    Parameters
    ----------
    shape : str
        Symbolic shape.
    dtype : {'float', 'int'}
        What kind of numbers.
    domain : str
        Which numbers a trial draws:

        - ``real``: normal with standard deviation `scale`
        - ``integers``: whole numbers from -5 to 5
        - ``unit``: inside the open interval (0, 1)
        - ``probability_rows``: positive rows that sum to 1
        - ``one_hot_rows``: one 1 per row
        - ``labels``: whole numbers from 0 to `below` - 1
        - ``nonzero_rows``: ``real``, no row of norm below 0.1
    scale : float
        Standard deviation of ``real``.
    below : str
        Upper end, excluded, of ``labels``.
    blocks : tuple of Block
        The parts of a flat vector; their sizes add up to its length.
    like : str
        For a result: the parameter whose shape it has, whatever that is in the case at hand; instead of `shape`.
    squeezable : bool
        Whether axes of length 1 may be added or left out, as a noted leniency: ``(1, 3)`` for ``(3,)``. Never broadcasts.
    """

    kind: Literal["array"] = "array"
    shape: Shape = ""
    dtype: Literal["float", "int"] = "float"
    domain: Literal["real", "integers", "unit", "probability_rows", "one_hot_rows", "labels", "nonzero_rows"] = "real"
    scale: float = Field(default=1.0, gt=0)
    below: Size | None = None
    blocks: tuple[Block, ...] = ()
    like: Identifier | None = None
    squeezable: bool = False

    @model_validator(mode="after")
    def _labels_have_an_end(self) -> "ArraySpec":
        if (self.domain == "labels") != (self.below is not None):
            raise ValueError("`below` goes with domain = 'labels', and only with it: write below='Dy'")
        return self

    @model_validator(mode="after")
    def _rows_have_an_axis(self) -> "ArraySpec":
        if self.domain.endswith("_rows") and not dims.parse_shape(self.shape):
            raise ValueError(f"{self.domain} have an axis; write a shape such as 'N D'")
        return self

    @model_validator(mode="after")
    def _one_shape(self) -> "ArraySpec":
        if self.like is not None and self.shape:
            raise ValueError(f"it has a shape and is like {self.like}; write one of the two")
        return self


class IndexSpec(Model):
    """A whole number from 0 to `below` - 1, such as a row of ``outputVectors``."""

    kind: Literal["index"] = "index"
    below: Size


class SizeSpec(Model):
    """The size of a dim, passed as an int: ``K``, ``C``."""

    kind: Literal["size"] = "size"
    of: Size


class SizesSpec(Model):
    """Several sizes, passed as a list: ``dimensions = [Dx, H, Dy]``."""

    kind: Literal["sizes"] = "sizes"
    of: tuple[Size, ...]


class NumberSpec(Model):
    """A float between `low` and `high`."""

    kind: Literal["number"] = "number"
    low: float = 0.0
    high: float = 1.0

    @model_validator(mode="after")
    def _low_is_below(self) -> "NumberSpec":
        _ordered(self.low, self.high)
        return self


class WordsSpec(Model):
    """A dictionary from `count` made-up words to the indices 0 ... `count` - 1, in no order."""

    kind: Literal["words"] = "words"
    count: Size


class WordSpec(Model):
    """One word of the dictionary that was drawn for the parameter `of`."""

    kind: Literal["word"] = "word"
    of: Identifier


class ContextSpec(Model):
    """A list of words of the dictionary `of`, at most `length` long.

    Variants a case can ask for: ``distinct`` (no word twice, none is the center word), ``repeats`` (one word at least
    twice), ``center`` (the center word is among them), ``one`` (a single word).
    """

    kind: Literal["context"] = "context"
    of: Identifier
    length: Size
    center: Identifier | None = None


class StandInSpec(Model):
    """A callable or an object that the grader supplies, built on the worker side from numbers.

    Parameters
    ----------
    name : str
        ``sampler`` (``sampleTokenIdx()``, ``getRandomContext(C)``; variants ``distinct`` (the target never, each other word
        once before any comes again), ``repeats`` (the target never), ``one_word`` (always the same, not the target),
        ``target`` (the target before each of distinct others); otherwise any word), ``cost_function`` (an arbitrary
        F(vector, target, vectors, dataset)), ``objective`` (f(x) -> (cost, gradient)), ``postprocessing`` (variants
        ``none``, ``pure``, ``in_place``).
    count : str
        How many words it knows (sampler, cost_function).
    size : str
        Length of the vectors it takes (cost_function, objective).
    target : str
        The parameter that holds the target index (sampler).
    parameters : tuple of str
        What the handout calls the four arguments, by which some call it (cost_function).
    """

    kind: Literal["stand_in"] = "stand_in"
    name: Literal["sampler", "cost_function", "objective", "postprocessing"]
    count: Size | None = None
    size: Size | None = None
    target: Identifier | None = None
    parameters: tuple[Identifier, Identifier, Identifier, Identifier] | None = None

    @model_validator(mode="after")
    def _sizes_are_given(self) -> "StandInSpec":
        for field in _SIZES_OF_STAND_INS.get(self.name, ()):
            if getattr(self, field) is None:
                raise ValueError(f"a stand-in {self.name} needs `{field}`; write {_AS_IN.get(field, f'{field}={_A_DIM}')}")
        return self


_SIZES_OF_STAND_INS: Final[Mapping[str, tuple[str, ...]]] = {
    "sampler": ("count",), "cost_function": ("count", "size", "parameters"), "objective": ("size",)}
_A_DIM: Final = "'V', with a dim in place of V"
_AS_IN: Final = {"parameters": "parameters=('predicted', 'target', 'outputVectors', 'dataset'), as the handout calls them"}


class ConstantSpec(Model):
    """The same value in every call: ``None``, a flag, a number."""

    kind: Literal["constant"] = "constant"
    value: bool | int | float | str | None = None


Spec = Annotated[
    ArraySpec | IndexSpec | SizeSpec | SizesSpec | NumberSpec | WordsSpec | WordSpec | ContextSpec | StandInSpec | ConstantSpec,
    Field(discriminator="kind"),
]


class Param(Model):
    """One argument, passed by position."""

    name: Identifier
    spec: Spec


class Result(Model):
    """One result; a function with several returns a tuple of them."""

    name: Identifier
    spec: ArraySpec


class FunctionSpec(Model):
    """A function that students write.

    Parameters
    ----------
    name, module : str
        The function, and the module that should define it. It is looked up in every other module as well.
    params : tuple of Param
        Positional arguments. Real submissions rename them freely, so only the order counts.
    returns : tuple of Result
        Empty for a function that returns nothing (``gradcheck_naive``).
    may_change : tuple of str
        Parameters that the handout allows to be changed in place.
    uses : tuple of str
        Neighbours: functions of the same assignment that this one calls in the handout's solution. Where one of them is
        wrong or missing, this function is asked again with the course's helper in its place.
    summary : str
        One line, for the starter file and the report.
    """

    name: Identifier
    module: Identifier
    params: tuple[Param, ...]
    returns: tuple[Result, ...] = ()
    may_change: tuple[Identifier, ...] = ()
    uses: tuple[Identifier, ...] = ()
    summary: str = ""

    def param(self, name: str) -> Param:
        """The parameter of that name; KeyError if there is none."""
        return _named(self.params, name)

    @cached_property
    def dims(self) -> frozenset[str]:
        """The dim names that its arguments and results use."""
        return frozenset(n for _, text in _sizes_in(self) for e in dims.parse_shape(text) for n in dims.names(e))

    @cached_property
    def param_names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(p.name for p in self.params)

    def result(self, name: str) -> Result:
        """The result of that name; KeyError if there is none."""
        return _named(self.returns, name)

    def whose(self, result: str) -> str:
        """How a sentence speaks of a result: the only one is what the function returns."""
        return self.name if len(self.returns) == 1 else f"{result} of {self.name}"


class DimRange(Model):
    """The sizes that a dim takes, `low` to `high`, both included."""

    low: int = Field(ge=1)
    high: int = Field(ge=1)

    @model_validator(mode="after")
    def _low_is_below(self) -> "DimRange":
        _ordered(self.low, self.high)
        return self


def _ordered(low: float, high: float) -> None:
    if low > high:
        raise ValueError(f"low={low} is above high={high}; write low={high}, high={low}")


class Interface(Model):
    """Everything that students and the grader agree on.

    Parameters
    ----------
    slug, title : str
        ``cs224n_a1`` and the heading of the report.
    dims : dict of str to DimRange
        Every dim name used below, with its range of sizes. A case draws them pairwise distinct, small before large.
    functions : tuple of FunctionSpec
        In the order of the handout.
    support : tuple of str
        Modules of ``reference/<slug>/support/`` that students may import though they do not hand them in.
    packages : tuple of str
        Third-party packages that students may import, besides numpy.
    """

    slug: Identifier
    title: str
    dims: dict[Identifier, DimRange]
    functions: tuple[FunctionSpec, ...]
    support: tuple[str, ...] = ()
    packages: tuple[Identifier, ...] = ()

    def function(self, name: str) -> FunctionSpec:
        """The function of that name; KeyError if the interface declares none."""
        return _named(self.functions, name)

    @model_validator(mode="after")
    def _holds_together(self) -> "Interface":
        for problem in _problems(self):
            raise ValueError(problem)
        return self


def _problems(interface: Interface) -> Iterator[str]:
    """What does not hold together: where, what is wrong, and what to write instead."""
    yield from _twice("functions", [f.name for f in interface.functions])
    for function in interface.functions:
        for problem in _twice("parameters", function.param_names), _twice("results", [r.name for r in function.returns]):
            yield from (f"{function.name}: {p}" for p in problem)
        for place, field, name, kind, known in _references(function, interface):
            if name not in known:
                yield f"{place}: {field}={name!r} is no {kind}; write one of: {', '.join(known) or 'none'}"
        for owner, text in _sizes_in(function):
            for unknown in (n for n in _names(text) if n not in interface.dims):
                yield f"{function.name}, {owner}: the dim {unknown} is not declared; add it to dims, which has {', '.join(interface.dims)}"
        yield from (f"{function.name}, {problem}" for problem in _array_problems(function, interface.dims))
    yield from _size_problems(interface.functions, interface.dims)


def _twice(things: str, names: Sequence[str]) -> Iterator[str]:
    yield from (f"there are two {things} {n}; write another name for one of them" for i, n in enumerate(names) if n in names[:i])


def _references(function: FunctionSpec, interface: Interface) -> Iterator[tuple[str, str, str, str, Sequence[str]]]:
    """Every name of something else: where it stands, the field, the name, what it should name, and what there is of that."""
    def of_kind(kind: type[BaseModel]) -> tuple[str, list[str]]:
        return f"parameter with spec={kind.__name__}(...)", [p.name for p in function.params if isinstance(p.spec, kind)]

    others = [f.name for f in interface.functions if f.name != function.name]
    yield from ((function.name, "may_change", n, "parameter", function.param_names) for n in function.may_change)
    yield from ((function.name, "uses", n, "other function", others) for n in function.uses)
    for result in function.returns:
        if result.spec.like is not None:
            yield f"{function.name}, {result.name}", "like", result.spec.like, "parameter", function.param_names
    for param in function.params:
        place = f"{function.name}, {param.name}"
        match param.spec:
            case WordSpec(of=words) | ContextSpec(of=words, center=None):
                yield place, "of", words, *of_kind(WordsSpec)
            case ContextSpec(of=words, center=str(center)):
                yield place, "of", words, *of_kind(WordsSpec)
                yield place, "center", center, *of_kind(WordSpec)
            case StandInSpec(target=str(target)):
                yield place, "target", target, *of_kind(IndexSpec)


def _size_problems(functions: Sequence[FunctionSpec], ranges: Mapping[str, DimRange]) -> Iterator[str]:
    """Shapes and sizes that can be nothing, each where it stands first."""
    places = {text: f"{f.name}, {owner}" for f in reversed(functions) for owner, text in reversed([*_sizes_in(f)])}
    for text, place in places.items():
        for sizes in _draws(ranges, text):
            shape = dims.shape_of(text, sizes)
            if min(shape, default=1) < 1:
                spelled = shape if len(shape) > 1 else shape[0]
                yield f"{place}: {text} is {spelled}{_where(sizes)}; write what is at least 1, or other ranges of its dims"


def _array_problems(function: FunctionSpec, ranges: Mapping[str, DimRange]) -> Iterator[str]:
    """Blocks that do not add up, and an argument without a shape of its own."""
    for param in function.params:
        if isinstance(param.spec, ArraySpec) and param.spec.like is not None:
            yield f"{param.name}: `like` is for results; write its shape"
    owners: tuple[Param | Result, ...] = (*function.params, *function.returns)
    for owner in owners:
        if isinstance(owner.spec, ArraySpec) and owner.spec.blocks:
            spec = function.param(owner.spec.like).spec if owner.spec.like else owner.spec
            shape = spec.shape if isinstance(spec, ArraySpec) else ""
            yield from (f"{owner.name}: {problem}" for problem in _block_problems(owner.spec.blocks, shape, ranges))


def _block_problems(blocks: Sequence[Block], shape: str, ranges: Mapping[str, DimRange]) -> Iterator[str]:
    yield from _twice("blocks", [b.name for b in blocks])
    for sizes in _draws(ranges, shape, *(b.shape for b in blocks)):
        held, whole = sum(math.prod(dims.shape_of(b.shape, sizes)) for b in blocks), math.prod(dims.shape_of(shape, sizes))
        if held != whole:
            yield (f"its blocks hold {held} numbers{_where(sizes)}, but its shape {shape} holds {whole}; "
                   "write blocks that add up to the shape")


def _draws(ranges: Mapping[str, DimRange], *texts: str) -> Iterator[Mapping[str, int]]:
    """Sizes at which these expressions are tried: every dim of theirs at the same end of its range, and all but one.

    So ``N*D`` and ``N*H`` are told apart where both dims have the same range.
    """
    used = dict.fromkeys(n for text in texts for n in _names(text))
    lowest, highest = {n: ranges[n].low for n in used}, {n: ranges[n].high for n in used}
    yield lowest
    yield from ({**lowest, n: high} for n, high in highest.items())
    yield from ({**highest, n: low} for n, low in lowest.items())
    yield highest


def _where(sizes: Mapping[str, int]) -> str:
    return f" where {', '.join(f'{n} = {size}' for n, size in sizes.items())}" if sizes else ""


def _names(text: str) -> Iterator[str]:
    return (name for expr in dims.parse_shape(text) for name in dims.names(expr))


def _sizes_in(function: FunctionSpec) -> Iterator[tuple[str, str]]:
    """Every shape and size expression of a function, with the argument or result it belongs to."""
    owners: tuple[Param | Result, ...] = (*function.params, *function.returns)
    for owner in owners:
        spec = owner.spec
        for field in ("shape", "below", "of", "count", "length", "size"):
            value = vars(spec).get(field)
            if field == "of" and not isinstance(spec, SizeSpec | SizesSpec):
                continue
            for text in value if isinstance(value, tuple) else (value,):
                if text is not None:
                    yield owner.name, text
        for block in getattr(spec, "blocks", ()):
            yield f"{owner.name}.{block.name}", block.shape


__all__ = [
    "ArraySpec", "Block", "ConstantSpec", "ContextSpec", "DimRange", "DimsError", "FunctionSpec", "IndexSpec", "Interface",
    "NumberSpec", "Param", "Result", "SizeSpec", "SizesSpec", "Spec", "StandInSpec", "WordSpec", "WordsSpec",
]
