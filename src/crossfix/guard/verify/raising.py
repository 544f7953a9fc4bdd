"""A tier given or taken: in the registry, in the journal, in the log, in the guard's memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import msgspec

from crossfix.accounts.keeping import standing_of
from crossfix.accounts.standing import TIERS, Tier
from crossfix.accounts.standings import Standings
from crossfix.events import Event, event_id
from crossfix.store.journal import open_journal

if TYPE_CHECKING:
    from crossfix.store.registry import Registry, StoredStanding


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an account's tier; ``until`` in seconds since 1970 UTC."""

    account: str
    tier: Tier
    until: float | None
    event: Event


def rank(tier: str) -> int:
    """Return the place of a tier, the least first."""
    return TIERS.index(cast(Tier, tier))


class Raising:
    """Gives and takes tiers, with an entry in the journal and an event each time.

    Args:
        registry: where standings are kept.
        journal_url: where the journal is.
        hours: how long each tier holds.
    """

    def __init__(self, registry: Registry, journal_url: str, hours: Mapping[str, float]) -> None:
        from crossfix.store.registry import StandingTable

        self._table = StandingTable(registry)
        self._journal_url = journal_url
        self._hours = dict(hours)

    def standing(self, account: str, now: float) -> tuple[Tier, float]:
        """Return the tier that an account has now, and its risk."""
        stored = self._table.get(account)
        if stored is None:
            return "anonymous", 0.0
        held = Standings()
        held.put(standing_of(stored)[0], now)
        standing = held.get(account, now)
        return standing.tier, standing.risk

    def give(
        self, account: str, tier: Tier, how: str, now: float, attributes: Mapping[str, str]
    ) -> Raised:
        """Raise an account to a tier for its time.

        A higher tier that it has stays as it is, and the same one never ends earlier.
        """
        until = now + self._hours[tier] * 3_600

        def raised(old: StoredStanding) -> StoredStanding:
            has, ends = _held(old, now)
            if rank(has) > rank(tier):
                return old
            if has == tier and (ends is None or ends >= until):
                return old
            return msgspec.structs.replace(
                old, tier=tier, tier_until=datetime.fromtimestamp(until, UTC)
            )

        self._write_down(account, f"verified by {how}", now, {"tier": tier, "until": until})
        return self._changed(account, raised, how, now, attributes)

    def take(
        self, account: str, tier: Tier, how: str, now: float, attributes: Mapping[str, str]
    ) -> Raised:
        """Take a tier back where the account has it: it is anonymous then."""

        def lowered(old: StoredStanding) -> StoredStanding:
            if _held(old, now)[0] != tier:
                return old
            return msgspec.structs.replace(old, tier=None, tier_until=None)

        self._write_down(account, f"verification taken back by {how}", now, {"tier": tier})
        return self._changed(account, lowered, f"-{how}", now, attributes)

    def _changed(
        self,
        account: str,
        change: object,
        how: str,
        now: float,
        attributes: Mapping[str, str],
    ) -> Raised:
        moment = datetime.fromtimestamp(now, UTC)
        new = self._table.change(account, change, now=moment)  # type: ignore[arg-type]
        tier, until = _held(new, now)
        service = account.partition(":")[0]
        said = {**attributes, "tier": tier, "verified": how}
        event = Event(
            id=event_id(service, None, account, "login", now, sorted(said.items())),
            time=moment, received=moment, service=service, surface="ai", account=account,
            action="login", attributes=said,
        )  # fmt: skip
        return Raised(account=account, tier=tier, until=until, event=event)

    def _write_down(self, account: str, what: str, now: float, details: dict[str, object]) -> None:
        moment = datetime.fromtimestamp(now, UTC)
        if isinstance(until := details.get("until"), float):
            details["until"] = (moment + timedelta(seconds=until - now)).isoformat()
        # The journal comes first: what was begun and failed is in it, never the other way round.
        with open_journal(self._journal_url) as journal:
            journal.append(
                who="verify", what=what, why="", now=moment, details={"account": account, **details}
            )


def _held(stored: StoredStanding, now: float) -> tuple[Tier, float | None]:
    """Return the tier that is held now, and until when."""
    until = None if stored.tier_until is None else stored.tier_until.timestamp()
    if stored.tier is None or (until is not None and until <= now):
        return "anonymous", None
    return cast(Tier, stored.tier), until
