"""The compiled step of `sieve`: one pass over the bytes of a text."""

from __future__ import annotations

import numpy as np

from crossfix.compiled import compiled
from crossfix.matching.sieve_table import BITS, FACTOR, OTHER_FACTOR

_SHIFT = np.uint64(64 - BITS)
_LOW = np.uint64(0xFFFFFFFF)


@compiled
def _marks(table, value, factor):  # type: ignore[no-untyped-def]
    place = value * factor >> _SHIFT
    return (table[place >> np.uint64(6)] >> (place & np.uint64(63))) & np.uint64(1)


@compiled
def meets(raw, four, short, eight):  # type: ignore[no-untyped-def]
    """Tell whether somewhere in the bytes a string of the tables may begin."""
    count = len(raw)
    if count < 4:
        return False
    window = np.uint64(0)  # eight bytes from a place on, the first the lowest; beyond the end, 0
    for i in range(min(7, count)):
        window |= np.uint64(raw[i]) << np.uint64(8 * (i + 1))
    for at in range(count - 3):
        window >>= np.uint64(8)
        if at + 7 < count:
            window |= np.uint64(raw[at + 7]) << np.uint64(56)
        head = window & _LOW
        if _marks(four, head, FACTOR) and (
            _marks(short, head, FACTOR)
            or (_marks(eight, window, FACTOR) and _marks(eight, window, OTHER_FACTOR))
        ):
            return True
    return False
