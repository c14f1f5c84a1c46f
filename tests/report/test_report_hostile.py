"""Hostile text in every field that a submission can influence: nothing acts, hides or breaks an output."""

import io
import json
import re
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

import pytest
from rich.console import Console

from grader.core.report import GradeReport
from grader.report.html import LARGEST, to_html
from grader.report.json import to_json
from grader.report.terminal import print_report
from grader.report.text import clean, shortened
from tests.report.outline import FORBIDDEN, Outline

STRINGS = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": "\" onmouseover=\"alert(1)\" x='",
    "ends": "]]></style></pre></title><!-- </script>",
    "template": "{{7*7}}{% raw %}{#",
    "markup": "[bold red]x[/bold red] [link=https://example.org]y[/link] [/]",
    "ansi": "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J\x9b31m",
    "nul": "a\x00b\x08\x7f\r",
    "bidi": "\u202egnp.exe\u2066\u200e\u200b\ufeff",
    "surrogate": "\udc80\ud800",
    "lines": "a\u2028b\u2029c\x0bd\x0ce\x85f\n" * 3,
    "wide": "语" * 200 + "e\u0301" * 50,
    "invisible": "a\u00ad\u034f\u3164\U000e0101b" + "\u0301" * 1000,
    "long": "x" * 1_000_000,
    "many lines": "\n" * 300_000,
    "quotes": "'" * 1_000_000,
}


def poisoned(value: Any, text: str) -> Any:
    """The same report with every string in it replaced; kinds and ids are not the student's and stay."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(poisoned(v, text) for v in value)
    if isinstance(value, dict):
        return {(text if isinstance(v, float) else k): poisoned(v, text) for k, v in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        kept = {"kind", "id", "function", "outcome", "reason"}
        return replace(value, **{f.name: poisoned(getattr(value, f.name), text) for f in fields(value) if f.name not in kept})
    return value


@pytest.mark.parametrize("name", STRINGS)
def test_html_shows_hostile_text_as_text(name: str, sample: GradeReport) -> None:
    """The page has only the tags and attributes that the template writes, no character that deceives, and its size is bounded."""
    page = to_html(poisoned(sample, STRINGS[name]))
    outline = Outline(page)
    ours = Outline(to_html(sample))
    assert set(outline.tags) <= set(ours.tags)
    assert outline.attributes <= ours.attributes
    assert not FORBIDDEN.search(page)
    assert len(page.encode()) <= LARGEST


@pytest.mark.parametrize("name", STRINGS)
def test_json_carries_hostile_text_as_text(name: str, sample: GradeReport) -> None:
    """JSON stays UTF-8, valid, bounded, and free of characters that a terminal would obey."""
    text = to_json(poisoned(sample, STRINGS[name]))
    json.loads(text.encode())
    assert not FORBIDDEN.search(text)
    assert len(text) < 6_000_000


@pytest.mark.parametrize("name", STRINGS)
def test_the_terminal_obeys_nothing_in_hostile_text(name: str, sample: GradeReport) -> None:
    """On a terminal every escape sequence is one of Rich's colours; without one there is none, and no markup is read."""
    hostile = poisoned(sample, STRINGS[name])
    plain, colour = (Console(file=io.StringIO(), width=80, force_terminal=f, color_system="standard" if f else None) for f in (False, True))
    for console in (plain, colour):
        print_report(hostile, console)
    assert not FORBIDDEN.search(plain.file.getvalue())  # type: ignore[attr-defined]
    assert not FORBIDDEN.search(re.sub(r"\x1b\[[0-9;]*m", "", colour.file.getvalue()))  # type: ignore[attr-defined]
    if name == "markup":
        assert "[bold red]" in plain.file.getvalue()  # type: ignore[attr-defined]


def test_template_syntax_in_student_text_is_not_evaluated(sample: GradeReport) -> None:
    """``{{7*191}}`` is shown, not 1337."""
    text = "".join(Outline(to_html(poisoned(sample, "{{7*191}}"))).text)
    assert "{{7*191}}" in text
    assert "1337" not in text


def test_a_page_of_a_hundred_hostile_items_is_still_below_the_limit(sample: GradeReport) -> None:
    """However much there is to show, the page can be opened; it says that something was left out."""
    items = tuple(replace(i, id=f"{i.id}.{n}", points=Fraction(1)) for n in range(10) for i in sample.items)
    page = to_html(poisoned(replace(sample, items=items), '"' * 100_000))
    assert len(page.encode()) <= LARGEST
    assert "shortened" in page


def test_clean_keeps_what_is_harmless() -> None:
    """Letters of any script, tabs, newlines and emoji stay; colours go; the rest becomes visible."""
    assert clean("\tσ'(z) = 语 👍\r\nx") == "\tσ'(z) = 语 👍\nx"
    assert clean("\x1b[1;31mred\x1b[0m") == "red"
    assert clean("\x00\x1b\x7f\x85\u202e\ud800\U000e0041") == "␀␛␡\\u0085\\u202e\\ud800\\U000e0041"
    assert clean("a\nb", lines=False) == "a b"


@pytest.mark.parametrize("invisible", ["\u00ad", "\u034f", "\u1160", "\u180e", "\u3164", "\uffa0", "\U0001d173", "\U000e0100"])
def test_what_no_font_draws_becomes_visible(invisible: str) -> None:
    """A name with it would look like another's."""
    assert clean(f"a{invisible}b") == f"a{invisible.encode('unicode_escape').decode().replace(chr(92) + 'x', chr(92) + 'u00')}b"


def test_marks_do_not_pile_up() -> None:
    """As many as any script puts on a letter stay; more would be drawn over the lines above and below."""
    assert clean("e\u0301" * 50) == "e\u0301" * 50
    assert clean("Z" + "\u0301\u0310\u0489\u0e49") == "Z" + "\u0301\u0310\u0489\u0e49"
    assert clean("Z" + "\u0301\u0310\u0489\u0e49" * 50 + "z") == "Z" + "\u0301\u0310\u0489\u0e49…z"


def test_a_shortened_text_is_one_clean_line_of_at_most_so_many_characters() -> None:
    """Cut between two words, within the only one, or not at all."""
    assert shortened("x" * 10, 10) == "x" * 10
    assert shortened("x" * 11, 10) == "x" * 9 + "…"
    assert shortened("the cost, then the rest", 10) == "the cost…"
    assert shortened("the costs then", 10) == "the costs…"
    assert shortened("a\n\x1b[31mb\x07", 20) == "a b␇"
    assert not FORBIDDEN.search("".join(shortened(text, 40) for text in STRINGS.values()))


def test_clean_says_how_much_it_left_out() -> None:
    """At the limit a text is whole, one character beyond it is cut and counted."""
    assert clean("x" * 10, 10) == "x" * 10
    assert clean("x" * 11, 10) == "x" * 10 + " … (1 more character)"
    assert clean("x" * 12, 10) == "x" * 10 + " … (2 more characters)"
