"""The two generators of random numbers that a process shares, ``random`` and ``np.random``: every call finds them as newly seeded.

Seeding takes as long as many a student's function, and few of those draw a number. So the state is compared in memory, and
seeded again only where it is another one.
"""

import random
from collections.abc import Callable
from ctypes import c_char
from struct import pack
from typing import Any, Final

import numpy as np

_WORDS: Final = 624  # of a Mersenne Twister, and a position
_SIZE: Final = 4 * (_WORDS + 1)
# taken here, like the methods below: a student may replace them
_use_in_numpy: Final[Callable[[Any], None]] = np.random.mtrand.set_bit_generator
_random: Final[Any] = random.seed.__self__  # type: ignore[attr-defined]
_numpy: Final[Any] = np.random.mtrand.get_bit_generator()


class _State:
    """Where a generator keeps its state, and what is there when it is newly seeded.

    Parameters
    ----------
    seed : callable
        Seeds it.
    address : int
        Of its state.
    words : callable
        What should lie there, as the generator itself has it: where it does not, it is seeded for every call.
    """

    def __init__(self, seed: Callable[[int], object], address: int, words: Callable[[], bytes]) -> None:
        self.seed = seed
        self.memory = (c_char * _SIZE).from_address(address)
        seed(0)
        self.seeded = words()

    def reset(self) -> None:
        """Seed it, unless no number was drawn since."""
        if self.memory.raw != self.seeded:
            self.seed(0)


def _words_of_random() -> bytes:
    *words, position = _random.getstate()[1]
    return pack(f"=i{_WORDS}I", position, *words)  # as `RandomObject` in CPython's _randommodule.c


def _words_of_numpy() -> bytes:
    state = _numpy.state["state"]
    return pack(f"={_WORDS}Ii", *state["key"], state["pos"])  # as `mt19937_state` in numpy's mt19937.h


# `random.seed` without what it does for texts
_STATES: Final = (
    _State(super(random.Random, _random).seed, id(_random) + object.__basicsize__, _words_of_random),
    _State(np.random.seed, _numpy.ctypes.state_address, _words_of_numpy),
)


def seed() -> None:
    """The state of both that every call starts from; of a pair of normal numbers the second one is forgotten."""
    _use_in_numpy(_numpy)  # whatever a student has put in its place; and its second number is forgotten
    _random.gauss_next = None
    for state in _STATES:
        state.reset()
