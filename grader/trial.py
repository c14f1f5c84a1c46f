"""One draw of everything random in a run: seed, sizes, inputs, and the reference's answers to them."""

import zlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np

from grader.core import dims
from grader.core.errors import CourseError
from grader.core.interface import FunctionSpec, Interface
from grader.core.observation import Raised, Returned
from grader.core.probe import Own, Probe, StandIn, Value
from grader.core.wording import on_one_line
from grader.numerics.sampling import draw_arguments, draw_sizes
from grader.worker.standins import build

CaseConfig: TypeAlias = Mapping[str, int | str]
"""Sizes by dim name (``N = 1``) and variants by parameter name (``dataset = "repeats"``)."""

_T = TypeVar("_T")

_REMEMBERED = 2000  # of thirty items, some sixty submissions

_LIKELY: Final[Mapping[str, Callable[..., Any]]] = {"likeliest": min, "unlikeliest": max}  # the class of the least or greatest cost

DEFAULT_CASES: tuple[CaseConfig, ...] = ({}, {}, {}, {})


@dataclass(frozen=True, slots=True)
class Misconception:
    """A known mistake, as the function that it computes.

    Parameters
    ----------
    id : str
        ``mean_over_N``; the name by which a rubric grants a share for it.
    function : str
        The function of the interface in whose place it stands, with the same arguments and results.
    sentence : str
        What the student did, in the past or present tense: "You divided the cost by N; the handout sums over N."
    hint : str
        What to change.
    answer : callable
        Computes what the mistake computes.
    """

    id: str
    function: str
    sentence: str
    hint: str
    answer: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Oracle:
    """The trusted side: reference functions by name, and the known mistakes."""

    functions: Mapping[str, Callable[..., Any]]
    misconceptions: tuple[Misconception, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One set of inputs of one function."""

    number: int
    function: FunctionSpec
    sizes: Mapping[str, int]
    args: tuple[Value, ...]
    _shapes: dict[str, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False)

    @property
    def probe(self) -> Probe:
        """The call with these inputs."""
        return Probe(self.function.name, self.args)

    def arg(self, name: str) -> Value:
        """The argument of that name."""
        return self.args[self.function.param_names.index(name)]

    def shape_of(self, result: str) -> tuple[int, ...]:
        """The shape that this result should have for these inputs."""
        if result not in self._shapes:
            spec = self.function.result(result).spec
            self._shapes[result] = (
                np.shape(self.arg(spec.like)) if spec.like else dims.shape_of(spec.shape, self.sizes))  # type: ignore[arg-type]
        return self._shapes[result]

    def replaced(self, **changes: Value) -> "Case":
        """The same case with some arguments changed."""
        args = tuple(changes.get(n, a) for n, a in zip(self.function.param_names, self.args, strict=True))
        return Case(self.number, self.function, self.sizes, args)


@dataclass(eq=False)
class Trial:
    """Pure: the same seed, interface and reference give the same inputs and answers, on any machine.

    Random streams depend on the seed, the function and the case only, never on the item, so that items about one
    function meet the same inputs and a replay of one item needs no other.
    """

    seed: int
    interface: Interface
    oracle: Oracle
    _cases: dict[object, tuple[Case, ...]] = field(default_factory=dict, repr=False)
    _answers: dict[object, tuple[object, Mapping[str, Any]]] = field(default_factory=dict, repr=False)
    _once: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    _lately: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What `make` makes, made once for each key: plans, and cases made from others, serve every submission of a run."""
        if key not in self._once:
            self._once[key] = make()
        made: _T = self._once[key]
        return made

    def lately(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """As `once`, and forgotten when two thousand others were made since: for what depends on a submission's answers."""
        made: _T = self._lately[key] if key in self._lately else make()
        self._lately.pop(key, None)
        self._lately[key] = made  # the latest at the end
        if len(self._lately) > _REMEMBERED:
            del self._lately[next(iter(self._lately))]
        return made

    def forget(self) -> None:
        """Keep nothing of what was made `lately`: it may hold answers of any size."""
        self._lately.clear()

    def rng(self, *names: object) -> np.random.Generator:
        """A random stream of its own for these names."""
        return np.random.default_rng([self.seed, *(zlib.crc32(str(n).encode()) for n in names)])

    def cases(self, function: str, configs: Sequence[CaseConfig] = ()) -> tuple[Case, ...]:
        """Inputs for the function, small sizes before large; one case per config (four random ones if none).

        The reference is asked at once: if it does not answer as declared, nobody is judged by the declaration.
        """
        configs = tuple(configs) or DEFAULT_CASES
        key = (function, tuple(tuple(sorted(c.items())) for c in configs))
        if key not in self._cases:
            spec = self.interface.function(function)
            cases = tuple(self._case(spec, i, len(configs), c) for i, c in enumerate(configs))
            for case in cases if spec.returns else ():
                self.answer(case)
            self._cases[key] = cases
        return self._cases[key]

    def _case(self, spec: FunctionSpec, number: int, count: int, config: CaseConfig) -> Case:
        rng = self.rng(spec.name, number, *(f"{k}={v}" for k, v in sorted(config.items())))
        fixed = {k: int(v) for k, v in config.items() if k in self.interface.dims}
        variants = {k: str(v) for k, v in config.items() if k not in self.interface.dims}
        sizes = draw_sizes(spec, self.interface.dims, fixed, rng, number, count)
        case = Case(number, spec, sizes, draw_arguments(spec, sizes, variants, rng, number))
        labels, of = next(((n, _LIKELY[v]) for n, v in variants.items() if v in _LIKELY), ("", min))
        return self._of_one_class(case, labels, of) if labels else case

    def _of_one_class(self, case: Case, labels: str, of: Callable[..., Case]) -> Case:
        """The case with that class in every row of these labels for which the reference's first result, a cost, is least or greatest."""
        rows = np.asarray(case.arg(labels))
        of_class = [case.replaced(**{labels: np.tile(one, (len(rows), 1))}) for one in np.eye(rows.shape[-1])]
        return of(of_class, key=lambda c: float(self.answer(c)[c.function.returns[0].name]))

    def answer(self, case: Case, function: Callable[..., Any] | None = None) -> Mapping[str, Any]:
        """What the reference (or `function`, a misconception) returns for a case, by result name. Kept, not repeated.

        Raises
        ------
        CourseError
            If the reference or the misconception itself fails: the author's to mend.
        """
        key = (id(case), function)
        if key not in self._answers:
            self._answers[key] = (case, self._ask(case, function))
        return self._answers[key][1]

    def _ask(self, case: Case, function: Callable[..., Any] | None) -> Mapping[str, Any]:
        args = [materialise(a, self.oracle.functions) for a in case.args]
        known = next((m for m in self.oracle.misconceptions if m.answer is function), None)
        file, place = ("misconceptions.py", f"misconception {known.id}") if known else ("solutions.py", f"function {case.function.name}")
        file = f"reference/{self.interface.slug}/{file}"
        sizes = "".join(f", {'' if i else 'for '}{n} = {size}" for i, (n, size) in enumerate(case.sizes.items()))
        try:
            with np.errstate(all="ignore"):
                value = (function or self.oracle.functions[case.function.name])(*args)
        except (Exception, SystemExit) as error:
            raise CourseError(file, place, f"it raises {on_one_line(error)}{sizes}.", _MEND_DOMAINS) from error
        answers, problem = _by_name(value, case)
        if problem or (function is None and (problem := _misshapen(answers, case))):
            raise CourseError(file, place, f"{problem}.", "Mend the function, or `returns` in interface.py.")
        if function is None and (name := next((n for n, a in answers.items() if not np.isfinite(a).all()), "")):
            raise CourseError(file, place, f"{name} has NaN or infinity{sizes}.", _MEND_DOMAINS)
        return answers

    def observed(self, probe: Probe) -> Returned | Raised:
        """What a submission that is the reference would answer, but for what it prints and what it changes."""
        args = [materialise(a, self.oracle.functions) for a in probe.args]
        try:
            with np.errstate(all="ignore"):
                value = self.oracle.functions[probe.function](*args)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - as a student's
            return Raised(type(error).__name__, str(error))
        return Returned(tuple(map(_plain, value)) if isinstance(value, tuple) else _plain(value))

    @cached_property
    def misconceptions(self) -> Mapping[str, tuple[Misconception, ...]]:
        """The known mistakes of each function."""
        by: dict[str, tuple[Misconception, ...]] = {}
        for m in self.oracle.misconceptions:
            by[m.function] = (*by.get(m.function, ()), m)
        return by


def _plain(value: Any) -> Any:
    """A plain number for one of numpy's, as the wire brings it."""
    return value.item() if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and not value.ndim) else value


_MEND_DOMAINS: Final = "Mend it, or the dims and domains that the interface declares."


def _by_name(value: Any, case: Case) -> tuple[Mapping[str, np.ndarray], str]:
    """The results that a function of the course returned, or why they are none."""
    results = case.function.returns
    if len(results) > 1 and not (isinstance(value, tuple | list) and len(value) == len(results)):
        got = f"{len(value)} results" if isinstance(value, tuple | list) else f"one result, of type {type(value).__name__}"
        return {}, f"it returns {got}, but should return {len(results)}: {', '.join(r.name for r in results)}"
    answers: dict[str, np.ndarray] = {}
    for result, part in zip(results, value if len(results) > 1 else (value,), strict=False):
        try:
            answers[result.name] = np.asarray("" if part is None else part, float)  # None would be NaN
        except (TypeError, ValueError):
            return {}, f"{result.name} is no array of numbers"
    return answers, ""


def _misshapen(answers: Mapping[str, np.ndarray], case: Case) -> str:
    """Which result has another shape than declared: nobody's answer could be compared with it; empty if none has."""
    for result in case.function.returns:
        got, want = answers[result.name].shape, case.shape_of(result.name)
        if got != want:
            declared = f"{want}, as {result.spec.like}" if result.spec.like else f"{dims.spelled(result.spec.shape)} = {want}"
            return f"{result.name}: shape {got}, but should be {declared}"
    return ""


def materialise(value: Value, own: Mapping[str, Callable[..., Any]]) -> Any:
    """An argument as the reference takes it: arrays copied, stand-ins built."""
    match value:
        case np.ndarray():
            return value.copy()
        case StandIn(name, data):
            return build(name, data)
        case list():
            return [materialise(v, own) for v in value]
        case dict():
            return {k: materialise(v, own) for k, v in value.items()}
        case Own(function):
            return own[function]
        case _:
            return value
