"""What all functions of a process share: modules, put back between one function and the next.

Who patches ``print`` or ``np.exp`` in a call spoils nothing for the functions that are asked afterwards. What a submission
patches while it is loaded, as old code does for names that numpy has dropped, stays.
"""

import sys
from operator import is_
from typing import Any, Final

_NAMES: Final = ("builtins", "math", "random", "numpy", "numpy.random", "numpy.linalg")
_NOTHING: Final = object()


class Shared:
    """The names in these modules, as they were when they were last noted."""

    def __init__(self) -> None:
        self.note()

    def note(self) -> None:
        """Take what the modules hold now for right."""
        spaces = [vars(sys.modules[name]) for name in _NAMES if name in sys.modules]
        self._kept: list[tuple[dict[str, Any], tuple[str, ...], tuple[Any, ...]]] = [(s, tuple(s), tuple(s.values())) for s in spaces]

    def put_back(self) -> None:
        """Undo whatever was put in the place of something; what was added, as by an import, may stay."""
        for space, names, values in self._kept:
            if len(space) != len(values) or not all(map(is_, space.values(), values)):
                space.update((n, v) for n, v in zip(names, values, strict=True) if space.get(n, _NOTHING) is not v)
