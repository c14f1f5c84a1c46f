"""One submission: which child answers what, and what is asked again when one is lost."""

import contextlib
import random
from collections import ChainMap, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from grader.core.errors import GraderError
from grader.core.observation import HostError, NotAsked, Observation, TimedOut, Unavailable
from grader.core.probe import Group, Own, Value
from grader.runner import codec, opinion
from grader.runner.conversation import BACKSTOP, Conversation, Loaded, Lost, Nursery, encoded, outcome
from grader.runner.protocol import Answered, Limits, Patience, Program
from grader.worker.wire import WireError, opened

_BATCH: Final = 6  # groups whose samples are put together: whoever is lost in one has to be asked again for the rest of it only
_AHEAD: Final = 16  # groups that are posted before their turn, at most: fewer waits on either side
_EARLY: Final = 6  # groups that the first child has answered when the second one begins: what is told of loading is told by then


class Server(Protocol):
    """What a session needs of its runner."""

    limits: Limits
    spare: list[Callable[[], object]]

    @property
    def reader(self) -> codec.AnswerReader:
        """Reads them for all sessions."""
        ...

    @property
    def zygote(self) -> Nursery:
        """The one in use."""
        ...

    def renew(self) -> None:
        """A new zygote in the place of one that was lost."""
        ...


class Session:
    """Asks all groups of one submission.

    Parameters
    ----------
    server : Server
        Where children come from.
    program : Program
        The submission.
    fates : mutable mapping of str to Observation
        Of modules that ended the child that was loading them: no later one need try.
    patience : Patience
        How far this submission has tried it, counted on.
    """

    def __init__(self, server: Server, program: Program, fates: MutableMapping[str, Observation], patience: Patience) -> None:
        self._server, self._program, self._limits = server, codec.printable(program), server.limits
        self._chores: list[Callable[[], None]] = []
        self._renewed = False
        self._names = {m.name for m in self._program.modules}
        self._talk: Conversation | None = None
        self._fates = fates
        self._slow: set[str] = set()
        self._first = True  # whether the group in hand is the first that its child is asked
        self._remark = ""  # on the group in hand
        self._patience = patience
        self._space = server.limits.answers
        self._at_length: list[Callable[[], object]] = []
        self._blamed: list[int] = []  # groups at which a child was lost that had answered others before

    def observe(self, groups: Iterable[Group], answered: Answered, doubted: Collection[str] = ()) -> list[tuple[Observation, ...]]:
        """One observation per probe, group by group.

        While the child is at work on a group, `answered` is told of the group before, and the next ones are planned and posted:
        all of it takes time that would be spent waiting. From the first group on that calls one of the functions `doubted`, a second
        child is asked too, see `grader.runner.opinion`.
        """
        asked: list[Group] = []
        answers: list[tuple[Observation, ...]] = []
        second = _Second(self._beside(), frozenset(doubted)) if doubted else None
        try:
            if second is not None:
                self._forked()
                second.session.prepare()
            further = self._all(groups, asked, answers, answered, second)
            blamed = self._blamed.copy()  # not those of the further ones: they explain, and decide little
            self._at_length.clear()
            if second is not None:
                self._keep_patience(answers)
                second.go_on(asked, answers)
            self._all(further, asked, answers, answered)
            self.dismiss()
            if second is not None:
                self._keep_patience(answers)
                unsteady, unheard = second.disagrees(answers)
                second.session.dismiss()
                self._decide([g for g in blamed if g >= second.begins(asked)], opinion.LOST, asked, answers, answered)
                self._decide(unsteady, opinion.UNSTEADY, asked, answers, answered)
                if self._decide(unheard, opinion.UNSTEADY, asked, answers, answered, unless_the_same=True) or unsteady:
                    rest = (g for g in second.groups if g not in (*unsteady, *unheard) and not self._patience_ends)
                    # both may have been asked this after something that spoils it
                    self._decide(rest, opinion.UNSTEADY, asked, answers, answered, unless_the_same=True)
            return answers
        finally:
            self.leave()
            if second is not None:
                second.session.leave()

    def _all(
        self, groups: Iterable[Group], asked: list[Group], answers: list[tuple[Observation, ...]], answered: Answered,
        second: "_Second | None" = None,
    ) -> list[Group]:
        """Every group in order, as far as possible in one child; what is to be asked besides."""
        coming = iter(groups)
        ahead, remark = deque(islice(coming, 1)), ""
        told, further = len(answers), list[Group]()

        def plan() -> None:
            ahead.extend(islice(coming, max(0, min(len(answers) + 1, _AHEAD) - len(ahead))))  # what is planned depends on the first answers
            put = {group}  # a group waits once at a time: one that comes again is put in its turn, and what follows it then, too
            waiting = set(self._talk.waiting) if self._talk else ()
            for later in islice(ahead, _AHEAD):
                if later in put or not (later in waiting or self._post(later)):
                    break
                put.add(later)

        def tell() -> None:
            if len(answers) > told:
                further.extend(answered(len(answers) - 1, answers[-1], remark))

        def begin() -> None:
            if second is not None and len(answers) == _EARLY and not any(map(opinion.lost, answers)):
                ahead.extend(coming)
                coming_too = (*asked, group, *ahead)
                second.put(coming_too, range(len(coming_too)))
                self._at_length.append(second.forget)

        while ahead:
            group = ahead.popleft()
            self._chores = [plan, tell, begin]
            self._first, self._remark = self._talk is None or not self._talk.answered, ""
            latest = self._robustly(group)
            self._meanwhile()  # if nothing was sent: the function is missing
            asked.append(group)
            answers.append(latest)
            remark = self._remark
            if opinion.lost(latest) and not self._first:
                self._blamed.append(len(answers) - 1)
        tell()
        return further

    def _beside(self) -> "Session":
        """Another one of the same submission, which tries the same patience."""
        return Session(self._server, self._program, ChainMap({}, self._fates), self._patience)

    def _forked(self) -> Conversation | None:
        """A child that reads the program, if there is anything to load."""
        with contextlib.suppress(GraderError):  # then the first question says so
            return self._enter() if self._names else None
        return None

    def prepare(self) -> None:
        """Have a child that loads the program, so that nobody waits for it later."""
        if talk := self._forked():
            for module in dict.fromkeys(m for modules in self._program.lookup.values() for m in modules[:1] if m in self._names):
                talk.load(module)

    def functions(self) -> set[str] | None:
        """Those that are there; None if nobody can say. All is loaded then that any group needs, and nothing between questions."""
        with contextlib.suppress(GraderError):  # as above
            return {f for f, where in self._where(self._program.lookup).items() if isinstance(where, str)}
        return None

    def post(self, group: Group) -> None:
        """Put a group without waiting for its answers; `ask` does that, in the same order."""
        with contextlib.suppress(GraderError):  # as above
            self._post(group)

    def ask(self, group: Group) -> tuple[Observation, ...]:
        """One observation per probe."""
        return self._robustly(group)

    def dismiss(self) -> None:
        """Ask nothing more of the child in use."""
        if self._talk is not None:
            self._talk.kill()

    def leave(self) -> None:
        """End the child in use."""
        with contextlib.suppress(GraderError):  # every answer is in; the next session will notice
            self._leave()

    def _decide(
        self, numbers: Iterable[int], remark: str, asked: list[Group], answers: list[tuple[Observation, ...]], answered: Answered,
        *, unless_the_same: bool = False,
    ) -> bool:
        """Ask groups again, and what is to be asked besides, each in a child of its own; whether any other answers count now."""
        decided = False
        for g in numbers:
            if self._patience_ends and opinion.lost(answers[g]):
                continue
            self._forget()
            before, answers[g] = answers[g], self._robustly(asked[g])
            if unless_the_same and all(map(opinion.agree, before, answers[g])):
                answers[g] = before
                continue
            decided = True
            for further in answered(g, answers[g], "" if opinion.lost(answers[g]) else remark):  # it needs none if it ends its own process
                asked.append(further)
                answers.append(self._robustly(further))
                answered(len(answers) - 1, answers[-1], "")
        return decided

    def _keep_patience(self, answers: Sequence[Sequence[Observation]]) -> None:
        """Have half of it left for the second opinion, if there are answers to doubt: nobody gets rid of that by using it up."""
        if opinion.told(answers):
            self._patience.tried = min(self._patience.tried, self._limits.patience / 2)

    def _forget(self) -> None:
        """Go on in a fresh child, with the full time for every function."""
        self.leave()
        self._slow.clear()

    @property
    def _patience_ends(self) -> bool:
        return self._patience.tried >= self._limits.patience

    def _meanwhile(self) -> None:
        """What the grader can do while the child works; once for each group."""
        chores, self._chores = self._chores, []
        for chore in chores:
            chore()

    def _robustly(self, group: Group) -> tuple[Observation, ...]:
        """A zygote that is lost is replaced once, and the group that it was at asked again."""
        while True:
            try:
                return self._group(group)
            except GraderError as error:
                self._talk = None
                if self._renewed or not self._renew():
                    return tuple(HostError(str(error)) for _ in group.probes)

    def _renew(self) -> bool:
        """Whether there is a new zygote; tried once."""
        self._renewed = True
        try:
            self._server.renew()
        except GraderError:
            return False
        return True

    @cached_property
    def _frame(self) -> bytes:
        return encoded(codec.program_tree(self._program, self._limits))

    def _leave(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.leave()

    def _enter(self) -> Conversation:
        """The child in use, or a fresh one."""
        if self._talk is not None and not self._talk.is_usable():
            self._leave()
        if self._talk is None:
            texts = [m.text for m in (*self._program.modules, *self._program.support)]
            self._talk = Conversation(self._server.zygote, self._frame, texts, self._limits, BACKSTOP, self._server.spare, self._at_length)
        return self._talk

    def _group(self, group: Group) -> tuple[Observation, ...]:
        if self._patience_ends:
            self._meanwhile()
            return tuple(TimedOut("wall", self._limits.patience) for _ in group.probes)
        where = self._where(_questions(group).functions)
        seconds = group.seconds if self._slow.isdisjoint(where) else min(group.seconds, self._limits.repeat_seconds)
        there = {f: m for f, m in where.items() if isinstance(m, str)}
        if len(there) == len(where):
            return tuple(self._ask(group, there, seconds))
        missing = [next((o for f in functions if not isinstance(o := where[f], str)), None) for functions in _questions(group).needs]
        asked = tuple(p for p, o in zip(group.probes, missing, strict=True) if o is None)
        answers = iter(self._ask(Group(asked), there, seconds) if asked else ())
        return tuple(next(answers) if o is None else o for o in missing)

    def _ask(self, group: Group, where: Mapping[str, str], seconds: float) -> list[Observation]:
        """One observation per probe, all of whose functions are there."""
        probes = group.probes
        answers: list[Observation] = []
        talk = self._enter()
        ahead, budget = group in talk.waiting, talk.budget(seconds)
        before = talk.weight
        talk.allow(max(self._space // 2, self._limits.few))
        try:
            self._put(talk, group, where)
            self._meanwhile()
            budget.resume()
            for _ in probes:  # one by one: those before a loss count
                answers.append(self._server.reader.read(talk.receive(budget)))  # noqa: PERF401
            talk.expect_end(budget)
            self._patience.tried += budget.slept  # who computes uses what everybody is given; nobody needs to sleep
        except (Lost, WireError) as lost:
            self._patience.tried += talk.wasted(budget)
            self._leave()
            if ahead and not answers and talk.answered:
                return self._again(group)
            answers[len(probes) - 1 :] = []  # more was said than asked: the last answer is none
            answers.append(outcome(lost))
            if isinstance(answers[-1], TimedOut):
                self._slow.add(probes[len(answers) - 1].function)
            answers.extend(NotAsked() for _ in probes[len(answers) :])
        self._space -= talk.weight - before
        if self._talk is not None and opinion.lost(answers):
            self._patience.tried += talk.wasted(budget) + budget.used()
            self._leave()  # what fills the memory may still be held, and is nothing to the other items
        return answers

    def _again(self, group: Group) -> list[Observation]:
        """A group that was posted ahead, after a loss before its first answer: in a fresh child; the cause may lie before it."""
        self._first = True
        answers = self._group(group)
        self._remark = "" if opinion.lost(answers) else opinion.LOST
        return list(answers)

    def _put(self, talk: Conversation, group: Group, where: Mapping[str, str]) -> None:
        if not where.items() <= talk.told.items():
            talk.told |= {f: m for f in self._program.lookup if (m := self._loaded(f))} | dict(where)  # in one message for all
            talk.post(encoded({"where": talk.told}))
        talk.put(group, _questions(group).frame)

    def _post(self, group: Group) -> bool:
        """Put a group ahead of its turn, if the child in use has loaded all that it needs; whether it is put, and the next one may be."""
        talk = self._talk
        if talk is None or group in talk.waiting:
            return talk is not None
        where = {f: self._loaded(f) for f in _questions(group).functions}
        there = {f: m for f, m in where.items() if m is not None}
        if there.keys() == where.keys():
            self._put(talk, group, there)
        return group in talk.waiting

    def _loaded(self, function: str) -> str | None:
        """The module of a function, if the child in use has loaded it and all that come before it."""
        for module in self._program.lookup.get(function, ()):
            if self._talk is None or (module in self._names and module not in (self._talk.loaded.keys() | self._fates.keys())):
                return None
            if module in self._names and module not in self._fates and function in self._talk.loaded[module][0]:
                return module
        return None

    # ---- where the functions are -------------------------------------------------------------------------------------

    def _where(self, functions: Iterable[str]) -> dict[str, str | Observation]:
        """The module of each function, loaded in the child in use; or why there is none."""
        while True:  # each further round knows one more module that ends its child
            found = {f: self._find(f) for f in functions}
            loaded = self._talk.loaded.keys() if self._talk else ()
            if all(m in loaded for m in found.values() if isinstance(m, str)):
                return found

    def _find(self, function: str) -> str | Observation:
        """The first module that loads and has the function; else what the first of the others came to."""
        troubles: list[Observation] = []
        for module in self._program.lookup.get(function, ()):
            if module not in self._names:
                continue
            functions, error = self._load(module) or (frozenset(), None)
            if function in functions:
                return module
            if module in self._fates:
                troubles.append(self._fates[module])
            elif error is not None:
                troubles.append(Unavailable(function, error, module))
        return troubles[0] if troubles else Unavailable(function)

    def _load(self, module: str) -> Loaded | None:
        """Load a module if need be; None if that ends the child, or is not tried any more."""
        if self._patience_ends and (self._talk is None or module not in self._talk.loaded):
            self._fates.setdefault(module, TimedOut("wall", self._limits.patience))
        if module in self._fates:
            if self._talk is not None and module in self._talk.loading:
                self._leave()  # it would never come to the questions
            return None
        if self._talk is not None and self._talk.waiting and module not in self._talk.loaded:
            self._leave()  # what is waited for would be taken for the answer to this
        talk = self._enter()
        if module not in (*talk.loaded, *talk.loading):
            talk.load(module)
        while module not in talk.loaded:
            if not self._hear(talk):
                return self._load(module)
        return talk.loaded[module]

    def _hear(self, talk: Conversation) -> bool:
        """What came of the module that the child was told to load first; False if that ended the child."""
        module, budget = talk.loading[0], talk.budget(self._limits.load_seconds)
        try:
            talk.allow(self._limits.answers)
            talk.loaded[module] = codec.loaded(opened(talk.receive(budget)), self._program.lookup, self._limits)
            talk.loading.popleft()
            self._patience.tried += talk.loaded_for(budget)  # in every child: who loads slowly and is asked in many takes as long
        except (Lost, WireError) as lost:
            self._patience.tried += talk.wasted(budget)
            self._leave()
            self._fates[module] = outcome(lost)
            return False
        return True


class _Second:
    """The second child: it is asked a sample of what the first one is asked, the last first, while that one is at work.

    So of any two groups each comes first once, and what one does to the process of the other is seen.
    """

    def __init__(self, session: Session, doubted: frozenset[str]) -> None:
        self.session, self.doubted = session, doubted
        self._dice = random.Random(0)  # noqa: S311 - a child cannot know which child it is, and that is what matters
        self._batches: list[tuple[list[tuple[int, int]], Group]] = []
        self._meant: set[int] = set()  # groups of which it was to be asked something

    @property
    def groups(self) -> list[int]:
        """Those of which it was asked something."""
        return sorted(g for sample, _ in self._batches for g, _ in sample)

    def begins(self, asked: Sequence[Group]) -> int:
        """The number of the first group that may leave something to those after it."""
        doubted = (g for g, group in enumerate(asked) if not self.doubted.isdisjoint(_questions(group).functions))
        return next(doubted, len(asked))

    def go_on(self, asked: Sequence[Group], answers: Sequence[Sequence[Observation]]) -> None:
        """Put a sample of what was answered, if nothing is put yet; to a fresh child, if the first one was lost at something put."""
        if any(opinion.lost(answers[g]) for g in self.groups):
            self.forget()
        if not self._batches:
            self.put(asked, opinion.told(answers))

    def forget(self) -> None:
        """Forget what was put: where the first one takes long, or is lost, this one would too."""
        self.session.leave()
        self._batches.clear()

    def put(self, asked: Sequence[Group], numbers: Iterable[int]) -> None:
        """Put a sample of groups by their numbers, without waiting for answers."""
        first = self.begins(asked)
        there = self.session.functions() if first < len(asked) else None
        self._meant = set() if there is None else {g for g in numbers if g >= first}
        wanted = [g for g in sorted(self._meant, reverse=True) if (there or set()).issuperset(_questions(asked[g]).functions)]
        chosen = [(g, self._dice.randrange(len(asked[g].probes))) for g in wanted]
        for start in range(0, len(chosen), _BATCH):
            sample = chosen[start : start + _BATCH]
            self._batches.append((sample, _sample_of(tuple((asked[g], p) for g, p in sample))))
            self.session.post(self._batches[-1][1])

    def disagrees(self, answers: Sequence[Sequence[Observation]]) -> tuple[list[int], list[int]]:
        """The groups about which the two do not agree, and those that the first one has answered and this one has not."""
        told = self._meant.intersection(opinion.told(answers))
        both = {g: (answers[g][p], o) for sample, group in self._batches
                for (g, p), o in zip(sample, self._all_of(group), strict=True) if g in told and opinion.heard(o)}
        return sorted(g for g, said in both.items() if not opinion.agree(*said)), sorted(told - both.keys())

    def _all_of(self, group: Group) -> list[Observation]:
        """Every answer to a batch: whoever ends the process in the midst of it spares nobody the rest."""
        answers = list(self.session.ask(group))
        while rest := [i for i, o in enumerate(answers) if isinstance(o, NotAsked)]:
            again = self.session.ask(Group(tuple(group.probes[i] for i in rest), group.seconds))
            for i, o in zip(rest, again, strict=True):
                answers[i] = o
        return answers


@dataclass(frozen=True, slots=True)
class _Questions:
    """A group, ready to be put: its frame, and the functions of the submission that each of its probes needs, the one called first.

    All of them, too, in an order that does not change from run to run: they are loaded in it.
    """

    frame: bytes
    needs: tuple[tuple[str, ...], ...]
    functions: tuple[str, ...]


_KNOWN: Final[WeakKeyDictionary[Group, _Questions]] = WeakKeyDictionary()
"""The groups that are put to every submission of a run."""


def _questions(group: Group) -> _Questions:
    if group not in _KNOWN:
        needs = tuple(tuple(dict.fromkeys((p.function, *_own(p.args)))) for p in group.probes)
        _KNOWN[group] = _Questions(encoded(codec.calls_tree(group.probes)), needs, tuple(dict.fromkeys(chain.from_iterable(needs))))
    return _KNOWN[group]


@lru_cache(maxsize=128)
def _sample_of(chosen: tuple[tuple[Group, int], ...]) -> Group:
    """One probe of each of these groups, by its place: the same group for all of a class who are asked so, to be learned as any."""
    return Group(tuple(group.probes[p] for group, p in chosen), max(group.seconds for group, _ in chosen))


def _own(value: Value) -> Iterator[str]:
    if isinstance(value, Own):
        yield value.function
    elif isinstance(value, tuple | list):
        for v in value:
            yield from _own(v)
    elif isinstance(value, dict):
        for v in value.values():
            yield from _own(v)
