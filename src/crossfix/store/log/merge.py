"""One stream in the order of time out of many that overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.store.log.rows import by_time


@dataclass
class Source:
    """Tables in the order of time, none of it before ``first`` (UTC microseconds)."""

    first: int
    open: Callable[[], Iterator[pa.Table]]


@dataclass
class _Open:
    tables: Iterator[pa.Table]
    held: pa.Table
    last: int | None
    """Time of the last row held; None when nothing follows it."""

    def more(self) -> None:
        following = next((t for t in self.tables if t.num_rows), None)
        if following is None:
            self.last = None
        else:
            self.held = (
                pa.concat_tables([self.held, following]) if self.held.num_rows else following
            )
            self.last = _times(self.held)[-1].as_py()


def merged(sources: Iterable[Source]) -> Iterator[pa.Table]:
    """Yield the rows of all sources by (time, id).

    At any moment a source holds one of its tables, and more only where a single moment fills
    several; a source is opened when the stream comes to its first row.
    """
    waiting = sorted(sources, key=lambda s: s.first, reverse=True)
    held: list[_Open] = []
    while waiting or held:
        bound = _bound(waiting, held)
        while waiting and (not held or bound is None or waiting[-1].first <= bound):
            held.extend(_opened(waiting.pop()))
            bound = _bound(waiting, held)
        ready = [rows for source in held if (rows := _split(source, bound)).num_rows]
        if ready:
            yield by_time(pa.concat_tables(ready))
        for source in held:
            if source.last is not None and (bound is None or source.last <= bound):
                source.more()
        held = [s for s in held if s.held.num_rows or s.last is not None]


def rebatched(tables: Iterable[pa.Table], batch_rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of tables as batches of ``batch_rows``, the last one smaller."""
    held: list[pa.Table] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        if rows >= batch_rows:
            whole = pa.concat_tables(held).combine_chunks()
            full = rows - rows % batch_rows
            yield from whole.slice(0, full).to_batches(max_chunksize=batch_rows)
            held, rows = [whole.slice(full)], rows - full
    if rows:
        yield from pa.concat_tables(held).combine_chunks().to_batches(max_chunksize=batch_rows)


def _opened(source: Source) -> list[_Open]:
    tables = source.open()
    first = next((t for t in tables if t.num_rows), None)
    return [] if first is None else [_Open(tables, first, _times(first)[-1].as_py())]


def _bound(waiting: list[Source], held: list[_Open]) -> int | None:
    """Return the time before which no unread row lies, None when all rows are read."""
    times = [s.last for s in held if s.last is not None]
    if waiting:
        times.append(waiting[-1].first)
    return min(times, default=None)


def _split(source: _Open, bound: int | None) -> pa.Table:
    rows = source.held.num_rows
    if bound is not None:
        rows = pc.sum(pc.less(_times(source.held), bound)).as_py() or 0
    ready = source.held.slice(0, rows)
    source.held = source.held.slice(rows)
    return ready


def _times(table: pa.Table) -> pa.ChunkedArray:
    return table["time"].cast(pa.int64())
