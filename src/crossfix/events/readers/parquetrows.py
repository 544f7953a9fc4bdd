"""Tables as Parquet, read row group by row group."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crossfix.errors import FormatError
from crossfix.events.readers.rows import WIDEST, Rows
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

MAGIC = b"PAR1"
_BROKEN = (pa.ArrowException, OSError, ValueError, NotImplementedError, MemoryError, RuntimeError)


class ParquetRows:
    """Reads Parquet; the footer stands at the end, so what streams is spilled to disk first."""

    def columns(self, source: Source) -> list[str] | None:
        """Return the column names if the file opens as Parquet does."""
        if not source.head.startswith(MAGIC):
            return None
        try:
            with source.seekable() as file:
                return [str(name) for name in pq.ParquetFile(file).schema_arrow.names]
        except _BROKEN:
            return []

    def rows(self, source: Source, tally: Tally, batch_rows: int) -> Iterator[Rows]:
        """Yield the rows; damage in the middle ends the file with a note."""
        with source.seekable(tally) as file:
            try:
                opened = pq.ParquetFile(file)
            except _BROKEN as broken:
                raise FormatError(f"the Parquet file is damaged ({_short(broken)})",
                                  path=source.path) from None  # fmt: skip
            if len(opened.schema_arrow.names) > WIDEST:
                raise FormatError(f"the table has more than {WIDEST:,} columns", path=source.path)
            batches = opened.iter_batches(batch_size=batch_rows, use_threads=False)
            start = 1
            while True:
                try:
                    batch = next(batches, None)
                except _BROKEN as broken:
                    tally.note(f"file is damaged after row {start - 1:,} ({_short(broken)})")
                    return
                if batch is None:
                    return
                numbers = np.arange(start, start + batch.num_rows, dtype=np.int64)
                start += batch.num_rows
                source.consumed = (source.size or 0) * start // (opened.metadata.num_rows + 1)
                columns = zip(batch.schema.names, batch.columns, strict=True)
                if batch.num_rows:
                    yield Rows(numbers, {str(name): _plain(column) for name, column in columns})


def _plain(column: pa.Array) -> pa.Array:
    """Return a column without dictionaries and with ordinary strings, valid in UTF-8."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    if pa.types.is_large_string(column.type) or pa.types.is_string(column.type):
        column = column.cast(pa.string())
        try:
            column.validate(full=True)  # Parquet does not promise that text is UTF-8
        except pa.ArrowInvalid:
            raw = column.cast(pa.binary()).to_pylist()
            column = pa.array([None if v is None else v.decode("utf-8", "replace") for v in raw])
    return column


def _short(broken: BaseException) -> str:
    return str(broken).split("\n", 1)[0][:200]
