"""What being late costs: the ``[late]`` table of a rubric."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from grader.core.interface import Model

_UNITS = ("week", "day", "hour", "minute")
_LENGTH = re.compile(rf"([0-9]{{1,4}}) *({'|'.join(_UNITS)})s?")
_LENGTH_SCHEMA = {"type": "string", "pattern": f"^{_LENGTH.pattern}$"}
_MOMENT_SCHEMA = {"type": "string", "format": "date-time"}


def written(duration: timedelta) -> str:
    """A length of whole minutes as an author writes it.

    Examples
    --------
    >>> written(timedelta(days=3)), written(timedelta(minutes=90)), written(timedelta(hours=1))
    ('3 days', '90 minutes', '1 hour')
    """
    unit = next((u for u in _UNITS if not duration % timedelta(**{f"{u}s": 1})), "minute")
    number = duration // timedelta(**{f"{unit}s": 1})
    return f"{number} {unit}" + ("" if number == 1 else "s")


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("it should be a whole number of minutes, hours, days or weeks")
    return timedelta(**{f"{found[2]}s": int(found[1])})


def _moment(value: object) -> datetime:
    moment = _parsed(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        lacking = "it should have a time of day" if isinstance(moment, date) else "it should be a date with time and offset"
        raise ValueError(lacking)  # noqa: TRY004 - pydantic makes an error of the field of it
    if moment.utcoffset() is None:
        raise ValueError("it should have an offset from UTC")
    return moment


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _extension(value: object) -> datetime | timedelta:
    is_moment = isinstance(value, date) or (isinstance(value, str) and _parsed(value) is not None)
    return _moment(value) if is_moment else _duration(value)


def _as_authored(value: datetime | timedelta) -> str:
    """What the validators take again: a run keeps its policy as JSON."""
    return written(value) if isinstance(value, timedelta) else value.isoformat()


_AUTHORED = PlainSerializer(_as_authored, when_used="json")
Duration = Annotated[timedelta, BeforeValidator(_duration), _AUTHORED, WithJsonSchema(_LENGTH_SCHEMA, mode="validation")]
Moment = Annotated[datetime, BeforeValidator(_moment), _AUTHORED, WithJsonSchema(_MOMENT_SCHEMA, mode="validation")]
Extension = Annotated[
    datetime | timedelta, BeforeValidator(_extension), _AUTHORED,
    WithJsonSchema({"anyOf": [_LENGTH_SCHEMA, _MOMENT_SCHEMA]}, mode="validation"),
]


def _zone(value: object) -> ZoneInfo:
    try:
        return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):  # no such zone, no such name, a folder of zones
        raise ValueError("it should be the name of a time zone that this machine knows") from None


Zone = Annotated[
    ZoneInfo, BeforeValidator(_zone), PlainSerializer(str, when_used="json"), WithJsonSchema({"type": "string"}, mode="validation"),
]


class LatePolicy(Model):
    """A late policy; days are periods of 24 hours, and each that was begun counts.

    Parameters
    ----------
    policy : {'none', 'per_day'}
        Write "per_day", or "none" to switch the table off.
    due : datetime
        Write a date and time with its offset from UTC: 2026-03-01T23:59:00+01:00, without quotes.
    zone : ZoneInfo or None
        Write the zone of times that name none, as most rosters have them: "Europe/Berlin". If left out, they are in the offset of `due`.
    percent_per_day : Decimal
        Write the percent that each day costs, 0 to 100: 10 or 12.5.
    of : {'possible', 'earned'}
        Write "possible" (of the assignment's points, as Canvas has it) or "earned" (of those that the submission earned).
    grace : timedelta
        Write "15 minutes", "2 hours" or "1 day": who comes within it is not late; days count from the due time all the same.
    cut_off : timedelta or None
        Write "3 days", counted from the due time: what comes later earns nothing. None if there is no such time.
    extensions : mapping of str to datetime or timedelta
        Write for a student's key or e-mail "2 days" or a due time of their own: "ann@uni.edu" = "2 days".
    """

    policy: Literal["none", "per_day"]
    due: Moment | None = None
    zone: Zone | None = None
    percent_per_day: Annotated[Decimal, Field(ge=0, le=100)] | None = None
    of: Literal["possible", "earned"] = "possible"
    grace: Duration = timedelta(0)
    cut_off: Duration | None = None
    extensions: Mapping[str, Extension] = Field(default_factory=dict)

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """Mistakes that one field alone does not show: field, problem, remedy."""
        if self.policy == "none":
            return
        for name, example in (("due", "2026-03-01T23:59:00+01:00"), ("percent_per_day", "10")):
            if getattr(self, name) is None:
                yield name, "it is missing.", f"Write {name} = {example}."
        if self.cut_off is not None and self.cut_off < self.grace:
            yield "cut_off", "it lies before the end of the grace time.", "Write a longer cut_off or a shorter grace."
        for student, given in self.extensions.items():
            if isinstance(given, datetime) and self.due is not None and given < self.due:
                yield f"extensions.{student}", "it is before the due time of all.", "Write a later one."
