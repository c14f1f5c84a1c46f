"""Interfaces: what cannot be drawn, or would not be judged, is refused where it is written."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from grader.core.interface import (
    ArraySpec,
    Block,
    ContextSpec,
    DimRange,
    FunctionSpec,
    IndexSpec,
    Interface,
    NumberSpec,
    Param,
    Result,
    Spec,
    StandInSpec,
    WordSpec,
    WordsSpec,
)

N, D = DimRange(low=2, high=7), DimRange(low=2, high=7)


def taking(*params: tuple[str, Spec], dims: dict[str, DimRange] | None = None, **rest: object) -> Interface:
    """The interface of one function of these parameters."""
    function = FunctionSpec(name="f", module="hw", params=tuple(Param(name=n, spec=s) for n, s in params), **rest)
    return Interface(slug="demo", title="Demo", dims=dims or {"N": N, "D": D}, functions=(function,))


def blocks(shape: str, *parts: str) -> Interface:
    """A vector of that shape with blocks of these."""
    return taking(("p", ArraySpec(shape=shape, blocks=tuple(Block(name=f"b{i}", shape=s) for i, s in enumerate(parts)))))


WORDS = ("tokens", WordsSpec(count="N"))
X = ("x", ArraySpec(shape="N"))

MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    "blocks that leave a rest": (
        lambda: blocks("2*N", "N"),
        "f, p: its blocks hold 2 numbers where N = 2, but its shape 2*N holds 4; write blocks that add up to the shape"),
    "blocks that are more": (
        lambda: blocks("2*N", "N", "2 N"),
        "f, p: its blocks hold 6 numbers where N = 2, but its shape 2*N holds 4; write blocks that add up to the shape"),
    "a block with another dim of the same range": (
        lambda: blocks("N*D + D", "N N", "D"),
        "f, p: its blocks hold 51 numbers where N = 7, D = 2, but its shape N*D + D holds 16; write blocks that add up to the shape"),
    "one block twice": (
        lambda: taking(("p", ArraySpec(shape="N + N", blocks=(Block(name="b", shape="N"), Block(name="b", shape="N"))))),
        "f, p: there are two blocks b; write another name for one of them"),
    "a range from high to low": (lambda: DimRange(low=7, high=2), "low=7 is above high=2; write low=2, high=7"),
    "numbers from high to low": (lambda: NumberSpec(low=1.0, high=0.5), "low=1.0 is above high=0.5; write low=0.5, high=1.0"),
    "a shape that can be negative": (
        lambda: taking(("x", ArraySpec(shape="N-D D"))),
        "f, x: N-D D is (0, 2) where N = 2, D = 2; write what is at least 1, or other ranges of its dims"),
    "a shape that can be empty": (
        lambda: taking(("x", ArraySpec(shape="N - 2"))),
        "f, x: N - 2 is 0 where N = 2; write what is at least 1, or other ranges of its dims"),
    "no index at all": (
        lambda: taking(("i", IndexSpec(below="N-9"))),
        "f, i: N-9 is -7 where N = 2; write what is at least 1, or other ranges of its dims"),
    "a word of no dictionary": (
        lambda: taking(("word", WordSpec(of="tokens")), ("tokns", WordsSpec(count="N"))),
        "f, word: of='tokens' is no parameter with spec=WordsSpec(...); write one of: tokns"),
    "a word of something else": (
        lambda: taking(("word", WordSpec(of="x")), X), "f, word: of='x' is no parameter with spec=WordsSpec(...); write one of: none"),
    "a context of no dictionary": (
        lambda: taking(("context", ContextSpec(of="token", length="2")), WORDS),
        "f, context: of='token' is no parameter with spec=WordsSpec(...); write one of: tokens"),
    "a context around no word": (
        lambda: taking(("context", ContextSpec(of="tokens", length="2", center="zz")), WORDS, ("word", WordSpec(of="tokens"))),
        "f, context: center='zz' is no parameter with spec=WordSpec(...); write one of: word"),
    "a sampler without a count": (
        lambda: StandInSpec(name="sampler"), "a stand-in sampler needs `count`; write count='V', with a dim in place of V"),
    "a cost function without a size": (
        lambda: StandInSpec(name="cost_function", count="N"), "a stand-in cost_function needs `size`; write size='V', with a dim in place of V"),
    "a cost function without names": (
        lambda: StandInSpec(name="cost_function", count="N", size="N"),
        "a stand-in cost_function needs `parameters`; write parameters=('predicted', 'target', 'outputVectors', 'dataset'), as the handout calls them"),
    "an objective without a size": (
        lambda: StandInSpec(name="objective"), "a stand-in objective needs `size`; write size='V', with a dim in place of V"),
    "a sampler with an unknown target": (
        lambda: taking(("dataset", StandInSpec(name="sampler", count="N", target="goal")), ("target", IndexSpec(below="N"))),
        "f, dataset: target='goal' is no parameter with spec=IndexSpec(...); write one of: target"),
    "may_change of nothing": (
        lambda: taking(X, may_change=("xx",)), "f: may_change='xx' is no parameter; write one of: x"),
    "uses of nothing": (
        lambda: taking(X, uses=("nosuch",)), "f: uses='nosuch' is no other function; write one of: none"),
    "uses of itself": (
        lambda: taking(X, uses=("f",)), "f: uses='f' is no other function; write one of: none"),
    "a result like nothing": (
        lambda: taking(X, returns=(Result(name="y", spec=ArraySpec(like="xx")),)), "f, y: like='xx' is no parameter; write one of: x"),
    "a result like an array and of a shape": (
        lambda: ArraySpec(like="x", shape="N"), "it has a shape and is like x; write one of the two"),
    "an argument like another": (
        lambda: taking(X, ("y", ArraySpec(like="x"))), "f, y: `like` is for results; write its shape"),
    "two functions of one name": (
        lambda: Interface(slug="demo", title="Demo", dims={"N": N}, functions=(FunctionSpec(name="f", module="a", params=()),) * 2),
        "there are two functions f; write another name for one of them"),
    "two parameters of one name": (
        lambda: taking(X, X), "f: there are two parameters x; write another name for one of them"),
    "two results of one name": (
        lambda: taking(X, returns=(Result(name="y", spec=ArraySpec()),) * 2), "f: there are two results y; write another name for one of them"),
    "rows of a number": (
        lambda: ArraySpec(domain="one_hot_rows"), "one_hot_rows have an axis; write a shape such as 'N D'"),
    "an undeclared dim": (
        lambda: taking(("x", ArraySpec(shape="M"))), "f, x: the dim M is not declared; add it to dims, which has N, D"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused(name: str) -> None:
    """Function, argument, what is wrong, what to write."""
    make, says = MISTAKES[name]
    with pytest.raises(ValidationError) as caught:
        make()
    (error,) = caught.value.errors()
    assert error["msg"] == f"Value error, {says}"


RIGHT: dict[str, Callable[[], object]] = {
    "blocks that add up": lambda: blocks("N*D + D + 1", "N D", "1 D", ""),
    "blocks that add up written otherwise": lambda: blocks("(N+1)*D", "D", "D N"),
    "a size of one dim": lambda: DimRange(low=3, high=3),
    "a difference that stays above 0": lambda: taking(
        ("x", ArraySpec(shape="N - D")), dims={"N": DimRange(low=4, high=7), "D": DimRange(low=2, high=3)}),
    "a single index": lambda: taking(("i", IndexSpec(below="N-1"))),
    "one number": lambda: NumberSpec(low=0.5, high=0.5),
    "a context around a word": lambda: taking(
        ("context", ContextSpec(of="tokens", length="2", center="word")), ("word", WordSpec(of="tokens")), WORDS),
    "a sampler with its target": lambda: taking(
        ("dataset", StandInSpec(name="sampler", count="N", target="target")), ("target", IndexSpec(below="N"))),
    "a result with blocks, like its argument": lambda: taking(
        ("p", ArraySpec(shape="2*N")), returns=(Result(name="g", spec=ArraySpec(like="p", blocks=(Block(name="b", shape="2 N"),))),)),
    "a dim and a parameter of one name": lambda: taking(("N", ArraySpec(shape="N"))),
}


@pytest.mark.parametrize("name", RIGHT)
def test_near_those_mistakes_is_what_is_right(name: str) -> None:
    """Accepted."""
    RIGHT[name]()
