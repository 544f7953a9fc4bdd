"""Columns of times, read all at once; `crossfix.events.readers.times` is the plain definition."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.readers.batches import (
    BAD_TIME,
    EARLIEST,
    FUTURE_TIME,
    LATEST,
    NO_TIME,
    OLD_TIME,
)
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.times import (
    EPOCH,
    LONGEST,
    NUMBER,
    PATTERNS,
    SCALES,
    ambiguous,
    parse_time,
)

Micros = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NONE = np.iinfo(np.int64).min
"""Stands for a time that could not be read."""

_UTC = pa.timestamp("us", tz="UTC")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
# The two forms that Arrow itself reads, and quickly.
_BARE = rf"^{_DATE}(?:[ T]{_CLOCK})?$"
_ZONED = rf"^{_DATE}[ T]{_CLOCK}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})$"
_TWITTER = dict(PATTERNS)["twitter"]
_SLASHED = dict(PATTERNS)["slashed"]
_MONTHS = pa.array(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                    "dec"])  # fmt: skip


class TimeColumn:
    """Reads the times of one file batch by batch, and remembers what it decided about them.

    Slashed dates (``8/9/2021``) are read in the order that the first rows prove; where none proves
    one, the month comes first, and the tally says so. Rows that contradict are refused.
    """

    def __init__(self, now: datetime, tally: Tally) -> None:
        self._earliest = _micros(EARLIEST)
        self._latest = _micros(now + LATEST)
        self._tally = tally
        self._month_first: bool | None = None

    def read(self, column: pa.Array) -> tuple[pa.Array, dict[str, Mask]]:
        """Return the times (UTC, microseconds; null where refused) and who is refused, by reason.

        Args:
            column: text, numbers since 1970, timestamps or dates.
        """
        missing = np.asarray(pc.is_null(column))
        micros = self._read(column)
        bad = (micros == NONE) & ~missing
        old = (micros < self._earliest) & ~bad & ~missing
        late = (micros > self._latest) & ~missing
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            blank = np.asarray(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), False))
            missing, bad = missing | blank, bad & ~blank
        refused = missing | bad | old | late
        times = pa.array(micros, mask=refused, type=pa.int64()).cast(_UTC)
        reasons = {NO_TIME: missing, BAD_TIME: bad, OLD_TIME: old, FUTURE_TIME: late}
        return times, {reason: mask for reason, mask in reasons.items() if mask.any()}

    def _read(self, column: pa.Array) -> Micros:
        kind = column.type
        if pa.types.is_dictionary(kind):
            return self._read(column.cast(kind.value_type))
        if pa.types.is_timestamp(kind):
            if kind.tz is None:
                self._tally.note("times without a zone were read as UTC")
            return _filled(column.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(pa.int64()))
        if pa.types.is_date(kind):
            return _filled(column.cast(pa.timestamp("us")).cast(pa.int64()))
        if pa.types.is_integer(kind):
            return of_integers(column)
        if pa.types.is_floating(kind):
            return of_floats(column)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return self._of_text(column.cast(pa.string()))
        return np.full(len(column), NONE)

    def _of_text(self, column: pa.Array) -> Micros:
        for form, kind in ((_BARE, pa.timestamp("us")), (_ZONED, _UTC)):
            if pc.all(pc.match_substring_regex(column, form), min_count=0).as_py():
                try:
                    return _filled(column.cast(kind).cast(pa.int64()))
                except pa.ArrowInvalid:  # a 30th of February somewhere
                    break
        if pc.all(pc.match_substring_regex(column, f"^{NUMBER}$"), min_count=0).as_py():
            whole = pc.match_substring_regex(column, "^-?[0-9]{9,18}$")  # no compact dates
            if pc.all(whole, min_count=0).as_py() and not _any(column, "^[12][0-9]{13}$"):
                return of_integers(column.cast(pa.int64()))
        if pc.all(pc.match_substring_regex(column, f"^{_TWITTER}$"), min_count=0).as_py():
            return of_twitter(column)
        return self._one_by_one(column)

    def _one_by_one(self, column: pa.Array) -> Micros:
        """Read each distinct text once; columns of mixed forms come here."""
        coded = column.dictionary_encode()
        words = coded.dictionary.to_pylist()
        self._decide(words)
        read = np.full(len(words) + 1, NONE)
        for index, word in enumerate(words):
            time = parse_time(word, month_first=self._month_first)
            if time is not None:
                read[index] = _micros(time)
        codes = pc.fill_null(coded.indices, len(words)).to_numpy(zero_copy_only=False)
        micros: Micros = read[codes]
        return micros

    def _decide(self, words: list[str]) -> None:
        if self._month_first is not None:
            return
        pattern = re.compile(_SLASHED)
        unclear = 0
        for word in words:
            if len(word) > LONGEST or not (found := pattern.fullmatch(word.strip())):
                continue
            first, other = int(found["first"]), int(found["other"])
            if first > 12 >= other or other > 12 >= first:
                self._month_first = other > 12
                order = "month/day" if self._month_first else "day/month"
                self._tally.note(f"dates such as {word.strip()!r} were read as {order}")
                return
            unclear += ambiguous(first, other)
        if unclear:
            self._month_first = True
            self._tally.note(
                "no date tells whether the day or the month comes first: read as month/day"
            )


def _any(column: pa.Array, form: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(column, form)).as_py())


def _micros(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1)


def _filled(column: pa.Array) -> Micros:
    filled: Micros = pc.fill_null(column, NONE).to_numpy(zero_copy_only=False)
    return filled


def of_integers(column: pa.Array) -> Micros:
    """Return microseconds of whole numbers since 1970, told apart by size."""
    values = column.cast(pa.int64(), safe=False)
    numbers = _filled(values)
    size = np.abs(np.where(numbers == NONE, 0, numbers))
    micros = numbers // 1000  # nanoseconds
    for bound, factor in reversed(SCALES):
        micros = np.where(size < bound, np.where(size < bound, numbers, 0) * factor, micros)
    return np.where((numbers == NONE) | np.asarray(pc.is_null(column)), NONE, micros)


def of_floats(column: pa.Array) -> Micros:
    """Return microseconds of numbers since 1970 with fractions, told apart by size."""
    values = pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)
    fit = np.isfinite(values) & (np.abs(values) < 9.2e18)
    numbers = np.where(fit, values, 0.0)
    size = np.abs(numbers)
    micros = np.trunc(numbers).astype(np.int64) // 1000
    for bound, factor in reversed(SCALES):
        part = np.where(size < bound, numbers, 0.0) * factor
        micros = np.where(size < bound, np.rint(part).astype(np.int64), micros)
    return np.where(fit, micros, NONE)


def of_twitter(column: pa.Array) -> Micros:
    """Return microseconds of times such as ``Wed Oct 10 20:19:24 +0000 2018``."""
    parts = pc.extract_regex(column, f"^{_TWITTER}$")

    def number(name: str) -> Micros:
        text = parts.field(name)
        return _filled(pc.if_else(pc.equal(text, ""), "0", text).cast(pa.int64()))

    months = _filled(pc.index_in(pc.utf8_lower(parts.field("name")), _MONTHS).cast(pa.int64()))
    hour, minute, second = number("hour"), number("minute"), number("second")
    fraction = _filled(
        pc.utf8_slice_codeunits(pc.utf8_rpad(parts.field("part"), 6, "0"), 0, 6).cast(pa.int64())
    )
    zone = parts.field("zone")
    signed = pc.starts_with(pc.fill_null(zone, "+"), "+")
    digits = pc.replace_substring_regex(zone, "[^0-9]", "")
    offset = _filled(pc.utf8_rpad(digits, 4, "0").cast(pa.int64()))
    minutes = (offset // 100 * 60 + offset % 100) * np.where(np.asarray(signed), 1, -1)
    years, days = number("year"), number("day")
    nulls = np.asarray(pc.is_null(column))
    fit = ~nulls & (months >= 0) & (years >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    start = (np.where(fit, years, 1970) - 1970) * 12 + np.where(fit, months, 0)
    first = start.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (start + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    fit &= (days >= 1) & (days <= after - first)
    seconds = (first + np.where(fit, days, 1) - 1) * 86400 + hour * 3600 + minute * 60 + second
    micros = (seconds - minutes * 60) * 1_000_000 + fraction
    return np.where(fit, micros, NONE)
