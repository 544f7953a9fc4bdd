"""The latest value that each account gave of itself, kept small while events stream by."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass
class Latest:
    """The value of one attribute at each account's latest event that has it.

    Events may come in any order of time; of two values at one time the greater string stays, so
    that the order of files does not matter.
    """

    _codes: list[NDArray[np.int32]] = field(default_factory=list)
    _times: list[NDArray[np.int64]] = field(default_factory=list)
    _values: list[pa.StringArray] = field(default_factory=list)
    _held: int = 0
    _kept: int = 0

    def add(self, codes: NDArray[np.int32], times: NDArray[np.int64], values: pa.Array) -> None:
        """Take in values (strings without nulls) with the account and the time of each."""
        if len(codes):
            self._append(*_newest(codes, times, values))
            if self._held > 4 * self._kept + 65_536:
                self._compact()

    def finish(self, accounts: int) -> pa.StringArray:
        """Return one string an account, null where none was given."""
        self._compact()
        at = np.full(accounts, -1, np.int64)
        if not self._codes:
            return pa.nulls(accounts, pa.string())
        at[self._codes[0]] = np.arange(len(self._codes[0]))
        return self._values[0].take(pa.array(at, mask=at < 0))

    def _append(self, codes: NDArray[np.int32], times: NDArray[np.int64], values: pa.Array) -> None:
        self._codes.append(codes)
        self._times.append(times)
        self._values.append(values)
        self._held += len(codes)

    def _compact(self) -> None:
        if len(self._codes) < 2:
            return
        codes, times = np.concatenate(self._codes), np.concatenate(self._times)
        values = pa.concat_arrays(self._values)
        self._codes, self._times, self._values, self._held = [], [], [], 0
        self._append(*_newest(codes, times, values))
        self._kept = self._held


def _newest(
    codes: NDArray[np.int32], times: NDArray[np.int64], values: pa.Array
) -> tuple[NDArray[np.int32], NDArray[np.int64], pa.StringArray]:
    """Keep one entry an account: the latest, then the greatest."""
    newest = np.full(int(codes.max()) + 1, np.iinfo(np.int64).min)
    np.maximum.at(newest, codes, times)
    kept = np.flatnonzero(times == newest[codes])
    codes, times, values = codes[kept], times[kept], values.take(pa.array(kept))
    encoded = values.dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    by = np.lexsort((rank[encoded.indices.to_numpy()], codes))
    last = by[np.flatnonzero(np.diff(codes[by], append=-1))]
    return codes[last], times[last], values.take(pa.array(last))
