"""The words of this house: a list in a sentence; what an author's file has wrong, and what to write instead, by pydantic's errors."""

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ValidationError


def listed(words: Iterable[object], last: str = "and") -> str:
    """Words in a sentence.

    Examples
    --------
    >>> listed(["W1", "b1", "W2"]), listed(["N", 2], "or"), listed(["K"])
    ('W1, b1 and W2', 'N or 2', 'K')
    """
    *first, final = map(str, words)
    return f"{', '.join(first)} {last} {final}" if first else final


def first(names: Sequence[str], most: int) -> str:
    """The first of some names, and how many more there are.

    Examples
    --------
    >>> first(["W1", "b1", "W2"], 2), first(["W1", "b1"], 2)
    ('W1, b1 and 1 more', 'W1, b1')
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def on_one_line(error: BaseException) -> str:
    r"""An exception as a part of a sentence.

    Examples
    --------
    >>> on_one_line(ValueError("a\nb")), on_one_line(KeyError())
    ('ValueError: a b', 'KeyError')
    """
    return ": ".join(filter(None, (type(error).__name__, " ".join(str(error).split()))))


def foremost(error: ValidationError) -> Any:
    """The error worth telling: a misspelt field before the field that is missing for it."""
    return min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")


def worded(error: Any, model: type[BaseModel]) -> tuple[str, str]:
    """One of pydantic's errors as (problem, what to write instead)."""
    name = str(error["loc"][0]) if error["loc"] else ""
    says = _first_line(described(model, name))
    match error["type"]:
        case "extra_forbidden":
            return "there is no such field.", instead(name, set(model.model_fields))
        case "missing":
            return "it is missing.", f"Add {name}: {says or '...'}"
        case "value_error":
            return _raised(error, says)
        case kind:
            fit = re.sub(r"\.0\b", "", _FITTING.get(kind, "{msg}").format(msg=error["msg"], **error.get("ctx", {})))  # bounds of floats
            remedy = says if says.startswith("Write ") else _remedy(fit)
            bound = fit.removeprefix("a number ")
            given = _as_written(error["input"])
            return (f"it is {given}." if bound == fit else f"it should be {bound}, not {given}."), remedy


def _raised(error: Any, says: str) -> tuple[str, str]:
    """A validator of ours; what stands after ``; write`` is the remedy."""
    message = str(error["msg"]).removeprefix("Value error, ")
    problem, _, remedy = message.partition("; write ")
    if remedy:
        return f"{problem}.", f"Write {remedy}."
    return f"{message[0].lower()}{message[1:]}, not {_as_written(error['input'])}.", says


def _remedy(fit: str) -> str:
    return f"Write {fit.replace(chr(39), chr(34))}." if fit[:1].islower() or fit[:1] == "'" else f"{fit}."


_FITTING: Final = {
    "literal_error": "{expected}",
    "enum": "{expected}",
    "greater_than": "a number greater than {gt}",
    "greater_than_equal": "a number greater than or equal to {ge}",
    "less_than": "a number less than {lt}",
    "less_than_equal": "a number less than or equal to {le}",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "fraction_parsing": "a number, or a fraction in quotes: '1/3'",
    "string_type": "text, in quotes",
    "string_too_short": "at least {min_length} character",
    "string_too_long": "at most {max_length} characters",
    "tuple_type": "a list, in square brackets",
    "list_type": "a list, in square brackets",
    "dict_type": "a table, in braces",
    "mapping_type": "a table, in braces",
}
"""By pydantic's type of error: what would fit."""


def instead(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """What was meant, if it is close to something known; else `otherwise`, or all that is known.

    Examples
    --------
    >>> instead("pionts", ["who", "points"]), instead("x", ["who", "points"]), instead("x", ["who"], "Write a name.")
    ('Write points.', 'Write one of: points, who.', 'Write a name.')
    """
    names = sorted(known)
    for close in difflib.get_close_matches(name[:_LONGEST], names, 1):
        return f"Write {close if close.isidentifier() else repr(close)[:_LONGEST]}."
    return otherwise or f"Write one of: {', '.join(names)}."


_LONGEST: Final = 80  # characters of a name that are compared and shown: it may come from anywhere


def described(model: type[BaseModel], name: str) -> str:
    r"""What the numpydoc ``Parameters`` of a model, or of a class that it is made of, say of a field; empty if nothing.

    Examples
    --------
    >>> class Point(BaseModel):
    ...     '''A point.
    ...
    ...     Parameters
    ...     ----------
    ...     x, y : float
    ...         Where it is,
    ...         in metres.
    ...     '''
    ...     x: float
    ...     y: float
    >>> described(Point, "y")
    'Where it is,\nin metres.'
    """
    entry = re.compile(rf"^( *)(?:\w+, )*{re.escape(name)}(?:, \w+)* : .*\n((?:\1 +\S.*\n|\n(?=\1 +\S))*)", re.MULTILINE)
    for part in model.__mro__:
        if found := entry.search(f"{part.__doc__ or ''}\n"):
            return "\n".join(line.strip() for line in found[2].splitlines()).replace("``", "").strip()
    return ""


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _as_written(value: object) -> str:
    return str(value) if isinstance(value, date) else repr(value)
