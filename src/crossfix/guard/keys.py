"""API keys: made, and recognised by their hash at every request."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from crossfix.store.registry import StoredKey, StoredSecret

ROLES: dict[str, tuple[str, ...]] = {
    "application": ("proxy", "decide", "events"),
    "sensor": ("events",),
    "monitor": ("metrics",),
    "operator": ("proxy", "decide", "events", "metrics", "operate"),
}
"""Role -> what its keys may do: call models through the gateway, ask for decisions, send events,
read metrics, and see and change accounts and policies."""

SECRET_BYTES = 32
_BEGIN = "cfx_"
_SHOWN = 12
_MOST_LENGTH = 256

Refusal = Literal["unknown", "expired", "revoked"]


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key as a request carries it: who may do what, and whom it may speak for.

    ``identity`` lists what is trusted to name the account behind a request; without any the
    account is the key's own.
    """

    id: str
    name: str = ""
    role: str = "application"
    scopes: frozenset[str] = frozenset(ROLES["application"])
    organisation: str = ""
    identity: tuple[str, ...] = ()

    def may(self, scope: str) -> bool:
        """Return whether the key may do something."""
        return scope in self.scopes


class Keyring:
    """The keys of a registry, held in memory by the hashes of their secrets."""

    def __init__(self, keys: Iterable[StoredKey] = ()) -> None:
        self._held: dict[bytes, tuple[Key, float, Refusal | None]] = {}
        self.renew(keys)

    def __len__(self) -> int:
        return len(self._held)

    def renew(self, keys: Iterable[StoredKey]) -> None:
        """Hold these keys, and no others."""
        self._held = {
            bytes.fromhex(secret.sha256): (_key(key), _end(key, secret), _refusal(key))
            for key in keys
            for secret in key.secrets
        }

    def find(self, secret: str, now: float) -> Key | Refusal:
        """Return the key that a secret belongs to, or why there is none.

        Looking for the hash tells an attacker who measures time nothing about a secret.
        """
        if len(secret) > _MOST_LENGTH:
            return "unknown"
        held = self._held.get(hashlib.sha256(secret.encode("utf-8", "replace")).digest())
        if held is None:
            return "unknown"
        key, end, refusal = held
        if refusal is None and now >= end:
            refusal = "expired"
        return refusal or key


def new_secret(random: bytes, *, now: datetime) -> tuple[str, StoredSecret]:
    """Return a secret and what is kept of it; ``random`` has `SECRET_BYTES` bytes."""
    if len(random) != SECRET_BYTES:
        raise ValueError(f"a secret is made of {SECRET_BYTES} bytes")
    from crossfix.store.registry import StoredSecret  # late: a gateway starts without a database

    text = _BEGIN + base64.urlsafe_b64encode(random).decode().rstrip("=")
    return text, StoredSecret(
        sha256=hashlib.sha256(text.encode()).hexdigest(), prefix=text[:_SHOWN], made=now
    )


def new_key(
    random: bytes,
    *,
    now: datetime,
    name: str,
    role: str = "application",
    scopes: Iterable[str] | None = None,
    organisation: str | None = None,
    identity: Iterable[str] = (),
    lasts: timedelta | None = None,
) -> tuple[str, StoredKey]:
    """Return a new key's secret, to be shown once, and what is kept of the key."""
    from crossfix.store.registry import StoredKey

    text, secret = new_secret(random, now=now)
    # The id is told to others; it is made from the secret's hash, and leads back to nothing.
    id = "key-" + hashlib.sha256(b"id:" + secret.sha256.encode()).hexdigest()[:12]
    return text, StoredKey(
        id=id, name=name, role=role,
        scopes=tuple(ROLES[role] if scopes is None else scopes), organisation=organisation,
        identity=tuple(identity), made=now, expires=now + lasts if lasts else None,
        secrets=(secret,),
    )  # fmt: skip


def _key(stored: StoredKey) -> Key:
    return Key(
        id=stored.id, name=stored.name, role=stored.role, scopes=frozenset(stored.scopes),
        organisation=stored.organisation or "", identity=stored.identity,
    )  # fmt: skip


def _end(key: StoredKey, secret: StoredSecret) -> float:
    ends = [e.timestamp() for e in (key.expires, secret.expires) if e is not None]
    return min(ends, default=float("inf"))


def _refusal(key: StoredKey) -> Refusal | None:
    return None if key.revoked is None else "revoked"
