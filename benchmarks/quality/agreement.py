"""The stream of a day beside the hunt of that day: which keys and accounts differ, and why.

A key on which five actors were within ten minutes is a burst. Bursts are counted from the traces
of the hunt, by looking at every key, and compared with what the live index saw while the same
events arrived, in batches of a second's worth. What is missing is told apart: keys that were
popular before (where the live index says nothing on purpose), and others, of which there must be
none but for near-duplicates, whose clusters the hunt makes when all texts are known. Then the
accounts of the hunt's campaigns that are in swarms, of those who were in a burst at all.

Days are the busiest of two real sets and of a generated world; the whole German set is longer.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.live import read, swarms_of
from benchmarks.quality.outcome import data_folder
from benchmarks.speed.live import world
from crossfix.campaigns.hunt import HuntOptions, hunt
from crossfix.live.index import LiveIndex
from crossfix.live.recent import HALF_LIFE_SECONDS
from crossfix.traces.extract import TraceCollector

WINDOW = 600_000_000
LEAST = 5
NEAR = "near_text"
CLEAR = LEAST + 3
"""Accounts from which a burst of near-duplicates is meant to be seen, whoever of them was first."""

_LASTS = HALF_LIFE_SECONDS * 1e6 / np.log(2)

Key = tuple[str, int]


@dataclass
class Burst:
    """A key's bursts: who and what is in them, and whether the key was popular before each."""

    events: set[int] = field(default_factory=set)
    accounts: set[int] = field(default_factory=set)
    popular: bool = True


@dataclass(frozen=True)
class Agreement:
    """Bursts of exact keys and of near-duplicates: how many, seen live, and left out as popular.

    ``false`` are exact keys that were seen live and are no burst.
    """

    exact: int
    exact_seen: int
    exact_popular: int
    false: int
    near: int
    near_seen: int
    near_popular: int
    near_sizes: tuple[tuple[int, bool], ...]
    """Of each burst of near-duplicates that is not popular: its accounts, whether it was seen."""


def bursts(events: pa.Table) -> dict[Key, Burst]:
    """Return the keys on which `LEAST` accounts were within the window, from the hunt's traces."""
    collector = TraceCollector()
    for batch in events.to_batches():
        collector.add(batch)
    traces = collector.finish()
    columns = (traces.table[n].to_numpy() for n in ("kind", "key", "account", "time", "event"))
    kind, key, account, time, event = columns
    order = np.lexsort((event, time, key, kind))
    kind, key, account, time, event = (c[order] for c in (kind, key, account, time, event))
    began = int(time.min())
    starts = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]) | (kind[1:] != kind[:-1])])
    found: dict[Key, Burst] = {}
    for low, high in zip(starts, np.r_[starts[1:], len(key)], strict=True):
        if high - low < LEAST:
            continue
        name = (traces.kinds[kind[low]], int(key[low]))
        first = low
        for at in range(low, high):
            while time[at] - time[first] > WINDOW:
                first += 1
            if len(np.unique(account[first : at + 1])) >= LEAST:
                burst = found.setdefault(name, Burst())
                burst.events.update(event[first : at + 1].tolist())
                burst.accounts.update(account[first : at + 1].tolist())
                burst.popular &= _expected(time[low:first], int(time[at]), began) >= 1
    return found


def _expected(before: np.ndarray, now: int, began: int) -> float:
    """Return how many traces a key's own past lets one expect in a window."""
    span = float(min(max(now - began, WINDOW), _LASTS))
    return float((2.0 ** (-(now - before) / (HALF_LIFE_SECONDS * 1e6))).sum()) * WINDOW / span


def agreement(events: pa.Table, size: int = 100) -> Agreement:
    """Compare the bursts of events (in the order of time) with what is seen live."""
    wanted = bursts(events)
    index = LiveIndex(window_seconds=WINDOW / 1e6, least_actors=LEAST)
    number = {id: n for n, id in enumerate(events["id"].to_pylist())}
    seen: dict[Key, set[int]] = defaultdict(set)
    for batch in events.combine_chunks().to_batches(max_chunksize=size):
        for one in index.add(batch):
            seen[one.kind, one.key].update(number[e] for e in one.events if e)
    exact = {k: b for k, b in wanted.items() if k[0] != NEAR}
    near = {k: b for k, b in wanted.items() if k[0] == NEAR}
    clusters = [events for key, events in seen.items() if key[0] == NEAR]
    met = {k for k, b in near.items() if any(2 * len(c & b.events) >= len(c) for c in clusters)}
    return Agreement(
        exact=len(exact), exact_seen=len(exact.keys() & seen.keys()),
        exact_popular=sum(b.popular for k, b in exact.items() if k not in seen),
        false=len([k for k in seen if k[0] != NEAR and k not in wanted]),
        near=len(near), near_seen=len(met),
        near_popular=sum(b.popular for k, b in near.items() if k not in met),
        near_sizes=tuple((len(b.accounts), k in met) for k, b in near.items() if not b.popular),
    )  # fmt: skip


def accounts(events: pa.Table) -> tuple[int, int, int]:
    """Return the accounts of the hunt's campaigns, of these in bursts, of these in swarms."""
    result = hunt(events.to_batches(), HuntOptions()).result
    members = {m.account for c in result.campaigns for m in c.members}
    names = events["account"].to_pylist()
    quick = {names[e] for b in bursts(events).values() for e in b.events}
    live = {a for swarm in swarms_of(events) for a in swarm.accounts}
    return len(members), len(members & quick), len(members & quick & live)


def busiest_day(events: pa.Table) -> pa.Table:
    """Return the events of the day that has most, in the order of time."""
    day = pc.floor_temporal(events["time"], unit="day")
    most = pc.mode(day.cast(pa.int64()), 1)[0]["mode"]
    return events.filter(pc.equal(day.cast(pa.int64()), most)).sort_by("time").combine_chunks()


def by_size(seeds: list[int], aims: Aims, posts: int = 40_000) -> None:
    """Print how many bursts of near-duplicates were seen, by how many accounts are in them.

    A text joins the first that it resembles, not the middle of all, so that of a burst some may
    stand aside: with `LEAST` accounts one of them is enough to hide it.
    """
    found = [
        one for seed in seeds for one in agreement(world("operations", posts, seed)).near_sizes
    ]
    rows: list[tuple[object, ...]] = []
    steps = (LEAST, LEAST + 1, LEAST + 2, CLEAR, 10**9)
    for low, high in pairwise(steps):
        seen = [met for size, met in found if low <= size < high]
        rows.append((f"{low}" if high - low == 1 else f"{low} and more", len(seen), sum(seen)))
    table(("accounts", "near bursts", "seen"), rows)
    if found:
        seen = [met for size, met in found if size >= CLEAR]
        what = f"near-duplicates by {CLEAR} accounts and more, seen"
        aims.least(what, sum(seen) / max(1, len(seen)), 0.95)


def main() -> int:
    """Measure; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=60_000, help="of the generated world")
    parser.add_argument("--near-seeds", type=int, nargs="*", default=[41, 42, 43, 44])
    parser.add_argument("--near-only", action="store_true")
    given = parser.parse_args()
    print(header(1), datetime.now(UTC).date(), flush=True)
    aims = Aims()
    by_size(given.near_seeds, aims)
    if given.near_only:
        return aims.close()
    days = {"generated": busiest_day(world("operations", given.posts))}
    data = data_folder()
    if data is not None:
        german = data / "campaign_ids_german_elections" / "events.parquet"
        days["German"] = busiest_day(read(german))
        days["German, 22 days"] = read(german).combine_chunks()
        days["Twitter"] = busiest_day(read(data / "campaign_twitter" / "posts.parquet"))
    rows, lost, false, near = [], 0, 0, [0, 0]
    for name, events in days.items():
        a = agreement(events)
        rows.append((name, events.num_rows, a.exact, a.exact_seen, a.exact_popular, a.false,
                     a.near, a.near_seen, a.near_popular, *accounts(events)))  # fmt: skip
        lost += a.exact - a.exact_seen - a.exact_popular
        false += a.false
        near = [near[0] + a.near - a.near_popular, near[1] + a.near_seen]
    table(("day", "events", "bursts", "seen", "popular", "false", "near bursts", "near seen",
           "near popular", "in campaigns", "in bursts", "in swarms"), rows)  # fmt: skip
    aims.most("bursts of exact keys that are neither seen nor popular", lost, 0)
    aims.most("exact keys seen that are no burst", false, 0)
    aims.least("bursts of near-duplicates seen", near[1] / max(1, near[0]), 0.95)
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
