"""Symbolic dims: parsed, never evaluated as Python."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.dims import DimsError, Expr, Int, Name, Op, _spell, evaluate, names, parse_shape, parse_size, shape_of, spelled

SIZES = {"Dx": 3, "H": 4, "Dy": 5, "N": 7}


@pytest.mark.parametrize(("text", "shape"), [
    ("", ()), ("N", (7,)), ("N Dx", (7, 3)), ("N, Dx", (7, 3)), ("1 H", (1, 4)), ("Dx*H + H + H*Dy + Dy", (41,)),
    ("N (Dx+1)*H", (7, 16)), ("(Dx+1)*H+(H+1)*Dy", (41,)), ("2 N - 1", (2, 6)), ("N - (H - 1)", (4,)),
])
def test_shapes(text: str, shape: tuple[int, ...]) -> None:
    """Names, numbers, products, sums and brackets, one dim after the other."""
    assert shape_of(text, SIZES) == shape


@pytest.mark.parametrize("text", ["N +", "(N", "N)", "N ** 2", "N / 2", "__import__('os')", "f(N", "+", "9" * 12 + "x.y", "N;H", "2N D", "N(D)", "(N)D", "(N)(D)", "1234567890",
                                  "(" * 30 + "N" + ")" * 30])
def test_what_is_no_shape_is_refused(text: str) -> None:
    """Every other text is an error that quotes it."""
    with pytest.raises(DimsError):
        parse_shape(text)


def test_dims_that_adjoin_are_told_apart_by_the_author() -> None:
    """2N is neither one dim nor two until there is a sign between."""
    with pytest.raises(DimsError, match=r"'2N D': a space or one of \+ - \* should stand before 'N' at 1"):
        parse_shape("2N D")
    assert shape_of("2,N", SIZES) == shape_of("2 N", SIZES) == (2, 7)
    assert shape_of("2*N 999999999", SIZES) == (14, 999999999)


def test_a_long_text_is_refused() -> None:
    """A shape is a line, not a file."""
    with pytest.raises(DimsError, match="at most 500"):
        parse_shape("N+" * 300 + "N")


def test_an_unbound_name_says_what_is_bound() -> None:
    """The message lists the declared dims."""
    with pytest.raises(DimsError, match="dim Q has no size; declared dims are Dx, H, Dy, N"):
        evaluate(parse_size("Q"), SIZES)


def test_a_size_is_one_expression() -> None:
    """Two dims where one size is meant are an error."""
    with pytest.raises(DimsError, match="is 2 sizes"):
        parse_size("N H")


@pytest.mark.parametrize(("text", "written"), [("N Dx", "(N, Dx)"), ("P", "(P,)"), ("", "()"), ("(Dx+1)*H", "((Dx + 1)*H,)"), ("N-(H-1)", "(N - (H - 1),)")])
def test_spelled(text: str, written: str) -> None:
    """As a person writes a shape."""
    assert spelled(text) == written


def _exprs() -> st.SearchStrategy[Expr]:
    leaves = st.one_of(st.integers(0, 99).map(Int), st.sampled_from(sorted(SIZES)).map(Name))
    return st.recursive(leaves, lambda inner: st.builds(Op, st.sampled_from("+-*"), inner, inner), max_leaves=8)


@given(_exprs())
def test_what_is_spelled_parses_back_to_the_same_size(expr: Expr) -> None:
    """Spelling keeps brackets where they matter."""
    inside = spelled_one(expr)
    again = parse_size(inside)
    assert evaluate(again, SIZES) == evaluate(expr, SIZES)
    assert sorted(names(again)) == sorted(names(expr))


def spelled_one(expr: Expr) -> str:
    """The expression as text, through the public speller."""
    return _spell(expr)
