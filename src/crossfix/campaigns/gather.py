"""One pass over the events: traces, behaviour, and a place to look events up again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from crossfix.accounts.behaviour import Behaviour, BehaviourCollector
from crossfix.events import ACTIONS, SCHEMA
from crossfix.traces.extract import TraceCollector
from crossfix.traces.table import Traces

Ints = NDArray[np.int64]


class EventSpool:
    """Events of one input on disk, to be looked up by their row in reading order.

    The file is written once, a row group a batch, and read in pieces; memory holds one row group.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = pq.ParquetWriter(path, SCHEMA, compression="zstd", compression_level=1)
        self._starts: list[int] = [0]
        self._file: pq.ParquetFile | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Write the next batch."""
        if batch.num_rows:
            self._writer.write_batch(batch, row_group_size=batch.num_rows)
            self._starts.append(self._starts[-1] + batch.num_rows)

    def finish(self) -> None:
        """End writing; looking up begins."""
        self._writer.close()
        self._file = pq.ParquetFile(self._path)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._writer.close()

    def batches(
        self, columns: Sequence[str] | None = None, holding: Ints | None = None
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield all events once more as they were written: the first one's row, a batch.

        With ``holding`` (rows, ascending) only the batches in which one of these lies.
        """
        if self._file is None:
            raise RuntimeError("the spool is still being written")
        for number, (start, end) in enumerate(pairwise(self._starts)):
            if holding is not None:
                low, high = np.searchsorted(holding, [start, end])
                if low == high:
                    continue
            table = self._file.read_row_group(number, columns=columns)
            for batch in table.combine_chunks().to_batches():
                yield start, batch

    def rows(self, wanted: Ints) -> pa.Table:
        """Return the events of these rows (ascending, each once)."""
        if self._file is None:
            raise RuntimeError("the spool is still being written")
        starts = np.array(self._starts)
        group = np.searchsorted(starts, wanted, side="right") - 1
        pieces = [SCHEMA.empty_table()]
        for number in np.unique(group).tolist():
            table = self._file.read_row_group(number)
            pieces.append(table.take(pa.array(wanted[group == number] - starts[number])))
        return pa.concat_tables(pieces).combine_chunks()


@dataclass(frozen=True)
class Gathered:
    """What one pass over the events leaves.

    One entry an event, in reading order: ``times`` are UTC microseconds, ``owners`` codes of the
    accounts, ``first_seen`` is false where the event was read before (same id), ``actions`` are
    places in `crossfix.events.ACTIONS`.
    """

    traces: Traces
    behaviour: Behaviour
    spool: EventSpool
    times: Ints
    owners: NDArray[np.int32]
    first_seen: NDArray[np.bool_]
    actions: NDArray[np.int8]


def gather(batches: Iterable[pa.RecordBatch], workspace: Path) -> Gathered:
    """Read all events once; ``workspace`` is a folder for the spool."""
    traces, behaviour = TraceCollector(), BehaviourCollector()
    spool = EventSpool(workspace / "events.parquet")
    times: list[Ints] = []
    actions: list[NDArray[np.int8]] = []
    try:
        for batch in batches:
            traces.add(batch)
            behaviour.add(batch)
            spool.add(batch)
            times.append(batch.column("time").cast(pa.int64()).to_numpy(zero_copy_only=False))
            actions.append(_action_codes(batch.column("action")))
        spool.finish()
    except BaseException:
        spool.close()
        raise
    joined = np.concatenate(times) if times else np.empty(0, np.int64)
    owners, first_seen = traces.owners(), traces.first_seen()
    done = np.concatenate(actions) if actions else np.empty(0, np.int8)
    return Gathered(traces.finish(), behaviour.finish(), spool, joined, owners, first_seen, done)


def _action_codes(actions: pa.Array) -> NDArray[np.int8]:
    codes = pc.fill_null(pc.index_in(actions, pa.array(ACTIONS, pa.string())), -1)
    answer: NDArray[np.int8] = codes.to_numpy(zero_copy_only=False).astype(np.int8)
    return answer
