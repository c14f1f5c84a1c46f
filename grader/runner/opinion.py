"""A second opinion: what a submission answers may depend on the calls before it, and one item may end the process of another.

A sample of the probes is put to a second child, in the opposite order; where it answers otherwise or not at all, or where the
first child was lost in the middle of a group, the group is put again to a child of its own, and that decides. If there is any such
difference, every other group is put so too: both children may have been asked it after something that spoils it. Whoever is proven
to keep nothing between calls (`grader.submission.stateless`) is not doubted.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from grader.core.observation import Died, Malformed, NotAsked, Observation, Raised, Returned, TimedOut
from grader.core.probe import Value

UNSTEADY: Final = (
    "Asked in another process and in another order, the same call gave another answer. This item was judged in a process of its own: "
    "keep nothing in globals or default arguments."
)
LOST: Final = "The process was lost at this item after others had been asked in it; this item was judged in a process of its own."
_NUMBER: Final = re.compile(r"[-+]?\d[\d.]*(e[-+]?\d+)?")
_SAME: Final = 1e-9  # relative: where an array lies in memory changes the order of a sum, by some 1e-16


def told(answers: Sequence[Sequence[Observation]]) -> list[int]:
    """The groups that were answered to the end."""
    return [g for g, found in enumerate(answers) if found and all(map(_answered, found))]


def lost(answers: Sequence[Observation]) -> bool:
    """Whether the child was lost in the middle of this group, or had no memory left."""
    return any(type(o) is not Returned and _ends_the_child(o) for o in answers)


def _ends_the_child(o: Observation) -> bool:
    return isinstance(o, Died | Malformed | TimedOut) or (isinstance(o, Raised) and o.type == "MemoryError")


def _answered(o: Observation) -> bool:
    return isinstance(o, Returned | Raised) and not _ends_the_child(o)


def heard(o: Observation) -> bool:
    """Whether it came in time: otherwise it says nothing, and does not agree."""
    return not isinstance(o, TimedOut | NotAsked)


def agree(one: Observation, other: Observation) -> bool:
    """Whether two answers to one call are the same, but for rounding."""
    if one is other:
        return True
    if isinstance(one, Returned) and isinstance(other, Returned):
        return one.changed == other.changed and _equal(one.value, other.value) and (one.value is not None or _say_the_same(one, other))
    return isinstance(one, Raised) and isinstance(other, Raised) and one.type == other.type and _say_the_same(one, other)


def _say_the_same(one: Returned | Raised, other: Returned | Raised) -> bool:
    """Whether they printed the same words: all the answer that a gradient check gives. Seconds that something took are no words."""
    return one.printed == other.printed or _NUMBER.sub("", one.printed) == _NUMBER.sub("", other.printed)


def _equal(a: Value, b: Value) -> bool:
    match a, b:
        case np.ndarray(), np.ndarray():
            return _near(a, b)
        case (tuple() | list(), tuple() | list()):
            return len(a) == len(b) and all(map(_equal, a, b))
        case dict(), dict():
            return a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in a)
        case (float() | int() | complex(), float() | int() | complex()):
            return _near(np.asarray(a), np.asarray(b))
        case _:
            return type(a) is type(b)  # texts and objects are no answers; an address in a repr is no state


def _near(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.tobytes() == b.tobytes():  # as nearly always
        return True
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    with np.errstate(all="ignore"):
        size = np.max(np.abs(a[np.isfinite(a)]), initial=0.0)
        return bool(np.allclose(a, b, rtol=_SAME, atol=_SAME * float(size), equal_nan=True))
