"""Recent traces by key, in bounded memory: who left the same key, minutes ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossfix.live import kernel
from crossfix.live.kernel import MOST_ASKED, MOST_STEPS, Entries, Found, KeyTable, PairTable
from crossfix.traces.given import MOST_KINDS

MICROSECONDS = 1_000_000
HALF_LIFE_SECONDS = 86_400.0
"""After which a trace counts half in how popular its key is."""

MEETING_HALF_LIFE_SECONDS = 7 * 86_400.0
"""After which a meeting of two actors counts half."""

MOST_COUNTED = 10_000_000
"""Keys of a kind from which those seen before count half."""

STEP = 4_096
MOST_ENTRIES = 1 << 21
MOST_PAIRS = 1 << 20
LARGEST = MOST_STEPS + 1
"""Actors that a burst is counted to."""

_FULL = 0.6


@dataclass(frozen=True)
class Burst:
    """Several actors on one key within a window.

    ``trace`` is the row of the trace that completed it, among those that were taken in; ``kind``
    the code of its kind, ``size`` how many actors, ``expected`` how many traces the key's own past
    lets one expect in a window. ``accounts`` (codes), ``times`` and ``events`` (numbers) are
    entries, one an actor. ``met`` is how often these actors met on other keys before (each pair
    counts five times at most), ``chance`` what their activity lets one expect of that; ``again``
    tells, for the first of them, who met two others of them before. ``reached`` is how many other
    keys of the kind had a burst as large, of ``keys``.
    """

    trace: int
    key: int
    kind: int
    size: int
    expected: float
    accounts: NDArray[np.int32]
    times: NDArray[np.int64]
    events: NDArray[np.int64]
    met: float
    chance: float
    again: NDArray[np.bool_]
    reached: float
    keys: float


class Recent:
    """The last ``most_entries`` traces by key, how popular keys are, and which actors met.

    Both limits are powers of two; at the limit the oldest is forgotten. Memory is about 90 bytes an
    entry and 45 a pair.

    Args:
        window: microseconds within which actors meet.
        least: actors that make a burst.
    """

    def __init__(
        self,
        *,
        window: int,
        least: int,
        most_entries: int = MOST_ENTRIES,
        most_pairs: int = MOST_PAIRS,
    ) -> None:
        for limit in (most_entries, most_pairs):
            if limit < 2 or limit & (limit - 1):
                raise ValueError("a limit must be a power of two")
        self.window = window
        self._least = least
        self._entries = Entries(
            np.zeros(most_entries, np.int32), np.zeros(most_entries, np.int64),
            np.zeros(most_entries, np.int64), np.zeros(most_entries, np.int64),
        )  # fmt: skip
        self._table = _keys(max(2 * most_entries, 4 * STEP))
        self._pairs = _pairs(max(most_pairs, 8 * STEP * kernel.MOST_MET))
        self._state = np.zeros(3, np.int64)
        self._meetings = np.zeros(1_025, np.float32)
        self._reached = np.zeros((MOST_KINDS, LARGEST + 2))
        self._found = _room(STEP)
        self._began: int | None = None
        self._halved = 0

    def take(
        self,
        keys: NDArray[np.uint64],
        kinds: NDArray[np.int8],
        accounts: NDArray[np.int32],
        times: NDArray[np.int64],
        events: NDArray[np.int64],
        root: NDArray[np.int32],
        shares: NDArray[np.bool_],
    ) -> Iterator[Burst]:
        """Take traces in, in this order, and yield the bursts that they make.

        ``accounts`` are codes, ``root`` the actor of each; ``shares`` tells of each kind whether
        accounts meet on it.
        """
        if not len(keys):
            return
        self._ready(len(root), times)
        keys = np.where(keys == 0, np.uint64(1), keys)
        for first in range(0, len(keys), STEP):
            self._make_room()
            part = slice(first, first + STEP)
            now = int(times[part].max())
            assert self._began is not None
            longest = HALF_LIFE_SECONDS * MICROSECONDS / np.log(2)
            span = float(min(max(now - self._began, self.window), longest))
            bursts = kernel.take(
                keys[part], kinds[part], accounts[part], times[part], events[part],
                self._entries, self._table, self._pairs, self._state, self._meetings, root,
                self._reached, shares, self.window, self._least,
                HALF_LIFE_SECONDS * MICROSECONDS, span, self._found,
            )  # fmt: skip
            for row in range(bursts):
                yield self._burst(row, first, keys, kinds)

    def _burst(
        self, row: int, first: int, keys: NDArray[np.uint64], kinds: NDArray[np.int8]
    ) -> Burst:
        found, size = self._found, int(self._found.size[row])
        trace = first + int(found.trace[row])
        kind = int(kinds[trace])
        return Burst(
            trace=trace,
            key=int(keys[trace]),
            kind=kind,
            size=size,
            expected=float(found.expected[row]),
            accounts=found.account[row, :size].copy(),
            times=found.time[row, :size].copy(),
            events=found.event[row, :size].copy(),
            met=float(found.met[row]),
            chance=float(found.chance[row]),
            again=found.again[row, : min(size, MOST_ASKED)].copy(),
            reached=max(0.0, float(self._reached[kind, size]) - 1),
            keys=float(self._reached[kind, 1]),
        )

    def _ready(self, accounts: int, times: NDArray[np.int64]) -> None:
        """Make room for accounts, and let what is old count less."""
        if self._began is None:
            self._began = int(times.min())
            self._halved = self._began
        if accounts >= len(self._meetings):
            grown = np.zeros(2 * accounts + 1, np.float32)
            grown[: len(self._meetings) - 1] = self._meetings[:-1]
            grown[-1] = self._meetings[-1]
            self._meetings = grown
        passed = int(times.max()) - self._halved
        step = MEETING_HALF_LIFE_SECONDS * MICROSECONDS / 4
        if passed >= step:
            factor = 0.5 ** (passed / (4 * step))
            self._meetings *= factor
            self._pairs.often[:] *= np.float32(factor)
            self._halved = int(times.max())
        # How a kind's keys burst is a matter of keys, not of days: of a quiet kind all counts.
        many = self._reached[:, 1] > MOST_COUNTED
        self._reached[many] /= 2

    def _make_room(self) -> None:
        """Forget what is oldest where a table has become full."""
        if self._state[1] + STEP > _FULL * len(self._table.key):
            self._forget_keys()
        if self._state[2] + STEP * kernel.MOST_MET > _FULL * len(self._pairs.pair):
            self._forget_pairs()

    def _forget_keys(self) -> None:
        """Keep the keys that have an entry; of these no more than half fill the table."""
        old = self._table
        oldest = self._state[0] - len(self._entries.time)
        alive = np.flatnonzero((old.key != 0) & (old.head >= oldest))
        self._table = new = _keys(len(old.key))
        _refill(old.key, new.key, alive, list(zip(old[1:], new[1:], strict=True)))
        self._state[1] = len(alive)

    def _forget_pairs(self) -> None:
        """Keep the half of the pairs that met last."""
        old = self._pairs
        used = np.flatnonzero(old.pair)
        kept = used[np.argsort(old.time[used], kind="stable")[len(used) // 2 :]]
        self._pairs = new = _pairs(len(old.pair))
        _refill(old.pair, new.pair, kept, list(zip(old[1:], new[1:], strict=True)))
        self._state[2] = len(kept)

    def in_use(self) -> NDArray[np.int32]:
        """Return the codes of the accounts that entries name, ascending."""
        count = min(int(self._state[0]), len(self._entries.time))
        return np.unique(self._entries.account[:count])

    def rename(self, codes: NDArray[np.int32], accounts: int) -> None:
        """Give accounts new codes: ``codes`` has the new one by the old one, or -1."""
        count = min(int(self._state[0]), len(self._entries.time))
        self._entries.account[:count] = codes[self._entries.account[:count]]
        # Pairs are known by the hash of their actors' codes alone: with new codes they begin anew.
        self._pairs = _pairs(len(self._pairs.pair))
        self._state[2] = 0
        self._meetings = np.zeros(2 * accounts + 1_025, np.float32)


def _refill(
    old: NDArray[np.uint64], new: NDArray[np.uint64], chosen: NDArray[np.int64],
    columns: list[tuple[NDArray[np.generic], NDArray[np.generic]]],
) -> None:  # fmt: skip
    at = kernel.places(old[chosen], new)
    for source, target in columns:
        target[at] = source[chosen]


def _keys(size: int) -> KeyTable:
    # Only zeros, which cost no memory until something is written there.
    return KeyTable(
        np.zeros(size, np.uint64), np.zeros(size, np.int8), np.zeros(size, np.int64),
        np.zeros(size, np.float32), np.zeros(size, np.int64), np.zeros(size, np.int16),
    )  # fmt: skip


def _pairs(size: int) -> PairTable:
    size = 1 << (size - 1).bit_length()
    return PairTable(
        np.zeros(size, np.uint64), np.zeros(size, np.float32), np.zeros(size, np.uint64),
        np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64),
    )  # fmt: skip


def _room(size: int) -> Found:
    return Found(
        np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size), np.zeros(size),
        np.zeros(size), np.zeros((size, LARGEST), np.int32), np.zeros((size, LARGEST), np.int64),
        np.zeros((size, LARGEST), np.int64), np.zeros((size, MOST_ASKED), np.bool_),
    )  # fmt: skip
