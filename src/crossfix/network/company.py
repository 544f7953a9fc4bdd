"""Who keeps company with an upheld community without being a member: a place in the order.

Who shares one act, or one partner, with a community has hardly any support of its own, yet is
worth a look before everybody else, if most of what ties it to anybody ties it to that community.
So its support grows by the sum of its ties to members that validated links touch, times their
share of all its ties, the strongest to anybody else left out (two accounts that do everything
together are one witness), and times what its lag leaves: an audience shares much with those that
it follows.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.network.rank import Ranks
from crossfix.network.strength import Ties


def with_company(
    ties: Ties, ranks: Ranks, community: NDArray[np.int64], links: pa.Table
) -> NDArray[np.float64]:
    """Return the support of every account with what company adds; members keep theirs.

    ``links`` are the validated ones, ``community`` the upheld communities (-1 for none).
    """
    linked = _linked(community, links)
    source = np.concatenate([ties.a, ties.b])
    target = np.concatenate([ties.b, ties.a])
    weight = np.concatenate([ties.weight, ties.weight])
    inside = np.where(linked[target], weight, 0.0)
    outside = weight - inside
    shared = np.bincount(source, weights=inside, minlength=ties.accounts)
    others = np.bincount(source, weights=outside, minlength=ties.accounts)
    strongest = np.zeros(ties.accounts)
    np.maximum.at(strongest, source, outside)
    every = shared + np.maximum(others - strongest, 0.0)
    share = np.divide(shared, every, out=np.zeros(ties.accounts), where=every > 0)
    company = np.where(community >= 0, 0.0, shared * share * ranks.lag)
    answer: NDArray[np.float64] = ranks.support + company
    return answer


def _linked(community: NDArray[np.int64], links: pa.Table) -> NDArray[np.bool_]:
    """Return which accounts a link to another member of their community touches."""
    a, b = (links.column(name).to_numpy() for name in ("account_a", "account_b"))
    inside = (community[a] >= 0) & (community[a] == community[b])
    linked = np.zeros(len(community), dtype=np.bool_)
    linked[a[inside]] = linked[b[inside]] = True
    return linked
