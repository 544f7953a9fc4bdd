"""How strongly two accounts are tied: the share of what they do that they do together.

The weight of one key that two accounts share is its kind's reliability over how many others
would have been met within the same time by chance: ``(accounts - 1) * F(delta) + 1``, where F is
the distribution of time differences among all pairs that share keys of this kind and this
popularity. So the decay of a kind is learned from its own delays: minutes where an operation is
quick, and a popular key counts only for those who were close in time. The sum is divided by the
activity of both (root of posts with such keys, plus `PRIOR_KEYS`), and by how often each left the
key, for bursts.

One act is one occasion: the link, the tags and the words of the same two posts count once, with
the strongest of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossfix.network.pair import Pairs
from crossfix.network.reliability import KindWeights

PRIOR_KEYS = 20.0
"""Keys that every account is taken to have left besides: few acts in common prove little."""

FAINT = 1e-6
"""Ties below this are dropped: they could not move a score that anybody sees."""

_DELTA_BITS = 45
"""Bits that a time difference of a year takes."""


@dataclass(frozen=True)
class Ties:
    """Undirected ties between accounts: a < b, one row a pair, ordered; ``weight`` > 0.

    ``occasions`` counts the separate acts behind it.
    """

    accounts: int
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    weight: NDArray[np.float64]
    occasions: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.a)


def ties(
    pairs: Pairs, weights: KindWeights, accounts: int, actor: NDArray[np.int32] | None = None
) -> Ties:
    """Sum what each two accounts share into one tie.

    ``actor`` numbers accounts by the person behind them; two accounts of one actor have no tie.
    """
    kind = pairs.column("kind")
    a, b = pairs.column("account_a"), pairs.column("account_b")
    value = meeting(pairs, kind)
    value *= weights.weight[kind]
    value *= activity(pairs, kind, a, b, weights, accounts)
    if actor is not None:
        value[actor[a] == actor[b]] = 0.0
    rows = np.flatnonzero(value > 0)
    pair_id = a[rows].astype(np.int64) * accounts + b[rows]
    order = np.argsort(pair_id, kind="stable")
    rows, pair_id = rows[order], pair_id[order]
    contested = ~_alone(pair_id)
    for side in ("event_a", "event_b"):
        at = np.flatnonzero(contested)
        of = rows[at]
        contested[at] = False
        contested[at[_strongest(pair_id[at], pairs.column(side)[of], value[of])]] = True
    kept = contested | _alone(pair_id)
    rows, pair_id = rows[kept], pair_id[kept]
    return _summed(pair_id, value[rows], weights.occasional[kind[rows]], accounts)


def meeting(pairs: Pairs, kind: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return for each row 1 / (1 + accounts that chance would have brought as close)."""
    popularity = pairs.column("accounts").astype(np.float64)
    stratum = np.minimum(np.log2(popularity).astype(np.int64), 20) + 32 * kind.astype(np.int64)
    # One number for both, so that one plain sort does: a difference is below 2 ** 45.
    sequence = (stratum << _DELTA_BITS) + pairs.column("delta")
    del stratum
    order = np.argsort(sequence)
    sequence = sequence[order]
    begin, end = _runs(sequence >> _DELTA_BITS)
    _, met = _runs(sequence)
    closeness = np.empty(len(order))
    closeness[order] = (met - begin) / (end - begin)
    del sequence, order, begin, end, met
    closeness *= popularity - 1.0
    closeness += 1.0
    answer: NDArray[np.float64] = np.reciprocal(closeness, out=closeness)
    return answer


def _runs(ordered: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each entry where the run of its equals begins and ends."""
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    ends = np.append(starts, len(ordered))[1:]
    lengths = ends - starts
    return np.repeat(starts, lengths), np.repeat(ends, lengths)


def activity(
    pairs: Pairs,
    kind: NDArray[np.int8],
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    weights: KindWeights,
    accounts: int,
) -> NDArray[np.float64]:
    """Return for each row what divides it: the root of both accounts' keys and repetitions.

    The keys of a kind are those of the busiest kind of its family: a text is counted whether or
    not it has near-duplicates.
    """
    families = int(weights.family.max(initial=0)) + 1
    keys = np.zeros((families, accounts))
    degree = pairs.degrees
    np.maximum.at(
        keys,
        (weights.family[degree.column("kind").to_numpy()], degree.column("account").to_numpy()),
        degree.column("keys").to_numpy(),
    )
    family = weights.family[kind]
    keys += PRIOR_KEYS
    busy = keys[family, a]
    busy *= keys[family, b]
    busy *= pairs.column("times_a").astype(np.float64) * pairs.column("times_b")
    np.sqrt(busy, out=busy)
    answer: NDArray[np.float64] = np.reciprocal(busy, out=busy)
    return answer


def _alone(ordered: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which entries of a sorted array have no equal."""
    differs = np.ones(len(ordered) + 1, dtype=np.bool_)
    differs[1:-1] = ordered[1:] != ordered[:-1]
    answer: NDArray[np.bool_] = differs[1:] & differs[:-1]
    return answer


def _strongest(
    pair_id: NDArray[np.int64], event: NDArray[np.int64], value: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the entries that are the strongest of their pair and event, ascending."""
    order = np.lexsort((-value, event, pair_id))
    first = np.ones(len(order), dtype=np.bool_)
    same_pair = pair_id[order][1:] == pair_id[order][:-1]
    first[1:] = ~(same_pair & (event[order][1:] == event[order][:-1]))
    return np.sort(order[first])


def _summed(
    pair_id: NDArray[np.int64],
    value: NDArray[np.float64],
    occasional: NDArray[np.bool_],
    accounts: int,
) -> Ties:
    starts = np.flatnonzero(np.diff(pair_id, prepend=-1))
    unique, occasions = pair_id[starts], np.diff(np.append(starts, len(pair_id)))
    member = np.repeat(np.arange(len(starts)), occasions)
    weight = np.bincount(member, weights=value, minlength=len(unique)).astype(np.float64)
    substantial = np.bincount(member, weights=~occasional, minlength=len(unique))
    kept = (weight > FAINT) & ((substantial > 0) | (occasions > 1))
    unique = unique[kept]
    return Ties(
        accounts, unique // accounts, unique % accounts, weight[kept],
        occasions[kept].astype(np.int64),
    )  # fmt: skip
