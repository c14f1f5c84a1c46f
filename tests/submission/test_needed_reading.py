"""A statement that reads what is needed is not needed for that."""

import pytest

from grader.submission.needed import needed
from grader.submission.notebook import read_notebook
from tests.submission.test_needed import handed, kept
from tests.submission.test_notebook import written

F = "def f(x):\n    return N * x"


@pytest.mark.parametrize("reader", ["loss = train(N)", "loss: float = train(N)", "losses = [train(N) for _ in range(9)]"])
def test_what_only_reads_a_constant_is_not_run(reader: str) -> None:
    """An assignment of something else leaves the constant as it is."""
    assert kept("N = [3]", F, reader) == ["N = [3]", F]


@pytest.mark.parametrize("changer", ["N.append(4)", "N += [4]", "N[0] = 4", "fill(N)", "for i in range(3):\n    N[i] = i", "del N[0]"])
def test_what_may_change_it_is_run(changer: str) -> None:
    """In place, by an index, or by whom it is handed to."""
    assert kept("N = [3]", F, changer) == ["N = [3]", F, changer]


@pytest.mark.parametrize("broken", ["def g(:", "x = = 3", "return 3", "def g(a, a):\n    return a"])
def test_a_cell_that_is_no_python_keeps_the_others(broken: str) -> None:
    """It is run as it stands and says so itself, and what is needed is there all the same."""
    codes = kept("N = [3]", F, broken)
    assert codes[:2] == ["N = [3]", F]
    file = read_notebook("hw.ipynb", written("N = [3]", F, broken))
    assert len(needed(file, handed("N = [3]", F, broken)[1], ("f",))) == 3
