"""A reader of tables: any way to keep one, any tool's columns, turned into events by column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from weakref import WeakKeyDictionary

import pyarrow as pa

from crossfix.errors import FormatError
from crossfix.events.readers.columns import Layout
from crossfix.events.readers.conversion import Conversion
from crossfix.events.readers.delimited import Delimited
from crossfix.events.readers.jsonrows import JsonRows
from crossfix.events.readers.parquetrows import ParquetRows
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.rows import Carrier, Rows
from crossfix.events.readers.sheets import Sheets
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

PARQUET: Carrier = ParquetRows()
SHEETS: Carrier = Sheets()
JSON: Carrier = JsonRows()
DELIMITED: Carrier = Delimited()
CARRIERS = (PARQUET, SHEETS, JSON, DELIMITED)

_seen: WeakKeyDictionary[Source, tuple[Carrier, list[str]] | None] = WeakKeyDictionary()


def table_in(source: Source) -> tuple[Carrier, list[str]] | None:
    """Return how the source keeps a table, and its columns; None if it is no table."""
    if source not in _seen:
        _seen[source] = _look(source)
    return _seen[source]


def _look(source: Source) -> tuple[Carrier, list[str]] | None:
    if source.directory or source.empty:
        return None
    for carrier in CARRIERS:
        columns = carrier.columns(source)
        if columns is not None:
            return carrier, columns
    return None


class TableReader(Reader):
    """A format that is a table with known columns, in whatever kind of file it came."""

    layout: ClassVar[Layout]
    sure: ClassVar[float] = 0.9

    def recognises(self, source: Source) -> float:
        """Return how surely the table's columns are those of this format."""
        table = table_in(source)
        return self.sure if table is not None and self.layout.fits(table[1]) else 0.0

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield the rows as events."""
        carrier = self._carrier(source)
        conversion = Conversion(self.layout, source, options, tally)
        parts = carrier.rows(source, tally, options.batch_rows)
        for rows in self.gathered(parts, tally, options.batch_rows):
            batch = conversion.events(self.prepared(rows))
            if batch is not None and batch.num_rows:
                tally.read += batch.num_rows
                yield batch

    def gathered(self, parts: Iterator[Rows], tally: Tally, batch_rows: int) -> Iterator[Rows]:
        """Return the rows of the whole file; formats with many rows an event gather them here."""
        return parts

    def prepared(self, rows: Rows) -> Rows:
        """Return the rows as the conversion is to see them; odd formats change columns here."""
        return rows

    def _carrier(self, source: Source) -> Carrier:
        table = table_in(source)
        if table is None:
            raise FormatError(f"this is no table, as {self.name} would be", path=source.path)
        return table[0]
