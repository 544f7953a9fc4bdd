"""Who is asking: the account behind a request, from what its API key is trusted to say."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

import msgspec

from crossfix.errors import InputError
from crossfix.guard.keys import Key
from crossfix.guard.limits import OWN
from crossfix.guard.tokens import TokenError, Tokens

FIELDS = ("user", "safety_identifier", "metadata.user_id")
"""Fields of a request's body that a key may be trusted to set."""

TOKEN_HEADER = "x-crossfix-token"  # noqa: S105 - the name of a header
ACCOUNT_HEADER = "x-crossfix-account"
TIME_HEADER = "x-crossfix-time"
SIGNATURE_HEADER = "x-crossfix-signature"

WINDOW_SECONDS = 300.0
"""How old a signed header may be, and how far ahead of our clock."""

MOST_CHARACTERS = 128
"""A longer id is taken by its hash."""

_MOST_TAKEN = 4_096
_PROVEN = ("jwt", "signed")
_OWN_SOURCE = "own"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The account behind a request and what named it: a source of the key, or ``own``."""

    account: str
    source: str


class Unidentified(msgspec.Struct, frozen=True, kw_only=True):
    """Why no account can be named: a code of `CODES`, and what is wrong for the operator."""

    code: str
    because: str


class Identities:
    """The naming of accounts for one service.

    Args:
        service: the name before the colon of every account.
        tokens: the check of tokens, for keys with the source ``jwt``.
        secrets: the shared secrets of signed headers; any of them may have signed, so that they
            can be exchanged.
    """

    def __init__(
        self, service: str, *, tokens: Tokens | None = None, secrets: Iterable[bytes] = ()
    ) -> None:
        self._service = service
        self._tokens = tokens
        self._secrets = tuple(secrets)

    def identify(
        self,
        key: Key | None,
        headers: Mapping[str, str],
        body: Mapping[str, object],
        now: float,
    ) -> Identity | Unidentified:
        """Return the account behind a request, or why none can be named.

        ``headers`` have names in lower case; ``body`` is the decoded request. Nothing in either
        is heeded that the key is not trusted with. A key that is to bring a proof (``jwt``,
        ``signed``) and brings none is refused unless ``own`` is among its sources.
        """
        if key is None:
            return Identity(account=f"{self._service}:anonymous", source=_OWN_SOURCE)
        for source in key.identity:
            try:
                named = self._named(source, headers, body, now)
            except TokenError as e:
                return Unidentified(code="identity_invalid", because=f"{source}: {e}")
            if named:
                return self._account(named, source)
        if any(s in _PROVEN for s in key.identity) and _OWN_SOURCE not in key.identity:
            return Unidentified(code="identity_missing", because=", ".join(key.identity))
        return Identity(account=f"{self._service}{OWN}{key.id}", source=_OWN_SOURCE)

    def _named(
        self, source: str, headers: Mapping[str, str], body: Mapping[str, object], now: float
    ) -> str | None:
        if source == "jwt":
            token = headers.get(TOKEN_HEADER)
            if token is None:
                return None
            if self._tokens is None:
                raise TokenError("there is no key set to check it with")
            return self._tokens.account(token, now)
        if source == "signed":
            return self._signed(headers, now)
        kind, _, name = source.partition(":")
        if kind == "header":
            return headers.get(name)
        if kind == "field":
            return _field(body, name)
        return None

    def _signed(self, headers: Mapping[str, str], now: float) -> str | None:
        account, signature = headers.get(ACCOUNT_HEADER), headers.get(SIGNATURE_HEADER)
        if account is None and signature is None:
            return None
        time = headers.get(TIME_HEADER, "")
        if not time.isascii() or not time.isdigit() or len(time) > 12:
            raise TokenError(f"{TIME_HEADER} is not in seconds since 1970")
        said = (signature or "").encode("utf-8", "replace")
        expected = [sign(secret, account or "", int(time)).encode() for secret in self._secrets]
        # All are compared, each in constant time: how long it takes tells nothing.
        if not sum([hmac.compare_digest(said, e) for e in expected]):
            raise TokenError("the signature does not fit")
        if abs(now - int(time)) > WINDOW_SECONDS:
            raise TokenError("it was signed too long ago, or the clocks differ")
        return account

    def _account(self, named: str, source: str) -> Identity | Unidentified:
        if len(named) > _MOST_TAKEN:
            return Unidentified(code="identity_unusable", because=f"{source}: far too long")
        named = named.strip()
        if named[:1] in ("{", "[", '"') or not named.isprintable() or not named:
            # A client that puts a whole session there would be somebody new each time.
            return Unidentified(code="identity_unusable", because=f"{source}: not a plain id")
        if len(named) > MOST_CHARACTERS:
            named = "h-" + hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:32]
        elif named.startswith(OWN[1:]):
            return Unidentified(code="identity_unusable", because=f"{source}: a reserved name")
        return Identity(account=f"{self._service}:{named}", source=source)


def sign(secret: bytes, account: str, time: int) -> str:
    """Return the signature of an account at a time: ``v1=`` and the HMAC-SHA256 of both in hex."""
    message = f"v1:{time}:{account}".encode("utf-8", "replace")
    return "v1=" + hmac.new(secret, message, hashlib.sha256).hexdigest()


def checked_sources(sources: Iterable[str]) -> tuple[str, ...]:
    """Return sources of identity as given.

    Raises:
        InputError: one of them is none.
    """
    given = tuple(s.lower() if s.lower().startswith("header:") else s for s in sources)
    for source in given:
        kind, _, name = source.partition(":")
        if source in (*_PROVEN, _OWN_SOURCE):
            continue
        if (kind == "field" and name in FIELDS) or (kind == "header" and _is_header(name)):
            continue
        known = ", ".join([*_PROVEN, _OWN_SOURCE, "header:NAME", *(f"field:{f}" for f in FIELDS)])
        raise InputError(f"{source!r} is no source of identity.", hint=f"There are: {known}")
    return given


def _is_header(name: str) -> bool:
    return bool(name) and name.replace("-", "").isalnum() and name.isascii()


def _field(body: Mapping[str, object], name: str) -> str | None:
    value: object = body
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None
