"""Who was swept into a community: tied to some of its members, and busier elsewhere.

Who reads what an operation's accounts read beside their work, or reposts one of them, is tied to
several of them by chance and comes out in their community. No validated link touches such an
account, though its neighbours are linked with several others each, and its ties go elsewhere.
Either alone says little: an operation's lead account shares no key with those that repost it, and
members have lives of their own. Both together make a bystander, unless what it does elsewhere is
what another community does: then it is of that one.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.network.strength import Ties

PARTNERS = 3.0
"""Members that a linked member is linked with on average, from which it tells to be linked with
none: one member in twenty would be, were the links spread by chance (Poisson)."""

USUAL = 2 / 3
"""Share of its ties that an unlinked member must have inside, of what is usual for linked ones."""

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


def without_bystanders(
    community: Codes, ties: Ties, links: pa.Table, lag: NDArray[np.float64]
) -> Codes:
    """Return the communities without those who were only swept in.

    ``community`` is -1 for none, ``links`` are the validated ones. A tie counts by what ``lag``
    (`crossfix.network.rank.Ranks`) leaves its other end: that an audience follows an account does
    not make it busier elsewhere. Nobody leaves whom a link
    inside its community touches, so whatever links uphold is still upheld. Who leaves one
    community joins the one that holds most of its ties, if their share would do to stay there.
    """
    a, b = (links.column(name).to_numpy() for name in ("account_a", "account_b"))
    inside = (community[a] >= 0) & (community[a] == community[b])
    pairs = np.unique(np.sort(np.stack([a[inside], b[inside]]), axis=0), axis=1)
    partners = np.bincount(pairs.ravel(), minlength=len(community))
    share = _share_inside(community, ties, lag)
    many = int(community.max(initial=-1)) + 1
    answer, least = community.copy(), np.full(many, np.inf)
    for number in range(many):
        members = np.flatnonzero(community == number)
        linked = members[partners[members] > 0]
        if not len(linked):
            continue
        least[number] = USUAL * float(np.median(share[linked]))
        if partners[linked].mean() >= PARTNERS:
            answer[members[(partners[members] == 0) & (share[members] < least[number])]] = -1
    gone = np.flatnonzero((community >= 0) & (answer < 0))
    answer[gone] = _home(gone, community, ties, lag, least)
    return answer


def _home(
    gone: Codes, community: Codes, ties: Ties, lag: NDArray[np.float64], least: NDArray[np.float64]
) -> Codes:
    """Return the community that holds most of the ties of each account, -1 if it is its own or
    holds less than what is ``least`` there."""
    if not len(gone):
        return gone
    held = np.zeros((len(gone), len(least) + 1))  # the last column is for no community
    row = np.full(len(community), -1)
    row[gone] = np.arange(len(gone))
    for end, other in ((ties.a, ties.b), (ties.b, ties.a)):
        own = row[end] >= 0
        weight = (ties.weight * lag[other])[own]
        np.add.at(held, (row[end[own]], community[other[own]]), weight)
    best = held[:, :-1].argmax(axis=1)
    most = held[np.arange(len(gone)), best]
    stays = (best != community[gone]) & (most > 0) & (most >= least[best] * held.sum(axis=1))
    answer: Codes = np.where(stays, best, -1)
    return answer


def _share_inside(community: Codes, ties: Ties, lag: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much of the weight of each account's ties is to its own community."""
    inside = (community[ties.a] >= 0) & (community[ties.a] == community[ties.b])
    every, own = np.zeros(len(community)), np.zeros(len(community))
    for end, other in ((ties.a, ties.b), (ties.b, ties.a)):
        weight = ties.weight * lag[other]
        every += np.bincount(end, weights=weight, minlength=len(community))
        own += np.bincount(end, weights=weight * inside, minlength=len(community))
    return np.divide(own, every, out=np.zeros(len(community)), where=every > 0)
