"""Campaigns kept in the registry, so that later hunts recognise them without an earlier folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from crossfix.campaigns.campaign import Campaign
from crossfix.campaigns.identity import Known
from crossfix.errors import IntegrityError
from crossfix.store.registry import CampaignTable, Registry
from crossfix.store.registry.campaigns import (
    TEXT_MARKS,
    StoredCampaign,
    StoredChange,
    StoredMember,
)

if TYPE_CHECKING:
    from crossfix.store.vault import Vault

_BOUND = "campaign"

Turn = Callable[[str | None, str | None], str | None]
"""Makes of an account and what it wrote or is called what is to stand there instead."""


def recall(registry: Registry) -> list[Known]:
    """Return the campaigns that the registry knows, with their members of now."""
    return [
        Known(id=stored.id, members=frozenset(m.account for m in stored.members))
        for stored in CampaignTable(registry).all()
        if stored.members
    ]


def remember(
    registry: Registry, campaigns: tuple[Campaign, ...], *, vault: Vault, now: datetime
) -> None:
    """Keep the campaigns of one hunt and what became of them, all or nothing.

    What members wrote and are called is sealed, each with the key of its account.
    """
    rows = [(_stored(sealed(campaign, vault)), _change(campaign)) for campaign in campaigns]
    CampaignTable(registry).save(rows, now=now)


def sealed(campaign: Campaign, vault: Vault) -> Campaign:
    """Return a campaign in which what members wrote and are called is sealed."""
    given: dict[tuple[str, str], str] = {}

    def noted(account: str | None, text: str | None) -> str | None:
        if account is not None and text:
            given[account, text] = ""
        return text

    _turned(campaign, noted)
    given = dict(zip(given, vault.sealed_texts(list(given), _BOUND), strict=True))
    return _turned(campaign, lambda a, text: given.get((a, text)) if a and text else None)


def restored(stored: StoredCampaign, vault: Vault) -> Campaign:
    """Return a campaign of the registry, with what of its members' words can still be read.

    Raises:
        IntegrityError: what is kept of it is damaged.
    """
    try:
        campaign = msgspec.convert(stored.document, Campaign)
    except msgspec.ValidationError as e:
        raise IntegrityError(
            f"What the registry keeps of the campaign {stored.id} is damaged.",
            hint="A hunt with --remember that finds it again writes it anew.",
        ) from e
    kept: dict[str, str | None] = {}
    _turned(campaign, lambda _, text: kept.setdefault(text, None) if text else None)
    kept = dict(zip(kept, vault.opened_texts(list(kept), _BOUND), strict=True))
    return _turned(campaign, lambda _, text: kept.get(text) if text else None)


def _turned(campaign: Campaign, turn: Turn) -> Campaign:
    """Return a campaign with everything in it turned that an account wrote or is called.

    The pieces of texts that are shared stand in the texts, and are left out.
    """
    change = msgspec.structs.replace
    return change(
        campaign,
        members=tuple(
            change(m, display_name=turn(m.account, m.display_name), url=turn(m.account, m.url))
            for m in campaign.members
        ),
        evidence=tuple(
            change(
                shared,
                key=turn(shared.posts[0].account if shared.posts else None, shared.key) or "",
                posts=tuple(
                    change(p, text=turn(p.account, p.text), url=turn(p.account, p.url), shared=())
                    for p in shared.posts
                ),
            )
            for shared in campaign.evidence
        ),
        marks=tuple(
            change(m, value=turn(m.account, m.value) or "") if m.kind in TEXT_MARKS else m
            for m in campaign.marks
        ),
        fan_outs=tuple(change(f, prompt=turn(f.account, f.prompt)) for f in campaign.fan_outs),
    )


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
