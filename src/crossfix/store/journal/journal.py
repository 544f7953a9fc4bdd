"""What every journal is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Self

from crossfix.errors import StoreError
from crossfix.store.journal.chain import (
    START,
    Broken,
    Entry,
    Head,
    Row,
    body,
    entry,
    link,
    verified,
)

FORMAT = 1
"""The format of the tables, in every database."""


class Journal(ABC):
    """An append-only list of entries, each chained to the one before by its hash.

    Several processes may append at once; an instance belongs to one thread. Methods raise
    `StoreError` where the database refuses. A database says how rows are kept, in the five
    methods at the end.
    """

    def append(
        self,
        *,
        who: str,
        what: str,
        why: str,
        now: datetime,
        details: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Write down what somebody did; it is durable when this returns.

        Raises:
            ValueError: ``now`` has no time zone, or JSON cannot hold the details.
        """
        with self._writing():
            last = self._last()
            number, previous = (last.number + 1, last.hash) if last else (1, START)
            text = body(number, who, now, what, why, details or {})
            row = (number, text, link(previous, text))
            self._insert(row)
        return entry(row)

    def read(self, *, after: int = 0) -> Iterator[Entry]:
        """Yield the entries with a greater number than ``after``, in order."""
        return map(entry, self._rows(after))

    def head(self) -> Head | None:
        """Return the last entry's number and hash, or nothing where there is no entry."""
        return self._last()

    def verify(self, head: Head | None = None) -> Broken | None:
        """Return the first entry that is not as it was written, or nothing where all are.

        A journal that was cut off at its end is found out only by a ``head`` kept elsewhere.
        """
        return verified(self._rows(None), head)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[None]:
        """Hold the journal for one writer; what was written is durable, or nothing is."""

    @abstractmethod
    def _last(self) -> Head | None:
        """Return the last entry's number and hash."""

    @abstractmethod
    def _insert(self, row: Row) -> None:
        """Write a row, inside `_writing`."""

    @abstractmethod
    def _rows(self, after: int | None) -> Iterator[Row]:
        """Yield the rows with a greater number, in order; None stands for all there are."""


def known(version: int, path: str | None = None) -> None:
    """Raise `StoreError` where a newer crossfix made the journal."""
    if version > FORMAT:
        raise StoreError(
            f"The journal has format {version}; this crossfix knows {FORMAT}.",
            path=path,
            hint="Use the newer crossfix that made it.",
        )
