"""Result files of the platforms that courses use. To add one, write ``platforms/<name>.py`` and one entry in `PLATFORMS`.

Every platform shows its file to the student sooner or later, so each writer takes what `for_student` left, and lists of what
that left out no more than the platform keeps from students by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from typing import Any, cast

from grader.core.report import GradeReport
from grader.rubric import Rubric


class State(StrEnum):
    """Why a submission has no verdicts."""

    UNFINISHED = "unfinished"
    """Grading has begun; what is written before any student code runs, and stands if the machine is lost."""
    UNREADABLE = "unreadable"
    """Nothing was handed in that can be read as a submission."""
    UNGRADED = "ungraded"
    """The course, the grader or the machine is at fault."""
    WITHHELD = "withheld"
    """No item is public, where the platform asks the public items alone."""


SENTENCES: Mapping[State, str] = {
    State.UNFINISHED: "Grading began and did not finish. Points here only hold a place and are no grade; your instructor has to run it "
                      "again.",
    State.UNREADABLE: "Nothing that was handed in can be read as a submission.",
    State.UNGRADED: "This submission could not be graded, and the fault is not in it. Points here only hold a place and are no grade; "
                    "your instructor has to look at it.",
    State.WITHHELD: "No item of this assignment is shown to students, so there is nothing to tell here. Points here only hold a place and "
                    "are no grade.",
}
"""What a student reads; what went wrong on our side is for the instructor's log."""


@dataclass(frozen=True, slots=True)
class Graded:
    """One submission, for the platform and for its student.

    Parameters
    ----------
    report : GradeReport
        On all items that were asked.
    student : GradeReport
        What `for_student` left of it.
    rubric : Rubric
        Says which platform item is hidden until when.
    """

    report: GradeReport
    student: GradeReport
    rubric: Rubric


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a platform says of a submission besides its files.

    Parameters
    ----------
    metadata : mapping
        The JSON file that the platform puts beside the submission; empty if there is none.
    environment : mapping of str to str
        The process's.
    now : datetime
        When it is graded, with an offset from UTC.
    leaderboard : bool
        Whether the points go to the platform's leaderboard.
    """

    metadata: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    leaderboard: bool = False


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform's result.

    Parameters
    ----------
    module : str
        Has the functions ``to_result`` and ``without_verdicts``; imported when first used. Both return texts by file name.
    hides : bool
        Whether it keeps items from students until a date; if not, those that are not public are not asked there at all.
    """

    module: str
    hides: bool = False

    def result(self, graded: Graded, circumstances: Circumstances) -> dict[str, str]:
        """What to write for a submission that was graded; where there is nothing to show of it, that: a result without items is a pass."""
        if not self.hides and not graded.student.items:
            return self.without_verdicts(State.WITHHELD, circumstances)
        writer = cast("Callable[[Graded, Circumstances], dict[str, str]]", import_module(self.module).to_result)
        return writer(graded, circumstances)

    def without_verdicts(self, state: State, circumstances: Circumstances, detail: str = "") -> dict[str, str]:
        """What to write for one that was not: never a pass.

        Parameters
        ----------
        detail : str
            More that the student should know; may have student-made text in it.
        """
        writer = cast("Callable[[State, str, Circumstances], dict[str, str]]", import_module(self.module).without_verdicts)
        return writer(state, detail, circumstances)


PLATFORMS: Mapping[str, Platform] = {
    "gradescope": Platform("grader.report.platforms.gradescope", hides=True),
    "prairielearn": Platform("grader.report.platforms.prairielearn"),
    "classroom50": Platform("grader.report.platforms.classroom50"),
    "check50": Platform("grader.report.platforms.check50"),
}
"""Platforms by name."""
