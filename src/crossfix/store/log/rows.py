"""Events as rows of a database table, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.errors import ColumnError
from crossfix.events import SCHEMA, Event
from crossfix.store.log.event_log import Wanted

_lists = msgspec.json.Decoder(list[str]).decode
_pairs = msgspec.json.Decoder(list[tuple[str, str]]).decode

COLUMNS: tuple[str, ...] = tuple(SCHEMA.names)
TIMES = ("time", "received")
LISTS = ("urls", "hashtags", "mentions", "media")


def as_table(events: pa.RecordBatch | pa.Table) -> pa.Table:
    """Return events as a table with exactly the columns of `SCHEMA`.

    Raises:
        ColumnError: a column is missing or of another type.
    """
    table = pa.Table.from_batches([events]) if isinstance(events, pa.RecordBatch) else events
    missing = [name for name in COLUMNS if name not in table.schema.names]
    if missing:
        raise ColumnError(f"Events lack the columns {', '.join(missing)}.")
    try:
        return table.select(COLUMNS).cast(SCHEMA)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as e:
        raise ColumnError(f"Events have columns of a wrong type: {e}") from e


def first_of_each_id(table: pa.Table) -> pa.Table:
    """Return the table without rows whose id an earlier row has."""
    codes = table["id"].combine_chunks().dictionary_encode()
    if len(codes.dictionary) == table.num_rows:
        return table
    _, firsts = np.unique(codes.indices.to_numpy(), return_index=True)
    return table.take(pa.array(np.sort(firsts)))


def without(table: pa.Table, known: list[str]) -> pa.Table:
    """Return the table without the rows that have one of the ids."""
    if not known:
        return table
    return table.filter(pc.invert(pc.is_in(table["id"], value_set=pa.array(known, pa.string()))))


def chosen(batch: pa.RecordBatch, wanted: Wanted | None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a batch whose ids are wanted, if there are any."""
    if wanted is not None:
        batch = batch.filter(pa.array(wanted(batch.column("id"))))
    if batch.num_rows:
        yield batch


def by_time(table: pa.Table) -> pa.Table:
    """Return the rows in the order of (time, id)."""
    return table.sort_by([("time", "ascending"), ("id", "ascending")])


def to_rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Yield a tuple a row: times as UTC microseconds, lists and attributes as JSON."""
    columns = []
    for name in COLUMNS:
        column = table[name].combine_chunks()
        if name in TIMES:
            columns.append(column.cast(pa.int64()).to_pylist())
        elif name in LISTS or name == "attributes":
            columns.append([_json(v) for v in column.to_pylist()])
        else:
            columns.append(column.to_pylist())
    return zip(*columns, strict=True)


def row_of(event: Event) -> tuple[Any, ...]:
    """Return what `to_rows` yields for an event, without going through columns."""
    return (
        event.id, microseconds(event.time), microseconds(event.received), event.service,
        event.surface, event.account, event.action, event.conversation, event.text,
        event.language, _json(event.urls), _json(event.hashtags), _json(event.mentions),
        _json(event.media), event.target, event.parent,
        _json(list(event.attributes.items())),
    )  # fmt: skip


def from_rows(rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    """Turn the tuples of `to_rows` back into a table."""
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    arrays = []
    for field, values in zip(SCHEMA, columns, strict=True):
        if field.name in TIMES:
            arrays.append(pa.array(values, pa.int64()).cast(field.type))
        elif field.name in LISTS:
            arrays.append(pa.array([_lists(v) if v != "[]" else [] for v in values], field.type))
        elif field.name == "attributes":
            arrays.append(pa.array([_pairs(v) if v != "[]" else [] for v in values], field.type))
        else:
            arrays.append(pa.array(values, field.type))
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def microseconds(time: datetime) -> int:
    """Return a moment as UTC microseconds, exactly; one without a zone is taken as UTC."""
    moment = time if time.tzinfo else time.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _json(value: Any) -> str:
    return "[]" if not value else msgspec.json.encode(value).decode()
