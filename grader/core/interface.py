"""The declared interface of an assignment: functions, arguments, results, symbolic dims.

An author writes one `Interface` in ``reference/<slug>/interface.py``. Everything else follows from it: random inputs,
shape verdicts, the student's starter file, the JSON Schema.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Protocol, TypeVar

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
    numbers, as an int array), ``int_vector`` and ``cube`` (a leading axis of length 2 more).

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
        F(predicted, target, outputVectors, dataset)), ``objective`` (f(x) -> (cost, gradient)), ``postprocessing`` (variants
        ``none``, ``pure``, ``in_place``).
    count : str
        How many words it knows (sampler, cost_function).
    size : str
        Length of the vectors it takes (cost_function, objective).
    target : str
        The parameter that holds the target index (sampler).
    """

    kind: Literal["stand_in"] = "stand_in"
    name: Literal["sampler", "cost_function", "objective", "postprocessing"]
    count: Size | None = None
    size: Size | None = None
    target: Identifier | None = None


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
    def _names_are_bound(self) -> "Interface":
        for function in self.functions:
            for result in function.returns:
                if result.spec.like is not None and result.spec.like not in function.param_names:
                    raise ValueError(f"{function.name}, {result.name}: like={result.spec.like!r} is no parameter; "
                                     f"write one of {', '.join(function.param_names)}")
            for where, text in _sizes_in(function):
                for expr in dims.parse_shape(text):
                    for name in dims.names(expr):
                        if name not in self.dims:
                            raise ValueError(f"{function.name}, {where}: the dim {name} is not declared; "
                                             f"add it to dims, which has {', '.join(self.dims)}")
        return self


def _sizes_in(function: FunctionSpec) -> Iterator[tuple[str, str]]:
    """Every shape and size expression of a function, with the argument or result it belongs to."""
    owners: tuple[Param | Result, ...] = (*function.params, *function.returns)
    for owner in owners:
        spec = owner.spec
        for field in ("shape", "below", "of", "count", "length", "size"):
            value = getattr(spec, field, None)
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
