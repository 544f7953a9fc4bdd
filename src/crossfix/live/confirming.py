"""A campaign that a person confirms yields fingerprints; withdrawn, it takes them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.campaigns.campaign import Mark
from crossfix.campaigns.fingerprints import CONFIRMED, Fingerprints, fingerprints_of
from crossfix.campaigns.remember import restored as remembered
from crossfix.errors import InputError
from crossfix.live.keeping import marks as marks_of_swarm
from crossfix.live.keeping import restored, withdraw_swarm
from crossfix.live.retro import retro
from crossfix.live.swarm import MOST_TEXTS, Swarm
from crossfix.matching.indicator import KINDS, Indicator, indicator
from crossfix.store.log.event_log import EventLog
from crossfix.store.registry import (
    CampaignTable,
    FingerprintTable,
    IndicatorTable,
    Registry,
    StoredCampaign,
    StoredFingerprint,
    SwarmTable,
)
from crossfix.store.vault import Vault

CONFIDENCE = 0.9
"""How surely a fingerprint is right that a person stands for."""

DAYS = 90.0
"""After how many days what a confirmation yields runs out, unless it is said otherwise."""

LOOK_BACK_DAYS = 30.0
"""How far back the log is asked who else left a key."""

MOST_OTHERS = 1.0
"""Accounts outside in the log, for each member that left a key, up to which it is still the
campaign's own: some of them may be members that no hunt has found yet."""


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a confirmation: what goes to the guard, and what was left out and why."""

    campaign: str
    fingerprints: Fingerprints
    common: dict[str, int]
    """Ids of what too many accounts outside left in the log -> how many these are."""


def found(registry: Registry, id: str) -> StoredCampaign:
    """Return a campaign of the registry.

    Raises:
        InputError: there is none of this id.
    """
    stored = CampaignTable(registry).get(id)
    if stored is None:
        raise InputError(f"There is no campaign {id!r}.", hint="See: crossfix campaigns list")
    return stored


def marks(
    registry: Registry, stored: StoredCampaign, log: EventLog | None, vault: Vault
) -> list[Mark]:
    """Return the keys by which a campaign may be recognised: those of its hunt and of its swarms.

    What members said is read while it is kept: with their keys, and of swarms from the log.
    """
    held = [mark for mark in remembered(stored, vault).marks if mark.value]
    for row in SwarmTable(registry).of_campaign(stored.id):
        if row.status not in ("allowed", "dismissed"):
            swarm = restored(row)
            if swarm is None:
                continue
            swarm.texts = said(log, swarm) if log is not None else []
            held += marks_of_swarm(swarm)
    return held


def said(log: EventLog, swarm: Swarm) -> list[str]:
    """Return what members of a swarm said, a few different texts."""
    wanted, texts = pa.array(swarm.events, pa.string()), list[str]()
    until = swarm.last + timedelta(microseconds=1)
    for batch in log.read(since=swarm.first, until=until):
        inside = pc.is_in(batch.column("id"), wanted)
        for text in batch.column("text").filter(inside).to_pylist():
            if text and text not in texts:
                texts.append(text)
                if len(texts) >= MOST_TEXTS:
                    return texts
    return texts


def confirm(
    registry: Registry,
    id: str,
    *,
    now: datetime,
    until: datetime | None,
    vault: Vault,
    log: EventLog | None = None,
) -> Confirmation:
    """Give the guards what a campaign is recognised by; return what that is.

    Confirmed once more, it is renewed: what it is no longer recognised by is taken back. With a
    ``log`` what many others left there too is left out.

    Raises:
        InputError: there is no such campaign, or an allow-list covers it.
        StoreError: registry or log refuse.
    """
    stored = found(registry, id)
    allowed = stored.document.get("allowed")
    if allowed:
        raise InputError(
            f"Campaign {id} is covered by the allow-list: {allowed}.",
            hint="Take it off the list and hunt again, if that is wrong.",
        )
    source = CONFIRMED + id
    made = fingerprints_of(
        marks(registry, stored, log, vault), source=source, confidence=CONFIDENCE, expires=until,
        campaign=id,
    )  # fmt: skip
    others = {} if log is None else _others(made, stored, log, now)
    most = max(1.0, MOST_OTHERS * len(stored.members))
    common = {name: many for name, many in others.items() if many > most}
    made = made.without(common)
    made.save(registry, now=now)
    _forget_others(registry, source, made)
    CampaignTable(registry).say(id, "confirmed", until=until)
    return Confirmation(campaign=id, fingerprints=made, common=common)


def _forget_others(registry: Registry, source: str, made: Fingerprints) -> None:
    """Forget of one source what was not made again."""
    before = _held(registry, source)
    kept = {f.id for f in made.fingerprints}
    FingerprintTable(registry).remove([f.id for f in before.fingerprints if f.id not in kept])
    kept = {i.id for i in made.indicators}
    IndicatorTable(registry).remove([i.id for i in before.indicators if i.id not in kept])


def withdraw(registry: Registry, id: str, *, now: datetime) -> int:
    """Take back what a campaign gave the guards, its swarms' too; return how much that was.

    The campaign is dismissed: what is seen of it live yields nothing either.

    Raises:
        InputError: there is no such campaign.
        StoreError: the registry refuses.
    """
    found(registry, id)
    CampaignTable(registry).say(id, "dismissed")
    source = CONFIRMED + id
    gone = FingerprintTable(registry).withdraw(source) + IndicatorTable(registry).withdraw(source)
    swarms = SwarmTable(registry)
    for row in swarms.of_campaign(id):
        swarms.say(row.id, "dismissed", now=now)
        gone += withdraw_swarm(registry, row.id)
    return gone


def held_by(registry: Registry, id: str) -> Fingerprints:
    """Return what a campaign gave the guards and has not taken back, what has run out too."""
    return _held(registry, CONFIRMED + id)


def _held(registry: Registry, source: str) -> Fingerprints:
    return Fingerprints(
        fingerprints=tuple(FingerprintTable(registry).of_source(source)),
        indicators=tuple(IndicatorTable(registry).of_source(source)),
    )


def _others(
    made: Fingerprints, stored: StoredCampaign, log: EventLog, now: datetime
) -> dict[str, int]:
    """Count by id the accounts of the log that are no members and left the same."""
    members = {m.account for m in stored.members}
    since = min(now, stored.last) - timedelta(days=LOOK_BACK_DAYS)
    wanted, keys = _asked(made)
    accounts: dict[str, set[str]] = {}
    for hit in retro(log.read(since=since), wanted, keys):
        if hit.account not in members:
            accounts.setdefault(hit.name, set()).add(hit.account)
    return {name: len(of) for name, of in accounts.items()}


def _asked(made: Fingerprints) -> tuple[list[Indicator], Sequence[StoredFingerprint]]:
    wanted = [
        indicator(f.kind, f.key, id=f.id) for f in made.fingerprints if f.kind in KINDS
    ] + [indicator(i.kind, i.value, id=i.id) for i in made.indicators]  # fmt: skip
    return wanted, [f for f in made.fingerprints if f.kind not in KINDS]
