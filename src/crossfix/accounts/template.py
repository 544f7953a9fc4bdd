"""The template of a text: what stays when names, links, numbers, codes and letter case change.

"@ann Vote on 3 May! https://a.example" and "@bob vote on 7 may https://b.example" have one
template, and so have texts that differ in a code of letters and digits ("use K7F3Q today"); a
hashtag stays as it is. Templates are compared as 64-bit hashes; a text too short to tell is no
template.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.compiled import compiled

LEAST_BYTES = 24
"""A text that keeps fewer bytes than this has no template: "good morning" is everybody's."""

_SEED = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def templates(texts: pa.StringArray) -> NDArray[np.uint64]:
    """Return one hash a text (uint64); 0 where there is no text or too little of it."""
    return _hashes(texts, reduce=True)


def hashes(values: pa.StringArray) -> NDArray[np.uint64]:
    """Return one hash a string (uint64), of its bytes as they are; 0 for null and empty."""
    return _hashes(values, reduce=False)


def _hashes(values: pa.StringArray, *, reduce: bool) -> NDArray[np.uint64]:
    if len(values) == 0:
        return np.zeros(0, np.uint64)
    _, where, content = values.buffers()
    offsets = np.frombuffer(where, np.int32)[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(content, np.uint8) if content is not None else np.zeros(0, np.uint8)
    kernel = _reduced if reduce else _plain
    out: NDArray[np.uint64] = kernel(data, offsets)
    if values.null_count:
        out[values.is_null().to_numpy(zero_copy_only=False)] = 0
    return out


@compiled
def _finish(h: np.uint64) -> np.uint64:
    h = (h ^ (h >> np.uint64(32))) * _MIX
    h = h ^ (h >> np.uint64(29))
    return h if h != np.uint64(0) else np.uint64(1)


@compiled
def _plain(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> NDArray[np.uint64]:
    out = np.zeros(len(offsets) - 1, np.uint64)
    for row in range(len(out)):
        if offsets[row + 1] == offsets[row]:
            continue
        h = _SEED
        for at in range(offsets[row], offsets[row + 1]):
            h = (h ^ np.uint64(data[at])) * _PRIME
        out[row] = _finish(h)
    return out


@compiled
def _is_link(data: NDArray[np.uint8], at: int, end: int) -> bool:
    scheme = b"http"
    if end - at < 8:
        return False
    for i in range(4):
        if data[at + i] | 32 != scheme[i]:
            return False
    i = at + 4
    if data[i] | 32 == 115:  # https
        i += 1
    return bool(data[i] == 58 and data[i + 1] == 47 and data[i + 2] == 47)


@compiled
def _of_word(byte: np.uint8) -> bool:
    return bool(48 <= byte <= 57 or 97 <= byte | 32 <= 122 or byte >= 128)


@compiled
def _code_end(data: NDArray[np.uint8], at: int, end: int) -> int:
    """Return where a word of both letters and digits ends that begins here, or ``at``."""
    i, letters, digits = at, False, False
    while i < end and _of_word(data[i]):
        if 48 <= data[i] <= 57:
            digits = True
        else:
            letters = True
        i += 1
    return i if letters and digits else at


@compiled
def _reduced(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> NDArray[np.uint64]:
    out = np.zeros(len(offsets) - 1, np.uint64)
    for row in range(len(out)):
        at, end = offsets[row], offsets[row + 1]
        h, kept, gap, digits, inside = _SEED, 0, True, False, False
        while at < end:
            byte = data[at]
            if byte <= 32:
                gap, digits, inside = True, False, False
                at += 1
                continue
            if gap and (byte == 64 or _is_link(data, at, end)):  # @name, link
                while at < end and data[at] > 32:
                    at += 1
                continue
            if not inside:
                stop = _code_end(data, at, end)
                if stop > at:
                    at, byte = stop - 1, np.uint8(48)
            inside = _of_word(byte) or byte == 35
            at += 1
            if 48 <= byte <= 57:
                if digits:
                    continue
                digits, byte = True, np.uint8(48)
            else:
                digits = False
                if 65 <= byte <= 90:
                    byte = np.uint8(byte + 32)
                elif byte < 128 and not 97 <= byte <= 122 and byte != 35:  # punctuation, not #
                    continue
            if gap and kept:
                h = (h ^ np.uint64(32)) * _PRIME
            gap = False
            h = (h ^ np.uint64(byte)) * _PRIME
            kept += 1
        if kept >= LEAST_BYTES:
            out[row] = _finish(h)
    return out
