"""Authenticator apps and passkeys."""

import re
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.guard.verify_world import HTML, Device, World

from crossfix.guard.verify.one_time import code_at, link, picture, step_of
from crossfix.store.registry import FactorTable, open_registry


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, verify__enrol_tier="email")
    yield made
    made.close()


def enrolled(world: World) -> tuple[bytes, list[str]]:
    """Set an app up for Ann, and return its seed and the recovery codes."""
    world.raise_to("email")
    url = world.url(tier="code")
    begun = world.post(url + "/totp/new").json()
    seed = b32decode(begun["key"].replace(" ", ""))
    done = world.post(url + "/totp/confirm", json={"code": code_at(seed, int(world.now) // 30)})
    assert done.status_code == 200
    assert done.json()["reached"]
    return seed, done.json()["recovery"]


@pytest.mark.parametrize(
    ("algorithm", "time", "code"),
    [("sha1", 59, "94287082"), ("sha256", 59, "46119246"), ("sha512", 59, "90693936"),
     ("sha1", 1111111109, "07081804"), ("sha256", 1111111109, "68084774"),
     ("sha512", 1111111111, "99943326"), ("sha1", 2000000000, "69279037"),
     ("sha1", 20000000000, "65353130"), ("sha512", 20000000000, "47863826")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(algorithm: str, time: int, code: str) -> None:
    """RFC 6238, appendix B."""
    size = {"sha1": 20, "sha256": 32, "sha512": 64}[algorithm]
    secret = (b"1234567890" * 7)[:size]
    assert code_at(secret, time // 30, 8, algorithm) == code


@given(st.binary(min_size=16, max_size=32), st.integers(30, 4_000_000_000))
def test_codes_are_those_of_another_implementation(secret: bytes, now: int) -> None:
    from base64 import b32encode

    theirs = pyotp.TOTP(b32encode(secret).decode()).at(now)
    assert code_at(secret, now // 30) == theirs
    assert step_of(secret, theirs, now) is not None


def test_an_app_is_set_up_and_then_verifies(world: World) -> None:
    seed, recovery = enrolled(world)
    assert len(set(recovery)) == 10
    assert world.tier() == "code"
    world.now += 60
    url = world.url(tier="code")
    assert [w["way"] for w in world.get(url).json()["ways"]] == ["totp"]
    done = world.post(url + "/totp", json={"code": code_at(seed, int(world.now) // 30)})
    assert done.json()["reached"]
    assert world.events[-1].attributes["verified"] == "totp"


def test_a_code_that_was_used_serves_no_more_nor_an_older_one(world: World) -> None:
    seed, _ = enrolled(world)
    step = int(world.now) // 30
    for old in (step - 1, step):
        refused = world.post(world.url(tier="code") + "/totp", json={"code": code_at(seed, old)})
        assert world.code(refused) == "wrong"
    next_one = {"code": code_at(seed, step + 1)}
    assert world.post(world.url(tier="code") + "/totp", json=next_one).status_code == 200
    assert world.post(world.url(tier="code") + "/totp", json=next_one).status_code == 400


def test_a_recovery_code_serves_once_however_it_is_written(world: World) -> None:
    _, recovery = enrolled(world)
    written = recovery[3].lower().replace("-", " ")
    assert world.post(world.url(tier="code") + "/totp", json={"code": written}).status_code == 200
    assert world.events[-1].attributes["verified"] == "recovery"
    assert world.post(world.url(tier="code") + "/totp", json={"code": written}).status_code == 400


def test_seeds_and_recovery_codes_are_not_to_be_read_at_rest(world: World) -> None:
    seed, recovery = enrolled(world)
    with open_registry(world.settings.url("registry")) as registry:
        factors = FactorTable(registry).of("app:ann")
    assert len(factors) == 11
    assert all(seed not in (f.secret or b"") for f in factors)
    for path in world.settings.data_directory.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert seed not in raw
            assert all(code.encode() not in raw for code in recovery)


def test_who_is_not_verified_far_enough_sets_nothing_up(world: World) -> None:
    url = world.url(tier="code")
    for path in ("/totp/new", "/passkey/options"):
        assert world.code(world.post(url + path)) == "tier_first"
    assert [w["way"] for w in world.get(url).json()["ways"]] == [], "and no mail is to be had"


def test_who_has_an_app_replaces_it_with_nothing(world: World) -> None:
    enrolled(world)
    url = world.url(tier="code")
    for path in ("/totp/new", "/passkey/options"):
        assert world.code(world.post(url + path)) == "unavailable"


def test_a_seed_that_waits_belongs_to_its_ticket_and_account(world: World) -> None:
    world.raise_to("email")
    world.raise_to("email", "app:ben")
    url = world.url(tier="code")
    seed = b32decode(world.post(url + "/totp/new").json()["key"].replace(" ", ""))
    code = {"code": code_at(seed, int(world.now) // 30)}
    for other in (world.url(tier="code"), world.url("app:ben", "code")):
        assert world.code(world.post(other + "/totp/confirm", json=code)) == "wrong"
    assert world.post(url + "/totp/confirm", json=code).status_code == 200


def test_the_page_offers_what_can_be_set_up_and_then_what_was(world: World) -> None:
    world.raise_to("email")
    page = world.get(world.url(tier="code"), headers=HTML).text
    assert re.findall(r'<h2 id="([\w-]+)"', page) == ["totp-new", "passkey"]
    enrolled(world)
    page = world.get(world.url(tier="code"), headers=HTML).text
    assert re.findall(r'<h2 id="([\w-]+)"', page) == ["totp"]


def test_the_page_shows_the_picture_and_then_the_recovery_codes(world: World) -> None:
    world.raise_to("email")
    url = world.url(tier="code")
    page = world.post(url + "/totp/new", headers=HTML).text
    assert "<svg" in page
    key = re.search(r'class="key" dir="ltr">([A-Z2-7 ]+)<', page)
    assert key
    seed = b32decode(key[1].replace(" ", ""))
    code = code_at(seed, int(world.now) // 30)
    done = world.post(url + "/totp/confirm", data={"code": code}, headers=HTML).text
    assert len(re.findall(r"<li><code>[A-Z2-7-]{19}</code></li>", done)) == 10


def test_the_picture_holds_the_link() -> None:
    text = link(bytes(20), "A & B", "A & B")
    assert text == "otpauth://totp/A%20%26%20B%3AA%20%26%20B?secret=" + "A" * 32 + (
        "&issuer=A%20%26%20B"
    )
    svg = picture(text)
    assert svg.startswith("<svg")
    assert "style" not in svg
    assert "script" not in svg


def passkey(world: World, device: Device, *, make: bool, **more: Any) -> Any:
    url = world.url(tier="code")
    options = world.post(url + "/passkey/options").json()
    assert options["make"] == make
    answer = (device.make if make else device.use)(options["options"], **more)
    return world.post(url + "/passkey", json={"credential": answer})


def test_a_passkey_is_set_up_and_then_verifies(world: World) -> None:
    world.raise_to("email")
    device = Device()
    assert passkey(world, device, make=True).json()["reached"]
    assert world.tier() == "code"
    assert [w["way"] for w in world.get(world.url(tier="code")).json()["ways"]] == ["passkey"]
    assert passkey(world, device, make=False).json()["reached"]
    assert world.events[-1].attributes["verified"] == "passkey"


def test_a_copy_of_a_passkey_is_found_out_by_its_counter(world: World) -> None:
    world.raise_to("email")
    device = Device()
    passkey(world, device, make=True)
    assert passkey(world, device, make=False).status_code == 200
    device.signed = 0
    assert world.code(passkey(world, device, make=False)) == "wrong"


def test_a_person_must_be_behind_the_device(world: World) -> None:
    world.raise_to("email")
    assert world.code(passkey(world, Device(), make=True, verified=False)) == "wrong"
    device = Device()
    assert passkey(world, device, make=True).status_code == 200
    assert world.code(passkey(world, device, make=False, verified=False)) == "wrong"


@pytest.mark.parametrize(
    "device",
    [Device(host="example.org"), Device(origin="http://evil.example"),
     Device(origin="http://localhost:9999")],
)  # fmt: skip
def test_a_passkey_of_another_site_is_none(world: World, device: Device) -> None:
    world.raise_to("email")
    assert world.code(passkey(world, device, make=True)) == "wrong"


def test_a_challenge_serves_once_and_a_passkey_one_account(world: World) -> None:
    world.raise_to("email")
    device = Device()
    url = world.url(tier="external")  # needs more: the ticket stays open
    options = world.post(url + "/passkey/options").json()["options"]
    answer = {"credential": device.make(options)}
    assert world.post(url + "/passkey", json=answer).json()["reached"] is False
    assert world.code(world.post(url + "/passkey", json=answer)) == "wrong"
    world.raise_to("email", "app:ben")
    other = world.url("app:ben", "code")
    options = world.post(other + "/passkey/options").json()["options"]
    refused = world.post(other + "/passkey", json={"credential": device.make(options)})
    assert world.code(refused) == "wrong"


@pytest.mark.parametrize("value", [None, 7, "", "{", "[]", "{}", {"id": 1}, {"id": "x"}])
def test_what_is_no_answer_of_a_device_is_refused(world: World, value: object) -> None:
    world.raise_to("email")
    url = world.url(tier="code")
    world.post(url + "/passkey/options")
    refused = world.post(url + "/passkey", json={"credential": value})
    assert world.code(refused) in ("wrong", "malformed")
