"""What code imports, read in its text."""

import pytest

from grader.submission.imported import imported
from grader.submission.source import submission
from tests.submission.test_notebook import written


@pytest.mark.parametrize(("code", "names"), [
    ("import a", {"a"}),
    ("import a.b as c, d", {"a", "b", "d"}),
    ("from a.b import c", {"a", "b"}),
    ("from .a import b", {"a"}),
    ("from . import a, b", {"a", "b"}),
    ("def f():\n    try:\n        import a\n    except ImportError:\n        import b\n", {"a", "b"}),
    ("import importlib\nimportlib.import_module('a.b')", {"importlib", "a", "b"}),
    ("from importlib import import_module as get\nfor name in ['a', 'b']: get(name)", {"importlib", "a", "b"}),
    ("for name in ['a', 'b']: __import__(name)", {"a", "b"}),
    ("exec('x = 1\\nimport a\\nfrom b.c import d')", {"x", "a", "b", "c", "d"}),
    ("words = 'the package a is not available here'\nraise ModuleNotFoundError(words)", set()),
    ("'''import a'''\n# import b\n'c'", set()),
    ("import a\nthis is no Python", set()),
    ("", set()),
])
def test_what_is_imported(code: str, names: set[str]) -> None:
    """By statements wherever they stand, and by name; what is only spoken of is not."""
    assert imported(submission("a.py", {"a.py": code.encode()}).files) == names


def test_every_file_and_cell_is_read() -> None:
    """Magics aside; of a cell that is no Python, the lines that import, as they are run."""
    cells = ("%matplotlib inline\nimport a", "!pip install nothing\nfrom b import x", "import c\nthis is no Python\n  import d\n")
    files = submission("hw", {"hw.ipynb": written(*cells), "e.py": b"import f"}).files
    assert imported(files) == {"a", "b", "c", "f"}
