"""Which communities are upheld as coordination, and the scores that follow from it.

Chance and common interests make communities too. One is upheld if its members score `LEAST` on
average and validated links touch three of its actors and `LINKED` of its members: where nothing is
coordinated, nothing is.
A member of an upheld community scores .5 to 1, everybody else 0 to .5, so a threshold of .5 means
"in a validated group" on every input.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.network.group import ACTORS

LEAST = 0.5

LINKED = 1 / 2
"""Share of the members that a validated link to another member must touch."""


def upheld(
    community: NDArray[np.int64],
    score: NDArray[np.float64],
    links: pa.Table,
    actor: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Return the communities (-1 for none) without those that are not upheld, numbered anew."""
    a, b = links.column("account_a").to_numpy(), links.column("account_b").to_numpy()
    inside = (community[a] >= 0) & (community[a] == community[b])
    linked = np.unique(np.concatenate([a[inside], b[inside]]))
    kept = []
    for number in range(int(community.max(initial=-1)) + 1):
        members = community == number
        touched = linked[community[linked] == number]
        enough = len(np.unique(actor[touched])) >= ACTORS
        if enough and len(touched) >= LINKED * members.sum() and score[members].mean() >= LEAST:
            kept.append(number)
    new = np.full(int(community.max(initial=-1)) + 2, -1, dtype=np.int64)
    new[kept] = np.arange(len(kept))
    return new[community]


def lifted(score: NDArray[np.float64], community: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return scores in which members of upheld communities stand above everybody else."""
    answer: NDArray[np.float64] = np.where(community >= 0, 0.5 + 0.5 * score, 0.5 * score)
    return answer
