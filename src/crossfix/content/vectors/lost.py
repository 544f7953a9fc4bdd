"""What a damaged index no longer has, and what it can be built from again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lost:
    """Rows that are gone: at most how many, and between which numbers and times (both included).

    ``rows`` is None where even that is unknown, for then everything is gone.
    """

    rows: int | None
    first: int
    last: int
    since: int
    until: int


EVERYTHING = Lost(None, -(2**63), 2**63 - 1, -(2**63), 2**63 - 1)
