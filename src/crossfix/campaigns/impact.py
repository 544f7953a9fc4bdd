"""How far a campaign reached: categories 1 to 3 of the Breakout Scale (Nimmo 2020).

Category 1 stays on one service and in its own community; 2 is on several services, or breaks out
of its community on one; 3 breaks out on several services. Categories 4 to 6 (media, celebrities,
policy) cannot be seen in posts; an analyst sets them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crossfix.counted import counted

LEAST_TAKERS = 3
"""So many accounts outside must have taken something up for a breakout on their service."""


def breakout(services: Sequence[str], takers: Mapping[str, int]) -> tuple[int, str]:
    """Return the category and the reason for it.

    ``services`` are those on which members act; ``takers`` counts, by service, the accounts
    outside the campaign that took up something after members had brought it (`takers_of`).
    """
    active = sorted(set(services))
    broke = sorted(s for s, n in takers.items() if n >= LEAST_TAKERS)
    reached = sorted({*active, *broke})
    where = f"on {_listed(reached)}"
    if not broke:
        category = 2 if len(reached) > 1 else 1
        return category, f"members act {where}; nothing they brought was taken up outside"
    count = sum(takers[s] for s in broke)
    who = f"{counted(count, 'account')} outside the campaign took up what members brought"
    category = 3 if len(reached) > 1 and len(broke) > 1 else 2
    return category, f"it reached people {where}: {who}, on {_listed(broke)}"


def takers_of(
    account: NDArray[np.int32],
    kind: NDArray[np.int8],
    key: NDArray[np.uint64],
    time: NDArray[np.int64],
    community: NDArray[np.int32],
    service: NDArray[np.int32],
) -> list[dict[int, int]]:
    """Count, for each community, the outsiders that took up its keys, by service code.

    The first four are all traces, row by row; ``community`` (-1 for none) and ``service`` are
    per account. A key is a community's if a member left it first of all and two members did; an
    outsider took it up if it left the key later. One sort; memory about 40 bytes a trace.
    """
    communities = int(community.max(initial=-1)) + 1
    found: list[dict[int, int]] = [{} for _ in range(communities)]
    rows = _with_members(account, kind, key, community)
    if not len(rows):
        return found
    account, kind, key, time = account[rows], kind[rows], key[rows], time[rows]
    order = np.lexsort((account, time, key, kind))
    account, kind, key = account[order], kind[order], key[order]
    new = np.ones(len(order), bool)
    new[1:] = (key[1:] != key[:-1]) | (kind[1:] != kind[:-1])
    group = np.cumsum(new) - 1
    owner = community[account[new]][group]  # whose member left the key first, row by row
    member = (owner >= 0) & (community[account] == owner)
    pair = np.unique(np.stack([group[member], account[member]]), axis=1)
    members = np.bincount(pair[0], minlength=int(group[-1]) + 1)
    outside = (owner >= 0) & ~member & (members[group] >= 2)
    taken = np.unique(np.stack([owner[outside], account[outside]]), axis=1)
    for c, a in taken.T.tolist():
        at = int(service[a])
        found[c][at] = found[c].get(at, 0) + 1
    return found


def _with_members(
    account: NDArray[np.int32],
    kind: NDArray[np.int8],
    key: NDArray[np.uint64],
    community: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Return the rows of keys that a member of some community left."""
    # A collision of two kinds' keys costs a few needless rows; they are told apart afterwards.
    return np.flatnonzero(np.isin(key, np.unique(key[community[account] >= 0])))


def _listed(names: Sequence[str]) -> str:
    clean = ["".join(c if c.isprintable() else "?" for c in name[:64]) for name in names]
    if len(clean) > 4:
        clean = [*clean[:3], counted(len(clean) - 3, "more service")]
    return clean[0] if len(clean) == 1 else f"{', '.join(clean[:-1])} and {clean[-1]}"
