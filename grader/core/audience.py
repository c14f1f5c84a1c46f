"""Who may see what: when a rubric item is shown to students, and the ``[feedback]`` table of a rubric."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from grader.core.interface import Model
from grader.core.late import LatePolicy, Moment

Show = Literal["none", "relation", "value"]


class Visibility(StrEnum):
    """When students see a rubric item, from the earliest to never; Gradescope's words."""

    VISIBLE = "visible"
    AFTER_DUE_DATE = "after_due_date"
    """When nobody can hand in any more."""
    AFTER_PUBLISHED = "after_published"
    """When the grades are published."""
    HIDDEN = "hidden"

    def is_before(self, other: "Visibility") -> bool:
        """Whether this one is shown while the other still is not.

        Examples
        --------
        >>> Visibility.VISIBLE.is_before(Visibility.HIDDEN), Visibility.HIDDEN.is_before(Visibility.HIDDEN)
        (True, False)
        """
        order = list(Visibility)
        return order.index(self) < order.index(other)


@dataclass(frozen=True, slots=True)
class Withheld:
    """Items that a student's report leaves out: how many, and until when. Nothing else of them is told."""

    visibility: Visibility
    items: int


class FeedbackPolicy(Model):
    """How much of a report students are shown.

    Parameters
    ----------
    show : {'none', 'relation', 'value'}
        Write "none" (outcome and one sentence), "relation" (inputs and the student's own contradictions too) or "value" (all).
    published : datetime or None
        Write when grades are published, with its offset from UTC: 2026-03-08T12:00:00+01:00, without quotes.
    """

    show: Show = "value"
    published: Moment | None = None


def visible_from(visibility: Visibility, late: LatePolicy | None, feedback: FeedbackPolicy) -> datetime | None:
    """When an item of this visibility is first shown; None if that is not known, or never. Visible ones have no such time."""
    match visibility:
        case Visibility.AFTER_DUE_DATE:
            return closes(late)
        case Visibility.AFTER_PUBLISHED:
            return feedback.published
        case _:
            return None


def is_shown(visibility: Visibility, late: LatePolicy | None, feedback: FeedbackPolicy, moment: datetime) -> bool:
    """Whether students see items of this visibility at this moment."""
    if visibility is Visibility.VISIBLE:
        return True
    since = visible_from(visibility, late, feedback)
    return since is not None and since <= moment


def closes(late: LatePolicy | None) -> datetime | None:
    """When nobody can hand in any more: the latest due time, extensions included, and then the cut-off or the grace time.

    Who still may hand in must not learn from those who are done; where lateness has no end, the grace time is the end.
    """
    if late is None or late.due is None:
        return None
    return max(_due_times(late.due, late)) + (late.cut_off or late.grace)


def _due_times(due: datetime, late: LatePolicy) -> Iterator[datetime]:
    yield due
    for extension in late.extensions.values():
        yield extension if isinstance(extension, datetime) else due + extension
