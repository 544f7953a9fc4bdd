"""Counters within one process."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from threading import Lock
from typing import Self

from crossfix.store.counters.counters import MOST_MEMBERS


class ProcessCounters:
    """Counts in dictionaries, forgotten as ``clock`` (seconds) goes on; threads may share it.

    Memory is bounded by what is alive: each call also drops what has run out meanwhile.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._members: dict[str, dict[str, float]] = {}
        self._until: dict[str, float] = {}
        self._ends: list[tuple[float, bool, str]] = []

    def increase(self, key: str, *, by: int = 1, expires_seconds: float) -> int:
        """Add to a count and return what it is now."""
        with self._lock:
            now = self._swept()
            count, until = self._counts.get(key, (0, None))
            if until is None:
                until = now + expires_seconds
                heappush(self._ends, (until, False, key))
            self._counts[key] = (count + by, until)
            return count + by

    def get(self, key: str) -> int:
        """Return a count, 0 where there is none or it is forgotten."""
        with self._lock:
            self._swept()
            return self._counts.get(key, (0, 0.0))[0]

    def see(self, key: str, member: str, *, within_seconds: float) -> int:
        """Note that a member was seen now; return how many distinct ones were seen."""
        with self._lock:
            now = self._swept()
            if key not in self._until:
                heappush(self._ends, (now + within_seconds, True, key))
            self._until[key] = now + within_seconds
            members = self._members.setdefault(key, {})
            members.pop(member, None)  # so that a dictionary's order is the order of times
            members[member] = now
            _drop(members, now - within_seconds)
            return len(members)

    def distinct(self, key: str, *, within_seconds: float) -> int:
        """Return how many distinct members were seen within the time."""
        with self._lock:
            members = self._members.get(key, {})
            _drop(members, self._swept() - within_seconds)
            return len(members)

    def forget(self, *keys: str) -> None:
        """Forget everything about some keys."""
        with self._lock:
            for key in keys:
                self._counts.pop(key, None)
                self._members.pop(key, None)  # its end stays noted, and comes when it comes

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _swept(self) -> float:
        """Drop what has run out and return the time."""
        now = self._clock()
        while self._ends and self._ends[0][0] <= now:
            _, of_members, key = heappop(self._ends)
            if not of_members:
                count = self._counts.get(key)
                if count is not None and count[1] <= now:
                    del self._counts[key]
            elif (until := self._until.get(key)) is not None:
                if until <= now:
                    del self._until[key]
                    self._members.pop(key, None)
                else:  # seen again since: it comes back here later
                    heappush(self._ends, (until, True, key))
        return now


def _drop(members: dict[str, float], before: float) -> None:
    while members:
        oldest = next(iter(members))
        if members[oldest] > before and len(members) <= MOST_MEMBERS:
            break
        del members[oldest]
