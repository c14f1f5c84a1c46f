"""One run over a class: read the roll, grade what is not graded yet, write what people open.

The same command again goes on where an earlier run ended, however it did. What is finished is told by content: of the submission,
of the assignment, of the versions, see `grader.batch.identity`. A submission on which the grader itself failed is tried again.
"""

import gc
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from grader.batch.book import is_current, lines_of, noted
from grader.batch.executors import EXECUTORS, Resources
from grader.batch.folder import LEFT, RunFolder, opened, scratch
from grader.batch.identity import asking_of, content_of, edition_of, versions
from grader.batch.interrupts import Interrupts
from grader.batch.job import Done, Job, Setup
from grader.batch.progress import progress
from grader.batch.publish import publish, warnings
from grader.batch.store import Listed, Result, Terms, listed, storable
from grader.core.classbook import ClassBook, Status
from grader.core.errors import UsageError
from grader.core.replay import as_argument
from grader.course import Assignment, choose, find_course, known_slug, load_assignment, load_interface, slugs
from grader.report import FORMATS
from grader.runner.levels import Demand
from grader.runner.protocol import Limits
from grader.submission import Submission, open_together
from grader.submission.roll import Entry, Roll

if TYPE_CHECKING:
    from grader.submission.layouts import Declared

_ROUNDS: Final = 4  # first and second questions, each with and without the course's helpers
_SPARE: Final = 60.0  # seconds for opening, judging and rendering: 0.1 s, more on a machine that swaps
_LOOKED_INTO: Final = 20  # submissions that may tell the assignment
_NAMED: Final = 6  # submissions on a line
_CHANGED: Final = "It was changed or taken away while the run was at work. Give the same command again."
_NO_SUBMISSION: Final = Submission("", (), "")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line.

    Parameters
    ----------
    course : Path or None
        The course's folder; as found from here, or as the run has it, if None.
    seed : int or None
        The run's own if None, else the assignment's.
    jobs : int
        Submissions at a time; as many as there are cores if 0.
    executor, address : str
        Where they are worked on.
    reports : bool
        Whether to write the reports; if not, the next run does.
    names : str
        How course and assignment were named, see `grader.core.replay.typed_names`.
    """

    course: Path | None
    assignment: str | None = None
    roster: Path | None = None
    seed: int | None = None
    demand: Demand = "required"
    jobs: int = 0
    executor: str = "local"
    address: str = ""
    reports: bool = True
    names: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Graded:
    """How a run ended.

    Parameters
    ----------
    book : ClassBook
        The class.
    done : int
        Submissions whose code this run ran.
    interrupted : bool
        Whether Ctrl-C ended it.
    notes : tuple of str
        What the instructor has to hear of the late policy.
    troubles : tuple of str
        Reports that could not be written anew, and submissions that could not be run again; and why.
    """

    book: ClassBook
    done: int
    interrupted: bool = False
    notes: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()


class Run:
    """A run at work: its folder, its assignment, and what finished work is known by.

    Parameters
    ----------
    folder : RunFolder
        Locked.
    assignment : Assignment
        As it is now.
    setup : Setup
        What workers are told.
    wish : Wish
        What was asked for.
    unpacked : Path or None
        Where a class that came in an archive lies for now.
    """

    def __init__(self, folder: RunFolder, assignment: Assignment, setup: Setup, wish: Wish, unpacked: Path | None = None) -> None:
        self.folder, self.assignment, self.setup, self.wish, self.unpacked = folder, assignment, setup, wish, unpacked
        self.asking = asking_of(assignment, setup)
        self._editions: dict[tuple[tuple[str, ...], bool], str] = {}

    def is_stale(self, result: Result, one: Listed) -> bool:
        """Whether its reports have to be written again: they are for another rubric, roll or place, torn by a power cut, or gone."""
        if result.status is not Status.GRADED:
            return False
        return result.edition != self._edition(one.remarks, result.shown) or not self.folder.has_reports(result.key, result.reports)

    def _edition(self, remarks: Sequence[str], shown: str) -> str:
        """What reports are written for; those whose commands name this folder, also where it is."""
        said = tuple(remarks), bool(shown)  # of a class, most have the same
        if said not in self._editions:
            self._editions[said] = edition_of(self.assignment, remarks, "" if shown else storable(str(self.folder.path.resolve())))
        return self._editions[said]

    def loaded(self, job: Job) -> Job:
        """The job with what the store has for it, if it does not come from the class's folder."""
        if job.paths:
            return job
        store = self.folder.store
        return replace(job, submission=store.submission(job.key), shown=store.shown(job.key), stored=store.stored(job.key))

    def take_down(self, done: Done, job: Job) -> tuple[str, ...]:
        """Reports first, the row last: a row that is there has its reports. What could not be done anew, and why."""
        if done.status is Status.UNREADABLE and job.paths and self._is_other(job):
            done = replace(done, status=Status.FAILED, remarks=(*done.remarks, _CHANGED))
        if self.unpacked:  # places are told as in the archive: where it was unpacked is gone when somebody looks
            done = replace(done, remarks=tuple(r.replace(f"{self.unpacked}/", "") for r in done.remarks))
        store, why = self.folder.store, " ".join(done.remarks)
        if job.ask == () and done.status is not Status.GRADED:
            return (f"{done.key}: its report could not be written anew: {why}",)
        if not job.paths and done.status is Status.FAILED:
            return (f"{done.key}: it could not be run again, and its earlier result stays: {why}",)
        shown = job.shown if job.paths else store.shown(job.key)
        reports, edition = self.folder.write_reports(done.key, done.reports), self._edition(job.remarks, shown)
        if job.ask == ():
            store.rendered(done.key, edition, reports)
        else:
            content = store.content("entry" if job.paths else "result", done.key)  # what is stored may not be what is handed in now
            store.finish(done, Terms(content, self.asking, edition if reports else "", shown), reports)
        return ()

    def _is_other(self, job: Job) -> bool:
        """Whether what is handed in is not what it was when this run began: then it is tried again, and not unreadable for good."""
        return content_of(Entry((), job.paths, job.name, names=job.names)) != self.folder.store.content("entry", job.key)


def grade_class(path: Path, out: Path, wish: Wish) -> Graded:
    """Grade a class into a run's folder.

    After Ctrl-C the book is not complete; what was graded is kept.

    Raises
    ------
    UsageError
        If the class, the roster or the folder cannot be used, or another run is at work there.
    CourseError
        If the course is at fault.
    GraderError
        If the machine fails: a full disk, no worker.
    """
    from grader.submission.layouts import read_class  # noqa: PLC0415 - a run that is there is judged without its class's folder

    gc.enable()  # one submission does without; a class is more
    course = find_course(wish.course)
    if wish.assignment is not None and (known := slugs(course)):
        known_slug(wish.assignment, known, "--assignment")
    with opened(out, new=True) as folder, scratch(folder) as unpacked:
        roll = read_class(path, wish.roster, unpacked, wish.assignment, declared(course, wish.assignment))
        _refuse_course(path, course, roll)
        assignment = load_assignment(course, _slug(course, path, roll, folder, wish.assignment))
        run = Run(folder, assignment, _setup(course, path, assignment, folder, wish), wish, None if path.is_dir() else unpacked)
        jobs, notes = _planned(path, run.unpacked or path, roll, run), warnings(folder, assignment)
        return replace(worked(run, jobs), notes=(*notes, *folder.store.get("notes")))


def declared(course: Path, assignment: str | None) -> "Declared":
    """What the course's interfaces declare, or that of the assignment that is named: tells the layout of a folder."""
    from grader.submission.layouts import Declared  # noqa: PLC0415 - as above

    known = slugs(course)
    meant = (assignment,) if assignment in known else known
    functions = [f for slug in meant for f in load_interface(course, slug).functions]
    return Declared(frozenset(f.module for f in functions), frozenset(f.name for f in functions))


def _refuse_course(path: Path, course: Path, roll: Roll) -> None:
    """The reference is nobody's submission, as it would be where somebody names the course for the class in it."""
    handed_in = (p for entry in roll.entries for p in entry.paths if course.is_relative_to(path.resolve()))
    for mine in (p for p in handed_in if (course / "reference").is_relative_to(p.resolve())):
        raise UsageError(f"{path}: the course {course} lies in it, and {mine} would be graded as a submission. Name the folder of the "
                         "submissions alone.")


def _slug(course: Path, path: Path, roll: Roll, folder: RunFolder, wanted: str | None) -> str:
    """The assignment: as asked for, as the folder's run has it, or as most of the first submissions tell."""
    before = folder.store.get("assignment")
    if before is not None:
        if wanted not in (None, before):
            raise UsageError(f"{folder.path}: this folder holds a run of assignment {before}. Name another folder with --out.")
        return str(before)
    try:
        return choose(course, wanted, path, _NO_SUBMISSION, guess=False)[0]  # mostly it is told by other things
    except UsageError as error:
        problem = error
    told = Counter[str]()
    for entry in roll.entries[:_LOOKED_INTO]:
        try:
            told[choose(course, wanted, path, open_together(entry.name, entry.paths, entry.names), guess=False)[0]] += 1
        except UsageError as error:
            problem = error
    if told:
        return told.most_common(1)[0][0]
    try:
        return choose(course, wanted, path, _NO_SUBMISSION)[0]
    except UsageError:
        raise problem from None


def _setup(course: Path, path: Path, assignment: Assignment, folder: RunFolder, wish: Wish) -> Setup:
    """One seed for all: the one asked for, else the run's own, so that a changed rubric does not change the questions."""
    seed = wish.seed if wish.seed is not None else folder.store.get("seed", assignment.default_seed)
    secrets = (course / "reference", path.resolve(), folder.path.resolve())
    return Setup(course, assignment.slug, seed, wish.demand, secrets, tuple(FORMATS) if wish.reports else (),
                 run=storable(str(folder.path)), names=wish.names)


def _planned(path: Path, root: Path, roll: Roll, run: Run) -> list[Job]:
    """Take down the roll and how it is asked; what is left to do. The class lies in `root`, whatever `path` names."""
    rows, entries, unrecognised = listed(roll, root)
    store = run.folder.store
    store.enroll(rows)
    note(run)
    finished, to_ask = {r.key: r for r in store.results()}, store.to_ask()
    gone = [key for key in sorted(finished.keys() - entries.keys()) if finished[key].status is Status.GRADED]
    run.folder.sort_reports(entries, gone)
    store.put(unrecognised=unrecognised, conditions={**store.get("conditions"), "layout": roll.layout},
              notes=(*another(store.get("class"), path), *strangers(run.wish.roster, roll),
                     *unnamed(store.get("roster"), run.wish.roster), *left(gone)), **{"class": storable(str(path.resolve()))})
    if run.wish.roster is not None:
        store.put(roster=storable(str(run.wish.roster)))
    jobs: list[Job] = []
    for one in (r for r in rows if not r.absent):
        result = finished.get(one.key)
        if result is None or one.key in to_ask or result.status is Status.FAILED or not is_current(result, one, run.asking):
            jobs.append(_grading(one, entries[one.key], path))
        elif run.setup.formats and run.is_stale(result, one):
            jobs.append(Job(one.key, one.name, remarks=one.remarks, ask=()))
    return jobs


def another(before: str | None, path: Path) -> tuple[str, ...]:
    """What there is to say where the run was of a class that lies elsewhere, and still does: last term's, perhaps."""
    if before is None or before == storable(str(path.resolve())) or not os.access(before, os.F_OK):
        return ()
    return (f"Name another --out if this is not the class of {before}, whose run this was until now: its overrides count here.",)


def strangers(roster: Path | None, roll: Roll) -> tuple[str, ...]:
    """What there is to say of a roster that does not tell whose all submissions are."""
    from grader.submission.roster import is_stranger  # noqa: PLC0415 - as above

    found = [", ".join(p.name for p in entry.owners) for entry in roll.entries if is_stranger(entry)]
    if roster is None or not found:
        return ()
    if len(found) == len(roll.entries) and roll.absent:
        said = f"none of the submissions ({len(found)}) is by anybody on it ({len(roll.absent)}). Is it the roster of this class?"
        return (f"Roster {roster.name}: {said}",)
    whose = f"{len(found)} of the submissions {'is' if len(found) == 1 else 'are'}"
    return (f"Roster {roster.name}: it does not tell whose {whose}: {_few(found)}.",)


def unnamed(before: str | None, roster: Path | None) -> tuple[str, ...]:
    """What there is to say where an earlier run had a roster and this one has none."""
    if roster is not None or before is None:
        return ()
    said = (f"This run had the roster {before}, and this time none was named: what it tells of names, numbers and times is not used, "
            "and who handed in nothing is not listed. Give the same command with --roster.")
    return (said,)


def left(keys: Sequence[str]) -> tuple[str, ...]:
    """What there is to say of who was graded, and whose submission is not in the class any more."""
    said = (f"Graded earlier under names that no submission has now: {_few(keys)}. Their reports are in {LEFT}/, and what was stored "
            "is kept: back in the folder, nothing is graded again.")
    return (said,) if keys else ()


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{'; '.join(names[:_NAMED])}{more}"


def note(run: Run) -> None:
    """Take down how the class is graded: the rubric's items, late policy and feedback, the seed, the versions, where the course is."""
    assignment, store, course = run.assignment, run.folder.store, run.setup.course
    store.put(
        course=[os.path.relpath(course, run.folder.path.resolve()), str(course)],
        assignment=assignment.slug, title=assignment.interface.title, names=run.setup.names,
        seed=run.setup.seed, demand=run.setup.demand, asking=run.asking,
        **_rules(assignment), conditions={**store.get("conditions", {}), "seed": str(run.setup.seed), **versions(), **_hashes(assignment)},
    )


def is_as_judged(run: Run) -> bool:
    """Whether the course still is what the class was judged by last: its points and reports agree with the store."""
    store, kept = run.folder.store, run.folder.store.get("conditions", {})
    same = all(store.get(name) == rule for name, rule in _rules(run.assignment).items())
    return same and all(kept.get(name) == digest for name, digest in _hashes(run.assignment).items())


def _rules(assignment: Assignment) -> dict[str, Any]:
    """Items, late policy and feedback of the rubric, as JSON has them."""
    rubric = assignment.rubric
    late = rubric.late and rubric.late.model_dump(mode="json")
    return {"items": noted(lines_of(assignment)), "late": late, "feedback": rubric.feedback.model_dump(mode="json")}


def _hashes(assignment: Assignment) -> dict[str, str]:
    return {"rubric SHA-256": assignment.rubric_sha256, "reference SHA-256": assignment.reference_sha256}


def _grading(one: Listed, entry: Entry, path: Path) -> Job:
    """A submission to grade; its replay command names it if it is one path in the class's folder."""
    (first, *more) = entry.paths
    shown = as_argument(storable(str(first))) if not more and first.is_relative_to(path) else ""
    return Job(one.key, entry.name, entry.paths, entry.names, shown=shown, remarks=one.remarks)


# ---- the work --------------------------------------------------------------------------------------------------------


def worked(run: Run, jobs: Sequence[Job]) -> Graded:
    """Let an executor work on the jobs, take down each as it ends, and write what people open; also after Ctrl-C."""
    done, interrupted, troubles = 0, False, list[str]()
    what = "writing reports" if all(j.ask == () for j in jobs) else "grading"
    with Interrupts() as interrupts:
        try:
            with progress(what, len(jobs), quiet=run.wish.quiet) as advance:
                for one, job in ended(run, jobs):
                    with interrupts.shield():
                        troubles += run.take_down(one, job)
                    done += job.ask != ()
                    advance()
        except KeyboardInterrupt:
            interrupted = True
        interrupts.obeyed()  # also one that came when all was done
        with interrupts.shield():
            return Graded(publish(run.folder, complete=not interrupted), done, interrupted, troubles=tuple(troubles))


def ended(run: Run, jobs: Sequence[Job]) -> Iterator[tuple[Done, Job]]:
    """Each job with how it ended; large things are read from the store when a job is handed out, so that few are in memory."""
    if not jobs:
        return
    by_key = {j.key: j for j in jobs}
    resources = Resources(min(run.wish.jobs or _cores(), len(jobs)), deadline(run.assignment), run.wish.address)
    executor = EXECUTORS[run.wish.executor].load()
    with closing(executor(run.setup, resources, (run.loaded(j) for j in jobs))) as found:  # type: ignore[type-var]
        for done in found:
            yield done, by_key[done.key]


def _cores() -> int:
    """Cores that this process may use; macOS tells only how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def deadline(assignment: Assignment) -> float:
    """Wall-clock seconds that no submission can take unless the worker itself hangs: all that the runner may grant, and some."""
    limits = Limits()
    cpu = limits.load_seconds + sum(i.seconds for i in assignment.rubric.items)
    return _ROUNDS * limits.wall_factor * cpu + _SPARE
