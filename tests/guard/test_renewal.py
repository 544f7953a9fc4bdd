from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crossfix.accounts.keeping import set_by_hand
from crossfix.accounts.risk import Profiles
from crossfix.errors import StoreError
from crossfix.guard import Guard, Request
from crossfix.guard.keys import Key, Keyring, new_key
from crossfix.guard.prices import Price, Prices
from crossfix.guard.renewal import SKEW, Renewal
from crossfix.guard.spend import Cap, Spend
from crossfix.store.registry import (
    KeyTable,
    Registry,
    SpendTable,
    StandingTable,
    open_registry,
)

NOW = 1_790_000_000.0
MOMENT = datetime.fromtimestamp(NOW, UTC)


class Database:
    """A registry that can be away."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}/registry.sqlite"
        self.away = False

    @contextmanager
    def __call__(self) -> Iterator[Registry]:
        if self.away:
            raise StoreError("away")
        with open_registry(self.url) as registry:
            yield registry


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path)


def guard() -> Guard:
    cap = Cap(holder="account", period="day", amount=1.0)
    return Guard(profiles=Profiles(), spend=Spend(Prices({"m": Price(into=1.0, out=1.0)}), [cap]))


def request(**changes: Any) -> Request:
    fields: dict[str, Any] = {"id": "r", "service": "app", "account": "app:u1", "model": "m",
                              "action": "prompt", "texts": ("one two three",)}  # fmt: skip
    return Request(**(fields | changes))


def test_a_guard_that_starts_again_goes_on_where_it_was(database: Database) -> None:
    one = guard()
    renewal = Renewal(database, one)
    renewal.start(NOW)
    one.decide(request(), NOW)
    one.standings.mark("app:u1", NOW, state="watched", seconds=60, labels={"x": 60})
    assert one.spend is not None
    one.spend.charge(request(), NOW, tokens_in=5, tokens_out=5)
    renewal.renew(NOW, whole=True)
    again = guard()
    Renewal(database, again).start(NOW + 1)
    assert again.standings.get("app:u1", NOW + 1) == one.standings.get("app:u1", NOW + 1)
    assert again.profiles is not None
    profile = again.profiles.get("app:u1")
    assert profile is not None
    assert profile.prompts == 1
    assert again.standings.get("app:u1", NOW + 99).first == NOW
    assert again.spend is not None
    assert again.spend.spent("account", "app:u1", "day", NOW) == pytest.approx(1e-5)


def test_what_an_operator_does_reaches_a_guard_that_runs(database: Database) -> None:
    running, ring = guard(), Keyring()
    renewal = Renewal(database, running, ring)
    renewal.start(NOW)
    secret, key = new_key(bytes(32), now=MOMENT, name="shop")
    with database() as registry:
        KeyTable(registry).create(key)
        StandingTable(registry).change(
            "app:u1", lambda old: set_by_hand(old, state="suspended", why="w"), now=MOMENT
        )
    assert ring.find(secret, NOW) == "unknown"
    renewal.renew(NOW)
    assert isinstance(ring.find(secret, NOW), Key)
    assert running.decide(request(), NOW).answer == "block"


def test_while_the_registry_is_away_nothing_is_lost_and_nothing_counted_twice(
    database: Database,
) -> None:
    one = guard()
    renewal = Renewal(database, one)
    renewal.start(NOW)
    assert one.spend is not None
    for n in range(3):
        database.away = n < 2
        one.spend.charge(request(), NOW, tokens_in=100, tokens_out=0)
        one.standings.mark(f"app:u{n}", NOW, state="watched")
        if database.away:
            with pytest.raises(StoreError):
                renewal.renew(NOW)
            assert one.standings.get("app:u0", NOW).state == "watched"
    renewal.renew(NOW)
    renewal.renew(NOW)
    with database() as registry:
        assert set(SpendTable(registry).sums(one.spend.periods(NOW)).values()) == {300}
        assert len(StandingTable(registry).said()) == 3
    assert one.spend.spent("account", "app:u1", "day", NOW) == pytest.approx(3e-4)


def test_a_risk_is_kept_with_its_parts_and_given_up_when_it_is_over(database: Database) -> None:
    one = guard()
    renewal = Renewal(database, one)
    renewal.start(NOW)
    for n in range(300):
        one.decide(request(texts=(f"Write as citizen {n} why the bridge must never be built",)),
                   NOW + n * 0.2)  # fmt: skip
    renewal.renew(NOW + 60)
    with database() as registry:
        stored = StandingTable(registry).get("app:u1")
    assert stored is not None
    assert stored.risk is not None
    assert stored.risk > 0.3
    assert {"burst", "similarity"} <= set(stored.risk_parts)
    assert one.profiles is not None
    assert one.profiles.risks() == {}
    other = guard()
    Renewal(database, other).start(NOW + 61)
    assert other.standings.get("app:u1", NOW + 61).risk == stored.risk
    late = guard()
    Renewal(database, late).start(NOW + 2 * 86_400)
    assert late.standings.get("app:u1", NOW + 2 * 86_400).risk == 0.0
    for n in range(40):
        one.decide(request(texts=(f"question {n} {n * n}",)), NOW + 40_000 + 900 * n)
    renewal.renew(NOW + 80_000)
    assert one.standings.get("app:u1", NOW + 80_000).risk == 0.0
    with database() as registry:
        assert StandingTable(registry).said() == []


def test_what_others_spend_is_taken_over_whenever_it_was_written(database: Database) -> None:
    one, other = guard(), guard()
    renewals = [Renewal(database, g) for g in (one, other)]
    late = NOW
    for _ in range(3):
        assert one.spend is not None
        assert other.spend is not None
        other.spend.charge(request(), late, tokens_in=10, tokens_out=0)
        renewals[1].renew(late)
        # The other's clock is behind, as far as clocks may be.
        renewals[0].renew(late + SKEW.total_seconds() - 1)
        late += 2_000
    assert one.spend.spent("account", "app:u1", "month", late) == pytest.approx(3e-5)
