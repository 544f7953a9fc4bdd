"""The cells of space that vectors lie in, found by a few rounds of k-means from a fixed seed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crossfix.content.encoders import of_length_one
from crossfix.content.vectors.near import Vectors
from crossfix.content.vectors.sketch import Rows, closest, sketch

FROM = 20_000
"""Vectors from which cells are worth making; fewer are all looked at."""

_ROUNDS = 4
_PER_CELL = 24
_SURE = 24
"""Centres whose exact products are compared, of those whose sketches are closest."""

_FEW = 64
"""Centres that are all compared exactly."""


class Centres:
    """A middle, from which sketches are seen, and the centres of cells."""

    def __init__(self, middle: NDArray[np.float32], centres: Vectors) -> None:
        self.middle = middle
        self.vectors = centres
        self._sketches = sketch(centres, middle)
        self._all = np.zeros(1, dtype=np.int64), np.array([len(centres)], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.vectors)

    def near(self, vector: NDArray[np.float32], most: int) -> Rows:
        """Return the cells nearest to a vector, best first, but for a few that are missed."""
        if len(self) <= max(most, _FEW):
            every: Rows = np.argsort(-(self.vectors @ vector), kind="stable")[:most]
            return every
        asked = sketch(vector[None], self.middle)[0]
        begin, end = self._all
        most_looked = max(_SURE, 2 * most)
        rows, _ = closest(self._sketches, begin, end, asked, most_looked, compiled=True)
        order = np.argsort(-(self.vectors[rows] @ vector), kind="stable")
        best: Rows = rows[order[:most]]
        return best

    def cells(self, vectors: Vectors) -> Rows:
        """Return the cell that each vector lies in."""
        if len(self) <= _FEW:
            exact: Rows = np.argmax(vectors @ self.vectors.T, axis=1).astype(np.int64)
            return exact
        from crossfix.content.vectors import kernel

        asked = sketch(vectors, self.middle)
        vectors = np.ascontiguousarray(vectors)
        found: Rows = kernel.assigned(asked, vectors, self._sketches, self.vectors, _SURE)
        return found


def how_many(vectors: int) -> int:
    """Return the number of cells for so many vectors."""
    return 1 if vectors < FROM else round(4 * math.sqrt(vectors))


def sampled(count: int) -> int:
    """Return how many vectors so many cells are found from."""
    return max(2_000, count * _PER_CELL)


def trained(sample: Vectors, count: int) -> Centres:
    """Find ``count`` cells in a sample of vectors."""
    middle: NDArray[np.float32] = np.zeros(sample.shape[1], dtype=np.float32)
    if len(sample):
        middle = np.asarray(sample.mean(axis=0), dtype=np.float32)
    if count == 1 or not len(sample):
        return Centres(middle, of_length_one(middle[None]))
    random = np.random.default_rng(0)
    centres = Centres(middle, sample[np.sort(random.permutation(len(sample))[:count])])
    for _ in range(_ROUNDS):
        cell = centres.cells(sample)
        order = np.argsort(cell, kind="stable")
        kept, first = np.unique(cell[order], return_index=True)
        moved = centres.vectors.copy()
        moved[kept] = of_length_one(np.add.reduceat(sample[order], first, axis=0))
        centres = Centres(middle, moved)
    return centres
