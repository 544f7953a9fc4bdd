"""The stream of a day beside the hunt of that day."""

from __future__ import annotations

from pathlib import Path

from benchmarks.quality.agreement import agreement, busiest_day
from benchmarks.quality.live import read
from benchmarks.speed.live import world


def test_of_a_generated_world_every_burst_is_seen_and_nothing_else() -> None:
    found = agreement(world("operations", 6_000))
    assert found.exact > 10
    assert found.exact_seen + found.exact_popular == found.exact
    assert found.false == 0
    assert found.near_seen + found.near_popular >= 0.9 * found.near


def test_of_a_real_day_every_burst_is_seen_and_nothing_else(data_dir: Path) -> None:
    found = agreement(
        busiest_day(read(data_dir / "campaign_ids_german_elections" / "events.parquet"))
    )
    assert found.exact > 20
    assert found.exact_seen + found.exact_popular == found.exact
    assert found.false == 0
