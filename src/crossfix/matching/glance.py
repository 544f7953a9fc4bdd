"""What need not be looked for in a text: most of it, told in one pass of compiled code.

Most texts are in ASCII and hold nothing that is known. One pass folds such a text, cuts it into
words and holds it against tables of marks; only what it cannot rule out is looked for by the
search that finds it. (Rabin and Karp's fingerprints with Bloom's table.)
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from crossfix.matching.glance_table import (
    ALL,
    BITS,
    HIGH_FACTOR,
    LENGTHS,
    LITERAL_BITS,
    LITERALS,
    LOW_FACTOR,
    MASKS_HIGH,
    MASKS_LOW,
    NEAR,
    SPREAD,
    STRINGS,
    U64,
)

LONGEST = 20_000
"""Characters of a text from which near-duplicates are always asked for: what of it is compared
ends there, and a glance knows no end."""

__all__ = ["ALL", "LITERALS", "LONGEST", "NEAR", "STRINGS", "Glance"]


class Glance:
    """Strings, literals and near-duplicates, to be ruled out together in texts in ASCII.

    Args:
        strings: what is looked for in plain text where a word or name begins, as UTF-8; None
            where that cannot be ruled out.
        literals: what a pattern needs somewhere in the text, letters and digits in lower case.
        near: the marks of near-duplicates' shingles, if there are any.

    Strings and literals have 4 bytes or more. Making one loads compiled code.
    """

    def __init__(
        self,
        strings: Collection[bytes] | None,
        literals: Collection[bytes] = (),
        near: U64 | None = None,
    ) -> None:
        from crossfix.matching import glance_kernel

        least = LENGTHS[0]
        if any(len(one) < least for one in (*(strings or ()), *literals)):
            raise ValueError(f"a glance knows strings of {least} bytes and more")
        # What is not in ASCII stands in no text that is.
        held = [one for one in strings or () if one.isascii()]
        parts = [*_marks(held, BITS), *_marks(literals, LITERAL_BITS)]
        parts.append(np.zeros(1, dtype=np.uint64) if near is None else near)
        self._table = np.concatenate(parts)
        self._asked = (
            (STRINGS if held else 0) | (LITERALS if literals else 0) | (0 if near is None else NEAR)
        )
        self._unknown = STRINGS if strings is None else 0
        self._look: Any = glance_kernel.glance
        self.rules_out_all_but(b"the code is loaded before somebody waits for it")

    def rules_out_all_but(self, raw: bytes) -> int:
        """Return the bits of what a text in ASCII may hold; what is not among them, it does not."""
        found: int = self._look(raw, self._table, self._asked) | self._unknown
        return found | (self._asked & NEAR) if len(raw) > LONGEST else found


def _marks(strings: Collection[bytes], bits: int) -> tuple[U64, U64]:
    """Return the tables in which strings are marked by four bytes, and by as many as they have."""
    shift = np.uint64(64 - bits)
    head = np.array([_part(s, 0) for s in strings], dtype=np.uint64)
    tail = np.array([_part(s, 8) for s in strings], dtype=np.uint64)
    of = np.searchsorted(LENGTHS, [len(s) for s in strings], side="right").astype(np.int64) - 1
    long = (head & MASKS_LOW[of]) * LOW_FACTOR ^ (tail & MASKS_HIGH[of]) * HIGH_FACTOR
    first = _table((head & MASKS_LOW[0]) * LOW_FACTOR >> shift, bits)
    # Most words begin like a string: three marks, or every other text would meet two by chance.
    marks = [long, long * SPREAD, long * SPREAD * SPREAD]
    return first, _table(np.concatenate(marks) >> shift, bits)


def _part(string: bytes, at: int) -> int:
    return int.from_bytes(string[at : at + 8], "little")


def _table(places: U64, bits: int) -> U64:
    table = np.zeros((1 << bits) // 64, dtype=np.uint64)
    places = np.unique(places)
    np.bitwise_or.at(
        table, places >> np.uint64(6), np.uint64(1) << (places & np.uint64(63))
    )  # fmt: skip
    return table
