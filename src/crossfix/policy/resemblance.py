"""Whether two short texts say nearly the same: a small sketch of each is compared.

The sketch has 1,024 bits, one of them set for each of a text's first 64 different words (or pairs
of characters, where a text is written without spaces); the bits in common estimate the words in
common. Two words rarely fall on one bit: of unrelated texts of 64 words, four bits agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TypeAlias

from xxhash import xxh32_intdigest

BITS = 1_024
LONGEST = 600
WORDS = 64
_MOST_REMEMBERED = 50_000

Sketch: TypeAlias = tuple[int, int]
"""The bits, and how many of them are set."""


class _Bits(dict[str, int]):
    """The bit of every word that was met, forgotten all at once when they become too many."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        bit = self[word] = 1 << xxh32_intdigest(word.encode("utf-8", "replace")) % BITS
        return bit


_BITS = _Bits()


def sketch(text: str) -> Sketch:
    """Return the sketch of a text."""
    words = text[:LONGEST].lower().split()
    if len(text) > 12 * len(words) and not text[:200].isascii():
        joined = "".join(words)
        words = [joined[i : i + 2] for i in range(len(joined) - 1)]
    if len(words) > WORDS:
        words = list(dict.fromkeys(words))[:WORDS]
    bits = reduce(or_, map(_BITS.__getitem__, words), 0)
    return bits, bits.bit_count()


def alike(one: Sketch, others: Iterable[Sketch]) -> int:
    """Return how many texts have at least half of their words in common with a text."""
    bits, count = one
    if not count:
        return 0
    return sum(
        [
            2 * (bits & other).bit_count() >= (many if many > count else count)
            for other, many in others
        ]
    )
