"""Files that are called like a module of Python's: what is imported for what it has not is told."""

import pytest

from grader.submission.source import submission
from tests.submission.test_notebook import written

TOLD = "{}: this file hides Python's module random: {} imports random for {}. Rename it."


@pytest.mark.parametrize(("files", "says"), [
    ({"random.py": b"import random\nrandom.seed(1)\n"}, TOLD.format("random.py", "random.py", "seed")),
    ({"hw.py": b"import os, random as r\ndef f(): return r.choice(r.getstate())\n", "random.py": b"x = 1\n"},
     TOLD.format("random.py", "hw.py", "choice and getstate")),
    ({"a/hw.py": b"def f():\n    from random import choice, seed\n", "a/random.py": b"def seed(): ...\n"},
     TOLD.format("a/random.py", "a/hw.py", "choice")),
    ({"hw.ipynb": written("(", "from random import choice"), "random.py": b"x = 1\n"}, TOLD.format("random.py", "hw.ipynb", "choice")),
    ({"numpy.py": b"import numpy as np\nx = np.zeros(3)\n"},
     "numpy.py: this file hides numpy: numpy.py imports numpy for zeros. Rename it."),
])
def test_a_file_that_takes_the_place_of_a_module_is_told(files: dict[str, bytes], says: str) -> None:
    """As Python does it: whoever imports the module gets the file."""
    assert [r for r in submission("hw", files).remarks if "hides" in r] == [says]


@pytest.mark.parametrize("files", [
    {"typing.py": b"import typing\n"},  # takes nothing of it
    {"code.py": b"def softmax(x): ...\n", "hw.py": b"from code import softmax\n"},
    {"hw.py": b"import random\nrandom.seed(1)\n", "lib/random.py": b"x = 1\n"},  # of another folder
    {"hw.py": b"import random\nrandom.seed(1)\n", "random.ipynb": written("x = 1")},  # which nobody can import
    {"hw.py": b"from .random import seed\n", "random.py": b"x = 1\n"},
    {"hw.py": b"import helpers\nhelpers.f()\n", "helpers.py": b"x = 1\n"},
    {"hw.py": b"((", "random.py": b"import random\nrandom.seed(1"},
])
def test_near_misses_are_not_told(files: dict[str, bytes]) -> None:
    """A file that is meant, or that is imported by nobody."""
    assert [r for r in submission("hw", files).remarks if "hides" in r] == []
