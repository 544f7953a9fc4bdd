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

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossfix.network.pair import Pairs
from crossfix.network.reliability import KindWeights

PRIOR_KEYS = 20.0
"""Keys that every account is taken to have left besides: few acts in common prove little."""

FAINT = 1e-6
"""Ties below this are dropped: they could not move a score that anybody sees."""


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
    kind = pairs.column("kind").astype(np.int64)
    a = pairs.column("account_a").astype(np.int64)
    b = pairs.column("account_b").astype(np.int64)
    used = weights.weight[kind] > 0
    if actor is not None:
        used &= actor[a] != actor[b]
    value = np.zeros(len(kind))
    value[used] = (weights.weight[kind] * meeting(pairs, kind) * activity(pairs, kind, a, b,
                   weights, accounts))[used]  # fmt: skip
    rows = np.flatnonzero(value > 0)
    pair_id = a * accounts + b
    for side in ("event_a", "event_b"):
        rows = rows[_strongest(pair_id[rows], pairs.column(side)[rows], value[rows])]
    return _summed(pair_id[rows], value[rows], weights.occasional[kind[rows]], accounts)


def meeting(pairs: Pairs, kind: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each row 1 / (1 + accounts that chance would have brought as close)."""
    delta = pairs.column("delta")
    popularity = pairs.column("accounts").astype(np.float64)
    stratum = np.minimum(np.log2(popularity).astype(np.int64), 20) + 32 * kind
    closeness = np.empty(len(delta))
    order = np.lexsort((delta, stratum))
    bounds = np.flatnonzero(np.diff(stratum[order], prepend=-1, append=-2))
    for begin, end in itertools.pairwise(bounds.tolist()):
        rows = order[begin:end]
        met = np.searchsorted(delta[rows], delta[rows], side="right")
        closeness[rows] = met / (end - begin)
    answer: NDArray[np.float64] = 1.0 / ((popularity - 1.0) * closeness + 1.0)
    return answer


def activity(
    pairs: Pairs,
    kind: NDArray[np.int64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
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
    of_a, of_b = keys[family, a] + PRIOR_KEYS, keys[family, b] + PRIOR_KEYS
    repeated = pairs.column("times_a").astype(np.float64) * pairs.column("times_b")
    answer: NDArray[np.float64] = 1.0 / np.sqrt(of_a * of_b * repeated)
    return answer


def _strongest(
    pair_id: NDArray[np.int64], event: NDArray[np.int64], value: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the rows that are the strongest of their pair and event, ascending."""
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
    unique, inverse, occasions = np.unique(pair_id, return_inverse=True, return_counts=True)
    weight = np.bincount(inverse, weights=value, minlength=len(unique)).astype(np.float64)
    substantial = np.bincount(inverse, weights=~occasional, minlength=len(unique))
    kept = (weight > FAINT) & ((substantial > 0) | (occasions > 1))
    unique = unique[kept]
    return Ties(
        accounts, unique // accounts, unique % accounts, weight[kept],
        occasions[kept].astype(np.int64),
    )  # fmt: skip
