"""A text without the signs and letters that only hide its words from who searches for them.

Lighter than folding: case, accents, punctuation and every word that is written in one script stay,
so that phrases in any language are found in it as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from unicodedata import normalize

from crossfix.content.characters import lookalikes

_WIDE = [
    *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B),
    *range(0x24B6, 0x24EA), *range(0x1D400, 0x1D800), *range(0x1F130, 0x1F14A),
]  # fmt: skip
"""Letters and digits in full width, in circles and squares, and those of mathematics."""

_PLAIN = {
    point: plain
    for point in _WIDE
    if (plain := normalize("NFKC", chr(point))).isascii() and plain.isalnum()
}
_HIDDEN = "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_HIDDEN += "\U000e0000-\U000e0fff"
_JOINERS = "\u200c\u200d"
"""They belong to words of Persian and of India's languages, and to pictures; not to these:"""

_EUROPEAN = "A-Za-z\u00c0-\u024f\u0370-\u052f"
_OTHERS = "\u0370-\u052f"

_NOTHING = re.compile(f"[{_HIDDEN}]+|(?<=[{_EUROPEAN}])[{_JOINERS}]+")
_WORD = re.compile(r"[^\W_]+")
_ASCII_LETTER = re.compile("[A-Za-z]")
_LATIN = {
    ord(letter): latin for letter, latin in lookalikes().items() if 0x370 <= ord(letter) <= 0x52F
}


@cache
def _suspect() -> Callable[[bytes], object]:
    """Return what finds a sign that may hide something; Python's search takes ten times as long."""
    import re2

    options = re2.Options()
    options.never_capture = True
    shown = "".join(map(chr, _PLAIN))
    found: Callable[[bytes], object] = re2.compile(
        f"[{_HIDDEN}{shown}]|[{_EUROPEAN}][{_JOINERS}]|[A-Za-z][{_OTHERS}]|[{_OTHERS}][A-Za-z]",
        options=options,
    ).search
    return found


def unmasked(text: str) -> str:
    """Return a text as it is read: nothing that shows nothing, plain letters, words of one script.

    A word that mixes Latin with Greek or Cyrillic letters becomes Latin where each of those is
    taken for a Latin one; others stay. What is plain costs a look, 5 us for a kilobyte.
    """
    if text.isascii() or _suspect()(text.encode("utf-8", "replace")) is None:
        return text
    return _WORD.sub(_latin, _NOTHING.sub("", text).translate(_PLAIN))


def _latin(found: re.Match[str]) -> str:
    word = found[0]
    if word.isascii() or not _ASCII_LETTER.search(word):
        return word
    latin = word.lower().translate(_LATIN)
    return latin if latin.isascii() else word
