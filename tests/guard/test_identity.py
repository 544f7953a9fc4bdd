from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.errors import InputError
from crossfix.guard.codes import CODES
from crossfix.guard.identity import Identities, Identity, Unidentified, checked_sources, sign
from crossfix.guard.keys import Key

NOW = 1_790_000_000
SECRET, OTHER = b"s" * 32, b"o" * 32


def identify(
    sources: tuple[str, ...], headers: dict[str, str] | None = None, body: Any = None, **at: float
) -> str:
    identities = Identities("app", secrets=[OTHER, SECRET])
    key = Key(id="k1", identity=sources)
    found = identities.identify(key, headers or {}, body or {}, at.get("now", NOW))
    if isinstance(found, Unidentified):
        assert CODES[found.code].answer == "block"
        return found.code
    return found.account


def signed(account: str, time: int = NOW, secret: bytes = SECRET) -> dict[str, str]:
    return {
        "x-crossfix-account": account, "x-crossfix-time": str(time),
        "x-crossfix-signature": sign(secret, account, time),
    }  # fmt: skip


def test_an_untrusted_client_names_nobody() -> None:
    body = {"user": "boss", "safety_identifier": "boss", "metadata": {"user_id": "boss"}}
    headers = signed("boss") | {"x-user-id": "boss"}
    assert identify((), headers, body) == "app:key:k1"
    assert Identities("app").identify(None, headers, body, NOW) == Identity(
        account="app:anonymous", source="own"
    )


def test_a_trusted_field_or_header_names_the_account() -> None:
    body = {"user": "u", "safety_identifier": "s", "metadata": {"user_id": "m"}}
    assert identify(("field:user",), {}, body) == "app:u"
    assert identify(("field:safety_identifier", "field:user"), {}, body) == "app:s"
    assert identify(("field:metadata.user_id",), {}, body) == "app:m"
    assert identify(("header:x-user", "field:user"), {}, body) == "app:u"
    assert identify(("header:x-user", "field:user"), {"x-user": "h"}, body) == "app:h"
    assert identify(("field:user",), {}, {"user": 7, "metadata": "x"}) == "app:key:k1"
    assert identify(("field:metadata.user_id",), {}, {"metadata": "x"}) == "app:key:k1"


def test_a_signed_header_names_the_account_within_its_window() -> None:
    assert identify(("signed",), signed("ann")) == "app:ann"
    assert identify(("signed",), signed("ann", secret=OTHER)) == "app:ann"
    assert identify(("signed",), signed("ann"), now=NOW + 300) == "app:ann"
    for wrong in (
        signed("ann", secret=b"x" * 32), signed("ann") | {"x-crossfix-account": "bob"},
        signed("ann", NOW - 301), signed("ann", NOW + 301),
        signed("ann") | {"x-crossfix-time": str(NOW + 1)},
        signed("ann") | {"x-crossfix-time": "٣"}, signed("ann") | {"x-crossfix-time": "-1"},
        signed("ann") | {"x-crossfix-signature": "v1=é"},
        {"x-crossfix-account": "ann"}, {"x-crossfix-signature": "v1=00"},
    ):  # fmt: skip
        assert identify(("signed",), wrong) == "identity_invalid"


def test_without_secrets_no_signature_fits() -> None:
    found = Identities("app").identify(Key(id="k", identity=("signed",)), signed("a"), {}, NOW)
    assert isinstance(found, Unidentified)


def test_a_missing_proof_is_refused_unless_the_key_may_speak_for_itself() -> None:
    assert identify(("signed",)) == "identity_missing"
    assert identify(("jwt", "field:user"), {}, {}) == "identity_missing"
    assert identify(("signed", "own")) == "app:key:k1"
    assert identify(("jwt", "field:user"), {}, {"user": "u"}) == "app:u"


@pytest.mark.parametrize(
    "named",
    ['{"device_id":"d","session_id":"s"}', ' {"a":1}', "[1]", '"x"', "a\nb", "\x00", "  ",
     "x" * 5000, "key:k2", "\u202eabc"],
)  # fmt: skip
def test_an_id_that_is_no_plain_id_is_refused(named: str) -> None:
    assert identify(("field:user",), {}, {"user": named}) == "identity_unusable"


def test_a_long_id_is_taken_by_its_hash() -> None:
    long = [identify(("field:user",), {}, {"user": "x" * n}) for n in (128, 129, 130, 129)]
    assert long[0] == "app:" + "x" * 128
    assert long[1] == long[3] != long[2]
    assert all(len(name) < 64 for name in long[1:])


@given(st.text(max_size=200))
def test_nobody_is_taken_for_a_keys_own_account(named: str) -> None:
    found = identify(("field:user",), {}, {"user": named})
    assert not found.startswith("app:key:") or not named


def test_sources_are_checked_when_a_key_is_made() -> None:
    assert checked_sources(["jwt", "header:X-User", "field:user", "own"]) == (
        "jwt", "header:x-user", "field:user", "own"
    )  # fmt: skip
    for wrong in ("field:email", "header:", "header:a b", "cookie", ""):
        with pytest.raises(InputError, match="no source of identity"):
            checked_sources([wrong])
