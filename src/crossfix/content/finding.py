"""What a look at a text found."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a check found in a text.

    ``check`` is the kind of check (``indicator``, ``pattern``, ``fingerprint``, ``swarm``,
    ``secret``, ``personal``, ``url``, ``disguise``, ``classifier``), ``name`` what of it matched
    (the indicator's id, the kind of secret, the weightiest reason against an address, the category
    of a classifier), ``score`` from 0 to 1 how surely. ``start`` and ``end`` are where,
    in characters of the text as it was written, where that is known; ``disguise`` names what the
    text had to be freed of first (``base64``, ``leetspeak``, ``reversed`` ...).
    """

    check: str
    name: str
    score: float = 1.0
    start: int | None = None
    end: int | None = None
    disguise: str | None = None
