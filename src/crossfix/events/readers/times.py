"""Times as people and programs write them, read one at a time or a column at a time.

One list of patterns serves both ways, so that they agree: `parse_time` is the plain definition,
`TimeColumn` (in `crossfix.events.readers.timecolumn`) the fast one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONGEST: Final = 64
"""A longer text is no time."""

_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})"
    r"(?:[.,](?P<part>[0-9]{1,9}))?)?"
)
_HALF = r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
_ZONE = r"(?: ?(?P<zone>[Zz]|UTC|GMT|UT|[+-][0-9]{2}(?::?[0-9]{2})?))?"
_OFFSET = r"(?P<zone>[Zz]|UTC|GMT|UT|[+-][0-9]{2}:?[0-9]{2})"
_NAMED = r"(?:\([A-Za-z ]{1,40}\))?"
_MONTH = r"(?P<name>[A-Za-z]{3})[a-z]{0,6}"
_YEAR = r"(?P<year>[0-9]{4})"

PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    # 2021-08-15T22:01:32.123+02:00, 2021-08-15 22:01, 2021/08/15 22:01:32 UTC, 2021-08-15
    ("iso", rf"{_YEAR}[-/.](?P<month>[0-9]{{1,2}})[-/.](?P<day>[0-9]{{1,2}})"
            rf"(?:(?:[Tt]|,? ){_CLOCK}{_HALF}{_ZONE})?"),
    # 20210815T220132Z, 20210815220132, 20210815
    ("compact", rf"{_YEAR}(?P<month>[01][0-9])(?P<day>[0-3][0-9])"
                r"(?:[Tt ]?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})"
                rf"(?:\.(?P<part>[0-9]{{1,9}}))?{_ZONE})?"),
    # Wed Oct 10 20:19:24 +0000 2018
    ("twitter", rf"[A-Za-z]{{3}} {_MONTH} (?P<day>[0-9]{{1,2}}) {_CLOCK} {_OFFSET} {_YEAR}"),
    # Wed Oct 10 20:19:24 2018
    ("ctime", rf"[A-Za-z]{{3}} {_MONTH} {{1,2}}(?P<day>[0-9]{{1,2}}) {_CLOCK} {_YEAR}"),
    # Wed, 10 Oct 2018 20:19:24 +0200 (CEST); 10 October 2018, 20:19
    ("rfc", rf"(?:[A-Za-z]{{3,9}},? )?(?P<day>[0-9]{{1,2}})[ -]{_MONTH}[ -]{_YEAR}"
            rf"(?:,? (?:at )?{_CLOCK}{_HALF}{_ZONE} ?{_NAMED})?"),
    # 10/Oct/2018:20:19:24 +0200 (web-server logs)
    ("log", rf"(?P<day>[0-9]{{1,2}})/{_MONTH}/{_YEAR}:{_CLOCK}{_ZONE}"),
    # October 10, 2018 at 8:19 PM; Oct 10, 2018
    ("american", rf"(?:[A-Za-z]{{3,9}}, )?{_MONTH}\.? (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?"
                 rf" {_YEAR}(?:,? (?:at |· )?{_CLOCK}{_HALF}{_ZONE})?"),
    # 8:19 PM · Oct 10, 2018 (a post as X shows it)
    ("shown", rf"{_CLOCK}{_HALF} [·-] {_MONTH} (?P<day>[0-9]{{1,2}}), {_YEAR}"),
    # 15.08.2021 22:01: always the day first
    ("dotted", rf"(?P<day>[0-9]{{1,2}})\.(?P<month>[0-9]{{1,2}})\.{_YEAR}(?:,? {_CLOCK}{_ZONE})?"),
    # 8/15/2021 22:01, 15-08-2021 10:01 PM: the order is decided a file at a time
    ("slashed", rf"(?P<first>[0-9]{{1,2}})[/-](?P<other>[0-9]{{1,2}})[/-]{_YEAR}"
                rf"(?:,? {_CLOCK}{_HALF}{_ZONE})?"),
)  # fmt: skip
"""Name and pattern of every written form, tried in this order; RE2 and `re` read them alike."""

_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in PATTERNS)
NUMBER: Final = r"-?[0-9]{1,20}(?:\.[0-9]{0,9})?"
_NUMBER = re.compile(NUMBER)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST: Final = 253_402_300_800_000_000  # the year 10000 in microseconds

# Numbers below each bound count that many units a second; 1e11 s is the year 5138.
SCALES: Final = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))


def parse_time(value: object, *, month_first: bool | None = None) -> datetime | None:
    """Return the time that a value says, in UTC with microseconds, or None.

    Takes text in any form of `PATTERNS`, numbers of seconds, milliseconds, microseconds or
    nanoseconds since 1970 (told apart by their size; also as text), and datetimes. A time without
    a zone is UTC. ``month_first`` reads ``8/9/2021``; while it is None such a date, which could be
    two days, is not readable. Whether the time is plausible is not judged here.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _of_number(value)
    if not isinstance(value, str):
        return None
    text = value.strip(" \t\r\n\"'")
    if not text or len(text) > LONGEST:
        return None
    for name, pattern in _COMPILED:
        if found := pattern.fullmatch(text):
            time = _of_parts(found.groupdict(), name, month_first)
            if time is not None or name != "compact":
                return time
    if _NUMBER.fullmatch(text):
        return _of_number(float(text) if "." in text else int(text))
    return None


def _of_number(value: float) -> datetime | None:
    size = abs(value)
    if not size < 1e20:  # also infinity and not-a-number
        return None
    for bound, factor in SCALES:
        if size < bound:
            micros = int(value * factor) if isinstance(value, int) else round(value * factor)
            return _of_micros(micros)
    return _of_micros(int(value) // 1000)


def _of_micros(micros: int) -> datetime | None:
    if not -_LARGEST < micros < _LARGEST:
        return None
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None


def ambiguous(first: int, other: int) -> bool:
    """Tell whether two numbers of a slashed date could be day and month either way round."""
    return 1 <= first <= 12 and 1 <= other <= 12 and first != other


def _of_parts(parts: dict[str, str | None], name: str, month_first: bool | None) -> datetime | None:
    if name == "slashed":
        first, other = int(parts["first"] or 0), int(parts["other"] or 0)
        if month_first is None and not ambiguous(first, other):
            month_first = other > 12
        if month_first is None:
            return None
        month, day = (first, other) if month_first else (other, first)
    else:
        month, day = _month(parts), int(parts["day"] or 0)
    hour = _hour(int(parts.get("hour") or 0), parts.get("half"))
    part = int(((parts.get("part") or "") + "000000")[:6])
    try:
        time = datetime(
            int(parts["year"] or 0), month, day, hour, int(parts.get("minute") or 0),
            int(parts.get("second") or 0), part, tzinfo=UTC,
        )  # fmt: skip
        return time - timedelta(minutes=zone_minutes(parts.get("zone")))
    except (ValueError, OverflowError):
        return None


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("name")
    if name is None:
        return int(parts["month"] or 0)
    return MONTHS.index(name.lower()) + 1 if name.lower() in MONTHS else 0


def _hour(hour: int, half: str | None) -> int:
    """Return the hour of 24; an hour outside 1..12 beside AM or PM is none."""
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return 99
    return hour % 12 + (12 if half in "Pp" else 0)


def zone_minutes(zone: str | None) -> int:
    """Return a zone's offset from UTC in minutes."""
    if not zone or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return -minutes if zone[0] == "-" else minutes
