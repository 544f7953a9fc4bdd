"""Webhooks of external providers, signed as Standard Webhooks says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from crossfix.accounts.standing import Tier
from crossfix.config.verification import VerifySettings
from crossfix.errors import SettingError
from crossfix.guard.verify.refused import RefusedError
from crossfix.guard.verify.ticket import Tickets
from crossfix.guard.verify.verification import Verification

WINDOW_SECONDS = 300.0
"""How old a webhook may be, and how far ahead of our clock."""

REFERENCE_SECONDS = 30 * 86_400.0
"""How long a provider may take: what it gives back holds so long."""

LEAST_SECRET_BYTES = 24
_PREFIX = "whsec_"
_MOST_ID = 256


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """An external provider: the secret of its webhooks, the tier it gives, where people go."""

    name: str
    secret: bytes
    tier: Tier
    link: str | None = None


def secret_of(text: str, name: str) -> bytes:
    """Return the bytes of a secret as it is written, ``whsec_`` and base 64.

    Raises:
        SettingError: it is not.
    """
    try:
        secret = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) < LEAST_SECRET_BYTES:
        raise SettingError(
            f"The secret of the provider {name} must be {_PREFIX} and base 64 of "
            f"{LEAST_SECRET_BYTES} bytes or more."
        )
    return secret


def providers_of(settings: VerifySettings, environment: Mapping[str, str]) -> dict[str, Provider]:
    """Return the external providers by name.

    Raises:
        SettingError: the secret of one is missing or is none.
    """
    found = {}
    for name, given in settings.providers.items():
        text = environment.get(given.secret)
        if not text:
            raise SettingError(
                f"The environment variable {given.secret} of the provider {name} is not set.",
                hint=f"Run: export {given.secret}=whsec_...",
            )
        found[name] = Provider(
            name=name, secret=secret_of(text, name), tier=given.tier, link=given.link
        )
    return found


def signature(secret: bytes, id: str, time: int, body: bytes) -> str:
    """Return the signature of a webhook: ``v1,`` and base 64 of HMAC-SHA256."""
    said = f"{id}.{time}.".encode() + body
    digest = hmac.new(secret, said, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class Webhooks:
    """Takes webhooks in: ``account.verified`` gives a tier, ``account.unverified`` takes it.

    Args:
        verification: what all ways share.
        providers: the providers by name.
        references: reads what a provider gives back of an account.
    """

    def __init__(
        self, verification: Verification, providers: Mapping[str, Provider], references: Tickets
    ) -> None:
        self._verification = verification
        self.providers = dict(providers)
        self._references = references

    def receive(
        self, name: str, headers: Mapping[str, str], body: bytes, now: float
    ) -> dict[str, Any]:
        """Take one webhook in; one that came before changes nothing.

        Raises:
            RefusedError: there is no such provider, the signature is not its own, the webhook is
                too old, or it does not say whom it is about.
        """
        provider = self.providers.get(name)
        if provider is None:
            raise RefusedError("unavailable")
        id = _checked(provider, headers, body, now)
        kind, account = self._about(body, now)
        tickets, key = self._verification.tickets, f"{name}:{id}"
        if not tickets.receive(key, _moment(now)):
            return {"repeated": True}
        try:
            if kind == "account.verified":
                self._verification.give(account, provider.tier, name, now, {})
            else:
                self._verification.take(account, provider.tier, name, now)
        except BaseException:
            tickets.unreceive(key)  # it may come again
            raise
        return {"repeated": False}

    def _about(self, body: bytes, now: float) -> tuple[str, str]:
        try:
            said = msgspec.json.decode(body)
            kind, data = said["type"], said["data"]
            reference, account = data.get("reference"), data.get("account")
        except (msgspec.DecodeError, RecursionError, KeyError, TypeError, AttributeError) as e:
            raise RefusedError("malformed") from e
        if isinstance(reference, str):
            ticket = self._references.read(reference, now)
            account = ticket.account if ticket else None
        if kind not in ("account.verified", "account.unverified") or not _is_account(account):
            raise RefusedError("malformed")
        return kind, cast(str, account)


def _checked(provider: Provider, headers: Mapping[str, str], body: bytes, now: float) -> str:
    id, time = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 0 < len(id) <= _MOST_ID or not (time.isascii() and time.isdigit() and len(time) < 13):
        raise RefusedError("signature")
    expected = signature(provider.secret, id, int(time), body).encode()
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split()[:16]
    # All are compared, each in constant time: how long it takes tells nothing.
    if not sum([hmac.compare_digest(one, expected) for one in given]):
        raise RefusedError("signature")
    if abs(now - int(time)) > WINDOW_SECONDS:
        raise RefusedError("signature")
    return id


def _is_account(value: object) -> bool:
    return isinstance(value, str) and ":" in value.strip(":") and 0 < len(value) <= 512


def _moment(now: float) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(now, UTC)
