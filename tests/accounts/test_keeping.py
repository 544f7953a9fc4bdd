from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from crossfix.accounts.keeping import (
    read_standings,
    set_by_hand,
    standing_of,
    take_over,
    write_standings,
)
from crossfix.accounts.standings import Standings
from crossfix.store.registry import Registry, StandingTable, open_registry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
T = NOW.timestamp()
HOUR = timedelta(hours=1)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with open_registry(f"sqlite:///{tmp_path}/registry.sqlite") as opened:
        yield opened


def by_hand(registry: Registry, account: str, now: datetime = NOW, **values: object) -> None:
    StandingTable(registry).change(account, lambda old: set_by_hand(old, **values), now=now)  # type: ignore[arg-type]


def test_what_policies_make_of_accounts_is_found_again_by_another_process(
    registry: Registry,
) -> None:
    one = Standings()
    one.mark("app:u1", T, state="limited", seconds=3600, reason="policy p", labels={"lures": 60.0},
             required="code")  # fmt: skip
    write_standings(registry, one.changes(), NOW)
    other = Standings()
    assert take_over(other, read_standings(registry), T) == NOW
    standing = other.get("app:u1", T)
    assert standing == one.get("app:u1", T)
    assert (standing.state, standing.state_until, standing.labels) == (
        "limited", T + 3600, ("lures",)
    )  # fmt: skip
    assert other.get("app:u1", T + 61).labels == ()
    assert standing.slowed
    other.lift("app:u1", "code", None, T)
    assert not other.get("app:u1", T).slowed


def test_what_a_person_sets_reaches_a_guard_that_runs_and_outlives_its_policies(
    registry: Registry,
) -> None:
    standings = Standings()

    def renew(now: datetime) -> None:
        write_standings(registry, standings.changes(), now)
        take_over(standings, read_standings(registry), now.timestamp())

    standings.mark("app:u1", T, state="watched", seconds=60, reason="policy p")
    by_hand(registry, "app:u1", state="suspended", why="case 7")
    renew(NOW)
    assert standings.get("app:u1", T + 1).state == "suspended"
    by_hand(registry, "app:u1", NOW + HOUR, state="active", why="appeal")
    renew(NOW + HOUR)
    assert standings.get("app:u1", T + 3600).state == "active"


def test_since_when_an_account_is_known_is_loaded_too(registry: Registry) -> None:
    by_hand(registry, "app:u1", NOW - 100 * HOUR, tier="email", until=NOW)
    by_hand(registry, "app:u2", NOW - 100 * HOUR)
    standings = Standings()
    standings.get("app:u2", T)
    take_over(standings, read_standings(registry), T)
    for account in ("app:u1", "app:u2"):
        standing = standings.get(account, T)
        assert (standing.first, standing.tier) == (T - 360_000, "anonymous")


def test_only_what_was_written_since_is_read_again(registry: Registry) -> None:
    for n in range(3):
        by_hand(registry, f"app:u{n}", NOW + n * HOUR, tier="email")
    rows = read_standings(registry)
    since = take_over(Standings(), rows, T)
    assert (len(rows), since) == (3, NOW + 2 * HOUR)
    by_hand(registry, "app:u9", NOW + 9 * HOUR, tier="email")
    # The latest of before comes once more: it may not have been all of its moment.
    assert len(read_standings(registry, since)) == 2


def test_setting_by_hand_leaves_what_is_not_said(registry: Registry) -> None:
    table = StandingTable(registry)
    by_hand(registry, "app:u1", state="challenged", required="code", labels=["a"], why="w")
    by_hand(registry, "app:u1", tier="email", labels=["b"], until=NOW + HOUR)
    by_hand(registry, "app:u1", unlabel=["a", "none"])
    stored = table.get("app:u1")
    assert stored is not None
    standing, ends = standing_of(stored)
    assert (standing.state, standing.required, standing.tier) == ("challenged", "code", "email")
    assert (standing.labels, ends) == (("b",), {"b": T + 3600})
    by_hand(registry, "app:u1", state="active")
    found = table.get("app:u1")
    assert found is not None
    assert msgspec.structs.astuple(standing_of(found)[0])[2:6] == ("active", None, "", "anonymous")
