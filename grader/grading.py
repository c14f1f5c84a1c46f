"""Plan, observe, judge, score: one submission against one assignment."""

import platform
import re
import shlex
import time
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import PurePosixPath
from typing import Protocol

import numpy as np

import grader
from grader.core.errors import UsageError
from grader.core.evidence import Traceback
from grader.core.interface import FunctionSpec, Interface
from grader.core.observation import Died, Malformed, Observation, Raised, Returned, TimedOut, Unavailable
from grader.core.probe import Group, Probe
from grader.core.reason import Reason
from grader.core.report import Conditions, GradeReport, ItemResult, SourceText, Submitted
from grader.core.verdict import Outcome, Verdict
from grader.course import Assignment, starters
from grader.rubric import RubricItem
from grader.runner.opinion import LOST, UNSTEADY
from grader.runner.protocol import Isolation, Program, Runner, Source
from grader.submission.source import SourceFile, Submission
from grader.trial import Trial
from grader.worker.missing import DEFINITIONS, LOADING

_MISSING_PACKAGES = 8
"""Rounds of asking again with one more placeholder; a file that lacks more packages than this is not graded by guessing."""


@dataclass(frozen=True, slots=True)
class Answers:
    """All observations of one item.

    Parameters
    ----------
    first, follow_up : tuple of Observation
        Answers to the check's two rounds.
    helped, helped_follow_up : tuple of Observation
        The same with the course's own functions in place of wrong neighbours; empty if that was not asked.
    helpers : tuple of str
        Which neighbours were replaced.
    remark : str
        What there is to say of how the first answers were had, line by line; empty if nothing.
    """

    first: tuple[Observation, ...]
    follow_up: tuple[Observation, ...] = ()
    helped: tuple[Observation, ...] = ()
    helped_follow_up: tuple[Observation, ...] = ()
    helpers: tuple[str, ...] = ()
    remark: str = ""


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
    """

    seed: int
    answers: Mapping[str, Answers]
    isolation: Isolation
    placeholders: tuple[str, ...] = ()


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
    judged = time.perf_counter()
    timings = {"observe": observed - started, "judge": judged - observed, "total": judged - started}
    return replace(report, timings={k: round(v, 4) for k, v in timings.items()}), recorded


def observe(assignment: Assignment, submission: Submission, runner: Runner, trial: Trial, items: Sequence[str] = ()) -> Recorded:
    """Ask everything that the items need, follow-ups included; no verdict leaves this function."""
    asked = _closure(assignment, _selected(assignment, items))
    interviewer = _Interview(assignment, submission, runner, trial)
    interviewer.first_round(asked)
    interviewer.with_helpers(asked)
    return Recorded(trial.seed, interviewer.answers, runner.isolation, interviewer.placeholders)


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
    return {item.id: _unparsable(own_verdict(item, trial, recorded, untouched), submission) for item in asked}


def own_verdict(item: RubricItem, trial: Trial, recorded: Recorded, untouched: Callable[[str], bool]) -> Verdict:
    """The verdict on one item by itself; `untouched` tells of a function whether it is the starter's."""
    return _on_stub(_verdict(item, trial, recorded), item, untouched)


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
    missing = (f"the package {p} is not available here; what needs it is ungraded." for p in recorded.placeholders)
    remarks = (*submission.remarks, *_left_out(submission, functions), *_troubles(recorded), *missing)
    return GradeReport(
        assignment.slug, assignment.interface.title, Submitted(submission.name, submission.sha256, files, remarks), results,
        _conditions(assignment, recorded), {},
    )


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
    while True:
        more = set(wanted)
        for item in (i for i in assignment.rubric.items if i.id in wanted):
            uses = assignment.interface.function(item.check.function).uses
            more |= set(item.needs) | {i.id for i in assignment.rubric.items if i.check.function in uses}
        if more == wanted:
            return tuple(i for i in assignment.rubric.items if i.id in wanted)
        wanted = more


def _verdict(item: RubricItem, trial: Trial, recorded: Recorded) -> Verdict:
    """The better of the two verdicts: on the submission as it is, and with the course's helpers for wrong neighbours."""
    answers = recorded.answers.get(item.id)
    if answers is None:
        return Verdict(Outcome.UNGRADED, None, Reason.HOST, "This item was not asked when the submission was run; run it again.")
    own = _judged(item, trial, answers.first, answers.follow_up)
    own = own.with_notes(*answers.remark.split("\n")) if answers.remark else own
    if not answers.helped:
        return own
    helped = _judged(item, trial, answers.helped, answers.helped_follow_up)
    if _worth(helped) <= _worth(own):
        return own
    names = " and ".join(answers.helpers)
    return helped.with_notes(f"Judged with the course's {names} in place of yours, so that one mistake does not cost twice.")


def _judged(item: RubricItem, trial: Trial, first: tuple[Observation, ...], follow_up: tuple[Observation, ...] = ()) -> Verdict:
    """What the check makes of these observations.

    Of the very same ones it makes the same: whoever answers as another of the class did has that one's, read once by the runner.
    """
    check = item.check
    key = (id(check), *map(id, first), 0, *map(id, follow_up))
    verdict, *_ = trial.lately(key, lambda: (check.judge(trial, first, follow_up), check, first, follow_up))  # which keeps their ids theirs
    return verdict


def _worth(verdict: Verdict) -> Fraction:
    return Fraction(-1) if verdict.credit is None else verdict.credit


def _on_stub(verdict: Verdict, item: RubricItem, untouched: Callable[[str], bool]) -> Verdict:
    """*Not attempted* where the function earned nothing and nothing was written into it."""
    if verdict.outcome is not Outcome.NOT_MET or not untouched(item.check.function):
        return verdict
    return Verdict(Outcome.NOT_ATTEMPTED, Fraction(0), Reason.NOT_ATTEMPTED, "Not attempted: it is the starter's stub.")


def is_untouched(submission: Submission, function: str, assignment: Assignment) -> bool:
    """Whether every definition of the function is a stub or the starter's own."""
    found = [f.definitions[function] for f in submission.defining(function)]
    return bool(found) and all(d.stub or d.body in starters(assignment.starter).get(function, ()) for d in found)


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
    evidence = tuple(replace(e, call=f"import {place}", inputs=()) if isinstance(e, Traceback) else e for e in verdict.evidence)
    return replace(verdict, reason=reason, message=f"{place}, {troubles[place].spoken}", evidence=evidence)


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
    traceback = next((e for e in verdict.evidence if isinstance(e, Traceback) and e.call.startswith("import ")), None)
    return f"{verdict.reason.code} {traceback!r}" if traceback and verdict.reason else ""


def _blocked(verdict: Verdict, item: Needing, verdicts: Mapping[str, Verdict]) -> Verdict:
    """Blocked by an item that earned nothing; ungraded behind one that nobody could judge."""
    if verdict.outcome in (Outcome.UNGRADED, Outcome.NOT_ATTEMPTED):
        return verdict
    for need in item.needs:
        if verdicts[need].outcome is Outcome.UNGRADED:
            return Verdict(Outcome.UNGRADED, None, Reason.HOST, f"This rests on {need}, which could not be judged.", see=need)
        if verdicts[need].credit == 0:
            return Verdict(Outcome.BLOCKED, Fraction(0), Reason.BLOCKED, f"This means nothing until {need} is met.",
                           hint=f"Mend {need} first.", see=need)
    return verdict


class _Interview:
    """Asks, round by round, and keeps the answers; and the verdicts on first answers, which later rounds depend on."""

    def __init__(self, assignment: Assignment, submission: Submission, runner: Runner, trial: Trial) -> None:
        self.assignment, self.submission, self.runner, self.trial = assignment, submission, runner, trial
        self.answers: dict[str, Answers] = {}
        self.placeholders: tuple[str, ...] = ()
        self.loading: dict[str, Observation] = {}  # what went wrong with it, by module
        self.alone: tuple[str, ...] = ()  # modules for which their definitions stand in: all of them is not tried again
        self.own_modules = {f.module for f in assignment.interface.functions}

    def first_round(self, items: Sequence[RubricItem]) -> None:
        """The checks' own questions; again with placeholders where an import failed for want of a package."""
        for _ in range(_MISSING_PACKAGES):
            self.answers = self._ask(items)
            missing = _missing_packages(o for a in self.answers.values() for o in a.first) - set(self.placeholders)
            if not missing:
                break
            self.placeholders = (*self.placeholders, *sorted(missing))
        if self.loading:
            self._graded_nevertheless(items)

    def _graded_nevertheless(self, items: Sequence[RubricItem]) -> None:
        """Remark on items that were answered though something was wrong with their file; ask again for what no definition promises.

        Only where one file alone is looked in: elsewhere nobody knows which one has answered.
        """
        from grader.submission.loading import remarks_on_loading  # noqa: PLC0415 - few need it

        names = module_names(self.submission.files, self.assignment.interface)
        files = {names[f.path]: f for f in self.submission.files}
        only: dict[str, str] = {}
        for item in items:
            tried = [m for m in _lookup(self.assignment.interface.function(item.check.function), self.submission, names) if m in files]
            only |= {item.id: tried[0]} if len(tried) == 1 and tried[0] in self.loading else {}
        only = {i: m for i, m in only.items() if files[m].cells or not isinstance(self.loading[m], Raised)}  # a file cannot say so
        answered = {m: self.loading[m] for i, m in only.items() if any(isinstance(o, Returned | Raised) for o in self.answers[i].first)}
        said = remarks_on_loading({files[m].path: trouble for m, trouble in answered.items()}, self.submission)
        self.alone = tuple(m for m, trouble in answered.items() if not isinstance(trouble, Raised))
        again = [i for i in items if only.get(i.id) in self.alone and not self.submission.defining(i.check.function)]
        self.answers |= self._ask(again) if again else {}
        for item_id, module in only.items():
            if module in answered:
                a = self.answers[item_id]
                self.answers[item_id] = replace(a, remark="\n".join(filter(None, (a.remark, said[files[module].path]))))

    def with_helpers(self, items: Sequence[RubricItem]) -> None:
        """Ask functions with a wrong neighbour again, in a worker of their own with the course's helper in its place."""
        if all(f.unparsable for f in self.submission.files):
            return  # there is nothing to help
        lost = [i for i in items if _judged(i, self.trial, self.answers[i.id].first).credit != 1]
        wrong = {i.check.function for i in lost} & self.assignment.helpers
        for function in self.assignment.interface.functions:
            again = [i for i in lost if i.check.function == function.name]
            unloadable = bool(self.alone) or any(isinstance(o, Unavailable) and o.error for i in again for o in self.answers[i.id].first)
            # a module that imports a missing neighbour cannot be loaded, whether or not the function asked uses that neighbour
            helpers = tuple(sorted((wrong - {function.name}) & (wrong if unloadable else set(function.uses))))
            if helpers and again:
                for item_id, a in self._ask(again, helpers).items():
                    self.answers[item_id] = replace(self.answers[item_id], helped=a.first, helped_follow_up=a.follow_up, helpers=helpers)

    def _ask(self, items: Sequence[RubricItem], helpers: tuple[str, ...] = ()) -> dict[str, Answers]:
        """The answers by item; what explains a verdict of *not met* is asked as soon as that is known."""
        questions = [(item, False) for item in items]
        found: dict[str, Answers] = {}
        program = program_of(self.assignment, self.submission, helpers, self.placeholders, self.alone)
        loading = _loading(program, items) if not helpers else []
        self.loading = {}

        def answered(number: int, answers: tuple[Observation, ...], remark: str) -> Iterable[Group]:
            if number < len(loading):
                self.loading |= {loading[number]: answers[0]} if _is_trouble(answers[0]) else {}
                return ()
            item, follows = questions[number - len(loading)]
            said = tuple(map(self._whose, answers))
            if follows:
                found[item.id] = replace(found[item.id], follow_up=said)
                return ()
            found[item.id] = Answers(said, remark=remark)
            if _judged(item, self.trial, said).outcome not in (Outcome.NOT_MET, Outcome.PARTLY):
                return ()
            further = self._follow_up(item, said)
            questions.extend([(item, True)] * len(further))
            return further

        first = (Group((Probe(_loading_of(module), ()),)) for module in loading)
        self.runner.observe(program, chain(first, map(self._questions, items)), answered, doubt=not helpers)
        return found

    def _questions(self, item: RubricItem) -> Group:
        return self.trial.once(("plan", item.id), lambda: Group(item.check.plan(self.trial), item.seconds))

    def _follow_up(self, item: RubricItem, first: tuple[Observation, ...]) -> tuple[Group, ...]:
        """One group, the same for all to whom these probes are put, so that its frame is made once; none if there is nothing to ask."""
        probes = item.check.follow_up(self.trial, first)
        return (self.trial.once(("again", item.id, probes), lambda: Group(probes, item.seconds)),) if probes else ()

    def _whose(self, observation: Observation) -> Observation:
        """A module of the assignment that was not handed in is the student's to add, not a package that is missing here."""
        name = _not_found(observation)
        if not isinstance(observation, Unavailable) or observation.error is None or name.rpartition(".")[2] not in self.own_modules:
            return observation
        error = replace(observation.error, type="ImportError", message=f"it imports {name}, which was not handed in.")
        return replace(observation, error=error)


def _missing_packages(observations: Iterable[Observation]) -> set[str]:
    """Third-party packages for want of which a module could not be loaded."""
    return {name.partition(".")[0] for o in observations if (name := _not_found(o))}


def _not_found(observation: Observation) -> str:
    """The module that an import did not find; empty if that is not what happened."""
    error = observation.error if isinstance(observation, Unavailable) else None
    if error is None or error.type != "ModuleNotFoundError":
        return ""
    found = re.match(r"the package '([\w.]{1,80})' is not available here", error.message)
    return found[1] if found else ""


def program_of(
    assignment: Assignment, submission: Submission, helpers: Sequence[str] = (), placeholders: Sequence[str] = (),
    alone: Sequence[str] = (),
) -> Program:
    """What of a submission travels to the worker: its modules, where to look for each function, the course's support.

    Parameters
    ----------
    alone : sequence of str
        Modules of which only the definitions are looked in.
    """
    names = module_names(submission.files, assignment.interface)
    functions = [f.name for f in assignment.interface.functions]
    modules = tuple(m for f in submission.files for m in _modules(names[f.path], f, submission, functions))
    lookup = {f.name: _lookup(f, submission, names) for f in assignment.interface.functions}
    lookup = {f: tuple(dict.fromkeys(_stand_in(m) if m in alone else m for m in found)) for f, found in lookup.items()}
    lookup |= {_loading_of(found[0]): found[:1] for found in lookup.values() if found and _stand_in(found[0]) in found}
    return Program(
        modules, lookup, assignment.support, dict.fromkeys(helpers, "helpers"), assignment.interface.packages, tuple(placeholders))


def _modules(name: str, file: SourceFile, submission: Submission, functions: Sequence[str]) -> list[Source]:
    """A file as the worker loads it, and the name of a second module: its definitions alone, which the worker makes if it has to."""
    text = file.text
    if file.cells:
        from grader.submission.needed import program_text  # noqa: PLC0415 - whoever hands in .py does not wait for it

        text = program_text(file, submission, functions)
    return [Source(name, file.path, text), Source(_stand_in(name), file.path, "")]


def _stand_in(name: str) -> str:
    """What the module of a module's definitions alone is called."""
    return name + DEFINITIONS


def _left_out(submission: Submission, functions: Sequence[str]) -> list[str]:
    """What the worker does not run of notebooks."""
    if not any(f.cells for f in submission.files):
        return []
    from grader.submission.needed import left_out  # noqa: PLC0415 - as above

    return left_out(submission, functions)


def _lookup(function: FunctionSpec, submission: Submission, names: Mapping[str, str]) -> tuple[str, ...]:
    """Modules to look in: the declared one first, then those whose text defines the name, shallow before deep.

    Modules that do not define it are left alone: importing a training script would run it.
    """
    def order(file: SourceFile) -> tuple[bool, int, bool, str]:
        return file.stem != function.module, len(PurePosixPath(file.path).parts), bool(file.cells), file.path

    defining = sorted(submission.defining(function.name), key=order)
    declared = sorted((f for f in submission.files if f.stem == function.module or len(submission.files) == 1), key=order)
    found = tuple(dict.fromkeys(names[f.path] for f in (*defining, *declared)))
    return (*found, *dict.fromkeys(_stand_in(names[f.path]) for f in defining))


def _loading(program: Program, items: Iterable[RubricItem]) -> list[str]:
    """The modules that are tried first for what the items ask, and that their definitions can stand in for."""
    tried = dict.fromkeys(m for i in items for m in program.lookup[i.check.function][:1])
    return [m for m in tried if _loading_of(m) in program.lookup]


def _loading_of(module: str) -> str:
    """What is asked for to learn how the loading of a module went; text, whatever the file is called."""
    return LOADING + ascii(module)


def _is_trouble(observation: Observation) -> bool:
    """Whether it says that something went wrong when a module was loaded."""
    match observation:
        case Unavailable(error=error):
            return error is not None
        case _:
            return isinstance(observation, Raised | TimedOut | Died | Malformed)


def module_names(files: Sequence[SourceFile], interface: Interface) -> dict[str, str]:
    """Dotted module name of each file, relative to the folder that holds the assignment's modules."""
    wanted = {f.name for f in interface.functions}
    weight: Counter[PurePosixPath] = Counter()
    for file in files:
        weight[file.folder] += len(wanted & set(file.definitions))
    root = min(weight, key=lambda folder: (-weight[folder], len(folder.parts), str(folder)), default=PurePosixPath())
    names: dict[str, str] = {}
    scripts = {f.path for f in files if not f.cells}
    for file in files:
        path = PurePosixPath(file.path)
        inside = path.relative_to(root) if path.is_relative_to(root) else path
        parts = inside.with_suffix("").parts
        name = ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)
        names[file.path] = f"{name}-notebook" if file.cells and str(path.with_suffix(".py")) in scripts else name
    return names


__all__ = [
    "Answers", "Needing", "Recorded", "cause", "grade", "is_untouched", "judge", "module_names", "observe", "own_verdict", "own_verdicts",
    "program_of", "report_on", "settled",
]
