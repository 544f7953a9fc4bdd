"""What every event log is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from crossfix.events import Event

BATCH_ROWS = 65_536

Mark = tuple[int, int]
"""A place in the order of arrival; what the numbers mean is each log's own affair."""

Wanted = Callable[["pa.Array"], "NDArray[np.bool_]"]
"""Tells of ids which events are wanted."""


class EventLog(Protocol):
    """Keeps events, each once, and hands them out in the order of time.

    An instance belongs to one thread; several processes may hold a log of the same place. Every
    method raises `StoreError` where the database or the disk refuses.
    """

    def append(self, events: pa.RecordBatch | pa.Table) -> int:
        """Keep the events that are not yet here and return how many they were.

        The events (columns of `crossfix.events.SCHEMA`) are durable when this returns. An event
        is known by its ``id``: of two with one id the first stays, so that reading the same file
        twice changes nothing.
        """

    def append_events(self, events: Sequence[Event]) -> int:
        """Keep a few events, as `append` does, at the least cost; for events that come one by one.

        Where the log is opened with ``power_safe=False``, what is kept survives the end of the
        process at any moment, and a loss of power may take the last of it.
        """

    def known(self, ids: Sequence[str]) -> set[str]:
        """Return those of these ids whose events are here."""

    def read(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        services: Collection[str] | None = None,
        columns: Sequence[str] | None = None,
        batch_rows: int = BATCH_ROWS,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the events by (time, id), as they were when the reading began.

        Args:
            since, until: bounds of ``time``, the first included, the second not.
            services: the services that are wanted, all of them without it.
            columns: the columns that are wanted, in this order, all of them without it.
            batch_rows: how many rows a batch has at most.
        """

    def arrived(
        self,
        mark: Mark | None,
        *,
        received: datetime | None = None,
        most: int | None = None,
        wanted: Wanted | None = None,
    ) -> tuple[Iterator[pa.RecordBatch], Mark]:
        """Return what has come into the log since a mark, and the mark to ask with the next time.

        Every event is returned once at least, in no order; one that moved to another place
        meanwhile may be returned again, so that who asks must know events by their ids. Without a
        mark these are the events with a ``received`` from then on, all of them without that, and
        about the latest ``most`` at least. Batches are read as they are taken; where an event may
        come again, ``wanted`` is asked first which of so many ids to read.
        """

    def count(self) -> int:
        """Return the number of events."""

    def seal(self) -> int:
        """Move what is in the live part to its lasting form and return how many rows moved."""

    def forget_texts(self, *, before: datetime | None = None, account: str | None = None) -> int:
        """Remove the texts of events before a moment, or of an account; return of how many.

        What is left of them says when something was done, not what. With both, both must hold.
        """

    def close(self) -> None:
        """Let go of files and connections."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...
