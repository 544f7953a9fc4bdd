"""What chance explains where accounts are exchanged within stretches of time.

Accounts that are busy when much is shared meet often. So the meetings of a stretch are spread over
those who were active in it. Of ``n`` shares there, ``m`` of which are of one key, an account that
left ``c`` would have left that key by chance with probability ``1 - (1 - m / n) ** c``, for a key
counts once however busy the account is. Keys with about the same part of a stretch are one cell.
The meetings of a cell are expected to fall on two accounts in proportion to the product of these
probabilities, and as many are expected in all as there were. Where a stretch is longer than the
window, leaving a key again is another chance to meet within it: there ``m / n`` is taken times the
root of the share of two moments of the stretch that lie within the window of each other.

A stretch is an hour, or as many hours as the window is long and as hold `ACCOUNTS` accounts: two
that were alone in their hour would stay together however accounts are exchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array, csr_array

from crossfix.network.calibrate import HOUR
from crossfix.network.pair import Pairs
from crossfix.network.steps import SECOND

ACCOUNTS = 20
"""Accounts that a stretch holds at least: an exchange among fewer leaves too much in place."""

HALVINGS = 10
"""Keys with less than the 1024th part of a stretch are one cell; above, a cell each halving."""

_AT_ONCE = 4096
"""Rows or columns that are multiplied at once, so that memory is bounded."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Cells:
    """Where meetings took place: keys with about the same part of a stretch, those that met only.

    ``earlier`` and ``later`` are the cells of the two shares of a meeting. ``weight`` has a row an
    account and a column a cell: how likely it could be met at a key of it, over the key's part.
    """

    earlier: Ints
    later: Ints
    weight: csc_array


class Shares:
    """Who left what of one kind, when, and who met.

    ``left`` are the account and the time of all shares among which accounts are exchanged: those
    of the kind, or all that could have been of it. A stretch holds ``accounts`` at least.
    """

    def __init__(
        self,
        pairs: Pairs,
        traces: pa.Table,
        kind: int,
        left: tuple[Ints, Ints],
        accounts: int = ACCOUNTS,
    ) -> None:
        rows = np.flatnonzero(traces.column("kind").to_numpy() == kind)
        self._time = traces.column("time").to_numpy()[rows]
        keys, self._key = np.unique(traces.column("key").to_numpy()[rows], return_inverse=True)
        self._keys = len(keys)
        self._left = left
        self._starts = crowded_starts(*left, accounts)
        met = pairs.of_kind(kind)
        self._met_key = np.searchsorted(keys, pairs.column("key")[met])
        self._delta = pairs.column("delta")[met]
        self._popularity = pairs.column("accounts")[met]
        one, other = (_times(pairs.column(n)[met], traces) for n in ("event_a", "event_b"))
        self._met_at = np.minimum(one, other), np.maximum(one, other)

    def expected(self, a: Ints, b: Ints, window: int, most: int) -> Floats:
        """Return how many keys two accounts each are expected to share within so many seconds.

        Counted are keys that ``most`` accounts left at most.
        """
        cells = self._cells(window, most)
        size = cells.weight.shape[1]
        both, count = np.unique(cells.earlier * size + cells.later, return_counts=True)
        one, other = both // max(size, 1), both % max(size, 1)
        ways = _ways(cells.weight, one, other)
        rate = np.divide(count, ways, out=np.zeros(len(ways)), where=ways > 0)
        rates = coo_array((rate, (one, other)), shape=(size, size)).tocsr()
        people, row = np.unique([a, b], return_inverse=True)
        first, second = row.reshape(2, -1)
        weight = cells.weight.tocsr()[people]
        spread = weight @ rates
        answer: Floats = np.zeros(len(a))
        for begin in range(0, len(a), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            # Either may have been in the earlier cell.
            for x, y in ((first[part], second[part]), (second[part], first[part])):
                answer[part] += spread[x].multiply(weight[y]).sum(axis=1)
        return answer

    def _cells(self, window: int, most: int) -> _Cells:
        starts = apart(self._starts, window * SECOND)
        account, time = self._left
        accounts, number = int(account.max()) + 1, len(starts)
        stretch = _within(starts, time)
        total = np.bincount(stretch, minlength=number)
        left = csr_array((np.ones(len(account)), (account, stretch)), shape=(accounts, number))
        left.sum_duplicates()
        of_key, shares = np.unique(
            _within(starts, self._time) * self._keys + self._key, return_counts=True
        )
        part = shares / total[of_key // self._keys]
        halved = np.clip(np.ceil(-np.log2(part)), 0, HALVINGS).astype(np.int64)
        cell = of_key // self._keys * (HALVINGS + 1) + halved
        inside = (self._delta <= window * SECOND) & (self._popularity <= most)
        met = [_within(starts, at[inside]) * self._keys + self._met_key[inside]
               for at in self._met_at]  # fmt: skip
        met_cells = cell[np.searchsorted(of_key, met)]
        names, place = np.unique(met_cells, return_inverse=True)
        earlier, later = place.reshape(2, -1)
        every, mine = np.unique(cell, return_inverse=True)
        ours = np.searchsorted(every, names)
        mean = (np.bincount(mine, weights=part) / np.bincount(mine))[ours]
        of = names // (HALVINGS + 1)
        close = _close(starts, stretch, time, window * SECOND)[of]
        return _Cells(earlier, later, _weights(left, of, mean * np.sqrt(close)))


def _weights(left: csr_array, stretch: Ints, part: Floats) -> csc_array:
    """Return the weight of each account in each cell.

    ``left`` says how many shares an account left in a stretch; cells are ordered by ``stretch``.
    """
    begin, end = np.searchsorted(
        stretch, [np.arange(left.shape[1]), np.arange(1, left.shape[1] + 1)]
    )
    active = left.tocoo()
    cells = (end - begin)[active.col]
    entry = np.repeat(np.arange(len(cells)), cells)
    column = np.arange(len(entry)) - np.repeat(np.cumsum(cells) - cells, cells)
    column += begin[active.col][entry]
    share = part[column]
    with np.errstate(divide="ignore"):
        weight = -np.expm1(active.data[entry] * np.log1p(-share)) / share
    shape = (left.shape[0], len(stretch))
    return csc_array((weight, (active.row[entry], column)), shape=shape)


def _close(starts: Ints, stretch: Ints, time: Ints, window: int) -> Floats:
    """Return the share of two moments of each stretch that lie within the window of each other."""
    last = np.zeros(len(starts), dtype=np.int64)
    np.maximum.at(last, stretch, time // HOUR)
    part = np.minimum(window / ((last + 1) * HOUR - starts), 1.0)
    answer: Floats = part * (2.0 - part)
    return answer


def _ways(weight: csc_array, one: Ints, other: Ints) -> Floats:
    """Return the weight of all pairs of accounts, one of which is in each of two cells.

    Within one cell a pair is counted in both orders.
    """
    total = weight.sum(axis=0)
    answer: Floats = total[one] * total[other]
    for begin in range(0, len(one), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        answer[part] -= weight[:, one[part]].multiply(weight[:, other[part]]).sum(axis=0)
    return answer


def crowded_starts(account: Ints, time: Ints, accounts: int) -> Ints:
    """Return when the shortest stretches begin, at whole hours; each holds ``accounts`` accounts.

    If all do not hold as many, they are one stretch.
    """
    order = np.argsort(time, kind="stable")
    hours, first = np.unique(time[order] // HOUR, return_index=True)
    owners = account[order].tolist()
    starts: list[int] = []
    seen: set[int] = set()
    ends = [*first.tolist(), len(owners)]
    for hour, (begin, end) in zip(hours.tolist(), pairwise(ends), strict=True):
        if not starts or len(seen) >= accounts:
            starts.append(hour * HOUR)
            seen.clear()
        if len(seen) < accounts:
            seen.update(owners[begin:end])
    if len(starts) > 1 and len(seen) < accounts:
        starts.pop()
    return np.array(starts, dtype=np.int64)


def apart(starts: Ints, window: int) -> Ints:
    """Return those of the starts that lie ``window`` microseconds or more behind the one before."""
    kept: list[int] = []
    for start in starts.tolist():
        if not kept or start - kept[-1] >= window:
            kept.append(start)
    return np.array(kept, dtype=np.int64)


def _within(starts: Ints, time: Ints) -> Ints:
    """Return the number of the stretch that each time lies in."""
    answer: Ints = np.searchsorted(starts, time, side="right") - 1
    return answer


def _times(event: Ints, traces: pa.Table) -> Ints:
    """Return when events took place."""
    events = traces.column("event").to_numpy()
    times = np.zeros(int(events.max(initial=-1)) + 1, dtype=np.int64)
    times[events] = traces.column("time").to_numpy()
    answer: Ints = times[event]
    return answer
