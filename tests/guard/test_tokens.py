import base64
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from crossfix.errors import SettingError
from crossfix.guard.identity import Identities, Identity, Unidentified
from crossfix.guard.keys import Key
from crossfix.guard.tokens import LEEWAY_SECONDS, TokenError, Tokens

NOW = 1_790_000_000
SHARED = b"0123456789abcdef0123456789abcdef"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
OCT = {"kty": "oct", "kid": "h", "k": base64.urlsafe_b64encode(SHARED).decode().rstrip("=")}
JWKS = {
    "keys": [
        OCT,
        json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key())) | {"kid": "r"},
        json.loads(jwt.algorithms.ECAlgorithm.to_jwk(EC.public_key())) | {"kid": "e"},
    ]
}
SIGNERS: dict[str, tuple[Any, str]] = {
    "h": (SHARED, "HS256"), "r": (RSA, "RS256"), "e": (EC, "ES256")
}  # fmt: skip


def tokens() -> Tokens:
    return Tokens(JWKS, issuer="shop", audience="guard")


def token(kid: str = "h", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {"sub": "ann", "iss": "shop", "aud": "guard", "exp": NOW + 60} | changes
    key, algorithm = SIGNERS[kid]
    return jwt.encode(
        {k: v for k, v in claims.items() if v is not None}, key, algorithm,
        headers={"kid": kid} | (headers or {}),
    )  # fmt: skip


@pytest.mark.parametrize("kid", sorted(SIGNERS))
def test_a_token_signed_with_a_key_of_the_set_names_its_account(kid: str) -> None:
    checker = tokens()
    for _ in range(2):
        assert checker.account(token(kid), NOW) == "ann"


@pytest.mark.parametrize("kid", sorted(SIGNERS))
@pytest.mark.parametrize(
    "changes",
    [{"iss": "other"}, {"iss": None}, {"aud": "other"}, {"aud": None}, {"exp": None},
     {"exp": NOW - 31}, {"exp": True}, {"nbf": NOW + 31}, {"sub": None}, {"sub": 7}, {"sub": ""}],
)  # fmt: skip
def test_a_token_that_lacks_what_it_must_say_is_refused(kid: str, changes: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        tokens().account(token(kid, **changes), NOW)


def test_a_token_that_was_good_ends_all_the_same() -> None:
    checker = tokens()
    good = token()
    assert checker.account(good, NOW + 59) == "ann"
    with pytest.raises(TokenError, match="ended"):
        checker.account(good, NOW + 60 + LEEWAY_SECONDS)


def test_a_public_key_is_never_taken_for_a_shared_secret() -> None:
    public = RSA.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"r"}').rstrip(b"=")
    body = token().split(".")[1].encode()
    import hashlib
    import hmac

    mac = hmac.new(public, header + b"." + body, hashlib.sha256).digest()
    forged = b".".join([header, body, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()
    with pytest.raises(TokenError, match="no key fits"):
        tokens().account(forged, NOW)


@pytest.mark.parametrize(
    "forged",
    [
        jwt.encode({"sub": "ann", "iss": "shop", "aud": "guard", "exp": NOW + 60}, None, "none"),
        token(headers={"kid": "r"}), token("r", {"kid": "h"}), token(headers={"kid": "zz"}),
        token()[:-4] + "AAAA", token().rpartition(".")[0] + ".", "", "a.b.c", "é.é.é",
        "x" * 9000, token(headers={"crit": ["x"], "x": 1}),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_forged_token_is_refused(forged: str) -> None:
    checker = tokens()
    for _ in range(2):
        with pytest.raises(TokenError):
            checker.account(forged, NOW)


@pytest.mark.parametrize(
    "keys",
    [
        {}, {"keys": []}, {"keys": [OCT | {"k": "c2hvcnQ"}]}, {"keys": [OCT | {"alg": "HS512"}]},
        {"keys": [{"kty": "OKP"}]}, {"keys": ["x"]}, {"keys": [{"kty": "RSA", "n": "!", "e": 1}]},
        {"keys": [json.loads(jwt.algorithms.ECAlgorithm.to_jwk(
            ec.generate_private_key(ec.SECP384R1()).public_key()))]},
    ],
    ids=range(8),
)  # fmt: skip
def test_keys_that_cannot_be_used_are_refused_when_they_are_read(keys: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        Tokens(keys, issuer="shop", audience="guard")


def test_a_key_set_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    for content in ("no json", "[]"):
        path.write_text(content)
        with pytest.raises(SettingError, match=r"keys\.json"):
            Tokens.of_file(path, issuer="shop", audience="guard")
    with pytest.raises(SettingError):
        Tokens.of_file(tmp_path / "none", issuer="shop", audience="guard")
    path.write_text(json.dumps(JWKS))
    checker = Tokens.of_file(path, issuer="shop", audience="guard")
    assert checker.account(token("e"), NOW) == "ann"


def test_a_key_that_brings_tokens_names_accounts_by_them_alone() -> None:
    key = Key(id="k1", identity=("jwt",))
    identities = Identities("app", tokens=tokens())
    good = identities.identify(key, {"x-crossfix-token": token()}, {"user": "boss"}, NOW)
    assert good == Identity(account="app:ann", source="jwt")
    for headers in ({}, {"x-crossfix-token": token(aud="other")}):
        assert isinstance(identities.identify(key, headers, {"user": "boss"}, NOW), Unidentified)
    without = Identities("app").identify(key, {"x-crossfix-token": token()}, {}, NOW)
    assert isinstance(without, Unidentified)


def test_memory_of_good_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossfix.guard.tokens._MOST_REMEMBERED", 5)
    checker = tokens()
    for n in range(12):
        assert checker.account(token(sub=f"u{n}"), NOW) == f"u{n}"
    assert len(checker._good) <= 5
