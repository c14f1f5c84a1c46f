"""Rows of the table of known mistakes."""

from collections.abc import Callable
from typing import Any, TypeAlias

from grader.trial import Misconception

Answer: TypeAlias = Callable[..., Any]


def rows_of(function: str, *rows: tuple[str, str, str, Answer]) -> tuple[Misconception, ...]:
    """Mistakes of one function: id, sentence, hint and what the mistake computes."""
    return tuple(Misconception(name, function, sentence, hint, answer) for name, sentence, hint, answer in rows)
