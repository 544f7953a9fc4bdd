"""What a glance looks up: how many bits its tables have, and the factors of its hashes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]

BITS = 20
"""Strings are marked in two to the power of so many bits: 128 kB, which a processor keeps near."""

LITERAL_BITS = 17
"""So many for the literals of patterns, which are looked for at every byte."""

LENGTHS = (4, 6, 8, 12, 16)
"""Bytes of a string's beginning that are marked: the longest of these that it has."""

MASKS_LOW: U64 = np.array([(1 << 8 * min(n, 8)) - 1 for n in LENGTHS], dtype=np.uint64)
MASKS_HIGH: U64 = np.array([(1 << 8 * max(n - 8, 0)) - 1 for n in LENGTHS], dtype=np.uint64)

LOW_FACTOR = np.uint64(0x9E3779B97F4A7C15)
HIGH_FACTOR = np.uint64(0xC2B2AE3D27D4EB4F)
SPREAD = np.uint64(0xD6E8FEB86659FD93)

STRINGS, NEAR, LITERALS = 1, 2, 4
"""What a text may hold: a string, most of a near-duplicate's words, a literal of a pattern."""

ALL = STRINGS | NEAR | LITERALS

AT_FIRST = 0
AT_HEADS = AT_FIRST + (1 << BITS) // 64
AT_LITERALS = AT_HEADS + (1 << BITS) // 64
AT_LITERAL_HEADS = AT_LITERALS + (1 << LITERAL_BITS) // 64
AT_NEAR = AT_LITERAL_HEADS + (1 << LITERAL_BITS) // 64
"""Where the parts of the one table begin: it is handed over in less time than five."""
