"""Communities of accounts that stand out and are tied to each other.

Only accounts above `CORE` take part: a benign audience would pull whole communities together.
Seeded Leiden with the constant Potts model (Traag, Waltman, van Eck 2019) on ties divided by what
is usual for their two accounts (root of both second-best ties), so that one resolution serves
dense and sparse, quick and slow groups. Communities with most of their ties in each other, the
strongest of each account left out, are merged; accounts that gave less evidence join the community
that most of their ties go to, if they are tied to two of its members at least, not much more weakly
than these are to each other. A community needs three actors.
"""

from __future__ import annotations

from dataclasses import dataclass

import graspologic_native
import numpy as np
from numpy.typing import NDArray

from crossfix.network.strength import Ties

CORE = 0.5
"""The score from which an account can found a community."""

RESOLUTION = 0.05
"""A community's members are tied at least this closely, as a share of their usual ties."""

JOINING_SHARE = 0.4
"""Share of an account's ties that a community must have for the account to join it."""

JOINING_TIE = 0.3
"""How strong its second-best tie to the community must be, as a share of what is usual there."""

PROMPT_ENOUGH = 0.1
"""An account that lags further behind its group (`Ranks.lag`) is its audience, not its member."""

MERGING_SHARE = 0.5
ROUNDS = 3
ACTORS = 3

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class _Inside:
    """Ties seen from both ends."""

    source: Codes
    target: Codes
    weight: NDArray[np.float64]


def group(
    ties: Ties,
    score: NDArray[np.float64],
    lag: NDArray[np.float64],
    actor: NDArray[np.int32],
    *,
    seed: int,
) -> Codes:
    """Return the community of each account, -1 for none; communities are numbered by size."""
    inside = _both_ends(ties)
    community = _found(ties, score >= CORE, seed)
    community = _merge(community, inside)
    community = _few_actors_out(community, actor)
    community = _join(community, inside, lag)
    return _numbered(community)


def _both_ends(ties: Ties) -> _Inside:
    return _Inside(
        np.concatenate([ties.a, ties.b]),
        np.concatenate([ties.b, ties.a]),
        np.concatenate([ties.weight, ties.weight]),
    )


def _found(ties: Ties, core: NDArray[np.bool_], seed: int) -> Codes:
    """Part the core accounts into communities."""
    community = np.full(ties.accounts, -1, dtype=np.int64)
    kept = core[ties.a] & core[ties.b]
    a, b, weight = ties.a[kept], ties.b[kept], ties.weight[kept]
    if not len(a):
        return community
    usual = _usual(ties.accounts, a, b, weight)
    relative = weight / np.sqrt(usual[a] * usual[b])
    edges = [
        (str(x), str(y), float(w))
        for x, y, w in zip(a.tolist(), b.tolist(), relative.tolist(), strict=True)
    ]
    _, found = graspologic_native.leiden(
        edges, resolution=RESOLUTION, use_modularity=False, iterations=2, trials=3, seed=seed
    )
    for account, number in found.items():
        community[int(account)] = number
    return community


def _usual(accounts: int, a: Codes, b: Codes, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each account's second-best tie (its best, if it has one only)."""
    source, total, second = _best_two(np.concatenate([a, b]), np.concatenate([weight, weight]))
    usual = np.ones(accounts)
    usual[source] = np.where(second > 0, second, total)
    return usual


def _merge(community: Codes, inside: _Inside) -> Codes:
    """Merge, smallest first, communities most of whose ties go to one other community.

    Of each account the strongest tie is left out, as in the ranking: two accounts that do
    everything together would else be a community of their own whatever else they belong to.
    """
    others = _strongest_out(inside)
    for _ in range(ROUNDS):
        size = np.bincount(community[community >= 0], minlength=1)
        shares = _shares(community, others)
        into = np.arange(len(size))
        for number in np.argsort(size, kind="stable").tolist():
            own = shares.get(number, {})
            total = sum(own.values())
            if total <= 0 or not own:
                continue
            best = max(own, key=lambda other: (own[other], -other))
            if best != number and own[best] > MERGING_SHARE * total and into[best] != number:
                into[number] = into[best]
        if (into == np.arange(len(size))).all():
            break
        member = community >= 0
        community = community.copy()
        community[member] = into[community[member]]
    return community


def _strongest_out(inside: _Inside) -> _Inside:
    """Return the ties without the strongest of each account (of equal ones, the first)."""
    order = np.lexsort((inside.target, -inside.weight, inside.source))
    kept = np.zeros(len(order), dtype=np.bool_)
    kept[order[1:]] = inside.source[order][1:] == inside.source[order][:-1]
    return _Inside(inside.source[kept], inside.target[kept], inside.weight[kept])


def _shares(community: Codes, inside: _Inside) -> dict[int, dict[int, float]]:
    """Return for each community the weight of its ties by the community they go to."""
    kept = (community[inside.source] >= 0) & (community[inside.target] >= 0)
    many = int(community.max(initial=0)) + 1
    way = community[inside.source[kept]] * many + community[inside.target[kept]]
    ways, inverse = np.unique(way, return_inverse=True)
    weight = np.bincount(inverse, weights=inside.weight[kept], minlength=len(ways))
    answer: dict[int, dict[int, float]] = {}
    for w, value in zip(ways.tolist(), weight.tolist(), strict=True):
        answer.setdefault(w // many, {})[w % many] = value
    return answer


def _few_actors_out(community: Codes, actor: NDArray[np.int32]) -> Codes:
    """Dissolve communities of fewer than `ACTORS` actors."""
    member = np.flatnonzero(community >= 0)
    if not len(member):
        return community
    width = int(actor.max(initial=0)) + 1
    distinct = np.unique(community[member] * width + actor[member]) // width
    actors = np.bincount(distinct, minlength=int(community.max()) + 1)
    answer = community.copy()
    answer[member] = np.where(actors[community[member]] >= ACTORS, community[member], -1)
    return answer


def _join(community: Codes, inside: _Inside, lag: NDArray[np.float64]) -> Codes:
    """Let accounts outside join the community that most of their ties go to."""
    total = np.bincount(inside.source, weights=inside.weight, minlength=len(community))
    many = int(community.max(initial=-1)) + 1
    if not many:
        return community
    usual = _usual_inside(community, inside, many)
    for _ in range(ROUNDS):
        outside = (community[inside.source] < 0) & (community[inside.target] >= 0)
        outside &= lag[inside.source] >= PROMPT_ENOUGH
        way = inside.source[outside] * many + community[inside.target[outside]]
        ways, weight, second = _best_two(way, inside.weight[outside])
        account, number = ways // many, ways % many
        joins = weight >= JOINING_SHARE * total[account]
        joins &= second >= JOINING_TIE * usual[number]
        if not joins.any():
            break
        community = community.copy()
        order = np.lexsort((weight[joins], account[joins]))
        community[account[joins][order]] = number[joins][order]
    return community


def _usual_inside(community: Codes, inside: _Inside, many: int) -> NDArray[np.float64]:
    """Return the median, over each community's members, of their second-best tie inside it."""
    kept = (community[inside.source] >= 0) & (community[inside.source] == community[inside.target])
    members, _, second = _best_two(inside.source[kept], inside.weight[kept])
    usual = np.zeros(many)
    for number in range(many):
        own = second[community[members] == number]
        usual[number] = float(np.median(own)) if len(own) else np.inf
    return usual


def _best_two(
    key: Codes, weight: NDArray[np.float64]
) -> tuple[Codes, NDArray[np.float64], NDArray[np.float64]]:
    """Return each distinct key, the sum of its weights and the second largest (0 if none)."""
    order = np.lexsort((-weight, key))
    key, weight = key[order], weight[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    lengths = np.diff(np.append(starts, len(key)))
    total = np.add.reduceat(weight, starts) if len(starts) else np.empty(0)
    second = np.where(lengths > 1, weight[np.minimum(starts + 1, len(key) - 1)], 0.0)
    return key[starts], total, second


def _numbered(community: Codes) -> Codes:
    """Number communities by size, largest first, equal ones by their first account."""
    member = community >= 0
    if not member.any():
        return community
    numbers, first, size = np.unique(community[member], return_index=True, return_counts=True)
    order = np.lexsort((first, -size))
    new = np.full(int(numbers.max()) + 1, -1, dtype=np.int64)
    new[numbers[order]] = np.arange(len(numbers))
    answer = np.full(len(community), -1, dtype=np.int64)
    answer[member] = new[community[member]]
    return answer
