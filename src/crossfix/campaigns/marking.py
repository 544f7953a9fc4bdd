"""The keys that campaigns may be recognised by, chosen from all that their members share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.campaigns.campaign import Mark
from crossfix.campaigns.evidence import EventsByRow, one_batch
from crossfix.campaigns.fingerprints import FIT, LEAST_MEMBERS, tells
from crossfix.campaigns.readable import keys_in
from crossfix.campaigns.shares import Codes, Ints, MemberTraces, Shares

MOST_OF_A_KIND = 30
"""Keys of one kind that one campaign is recognised by, of those that most members left."""

_LONGEST_TEXT = 2_000
_TEXTS = frozenset({"text", "near_text"})


def marks_of(
    shared: Shares,
    popularity: Ints,
    everyone: MemberTraces,
    community: Codes,
    kinds: Sequence[str],
    events: EventsByRow,
) -> dict[int, tuple[Mark, ...]]:
    """Return for each community the keys common to its members and rare outside, most left first.

    ``popularity`` is per group (`popularity_of`), ``everyone`` the traces of all accounts,
    ``community`` that of each account, -1 for none.
    """
    inside = inside_of(shared, everyone, community)
    fit = np.array([kind in FIT for kind in kinds], np.bool_)
    chosen: list[int] = []
    taken: dict[tuple[int, int], int] = {}
    order = np.lexsort((shared.key, shared.kind, popularity - inside, -inside))
    for g in order[fit[shared.kind[order]]].tolist():
        at = int(shared.community[g]), int(shared.kind[g])
        members, outside = int(inside[g]), int(popularity[g] - inside[g])
        # Accounts of one person are one: a key of theirs alone is no campaign's.
        fits = shared.actors[g] >= LEAST_MEMBERS and tells(members, outside)
        if fits and taken.get(at, 0) < MOST_OF_A_KIND:
            chosen.append(g)
            taken[at] = taken.get(at, 0) + 1
    values = _values(shared, chosen, kinds, events)
    found: dict[int, list[Mark]] = {}
    for g in chosen:
        if values.get(g, ("", None))[0]:
            members, outside = int(inside[g]), int(popularity[g] - inside[g])
            value, account = values[g]
            mark = Mark(kind=kinds[shared.kind[g]], value=value, members=members,
                        outside=outside, account=account)  # fmt: skip
            found.setdefault(int(shared.community[g]), []).append(mark)
    return {at: tuple(of) for at, of in found.items()}


def inside_of(shared: Shares, everyone: MemberTraces, community: Codes) -> Ints:
    """Count, for each group, the accounts of its community that left its key, whenever they did."""
    rows = np.flatnonzero(
        (community[everyone.account] >= 0) & np.isin(everyone.key, np.unique(shared.key))
    )
    account, kind, key = everyone.account[rows], everyone.kind[rows], everyone.key[rows]
    of = community[account]
    order = np.lexsort((account, key, kind, of))
    account, kind, key, of = account[order], kind[order], key[order], of[order]
    same = (of[1:] == of[:-1]) & (kind[1:] == kind[:-1]) & (key[1:] == key[:-1])
    first = np.ones(len(rows), np.bool_)
    first[1:] = ~same
    fresh = first.copy()
    fresh[1:] |= account[1:] != account[:-1]
    counts = np.bincount(np.cumsum(first)[fresh] - 1, minlength=int(first.sum()))
    names = zip(of[first].tolist(), kind[first].tolist(), key[first].tolist(), strict=True)
    found = dict(zip(names, counts.tolist(), strict=True))
    groups = zip(
        shared.community.tolist(), shared.kind.tolist(), shared.key.tolist(), strict=True
    )  # fmt: skip
    return np.array([found.get(group, 0) for group in groups], np.int64)


def _values(
    shared: Shares, chosen: list[int], kinds: Sequence[str], events: EventsByRow
) -> dict[int, tuple[str, str | None]]:
    """Return the key of each group as it is matched; of texts a text that left it and whose."""
    if not chosen:
        return {}
    groups = np.array(chosen, np.int64)
    first = shared.traces.event[shared.start[groups]]
    rows, at = np.unique(first, return_inverse=True)
    table = events(rows).combine_chunks()
    found: dict[int, tuple[str, str | None]] = {}
    for code in np.unique(shared.kind[groups]).tolist():
        mine = np.flatnonzero(shared.kind[groups] == code)
        batch = one_batch(table.take(pa.array(at[mine])))
        said = _of_kind(kinds[code], shared.key[groups[mine]], batch)
        found.update(zip(groups[mine].tolist(), said, strict=True))
    return found


def _of_kind(
    kind: str, keys: NDArray[np.uint64], batch: pa.RecordBatch
) -> list[tuple[str, str | None]]:
    if kind in _TEXTS:
        texts: list[Any] = batch.column("text").to_pylist()
        accounts = batch.column("account").to_pylist()
        return [((t or "")[:_LONGEST_TEXT], a) for t, a in zip(texts, accounts, strict=True)]
    held = keys_in(kind, keys, batch)
    return [(held.get(row, ""), None) for row in range(len(keys))]
