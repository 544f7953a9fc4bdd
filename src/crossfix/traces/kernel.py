"""The compiled twin of `shingles` and `minhash`, for large inputs; same bits, one pass a text.

Importing this module loads Numba. Machine code is cached beside the module, where that can be
written, so that only the first large run compiles.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.compiled import compiled
from crossfix.text_bytes import bytes_of
from crossfix.traces.minhash import (
    BAND_FACTOR,
    BANDS,
    FACTORS,
    PERMUTATIONS,
    ROWS,
    TERMS,
)
from crossfix.traces.shingles import (
    CHARACTER,
    CHARACTERS,
    CLASSES,
    I64,
    MIX_1,
    MIX_2,
    PLACES,
    POWERS,
    SEPARATOR,
    SPAN,
    U64,
    WORD,
    WORDS,
)

U32 = NDArray[np.uint32]

_FEW = 40

IN_WORDS = CLASSES[:0x80, 0] == WORD
"""Which ASCII characters words are made of; the others separate."""


@compiled
def _mix(x):  # type: ignore[no-untyped-def]
    x = (x ^ (x >> np.uint64(30))) * MIX_1
    x = (x ^ (x >> np.uint64(27))) * MIX_2
    return x ^ (x >> np.uint64(31))


@compiled
def cut(data, begin, end, units):  # type: ignore[no-untyped-def]
    """Write the unit hashes of one text; return how many, and how many are characters."""
    count = 0
    characters = 0
    previous = SEPARATOR
    value = np.uint64(0)
    place = 0
    at = begin
    while at < end:
        lead = data[at]
        if lead < 0x80:  # most are, and need less
            if IN_WORDS[lead]:
                if previous != WORD:
                    value = np.uint64(0)
                    place = 0
                value += (np.uint64(lead) + np.uint64(1)) * POWERS[place & (SPAN - 1)]
                place += 1
                previous = WORD
            else:
                if previous == WORD:
                    units[count] = _mix(value)
                    count += 1
                previous = SEPARATOR
            at += 1
            continue
        second = data[at + 1] if at + 1 < len(data) else np.uint8(0)
        kind = CLASSES[lead, second]
        length = 4 if lead >= 0xF0 else 3 if lead >= 0xE0 else 2 if lead >= 0xC0 else 1
        if previous == WORD and kind != WORD:
            units[count] = _mix(value)
            count += 1
        if kind != SEPARATOR:
            if kind == CHARACTER or previous != WORD:
                value = np.uint64(0)
                place = 0
            for i in range(at, min(at + length, end)):
                value += (np.uint64(data[i]) + np.uint64(1)) * POWERS[place & (SPAN - 1)]
                place += 1
            if kind == CHARACTER:
                units[count] = _mix(value)
                count += 1
                characters += 1
        previous = kind
        at += length
    if previous == WORD:
        units[count] = _mix(value)
        count += 1
    return count, characters


@compiled
def ascend(values, count):  # type: ignore[no-untyped-def]
    """Sort the first values in place: few at a time by insertion, which is quicker."""
    if count > _FEW:
        values[:count].sort()
        return
    for i in range(1, count):
        value = values[i]
        j = i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value


@compiled
def runs(units, count, characters, out):  # type: ignore[no-untyped-def]
    """Write the sorted, distinct shingles of one text's units; return how many."""
    if count == 0:
        return 0
    length = min(count, CHARACTERS if characters * 2 > count else WORDS)
    many = count - length + 1
    for i in range(many):
        value = np.uint64(0)
        for j in range(length):
            value += units[i + j] * PLACES[j]
        out[i] = _mix(value)
    ascend(out, many)
    kept = 1
    for i in range(1, many):
        if out[i] != out[i - 1]:
            out[kept] = out[i]
            kept += 1
    return kept


@compiled
def bands_of(hashes, count, least, keys):  # type: ignore[no-untyped-def]
    """Write the band keys of one text, from its shingles; ``least`` is room for a signature."""
    for i in range(PERMUTATIONS):
        least[i] = np.uint32(0xFFFFFFFF)
    # All functions of one shingle, not all shingles of one function: texts are short, and
    # processors do many functions at once.
    for j in range(count):
        upper = np.uint32(hashes[j] >> np.uint64(32))
        for i in range(PERMUTATIONS):
            least[i] = min(least[i], np.uint32(np.uint32(upper * FACTORS[i]) + TERMS[i]))
    for band in range(BANDS):
        key = np.uint64(band + 1)
        for row in range(ROWS):
            key = _mix(key * BAND_FACTOR + np.uint64(least[band * ROWS + row]))
        keys[band] = np.uint32(key >> np.uint64(32))


@compiled
def _sketch(data, offsets, hashes, counts, keys, first):  # type: ignore[no-untyped-def]
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    units = np.empty(longest + 1, dtype=np.uint64)
    out = np.empty(longest + 1, dtype=np.uint64)
    least = np.empty(PERMUTATIONS, dtype=np.uint32)
    own = np.empty(BANDS, dtype=np.uint32)
    total = 0
    for i in range(len(offsets) - 1):
        count, characters = cut(data, offsets[i], offsets[i + 1], units)
        kept = runs(units, count, characters, out)
        hashes[total : total + kept] = out[:kept]
        total += kept
        counts[i] = kept
        bands_of(out, kept, least, own)
        keys[:, first + i] = own
    return total


def sketch(texts: pa.Array, keys: U32, first: int) -> tuple[U64, I64]:
    """Return the shingles of texts and how many each has, as `minhash.sketch` does.

    Their band keys are written to ``keys``, one row a band, from column ``first`` on.
    """
    data, offsets = bytes_of(texts)
    # A shingle needs a unit, and a unit one byte and a separator, or the three of a character.
    hashes = np.empty(len(data) // 2 + len(texts) + 1, dtype=np.uint64)
    counts = np.zeros(len(texts), dtype=np.int64)
    total = _sketch(data, offsets, hashes, counts, keys, first)
    return hashes[:total].copy(), counts


@compiled
def common(one, first, first_end, other, second, second_end):  # type: ignore[no-untyped-def]
    """Count what a run of ascending hashes in ``one`` has in common with a run in ``other``."""
    answer = 0
    while first < first_end and second < second_end:
        if one[first] == other[second]:
            answer += 1
            first += 1
            second += 1
        elif one[first] < other[second]:
            first += 1
        else:
            second += 1
    return answer


@compiled
def _shared(hashes, offsets, left, right, answer):  # type: ignore[no-untyped-def]
    for i in range(len(left)):
        a, b = left[i], right[i]
        answer[i] = common(hashes, offsets[a], offsets[a + 1], hashes, offsets[b], offsets[b + 1])


def shared(hashes: U64, offsets: I64, left: I64, right: I64) -> NDArray[np.int32]:
    """Return how many shingles pairs of texts have in common, as `minhash.shared` does."""
    answer = np.empty(len(left), dtype=np.int32)
    _shared(hashes, offsets, left, right, answer)
    return answer
