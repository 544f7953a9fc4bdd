"""Who is behind a request, as far as the gateway may believe it."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec

from crossfix.guard.asgi import Scope
from crossfix.guard.identity import Identities, Identity
from crossfix.guard.keys import Key, Keyring
from crossfix.guard.limits import OWN
from crossfix.guard.wire import Refusal
from crossfix.guard.wordings import LONGEST_ACCEPTED, language_of, wording

KEY_HEADER = "x-crossfix-key"
ADDRESS_HEADER = "x-crossfix-client-ip"
LANGUAGE_HEADER = "x-crossfix-language"
"""What the person reads, as an application says it of its user: its own library says its own."""

_OURS = "cfx_"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The account behind a request, and what else is known of where it came from.

    ``own_key`` says that the credential where the upstream's stands is one of crossfix's own,
    which no upstream must see.
    """

    account: str
    key: str = ""
    organisation: str = ""
    attributes: dict[str, str] = {}
    own_key: bool = False
    language: str = ""


class Callers:
    """Tells callers apart: by crossfix's own keys, and by the upstream's where these are let by.

    Args:
        service: the name before the colon of every account.
        secret: key of the keyed hash that stands for a credential.
        keyring: crossfix's own keys.
        identities: what a key is trusted to say about the account.
        foreign: whether a credential that is not crossfix's own is let by, for the upstream to
            check. Each then has accounts of its own: who makes one up can speak for nobody else.
        open: whether no credential is needed at all.
    """

    def __init__(
        self,
        service: str,
        secret: bytes,
        keyring: Keyring,
        identities: Identities,
        *,
        foreign: bool,
        open: bool = False,
    ) -> None:
        self._service = service
        self._secret = secret
        self.keyring = keyring
        self._identities = identities
        self._foreign = foreign
        self._open = open

    def identify(
        self, scope: Scope, body: dict[str, Any], user: str, now: float, needs: str = "proxy"
    ) -> Caller | Refusal:
        """Return who is behind a request, or why it is refused.

        ``body`` is as the client sent it, ``user`` what it says of who asks; ``needs`` is what a
        key must be allowed to do.
        """
        headers = {n.decode("latin-1"): _text(v) for n, v in scope["headers"]}
        apart = headers.get(KEY_HEADER)
        given = apart or credential_of(headers)
        if given.startswith(_OURS):
            key = self.keyring.find(given, now)
            if not isinstance(key, Key):
                return _bad_key(f"This API key is {key}.")
            if not key.may(needs):
                return _not_allowed(needs)
            return self._of_key(key, headers, body, scope, now, own_key=apart is None)
        if self._open:
            return self._named("open", user, headers, scope)
        if self._foreign and given and needs == "proxy":
            return self._named(keyed(self._secret, given)[:16], user, headers, scope)
        return _bad_key(
            "An API key of this gateway is needed." if not given else "Unknown API key."
        )

    def identifier(self, account: str) -> str:
        """Return the name by which others know an account: a keyed hash, 64 characters."""
        return keyed(self._secret, account)

    def _of_key(
        self,
        key: Key,
        headers: dict[str, str],
        body: dict[str, Any],
        scope: Scope,
        now: float,
        *,
        own_key: bool,
    ) -> Caller | Refusal:
        named = self._identities.identify(key, headers, body, now)
        if not isinstance(named, Identity):
            return _nameless(named.code, _language(headers))
        # With a token the client itself may come, or a server for it: no address is believed.
        trusted = named.source != "jwt" and (named.source != "own" or bool(key.identity))
        return Caller(
            account=named.account,
            key=key.id,
            organisation=key.organisation,
            attributes=_where(headers, scope, trusted=trusted, own=named.source == "own"),
            own_key=own_key,
            language=_language(headers),
        )

    def _named(self, key: str, user: str, headers: dict[str, str], scope: Scope) -> Caller:
        user = user if user.isprintable() and user[:1] not in ("{", "[", '"') else ""
        native = f"{key}/{user[:128]}" if user else f"{OWN[1:]}{key}"
        attributes = _where(headers, scope, trusted=True, own=not user)
        return Caller(
            account=f"{self._service}:{native}",
            key=key,
            attributes={"credential": key} | attributes,
            language=_language(headers),
        )


def _language(headers: dict[str, str]) -> str:
    said = headers.get(LANGUAGE_HEADER) or headers.get("accept-language", "")
    return said[:LONGEST_ACCEPTED]


def _text(value: bytes) -> str:
    """Return a header's value: UTF-8 where it is that, as applications write names of people."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def credential_of(headers: dict[str, str]) -> str:
    """Return the credential of a request, wherever SDKs put it; "" where there is none."""
    bearer = headers.get("authorization", "")
    if bearer[:7].lower() == "bearer ":
        return bearer[7:].strip()
    return headers.get("x-api-key") or headers.get("api-key") or bearer


def keyed(secret: bytes, value: str) -> str:
    """Return a keyed hash of 64 hex digits."""
    return hmac.digest(secret, value.encode("utf-8", "replace"), "sha256").hex()


def _where(headers: dict[str, str], scope: Scope, *, trusted: bool, own: bool) -> dict[str, str]:
    """Return where a request came from, and with what.

    An application that speaks for its users has one address for all of them: theirs are not
    known unless it says so.
    """
    found = {}
    said = headers.get(ADDRESS_HEADER, "") if trusted else ""
    client = scope.get("client")
    if said and len(said) <= 45 and said.isascii() and said.isprintable():
        found["ip"] = said
    elif own and client:
        found["ip"] = client[0]
    agent = headers.get("user-agent", "")
    if agent and agent.isprintable():
        found["user_agent"] = agent[:200]
    return found


def _bad_key(message: str) -> Refusal:
    return Refusal(
        status=401, code="invalid_api_key", kind="key", message=message,
        headers=((b"x-should-retry", b"false"),),
    )  # fmt: skip


def _nameless(code: str, accepted: str) -> Refusal:
    """Return the refusal of a request whose account cannot be told: why, and what to do."""
    text, lifts = wording(language_of(accepted)).reasons[code]
    return Refusal(
        status=401, code=code, kind="key", message=f"{text} {lifts}",
        more={"decision": "block", "reasons": [{"code": code, "text": text}], "lifts": lifts},
        headers=((b"x-should-retry", b"false"),),
    )  # fmt: skip


def _not_allowed(needs: str) -> Refusal:
    return Refusal(
        status=403, code="key_not_allowed", kind="denied",
        message=f"This API key may not do this: its role lacks {needs!r}.",
        headers=((b"x-should-retry", b"false"),),
    )  # fmt: skip
