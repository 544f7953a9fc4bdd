"""Which texts say the same: clusters around a centre, every cosine exact, topics left out.

About the same subject is not the same. In a subject texts lie in a crowd: around any of them the
cosines fall off slowly, and many lie just beyond the border. Texts that say one thing stand apart
from what others say of it: few lie in the ring around them. Phrases that everybody uses are crowds,
too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossfix.content.vectors import Near

Ints = NDArray[np.int64]

LEAST_COSINE = 0.7
"""Cosine with its centre that a member must reach: of posts on one subject by strangers fewer than
one pair in a thousand does."""

LEAST_BY_SECOND = 0.5
"""The same by the second encoder, both texts seen from what is usual in their letters: of written
texts those on one subject reached 0.46, those of one meaning 0.42 to 0.74."""

RING = 0.08
"""How far below that the ring around a cluster reaches."""

CROWD = 1.5
"""Texts in the ring, for each one inside, from which a cluster is a crowd."""

FREE = 2
"""Texts that may lie in the ring of any cluster: somebody else always says something like it."""

NEIGHBOURS = 64
"""Neighbours of a text that are looked at."""


def clusters(near: Near, least: float = LEAST_COSINE) -> Ints:
    """Return the cluster of each text, named by its centre's number, -1 for none.

    ``near`` are the nearest of all texts to each (`NEIGHBOURS` of them), itself among them. Texts
    with the most neighbours are centres first; of equals the first.
    """
    count = len(near.numbers)
    label = np.full(count, -1, dtype=np.int64)
    rows = np.arange(count)[:, None]
    other = (near.numbers >= 0) & (near.numbers != rows)
    inside = other & (near.cosines >= least)
    ring = other & ~inside & (near.cosines >= least - RING)
    size = inside.sum(axis=1)
    # Where the last that was looked at is still in the ring, nobody knows how full that is.
    crowded = near.cosines[:, -1] >= least - RING
    crowded |= ring.sum(axis=1) > FREE + CROWD * size
    for centre in np.argsort(-size, kind="stable").tolist():
        if not size[centre]:
            break
        if label[centre] >= 0 or crowded[centre]:
            continue
        members = near.numbers[centre][inside[centre]]
        members = members[label[members] < 0]
        if len(members):
            label[members] = label[centre] = centre
    return label
