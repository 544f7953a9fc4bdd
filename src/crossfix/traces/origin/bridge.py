"""What the first encoder would make of texts that only the second one reads.

Each encoder puts a text near its translations, so what one makes of a text tells roughly what the
other would: a linear map, learned from texts that both read, leads from one to the other. With it
a segment that only the slow encoder reads is compared with all posts through the vectors that the
fast one made of them, and the slow one reads those posts alone that come near.

A post that only the slow one reads is compared so with segments that only the fast one does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossfix.content.encoders import Vectors, of_length_one

LEARNED_FROM = 1_000
"""Texts that a bridge is learned from; with half as many it finds nine of ten translations that
it finds with these, and twice as many find no more."""

RIDGE = 0.3
"""How strongly the map is kept small, against what these texts have by chance."""


class Bridge:
    """A linear map from the vectors of the second encoder to those of the first.

    What all texts have in common, for each encoder, is taken off before and left off after.
    """

    def __init__(self, second: Vectors, first: Vectors) -> None:
        """Learn from the vectors that both encoders made of the same texts, a text a row."""
        self._from: NDArray[np.float64] = second.mean(axis=0, dtype=np.float64)
        self._to: NDArray[np.float64] = first.mean(axis=0, dtype=np.float64)
        given, wanted = second - self._from, first - self._to
        square = given.T @ given + RIDGE * np.eye(given.shape[1])
        self._map: NDArray[np.float64] = np.linalg.solve(square, given.T @ wanted)

    def crossed(self, second: Vectors) -> Vectors:
        """Return what the first encoder would make of texts, from what the second makes of them."""
        return _placed((second - self._from) @ self._map, second)

    def centred(self, first: Vectors) -> Vectors:
        """Return vectors of the first encoder as those that crossed are to be compared with."""
        return _placed(first - self._to, first)


def _placed(vectors: NDArray[np.float64], given: Vectors) -> Vectors:
    """Scale to length one; what had no vector (a text without a word) has none."""
    scaled = of_length_one(vectors.astype(np.float32))
    scaled[~given.any(axis=1)] = 0.0
    return scaled
