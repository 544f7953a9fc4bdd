"""Sketches: one bit a dimension, so that a look at a vector costs some nanoseconds.

A bit says on which side of the middle of all vectors a vector lies. Two vectors differ in about
angle / pi of their bits (Charikar 2002); which rows are worth an exact product is told by that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossfix.content.vectors.near import Vectors

Sketches = NDArray[np.uint64]
Rows = NDArray[np.int64]

COMPILED_FROM = 20_000
"""Sketches from which compiled code is worth loading."""


def words_of(dimensions: int) -> int:
    """Return the 64-bit words that a sketch takes."""
    return -(-dimensions // 64)


def sketch(vectors: Vectors, middle: NDArray[np.float32]) -> Sketches:
    """Return the sketches of vectors, a row each."""
    bits = np.packbits(vectors > middle, axis=1)
    padded = np.zeros((len(vectors), 8 * words_of(len(middle))), dtype=np.uint8)
    padded[:, : bits.shape[1]] = bits
    return padded.view(np.uint64)


def closest(
    sketches: Sketches, begins: Rows, ends: Rows, asked: NDArray[np.uint64], most: int,
    compiled: bool | None = None,
) -> tuple[Rows, NDArray[np.int32]]:  # fmt: skip
    """Return the ``most`` rows that differ least from ``asked``, in order, and by how many bits.

    Only rows from each of ``begins`` to its one of ``ends`` are looked at. Of rows that differ
    equally the earlier ones are taken.
    """
    if len(sketches) >= COMPILED_FROM if compiled is None else compiled:
        from crossfix.content.vectors import kernel

        rows, bits = kernel.closest(sketches, begins, ends, asked, most)
        return rows, bits
    return closest_plainly(sketches, begins, ends, asked, most)


def closest_plainly(
    sketches: Sketches, begins: Rows, ends: Rows, asked: NDArray[np.uint64], most: int
) -> tuple[Rows, NDArray[np.int32]]:
    """Return the same without compiled code."""
    parts = [np.arange(a, b) for a, b in zip(begins.tolist(), ends.tolist(), strict=True)]
    rows = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    differing = np.bitwise_count(sketches[rows] ^ asked).sum(axis=1).astype(np.int32)
    taken = np.sort(np.argsort(differing, kind="stable")[:most])
    return rows[taken], differing[taken]
