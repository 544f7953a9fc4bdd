"""Which communities are upheld as coordination, and the scores that follow from it.

Chance and common interests make communities too. One is upheld as a whole if validated links touch
three of its actors and `LINKED` of its members, and these score very high on average (`HIGHEST`),
high (`LEAST`) where the links stand out most within less than a day, or as chance seldom does
(`CORE`) where they are strong. Of any other its core may be upheld:
accounts each of which links tie to half of the others, if the links are strong, or if they stand
out most within less than a day and these accounts score high and keep to themselves
(`crossfix.network.closest`). People who read the same
things at the same hours share ten or twenty times as many keys as chance explains; who acts as one
shares hundreds of times as many (`STRONG`). Where those that are linked are linked with half of
each other, who is linked with nobody and scores no higher is left out. Where nothing is
coordinated, nothing is upheld.
A member of an upheld community scores .5 to 1, everybody else 0 to .5, so a threshold of .5 means
"in a validated group" on every input.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.network.closest import Closest
from crossfix.network.group import ACTORS, CORE
from crossfix.network.strength import Ties

LEAST = 2 / 3
"""A high score: support twice what chance gives one account in a thousand."""

HIGHEST = 0.9
"""Support nine times that of chance, which common interests do not reach."""

LINKED = 1 / 2
"""Share of the members that links must touch, and of a core that each of it must be linked with."""

STRONG = 200.0
"""Keys shared, over those that chance explains, from which a link is strong."""

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
    ties: Ties,
) -> NDArray[np.int64]:
    """Return the communities (-1 for none) that are upheld, or their cores, numbered anew.

    ``ties`` tell whose closest partners are where.
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
    within = soon | strong
    for touched, least in (
        (linked, HIGHEST),
        (np.unique([a[within], b[within]]), LEAST),
        (np.unique([a[strong], b[strong]]), CORE),
    ):
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
