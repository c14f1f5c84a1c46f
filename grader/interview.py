"""Asking: what is put to a submission, in which rounds, and what it answered."""

import hashlib
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain, takewhile

import numpy as np

from grader.core.errors import GraderError
from grader.core.observation import Died, Frame, Malformed, Observation, Raised, Returned, TimedOut, Unavailable
from grader.core.probe import Group, Probe
from grader.core.verdict import Outcome, Verdict
from grader.course import HELPERS, Assignment
from grader.program import loading_of, lookup_of, module_names, program_of
from grader.rubric import RubricItem
from grader.runner.codec import value_tree
from grader.runner.levels import SENTENCES
from grader.runner.protocol import Patience, Program, Runner, Source
from grader.submission.source import SourceFile, Submission, is_elsewhere, read_source
from grader.submission.stateless import stateless_functions
from grader.trial import Trial
from grader.worker.wire import encode

_MISSING_PACKAGES = 8
"""Rounds of asking again with one more placeholder; a file that lacks more packages than this is not graded by guessing."""
_ABSENT = ("ModuleNotFoundError", "PackageNotAvailable")
"""The exceptions that speak of what is not here."""
_NAMED = re.compile(r"(?:the package|the name|No module named) '([\w.]{1,80})'")
"""The module that they name, in Python's words and in ours."""


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


class Interview:
    """Asks round by round, and keeps the answers; what later rounds ask depends on the verdicts on the first."""

    def __init__(self, assignment: Assignment, submission: Submission, runner: Runner, trial: Trial) -> None:
        self.assignment, self.submission, self.runner, self.trial = assignment, submission, runner, trial
        self.answers: dict[str, Answers] = {}
        self.placeholders: tuple[str, ...] = ()
        self.loading: dict[str, Observation] = {}  # what went wrong with it, by module
        self.alone: tuple[str, ...] = ()  # modules for which their definitions stand in: all of them is not tried again
        self.stopped: tuple[str, ...] = ()  # modules that raise while they are loaded, and are tried again in every child
        self.patience = Patience()
        self.own_modules = {f.module for f in assignment.interface.functions}

    def first_round(self, items: Sequence[RubricItem]) -> None:
        """The checks' own questions; again with placeholders where an import failed for want of a package."""
        for left in reversed(range(_MISSING_PACKAGES)):
            self.answers = self._ask(items, to_the_end=not left)
            missing = self._missing(o for a in self.answers.values() for o in a.first) | self._missing(self.loading.values())
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
            tried = [m for m in lookup_of(self.assignment.interface.function(item.check.function), self.submission, names) if m in files]
            only |= {item.id: tried[0]} if len(tried) == 1 and tried[0] in self.loading else {}
        only = {i: m for i, m in only.items() if files[m].cells or not isinstance(self.loading[m], Raised)}  # a file cannot say so
        troubles = {m: self.loading[m] for m in only.values()}
        self.stopped = tuple(m for m, trouble in troubles.items() if isinstance(trouble, Unavailable) and not files[m].unparsable)
        self.alone = tuple(m for m in self._answered(only) if not isinstance(troubles[m], Raised | Unavailable))
        again = [i for i in items if only.get(i.id) in (*self.alone, *self.stopped) and not self.submission.defining(i.check.function)]
        before, self.answers = self.answers, self.answers | (self._ask(again) if again else {})
        answered = self._answered(only)
        self.answers |= {i.id: before[i.id] for i in again if only[i.id] not in answered}  # who has nothing is told why
        self.stopped = tuple(m for m in self.stopped if m in answered)
        said = remarks_on_loading({files[m].path: troubles[m] for m in answered}, self.submission)
        for item_id, module in only.items():
            if module in answered:
                a = self.answers[item_id]
                self.answers[item_id] = replace(a, remark="\n".join(filter(None, (a.remark, said[files[module].path]))))

    def _answered(self, only: Mapping[str, str]) -> list[str]:
        """Of the modules in which alone items look, those of which some function was called."""
        return list(dict.fromkeys(m for i, m in only.items() if any(isinstance(o, Returned | Raised) for o in self.answers[i].first)))

    def with_helpers(self, items: Sequence[RubricItem]) -> None:
        """Ask functions with a wrong neighbour again, in a worker of their own with the course's helper in its place.

        If none can keep anything, those with the same neighbours share one. A function that answers in single precision is right,
        and too coarse for those that call it.
        """
        if self._is_no_python:
            return  # there is nothing to help
        lost = [i for i in items if judged(i, self.trial, self.answers[i.id].first).credit != 1]
        wrong = {i.check.function for i in items if i in lost or any(map(_is_single, self.answers[i.id].first))} & self.assignment.helpers
        rounds: dict[tuple[tuple[str, ...], str], list[RubricItem]] = {}
        for function in self.assignment.interface.functions:
            again = [i for i in lost if i.check.function == function.name
                     and not all(self._is_own_stub(o, function.name, wrong) for o in self.answers[i.id].first)]
            said = [o for i in again for o in self.answers[i.id].first]
            unloadable = bool(self.alone or self.stopped) or any(isinstance(o, Unavailable) and o.error for o in said)
            # a module that imports a missing neighbour cannot be loaded, whether or not the function asked uses that neighbour
            helpers = tuple(sorted((wrong - {function.name}) & (wrong if unloadable else set(function.uses))))
            if helpers and again:
                rounds.setdefault((helpers, function.name if self._stateful else ""), []).extend(again)
        self.patience.tried /= 2  # whoever has tried it has some left for this: nobody is to lose twice for one endless function
        for (helpers, _), again in rounds.items():
            for item_id, a in self._ask(again, helpers).items():
                self.answers[item_id] = replace(self.answers[item_id], helped=a.first, helped_follow_up=a.follow_up, helpers=helpers)

    def _is_own_stub(self, observation: Observation, function: str, wrong: Collection[str]) -> bool:
        """Whether the function itself says that it is not written yet, or lacks what was to be written: no neighbour would help it."""
        match observation:
            case Raised(type="NotImplementedError", frames=[*_, Frame(function=name)]):
                return name == function
            case Raised(type="NameError", message=message, frames=[*_, Frame(function=name)]):
                found = [f.definitions[function] for f in self.submission.defining(function)]
                return name == function and all(d.stub for d in found) and not any(repr(n) in message for n in wrong)
            case _:
                return False

    def _ask(self, items: Sequence[RubricItem], helpers: tuple[str, ...] = (), *, to_the_end: bool = True) -> dict[str, Answers]:
        """The answers by item; what explains a verdict of *not met* is asked as soon as that is known.

        If it need not go on to the end, it stops where all is to be asked again with one more placeholder.
        """
        program = program_of(self.assignment, self.submission, helpers, self.placeholders, self.alone, self.stopped)
        program = replace(program, stateless=not self._stateful)
        doubted = self._doubted(program) if not helpers else ()
        ordered = sorted(items, key=lambda i: self._is_doubted(i, doubted))  # nobody is asked after these who need not be
        questions = [(item, False) for item in ordered]
        found: dict[str, Answers] = {}
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
            if judged(item, self.trial, said).outcome not in (Outcome.NOT_MET, Outcome.PARTLY):
                return ()
            further = self._follow_up(item, said)
            questions.extend([(item, True)] * len(further))
            return further

        first = (Group((Probe(loading_of(module), ()),)) for module in loading)
        wanted = takewhile(lambda _: to_the_end or not self._missing(self.loading.values()), ordered)
        self.runner.observe(program, chain(first, map(self._questions, wanted)), answered, doubted, self.patience)
        return {i.id: found[i.id] for i in items if i.id in found}

    def _doubted(self, program: Program) -> Collection[str]:
        """The functions that may keep something; if none is proven not to, loading may be the cause. What is no Python has none."""
        return self._stateful if self._stateless else () if self._is_no_python else program.lookup

    @property
    def _is_no_python(self) -> bool:
        """Whether no file can be parsed."""
        return all(f.unparsable for f in self.submission.files)

    @property
    def _stateful(self) -> frozenset[str]:
        """The functions of which nothing is proven."""
        return frozenset(f.name for f in self.assignment.interface.functions) - self._stateless

    def _is_doubted(self, item: RubricItem, doubted: Collection[str]) -> bool:
        """Whether it asks one of these; no matter which if all are doubted."""
        return bool(doubted and self._stateless) and any(p.function in doubted for p in self._questions(item).probes)

    @cached_property
    def _stateless(self) -> frozenset[str]:
        """The functions that keep nothing between calls; none where there are files to write, which is keeping something."""
        files, functions = self.submission.files, self.assignment.interface.functions
        modules = {f.module for f in functions} | {f.stem for f in files[:1] if len(files) == 1}
        with suppress(GraderError):  # of a worker that was lost, or is not confined, the runner speaks itself
            if SENTENCES["writing"][0] in self.runner.isolation.holds:
                return stateless_functions((*files, *_read_support(self.assignment.support)), [f.name for f in functions], modules)
        return frozenset()

    def _missing(self, observations: Iterable[Observation]) -> set[str]:
        """Packages for want of which a module or a function failed, and for which nothing stands in yet."""
        return _missing_packages(map(self._whose, observations)) - {*self.placeholders, *self.own_modules}

    def _questions(self, item: RubricItem) -> Group:
        return self.trial.once(("plan", item.id), lambda: Group(item.questions(self.trial), item.seconds))

    def _follow_up(self, item: RubricItem, first: tuple[Observation, ...]) -> tuple[Group, ...]:
        """One group, the same for all to whom these probes are put, so that its frame is made once; none if there is nothing to ask."""
        probes = item.check.follow_up(self.trial, first)
        return (self.trial.once(("again", item.id, probes), lambda: Group(probes, item.seconds)),) if probes else ()

    def _whose(self, observation: Observation) -> Observation:
        """A module of the assignment that was not handed in is the student's to add, not a package that is missing here.

        What no file defines, and what a module that raised has not made before, is not there.
        """
        if isinstance(observation, Raised):
            return self._believed(observation)
        if not isinstance(observation, Unavailable):
            return observation
        if observation.module in self.stopped and not self.submission.defining(observation.function):
            return Unavailable(observation.function)
        name = _not_found(observation)
        if observation.error is None:
            return observation
        if name.rpartition(".")[2] in self.own_modules:
            error = replace(observation.error, type="ImportError", message=f"it imports {name}, which was not handed in.")
        else:
            error = self._believed(observation.error)
        return observation if error is observation.error else replace(observation, error=error)

    def _believed(self, error: Raised) -> Raised:
        """The same; or an exception like any other, if it says that a package is missing which nothing in the submission imports."""
        if error.type not in _ABSENT or self._may_be_absent(error.message):
            return error
        return replace(error, type="ImportError")

    def _may_be_absent(self, message: str) -> bool:
        """Whether the message names a module that an import may have looked for in vain: students raise what they like.

        What Python's own modules and the course's packages import in turn is not looked for.
        """
        found = _NAMED.search(message)
        if found is None:  # a student's own words: "install sklearn first"
            return not self._imported.isdisjoint(word for word in re.findall(r"\w+", message) if not is_elsewhere(word))
        names, packages = found[1].split("."), self.assignment.interface.packages
        return names[0] in {*sys.stdlib_module_names, "numpy"} or not self._imported.isdisjoint({*names, *packages})

    @cached_property
    def _imported(self) -> frozenset[str]:
        """What the submission and the course's modules import, by the parts of their names; not what was handed in."""
        from grader.submission.imported import imported  # noqa: PLC0415 - few want a package that is not here

        files = self.submission.files
        return imported((*files, *_read_support(self.assignment.support))) - {f.stem for f in files if not f.is_notebook}


def questions_of(item: RubricItem, trial: Trial) -> str:
    """Hash of the item's first questions: where it has changed, stored answers are answers to something else."""
    def digest() -> str:
        calls = [(p.function, [value_tree(a) for a in p.args]) for p in item.questions(trial)]
        return hashlib.sha256(encode(calls)).hexdigest()

    return trial.once(("questions", item.id), digest)


def judged(item: RubricItem, trial: Trial, first: tuple[Observation, ...], follow_up: tuple[Observation, ...] = ()) -> Verdict:
    """What the check makes of these observations.

    Of the very same ones it makes the same: whoever answers as another of the class did has that one's, read once by the runner.
    """
    check = item.check
    key = (id(check), *map(id, first), 0, *map(id, follow_up))
    verdict, *_ = trial.lately(key, lambda: (item.judge(trial, first, follow_up), check, first, follow_up))  # which keeps their ids theirs
    return verdict


def _missing_packages(observations: Iterable[Observation]) -> set[str]:
    """Third-party packages for want of which a module could not be loaded, or a function could not go on."""
    return {name.partition(".")[0] for o in observations if (name := _not_found(o))}


def _not_found(observation: Observation) -> str:
    """The module that an import did not find; empty if that is not what happened."""
    error = observation if isinstance(observation, Raised) else observation.error if isinstance(observation, Unavailable) else None
    if error is None or error.type != "ModuleNotFoundError":
        return ""
    found = re.match(r"the package '([\w.]{1,80})' is not available here", error.message)
    return found[1] if found else ""


def _loading(program: Program, items: Iterable[RubricItem]) -> list[str]:
    """The modules that are tried first for what the items ask, and that their definitions can stand in for."""
    tried = dict.fromkeys(m for i in items for m in program.lookup[i.check.function][:1])
    return [m for m in tried if loading_of(m) in program.lookup]


@lru_cache(maxsize=8)
def _read_support(support: tuple[Source, ...]) -> tuple[SourceFile, ...]:
    """The course's modules that a submission can import."""
    return tuple(read_source(s.path, s.text.encode()) for s in support if s.name != HELPERS)


def _is_single(observation: Observation) -> bool:
    """Whether an array was returned in single precision."""
    value = observation.value if isinstance(observation, Returned) else None
    return isinstance(value, np.ndarray) and value.dtype == np.float32


def _is_trouble(observation: Observation) -> bool:
    """Whether it says that something went wrong when a module was loaded."""
    match observation:
        case Unavailable(error=error):
            return error is not None
        case _:
            return isinstance(observation, Raised | TimedOut | Died | Malformed)
