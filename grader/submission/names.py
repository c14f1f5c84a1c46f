"""Names that nobody has checked, as persons of a class."""

import hashlib
import re
import unicodedata
from pathlib import PurePath
from typing import Final

from grader.core.classbook import Person

_LONGEST: Final = 80
"""Characters of a name that are shown; longer ones are no names."""
_MARK: Final = re.compile("~[0-9a-f]{6}$")


def person(key: str, name: str = "", email: str = "", **ids: str) -> Person:
    """A person from names that nobody has checked; what is empty is not known."""
    shown = readable(key) or "unnamed"
    return Person(shown, readable(name) or shown, readable(email), {kind: readable(value) for kind, value in ids.items() if value})


def readable(text: str) -> str:
    r"""A name on one line, composed, without characters that are invisible or move a cursor.

    Names that differ stay different: where characters or spaces are taken out, a few hexadecimal digits tell them apart.

    Examples
    --------
    >>> readable("Jose\u0301 Peña"), readable("\u202ebob\x1b[31m")
    ('José Peña', 'bob[31m~34ed22')
    """
    composed = unicodedata.normalize("NFC", text)
    shown = " ".join("".join(c for c in composed if unicodedata.category(c)[0] != "C").split())
    if shown == composed and len(shown) <= _LONGEST:
        return shown
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:6]
    return f"{shown[:_LONGEST].strip()}~{digest}" if text.strip() else ""


def unmarked(name: str) -> str:
    """A readable name without the digits that tell it apart: a space at its end or an invisible sign is not another person's.

    Examples
    --------
    >>> unmarked(readable("Bob ")), unmarked("Bob")
    ('Bob', 'Bob')
    """
    return _MARK.sub("", name)


def readable_file(name: str) -> str:
    """A file's name, readable, and of the same kind."""
    path = PurePath(name)
    return readable(path.stem) + readable(path.suffix)
