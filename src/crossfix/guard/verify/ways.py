"""Which ways of verification somebody who came with a ticket may take now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from crossfix.accounts.standing import Tier
from crossfix.guard.verify.raising import rank

TIER_OF: dict[str, Tier] = {
    "proof_of_work": "proof_of_work",
    "email": "email",
    "totp": "code",
    "passkey": "code",
    "totp_new": "code",
    "passkey_new": "code",
}
"""Way -> the tier that it gives; an external provider's is in the settings."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way as the page offers it: its name, the tier that it gives, and what it shows."""

    way: str
    tier: str
    shows: dict[str, Any] = {}


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What the ways depend on.

    ``has`` is the tier that the account has, ``needs`` the one that is asked for, ``enrol`` the
    one below which no factor is set up. ``factors`` are the kinds that the account has, ``mail``
    says whether mail can be sent, ``providers`` are the external ones with the tier they give.
    """

    has: str
    needs: str
    enrol: str
    factors: Collection[str] = ()
    mail: bool = False
    providers: Mapping[str, str] = {}


def open_ways(given: Given) -> list[Way]:
    """Return the ways that lead to the tier that is needed, the least effort first.

    Where only a factor would do that the account has not and may not set up yet, the ways to the
    tier that allows it come instead.
    """
    found = _leading_to(given, given.needs)
    if not found and rank(given.has) < rank(given.enrol) and rank(given.needs) <= rank("code"):
        found = _leading_to(given, given.enrol)
    return found


def _leading_to(given: Given, needed: str) -> list[Way]:
    names = ["proof_of_work"]
    if given.mail:
        names.append("email")
    owned = [kind for kind in ("totp", "passkey") if kind in given.factors]
    if owned:
        names += owned
    elif rank(given.has) >= rank(given.enrol):
        names += ["totp_new", "passkey_new"]
    ways = [Way(way=name, tier=TIER_OF[name]) for name in names]
    ways += [
        Way(way="external", tier=tier, shows={"provider": provider})
        for provider, tier in given.providers.items()
    ]
    return [way for way in ways if rank(way.tier) >= rank(needed)]
