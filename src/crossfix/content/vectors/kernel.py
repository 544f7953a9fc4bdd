"""The compiled twin of `crossfix.content.vectors.sketch.closest`."""

from __future__ import annotations

import numpy as np

from crossfix.compiled import compiled

_PAIRS = np.uint64(0x5555555555555555)
_FOURS = np.uint64(0x3333333333333333)
_EIGHTS = np.uint64(0x0F0F0F0F0F0F0F0F)
_ONES = np.uint64(0x0101010101010101)


@compiled
def _ones(word):  # type: ignore[no-untyped-def]
    word = word - ((word >> np.uint64(1)) & _PAIRS)
    word = (word & _FOURS) + ((word >> np.uint64(2)) & _FOURS)
    word = (word + (word >> np.uint64(4))) & _EIGHTS
    return (word * _ONES) >> np.uint64(56)


@compiled
def closest(sketches, begins, ends, asked, most):  # type: ignore[no-untyped-def]
    """Return the rows between begins and ends that differ least, in order, and by how many bits.

    One pass counts the differences, so that what belongs to the least is known without sorting.
    """
    words = sketches.shape[1]
    size = 0
    for i in range(len(begins)):
        size += ends[i] - begins[i]
    differing = np.empty(size, dtype=np.int32)
    counts = np.zeros(64 * words + 1, dtype=np.int64)
    at = 0
    for i in range(len(begins)):
        for row in range(begins[i], ends[i]):
            total = np.uint64(0)
            for word in range(words):
                total += _ones(sketches[row, word] ^ asked[word])
            differing[at] = np.int32(total)
            at += 1
    for value in differing:
        counts[value] += 1
    limit, below = 0, 0
    while limit < len(counts) - 1 and below + counts[limit] <= most:
        below += counts[limit]
        limit += 1
    left = most - below
    rows = np.empty(min(size, most), dtype=np.int64)
    bits = np.empty(len(rows), dtype=np.int32)
    found, at = 0, 0
    for i in range(len(begins)):
        for row in range(begins[i], ends[i]):
            value = differing[at]
            at += 1
            if value < limit or (value == limit and left > 0):
                if value == limit:
                    left -= 1
                rows[found], bits[found] = row, value
                found += 1
    return rows[:found], bits[:found]


@compiled
def assigned(asked, vectors, sketches, centres, sure):  # type: ignore[no-untyped-def]
    """Return for each vector the nearest of the centres whose sketches are closest to its own."""
    answer = np.empty(len(vectors), dtype=np.int64)
    everything = np.zeros(1, dtype=np.int64)
    end = np.full(1, len(sketches), dtype=np.int64)
    for row in range(len(vectors)):
        near, _ = closest(sketches, everything, end, asked[row], sure)
        best, highest = 0, np.float32(-2.0)
        for cell in near:
            product = np.dot(centres[cell], vectors[row])
            if product > highest:
                best, highest = cell, product
        answer[row] = best
    return answer
