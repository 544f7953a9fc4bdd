"""Who keeps to themselves: accounts whose closest partners are all of one group.

People who read the same things at the same hours are linked, too, now and then several of them with
each other; but their closest partners are all over the place. Of accounts that act as one, most
are tied to nobody else as closely as to each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossfix.network.rank import PARTNERS
from crossfix.network.strength import Ties

CLOSEST = PARTNERS + 1
"""The closest partners of an account: those that count in its rank, and the strongest."""

Ints = NDArray[np.int64]


class Closest:
    """The `CLOSEST` partners of every account, by the weight of their ties; the smaller code first
    where two weigh the same."""

    def __init__(self, ties: Ties) -> None:
        source = np.concatenate([ties.a, ties.b])
        target = np.concatenate([ties.b, ties.a])
        order = np.lexsort((target, -np.concatenate([ties.weight, ties.weight]), source))
        source, target = source[order], target[order]
        starts = np.searchsorted(source, source, side="left")
        kept = np.arange(len(source)) - starts < CLOSEST
        self._source, self._target = source[kept], target[kept]

    def keep_to_themselves(self, members: Ints) -> bool:
        """Whether half of the members have no closest partner elsewhere.

        A group must be as large as to hold all that one of its members may have.
        """
        if len(members) <= CLOSEST:
            return False
        own = np.isin(self._source, members)
        elsewhere = own & ~np.isin(self._target, members)
        return 2 * len(np.unique(self._source[elsewhere])) <= len(members)
