"""What students get back: a report each, made when it is handed back, with what persons and the late policy have decided by then.

The reports in the run's folder are the staff's, and say what the grader found. Those here leave out what students do not see, and
are made anew each time from what is stored, so they are never older than an override; no student code runs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from grader.audience import names, withheld
from grader.batch.folder import report_path
from grader.batch.job import Job
from grader.batch.progress import progress
from grader.batch.run import Run, ended, is_as_judged
from grader.batch.store import EARLIER, key_of
from grader.core.classbook import ClassBook, Row, Status
from grader.core.errors import UsageError
from grader.report import write_atomically
from grader.report.views import further

FOLDER: Final = "feedback"


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The reports that students get.

    Parameters
    ----------
    reports : mapping of str to Path
        By the key of the row.
    troubles : mapping of str to str
        Rows whose report could not be made, and why.
    """

    reports: Mapping[str, Path]
    troubles: Mapping[str, str]

    def report(self, row: Row) -> bytes | str:
        """The row's report, or half a sentence on why there is none."""
        key = key_of(row.persons)
        if key in self.reports:
            return self.reports[key].read_bytes()
        if key in self.troubles:
            return f"has no report, for it could not be made: {self.troubles[key]}"
        if row.status in (Status.GRADED, Status.PARTLY_UNGRADED):
            return "has no report: a person decided what the grader could not judge"
        return f"has no report: {row.status.value}"


def agreed(run: Run) -> Run:
    """The run, if its course is the one by which the class was judged: what students get shows its items and points.

    Raises
    ------
    UsageError
        If it is another by now.
    """
    if not is_as_judged(run):
        raise UsageError(f"{run.folder.path}: rubric or reference have changed since this class was judged, and what students get would "
                         f"not agree with its points. Give `grade rejudge {run.folder.path}` first.")
    return run


def hand_back(run: Run, book: ClassBook, moment: datetime) -> HandedBack:
    """Write the reports of a class into ``feedback/`` of the run's folder, in place of those that are there.

    Parameters
    ----------
    book : ClassBook
        With all that counts, see `grader.batch.publish.final_book`.
    moment : datetime
        When students look, with an offset from UTC: what they see hangs on it.

    Raises
    ------
    GraderError
        If the machine fails.
    """
    folder = run.folder.path / FOLDER
    for old in folder.glob("*.html"):
        old.unlink()
    setup = replace(run.setup, formats=("html",), handed_back=moment)
    student, jobs = Run(run.folder, run.assignment, setup, run.wish), _jobs(run, book)
    reports, troubles = dict[str, Path](), dict[str, str]()
    with progress("writing feedback", len(jobs), quiet=run.wish.quiet) as advance:
        for done, _ in ended(student, jobs):
            if done.status is Status.GRADED:
                reports[done.key] = folder / Path(report_path(done.key)).name
                write_atomically(reports[done.key], done.reports["html"], durable=False)
            else:
                troubles[done.key] = " ".join(done.remarks)
            advance()
    return HandedBack(reports, troubles)


def _jobs(run: Run, book: ClassBook) -> list[Job]:
    """Rows that the grader could judge. Of how a submission was found only what was not graded is told: the rest may name others."""
    judged = {r.key for r in run.folder.store.results() if r.status is Status.GRADED}
    rows = {key_of(row.persons): row for row in book.rows}
    listed = (one for one in run.folder.store.listed() if one.key in judged and one.key in rows)
    return [Job(one.key, one.name, remarks=tuple(r for r in one.remarks if r.startswith(EARLIER)), ask=(), decided=rows[one.key].decided)
            for one in listed]


def unsaid(book: ClassBook) -> Iterator[str]:
    """What the instructor has to hear of what students do not read."""
    left_out = {i.id for i in book.items if i.withheld}
    said = [o for row in book.rows for o in (*row.comments, *row.overrides.values())]
    count = sum(o.item in left_out or names(o.note, left_out) for o in said)
    if left_out:
        rest = "; ".join(map(further, withheld(i.withheld for i in book.items if i.withheld)))
        yield f"Students do not see every item: {rest}. Their feedback tells no total, either."
    if count:
        yield f"Decisions about such items, or that name one, and are not told to students: {count}."
