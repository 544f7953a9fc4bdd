"""What the report draws: the network, the timeline, and the limits that are said aloud."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.campaigns.detect import Detection
from crossfix.campaigns.evidence import EventsByRow
from crossfix.campaigns.gather import Gathered
from crossfix.campaigns.readable import readable_keys
from crossfix.campaigns.result import Edge, Limit, Node, Timeline
from crossfix.network.layout import layout
from crossfix.network.pair import Pairs
from crossfix.traces.table import Traces

MOST_NODES = 6_000
MOST_EDGES = 15_000
MOST_LIMITS = 50
BINS = (60, 300, 900, 3600, 21_600, 86_400, 604_800, 2_592_000)
MOST_BINS = 400

Ints = NDArray[np.int64]


def network_picture(
    found: Detection, traces: Traces, ids: Mapping[int, str], *, seed: int
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Place the members of campaigns, and the lines between those that share keys."""
    community, score, ties = found.community, found.score, found.ties
    drawn = np.flatnonzero(community >= 0)
    drawn = np.sort(drawn[np.lexsort((drawn, -score[drawn]))][:MOST_NODES])
    if not len(drawn):
        return (), ()
    place = np.full(len(score), -1, dtype=np.int64)
    place[drawn] = np.arange(len(drawn))
    kept = np.flatnonzero((place[ties.a] >= 0) & (place[ties.b] >= 0))
    kept = np.sort(kept[np.lexsort((kept, -ties.weight[kept]))][:MOST_EDGES])
    a, b, weight = ties.a[kept], ties.b[kept], ties.weight[kept]
    at = layout(len(drawn), place[a], place[b], weight, community[drawn], seed=seed)
    names = traces.accounts.take(pa.array(drawn)).to_pylist()
    nodes = tuple(
        Node(
            account=names[i],
            campaign=ids.get(int(community[code])),
            score=float(score[code]),
            x=float(at[i, 0]),
            y=float(at[i, 1]),
        )
        for i, code in enumerate(drawn.tolist())
    )
    kinds = _kinds_of(found.pairs, a, b, len(score), traces)
    edges = tuple(
        Edge(source=names[x], target=names[y], kinds=kinds[i], weight=float(w))
        for i, (x, y, w) in enumerate(
            zip(place[a].tolist(), place[b].tolist(), weight.tolist(), strict=True)
        )
    )
    return nodes, edges


def _kinds_of(
    pairs: Pairs, a: Ints, b: Ints, accounts: int, traces: Traces
) -> list[tuple[str, ...]]:
    """Return the kinds that each of these pairs shares keys of."""
    wanted = a * accounts + b
    order = np.argsort(wanted, kind="stable")
    pair_id = pairs.column("account_a").astype(np.int64) * accounts + pairs.column("account_b")
    slot = np.searchsorted(wanted[order], pair_id)
    slot = np.minimum(slot, max(len(wanted) - 1, 0))
    hit = wanted[order][slot] == pair_id if len(wanted) else np.zeros(len(pair_id), np.bool_)
    both = np.unique(np.stack([order[slot[hit]], pairs.column("kind")[hit]]), axis=1)
    kinds: list[list[str]] = [[] for _ in range(len(wanted))]
    for row, kind in both.T.tolist():
        kinds[row].append(traces.kinds[kind])
    return [tuple(of) for of in kinds]


def timeline(gathered: Gathered, community: Ints, ids: Mapping[int, str]) -> Timeline | None:
    """Count events per bin of everyone and of each campaign."""
    times = gathered.times
    if not len(times):
        return None
    begin, end = int(times.min()) // 1_000_000, int(times.max()) // 1_000_000
    size = next((s for s in BINS if (end - begin) // s < MOST_BINS), (end - begin) // MOST_BINS + 1)
    begin -= begin % size
    count = (end - begin) // size + 1
    table = gathered.traces.table
    of = community[table.column("account").to_numpy()]
    member = np.flatnonzero(of >= 0)
    event, first = np.unique(table.column("event").to_numpy()[member], return_index=True)
    bin_of = (times[event] // 1_000_000 - begin) // size
    campaigns = {}
    for number, identity in ids.items():
        mine = bin_of[of[member[first]] == number]
        campaigns[identity] = tuple(np.bincount(mine, minlength=count).tolist())
    return Timeline(
        start=datetime.fromtimestamp(begin, UTC),
        bin_seconds=int(size),
        everyone=tuple(np.bincount((times // 1_000_000 - begin) // size, minlength=count).tolist()),
        campaigns=campaigns,
    )


def limits_said(pairs: Pairs, traces: Traces, events: EventsByRow) -> tuple[Limit, ...]:
    """Name the keys that were too popular to be paired in all windows, most shared first."""
    limits = pairs.limits.sort_by([("shares", "descending"), ("key", "ascending")])
    rows = limits.slice(0, MOST_LIMITS).to_pylist()
    if not rows:
        return ()
    keys = traces.table.column("key").to_numpy()
    kinds = traces.table.column("kind").to_numpy()
    at = [int(np.argmax((keys == row["key"]) & (kinds == row["kind"]))) for row in rows]
    # All posts at once: each look-up reads whole pieces of the file.
    posts, place = np.unique(
        traces.table.column("event").to_numpy()[np.array(at)], return_inverse=True
    )
    shown = events(posts).combine_chunks()
    said = []
    for row, number in zip(rows, place.tolist(), strict=True):
        word = readable_keys(
            traces.kinds[row["kind"]], np.array([row["key"]], np.uint64),
            shown.slice(number, 1).to_batches()[0],
        )[0]  # fmt: skip
        said.append(
            Limit(
                kind=traces.kinds[row["kind"]],
                key=word,
                accounts=row["accounts"],
                shares=row["shares"],
                window_seconds=row["window_seconds"],
            )
        )
    return tuple(said)


def limits_left_out(pairs: Pairs) -> tuple[str, ...]:
    """Say how many keys were limited, where these are too many to name each."""
    if pairs.limits.num_rows <= MOST_LIMITS:
        return ()
    return (
        f"{pairs.limits.num_rows:,} keys were too popular, or too many together, to be compared in "
        f"every time window; the {MOST_LIMITS} most shared are named",
    )
