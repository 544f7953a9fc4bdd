"""Fold a text to what a reader takes in, so that disguises of one text become one string.

Compatibility forms, case, invisible and direction characters, stray accents, look-alike letters
of other scripts, quotation marks, HTML entities, links, mentions and runs of space no longer
make a difference. ``fold`` takes an Arrow column (a large one is folded by compiled code),
``fold_one`` one string; all give the same bytes. Characters newer than the Unicode of the running
Python stay as they are.
"""

from __future__ import annotations

import re
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.content.characters import DELETED, letters, mapping, visible
from crossfix.content.floor import COMPILED_FROM

LONGEST = 20_000
"""Characters of a text that are looked at; what follows is ignored, so that cost is bounded."""

_SEPARATOR = "\x1e"

# What is taken out, and what takes its place. The last pattern leaves single spaces alone: a match
# is what costs.
_PATTERNS = (
    (r"&(?:amp;)*(?:quot|apos|#0?39|#x27);", ""),
    (r"&(?:amp;)*(?:amp|lt|gt|nbsp);", " "),
    (r"(?:https?://|www\.)[!-~]+", " "),
    (r"(^|[^a-z0-9_.])(?:@[a-z0-9_.\-]+)+", r"\1 "),
    (r"[&<>][ &<>]*| [ &<>]+", " "),
)
STEPS = tuple((re.compile(pattern, re.ASCII), by) for pattern, by in _PATTERNS)


def fold_one(text: str) -> str:
    """Fold one string: the slow twin of `fold`, and what an inline check of one text uses."""
    text = text[:LONGEST].translate(mapping("visible"))
    text = normalize("NFKC", normalize("NFKC", text).casefold())
    text = text.translate(mapping("letters"))
    for pattern, by in STEPS:
        text = pattern.sub(by, text)
    return text.strip(" ")


def fold(texts: pa.Array, compiled: bool | None = None) -> pa.Array:
    """Fold a column of strings (nulls become empty strings)."""
    texts = pc.fill_null(texts, "")
    if not len(texts):
        return pa.array([], pa.string())
    if pc.max(pc.binary_length(texts)).as_py() > LONGEST:
        texts = pc.utf8_slice_codeunits(texts, 0, LONGEST)
    if len(texts) >= COMPILED_FROM if compiled is None else compiled:
        from crossfix.content.alone import fold_compiled

        folded, left = fold_compiled(texts)
        if len(left):
            rest = _strip_markup(_fold_unicode(texts.take(pa.array(left))))
            into = np.zeros(len(texts), dtype=np.bool_)
            into[left] = True
            folded = pc.replace_with_mask(folded, pa.array(into), rest)
        return folded
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
    rows = _translate(rows, visible())
    rows = [normalize("NFKC", row) for row in rows]
    rows = _SEPARATOR.join(rows).casefold().split(_SEPARATOR)
    rows = [normalize("NFKC", row) for row in rows]
    return pa.array(_translate(rows, letters()), pa.string())


def _translate(rows: list[str], table: NDArray[np.uint32]) -> list[str]:
    """Map every character of every row through a table; 0 deletes it."""
    joined = _SEPARATOR.join(rows)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    mapped = table[points]
    mapped[points == ord(_SEPARATOR)] = ord(_SEPARATOR)
    said: str = mapped[mapped != DELETED].tobytes().decode("utf-32-le")
    return said.split(_SEPARATOR)


def _strip_markup(texts: pa.Array) -> pa.Array:
    """Take out entities, links, mentions and runs of space."""
    for pattern, by in _PATTERNS:
        texts = pc.replace_substring_regex(texts, pattern, by)
    return pc.utf8_trim(texts, " ")
