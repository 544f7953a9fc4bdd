"""Groups that share nothing but their words, found by how closely these tie them together.

An operation that has each account say the same in other words shares no link, no tag and no
repost: its accounts are tied by nearly equal texts alone, which count little in the ranking, for
one equal text is a slip, a quote or a share button. But who is linked by several different texts
of their own with most of a group, where each of the group is so linked with the others, does not
come about by reading the same news: readers share what they read, not what they write. So among
accounts in no community, those that such links tie densely are one.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.network.group import ACTORS
from crossfix.network.uphold import CORE_MEMBERS, LINKED

OWN_WORDS = ("text", "near_text", "meaning")
"""Kinds whose keys people write themselves (reposts are a kind of their own)."""

TEXTS = 3
"""Different texts, at least, that two accounts share."""

Codes = NDArray[np.int64]
Partners = dict[int, set[int]]


def with_wordings(
    community: Codes, links: pa.Table, own_words: Collection[int], actor: NDArray[np.int32]
) -> Codes:
    """Return the communities (-1 for none) with those that only their words tie together.

    ``links`` are the validated ones, ``own_words`` the codes of the kinds in `OWN_WORDS`. Weak
    links will do, unlike where `crossfix.network.uphold` founds a community on any. Such a
    community has five accounts of three actors, each linked with half of the others, and who is
    linked with three of these.
    """
    a, b, kind, shared = (
        links.column(name).to_numpy()
        for name in ("account_a", "account_b", "kind", "shared_keys")
    )  # fmt: skip
    kept = np.isin(kind, sorted(own_words)) & (shared >= TEXTS)
    kept &= (community[a] < 0) & (community[b] < 0)
    partners: Partners = {}
    for one, other in zip(a[kept].tolist(), b[kept].tolist(), strict=True):
        partners.setdefault(one, set()).add(other)
        partners.setdefault(other, set()).add(one)
    cores = [c for c in _cores(partners) if len(np.unique(actor[sorted(c)])) >= ACTORS]
    answer, first = community.copy(), int(community.max(initial=-1)) + 1
    for number, core in enumerate(cores, first):
        answer[sorted(core)] = number
    for number, core in enumerate(cores, first):
        near = [one for one, others in partners.items() if len(others & core) >= ACTORS]
        answer[[one for one in near if answer[one] < 0]] = number
    return answer


def _cores(partners: Partners) -> Iterator[set[int]]:
    """Yield groups of `CORE_MEMBERS` accounts or more, each linked with `LINKED` of the others."""
    waiting = _parts(partners)
    while waiting:
        part = waiting.pop()
        core = _core(part)
        if len(core) < CORE_MEMBERS:
            continue
        yield core
        rest = {one: others - core for one, others in part.items() if one not in core}
        waiting.extend(_parts(rest))


def _parts(partners: Partners) -> list[Partners]:
    """Return the connected parts that are large enough, the first account's last."""
    seen: set[int] = set()
    parts = []
    for start in sorted(partners, reverse=True):
        if start in seen:
            continue
        seen.add(start)
        part, open_ = {start}, [start]
        while open_:
            found = partners[open_.pop()] - seen
            seen |= found
            part |= found
            open_.extend(found)
        if len(part) >= CORE_MEMBERS:
            parts.append({one: set(partners[one]) for one in part})
    return parts


def _core(partners: Partners) -> set[int]:
    """Take away who has the fewest partners until each has `LINKED` of the others."""
    left = {one: set(others) for one, others in partners.items()}
    order = [(len(others), one) for one, others in left.items()]
    heapq.heapify(order)
    while order:
        many, one = order[0]
        if one not in left or many != len(left[one]):
            heapq.heappop(order)  # counted anew since
            continue
        if many >= LINKED * (len(left) - 1):
            break
        for other in left.pop(one):
            left[other].discard(one)
            heapq.heappush(order, (len(left[other]), other))
    return set(left)
