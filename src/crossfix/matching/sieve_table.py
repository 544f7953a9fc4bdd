"""The table of bits of a sieve: its size, and the factors of the two hashes that mark it."""

from __future__ import annotations

import numpy as np

FACTOR = np.uint64(0x9E3779B97F4A7C15)
OTHER_FACTOR = np.uint64(0xC2B2AE3D27D4EB4F)
BITS = 20
"""The table has two to the power of so many bits: 128 kB, which a processor keeps near."""
