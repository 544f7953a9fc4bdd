from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from crossfix.scenarios.plant import FANS, TACTICS, plant_german

START = 1_630_000_000_000_000
DAY = 86_400_000_000


def shares(seed: int) -> pa.Table:
    """Return a table of shares: URLs of every popularity with their domains, and hashtags."""
    rng = np.random.default_rng(seed)
    rows = []
    for post in range(4000):
        url = int(rng.zipf(1.4)) % 900
        base = {
            "post": f"e{post}",
            "account": f"a{rng.integers(600)}",
            "platform": "tw",
            "timestamp": START + int(rng.uniform(0, 20 * DAY)) // 1_000_000 * 1_000_000,
        }
        rows.append({**base, "kind": "url", "object": f"u{url}"})
        rows.append({**base, "kind": "domain", "object": f"d{url % 40}"})
        if post % 5 == 0:
            rows.append({**base, "kind": "hashtag", "object": f"h{rng.integers(50)}"})
    names = ["post", "account", "platform", "timestamp", "kind", "object"]
    types = [pa.timestamp("us") if n == "timestamp" else pa.large_string() for n in names]
    return pa.Table.from_pylist(rows, schema=pa.schema(list(zip(names, types, strict=True))))


def test_campaigns_have_108_accounts_and_fans_90() -> None:
    events = shares(1)
    table, labels = plant_german(events, seed=1)
    rows = labels.to_pylist()
    assert sum(r["is_operation"] for r in rows) == 108
    assert sum(r["role"] == "fan" for r in rows) == 90
    assert len({r["operation"] for r in rows if r["is_operation"]}) == 12
    assert len({r["account"] for r in rows}) == len(rows)
    known = {r["account"] for r in rows}
    assert set(table["account"].to_pylist()) <= known
    assert table.schema.equals(events.schema)


def spread(table: pa.Table, members: set[str], urls: set[str]) -> dict[str, list[int]]:
    times: dict[str, list[int]] = defaultdict(list)
    for r in table.to_pylist():
        if r["kind"] == "url" and r["account"] in members and r["object"] in urls:
            times[r["object"]].append(int(r["timestamp"].timestamp()))
    return times


def common_urls(table: pa.Table, members: set[str], at_least: int) -> set[str]:
    who = defaultdict(set)
    for r in table.to_pylist():
        if r["kind"] == "url" and r["account"] in members:
            who[r["object"]].add(r["account"])
    return {url for url, accounts in who.items() if len(accounts) >= at_least}


@pytest.mark.parametrize("plant", [p for p in TACTICS if p.kind != "partial"], ids=lambda p: p.kind)
def test_a_campaign_shares_its_urls_within_its_window(plant) -> None:  # type: ignore[no-untyped-def]
    table, labels = plant_german(shares(2), seed=3)
    members = {r["account"] for r in labels.to_pylist() if r["operation"] == f"{plant.kind}_0"}
    assert len(members) == plant.accounts
    urls = common_urls(table, members, plant.accounts)
    assert len(urls) >= plant.urls
    close = 0
    for times in spread(table, members, urls).values():
        ordered = sorted(times)
        window = [
            ordered[i + plant.accounts - 1] - ordered[i]
            for i in range(len(ordered) - plant.accounts + 1)
        ]
        close += min(window) <= (plant.window_seconds or 0)
    assert close >= plant.urls


def test_fans_share_the_same_urls_at_organic_times() -> None:
    table, labels = plant_german(shares(3), seed=3, plants=[FANS])
    members = {r["account"] for r in labels.to_pylist() if r["role"] == "fan"}
    urls = common_urls(table, members, FANS.accounts)
    assert len(urls) >= FANS.urls
    quick = [
        later - earlier < 60
        for times in spread(table, members, urls).values()
        for earlier, later in zip(sorted(times), sorted(times)[1:], strict=False)
    ]
    assert np.mean(quick) < 0.05


def test_the_same_seed_plants_the_same_rows() -> None:
    events = shares(4)
    assert plant_german(events, seed=1)[0].equals(plant_german(events, seed=1)[0])
    assert not plant_german(events, seed=1)[0].equals(plant_german(events, seed=2)[0])


@pytest.mark.realdata
def test_the_real_set_takes_plants(data_dir: Path) -> None:
    import pyarrow.parquet as pq

    events = pq.read_table(data_dir / "campaign_ids_german_elections/events.parquet")
    table, labels = plant_german(events, seed=0)
    assert sum(labels["is_operation"].to_pylist()) == 108
    planted = table.num_rows - events.num_rows
    assert 5000 < planted < 9000
