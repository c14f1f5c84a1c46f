"""Moments as metadata, rosters and people write them."""

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

_MOMENT: Final = re.compile(
    r"\s*(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*([A-Za-z][\w/+-]*|[+-]\d\d:?\d\d)?\s*", re.ASCII)
_MONTHS: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_SPOKEN: Final = re.compile(
    r"\s*(?:[a-z]+day, )?(?:(?P<day>\d{1,2}) (?P<month>[a-z]+)|(?P<us_month>[a-z]+) (?P<us_day>\d{1,2}),) (?P<year>\d{4}), "
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?: (?P<half>[ap])m)?\s*", re.ASCII | re.IGNORECASE)


def instant(text: str) -> datetime | None:
    """A moment as metadata write it: date, time, and ``Z``, ``+02:00``, ``UTC``, a zone's name or nothing, which means UTC.

    Examples
    --------
    >>> instant("2023-09-08 23:17:12.123456789 Z").isoformat()
    '2023-09-08T23:17:12.123456+00:00'
    >>> instant("2015-02-02 15:58:23.9 America/Los_Angeles").isoformat()
    '2015-02-02T15:58:23.900000-08:00'
    >>> instant("yesterday") is None
    True
    """
    told = _numbered(text)
    return told.replace(tzinfo=UTC) if told and told.tzinfo is None else told


def told_time(text: str) -> datetime | None:
    """A moment as a table for people has it, Moodle's in English too; without a zone where the text names none.

    Examples
    --------
    >>> told_time("Sunday, 1 March 2026, 11:50 PM").isoformat(), told_time("Sunday, March 1, 2026, 12:05 AM").isoformat()
    ('2026-03-01T23:50:00', '2026-03-01T00:05:00')
    >>> told_time("2026-03-01 23:50").isoformat(), told_time("2026-03-01 23:50 UTC").isoformat()
    ('2026-03-01T23:50:00', '2026-03-01T23:50:00+00:00')
    >>> told_time("01/03/2026 23:50") is None
    True
    """
    return _numbered(text) or _spoken(text)


def _numbered(text: str) -> datetime | None:
    parts = _MOMENT.fullmatch(text)
    if parts is None:
        return None
    day, time, fraction, zone = parts.groups()
    try:
        if zone and zone[0] in "+-":
            return datetime.fromisoformat(f"{day}T{time}{(fraction or '')[:7]}{zone}")
        known = UTC if zone in ("Z", "UTC", "GMT") else ZoneInfo(zone) if zone else None
        return datetime.fromisoformat(f"{day}T{time}{(fraction or '')[:7]}").replace(tzinfo=known)
    except (ValueError, OSError, KeyError):  # no such day, no such zone
        return None


def _spoken(text: str) -> datetime | None:
    parts = _SPOKEN.fullmatch(text.replace("\u202f", " "))
    month = (parts["month"] or parts["us_month"]).lower() if parts else ""
    if parts is None or month not in _MONTHS:
        return None
    hour = int(parts["hour"])
    if parts["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (parts["half"].lower() == "p")
    try:
        return datetime(int(parts["year"]), _MONTHS.index(month) + 1, int(parts["day"] or parts["us_day"]), hour, int(parts["minute"]))  # noqa: DTZ001 - none is told
    except ValueError:  # no such day
        return None
