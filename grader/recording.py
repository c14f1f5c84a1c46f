"""Stored observations: a run can be judged again later, without running student code."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.core.errors import GraderError, UsageError
from grader.core.report import GradeReport
from grader.course import Assignment
from grader.grading import Recorded
from grader.interview import Answers
from grader.runner.codec import decode_observations, encode_observations
from grader.runner.protocol import Isolation
from grader.submission import Submission
from grader.worker.wire import WireError

_VERSION = 2
_ROUNDS = 4  # the four tuples of observations in `Answers`


def dumps(recorded: Recorded, report: GradeReport) -> bytes:
    """A line of JSON that says what it is, one that says of what, then the observations as frames; the first has the digest of the rest."""
    about = {
        "assignment": report.assignment,
        "submission_sha256": report.submission.sha256,
        "seed": recorded.seed,
        "isolation": asdict(recorded.isolation),
        "placeholders": recorded.placeholders,
        "items": [{"id": item, "helpers": a.helpers, "remark": a.remark} for item, a in recorded.answers.items()],
        "questions": recorded.questions,
    }
    rounds = [r for a in recorded.answers.values() for r in (a.first, a.follow_up, a.helped, a.helped_follow_up)]
    rest = json.dumps(about).encode() + b"\n" + encode_observations(rounds)
    return json.dumps({"grade_observations": _VERSION, "sha256": hashlib.sha256(rest).hexdigest()}).encode() + b"\n" + rest


def load(path: Path, assignment: Assignment, submission: Submission) -> Recorded:
    """Read what `dumps` wrote.

    Raises
    ------
    UsageError
        If it cannot be read, is damaged, is of another assignment or submission, or of another version.
    """
    try:
        first, _, rest = path.read_bytes().partition(b"\n")
        head: dict[str, Any] = json.loads(first)
        if head["grade_observations"] != _VERSION:
            raise UsageError(f"{path}: written by another version of grade. Run the submission again.")
        if head["sha256"] != hashlib.sha256(rest).hexdigest():
            raise UsageError(f"{path}: this file was damaged or changed since grade wrote it. Run the submission again, without --rejudge.")
        second, _, frames = rest.partition(b"\n")
        about: dict[str, Any] = json.loads(second)
        recorded = _recorded(about, decode_observations(frames))
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, IndexError, WireError) as error:
        raise UsageError(f"{path}: this is no file of observations. Name one that grade wrote: NAME.observations.") from error
    if about["assignment"] != assignment.slug:
        raise UsageError(f"{path}: these observations are of assignment {about['assignment']}, not {assignment.slug}.")
    if about["submission_sha256"] != submission.sha256:
        raise UsageError(f"{path}: {submission.name} has changed since these observations were made. Run it again.")
    return recorded


def dumps_answers(answers: Answers) -> bytes:
    """The observations of one item: a line of JSON, then frames. For stores that keep items apart."""
    header = json.dumps({"helpers": answers.helpers, "remark": answers.remark}).encode()
    return header + b"\n" + encode_observations((answers.first, answers.follow_up, answers.helped, answers.helped_follow_up))


def loads_answers(data: bytes) -> Answers:
    """What `dumps_answers` wrote.

    Raises
    ------
    GraderError
        If it did not write this.
    """
    line, _, frames = data.partition(b"\n")
    try:
        header = json.loads(line)
        first, follow_up, helped, helped_follow_up = decode_observations(frames)
        return Answers(first, follow_up, helped, helped_follow_up, tuple(header["helpers"]), str(header["remark"]))
    except (ValueError, KeyError, TypeError, WireError) as error:
        raise GraderError(f"stored observations are damaged ({error}). Grade the submission again: grade regrade.") from error


def _recorded(about: dict[str, Any], rounds: list[Any]) -> Recorded:
    answers = {}
    for i, item in enumerate(about["items"]):
        first, follow_up, helped, helped_follow_up = rounds[_ROUNDS * i : _ROUNDS * (i + 1)]
        answers[item["id"]] = Answers(first, follow_up, helped, helped_follow_up, tuple(item["helpers"]), str(item["remark"]))
    kept = about["isolation"]
    isolation = Isolation(kept["level"], tuple(kept["holds"]), tuple(kept["lacks"]))
    return Recorded(about["seed"], answers, isolation, tuple(about["placeholders"]), dict(about["questions"]))
