"""Fingerprints of texts that near-duplicates nearly share: the MinHash signature, in hex.

How similar two texts are is estimated from how much of their signatures agrees: of 64 values the
estimate strays by about .06. A text is compared with those it shares a band with.

Compiled code is loaded when there is a signature to match, and not before: NumPy needs 30 times
as long for one text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.content import fold_one, says_enough_one
from crossfix.errors import InputError
from crossfix.traces.minhash import FACTORS, PERMUTATIONS, TERMS, U32, band_keys, signatures
from crossfix.traces.shingles import shingle

LEAST_SIMILARITY = 0.5
"""Agreement of signatures from which texts count as nearly the same. Two texts of similarity .3
reach it by chance once in a thousand times, two of .65 miss it once in two hundred."""

_MOST_FOUND = 16
_MOST_PROBES = 256


def signature_of(text: str) -> str:
    """Return the signature of a text, as an indicator of kind ``near_text`` has it.

    Raises:
        InputError: the text says too little to be told from anybody's.
    """
    folded = fold_one(text)
    if not says_enough_one(folded):
        raise InputError("The text says too little to be told from anybody's.")
    values: U32 = signatures(shingle(pa.array([folded], pa.string())))[:, 0]
    return values.astype(">u4").tobytes().hex()


class NearTexts:
    """Signatures, to be asked which of them a text nearly shares."""

    def __init__(self, hexes: Sequence[str]) -> None:
        raw = b"".join(map(bytes.fromhex, hexes))
        own = np.frombuffer(raw, dtype=">u4").astype(np.uint32).reshape(-1, PERMUTATIONS)
        keys = band_keys(np.ascontiguousarray(own.T))
        order = np.argsort(keys, axis=1, kind="stable").astype(np.int32)
        self._signatures: U32 = own
        self._order: NDArray[np.int32] = order
        self._keys: U32 = np.take_along_axis(keys, order, axis=1)
        self._bits = _marked(own)
        self._meets: Any = None
        if len(own):
            from crossfix.matching import near_kernel

            self._meets = near_kernel.meets
            self._probed(np.frombuffer(b"load the code before somebody waits for it", np.uint8))
            self.find("load the compiled code before somebody waits for it")

    def __len__(self) -> int:
        return len(self._signatures)

    @property
    def marks(self) -> NDArray[np.uint64] | None:
        """The bits in which shingles of the signatures are marked, if there are signatures."""
        return self._bits if len(self) else None

    def find(self, folded: str) -> list[tuple[int, float]]:
        """Return the signatures that a folded text nearly shares, and how similar, best first."""
        if self._meets is None:
            return []
        raw = np.frombuffer(folded.encode(), dtype=np.uint8)
        if not self._meets(raw, self._bits) or not says_enough_one(folded):
            return []
        return self._probed(raw)

    def _probed(self, raw: NDArray[np.uint8]) -> list[tuple[int, float]]:
        """Compare a folded text, as UTF-8, with all that it shares a band with."""
        from crossfix.matching import near_kernel

        numbers = np.empty(_MOST_FOUND, dtype=np.int32)
        shares = np.empty(_MOST_FOUND, dtype=np.int32)
        found = near_kernel.probe(
            raw, self._keys, self._order, self._signatures, numbers, shares,
            int(LEAST_SIMILARITY * PERMUTATIONS), _MOST_PROBES,
        )  # fmt: skip
        pairs = zip(shares[:found].tolist(), numbers[:found].tolist(), strict=True)
        return [
            (n, share / PERMUTATIONS) for share, n in sorted(pairs, key=lambda p: (-p[0], p[1]))
        ]


def _marked(own: U32) -> NDArray[np.uint64]:
    """Return a table of bits in which every shingle that gave a signature a value is marked.

    A hash function has an odd factor, so that it can be turned round.
    """
    size = 1 << max(16, int(own.size * 64 - 1).bit_length()) if own.size else 1 << 16
    size = min(size, 1 << 26)
    turned = np.array([pow(int(f), -1, 1 << 32) for f in FACTORS], dtype=np.uint32)
    places = np.unique((own - TERMS) * turned & np.uint32(size - 1))
    bits = np.zeros(size // 64, dtype=np.uint64)
    np.bitwise_or.at(
        bits, places >> np.uint32(6), np.uint64(1) << (places & np.uint32(63)).astype(np.uint64)
    )
    return bits
