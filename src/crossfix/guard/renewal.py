"""What a guard that runs takes from the registry and gives to it, every few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from crossfix.accounts.keeping import (
    read_standings,
    take_over,
    write_risks,
    write_standings,
)
from crossfix.accounts.profile import Profile
from crossfix.accounts.risk import MOST_ACCOUNTS
from crossfix.accounts.standing import Standing
from crossfix.guard.decide import Guard
from crossfix.guard.keys import Keyring

if TYPE_CHECKING:
    from crossfix.accounts.keeping import Row
    from crossfix.store.registry import Registry, SpendTable, StoredKey

EVERY_SECONDS = 2.0
"""How often to renew: how late a guard may know what an operator or another worker did."""


SKEW = timedelta(minutes=5)
"""How far the clocks of processes that share a registry may be apart."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in the guard and is to be kept."""

    standings: dict[str, tuple[Standing, Mapping[str, float]]] = {}
    profiles: dict[str, bytes] = {}
    risks: dict[str, Profile] = {}
    spent: dict[tuple[str, str], int] = {}

    def before(self, later: Given) -> Given:
        """Return both as one, this being the earlier."""
        spent = dict(self.spent)
        for key, amount in later.spent.items():
            spent[key] = spent.get(key, 0) + amount
        return Given(
            standings={**self.standings, **later.standings},
            profiles={**self.profiles, **later.profiles},
            risks={**self.risks, **later.risks},
            spent=spent,
        )


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What the registry has and the guard is to hold."""

    keys: Iterable[StoredKey] = ()
    standings: Iterable[Row] = ()
    spent: Mapping[tuple[str, str], int] = {}
    erased: Iterable[str] = ()


class Renewal:
    """The exchange between a guard and the registry.

    `collect` and `apply` belong to the guard's thread and are quick; `exchange` waits for the
    database and may run in another one meanwhile. `renew` is all three.

    Args:
        opened: opens the registry for one exchange.
        guard, keyring: what is renewed.
    """

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Registry]],
        guard: Guard,
        keyring: Keyring | None = None,
    ) -> None:
        self._opened = opened
        self._guard = guard
        self._keyring = keyring
        self._since: datetime | None = None
        self._spent_since: datetime | None = None
        self._periods: list[str] = []
        self.heard: Callable[[Iterable[Row]], None] | None = None
        self._owed = Given()
        self._erased: set[tuple[str, str]] = set()

    def start(self, now: float) -> None:
        """Take over all that was kept, before the first request."""
        if self._guard.profiles is not None:
            from crossfix.store.registry import ProfileTable

            with self._opened() as registry:
                self._guard.profiles.restore(ProfileTable(registry).all(most=MOST_ACCOUNTS))
            # Who was here before is nobody new.
            self._guard.standings.first_seen(self._guard.profiles.since())
        self.renew(now)

    def renew(self, now: float, *, whole: bool = False) -> None:
        """Keep what changed here and take over what changed elsewhere.

        ``whole`` keeps every profile, as at the end of a process.

        Raises:
            StoreError: the registry refuses; what was to be kept is kept the next time.
        """
        self.apply(self.exchange(self.collect(whole=whole), now), now)

    def collect(self, *, whole: bool = False) -> Given:
        """Return what changed in the guard since the last call."""
        guard, profiles = self._guard, self._guard.profiles
        return Given(
            standings={s.account: (s, ends) for s, ends in guard.standings.changes()},
            profiles=profiles.changed(whole=whole) if profiles is not None else {},
            risks=profiles.risks() if profiles is not None else {},
            spent=guard.spend.pending() if guard.spend is not None else {},
        )

    def exchange(self, given: Given, now: float) -> Taken:
        """Keep what was collected, and return what the registry has.

        Raises:
            StoreError: the registry refuses; what was collected is kept the next time.
        """
        from crossfix.store.registry import KeyTable, SpendTable

        owed = self._owed = self._owed.before(given)
        moment = datetime.fromtimestamp(now, UTC)
        with self._opened() as registry:
            self._keep(registry, owed, moment)
            self._owed = Given()
            return Taken(
                erased=self._newly_erased(registry, moment),
                keys=KeyTable(registry).all() if self._keyring is not None else (),
                standings=read_standings(registry, self._since),
                spent=self._spent(SpendTable(registry), now),
            )

    def _newly_erased(self, registry: Registry, now: datetime) -> list[str]:
        """Return who was erased of late, once, and forget what was kept of them just now."""
        from crossfix.store.registry import DataKeyTable, ProfileTable

        known, self._erased = self._erased, DataKeyTable(registry).destroyed(now - SKEW)
        accounts = sorted({account for id, account in self._erased - known})
        for account in accounts:
            ProfileTable(registry).forget(account=account)
        return accounts

    def _spent(self, table: SpendTable, now: float) -> dict[tuple[str, str], int]:
        """Return what all spent who spent anything since the last time; caps alone ask for it."""
        spend, since = self._guard.spend, self._spent_since
        if spend is None or not spend.caps:
            return {}
        moment = datetime.fromtimestamp(now, UTC)
        periods = spend.periods(now)
        if periods != self._periods:
            since = None
        self._spent_since, self._periods = moment - SKEW, periods
        return table.sums(periods, since=since)

    def apply(self, taken: Taken, now: float) -> None:
        """Hold what the registry has."""
        if self._keyring is not None:
            self._keyring.renew(taken.keys)
        if self.heard is not None:
            self.heard(taken.standings)
        self._since = take_over(self._guard.standings, taken.standings, now) or self._since
        if self._guard.profiles is not None:
            for account in taken.erased:
                self._guard.profiles.forget(account)
        if self._guard.spend is not None:
            self._guard.spend.take_over(taken.spent)

    def _keep(self, registry: Registry, given: Given, now: datetime) -> None:
        """Write what was collected; sums come last, for they alone must not be written twice."""
        from crossfix.store.registry import ProfileTable, SpendTable

        write_standings(registry, given.standings.values(), now)
        write_risks(registry, given.risks, now)
        ProfileTable(registry).save(given.profiles, now=now)
        SpendTable(registry).add(given.spent, now=now)
