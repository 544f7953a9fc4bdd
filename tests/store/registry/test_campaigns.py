from datetime import UTC, datetime, timedelta

import pytest

from crossfix.errors import StoreError
from crossfix.store.registry import (
    CampaignTable,
    Registry,
    StoredCampaign,
    StoredChange,
    StoredMember,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
NEW, SAME = StoredChange(what="new"), StoredChange(what="same")


def campaign(id: str, members: str, **changes: object) -> StoredCampaign:
    fields: dict[str, object] = {
        "id": id, "coordination": 0.9, "inauthenticity": 0.25, "services": ("telegram", "x"),
        "first": NOW, "last": NOW, "summary": "Three accounts", "breakout": 2,
        "document": {"id": id, "text": "nul \x00, 'quote', имя"},
        "members": tuple(StoredMember(account=f"x:{m}", score=0.5, joined=NOW) for m in members),
    }  # fmt: skip
    return StoredCampaign(**(fields | changes))  # type: ignore[arg-type]


def test_a_campaign_is_read_back_as_it_was(registry: Registry) -> None:
    table = CampaignTable(registry)
    table.save([(campaign("c1", "abc"), NEW), (campaign("c2", "cd"), NEW)], now=NOW)
    assert table.get("c1") == campaign("c1", "abc")
    assert table.all() == [campaign("c1", "abc"), campaign("c2", "cd")]
    assert table.of_account("x:c") == ["c1", "c2"]
    assert table.get("c3") is None


def test_the_same_run_twice_changes_nothing(registry: Registry) -> None:
    table = CampaignTable(registry)
    for _ in range(2):
        table.save([(campaign("c1", "abc"), NEW)], now=NOW)
    assert table.all() == [campaign("c1", "abc")]
    assert [c.what for c in table.history("c1")] == ["new"]


def test_members_leave_and_come_back_and_history_says_so(registry: Registry) -> None:
    table = CampaignTable(registry)
    change = StoredChange(what="grown", joined=("x:d",), left=("x:a", "x:b"), others=("c9",))
    table.save([(campaign("c1", "abc"), NEW)], now=NOW)
    table.save([(campaign("c1", "cd"), change)], now=LATER)
    assert [(m.account, m.joined, m.left) for m in table.members("c1")] == [
        ("x:a", NOW, LATER), ("x:b", NOW, LATER), ("x:c", NOW, None), ("x:d", LATER, None)
    ]  # fmt: skip
    got = table.get("c1")
    assert got is not None
    assert [m.account for m in got.members] == ["x:c", "x:d"]
    assert table.of_account("x:a") == []
    table.save([(campaign("c1", "acd"), SAME)], now=LATER + timedelta(days=1))
    assert table.of_account("x:a") == ["c1"]
    assert [(h.what, h.joined, h.left, h.others, h.time) for h in table.history("c1")][:2] == [
        ("new", (), (), (), NOW),
        ("grown", ("x:d",), ("x:a", "x:b"), ("c9",), LATER),
    ]


def test_campaigns_are_found_by_the_run_that_found_them_last(registry: Registry) -> None:
    table = CampaignTable(registry)
    table.save([(campaign("c1", "abc"), NEW), (campaign("c2", "def"), NEW)], now=NOW)
    table.save([(campaign("c2", "def"), SAME)], now=LATER)
    assert [c.id for c in table.all(since=LATER)] == ["c2"]
    assert [c.id for c in table.all(since=NOW)] == ["c1", "c2"]


def test_a_run_is_kept_whole_or_not_at_all(registry: Registry) -> None:
    table = CampaignTable(registry)
    broken = campaign("c2", "a", coordination=None)
    with pytest.raises(StoreError, match="registry refused"):
        table.save([(campaign("c1", "abc"), NEW), (broken, NEW)], now=NOW)
    assert table.all() == []
