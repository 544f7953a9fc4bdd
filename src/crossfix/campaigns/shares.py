"""The keys that members of a community have in common, close in time: evidence as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]

DAY = 86_400_000_000


@dataclass(frozen=True)
class MemberTraces:
    """Traces as columns, one row a (account, kind, key, event), in any order.

    The names are those of `crossfix.traces.TRACES`; ``time`` is UTC microseconds, ``event`` the
    row of the event in reading order.
    """

    account: Codes
    kind: NDArray[np.int8]
    key: NDArray[np.uint64]
    time: Ints
    event: Ints

    def take(self, rows: Ints) -> MemberTraces:
        """Return some of the rows."""
        return MemberTraces(
            self.account[rows], self.kind[rows], self.key[rows], self.time[rows], self.event[rows]
        )


@dataclass(frozen=True)
class Shares:
    """Keys that members of one community have in common, a group each.

    Groups are ordered by community, kind and key; the rows of group ``g`` are
    ``traces[start[g]:start[g + 1]]``, in order of time. Every row is near one of another actor;
    ``distance`` says how near, in microseconds. ``actors`` counts a group's actors.
    """

    community: Codes
    kind: NDArray[np.int8]
    key: NDArray[np.uint64]
    actors: Ints
    start: Ints
    traces: MemberTraces
    distance: Ints

    def __len__(self) -> int:
        return len(self.kind)

    def group(self) -> Ints:
        """Return the group of each row."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.start))


def shares(
    traces: MemberTraces, community: Codes, actor: Codes, within: int | Ints = DAY
) -> Shares:
    """Find what members of each community share.

    ``community`` (-1 for none) and ``actor`` are per account code. ``within`` is how near in time
    two actors' traces must be, in microseconds; an array gives it per kind, 0 leaves a kind out.
    One sort of the members' traces.
    """
    reach = np.atleast_1d(np.asarray(within, np.int64))
    limit = reach[traces.kind] if len(reach) > 1 else np.broadcast_to(reach, traces.kind.shape)
    traces = traces.take(np.flatnonzero((community[traces.account] >= 0) & (limit > 0)))
    t = traces.take(_order(traces, community))
    of = community[t.account]
    new = _starts(of, t.kind, t.key)
    distance = _to_others(np.cumsum(new), actor[t.account], t.time)
    limit = reach[t.kind] if len(reach) > 1 else np.broadcast_to(reach, t.kind.shape)
    near = np.flatnonzero(distance <= limit)
    t, of, distance = t.take(near), of[near], distance[near]
    new = _starts(of, t.kind, t.key)
    start = np.append(np.flatnonzero(new), len(near)).astype(np.int64)
    first = start[:-1]
    group = np.cumsum(new) - 1
    pairs = np.unique(np.stack([group, actor[t.account].astype(np.int64)]), axis=1)[0]
    return Shares(
        of[first], t.kind[first], t.key[first], np.bincount(pairs, minlength=len(first)),
        start, t, distance,
    )  # fmt: skip


def popularity_of(shared: Shares, everyone: MemberTraces) -> Ints:
    """Count, for each group, the accounts of the whole input that left its key.

    ``everyone`` holds the traces of all accounts; ``time`` and ``event`` are not read.
    """
    rows = np.flatnonzero(np.isin(everyone.key, np.unique(shared.key)))
    account, kind, key = everyone.account[rows], everyone.kind[rows], everyone.key[rows]
    order = np.lexsort((account, key, kind))
    account, kind, key = account[order], kind[order], key[order]
    new = _starts(kind, key)
    fresh = new.copy()
    fresh[1:] |= account[1:] != account[:-1]
    counts = np.bincount((np.cumsum(new) - 1)[fresh])
    found = {
        (k, v): n for k, v, n in zip(kind[new].tolist(), key[new].tolist(), counts, strict=True)
    }
    pairs = zip(shared.kind.tolist(), shared.key.tolist(), strict=True)
    return np.array([found.get(pair, 0) for pair in pairs], np.int64)


def _order(t: MemberTraces, community: Codes) -> Ints:
    return np.lexsort((t.event, t.time, t.key, t.kind, community[t.account])).astype(np.int64)


def _starts(*columns: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Tell at which rows any of the columns changes."""
    new = np.zeros(len(columns[0]), bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new


def _to_others(group: Ints, actor: Codes, time: Ints) -> Ints:
    """Return how far the nearest row of another actor in the group is, in time.

    Rows are in order of group and time. Between two rows of one actor with nobody between them,
    the nearest other lies before or after the whole run.
    """
    n = len(time)
    far = np.iinfo(np.int64).max
    if not n:
        return np.zeros(0, np.int64)
    new = _starts(group, actor)
    begin = np.flatnonzero(new)
    run = np.cumsum(new) - 1
    before = begin[run] - 1
    after = np.append(begin[1:], n)[run]
    back = np.full(n, far)
    ok = (before >= 0) & (group[np.maximum(before, 0)] == group)
    back[ok] = time[ok] - time[before[ok]]
    ahead = np.full(n, far)
    ok = (after < n) & (group[np.minimum(after, n - 1)] == group)
    ahead[ok] = time[after[ok]] - time[ok]
    nearest: Ints = np.minimum(back, ahead)
    return nearest
