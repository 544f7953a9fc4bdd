"""What every reader is: a format that recognises its files and turns them into events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

import pyarrow as pa

from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally


@dataclass(frozen=True)
class ReadOptions:
    """What the person said about the file.

    ``map`` is event field -> column, ``service`` overrides or supplies the service, ``now`` is the
    time of reading: events later than it by more than a day are refused as future. ``native`` asks
    for the service's own id of each row of a table as the attribute ``native``.
    """

    now: datetime
    service: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    batch_rows: int = 65_536
    native: bool = False


class Reader(ABC):
    """A file format.

    A reader streams: it never holds a whole file, and it hands out Arrow batches with the columns
    of `crossfix.events.SCHEMA`. It refuses a row through ``tally.skip`` and raises `FormatError`
    or `ColumnError` only when the file as a whole cannot be read.
    """

    name: ClassVar[str]
    """The name that ``--format`` takes."""

    @abstractmethod
    def recognises(self, source: Source) -> float:
        """Return how surely this file is of this format, from 0 to 1, from its name and head."""

    @abstractmethod
    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield the file's events as batches."""

    @abstractmethod
    def examples(self) -> list[tuple[str, bytes]]:
        """Return small files of this format (name, bytes), for tests and documentation."""
