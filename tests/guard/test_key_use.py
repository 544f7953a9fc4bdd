from datetime import UTC, datetime

import pytest

from crossfix.events import Event
from crossfix.guard.key_use import KeyUses, key_uses

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def prompt(n: int, account: str = "app:key:k", **changes: object) -> Event:
    fields: dict[str, object] = {
        "id": f"e{n}", "time": NOW, "received": NOW, "service": "app", "surface": "ai",
        "account": account, "action": "prompt", "conversation": f"c{n // 3}",
        "attributes": {"credential": "k", "ip": "192.0.2.1"},
    }  # fmt: skip
    return Event(**(fields | changes))  # type: ignore[arg-type]


def test_a_key_behind_which_all_users_look_like_one_is_found() -> None:
    found = key_uses(prompt(n) for n in range(300)).standing_for_many()
    assert [(use.key, use.requests, len(use.accounts)) for use in found] == [("k", 300, 1)]


@pytest.mark.parametrize(
    "events",
    [
        [prompt(n, f"app:u{n % 7}") for n in range(300)],
        [prompt(n) for n in range(99)],
        [prompt(n, conversation="c") for n in range(300)],
        [prompt(n, action="completion") for n in range(300)],
        [prompt(n, attributes={}) for n in range(300)],
    ],
    ids=["accounts are named", "few requests", "one conversation", "no prompts", "no key"],
)
def test_other_keys_are_left_alone(events: list[Event]) -> None:
    assert key_uses(events).standing_for_many() == []


def test_chats_have_no_id_and_what_they_say_stands_for_it() -> None:
    chats = [prompt(n, conversation=None, text=f"How do I cook dish {n}?") for n in range(150)]
    assert [use.key for use in key_uses(chats).standing_for_many()] == ["k"]
    alike = [prompt(n, conversation=None, text="ping") for n in range(150)]
    assert key_uses(alike).standing_for_many() == []
    named = [prompt(n, "app:ann", conversation=None, text=f"dish {n}") for n in range(150)]
    assert key_uses(named).standing_for_many() == []


def test_many_networks_under_one_account_are_many_people_too() -> None:
    uses = KeyUses()
    for n in range(150):
        uses.note("k", "app:key:k", network=f"10.0.{n}.0/24")
    assert [use.key for use in uses.standing_for_many()] == ["k"]


def test_memory_is_bounded() -> None:
    uses = KeyUses()
    for n in range(20_000):
        uses.note(f"k{n}", "a")
        uses.note("k0", f"a{n}", conversation=f"c{n}")
    assert len(uses.all()) == 10_000
    most = uses.all()[0]
    assert (most.key, most.requests, len(most.accounts)) == ("k0", 20_001, 256)
