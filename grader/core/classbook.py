"""A graded class: the one model that feeds the class page, the gradebooks and every export."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import Final

from grader.core.audience import Show, Visibility
from grader.core.verdict import Outcome

SCHOOL_NUMBERS: Final = ("sis_user_id", "id_number", "student_number")
"""The school's own number of a person, as Canvas, Moodle and anybody else calls it; the three may differ."""


@dataclass(frozen=True, slots=True)
class Person:
    """A student, as far as names, metadata and roster tell.

    Parameters
    ----------
    key : str
        Unique in the class and the same from run to run: a login, a number, else the name. What ``--only`` and overrides say.
    name : str
        To be shown; the key if no other is known.
    email : str
        Empty if unknown.
    ids : mapping of str to str
        What systems call the person: ``canvas_id``, ``sis_user_id``, ``id_number``, ``student_number``, ``sis_login_id``,
        ``moodle_participant`` (the number), ``gradescope_sid``, ``username``, ``roster_identifier``, ``section``; only those known.
    """

    key: str
    name: str
    email: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)


class Status(Enum):
    """How a submission ended; every one ends in exactly one row."""

    GRADED = "graded"
    """Every item has a verdict."""
    PARTLY_UNGRADED = "partly ungraded"
    """Some items could not be judged: a person has to look."""
    UNREADABLE = "unreadable"
    """What was handed in could not be opened as a submission; the row's remark says why. A person has to look."""
    FAILED = "failed"
    """The grader or the machine failed on it. Ungraded, not zero."""
    ABSENT = "absent"
    """On the roster, and nothing was handed in."""


@dataclass(frozen=True, slots=True)
class Item:
    """A rubric item as columns show it.

    Parameters
    ----------
    withheld : Visibility or None
        Why students do not see it when the book is made; None if they do.
    """

    id: str
    section: str
    title: str
    points: Fraction
    withheld: Visibility | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """What a person decided in place of the grader.

    Parameters
    ----------
    student : str
        The person's key.
    item : str
        Item id; empty for a comment on the whole.
    points : Fraction or None
        Points in place of those earned; None for a note alone.
    note, who, when : str
        As written in the file of overrides.
    """

    student: str
    item: str
    points: Fraction | None
    note: str
    who: str
    when: str

    def over(self, earned: Fraction | None) -> Fraction | None:
        """Points that count: the person's, else the grader's; None if there are neither."""
        return earned if self.points is None else self.points


@dataclass(frozen=True, slots=True)
class Score:
    """One item of one row.

    Parameters
    ----------
    earned : Fraction or None
        Points as the grader judged; None if ungraded.
    outcome : Outcome
        Of the verdict.
    reason : str
        Code of the reason, empty if the item is met.
    message : str
        What the student reads: one or two sentences, student-made text possible in it.
    diagnosis : str
        The known mistake that the evidence shows, as the report words it, or which function is not there; empty if it is neither.
    override : Override or None
        What a person decided about it; it wins.
    """

    earned: Fraction | None
    outcome: Outcome
    reason: str = ""
    message: str = ""
    diagnosis: str = ""
    override: Override | None = None

    @property
    def counted(self) -> Fraction | None:
        """Points that count: a person's, else the grader's; None if there are neither."""
        return self.override.over(self.earned) if self.override else self.earned


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A line under the items: what being late costs.

    Parameters
    ----------
    label : str
        One sentence: ``2 days late, 10 % of the points each``.
    points : Fraction
        Added to the sum, so negative for a deduction.
    """

    label: str
    points: Fraction


_NOT_FINAL: Final = "Whether this was late, and what that costs, is not decided yet: these points are not final."


@dataclass(frozen=True, slots=True)
class Decided:
    """What persons and the late policy decided about a submission of a class.

    Parameters
    ----------
    overrides : dict of str to Override
        By item id.
    comments : tuple of Override
        Notes on the whole.
    adjustments : tuple of Adjustment
        Applied last, in this order.
    without_points : tuple of str
        Of a student's report that leaves items out: the adjustments' labels alone, for their points would tell of those items.
    total : Fraction or None
        What comes of it all, see `Row.total`; None where a student's report leaves items out, and where `not_final` is said.
    not_final : str
        Why there is no total yet, a sentence: a person has to decide what being late costs. Empty if there is one.
    """

    overrides: dict[str, Override] = field(default_factory=dict)
    comments: tuple[Override, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    without_points: tuple[str, ...] = ()
    total: Fraction | None = None
    not_final: str = ""


@dataclass(frozen=True)
class Row:
    """One submission, or one person who handed in nothing.

    Parameters
    ----------
    persons : tuple of Person
        Several for a group: exports write a line for each.
    status : Status
        How it ended.
    scores : mapping of str to Score
        By item id. Empty for a row that was not graded.
    adjustments : tuple of Adjustment
        Applied last, in this order.
    submission : str
        What the students named it; empty if absent.
    when, late, told_by
        As in `grader.submission.roll.Entry`.
    sha256 : str
        Of the submission's contents; equal for byte-identical ones. Empty if it was not read.
    tree_sha256 : str
        Of its syntax trees, without names of variables, comments and layout; empty if it does not parse.
    report : str
        The HTML report, relative to the run's folder; empty if there is none.
    remarks : tuple of str
        What there is to say of it: earlier attempts, why it is unreadable.
    comments : tuple of Override
        Notes on the whole.
    handed_in_as : tuple of str
        Paths of what was handed in, relative to the class's folder, as the system named them: feedback goes back under these names.
    doubt : str
        The remark, if any, by which a person has to decide what being late costs.
    """

    persons: tuple[Person, ...]
    status: Status
    scores: Mapping[str, Score] = field(default_factory=dict)
    adjustments: tuple[Adjustment, ...] = ()
    submission: str = ""
    when: datetime | None = None
    late: bool | None = None
    told_by: str = ""
    sha256: str = ""
    tree_sha256: str = ""
    report: str = ""
    remarks: tuple[str, ...] = ()
    comments: tuple[Override, ...] = ()
    handed_in_as: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def key(self) -> str:
        """The keys of its persons, joined: names the row, its report and its line in the store."""
        return "+".join(p.key for p in self.persons)

    @cached_property  # of which there are several readers, and adding fractions takes its time
    def subtotal(self) -> Fraction:
        """Points of all items that have any."""
        counted = [c.as_integer_ratio() for s in self.scores.values() if (c := s.counted) is not None]
        whole = sum(n for n, d in counted if d == 1)  # most are; adding fractions takes six times as long
        return sum((Fraction(n, d) for n, d in counted if d != 1), Fraction(whole))

    @cached_property
    def total(self) -> Fraction | None:
        """Points after adjustments, not below zero; None if nothing was judged: not handed in, unreadable or failed is no zero."""
        if not self.scores:
            return None
        return max(Fraction(0), sum((a.points for a in self.adjustments), self.subtotal)) if self.adjustments else self.subtotal

    @cached_property
    def overrides(self) -> Mapping[str, Override]:
        """What persons decided about its items, by item."""
        return {item: s.override for item, s in self.scores.items() if s.override}

    @property
    def decided(self) -> Decided | None:
        """What a report has to say of it beside the verdicts; None if nothing was decided."""
        overrides = dict(self.overrides)
        if self.undecided:
            return Decided(overrides, not_final=_NOT_FINAL)
        said = overrides or self.comments or self.adjustments
        return Decided(overrides, self.comments, self.adjustments, total=self.total) if said else None

    @property
    def undecided(self) -> str:
        """The doubt, unless there are no points, or a person has commented on the whole: whoever looked has decided."""
        return "" if self.comments or not self.scores else self.doubt

    @cached_property
    def is_judged(self) -> bool:
        """Whether every item has points, the grader's or a person's."""
        return bool(self.scores) and all(s.counted is not None for s in self.scores.values())

    @property
    def is_final(self) -> bool:
        """Whether nobody has to decide anything of its total any more."""
        return self.is_judged and not self.undecided


@dataclass(frozen=True)
class ClassBook:
    """A class, graded.

    Parameters
    ----------
    assignment, title : str
        Slug and title.
    items : tuple of Item
        Columns, in the rubric's order.
    rows : tuple of Row
        Sorted by name.
    unrecognised : mapping of str to str
        What was found and is no submission, with the reason.
    conditions : mapping of str to str
        How the class was graded: seed, isolation level, versions, hashes, layout.
    complete : bool
        False for the page of a run that was interrupted.
    waiting : int
        Submissions that such a run has not graded yet.
    show : {'none', 'relation', 'value'}
        How much of a report the course shows to students.
    notes : tuple of str
        What a person has to look at that is no single submission's: a roster that does not fit.
    """

    assignment: str
    title: str
    items: tuple[Item, ...]
    rows: tuple[Row, ...]
    unrecognised: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    waiting: int = 0
    show: Show = "value"
    notes: tuple[str, ...] = ()

    @cached_property
    def possible(self) -> Fraction:
        """Points of all items."""
        return sum((i.points for i in self.items), Fraction(0))

    def scores(self) -> dict[int, Score]:
        """All scores by their ids: of a class, many rows have the very same."""
        of_rows = {id(row.scores): row.scores for row in self.rows}
        return {id(score): score for scores in of_rows.values() for score in scores.values()}


def in_order(when: datetime) -> float:
    """Seconds by which moments are ordered, the same on every machine: one that names no zone, as a roster's, is taken in UTC."""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
