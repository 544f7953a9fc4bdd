"""Campaigns kept in the registry, so that later hunts recognise them without an earlier folder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from crossfix.campaigns.campaign import Campaign
from crossfix.campaigns.identity import Known
from crossfix.store.registry import CampaignTable, Registry
from crossfix.store.registry.campaigns import StoredCampaign, StoredChange, StoredMember


def recall(registry: Registry) -> list[Known]:
    """Return the campaigns that the registry knows, with their members of now."""
    return [
        Known(id=stored.id, members=frozenset(m.account for m in stored.members))
        for stored in CampaignTable(registry).all()
        if stored.members
    ]


def remember(registry: Registry, campaigns: tuple[Campaign, ...], *, now: datetime) -> None:
    """Keep the campaigns of one hunt and what became of them, all or nothing."""
    rows = [(_stored(campaign), _change(campaign)) for campaign in campaigns]
    CampaignTable(registry).save(rows, now=now)


def _stored(campaign: Campaign) -> StoredCampaign:
    document: dict[str, Any] = msgspec.to_builtins(campaign)
    return StoredCampaign(
        id=campaign.id,
        coordination=campaign.coordination,
        inauthenticity=campaign.inauthenticity,
        services=campaign.services,
        first=campaign.first,
        last=campaign.last,
        summary=campaign.summary,
        breakout=campaign.breakout,
        document=document,
        members=tuple(StoredMember(account=m.account, score=m.score) for m in campaign.members),
    )


def _change(campaign: Campaign) -> StoredChange:
    change = campaign.change
    return StoredChange(
        what=change.what, joined=change.joined, left=change.left, others=change.others
    )
