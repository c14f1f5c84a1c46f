"""Verdicts: an outcome, an exact credit, a reason, and the evidence for it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from grader.core.evidence import Evidence
from grader.core.reason import Reason


class Outcome(StrEnum):
    """How a rubric item ended."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not met"
    NOT_ATTEMPTED = "not attempted"
    """The starter's stub was left as it was: no points, and no blame."""
    BLOCKED = "blocked"
    """Means nothing without an item that was not met."""
    UNGRADED = "ungraded"
    """We could not judge it; a person has to. Neither zero nor full marks."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of one rubric item.

    Parameters
    ----------
    outcome : Outcome
    credit : Fraction or None
        Share of the points, 0 to 1; None if ungraded.
    reason : Reason or None
        Why points were lost; None if met.
    message : str
        One sentence for the student: what is wrong, in the handout's letters.
    evidence : tuple of Evidence
        For the smallest failing input.
    notes : tuple of str
        Leniencies used, the convention that was met, what was done on the student's behalf.
    hint : str
        One thing to try; the reason's own hint if empty.
    see : str
        The item that tells why: the one that blocks this one, or at which the same cause is explained. Empty for most.
    """

    outcome: Outcome
    credit: Fraction | None
    reason: Reason | None = None
    message: str = ""
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""
    see: str = ""

    def with_notes(self, *notes: str) -> "Verdict":
        """The same verdict with these notes added, none twice."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))


def met(*notes: str) -> Verdict:
    """Full credit."""
    return Verdict(Outcome.MET, Fraction(1), notes=tuple(dict.fromkeys(notes)))


def not_met(reason: Reason, message: str, *evidence: Evidence, hint: str = "", notes: tuple[str, ...] = ()) -> Verdict:
    """No credit."""
    return Verdict(Outcome.NOT_MET, Fraction(0), reason, message, evidence, notes, hint)


def partly(credit: Fraction, reason: Reason, message: str, *evidence: Evidence, hint: str = "", notes: tuple[str, ...] = ()) -> Verdict:
    """Some credit: met at 1, not met at 0."""
    outcome = Outcome.NOT_MET if credit == 0 else Outcome.MET if credit == 1 else Outcome.PARTLY
    return Verdict(outcome, credit, reason, message, evidence, notes, hint)


def ungraded(reason: Reason, message: str, *evidence: Evidence) -> Verdict:
    """A person has to look."""
    return Verdict(Outcome.UNGRADED, None, reason, message, evidence)
