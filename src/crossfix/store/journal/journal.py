"""What every journal is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol, Self

from crossfix.store.journal.chain import Broken, Entry, Head


class Journal(Protocol):
    """An append-only list of entries, each chained to the one before by its hash.

    Several processes may append at once. Methods raise `StoreError` where the database refuses.
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

    def read(self, *, after: int = 0) -> Iterator[Entry]:
        """Yield the entries with a greater number than ``after``, in order."""

    def head(self) -> Head | None:
        """Return the last entry's number and hash, or nothing where there is no entry."""

    def verify(self, head: Head | None = None) -> Broken | None:
        """Return the first entry that is not as it was written, or nothing where all are.

        A journal that was cut off at its end is found out only by a ``head`` kept elsewhere.
        """

    def close(self) -> None:
        """Let go of the database."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...
