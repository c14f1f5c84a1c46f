"""What runs inside a platform's container: one submission in, the platform's result file out, whatever happens.

A provisional result is written before the submission is opened, and replaced whole at the end. So a lost container, a bug of ours
or a time limit of the platform leaves a result that says that a person has to look.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.audience import for_student, public
from grader.core.errors import CourseError, GraderError, UsageError
from grader.course import Assignment, load_assignment
from grader.grading import grade
from grader.report import write_atomically
from grader.report.platforms import Circumstances, Graded, Platform, State
from grader.runner.forkserver import ForkServer
from grader.runner.levels import Demand
from grader.submission import Submission, open_submission

_MOST_METADATA = 32 << 20  # bytes; every earlier result of the student is in it


@dataclass(frozen=True, slots=True)
class Errand:
    """One submission to grade for a platform.

    Parameters
    ----------
    path : Path
        The submission: a file, or the folder that the platform has put its files in.
    out : Path
        The folder for the platform's files.
    course : Path
        Checked by `find_course`.
    slug : str
        The assignment.
    demand : Demand
        The isolation without which nothing is graded.
    """

    path: Path
    out: Path
    course: Path
    slug: str
    demand: Demand = "required"


def carry_out(errand: Errand, platform: Platform, circumstances: Circumstances) -> Graded | None:
    """Grade, and write the platform's files; None if there was nothing that can be read as a submission.

    Raises
    ------
    CourseError, GraderError
        If the course, the grader or the machine is at fault; the files that are then written say that a person has to look.
    """
    _write(errand, platform.without_verdicts(State.UNFINISHED, circumstances))
    path = _only_file(errand.path)
    try:
        assignment = load_assignment(errand.course, errand.slug)
        try:
            submission = open_submission(path, assignment.asked)
        except UsageError as error:
            why = str(error).replace(f"{path}/", "").replace(f"{path}: ", "")
            _write(errand, platform.without_verdicts(State.UNREADABLE, circumstances, why))
            return None
        graded = _graded(errand, path, assignment, submission, platform, circumstances)
    except (CourseError, GraderError, UsageError):
        _write(errand, platform.without_verdicts(State.UNGRADED, circumstances))
        raise
    _write(errand, platform.result(graded, circumstances))
    return graded


def metadata(path: Path | None) -> Mapping[str, Any]:
    """What the platform says of the submission, from its JSON file; empty if that says nothing."""
    try:
        if path is None or path.stat().st_size > _MOST_METADATA:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(errand: Errand, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        write_atomically(errand.out / name, text)


def _only_file(path: Path) -> Path:
    """The file of a folder that holds just one, so that reports call it by its name."""
    found = [p for p in path.iterdir() if not p.name.startswith(".")] if path.is_dir() else []
    return found[0] if len(found) == 1 and found[0].is_file() and not found[0].is_symlink() else path


def _graded(
    errand: Errand, path: Path, assignment: Assignment, submission: Submission, platform: Platform, circumstances: Circumstances
) -> Graded:
    with ForkServer(demand=errand.demand) as runner:
        runner.keep_from(errand.course / "reference", errand.course / "rubrics", path)
        rubric = assignment.rubric
        asked = assignment if platform.hides else replace(assignment, rubric=public(rubric, circumstances.now))
        report, _ = grade(asked, submission, runner, path=path.name)
    return Graded(report, for_student(report, rubric, circumstances.now), rubric)
