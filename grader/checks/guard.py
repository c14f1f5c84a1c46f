"""What must be so before a property of the answers is worth a point: form, finiteness, and that they depend on the input.

A property alone pays a function that computes nothing: zeros do not change when the input is shifted, and are perfectly pure.
So a check asks each case twice, with other numbers the second time (its *twin*).
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from grader.checks.answers import Conformed, Mismatch, conform, cut, degenerate, inputs, mismatch, not_finite, trouble
from grader.core.evidence import Contrast
from grader.core.interface import ArraySpec, FunctionSpec, Interface
from grader.core.observation import Observation, Returned
from grader.core.probe import Value
from grader.core.reason import Reason
from grader.core.verdict import Verdict, not_met
from grader.numerics.show import show
from grader.trial import Case, CaseConfig, Trial

# differences below this share of the largest entry are none: rounding leaves 1e-15, two random inputs give some 1e-1
_SAME = 1e-9


def twins(trial: Trial, function: str, configs: Sequence[CaseConfig]) -> tuple[Case, ...]:
    """The cases of these configs once more: the same sizes and variants, other numbers."""
    pinned = [{**config, **case.sizes} for config, case in zip(configs, trial.cases(function, configs), strict=True)]
    # appended to the configs, because the numbers drawn depend on a case's place among them
    return trial.cases(function, (*configs, *pinned))[len(configs):]


def read(
    cases: Sequence[Case], observations: Sequence[Observation], only: Collection[str] = (), *, shaped: bool = True,
    squeezable: bool = False, finite: bool = False,
) -> list[Conformed] | Verdict:
    """Every answer in its declared form, or the verdict on the first that is not.

    Parameters
    ----------
    only : collection of str
        The results that count; all of them if empty.
    shaped : bool
        Whether they are to have the declared shape.
    squeezable : bool
        Whether axes of length 1 are another item's to judge.
    finite : bool
        Whether they are to be finite.
    """
    if wrong := trouble(observations, cases):
        return wrong
    answers: list[Conformed] = []
    for case, observation in zip(cases, observations, strict=True):
        assert isinstance(observation, Returned)
        answer = conform(observation.value, case, only, shaped=shaped, squeezable=squeezable)
        if isinstance(answer, Mismatch):
            return mismatch(answer, case, observation.value)
        if finite and (bad := _not_finite(case, answer)):
            return bad
        answers.append(answer)
    return answers


def _not_finite(case: Case, answer: Conformed) -> Verdict | None:
    """The verdict on the first result that is not finite; None if all of them are."""
    return next((bad for name, got in answer.results.items() if (bad := not_finite(name, got, case))), None)


def notes_of(answers: Sequence[Conformed]) -> tuple[str, ...]:
    """All leniencies that the answers took."""
    return tuple(note for answer in answers for note in answer.notes)


def unfit(cases: Sequence[Case], other: Sequence[Case], answers: Sequence[Conformed], other_answers: Sequence[Conformed]) -> Verdict | None:
    """The verdict if answers to cases and to their twins are not finite or degenerate; None if a property of them means something."""
    for case, answer in zip((*cases, *other), (*answers, *other_answers), strict=True):
        if wrong := _not_finite(case, answer):
            return wrong
    for name in answers[0].results:
        all_of = [a.results[name] for a in answers]
        if why := worthless(cases, all_of, [a.results[name] for a in other_answers]):
            return worth_nothing(name, why, cases[0], all_of[0], _why_whole(name, answers))
    return None


def _why_whole(name: str, answers: Sequence[Conformed]) -> str:
    """What to say of arrays of integers, in which little is left of an answer; empty for others."""
    return " ".join(cut(name)) if all(name in a.whole for a in answers) else ""


def idle(cases: Sequence[Case], answers: Sequence[Conformed], other_answers: Sequence[Conformed]) -> Verdict | None:
    """The verdict if a single answer is constant or does not move with the input; for properties that hold otherwise.

    A wrong answer can be constant for one size, as a softmax over the wrong axis is for one row; that the property fails
    says more about it, so this is asked last.
    """
    for case, answer, other in zip(cases, answers, other_answers, strict=True):
        for name, got in answer.results.items():
            if why := _idle(got, other.results[name]):
                return worth_nothing(name, why, case, got, _why_whole(name, (answer, other)))
    return None


def worth_nothing(name: str, why: str, case: Case, got: np.ndarray, hint: str = "") -> Verdict:
    """The verdict on degenerate answers, with one of them to look at."""
    evidence = Contrast(case.function.name, inputs(case), show(got), None, "an answer that depends on the input")
    return not_met(Reason.DEGENERATE, f"{case.function.whose(name)}: {why}, so there is nothing to judge.", evidence, hint=hint)


@np.errstate(all="ignore")
def worthless(cases: Sequence[Case], answers: Sequence[np.ndarray], again: Sequence[np.ndarray]) -> str:
    """Why finite answers would satisfy any relation without being worth a point; empty if they are worth judging.

    More than `degenerate` sees: answers that do not move when all numbers of the input are drawn anew, though they differ
    from size to size, and an argument that is returned scaled and shifted.

    Parameters
    ----------
    answers : sequence of float ndarray
        One result to each of `cases`, of the shape that it is declared with there.
    again : sequence of float ndarray
        The same result to the twin of each case.
    """
    if why := degenerate(cases, answers):
        return why
    if all(reasons := [_idle(answer, other) for answer, other in zip(answers, again, strict=True)]):
        return reasons[0]
    for i, name in enumerate(cases[0].function.param_names):
        if _follows([case.args[i] for case in cases], answers):
            return f"the answer is the argument {name}, only scaled or shifted by a number"
    return ""


@np.errstate(all="ignore")
def _idle(answer: np.ndarray, other: np.ndarray) -> str:
    """Why one answer does not depend on its input; empty if it does, or is too small to tell."""
    # an axis of length 1 may well have one value: softmax of one logit is 1
    if answer.size < 2 or answer.shape[-1] < 2:
        return ""
    if _negligible(np.ptp(answer), answer):
        return "every entry of the answer is the same number"
    if answer.shape == other.shape and _negligible(np.max(np.abs(answer - other)), answer):
        return "the answer is the same for different inputs"
    return ""


def _negligible(difference: float, answer: np.ndarray) -> bool:
    return bool(difference <= _SAME * np.max(np.abs(answer)))


def _follows(args: Sequence[Value], answers: Sequence[np.ndarray]) -> bool:
    """Whether answer = a * argument + b with the same a and b in all cases, by least squares."""
    arrays = [np.asarray(a, float) for a in args if isinstance(a, np.ndarray | float)]
    if [a.shape for a in arrays] != [y.shape for y in answers]:
        return False
    x, y = np.concatenate([a.ravel() for a in arrays]), np.concatenate([a.ravel() for a in answers])
    if x.size < 3:  # any two points lie on a line
        return False
    x, centred = x - x.mean(), y - y.mean()
    rest = centred - x * (x @ centred) / max(float(x @ x), np.finfo(float).tiny)
    return _negligible(np.max(np.abs(rest)), y)


def subject(function: FunctionSpec) -> str:
    """The array argument that a property is about: the first one; empty if there is none."""
    return next((p.name for p in function.params if isinstance(p.spec, ArraySpec)), "")


def x_of(case: Case) -> np.ndarray:
    """The numbers of `subject`, a float array of whatever shape the case gives it."""
    return np.asarray(case.arg(subject(case.function)), float)


def with_x(case: Case, x: np.ndarray) -> Case:
    """The same case with other numbers in its `subject`, x of any shape; 0-d becomes a plain number: some functions take no 0-d arrays."""
    return case.replaced(**{subject(case.function): x if x.ndim else float(x)})


def default_cases(function: FunctionSpec, *, vectors: bool = True) -> tuple[CaseConfig, ...]:
    """A vector where the answer is shaped like the argument, then matrices, one of them with a single row."""
    name = subject(function)
    vector: tuple[CaseConfig, ...] = ({name: "vector"},) if vectors and any(r.spec.like == name for r in function.returns) else ()
    single: tuple[CaseConfig, ...] = ({"N": 1},) if "N" in function.dims else ()
    return (*vector, {}, {}, *single)


def subject_problems(function: str, interface: Interface) -> Iterator[tuple[str, str, str]]:
    """The author's mistake of asking for a property of a function that is not ``x -> an answer shaped like x``."""
    for spec in (f for f in interface.functions if f.name == function):
        if len(spec.returns) != 1 or not subject(spec) or spec.returns[0].spec.like != subject(spec):
            yield ("function", f"{function} does not return one array shaped like its argument.",
                   "Name a function whose result is declared with like = its first array.")
