"""Communities that links alone hold together.

What accounts do together may weigh little in the ranking: the same words, in one form or many, or
the same sets of hashtags. But who is linked with most of a group, where each of the group is so
linked with the others, does not come about by reading the same things. So among accounts in no
community those are one that links tie densely: strong links, unless they are of a kind that only
tells of a subject or a provider, or links by several texts of their own, strong or not: readers
share what they read, not what they write.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crossfix.network.group import ACTORS
from crossfix.network.reliability import KindWeights
from crossfix.network.uphold import CORE_MEMBERS, STRONG, core_of

SOON_SECONDS = 3600
"""Who has a subject in common meets over it sooner or later; who acts as one, within the hour."""

KEYS = 3
"""Different keys, at least, that two accounts of a community share, and any two that only texts of
their own link: one is a slip, a quote or a share button, and two may be one story's."""

Codes = NDArray[np.int64]


def with_founded(
    community: Codes, links: pa.Table, weights: KindWeights, actor: NDArray[np.int32]
) -> Codes:
    """Return the communities (-1 for none) with those that links alone hold together.

    ``links`` are the validated ones; ``weights`` tell by the code of a kind what its links can do.
    Such a community has `CORE_MEMBERS` accounts of three actors, each linked with half of the
    others, some of them by three keys, and who else is linked with three of these.
    """
    a, b = (links.column(name).to_numpy().astype(np.int64) for name in ("account_a", "account_b"))
    kept = _founding(links, weights) & (community[a] < 0) & (community[b] < 0)
    a, b, several = a[kept], b[kept], links.column("shared_keys").to_numpy()[kept] >= KEYS
    cores = [
        core for core in _cores(a, b)
        if len(np.unique(actor[core])) >= ACTORS
        and (np.isin(a[several], core) & np.isin(b[several], core)).any()
    ]  # fmt: skip
    answer, first = community.copy(), int(community.max(initial=-1)) + 1
    for number, core in enumerate(cores, first):
        answer[core] = number
    for number, core in enumerate(cores, first):
        near = _near(a, b, core)
        answer[near[answer[near] < 0]] = number
    return answer


def _founding(links: pa.Table, weights: KindWeights) -> NDArray[np.bool_]:
    """Return which links can found a community; those of a subject only where all share it soon."""
    kind, window, shared, expected = (
        links.column(name).to_numpy() for name in ("kind", "window", "shared_keys", "expected")
    )
    strong = (shared >= STRONG * expected) & ((window <= SOON_SECONDS) | ~weights.occasional[kind])
    said = weights.words[kind] & (shared >= KEYS)
    founding: NDArray[np.bool_] = weights.founding[kind] & (strong | said)
    return founding


def _cores(a: Codes, b: Codes) -> Iterator[Codes]:
    """Yield groups of `CORE_MEMBERS` accounts or more, each linked with half of the others."""
    waiting = [(a, b)]
    while waiting:
        for one, other in _parts(*waiting.pop()):
            core = core_of(one, other)
            if len(core) >= CORE_MEMBERS:
                yield core
                rest = ~(np.isin(one, core) | np.isin(other, core))
                waiting.append((one[rest], other[rest]))


def _parts(a: Codes, b: Codes) -> list[tuple[Codes, Codes]]:
    """Return the ends of the links of each connected part that is large enough."""
    accounts, ends = np.unique(np.concatenate([a, b]), return_inverse=True)
    one, other = ends[: len(a)], ends[len(a) :]
    graph = coo_array((np.ones(len(a)), (one, other)), shape=(len(accounts), len(accounts)))
    count, part = connected_components(graph, directed=False)
    large = np.flatnonzero(np.bincount(part, minlength=count) >= CORE_MEMBERS)
    return [(a[part[one] == number], b[part[one] == number]) for number in large.tolist()]


def _near(a: Codes, b: Codes, core: Codes) -> Codes:
    """Return who is linked with `ACTORS` members of a core."""
    ends = np.concatenate([np.stack([a, b]), np.stack([b, a])], axis=1)
    ends = np.unique(ends[:, np.isin(ends[1], core)], axis=1)
    account, partners = np.unique(ends[0], return_counts=True)
    near: Codes = account[partners >= ACTORS]
    return near
