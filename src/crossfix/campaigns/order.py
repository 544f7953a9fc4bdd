"""Which campaign to look at first."""

from __future__ import annotations

from crossfix.campaigns.campaign import Campaign

HIGH = 0.5
"""The level from which either score is called high; only both together speak for an operation."""


def both_high(campaign: Campaign) -> bool:
    """Return whether a campaign is high on both scores and on no allow-list."""
    lower = min(campaign.coordination, campaign.inauthenticity)
    return campaign.allowed is None and lower >= HIGH


def first_look(campaign: Campaign) -> tuple[bool, float, float, int, str]:
    """Return the key by which campaigns are sorted: the first is to be looked at first.

    By the lower of the two scores (to two digits, as they are shown), for only both together
    speak for an operation, then by coordination and size; what an allow-list knows comes last.
    """
    lower = min(campaign.coordination, campaign.inauthenticity)
    return (
        campaign.allowed is not None,
        -round(lower, 2),
        -round(campaign.coordination, 2),
        -len(campaign.members),
        campaign.id,
    )
