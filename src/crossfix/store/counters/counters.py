"""What every set of counters is."""

from __future__ import annotations

from typing import Protocol, Self

MOST_MEMBERS = 10_000
"""How many distinct members a key holds at most: an adversary can make up any number of them."""


class Counters(Protocol):
    """Counts by key, each of which is forgotten when its time is over.

    Every method is one round trip to a server at most, and happens whole: two callers at once
    never lose a count. A method raises `StoreError` where the server does not answer.
    """

    def increase(self, key: str, *, by: int = 1, expires_seconds: float) -> int:
        """Add to a count and return what it is now.

        A count lives ``expires_seconds`` from its first increase on; later ones do not prolong it.
        """

    def get(self, key: str) -> int:
        """Return a count, 0 where there is none or it is forgotten."""

    def see(self, key: str, member: str, *, within_seconds: float) -> int:
        """Note that a member was seen now; return how many distinct ones were seen within the time.

        Beyond `MOST_MEMBERS` the ones seen longest ago are forgotten. A key is always used with
        the same ``within_seconds``.
        """

    def distinct(self, key: str, *, within_seconds: float) -> int:
        """Return how many distinct members were seen within the time."""

    def forget(self, *keys: str) -> None:
        """Forget everything about some keys."""

    def close(self) -> None:
        """Let go of connections."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...
