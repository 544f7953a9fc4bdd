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
    """Each tie seen from both ends, ordered by the account that looks."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: NDArray[np.float64]
    place: NDArray[np.int64]


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
    source = np.concatenate([ties.a, ties.b])
    target = np.concatenate([ties.b, ties.a])
    weight = np.concatenate([ties.weight, ties.weight])
    order = np.lexsort((target, source))
    source = source[order]
    starts = np.flatnonzero(np.diff(source, prepend=-1))
    lengths = np.diff(np.append(starts, len(source)))
    place = np.arange(len(source)) - np.repeat(starts, lengths)
    return _Directed(source, target[order], weight[order], place)


def _support(edges: _Directed, belief: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum each account's ties to its best partners, the strongest left out."""
    given = edges.weight * belief[edges.target]
    order = np.lexsort((-given, edges.source))
    counted = (edges.place >= 1) & (edges.place <= PARTNERS)
    source, best = edges.source[counted], given[order][counted]
    return np.bincount(source, weights=best, minlength=len(belief)).astype(np.float64)


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
