"""What a file's bytes and text say before anything runs."""

import hashlib
import platform
import sys

import pytest

from grader.submission.source import decode, read_source, submission

SOFTMAX = b"import numpy as np\n\ndef softmax(x):\n    e = np.exp(x)\n    return e / e.sum()\n"


@pytest.mark.parametrize("data", [
    SOFTMAX, b"\xef\xbb\xbf" + SOFTMAX, SOFTMAX.replace(b"\n", b"\r\n"), SOFTMAX.decode().encode("utf-16"),
    b"# -*- coding: latin-1 -*-\n# \xe9\n" + SOFTMAX, b"# caf\xe9\n" + SOFTMAX, b"# coding: no-such-codec\n" + SOFTMAX,
])
def test_every_usual_encoding_is_read(data: bytes) -> None:
    """BOM, CRLF, UTF-16, a coding line, Latin-1 without one: the function is found in all of them."""
    file = read_source("submit.py", data)
    assert file.unparsable is None
    assert "softmax" in file.definitions
    assert "\r" not in file.text
    assert not file.text.startswith("\ufeff")


def test_wrong_encoding_is_remarked() -> None:
    """Latin-1 bytes are read, and said."""
    _, remarks = decode(b"# caf\xe9\n")
    assert remarks == ("the file is not UTF-8 (byte 5); it was read as Latin-1. Save it as UTF-8.",)


@pytest.mark.parametrize("line", [
    "print 'hello'", "print x", "exec 'x = 1'", "raise ValueError, 'no'", "if a <> b: pass", "n = 10L", "n = 0777",
])
def test_python_2_is_named_with_its_line(line: str) -> None:
    """Each construct of Python 2 is recognised on the line that fails."""
    file = read_source("submit.py", f"x = 1\n{line}\n".encode())
    assert file.unparsable is not None
    assert (file.unparsable.kind, file.unparsable.line) == ("python 2", 2), file.unparsable


@pytest.mark.parametrize("line", ["def f(:", "x = = 1", "return)", "print('a' 'b'", "x = 'abc"])
def test_other_syntax_errors_are_not_python_2(line: str) -> None:
    """A plain slip keeps its own message."""
    file = read_source("submit.py", f"x = 1\n{line}\n".encode())
    assert file.unparsable is not None
    assert (file.unparsable.kind, file.unparsable.line) == ("syntax", 2)


COMMA = pytest.mark.skipif(sys.version_info >= (3, 14), reason="since then `except A, B:` is read, and means both of them")
NEWER = f" The grader's Python is {platform.python_version()}; what only newer ones can read is to be written otherwise."


@pytest.mark.parametrize("line", [
    "type X = int x", "type X[T] = list[T] x", "def f[T](x): x x", "    async def f[T](x): x x", "class A[T]: x x", "x = t'{a}' x",
    pytest.param("f'{a b}'", marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="since then all that f-strings have is read")),
])
def test_syntax_that_newer_pythons_have_is_told_with_the_version(line: str) -> None:
    """No version reads these lines, so that all versions are tested alike."""
    file = read_source("submit.py", f"x = 1\n{line}\n".encode())
    assert file.unparsable is not None
    assert file.unparsable.message.endswith(f": {line.strip()!r}.{NEWER}")


@pytest.mark.parametrize("line", ["type(x) = = 3", "def f(x: list[int]: pass", "x = 'it''s t' x", "type == 3 x", "class A(list[int]: pass", "y = t 'a'"])
def test_other_syntax_errors_tell_no_version(line: str) -> None:
    """Near misses."""
    file = read_source("submit.py", f"x = 1\n{line}\n".encode())
    assert file.unparsable is not None
    assert NEWER not in file.unparsable.message


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="these are valid there")
@pytest.mark.parametrize("line", ["type X = int", "def f[T](x): pass", "class A[T]: pass", """d = f'{d['a']}'""", r"""f'{"\n".join(x)}'"""])
def test_what_is_valid_since_3_12_is_told_with_the_version(line: str) -> None:
    """As people write it."""
    file = read_source("submit.py", f"x = 1\n{line}\n".encode())
    assert file.unparsable is not None
    assert file.unparsable.message.endswith(NEWER)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="most of these are valid there")
@pytest.mark.parametrize(("line", "meant"), [
    ("except ValueError, TypeError:", "except (ValueError, TypeError):"), ("except A, B, C :  # so", "except (A, B, C):"),
    ("except ValueError, np.linalg.LinAlgError:", "except (ValueError, np.linalg.LinAlgError):"),
    ("except* ValueError, TypeError:", "except* (ValueError, TypeError):"), ("except A, B as e:", "except (A, B) as e:"),
])
def test_several_exceptions_without_brackets_are_no_python_2(line: str, meant: str) -> None:
    """Newer Pythons read them: what the grader's one needs is said."""
    file = read_source("submit.py", f"try:\n    pass\n{line}\n    pass\n".encode())
    assert file.unparsable is not None
    assert (file.unparsable.kind, file.unparsable.line) == ("syntax", 3)
    needs = f" The grader's Python is {platform.python_version()}, which needs brackets here: write {meant!r}."
    assert file.unparsable.message == f"SyntaxError: multiple exception types must be parenthesized: {line!r}.{needs}"


@COMMA
@pytest.mark.parametrize("line", ["except ValueError, e:", "except socket.error, err:", "except IOError, E:"])
def test_a_name_behind_an_exception_is_python_2(line: str) -> None:
    """What it was bound to; ``as`` has taken the comma's place."""
    file = read_source("submit.py", f"try:\n    pass\n{line}\n    pass\n".encode())
    assert file.unparsable is not None
    assert (file.unparsable.kind, file.unparsable.line) == ("python 2", 3)


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"-" * 200_000 + b"1", b"(" * 100_000, b"x" + b".a" * 100_000, b"\xff\xfe\x00"])
def test_what_is_no_source_is_said_not_raised(data: bytes) -> None:
    """Bytes that no parser takes end as a remark, never as an exception."""
    assert read_source("submit.py", data) is not None


def test_an_empty_file_is_remarked() -> None:
    """Nothing in it: said, and nothing defined."""
    handed = submission("submit.py", {"submit.py": b"\n\n"})
    assert handed.remarks == ("submit.py: the file is empty.",)
    assert handed.defining("softmax") == ()
    assert submission("hw", {"hw.py": b"x = 1", "utils/__init__.py": b""}).remarks == ()


def _definition(body: str) -> bool:
    text = "import numpy as np\n\ndef f(x):\n" + "".join(f"    {line}\n" for line in body.split("\n"))
    return read_source("a.py", text.encode()).definitions["f"].stub


@pytest.mark.parametrize("body", [
    "pass", "...", "raise NotImplementedError('return 115')", "raise NotImplementedError", "raise NotImplementedError('later')", '"""Doc."""', '"""Doc."""\nreturn', "return None",
    "s = None\nraise NotImplementedError\nreturn s",
    "y = x * 2  # given\n### YOUR CODE HERE\n### END YOUR CODE\nreturn y",
    "### YOUR CODE HERE: forward\n    \nraise NotImplementedError\n### END YOUR CODE\ny = x + 1\n# YOUR CODE HERE\npass\n# END YOUR CODE\nreturn y",
])
def test_stubs(body: str) -> None:
    """Nothing was written into these."""
    assert _definition(body)


@pytest.mark.parametrize("body", [
    "return x + 1", "return 115", "return '(Dx + 1) H'", "return np.exp(x)", "for i in x:\n    pass", "return [v for v in x]", "x -= 1\nreturn x", "return helper(x)", "while True:\n    pass",
    "### YOUR CODE HERE\ny = x * 2\n### END YOUR CODE\nreturn y", "return (lambda v: v)(x)",
    "print('passed! failed!')", "raise KeyboardInterrupt", "raise", "return {'cost': 1}", "return np.zeros(x.shape, [('a', float)])", "return 0.0", "return ''",
    '"""Doc."""\nreturn x', "return np.zeros(x.shape)", "s = None\nreturn s", "if x:\n    raise NotImplementedError\nreturn x", "raise NotImplementedErrors",
])
def test_what_is_no_stub(body: str) -> None:
    """Whatever prints, raises or returns something was attempted, zeros too."""
    assert not _definition(body)


def test_top_level_names_are_found_wherever_they_are_bound() -> None:
    """def, class, assignment, tuple assignment, inside if, try and with; not inside functions."""
    text = "softmax = lambda x: x\na, b = 1, 2\nif True:\n    def c(): pass\ntry:\n    class D: pass\nexcept Exception:\n    e = 1\ndef outer():\n    def inner(): pass\n"
    assert set(read_source("a.py", text.encode()).definitions) == {"softmax", "a", "b", "c", "D", "e", "outer"}


def test_equal_code_has_equal_trees() -> None:
    """Layout, comments and docstrings do not count; names do."""
    one = read_source("a.py", b'def f(x):\n    """Doc."""\n    return x+1  # one\n').definitions["f"].body
    two = read_source("b.py", b"def f(x):\n\n    return (x + 1)\n").definitions["f"].body
    assert one == two
    for other in ("return y + 1", "return x + 1.0", "return x - 1", "return x + True", "return (x + 1)\n    pass", "pass", "return", "return +x + 1", "return 'x + 1'"):
        assert one != read_source("c.py", f"def f(x):\n    {other}\n".encode()).definitions["f"].body


def test_code_that_no_walk_takes_is_equal_to_none() -> None:
    """Thousands of operators."""
    deep = read_source("a.py", b"def f(x):\n    return " + b"-" * 5000 + b"x\n").definitions.get("f")
    assert deep is None or deep.body != deep.body


def test_the_hash_of_several_files_is_over_names_and_contents() -> None:
    """Renaming a file or moving a byte between files changes it."""
    several = ({"a.py": b"a", "b.py": b"b"}, {"a.py": b"a", "c.py": b"b"}, {"a.py": b"", "b.py": b"ab"}, {"a.py": b"ab"})
    assert len({submission("s", files).sha256 for files in several}) == 4


def test_the_hash_of_one_file_is_that_of_its_bytes() -> None:
    """In a folder of files each is called after its student: a copy has another name."""
    hashes = {submission("s", {name: b"x = 1\n"}).sha256 for name in ("alice.py", "bob.py")}
    assert hashes == {hashlib.sha256(b"x = 1\n").hexdigest()}


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_by_its_zeros(codec: str) -> None:
    """As some editors on Windows save it. Near misses: zero bytes of another kind, and Latin-1."""
    text = "# déjà\nx = 1\n" * 20
    assert decode(text.encode(codec)) == (text, ("the file is UTF-16; it was read as such. Save it as UTF-8.",))
    for data in (b"x\0\0\0y\0\0\0", b"x = '\0'\n", b"\0" * 8, b""):
        assert decode(data) == (data.decode(), ())
