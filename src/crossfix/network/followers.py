"""Who follows those who act as one: comes after them, time and again.

Members of one group leave a key in no fixed order; an audience comes after those it follows. So of
each act that an account shares with members of communities it is asked whether it came after all
of them. Were the order by chance, that would hold of one act in ``m + 1``, with ``m`` members who
did the same. An account of which it holds more often than that explains is a follower, however
many others follow as promptly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from crossfix.network.pair import Pairs
from crossfix.network.reliability import KindWeights
from crossfix.network.steps import SECOND, WINDOWS_SECONDS

BY_CHANCE = 0.05
"""How probable it is, at most, that somebody who follows nobody is taken for a follower."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def followers(pairs: Pairs, community: Ints, weights: KindWeights) -> Flags:
    """Return which accounts follow members of communities (-1 for none), none of them a member.

    The tail is that of the binomial distribution with the mean probability, which is never below
    the true one (Hoeffding, 1956).
    """
    account, event, member, after = _met(pairs, community, weights)
    new = _changes(event)
    act = np.cumsum(new) - 1
    members = np.bincount(act, weights=new | _changes(member))
    last = np.bincount(act, weights=~after) == 0
    who, many = account[new], len(community)
    shared = np.bincount(who, minlength=many).astype(np.float64)
    came_last = np.bincount(who, weights=last, minlength=many)
    expected = np.bincount(who, weights=1 / (members + 1), minlength=many)
    asked = came_last > expected
    mean = expected[asked] / shared[asked]
    chance = bdtrc(came_last[asked] - 1, shared[asked].astype(int), mean)
    answer = np.zeros(many, dtype=np.bool_)
    answer[asked] = chance <= BY_CHANCE
    return answer


def _met(pairs: Pairs, community: Ints, weights: KindWeights) -> tuple[Ints, Ints, Ints, Flags]:
    """Return who met which member, in which event of his, and whether he came after.

    Ordered by event and member. Counted are keys of kinds that weigh anything and are acts: who
    spoke of a subject last says nothing. Nor does who was active months later, so only meetings
    within the longest window count.
    """
    kind, lead = pairs.column("kind"), pairs.column("lead")
    ends = pairs.column("account_a"), pairs.column("account_b")
    events = pairs.column("event_a"), pairs.column("event_b")
    kept = ((weights.weight > 0) & ~weights.occasional)[kind]
    kept &= pairs.column("delta") <= WINDOWS_SECONDS[-1] * SECOND
    met = []
    for own, other, first in ((0, 1, -1), (1, 0, 1)):
        rows = np.flatnonzero(kept & (community[ends[own]] < 0) & (community[ends[other]] >= 0))
        met.append([ends[own][rows], events[own][rows], ends[other][rows], lead[rows] == first])
    account, event, member, after = (np.concatenate(part) for part in zip(*met, strict=True))
    order = np.lexsort((member, event))
    return account[order].astype(np.int64), event[order], member[order], after[order]


def _changes(ordered: Ints) -> Flags:
    """Return which entries differ from the one before."""
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return new
