"""Tickets: what the link of a challenge holds, unreadable and unchangeable for its bearer."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable

import msgspec

from crossfix.accounts.standing import TIERS
from crossfix.config.sealing import NONCE_BYTES, Seal, derived

MOST_LENGTH = 2_048
_PAD = 96
_ID_BYTES = 12


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """Leave to verify one account until a moment (seconds since 1970 UTC).

    ``tier`` is the one that is needed; ``id`` is by chance and names the ticket.
    """

    id: str
    account: str
    tier: str
    ends: float


class Tickets:
    """Issues tickets and reads them back; nothing is kept until somebody comes with one.

    Args:
        secret: the secret key of this installation.
        lasts_seconds: how long a ticket holds.
        random: makes bytes by chance.
        purpose: what the tickets are for; those of another purpose are none here.
    """

    def __init__(
        self,
        secret: bytes,
        lasts_seconds: float,
        random: Callable[[int], bytes] = os.urandom,
        *,
        purpose: str = "verification ticket",
    ) -> None:
        self._seal = Seal(derived(secret, purpose))
        self._lasts = lasts_seconds
        self._random = random

    def issue(self, account: str, tier: str, now: float) -> str:
        """Return a new ticket as text that can stand in a URL."""
        ticket = Ticket(self._random(_ID_BYTES).hex(), account, tier, now + self._lasts)
        plain = msgspec.json.encode(ticket)
        plain += b" " * (-len(plain) % _PAD)  # how long an id is, is part of it
        sealed = self._seal.close(plain, self._random(NONCE_BYTES))
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def read(self, text: str, now: float) -> Ticket | None:
        """Return a ticket that was issued here and has not ended."""
        if not text.isascii() or len(text) > MOST_LENGTH:
            return None
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        plain = self._seal.open(sealed)
        if plain is None:
            return None
        ticket = msgspec.json.decode(plain, type=Ticket)
        return ticket if now < ticket.ends and ticket.tier in TIERS else None
