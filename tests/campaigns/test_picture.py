"""What the report draws is what was found, counted one by one."""

import dataclasses
import itertools
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from crossfix.campaigns.detect import Detection, detect
from crossfix.campaigns.gather import Gathered, gather
from crossfix.campaigns.picture import limits_left_out, limits_said, network_picture, timeline
from crossfix.events import Event, event_id, to_batch
from crossfix.network.pair import pair
from crossfix.store.engine import Engine

from .campaign_world import START

IDS = {0: "c-first", 1: "c-second"}


def event(account: str, seconds: float, text: str, url: str | None = None) -> Event:
    time = START + timedelta(seconds=seconds)
    return Event(
        id=event_id("x", f"{account}/{seconds}"), time=time, received=time, service="x",
        surface="social", account=f"x:{account}", action="post", text=text,
        urls=(url,) if url else (),
    )  # fmt: skip


def crowd(accounts: int = 40) -> list[Event]:
    """Two groups that share links of their own, and people who share nothing."""
    made = []
    for n in range(accounts):
        made += [event(f"user{n}", 5_000 * i + 61 * n, f"words {n} of {i}") for i in range(4)]
    for group, size in (("red", 6), ("blue", 4)):
        for story, member in itertools.product(range(8), range(size)):
            made.append(
                event(f"{group}{member}", 9_000 * story + member, f"{group} says {story}",
                      f"https://{group}.example/{story}")
            )  # fmt: skip
    return sorted(made, key=lambda e: e.time)


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    events = crowd()
    batches = [to_batch(events[i : i + 50]) for i in range(0, len(events), 50)]
    return gather(batches, tmp_path_factory.mktemp("spool"))


@pytest.fixture(scope="module")
def found(gathered: Gathered) -> Detection:
    """The network of the crowd, with the two groups as its communities."""
    actor = np.arange(len(gathered.behaviour), dtype=np.int32)
    names = gathered.traces.accounts.to_pylist()
    groups = [0 if "red" in name else 1 if "blue" in name else -1 for name in names]
    detected = detect(gathered.traces, actor, seed=0)
    return dataclasses.replace(detected, community=np.array(groups, np.int64))


def test_a_spool_gives_back_any_events_in_the_order_of_reading(gathered: Gathered) -> None:
    events = crowd()
    for wanted in ([], [0], [49, 50, 51], list(range(0, len(events), 7)), range(len(events))):
        rows = gathered.spool.rows(np.array(wanted, np.int64))
        assert rows.column("id").to_pylist() == [events[i].id for i in wanted]
    assert gathered.times.tolist() == [int(e.time.timestamp() * 1e6) for e in events]


def test_a_spool_that_is_still_written_cannot_be_read(tmp_path: Path) -> None:
    from crossfix.campaigns.gather import EventSpool

    spool = EventSpool(tmp_path / "spool.parquet")
    with pytest.raises(RuntimeError, match="still being written"):
        spool.rows(np.array([0]))
    spool.close()


def test_a_reader_that_fails_leaves_no_file_open(tmp_path: Path) -> None:
    def failing():
        yield to_batch(crowd()[:3])
        raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"):
        gather(failing(), tmp_path)
    (tmp_path / "events.parquet").unlink()


def test_both_groups_are_drawn_each_with_its_campaign_and_nobody_twice(
    gathered: Gathered, found: Detection
) -> None:
    nodes, _ = network_picture(found, gathered.traces, IDS, seed=0)
    campaign = {n.account: n.campaign for n in nodes}
    assert len(campaign) == len(nodes)
    assert {campaign[f"x:red{n}"] for n in range(6)} == {"c-first"}
    assert {campaign[f"x:blue{n}"] for n in range(4)} == {"c-second"}
    assert all(0 <= n.x <= 1 and 0 <= n.y <= 1 for n in nodes)


def test_nobody_outside_a_campaign_is_drawn_however_high_the_score(
    gathered: Gathered, found: Detection
) -> None:
    high = dataclasses.replace(found, score=np.ones_like(found.score))
    nodes, _ = network_picture(high, gathered.traces, IDS, seed=0)
    assert {n.campaign for n in nodes} == {"c-first", "c-second"}


def test_each_line_names_exactly_the_kinds_that_its_two_accounts_share(
    gathered: Gathered, found: Detection
) -> None:
    nodes, edges = network_picture(found, gathered.traces, IDS, seed=0)
    names = gathered.traces.accounts.to_pylist()
    shared = defaultdict(set)
    for row in found.pairs.table.to_pylist():
        ends = frozenset((names[row["account_a"]], names[row["account_b"]]))
        shared[ends].add(gathered.traces.kinds[row["kind"]])
    drawn = {n.account for n in nodes}
    assert edges
    for edge in edges:
        assert {edge.source, edge.target} <= drawn
        assert set(edge.kinds) == shared[frozenset((edge.source, edge.target))]
        assert edge.weight > 0


def test_the_same_seed_draws_the_same_picture(gathered: Gathered, found: Detection) -> None:
    one, two = (network_picture(found, gathered.traces, IDS, seed=4) for _ in range(2))
    assert one == two


def test_the_timeline_counts_every_event_once_in_its_bin(
    gathered: Gathered, found: Detection
) -> None:
    drawn = timeline(gathered, found.community, IDS)
    assert drawn is not None
    events = crowd()
    bins = Counter(int((e.time - drawn.start).total_seconds() // drawn.bin_seconds) for e in events)
    assert dict(enumerate(drawn.everyone)) == {
        i: bins.get(i, 0) for i in range(len(drawn.everyone))
    }
    assert sum(drawn.everyone) == len(events)
    for identity, group in (("c-first", "x:red"), ("c-second", "x:blue")):
        own = Counter(
            int((e.time - drawn.start).total_seconds() // drawn.bin_seconds)
            for e in events
            if e.account.startswith(group)
        )
        assert {i: n for i, n in enumerate(drawn.campaigns[identity]) if n} == own


def test_the_timeline_of_years_has_a_bounded_number_of_bins(tmp_path: Path) -> None:
    far = [event(f"user{n}", n * 86_400 * 365, f"words {n}") for n in range(60)]
    kept = gather([to_batch(far)], tmp_path)
    drawn = timeline(kept, np.full(60, -1), {})
    assert drawn is not None
    assert len(drawn.everyone) <= 500
    assert sum(drawn.everyone) == 60
    kept.spool.close()


def test_there_is_no_timeline_and_no_picture_of_nothing(tmp_path: Path) -> None:
    kept = gather([], tmp_path)
    nothing = detect(kept.traces, np.empty(0, np.int32), seed=0)
    assert timeline(kept, nothing.community, {}) is None
    assert network_picture(nothing, kept.traces, {}, seed=0) == ((), ())
    assert limits_said(nothing.pairs, kept.traces, kept.spool.rows) == ()
    kept.spool.close()


def test_keys_too_popular_for_every_window_are_named_in_words(gathered: Gathered) -> None:
    with Engine(threads=1) as engine:
        pairs = pair(gathered.traces.table, engine, most_share_pairs=10)
    said = limits_said(pairs, gathered.traces, gathered.spool.rows)
    named = {(limit.kind, limit.key) for limit in said}
    assert {("url", f"red.example/{n}") for n in range(8)} <= named
    assert all(limit.accounts <= limit.shares for limit in said)
    assert [limit.shares for limit in said] == sorted((s.shares for s in said), reverse=True)


def test_more_limited_keys_than_are_named_are_counted(
    gathered: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Engine(threads=1) as engine:
        pairs = pair(gathered.traces.table, engine, most_share_pairs=10)
    assert limits_left_out(pairs) == ()
    monkeypatch.setattr("crossfix.campaigns.picture.MOST_LIMITS", 3)
    (said,) = limits_left_out(pairs)
    assert said.startswith(f"{pairs.limits.num_rows} keys ")
    assert len(limits_said(pairs, gathered.traces, gathered.spool.rows)) == 3
