"""Questions as data: what crosses to the worker, and nothing more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class StandIn:
    """A callable or object that the worker builds from numbers (see ``grader/worker/standins.py``).

    Parameters
    ----------
    name : str
        ``sampler``, ``cost_function``, ``objective``, ``cost_and_gradient``, ``postprocessing``.
    data : mapping
        Its numbers: plain values and arrays.
    record : int
        How many of its calls are reported back in `Returned.calls`; 0 for none.
    """

    name: str
    data: Mapping[str, "Value"]
    record: int = 0


@dataclass(frozen=True, slots=True)
class Own:
    """Another function of the same submission, passed as an argument."""

    function: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that a function returned and that is neither a number, an array nor a container of them.

    `type` is the name of its class and `text` its bounded ``repr``, both written by the worker and believed by nobody.
    """

    type: str
    text: str

    @property
    def is_array(self) -> bool:
        """Whether it is an array that cannot cross, whose type is told as ``array of dtype object``."""
        return self.type.startswith("array of ")


Value: TypeAlias = (
    "bool | int | float | complex | str | np.ndarray | tuple[Value, ...] | list[Value] | dict[str, Value]"
    " | StandIn | Own | Opaque | None"
)
"""What an argument or an answer can be. Arrays are float64, float32, int64, bool or complex128."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """One call to make.

    Parameters
    ----------
    function : str
        Name of the student's function.
    args : tuple of Value
        By position. Handed over as fresh copies in every call.
    """

    function: str
    args: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Group:
    """Probes that share one time budget: the questions of one rubric item.

    Parameters
    ----------
    probes : tuple of Probe
        Asked in this order, in one process unless one of them ends it.
    seconds : float
        CPU seconds for all of them; wall-clock time gets a multiple of it.
    """

    probes: tuple[Probe, ...]
    seconds: float = field(default=5.0)
