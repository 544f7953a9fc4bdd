"""MinHash: which texts may be near-duplicates, found without comparing all with all.

A text's signature is, for each of 64 hash functions, the least value over its shingles. Three
values make a band; texts that agree in a band are compared by their shingles themselves. With 21
bands a pair of Jaccard similarity .4 is met with probability .75, of .5 with .94, of .6 with .99.

This file is the definition, in NumPy; `kernel` computes the same bits quicker.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.traces.shingles import I64, U64, Shingles, mix, shingle

PERMUTATIONS = 64
ROWS = 3
BANDS = PERMUTATIONS // ROWS

_SEEDS = np.arange(1, 2 * PERMUTATIONS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
U32 = NDArray[np.uint32]

FACTORS: U32 = (mix(_SEEDS[:PERMUTATIONS]) >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
TERMS: U32 = (mix(_SEEDS[PERMUTATIONS:]) >> np.uint64(32)).astype(np.uint32)
"""A hash function takes the upper half of a shingle's hash, times a factor, plus a term, in 32
bits: processors do eight of these at once."""

BAND_FACTOR = np.uint64(0x100000001B3)


def sketch(texts: pa.Array) -> tuple[Shingles, U32]:
    """Return the shingles of folded texts and their band keys, one row a band.

    The keys of a text without shingles mean nothing.
    """
    shingles = shingle(texts)
    return shingles, band_keys(signatures(shingles))


def signatures(shingles: Shingles) -> U32:
    """Return the signatures, one row a hash function."""
    rows = np.flatnonzero(np.diff(shingles.offsets))
    answer = np.full((PERMUTATIONS, len(shingles)), 0xFFFFFFFF, dtype=np.uint32)
    if len(rows):
        starts = shingles.offsets[rows]
        upper = (shingles.hashes >> np.uint64(32)).astype(np.uint32)
        for i in range(PERMUTATIONS):
            answer[i, rows] = np.minimum.reduceat(upper * FACTORS[i] + TERMS[i], starts)
    return answer


def band_keys(signature: U32) -> U32:
    """Return one hash a band of a signature, one row a band."""
    answer = np.empty((BANDS, signature.shape[1]), dtype=np.uint32)
    for band in range(BANDS):
        key = np.full(signature.shape[1], band + 1, dtype=np.uint64)
        for row in range(ROWS):
            key = mix(key * BAND_FACTOR + signature[band * ROWS + row])
        answer[band] = (key >> np.uint64(32)).astype(np.uint32)
    return answer


def shared(shingles: Shingles, left: I64, right: I64) -> NDArray[np.int32]:
    """Return how many shingles each pair of texts has in common."""
    sizes = np.diff(shingles.offsets)
    pairs = np.arange(len(left))
    owner = np.concatenate([np.repeat(pairs, sizes[left]), np.repeat(pairs, sizes[right])])
    hashes = np.concatenate([_gathered(shingles, left), _gathered(shingles, right)])
    order = np.lexsort((hashes, owner))
    hashes, owner = hashes[order], owner[order]
    twice = (hashes[1:] == hashes[:-1]) & (owner[1:] == owner[:-1])
    return np.bincount(owner[1:][twice], minlength=len(left)).astype(np.int32)


def _gathered(shingles: Shingles, texts: I64) -> U64:
    """Return the shingles of these texts, one text after the other."""
    sizes = np.diff(shingles.offsets)[texts]
    ends = np.cumsum(sizes)
    inside = np.arange(int(sizes.sum())) - np.repeat(ends - sizes, sizes)
    answer: U64 = shingles.hashes[np.repeat(shingles.offsets[texts], sizes) + inside]
    return answer
