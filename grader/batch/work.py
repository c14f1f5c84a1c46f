"""The unit of work: one submission, opened, asked, judged and rendered. It writes nothing but its answer."""

import json
import traceback
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cached_property
from time import perf_counter
from typing import Any

from grader.audience import for_student
from grader.batch.identity import check_of
from grader.batch.job import Done, Halt, Job, Judged, Setup, Stored, failed, halt, judged, unreadable
from grader.batch.packing import pack, packed, unpack, unpacked
from grader.core.classbook import Status
from grader.core.errors import CourseError, GraderError, UsageError
from grader.core.not_found import not_found
from grader.core.replay import as_argument, repeatable, repeatable_in
from grader.core.report import GradeReport
from grader.core.verdict import Verdict
from grader.course import load_assignment, starters
from grader.grading import Recorded, is_untouched, observe, own_verdicts, report_on
from grader.interview import Answers, questions_of
from grader.report import FORMATS
from grader.runner.forkserver import ForkServer
from grader.runner.levels import NotConfined
from grader.runner.protocol import Isolation
from grader.submission import Submission, open_together
from grader.submission.likeness import tree_hash
from grader.trial import Trial

_HEAVY = 4 << 20  # bytes of observations that are not kept for the next submission to answer the same: most have a tenth of a megabyte
_RENEWAL = 1000  # submissions on one trial, which keeps what a course's own check asks it anew for each; making it anew takes 0.2 s


class Bench:
    """What a worker process keeps from one submission to the next: the assignment, the trial with its answers, the runner.

    Parameters
    ----------
    setup : Setup
        Of the run.

    Raises
    ------
    CourseError, GraderError
        If the course or the machine does not let anything be graded.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.assignment = load_assignment(setup.course, setup.slug)
        self.trial = self._new_trial()
        self.done = 0
        self.weight = 0  # bytes of observations of the submission in hand
        self.asked = self.assignment.asked
        self.items = {i.id: i for i in self.assignment.rubric.items}
        self.checks = {i.id: check_of(i, self.assignment) for i in self.assignment.rubric.items}

    def _new_trial(self) -> Trial:
        return Trial(self.setup.seed, self.assignment.interface, self.assignment.oracle)

    @cached_property
    def runner(self) -> ForkServer:
        """Started when student code is run for the first time: judging again runs none."""
        runner = ForkServer(demand=self.setup.demand)
        runner.keep_from(self.setup.course / "reference", *self.setup.secrets)
        return runner

    def close(self) -> None:
        """End every process."""
        if "runner" in self.__dict__:
            self.runner.close()

    def work(self, job: Job) -> Done | Halt:
        """One submission, whatever happens to it: an answer always, and never an exception."""
        self.done += 1
        if self.done % _RENEWAL == 0:
            self.trial = self._new_trial()
        try:
            if job.ask != ():
                _ = self.runner  # what keeps it from starting is no submission's fault
        except GraderError as error:
            return halt(error)
        done = self._told(job)
        if self.weight > _HEAVY:
            self.trial.forget()
        self.weight = 0
        return done

    def _told(self, job: Job) -> Done | Halt:
        kept = job.submission
        try:
            submission = unpack(kept) if kept else open_together(job.name, job.paths, job.names, self.asked)
            kept = kept or pack(submission)
            return self._graded(replace(job, submission=kept), submission)
        except UsageError as error:
            return unreadable(job, error)
        except (CourseError, NotConfined) as error:
            return halt(error)
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs one row, which says so, and never the class
            why = f"the grader failed on it ({type(error).__name__}: {error})."
            return replace(failed(job, why, traceback.format_exc()), submission=kept)

    def _graded(self, job: Job, submission: Submission) -> Done:
        started = perf_counter()
        recorded, header = self._recorded(job, submission)
        observed = perf_counter()
        own = own_verdicts(self.assignment, submission, recorded, self.trial)
        report = self._report(job, submission, recorded, own)
        if job.ask != ():
            now = perf_counter()
            header["timings"] = {"observe": observed - started, "judge": now - observed, "total": now - started}
        report = replace(report, timings={k: round(v, 4) for k, v in header["timings"].items()})
        return self._done(job, submission, recorded, own, report, json.dumps(header))

    def _report(self, job: Job, submission: Submission, recorded: Recorded, own: Mapping[str, Verdict]) -> GradeReport:
        """The staff's, or a student's, who has the submission by its own name and is not told where class, run and course lie."""
        told, setup = replace(submission, remarks=(*job.remarks, *submission.remarks)), self.setup
        path = as_argument(submission.name) if setup.handed_back else job.shown
        report = replace(report_on(self.assignment, told, recorded, own, path=path), decided=job.decided)
        if setup.handed_back:
            return for_student(report, self.assignment.rubric, setup.handed_back)
        form = "" if job.shown.endswith((".py", ".ipynb")) else " --as one"  # what holds several files may look like a class by itself
        return repeatable(report, f"{form}{setup.names}") if job.shown else repeatable_in(setup.run, report, job.key)

    def _recorded(self, job: Job, submission: Submission) -> tuple[Recorded, dict[str, Any]]:
        """What was observed, now and earlier, and what the store keeps of it beside the answers."""
        header = json.loads(job.stored.header) if job.stored else {}
        kept = {i: unpacked(data) for i, data in job.stored.answers.items() if i in self.checks} if job.stored else {}
        if job.ask == ():
            level, holds, lacks = header["isolation"].values()
            return Recorded(self.setup.seed, kept, Isolation(level, tuple(holds), tuple(lacks)), tuple(header["placeholders"])), header
        recorded = observe(self.assignment, submission, self.runner, self.trial, job.ask or ())
        header |= {"isolation": asdict(recorded.isolation), "placeholders": recorded.placeholders}
        return replace(recorded, answers={**kept, **recorded.answers}), header

    def _done(
        self, job: Job, submission: Submission, recorded: Recorded, own: Mapping[str, Verdict], report: GradeReport, header: str
    ) -> Done:
        names = [f.name for f in self.assignment.interface.functions]
        asked = {item.id: one.question_of_many for one in not_found(report.items, report.submission.files) for item in one.items}
        said = {i: replace(v, message=f"{v.message} {asked[i]}".rstrip()) if i in asked else v for i, v in own.items()}
        return Done(
            job.key, Status.GRADED, report.submission.remarks[len(job.remarks):], submission.sha256,
            tree_hash(submission, starters(self.assignment.starter)),
            job.submission, Stored(header, {i: self._packed(a) for i, a in recorded.answers.items()}),
            tuple(self._judged(i, v, is_asked=i in recorded.answers) for i, v in said.items()),
            {name: FORMATS[name].render(report).encode() for name in self.setup.formats},
            tuple(n for n in names if is_untouched(submission, n, self.assignment)),
        )

    def _packed(self, answers: Answers) -> bytes:
        """As the store keeps it; of the very same observations, read once for all who answered so, it is the same."""
        rounds = (answers.first, answers.follow_up, answers.helped, answers.helped_follow_up)
        key = ("packed", answers.helpers, answers.remark, *(tuple(map(id, observations)) for observations in rounds))
        data, size, _ = self.trial.lately(key, lambda: (*packed(answers), rounds))  # which keeps their ids theirs
        self.weight += size
        return data

    def _judged(self, item_id: str, verdict: Verdict, *, is_asked: bool) -> Judged:
        questions = questions_of(self.items[item_id], self.trial) if is_asked else ""
        return judged(item_id, verdict, self.checks[item_id], questions)
