"""How accounts stand, held in memory: looked up at every request, renewed from the registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

import msgspec

from crossfix.accounts.standing import STATES, Standing, State, Tier

MOST_ACCOUNTS = 500_000
"""How many accounts are held; beyond, those seen first that nothing is said about are let go."""


class Standings:
    """Standings by account, as they are at the moment at which one asks.

    What has run out is left away: a state and a tier after their ends, each label after its own.
    An account that was never seen stands as one first seen now, and is kept so.
    """

    def __init__(self, most: int = MOST_ACCOUNTS) -> None:
        self._most = most
        # Account -> how it stands, until when that is so, and when its labels end.
        self._held: dict[str, tuple[Standing, float, Mapping[str, float]]] = {}
        self._said: set[str] = set()
        self._changed: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, account: str) -> bool:
        return account in self._held

    def says(self, account: str) -> bool:
        """Return whether anything was said of an account."""
        return account in self._said

    def get(self, account: str, now: float) -> Standing:
        """Return how an account stands now."""
        held = self._held.get(account)
        if held is None:
            standing = Standing(account=account, first=now)
            self._hold(standing, inf, {})
            return standing
        if now < held[1]:
            return held[0]
        standing, end = _at(held[0], held[2], now)
        self._held[account] = (standing, end, held[2])
        return standing

    def put(
        self, standing: Standing, now: float, labels_until: Mapping[str, float] | None = None
    ) -> None:
        """Hold how an account stands, instead of what was held.

        ``labels_until`` says when labels end (seconds since 1970 UTC); others stay.
        """
        ends = dict(labels_until or {})
        standing, end = _at(standing, ends, now)
        self._said.add(standing.account)
        self._hold(standing, end, ends)

    def mark(
        self,
        account: str,
        now: float,
        *,
        state: State | None = None,
        seconds: float | None = None,
        reason: str = "",
        labels: Mapping[str, float] | None = None,
        required: Tier | None = None,
        keep: bool = True,
    ) -> None:
        """Give an account a state for so many seconds, and labels, each for so many.

        A stronger state that it has stays, and so does the same one that ends later. ``required``
        is the tier that goes with ``challenged``, or ends ``limited``. What changes is noted for
        `changes`, unless somebody else is to ``keep`` it.
        """
        standing = self.get(account, now)
        given: dict[str, object] = {}
        if state is not None:
            until = None if seconds is None else now + seconds
            if _stronger(state, until, standing):
                given |= {"state": state, "state_until": until, "state_reason": reason}
                given["required"] = required or "anonymous"
        ends = dict(self._held[account][2])
        for label, lasts in (labels or {}).items():
            ends[label] = max(now + lasts, ends.get(label, 0.0))
        given["labels"] = tuple(dict.fromkeys((*standing.labels, *(labels or ()))))
        self.put(msgspec.structs.replace(standing, **given), now, ends)
        if keep:
            self._changed[account] = None

    def lift(self, account: str, tier: Tier, until: float | None, now: float) -> None:
        """Give an account a tier until a moment, as the registry has it; all else stays."""
        standing = self.get(account, now)
        new = msgspec.structs.replace(standing, tier=tier, tier_until=until)
        self.put(new, now, self._held[account][2])

    def states(self, now: float) -> dict[State, int]:
        """Return how many accounts are in each state that is not active."""
        counts: dict[State, int] = {}
        for account in tuple(self._said):
            if (state := self.get(account, now).state) != "active":
                counts[state] = counts.get(state, 0) + 1
        return counts

    def changes(self) -> list[tuple[Standing, dict[str, float]]]:
        """Return what was marked since the last call, with the ends of labels, to be kept."""
        changed, self._changed = self._changed, {}
        held = (self._held.get(account) for account in changed)
        return [(h[0], dict(h[2])) for h in held if h is not None]

    def first_seen(self, accounts: Iterable[tuple[str, float]]) -> None:
        """Hold since when accounts are known; what else is said about them stays."""
        for account, first in accounts:
            held = self._held.get(account)
            if held is None:
                self._hold(Standing(account=account, first=first), inf, {})
            elif first < held[0].first:
                known = msgspec.structs.replace(held[0], first=first)
                self._held[account] = (known, held[1], held[2])

    def _hold(self, standing: Standing, end: float, labels: Mapping[str, float]) -> None:
        self._held[standing.account] = (standing, end, labels)
        # Two looks a new account: what must not be forgotten goes to the back of the queue.
        for _ in range(2):
            if len(self._held) <= self._most:
                break
            oldest = next(iter(self._held))
            entry = self._held.pop(oldest)
            if oldest in self._said and len(self._said) < self._most:
                self._held[oldest] = entry
            else:
                self._said.discard(oldest)


def _stronger(state: State, until: float | None, standing: Standing) -> bool:
    """Return whether a state is stronger than an account's, or the same for longer."""
    if state != standing.state:
        return STATES.index(state) > STATES.index(standing.state)
    return standing.state_until is not None and (until is None or until > standing.state_until)


def _at(standing: Standing, labels: Mapping[str, float], now: float) -> tuple[Standing, float]:
    """Return a standing as it is at a moment, and until when it stays so."""
    changes: dict[str, object] = {}
    ends = []
    if standing.state_until is not None:
        if standing.state_until <= now:
            changes |= {"state": "active", "state_until": None, "state_reason": "",
                        "required": "anonymous"}  # fmt: skip
        else:
            ends.append(standing.state_until)
    if standing.tier_until is not None:
        if standing.tier_until <= now:
            changes |= {"tier": "anonymous", "tier_until": None}
        else:
            ends.append(standing.tier_until)
    alive = tuple(x for x in standing.labels if labels.get(x, inf) > now)
    if alive != standing.labels:
        changes["labels"] = alive
    ends += [labels[x] for x in alive if x in labels]
    return msgspec.structs.replace(standing, **changes) if changes else standing, min(
        ends, default=inf
    )
