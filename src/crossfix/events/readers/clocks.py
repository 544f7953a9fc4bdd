"""A day in one column and the time of the day in another, as spreadsheets often have it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.readers.columns import FIELDS, normal

_NAMES = frozenset(FIELDS["time"]) | {"day", "clock", "hour", "time_of_day"}
_CLOCK = r"^ *[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)? *$"
_DAY = (
    r"^ *(?:[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"
    r"|[0-9]{1,2}[ -][A-Za-z]{3,9}[ -][0-9]{4}"
    r"|[A-Za-z]{3,9}\.? [0-9]{1,2},? [0-9]{4}) *$"
)
_DAY_LONG = 24 * 3600 * 1_000_000


def split_time(columns: Mapping[str, pa.Array], time: str) -> tuple[str, str] | None:
    """Return the columns of the days and of the clock, if ``time`` is one and another the other.

    Both have to be named as times are, and every value has to be one.
    """
    named = [name for name in columns if normal(name) in _NAMES and name != time]
    if is_clock(columns[time]):
        days = [name for name in named if is_day(columns[name])]
        return (days[0], time) if days else None
    if is_day(columns[time]):
        clocks = [name for name in named if is_clock(columns[name])]
        return (time, clocks[0]) if clocks else None
    return None


def whole_time(columns: Mapping[str, pa.Array], time: str) -> str:
    """Return the column to take for the time, where that of its name is but a clock."""
    if not is_clock(columns[time]):
        return time
    named = (name for name in columns if normal(name) in FIELDS["time"])
    return next((name for name in named if not is_clock(columns[name])), time)


def joined(days: pa.Array, clock: pa.Array) -> pa.Array:
    """Return both in one text, as `crossfix.events.readers.times` reads it; null without a day."""
    clock = pc.fill_null(_text(clock), "")
    both = pc.binary_join_element_wise(pc.utf8_trim_whitespace(_day(days)), clock, " ")
    return pc.utf8_trim_whitespace(both)


def is_clock(column: pa.Array) -> bool:
    """Tell whether all values are times of a day, without the day."""
    if pa.types.is_time(column.type):
        return int(column.null_count) < len(column)
    return _all(column, _CLOCK)


def is_day(column: pa.Array) -> bool:
    """Tell whether all values are days without a time, or have midnight for it."""
    if pa.types.is_date(column.type):
        return int(column.null_count) < len(column)
    if pa.types.is_timestamp(column.type):
        micros = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False).cast(pa.int64())
        left = pc.subtract(micros, pc.multiply(pc.divide(micros, _DAY_LONG), _DAY_LONG))
        return int(column.null_count) < len(column) and bool(pc.all(pc.equal(left, 0)).as_py())
    return _all(column, _DAY)


def _all(column: pa.Array, form: str) -> bool:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return False
    said = column.filter(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(column), ""), False))
    return bool(len(said) > 0 and pc.all(pc.match_substring_regex(said, form)).as_py())


def _day(column: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(_text(column), 0, 10) if _dated(column) else _text(column)


def _dated(column: pa.Array) -> bool:
    return bool(pa.types.is_timestamp(column.type) or pa.types.is_date(column.type))


def _text(column: pa.Array) -> pa.Array:
    return column.cast(pa.string())
