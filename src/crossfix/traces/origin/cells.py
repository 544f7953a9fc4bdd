"""Nearest vectors among very many: only the cells of space that a text lies close to are searched.

Plain products by blocks (`nearest`) compare every text with every segment; that is quickest for
some ten thousands and then grows with their product. Here segments lie in about four times the
root of their number of cells, and a text looks into the `PROBES` nearest, exactly.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crossfix.content.encoders import Vectors
from crossfix.content.vectors.centres import trained
from crossfix.traces.origin.nearest import Near, nearest

FROM = 40_000
"""Segments from which cells are worth making."""

PROBES = 24
_PER_CELL = 24
_SAMPLE = 2_000


class Cells:
    """Vectors in cells around centres, found by a few rounds of k-means from a fixed seed."""

    def __init__(self, vectors: Vectors) -> None:
        count = max(1, round(4 * math.sqrt(len(vectors))))
        random = np.random.default_rng(0)
        chosen = np.sort(random.permutation(len(vectors))[: count * _PER_CELL])
        centres = trained(vectors[chosen], min(count, len(chosen)))
        self._centres: Vectors = centres.vectors
        cell = centres.cells(vectors)
        order = np.argsort(cell, kind="stable")
        self._number: NDArray[np.int64] = order.astype(np.int64)
        self._vectors: Vectors = vectors[order]
        self._starts = np.searchsorted(cell[order], np.arange(len(self._centres) + 1))
        self._sample: Vectors = vectors[np.sort(random.permutation(len(vectors))[:_SAMPLE])]

    def nearest(self, vectors: Vectors, most: int, probes: int = PROBES) -> Near:
        """Return what `crossfix.traces.origin.nearest.nearest` would, but for a few that it misses.

        ``mean`` and ``spread`` are those of a sample of the segments.
        """
        usual = nearest(vectors, self._sample, 1)
        probed = nearest(vectors, self._centres, min(probes, len(self._centres))).segments
        found = np.full((len(vectors), probed.shape[1], most), 0, dtype=np.int64)
        cosines = np.full(found.shape, -1.0, dtype=np.float32)
        order = np.argsort(probed, axis=None, kind="stable")
        cells, bounds = np.unique(probed.ravel()[order], return_index=True)
        for cell, part in zip(cells.tolist(), np.split(order, bounds[1:]), strict=True):
            begin, end = self._starts[cell], self._starts[cell + 1]
            if begin == end:
                continue
            row, place = np.divmod(part, probed.shape[1])
            inside = nearest(vectors[row], self._vectors[begin:end], most)
            width = inside.segments.shape[1]
            found[row, place, :width] = self._number[begin + inside.segments]
            cosines[row, place, :width] = inside.cosines
        flat, values = found.reshape(len(vectors), -1), cosines.reshape(len(vectors), -1)
        best = np.lexsort((flat, -values), axis=1)[:, :most]
        return Near(np.take_along_axis(flat, best, axis=1),
                    np.take_along_axis(values, best, axis=1), usual.mean, usual.spread)  # fmt: skip
