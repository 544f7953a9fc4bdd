"""What of a text is compared: the hashes of its short runs of words.

A text is cut into units: words or, in scripts written without spaces, single characters;
punctuation and symbols only separate. A shingle is a run of `WORDS` words, or of `CHARACTERS`
units where most units are characters. This file defines the hashes in NumPy; `kernel` computes
the same bits for large inputs, `shingle_one` says it slowly for one text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.text_bytes import bytes_of

WORDS = 2
CHARACTERS = 4
"""Runs this short survive edits: with one word in ten changed, two copies of a 14-word text have
about half of their pairs of words in common, but only a third of their triples."""

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

_MASK = (1 << 64) - 1
PRIME = 0x100000001B3
SPAN = 64
"""Powers of the prime repeat after so many bytes of one word."""

POWERS: U64 = np.array([pow(PRIME, j, 1 << 64) for j in range(SPAN)], dtype=np.uint64)
PLACES: U64 = np.array(
    [pow(0x9E3779B97F4A7C15, j, 1 << 64) for j in range(1, CHARACTERS + 1)], dtype=np.uint64
)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)

SEPARATOR, WORD, CHARACTER = 0, 1, 2


@dataclass(frozen=True)
class Shingles:
    """The shingles of many texts: those of text i are ``hashes[offsets[i]:offsets[i + 1]]``.

    Within a text they are ascending and distinct.
    """

    hashes: U64
    offsets: I64

    def __len__(self) -> int:
        return len(self.offsets) - 1


def mix(x: U64) -> U64:
    """Spread the bits of hashes (the finaliser of SplitMix64)."""
    x = (x ^ (x >> np.uint64(30))) * MIX_1
    x = (x ^ (x >> np.uint64(27))) * MIX_2
    return x ^ (x >> np.uint64(31))


def class_of(lead: int, second: int) -> int:
    """Return what a character is, from the first two bytes of its UTF-8."""
    if lead < 0x80:
        alphanumeric = 0x30 <= lead <= 0x39 or 0x61 <= lead <= 0x7A
        return WORD if alphanumeric else SEPARATOR
    if lead == 0xE2 and second <= 0xAF:  # punctuation, arrows, symbols
        return SEPARATOR
    if lead == 0xC2:  # Latin-1 signs
        return SEPARATOR
    if lead == 0xE3 and second == 0x80:  # CJK punctuation
        return SEPARATOR
    if lead == 0xF0 and second == 0x9F:  # pictures
        return SEPARATOR
    spaceless = (
        0xE3 <= lead <= 0xE9  # Japanese, Chinese
        or (lead == 0xE0 and 0xB8 <= second <= 0xBB)  # Thai, Lao
        or (lead == 0xE1 and (0x80 <= second <= 0x82 or 0x9E <= second <= 0x9F))  # Burmese, Khmer
        or (lead == 0xEF and 0xA4 <= second <= 0xAB)  # compatibility ideographs
        or (lead == 0xF0 and second >= 0xA0)  # rare ideographs
    )
    return CHARACTER if spaceless else WORD


CLASSES: NDArray[np.uint8] = np.array(
    [[class_of(lead, second) for second in range(256)] for lead in range(256)], dtype=np.uint8
)


def shingle(texts: pa.Array) -> Shingles:
    """Return the shingles of folded texts (strings without nulls)."""
    data, offsets = bytes_of(texts)
    units, unit_offsets, lengths = _units(data, offsets)
    counts = np.diff(unit_offsets)
    runs = np.where(counts == 0, 0, np.maximum(counts - lengths + 1, 1))
    owner = np.repeat(np.arange(len(counts)), runs)
    first = np.concatenate([[0], np.cumsum(runs)])[:-1]
    start = np.arange(len(owner)) - first[owner] + unit_offsets[:-1][owner]
    length = np.minimum(lengths, counts)[owner]
    hashes = np.zeros(len(owner), dtype=np.uint64)
    for place in range(CHARACTERS):
        at = np.flatnonzero(length > place)
        hashes[at] += units[start[at] + place] * PLACES[place]
    return _sorted_and_distinct(mix(hashes), owner, len(counts))


def _units(data: NDArray[np.uint8], offsets: I64) -> tuple[U64, I64, I64]:
    """Return the hashes of all units, where each text's begin and end, its shingle length."""
    size = len(data)
    here = np.arange(size)
    lead = (data & 0xC0) != 0x80
    leads = np.maximum.accumulate(np.where(lead, here, 0)) if size else here
    second = np.append(data[1:], np.uint8(0)) if size else data
    kind = CLASSES[data, second][leads] if size else data
    begins = np.zeros(size, dtype=np.bool_)
    begins[offsets[:-1][offsets[:-1] < size]] = True
    before = np.concatenate([[SEPARATOR], kind[:-1]]) if size else kind
    after_word = (before == WORD) & ~begins
    starts = lead & ((kind == CHARACTER) | ((kind == WORD) & ~after_word))
    inside = kind != SEPARATOR
    start_at = np.flatnonzero(starts)
    begin = np.maximum.accumulate(np.where(starts, here, 0))[inside] if size else here
    values = (data[inside].astype(np.uint64) + np.uint64(1)) * POWERS[(here[inside] - begin) % SPAN]
    first = np.flatnonzero(starts[inside])
    hashes = mix(np.add.reduceat(values, first)) if len(first) else np.empty(0, dtype=np.uint64)
    unit_offsets = np.searchsorted(start_at, offsets).astype(np.int64)
    characters = np.concatenate([[0], np.cumsum(kind[start_at] == CHARACTER)])
    spaceless = np.diff(characters[unit_offsets]) * 2 > np.diff(unit_offsets)
    return hashes, unit_offsets, np.where(spaceless, CHARACTERS, WORDS)


def _sorted_and_distinct(hashes: U64, owner: I64, texts: int) -> Shingles:
    """Sort the shingles of each text and keep each once."""
    order = np.lexsort((hashes, owner))
    hashes, owner = hashes[order], owner[order]
    keep = np.ones(len(hashes), dtype=np.bool_)
    keep[1:] = (hashes[1:] != hashes[:-1]) | (owner[1:] != owner[:-1])
    counts = np.bincount(owner[keep], minlength=texts)
    return Shingles(hashes[keep], np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))


def shingle_one(text: str) -> list[int]:
    """Return the shingles of one folded text: the slow twin of `shingle`."""
    units: list[int] = []
    characters = 0
    previous = SEPARATOR
    word = b""
    for char in text + " ":
        raw = char.encode()
        kind = class_of(raw[0], raw[1] if len(raw) > 1 else 0)
        if previous == WORD and kind != WORD:
            units.append(_hash_unit(word))
            word = b""
        if kind == WORD:
            word += raw
        elif kind == CHARACTER:
            units.append(_hash_unit(raw))
            characters += 1
        previous = kind
    length = min(len(units), CHARACTERS if characters * 2 > len(units) else WORDS)
    runs = range(len(units) - length + 1) if units else ()
    return sorted({_hash_run(units[i : i + length]) for i in runs})


def _hash_unit(raw: bytes) -> int:
    return _mix_one(sum((b + 1) * int(POWERS[j % SPAN]) for j, b in enumerate(raw)))


def _hash_run(units: list[int]) -> int:
    return _mix_one(sum(h * int(p) for h, p in zip(units, PLACES, strict=False)))


def _mix_one(x: int) -> int:
    x &= _MASK
    x = ((x ^ (x >> 30)) * int(MIX_1)) & _MASK
    x = ((x ^ (x >> 27)) * int(MIX_2)) & _MASK
    return x ^ (x >> 31)
