"""The way from a challenge to a raised tier, by a proof of work."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.guard.verify_world import SECRET, START, World

from crossfix.guard.verify.proof import LASTS_SECONDS, Proofs, solved
from crossfix.store.journal import open_journal
from crossfix.store.registry import StandingTable, open_registry


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def test_a_solved_task_raises_the_tier_everywhere_at_once(world: World) -> None:
    url = world.url()
    said = world.get(url).json()
    assert said["needed"] == "proof_of_work"
    assert [way["way"] for way in said["ways"]] == ["proof_of_work"]
    task = world.get(url + "/proof").json()
    done = world.post(url + "/proof", json={"altcha": solved(task["challenge"])})
    assert done.json() == {
        "ok": True, "tier": "proof_of_work", "reached": True, "said": "step_about"
    }  # fmt: skip
    standing = world.standings.get("app:ann", world.now)
    assert (standing.tier, standing.tier_until) == ("proof_of_work", START + 24 * 3_600)
    with open_registry(world.settings.url("registry")) as registry:
        stored = StandingTable(registry).get("app:ann")
    assert stored is not None
    assert stored.tier == "proof_of_work"
    with open_journal(world.settings.url("journal")) as journal:
        (entry,) = journal.read()
    assert entry.details["account"] == "app:ann"
    (event,) = world.events
    assert (event.action, event.account) == ("login", "app:ann")
    assert event.attributes == {
        "tier": "proof_of_work", "verified": "proof_of_work", "ip": "192.0.2.1"
    }  # fmt: skip


def test_the_tier_runs_out(world: World) -> None:
    url = world.url()
    task = world.get(url + "/proof").json()
    world.post(url + "/proof", json={"altcha": solved(task["challenge"])})
    world.now += 24 * 3_600
    assert world.tier() == "anonymous"


def test_a_ticket_serves_once(world: World) -> None:
    url = world.url()
    task = world.get(url + "/proof").json()
    payload = {"altcha": solved(task["challenge"])}
    assert world.post(url + "/proof", json=payload).status_code == 200
    again = world.post(url + "/proof", json=payload)
    assert (again.status_code, world.code(again)) == (410, "ticket_spent")
    assert world.code(world.get(url)) == "ticket_spent"
    assert len(world.events) == 1


def test_an_answer_belongs_to_its_ticket(world: World) -> None:
    first, second = world.url("app:ann"), world.url("app:ben")
    payload = {"altcha": solved(world.get(first + "/proof").json()["challenge"])}
    refused = world.post(second + "/proof", json=payload)
    assert (refused.status_code, world.code(refused)) == (400, "wrong")
    assert world.tier("app:ben") == "anonymous"


@pytest.mark.parametrize("payload", ["", "x", "e30=", "bnVsbA==", "W10=", "A" * 9_000, 7, None])
def test_what_is_no_answer_is_refused(world: World, payload: object) -> None:
    refused = world.post(world.url() + "/proof", json={"altcha": payload})
    assert refused.status_code == 400
    assert world.code(refused) in ("wrong", "malformed")


def test_an_answer_must_be_the_right_one_and_in_time() -> None:
    proofs = Proofs(SECRET, cost=5, tries=8)
    payload = solved(proofs.challenge("t", 0.0, START)["challenge"])
    assert proofs.holds(payload, "t", START)
    assert not proofs.holds(payload, "t", START + LASTS_SECONDS)
    assert not Proofs(b"another" * 5, cost=5, tries=8).holds(payload, "t", START)
    easier = json.loads(base64.b64decode(payload))
    easier["challenge"]["parameters"]["keyPrefix"] = ""
    assert not proofs.holds(base64.b64encode(json.dumps(easier).encode()).decode(), "t", START)
    other = json.loads(base64.b64decode(payload))
    other["solution"]["derivedKey"] = "00" * 32
    assert not proofs.holds(base64.b64encode(json.dumps(other).encode()).decode(), "t", START)


def test_risk_makes_the_work_longer() -> None:
    proofs = Proofs(SECRET, cost=1, tries=100)
    assert [proofs.challenge("t", risk, START)["tries"] for risk in (0.0, 0.5, 1.0, 7.0)] == [
        100, 250, 400, 400
    ]  # fmt: skip


def test_tries_are_limited_for_the_ticket(world: World) -> None:
    url = world.url()
    answers = [world.post(url + "/proof", json={"altcha": "x"}).status_code for _ in range(21)]
    assert answers == [400] * 20 + [429]


def test_tries_are_limited_for_the_account_whatever_its_tickets(world: World) -> None:
    for n in range(30):
        if n % 10 == 0:
            url = world.url()
        world.post(url + "/proof", json={"altcha": "x"}, ip=f"192.0.2.{n}")
    refused = world.post(world.url() + "/proof", json={"altcha": "x"})
    assert world.code(refused) == "too_many"
    assert refused.headers["retry-after"] == "3600"
    other = world.post(world.url("app:ben") + "/proof", json={"altcha": "x"})
    assert world.code(other) == "wrong"


def test_tries_are_limited_for_the_address_whatever_the_accounts(world: World) -> None:
    for n in range(120):
        world.post(world.url(f"app:{n}") + "/proof", json={"altcha": "x"}, ip=f"2001:db8::{n:x}")
    refused = world.post(world.url("app:new") + "/proof", json={"altcha": "x"}, ip="2001:db8::ffff")
    assert world.code(refused) == "too_many"
    world.now += 3_600
    refused = world.post(world.url("app:new") + "/proof", json={"altcha": "x"}, ip="2001:db8::ffff")
    assert world.code(refused) == "wrong"
