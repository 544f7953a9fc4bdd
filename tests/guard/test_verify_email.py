"""Codes by e-mail, through a real mail server."""

import asyncio
import email
import re
import socket
import threading
import time
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from tests.guard.verify_world import World

from crossfix.app import build_parts
from crossfix.config import load_settings
from crossfix.guard.keys import Keyring
from crossfix.guard.verify.addresses import address_of, disposable
from crossfix.store.registry import FactorTable, open_registry


class Box:
    """Keeps what a mail server takes; refuses the recipients that do not exist."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Message]] = []

    async def handle_RCPT(  # noqa: N802 - the name is the mail servers own
        self, server: Any, session: Any, envelope: Any, to: str, o: Any
    ) -> str:
        if to.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content)
        self.messages.append((envelope.rcpt_tos[0], message))
        return "250 OK"

    def last(self, count: int) -> Message:
        end = time.monotonic() + 10
        while len(self.messages) < count:
            assert time.monotonic() < end, "no mail came"
            time.sleep(0.01)
        return self.messages[count - 1][1]

    def code(self, count: int = 1) -> str:
        payload = self.last(count).get_payload(decode=True)
        assert isinstance(payload, bytes)
        found = re.search(r"\b\d{8}\b", payload.decode())
        assert found
        return found[0]


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def world(tmp_path: Path, box: Box) -> Iterator[World]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    made = World(tmp_path, smtp__url=f"smtp://127.0.0.1:{port}", smtp__sender="ai@example.org")
    yield made
    made.close()
    controller.stop()


def send(world: World, url: str, address: str = "ann@example.org", **more: Any) -> Any:
    return world.post(url + "/email", json={"address": address}, **more)


def test_a_code_that_came_by_mail_raises_the_tier(world: World, box: Box) -> None:
    url = world.url(tier="email")
    assert [w["way"] for w in world.get(url).json()["ways"]] == ["email"]
    assert send(world, url).json() == {"ok": True, "said": "email_sent", "reached": False}
    code = box.code()
    message = box.last(1)
    assert message["To"] == "ann@example.org"
    assert message["From"] == "ai@example.org"
    assert message["Subject"] == f"{code} is your code for app"
    assert message["Auto-Submitted"] == "auto-generated"
    done = world.post(url + "/code", json={"code": f"{code[:4]} {code[4:]}"})
    assert done.json()["reached"]
    assert world.tier() == "email"
    (event,) = world.events
    assert event.attributes["email_domain"] == "example.org"


def test_the_address_is_kept_nowhere(world: World, box: Box) -> None:
    url = world.url(tier="email")
    send(world, url, "ann.unusual@example.org")
    world.post(url + "/code", json={"code": box.code()})
    for path in world.settings.data_directory.rglob("*"):
        if path.is_file():
            raw = path.read_bytes().lower()
            assert b"unusual" not in raw, path
            assert box.code().encode() not in raw, path


def test_a_code_serves_once_and_only_its_ticket(world: World, box: Box) -> None:
    first, second = world.url("app:ann", "code"), world.url("app:ben", "code")
    send(world, first)
    send(world, second, "ben@example.org")
    codes = sorted([box.code(1), box.code(2)])
    assert len(set(codes)) == 2
    to = {recipient: n + 1 for n, (recipient, _) in enumerate(box.messages)}
    ann = box.code(to["ann@example.org"])
    assert world.code(world.post(second + "/code", json={"code": ann})) == "wrong"
    assert world.post(first + "/code", json={"code": ann}).status_code == 200
    assert world.code(world.post(first + "/code", json={"code": ann})) == "wrong"
    assert (world.tier("app:ann"), world.tier("app:ben")) == ("email", "anonymous")


def test_a_code_ends_after_ten_minutes_or_five_wrong_tries(world: World, box: Box) -> None:
    url = world.url(tier="email")
    send(world, url)
    code = box.code()
    world.now += 600
    assert world.code(world.post(url + "/code", json={"code": code})) == "wrong"
    url = world.url(tier="email")
    send(world, url)
    code = box.code(2)
    wrong = str((int(code) + 1) % 10**8).zfill(8)
    for _ in range(5):
        assert world.code(world.post(url + "/code", json={"code": wrong})) == "wrong"
    assert world.code(world.post(url + "/code", json={"code": code})) == "wrong"
    assert world.tier() == "anonymous"


def test_nothing_tells_whether_an_address_exists(world: World, box: Box) -> None:
    answers = [
        send(world, world.url(f"app:{name}", "email"), f"{name}@example.org")
        for name in ("nobody", "ann")
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].status_code == answers[1].status_code == 200
    box.last(1)
    assert [to for to, _ in box.messages] == ["ann@example.org"]


def test_a_server_that_is_gone_shows_to_nobody(tmp_path: Path) -> None:
    world = World(tmp_path, smtp__url="smtp://127.0.0.1:1")
    assert send(world, world.url(tier="email")).status_code == 200
    world.close()


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("verify-mail")]


def test_what_hands_mail_over_ends_with_the_guard(tmp_path: Path) -> None:
    settings = load_settings(
        environment={},
        arguments={"data_directory": tmp_path, "smtp.url": "smtp://127.0.0.1:1"},
    )

    async def run() -> None:
        _, life, verify = build_parts(settings, Keyring())
        await life.ready()
        transport = httpx.ASGITransport(verify)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport) as client:
            url = verify.url("app:ann", "email")
            answer = await client.post(url + "/email", json={"address": "ann@example.org"})
        assert answer.status_code == 200
        assert threads()
        await life.stop()

    asyncio.run(run())
    assert threads() == []


def test_an_address_verifies_so_many_accounts_and_is_told_the_rest(world: World, box: Box) -> None:
    for n in range(4):
        world.now += 3_600  # the limit of mails for one box is another matter
        url = world.url(f"app:{n}", "email")
        # Tags and dots lead to the same box.
        assert send(world, url, f"a.n{'.' * (n % 2)}n+{n}@gmail.com").status_code == 200
        if n < 3:
            assert world.post(url + "/code", json={"code": box.code(n + 1)}).status_code == 200
    assert "cannot verify more accounts" in str(box.last(4)["Subject"])
    assert world.tier("app:3") == "anonymous"
    with open_registry(world.settings.url("registry")) as registry:
        (factor,) = FactorTable(registry).of("app:0")
        assert len(FactorTable(registry).holders("email", factor.handle)) == 3


def test_mails_are_limited_for_a_ticket_and_for_a_box(world: World) -> None:
    url = world.url(tier="email")
    answers = [send(world, url, f"ann{n}@example.org").status_code for n in range(4)]
    assert answers == [200, 200, 200, 429]
    answers = [
        send(world, world.url(f"app:{n}", "email"), "one@example.org", ip=f"198.51.100.{n}")
        for n in range(6)
    ]
    assert [a.status_code for a in answers] == [200] * 5 + [429]


@pytest.mark.parametrize(
    "text",
    ["", "ann", "@example.org", "ann@", "ann@localhost", "a b@example.org", "ann@exa_mple.org",
     "ann@example.org\nBcc: x@example.org", "ann@[127.0.0.1]", "a" * 65 + "@example.org",
     "ann@" + "a" * 250 + ".org", "ann..b@example.org", "<ann@example.org>", "ann@example.123"],
)  # fmt: skip
def test_what_is_no_address_is_none(text: str) -> None:
    assert address_of(text) is None


def test_what_is_no_address_is_refused(world: World) -> None:
    for text, code in (("ann@localhost", "address_unusable"), (" ", "malformed")):
        assert world.code(send(world, world.url(tier="email"), text)) == code


def test_one_box_has_one_form() -> None:
    def box(text: str) -> str:
        address = address_of(text)
        assert address is not None
        return address.box

    assert box("A.nn+x@GoogleMail.com") == box("ann@gmail.com") == "ann@gmail.com"
    assert box("a.b@example.org") == "a.b@example.org"
    assert box("ann@bücher.example") == "ann@xn--bcher-kva.example"


def test_disposable_addresses_verify_nothing_unless_a_setting_allows_them(world: World) -> None:
    refused = send(world, world.url(tier="email"), "ann@mailinator.com")
    assert world.code(refused) == "address_unusable"
    assert disposable("a.b.mailinator.com", (), ())
    assert not disposable("mailinator.com", (), ("mailinator.com",))
    assert disposable("sub.example.org", ("example.org",), ())
    assert not disposable("example.org", (), ())
    assert not disposable("gmail.com", (), ())


def test_the_way_without_javascript_works_from_page_to_page(world: World, box: Box) -> None:
    url = world.url(tier="email")
    html = {"accept": "text/html", "accept-language": "de-AT,de;q=0.9,en;q=0.5"}
    page = world.get(url, headers=html)
    assert page.status_code == 200
    assert '<html lang="de" dir="ltr">' in page.text
    assert "E-Mail-Adresse" in page.text
    sent = world.post(url + "/email?lang=de", data={"address": "ann@example.org"}, headers=html)
    assert "ist ein Code unterwegs" in sent.text
    assert 'name="code"' in sent.text
    assert "Ihr Code für app" in str(
        email.header.make_header(email.header.decode_header(box.last(1)["Subject"]))
    )
    wrong = world.post(url + "/code?lang=de", data={"code": "0"}, headers=html)
    assert wrong.status_code == 400
    assert 'role="alert"' in wrong.text
    done = world.post(url + "/code?lang=de", data={"code": box.code()}, headers=html)
    assert "Ihr Konto ist bestätigt" in done.text
    assert world.tier() == "email"
