"""Every call finds the shared generators of random numbers as newly seeded, whatever the one before did to them."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from grader.core.observation import Observation, Returned
from grader.worker import generators

DRAWN = "import random\nimport numpy as np\ndef drawn(x):\n    return [random.random(), random.gauss(0, 1), np.random.rand(), np.random.randn()]\n"


@pytest.fixture
def seeded() -> list[float]:
    """What both give first with the seed 0."""
    mine, numpys = random.Random(0), np.random.RandomState(0)
    return [mine.random(), mine.gauss(0, 1), numpys.rand(), numpys.randn()]


@pytest.mark.parametrize("before", [
    "drawn(x)",
    "random.random()",
    "random.getrandbits(1)",
    "random.gauss(0, 1)",
    "[random.random() for _ in range(700)]",
    "random.seed(1)",
    "random.setstate((3, random.getstate()[1][:-1] + (623,), None))",
    "np.random.rand()",
    "np.random.randint(2)",
    "np.random.randn()",
    "np.random.rand(700)",
    "np.random.seed(1)",
    "np.random.set_state(('MT19937', np.random.get_state()[1], 623, 0, 0.0))",
    "np.random.set_state((*np.random.get_state()[:3], 1, 5.0))",
    "np.random.set_bit_generator(np.random.MT19937(3))",
    "np.random.rand(), np.random.set_bit_generator(np.random.MT19937(3))",
    "np.random.rand(), np.random.set_bit_generator(np.random.PCG64())",
    "setattr(random, 'seed', None), setattr(np.random, 'seed', None), setattr(np.random, 'get_bit_generator', None), np.random.rand()",
])
def test_a_call_finds_them_newly_seeded(asked: Callable[..., list[Observation]], seeded: list[float], before: str) -> None:
    """Also where it only took a few bits, a pair's first number, or the position."""
    first, disturbed, after = asked(f"{DRAWN}def disturb(x):\n    {before}\n    return 0.0\n", "drawn", "disturb", "drawn")
    assert isinstance(first, Returned)
    assert isinstance(after, Returned)
    assert (first.value, after.value) == (seeded, seeded)
    assert isinstance(disturbed, Returned)


def test_loading_disturbs_no_call(asked: Callable[..., list[Observation]], seeded: list[float]) -> None:
    """What a module draws at its top is drawn from the same state, too."""
    (after,) = asked(f"{DRAWN}random.seed(5)\nnp.random.seed(5)\nnp.random.randn()\n", "drawn")
    assert isinstance(after, Returned)
    assert after.value == seeded


@pytest.mark.parametrize("state", generators._STATES)
def test_the_state_lies_where_it_is_looked_for(state: generators._State) -> None:
    """Else every call would seed again: right, but slow."""
    state.seed(0)
    assert state.memory.raw == state.seeded
    state.seed(1)
    assert state.memory.raw != state.seeded


def test_it_is_not_seeded_again_where_nothing_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what is spared."""
    generators.seed()
    for state in generators._STATES:
        monkeypatch.setattr(state, "seed", None)
    generators.seed()
    random.gauss(0, 1)
    with pytest.raises(TypeError):
        generators.seed()


def test_where_the_state_is_not_to_be_found_it_is_always_seeded() -> None:
    """Another Python may keep it elsewhere."""
    numbers: list[int] = []
    state = generators._State(numbers.append, id(generators._random), lambda: b"elsewhere")
    state.reset()
    state.reset()
    assert numbers == [0, 0, 0]
