"""Assignment 1, asked in this process."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from grader.checks.base import Check
from grader.core.observation import Observation, Unavailable
from grader.core.probe import Probe
from grader.core.verdict import Verdict
from grader.trial import Trial
from reference.cs224n_a1.solutions import FUNCTIONS
from tests.checks.inprocess import call, trial_of


@pytest.fixture
def trial() -> Trial:
    """A trial of assignment 1."""
    return trial_of(1)


@pytest.fixture
def observe() -> Callable[..., list[Observation]]:
    """``observe(probes, softmax=f)``: what comes back, with the reference's functions where none is given; None is a missing function."""
    def ask(probes: Sequence[Probe], **functions: Callable[..., Any] | None) -> list[Observation]:
        known = {**FUNCTIONS, **functions}
        return [Unavailable(p.function) if known[p.function] is None else call(p, known[p.function]) for p in probes]
    return ask


@pytest.fixture
def judged(trial: Trial, observe: Callable[..., list[Observation]]) -> Callable[..., Verdict]:
    """``judged(check, softmax=f)``: the verdict, both rounds asked."""
    def judge(check: Check, **functions: Callable[..., Any] | None) -> Verdict:
        first = observe(check.plan(trial), **functions)
        verdict = check.judge(trial, first)
        return verdict if verdict.credit == 1 else check.judge(trial, first, observe(check.follow_up(trial, first), **functions))
    return judge
