"""Central differences against functions whose derivatives are known."""

import math
import random

import numpy as np
import pytest

from grader.numerics.differences import (
    EPS,
    STEPS,
    Curve,
    along,
    pair,
    random_directions,
    read_curve,
    slope,
    slope_allowance,
    step_size,
    unit_direction,
)

X = np.array([0.3, -1.2, 0.7])
D = np.array([2.0, -1.0, 2.0]) / 3


def smooth(x):
    return float(np.sum(np.exp(x)) + x[0] * x[1])


def smooth_gradient(x):
    return np.exp(x) + np.array([x[1], x[0], 0.0])


def curve(f, derivative, steps=STEPS, x=X, d=D):
    return [abs(slope(*(f(p) for p in pair(x, d, h)), h) - derivative) for h in steps]


def test_the_step_is_the_cube_root_of_eps_times_the_scale_of_x():
    """6e-6 for numbers up to 1, and in proportion beyond: truncation h^2 and rounding eps/h balance there."""
    assert step_size(np.array([0.1, -0.5])) == pytest.approx(EPS ** (1 / 3))
    assert step_size(np.array([20.0, -50.0])) == pytest.approx(50 * EPS ** (1 / 3))
    assert step_size(np.zeros(0)) > 0


def test_no_other_step_does_much_better():
    """On a smooth function of size 1 the error at the chosen step is within 100 of the least over all steps."""
    true = along(smooth_gradient(X), D)
    chosen = curve(smooth, true, [step_size(X)])[0]
    assert chosen < 100 * max(min(curve(smooth, true)), EPS)
    assert chosen < 1e-9


def test_a_central_difference_is_the_directional_derivative():
    """Exact for a quadratic up to rounding."""
    A = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.0, -1.0, 1.0]])
    plus, minus = pair(X, D, 0.25)
    assert slope(plus @ A @ plus / 2, minus @ A @ minus / 2, 0.25) == pytest.approx(along(A @ X, D), rel=1e-14)


def test_directions_have_length_one_and_leave_no_entry_out():
    """Each entry of a direction is at least a quarter of the mean share 1/sqrt(n)."""
    ds = random_directions((4, 5), 50, np.random.default_rng(1))
    assert ds.shape == (50, 4, 5)
    assert np.allclose(np.sum(ds**2, axis=(1, 2)), 1.0)
    assert np.min(np.abs(ds)) > 0.25 / math.sqrt(20)


def test_directions_move_only_what_the_mask_names():
    """The other entries are exactly zero; an empty mask moves nothing."""
    mask = np.array([True, False, True])
    d = random_directions((3,), 1, np.random.default_rng(2), mask)[0]
    assert d[1] == 0
    assert np.linalg.norm(d) == pytest.approx(1)
    assert not random_directions((3,), 1, np.random.default_rng(2), np.zeros(3, bool)).any()


def test_two_errors_that_cancel_in_one_direction_do_not_cancel_in_all():
    """Opposite errors in two entries are seen along at least one of four directions, for each of 200 seeds."""
    error = np.array([1.0, 0.0, -1.0, 0.0])
    for seed in range(200):
        ds = random_directions((4,), 4, np.random.default_rng(seed))
        assert max(abs(along(error, d)) for d in ds) > 0.01


def test_a_unit_direction_moves_one_entry():
    """By its number in row-major order."""
    assert unit_direction((2, 3), 4).tolist() == [[0, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(("share", "accepted"), [(0.9, True), (1.1, False)])
def test_the_allowance_is_rounding_and_the_gradients_own_tolerance(share, accepted):
    """100 eps max(1, cost) / h for the cost and rtol |gradient| for the gradient, pinned on both sides."""
    allowed = 100 * 2.0**-52 * 7.0 / 1e-5 + 1e-6 * 5.0
    assert (share * allowed <= slope_allowance(-7.0, 1e-5, np.array([3.0, 4.0]), 1e-6)) is accepted
    assert slope_allowance(0.1, 1e-5, np.zeros(2), 1e-6) == pytest.approx(100 * EPS / 1e-5)


def test_the_error_of_a_right_gradient_falls_with_slope_two():
    """Down to rounding: the curve reads as right."""
    assert read_curve(STEPS, curve(smooth, along(smooth_gradient(X), D)), smooth(X)) is Curve.RIGHT


def test_a_quadratic_has_nothing_but_rounding():
    """No truncation at any step is right too."""
    assert read_curve(STEPS, curve(lambda x: float(x @ x), 2 * along(X, D)), float(X @ X)) is Curve.RIGHT


@pytest.mark.parametrize("off", [1.0, 1e-2, 1e-4, 1e-6])
def test_the_error_of_a_wrong_gradient_stays(off):
    """From wrong by all of it to wrong by 1e-6."""
    assert read_curve(STEPS, curve(smooth, along(smooth_gradient(X), D) + off), smooth(X)) is Curve.WRONG


@pytest.mark.parametrize("distance", [0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2])
def test_a_kink_falls_late_or_slowly(distance):
    """abs(t) at some distance from 0, and t abs(t) at 0, whose error is the step itself."""
    x = np.array([distance])
    if distance:
        errors = curve(lambda p: abs(float(p[0])), 1.0, x=x, d=np.ones(1))
        assert read_curve(STEPS, errors, distance) is Curve.KINK
    else:
        errors = curve(lambda p: float(p[0]) * abs(float(p[0])), 0.0, x=x, d=np.ones(1))
        assert read_curve(STEPS, errors, 0.0) is Curve.KINK


@pytest.mark.parametrize("size", [1.0, 1e-3, 1e-5])
def test_a_random_cost_is_noise(size):
    """Its error grows as the step shrinks."""
    rng = random.Random(4)
    errors = curve(lambda x: smooth(x) + size * rng.random(), along(smooth_gradient(X), D))
    assert read_curve(STEPS, errors, smooth(X)) is Curve.NOISE


def test_too_few_finite_errors_are_unclear():
    """NaN, infinite and missing errors are left out; fewer than four say nothing."""
    assert read_curve(STEPS, [math.nan] * 9, 1.0) is Curve.UNCLEAR
    assert read_curve(STEPS[:3], [1e-2, 1e-4, 1e-6], 1.0) is Curve.UNCLEAR
    assert read_curve(STEPS, [math.inf, *curve(smooth, along(smooth_gradient(X), D))[1:]], 1.0) is Curve.RIGHT


def test_readings_hold_on_three_hundred_seeds():
    """Right gradients of random smooth functions never read as wrong, and wrong ones never as right."""
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x, a, d = rng.normal(size=4), rng.normal(size=4), random_directions((4,), 1, rng)[0]
        f, g = (lambda p, a=a: float(np.sum(np.sin(a * p)) + 5)), a * np.cos(a * x)
        assert read_curve(STEPS, curve(f, along(g, d), x=x, d=d), f(x)) is Curve.RIGHT, seed
        assert read_curve(STEPS, curve(f, along(g, d) + 1e-3, x=x, d=d), f(x)) is not Curve.RIGHT, seed
