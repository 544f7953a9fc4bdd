from datetime import UTC, datetime, timedelta

import msgspec

from crossfix.store.registry import (
    AccountTable,
    Registry,
    StandingTable,
    StoredAccount,
    StoredStanding,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def given(**values: object):  # type: ignore[no-untyped-def]
    return lambda old: msgspec.structs.replace(old, **values)


def test_what_is_said_of_an_account_is_read_back_as_it_was(registry: Registry) -> None:
    table = StandingTable(registry)
    values = {
        "state": "limited", "state_until": NOW + DAY, "state_reason": "because 'x'",
        "required_tier": "code", "tier": "email", "tier_until": NOW + 2 * DAY, "risk": 0.25,
        "risk_parts": {"volume": 0.2}, "risk_until": NOW + DAY, "labels": {"a": None, "b": NOW},
    }  # fmt: skip
    table.change("app:u1", given(**values), now=NOW)
    expected = StoredStanding(account="app:u1", first=NOW, **values)  # type: ignore[arg-type]
    assert table.get("app:u1") == expected
    assert table.said() == [expected]
    assert table.get("app:u2") is None


def test_a_change_is_given_what_is_kept_and_leaves_who_it_is_alone(registry: Registry) -> None:
    accounts, table = AccountTable(registry), StandingTable(registry)
    seen = StoredAccount(id="app:u1", service="app", first=NOW - DAY, last=NOW, events=7,
                         display_name="Ann")  # fmt: skip
    accounts.save([seen], now=NOW)
    assert table.said() == []
    table.change("app:u1", given(state="watched"), now=NOW)
    found: list[StoredStanding] = []

    def change(old: StoredStanding) -> StoredStanding:
        found.append(old)
        return msgspec.structs.replace(old, tier="email")

    table.change("app:u1", change, now=NOW + DAY)
    assert (found[0].state, found[0].first) == ("watched", NOW - DAY)
    assert accounts.get(["app:u1"])["app:u1"] == seen
    assert [s.account for s in table.said(state="watched")] == ["app:u1"]
    assert table.said(state="removed") == []
    table.change("app:u1", given(state=None, tier=None), now=NOW + DAY)
    assert table.said() == []


def test_what_changed_is_told_last_first(registry: Registry) -> None:
    table = StandingTable(registry)
    for n in range(5):
        table.change(f"app:u{n}", given(state="watched"), now=NOW + n * DAY)
    got = [(s.account, written) for s, written in table.changed(NOW + 3 * DAY)]
    assert got == [("app:u4", NOW + 4 * DAY), ("app:u3", NOW + 3 * DAY)]
    assert [s.account for s, _ in table.changed(most=2)] == ["app:u4", "app:u3"]
    assert len(list(table.changed())) == 5
