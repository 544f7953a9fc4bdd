"""Wording that a completion coined: what nobody had said before it, as far as the input shows.

Frames ("Does anybody near ... know a plumber?"), greetings, quotations and models' manners stand in
many texts; that a post has them too says nothing of its origin. A pair of words counts as a
completion's own if next to no text before it holds the pair. Who copies shares several of those;
who only speaks alike shares none.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from crossfix.traces.origin.first_said import FirstSaid
from crossfix.traces.origin.index import OutputIndex
from crossfix.traces.origin.shingled import Candidates
from crossfix.traces.seen import Seen
from crossfix.traces.shingles import I64, shingle

USUAL = 1e-4
"""Share of the texts before a completion from which a pair of words is usual."""

FEW_TEXTS = 300
"""Texts before a completion from which they tell what is usual."""

FEW = 3
"""Different texts in all that may hold a pair of words where few came before: the output and
copies that were edited, each in its way."""

LEAST = 2
"""Pairs of words of its own that a text must share with a segment."""

LEAST_SHARE = 0.2
"""The least share of them, of the segment's or of the text's pairs, whichever are fewer."""

_CELLS = 1 << 26
_BINS = 64


class WordingCounts:
    """How many texts held each pair of words of an index, over time.

    ``times`` are when all texts were said, in microseconds, in any order; counts are kept in
    stretches with as many texts each. A text in the stretch of a completion does not count as one
    before it.
    """

    def __init__(self, index: OutputIndex, times: I64) -> None:
        made = shingle(pa.array(index.folded, pa.string()))
        self._owner: I64 = np.repeat(np.arange(len(made), dtype=np.int64), np.diff(made.offsets))
        self._hashes, self._code = np.unique(made.hashes, return_inverse=True)
        bins = int(min(_BINS, max(4, _CELLS // max(len(self._hashes), 1))))
        ordered = np.sort(times)
        places = np.linspace(0, max(len(ordered) - 1, 0), bins + 1).astype(np.int64)[1:-1]
        self._edges = np.unique(ordered[places]) if len(ordered) else np.zeros(0, np.int64)
        self._counts = np.zeros((len(self._edges) + 1, len(self._hashes)), dtype=np.uint32)
        self._texts = np.zeros(len(self._edges) + 1, dtype=np.int64)
        self._index = index
        self._words = FirstSaid()
        self._seen = Seen()
        self._distinct = np.zeros(len(self._hashes), dtype=np.int64)

    def add(self, folded: pa.Array, times: I64) -> None:
        """Take in texts: folded, with their times."""
        self._words.add(folded, times)
        made = shingle(folded)
        stretch = np.searchsorted(self._edges, times, side="right")
        self._texts += np.bincount(stretch, minlength=len(self._texts))
        if not len(self._hashes):
            return
        of = np.repeat(stretch, np.diff(made.offsets))
        new = self._seen.add(_hashes(folded))
        at = np.searchsorted(self._hashes, made.hashes)
        at[at == len(self._hashes)] = 0
        hit = self._hashes[at] == made.hashes
        np.add.at(self._counts, (of[hit], at[hit]), 1)
        first = np.repeat(new, np.diff(made.offsets))[hit]
        self._distinct += np.bincount(at[hit][first], minlength=len(self._distinct))

    def rare(self) -> RareWording:
        """Return what each segment coined."""
        index = self._index
        stretch = np.searchsorted(self._edges, index.times, side="right")[
            index.output_of[self._owner]
        ]
        before = np.cumsum(self._counts, axis=0, dtype=np.int64)
        texts = np.concatenate([[0], np.cumsum(self._texts)])[stretch]
        held = np.where(stretch > 0, before[np.maximum(stretch - 1, 0), self._code], 0)
        few = self._distinct[self._code] <= FEW
        rare = (held <= USUAL * texts) & ((texts >= FEW_TEXTS) | few)
        return RareWording(index, self._words, self._hashes, self._code[rare], self._owner[rare])


def _hashes(texts: pa.Array) -> NDArray[np.uint64]:
    raw = texts.cast(pa.binary()).to_pylist()
    return np.fromiter(map(xxhash.xxh3_64_intdigest, raw), np.uint64, len(raw))


class RareWording:
    """Which pairs of words are which segments' own; asked as `ShingleIndex` is.

    ``codes`` and ``segments`` are as long: places in ``hashes`` (ascending), and the segments
    (ascending) whose own they are.
    """

    def __init__(
        self, index: OutputIndex, words: FirstSaid, hashes: NDArray[np.uint64], codes: I64,
        segments: I64,
    ) -> None:  # fmt: skip
        self._index, self._words = index, words
        self._hashes = hashes
        self._sizes = np.bincount(segments, minlength=len(index))
        order = np.lexsort((segments, codes))
        self._segments = segments[order]
        self._codes = codes[order]
        self._first = np.searchsorted(self._codes, np.arange(len(hashes) + 1))

    def sizes(self) -> I64:
        """Return how many pairs of words each segment coined."""
        return self._sizes

    def inherit(self, segments: I64, source: I64) -> RareWording:
        """Return the same where some segments own as well what they have of ``source`` segments.

        What a model was handed and says again is no less told apart for that.
        """
        ours = np.unique(self._codes[np.isin(self._segments, source)])
        made = shingle(pa.array([self._index.folded[s] for s in segments.tolist()], pa.string()))
        held = np.searchsorted(self._hashes, made.hashes)
        own = np.repeat(segments, np.diff(made.offsets))
        kept = np.isin(held, ours)
        codes = np.concatenate([self._codes, held[kept]])
        owners = np.concatenate([self._segments, own[kept]])
        both = np.unique(np.stack([owners, codes]), axis=1)
        return RareWording(self._index, self._words, self._hashes, both[1], both[0])

    def only_alike(self, segment: int, folded: str) -> bool:
        """Tell whether a folded text has a segment's frame with names and numbers of its own."""
        made = int(self._index.times[self._index.output_of[segment]])
        return self._words.only_alike(self._index.folded[segment], folded, made)

    def candidates(self, folded: pa.Array) -> Candidates:
        """Return the pairs of a text and a segment that share wording of the segment's own."""
        made = shingle(folded)
        nothing = np.empty(0, dtype=np.int64)
        rows = np.repeat(np.arange(len(made), dtype=np.int64), np.diff(made.offsets))
        if not len(self._segments) or not len(rows):
            return Candidates(nothing, nothing, nothing)
        at = np.searchsorted(self._hashes, made.hashes)
        at[at == len(self._hashes)] = 0
        hit = self._hashes[at] == made.hashes
        at, rows = at[hit], rows[hit]
        counts = self._first[at + 1] - self._first[at]
        owner = np.repeat(rows, counts)
        inside = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        found = self._segments[np.repeat(self._first[at], counts) + inside]
        pairs, shared = np.unique(owner * len(self._sizes) + found, return_counts=True)
        row, segment = pairs // len(self._sizes), pairs % len(self._sizes)
        fewer = np.minimum(np.diff(made.offsets)[row], self._sizes[segment])
        kept = (shared >= LEAST) & (shared >= LEAST_SHARE * fewer)
        return Candidates(row[kept], segment[kept], shared[kept])
