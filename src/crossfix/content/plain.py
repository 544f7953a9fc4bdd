"""One text as it is matched: folded, links and all, quickly; and where in it what stood.

`plain` is what `fold_one` makes of a text before it takes links, mentions and markup out;
`without_links` does the rest. The work on single characters is done by C where that can be, and
no text is too long: an inline check that stopped somewhere could be walked past.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

from crossfix.content.characters import DELETED, letters, mapping, visible
from crossfix.content.fold import LONGEST, STEPS

_QUOTES = b"'\"`"
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x20), 0x7F])
_ASCII_DELETED = _CONTROLS + _QUOTES
_ASCII = bytes(0x20 if 0x09 <= b <= 0x0D else b for b in bytes(range(256)).lower())

_FOREIGN = 0.15
"""Bytes beyond one a character from which a text is folded whole, not segment by segment."""

_KEPT = 64
"""Characters of a run up to which its folded form is kept for the next time."""

LONGEST_RUN = 30
"""Accents on one letter that are looked at (as in the stream-safe format of Unicode). Sorting a
run of them, which normalising does, takes time that grows with its square."""


_SEGMENT = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")
"""Characters beyond ASCII, with the one before them that they may combine with. What follows a
segment combines with nothing before it, so that segments are folded alone."""


@cache
def _marked() -> NDArray[np.bool_]:
    """Return which code points are combining characters."""
    found = np.zeros(0x110000, dtype=np.bool_)
    found[[c for c in range(0x300, 0x1E95F) if combining(chr(c))]] = True
    return found


@cache
def _marks() -> re.Pattern[str]:
    """Return the pattern of a run of combining characters that is too long."""
    some = f"[{_ranges(_marked())}]"
    return re.compile(f"({some}{{{LONGEST_RUN}}}){some}+")


def _ranges(chosen: NDArray[np.bool_]) -> str:
    """Return the chosen code points as the inside of a character class."""
    edges = np.flatnonzero(np.diff(chosen.astype(np.int8), prepend=0, append=0)).tolist()
    return "".join(f"{chr(a)}-{chr(b - 1)}" for a, b in zip(edges[::2], edges[1::2], strict=True))


def plain(text: str) -> str:
    """Return a text folded character by character, with single spaces and links left in."""
    if text.isascii():
        raw = text.encode().translate(_ASCII, _ASCII_DELETED)
        if b"  " in raw or raw[:1] == b" " or raw[-1:] == b" ":
            raw = b" ".join(raw.split())
        return raw.decode()
    raw = text.encode("utf-8", "surrogatepass").translate(_ASCII, _CONTROLS)
    text = raw.decode("utf-8", "surrogatepass")
    if len(raw) - len(text) > len(text) * _FOREIGN:
        text = _folded(text)
    else:
        text = _SEGMENT.sub(_form_of, text)
        text = text.encode().translate(None, _QUOTES).decode()
    return single_spaced(text)


def _folded(text: str) -> str:
    """Fold the characters of a text, all at once."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    text = _taken(points, visible())
    if np.count_nonzero(_marked()[points]) > LONGEST_RUN:
        text = _marks().sub(r"\1", text)
    text = normalize("NFKC", normalize("NFKC", text).casefold())
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return _taken(points, letters())


def _taken(points: NDArray[np.uint32], table: NDArray[np.uint32]) -> str:
    """Map code points through a table; 0 deletes one."""
    points = table[points]
    said: str = points[points != DELETED].tobytes().decode("utf-32-le", "surrogatepass")
    return said


def _form_of(found: re.Match[str]) -> str:
    segment = found[0]
    return _form(segment) if len(segment) <= _KEPT else _form.__wrapped__(segment)


@lru_cache(maxsize=16_384)
def _form(segment: str) -> str:
    """Fold a run of characters."""
    shown = segment.translate(mapping("visible"))
    if len(shown) > LONGEST_RUN:
        shown = _marks().sub(r"\1", shown)
    return normalize("NFKC", normalize("NFKC", shown).casefold()).translate(mapping("letters"))


def single_spaced(text: str) -> str:
    """Return a text without spaces at its ends or beside another."""
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        return " ".join(part for part in text.split(" ") if part)
    return text


def without_links(plain_text: str) -> str:
    """Take out of a plain text what folding takes out: entities, links, mentions, markup."""
    if "&" in plain_text or "@" in plain_text or "://" in plain_text or "www." in plain_text:
        for pattern, by in STEPS:
            plain_text = pattern.sub(by, plain_text)
        return plain_text.strip(" ")
    if "<" in plain_text or ">" in plain_text:
        return STEPS[-1][0].sub(STEPS[-1][1], plain_text).strip(" ")
    return plain_text


def folded_from(text: str, plain_text: str) -> str:
    """Return what `fold_one` returns for a text whose plain form is known."""
    if len(text) > LONGEST:
        plain_text = plain(text[:LONGEST])
    return without_links(plain_text)


def origins(text: str, plain_text: str) -> NDArray[np.int64] | None:
    """Return where each character of the plain form stands in the text, and the text's end.

    None where neighbours were joined in a way that cannot be told apart afterwards.
    """
    made, places = _pieces(text)
    kept, spaced = [], True
    for i, char in enumerate(made):
        if char != " " or not spaced:
            kept.append(i)
        spaced = char == " "
    if kept and made[kept[-1]] == " ":
        kept.pop()
    if len(kept) != len(plain_text) or any(
        made[i] != c for i, c in zip(kept, plain_text, strict=True)
    ):
        return None
    return np.append(places[kept], len(text)) if kept else np.array([len(text)])


def _pieces(text: str) -> tuple[str, NDArray[np.int64]]:
    """Return the folded forms of a text's characters, joined, and where each one comes from."""
    forms: list[str] = []
    starts: list[int] = []
    for cluster in _clusters().finditer(text):
        form = _form_of(cluster)
        forms.append(form)
        starts.extend([cluster.start()] * len(form))
    return "".join(forms), np.array(starts, dtype=np.int64)


@cache
def _clusters() -> re.Pattern[str]:
    """Return the pattern of a character with the marks on it."""
    return re.compile(f"(?s:.)[{_ranges(_marked())}]*")


def warm() -> None:
    """Make the tables that are made on first use, so that no request waits for them."""
    for step in ("visible", "letters"):
        mapping(step)
    _marks()
    _clusters()
