"""What every limiter is: several limits asked at once, all of which allow or none is charged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

How = Literal["rate", "first", "lease"]

KNOWN_SECONDS = 86_400.0
"""How long a member that was counted by a ``first`` is not counted again."""

MOST_DEBT_SECONDS = 86_400.0
"""How long a key can be kept busy at most by what was used beyond its limit."""


class Ask(msgspec.Struct, frozen=True, gc=False):
    """One limit as one request meets it.

    A ``rate`` gives ``limit`` units that come back evenly within ``period_seconds`` (GCRA) and
    takes ``cost`` of them. A ``first`` is a rate that charges each ``member`` once. A ``lease``
    counts members that hold one at a time, each until it is released or ``period_seconds`` are
    over. A cost beyond the limit is charged as the limit, for what never fits would never pass.
    ``settles`` says that what is used becomes known in the end, and is then charged.
    """

    key: str
    limit: int
    period_seconds: float
    cost: int = 1
    how: How = "rate"
    member: str | None = None
    settles: bool = False


class LimitAnswer(msgspec.Struct, frozen=True, gc=False):
    """How a limit stands after it was asked.

    ``retry_seconds`` is 0 where it allows, else the time after which it would. ``reset_seconds``
    is the time until it is whole again.
    """

    ask: Ask
    remaining: int
    reset_seconds: float
    retry_seconds: float = 0.0


class LimitAnswers(msgspec.Struct, frozen=True, gc=False):
    """What the limits of one request answered, in the order in which they were asked.

    ``degraded`` says that they were asked in this process alone, because what is shared with other
    processes did not answer.
    """

    answers: tuple[LimitAnswer, ...] = ()
    degraded: bool = False

    @property
    def allowed(self) -> bool:
        """Whether every limit allows."""
        return not any(a.retry_seconds for a in self.answers)


class Limiter(Protocol):
    """Limits by key. Methods raise `StoreError` where a server does not answer."""

    def take(self, asks: Sequence[Ask], now: float) -> LimitAnswers:
        """Ask limits and charge all of them, or none where one refuses.

        ``now`` is in seconds since 1970 UTC; a server uses its own clock instead.
        """

    def settle(self, changes: Sequence[tuple[Ask, int]], now: float) -> None:
        """Charge rates what was used in the end, given with the ask that was charged before."""

    def release(self, leases: Sequence[Ask], now: float) -> None:
        """Give leases back; other asks are passed over."""
