"""Values against the reference."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Literal

import numpy as np
from pydantic import Field

from grader.checks.answers import Conformed, contrast, inputs
from grader.checks.base import CaseTable, Share, ToleranceFields
from grader.checks.changed import told_of_changes
from grader.checks.default import told_of_default, without_last
from grader.checks.form import FormCheck
from grader.checks.guard import notes_of, read
from grader.checks.own import WithOwn, own_problems
from grader.checks.vectors import as_matrices, judged_as_matrices
from grader.checks.which import told_apart
from grader.core.interface import Identifier, Interface, SizeSpec
from grader.core.observation import Observation, Returned
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met, partly
from grader.diagnosis import diagnose, diagnose_not_finite
from grader.numerics.compare import Tolerance, compare
from grader.trial import Case, Trial

_NOT_OF_ITS_ARGUMENT = "It returns the same whatever it is given: look for a name of the file that is used in place of the argument."


class ValuesCheck(FormCheck, ToleranceFields):
    """The function's results equal the reference's, on random inputs and on the cases named.

    Parameters
    ----------
    outputs : tuple of str
        Which results are judged; all of them if empty.
    cases : tuple of tables
        Sizes and variants; four random cases if empty.
    conventions : mapping of str to Fraction
        Share of the points for a known misconception, by its id: ``{ mean_over_N = "1/2" }``.
    as_matrix : Fraction
        Share of the points for a function that raises at vectors and is right where they come as matrices of one row or column.
    changing : Fraction
        Share of the points for a function that is right, and changes arguments that it may not change; all of them where purity is
        another item's to judge.
    another_default : Fraction
        Share of the points for a function that is right, but not where its last argument is left out, a size that has its default in
        the last of the cases. Not asked if 1.
    own : mapping of str to str
        Parameters that are stand-ins for functions, and the functions of the student's own in whose shapes their results may be
        taken: ``{ word2vecCostAndGradient = "softmaxCostAndGradient" }``.
    """

    kind: Literal["values"] = "values"
    outputs: tuple[Identifier, ...] = ()
    cases: tuple[CaseTable, ...] = ()
    conventions: dict[str, Share] = Field(default_factory=dict)
    as_matrix: Share = Fraction(0)
    changing: Share = Fraction(1)
    another_default: Share = Fraction(1)
    own: dict[Identifier, Identifier] = Field(default_factory=dict)

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """One call per case; the last one once more without its last argument, for `another_default`."""
        cases = self._cases(trial)
        return (*(case.probe for case in cases), *([without_last(cases[-1])] if self.another_default < 1 else ()))

    def further(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """For a function that raises at vectors: the cases with matrices in their place; else with functions of the student's own."""
        cases = self._cases(trial)
        return as_matrices(trial, cases, observations) or (WithOwn(trial, cases, self.own).probes() if self.own else ())

    def judged(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """Form first, then finiteness, then values; what differs on every case alike is named."""
        cases = self._cases(trial)
        verdict = self._followed(trial, observations[:len(cases)], follow_up)
        for left_out in observations[len(cases):]:
            verdict = told_of_default(trial, verdict, cases[-1], observations[len(cases) - 1], left_out, self._outputs(cases[-1]),
                                      self.tolerance, self.another_default)
        return told_of_changes(verdict, trial.interface.function(self.function), observations, self.changing)

    def _followed(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation]) -> Verdict:
        """With what the follow-up round found, if there was one."""
        cases = self._cases(trial)
        verdict = self._judged(trial, cases, observations)
        if not follow_up:
            return verdict
        if self.own:
            own = WithOwn(trial, cases, self.own)
            return own.judged(verdict, observations, follow_up, partial(self._judged, trial), self.tolerance)
        judge = partial(self._judged, trial, cases, squeezable=True)
        return judged_as_matrices(trial, verdict, cases, observations, follow_up, judge, self.as_matrix, self.tolerance)

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: names in `own` that there are not, and a default that no case has."""
        yield from super().problems(interface)
        for function in (f for f in interface.functions if f.name == self.function):
            yield from own_problems(self.own, function, interface)
            last = function.params[-1]
            if self.another_default < 1 and not (isinstance(last.spec, SizeSpec) and last.spec.of in {**(self.cases or ({},))[-1]}):
                yield "another_default", f"no default of {last.name} is in the last case.", "Write the size there, or leave the field out."

    def _judged(self, trial: Trial, cases: Sequence[Case], observations: Sequence[Observation], *, squeezable: bool = False) -> Verdict:
        answers = read(cases, observations, self.outputs, squeezable=squeezable, finite=True)
        if isinstance(answers, Verdict):
            if answers.reason is Reason.NOT_FINITE:
                return self._explained_not_finite(trial, cases, observations, answers)
            return replace(answers, hint=_NOT_OF_ITS_ARGUMENT) if answers.reason is Reason.SHAPE and _heedless(observations) else answers
        return self._compare(trial, cases, answers).with_notes(*notes_of(answers))

    def _compare(self, trial: Trial, cases: Sequence[Case], answers: Sequence[Conformed]) -> Verdict:
        wrong: list[tuple[Case, np.ndarray, Verdict]] = []
        for case, answer in zip(cases, answers, strict=True):
            got, want = answer.results, trial.answer(case)
            found = {name: compare(got[name], want[name], answer.allowed(self.tolerance)) for name in self._outputs(case)}
            name = next((n for n, f in found.items() if not f.ok), None)
            if name is not None:
                evidence = contrast(case.function.name, inputs(case), got[name], want[name], found[name], "the reference")
                whose, size = case.function.whose(name), got[name].size
                what = f": {found[name].differ} of {size} entries are wrong." if size > 1 else " is not what it should be."
                wrong.append((case, found[name].bad, not_met(Reason.VALUE, whose + what, evidence)))
        if not wrong:
            return met()
        verdict = self._explained(trial, cases, answers, wrong[0][2])
        told = "" if verdict.reason is Reason.MISCONCEPTION else told_apart(cases, [(case, bad) for case, bad, _ in wrong])
        return replace(verdict, message=f"{verdict.message} {told}") if told else verdict

    def _explained(self, trial: Trial, cases: Sequence[Case], answers: Sequence[Conformed], verdict: Verdict) -> Verdict:
        known = diagnose(trial, cases, [a.results for a in answers], self._outputs(cases[0]), self._allowed(answers))
        if known is None:
            return verdict
        credit = self.conventions.get(known.id, Fraction(0))
        return partly(credit, Reason.MISCONCEPTION, known.sentence, *verdict.evidence, hint=known.hint)

    def _explained_not_finite(
        self, trial: Trial, cases: Sequence[Case], observations: Sequence[Observation], verdict: Verdict
    ) -> Verdict:
        """The same, by the mistake that makes such numbers: all results tell, those that another item judges too."""
        every = read(cases, observations)
        if isinstance(every, Verdict):
            return verdict
        known = diagnose_not_finite(trial, cases, [a.results for a in every], self._allowed(every))
        return replace(verdict, reason=Reason.MISCONCEPTION, message=known.sentence, hint=known.hint) if known else verdict

    def _allowed(self, answers: Sequence[Conformed]) -> Tolerance:
        """The widest that these answers take."""
        return next((a for a in answers if a.single), answers[0]).allowed(self.tolerance)

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        return trial.cases(self.function, self.cases)

    def _outputs(self, case: Case) -> tuple[str, ...]:
        return self.outputs or tuple(r.name for r in case.function.returns)


def _heedless(observations: Sequence[Observation]) -> bool:
    """Whether one array came back for all arguments."""
    values = [o.value for o in observations if isinstance(o, Returned)]
    first = values[0] if values else None
    return len(values) > 1 and isinstance(first, np.ndarray) and all(isinstance(v, np.ndarray) and np.array_equal(first, v) for v in values)
