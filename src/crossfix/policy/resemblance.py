"""Whether two short texts say nearly the same: a small sketch of each is compared.

The sketch is the 24 least of the hashes of a text's first 64 different words (or pairs of
characters, where a text is written without spaces); this many in common, of 24, estimates the
words in common.
"""

from __future__ import annotations

from typing import TypeAlias

from xxhash import xxh32_intdigest

KEPT = 24
LONGEST = 600
WORDS = 64
SIMILAR = 0.5
"""Texts resemble each other where they have at least this share of their words in common."""

Sketch: TypeAlias = frozenset[int]


class _Hashes(dict[str, int]):
    """Hashes of words that were met, forgotten all at once when they become too many."""

    def __missing__(self, word: str) -> int:
        if len(self) >= 50_000:
            self.clear()
        hashed = self[word] = xxh32_intdigest(word.encode("utf-8", "replace"))
        return hashed


_HASHES = _Hashes()


def sketch(text: str) -> Sketch:
    """Return the sketch of a text."""
    words = text[:LONGEST].lower().split()
    if len(text) > 12 * len(words) and not text[:200].isascii():
        joined = "".join(words)
        words = [joined[i : i + 2] for i in range(len(joined) - 1)]
    return frozenset(sorted(map(_HASHES.__getitem__, set(words[:WORDS])))[:KEPT])


def resembles(one: Sketch, other: Sketch) -> bool:
    """Tell whether two texts have at least half of their words in common."""
    larger = max(len(one), len(other))
    return larger > 0 and 2 * len(one & other) >= larger
