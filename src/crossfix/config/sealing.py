"""Keys for one purpose each, made from the secret key, and what they seal."""

from __future__ import annotations

import hashlib
import hmac

NONCE_BYTES = 12


def derived(secret: bytes, purpose: str) -> bytes:
    """Return a key of 32 bytes for one purpose, from which no other can be told."""
    return hmac.new(secret, b"crossfix " + purpose.encode(), hashlib.sha256).digest()


def keyed_hash(secret: bytes, purpose: str, value: str) -> str:
    """Return a hash of 64 hex digits that nobody without the secret can make or guess at."""
    key = derived(secret, purpose)
    return hmac.new(key, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class Seal:
    """Seals bytes, so that who has not the key can neither read nor change them (AES-256-GCM).

    ``bound`` is what a sealed value belongs to: elsewhere it does not open.
    """

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)

    def close(self, plain: bytes, nonce: bytes, bound: bytes = b"") -> bytes:
        """Return the sealed bytes; ``nonce`` are 12 bytes of chance, never used twice."""
        return nonce + self._cipher.encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, bound: bytes = b"") -> bytes | None:
        """Return what was sealed, or nothing where it was not by this key or was changed."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            return None
