"""One name on several services, one account on each: an owner who posts everywhere.

Whoever hides behind several accounts does not give all of them one name. So where all members of a
campaign openly have one, and none has a neighbour on its own service, what a scheduler leaves (one
text, one timer, one network) is no sign that they are made up. It is said, and the campaign stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from crossfix.campaigns.campaign import Campaign, Member
from crossfix.campaigns.describe import Described
from crossfix.campaigns.honest import explained
from crossfix.campaigns.inauthenticity import joined
from crossfix.campaigns.order import first_look
from crossfix.campaigns.summary import second_score

SAID = "All have one name, each on a service of its own: one owner may post everywhere."


def with_one_name(described: Described) -> Described:
    """Return campaigns of which those of one name are weighed, and told, as such."""
    campaigns, borne = [], dict(described.borne)
    for campaign in described.campaigns:
        if not one_name(campaign.members):
            campaigns.append(campaign)
            continue
        told = _told(campaign)
        campaigns.append(told)
        own = borne[campaign.id]
        gone = campaign.parts.keys() - told.parts.keys()
        parts = {name: values for name, values in own.parts.items() if name not in gone}
        borne[campaign.id] = replace(own, parts=parts)
    ranked = tuple(sorted(campaigns, key=first_look))
    return replace(described, campaigns=ranked, borne=borne)


def one_name(members: Sequence[Member]) -> bool:
    """Tell whether members share one handle, or one display name, and no service."""
    if len({member.service for member in members}) < len(members) or len(members) < 2:
        return False
    handles = {member.account.partition(":")[2].casefold().lstrip("@") for member in members}
    shown = {(member.display_name or "").casefold().strip() for member in members}
    return len(handles) == 1 or (len(shown) == 1 and shown != {""})


def _told(campaign: Campaign) -> Campaign:
    gone = explained(campaign.parts)
    parts = {name: value for name, value in campaign.parts.items() if name not in gone}
    told = msgspec.structs.replace(
        campaign, parts=parts,
        inauthenticity=joined(parts) if parts != campaign.parts else campaign.inauthenticity,
    )  # fmt: skip
    summary = campaign.summary.replace(second_score(campaign), second_score(told), 1)
    return msgspec.structs.replace(told, summary=f"{summary} {SAID}")
