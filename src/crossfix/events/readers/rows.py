"""Rows of a table as they come out of a file, before anybody knows what the columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crossfix.events.readers.batches import shown
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

WIDEST = 2_000
"""A table with more columns than this is refused or, in JSON, cut."""


@dataclass(frozen=True)
class Rows:
    """Some rows of a table: columns of equal length, and each row's number in the file from 1."""

    numbers: npt.NDArray[np.int64]
    columns: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.numbers)

    def show(self, index: int) -> str:
        """Return a row as text for the side file."""
        row = {name: column[index].as_py() for name, column in self.columns.items()}
        return shown({name: value for name, value in row.items() if value is not None})

    def take(self, kept: npt.NDArray[np.bool_]) -> Rows:
        """Return the rows where ``kept`` is true."""
        mask = pa.array(kept)
        columns = {name: column.filter(mask) for name, column in self.columns.items()}
        return Rows(self.numbers[kept], columns)


class Carrier(Protocol):
    """A way to keep a table in a file: delimited text, JSON, Parquet, a spreadsheet."""

    def columns(self, source: Source) -> list[str] | None:
        """Return the column names if the source is such a file, from its first bytes."""

    def rows(self, source: Source, tally: Tally, batch_rows: int) -> Iterator[Rows]:
        """Yield the rows; what is none is refused through the tally."""
