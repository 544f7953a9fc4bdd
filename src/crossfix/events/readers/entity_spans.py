"""The links, tags and names of a large batch of texts, as far as compiled code decides them."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crossfix.events.readers import entity_kernel
from crossfix.text_bytes import bytes_of, column_of

_POINTS = 0x110000
_LETTERS = 0x40000
"""No letter or digit stands beyond."""

Counts = npt.NDArray[np.int64]


@cache
def _words() -> npt.NDArray[np.bool_]:
    """Return which code points are of words, as regular expressions see it."""
    table = np.zeros(_POINTS, dtype=np.bool_)
    table[:_LETTERS] = np.fromiter(map(str.isalnum, map(chr, range(_LETTERS))), np.bool_, _LETTERS)
    table[ord("_")] = True
    return table


@cache
def _tags(others: str) -> npt.NDArray[np.bool_]:
    """Return which code points may be in hashtags: those of words and others."""
    table = _words().copy()
    table[[ord(char) for char in others]] = True
    return table


class Spans:
    """Where entities stand in texts; what is not sure is left to the caller."""

    def __init__(self, texts: pa.Array, in_tags: str, longest: int, most: int) -> None:
        """Read texts (null ones have nothing), ``in_tags`` besides letters, digits and ``_``."""
        self._data, offsets = bytes_of(texts)
        room = max(int((self._data == ord(sign)).sum()) for sign in "#@:") + 1
        self._spans = np.empty((3, room, 2), dtype=np.int64)
        self._counts = np.empty((3, len(texts)), dtype=np.int64)
        given = self._data, offsets, _words(), _tags(in_tags), longest, most
        self._used = entity_kernel.read(*given, self._spans, self._counts)

    def of(self, kind: int, rows: npt.NDArray[np.bool_], prefix: str) -> tuple[Counts, pa.Array]:
        """Return the number of entities of each text and their values, of these rows only.

        The number is `entity_kernel.UNSURE` where the text has to be read another way.
        """
        held = np.maximum(self._counts[kind], 0)
        spans = self._spans[kind, : self._used[kind]]
        if not rows.all():
            spans = spans[np.repeat(rows, held)]
        counts = np.where(rows, self._counts[kind], 0)
        sizes = spans[:, 1] - spans[:, 0]
        before = np.frombuffer(prefix.encode(), dtype=np.uint8)
        out = np.empty(int(sizes.sum()) + len(spans) * len(before), dtype=np.uint8)
        ends = np.empty(len(spans), dtype=np.int64)
        lower = kind != entity_kernel.URLS
        entity_kernel.spell(self._data, spans, before, lower, out, ends)
        return counts, column_of(out, ends)
