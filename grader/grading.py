"""Plan, observe, judge, score: one submission against one assignment."""

import platform
import shlex
import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final, Protocol

import numpy as np

import grader
from grader.core.errors import UsageError
from grader.core.evidence import Traceback
from grader.core.not_found import is_not_found, not_found
from grader.core.observation import Unavailable
from grader.core.reason import Reason
from grader.core.report import Conditions, GradeReport, ItemResult, SourceText, Submitted
from grader.core.verdict import Outcome, Verdict
from grader.core.wording import listed
from grader.course import Assignment, starters
from grader.interview import Answers, Interview, judged, questions_of
from grader.rubric import RubricItem
from grader.runner.opinion import LOST, UNSTEADY
from grader.runner.protocol import Isolation, Runner
from grader.submission.source import Definition, SourceFile, Submission
from grader.trial import Trial

NOT_ASKED: Final = "This item was not asked when the submission was run; run it again."


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a run observed: enough to judge again without running student code.

    Parameters
    ----------
    answers : mapping of str to Answers
        By item id.
    isolation : Isolation
        How the student's code was kept apart.
    placeholders : tuple of str
        Packages that the code imports and that are not here.
    questions : mapping of str to str
        By item id, see `grader.interview.questions_of`; without an entry, answers are taken for ones to the questions at hand.
    """

    seed: int
    answers: Mapping[str, Answers]
    isolation: Isolation
    placeholders: tuple[str, ...] = ()
    questions: Mapping[str, str] = field(default_factory=dict)


def grade(
    assignment: Assignment, submission: Submission, runner: Runner, *, seed: int | None = None, items: Sequence[str] = (),
    path: str | None = None, trial: Trial | None = None,
) -> tuple[GradeReport, Recorded]:
    """Grade one submission.

    Parameters
    ----------
    seed : int or None
        The assignment's default if None.
    items : sequence of str
        Only these items; all if empty.
    path : str or None
        How the replay command names the submission; its name if None.
    trial : Trial or None
        The same trial can serve many submissions: inputs and reference answers are then computed once.

    Raises
    ------
    UsageError
        If the rubric has no such item.
    CourseError
        If the reference fails on the inputs drawn.
    """
    started = time.perf_counter()
    trial = trial or Trial(assignment.default_seed if seed is None else seed, assignment.interface, assignment.oracle)
    recorded = observe(assignment, submission, runner, trial, items)
    observed = time.perf_counter()
    report = judge(assignment, submission, recorded, items=items, path=path, trial=trial)
    ended = time.perf_counter()
    timings = {"observe": observed - started, "judge": ended - observed, "total": ended - started}
    return replace(report, timings={k: round(v, 4) for k, v in timings.items()}), recorded


def observe(assignment: Assignment, submission: Submission, runner: Runner, trial: Trial, items: Sequence[str] = ()) -> Recorded:
    """Ask everything that the items need, follow-ups included; no verdict leaves this function."""
    asked = _closure(assignment, _selected(assignment, items))
    interviewer = Interview(assignment, submission, runner, trial)
    interviewer.first_round(asked)
    interviewer.with_helpers(asked)
    questions = {i.id: questions_of(i, trial) for i in asked}
    return Recorded(trial.seed, interviewer.answers, runner.isolation, interviewer.placeholders, questions)


def judge(
    assignment: Assignment, submission: Submission, recorded: Recorded, *, items: Sequence[str] = (), path: str | None = None,
    trial: Trial | None = None,
) -> GradeReport:
    """The report on what was observed. Pure: it can be run again when a tolerance or the rubric has changed."""
    trial = trial or Trial(recorded.seed, assignment.interface, assignment.oracle)
    own = own_verdicts(assignment, submission, recorded, trial, items)
    return report_on(assignment, submission, recorded, own, items=items, path=path)


def own_verdicts(
    assignment: Assignment, submission: Submission, recorded: Recorded, trial: Trial, items: Sequence[str] = ()
) -> dict[str, Verdict]:
    """The verdict on each item, and on those that it rests on, by itself: what another one blocks is `settled` later."""
    def untouched(function: str) -> bool:
        return is_untouched(submission, function, assignment)

    asked = _closure(assignment, _selected(assignment, items))
    absent = _absent(submission, recorded)
    return {item.id: _unparsable(own_verdict(item, trial, recorded, untouched, absent), submission) for item in asked}


def own_verdict(
    item: RubricItem, trial: Trial, recorded: Recorded, untouched: Callable[[str], bool], absent: Container[str] = ()
) -> Verdict:
    """The verdict on one item by itself.

    Parameters
    ----------
    untouched : callable
        Tells of a function whether it is the starter's.
    absent : container of str
        Functions that are known not to be there.
    """
    return _on_stub(_verdict(item, trial, recorded, absent), item, untouched)


def _absent(submission: Submission, recorded: Recorded) -> frozenset[str]:
    """The functions that no file defines, and that were not found either."""
    said = (o for a in recorded.answers.values() for o in a.first if isinstance(o, Unavailable))
    return frozenset(o.function for o in said if not submission.defining(o.function))


def report_on(
    assignment: Assignment, submission: Submission, recorded: Recorded, own: Mapping[str, Verdict], *, items: Sequence[str] = (),
    path: str | None = None,
) -> GradeReport:
    """The report that these verdicts make."""
    selected = _selected(assignment, items)
    said = settled(_closure(assignment, selected), own, {i: cause(v) for i, v in own.items()}, {i.id for i in selected})
    name = path or submission.name
    results = tuple(_result(item, said[item.id], recorded, name) for item in selected)
    functions = [f.name for f in assignment.interface.functions]
    files = tuple(_source_text(f, functions) for f in submission.files)
    missing = (f"The package {p} is not available here; what needs it is ungraded." for p in recorded.placeholders)
    remarks = (*submission.remarks, *_left_out(submission, functions), *_troubles(recorded), *missing)
    return GradeReport(
        assignment.slug, assignment.interface.title, Submitted(submission.name, submission.sha256, files, remarks),
        _near_ones_named(results, files),
        _conditions(assignment, recorded), {},
    )


def _near_ones_named(results: tuple[ItemResult, ...], files: Sequence[SourceText]) -> tuple[ItemResult, ...]:
    """The results; where a function is not there, the message asks whether one of another name is meant."""
    asked = {one.function: one.question for one in not_found(results, files) if one.near}
    return tuple(
        replace(r, verdict=replace(r.verdict, message=f"{r.verdict.message} {asked[r.function]}"))
        if asked and r.function in asked and is_not_found(r) else r for r in results)


def _troubles(recorded: Recorded) -> list[str]:
    """What was in the way when files were loaded that are graded nevertheless."""
    said = dict.fromkeys(line for a in recorded.answers.values() for line in a.remark.split("\n"))
    return [line for line in said if line not in ("", LOST, UNSTEADY)]


def _source_text(file: SourceFile, functions: Sequence[str]) -> SourceText:
    lines = {name: d.line for name, d in file.definitions.items() if name in functions}
    return SourceText(file.path, file.text, lines, {file.place(c): c.offset for c in file.cells})


class Needing(Protocol):
    """What settling needs to know of an item."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Items without which it means nothing."""
        ...


def settled(
    items: Iterable[Needing], own: Mapping[str, Verdict], causes: Mapping[str, str], selected: Container[str]
) -> dict[str, Verdict]:
    """The verdicts that count: blocked where a need is not met, and one cause explained once.

    Parameters
    ----------
    items : iterable of Needing
        In the rubric's order.
    own : mapping of str to Verdict
        On each item by itself.
    causes : mapping of str to str
        What kept a module from being loaded, see `cause`.
    selected : container of str
        Which of the items are told of.
    """
    verdicts: dict[str, Verdict] = {}
    for item in items:
        verdicts[item.id] = own[item.id] if causes[item.id] else _blocked(own[item.id], item, verdicts)
    return _said_once({i: v for i, v in verdicts.items() if i in selected}, causes)


def _result(item: RubricItem, verdict: Verdict, recorded: Recorded, name: str) -> ItemResult:
    if item.hint and verdict.outcome in (Outcome.NOT_MET, Outcome.PARTLY):
        verdict = replace(verdict, hint=item.hint)
    repeat = f"grade {shlex.quote(name)} --item {item.id} --seed {recorded.seed}"
    return ItemResult(item.id, item.section, item.title, item.points, item.check.function, verdict, repeat)


def _conditions(assignment: Assignment, recorded: Recorded) -> Conditions:
    kept = recorded.isolation
    return Conditions(
        recorded.seed, kept.level, kept.holds, kept.lacks, assignment.rubric_sha256, assignment.reference_sha256,
        {"grade": grader.__version__, "python": platform.python_version(), "numpy": np.__version__},
    )


def _selected(assignment: Assignment, items: Sequence[str]) -> tuple[RubricItem, ...]:
    known = [i.id for i in assignment.rubric.items]
    for item in items:
        if item not in known:
            raise UsageError(f"--item {item}: the rubric has no such item. Its items are: {', '.join(known)}.")
    return tuple(i for i in assignment.rubric.items if not items or i.id in items)


def _closure(assignment: Assignment, selected: Iterable[RubricItem]) -> tuple[RubricItem, ...]:
    """The items and those that their verdicts rest on: what they need, and what shows whether a neighbour is right."""
    wanted = {i.id for i in selected}
    while len(wanted) < len(assignment.rubric.items):
        more = set(wanted)
        for item in (i for i in assignment.rubric.items if i.id in wanted):
            uses = assignment.interface.function(item.check.function).uses
            more |= set(item.needs) | {i.id for i in assignment.rubric.items if i.check.function in uses}
        if more == wanted:
            return tuple(i for i in assignment.rubric.items if i.id in wanted)
        wanted = more
    return assignment.rubric.items


def _verdict(item: RubricItem, trial: Trial, recorded: Recorded, absent: Container[str]) -> Verdict:
    """The better of the two verdicts: on the submission as it is, and with the course's helpers for wrong neighbours."""
    answers = recorded.answers.get(item.id)
    if answers is None:
        return Verdict(Outcome.UNGRADED, None, Reason.NOT_ASKED, NOT_ASKED)
    if item.id in recorded.questions and recorded.questions[item.id] != questions_of(item, trial):
        return Verdict(Outcome.UNGRADED, None, Reason.NOT_ASKED, "Its questions have changed since the submission was run; run it again.")
    own = judged(item, trial, answers.first, answers.follow_up)
    own = own.with_notes(*answers.remark.split("\n")) if answers.remark else own
    if not answers.helped:
        return own
    helped = judged(item, trial, answers.helped, answers.helped_follow_up)
    if _worth(helped) <= _worth(own):
        return own
    return helped.with_notes(_on_helpers(answers.helpers, absent))


def _on_helpers(helpers: Sequence[str], absent: Container[str]) -> str:
    """Which functions of the course stood in, for those that are there and for those that are not."""
    wrong, missing = [h for h in helpers if h not in absent], [h for h in helpers if h in absent]
    instead = [f"the course's {listed(wrong)} in place of yours"] if wrong else []
    added = [f"the course's {listed(missing)} because yours {'is' if len(missing) == 1 else 'are'} missing"] if missing else []
    return f"Judged with {listed([*instead, *added])}, so that one mistake does not cost twice."


def _worth(verdict: Verdict) -> Fraction:
    return Fraction(-1) if verdict.credit is None else verdict.credit


def _on_stub(verdict: Verdict, item: RubricItem, untouched: Callable[[str], bool]) -> Verdict:
    """*Not attempted* where the function earned nothing and nothing was written into it."""
    if verdict.outcome is not Outcome.NOT_MET or not untouched(item.check.function):
        return verdict
    return Verdict(Outcome.NOT_ATTEMPTED, Fraction(0), Reason.NOT_ATTEMPTED, "Not attempted: nothing of your own is computed in it yet.")


def is_untouched(submission: Submission, function: str, assignment: Assignment) -> bool:
    """Whether every definition of the function is the starter's own, or a stub that computes no result which the starter does not."""
    found = [f.definitions[function] for f in submission.defining(function)]
    known = starters(assignment.starter).get(function, ())

    def is_stub(d: Definition) -> bool:
        return d.stub and not (known and d.body and d.body.computed.difference(*(body.computed for body in known)))

    return bool(found) and all(is_stub(d) or d.body in known for d in found)


def _unparsable(verdict: Verdict, submission: Submission) -> Verdict:
    """The trouble of a file or cell in place of what running it said of it: Python 2 by name, a syntax error with its line."""
    if verdict.reason not in (Reason.CANNOT_LOAD, Reason.RAISED):
        return verdict
    places = [line.file for e in verdict.evidence if isinstance(e, Traceback) for line in e.lines[-1:]]
    if verdict.reason is Reason.CANNOT_LOAD and len(submission.files) == 1:
        places.append(submission.files[0].path)
    troubles = {place: trouble for f in submission.files for place, trouble in f.troubles.items()}
    place = next((p for p in places if p in troubles), None)
    if place is None:
        return verdict
    reason = Reason.PYTHON_2 if troubles[place].kind == "python 2" else Reason.SYNTAX
    evidence = tuple(replace(e, call="", inputs=()) if isinstance(e, Traceback) else e for e in verdict.evidence)
    return replace(verdict, reason=reason, message=troubles[place].at(place), evidence=evidence)


def _said_once(verdicts: Mapping[str, Verdict], causes: Mapping[str, str]) -> dict[str, Verdict]:
    """A file that cannot be loaded costs all of its items, and is explained at the first of them."""
    first: dict[str, str] = {}
    said: dict[str, Verdict] = {}
    for item_id, verdict in verdicts.items():
        why = causes[item_id]
        if not why or why not in first:
            said[item_id] = verdict
        else:
            outcome = Outcome.BLOCKED if verdict.outcome is Outcome.NOT_MET else verdict.outcome
            said[item_id] = Verdict(outcome, verdict.credit, verdict.reason, f"For the same reason as {first[why]}.",
                                    hint=f"See {first[why]}.", see=first[why])
        if why:
            first.setdefault(why, item_id)
    return said


def cause(verdict: Verdict) -> str:
    """What kept a module from being loaded, equal for equal causes; empty for any other verdict."""
    is_syntax = verdict.reason in (Reason.SYNTAX, Reason.PYTHON_2)
    traceback = next((e for e in verdict.evidence if isinstance(e, Traceback) and (is_syntax or e.call.startswith("import "))), None)
    return f"{verdict.reason.code} {traceback!r}" if traceback and verdict.reason else ""


def _blocked(verdict: Verdict, item: Needing, verdicts: Mapping[str, Verdict]) -> Verdict:
    """Blocked by an item that earned nothing; ungraded behind one that nobody could judge."""
    if verdict.outcome in (Outcome.UNGRADED, Outcome.NOT_ATTEMPTED):
        return verdict
    for need in item.needs:
        if verdicts[need].outcome is Outcome.UNGRADED:
            return Verdict(Outcome.UNGRADED, None, verdicts[need].reason, f"This rests on {need}, which could not be judged.", see=need)
        if verdicts[need].credit == 0:
            return Verdict(Outcome.BLOCKED, Fraction(0), Reason.BLOCKED, f"This means nothing until {need} is met.",
                           hint=f"Mend {need} first.", see=need)
    return verdict


def _left_out(submission: Submission, functions: Sequence[str]) -> list[str]:
    """What the worker does not run of notebooks."""
    if not any(f.cells for f in submission.files):
        return []
    from grader.submission.needed import left_out  # noqa: PLC0415 - whoever hands in .py does not wait for it

    return left_out(submission, functions)
