"""Links where nothing is coordinated, and links kept where something is.

Three real sets, each as it is and with its accounts permuted at random within kind and hour, and
on each the whole of `crossfix.campaigns.detect.detect`. On permuted accounts no link may be shown;
on the real ones those that a reference finds should stay. The reference is a test by degree alone:
2 P d_a d_b / M^2 keys are expected in common, with d the shares of an account, M those of all and
P the pairs that met inside the window; Benjamini-Hochberg at 1 % over all possible pairs, at 30,
60, 600 and 3600 seconds. Where an hour holds a few traces only, to permute within it is to leave
an operation almost as it was; the Twitter set, whose hours are such, is therefore also permuted
within the hour of the day.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.special import pdtrc

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.outcome import data_folder
from crossfix.campaigns.detect import Detection, detect
from crossfix.events.readers import ReadOptions, read_files
from crossfix.network.pair import Pairs
from crossfix.network.reliability import bases
from crossfix.network.steps import SECOND
from crossfix.network.validate import validate
from crossfix.scenarios.permute import permute_accounts
from crossfix.traces import TRACES
from crossfix.traces.extract import TraceCollector
from crossfix.traces.table import Naming, Traces
from crossfix.traces.trace import Family

Link = tuple[int, int, int]
"""Kind and two accounts, by code."""

FIRST_SEED = 1000
WINDOWS = (30, 60, 600, 3600)
FAMILIES: dict[str, Family] = {
    "repost": "repost", "url": "link", "domain": "link",
    "hashtag": "tag", "phash": "media",
}  # fmt: skip


def german(data: Path) -> Traces:
    """Return the traces of the German election set as its own table names them."""
    found = pq.read_table(data / "campaign_ids_german_elections" / "events.parquet")
    return _traces(*(found[c] for c in ("account", "kind", "object", "timestamp")))


def russian(data: Path) -> Traces:
    """Return the retweets of the Russian set."""
    found = pq.read_table(data / "cooRtweet_russian" / "russian_coord_tweets.parquet")
    kind = pa.chunked_array([pa.array(["repost"] * found.num_rows)])
    seconds = found["timestamp_share"].cast(pa.int64())
    time = pc.multiply(seconds, SECOND).cast(pa.timestamp("us"))
    return _traces(found["account_id"], kind, found["object_id"], time)


def twitter(data: Path) -> Traces:
    """Read the Twitter set as a hunt does (minutes)."""
    collector = TraceCollector()
    path = data / "campaign_twitter" / "posts.parquet"
    for batch in read_files([path], ReadOptions(now=datetime.now(UTC))):
        collector.add(batch)
    return collector.finish()


SETS: dict[str, Callable[[Path], Traces]] = {
    "german": german, "russian": russian, "twitter": twitter,
}  # fmt: skip


def _traces(
    account: pa.ChunkedArray, kind: pa.ChunkedArray, key: pa.ChunkedArray, time: pa.ChunkedArray
) -> Traces:
    coded = [c.combine_chunks().dictionary_encode() for c in (account, kind, key)]
    columns = [c.indices for c in coded]
    columns += [time.cast(pa.timestamp("us")).cast(pa.int64()), pa.array(range(len(account)))]
    rows = pa.table(columns, names=TRACES.names).cast(TRACES)
    rows = rows.sort_by([("kind", "ascending"), ("event", "ascending")])
    kinds = coded[1].dictionary.to_pylist()
    namings = {name: Naming(FAMILIES[name], f"shared the same {name}") for name in kinds}
    return Traces(rows, coded[0].dictionary, kinds, len(account), namings=namings)


def permuted(
    traces: pa.Table, seed: int, hour: str = "hour", base: NDArray[np.int64] | None = None
) -> pa.Table:
    """Permute accounts within kind and hour; what has a base goes with that of the same event."""
    kinds = traces["kind"].to_numpy()
    parts = [traces.filter(pa.array(kinds == kind)) for kind in np.unique(kinds)]
    mixed = pa.concat_tables([permute_accounts(p, by=("kind", hour), seed=seed) for p in parts])
    return mixed if base is None else _following(mixed, base)


def _following(traces: pa.Table, base: NDArray[np.int64]) -> pa.Table:
    """Give rows with a base the account of the first row of that of the same event, if any."""
    kind, event = (traces[name].to_numpy() for name in ("kind", "event"))
    account = traces["account"].to_numpy().copy()
    for code in np.unique(kind[base[kind] != kind]).tolist():
        ground = np.flatnonzero(kind == base[code])
        first = dict(zip(event[ground[::-1]].tolist(), account[ground[::-1]].tolist(), strict=True))
        rows = np.flatnonzero(kind == code)
        own = zip(event[rows].tolist(), account[rows].tolist(), strict=True)
        account[rows] = [first.get(e, a) for e, a in own]
    at = traces.schema.get_field_index("account")
    return traces.set_column(at, traces.schema.field(at), pa.array(account))


def detected(traces: Traces, rows: pa.Table | None = None) -> Detection:
    """Detect, every account its own actor; ``rows`` take the place of the traces' own."""
    if rows is not None:
        traces = Traces(rows, traces.accounts, traces.kinds, traces.events, namings=traces.namings)
    return detect(traces, alone(traces), seed=1)


def alone(traces: Traces) -> NDArray[np.int32]:
    """Return actors: every account its own."""
    return np.arange(len(traces.accounts), dtype=np.int32)


def validated(pairs: Pairs, traces: Traces, rows: pa.Table) -> pa.Table:
    """Return all validated links, shown or not."""
    return validate(pairs, rows, base=bases(traces.kinds), actor=alone(traces))


def named(links: pa.Table) -> set[Link]:
    """Return kind and accounts of each link."""
    names = ("kind", "account_a", "account_b")
    return set(zip(*(links[n].to_pylist() for n in names), strict=True))


def reference(traces: pa.Table, pairs: Pairs) -> set[Link]:
    """Return the links of the test by degree alone."""
    size = int(traces["account"].to_numpy().max()) + 1
    kept: set[Link] = set()
    for kind in pairs.kinds:
        rows = pairs.of_kind(kind)
        a = pairs.column("account_a")[rows].astype(np.int64)
        b = pairs.column("account_b")[rows].astype(np.int64)
        unique, row = np.unique(a * size + b, return_inverse=True)
        of_kind = traces["kind"].to_numpy() == kind
        shares = np.bincount(traces["account"].to_numpy()[of_kind], minlength=size).astype(float)
        for window in WINDOWS:
            inside = pairs.column("delta")[rows] <= window * SECOND
            number = np.bincount(row[inside], minlength=len(unique))
            chance = 2 * number.sum() / shares.sum() ** 2
            chance = shares[unique // size] * shares[unique % size] * chance
            tail = np.where(number > 0, pdtrc(number - 1.0, np.maximum(chance, 1e-300)), 1.0)
            ranked = np.sort(tail)
            passing = np.flatnonzero(
                ranked * (size * (size - 1) / 2) <= 0.01 * np.arange(1, len(ranked) + 1)
            )
            if len(passing):
                linked = unique[tail <= ranked[passing[-1]]]
                kept |= {(kind, int(x) // size, int(x) % size) for x in linked}
    return kept


def kept_of(name: str, traces: Traces) -> float:
    """Print what is linked on the data as they are; return the share of the reference shown."""
    found = detected(traces)
    linked = named(validated(found.pairs, traces, traces.table))
    seen, wanted = named(found.links), reference(traces.table, found.pairs)
    rows: list[tuple[object, ...]] = []
    for kind in (*found.pairs.kinds, None):
        here = [{x for x in those if kind is None or x[0] == kind}
                for those in (linked, seen, wanted)]  # fmt: skip
        own, shown, of = here
        shares = [len(x & of) / len(of) if of else "none" for x in (own, shown)]
        label = "all" if kind is None else traces.kinds[kind]
        rows.append((name, label, len(of), len(own), shares[0], len(shown), shares[1]))
    table(("unpermuted", "kind", "reference", "validated", "of the reference", "shown",
           "of the reference"), rows)  # fmt: skip
    return len(seen & wanted) / len(wanted) if wanted else float("nan")


def empty_seeds(name: str, traces: Traces, seeds: int, hour: str) -> float:
    """Print the links shown with each seed as it is done; return the share of seeds with none."""
    table(("accounts mixed", "within", "seed", "links shown", "validated", "communities"), [])
    none = 0
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        rows = permuted(traces.table, seed, hour, bases(traces.kinds))
        found = detected(traces, rows)
        shown = found.links.num_rows
        passed = validated(found.pairs, traces, rows).num_rows
        groups = int(found.community.max(initial=-1)) + 1
        print(f"| {name} | kind, {hour} | {seed} | {shown} | {passed} | {groups} |", flush=True)
        none += shown == 0
    return none / seeds


def main() -> int:
    """Measure each set; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20, help="for the German and Russian sets")
    parser.add_argument("--twitter-seeds", type=int, default=2, help="each takes minutes")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    given = parser.parse_args()
    print(header(FIRST_SEED), flush=True)
    data = data_folder()
    if data is None:
        return 0
    aims = Aims()
    for name in given.sets:
        traces = SETS[name](data)
        seeds = given.twitter_seeds if name == "twitter" else given.seeds
        aims.least(f"{name}: of the reference's links shown", kept_of(name, traces), 0.9)
        if not seeds:
            continue
        none = empty_seeds(name, traces, seeds, "hour")
        aims.least(f"{name}: of seeds without a link, within the hour", none, 0.95)
        if name == "twitter":
            none = empty_seeds(name, traces, seeds, "hour of day")
            aims.least(f"{name}: of seeds without a link, within the hour of the day", none, 0.95)
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
