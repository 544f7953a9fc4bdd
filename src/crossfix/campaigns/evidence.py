"""The most telling keys that a campaign's members share, down to the posts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.campaigns.campaign import Post, SharedKey
from crossfix.campaigns.readable import readable_keys
from crossfix.campaigns.shares import Ints, Shares

EventsByRow = Callable[[Ints], pa.Table]
"""Returns the events (columns of `crossfix.events.SCHEMA`) of rows given ascending, each once."""

_LONGEST_TEXT = 5_000
_AGAIN = 0.7
"""What each further key of a kind counts, against the one before."""

_CANDIDATES = 200
"""How many keys of a kind and community are looked at to choose from."""


@dataclass(frozen=True)
class Bounds:
    """How much evidence a campaign shows: keys, and posts of each."""

    keys: int = 12
    posts: int = 12


def telling(shared: Shares, popularity: Ints) -> NDArray[np.float64]:
    """Score how much each group tells: many members, few others, close in time.

    log2 of the actors, times the members' share of all accounts with the key, times how near in
    time they are (1 at once, a half at a minute's distance, a quarter at an hour and a half), as
    the mean over the group's rows of the logarithm.
    """
    group = shared.group()
    away = np.bincount(group, np.log1p(shared.distance / 1e6), len(shared))
    rows = np.diff(shared.start)
    near = 1 / (1 + away / np.maximum(rows, 1) / np.log(61))
    rare = np.minimum(1.0, shared.actors / np.maximum(popularity, 1))
    score: NDArray[np.float64] = np.log2(np.maximum(shared.actors, 1)) * rare * near
    return score


def evidence(
    shared: Shares,
    popularity: Ints,
    kinds: Sequence[str],
    accounts: pa.Array,
    events: EventsByRow,
    bounds: Bounds | None = None,
) -> dict[int, tuple[SharedKey, ...]]:
    """Choose the most telling keys of each community and return them with their posts.

    ``popularity`` is per group (`popularity_of`), ``kinds`` and ``accounts`` are the names behind
    the codes. Each further key of a kind counts less than the one before, so that the kinds are
    mixed; a key is left out if other keys already show four fifths of its posts. All events
    are fetched at once.
    """
    bounds = bounds or Bounds()
    scores = telling(shared, popularity)
    chosen = {c: _choose(shared, scores, c, bounds) for c in np.unique(shared.community).tolist()}
    posts = {g: _posts(shared, g, bounds.posts) for groups in chosen.values() for g in groups}
    rows = np.unique(np.concatenate([shared.traces.event[p] for p in posts.values()] or [_NONE]))
    table = events(rows).combine_chunks() if len(rows) else pa.table({})
    words = _words(shared, posts, kinds, rows, table)
    return {
        c: tuple(
            SharedKey(
                kind=kinds[shared.kind[g]],
                key=words[g],
                popularity=int(popularity[g]),
                posts=_as_posts(shared, posts[g], words[g], accounts, rows, table),
            )
            for g in groups
        )
        for c, groups in chosen.items()
    }


_NONE: Ints = np.zeros(0, np.int64)


def _choose(
    shared: Shares, scores: NDArray[np.float64], community: int, bounds: Bounds
) -> list[int]:
    """Return groups of a community, most telling first, the kinds mixed."""
    low, high = np.searchsorted(shared.community, [community, community + 1])
    best: dict[int, list[int]] = {}
    order = low + np.lexsort((shared.key[low:high], shared.kind[low:high], -scores[low:high]))
    for g in order.tolist():
        ranked = best.setdefault(int(shared.kind[g]), [])
        if len(ranked) < _CANDIDATES:
            ranked.append(g)
    chosen: list[int] = []
    shown: set[int] = set()
    used: Counter[int] = Counter()
    while len(chosen) < bounds.keys and any(best.values()):
        kind = min(
            (k for k, ranked in best.items() if ranked),
            key=lambda k: (-scores[best[k][0]] * _AGAIN ** used[k], k),
        )
        g = best[kind].pop(0)
        events = set(shared.traces.event[shared.start[g] : shared.start[g + 1]].tolist())
        if 5 * len(events & shown) < 4 * len(events):
            chosen.append(g)
            shown |= events
            used[kind] += 1
    return chosen


def _posts(shared: Shares, g: int, most: int) -> Ints:
    """Return rows of a group: each account's nearest to another, the closest stretch if many."""
    low, high = int(shared.start[g]), int(shared.start[g + 1])
    account, distance = shared.traces.account[low:high], shared.distance[low:high]
    order = np.lexsort((np.arange(high - low), distance, account))
    _, first = np.unique(account[order], return_index=True)
    rows = np.sort(order[first]) + low
    if len(rows) <= most:
        return rows
    time = shared.traces.time[rows]
    begin = int(np.argmin(time[most - 1 :] - time[: len(rows) - most + 1]))
    return rows[begin : begin + most]


def _words(
    shared: Shares, posts: dict[int, Ints], kinds: Sequence[str], rows: Ints, table: pa.Table
) -> dict[int, str]:
    """Return the readable key of each chosen group, kind by kind."""
    words: dict[int, str] = {}
    groups = np.array(sorted(posts), np.int64)
    for code in np.unique(shared.kind[groups]).tolist():
        mine = groups[shared.kind[groups] == code]
        first = shared.traces.event[[posts[g][0] for g in mine.tolist()]]
        batch = one_batch(table.take(pa.array(np.searchsorted(rows, first))))
        said = readable_keys(kinds[code], shared.key[mine], batch)
        words.update(zip(mine.tolist(), said, strict=True))
    return words


def one_batch(table: pa.Table) -> pa.RecordBatch:
    """Return a table as one batch."""
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _as_posts(
    shared: Shares, rows: Ints, word: str, accounts: pa.Array, known: Ints, table: pa.Table
) -> tuple[Post, ...]:
    at = np.searchsorted(known, shared.traces.event[rows])
    posts = []
    names = accounts.take(pa.array(shared.traces.account[rows])).to_pylist()
    for account, event in zip(names, table.take(pa.array(at)).to_pylist(), strict=True):
        text = event["text"]
        posts.append(
            Post(
                event=event["id"],
                account=account,
                service=event["service"],
                action=event["action"],
                time=event["time"],
                text=text if text is None else text[:_LONGEST_TEXT],
                url=dict(event["attributes"]).get("url"),
                shared=_pieces(word, text),
            )
        )
    return tuple(posts)


def _pieces(word: str, text: str | None) -> tuple[str, ...]:
    """Return the key as it stands in the text, whatever its case; nothing if it does not."""
    if text is None or len(word) < 2:
        return ()
    found = re.search(r"#?" + re.escape(word), text[:_LONGEST_TEXT], re.IGNORECASE)
    return (found[0],) if found else ()
