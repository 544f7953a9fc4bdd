"""What campaigns owe to models: fan-outs, chains and profiles, told and weighed.

Where a fan-out has an honest reason as far as it can be seen, it adds nothing to the second score:
one text does not count twice, and where the accounts are not new, other signs that offices leave
too (a timer, one network) do not count either. Where none is seen, several accounts said as their
own what one answer of a model gave them to say: that counts, and so do profiles that a model
described. As any part, it is never enough alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from crossfix.campaigns.bearing import Borne
from crossfix.campaigns.campaign import Campaign
from crossfix.campaigns.describe import Described
from crossfix.campaigns.honest import explained
from crossfix.campaigns.inauthenticity import joined
from crossfix.campaigns.order import first_look
from crossfix.campaigns.origins import Origins
from crossfix.campaigns.spread import Spread
from crossfix.campaigns.summary import duration, listed, plain, second_score, times
from crossfix.counted import counted

MOST_TOLD = 20
"""Fan-outs, and chains, that a campaign carries; the widest and the longest."""

LEAST_PERSONAS = 3
"""Members whose profiles a model described from which that is counted."""

WORDS_ALONE = frozenset({"origin", "chain", "text", "near_text"})
"""Kinds of links that a fan-out explains."""


def with_provenance(
    described: Described, origins: Origins, spreads: Sequence[Spread], community: NDArray[np.int64]
) -> Described:
    """Return campaigns with their fan-outs and chains, in words too, and weighed by them."""
    of_campaign: dict[str, list[Spread]] = {}
    for spread in spreads:
        numbers = [int(community[code]) for code in spread.posters]
        number = max(sorted(set(numbers)), key=numbers.count)
        if number >= 0 and 2 * numbers.count(number) >= len(numbers):
            of_campaign.setdefault(described.ids[number], []).append(spread)
    made_up = {name_of.sighting.post.account for name_of in origins.personas}
    campaigns, borne = [], dict(described.borne)
    for campaign in described.campaigns:
        own = of_campaign.get(campaign.id, ())
        told = _told(campaign, own, origins, made_up)
        campaigns.append(told)
        borne[campaign.id] = _borne(borne[campaign.id], campaign, told, voiced(own) | made_up)
    ranked = tuple(sorted(campaigns, key=first_look))
    return replace(described, campaigns=ranked, borne=borne)


def _borne(own: Borne, before: Campaign, now: Campaign, from_models: set[str]) -> Borne:
    """Return what members bear of the parts that a campaign has now."""
    gone = before.parts.keys() - now.parts.keys()
    parts = {name: values for name, values in own.parts.items() if name not in gone}
    if "provenance" in now.parts:
        parts["provenance"] = np.array([float(name in from_models) for name in own.names])
    return replace(own, parts=parts)


def _told(
    campaign: Campaign, spreads: Sequence[Spread], origins: Origins, made_up: set[str]
) -> Campaign:
    members = {member.account for member in campaign.members}
    fan_outs = tuple(spread.fan_out for spread in spreads)
    chains = tuple(c for c in origins.chains if len(members.intersection(c.accounts)) >= 2)
    personas = len(members & made_up)
    if not fan_outs and not chains and personas < LEAST_PERSONAS:
        return campaign
    voices = len(members & voiced(spreads))
    parts = _weighed(campaign, fan_outs_honest(campaign, spreads), personas, voices)
    longest = sorted(chains, key=lambda c: (-len(c.stops), -len(c.ends)))[:MOST_TOLD]
    told = msgspec.structs.replace(
        campaign, fan_outs=fan_outs[:MOST_TOLD], chains=tuple(longest), parts=parts,
        inauthenticity=joined(parts) if parts != campaign.parts else campaign.inauthenticity,
    )  # fmt: skip
    summary = campaign.summary.replace(second_score(campaign), second_score(told), 1)
    said = [summary, *_in_words(told, len(fan_outs), len(chains), personas)]
    return msgspec.structs.replace(told, summary=" ".join(said))


def fan_outs_honest(campaign: Campaign, spreads: Sequence[Spread]) -> bool:
    """Tell whether all that ties members together is honest as far as it can be seen."""
    return (
        bool(spreads)
        and all(spread.fan_out.benign for spread in spreads)
        and {link.kind for link in campaign.links} <= WORDS_ALONE
    )


def voiced(spreads: Sequence[Spread]) -> set[str]:
    """Return the accounts that posted different parts of one response, no honest reason seen."""
    several = (s.fan_out for s in spreads if s.upheld and len(s.fan_out.segments) > 1)
    return {account for f in several if not f.benign for account in f.accounts}


def _weighed(campaign: Campaign, honest: bool, personas: int, voices: int) -> dict[str, float]:
    parts = dict(campaign.parts)
    if honest:
        gone = explained(parts)
        parts = {name: value for name, value in parts.items() if name not in gone}
    elif made_up := max(personas if personas >= LEAST_PERSONAS else 0, voices):
        parts["provenance"] = made_up / len(campaign.members)
    return parts


def _in_words(campaign: Campaign, fan_outs: int, chains: int, personas: int) -> list[str]:
    said = []
    if campaign.fan_outs:
        widest = campaign.fan_outs[0]
        took = _lasting((widest.last - widest.first).total_seconds())
        turn = ", in turn" if widest.in_turn else ""
        said.append(
            f"Of one response of {plain(widest.service, 40)}, {counted(widest.actors, 'account')} "
            f"posted {counted(len(widest.segments), 'part')}{turn}, within {took}."
        )
        if fan_outs > 1:
            said.append(f"That was seen {times(fan_outs)} in all, of as many responses.")
        reasons = list(dict.fromkeys(r for f in campaign.fan_outs for r in f.benign))
        if reasons and all(f.benign for f in campaign.fan_outs):
            said.append(f"An honest reason is possible: {listed(reasons)}.")
    if chains:
        services = listed([plain(s, 40) for s in campaign.chains[0].services], "service")
        said.append(f"Text went from one AI service to another {times(chains)} ({services}).")
    if personas >= LEAST_PERSONAS:
        said.append(f"A model described {personas:,} of the profiles.")
    return said


def _lasting(seconds: float) -> str:
    """Say a length of time in its greatest unit, rounded up."""
    unit = next((u for u in (86_400, 3_600, 60) if seconds >= u), 1)
    return duration(max(1, -(-int(seconds) // unit)) * unit)
