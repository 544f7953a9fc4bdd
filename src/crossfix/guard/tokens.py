"""Signed tokens (JWT) that name the account behind a request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossfix.errors import SettingError
from crossfix.extras import need

MOST_LENGTH = 8_192
LEEWAY_SECONDS = 30.0
"""How far the clocks of who signs and who checks may be apart."""

LEAST_SECRET_BYTES = 32
_MOST_REMEMBERED = 20_000
_ALGORITHMS = {"oct": "HS256", "RSA": "RS256", "EC": "ES256"}


class TokenError(Exception):
    """A token is not good; the message says why, for the operator alone."""


class Tokens:
    """The check of tokens against a set of keys.

    Which algorithm a key signs with is told by the key, never by the token, so that a public key
    cannot be taken for a shared secret. Tokens that were good are remembered until they end.

    Args:
        keys: a JSON Web Key Set: ``oct`` (HS256), ``RSA`` (RS256) or ``EC`` on P-256 (ES256).
        issuer, audience: what ``iss`` and ``aud`` must say.
        claim: which claim names the account.

    Raises:
        SettingError: a key cannot be used, or is too weak.
        MissingExtraError: the guard's extra is not installed.
    """

    def __init__(
        self, keys: Mapping[str, Any], *, issuer: str, audience: str, claim: str = "sub"
    ) -> None:
        self._keys = _read_keys(keys)
        self._issuer = issuer
        self._audience = audience
        self._claim = claim
        self._good: dict[bytes, tuple[str, float, float]] = {}

    @classmethod
    def of_file(cls, path: Path, *, issuer: str, audience: str, claim: str = "sub") -> Tokens:
        """Read the keys from a JWKS file.

        Raises:
            SettingError: there is no such file, or it holds no keys that can be used.
        """
        try:
            keys = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as e:
            raise SettingError(f"The key set cannot be read: {e}", path=str(path)) from e
        if not isinstance(keys, dict):
            raise SettingError("A key set is a JSON object.", path=str(path))
        return cls(keys, issuer=issuer, audience=audience, claim=claim)

    def account(self, token: str, now: float) -> str:
        """Return whom a token names.

        Raises:
            TokenError: it is not good at ``now`` (seconds since 1970 UTC).
        """
        # By its hash: tokens are long, and are not to lie about in memory.
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        known = self._good.get(digest)
        if known is None:
            known = self._checked(token)
            if len(self._good) >= _MOST_REMEMBERED:
                del self._good[next(iter(self._good))]
            self._good[digest] = known
        name, begins, ends = known
        if now >= ends + LEEWAY_SECONDS:
            self._good.pop(digest, None)
            raise TokenError("it has ended")
        if now < begins - LEEWAY_SECONDS:
            raise TokenError("its time has not come")
        return name

    def _checked(self, token: str) -> tuple[str, float, float]:
        """Check all of a token but its times, and return them with whom it names."""
        import jwt

        if len(token) > MOST_LENGTH:
            raise TokenError("it is too long")
        try:
            header = jwt.get_unverified_header(token)
            if "crit" in header:
                raise TokenError("it asks for what is not known here")
            key, algorithm = self._key(header.get("kid"), header.get("alg"))
            claims = jwt.decode(
                token, key, algorithms=[algorithm], audience=self._audience, issuer=self._issuer,
                options={"require": ["exp", "iss", "aud"], "verify_exp": False,
                         "verify_nbf": False, "verify_iat": False, "verify_sub": False},
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as e:
            raise TokenError(str(e) or type(e).__name__) from e
        name = claims.get(self._claim)
        if not isinstance(name, str) or not name:
            raise TokenError(f"it has no claim {self._claim}")
        return name, _moment(claims, "nbf", 0.0), _moment(claims, "exp", 0.0)

    def _key(self, kid: object, algorithm: object) -> tuple[Any, str]:
        found = [
            (key, known) for id, key, known in self._keys
            if known == algorithm and (kid is None or id is None or id == kid)
        ]  # fmt: skip
        if len(found) != 1:
            raise TokenError("no key fits it" if not found else "several keys may fit it")
        return found[0]


def _moment(claims: Mapping[str, Any], name: str, default: float) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError(f"its {name} is no number")
    return float(value)


def _read_keys(keys: Mapping[str, Any]) -> list[tuple[str | None, Any, str]]:
    need("guard")
    import jwt

    found = []
    for one in keys.get("keys", ()):
        kind = one.get("kty") if isinstance(one, dict) else None
        algorithm = _ALGORITHMS.get(str(kind))
        if algorithm is None or one.get("alg", algorithm) != algorithm or one.get("use") == "enc":
            raise SettingError(
                f"A key of the kind {kind}, algorithm {one.get('alg') if kind else None}, "
                "cannot be used.",
                hint="Use oct with HS256, RSA with RS256, or EC on P-256 with ES256.",
            )
        try:
            key = jwt.PyJWK.from_dict(one, algorithm=algorithm).key
        except (jwt.PyJWTError, ValueError) as e:
            raise SettingError(f"A key of the key set cannot be read: {e}") from e
        if algorithm == "HS256" and len(key) < LEAST_SECRET_BYTES:
            raise SettingError(f"A shared secret has {LEAST_SECRET_BYTES} bytes at least.")
        if algorithm == "ES256" and one.get("crv") != "P-256":
            raise SettingError("An EC key must be on P-256.")
        found.append((one.get("kid"), key, algorithm))
    if not found:
        raise SettingError("The key set holds no keys.")
    return found
