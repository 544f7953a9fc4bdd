"""The compiled twin of `entities`, for large batches: links, tags and names as places in texts.

It decides what plain text decides, which is nearly all of it; where a rule needs more of Unicode
(a tag in another script, a link with letters beyond ASCII, a bracket behind a link), it marks the
text and leaves it to the twin. Importing this module loads Numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossfix.compiled import compiled

URLS, TAGS, NAMES = range(3)
UNSURE = -1
"""Stands for the number of entities of a text that the twin has to read."""

LONGEST_LINK = 2_000
LONGEST_TAG = 140
LONGEST_NAME = 30

_TABLE = NDArray[np.bool_]


def _table(chars: str) -> _TABLE:
    table = np.zeros(256, dtype=np.bool_)
    table[[ord(char) for char in chars]] = True
    return table


_ALNUM: _TABLE = _table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_LETTER: _TABLE = _table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WORD: _TABLE = _ALNUM | _table("_")
_NO_LINK: _TABLE = _table('<>"') | (np.arange(256) <= ord(" "))
_TAIL: _TABLE = _table(".,;:!?'*_~|")
_CLOSING: _TABLE = _table(")]}")
_NO_TAG_AFTER: _TABLE = _table("&/#")
_NO_NAME_AFTER: _TABLE = _table(".@/&#")
_HTTP, _SLASHES, _SHORT, _CUT, _KELVIN = (
    np.frombuffer(word, dtype=np.uint8)
    for word in (b"http", b"://", b"t.co/", "…".encode(), "\u212a".encode())
)
_WIDE_HASH, _WIDE_AT = ord("＃"), ord("＠")
_SURE, _CUT_OFF, _ASK = range(3)


@compiled
def _at(text, i, end, word):  # type: ignore[no-untyped-def]
    """Tell whether a word stands here, in whatever case."""
    if i + len(word) > end:
        return False
    for j in range(len(word)):
        char = text[i + j]
        if char != word[j] and not (_LETTER[word[j]] and char == word[j] - 32):
            return False
    return True


@compiled
def _point(data, i, end):  # type: ignore[no-untyped-def]
    """Return the code point beyond ASCII that begins here and its bytes."""
    lead = np.int64(data[i])
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if i + length > end:
        return np.int64(0), 1
    point = lead & (0x1F if length == 2 else 0x0F if length == 3 else 0x07)
    for j in range(i + 1, i + length):
        point = point << 6 | np.int64(data[j]) & 0x3F
    return min(point, np.int64(0x10FFFF)), length


@compiled
def _link(data, i, end):  # type: ignore[no-untyped-def]
    """Return where the link that begins here stops (0: none does), and how sure that is."""
    if not _at(data, i, end, _HTTP):
        return 0, _SURE
    i += 4
    if i < end and data[i] == 0xC5:  # in any case, ſ is an s
        return 0, _ASK
    if i < end and (data[i] == ord("s") or data[i] == ord("S")):
        i += 1
    if not _at(data, i, end, _SLASHES):
        return 0, _SURE
    i += 3
    if _at(data, i, end, _SHORT):
        stop = i + 5
        while stop < end and _ALNUM[data[stop]]:
            stop += 1
        if stop > i + 5:
            if _at(data, stop, end, _CUT):
                return stop + 3, _CUT_OFF
            odd = stop < end and (data[stop] == 0xC4 or data[stop] == 0xC5)
            odd = odd or _at(data, stop, end, _KELVIN)  # in any case, letters from a to z
            return stop, _ASK if odd else _SURE
    stop = i
    while stop < end and not _NO_LINK[data[stop]]:
        if data[stop] >= 0x80:
            return stop, _ASK
        stop += 1
    if stop == i:
        return 0, _SURE
    return stop, _ASK if stop - i > LONGEST_LINK else _SURE


@compiled
def _trimmed(data, begin, stop):  # type: ignore[no-untyped-def]
    """Return where a link ends without the punctuation behind it, or -1 at a bracket."""
    while stop > begin and not _ALNUM[data[stop - 1]]:
        if _CLOSING[data[stop - 1]]:
            return -1
        if not _TAIL[data[stop - 1]]:
            break
        stop -= 1
    return stop


@compiled
def _tag(data, i, end, tagging):  # type: ignore[no-untyped-def]
    """Return where the tag that begins here stops (0: none does), or -1 for one to ask about."""
    stop = i
    letter = False
    while stop < end:
        char = data[stop]
        if char >= 0x80:
            point, _ = _point(data, stop, end)
            if tagging[point]:
                return -1
            break
        if not _WORD[char] or (
            (char == ord("h") or char == ord("H")) and _link(data, stop, end)[0]
        ):
            break
        letter = letter or _LETTER[char]
        stop += 1
    if stop - i > LONGEST_TAG:
        return -1
    return stop if letter else 0


@compiled
def _name(data, i, end, word):  # type: ignore[no-untyped-def]
    """Return where the name that begins here stops, or 0 if none does."""
    stop = i
    while stop < end:
        char = data[stop]
        if char >= 0x80:
            point, _ = _point(data, stop, end)
            if word[point]:
                return 0
            break
        if not _WORD[char] or (
            (char == ord("h") or char == ord("H")) and _link(data, stop, end)[0]
        ):
            if char == ord("@"):
                return 0
            break
        stop += 1
    return stop if 0 < stop - i <= LONGEST_NAME else 0


@compiled
def _lower(char):  # type: ignore[no-untyped-def]
    return char + 32 if ord("A") <= char <= ord("Z") else char


@compiled
def _add(data, spans, first, used, begin, stop, lower, most):  # type: ignore[no-untyped-def]
    """Note an entity if the text has none alike and not too many; return how many there are."""
    size = stop - begin
    if used - first > most:
        return used
    for k in range(first, used):
        if spans[k, 1] - spans[k, 0] != size:
            continue
        same = True
        for j in range(size):
            one, other = data[spans[k, 0] + j], data[begin + j]
            if one != other and not (lower and _lower(one) == _lower(other)):
                same = False
                break
        if same:
            return used
    spans[used, 0] = begin
    spans[used, 1] = stop
    return used + 1


@compiled
def _read(data, begin, end, word, tagging, spans, used, sure, most):  # type: ignore[no-untyped-def]
    """Note the entities of one text; ``used`` counts those noted, ``sure`` says which are."""
    urls, tags, names = used[URLS], used[TAGS], used[NAMES]
    links = 0
    in_word = False
    before = np.uint8(ord(" "))
    i = begin
    while i < end:
        char = data[i]
        if char >= 0x80:
            point, length = _point(data, i, end)
            if point in (_WIDE_HASH, _WIDE_AT):
                sure[TAGS] = sure[NAMES] = False
            in_word = word[point]
            before = np.uint8(ord(" "))
            i += length
            continue
        if char == ord("h") or char == ord("H"):
            stop, how = _link(data, i, end)
            if how == _ASK:
                sure[:] = False
                return
            if stop:
                links += 1
                last = _trimmed(data, i, stop) if how == _SURE else i
                if last < 0 or links > most:
                    sure[URLS] = False
                elif last - i > 10:
                    used[URLS] = _add(data, spans[URLS], urls, used[URLS], i, last, False, most)
                in_word = False
                before = np.uint8(ord(" "))
                i = stop
                continue
        elif char == ord("#") and not in_word and not _NO_TAG_AFTER[before]:
            stop = _tag(data, i + 1, end, tagging)
            if stop < 0:
                sure[TAGS] = False
            elif stop:
                used[TAGS] = _add(data, spans[TAGS], tags, used[TAGS], i + 1, stop, True, most)
        elif char == ord("@") and not in_word and not _NO_NAME_AFTER[before]:
            stop = _name(data, i + 1, end, word)
            if stop:
                used[NAMES] = _add(data, spans[NAMES], names, used[NAMES], i + 1, stop, True, most)
        in_word = _WORD[char]
        before = char
        i += 1


@compiled
def read(data, offsets, word, tagging, longest, most, spans, counts):  # type: ignore[no-untyped-def]
    """Note the entities of texts; return how many of each kind.

    Args:
        data, offsets: UTF-8 texts.
        word, tagging: for every code point, whether it is of a word, of a hashtag.
        longest: bytes of a text from which the twin has to read it; ``most`` entities likewise.
        spans: (kind, number, 2): where each entity begins and ends.
        counts: (kind, text): how many the text has, `UNSURE` where the twin has to say.
    """
    used = np.zeros(3, dtype=np.int64)
    before = np.zeros(3, dtype=np.int64)
    sure = np.empty(3, dtype=np.bool_)
    for row in range(len(offsets) - 1):
        before[:] = used
        sure[:] = offsets[row + 1] - offsets[row] <= longest
        if sure[0]:
            _read(data, offsets[row], offsets[row + 1], word, tagging, spans, used, sure, most)
        for kind in range(3):
            if not sure[kind] or used[kind] - before[kind] > most:
                used[kind] = before[kind]
                counts[kind, row] = UNSURE
            else:
                counts[kind, row] = used[kind] - before[kind]
    return used


@compiled
def spell(data, spans, prefix, lower, out, ends):  # type: ignore[no-untyped-def]
    """Write entities one after the other, each behind a prefix; return the bytes written."""
    used = 0
    for k in range(len(spans)):
        for char in prefix:
            out[used] = char
            used += 1
        for i in range(spans[k, 0], spans[k, 1]):
            out[used] = _lower(data[i]) if lower else data[i]
            used += 1
        ends[k] = used
    return used
