"""One-time codes by the clock (RFC 6238) as authenticator apps make them: SHA-1, 6 digits, 30 s."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
DRIFT = 1
"""How many steps a clock may be ahead or behind."""


def code_at(secret: bytes, step: int, digits: int = DIGITS, algorithm: str = "sha1") -> str:
    """Return the code of a time step (RFC 4226, section 5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), getattr(hashlib, algorithm)).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(secret: bytes, code: str, now: float) -> int | None:
    """Return the time step that a code belongs to, or nothing where it belongs to none near."""
    current = int(now) // STEP_SECONDS
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        # No early end: how long it takes tells nothing.
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode("utf-8", "replace")):
            found = step
    return found


def shown_secret(secret: bytes) -> str:
    """Return a secret as people type it in: base 32, in groups of four."""
    text = b32encode(secret).decode().rstrip("=")
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))


def link(secret: bytes, issuer: str, label: str) -> str:
    """Return the ``otpauth`` link that apps read from a picture."""
    values = {"secret": b32encode(secret).decode().rstrip("="), "issuer": issuer}
    return f"otpauth://totp/{quote(f'{issuer}:{label}')}?{urlencode(values, quote_via=quote)}"


def picture(text: str) -> str:
    """Return a QR code as SVG, without colours or sizes of its own."""
    import segno

    return segno.make_qr(text, error="m").svg_inline(
        border=2, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
