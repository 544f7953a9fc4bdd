"""Which communities are upheld as coordination, and the scores that follow from it.

Chance and common interests make communities too. One is upheld as a whole if validated links touch
three of its actors and `LINKED` of its members, and these score high on average (`LEAST`), or as
chance seldom does (`CORE`) where the links are strong. Of any other its core may be upheld:
accounts each of which links tie to half of the others, if the links are strong, or if they stand
out most within less than a day and these accounts score high and keep to themselves
(`crossfix.network.closest`). People who read the same
things at the same hours share ten or twenty times as many keys as chance explains; who acts as one
shares hundreds of times as many (`STRONG`). Where those that are linked are linked with half of
each other, who is linked with nobody and scores no higher is left out. What accounts that nothing
else ties do together may weigh little in the ranking, such as the same words: so the core of
accounts whose strong links alone hold them together, at least `CORE_MEMBERS`, is a community as
well, unless the links are of kinds that only tell of a subject. Where nothing is coordinated,
nothing is upheld.
A member of an upheld community scores .5 to 1, everybody else 0 to .5, so a threshold of .5 means
"in a validated group" on every input.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crossfix.network.closest import Closest
from crossfix.network.group import ACTORS, CORE
from crossfix.network.reliability import KindWeights
from crossfix.network.strength import Ties

LEAST = 2 / 3
"""A high score: support twice what chance gives one account in a thousand."""

LINKED = 1 / 2
"""Share of the members that links must touch, and of a core that each of it must be linked with."""

STRONG = 200.0
"""Keys shared, over those that chance explains, from which a link is strong."""

SOON_SECONDS = 3600
"""Who has a subject in common meets over it sooner or later; who acts as one, within the hour."""

DAY_SECONDS = 86_400
"""Who likes the same things stands out over days and weeks; who acts as one, within less."""

CORE_MEMBERS = 5
"""A core has as many, or half of its community: three of very many link up by chance."""

Ints = NDArray[np.int64]


def upheld(
    community: NDArray[np.int64],
    score: NDArray[np.float64],
    links: pa.Table,
    actor: NDArray[np.int32],
    weights: KindWeights,
    ties: Ties,
) -> NDArray[np.int64]:
    """Return the communities (-1 for none) that are upheld, or their cores, numbered anew.

    ``weights`` tell by the code of a kind whether its links alone can make a community, ``ties``
    whose closest partners are where.
    """
    closest = Closest(ties)
    a, b = (links.column(name).to_numpy() for name in ("account_a", "account_b"))
    strong = links.column("shared_keys").to_numpy() >= STRONG * links.column("expected").to_numpy()
    soon = links.column("window").to_numpy() < DAY_SECONDS
    inside = (community[a] >= 0) & (community[a] == community[b])
    answer = np.full(len(community), -1, dtype=np.int64)
    kept = 0
    for number in range(int(community.max(initial=-1)) + 1):
        own = inside & (community[a] == number)
        found = _upheld(
            np.flatnonzero(community == number),
            score,
            actor,
            (a[own], b[own]),
            strong[own],
            soon[own],
            closest,
        )
        if len(found):
            answer[found] = kept
            kept += 1
    founding = strong & _founding(links, weights)
    held = links.column("by_stretch").to_numpy()
    for found in _founded(a[founding], b[founding], held[founding], answer, actor):
        answer[found] = kept
        kept += 1
    return answer


def _founding(links: pa.Table, weights: KindWeights) -> NDArray[np.bool_]:
    """Return which links can found a community; those of a subject only where all share it soon."""
    kind = links.column("kind").to_numpy()
    soon = links.column("window").to_numpy() <= SOON_SECONDS
    founding: NDArray[np.bool_] = weights.founding[kind] & (soon | ~weights.occasional[kind])
    return founding


def _founded(
    a: Ints, b: Ints, held: NDArray[np.bool_], community: Ints, actor: NDArray[np.int32]
) -> list[Ints]:
    """Return the cores of those in no community whom links hold together.

    Half of a core at least must be touched by links that are ``held`` in each stretch of time.
    """
    free = (community[a] < 0) & (community[b] < 0)
    a, b, held = a[free], b[free], held[free]
    size = (len(community), len(community))
    _, part = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=size), directed=False)
    answer = []
    for number in np.flatnonzero(np.bincount(part) >= CORE_MEMBERS).tolist():
        own = part[a] == number
        core = core_of(a[own], b[own])
        inside = held & np.isin(a, core) & np.isin(b, core)
        enough = len(np.unique([a[inside], b[inside]])) >= LINKED * len(core)
        if enough and len(core) >= CORE_MEMBERS and _actors(core, actor) >= CORE_MEMBERS:
            answer.append(core)
    return answer


def _upheld(
    members: Ints,
    score: NDArray[np.float64],
    actor: NDArray[np.int32],
    links: tuple[Ints, Ints],
    strong: NDArray[np.bool_],
    soon: NDArray[np.bool_],
    closest: Closest,
) -> Ints:
    """Return who of a community is upheld; ``links`` are those inside it."""
    a, b = links
    linked = np.unique(links)
    mean, half = score[members].mean(), LINKED * len(members)
    for touched, least in ((linked, LEAST), (np.unique([a[strong], b[strong]]), CORE)):
        enough = _actors(touched, actor) >= ACTORS and len(touched) >= half
        if enough and mean >= least:
            high = score[members] >= LEAST
            return members[high | np.isin(members, linked) | (not _dense(a, b, len(linked)))]
    core = core_of(a[strong], b[strong])
    if len(core) >= min(CORE_MEMBERS, half) and _stands(core, score, actor, CORE):
        return core
    core = core_of(a[soon], b[soon])
    if closest.keep_to_themselves(core) and _stands(core, score, actor, LEAST):
        return core
    return np.empty(0, dtype=np.int64)


def _stands(core: Ints, score: NDArray[np.float64], actor: NDArray[np.int32], least: float) -> bool:
    return _actors(core, actor) >= ACTORS and float(score[core].mean()) >= least


def _actors(accounts: Ints, actor: NDArray[np.int32]) -> int:
    return len(np.unique(actor[accounts]))


def _dense(a: Ints, b: Ints, accounts: int) -> bool:
    """Whether half of the pairs of linked accounts are linked."""
    pairs = len(np.unique([a, b], axis=1).T)
    return 2 * pairs >= LINKED * accounts * (accounts - 1)


def core_of(a: Ints, b: Ints) -> Ints:
    """Take away who has the fewest partners until each has `LINKED` of the others."""
    partners: dict[int, set[int]] = {}
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        partners.setdefault(one, set()).add(other)
        partners.setdefault(other, set()).add(one)
    waiting = [(len(others), account) for account, others in partners.items()]
    heapify(waiting)
    while partners:
        many, fewest = heappop(waiting)
        if many != len(partners.get(fewest, ())):
            continue  # told before it lost a partner, or was taken away
        if many >= LINKED * (len(partners) - 1):
            break
        for other in partners.pop(fewest):
            partners[other].discard(fewest)
            heappush(waiting, (len(partners[other]), other))
    return np.array(sorted(partners), dtype=np.int64)


def lifted(score: NDArray[np.float64], community: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return scores in which members of upheld communities stand above everybody else."""
    answer: NDArray[np.float64] = np.where(community >= 0, 0.5 + 0.5 * score, 0.5 * score)
    return answer
