"""Who is behind a request, as far as the gateway may believe it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import msgspec

from crossfix.guard.asgi import Scope, header
from crossfix.guard.wire import Ask, Refusal


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The account behind a request, and what else is known of where it came from.

    ``native`` is the account without its service. ``own_key`` says that the client's credential
    is one of crossfix's own, which no upstream must see.
    """

    native: str
    key: str = ""
    organisation: str = ""
    attributes: dict[str, str] = {}
    own_key: bool = False


def by_credential(secret: bytes) -> Callable[[Scope, Ask], Caller | Refusal]:
    """Return what tells callers apart where the credential is the upstream's to check.

    Each credential has accounts of its own: who makes up a credential can speak for nobody
    else. Within it the account is the one that the client names, for only the holder of a real
    credential gets an answer.
    """

    def identify(scope: Scope, ask: Ask) -> Caller:
        credential = header(scope, b"authorization") or header(scope, b"x-api-key")
        key = keyed(secret, b"credential:" + credential)[:16] if credential else "none"
        client = scope.get("client")
        attributes = {"credential": key}
        if client:
            attributes["ip"] = client[0]
        return Caller(
            native=f"{key}/{ask.user}" if ask.user else f"key:{key}",
            key=key,
            attributes=attributes,
        )

    return identify


def keyed(secret: bytes, value: bytes) -> str:
    """Return a keyed hash of 64 hex digits."""
    return hmac.new(secret, value, hashlib.sha256).hexdigest()
