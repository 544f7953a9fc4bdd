"""The compiled steps of `near_index`: linking texts into buckets, and looking one up."""

from __future__ import annotations

import numpy as np

from crossfix.compiled import compiled
from crossfix.traces.kernel import bands_of, common, cut, runs
from crossfix.traces.minhash import BANDS, PERMUTATIONS


@compiled
def link(heads, after, keys, offsets, begin, end):  # type: ignore[no-untyped-def]
    """Put texts at the head of their buckets, one bucket a band; texts without shingles in none."""
    mask = heads.shape[1] - 1
    for text in range(begin, end):
        if offsets[text + 1] == offsets[text]:
            continue
        for band in range(BANDS):
            place = keys[text, band] & mask
            after[text, band] = heads[band, place]
            heads[band, place] = text


@compiled
def _is_among(numbers, found, text):  # type: ignore[no-untyped-def]
    for i in range(found):  # noqa: SIM110  (compiled: no generators)
        if numbers[i] == text:
            return True
    return False


@compiled
def find(  # type: ignore[no-untyped-def]
    raw, heads, after, keys, offsets, hashes, numbers, near, least, least_shared, probes
):
    """Write the texts that resemble a folded text (as UTF-8) and how much; return how many."""
    units = np.empty(len(raw) + 1, dtype=np.uint64)
    own = np.empty(len(raw) + 1, dtype=np.uint64)
    count, characters = cut(raw, 0, len(raw), units)
    size = runs(units, count, characters, own)
    if size == 0:
        return 0
    bands = np.empty(BANDS, dtype=np.uint32)
    bands_of(own, size, np.empty(PERMUTATIONS, dtype=np.uint32), bands)
    mask = heads.shape[1] - 1
    found = 0
    for band in range(BANDS):
        text = heads[band, bands[band] & mask]
        probed = 0
        while text >= 0 and probed < probes and found < len(numbers):
            probed += 1
            if keys[text, band] == bands[band] and not _is_among(numbers, found, text):
                begin, end = offsets[text], offsets[text + 1]
                shared = common(own, 0, size, hashes, begin, end)
                union = size + end - begin - shared
                enough = shared >= least_shared or shared == union
                if enough and shared >= least * union:
                    numbers[found] = text
                    near[found] = shared / union
                    found += 1
            text = after[text, band]
    return found
