from typing import Any

import jwt
import pytest

from crossfix.guard.caller import Caller, Callers
from crossfix.guard.identity import Identities, sign
from crossfix.guard.keys import Keyring, new_key
from crossfix.guard.tokens import Tokens
from crossfix.guard.wire import Refusal

NOW = 1_790_000_000.0
SECRET = b"0123456789abcdef0123456789abcdef"
JWKS = {"keys": [{"kty": "oct", "k": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}
SAID = {"x-crossfix-client-ip": "192.0.2.66"}


def identify(
    sources: tuple[str, ...], headers: dict[str, str], body: dict[str, Any]
) -> Caller | Refusal:
    from datetime import UTC, datetime

    secret, key = new_key(bytes(32), now=datetime.fromtimestamp(NOW, UTC), name="k",
                          identity=sources)  # fmt: skip
    identities = Identities("app", tokens=Tokens(JWKS, issuer="i", audience="a"), secrets=[SECRET])
    callers = Callers("app", b"x" * 32, Keyring([key]), identities, foreign=False)
    given = {"authorization": f"Bearer {secret}", **headers}
    scope = {
        "client": ("198.51.100.1", 999),
        "headers": [(n.encode(), v.encode()) for n, v in given.items()],
    }
    return callers.identify(scope, body, "", NOW)


def ip(found: Caller | Refusal) -> str | None:
    assert isinstance(found, Caller)
    return found.attributes.get("ip")


def test_an_address_is_believed_of_a_server_that_speaks_for_its_users_alone() -> None:
    assert ip(identify(("field:user",), SAID, {"user": "ann"})) == "192.0.2.66"
    assert ip(identify((), SAID, {})) == "198.51.100.1"
    signed = {
        "x-crossfix-account": "ann", "x-crossfix-time": str(int(NOW)),
        "x-crossfix-signature": sign(SECRET, "ann", int(NOW)),
    }  # fmt: skip
    assert ip(identify(("signed",), SAID | signed, {})) == "192.0.2.66"
    claims = {"sub": "ann", "iss": "i", "aud": "a", "exp": NOW + 60}
    token = {"x-crossfix-token": jwt.encode(claims, SECRET, "HS256")}
    found = identify(("jwt",), SAID | token, {})
    assert isinstance(found, Caller)
    assert (found.account, ip(found)) == ("app:ann", None)


def test_the_address_of_a_server_is_not_taken_for_that_of_its_users() -> None:
    assert ip(identify(("field:user",), {}, {"user": "ann"})) is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"authorization": "Bearer cfx_wrong"}, 401), ({"authorization": ""}, 401),
     ({"x-crossfix-token": "a.b.c"}, 401)],
)  # fmt: skip
def test_who_cannot_be_told_is_refused(headers: dict[str, str], status: int) -> None:
    found = identify(("jwt",), headers, {"user": "ann"})
    assert isinstance(found, Refusal)
    assert found.status == status


def test_a_name_in_a_header_is_utf_8_where_it_can_be() -> None:
    signed = {
        "x-crossfix-account": "zoë-ж", "x-crossfix-time": str(int(NOW)),
        "x-crossfix-signature": sign(SECRET, "zoë-ж", int(NOW)),
    }  # fmt: skip
    found = identify(("signed",), signed, {})
    assert isinstance(found, Caller)
    assert found.account == "app:zoë-ж"


def test_a_header_that_is_no_utf_8_is_still_read() -> None:
    callers = Callers("app", b"x" * 32, Keyring(), Identities("app"), foreign=True)
    scope = {
        "client": None,
        "headers": [(b"authorization", b"Bearer sk"), (b"user-agent", b"\xe9")],
    }
    found = callers.identify(scope, {}, "ann", NOW)
    assert isinstance(found, Caller)
    assert found.attributes["user_agent"] == "é"


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, ""),
        ({"accept-language": "de-AT,de;q=0.9"}, "de-AT,de;q=0.9"),
        ({"accept-language": "en", "x-crossfix-language": "fr"}, "fr"),
        ({"accept-language": "x" * 5_000}, "x" * 200),
    ],
)
def test_what_the_person_reads_is_said_by_the_application_else_by_the_client(
    headers: dict[str, str], language: str
) -> None:
    found = identify((), headers, {})
    assert isinstance(found, Caller)
    assert found.language == language


def test_who_cannot_be_named_reads_why_and_what_to_do_in_their_language() -> None:
    found = identify(("jwt",), {"x-crossfix-language": "de"}, {})
    assert isinstance(found, Refusal)
    assert (found.status, found.code) == (401, "identity_missing")
    assert found.message == (
        "Die Anfrage sagt nicht, für welches Konto sie ist. "
        "Senden Sie das signierte Token oder die Kopfzeile, die dieser Schlüssel braucht."
    )
    claims = {"sub": "ann", "iss": "i", "aud": "a", "exp": NOW - 600}
    late = identify(("jwt",), {"x-crossfix-token": jwt.encode(claims, SECRET, "HS256")}, {})
    assert isinstance(late, Refusal)
    assert late.more is not None
    assert late.more["lifts"] == "Sign in again."
    unusable = identify(("field:user",), {}, {"user": '{"session": 1}'})
    assert isinstance(unusable, Refusal)
    assert unusable.code == "identity_unusable"
