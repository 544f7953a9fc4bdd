"""Limits within one process: a theoretical arrival time a key, in a dictionary."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from crossfix.store.counters.limiter import (
    KNOWN_SECONDS,
    MOST_DEBT_SECONDS,
    Ask,
    LimitAnswer,
    LimitAnswers,
)

MOST_KEYS = 1_000_000
"""How many keys are held at most; beyond, those made longest ago are let go."""

# Doubles hold seconds since 1970 to a quarter of a microsecond.
_ROUNDING = 2e-6


class ProcessLimiter:
    """Limits of this process; an instance belongs to one thread.

    A key whose time is over is as one that was never seen. Each new key pays for looking at two
    others, so that memory follows what is alive without a pause to clean up.
    """

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        self._most = most_keys
        self._until: dict[str, float] = {}  # key -> its theoretical arrival time
        self._known: dict[str, float] = {}  # key and member -> when it is forgotten
        self._leases: dict[str, dict[str, float]] = {}  # key -> member -> when it ends
        self._rounds = tuple(deque[str]() for _ in range(3))
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._until) + len(self._known) + len(self._leases)

    def take(self, asks: Sequence[Ask], now: float) -> LimitAnswers:
        """Ask limits and charge all of them, or none where one refuses."""
        until = self._until
        answers: list[LimitAnswer] = []
        rates: dict[str, float] = {}
        others: list[tuple[Ask, float]] = []
        refused = False
        for ask in asks:
            if ask.how == "rate":  # written out here, for this is asked most
                key, period, limit, cost = ask.key, ask.period_seconds, ask.limit, ask.cost
                busy = until.get(key, now)
                end = (busy if busy > now else now) + (
                    cost if cost < limit else limit
                ) * period / limit
                left = now + period - end + _ROUNDING
                if left >= 0:
                    answers.append(LimitAnswer(ask, int(left * limit / period), end - now))
                    rates[key] = end
                    continue
                answer = self._refused(ask, -left, now)
            else:
                answer, end = self._other(ask, now)
                others.append((ask, end))
            if answer.retry_seconds:
                refused = True
            answers.append(answer)
        if refused:
            # Nothing is charged; who was refused by one limit is told how all stand.
            return LimitAnswers(
                tuple(a if a.retry_seconds else self._uncharged(a, now) for a in answers)
            )
        for key, end in rates.items():
            if key not in until:
                self._keep(0, key, now)
            until[key] = end
        for ask, end in others:
            if end:
                self._charge(ask, end, now)
        return LimitAnswers(tuple(answers))

    def settle(self, changes: Sequence[tuple[Ask, int]], now: float) -> None:
        """Charge rates what was used in the end."""
        for ask, used in changes:
            if ask.how == "rate":
                end = self._until.get(ask.key, now)
                more = (used - min(ask.cost, ask.limit)) * ask.period_seconds / ask.limit
                end = min(max(end, now) + more, now + ask.period_seconds + MOST_DEBT_SECONDS)
                if ask.key not in self._until:
                    self._keep(0, ask.key, now)
                self._until[ask.key] = end

    def release(self, leases: Sequence[Ask], now: float) -> None:
        """Give leases back."""
        for ask in leases:
            holders = self._leases.get(ask.key) if ask.how == "lease" else None
            if holders is not None:
                # The key itself goes when its turn to be looked at comes.
                holders.pop(ask.member or "", None)

    def _other(self, ask: Ask, now: float) -> tuple[LimitAnswer, float]:
        """Return how a lease or a first would be answered, and until when it is then charged."""
        if ask.how == "lease":
            holders = self._leases.get(ask.key, {})
            for member in [m for m, end in holders.items() if end <= now]:
                del holders[member]
            left = ask.limit - len(holders) - (ask.member not in holders)
            if left < 0:
                retry = max(_ROUNDING, min(holders.values()) - now)
                return LimitAnswer(ask, 0, retry, retry), 0.0
            return LimitAnswer(ask, left, ask.period_seconds), now + ask.period_seconds
        return self._first(ask, now)

    def _first(self, ask: Ask, now: float) -> tuple[LimitAnswer, float]:
        if self._known.get(_member(ask), 0.0) > now:
            return self._uncharged(LimitAnswer(ask, 0, 0.0), now), 0.0
        busy = max(now, self._until.get(ask.key, now))
        end = busy + min(ask.cost, ask.limit) * ask.period_seconds / ask.limit
        left = now + ask.period_seconds - end + _ROUNDING
        if left < 0:
            return self._refused(ask, -left, now), 0.0
        remaining = int(left * ask.limit / ask.period_seconds)
        return LimitAnswer(ask, remaining, end - now), end

    def _refused(self, ask: Ask, retry_seconds: float, now: float) -> LimitAnswer:
        standing = self._uncharged(LimitAnswer(ask, 0, 0.0), now)
        return LimitAnswer(ask, standing.remaining, standing.reset_seconds, retry_seconds)

    def _charge(self, ask: Ask, end: float, now: float) -> None:
        if ask.how == "lease":
            if ask.key not in self._leases:
                self._keep(2, ask.key, now)
            self._leases.setdefault(ask.key, {})[ask.member or ""] = end
            return
        if ask.key not in self._until:
            self._keep(0, ask.key, now)
        self._until[ask.key] = end
        if _member(ask) not in self._known:
            self._keep(1, _member(ask), now)
        self._known[_member(ask)] = now + max(KNOWN_SECONDS, ask.period_seconds)

    def _uncharged(self, answer: LimitAnswer, now: float) -> LimitAnswer:
        ask = answer.ask
        if ask.how == "lease":
            held = self._leases.get(ask.key, {})
            return LimitAnswer(ask, ask.limit - len(held), answer.reset_seconds)
        busy = max(0.0, self._until.get(ask.key, now) - now)
        left = (ask.period_seconds - busy + _ROUNDING) * ask.limit / ask.period_seconds
        return LimitAnswer(ask, max(0, int(left)), busy)

    def _keep(self, which: int, key: str, now: float) -> None:
        """Note a new key, and look whether two that were noted before are over."""
        ring = self._rounds[which]
        for _ in range(min(2, len(ring))):
            old = ring.popleft()
            if self._is_over(which, old, now):
                continue
            if len(ring) >= self._most:
                self._drop(which, old)
                self.evicted += 1
            else:
                ring.append(old)
        ring.append(key)

    def _is_over(self, which: int, key: str, now: float) -> bool:
        if which == 2:
            holders = self._leases.get(key)
            if holders is not None and any(end > now for end in holders.values()):
                return False
        elif (self._until, self._known)[which].get(key, 0.0) > now:
            return False
        self._drop(which, key)
        return True

    def _drop(self, which: int, key: str) -> None:
        held: dict[str, float] | dict[str, dict[str, float]]
        held = (self._until, self._known, self._leases)[which]
        held.pop(key, None)


def _member(ask: Ask) -> str:
    return f"{ask.key}\x1f{ask.member}"
