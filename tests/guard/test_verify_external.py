"""Webhooks of external providers."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.guard.verify_world import World

from crossfix.errors import SettingError
from crossfix.guard.verify.webhook import secret_of, signature

KEY = base64.b64encode(bytes(range(100, 132))).decode()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("ACME_SECRET", "whsec_" + KEY)
    arguments = {"verify.providers.acme.secret": "ACME_SECRET",
                 "verify.providers.acme.link": "https://acme.example/?r={reference}"}  # fmt: skip
    made = World(tmp_path, **arguments)
    yield made
    made.close()


def hook(world: World, said: Any, *, id: str = "m1", name: str = "acme", **more: Any) -> Any:
    body = json.dumps(said).encode()
    time = int(more.pop("time", world.now))
    signed = more.pop("signed", None) or signature(base64.b64decode(KEY), id, time, body)
    headers = {"webhook-id": id, "webhook-timestamp": str(time), "webhook-signature": signed}
    return world.post(f"http://localhost/verify/hooks/{name}", content=body, headers=headers)


def verified(kind: str = "account.verified", **data: str) -> dict[str, Any]:
    return {"type": kind, "data": data or {"account": "app:ann"}}


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the Standard Webhooks specification's libraries."""
    secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "x")
    id, time = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(secret, id, time, b'{"test": 2432232314}') == expected


def test_a_provider_raises_a_tier_and_takes_it_back(world: World) -> None:
    assert hook(world, verified()).json() == {"ok": True, "repeated": False}
    assert world.tier() == "external"
    assert hook(world, verified("account.unverified"), id="m2").status_code == 200
    assert world.tier() == "anonymous"
    assert [e.attributes["verified"] for e in world.events] == ["acme", "-acme"]


def test_the_same_webhook_again_changes_nothing(world: World) -> None:
    hook(world, verified())
    hook(world, verified("account.unverified"), id="m2")
    assert hook(world, verified()).json() == {"ok": True, "repeated": True}
    assert world.tier() == "anonymous"


def test_the_page_leads_to_the_provider_and_what_it_gives_back_names_the_account(
    world: World,
) -> None:
    (way,) = world.get(world.url(tier="external")).json()["ways"]
    reference = parse_qs(urlsplit(way["link"]).query)["r"][0]
    assert "ann" not in base64.urlsafe_b64decode(reference + "==").decode("latin-1")
    world.now += 20 * 86_400
    assert hook(world, verified(reference=reference)).status_code == 200
    assert world.tier() == "external"
    ticket = world.url(tier="external").rpartition("/")[2]
    assert hook(world, verified(reference=ticket), id="m2").status_code == 400
    assert world.get(f"http://localhost/verify/{reference}").status_code == 404


def test_a_tier_that_is_not_the_providers_stays(world: World) -> None:
    world.raise_to("code")
    hook(world, verified("account.unverified"))
    assert world.tier() == "code"


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"signed": "v1,AAAA"}, 401), ({"signed": "v1a,x v1,y"}, 401), ({"time": -301}, 401),
     ({"time": 301}, 401), ({"id": "x" * 300}, 401), ({"name": "other"}, 404)],
)  # fmt: skip
def test_what_is_not_signed_rightly_and_in_time_is_refused(
    world: World, changes: dict[str, Any], status: int
) -> None:
    if "time" in changes:
        changes = {"time": world.now + changes["time"]}
    assert hook(world, verified(), **changes).status_code == status
    assert not world.events


def test_a_secret_may_be_exchanged_while_both_sign(world: World) -> None:
    body = json.dumps(verified()).encode()
    right = signature(base64.b64decode(KEY), "m1", int(world.now), body)
    assert hook(world, verified(), signed=f"v1,AAAA {right}").status_code == 200


@pytest.mark.parametrize(
    "said",
    [None, [], {}, {"type": "account.verified"}, {"type": "x", "data": {"account": "a:b"}},
     {"type": "account.verified", "data": {"account": "ann"}},
     {"type": "account.verified", "data": {"account": ":"}},
     {"type": "account.verified", "data": {"account": 7}},
     {"type": "account.verified", "data": {"reference": "x"}}],
)  # fmt: skip
def test_what_says_nothing_of_an_account_is_refused_and_may_come_again(
    world: World, said: Any
) -> None:
    assert world.code(hook(world, said)) == "malformed"
    assert hook(world, verified()).json()["repeated"] is False


def test_a_secret_must_be_long_enough() -> None:
    for text in ("", "whsec_", "whsec_AAAA", "whsec_!!!!"):
        with pytest.raises(SettingError):
            secret_of(text, "acme")


def test_what_the_settings_lack_is_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_SECRET", raising=False)
    with pytest.raises(SettingError, match="ACME_SECRET"):
        World(tmp_path, **{"verify.providers.acme.secret": "ACME_SECRET"})
    with pytest.raises(SettingError, match="MAIL_PASSWORD"):
        World(tmp_path, smtp__url="smtp://127.0.0.1:1", smtp__password="MAIL_PASSWORD")
