"""The compiled twin of `fold` and `floor`, for large columns; same bytes, one pass a text.

A character that no neighbour can combine with is folded alone: what becomes of it is looked up.
Texts with other characters (accents that stand apart, Hangul in parts, some vowels of Indic
scripts) are marked and left to the twin. Importing this module loads Numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossfix.compiled import compiled

U8 = NDArray[np.uint8]

UNKNOWN, DEPENDS = -1, -2
"""Stand for the place of a character's folded form, where it has none (yet)."""

_AND, _AT, _LINK, _GAP = 1, 2, 4, 8
_SIGNS: U8 = np.zeros(256, dtype=np.uint8)
for _char, _flag in (("&", _AND | _GAP), ("<", _GAP), (">", _GAP), ("@", _AT), (":", _LINK),
                     (".", _LINK)):  # fmt: skip
    _SIGNS[ord(_char)] = _flag

_NAME: NDArray[np.bool_] = np.zeros(256, dtype=np.bool_)
_NAME[[ord(c) for c in "abcdefghijklmnopqrstuvwxyz0123456789_."]] = True

_SPACE = ord(" ")
_AMP, _QUOT, _APOS, _LT, _GT, _NBSP = (
    np.frombuffer(name, dtype=np.uint8)
    for name in (b"amp;", b"quot;", b"apos;", b"lt;", b"gt;", b"nbsp;")
)
_39, _039, _X27 = (np.frombuffer(name, dtype=np.uint8) for name in (b"#39;", b"#039;", b"#x27;"))
_HTTP, _SLASHES, _WWW = (np.frombuffer(name, dtype=np.uint8) for name in (b"http", b"://", b"www."))


@compiled
def _at(text, i, end, word):  # type: ignore[no-untyped-def]
    """Return the length of a word if it stands here, else 0."""
    if i + len(word) > end:
        return 0
    for j in range(len(word)):
        if text[i + j] != word[j]:
            return 0
    return len(word)


@compiled
def _point(data, i, end):  # type: ignore[no-untyped-def]
    """Return the code point that begins here and its bytes."""
    lead = np.int64(data[i])
    if lead < 0x80:
        return lead, 1
    if lead < 0xE0 or i + 2 >= end:
        if i + 1 >= end:
            return np.int64(0), 1
        return (lead & 0x1F) << 6 | np.int64(data[i + 1]) & 0x3F, 2
    point = (lead & 0x0F) << 12 | (np.int64(data[i + 1]) & 0x3F) << 6 | np.int64(data[i + 2]) & 0x3F
    if lead < 0xF0 or i + 3 >= end:
        return point, 3
    return (point << 6 | np.int64(data[i + 3]) & 0x3F) & 0x1FFFFF, 4


@compiled
def strange(data, places, found):  # type: ignore[no-untyped-def]
    """Write the characters beyond ASCII of UTF-8 text that have no place yet; return how many.

    One that comes again is written again. Where there is no more room, the rest is not read.
    """
    count = 0
    i = 0
    while i < len(data):
        if data[i] < 0x80:
            i += 1
            continue
        point, length = _point(data, i, len(data))
        if point < len(places) and places[point] == UNKNOWN:
            found[count] = point
            count += 1
            if count == len(found):
                return count
        i += length
    return count


@compiled
def _entities(text, begin, end):  # type: ignore[no-untyped-def]
    """Take out the entities of quotation marks; return where the text ends now."""
    to = begin
    i = begin
    while i < end:
        if text[i] == ord("&"):
            after = i + 1
            while _at(text, after, end, _AMP):
                after += 4
            length = _at(text, after, end, _QUOT) or _at(text, after, end, _APOS)
            length = length or _at(text, after, end, _39) or _at(text, after, end, _039)
            length = length or _at(text, after, end, _X27)
            if length:
                i = after + length
                continue
        text[to] = text[i]
        to += 1
        i += 1
    return to


@compiled
def _signs(text, begin, end):  # type: ignore[no-untyped-def]
    """Put spaces in place of the entities of other signs."""
    to = begin
    i = begin
    while i < end:
        if text[i] == ord("&"):
            after = i + 1
            while _at(text, after, end, _AMP):
                after += 4
            length = _at(text, after, end, _LT) or _at(text, after, end, _GT)
            length = length or _at(text, after, end, _NBSP)
            if length or after > i + 1:
                text[to] = _SPACE
                to += 1
                i = after + length
                continue
        text[to] = text[i]
        to += 1
        i += 1
    return to


@compiled
def _links(text, begin, end):  # type: ignore[no-untyped-def]
    """Put spaces in place of links."""
    to = begin
    i = begin
    while i < end:
        length = 0
        if text[i] == ord("h"):
            length = _at(text, i, end, _HTTP)
            if length:
                length += i + length < end and text[i + length] == ord("s")
                slashes = _at(text, i + length, end, _SLASHES)
                length = length + slashes if slashes else 0
        elif text[i] == ord("w"):
            length = _at(text, i, end, _WWW)
        stop = i + length
        while length and stop < end and ord("!") <= text[stop] <= ord("~"):
            stop += 1
        if stop > i + length:
            text[to] = _SPACE
            i = stop
        else:
            text[to] = text[i]
            i += 1
        to += 1
    return to


@compiled
def _mentions(text, begin, end):  # type: ignore[no-untyped-def]
    """Put spaces in place of mentions, unless they stand right behind a word or a mention."""
    to = begin
    i = begin
    free = True
    while i < end:
        if text[i] == ord("@") and free:
            stop = i
            while stop + 1 < end and text[stop] == ord("@"):
                after = stop + 1
                while after < end and (_NAME[text[after]] or text[after] == ord("-")):
                    after += 1
                if after == stop + 1:
                    break
                stop = after
            if stop > i:
                text[to] = _SPACE
                to += 1
                i = stop
                free = False
                continue
        free = not _NAME[text[i]]
        text[to] = text[i]
        to += 1
        i += 1
    return to


@compiled
def _gaps(text, begin, end):  # type: ignore[no-untyped-def]
    """Put one space in place of each run of spaces and such signs, none in front."""
    to = begin
    inside = True
    for i in range(begin, end):
        char = text[i]
        blank = char == _SPACE or char == ord("&") or char == ord("<") or char == ord(">")
        if not blank:
            text[to] = char
            to += 1
        elif not inside:
            text[to] = _SPACE
            to += 1
        inside = blank
    return to


@compiled
def _without_markup(text, begin, end, signs):  # type: ignore[no-untyped-def]
    """Strip a text in place of what its signs say it may have; return where it ends now."""
    before = end
    if signs & _AND:
        end = _entities(text, begin, end)
        end = _signs(text, begin, end)
    if signs & _LINK:
        end = _links(text, begin, end)
    if signs & _AT:
        end = _mentions(text, begin, end)
    if signs & _GAP or end < before:
        end = _gaps(text, begin, end)
    while end > begin and text[end - 1] == _SPACE:
        end -= 1
    return end


@compiled
def fold(data, offsets, places, lengths, forms, out, ends, left):  # type: ignore[no-untyped-def]
    """Write the folded texts one after the other; return the bytes written.

    Args:
        data, offsets: UTF-8 texts.
        places, lengths, forms: where in ``forms`` the folded form of a code point stands; first
            come those of ASCII, a byte each, 0 for what is left out.
        out: where folded texts go, ``ends`` where each ends.
        left: is set for texts that the twin has to fold; they are written as empty.
    """
    used = 0
    for row in range(len(offsets) - 1):
        begin = used
        i, end = offsets[row], offsets[row + 1]
        signs = np.uint8(0)
        last = np.uint8(_SPACE)
        while i < end:
            char = data[i]
            if char < 0x80:
                char = forms[char]
                i += 1
                if char:
                    signs |= _SIGNS[char]
                    if char == _SPACE and last == _SPACE:
                        signs |= np.uint8(_GAP)
                    out[used] = char
                    used += 1
                    last = char
                continue
            point, length = _point(data, i, end)
            i += length
            place = places[point] if point < len(places) else DEPENDS
            if place < 0:
                left[row] = True
                used = begin
                break
            for j in range(place, place + lengths[point]):
                last = forms[j]
                signs |= _SIGNS[last]
                out[used] = last
                used += 1
                if last == _SPACE:
                    signs |= np.uint8(_GAP)
        used = _without_markup(out, begin, used, signs)
        ends[row] = used
    return used


@compiled
def says_enough(data, offsets, spaceless, words, characters, letters):  # type: ignore[no-untyped-def]
    """Tell of folded texts what `floor.says_enough` tells.

    Args:
        spaceless: ranges of code points of scripts without spaces, (n, 2).
        words, characters, letters: the least numbers.
    """
    answer = np.zeros(len(offsets) - 1, dtype=np.bool_)
    for row in range(len(answer)):
        i, end = offsets[row], offsets[row + 1]
        before = np.uint8(_SPACE)
        said = int(i < end)
        size = 0
        found = 0
        while i < end:
            char = data[i]
            if char < 0x80:
                said += char == _SPACE
                said -= char == ord("#") and before == _SPACE
                size += 1
                before = char
                i += 1
                continue
            before = char
            size += 1
            point, length = _point(data, i, end)
            i += length
            if point >= spaceless[0, 0]:
                for j in range(len(spaceless)):
                    found += spaceless[j, 0] <= point <= spaceless[j, 1]
        answer[row] = (said >= words and size >= characters) or found >= letters
    return answer
