"""What every check kind promises, tried on every item of the rubric of assignment 1 and on every relation."""

import json
import sys
import tomllib
from collections.abc import Callable
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.checks import KINDS
from grader.checks.base import Check
from grader.checks.relation import RELATIONS
from grader.core.observation import Died, Frame, HostError, Malformed, NotAsked, Observation, Raised, Returned, TimedOut, Unavailable
from grader.core.probe import Opaque
from grader.core.verdict import Outcome, Verdict
from grader.trial import Oracle, Trial
from reference.cs224n_a1.interface import INTERFACE
from reference.cs224n_a1.solutions import FUNCTIONS

_RUBRIC = tomllib.loads(Path(__file__).parents[2].joinpath("rubrics/cs224n_a1.toml").read_text(encoding="utf-8"))
_HOLDS_FOR = {
    "shift_invariance": "softmax", "permutation_equivariance": "softmax", "row_independence": "normalizeRows",
    "complement": "sigmoid", "scale_invariance": "normalizeRows",
}
CHECKS: dict[str, Check] = {
    **{item["id"]: KINDS[item["check"]["kind"]].model_validate(item["check"]) for item in _RUBRIC["item"]},
    **{name: KINDS["relation"].model_validate({"kind": "relation", "function": f, "relation": name}) for name, f in _HOLDS_FOR.items()},
}
every_check = pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)


def _deep(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


NASTY: tuple[Any, ...] = (
    None, True, 0, 25, -(10**400), 0.0, float("nan"), float("-inf"), 1e308, 1j, "", "passed", "\x00\ud800", (), [], {}, (None, None), [1, [2, 3]],
    (1.0, 2.0, 3.0), ["1.5"], [None], {"cost": 1.0}, (0.0, np.zeros(25)), (0.0, [np.zeros((3, 4)), np.zeros(4)]), Opaque("Liar", "<liar>"),
    (Opaque("Liar", ""), Opaque("Liar", "")), _deep(80), np.zeros(0), np.zeros((0, 3)), np.zeros((2, 0)), np.array(1.0), np.full((4, 3), np.nan),
    np.array([True, False]), np.array([1j, 2.0]), np.ones((1, 1, 1, 1)), np.zeros((3, 4), np.float32), np.array([2**62, -(2**62)]),
)
UNRETURNED: tuple[Observation, ...] = (
    Raised("NotImplementedError", ""), Raised("ValueError", "shapes (3,) and (4,)", (Frame("submit.py", 3, "softmax", "x @ y"),)),
    Raised("ModuleNotFoundError", ""), Raised("AttributeError", "numpy has no attribute mat"), Raised("MemoryError", ""), Unavailable("softmax"),
    Unavailable("softmax", Raised("SyntaxError", "invalid syntax"), "submit"), TimedOut("cpu", 5.0), TimedOut("wall", 20.0), Died("exit", 0),
    Died("signal", 11), Died("memory", 9), Died("output", 25), Malformed("no header"), NotAsked(), HostError("no disk"),
)
OBSERVATIONS: tuple[Observation, ...] = (*UNRETURNED, *(Returned(v, changed=(0, 2, 99, -1), printed="passed failed") for v in NASTY))


def _sound(verdict: Verdict) -> None:
    """An exact credit that goes with the outcome, a sentence for what was lost, and evidence that is plain JSON."""
    assert (verdict.credit is None) is (verdict.outcome is Outcome.UNGRADED)
    assert verdict.credit is None or (isinstance(verdict.credit, Fraction) and 0 <= verdict.credit <= 1)
    assert verdict.outcome is Outcome.MET or (verdict.message and verdict.reason is not None)
    assert json.loads(json.dumps([asdict(e) for e in verdict.evidence])) is not None


def test_every_kind_and_every_relation_is_tried() -> None:
    """A new kind needs a rubric item here, a new relation an entry in the table above."""
    assert {c.kind for c in CHECKS.values()} == set(KINDS)
    assert set(_HOLDS_FOR) == set(RELATIONS)


@every_check
def test_the_configuration_has_no_problem(check: Check) -> None:
    """The rubric's own tables pass the checks' cross-checks."""
    assert list(check.problems(INTERFACE)) == []


@every_check
def test_the_plan_is_not_empty_and_always_the_same(check: Check) -> None:
    """Equal seeds give equal questions, another seed gives others."""
    with np.printoptions(threshold=sys.maxsize, floatmode="unique"):
        first, again, other = (repr(check.plan(Trial(seed, INTERFACE, Oracle(FUNCTIONS)))) for seed in (5, 5, 6))
    assert check.plan(Trial(5, INTERFACE, Oracle(FUNCTIONS)))
    assert first == again != other


@every_check
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_reference_meets_it(check: Check, seed: int, observe: Callable[..., list[Observation]]) -> None:
    """Right answers earn full credit, without any leniency."""
    trial = Trial(seed, INTERFACE, Oracle(FUNCTIONS))
    verdict = check.judge(trial, observe(check.plan(trial)))
    assert (verdict.outcome, verdict.credit, verdict.message) == (Outcome.MET, 1, "")


@every_check
def test_no_observation_makes_the_judge_raise(check: Check, trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """Whatever comes back, in every call or in one among right ones, in either round, ends in a sound verdict."""
    right = observe(check.plan(trial))
    for nasty in OBSERVATIONS:
        every = [nasty] * len(right)
        for answers in (every, [*right[:-1], nasty], [nasty, *right[1:]]):
            verdict = check.judge(trial, answers)
            _sound(verdict)
            assert answers is not every or verdict.credit != 1
        follow_up = [nasty] * len(check.follow_up(trial, every))
        _sound(check.judge(trial, every, follow_up))


@every_check
@pytest.mark.parametrize("count", [0, 1], ids=["none", "one"])
def test_missing_observations_are_nobodys_fault(check: Check, count: int, trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """A runner that answered too little leaves the item ungraded."""
    right = observe(check.plan(trial))
    assert check.judge(trial, right[:count]).outcome is Outcome.UNGRADED or len(right) == count


@every_check
def test_a_failure_of_the_machine_is_ungraded(check: Check, trial: Trial, observe: Callable[..., list[Observation]]) -> None:
    """Neither zero nor full marks."""
    right = observe(check.plan(trial))
    assert check.judge(trial, [HostError("no disk"), *right[1:]]).outcome is Outcome.UNGRADED


def _like(change: Callable[[np.ndarray], Any]) -> Callable[[str], Callable[..., Any]]:
    """A function that has the right number of results, each of the right shape, and changes what is in them."""

    def of(name: str) -> Callable[..., Any]:
        def answer(*args: Any) -> Any:
            if not INTERFACE.function(name).returns:
                return None
            value = FUNCTIONS[name](*args)
            return tuple(change(np.asarray(v, float)) for v in value) if isinstance(value, tuple) else change(np.asarray(value, float))

        return answer

    return of


def _echo(name: str) -> Callable[..., Any]:
    """The first array among the arguments, as often as there are results."""
    count = len(INTERFACE.function(name).returns)

    def answer(*args: Any) -> Any:
        arrays = [a for a in args if isinstance(a, np.ndarray | int | float)]
        return arrays[0] if count == 1 else tuple(arrays[-1] for _ in range(count))

    return answer


DEGENERATE: dict[str, Callable[[str], Callable[..., Any]]] = {
    "zeros": _like(np.zeros_like),
    "ones": _like(np.ones_like),
    "uniform rows": _like(lambda y: np.full(y.shape, 1 / max(y.shape[-1:], default=1))),
    "first entry one": _like(lambda y: (np.arange(y.size) % max(y.shape[-1:], default=1) == 0).reshape(y.shape) * 1.0),
    "counting": _like(lambda y: np.arange(y.size, dtype=float).reshape(y.shape)),
    "NaN": _like(lambda y: np.full(y.shape, np.nan)),
    "huge": _like(lambda y: np.where(np.arange(y.size).reshape(y.shape) % 2, 1e308, -1e308)),
    "empty": _like(lambda y: np.zeros((0, *y.shape))),
    "one more axis": _like(lambda y: np.stack((y, y))),
    "scalar": lambda name: lambda *args: 0.5,
    "nothing": lambda name: lambda *args: None,
    "echo": _echo,
}


@every_check
@pytest.mark.parametrize("answer", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_answers_earn_nothing(check: Check, answer: Callable[[str], Callable[..., Any]], judged: Callable[..., Verdict]) -> None:
    """Zeros, constants, copies, scalars, NaN and empty arrays earn 0, with a reason."""
    verdict = judged(check, **{name: answer(name) for name in FUNCTIONS})
    assert (verdict.credit, verdict.outcome) in ((0, Outcome.NOT_MET), (0, Outcome.NOT_ATTEMPTED))
    assert verdict.message
