"""How an account stands: what was decided about it and what it has shown, each for a time."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Tier = Literal["anonymous", "proof_of_work", "email", "code", "external"]
State = Literal["active", "watched", "limited", "challenged", "suspended", "removed"]

TIERS: tuple[Tier, ...] = get_args(Tier)
"""How far an account is verified, the least first; ``code`` is a one-time code or a passkey."""

STATES: tuple[State, ...] = get_args(State)
"""What enforcement made of an account, the mildest first."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An account's state, tier, risk and labels at a moment, what has run out left away.

    ``first`` is when the account was first seen (seconds since 1970 UTC). ``required`` is the tier
    that a ``challenged`` account must show, or that ends what a ``limited`` one meets.
    ``state_until`` and ``tier_until`` are moments in the same seconds, ``None`` for what does not
    run out. ``risk`` is from 0 to 1, with its parts.
    """

    account: str
    first: float
    state: State = "active"
    state_until: float | None = None
    state_reason: str = ""
    required: Tier = "anonymous"
    tier: Tier = "anonymous"
    tier_until: float | None = None
    risk: float = 0.0
    risk_parts: dict[str, float] = {}
    labels: tuple[str, ...] = ()

    @property
    def slowed(self) -> bool:
        """Whether the account is limited, and has not shown the tier that ends it, if one does."""
        return self.state == "limited" and (
            self.required == "anonymous" or TIERS.index(self.tier) < TIERS.index(self.required)
        )
