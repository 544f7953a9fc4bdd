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

_FOREIGN = 1.15
"""Bytes a character from which a text is folded whole, not run by run."""

_KEPT = 64
"""Characters of a run up to which its folded form is kept for the next time."""

LONGEST_RUN = 30
"""Accents on one letter that are looked at (as in the stream-safe format of Unicode). Sorting a
run of them, which normalising does, takes time that grows with its square."""


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
        raw = text.encode()
        if b"\n" in raw and b"\n\n" in raw:  # one byte is found quickly, while two are not
            raw = raw.replace(b"\n\n", b"\n")
        raw = raw.translate(_ASCII, _ASCII_DELETED)
        while b"  " in raw:
            raw = raw.replace(b"  ", b" ")
        return raw.strip(b" ").decode()
    raw = text.encode("utf-8", "surrogatepass").translate(_ASCII, _CONTROLS)
    if len(raw) > len(text) * _FOREIGN:
        return single_spaced(_folded(raw.decode("utf-8", "surrogatepass")))
    raw = _folded_in_places(raw).translate(None, _QUOTES)
    while b"  " in raw:
        raw = raw.replace(b"  ", b" ")
    return raw.strip(b" ").decode()


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


def _folded_in_places(raw: bytes) -> bytes:
    """Fold the characters beyond ASCII, each run with the one before it, which may combine with it.

    What follows a run combines with nothing before, so that runs are folded alone.
    """
    beyond = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) > 0x7F)
    if not len(beyond):
        return raw
    breaks = np.flatnonzero(np.diff(beyond) > 1)
    starts = [int(beyond[0]), *beyond[breaks + 1].tolist()]
    ends = [*beyond[breaks].tolist(), int(beyond[-1])]
    parts: list[bytes] = []
    at = 0
    for start, last in zip(starts, ends, strict=True):
        start, end = max(at, start - 1), last + 1
        form = _form_of(raw[start:end].decode("utf-8", "surrogatepass"))
        parts += (raw[at:start], form.encode())
        at = end
    return b"".join((*parts, raw[at:]))


def _form_of(segment: str) -> str:
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
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


def without_links(plain_text: str) -> str:
    """Take out of a plain text what folding takes out: entities, links, mentions, markup."""
    text = plain_text
    if "&" in text:
        text = _stripped(_stripped(text, 0), 1)
    if (":" in text and "://" in text) or "www." in text:
        text = _stripped(text, 2)
    if "@" in text:
        text = _stripped(text, 3)
    if text is plain_text and "<" not in text and ">" not in text and "&" not in text:
        return text
    return _stripped(text, 4).strip(" ")


def _stripped(text: str, step: int) -> str:
    pattern, by = STEPS[step]
    return pattern.sub(by, text)


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
        form = _form_of(cluster[0])
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
