"""Fold a text to what a reader takes in, so that disguises of one text become one string.

Compatibility forms, case, invisible and direction characters, stray accents, look-alike letters
of other scripts, quotation marks, HTML entities, links, mentions and runs of space no longer
make a difference. ``fold`` takes an Arrow column, ``fold_one`` one string; both give the same
bytes. Characters newer than the Unicode of the running Python stay as they are.
"""

from __future__ import annotations

import re
from functools import cache
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

LONGEST = 20_000
"""Characters of a text that are looked at; what follows is ignored, so that cost is bounded."""

_SEPARATOR = "\x1e"

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

# What is taken out, and what takes its place. The last pattern leaves single spaces alone: a match
# is what costs.
_STEPS = (
    (r"&(?:amp;)*(?:quot|apos|#0?39|#x27);", ""),
    (r"&(?:amp;)*(?:amp|lt|gt|nbsp);", " "),
    (r"(?:https?://|www\.)[!-~]+", " "),
    (r"(^|[^a-z0-9_.])(?:@[a-z0-9_.\-]+)+", r"\1 "),
    (r"[&<>][ &<>]*| [ &<>]+", " "),
)
_COMPILED = tuple((re.compile(pattern, re.ASCII), by) for pattern, by in _STEPS)

_DELETED = 0


_INVISIBLE = (
    (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F),
    (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xD800, 0xDFFF),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Controls, direction marks, joiners, variation selectors, fillers, tags: they show nothing."""

_SPACES = (0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)


@cache
def _visible() -> NDArray[np.uint32]:
    """Return code point -> itself, or 0 where it shows nothing."""
    table = np.arange(0x110000, dtype=np.uint32)
    for first, last in _INVISIBLE:
        table[first : last + 1] = _DELETED
    return table


@cache
def _letters() -> NDArray[np.uint32]:
    """Return code point -> what it is read as, or 0 where it makes no difference."""
    table = _visible().copy()
    table[list(_SPACES)] = 0x20
    table[0x2000:0x200B] = 0x20
    table[0x0300:0x0370] = _DELETED  # accents that no letter has: stress marks and "zalgo"
    table[[ord(quote) for quote in _QUOTES]] = _DELETED
    for lookalike, letter in _LOOKALIKES.items():
        table[ord(lookalike)] = ord(letter)
    return table


@cache
def _mapping(step: str) -> dict[int, int | None]:
    """Return a table's entries that change something, as ``str.translate`` takes them."""
    table = _visible() if step == "visible" else _letters()
    changed = np.flatnonzero(table != np.arange(0x110000, dtype=np.uint32))
    return {0: None} | {int(p): (int(table[p]) or None) for p in changed}


def fold_one(text: str) -> str:
    """Fold one string: the slow twin of `fold`, and what an inline check of one text uses."""
    text = text[:LONGEST].translate(_mapping("visible"))
    text = normalize("NFKC", normalize("NFKC", text).casefold())
    text = text.translate(_mapping("letters"))
    for pattern, by in _COMPILED:
        text = pattern.sub(by, text)
    return text.strip(" ")


def fold(texts: pa.Array) -> pa.Array:
    """Fold a column of strings (nulls become empty strings)."""
    texts = pc.utf8_slice_codeunits(pc.fill_null(texts, ""), 0, LONGEST)
    if not len(texts):
        return pa.array([], pa.string())
    plain = pc.equal(pc.binary_length(texts), pc.utf8_length(texts))
    if pc.all(plain).as_py():
        return _strip_markup(_fold_ascii(texts))
    if not pc.any(plain).as_py():
        return _strip_markup(_fold_unicode(texts))
    is_plain = plain.to_numpy(zero_copy_only=False)
    order = np.argsort(~is_plain, kind="stable")
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    parts = [
        _fold_ascii(texts.filter(plain)),
        _fold_unicode(texts.filter(pc.invert(plain))),
    ]
    return _strip_markup(pa.concat_arrays(parts).take(pa.array(back)))


def _fold_ascii(texts: pa.Array) -> pa.Array:
    """Do to ASCII rows what normalising, case folding and the tables do, without leaving Arrow."""
    texts = pc.ascii_lower(texts)
    texts = pc.replace_substring_regex(texts, r"[\x00-\x08\x0e-\x1f\x7f'\"`]+", "")
    return pc.replace_substring_regex(texts, r"[\t\n\x0b\f\r]", " ")


def _fold_unicode(texts: pa.Array) -> pa.Array:
    """Fold rows as one long string: the work per character is then done in C."""
    rows: list[str] = pc.replace_substring(texts, _SEPARATOR, "").to_pylist()
    rows = _translate(rows, _visible())
    rows = [normalize("NFKC", row) for row in rows]
    rows = _SEPARATOR.join(rows).casefold().split(_SEPARATOR)
    rows = [normalize("NFKC", row) for row in rows]
    return pa.array(_translate(rows, _letters()), pa.string())


def _translate(rows: list[str], table: NDArray[np.uint32]) -> list[str]:
    """Map every character of every row through a table; 0 deletes it."""
    joined = _SEPARATOR.join(rows)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    mapped = table[points]
    mapped[points == ord(_SEPARATOR)] = ord(_SEPARATOR)
    said: str = mapped[mapped != _DELETED].tobytes().decode("utf-32-le")
    return said.split(_SEPARATOR)


def _strip_markup(texts: pa.Array) -> pa.Array:
    """Take out entities, links, mentions and runs of space."""
    for pattern, by in _STEPS:
        texts = pc.replace_substring_regex(texts, pattern, by)
    return pc.utf8_trim(texts, " ")
