"""Which hashes were seen before, in a few bytes each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Seen:
    """A growing set of 64-bit hashes, kept as sorted runs that are merged when of like size."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def holds(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Tell which hashes were seen."""
        known = np.zeros(len(hashes), dtype=np.bool_)
        for run in self._runs:
            at = np.searchsorted(run, hashes)
            at[at == len(run)] = 0
            known |= run[at] == hashes
        return known

    def add(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Take in hashes and tell, for each, whether this is its first appearance."""
        unique, first = np.unique(hashes, return_index=True)
        known = np.zeros(len(unique), dtype=np.bool_)
        for run in self._runs:
            # Ascending hashes are looked up near one another, which is far quicker.
            at = np.searchsorted(run, unique)
            at[at == len(run)] = 0
            known |= run[at] == unique
        new = np.zeros(len(hashes), dtype=np.bool_)
        new[first[~known]] = True
        if not known.all():
            self._runs.append(unique[~known])
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            merged = np.concatenate([self._runs.pop(), self._runs.pop()])
            merged.sort()
            self._runs.append(merged)
        return new
