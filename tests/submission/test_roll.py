"""Names of files about persons: readable, bounded, harmless and never the same for two keys."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.submission.roll import file_name


@pytest.mark.parametrize("key", ["alice", "jane.doe", "12345", "o_neil-3", "josé", "名前", "bo@uni.edu", "1+2", "a" * 80])
def test_harmless_keys_are_kept(key: str) -> None:
    """Letters of any script, digits and a few signs."""
    assert file_name(key) == key


@pytest.mark.parametrize("key", ["", ".", "..", "../../etc/passwd", ".hidden", "con", "NUL.txt", "com1", "a/b", "a\\b", "a b", "a" * 81, "=x", "-rf", "x.", "🎓",
                                 "\u202ebob", "a\x00b", "Alice", "jose\u0301", "bob-0123456789ab", "\udc80", "é" * 200])
def test_other_keys_are_changed_and_told_apart(key: str) -> None:
    """A digest is appended wherever anything had to be changed."""
    assert re.fullmatch(r".+-[0-9a-f]{12}", file_name(key))
    _is_harmless(file_name(key))


def _is_harmless(name: str) -> None:
    assert name
    assert len(name.encode("utf-8")) <= 93
    assert not name.startswith((".", "-"))
    assert not name.endswith((".", " "))
    assert not re.search(r"[\s/\\:*?\"<>|\x00-\x1f]", name)
    assert not re.match(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", name, re.IGNORECASE)


@given(st.text(max_size=200), st.text(max_size=200))
@example("alice", "Alice")
@example("a b", "a-b")
@example("a b", file_name("a b"))
@example("josé", "jose\u0301")
@example("x" * 100, "x" * 101)
def test_different_keys_have_different_names(one: str, other: str) -> None:
    """Also where a file system ignores case."""
    _is_harmless(file_name(one))
    assert (file_name(one).casefold() == file_name(other).casefold()) == (one == other)
