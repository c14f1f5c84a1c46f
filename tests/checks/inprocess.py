"""Checks are tried without a process: functions are called right here, and what they did is noted as the worker notes it."""

import contextlib
import io
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.core.observation import Observation, Raised, Returned, StandInCall
from grader.core.probe import Probe, StandIn
from grader.trial import Misconception, Oracle, Trial
from grader.worker.standins import build
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import FUNCTIONS


def trial_of(seed: int = 0, misconceptions: Sequence[Misconception] = ()) -> Trial:
    """A trial of assignment 1."""
    return Trial(seed, INTERFACE, Oracle(FUNCTIONS, tuple(misconceptions)))


def ask(probes: Sequence[Probe], function: Callable[..., Any]) -> list[Observation]:
    """What came back from one function, probe by probe."""
    return [call(p, function) for p in probes]


def call(probe: Probe, function: Callable[..., Any]) -> Observation:
    """One call, as the worker would note it."""
    calls: list[StandInCall] = []
    args = [_built(a, i, calls) for i, a in enumerate(probe.args)]
    out = io.StringIO()
    random.seed(0)
    try:
        with contextlib.redirect_stdout(out), np.errstate(all="ignore"):
            value = _plain(function(*args))
    except Exception as error:  # noqa: BLE001 - whatever a student's function raises is an observation
        return Raised(type(error).__name__, str(error), printed=out.getvalue())
    changed = (i for i, (a, b) in enumerate(zip(probe.args, args, strict=True)) if isinstance(a, np.ndarray) and a.tobytes() != b.tobytes())
    return Returned(value, tuple(changed), out.getvalue(), tuple(calls))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(_plain(v) for v in value)
    return value.item() if isinstance(value, np.generic) else value


def _built(arg: Any, position: int, calls: list[StandInCall]) -> Any:
    if isinstance(arg, StandIn):
        def note(method: str, args: tuple[Any, ...]) -> None:
            if sum(c.arg == position for c in calls) < arg.record:
                calls.append(StandInCall(position, method, args))
        return build(arg.name, arg.data, note)
    if isinstance(arg, np.ndarray):
        return arg.copy()
    return dict(arg) if isinstance(arg, Mapping) else arg
