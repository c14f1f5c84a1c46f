"""Gradients: against the reference, block by block, and against central differences of the student's own cost.

Each alone is too little. Differences alone pay any consistent pair, cost 0 with gradient 0 first of all; the reference
alone cannot tell a wrong gradient from the right gradient of another cost, which is a different lesson.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from grader.checks.answers import (
    Conformed,
    Mismatch,
    conform,
    contrast,
    cut,
    degenerate,
    inputs,
    mismatch,
    not_finite,
    numbers,
    parts,
    trouble,
)
from grader.checks.base import CaseTable, Share, ToleranceFields
from grader.checks.beside import told_beside
from grader.checks.cases import case_problems
from grader.checks.changed import told_of_changes
from grader.checks.form import FormCheck
from grader.checks.shape import laid_out
from grader.checks.slopes import Answers, Difference, Part, blocks_of, mask_of, parts_of
from grader.checks.vectors import as_matrices, judged_as_matrices
from grader.core import dims
from grader.core.evidence import BlockRow, Blocks, Contrast, Evidence, StepPlot
from grader.core.interface import ArraySpec, Identifier, Interface
from grader.core.observation import Observation, Returned
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, met, not_met, partly, ungraded
from grader.core.wording import listed
from grader.diagnosis import Diagnosis, diagnose_output
from grader.numerics.compare import EPS_SINGLE, Tolerance, agrees
from grader.numerics.differences import (
    EPS,
    STEPS,
    Curve,
    along,
    random_directions,
    read_curve,
    slope,
    slope_allowance,
    step_size,
    unit_direction,
)
from grader.numerics.show import heat, show
from grader.trial import Case, Misconception, Trial

Weight = Annotated[Fraction, Field(gt=0)]

_SWEEP = 200  # entries swept in a follow-up round, two calls each: 40 ms of a vectorised network, under 1 s of a slow loop
_NEAR = 1e-4  # of a block's largest entry: a derivative by a small difference is off by 1e-4 of it at most, a slip by some 1e-1
_LEAST = 1e-17  # what an error of 0 is drawn as: a logarithmic axis has none, and rounding is larger than this

_NEARLY = "close, but not exact,"
_TO_BE_EXACT = "Look for a derivative that is taken by a small difference, a small number that is added, or a constant that is rounded."

_READINGS: Mapping[Curve, str] = {
    Curve.RIGHT: "The error falls with the square of the step, down to rounding: this gradient is the slope of your own cost.",
    Curve.WRONG: "The error stays as it is however small the step: neither step nor rounding is to blame, the gradient is wrong.",
    Curve.KINK: "The error falls no faster than the step: your cost has a kink near here (an abs, a max, a comparison).",
    Curve.NOISE: "The error grows as the step shrinks: your cost is not the same function at every call.",
    Curve.UNCLEAR: "",
}


class GradientCheck(FormCheck, ToleranceFields):
    """A gradient: call, form and finiteness, then the cost and the gradient against the reference, then own differences.

    ==============  ================  ===============  ====================================================================
    gradient is     cost is           own differences  verdict
    ==============  ================  ===============  ====================================================================
    right           right             agree with both  met
    right or wrong  right             differ from it   inconsistent: the function is not what it seems at the inputs asked
    right           wrong             (not needed)     met, with a note: the cost has an item of its own
    wrong           a known mistake   (not needed)     that misconception; its share, if `conventions` grants one
    wrong           wrong             agree with it    other cost
    wrong           right or wrong    differ from it   gradient, or the misconception whose gradient it is
    ==============  ================  ===============  ====================================================================

    Whatever the verdict, a block that is right in every case earns its share; so it does in a vector of another length, if that tells
    which block is missing, summed over the wrong axis, or not summed.

    Parameters
    ----------
    gradient, cost : str
        Results of the function.
    wrt : str
        The parameter whose gradient it is: a float array of the gradient's shape.
    blocks : tuple of str
        The blocks of `wrt` that count; all of them if empty.
    shares : mapping of str to Fraction
        Weight of each block that counts; equal ones if empty.
    cases : tuple of tables
        Sizes and variants; four random cases if empty.
    directions : int
        How many central differences the first round takes, in turn around the smallest and the largest case.
    conventions : mapping of str to Fraction
        Share of the points for a known misconception, by its id; if another mistake comes beside it, of the blocks that follow it.
        1 is for what other items charge: it is met, with a note.
    as_matrix : Fraction
        Share of the points for a function that raises at vectors and is right where they come as matrices of one row or column.
    squeezable : bool
        Whether axes of length 1 are another item's to judge.
    targets : str
        Parameter with the one-hot row y of a single example, if the gradient is yhat - y and the cost -log yhat_y. Then it is met,
        with a note, for whatever yhat the student's cost is made of: how yhat comes about is for other items to charge.
    control : table
        A case that shows nothing of what the item is about. Another result that is right there, and wrong in one of `cases`, is
        this item's to charge; without a control, other results are other items' to judge.
    alone : Fraction
        Share of the points for a right gradient beside such a result.
    """

    kind: Literal["gradient"] = "gradient"
    gradient: Identifier
    wrt: Identifier
    cost: Identifier = "cost"
    blocks: tuple[Identifier, ...] = ()
    shares: dict[Identifier, Weight] = Field(default_factory=dict)
    cases: tuple[CaseTable, ...] = ()
    directions: Annotated[int, Field(ge=1, le=32)] = 4
    conventions: dict[str, Share] = Field(default_factory=dict)
    as_matrix: Share = Fraction(0)
    squeezable: bool = False
    targets: Identifier | None = None
    control: CaseTable = Field(default_factory=dict)
    alone: Share = Fraction(0)

    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """One call per case, then two for each difference, then the control."""
        return tuple(case.probe for case in self._asked(trial))

    def judged(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """The table above, with what the follow-up round found as evidence."""
        with np.errstate(all="ignore"):
            answers, verdict = self._first(trial, observations)
            if isinstance(answers, Answers):
                verdict = self._explained(trial, answers, verdict, follow_up)
            else:
                again = partial(self._judged_again, trial)
                verdict = judged_as_matrices(
                    trial, verdict, self._asked(trial), observations, follow_up, again, self.as_matrix, self.tolerance)
        return told_of_changes(verdict, trial.interface.function(self.function), observations)

    def _first(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Answers | Verdict, Verdict]:
        """The answers of the first round, or why there are none, and the verdict on them; once for both rounds."""
        key = ("first round", id(self), *map(id, observations))
        return trial.lately(key, lambda: (self._judged_first(trial, observations), self, tuple(observations)))[0]

    def _judged_first(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Answers | Verdict, Verdict]:
        answers = self._read(trial, observations)
        if isinstance(answers, Answers):
            notes = tuple(self._leniencies(trial, observations))
            beside = None if answers.wrong else self._beside_control(trial, observations)
            if beside is not None:
                told = beside.with_notes(*notes)
                return told, told
            return answers, self._decide(trial, answers).with_notes(*notes)
        return answers, self._judged_in_part(trial, observations, answers) if answers.reason is Reason.SHAPE else answers

    def _judged_in_part(self, trial: Trial, observations: Sequence[Observation], verdict: Verdict) -> Verdict:
        """The verdict on the blocks that are whole, where one has another length and the others can be told from it."""
        cases, function = self._cases(trial), trial.interface.function(self.function)
        if self.squeezable and (found := self._judged_again(trial, observations)).reason is not Reason.SHAPE:
            return found.with_notes(f"{self.gradient} has axes of length 1 too many. That is charged where its shape is judged.")
        vectors = [_vector(o, c, self.gradient) for c, o in zip(cases, observations, strict=False)]
        whole = [v for v in vectors if v is not None]
        result = function.result(self.gradient)
        laid = laid_out(result, [(c, v.size) for c, v in zip(cases, whole, strict=True)]) if len(whole) == len(cases) else None
        if laid is None:
            return verdict
        mended = [_with(o, c, self.gradient, laid.mended(i, v, c, result.spec.blocks))
                  for i, (c, o, v) in enumerate(zip(cases, observations, whole, strict=False))]
        found = self._judged_again(trial, (*mended, *observations[len(cases):]))
        if set(laid.lost).isdisjoint(self.blocks or laid.lost):
            length = f"The length of {self.gradient} is not the declared one.{laid.why}"
            return found.with_notes(f"{length} That is charged where its shape is judged.")
        if not found.credit:
            return verdict
        return partly(found.credit, Reason.SHAPE, verdict.message + laid.why, *verdict.evidence, hint=verdict.hint, notes=found.notes)

    def _judged_again(self, trial: Trial, observations: Sequence[Observation]) -> Verdict:
        """The verdict on answers to the same questions, where axes of length 1 are no matter."""
        answers = self._read(trial, observations, squeezable=True)
        return answers if isinstance(answers, Verdict) else self._decide(trial, answers)

    def further(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """Around the smallest failing case: a sweep of the entries, and one direction at nine steps; a call of each neighbour.

        For a function that raises at vectors: matrices in their place.
        """
        with np.errstate(all="ignore"):
            answers, _ = self._first(trial, observations)
            if isinstance(answers, Verdict):
                return as_matrices(trial, self._asked(trial), observations)
            if answers.coarse or not math.isfinite(answers.costs[answers.failing]):
                return ()  # where there is no cost there is no slope
            sweep, curve = self._closer(trial, answers)
            further = (*_moved((*sweep, *curve)), *self._neighbours(trial))
            return trial.once((self.function, sweep, curve), lambda: tuple(c.probe for c in further))

    # ---- what is asked -----------------------------------------------------------------------------------------------

    def _cases(self, trial: Trial) -> tuple[Case, ...]:
        return trial.cases(self.function, self.cases)

    def _asked(self, trial: Trial) -> tuple[Case, ...]:
        return (*self._cases(trial), *_moved(self._differences(trial)), *self._control(trial))

    def _control(self, trial: Trial) -> tuple[Case, ...]:
        return trial.cases(self.function, (self.control,)) if self.control else ()

    def _parts(self, case: Case) -> Mapping[str, Part]:
        return parts_of(case, self.wrt, self.gradient, self.blocks)

    def _differences(self, trial: Trial) -> tuple[Difference, ...]:
        return trial.once(("differences", self.model_dump_json()), lambda: self._drawn(trial))

    def _drawn(self, trial: Trial) -> tuple[Difference, ...]:
        cases = self._cases(trial)
        ends = [i for i in (0, len(cases) - 1) if self._movable(cases[i])]
        turns = [ends[i % len(ends)] for i in range(self.directions)] if ends else []
        return tuple(self._difference(trial, at, self._parts(cases[at]), number) for number, at in enumerate(turns))

    def _difference(self, trial: Trial, at: int, parts: Mapping[str, Part], number: int) -> Difference:
        """A difference around that case along a random direction in these parts."""
        case = self._cases(trial)[at]
        x = np.asarray(case.arg(self.wrt))
        rng = trial.rng(self.function, self.wrt, "direction", at, number)
        d = random_directions(x.shape, 1, rng, mask_of(x.shape, tuple(parts.values())))[0]
        return Difference(at, case, self.wrt, d, step_size(x))

    def _movable(self, case: Case) -> bool:
        x = case.arg(self.wrt)
        return isinstance(x, np.ndarray) and x.dtype.kind == "f"

    def _closer(self, trial: Trial, answers: Answers) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
        """Around the smallest failing case: a sweep of the entries, and a curve, one direction in what is wrong at every step."""
        at, wrong = answers.failing, answers.wrong
        return trial.once(("closer", self.model_dump_json(), at, wrong), lambda: self._drawn_closer(trial, at, wrong))

    def _drawn_closer(self, trial: Trial, at: int, wrong: Collection[str]) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
        case = self._cases(trial)[at]
        if not self._movable(case):
            return (), ()
        x, parts = np.asarray(case.arg(self.wrt)), self._parts(case)
        entries = np.flatnonzero(mask_of(x.shape, tuple(parts.values())))
        if entries.size > _SWEEP:
            entries = np.sort(trial.rng(self.function, self.wrt, "sweep").choice(entries, _SWEEP, replace=False))
        sweep = tuple(Difference(at, case, self.wrt, unit_direction(x.shape, int(i)), step_size(x)) for i in entries)
        one = self._difference(trial, at, {n: p for n, p in parts.items() if n in wrong} or parts, -1)
        return sweep, tuple(replace(one, h=h) for h in STEPS)

    def _neighbours(self, trial: Trial) -> tuple[Case, ...]:
        """A call of each function that this one uses: one that changes its argument spoils what is computed from it afterwards."""
        return tuple(trial.cases(name)[0] for name in trial.interface.function(self.function).uses)

    # ---- what was answered -------------------------------------------------------------------------------------------

    def _read(self, trial: Trial, observations: Sequence[Observation], *, squeezable: bool = False) -> Answers | Verdict:
        if wrong := trouble(observations, self._asked(trial)):
            return wrong
        cases, differences = self._cases(trial), self._differences(trial)
        gradients = self._gradients(cases, observations, squeezable=squeezable)
        if isinstance(gradients, Verdict):
            return gradients
        right = [trial.answer(case) for case in cases]
        single = {name for g in gradients for name in g.single}
        return Answers(
            cases, [self._parts(c) for c in cases], [g.results[self.gradient] for g in gradients], [r[self.gradient] for r in right],
            [self._cost(c, o) for c, o in zip(cases, observations, strict=False)], [float(r[self.cost]) for r in right],
            differences, self._slopes(differences, observations[len(cases) : len(cases) + 2 * len(differences)]),
            self.tolerance.single() if single else self.tolerance, eps=EPS_SINGLE if self.cost in single else EPS,
            whole=all(self.gradient in g.whole for g in gradients),
        )

    def _gradients(self, cases: Sequence[Case], observations: Sequence[Observation], *, squeezable: bool) -> list[Conformed] | Verdict:
        """The gradient of each case in its declared form, or the verdict on the first that is not, or is not finite."""
        gradients: list[Conformed] = []
        for case, observation in zip(cases, observations, strict=False):
            assert isinstance(observation, Returned)
            answer = conform(observation.value, case, (self.gradient,), squeezable=squeezable)
            if isinstance(answer, Mismatch):
                return mismatch(answer, case, observation.value)
            gradient = answer.results[self.gradient]
            counts = mask_of(gradient.shape, tuple(self._parts(case).values()))
            if bad := not_finite(self.gradient, np.where(counts, gradient, 0.0), case):
                return bad
            gradients.append(answer)
        return gradients

    def _cost(self, case: Case, observation: Observation) -> float:
        answer = self._conformed(case, observation, self.cost)
        return float(answer.results[self.cost]) if answer else math.nan

    def _conformed(self, case: Case, observation: Observation, name: str) -> Conformed | None:
        """One of the results, if it has the declared form."""
        answer = conform(observation.value, case, (name,)) if isinstance(observation, Returned) else None
        return answer if isinstance(answer, Conformed) else None

    def _slopes(self, differences: Sequence[Difference], observations: Sequence[Observation]) -> list[float]:
        costs = [self._cost(c, o) for c, o in zip(_moved(differences), observations, strict=True)]
        return [slope(plus, minus, d.h) for d, plus, minus in zip(differences, costs[::2], costs[1::2], strict=True)]

    def _leniencies(self, trial: Trial, observations: Sequence[Observation]) -> Iterator[str]:
        for case, observation in zip(self._cases(trial), observations, strict=False):
            for name in (self.gradient, self.cost):
                if answer := self._conformed(case, observation, name):
                    yield from answer.notes

    # ---- what it is worth --------------------------------------------------------------------------------------------

    def _beside_control(self, trial: Trial, observations: Sequence[Observation]) -> Verdict | None:
        """The verdict on the other results beside a right gradient, if one is wrong and the control says that it is charged here."""
        cases = self._cases(trial)
        return told_beside(trial, cases, observations[: len(cases)], self._control(trial), observations[-1:], self.gradient,
                           self.tolerance, self.alone)

    def _decide(self, trial: Trial, answers: Answers) -> Verdict:
        if answers.invisible:
            return ungraded(Reason.HOST, f"This could not be judged: no input tells {listed(answers.invisible)} from zero.")
        if answers.cost_right and not answers.follows(answers.want):
            return self._inconsistent(answers)
        if not answers.wrong:
            return met() if answers.cost_right else met("the cost is not the handout's; it has an item of its own")
        return self._judge_wrong(trial, answers)

    def _judge_wrong(self, trial: Trial, answers: Answers) -> Verdict:
        """What is wrong with the gradient, the most telling thing first, and what it is worth all the same."""
        if answers.is_cut:
            sentence, hint = cut(self.gradient)
            return not_met(Reason.MISCONCEPTION, sentence, *self._evidence(answers), hint=hint)
        beside, convention = self._beside(trial, answers)
        credit = max(self._credit(answers, answers.wrong), beside)
        known, residual = self._known(trial, answers, answers.costs), self._is_residual(answers)
        if known:
            credit = max(credit, self.conventions.get(known.id, Fraction(0)))
            if credit == 1 or residual:
                return met(f"{known.sentence} That is not charged here.")
        if residual:
            return met(f"{self.cost} is not the handout's, which other items charge; yhat - y is right for the yhat that it is made of")
        reason, sentence, hint = self._why_wrong(trial, answers, known, convention)
        return partly(credit, reason, sentence, *self._evidence(answers), hint=hint)

    def _why_wrong(
        self, trial: Trial, answers: Answers, known: Misconception | None, convention: Diagnosis | None
    ) -> tuple[Reason, str, str]:
        """Reason, sentence and hint: the misconception with the student's costs, or the most telling thing that is left."""
        if known:
            return Reason.MISCONCEPTION, known.sentence, known.hint
        if why := degenerate(answers.cases, [answers.chosen(i) for i in range(len(answers.cases))]):
            return Reason.DEGENERATE, f"{self.gradient} of {self.function}: {why}.", ""
        if convention:
            return Reason.GRADIENT, convention.sentence, convention.hint
        slips = self._slips(answers)
        named, hint = "".join(f" {s.sentence}" for s in slips), slips[0].hint if slips else ""
        if self._is_of_other_cost(answers):
            sentence = f"{self.gradient} is the right gradient of your own cost, but your cost is not the handout's.{named}"
            return Reason.OTHER_COST, sentence, hint
        also = "" if answers.cost_right else f" The {self.cost} is not the handout's either."
        if alone := self._known(trial, answers, answers.want_costs):
            return Reason.MISCONCEPTION, alone.sentence + also, alone.hint
        near = answers.near(answers.wrong, answers.want, _NEAR)
        return Reason.GRADIENT, self._where(answers, near=near) + named + also, hint or (_TO_BE_EXACT if near else "")

    def _is_of_other_cost(self, answers: Answers) -> bool:
        """Whether the gradient is right for the student's own cost, which is not the handout's."""
        return bool(not (answers.cost_right or answers.coarse) and answers.slopes and answers.follows(answers.got))

    def _is_residual(self, answers: Answers) -> bool:
        """Whether the gradient is yhat - y on every case, with a yhat that adds up to 1 and whose -log is the student's own cost."""
        if self.targets is None or not self._is_of_other_cost(answers):
            return False
        targets = [np.ravel(np.asarray(case.arg(self.targets), float)) for case in answers.cases]
        return all(_gives_cost(answers.chosen(i).reshape(-1), y, answers.costs[i], answers.tolerance) for i, y in enumerate(targets))

    def _credit(self, answers: Answers, wrong: Collection[str]) -> Fraction:
        weights = {n: self.shares.get(n, Fraction(0)) if self.shares else Fraction(1) for n in answers.blocks}
        return Fraction(sum(w for n, w in weights.items() if n not in wrong), sum(weights.values()))

    def _beside(self, trial: Trial, answers: Answers) -> tuple[Fraction, Diagnosis | None]:
        """A convention whose cost is the student's, and which some blocks follow where another mistake spoils the others.

        Those blocks earn its share, as they would have without it. It explains nothing where those that are right are worth more.
        """
        for known in trial.misconceptions.get(self.function, ()):
            share = self.conventions.get(known.id, Fraction(0))
            made = self._made(trial, answers, known, answers.costs) if share else []
            found = answers.against(made) if made else []
            right = [n for n in answers.blocks if found and all(f[n].ok for f in found)]
            wrong = [n for n in answers.blocks if n not in right]
            credit = share * self._credit(answers, wrong)
            if wrong and credit > self._credit(answers, answers.wrong):
                how = _NEARLY if answers.near(wrong, made, _NEAR) else "wrong"
                sentence = f"{known.sentence} Besides, the gradient is {how} in {listed(wrong)}, and right for that in {listed(right)}."
                return credit, Diagnosis(known.id, sentence, known.hint)
        return Fraction(0), None

    def _known(self, trial: Trial, answers: Answers, costs: Sequence[float]) -> Misconception | None:
        """The misconception that gives the student's gradient, as far as it counts, on every case.

        With the student's costs too, or else with the right ones: a mistake in the gradient alone.
        """
        known = trial.misconceptions.get(self.function, ())
        return next((m for m in known if (made := self._made(trial, answers, m, costs)) and answers.are(made)), None)

    def _made(self, trial: Trial, answers: Answers, known: Misconception, costs: Sequence[float]) -> list[np.ndarray]:
        """The gradients that this mistake makes, one for each case; none if its costs are not these, or a gradient has another shape."""
        answer = partial(trial.answer, function=known.answer)
        if not all(agrees(np.array(c), answer(case)[self.cost], answers.tolerance) for case, c in zip(answers.cases, costs, strict=True)):
            return []
        gradients = [answer(case)[self.gradient] for case in answers.cases]
        return gradients if [g.shape for g in gradients] == [g.shape for g in answers.got] else []

    def _slips(self, answers: Answers) -> list[Diagnosis]:
        """The usual slip that explains the whole gradient, or one for each wrong block."""
        cases, tolerance = answers.cases, answers.tolerance
        whole = diagnose_output(cases, answers.got, answers.want, self.gradient, tolerance)
        found = [whole] if whole else [diagnose_output(cases, *answers.block(n), n, tolerance) for n in answers.wrong]
        return [slip for slip in found if slip]

    def _where(self, answers: Answers, *, near: bool) -> str:
        """Which blocks are wrong, or how many entries of a gradient without blocks."""
        how = _NEARLY if near else "wrong"
        if answers.blocks == (self.gradient,):
            found = answers.found(answers.failing, self.gradient)
            return f"{self.gradient} of {self.function}: {found.differ} of {found.bad.size} entries are {how.rstrip(',')}."
        right = [n for n in answers.blocks if n not in answers.wrong]
        return f"The gradient is {how} in {listed(answers.wrong)}" + (f", and right in {listed(right)}." if right else ".")

    def _inconsistent(self, answers: Answers) -> Verdict:
        i = max(range(len(answers.slopes)), key=lambda i: answers.gap(i, answers.want) / answers.allowance(i))
        difference = answers.differences[i]
        return not_met(
            Reason.INCONSISTENT,
            f"The {self.cost} of {self.function} is right at the inputs asked, but beside them it does not change as its gradient says.",
            Contrast(f"slope of the {self.cost} of {self.function} along one direction", inputs(difference.case),
                     show(answers.slopes[i]), show(along(answers.want[difference.at], difference.d)), "the gradient along that direction",
                     1, 1, rtol=0.0, atol=answers.allowance(i)),
            hint="Compute the cost from the arguments alone: no globals, nothing kept from an earlier call.",
        )

    def _evidence(self, answers: Answers) -> tuple[Evidence, ...]:
        """All blocks of the smallest failing case, and the first wrong one in full."""
        at = answers.failing
        parts, got, want = answers.parts[at], answers.got[at], answers.want[at]
        rows = tuple(self._row(answers, at, name) for name in parts)
        worst = next(row.name for row in rows if row.differ)
        call = self.function if worst == self.gradient else f"{self.function}, gradient of {worst}"
        return Blocks(rows), contrast(call, inputs(answers.cases[at]), parts[worst].of(got), parts[worst].of(want),
                                      answers.found(at, worst), "the reference")

    def _row(self, answers: Answers, at: int, name: str) -> BlockRow:
        part, found = answers.parts[at][name], answers.found(at, name)
        if found.worst is None:
            return BlockRow(name, part.shape, 0, found.bad.size)
        got, want = (float(part.of(g[at])[found.worst]) for g in (answers.got, answers.want))
        return BlockRow(name, part.shape, found.differ, found.bad.size, found.worst, got, want, heat(found.error))

    # ---- what explains it --------------------------------------------------------------------------------------------

    def _explained(self, trial: Trial, answers: Answers, verdict: Verdict, follow_up: Sequence[Observation]) -> Verdict:
        """The same verdict with the sweep as a note, the error curve as evidence, and what neighbours change, if that was asked for."""
        if not follow_up:
            return verdict
        (sweep, curve), neighbours = self._closer(trial, answers), self._neighbours(trial)
        count = 2 * (len(sweep) + len(curve))
        if not sweep or len(follow_up) != count + len(neighbours):
            return verdict
        for case, observation in zip(neighbours, follow_up[count:], strict=True):
            verdict = told_of_changes(verdict, case.function, (observation,))
        slopes = self._slopes([*sweep, *curve], follow_up[:count])
        plots = self._plots(trial, answers, curve, slopes[len(sweep) :])
        return replace(verdict, evidence=(*verdict.evidence, *plots)).with_notes(self._swept(answers, sweep, slopes[: len(sweep)]))

    def _swept(self, answers: Answers, sweep: Sequence[Difference], slopes: Sequence[float]) -> str:
        """Which entries of the student's gradient are not the slope of the student's own cost."""
        at = answers.failing
        allowed = slope_allowance(answers.want_costs[at], sweep[0].h, answers.want[at], answers.tolerance.rtol)
        own = np.full(answers.got[at].size, np.nan)
        swept = [int(np.flatnonzero(d.d)[0]) for d in sweep]
        own[swept] = slopes
        asked = np.isin(np.arange(own.size), swept)
        told = [_told(name, part.of(asked), part.of(answers.got[at]), part.of(own), allowed) for name, part in answers.parts[at].items()]
        return "Entry by entry, against the slope of your own cost: " + "; ".join(told) + "."

    def _plots(self, trial: Trial, answers: Answers, curve: Sequence[Difference], slopes: Sequence[float]) -> tuple[StepPlot, ...]:
        at = answers.failing
        got, want = along(answers.got[at], curve[0].d), along(answers.want[at], curve[0].d)
        errors = [abs(s - got) for s in slopes]
        costs = [[float(trial.answer(c)[self.cost]) for c in d.cases] for d in curve]
        right = [abs(slope(plus, minus, d.h) - want) for d, (plus, minus) in zip(curve, costs, strict=True)]
        shown = [(h, max(e, _LEAST), max(r, _LEAST)) for h, e, r in zip(STEPS, errors, right, strict=True) if math.isfinite(e)]
        if not shown:
            return ()
        title = "Error of the gradient along one direction, against the step of the central difference"
        steps, yours, references = zip(*shown, strict=True)
        return (StepPlot(title, steps, yours, references, _READINGS[read_curve(STEPS, errors, answers.want_costs[at])]),)

    # ---- the author's mistakes ---------------------------------------------------------------------------------------

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Also: results, a parameter, blocks or a control that the function does not have."""
        yield from super().problems(interface)
        function = next((f for f in interface.functions if f.name == self.function), None)
        if function is None:
            return
        yield from (("control", problem, remedy) for _, problem, remedy in case_problems([self.control], function))
        returns = [r.name for r in function.returns]
        yield from _unknown("gradient", [self.gradient], returns, f"{self.function} returns no {{!r}}.")
        yield from _unknown("cost", [self.cost], returns, f"{self.function} returns no {{!r}}.")
        specs = {p.name: p.spec for p in function.params if isinstance(p.spec, ArraySpec)}
        arrays = [name for name, spec in specs.items() if spec.dtype == "float"]
        yield from _unknown("wrt", [self.wrt], arrays, f"{self.function} takes no float array {{!r}}.")
        if self.wrt not in arrays:
            return
        for spec in (r.spec for r in function.returns if r.name == self.gradient):
            if spec.like != self.wrt and dims.spelled(spec.shape) != dims.spelled(specs[self.wrt].shape):
                yield "wrt", f"{self.wrt} has another shape than {self.gradient}.", "Write the parameter whose gradient it is."
        one_hot = [name for name, spec in specs.items() if spec.domain == "one_hot_rows"]
        yield from _unknown("targets", [self.targets] if self.targets else [], one_hot, f"{self.function} takes no one-hot rows {{!r}}.")
        blocks = [b.name for b in blocks_of(function, self.wrt)]
        yield from _unknown("blocks", self.blocks, blocks, f"{self.wrt} has no block {{!r}}.", of="some of")
        yield from _unknown("shares", self.shares, self.blocks or blocks, "{!r} is no block that counts.", of="some of")


def _unknown(field: str, names: Iterable[str], known: Collection[str], problem: str, of: str = "one of") -> Iterator[tuple[str, str, str]]:
    """The problem of each of these names that is not known."""
    return ((field, problem.format(name), f"Write {of}: {', '.join(known) or 'none'}.") for name in names if name not in known)


def _moved(differences: Iterable[Difference]) -> list[Case]:
    """What is asked for these differences: two calls for each."""
    return [case for difference in differences for case in difference.cases]


def _vector(observation: Observation, case: Case, name: str) -> np.ndarray | None:
    """A result as the vector that it is, of whatever length; None if it is none."""
    assert isinstance(observation, Returned)
    found = parts(observation.value, case)
    vector = next(numbers(value, result, []) for result, value in found if result.name == name) if isinstance(found, tuple) else None
    return vector if isinstance(vector, np.ndarray) and vector.ndim == 1 else None


def _with(observation: Observation, case: Case, name: str, value: np.ndarray) -> Observation:
    """The observation with another value for one of several results."""
    assert isinstance(observation, Returned)
    assert isinstance(observation.value, tuple | list)
    named = zip(case.function.returns, observation.value, strict=True)
    return replace(observation, value=tuple(value if result.name == name else v for result, v in named))


def _gives_cost(gradient: np.ndarray, y: np.ndarray, cost: float, tolerance: Tolerance) -> bool:
    """Whether gradient + y, all of them flat, is a yhat that adds up to 1, and the cost is its -log at y."""
    if gradient.shape != y.shape:
        return False
    yhat = gradient + y
    right = (np.array(yhat.sum()), np.array(1.0)), (np.array(cost), np.array(-np.log(y @ yhat)))
    return bool(np.all(yhat > 0)) and all(agrees(got, want, tolerance) for got, want in right)


def _told(name: str, asked: np.ndarray, got: np.ndarray, own: np.ndarray, allowed: float) -> str:
    """How a block compares with the slopes of the student's own cost: ``W1 differs in 3 of 12, most at [1, 2] (0.4 for 0.8)``."""
    gaps = np.abs(own - got)
    bad = asked & ~(gaps <= allowed)
    if not bad.any():
        return f"{name} agrees"
    worst = np.unravel_index(int(np.argmax(np.where(bad, np.nan_to_num(gaps, nan=np.inf), -1.0))), got.shape)
    index = ", ".join(str(int(i)) for i in worst)
    return (f"{name} differs in {int(bad.sum())} of {int(asked.sum())}, most at [{index}] "
            f"({got[worst]:.6g}, where the slope is {own[worst]:.6g})")
