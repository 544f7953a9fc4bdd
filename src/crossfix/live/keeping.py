"""Swarms, live campaigns and their fingerprints, as the registry keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from crossfix.campaigns.campaign import Campaign, Mark, Member
from crossfix.campaigns.fingerprints import FIT, Fingerprints, fingerprints_of
from crossfix.live.joining import Joined
from crossfix.live.swarm import TEXTS, Swarm
from crossfix.matching.matcher import UNCONFIRMED
from crossfix.store.registry import (
    CampaignTable,
    FingerprintTable,
    IndicatorTable,
    Registry,
    StoredCampaign,
    StoredChange,
    StoredMember,
    StoredSwarm,
    SwarmTable,
)

SHOWN = frozenset({"hashtag", "ip_block", "asn", "tls", "email_domain"})
"""Kinds of keys that are kept readable though they cannot be matched: they quote nobody."""

CONFIDENCE = 0.5
"""How surely a fingerprint is right that no person has confirmed."""

LIVE_SCORE = 0.5


def stored(swarm: Swarm) -> StoredSwarm:
    """Return a swarm as the registry keeps it: what members said stays in the log."""
    document: dict[str, Any] = msgspec.to_builtins(swarm)
    for key in document["keys"]:
        if key["kind"] not in FIT | SHOWN:
            key["value"] = key["hash"]
    document.pop("texts", None)
    return StoredSwarm(
        id=swarm.id, strength=swarm.strength, accounts=tuple(swarm.accounts), first=swarm.first,
        last=swarm.last, document=document, status="allowed" if swarm.allowed else "seen",
    )  # fmt: skip


def restored(row: StoredSwarm) -> Swarm | None:
    """Return a swarm of the registry, or nothing where what is kept of it is damaged."""
    try:
        swarm = msgspec.convert(row.document, Swarm)
        for key in swarm.keys:
            int(key.hash, 16)
    except (msgspec.ValidationError, ValueError):
        return None
    return swarm


def marks(swarm: Swarm) -> list[Mark]:
    """Return the keys by which a swarm may be recognised."""
    found = [
        Mark(kind=key.kind, value=key.value, members=key.members, outside=key.outside)
        for key in swarm.keys
        if key.kind not in TEXTS and key.kind != "domain"
    ]
    said = [key for key in swarm.keys if key.kind in TEXTS]
    if said:
        members, outside = max(k.members for k in said), min(k.outside for k in said)
        found += [
            Mark(kind="near_text", value=text, members=members, outside=outside)
            for text in swarm.texts
        ]
    return found


def fingerprints(swarm: Swarm, *, until: datetime) -> Fingerprints:
    """Return what a swarm is recognised by while no person has confirmed it."""
    return fingerprints_of(
        marks(swarm), source=UNCONFIRMED + swarm.id, confidence=CONFIDENCE, expires=until
    )


def keep(
    registry: Registry, swarms: Sequence[Swarm], *, now: datetime, days: float, least: float
) -> int:
    """Write swarms, and the fingerprints of those that are strong enough; return how many these.

    What an allow-list covers, what a person dismissed, and what happened long ago yields none.
    ``least`` may be infinite.
    """
    SwarmTable(registry).save(map(stored, swarms), now=now)
    until = now + timedelta(days=days)
    dismissed = SwarmTable(registry).dismissed()
    made = 0
    for swarm in swarms:
        if swarm.allowed:
            withdraw_swarm(registry, swarm.id)
            continue
        if swarm.id in dismissed or swarm.strength < least:
            continue
        if swarm.last < now - timedelta(days=days):
            continue
        found = fingerprints(swarm, until=until)
        found.save(registry, now=now)
        made += len(found)
    return made


def withdraw_swarm(registry: Registry, id: str) -> int:
    """Forget the fingerprints that a swarm yielded by itself; return how many they were."""
    source = UNCONFIRMED + id
    return FingerprintTable(registry).withdraw(source) + IndicatorTable(registry).withdraw(source)


def keep_joined(registry: Registry, joined: Sequence[Joined], *, now: datetime) -> None:
    """Write live campaigns: known ones grow by those who joined, new ones begin.

    Swarms of a campaign that a person dismissed are dismissed with it.
    """
    table = CampaignTable(registry)
    rows, dismissed = [], []
    for one in joined:
        known = table.get(one.id)
        if known is not None and known.status == "dismissed":
            dismissed += [swarm.id for swarm in one.swarms]
        held = {m.account: m.score for m in known.members} if known else {}
        joins = tuple(sorted(one.members - held.keys()))
        if known is not None and not joins:
            continue
        members = held | dict.fromkeys(joins, LIVE_SCORE)
        rows.append((_campaign(one, known, members), _change(one, known, joins)))
    if rows:
        table.save(rows, now=now)
    SwarmTable(registry).save(
        [
            msgspec.structs.replace(stored(swarm), campaign=one.id)
            for one in joined
            for swarm in one.swarms
        ],
        now=now,
    )
    for id in dismissed:
        SwarmTable(registry).say(id, "dismissed", now=now)
        withdraw_swarm(registry, id)


def _change(one: Joined, known: StoredCampaign | None, joins: tuple[str, ...]) -> StoredChange:
    what = "new" if known is None else "grown"
    return StoredChange(what=what, joined=joins if known else (), others=one.change.others)


def _campaign(
    one: Joined, known: StoredCampaign | None, members: dict[str, float]
) -> StoredCampaign:
    first = min(s.first for s in one.swarms)
    last = max(s.last for s in one.swarms)
    people = tuple(_member(one, account, score, first, last) for account, score in members.items())
    rows = tuple(StoredMember(account=a, score=s) for a, s in members.items())
    before = _before(known)
    if known is not None and before is not None:
        old = {m.account: m for m in before.members}
        document = msgspec.structs.replace(
            before, members=tuple(old.get(m.account, m) for m in people),
            first=min(first, known.first), last=max(last, known.last),
        )  # fmt: skip
    else:
        document = _new(one, people, first, last)
    return StoredCampaign(
        id=one.id, coordination=document.coordination, inauthenticity=document.inauthenticity,
        services=tuple(sorted({m.service for m in people} | set(document.services))),
        first=document.first, last=document.last, summary=document.summary,
        breakout=document.breakout, document=msgspec.to_builtins(document), members=rows,
    )  # fmt: skip


def _before(known: StoredCampaign | None) -> Campaign | None:
    """Return what is kept of a campaign, or nothing where that is damaged: it begins anew then."""
    try:
        return None if known is None else msgspec.convert(known.document, Campaign)
    except msgspec.ValidationError:
        return None


def _member(one: Joined, account: str, score: float, first: datetime, last: datetime) -> Member:
    here = [s for s in one.swarms if account in s.accounts]
    return Member(
        account=account, service=account.partition(":")[0], score=score, events=len(here),
        first=min((s.first for s in here), default=first),
        last=max((s.last for s in here), default=last),
    )  # fmt: skip


def _new(one: Joined, people: tuple[Member, ...], first: datetime, last: datetime) -> Campaign:
    services = tuple(sorted({m.service for m in people}))
    kinds: dict[str, int] = {}
    for swarm in one.swarms:
        for key in swarm.keys:
            kinds[key.kind] = kinds.get(key.kind, 0) + 1
    strongest = max(s.strength for s in one.swarms)
    said = f"{len(people)} accounts were together in {len(one.swarms)} swarms, seen live"
    return Campaign(
        id=one.id, members=people, coordination=round(1 - 10**-strongest, 4), inauthenticity=0.0,
        parts={}, p_value=10**-strongest, density=0.0, services=services, first=first, last=last,
        kinds=kinds, summary=f"{said}; the next hunt will say more.", tags=(),
        breakout=1 if len(services) == 1 else 2,
        breakout_because="seen live, on one service" if len(services) == 1 else "seen live, on "
        "several services", change=one.change,
    )  # fmt: skip
