"""The compiled step of `glance`: a text in ASCII folded, cut into words and held against tables.

Branches that a text decides cost more than all else here, so that there are none in the loops
over bytes: what may be needed is written, and kept by moving the end on, or not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossfix.compiled import compiled
from crossfix.matching.glance_table import (
    AT_FIRST,
    AT_HEADS,
    AT_LITERAL_HEADS,
    AT_LITERALS,
    AT_NEAR,
    BITS,
    HIGH_FACTOR,
    LENGTHS,
    LITERAL_BITS,
    LITERALS,
    LOW_FACTOR,
    MASKS_HIGH,
    MASKS_LOW,
    NEAR,
    SPREAD,
    STRINGS,
)
from crossfix.traces.kernel import _mix
from crossfix.traces.minhash import PERMUTATIONS
from crossfix.traces.shingles import PLACES, POWERS, SPAN, WORDS

_KINDS: NDArray[np.uint8] = np.zeros(256, dtype=np.uint8)
_KINDS[[ord(char) for char in "abcdefghijklmnopqrstuvwxyz0123456789"]] = 1
_KINDS[ord("_")] = 2
"""Of what words are made whose hashes are compared; then, of what besides a name goes on."""

_ROOM = 16
_ZERO, _ONE = np.uint64(0), np.uint64(1)
_LAST = np.uint64(SPAN - 1)
_SHIFT = np.uint64(64 - BITS)
_LITERAL_SHIFT = np.uint64(64 - LITERAL_BITS)
_FOUR = np.uint64(0xFFFFFFFF)


@compiled
def _folded(raw, out):  # type: ignore[no-untyped-def]
    """Write the plain form of a text, with zeros behind it; return its length."""
    size = len(raw)
    gone = False
    for i in range(size):  # in vectors of the processor, as is the next
        char = raw[i]
        upper = (char >= ord("A")) & (char <= ord("Z"))
        blank = (char >= 0x09) & (char <= 0x0D)
        left = (char < 0x20) | (char == 0x7F) | (char == 0x27) | (char == 0x22) | (char == 0x60)
        folded = np.uint8(char | 0x20) if upper else char
        folded = np.uint8(0) if left else folded
        folded = np.uint8(0x20) if blank else folded
        out[i] = folded
        gone |= folded == 0
    out[size : size + _ROOM] = 0
    for i in range(size):
        gone |= (out[i] == 0x20) & ((out[i + 1] == 0x20) | (out[i + 1] == 0))
    return _closed_up(out, size) if gone or out[0] == 0x20 else size


@compiled
def _closed_up(out, size):  # type: ignore[no-untyped-def]
    """Take what is left out and spaces too many out of a text in place; return its length."""
    space = np.uint64(0x20)
    count = _ZERO
    last = space
    for i in range(size):
        char = np.uint64(out[i])
        out[count] = np.uint8(char)
        count += np.uint64((char != _ZERO) & ((char != space) | (last != space)))
        last = char if char != _ZERO else last
    if count and out[count - _ONE] == 0x20:
        count -= _ONE
    end = np.int64(count)
    out[end : end + _ROOM] = 0
    return end


@compiled
def _has_more(out, count):  # type: ignore[no-untyped-def]
    """Tell whether a plain text may have links, mentions or markup, which folding takes out."""
    found = False
    for i in range(count):
        char = out[i]
        found |= (char == ord("&")) | (char == ord("<")) | (char == ord(">")) | (char == ord("@"))
        found |= (char == ord("/")) & (out[i + 1] == ord("/"))
        found |= (char == ord("w")) & (out[i + 1] == ord("w")) & (out[i + 2] == ord("w"))
    return found


@compiled
def _cut(out, count, units, borders):  # type: ignore[no-untyped-def]
    """Write the words' hashes, not mixed yet, and where words and names may begin; count both."""
    words = _ZERO
    many = _ONE
    borders[0] = 0
    value = _ZERO
    place = _ZERO
    kind = np.uint64(_KINDS[out[0]])
    for i in range(count):
        following = np.uint64(_KINDS[out[i + 1]])
        inside = kind & _ONE
        kept = _ZERO - inside  # all bits or none
        value = (value + (np.uint64(out[i]) + _ONE) * POWERS[place & _LAST]) & kept
        place = (place + _ONE) & kept
        units[words] = value
        words += inside & (following ^ _ONE)
        borders[many] = i + 1
        many += ((kind | kind >> _ONE) & _ONE) ^ _ONE
        kind = following
    return words, many


@compiled
def _marked(table, value, shift):  # type: ignore[no-untyped-def]
    place = value >> shift
    return (table[place >> np.uint64(6)] >> (place & np.uint64(63))) & np.uint64(1)


@compiled
def _eight(out, at):  # type: ignore[no-untyped-def]
    """Return eight bytes from a place on, the first the lowest."""
    value = np.uint64(0)
    for i in range(8):
        value |= np.uint64(out[at + i]) << np.uint64(8 * i)
    return value


@compiled
def _begins(out, at, table, shift):  # type: ignore[no-untyped-def]
    """Tell whether a string that is marked may begin here."""
    low, high = _eight(out, at), _eight(out, at + 8)
    for i in range(len(LENGTHS)):
        value = (low & MASKS_LOW[i]) * LOW_FACTOR ^ (high & MASKS_HIGH[i]) * HIGH_FACTOR
        if (
            _marked(table, value, shift)
            and _marked(table, value * SPREAD, shift)
            and _marked(table, value * SPREAD * SPREAD, shift)
        ):
            return True
    return False


@compiled
def _strings(out, borders, many, first, heads):  # type: ignore[no-untyped-def]
    """Tell whether a string may begin where a word may."""
    for i in range(many):
        at = borders[i]
        if _marked(first, (_eight(out, at) & _FOUR) * LOW_FACTOR, _SHIFT) and _begins(
            out, at, heads, _SHIFT
        ):
            return True
    return False


@compiled
def _literals(out, count, first, heads, places):  # type: ignore[no-untyped-def]
    """Tell whether a literal may begin anywhere; ``places`` is room for a number a byte."""
    found = _ZERO
    window = _eight(out, 0) << np.uint64(8) & _FOUR
    for at in range(count - 3):
        window = window >> np.uint64(8) | np.uint64(out[at + 3]) << np.uint64(24)
        places[found] = at
        found += _marked(first, window * LOW_FACTOR, _LITERAL_SHIFT)
    answer = False
    for i in range(found):
        answer = answer or _begins(out, places[i], heads, _LITERAL_SHIFT)
    return answer


@compiled
def _near(units, count, bits):  # type: ignore[no-untyped-def]
    """Tell what `near_kernel.meets` tells, of units that are words."""
    count = np.int64(count)
    length = min(count, WORDS)
    many = count - length + 1 if count else 0
    mask = np.uint32(len(bits) * 64 - 1)
    found = _ZERO
    for first in range(many):
        value = np.uint64(0)
        for j in range(length):
            value += units[first + j] * PLACES[j]
        place = np.uint32(_mix(value) >> np.uint64(32)) & mask
        found += (bits[place >> np.uint32(6)] >> np.uint64(place & np.uint32(63))) & np.uint64(1)
    return found >= np.uint64(max(2, min(many, PERMUTATIONS) // 8))


@compiled
def glance(raw, table, asked):  # type: ignore[no-untyped-def]
    """Return what of that which is ``asked`` a text in ASCII may hold, as bits of `glance_table`.

    ``table`` has, one after the other: the first four bytes of strings and their beginnings, the
    same of literals, and the marks of near-duplicates' shingles.
    """
    out = np.empty(len(raw) + 2 * _ROOM, dtype=np.uint8)
    count = _folded(raw, out)
    units = np.empty(count // 2 + 2, dtype=np.uint64)
    places = np.empty(count + 2, dtype=np.int32)
    words, many = _cut(out, count, units, places)
    answer = 0
    if asked & NEAR:
        for i in range(words):
            units[i] = _mix(units[i])
        if _has_more(out, count) or _near(units, words, table[AT_NEAR:]):
            answer |= NEAR
    if asked & STRINGS and _strings(
        out, places, many, table[AT_FIRST:AT_HEADS], table[AT_HEADS:AT_LITERALS]
    ):
        answer |= STRINGS
    if asked & LITERALS and _literals(
        out, count, table[AT_LITERALS:AT_LITERAL_HEADS], table[AT_LITERAL_HEADS:AT_NEAR], places
    ):
        answer |= LITERALS
    return answer
