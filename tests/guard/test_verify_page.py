"""The page: languages, headers, and what it never says."""

import base64
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.guard.verify_world import HTML, SECRET, START, World

from crossfix.accounts.standing import TIERS
from crossfix.guard.verify.languages import LANGUAGES, chosen, texts
from crossfix.guard.verify.page import STATIC
from crossfix.guard.verify.refused import STATUS
from crossfix.guard.verify.ticket import Tickets
from crossfix.guard.verify.ways import Given, open_ways


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("page"))
    yield made
    made.close()


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_gaps(language: str) -> None:
    own, english = texts(language), texts("en")
    assert list(own) == list(english)
    for key, text in own.items():
        assert text.strip(), key
        assert fields(text) == fields(english[key]), key
        if language != "en" and key not in ("email_address",):
            assert text != english[key], key
    assert set(STATUS) <= set(own)


def test_every_text_is_used() -> None:
    here = Path(__file__).parents[2] / "src" / "crossfix" / "guard" / "verify"
    said = "".join(p.read_text("utf-8") for p in here.rglob("*") if p.suffix in (".py", ".html"))
    unused = [k for k in texts("en") if f"t.{k}" not in said and f'"{k}"' not in said]
    assert unused == []


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("de-AT,de;q=0.9,en;q=0.8", "de"), ("tlh,ru;q=0.3,zh;q=0.4", "zh"),
     ("en;q=0,ar", "ar"), ("de;q=x,fr", "fr"), ("*", "en"), ("," * 5_000, "en")],
)  # fmt: skip
def test_the_language_is_the_best_one_accepted(accepted: str, language: str) -> None:
    assert chosen("", accepted) == language
    assert chosen("pt", accepted) == "pt"
    assert chosen("../en", accepted) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_served_in_every_language(world: World, language: str) -> None:
    page = world.get(world.url() + f"?lang={language}", headers=HTML)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page.text
    assert texts(language)["proof_title"] in page.text


def test_nothing_is_loaded_from_elsewhere_or_run_inline(world: World) -> None:
    page = world.get(world.url(), headers=HTML)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert loaded
    assert all(address.startswith("/verify/") for address in loaded)
    assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", page.text)


@pytest.mark.parametrize("name", STATIC)
def test_what_the_page_loads_is_there(world: World, name: str) -> None:
    answer = world.get(f"http://localhost/verify/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == STATIC[name]


@pytest.mark.parametrize("name", ["nothing.js", "..%2fpage.py", "%2e%2e/page.py"])
def test_nothing_else_is_there(world: World, name: str) -> None:
    assert world.get(f"http://localhost/verify/static/{name}").status_code == 404


def test_a_ticket_tells_its_bearer_nothing() -> None:
    tickets = Tickets(SECRET, 60.0)
    short, long = (tickets.issue(f"app:{name}", "email", START) for name in ("a", "anna-maria"))
    for text, name in ((short, b"app"), (long, b"anna")):
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        assert name not in raw
        assert b"email" not in raw
    assert len(short) == len(long)
    assert tickets.issue("app:a", "email", START) != short


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_ticket_that_was_changed_is_none(place: int, value: int) -> None:
    tickets = Tickets(SECRET, 60.0)
    text = tickets.issue("app:ann", "email", START)
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    changed = raw.copy()
    changed[place % len(raw)] = value
    again = base64.urlsafe_b64encode(changed).decode().rstrip("=")
    read = tickets.read(again, START)
    assert (read is not None) == (changed == raw)
    assert tickets.read(text, START + 59.9) is not None
    assert tickets.read(text, START + 60.0) is None


@given(st.text(max_size=200))
def test_no_text_is_a_ticket(text: str) -> None:
    assert Tickets(SECRET, 60.0).read(text, START) is None


@pytest.mark.parametrize("ticket", ["x", "A" * 3_000, "%00", "é"])
def test_what_is_no_ticket_is_said_to_be_none(world: World, ticket: str) -> None:
    answer = world.get(f"http://localhost/verify/{ticket}")
    assert (answer.status_code, world.code(answer)) == (404, "ticket_invalid")
    page = world.get(f"http://localhost/verify/{ticket}", headers=HTML)
    assert page.status_code == 404
    assert texts("en")["ticket_invalid"] in page.text


@given(
    has=st.sampled_from(TIERS), needs=st.sampled_from(TIERS), mail=st.booleans(),
    enrol=st.sampled_from(TIERS[:3]), factors=st.sets(st.sampled_from(["totp", "passkey"])),
)  # fmt: skip
def test_every_way_leads_on(
    has: str, needs: str, mail: bool, enrol: str, factors: set[str]
) -> None:
    ways = open_ways(Given(has=has, needs=needs, enrol=enrol, factors=factors, mail=mail))
    for way in ways:
        reaches = TIERS.index(way.tier) >= TIERS.index(needs)  # type: ignore[arg-type]
        helps = TIERS.index(way.tier) >= TIERS.index(enrol)  # type: ignore[arg-type]
        assert reaches or (helps and not factors)
        if way.way.endswith("_new"):
            assert not factors
            assert TIERS.index(has) >= TIERS.index(enrol)  # type: ignore[arg-type]
    if needs in ("anonymous", "proof_of_work") or (mail and needs in ("email", "code")):
        assert ways or needs == "code"
    if needs == "code" and (factors or TIERS.index(has) >= TIERS.index(enrol) or mail):  # type: ignore[arg-type]
        assert ways
