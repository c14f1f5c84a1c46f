"""What travels between the parent of a run and its workers: plain data, so that a worker may be on another machine."""

import hashlib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from grader.core.classbook import Decided, Status
from grader.core.errors import CourseError, GradeError, GraderError, UsageError
from grader.core.reason import REASONS
from grader.core.verdict import Outcome, Verdict
from grader.grading import cause
from grader.runner.levels import Demand


@dataclass(frozen=True, slots=True)
class Setup:
    """What every worker of a run is told once.

    Parameters
    ----------
    course : Path
        The folder with ``reference/`` and ``rubrics/``.
    slug : str
        The assignment.
    seed : int
        One for the whole class: the questions are the same for all, and made once.
    demand : str
        What isolation is asked for.
    secrets : tuple of Path
        What must not lie where student code may read.
    formats : tuple of str
        The reports to write.
    handed_back : datetime or None
        When students get to see the reports: they are their versions of that moment. None for the staff's.
    run, names : str
        How the staff's replay commands name the run's folder; course and assignment, see `grader.core.replay.typed_names`.
    """

    course: Path
    slug: str
    seed: int
    demand: Demand
    secrets: tuple[Path, ...] = ()
    formats: tuple[str, ...] = ()
    handed_back: datetime | None = None
    run: str = ""
    names: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What an earlier run observed, as the store keeps it.

    Parameters
    ----------
    header : str
        JSON: isolation, placeholders and seconds.
    answers : mapping of str to bytes
        By item id, see `grader.recording.dumps_answers`; those that can still be judged.
    """

    header: str
    answers: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Job:
    """One submission to grade, or to judge again.

    Parameters
    ----------
    key : str
        Of its row.
    name : str
        As the students named it.
    paths, names : tuple of Path, tuple of str
        What was handed in, as in `grader.submission.roll.Entry`; empty if `submission` says it.
    submission : bytes
        The submission itself, see `grader.batch.packing`.
    shown : str
        How the replay command of its report names it; empty if no path leads to it.
    remarks : tuple of str
        What there is to say of how it was found; its report says so, too.
    ask : tuple of str or None
        Items to run student code for; all if None.
    stored : Stored or None
        Observations of the items that are not asked.
    decided : Decided or None
        What its report says beside the verdicts.
    """

    key: str
    name: str
    paths: tuple[Path, ...] = ()
    names: tuple[str, ...] = ()
    submission: bytes = b""
    shown: str = ""
    remarks: tuple[str, ...] = ()
    ask: tuple[str, ...] | None = None
    stored: Stored | None = None
    decided: Decided | None = None


@dataclass(frozen=True)
class Judged:
    """The verdict on one item by itself, without evidence: what rows and class page need.

    Parameters
    ----------
    item : str
        Its id.
    outcome, credit, reason, message
        As in `grader.core.verdict.Verdict`; the reason as its code, empty if met.
    cause : str
        What kept a module from being loaded, as a digest; empty otherwise.
    check : str
        Which check judged it, see `grader.batch.identity.check_of`.
    asked : str
        Which questions it rests on, see `grader.interview.questions_of`.
    """

    item: str
    outcome: Outcome
    credit: Fraction | None
    reason: str
    message: str
    cause: str
    check: str
    asked: str

    @cached_property
    def verdict(self) -> Verdict:
        """As a verdict, without evidence; one for all of a class of whom the same was judged."""
        return Verdict(self.outcome, self.credit, REASONS.get(self.reason), self.message)


def judged(item: str, verdict: Verdict, check: str, asked: str) -> Judged:
    """What is kept of a verdict."""
    reason, why = verdict.reason.code if verdict.reason else "", cause(verdict)
    digest = hashlib.sha256(why.encode("utf-8", "surrogatepass")).hexdigest() if why else ""
    return Judged(item, verdict.outcome, verdict.credit, reason, verdict.message, digest, check, asked)


@dataclass(frozen=True, slots=True)
class Done:
    """How one submission ended: everything that its row, its reports and a later judging need.

    Parameters
    ----------
    status : Status
        ``GRADED`` where it could be read and judged; whether items are ungraded, the verdicts tell.
    submission : bytes
        The submission, packed; empty if it could not be opened.
    reports : mapping of str to bytes
        By format.
    untouched : tuple of str
        Functions that are still the starter's.
    trouble : str
        The traceback of what the grader failed at.
    """

    key: str
    status: Status
    remarks: tuple[str, ...] = ()
    sha256: str = ""
    tree_sha256: str = ""
    submission: bytes = b""
    stored: Stored = field(default_factory=lambda: Stored("{}", {}))
    verdicts: tuple[Judged, ...] = ()
    reports: Mapping[str, bytes] = field(default_factory=dict)
    untouched: tuple[str, ...] = ()
    trouble: str = ""


def unreadable(job: Job, why: UsageError) -> Done:
    """Nothing in it could be opened as a submission: a person has to look."""
    return Done(job.key, Status.UNREADABLE, (str(why),))


def failed(job: Job, why: str, trouble: str = "") -> Done:
    """The grader or the machine failed on it: ungraded, not zero."""
    return Done(job.key, Status.FAILED, (why,), trouble=trouble)


@dataclass(frozen=True, slots=True)
class Halt:
    """What no submission is to blame for and every other one would meet too: the run stops.

    Parameters
    ----------
    kind : str
        Name of the exception's type.
    fields : tuple of str
        What it was made of.
    """

    kind: str
    fields: tuple[str, ...]

    @property
    def error(self) -> GradeError:
        """The exception again."""
        return CourseError(*self.fields) if self.kind == "CourseError" else GraderError(*self.fields)


def halt(error: Exception) -> Halt:
    """An exception that stops the run, as data."""
    match error:
        case CourseError(file=file, place=place, problem=problem, remedy=remedy):
            return Halt("CourseError", (file, place, problem, remedy))
        case GradeError():
            return Halt("GraderError", (str(error),))
        case _:
            last = traceback.format_exception(error)[-1].strip()
            return Halt("GraderError", (f"a worker could not be started: {last}",))
