"""A count that follows a formula in the dims, such as the number of parameters of a network."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import numpy as np
from pydantic import Field

from grader.checks.answers import Mismatch, as_array, mismatch, numbers, parts, trouble
from grader.checks.base import Check
from grader.checks.form import arranged
from grader.checks.guard import notes_of, read, twins, worth_nothing, worthless
from grader.checks.shape import misplaced
from grader.core import dims
from grader.core.evidence import Contrast, Input, Shown
from grader.core.interface import Identifier, Interface, Size
from grader.core.observation import Observation, Raised, Returned, Unavailable
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict, met, not_met
from grader.trial import Case, CaseConfig, Trial

_DRAWS = 5  # draws of pairwise different sizes; with a size of 1 for each dim and one draw of equal sizes, 9 for three dims


class CountCheck(Check):
    """A function returns exactly what a formula gives, for many sizes.

    Parameters
    ----------
    formula : str
        In the dims of the function: ``(Dx+1)*H + (H+1)*Dy``.
    otherwise, result : str
        Where the function is missing: another function, and the result of it whose length counts.
    fixed : mapping of str to int
        Sizes of the other function's other dims, which are no part of the count: those of the handout's own test, that a submission may
        have written into its code.
    slips : mapping of str to str
        Wrong formulas, and the sentence for whoever used one: ``{ "Dx*H + H*Dy" = "You left out the biases." }``.
    """

    kind: Literal["count"] = "count"
    formula: Size
    otherwise: str = ""
    result: str = ""
    fixed: Mapping[Identifier, int] = Field(default_factory=dict)
    slips: Mapping[Size, str] = Field(default_factory=dict)

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """The count for every draw; then the other function, whose answers count if there is no such function."""
        return tuple(case.probe for case in (*self._cases(trial), *self._stand_ins(trial)))

    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """The function's own count if there is one, else the length of the other function's result."""
        cases = self._cases(trial)
        own, rest = observations[:len(cases)], observations[len(cases):]
        if self.otherwise and own and isinstance(own[0], Unavailable) and own[0].error is None:
            note = f"Judged by the length of {self.result} of {self.otherwise}: there is no {self.function}."
            return self._by_length(trial, rest).with_notes(note)
        answers = read(cases, own)
        if isinstance(answers, Verdict):
            return answers
        name = cases[0].function.returns[0].name
        return self._judged(cases, [float(a.results[name]) for a in answers], f"{self.function} returned").with_notes(*notes_of(answers))

    def _by_length(self, trial: Trial, observations: Sequence[Observation]) -> Verdict:
        observations, _ = arranged(trial.interface.function(self.otherwise), observations)
        cases, observations = self._answered(self._stand_ins(trial), observations)
        if wrong := trouble(observations, cases):
            return self._blocked(wrong)
        found: list[np.ndarray] = []
        for case, observation in zip(cases, observations, strict=True):
            assert isinstance(observation, Returned)
            vector = self._vector(case, observation)
            if isinstance(vector, Mismatch):
                return mismatch(vector, case, observation.value)
            found.append(vector)
        # one size of 1 can make a right gradient vanish, so only the draws of different sizes have twins
        count = len(cases) - _DRAWS
        why = "" if all(np.isfinite(v).all() for v in found) else "some entries are NaN or infinite"
        if why := why or worthless(cases[:_DRAWS], found[:_DRAWS], found[count:]):
            return worth_nothing(self.result, why, cases[0], found[0])
        lengths = [(case, vector.size) for case, vector in zip(cases, found, strict=True)]
        if why := misplaced(cases[0].function.result(self.result), lengths):
            return met(f"The length of {self.result} is not the number of parameters. {why} That is charged where its shape is judged.")
        return self._judged(cases[:count], [float(v.size) for v in found[:count]], f"{self.result} of {self.otherwise} has the length")

    def _answered(self, cases: Sequence[Case], observations: Sequence[Observation]) -> tuple[Sequence[Case], Sequence[Observation]]:
        """Without the cases with sizes of 1 or equal ones for which the other function raises: of the count that tells nothing."""
        if len(cases) != len(observations):
            return cases, observations
        special = range(_DRAWS, len(cases) - _DRAWS)
        told = [i for i, o in enumerate(observations) if not (i in special and isinstance(o, Raised))]
        return [cases[i] for i in told], [observations[i] for i in told]

    def _blocked(self, wrong: Verdict) -> Verdict:
        """An exception of the other function is no wrong count: it has lost its points where that is asked about."""
        if wrong.reason is not Reason.RAISED:
            return wrong
        message = f"There is no {self.function}, and no {self.result} of {self.otherwise} whose length could be counted: {wrong.message}"
        return Verdict(Outcome.BLOCKED, Fraction(0), Reason.BLOCKED, message, wrong.evidence,
                       hint=f"Write {self.function}, or mend {self.otherwise} first.")

    def _vector(self, case: Case, observation: Returned) -> np.ndarray | Mismatch:
        """The result as a vector of whatever length."""
        found = parts(observation.value, case)
        if isinstance(found, Mismatch):
            return found
        result, value = next((r, v) for r, v in found if r.name == self.result)
        vector = numbers(value, result, [])
        if isinstance(vector, Mismatch) or vector.ndim == 1:
            return vector
        return as_array(value, result, case, [])

    def _judged(self, cases: Sequence[Case], counts: Sequence[float], said: str) -> Verdict:
        wanted = [dims.evaluate(dims.parse_size(self.formula), case.sizes) for case in cases]
        wrong = [i for i, (got, want) in enumerate(zip(counts, wanted, strict=True)) if got != want]
        if not wrong:
            return met()
        i = wrong[0]
        names = self._dims()
        sizes = ", ".join(f"{n} = {cases[i].sizes[n]}" for n in names)
        message = self._slip(cases, counts) or f"{said} {counts[i]:.12g} for {sizes}, but {self.formula} = {wanted[i]}."
        evidence = Contrast(
            cases[i].function.name, tuple(Input(n, Shown(str(cases[i].sizes[n]))) for n in names), Shown(f"{counts[i]:.12g}"),
            Shown(str(wanted[i])), f"{self.formula}", len(wrong), len(cases),
        )
        return not_met(Reason.COUNT, message, evidence)

    def _slip(self, cases: Sequence[Case], counts: Sequence[float]) -> str:
        """The sentence of the wrong formula that gives every count; empty if there is none."""
        for formula, sentence in self.slips.items():
            size = dims.parse_size(formula)
            if all(got == dims.evaluate(size, case.sizes) for case, got in zip(cases, counts, strict=True)):
                return sentence
        return ""

    def _dims(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(dims.names(dims.parse_size(self.formula))))

    def _configs(self) -> tuple[CaseConfig, ...]:
        names = self._dims()
        return (*({},) * _DRAWS, *({n: 1} for n in names), dict.fromkeys(names, 4))

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        return trial.cases(self.function, self._configs())

    def _stand_ins(self, trial: Trial) -> tuple[Case, ...]:
        """The cases of the other function, and twins of the first of them; none if there is no other function."""
        if not self.otherwise:
            return ()
        configs = tuple({**config, **self.fixed} for config in self._configs())
        return (*trial.cases(self.otherwise, configs), *twins(trial, self.otherwise, configs)[:_DRAWS])

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: dims that the functions do not have, and an `otherwise` or `result` that is not declared."""
        yield from super().problems(interface)
        functions = {f.name: f for f in interface.functions}
        if self.otherwise and self.otherwise not in functions:
            yield "otherwise", f"the interface declares no function {self.otherwise!r}.", f"Write one of: {', '.join(functions)}."
            return
        if self.otherwise and self.result not in (names := [r.name for r in functions[self.otherwise].returns]):
            yield "result", f"{self.otherwise} returns no {self.result!r}.", f"Write one of: {', '.join(names)}."
        for unknown in sorted(set(self.fixed) - (functions[self.otherwise].dims if self.otherwise else frozenset())):
            yield "fixed", f"{self.otherwise or 'no other function'} has no dim {unknown}.", "Leave it out."
        for spec in (functions[n] for n in (self.function, self.otherwise) if n in functions):
            for field, formula in (("formula", self.formula), *(("slips", slip) for slip in self.slips)):
                for unknown in sorted(set(dims.names(dims.parse_size(formula))) - spec.dims):
                    problem = f"{formula!r} has the dim {unknown}, but {spec.name} has not."
                    yield field, problem, f"Use only: {', '.join(sorted(spec.dims))}."
