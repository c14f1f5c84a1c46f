"""Where gradient descent arrives after a number of iterations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, Final, Literal

import numpy as np

from grader.checks.answers import Conformed, contrast, inputs, raised
from grader.checks.base import Check, Share, ToleranceFields
from grader.checks.guard import notes_of, read
from grader.core.interface import Interface
from grader.core.observation import Observation, Raised, Returned
from grader.core.probe import Probe, StandIn, Value
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met, partly, ungraded
from grader.numerics.compare import Tolerance, agrees, compare
from grader.numerics.sampling import draw_postprocessing
from grader.trial import Case, Trial, materialise

_PARAMS = ("f", "x0", "step", "iterations", "postprocessing", "useSaved", "PRINT_EVERY")
_HALVED_EVERY = 20000  # iterations, the handout's ANNEAL_EVERY
_NEVER_PRINT = 10**6  # PRINT_EVERY beyond every number of iterations here: printing is not asked for
_SAVED = "saved_params_"  # what the handout's files are called in which sgd may save its parameters


class StepsCheck(Check, ToleranceFields):
    """x after k iterations equals the reference's, from the same start, with the same f and the same postprocessing.

    Parameters
    ----------
    aspect : {'steps', 'postprocessing', 'annealing'}
        ``steps``: one to 25 iterations of a non-separable f, from a number, a vector and a matrix; and three steps so large that the
        cost rises with each.
        ``postprocessing``: with one that returns a new x and one that changes x in place, which tells a result that is discarded
        from a function that is never called.
        ``annealing``: two iterations beyond the halving of the step, on a constant slope; and three in all, which tell one that
        is left out from a step that is halved too early.
    arrays_only : Fraction
        Share of the points for a function that raises where x is a plain number, and is right where it is an array. 1 is for what
        another item charges: it is met, with a note.
    stopping, counting, climbing, halving : Fraction
        Share of the points for a function that is right but that it stops as soon as the cost rises; takes a step too many or too few,
        or counts from 0; adds the steps; or halves the step in every iteration. 1 as above.
    """

    kind: Literal["steps"] = "steps"
    function: str = "sgd"
    aspect: Literal["steps", "postprocessing", "annealing"]
    arrays_only: Share = Fraction(0)
    stopping: Share = Fraction(0)
    counting: Share = Fraction(0)
    climbing: Share = Fraction(0)
    halving: Share = Fraction(0)

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """One run per case."""
        return tuple(case.probe for case in self._cases(trial))

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """Form, finiteness, values; then the slip that arrives where the student's function does, on every case."""
        cases = self._cases(trial)
        if unsaved := next((o for o in observations if isinstance(o, Raised) and _is_unsaved(o)), None):
            return ungraded(Reason.ENVIRONMENT, f"{self.function} saves its parameters, which it may, but no file can be written here.",
                            *raised(unsaved, cases[0]).evidence)
        errors = [(o, c) for c, o in zip(cases, observations, strict=False) if isinstance(o, Raised)]
        if len(errors) == len(cases) and (of_arrays := [(o, c) for o, c in errors if not _is_of_number(c)]):
            return raised(*of_arrays[0])  # that it takes no plain number either is the lesser half of it
        verdict = self._judged(trial, cases, observations)
        if not _fails_at_numbers(cases, observations):
            return verdict
        asked = [(c, o) for c, o in zip(cases, observations, strict=True) if not _is_of_number(c)]
        asked += zip(self._further(trial), follow_up, strict=False)
        if not asked:
            return verdict
        found = self._judged(trial, [c for c, _ in asked], [o for _, o in asked])
        if self.arrays_only == 1:
            return found.with_notes(f"{self.function} raises where x is a plain number. That is not charged here.")
        share = self.arrays_only * (found.credit or 0)
        return partly(share, Reason.RAISED, verdict.message, *verdict.evidence, hint=verdict.hint) if share else verdict

    def follow_up(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """An array, if there was none, for a function that raises where x is a plain number."""
        cases = self._cases(trial)
        if not _fails_at_numbers(cases, observations):
            return ()
        return trial.once((self.kind, self.function, self.aspect, "probes"), lambda: tuple(c.probe for c in self._further(trial)))

    def _judged(self, trial: Trial, cases: Sequence[Case], observations: Sequence[Observation]) -> Verdict:
        answers = read(cases, observations)
        if isinstance(answers, Verdict):
            return answers
        called = any(c.arg == _PARAMS.index("postprocessing") for o in observations if isinstance(o, Returned) for c in o.calls)
        verdict = self._compare(trial, cases, answers, called=called)
        if verdict.reason is Reason.STEPS and isinstance(overflowing := read(cases, observations, finite=True), Verdict):
            return overflowing
        return verdict.with_notes(*notes_of(answers))

    def _compare(self, trial: Trial, cases: Sequence[Case], answers: Sequence[Conformed], *, called: bool) -> Verdict:
        name = cases[0].function.returns[0].name
        got, want = [a.results[name] for a in answers], [trial.answer(case)[name] for case in cases]
        allowed = [a.allowed(self.tolerance) for a in answers]
        found = [compare(g, w, tolerance) for g, w, tolerance in zip(got, want, allowed, strict=True)]
        first = next((i for i, f in enumerate(found) if not f.ok), None)
        if first is None:
            return met()
        case = cases[first]
        call = f"{self.function} with iterations = {case.arg('iterations')}"
        evidence = contrast(call, inputs(case), got[first], want[first], found[first], "the reference")
        slip = next((s for s in _SLIPS[self.aspect] if self._explains(trial, s, cases, got, allowed)), None)
        if slip is _NOT_CALLED and called:
            slip = _DISCARDED  # of a copy, for one
        if slip is not None:
            share = next((getattr(self, field) for field, slips in _SHARED.items() if slip in slips), Fraction(0))
            return met(f"{slip.sentence} That is not charged here.") if share == 1 else partly(
                share, Reason.MISCONCEPTION, slip.sentence, evidence, hint=slip.hint)
        message = f"With iterations = {case.arg('iterations')}, x is not where it should be at the end."
        if self.aspect == "annealing":
            message += _added_up(case, got[first], want[first])
        return not_met(Reason.STEPS, message, evidence, hint=_ANNEAL if self.aspect == "annealing" else "")

    def _explains(
        self, trial: Trial, slip: "Slip", cases: Sequence[Case], got: Sequence[np.ndarray], allowed: Sequence[Tolerance]
    ) -> bool:
        made = (trial.once((slip, self.aspect, case.number), partial(slip.arrives, case)) for case in cases)
        return all(agrees(*_both_lost(g, m), tolerance) for m, g, tolerance in zip(made, got, allowed, strict=True))

    # ---- what is asked -----------------------------------------------------------------------------------------------

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        return trial.once((self.kind, self.function, self.aspect), lambda: tuple(self._made(trial)))

    def _made(self, trial: Trial) -> Iterator[Case]:
        spec = trial.interface.function(self.function)
        rng = trial.rng(self.function, self.aspect)
        for number, plan in enumerate(_PLANS[self.aspect]):
            f, x0, step = _constant_slope(rng) if self.aspect == "annealing" else _bowl(plan.shape, rng)
            if plan.climbing:
                step = _too_long(f)
            post = draw_postprocessing(plan.post, rng)
            yield Case(number, spec, {}, (f, x0, step, plan.iterations, post, False, _NEVER_PRINT))

    def _further(self, trial: Trial) -> tuple[Case, ...]:
        """The cases of the follow-up round: one of an array, where all others are of plain numbers."""
        cases = self._cases(trial)
        return trial.once((self.kind, self.function, self.aspect, "further"), lambda: (
            (_of_array(cases[0], len(cases)),) if all(map(_is_of_number, cases)) else ()))

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: a function with other parameters, or whose result is not declared to be like x0."""
        yield from super().problems(interface)
        for f in interface.functions:
            if f.name == self.function and (f.param_names != _PARAMS or [r.spec.like for r in f.returns] != ["x0"]):
                yield ("function", f"{self.function} is not declared as a function of {', '.join(_PARAMS)} that returns an array like x0.",
                       "Declare it so in interface.py, or ask another function.")


@dataclass(frozen=True, slots=True)
class _Plan:
    """Shape of x, iterations and postprocessing of a case, and whether the cost rises with every step."""

    shape: tuple[int, ...]
    iterations: int
    post: str = ""
    climbing: bool = False


_PLANS: Mapping[str, tuple[_Plan, ...]] = {
    "steps": (_Plan((), 1), _Plan((3,), 2), _Plan((2, 4), 5), _Plan((5,), 25), _Plan((2,), 3, climbing=True)),
    "postprocessing": (_Plan((), 1, "pure"), _Plan((3,), 1, "pure"), _Plan((2, 3), 4, "in_place"), _Plan((4,), 7, "pure")),
    "annealing": (_Plan((), _HALVED_EVERY + 2), _Plan((), 3)),
}
"""The cases of each aspect; the first to fail is told."""


def _bowl(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[StandIn, Value, float]:
    """f, x0 and step: not separable, curvature 1 to 5, so that a step of 0.1 is stable and one of 0.05 goes far enough to be seen."""
    n = int(np.prod(shape))
    half = rng.normal(size=(n, n))
    A = np.eye(n) + 4 * half @ half.T / np.trace(half @ half.T)
    f = StandIn("objective", {"A": A, "b": rng.uniform(1.0, 2.0, n) * rng.choice([-1.0, 1.0], n)})
    x0 = np.round(rng.uniform(1.0, 3.0, shape) * rng.choice([-1.0, 1.0], shape), 2)
    return f, x0 if shape else float(x0), round(float(rng.uniform(0.05, 0.1)), 3)


def _too_long(f: StandIn) -> float:
    """A step with which the error in every direction is at least doubled: the cost is four times as far from the least, or more."""
    return round(3.0 / float(np.linalg.eigvalsh(np.asarray(f.data["A"]))[0]), 3)


def _constant_slope(rng: np.random.Generator) -> tuple[StandIn, Value, float]:
    """f, x0 and step, all of them multiples of a power of two: 20002 subtractions round nowhere."""
    return StandIn("constant_slope", {"slope": int(rng.integers(1, 16)) / 8}), int(rng.integers(-8, 8)) / 2, 1 / 32


def _is_of_number(case: Case) -> bool:
    return not isinstance(case.arg("x0"), np.ndarray)


def _of_array(case: Case, number: int) -> Case:
    """The case with an array of two for its x0, which is a plain number."""
    changed = case.replaced(x0=np.array([1.0, -2.0]) + np.asarray(case.arg("x0")))
    return Case(number, changed.function, changed.sizes, changed.args)


def _fails_at_numbers(cases: Sequence[Case], observations: Sequence[Observation]) -> bool:
    """Whether it raises wherever x is a plain number, and returns wherever it is an array."""
    if len(cases) != len(observations):
        return False
    return all(isinstance(o, Raised if _is_of_number(c) else Returned) for c, o in zip(cases, observations, strict=True))


def _is_unsaved(error: Raised) -> bool:
    return error.type == "PermissionError" and _SAVED in error.message


def _both_lost(got: np.ndarray, made: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same with zeros for what is NaN in both: a run that goes beyond all floats ends so, whoever makes it."""
    lost = np.isnan(got) & np.isnan(made)
    return np.where(lost, 0.0, got), np.where(lost, 0.0, made)


@np.errstate(all="ignore")  # a student's numbers may be as large as they like
def _added_up(case: Case, got: np.ndarray, want: np.ndarray) -> str:
    """What the steps add up to on a constant slope, and what they should: nothing else is known of a schedule."""
    f, x0, step = case.args[:3]
    assert isinstance(f, StandIn)
    first = np.asarray(step, float) * f.data["slope"]
    mine, right = (np.ravel((np.asarray(x0, float) - x) / first) for x in (got, want))
    if np.ptp(mine) != 0:  # NaN too
        return ""
    return f" The steps add up to {mine[0]:.8g} of the first one; halved after every {_HALVED_EVERY}, they add up to {right[0]:.8g} of it."


# ---- the slips, as the runs that they are ----------------------------------------------------------------------------

Run = Callable[[Callable[[Any], tuple[float, Any]], Any, float, int, Callable[[Any], Any]], Any]
"""(f, x0, step, iterations, postprocessing) -> x."""


def _arguments(case: Case) -> tuple[Any, ...]:
    f, x0, step, iterations, post = (materialise(a, {}) for a in case.args[:5])
    return f, x0, step, iterations, post or (lambda x: x)


_RIGHT: Final = ("slope", "step", "post", "halve")


def _run(*turn: str, sign: float = -1.0, first: int = 1, more: int = 0, halved_every: int = _HALVED_EVERY, factor: float = 0.5) -> Run:
    """Gradient descent with one thing done otherwise.

    Parameters
    ----------
    *turn : {'slope', 'step', 'post', 'call', 'halve'}
        What an iteration does, in order; as it should be if empty. ``call`` is postprocessing whose result is discarded.
    sign : float
        Of the step.
    first : int
        What iterations are counted from.
    more : int
        Iterations added.
    halved_every, factor : int, float
        In which iterations the step is multiplied, and by what.
    """
    def run(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
        for i in range(first, iterations + more + 1):
            for what in turn or _RIGHT:
                match what:
                    case "slope":
                        slope = f(x)[1]
                    case "step":
                        x = x + sign * step * slope
                    case "post":
                        x = post(x)
                    case "call":
                        post(x)
                    case "halve" if i % halved_every == 0:
                        step *= factor
        return x
    return run


def _last_only(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    return post(_run("slope", "step", "halve")(f, x, step, iterations, post))


def _start_only(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    return x


def _gradient_of_start(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    return _run()(lambda _: f(x), x, step, iterations, post)


def _steps_from_start(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    x0 = x
    for _ in range(iterations):
        x = x0 - step * f(x)[1]
    return x


def _whole_gradient(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    return _run("slope", "step")(f, x, 1.0, iterations, post)


def _cost_for_gradient(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    return _run("slope", "step")(lambda x: f(x)[::-1], x, step, iterations, post)


def _first_iteration_only(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    return _run()(f, x, step, 1, post)


def _steps_beside(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    """With ``x0 = x0 - step * grad; x = postprocessing(x0)``: no step starts from what postprocessing returned."""
    x0 = x
    for _ in range(iterations):
        x0 = x0 - step * f(x)[1]
        x = post(x0)
    return x


def _until_it_rises(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    last = np.inf
    for _ in range(iterations):
        cost, slope = f(x)
        if cost > last:
            return x
        last, x = cost, post(x - step * slope)
    return x


def _never_uphill(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    """With the cost of the next x seen before it is gone to."""
    for _ in range(iterations):
        cost, slope = f(x)
        moved = post(x - step * slope)
        if f(moved)[0] > cost:
            return x
        x = moved
    return x


def _gradient_processed(f: Any, x: Any, step: float, iterations: int, post: Any) -> Any:
    for _ in range(iterations):
        x = x - step * post(np.array(f(x)[1], float))
    return x


@dataclass(frozen=True, slots=True)
class Slip:
    """A run with one thing done otherwise."""

    run: Run
    sentence: str
    hint: str

    def arrives(self, case: Case) -> np.ndarray:
        """Where it ends."""
        with np.errstate(all="ignore"):
            return np.asarray(self.run(*_arguments(case)), float)


_STEP = "Write x = x - step * gradient, in every iteration."
_POST = "Write x = postprocessing(x) after each step, if a postprocessing was given."
_NOT_CALLED = Slip(_run("slope", "step", "halve"), "sgd does not call postprocessing after each step.", _POST)
_DISCARDED = Slip(_run("slope", "step", "call", "halve"), "sgd calls postprocessing and discards what it returns.", _POST)
_STOPPING: Final = tuple(
    Slip(run, "sgd stops as soon as the cost rises; it is to take as many steps as iterations says.",
         "Leave out the comparison of costs: from one batch to the next they rise and fall.") for run in (_until_it_rises, _never_uphill))
_COUNT = "Loop over range(start_iter + 1, iterations + 1)."
_COUNTING: Final = (
    Slip(_run(more=-1), "sgd takes one step too few.", _COUNT),
    Slip(_run(first=2), "sgd takes one step too few.", _COUNT),
    Slip(_run(more=1), "sgd takes one step too many.", _COUNT),
    Slip(_run(first=0, more=-1), "sgd halves its step in the very first iteration, as one that counts from 0 does.", _COUNT),
    Slip(_run(first=0), "sgd counts from 0: it takes one step too many, and halves its step in the very first iteration.", _COUNT),
)
_CLIMBS: Final = Slip(_run(sign=1.0), "sgd adds the step: it climbs instead of descending.", _STEP)
_ANNEAL = "Write `if iter % ANNEAL_EVERY == 0: step *= 0.5` at the end of the loop, with ANNEAL_EVERY = 20000."
_HALVES: Final = Slip(_run(halved_every=1), "sgd halves the step in every iteration.", _ANNEAL)
_SHARED: Final[Mapping[str, Sequence[Slip]]] = {
    "stopping": _STOPPING, "counting": _COUNTING, "climbing": (_CLIMBS,), "halving": (_HALVES,)}
"""By field, those of which a rubric may charge a share."""

_SLIPS: Mapping[str, tuple[Slip, ...]] = {
    "steps": (
        Slip(_start_only, "sgd returns x0: no step is taken.", _STEP),
        _CLIMBS,
        Slip(_run(sign=-0.5), "sgd takes half of each step.", _STEP),
        *_COUNTING,
        _HALVES,
        Slip(_first_iteration_only, "sgd returns after its first iteration.", "Write `return x` after the loop, not inside it."),
        Slip(_gradient_of_start, "sgd takes the gradient at x0 in every iteration.", "Call f(x), with the x of the last step."),
        Slip(_steps_from_start, "sgd takes every step from x0, and so keeps the last one alone.", _STEP),
        *_STOPPING,
        Slip(_whole_gradient, "sgd subtracts the whole gradient: it is not multiplied by step.", _STEP),
        Slip(_cost_for_gradient, "sgd subtracts the cost: f returns the cost first, and the gradient second.", "Write cost, grad = f(x)."),
    ),
    "postprocessing": (
        Slip(_start_only, "sgd returns x0: no step is taken.", _STEP),
        _NOT_CALLED,
        _DISCARDED,
        Slip(_run("post", "slope", "step", "halve"), "sgd calls postprocessing before the step; it belongs after it.", _POST),
        Slip(_run("slope", "post", "step", "halve"),
             "sgd calls postprocessing between the gradient and the step; it belongs after the step.", _POST),
        Slip(_run("post", "slope", "step", "post", "halve"), "sgd calls postprocessing before the step and after it.", _POST),
        Slip(_run("slope", "step", "post", "post", "halve"), "sgd calls postprocessing twice after each step.", _POST),
        Slip(_run("slope", "step", "post", "call", "halve"),
             "After each step sgd calls postprocessing once more, and discards what it returns.", _POST),
        Slip(_last_only, "sgd calls postprocessing once, at the end.", _POST),
        Slip(_gradient_processed, "sgd calls postprocessing with the gradient; it belongs around the x of each step.", _POST),
        *_STOPPING,
        *_COUNTING,
        _CLIMBS,
        _HALVES,
        Slip(_steps_beside, "sgd takes the gradient at what postprocessing returned, but its steps from what it was given.", _POST),
    ),
    "annealing": (
        Slip(_start_only, "sgd returns x0: no step is taken.", _STEP),
        Slip(_run(halved_every=10**9), "sgd never halves the step.", _ANNEAL),
        Slip(_run("halve", "slope", "step", "post"), "sgd halves the step one iteration too early.", _ANNEAL),
        Slip(_run(halved_every=_HALVED_EVERY // 2), "sgd halves the step every 10000 iterations.", _ANNEAL),
        Slip(_run(factor=2.0), "sgd doubles the step every 20000 iterations; it is to be halved.", _ANNEAL),
        *_COUNTING,
        _CLIMBS,
        _HALVES,
    ),
}
"""By aspect, in the order in which they are tried."""
