"""Who stands out: an account against its group, not against one partner.

Every account starts with belief 1. Its support is the sum of its ties to its `PARTNERS` best
partners, each times the partner's belief, the strongest left out: one partner is never enough.
Belief is support / (support + `HALF`): a group of any size, quick or slow, holds itself up, and
what is tied only to doubtful accounts fades. An account that is clearly slower than its partners,
as an audience is, loses by the likelihood ratio between its group's promptness and everyone's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from crossfix.network.promptness import Promptness
from crossfix.network.strength import Ties

PARTNERS = 5
"""Partners that count, after the strongest."""

HALF = 0.15
"""Support at which belief is one half."""

ROUNDS = 8

QUICKER = 0.3
"""A group is taken to be quicker than everyone by at most this share of what is left to 1."""

MOST_KEYS = 30.0
"""Keys that promptness rests on at most: later ones are no independent witnesses."""

SLOWEST = -9.0
"""The lowest log-likelihood ratio that slowness can cost."""

MANY_TIES = 1_000_000
"""Ties, seen from both ends, from which compiled code is worth loading."""


@dataclass(frozen=True)
class Ranks:
    """``support`` orders the accounts; ``belief`` (0 to 1) means the same on every input.

    ``lag`` is the factor (0 to 1) that being slower than one's group cost.
    """

    support: NDArray[np.float64]
    belief: NDArray[np.float64]
    lag: NDArray[np.float64]


@dataclass(frozen=True)
class _Directed:
    """Each tie seen from both ends, ordered by the account that looks and the one it sees.

    What account i sees stands from ``starts[i]`` to ``starts[i + 1]``.
    """

    starts: NDArray[np.int64]
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    weight: NDArray[np.float64]


def rank(ties: Ties, prompt: Promptness) -> Ranks:
    """Score every account (arrays of ``ties.accounts``)."""
    edges = _directed(ties)
    belief = np.ones(ties.accounts)
    support, lag = np.zeros(ties.accounts), np.ones(ties.accounts)
    for _ in range(ROUNDS):
        lag = _lag(edges, belief, prompt)
        support = _support(edges, belief) * lag
        belief = support / (support + HALF)
    return Ranks(support, belief, lag)


def _directed(ties: Ties) -> _Directed:
    # Ties are ordered by a and b, so each account's row is ordered once smaller targets are first.
    ends = np.concatenate([ties.b, ties.a]), np.concatenate([ties.a, ties.b])
    size = (ties.accounts, ties.accounts)
    rows = coo_array((np.concatenate([ties.weight, ties.weight]), ends), shape=size).tocsr()
    starts = rows.indptr.astype(np.int64)
    source = np.repeat(np.arange(ties.accounts, dtype=np.int32), np.diff(starts))
    return _Directed(starts, source, rows.indices.astype(np.int32, copy=False), rows.data)


def _support(edges: _Directed, belief: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum each account's ties to its best partners, the strongest left out."""
    given = edges.weight * belief[edges.target]
    if len(given) < MANY_TIES:
        return best_sums(edges.starts, given, PARTNERS)
    from crossfix.network import kernel

    answer: NDArray[np.float64] = kernel.best_sums(edges.starts, given, PARTNERS)
    return answer


def best_sums(
    starts: NDArray[np.int64], given: NDArray[np.float64], most: int
) -> NDArray[np.float64]:
    """Sum the ``most`` largest entries of each row after its largest."""
    lengths = np.diff(starts)
    row = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(given)) - np.repeat(starts[:-1], lengths)
    order = np.lexsort((-given, row))
    counted = (place >= 1) & (place <= most)
    best = given[order][counted]
    return np.bincount(row[counted], weights=best, minlength=len(lengths)).astype(np.float64)


def _lag(edges: _Directed, belief: NDArray[np.float64], prompt: Promptness) -> NDArray[np.float64]:
    """Return what being slower than one's partners costs each account."""
    pull = edges.weight**2 * belief[edges.target]
    accounts = len(belief)
    total = np.bincount(edges.source, weights=pull, minlength=accounts)
    theirs = np.bincount(edges.source, weights=pull * prompt.prompt[edges.target],
                         minlength=accounts)  # fmt: skip
    group = np.divide(theirs, total, out=prompt.prompt.copy(), where=total > 0)
    everyone = _everyone(belief, prompt)
    group = np.clip(group, everyone, everyone + (1 - everyone) * QUICKER)
    own = prompt.prompt
    ratio = np.minimum(prompt.keys, MOST_KEYS) * (
        own * np.log(group / everyone) + (1 - own) * np.log((1 - group) / (1 - everyone))
    )
    answer: NDArray[np.float64] = np.exp(np.clip(ratio, SLOWEST, 0.0))
    return answer


def _everyone(belief: NDArray[np.float64], prompt: Promptness) -> float:
    """Return the promptness of those who are not believed to be coordinated."""
    highest = belief.max(initial=0.0)
    doubt = 1 - belief / highest if highest > 0 else np.ones(len(belief))
    weight = doubt * np.minimum(prompt.keys, 10.0)
    total = float(weight.sum())
    mean = float((weight * prompt.prompt).sum()) / total if total > 0 else 0.5
    return min(max(mean, 0.02), 0.95)
