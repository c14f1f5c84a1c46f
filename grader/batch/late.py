"""What being late costs, as a line under the items of a row: pure, exact, and applied last.

Where it is not known when something came, nothing is deducted and a remark asks a person to decide.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from grader.core.classbook import Adjustment, Person, Row
from grader.core.late import LatePolicy, written

_DAY = timedelta(days=1)


def apply_late(row: Row, policy: LatePolicy | None, possible: Fraction) -> Row:
    """The row with what being late costs it; overrides have to be in it already.

    A submission is in time up to and including the end of the grace time. Behind it each begun day since the due time costs
    its percent, and behind the cut-off nothing counts. No more is deducted than the items have.

    Parameters
    ----------
    row : Row
        Of a group: the due time is the latest that one of its persons has.
    policy : LatePolicy or None
        The rubric's ``[late]`` table.
    possible : Fraction
        Points of all items.
    """
    if policy is None or policy.policy == "none" or policy.due is None or not row.submission:
        return row
    if row.when is None:
        return row if row.late is False else _doubted(row, _unknown(row))
    due = _due(row.persons, policy, policy.due)
    came = row.when if row.when.tzinfo else row.when.replace(tzinfo=policy.zone or policy.due.tzinfo)  # a roster's, as people write it
    if _elapsed(due, came) <= policy.grace:
        return row
    costs = (_cost(row, due, came, policy, possible),) if row.scores else ()
    charged = replace(row, adjustments=(*row.adjustments, *costs))
    return _doubted(charged, _contradiction(row)) if row.late is False else charged


def _doubted(row: Row, why: str) -> Row:
    return replace(row, remarks=(*row.remarks, why), doubt=why)


def unmatched_extensions(policy: LatePolicy | None, persons: Iterable[Person]) -> tuple[str, ...]:
    """A sentence for each extension of somebody who is not in the class: a misspelt one would help nobody."""
    given = policy.extensions if policy else {}
    known = {name for person in persons for name in _names(person)} if given else set()
    return tuple(
        f"[late.extensions]: nobody of the class has the key or e-mail {student!r}, so this extension has no effect."
        for student in given if _folded(student) not in known
    )


def _names(person: Person) -> Iterator[str]:
    """What an extension may call a person; names are left out, for two persons may share one."""
    yield _folded(person.key)
    if person.email:
        yield _folded(person.email)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _due(persons: Iterable[Person], policy: LatePolicy, due: datetime) -> datetime:
    """The latest due time of any of them."""
    names = {name for person in persons for name in _names(person)}
    extended = (given for student, given in policy.extensions.items() if _folded(student) in names)
    return max([due, *(due + given if isinstance(given, timedelta) else given for given in extended)])


def _elapsed(start: datetime, end: datetime) -> timedelta:
    """Time that passed: in UTC, because Python subtracts wall clocks where both are of one zone, an hour more or less in spring."""
    return end.astimezone(UTC) - start.astimezone(UTC)


def _cost(row: Row, due: datetime, came: datetime, policy: LatePolicy, possible: Fraction) -> Adjustment:
    late_by = _elapsed(due, came)
    extended = ", extended" if due != policy.due else ""
    at = came.astimezone(policy.zone or due.tzinfo)
    offset = "" if at.utcoffset() == due.utcoffset() else f" {at.isoformat()[-6:]}"
    times = f"due {_shown(due)} {due.isoformat()[-6:]}{extended}, came {_shown(at)}{offset}"
    if policy.cut_off is not None and late_by > policy.cut_off:
        return Adjustment(f"later than the cut-off, which is {written(policy.cut_off)} after the due time ({times}): nothing counts",
                          -row.subtotal)
    days, percent = -(-late_by // _DAY), Fraction(policy.percent_per_day or 0)
    base = possible if policy.of == "possible" else row.subtotal
    label = f"{days} {'day' if days == 1 else 'days'} late ({times}): {float(percent):g} % of the points {policy.of} each day"
    return Adjustment(label, -min(days * percent / 100 * base, row.subtotal))


def _shown(moment: datetime) -> str:
    """To the minute, and to the second or less where that matters."""
    return moment.replace(tzinfo=None).isoformat(" ").removesuffix(":00")


def _unknown(row: Row) -> str:
    called = f"{row.told_by or 'the download'} says late" if row.late else "nothing says whether that was late"
    return (f"No time of handing in is known, and {called}: the late policy was not applied. A person has to decide, "
            "or to give a roster that tells the times, in a column 'submitted at'.")


def _contradiction(row: Row) -> str:
    return f"Late by the course's [late] table, in time by {row.told_by or 'the download'}: is an extension missing in the table?"
