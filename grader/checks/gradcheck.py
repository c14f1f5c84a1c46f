"""What a student's gradient checker says of right gradients and of planted wrong ones."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np

from grader.checks.answers import inputs, raising_line, trouble
from grader.checks.base import Check, Share
from grader.core.evidence import Contrast, Printed, Shown
from grader.core.interface import Interface
from grader.core.observation import Observation, Raised, Returned
from grader.core.probe import Probe, StandIn, Value
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met, partly
from grader.trial import Case, Trial

Said: TypeAlias = Literal["passed", "failed", "both", "nothing"]
Mistake: TypeAlias = tuple[str, str]  # sentence and hint

_LEAST, _MOST = 0.5, 2.0  # size of an entry, right or wrong: none is hidden behind another or behind a tolerance, or stands out
_LARGE = 1.0  # at least so much is added to one entry: 5e4 times the handout's tolerance of 1e-5
_SMALL = 2e-3  # the same, relative to max(1, entry): 200 times the handout's tolerance, 20 times one of 1e-4
_NOISE = 1.0  # draws that differ on the two sides of x give slopes wrong by some 10 noise / 2h = 50 000, elsewhere by their own size
_CURVATURE = 20.0  # f'' of each entry: the one-sided difference is off by h f''/2 = 1e-3, 50 times what is tolerated
_COUPLING = 15.0  # f'' between two entries: while the first is not put back, the second's slope is off by h f'' = 1.5e-3, or 1.5e-5 at 1e-6
_CUBIC = 0.4  # third derivatives are up to 6 times this, so that f'' stays above 25 - 2.4 |x| > 19
_RECORD = 64  # calls of f reported back: more than the largest x needs
_H = 1e-4  # the handout's step
_NO_PASS = re.compile(r"(?:\bnot|n't|\bnever)\s+(?:\w+\s+)?pass")  # not passed, didn't pass, has not been passed
_NO_FAILURE = re.compile(r"\b(?:no|not|0|zero|without|never)\s+(?:\w+\s+)?fail")
_SHAPES: Mapping[str, tuple[int, ...]] = {"number": (), "vector": (5,), "matrix": (2, 3)}
_ENTRIES: Mapping[str, int] = {"first": 0, "middle": 2, "last": -1}
_TINY = 1e-9  # at this step the rounding of a cost of 100 makes its slope wrong by eps 100 / h = 2e-5: more than is tolerated
_HUGE = 3e-3  # from some 5e-3 on, h^2 f'''/6 is more than is tolerated: third derivatives are up to 6 times _CUBIC
_RESIDUE = 1e-3  # of a step: rounding leaves 1e-16 / h where one was added and taken away
_CONTROLS = (("vector", "first"), ("matrix", "last"), ("matrix", "middle"))  # wrong by either sign, and the shape of x tells nothing

_ALWAYS_PASSED = (
    "It says that a wrong gradient passed, as it says of right ones: it never compares.",
    "Compare the numerical gradient with the one that f returns, for each entry.",
)
_ALWAYS_FAILED = (
    "It says that right gradients failed, so its finding wrong ones proves nothing.",
    "Work a quadratic by hand: the central difference of x^2 is exactly 2x.",
)
_REVERSED = (
    "It says that right gradients failed and that wrong ones passed: the comparison is the wrong way round.",
    "Say that the check failed where the relative difference is greater than 1e-5.",
)
_ONE_ENTRY = (
    "It calls f with one entry of x; f takes the whole x, of which one entry is moved.",
    "Change x[ix] in place, call f(x), and put x[ix] back.",
)
_NOT_RESTORED = (
    "x is not put back after an entry was moved: it is changed when the function returns.",
    "Keep old = x[ix], and write x[ix] = old after the two calls of f.",
)
_NOT_RESTORED_ON_FAILURE = (
    "x is not put back when the check fails: the function returns while an entry is still moved.",
    "Write x[ix] = old right after the two calls of f, before anything is compared.",
)
_NOT_RESET = (
    "It passes a right gradient, but not when f draws random numbers: the random state is not reset before each call of f.",
    "Take rndstate = random.getstate() once, before the first f(x), and call random.setstate(rndstate) before each later call of f.",
)
_ONE_SIDED = (
    "The difference is one-sided: where f is curved, its error h f''/2 is taken for a wrong gradient.",
    "Take (f(x + h) - f(x - h)) / (2h).",
)
_OTHER_POINT = (
    "It fails where f is curved, though it moves x both ways: the difference is one-sided, or the gradient is one at a moved x.",
    "Move x by h each way, and compare with the gradient of the first call, f(x): later calls return others.",
)
_ALL_MOVED = (
    "It moves several entries of x at once, as f(x + h) does, which adds h to each of them.",
    "Move x[ix] alone, call f(x), and put x[ix] back.",
)
_TINY_STEP = (
    "Its step is so small that the difference is little but rounding.",
    "Take h = 1e-4, as the handout does.",
)
_LARGE_STEP = (
    "Its step is so large that the error of the central difference, of order h^2, is taken for a wrong gradient.",
    "Take h = 1e-4, as the handout does.",
)
_LOOSE = (
    "It misses every small fault and finds the large ones: its tolerance is too loose.",
    "Compare the relative difference with 1e-5, as the handout does.",
)
_ROUNDED = (
    "It misses some small faults and finds the large ones: its tolerance is too loose, or the numbers are rounded before.",
    "Compare the relative difference of the numbers as they are with 1e-5, as the handout does.",
)
_MAGNITUDES = (
    "It misses every flipped sign: it compares magnitudes.",
    "Take abs(numerical - gradient), not the difference of absolute values.",
)
_NO_ABS = (
    "It misses every fault of one sign: the difference is compared without its absolute value.",
    "Take abs(numerical - gradient).",
)
_SAYS: Mapping[Said, str] = {
    "passed": '"passed"', "failed": '"failed"', "both": 'both "passed" and "failed"', "nothing": 'neither "passed" nor "failed"',
}
_TO_BE_CLEAR: Mapping[Said, str] = {
    "both": 'Write `return` right after it has said "failed": what comes next says "passed" all the same.',
    "nothing": 'Print a line with the word "{}" before the function returns.',
}
_RIDDLES: Mapping[float, Mistake] = {
    -1.0: ("It passes a gradient of the wrong sign and fails the right one: the difference is f(x - h) - f(x + h).",
           "Take f(x + h) - f(x - h), in this order."),
    2.0: ("It passes twice the right gradient: the difference of two points 2h apart is divided by h.", "Divide by 2h."),
    0.5: ("It passes half of the right gradient: the difference of two points h apart is divided by 2h.", "Move x both ways, by h each."),
    0.0: ("It passes a gradient of zero and fails the right one: its difference comes out as zero, or nearly so.",
          "Change x[ix] itself, and mind the brackets: (f(x + h) - f(x - h)) / (2 * h)."),
}
"""Factor on the gradient that a mistaken checker passes: sentence and hint."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One call of the checker.

    Parameters
    ----------
    name : str
        In a student's words: ``the right gradient of a matrix x``.
    case : Case
        Objective and x.
    by : float
        By how much one entry of the gradient is wrong; 0 for a right one.
    entry, size : str
        Which entry (``first``, ``middle``, ``last``) is wrong, and how (``large``, ``small``, ``sign``).
    """

    name: str
    case: Case
    by: float = 0.0
    entry: str = ""
    size: str = ""

    @property
    def should(self) -> Said:
        """What a right checker says."""
        return "failed" if self.by else "passed"


class GradcheckCheck(Check):
    """What the checker prints, or returns, for objectives with right gradients and with planted wrong ones.

    No aspect can be met by saying always the same.

    Parameters
    ----------
    aspect : {'right', 'planted', 'restores', 'random'}
        ``right``: passes right gradients of curved, non-separable objectives, where a one-sided difference does not.
        ``planted``: fails one wrong entry, wherever it is, by however little. The objectives are linear, so that even a
        one-sided difference is exact: this is about the comparison.
        ``restores``: x is as before, after a check that passed and after one that failed; and x was moved at all.
        ``random``: passes the right gradient of an objective that draws random numbers, for its cost and for its gradient.
    not_restored : Fraction
        Share of the points of ``right`` for a checker that fails right gradients only because it does not put x back. 1 is for what
        another item charges: it is met, with a note.
    """

    kind: Literal["gradcheck"] = "gradcheck"
    aspect: Literal["right", "planted", "restores", "random"]
    not_restored: Share = Fraction(0)

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """One call per question."""
        return tuple(q.case.probe for q in self._questions(trial))

    def follow_up(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """For a checker that fails right gradients: wrong ones that a mistaken difference takes for right."""
        if self.aspect != "right":
            return ()
        return trial.once((self.kind, self.function, "probes of riddles"), lambda: tuple(case.probe for case in self._riddles(trial)))

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """What was said against what should be said; then the mistake that explains the difference."""
        questions = self._questions(trial)
        if any(isinstance(o, Raised) and "f takes the whole x" in o.message for o in observations):
            return not_met(Reason.MISCONCEPTION, _ONE_ENTRY[0], hint=_ONE_ENTRY[1])
        heard = [*map(self._heard, questions, observations), *observations[len(questions):]]
        if wrong := trouble(heard, [q.case for q in questions]):
            return wrong
        returned = [o for o in heard if isinstance(o, Returned)]
        restores = self.aspect == "restores"
        verdict = self._judge_restores(questions, returned) if restores else self._judge_said(questions, returned, follow_up)
        return verdict.with_notes(*_notes(questions, observations))

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: a function that does not take f and x."""
        yield from super().problems(interface)
        if any(f.name == self.function and len(f.params) != 2 for f in interface.functions):
            yield "function", f"{self.function} does not take two arguments.", "Write the name of a function of f and x."

    # ---- what is asked -----------------------------------------------------------------------------------------------

    def _questions(self, trial: Trial) -> tuple[Question, ...]:
        return trial.once((self.kind, self.function, self.aspect), lambda: self._asked(trial))

    def _asked(self, trial: Trial) -> tuple[Question, ...]:
        ask = _Asker(trial, self.function)
        match self.aspect:
            case "right":
                controls = (ask(shape, entry=e, size="large") for shape, e in _CONTROLS)
                return (*(ask(shape) for shape in _SHAPES), *controls)
            case "planted":
                wrong = (ask("matrix", entry=e, size=s, linear=True) for s in ("large", "small", "sign") for e in _ENTRIES)
                return ask("matrix", linear=True), *wrong
            case "restores":
                return ask("vector", at_zero=True), ask("matrix", at_zero=True), ask("matrix", entry="middle", size="large", at_zero=True)
            case "random":
                noisy = (ask(shape, linear=True, noise=_NOISE) for shape in ("vector", "matrix"))
                controls = (ask(shape, entry=e, size="large", linear=True, noise=_NOISE) for shape, e in _CONTROLS)
                return ask("vector", linear=True), *noisy, *controls

    def _riddles(self, trial: Trial) -> tuple[Case, ...]:
        """A gradient for each of `_RIDDLES`, then right ones: of a linear function, and of a curved, separable one."""
        ask = _Asker(trial, self.function)
        return (*(ask.scaled(factor) for factor in _RIDDLES), ask("vector", linear=True).case, ask("vector", separable=True).case)

    # ---- what it means -----------------------------------------------------------------------------------------------

    def _heard(self, question: Question, o: Observation) -> Observation:
        """What came back, an exception as what it says of the gradient.

        Outside of `planted`, "failed" that was printed of a wrong gradient counts, whatever is raised after it.
        """
        heard = _raised_as_failed(o, planted=bool(question.by))
        if isinstance(heard, Raised) and question.by and self.aspect != "planted" and _said_in(heard.printed) == "failed":
            return Returned(None, printed=heard.printed)
        return heard

    def _judge_said(self, questions: Sequence[Question], returned: Sequence[Returned], follow_up: Sequence[Observation]) -> Verdict:
        said = [what_was_said(o) for o in returned]
        wrong = self._first_wrong(questions, said)
        if wrong is None:
            return met()
        question, heard = questions[wrong], said[wrong]
        evidence = (Contrast(self.function, inputs(question.case), Shown(_SAYS[heard]), Shown(_SAYS[question.should]), question.name),
                    Printed(returned[wrong].printed))
        riddles = [what_was_said(o) if isinstance(o, Returned) else "nothing" for o in map(_raised_as_failed, follow_up)]
        mistake = self._mistake(questions, returned, said, riddles)
        if mistake is None:
            sentence = f"{self.function} says {_SAYS[heard]} for {question.name}; it should say {_SAYS[question.should]}."
            return not_met(Reason.PRINTED, sentence, *evidence, hint=_TO_BE_CLEAR.get(heard, "").format(question.should))
        sentence, hint = mistake
        # nothing else is wrong if the gradient passes where an x that is not put back moves no other entry's slope
        credit = self.not_restored if mistake is _NOT_RESTORED and riddles[-1:] == ["passed"] else Fraction(0)
        if credit == 1:
            return met(f"Right gradients fail where entries depend on each other: {sentence} That is not charged here.")
        reason = Reason.DEGENERATE if mistake in (_ALWAYS_PASSED, _ALWAYS_FAILED) else Reason.MISCONCEPTION
        return partly(credit, reason, sentence, *evidence, hint=hint)

    def _first_wrong(self, questions: Sequence[Question], said: Sequence[Said]) -> int | None:
        """Number of the first question that was answered wrongly.

        Outside of `planted`, wrong gradients are a control: one that is not said to have passed is enough, for where they are, and
        whether "failed" is said of it, or "passed" after all, is `planted`'s.
        """
        found = self.aspect != "planted" and any(q.by and s != "passed" for q, s in zip(questions, said, strict=True))
        return next((i for i, q in enumerate(questions) if said[i] != q.should and not (q.by and found)), None)

    def _mistake(
        self, questions: Sequence[Question], returned: Sequence[Returned], said: Sequence[Said], riddles: Sequence[Said]
    ) -> Mistake | None:
        if set(said) == {"passed"}:
            return _ALWAYS_PASSED
        if not set(said) <= {"passed", "failed"}:
            return None
        if all(s != q.should for q, s in zip(questions, said, strict=True)):
            return _REVERSED
        known: Mistake | None = None
        match self.aspect:
            case "right":
                known = _why_failed(questions, returned, riddles)
            case "planted" if said[0] == "passed":
                known = _why_missed(questions, said)
            case "random" if said[:2] == ["passed", "failed"]:
                known = _NOT_RESET
        return known or (_ALWAYS_FAILED if set(said) == {"failed"} else None)

    def _judge_restores(self, questions: Sequence[Question], returned: Sequence[Returned]) -> Verdict:
        # of wrong gradients nothing is known when "failed" is an exception: the calls are not told
        asked = list(zip(questions, returned, strict=True))
        idle = next((q for q, o in asked if not q.by and not any(_steps(q, o))), None)
        if idle is not None:
            return not_met(Reason.DEGENERATE, f"{self.function} never calls f beside x, for {idle.name}: nothing was done to x.",
                           hint="Move one entry of x by h, call f(x), and put the entry back; for each entry.")
        changed = [q for q, o in asked if 1 in o.changed]
        if not changed:
            return met()
        sentence, hint = _NOT_RESTORED_ON_FAILURE if all(q.by for q in changed) else _NOT_RESTORED
        return not_met(Reason.CHANGED_INPUT, sentence, Contrast(
            self.function, inputs(changed[0].case), Shown(f"x was changed, for {changed[0].name}"), None, "x as it was before"), hint=hint)


@dataclass(frozen=True, slots=True, eq=False)
class _Asker:
    """Makes questions.

    Each has an x and a cost of its own: were two about the same cost, the one whose gradient differs would tell without a check.
    """

    trial: Trial
    function: str

    def __call__(
        self, shape: str, *, entry: str = "", size: str = "", linear: bool = False, noise: float = 0.0, at_zero: bool = False,
        separable: bool = False,
    ) -> Question:
        rng = self.trial.rng(self.function, shape, entry, size, linear, noise, at_zero, *["separable"] * separable)
        x = restorable(math.prod(_SHAPES[shape]), rng)
        if at_zero:  # where any step added, taken away twice and added again gives x to the last bit
            x = np.zeros(x.size)
        slopes = _slopes(x.size, rng)
        told, index = slopes.copy(), _ENTRIES.get(entry, 0)
        slopes[index], told[index] = _slope_and_told(size, entry, rng)
        by = float(told[index] - slopes[index])
        name = f"the right gradient of a {shape} x" if not size else f"a gradient of a {shape} x whose {entry} entry is wrong by {by:.2g}"
        data = _polynomials(x, slopes, told, rng, linear=linear, separable=separable, noise=noise)
        return Question(name + (", with a random cost" if noise else ""), self._case(x.reshape(_SHAPES[shape]), data), by, entry, size)

    def scaled(self, factor: float) -> Case:
        """A gradient of a number that is `factor` times the right one."""
        rng = self.trial.rng(self.function, "scaled", factor)
        x, slopes = restorable(1, rng), _slopes(1, rng)
        return self._case(x.reshape(()), _polynomials(x, slopes, factor * slopes, rng, linear=True))

    def _case(self, x: np.ndarray, data: Mapping[str, Value]) -> Case:
        f = StandIn("cost_and_gradient", data, record=_RECORD)
        return Case(0, self.trial.interface.function(self.function), {}, (f, x))


def _slopes(count: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.uniform(_LEAST, _MOST, count) * rng.choice([-1.0, 1.0], count))


def _slope_and_told(size: str, entry: str, rng: np.random.Generator) -> tuple[float, float]:
    """The slope of the cost in the entry of that name, and what the gradient says it is: both of the same range.

    Signs of the difference alternate, so that a comparison without an absolute value misses some and finds some.
    """
    sign = -1.0 if (entry == "middle") == (size == "large") else 1.0
    while True:
        slope, other = (float(s) for s in _slopes(2, rng))
        told = {"large": other, "small": slope + sign * _SMALL * max(1.0, abs(slope)), "sign": -slope, "": slope}[size]
        enough = size != "large" or sign * (told - slope) >= _LARGE
        # who rounds to two decimals first misses one at least
        alike = (size, entry) != ("small", "middle") or round(told, 2) == round(slope, 2)
        if enough and alike and _LEAST <= abs(told) <= _MOST:
            return slope, told


def _polynomials(
    x: np.ndarray, slopes: np.ndarray, told: np.ndarray, rng: np.random.Generator, *, linear: bool, separable: bool = False,
    noise: float = 0.0,
) -> dict[str, Value]:
    """The numbers of a `CostAndGradient` whose cost has these slopes at x, and whose gradient says `told` there.

    The cost is a sum over directions w: those of a reflection, so that the curvature is the same in each of them, and one more,
    s, which couples every two entries. Without it, and without third derivatives, it is a sum over the entries: separable.
    Directions are scaled at random in the cost, and otherwise in the gradient.
    """
    n = x.size
    s, u = rng.uniform(1.0, 1.5, n) * rng.choice([-1.0, 1.0], n), rng.uniform(0.5, 1.0, n)
    reflection = np.eye(n) - 2 * np.outer(u, u) / (u @ u)
    w = np.vstack([reflection, s])
    curvature, cubic = np.array([_CURVATURE] * n + [_COUPLING]), np.append(rng.uniform(0.1, _CUBIC, n), 0.0)
    if separable:
        curvature[-1], cubic = 0.0, 0 * cubic
    if linear:
        curvature, cubic = 0 * curvature, 0 * cubic
    t, v = rng.uniform(0.5, 2.0, (2, n + 1))
    V = w * v[:, None]
    G, K = (w.T * curvature) @ w, 3 * w.T * cubic / v**2
    rest, last = G @ x + K @ (V @ x) ** 2, rng.normal()
    p = np.append(reflection @ (slopes - rest - last * s), last)
    cost: dict[str, Value] = {"W": w * t[:, None], "p": p / t, "q": curvature / t**2, "r": cubic / t**3, "noise": noise}
    return {**cost, "g": told - rest, "G": G, "V": V, "K": K}


def restorable(count: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers of two decimals between -1 and 1, all different, that are the same after h is added and taken away in any usual order.

    A student who writes ``x += h; x -= 2h; x += h`` puts x back up to one rounding, which is not the mistake looked for. Four
    numbers in five are so, for the handout's h.
    """
    drawn = np.round(rng.uniform(-1.0, 1.0, 200), 2) + 0.0  # which makes 0.0 of -0.0
    x, h = np.array(sorted(set(drawn.tolist()))), _H  # numpy.unique imports numpy.ma for it
    back = ((x + h) - 2 * h) + h, ((x - h) + 2 * h) - h, (x + h) - h, (x - h) + h, ((x + h) - h - h) + h
    return np.asarray(rng.choice(x[np.all(np.array(back) == x, axis=0)], count, replace=False))


def what_was_said(o: Returned) -> Said:
    """Whether the printed text speaks of passing or of failing; what was returned counts if nothing is printed of either.

    "Failed" at the very end, after entries that passed, is "failed"; "passed" after a failure is both. Negations are understood.
    """
    said = _said_in(o.printed)
    return said if said != "nothing" else _said_in(_as_text(o))


def _said_in(text: str) -> Said:
    text = _NO_FAILURE.sub("", _NO_PASS.sub("fail", text.lower()))
    passed, failed = text.rfind("pass"), text.rfind("fail")
    if passed >= 0 and failed >= 0:
        return "failed" if failed > passed else "both"
    return "passed" if passed >= 0 else "failed" if failed >= 0 else "nothing"


def _as_text(o: Returned) -> str:
    value = o.value
    if isinstance(value, np.ndarray) and value.dtype.kind == "b" and value.size == 1:
        value = bool(value.all())
    if isinstance(value, bool):
        return "passed" if value else "failed"
    return value if isinstance(value, str) else ""


def _raised_as_failed(o: Observation, *, planted: bool = False) -> Observation:
    """What an exception says of a gradient, as what was printed."""
    if isinstance(o, Raised) and _says_failed(o, planted=planted):
        return Returned(None, printed=f"{o.printed}\n{o.type}: failed".lstrip())
    return o


def _says_failed(o: Raised, *, planted: bool) -> bool:
    """Whether an exception is how the checker says it: an assertion, or one that it raises itself in words of failing.

    Of a wrong gradient, in whatever words: which is no accident, as an exception of numpy's would be.
    """
    own = raising_line(o).lstrip().startswith("raise") and o.type != "NotImplementedError"
    return o.type == "AssertionError" or (own and (planted or _said_in(o.message) == "failed"))


def _notes(questions: Sequence[Question], observations: Sequence[Observation]) -> Iterator[str]:
    asked = zip(questions, observations, strict=True)
    types = dict.fromkeys(o.type for q, o in asked if isinstance(o, Raised) and _says_failed(o, planted=bool(q.by)))
    yield from (f'{"an" if kind[0] in "AEIOU" else "a"} {kind} was taken for "failed"' for kind in types)
    silent = (o for o in observations if isinstance(o, Returned) and _said_in(o.printed) == "nothing")
    if any(what_was_said(o) != "nothing" for o in silent):
        yield "what the function returns was taken for what it should print"


def _why_failed(questions: Sequence[Question], returned: Sequence[Returned], riddles: Sequence[Said]) -> Mistake | None:
    """Why right gradients fail: the wrong gradient that passes tells, and so does an x that was not put back."""
    asked = list(zip(questions, returned, strict=True))
    moves = [step for q, o in asked for step in _steps(q, o)]
    if moves and max(map(abs, moves)) < _TINY:
        return _TINY_STEP  # which is too small for x to be put back to the last bit
    if riddles[:len(_RIDDLES) + 1] == ["passed"] * len(_RIDDLES) + ["failed"]:
        return _REVERSED
    several = [o for q, o in asked if any(map(_several, _displaced(q, o)))]
    # where several entries are moved, the slopes of a linear function may come out right for that
    mistakes = [*_RIDDLES.values()] if several else [*_RIDDLES.values(), _why_curved_failed(moves)]
    passed = next((m for m, said in zip(mistakes, riddles, strict=False) if said == "passed"), None)
    if passed or not several:
        return passed
    return _NOT_RESTORED if any(1 in o.changed for o in several) else _ALL_MOVED


def _why_curved_failed(moves: Sequence[float]) -> Mistake:
    """Why right gradients fail of curved functions, and not of linear ones: how far x was moved both ways tells."""
    both_ways = min(max(moves, default=0.0), -min(moves, default=0.0))
    if both_ways > _HUGE:
        return _LARGE_STEP
    return _OTHER_POINT if both_ways > _RESIDUE * max(map(abs, moves), default=0.0) else _ONE_SIDED


def _why_missed(questions: Sequence[Question], said: Sequence[Said]) -> Mistake | None:
    """Which planted faults pass, as one sentence."""
    missed = {q for q, s in zip(questions, said, strict=True) if q.by and s == "passed"}

    def all_that(fit: Callable[[Question], bool]) -> set[Question]:
        return {q for q in questions if q.by and fit(q)}

    small = all_that(lambda q: q.size == "small")
    if missed <= small:
        return _LOOSE if missed == small else _ROUNDED
    if missed == all_that(lambda q: q.size == "sign"):
        return _MAGNITUDES
    if missed in (all_that(lambda q: q.by > 0), all_that(lambda q: q.by < 0)):
        return _NO_ABS
    entries = [e for e in _ENTRIES if any(q.entry == e for q in missed)]
    if missed == all_that(lambda q: q.entry in entries):
        return (f"It misses every fault in the {' and the '.join(entries)} entry of a matrix: it does not look at all entries.",
                "Go through all indices of x, in all of its dimensions, and do not overwrite an earlier failure.")
    return None


def _steps(question: Question, returned: Returned) -> Iterator[float]:
    """By how much, at most, an entry of x was moved for each call of f with an x of the right shape."""
    return (float(max(d.flat, key=abs)) for d in _displaced(question, returned))


def _several(displaced: np.ndarray) -> bool:
    """Whether more than one entry was moved; the rounding that is left where a step was added and taken away is no move."""
    size = np.abs(displaced)
    return bool(np.count_nonzero(size > _RESIDUE * np.max(size)) > 1)


def _displaced(question: Question, returned: Returned) -> Iterator[np.ndarray]:
    """By how much each entry of x was moved, for each call of f with an x of the right shape."""
    x = np.asarray(question.case.args[1])
    points = (np.asarray(c.args[0]) for c in returned.calls if c.arg == 0 and c.args and isinstance(c.args[0], np.ndarray | float))
    return (p - x for p in points if p.shape == x.shape and p.dtype.kind == "f")
