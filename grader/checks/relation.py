"""Metamorphic relations between the student's own answers: no reference takes part."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

from grader.checks.answers import Conformed, contrast
from grader.checks.base import BelowOne, CaseTable, Check, ToleranceFields
from grader.checks.guard import default_cases, idle, notes_of, read, subject, subject_problems, twins, unfit, with_x, x_of
from grader.core.evidence import Input
from grader.core.interface import Interface
from grader.core.observation import Observation
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met
from grader.numerics.compare import Comparison, compare
from grader.numerics.show import show
from grader.trial import Case, Trial

_LARGE = 1000.0  # exp overflows at 710: what is not finite here and is at 1 is a matter of stability


def _itself(answer: np.ndarray) -> np.ndarray:
    return answer


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A changed input, and how the answer to it follows from the answer to x.

    Parameters
    ----------
    text : str
        The input in a student's words: ``x + 1000``.
    x : ndarray
        The input.
    expected : callable
        From the answer to x to the answer to this.
    part : callable
        Which part of the answer to this is meant.
    source : str
        What `expected` is, in a student's words.
    shown : tuple of Input
        What `text` names beside x.
    large : bool
        Whether an answer that is not finite is a matter of stability.
    """

    text: str
    x: np.ndarray
    expected: Callable[[np.ndarray], np.ndarray] = _itself
    part: Callable[[np.ndarray], np.ndarray] = _itself
    source: str = "your own answer for x"
    shown: tuple[Input, ...] = ()
    large: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation by its sentence (what the student reads when it fails) and the changes of x that try it.

    `vectors` says whether functions that it is about take one row as a vector too, `hint` what to look for when it fails.
    """

    sentence: str
    changes: Callable[[np.ndarray, np.random.Generator], Iterator[Change]]
    vectors: bool = True
    hint: str = ""


def _shifts(x: np.ndarray, rng: np.random.Generator) -> Iterator[Change]:
    """f(x + c) = f(x), with a constant of its own for each row: of one size, of either sign."""
    for c in (1.0, -1.0, _LARGE, -_LARGE):
        if x.ndim < 2:
            yield Change(f"x {'+' if c > 0 else '-'} {abs(c):g}", x + c, large=abs(c) >= _LARGE)
        else:
            rows = np.where(np.arange(x[..., :1].size) % 2, -c, c).reshape(x[..., :1].shape)
            yield Change("x + c", x + rows, shown=(Input("c", show(rows)),), large=abs(c) >= _LARGE)


def _permutations(x: np.ndarray, rng: np.random.Generator) -> Iterator[Change]:
    """f(x P) = f(x) P for every permutation P of the entries of a row."""
    yield Change("x[..., ::-1]", x[..., ::-1].copy(), lambda y: y[..., ::-1], source="your own answer for x, in reverse")
    order = np.argsort(rng.random(x.shape), axis=-1)
    yield Change(
        "x with the entries of each row shuffled", np.take_along_axis(x, order, -1), lambda y: np.take_along_axis(y, order, -1),
        source="your own answer for x, shuffled in the same way", shown=(Input("order", show(order)),),
    )


def _rows(x: np.ndarray, rng: np.random.Generator) -> Iterator[Change]:
    """Row i of f(x) is f(x[i:i+1]), and stays what it is when all other rows change."""
    for i in range(len(x)):
        row, source = partial(_row, i), f"row {i} of your own answer for x"
        yield Change(f"x[{i}:{i + 1}]", row(x).copy(), row, source=source)
        others = x + rng.normal(0.0, np.std(x) + 1.0, x.shape)
        others[i] = x[i]
        yield Change(f"x with all rows but row {i} changed", others, row, row, source, (Input("x changed", show(others)),))


def _row(i: int, rows: np.ndarray) -> np.ndarray:
    return rows[i:i + 1]


def _negated(x: np.ndarray, rng: np.random.Generator) -> Iterator[Change]:
    """f(-x) = 1 - f(x)."""
    yield Change("-x", -x, lambda y: 1 - y, source="1 - your own answer for x")


def _scaled(x: np.ndarray, rng: np.random.Generator) -> Iterator[Change]:
    """f(a x) = f(x) for a > 0."""
    for a in (2.0, 0.5, _LARGE):
        yield Change(f"{a:g} * x", a * x)


RELATIONS: Mapping[str, Relation] = {
    "shift_invariance": Relation("{f} changes when the same constant is added to every logit of a row.", _shifts),
    "permutation_equivariance": Relation("{f} does not follow when the entries of a row change places.", _permutations),
    "row_independence": Relation("{f} lets the answer for one row depend on the other rows.", _rows, vectors=False,
                                 hint="Take sums, maxima and norms of each row: axis=1, keepdims=True."),
    "complement": Relation("{f}(-x) is not 1 - {f}(x).", _negated),
    "scale_invariance": Relation("{f} changes when x is multiplied by a positive number.", _scaled, vectors=False),
}
"""Every relation by the name that a rubric uses."""


def _known(name: str) -> str:
    if name not in RELATIONS:
        raise ValueError(f"there is no relation {name!r}; write one of: {', '.join(RELATIONS)}")
    return name


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One case with everything that is asked about it."""

    case: Case
    twin: Case
    changes: tuple[tuple[Change, Case], ...]

    @property
    def cases(self) -> tuple[Case, ...]:
        return (self.case, self.twin, *(case for _, case in self.changes))


@dataclass(frozen=True, slots=True, eq=False)
class _Failure:
    """A change of one case whose answer does not follow."""

    case: Case
    change: Change
    got: np.ndarray
    want: np.ndarray
    differ: Comparison

    @property
    def unstable(self) -> bool:
        """Whether large numbers are to blame."""
        return self.change.large and not np.isfinite(self.got).all()


class RelationCheck(Check, ToleranceFields):
    """A metamorphic relation between the function's own answers, such as softmax(x + c) = softmax(x).

    The tolerance lies between what a shift by 1000 loses (1e-13 of x) and the smallest planted fault (1e-4).

    Parameters
    ----------
    relation : str
        Which one: shift_invariance, permutation_equivariance, row_independence, complement or scale_invariance.
    cases : tuple of tables
        Sizes and variants; a vector, matrices and a single row if empty.
    hint : str
        What to try when only large inputs break the relation, because answers there are not finite.
    """

    kind: Literal["relation"] = "relation"
    relation: Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(RELATIONS)})]
    cases: tuple[CaseTable, ...] = ()
    rtol: BelowOne = 1e-9
    atol: BelowOne = 1e-12
    hint: str = ""

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """Each case, its twin, and the case with x changed."""
        return tuple(case.probe for asked in self._asked(trial) for case in asked.cases)

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """Form first, (D,) for (1, D) aside, then finite and not degenerate, then the relation.

        Large inputs are to blame only if small ones hold.
        """
        asked = self._asked(trial)
        answers = read([case for a in asked for case in a.cases], observations, squeezable=True)
        if isinstance(answers, Verdict):
            return answers
        rest = iter(answers)
        found = [(a, [next(rest) for _ in a.cases]) for a in asked]
        cases, first, second = [a.case for a in asked], [got[0] for _, got in found], [got[1] for _, got in found]
        if bad := unfit(cases, [a.twin for a in asked], first, second):
            return bad
        failures = [failure for a, got in found for failure in self._failures(a, got)]
        if failures:
            return self._told(next((f for f in failures if not f.unstable), failures[0])).with_notes(*notes_of(answers))
        return (idle(cases, first, second) or met()).with_notes(*notes_of(answers))

    def _failures(self, asked: _Asked, answers: Sequence[Conformed]) -> Iterator[_Failure]:
        result = asked.case.function.returns[0].name
        base = answers[0].results[result]
        for (change, _), answer in zip(asked.changes, answers[2:], strict=True):
            got, want = change.part(answer.results[result]), change.expected(base)
            differ = compare(got, want, answer.allowed(self.tolerance, float(np.max(np.abs(change.x)))))
            if not differ.ok:
                yield _Failure(asked.case, change, got, want, differ)

    def _told(self, failure: _Failure) -> Verdict:
        spec, change = failure.case.function, failure.change
        name = subject(spec)
        evidence = contrast(
            f"{spec.name}({change.text})", (Input(name, show(failure.case.arg(name))), *change.shown), failure.got, failure.want,
            failure.differ, change.source,
        )
        return not_met(
            Reason.UNSTABLE if failure.unstable else Reason.RELATION, RELATIONS[self.relation].sentence.format(f=spec.name), evidence,
            hint=self.hint if failure.unstable else RELATIONS[self.relation].hint,
        )

    def _asked(self, trial: Trial) -> tuple[_Asked, ...]:
        return trial.once((self.kind, self.model_dump_json()), lambda: self._made(trial))

    def _made(self, trial: Trial) -> tuple[_Asked, ...]:
        relation, function = RELATIONS[self.relation], trial.interface.function(self.function)
        configs = self.cases or default_cases(function, vectors=relation.vectors)
        return tuple(
            _Asked(case, twin, tuple(_changed(relation, case, trial.rng(self.function, self.relation, case.number))))
            for case, twin in zip(trial.cases(self.function, configs), twins(trial, self.function, configs), strict=True)
        )

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: a function that does not return one array shaped like its argument."""
        yield from super().problems(interface)
        yield from subject_problems(self.function, interface)


def _changed(relation: Relation, case: Case, rng: np.random.Generator) -> Iterator[tuple[Change, Case]]:
    return ((change, with_x(case, change.x)) for change in relation.changes(x_of(case), rng))
