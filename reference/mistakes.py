"""Rows of the tables of known mistakes, which assignments share."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from grader.trial import Misconception

Answer: TypeAlias = Callable[..., Any]
Row: TypeAlias = tuple[str, str, str, Answer]
"""Id, sentence, hint and what the mistake computes."""

# the least that is wrong whatever p is: 1e-6 moves -log p by 1e-6 / p, and its tolerance is 1e-6 log(1 / p)
_SMALL = ("1e-3", "1e-4", "1e-5", "1e-6")


def log_plus(what: str, answer: Callable[[float], Answer]) -> Iterator[Row]:
    """Mistakes that add one of the usual small numbers inside the logarithm."""
    for small in _SMALL:
        yield (f"log_plus_{small}", f"You add {small} inside the logarithm; the handout has {what} itself.",
               "Leave it out: it changes the cost, and no probability is 0 here.", answer(float(small)))


def rows_of(function: str, *rows: Row) -> tuple[Misconception, ...]:
    """Mistakes of one function: id, sentence, hint and what the mistake computes."""
    return tuple(Misconception(name, function, sentence, hint, answer) for name, sentence, hint, answer in rows)


def renamed(mistakes: Iterable[Misconception], words: Mapping[str, str]) -> tuple[Misconception, ...]:
    """The same mistakes in another handout's words.

    Parameters
    ----------
    words : mapping of str to str
        Names of functions, arguments and results, and terms, to what they are called there; longer ones go first.
    """
    known = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})(?!\w)")

    def said(text: str) -> str:
        return known.sub(lambda found: words[found[1]], text)

    return tuple(replace(m, function=said(m.function), sentence=said(m.sentence), hint=said(m.hint)) for m in mistakes)
