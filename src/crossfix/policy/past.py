"""Past events in the order in which they were received, as life had them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.event import SCHEMA, Event, from_batch

ROWS = 10_000


def in_order(
    batches: Iterable[pa.RecordBatch],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[int, Iterator[Event]]:
    """Return how many events there are, and the events by (received, time, id).

    ``since`` and ``until`` bound when they were received, the first included, the second not. The
    columns are held in memory, the events are made a few at a time.
    """
    kept = [_between(batch, since, until) for batch in batches]
    table = pa.Table.from_batches([b for b in kept if b.num_rows], schema=SCHEMA)
    keys = [(name, "ascending") for name in ("received", "time", "id")]
    order = pc.sort_indices(table.select(["received", "time", "id"]), sort_keys=keys)
    return table.num_rows, _events(table, order)


def _between(
    batch: pa.RecordBatch, since: datetime | None, until: datetime | None
) -> pa.RecordBatch:
    received = batch["received"]
    if since is not None:
        batch = batch.filter(pc.greater_equal(received, pa.scalar(since, received.type)))
        received = batch["received"]
    if until is not None:
        batch = batch.filter(pc.less(received, pa.scalar(until, received.type)))
    return batch.select(SCHEMA.names).cast(SCHEMA)


def _events(table: pa.Table, order: pa.Array) -> Iterator[Event]:
    for start in range(0, len(order), ROWS):
        yield from from_batch(table.take(order.slice(start, ROWS)))
