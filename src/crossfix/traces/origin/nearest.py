"""The segments whose vectors are nearest to a text's, exactly, by blocks of products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossfix.content.encoders import Vectors

_BLOCK = 1 << 22
"""Products that are held at a time."""


@dataclass(frozen=True)
class Near:
    """For each text its nearest segments, best first, and their cosines (-1 where there is none).

    ``mean`` and ``spread`` are those of the text's cosines with all segments: how near it is to
    anything at all.
    """

    segments: NDArray[np.int64]
    cosines: NDArray[np.float32]
    mean: NDArray[np.float32]
    spread: NDArray[np.float32]


def nearest(vectors: Vectors, segments: Vectors, most: int) -> Near:
    """Return the nearest segments of each text; ties go to the earlier segment."""
    rows, count = len(vectors), min(most, len(segments))
    found = np.zeros((rows, count), dtype=np.int64)
    cosines = np.full((rows, count), -1.0, dtype=np.float32)
    mean = np.zeros(rows, dtype=np.float32)
    spread = np.ones(rows, dtype=np.float32)
    step = max(1, _BLOCK // max(1, len(segments)))
    for at in range(0, rows if count else 0, step):
        product = vectors[at : at + step] @ segments.T
        mean[at : at + step] = product.mean(axis=1)
        spread[at : at + step] = product.std(axis=1)
        if count < product.shape[1]:
            part = np.argpartition(-product, count - 1, axis=1)[:, :count]
        else:
            part = np.broadcast_to(np.arange(count), (len(product), count))
        values = np.take_along_axis(product, part, axis=1)
        order = np.lexsort((part, -values), axis=1)
        found[at : at + step] = np.take_along_axis(part, order, axis=1)
        cosines[at : at + step] = np.take_along_axis(values, order, axis=1)
    return Near(found, cosines, mean, spread)
