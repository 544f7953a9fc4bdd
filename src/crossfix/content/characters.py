"""What a reader takes single characters for: what shows nothing, what looks like another letter."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

# Pairs of a look-alike and the Latin letter that it is read as, after case folding. They apply
# everywhere, not only in words of mixed script: what counts is that equals stay equal.
_LOOKALIKES = dict(
    zip(
        "авекмнорстухіјѕԁһӏԛԝѵ" + "αβεικνορτυχ" + "ıɑɡǀ",
        "abekmhopctyxijsdhlqwv" + "abeikvoptux" + "iagl",
        strict=True,
    )
)
_QUOTES = "'\"`´‘’‚‛“”„‟«»‹›ʼ"

DELETED = 0


_INVISIBLE = (
    (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F),
    (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xD800, 0xDFFF),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Controls, direction marks, joiners, variation selectors, fillers, tags: they show nothing."""

_SPACES = (0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)


def lookalikes() -> dict[str, str]:
    """Return each letter in lower case that is read as a Latin one, with that."""
    return dict(_LOOKALIKES)


@cache
def visible() -> NDArray[np.uint32]:
    """Return code point -> itself, or 0 where it shows nothing."""
    table = np.arange(0x110000, dtype=np.uint32)
    for first, last in _INVISIBLE:
        table[first : last + 1] = DELETED
    return table


@cache
def letters() -> NDArray[np.uint32]:
    """Return code point -> what it is read as, or 0 where it makes no difference."""
    table = visible().copy()
    table[list(_SPACES)] = 0x20
    table[0x2000:0x200B] = 0x20
    table[0x0300:0x0370] = DELETED  # accents that no letter has: stress marks and "zalgo"
    table[[ord(quote) for quote in _QUOTES]] = DELETED
    for lookalike, letter in _LOOKALIKES.items():
        table[ord(lookalike)] = ord(letter)
    return table


@cache
def mapping(step: str) -> dict[int, int | None]:
    """Return a table's entries that change something, as ``str.translate`` takes them."""
    table = visible() if step == "visible" else letters()
    changed = np.flatnonzero(table != np.arange(0x110000, dtype=np.uint32))
    return {0: None} | {int(p): (int(table[p]) or None) for p in changed}
