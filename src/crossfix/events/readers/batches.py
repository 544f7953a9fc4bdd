"""From events made one by one to Arrow batches, with the checks that every reader owes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pyarrow as pa

from crossfix.events.event import Event, to_batch
from crossfix.events.readers.lines import SHOWN_BYTES
from crossfix.events.readers.reader import ReadOptions
from crossfix.events.readers.tally import Tally

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = timedelta(days=1)
"""How far after the time of reading an event may lie (clocks differ)."""

NO_ACCOUNT = "no account"
NO_TIME = "no time"
BAD_TIME = "time is not readable"
OLD_TIME = "time is before 1990"
FUTURE_TIME = "time is in the future"


def refusal_of_time(time: datetime, now: datetime) -> str | None:
    """Return why an event of this time is refused, or None."""
    if time < EARLIEST:
        return OLD_TIME
    return FUTURE_TIME if time > now + LATEST else None


def refusal(event: Event, now: datetime) -> str | None:
    """Return why this event is refused, or None."""
    _, _, native = event.account.partition(":")
    if not native:
        return NO_ACCOUNT
    return refusal_of_time(event.time, now)


def batches(
    events: Iterable[tuple[int, Event]], options: ReadOptions, tally: Tally
) -> Iterator[pa.RecordBatch]:
    """Yield (row number, event) pairs as batches of ``options.batch_rows``, counting them.

    Events without account, before 1990 or in the future are refused; text that UTF-8 cannot carry
    (lone surrogates) is replaced by ``?``.
    """
    held: list[Event] = []
    for number, event in events:
        if reason := refusal(event, options.now):
            tally.skip(reason, number, shown(event))
            continue
        held.append(event)
        if len(held) >= options.batch_rows:
            yield _counted(held, tally)
            held = []
    if held:
        yield _counted(held, tally)


def _counted(events: list[Event], tally: Tally) -> pa.RecordBatch:
    try:
        batch = to_batch(events)
    except UnicodeEncodeError:
        batch = to_batch(_printable(event) for event in events)
    tally.read += batch.num_rows
    return batch


def shown(row: object) -> str:
    """Return a row as text for the side file, at most 2 KiB of it."""
    if isinstance(row, bytes):
        return row[:SHOWN_BYTES].decode("utf-8", "replace")
    if isinstance(row, str):
        return row[:SHOWN_BYTES]
    try:
        return msgspec.json.encode(row, enc_hook=str)[:SHOWN_BYTES].decode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError):
        return repr(row)[:SHOWN_BYTES]


def _printable(event: Event) -> Event:
    return msgspec.structs.replace(
        event, **{name: _clean(getattr(event, name)) for name in event.__struct_fields__}
    )


def _clean(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, tuple):
        return tuple(_clean(part) for part in value)
    if isinstance(value, dict):
        return {_clean(key): _clean(part) for key, part in value.items()}
    return value
