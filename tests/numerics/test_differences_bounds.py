"""Where one reading of an error curve ends and the next begins, and how unequal the entries of a direction may be."""

import numpy as np
import pytest

from grader.numerics.differences import EPS, ROUNDING, STEPS, Curve, random_directions, read_curve

USABLE = STEPS[:6]
"""The steps from 1e-1 to 1e-6: the smaller ones do not count."""


@pytest.mark.parametrize("cost", [0.0, -0.3, 1.0, -40.0])
@pytest.mark.parametrize(("share", "curve"), [(0.9, Curve.RIGHT), (1.1, Curve.NOISE)])
def test_rounding_is_a_hundred_eps_of_a_cost_of_one_at_least(cost: float, share: float, curve: Curve) -> None:
    """0.9 of ``100 eps max(1, |cost|) / h`` is nothing but rounding, 1.1 of it is more; small costs have that of 1."""
    errors = [share * ROUNDING * EPS * max(1.0, abs(cost)) / h for h in STEPS]
    assert read_curve(STEPS, errors, cost) is curve


@pytest.mark.parametrize(("finite", "curve"), [(3, Curve.UNCLEAR), (4, Curve.WRONG)])
def test_four_errors_say_something(finite: int, curve: Curve) -> None:
    """Three are too few."""
    assert read_curve(USABLE, [0.1] * finite + [np.nan] * (6 - finite), 1.0) is curve


@pytest.mark.parametrize("errors", [[1e-2] * 5 + [1.0], [1e-2] * 5 + [1e-4]])
def test_one_step_makes_no_trend(errors: list[float]) -> None:
    """The middle one of the last three slopes is the trend: an error that jumps or falls at the last step alone stays wrong."""
    assert read_curve(USABLE, errors, 1.0) is Curve.WRONG


def test_no_entry_of_a_direction_is_more_than_twice_another() -> None:
    """Whatever its sign: each is between a half and 1 before scaling."""
    sizes = np.abs(random_directions((5,), 200, np.random.default_rng(3)))
    assert np.max(sizes.max(axis=1) / sizes.min(axis=1)) <= 2
