"""Standings between memory and the registry: read, taken over, and written back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import msgspec

from crossfix.accounts.profile import Profile
from crossfix.accounts.risk import LEAST_RISK
from crossfix.accounts.standing import STATES, Standing, State, Tier
from crossfix.accounts.standings import MOST_ACCOUNTS, Standings

if TYPE_CHECKING:
    from crossfix.store.registry import Registry, StoredStanding


RISK_LASTS = timedelta(days=1)
"""How long a risk holds that was not reckoned anew."""

Row = tuple["StoredStanding", datetime]
Changes = Iterable[tuple[Standing, Mapping[str, float]]]


def read_standings(registry: Registry, since: datetime | None = None) -> list[Row]:
    """Return what was written to the registry since a moment, with when it was written.

    Without a moment that is everything, as far as memory is to hold it.
    """
    from crossfix.store.registry import StandingTable

    return list(StandingTable(registry).changed(since, most=MOST_ACCOUNTS))


def take_over(standings: Standings, rows: Iterable[Row], now: float) -> datetime | None:
    """Hold what was read, and return the moment to read on from.

    What policies changed meanwhile must have been written before.
    """
    latest: datetime | None = None
    for stored, written in rows:
        latest = written if latest is None else max(latest, written)
        standing, ends = standing_of(stored, now)
        if is_bare(standing) and not standings.says(standing.account):
            standings.first_seen([(standing.account, standing.first)])
        else:
            standings.put(standing, now, ends)
    return latest


def write_standings(registry: Registry, changes: Changes, now: datetime) -> None:
    """Write to the registry what policies made of accounts, where nobody did more."""
    from crossfix.store.registry import StandingTable

    table = StandingTable(registry)
    for standing, ends in changes:

        def merged(
            old: StoredStanding, standing: Standing = standing, ends: Mapping[str, float] = ends
        ) -> StoredStanding:
            return _merged(old, standing, ends)

        table.change(standing.account, merged, now=now)


def write_risks(registry: Registry, profiles: Mapping[str, Profile], now: datetime) -> None:
    """Write to the registry the risks of accounts with their parts; they hold for a day."""
    from crossfix.store.registry import StandingTable

    table = StandingTable(registry)
    for account, profile in profiles.items():
        given: dict[str, object] = {"risk": None, "risk_until": None, "risk_parts": {}}
        if profile.risk >= LEAST_RISK:
            parts = {name: round(part, 4) for name, part in profile.risk_parts.items()}
            given = {"risk": round(profile.risk, 4), "risk_parts": parts,
                     "risk_until": now + RISK_LASTS}  # fmt: skip
        since = datetime.fromtimestamp(profile.since, UTC)

        def changed(
            old: StoredStanding, given: Mapping[str, object] = given, since: datetime = since
        ) -> StoredStanding:
            return msgspec.structs.replace(old, first=min(old.first, since), **given)

        table.change(account, changed, now=now)


def is_bare(standing: Standing) -> bool:
    """Return whether nothing is said of an account but since when it is known."""
    return standing == Standing(account=standing.account, first=standing.first)


def standing_of(stored: StoredStanding, now: float = 0.0) -> tuple[Standing, dict[str, float]]:
    """Return how an account stands as the registry has it, with the ends of its labels.

    A risk that was over by ``now`` is none; what else has run out is for `Standings` to see.
    """
    risky = stored.risk_until is None or stored.risk_until.timestamp() > now
    ends = {name: end.timestamp() for name, end in stored.labels.items() if end is not None}
    return Standing(
        account=stored.account,
        first=stored.first.timestamp(),
        state=cast(State, stored.state or "active"),
        state_until=_seconds(stored.state_until),
        state_reason=stored.state_reason or "",
        required=cast(Tier, stored.required_tier or "anonymous"),
        tier=cast(Tier, stored.tier or "anonymous"),
        tier_until=_seconds(stored.tier_until),
        risk=(stored.risk or 0.0) if risky else 0.0,
        risk_parts=stored.risk_parts if risky else {},
        labels=tuple(stored.labels),
    ), ends


def _merged(old: StoredStanding, standing: Standing, ends: Mapping[str, float]) -> StoredStanding:
    """Return what is kept with what a policy added; what somebody made stronger stays."""
    labels = dict(old.labels)
    for name in standing.labels:
        end = ends.get(name)
        labels[name] = None if end is None else datetime.fromtimestamp(end, UTC)
    first = min(old.first, datetime.fromtimestamp(standing.first, UTC))
    new = msgspec.structs.replace(old, labels=labels, first=first)
    if STATES.index(standing.state) < STATES.index(cast(State, old.state or "active")):
        return new
    if standing.state == "active":
        return new
    until = standing.state_until
    return msgspec.structs.replace(
        new, state=standing.state, state_reason=standing.state_reason,
        state_until=None if until is None else datetime.fromtimestamp(until, UTC),
        required_tier=None if standing.required == "anonymous" else standing.required,
    )  # fmt: skip


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def set_by_hand(
    old: StoredStanding,
    *,
    state: str | None = None,
    required: str | None = None,
    tier: str | None = None,
    labels: Iterable[str] = (),
    unlabel: Iterable[str] = (),
    until: datetime | None = None,
    why: str = "",
) -> StoredStanding:
    """Return how an account stands after a person said so; what is not said stays."""
    new: dict[str, object] = {}
    if state == "active":
        new |= dict.fromkeys(("state", "state_until", "state_reason", "required_tier"))
    elif state is not None:
        new |= {"state": state, "state_until": until, "state_reason": why,
                "required_tier": required}  # fmt: skip
    if tier is not None:
        new |= {"tier": tier, "tier_until": until}
    kept = {k: v for k, v in old.labels.items() if k not in set(unlabel)}
    new["labels"] = kept | dict.fromkeys(labels, until)
    return msgspec.structs.replace(old, **new)
