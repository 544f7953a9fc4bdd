"""What becomes of single characters when a text is folded, looked up by compiled code."""

from __future__ import annotations

from functools import cache
from unicodedata import combining, decomposition, normalize

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.content import kernel
from crossfix.content.characters import mapping
from crossfix.text_bytes import bytes_of, column_of

_POINTS = 0x110000
_AT_ONCE = 4_096
"""Characters that are learned at once."""

_LAST_PAIR = 0x20000
"""No character beyond is the second of a pair that Unicode composes."""


@cache
def _seconds() -> frozenset[str]:
    """Return the characters that may combine with the one before them, accents aside."""
    pairs = (decomposition(chr(point)) for point in range(0xC0, _LAST_PAIR))
    found = {chr(int(p.split()[1], 16)) for p in pairs if " " in p and p[0] != "<"}
    hangul = {chr(p) for p in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    return frozenset(found | hangul)


def _leans(text: str) -> bool:
    """Tell whether a text may combine with what stands before it."""
    first = normalize("NFKD", text)[:1]
    return bool(first) and (combining(first) > 0 or first in _seconds())


def form_of(char: str) -> bytes | None:
    """Return the folded form of a character in UTF-8, or None if its neighbours matter.

    Characters that do not lean on the one before stay apart in every normal form, and case folding
    looks at single characters: so a text of them is folded character by character.
    """
    shown = char.translate(mapping("visible"))
    folded = normalize("NFKC", shown).casefold()
    if _leans(shown) or _leans(folded):
        return None
    return normalize("NFKC", folded).translate(mapping("letters")).encode()


class _Forms:
    """The folded forms of the characters met so far."""

    def __init__(self) -> None:
        self.places = np.full(_POINTS, kernel.UNKNOWN, dtype=np.int32)
        self.lengths = np.zeros(_POINTS, dtype=np.uint8)
        ascii_forms = [form_of(chr(point)) or b"\0" for point in range(0x80)]
        self.forms = np.frombuffer(b"".join(ascii_forms), dtype=np.uint8)
        self.growth = 1.0
        """How many times as long as its text a folded text is at most."""

    def meet(self, data: NDArray[np.uint8]) -> None:
        """Learn the characters of UTF-8 text."""
        found = np.empty(_AT_ONCE, dtype=np.int64)
        while count := kernel.strange(data, self.places, found):  # mostly there are none
            self._add(np.unique(found[:count]))

    def _add(self, points: NDArray[np.int64]) -> None:
        held = self.forms.tobytes()
        for point in points.tolist():
            # Half a pair of UTF-16 is no character, and no column of strings has one.
            form = None if 0xD800 <= point < 0xE000 else form_of(chr(point))
            self.places[point] = kernel.DEPENDS if form is None else len(held)
            if form:
                self.lengths[point] = len(form)
                self.growth = max(self.growth, len(form) / len(chr(point).encode()))
                held += form
        self.forms = np.frombuffer(held, dtype=np.uint8)


@cache
def _forms() -> _Forms:
    return _Forms()


def fold_compiled(texts: pa.Array) -> tuple[pa.Array, NDArray[np.int64]]:
    """Fold a column of strings without nulls.

    Returns:
        The folded texts, and the rows that are left to `fold`'s slower way (empty so far).
    """
    data, offsets = bytes_of(texts)
    forms = _forms()
    forms.meet(data)
    out = np.empty(int(len(data) * forms.growth) + 1, dtype=np.uint8)
    ends = np.empty(len(texts), dtype=np.int64)
    left = np.zeros(len(texts), dtype=np.bool_)
    used = kernel.fold(data, offsets, forms.places, forms.lengths, forms.forms, out, ends, left)
    return column_of(out[:used].copy(), ends), np.flatnonzero(left)
