"""Co-sharing pairs with the semantics of the R package CooRTweet 2.1.3, for who must reproduce it.

Two shares of one object at most a window apart are a pair; pairs of posts are counted, not
objects. There is no test against chance in it: what crossfix itself shows as links comes from
`crossfix.network.validate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BLOCK = 4_000_000
"""Pairs looked at together, so that memory grows with the pairs that are kept."""


@dataclass(frozen=True)
class Shares:
    """Rows of shares: codes of object, account and content (the post), and the time.

    ``time`` is in microseconds; ``own`` says that the content is the object itself.
    """

    object: Ints
    account: Ints
    content: Ints
    time: Ints
    own: Bools

    def only(self, kept: Bools) -> Shares:
        """Keep some rows."""
        columns = (self.object, self.account, self.content, self.time, self.own)
        return Shares(*(c[kept] for c in columns))  # type: ignore[arg-type]


@dataclass(frozen=True)
class CoShares:
    """Pairs of shares of one object, the older first: codes as in `Shares`, time in microseconds.

    Ordered by object, then time.
    """

    object: Ints
    account: Ints
    account_later: Ints
    content: Ints
    content_later: Ints
    delta: Ints

    def __len__(self) -> int:
        return len(self.object)

    def only(self, kept: Bools) -> CoShares:
        """Keep some pairs."""
        return CoShares(*(c[kept] for c in self._columns()))

    def _columns(self) -> tuple[Ints, ...]:
        return (self.object, self.account, self.account_later, self.content, self.content_later,
                self.delta)  # fmt: skip


@dataclass(frozen=True)
class Edges:
    """Accounts a <= b, the number of pairs of shares between them, their mean difference (s)."""

    a: Ints
    b: Ints
    weight: Ints
    mean_delta_seconds: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.a)


def co_shares(
    shares: Shares, *, window_seconds: float, min_participation: int, keep_loops: bool = False
) -> CoShares:
    """Return the pairs of shares of one object that are at most ``window_seconds`` apart.

    Accounts with fewer than ``min_participation`` rows are left out before. Unless
    ``keep_loops``, a pair is dropped that is of one account or of one content, or has a share
    that is the object itself. Afterwards a pair is kept if either of its contents belongs to an
    account with ``min_participation`` rows among the contents that were paired.
    """
    numbers = np.bincount(shares.account)
    shares = shares.only(numbers[shares.account] >= min_participation)
    order = np.lexsort((np.arange(len(shares.time)), shares.time, shares.object))
    shares = Shares(*(getattr(shares, c)[order] for c in ("object", "account", "content", "time",
                                                          "own")))  # fmt: skip
    window = round(window_seconds * 1_000_000)
    blocks = [_paired(shares, i, j, keep_loops) for i, j in _sweep(shares, window)]
    found = CoShares(*(np.concatenate(c) for c in zip(*blocks, strict=True)))
    return _refiltered(shares, found, min_participation)


def fast_co_shares(
    shares: Shares, found: CoShares, *, window_seconds: float, min_participation: int
) -> CoShares:
    """Return the pairs of a fast sub-network: contents that also pair in a shorter window."""
    quick = found.only(found.delta <= round(window_seconds * 1_000_000))
    quick = _refiltered(shares, quick, min_participation)
    size = int(shares.content.max(initial=0)) + 1
    marked = quick.content * size + quick.content_later
    return found.only(np.isin(found.content * size + found.content_later, marked))


def edges(found: CoShares) -> Edges:
    """Count pairs of shares by pair of accounts, ordered by their codes."""
    a = np.minimum(found.account, found.account_later)
    b = np.maximum(found.account, found.account_later)
    size = int(b.max(initial=0)) + 1
    pair, row, weight = np.unique(a * size + b, return_inverse=True, return_counts=True)
    total = np.bincount(row, weights=found.delta.astype(np.float64), minlength=len(pair))
    return Edges(pair // size, pair % size, weight, total / weight / 1e6)


def threshold(found: Edges, edge_weight: float) -> float:
    """Return the quantile (R's type 7) of edge weights that an edge has to exceed."""
    return float(np.quantile(found.weight, edge_weight)) if len(found) else 0.0


def heavier(found: Edges, limit: float) -> Edges:
    """Keep edges with more weight than a limit."""
    kept = found.weight > limit
    return Edges(found.a[kept], found.b[kept], found.weight[kept], found.mean_delta_seconds[kept])


def component_sizes(found: Edges) -> list[int]:
    """Return how many accounts each connected component has, largest first."""
    accounts, code = np.unique(np.concatenate([found.a, found.b]), return_inverse=True)
    a, b = code[: len(found)], code[len(found) :]
    shape = (len(accounts), len(accounts))
    graph = sparse.coo_matrix((np.ones(len(found)), (a, b)), shape=shape)
    _, label = sparse.csgraph.connected_components(graph, directed=False)
    return sorted(np.bincount(label).tolist(), reverse=True) if len(accounts) else []


def _sweep(shares: Shares, window: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield rows (earlier, later) of one object at most a window apart, in blocks."""
    moments = np.unique(shares.time)
    base = shares.object * (len(moments) + 1)
    place = base + np.searchsorted(moments, shares.time)
    end = np.searchsorted(place, base + np.searchsorted(moments, shares.time + window, "right"))
    number = end - np.arange(len(place)) - 1
    before = np.concatenate([[0], np.cumsum(number)])
    start = 0
    while True:
        stop = int(np.searchsorted(before, before[start] + _BLOCK, "right")) - 1
        stop = min(max(stop, start + 1), len(place))
        rows = np.arange(start, stop)
        i = np.repeat(rows, number[rows])
        yield i, i + 1 + np.arange(len(i)) - np.repeat(before[rows] - before[start], number[rows])
        start = stop
        if start >= len(place):
            return


def _paired(shares: Shares, i: Ints, j: Ints, keep_loops: bool) -> tuple[Ints, ...]:
    """Look rows up, and drop loops."""
    if not keep_loops:
        loop = shares.own[i] | shares.own[j]
        loop |= shares.content[i] == shares.content[j]
        loop |= shares.account[i] == shares.account[j]
        i, j = i[~loop], j[~loop]
    return (shares.object[i], shares.account[i], shares.account[j], shares.content[i],
            shares.content[j], shares.time[j] - shares.time[i])  # fmt: skip


def _refiltered(shares: Shares, found: CoShares, min_participation: int) -> CoShares:
    """Keep pairs of which either content is of an account that takes part often enough."""
    if min_participation < 1:
        return found
    paired = np.isin(shares.content, np.concatenate([found.content, found.content_later]))
    numbers = np.bincount(shares.account[paired], minlength=1)
    kept = paired.copy()
    kept[paired] = numbers[shares.account[paired]] >= min_participation
    often = shares.content[kept]
    return found.only(np.isin(found.content, often) | np.isin(found.content_later, often))
