"""An index of segments by their shingles: which segments a text shares passages with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.traces.shingles import I64, U64, shingle

COMMON = 500
"""Segments that share a shingle from which it leads to none of them: it is a figure of speech."""

LEAST_SHARED = 2
LEAST_SHARE = 0.2
ENOUGH = 6
"""A pair is looked at if it shares so many shingles, or so great a share of the shorter text's."""


@dataclass(frozen=True)
class Candidates:
    """Pairs of a text (row) and a segment that share shingles, and how many."""

    rows: I64
    segments: I64
    shared: I64


class ShingleIndex:
    """Shingles of segments, sorted, each with the segments that have it."""

    def __init__(self, folded: pa.Array) -> None:
        """Index folded segments."""
        made = shingle(folded)
        owner = np.repeat(np.arange(len(made), dtype=np.int64), np.diff(made.offsets))
        order = np.lexsort((owner, made.hashes))
        self._sizes: I64 = np.diff(made.offsets)
        self._hashes: U64
        self._hashes, first, counts = np.unique(
            made.hashes[order], return_index=True, return_counts=True
        )
        self._first: I64 = first.astype(np.int64)
        self._counts: I64 = counts.astype(np.int64)
        self._owner: I64 = owner[order]
        self.posts: NDArray[np.int64] = np.zeros(len(self._hashes), dtype=np.int64)
        """Texts asked about so far that have each shingle: how common it is out there."""
        self.asked = 0

    def candidates(self, folded: pa.Array) -> Candidates:
        """Return the pairs worth comparing, ordered by row and segment."""
        made = shingle(folded)
        self.asked += len(made)
        owner = np.repeat(np.arange(len(made), dtype=np.int64), np.diff(made.offsets))
        nothing = np.empty(0, dtype=np.int64)
        if not len(self._hashes) or not len(owner):
            return Candidates(nothing, nothing, nothing)
        at = np.searchsorted(self._hashes, made.hashes)
        at[at == len(self._hashes)] = 0
        hit = self._hashes[at] == made.hashes
        at, owner = at[hit], owner[hit]
        np.add.at(self.posts, at, 1)
        rare = self._counts[at] <= COMMON
        at, owner = at[rare], owner[rare]
        counts = self._counts[at]
        rows = np.repeat(owner, counts)
        inside = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        found = self._owner[np.repeat(self._first[at], counts) + inside]
        code = rows * len(self._sizes) + found
        pairs, shared = np.unique(code, return_counts=True)
        rows, segments = pairs // len(self._sizes), pairs % len(self._sizes)
        shorter = np.minimum(np.diff(made.offsets)[rows], self._sizes[segments])
        kept = (shared >= ENOUGH) | ((shared >= LEAST_SHARED) & (shared >= LEAST_SHARE * shorter))
        return Candidates(rows[kept], segments[kept], shared[kept])
