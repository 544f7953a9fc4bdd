"""What each member bears of what its campaign shows: the second score, account by account.

A campaign's score is its members' together. Whom a campaign sweeps in by what he reads is not made
in its burst, is not named after its pattern and says nothing that it says: he is not what it is.
So a member's own score joins what it shows alone and its share of what shows only together. Who
bears one of the campaign's signs is one of it as far as anybody can see, and scores no less than
it; who bears none scores what he shows himself. What goes beyond the others counts half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.accounts.behaviour import Behaviour
from crossfix.accounts.cohort import Floats
from crossfix.campaigns.campaign import Campaign
from crossfix.campaigns.inauthenticity import PARTS, AccountParts, combine, joined
from crossfix.campaigns.order import HIGH, both_high
from crossfix.campaigns.together import (
    Infrastructure,
    born_with,
    infrastructure_of_others,
    named_as_others,
    texts_of_others,
)
from crossfix.counted import counted

SIGN = 0.5
"""The height from which a part is a sign, of a campaign and of its member."""


@dataclass(frozen=True)
class Borne:
    """What the members of one campaign bear: ``codes`` ascending, ``names``, and ``parts`` by name,
    one score a member each, 0 to 1, NaN for unknown."""

    codes: NDArray[np.int32]
    names: tuple[str, ...]
    parts: Mapping[str, Floats]


def borne(
    behaviour: Behaviour,
    accounts: AccountParts,
    members: NDArray[np.int32],
    infrastructure: Infrastructure | None = None,
) -> Borne:
    """Return what each member (account codes) bears, alone or with the others."""
    codes = np.unique(members)
    shared = {
        "newness": born_with(behaviour, codes, accounts.usual),
        "template_reuse": np.fmax(
            texts_of_others(behaviour, codes), named_as_others(codes, accounts.usual)
        ),
    }
    if infrastructure is not None:
        shared["infrastructure"] = infrastructure_of_others(infrastructure, codes)
    alone = {name: accounts.parts[name][codes] for name in PARTS}
    return Borne(
        codes,
        tuple(behaviour.accounts.take(pa.array(codes)).to_pylist()),
        {name: np.fmax(alone[name], shared.get(name, alone[name])) for name in PARTS},
    )


def own_scores(own: Borne, parts: Mapping[str, float]) -> Floats:
    """Return the score of each member of a campaign that has these parts."""
    if not parts:
        return np.zeros(len(own.codes))
    scores = combine(np.stack([_told(own.parts[n], parts.get(n)) for n in own.parts]))
    signs = [name for name, value in parts.items() if value >= SIGN and name in own.parts]
    bears = np.zeros(len(scores), dtype=np.bool_)
    for name in signs:
        bears |= np.nan_to_num(own.parts[name]) >= SIGN
    answer: Floats = np.where(bears, np.maximum(scores, joined(parts)), scores)
    return answer


def _told(own: Floats, together: float | None) -> Floats:
    """Return a part of members in which what goes beyond their campaign counts half: of many
    members some look odd in a way that the others do not."""
    if together is None:
        return own
    answer: Floats = np.where(own > together, (own + together) / 2, own)
    return answer


def with_own_scores(campaign: Campaign, scores: Mapping[str, float]) -> Campaign:
    """Return a campaign whose members carry their own scores, by account, and say who is not what
    the campaign is."""
    members = tuple(
        msgspec.structs.replace(member, inauthenticity=scores[member.account])
        for member in campaign.members
    )
    told = msgspec.structs.replace(campaign, members=members)
    apart = sum(scores[member.account] < HIGH for member in members)
    if not apart or not both_high(campaign):
        return told
    said = (
        f"{counted(apart, 'member')} of these {'shows' if apart == 1 else 'show'} too few of the "
        f"signs {'itself' if apart == 1 else 'themselves'} and may have been swept in."
    )
    return msgspec.structs.replace(told, summary=f"{campaign.summary} {said}")
