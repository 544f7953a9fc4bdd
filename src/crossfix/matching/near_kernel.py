"""The compiled steps of `near`: one text's signature, and who shares a band of it."""

from __future__ import annotations

import numpy as np

from crossfix.compiled import compiled
from crossfix.traces.kernel import _mix, cut
from crossfix.traces.minhash import BAND_FACTOR, BANDS, FACTORS, PERMUTATIONS, ROWS, TERMS
from crossfix.traces.shingles import CHARACTERS, PLACES, WORDS


@compiled
def sign(raw, least):  # type: ignore[no-untyped-def]
    """Write the signature of a folded text (as UTF-8); tell whether it has one."""
    units = np.empty(len(raw) + 1, dtype=np.uint64)
    count, characters = cut(raw, 0, len(raw), units)
    for i in range(PERMUTATIONS):
        least[i] = np.uint32(0xFFFFFFFF)
    length = min(count, CHARACTERS if characters * 2 > count else WORDS)
    for first in range(count - length + 1 if count else 0):
        value = np.uint64(0)
        for j in range(length):
            value += units[first + j] * PLACES[j]
        upper = np.uint32(_mix(value) >> np.uint64(32))
        for i in range(PERMUTATIONS):
            least[i] = min(least[i], np.uint32(np.uint32(upper * FACTORS[i]) + TERMS[i]))
    return count > 0


@compiled
def meets(raw, bits):  # type: ignore[no-untyped-def]
    """Tell whether so many of a text's shingles are marked that it may share a signature.

    Of two texts that agree in half of their values, a far larger part is: an eighth is asked for.
    """
    units = np.empty(len(raw) + 1, dtype=np.uint64)
    count, characters = cut(raw, 0, len(raw), units)
    length = min(count, CHARACTERS if characters * 2 > count else WORDS)
    many = count - length + 1 if count else 0
    mask = np.uint32(len(bits) * 64 - 1)
    found = 0
    least = max(2, min(many, PERMUTATIONS) // 8)
    for first in range(many):
        value = np.uint64(0)
        for j in range(length):
            value += units[first + j] * PLACES[j]
        place = np.uint32(_mix(value) >> np.uint64(32)) & mask
        word = bits[place >> np.uint32(6)]
        if (word >> np.uint64(place & np.uint32(63))) & np.uint64(1):
            found += 1
        if found >= least:
            return True
    return False


@compiled
def _first(keys, key):  # type: ignore[no-untyped-def]
    """Return the place of the first of ascending keys that is not less."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def probe(  # type: ignore[no-untyped-def]
    raw, keys, order, signatures, numbers, shares, enough, most
):
    """Write the signatures that agree enough and in how many values; return how many."""
    own = np.empty(PERMUTATIONS, dtype=np.uint32)
    if not sign(raw, own):
        return 0
    found = 0
    for band in range(BANDS):
        value = np.uint64(band + 1)
        for row in range(ROWS):
            value = _mix(value * BAND_FACTOR + np.uint64(own[band * ROWS + row]))
        key = np.uint32(value >> np.uint64(32))
        at = _first(keys[band], key)
        probed = 0
        while at < keys.shape[1] and keys[band, at] == key and probed < most:
            number = order[band, at]
            at += 1
            probed += 1
            seen = False
            for i in range(found):
                seen = seen or numbers[i] == number
            if seen or found == len(numbers):
                continue
            share = 0
            for i in range(PERMUTATIONS):
                share += own[i] == signatures[number, i]
            if share >= enough:
                numbers[found] = number
                shares[found] = share
                found += 1
    return found
