from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from crossfix.errors import StoreError
from crossfix.store.registry import AccountTable, Registry, StoredAccount
from crossfix.store.registry.tables import ACCOUNTS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def account(n: int, **changes: object) -> StoredAccount:
    fields: dict[str, object] = {
        "id": f"x:{n}", "service": "x", "first": NOW, "last": NOW + timedelta(microseconds=n),
        "events": n,
    }  # fmt: skip
    return StoredAccount(**(fields | changes))  # type: ignore[arg-type]


def test_accounts_are_read_back_as_they_were(registry: Registry) -> None:
    table = AccountTable(registry)
    kept = [account(n, display_name=f"имя {n} \u202e'\"; DROP TABLE", url="u") for n in range(1200)]
    table.save(kept, now=NOW)
    assert table.get([a.id for a in kept] + ["x:none"]) == {a.id: a for a in kept}
    assert list(table.all()) == sorted(kept, key=lambda a: a.id)
    assert table.get([]) == {}


def test_what_is_seen_later_widens_what_was_seen(registry: Registry) -> None:
    table = AccountTable(registry)
    table.save([account(5, display_name="old", url="u")], now=NOW)
    earlier, later = NOW - timedelta(days=1), NOW + timedelta(days=1)
    table.save([account(5, first=earlier, last=earlier, events=9, display_name="new")], now=NOW)
    table.save([account(5, first=later, last=later, events=2)], now=later)
    got = table.get(["x:5"])["x:5"]
    assert got == account(5, first=earlier, last=later, events=9, display_name="new", url="u")


def test_seeing_an_account_again_leaves_its_state_alone(registry: Registry) -> None:
    table = AccountTable(registry)
    table.save([account(1)], now=NOW)
    with registry.writing() as connection:
        connection.execute(ACCOUNTS.update().values(state="limit", risk=0.5))
    table.save([account(1, events=7)], now=NOW)
    with registry.reading() as connection:
        row = connection.execute(sa.select(ACCOUNTS.c["state", "risk", "events"])).one()
    assert tuple(row) == ("limit", 0.5, 7)


def test_an_actor_holds_its_accounts_and_must_be_there(registry: Registry) -> None:
    table = AccountTable(registry)
    with pytest.raises(StoreError):
        table.save([account(1, actor="a1")], now=NOW)
    table.save_actors({"a1": ["same credential"]}, now=NOW)
    table.save([account(2, actor="a1"), account(1, actor="a1"), account(3)], now=NOW)
    assert [a.id for a in table.of_actor("a1")] == ["x:1", "x:2"]


def test_a_nul_is_kept_as_the_replacement_character(registry: Registry) -> None:
    table = AccountTable(registry)
    table.save([account(1, display_name="a\x00b")], now=NOW)
    assert table.get(["x:1"])["x:1"].display_name == "a\ufffdb"


def test_a_moment_without_a_zone_is_refused(registry: Registry) -> None:
    with pytest.raises(StoreError, match="no time zone"):
        AccountTable(registry).save([account(1, first=datetime(2026, 1, 1))], now=NOW)
