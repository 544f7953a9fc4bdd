"""Caps on what accounts and organisations may spend in a day and a month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from crossfix.guard.prices import MICRO, Prices
from crossfix.guard.request import Request

Holder = Literal["account", "organisation"]
Period = Literal["day", "month"]


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """How much each account or organisation, or the ``only`` one, may spend in a day or month.

    ``amount`` is in the currency of the prices; days and months are UTC's.
    """

    holder: Holder
    period: Period
    amount: float
    only: str | None = None


class Overspent(msgspec.Struct, frozen=True, kw_only=True):
    """A cap that is used up, and the seconds until it begins anew."""

    cap: Cap
    retry_seconds: float


class Spend:
    """What was spent, held in memory; an instance belongs to one thread.

    A cap is looked at before a call and charged after it, when its cost is known: it can be overrun
    by the calls that run at the same time, and no further.
    """

    def __init__(self, prices: Prices, caps: Iterable[Cap] = ()) -> None:
        self.prices = prices
        self.caps = tuple(caps)
        self.unpriced: dict[str, int] = {}
        """Calls that could not be charged, by model."""
        self._sums: dict[tuple[str, str], int] = {}
        self._new: dict[tuple[str, str], int] = {}
        self.told: Callable[[list[str], int], object] | None = None
        """Told of each charge, the holders and what it was, for processes that count with us."""
        self._periods: tuple[float, dict[Period, tuple[str, float]]] = (0.0, {})

    def overspent(self, request: Request, now: float) -> list[Overspent]:
        """Return the caps that are used up for whoever asks."""
        if not self.caps:
            return []
        periods = self._at(now)
        found = []
        for cap in self.caps:
            who = request.account if cap.holder == "account" else request.organisation
            if not who or (cap.only is not None and cap.only != who):
                continue
            name, ends = periods[cap.period]
            if self._sums.get((f"{cap.holder}:{who}", name), 0) >= cap.amount * MICRO:
                found.append(Overspent(cap=cap, retry_seconds=ends - now))
        return found

    def charge(
        self, request: Request, now: float, *, tokens_in: int, tokens_out: int, cached_in: int = 0
    ) -> int | None:
        """Charge what a call cost and return it in millionths, or nothing without a price."""
        cost = self.prices.cost(request.model, tokens_in, tokens_out, cached_in)
        if cost is None:
            if request.model in self.unpriced or len(self.unpriced) < 1_000:
                self.unpriced[request.model] = self.unpriced.get(request.model, 0) + 1
            return None
        holders = {f"account:{request.account}"}
        if request.organisation:
            holders.add(f"organisation:{request.organisation}")
        for name, _ in self._at(now).values():
            for holder in holders:
                for sums in (self._sums, self._new):
                    sums[holder, name] = sums.get((holder, name), 0) + cost
        if self.told is not None:
            self.told(sorted(holders), cost)
        return cost

    def overhear(self, holders: Iterable[str], cost: int, now: float) -> None:
        """Add what another process charged and will add to what all of them spent."""
        for name, _ in self._at(now).values():
            for holder in holders:
                self._sums[holder, name] = self._sums.get((holder, name), 0) + cost

    def spent(self, holder: Holder, who: str, period: Period, now: float) -> float:
        """Return what was spent in the day or month that runs, in the currency."""
        return self._sums.get((f"{holder}:{who}", self._at(now)[period][0]), 0) / MICRO

    def pending(self) -> dict[tuple[str, str], int]:
        """Return what was charged since the last call, to be added to what all processes spent."""
        new, self._new = self._new, {}
        return new

    def take_over(self, sums: Mapping[tuple[str, str], int]) -> None:
        """Hold these sums of all processes, with what is pending on top.

        What another told may not be in them yet: sums only grow, so the greater one is nearer.
        """
        for key, amount in sums.items():
            self._sums[key] = max(self._sums.get(key, 0), amount + self._new.get(key, 0))

    def periods(self, now: float) -> list[str]:
        """Return the names of the day and the month that run."""
        return [name for name, _ in self._at(now).values()]

    def _at(self, now: float) -> dict[Period, tuple[str, float]]:
        """Return the day and month that run: their names, and when they end."""
        until, periods = self._periods
        if until - 86_400 <= now < until:
            return periods
        moment = datetime.fromtimestamp(now, UTC)
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        tomorrow = day + timedelta(days=1)
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        periods = {
            "day": (f"{day:%Y-%m-%d}", tomorrow.timestamp()),
            "month": (f"{day:%Y-%m}", following.timestamp()),
        }
        self._periods = (tomorrow.timestamp(), periods)
        names = {name for name, _ in periods.values()}
        self._sums = {key: amount for key, amount in self._sums.items() if key[1] in names}
        return periods
