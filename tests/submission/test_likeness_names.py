"""Which names tell two works apart: those of what is called or shared, and not those of what is local."""

import pytest

from grader.submission.likeness import tree_hash
from grader.submission.source import submission

BODY = '''
def normalize(x, eps):
    total = 0.0
    for i in range(len(x)):
        total = total + abs(x[i]) * abs(x[i]) + eps * float(x[i] > 0)
    for i in range(len(x)):
        x[i] = x[i] / (total + eps) - min(x[0], total) * eps
    return [v * 2.0 + eps - total for v in x if v > eps and v < 100.0 * total]
'''
CLASS = '''
class Model:
    rate = 0.5

    def step(self, x, grad):
        for i in range(len(x)):
            x[i] = x[i] - self.rate * grad[i] + 0.0 * abs(grad[i]) - 1e-3 * x[i]
        return x
'''
SHARED = '''
def count(x):
    global calls
    calls = calls + 1
    return x + calls
'''


def of(text: str) -> str:
    return tree_hash(submission("s", {"a.py": text.encode()}), {})


def test_a_local_variable_may_have_any_name() -> None:
    """Also that of something else of the work."""
    assert of(BODY) == of(BODY.replace("total", "s").replace("eps", "tiny"))
    assert of(BODY)


@pytest.mark.parametrize(("old", "new"), [("abs", "math"), ("min(", "max("), ("float", "int"), ("len", "sum")])
def test_another_function_called_is_other_work(old: str, new: str) -> None:
    """A name that is bound elsewhere says what is done."""
    assert of(BODY) != of(BODY.replace(old, new))


def test_a_shared_variable_is_told_by_its_name() -> None:
    """Two works that count in different variables of the module are two."""
    assert of(BODY + SHARED) != of(BODY + SHARED.replace("calls", "seen"))
    assert of(BODY + SHARED) == of(BODY + SHARED.replace("(x)", "(y)").replace("x +", "y +"))


@pytest.mark.parametrize(("old", "new"), [("0.5", "0.25"), (" - self", " + self"), ("def step", "def move"), ("class Model", "class Net")])
def test_what_is_in_a_class_counts(old: str, new: str) -> None:
    """Its numbers, its methods and its name."""
    assert of(BODY + CLASS) not in (of(BODY), of(BODY + CLASS.replace(old, new)))
