"""Text that a student can influence, made fit to be shown: every output uses this one function.

Escaping for HTML or JSON is the renderer's; here go the characters that deceive a reader or a terminal in any output.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")  # dropped, so that coloured output reads as its author saw it
_UNFIT = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters other than tab and newline
    r"\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # bidi controls, invisible spaces, line separators
    r"\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U0001d173-\U0001d17a"  # invisible in every font
    r"\ud800-\udfff\ufff0-\ufffb\ufffe\uffff"  # lone surrogates and noncharacters: no UTF-8, or no HTML
    r"\U000e0000-\U000e0fff]"  # tag characters and variation selectors: invisible
)
_MARKS = r"[\u0300-\u036f\u0483-\u0489\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]"
_STACKED = re.compile(rf"({_MARKS}{{4}}){_MARKS}+")  # on one letter: no script has more than four, and a hundred cover the lines above


def clean(text: str, limit: int = 2000, *, lines: bool = True) -> str:
    r"""The text with nothing in it that moves a cursor, reorders a line, hides, or cannot be encoded.

    Parameters
    ----------
    text : str
        Anything.
    limit : int
        Characters kept; how many were left out is said at the end. One unfit character becomes up to ten.
    lines : bool
        Whether newlines stay; if not, they become spaces.

    Examples
    --------
    >>> clean("\x1b[31mred\x1b[0m \x07 \u202etxt.exe", lines=False)
    'red ␇ \\u202etxt.exe'
    >>> clean("a" * 100, 5)
    'aaaaa … (95 more characters)'
    """
    if text.isascii() and text.isprintable() and len(text) <= limit:  # as most texts are
        return text
    kept = _COLOUR.sub("", text[:limit].replace("\r\n", "\n"))
    shown = _UNFIT.sub(_visible, _STACKED.sub(r"\1…", kept if lines else kept.replace("\n", " ")))
    left = len(text) - limit
    return shown if left <= 0 else f"{shown} … ({left:,} more character{'s' if left > 1 else ''})"


def shortened(text: str, limit: int) -> str:
    """One line of the text, cut between two words: for lists, where what is left out stands in a report.

    Examples
    --------
    >>> shortened("The gradient of W1 is wrong", 18), shortened("abcdefgh", 5)
    ('The gradient of…', 'abcd…')
    """
    if len(text) <= limit:
        return clean(text, limit, lines=False)
    kept = clean(text[: limit - 1], limit, lines=False)
    whole = kept if text[limit - 1].isspace() else kept.rpartition(" ")[0]
    return f"{(whole if 2 * len(whole) > len(kept) else kept).rstrip(' ,;:')}…"


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the Unicode picture of the control character
    return "␡" if code == 0x7F else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def some(texts: Sequence[str], most: int) -> tuple[str, ...]:
    """The first of the texts, and how many more there are."""
    more = len(texts) - most
    return (*texts[:most], *([f"… and {more:,} more"] if more > 0 else []))


class Bounds(NamedTuple):
    """How much is shown, so that no submission can make a page that a browser cannot open.

    Parameters
    ----------
    text : int
        Characters of one text.
    many : int
        Entries of one list: inputs, notes, lines of a traceback, blocks, files.
    evidence : int
        Pieces of evidence of one item.
    source : int
        Characters of source, all files together, markup around the lines included.
    """

    text: int = 2000  # five times what `numerics.show` gives; a message is one sentence
    many: int = 24
    evidence: int = 8
    source: int = 500_000

    def line(self, text: str) -> str:
        """The text as one line."""
        return clean(text, self.text, lines=False)

    def lines(self, text: str) -> str:
        """The text with its lines."""
        return clean(text, self.text)

    def listed(self, texts: Sequence[str]) -> tuple[str, ...]:
        """As many as there is room for."""
        return some(texts, self.many)


USUAL = Bounds()
