"""Swarms where something is coordinated, and where nothing is, and how they agree with the hunt.

Two real sets in the order of time, as they are and with their accounts permuted at random within
kind and hour. On the Twitter set an account's repetitions of its own text are left out before:
mixed over accounts, one's repetition would be many people's agreement. Then campaigns planted into
the German set, whose accounts are permuted: how many of the planted accounts are in a swarm and in
a live campaign, how many others are, and how much of the hunt's campaigns live ones have.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.outcome import data_folder, hunted, read_labels
from crossfix.content import fold
from crossfix.events.readers import ReadOptions, read_files
from crossfix.live.index import LiveIndex
from crossfix.live.joining import join
from crossfix.live.swarm import Swarm, Swarms
from crossfix.scenarios.permute import permute_accounts
from crossfix.scenarios.plant import FANS, TACTICS, plant_german

FIRST_SEED = 1000


def read(path: Path) -> pa.Table:
    """Return the events of a file in the order of time."""
    batches = list(read_files([path], ReadOptions(now=datetime.now(UTC))))
    return pa.Table.from_batches(batches).sort_by("time")


def swarms_of(events: pa.Table) -> list[Swarm]:
    """Return the swarms that are seen while the events arrive."""
    index, swarms = LiveIndex(), Swarms()
    found: dict[str, Swarm] = {}
    for batch in events.combine_chunks().to_batches(max_chunksize=5_000):
        seen = index.add(batch)
        if seen:
            found |= {s.id: s for s in swarms.take(seen, datetime.now(UTC))}
    return list(found.values())


def without_repetition(events: pa.Table) -> pa.Table:
    """Leave out what an account says once more."""
    texts = fold(events["text"].combine_chunks()).to_pylist()
    seen: set[tuple[str, str]] = set()
    kept = []
    for account, text in zip(events["account"].to_pylist(), texts, strict=True):
        kept.append(not text or (account, text) not in seen)
        seen.add((account, text))
    return events.filter(pa.array(kept))


def permuted(name: str, events: pa.Table, seeds: Iterable[int]) -> tuple[int, int]:
    """Print the swarms with and without permutation; return the real and the most permuted ones."""
    real = swarms_of(events)
    rows: list[tuple[object, ...]] = [(name, "as it is", events.num_rows, len(real))]
    most = 0
    for seed in seeds:
        mixed = permute_accounts(events, by=("action", "hour"), seed=seed)
        false = swarms_of(mixed)
        most = max(most, len(false))
        kinds = sorted({key.kind for swarm in false for key in swarm.keys})
        rows.append((name, f"permuted, seed {seed}", events.num_rows, len(false), " ".join(kinds)))
    table(("set", "accounts", "events", "swarms", "of kinds"), rows)
    return len(real), most


def operations(data: Path, swarms: list[Swarm]) -> None:
    """Print how many members of swarms are operation accounts."""
    labels = read_labels(data / "campaign_twitter" / "labels.parquet")
    operation = {row["account"] for row in labels if row["is_operation"] in ("1", "True")}
    members = {a for s in swarms for a in s.accounts}
    own = {a for a in members if a.partition(":")[2] in operation or a in operation}
    print(f"Twitter: {len(own)} of {len(members)} accounts in swarms are an operation's")


def planted(path: Path, seed: int) -> tuple[float, float, float]:
    """Plant, watch and hunt; return recall, false share of members, share of the hunt's."""
    posts, truth = plant_german(pq.read_table(path), seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        made, labels = Path(folder) / "events.parquet", Path(folder) / "labels.parquet"
        pq.write_table(posts, made)
        pq.write_table(truth, labels)
        swarms = swarms_of(read(made))
        outcome = hunted([made], read_labels(labels))
    known = {str(a): str(k) for a, k in zip(outcome.account, outcome.kind, strict=True)}
    operation = {str(a) for a, o in zip(outcome.account, outcome.operation, strict=True) if o}
    swarmed = {a for s in swarms for a in s.accounts}
    joined = join(swarms)
    campaigned = {a for one in joined for a in one.members}
    rows = []
    for plant in (*TACTICS, FANS):
        own = {a for a, kind in known.items() if kind == plant.kind}
        rows.append((plant.kind, len(own), len(own & swarmed), len(own & campaigned)))
    table((f"seed {seed}", "accounts", "in swarms", "in live campaigns"), rows)
    hunt = {str(a) for a, c in zip(outcome.account, outcome.campaign, strict=True) if c}
    false = len(campaigned - operation) / max(1, len(campaigned))
    print(f"seed {seed}: {len(swarms)} swarms, {len(joined)} live campaigns, {false:.3f} of their "
          f"members are none of an operation")  # fmt: skip
    shared = len(hunt & campaigned & operation) / max(1, len(hunt & operation))
    return len(operation & campaigned) / max(1, len(operation)), false, shared


def main() -> int:
    """Measure; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--twitter-seeds", type=int, default=2)
    given = parser.parse_args()
    print(header(FIRST_SEED), flush=True)
    data = data_folder()
    if data is None:
        return 0
    path = data / "campaign_ids_german_elections" / "events.parquet"
    aims = Aims()
    seeds = range(FIRST_SEED, FIRST_SEED + given.seeds)
    real, false = permuted("German", read(path), seeds)
    aims.most("German: swarms among permuted accounts, of those on the set", false / real, 0.02)
    results = [planted(path, seed) for seed in (1, 2)]
    aims.least("planted: of the operation accounts that the hunt joins, joined live",
               min(r[2] for r in results), 0.5)  # fmt: skip
    aims.most("planted: members of live campaigns that are none of an operation",
              max(r[1] for r in results), 0.02)  # fmt: skip
    if given.twitter_seeds:
        events = read(data / "campaign_twitter" / "posts.parquet")
        operations(data, swarms_of(events))
        events = without_repetition(events)
        many = range(FIRST_SEED, FIRST_SEED + given.twitter_seeds)
        real, false = permuted("Twitter", events, many)
        aims.most("Twitter: swarms among permuted accounts, a million events",
                  1e6 * false / events.num_rows, 10)  # fmt: skip
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
