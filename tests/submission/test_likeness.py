"""Equal hashes for equal work, however it is dressed; different ones for different work."""

import pytest

from grader.submission import likeness
from grader.submission.likeness import tree_hash
from grader.submission.source import submission
from tests.submission.test_notebook import written

ONE = '''
import numpy as np

def softmax(x):
    """Softmax."""
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))  # shifted
    total = e.sum(axis=-1, keepdims=True)
    return e / total

def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s

def normalize(x):
    n = np.sqrt((x ** 2).sum(axis=1))
    for i in range(x.shape[0]):
        x[i] /= n[i]
    return x[1:]
'''


def of(text: str, path: str = "a.py", **starter: list[str]) -> str:
    return tree_hash(submission("s", {path: text.encode()}), starter)


SAME = {
    "comments": ONE.replace("# shifted", "# so that no exponent is positive") + "# end\n",
    "layout": ONE.replace("1 / (1 + np.exp(-z))", "1/(\n        1 + np.exp(-z))").replace("    ", "  "),
    "docstring": ONE.replace('    """Softmax."""\n', ""),
    "locals": ONE.replace("total", "norm").replace("    e = ", "    scores = ").replace("return e /", "return scores /").replace("= e.sum", "= scores.sum"),
    "arguments": ONE.replace("def sigmoid(z)", "def sigmoid(inputs: float)").replace("exp(-z)", "exp(-inputs)"),
    "module level": ONE + "\nprint(softmax(np.ones(3)))\nrandom_seed = 3\n",
    "order": ONE[ONE.index("def sigmoid") :] + ONE[: ONE.index("def sigmoid")],
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_disguises_do_not_count(text: str) -> None:
    """What a copier changes first."""
    assert text != ONE
    assert of(text) == of(ONE) != ""


def test_the_form_does_not_count() -> None:
    """One file, two files, a notebook."""
    at = ONE.index("def sigmoid")
    two = tree_hash(submission("s", {"a.py": ONE[:at].encode(), "b.py": ONE[at:].encode()}))
    notebook = tree_hash(submission("s", {"hw.ipynb": written("%pylab\n" + ONE[:at], ONE[at:])}))
    assert of(ONE) == two == notebook


@pytest.mark.parametrize(("old", "new"), [
    ("np.exp(-z)", "np.exp(+z)"), ("axis=1", "axis=0"), ("x[1:]", "x[:1]"), ("np.max", "np.min"), ("def sigmoid", "def sigmoid2"), ("s = 1 /", "s = 2 /"),
    ("return e / total", "return total / e"), ("keepdims=True))", "keepdims=False))"),
])
def test_other_code_is_other_code(old: str, new: str) -> None:
    """One constant, one sign, two variables swapped, another name of a function."""
    assert ONE.count(old) >= 1
    assert of(ONE.replace(old, new, 1)) != of(ONE)


def test_a_global_variable_keeps_its_name() -> None:
    """It is the file's, not the function's."""
    assert of(ONE.replace("    s = 1", "    global s\n    s = 1")) != of(ONE.replace("    s = 1", "    global t\n    s = 1"))


@pytest.mark.parametrize("text", ["", "x = 1\n", "def f(:\n", "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n", "def f(x):\n    raise NotImplementedError\n" * 50])
def test_too_little_says_nothing(text: str) -> None:
    """Nothing, no Python, a one-liner that many write alike, stubs."""
    assert of(text) == ""


def test_what_everyone_was_given_does_not_count() -> None:
    """A function with the starter's body is left out."""
    trees = {name: [d.body] for name, d in submission("s", {"a.py": ONE.encode()}).files[0].definitions.items()}
    assert of(ONE, **trees) == ""
    own = ONE.replace("    s = 1 /", "    s = 0\n" + "    s = np.tanh(s * z) ** 3 + 1\n" * 20 + "    s = s /")
    assert of(own, **trees) not in ("", of(own))


def test_nesting_that_no_walk_takes_is_no_error() -> None:
    """Thousands of operators."""
    assert of("def f(x):\n    return " + "-" * 5000 + "x\n") == ""


def test_what_was_read_before_is_read_once_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Definitions by their code, decorators and all; wherever they stand, and until others have taken their place."""
    decorated = ONE.replace("def sigmoid", "@np.vectorize\ndef sigmoid")
    monkeypatch.setattr(likeness, "_KNOWN", {})
    fresh, other = of(ONE), of(decorated)
    assert fresh != other
    monkeypatch.setattr(likeness, "_written", None)
    assert (of("x = 1\n" + ONE), of(decorated + "y = 2\n")) == (fresh, other)


def test_few_definitions_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest: a class of thousands takes no more memory."""
    monkeypatch.setattr(likeness, "_KNOWN", {})
    monkeypatch.setattr(likeness, "_MOST", 3)
    for code in (ONE, ONE.replace("sigmoid", "sigma"), ONE):
        of(code)
    assert [code.partition("(")[0] for code in likeness._KNOWN] == ["def softmax", "def sigmoid", "def normalize"]
