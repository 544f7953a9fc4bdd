"""When each word was first said: names and numbers tell a copy from a text of the same frame.

"The bus near Orba is 3 minutes late" and "The bus near Grizel is 27 minutes late" are alike word
for word but where it counts. Where both texts have words there that nobody had said before the
first of them, and none of these in common, the one is not made from the other.
"""

from __future__ import annotations

from difflib import SequenceMatcher

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from crossfix.content.floor import SPACELESS
from crossfix.traces.shingles import I64

MISSPELT = 0.75
"""Likeness of two words from which the one may be the other with a mistake in it."""

_ENTRIES = 1 << 22
_NEVER = np.iinfo(np.int64).max
_AROUND = r"^[^\pL\pN]+|[^\pL\pN]+$"
_LONGEST = 24
_COMPARED = 400


class FirstSaid:
    """The time (microseconds) of the first text with each word, in a table of fixed size.

    Two words may share an entry: then the later one counts as said when the earlier one was.
    """

    def __init__(self) -> None:
        self._table = np.full(_ENTRIES, _NEVER, dtype=np.int64)

    def add(self, folded: pa.Array, times: I64) -> None:
        """Take in folded texts with their times."""
        words, rows = _words(folded)
        unique = words.dictionary_encode()
        first = np.full(len(unique.dictionary), _NEVER, dtype=np.int64)
        np.minimum.at(first, unique.indices.to_numpy(zero_copy_only=False), times[rows])
        entries = _entries(unique.dictionary)
        np.minimum.at(self._table, entries, first)

    def only_alike(self, segment: str, post: str, time: int) -> bool:
        """Tell whether two folded texts have the same frame with different words in it.

        ``time`` is when the segment was made. Only the stretches count that the texts align in.
        """
        words, rows = _words(pa.array([segment, post], pa.string()))
        split = int(np.searchsorted(rows, 1))
        new = self._table[_entries(words)] >= time
        said = words.to_pylist()
        ours, theirs = said[:split][:_COMPARED], said[split:][:_COMPARED]
        blocks = [b for b in SequenceMatcher(None, ours, theirs, False).get_matching_blocks()
                  if b.size]  # fmt: skip
        if not blocks:
            return False
        last = blocks[-1]
        of_ours = {
            w for at, w in enumerate(ours)
            if new[at] and blocks[0].a <= at < last.a + last.size
        }  # fmt: skip
        of_theirs = {
            w for at, w in enumerate(theirs)
            if new[split + at] and blocks[0].b <= at < last.b + last.size
        }  # fmt: skip
        return bool(of_ours and of_theirs) and not _in_common(of_ours, of_theirs)


def _in_common(ours: set[str], theirs: set[str]) -> bool:
    """Tell whether two texts have a word in common, be it misspelt; numbers must be the same."""
    if ours & theirs:
        return True
    words = [word for word in theirs if word.isalpha()]
    return any(
        SequenceMatcher(None, word, other, autojunk=False).ratio() >= MISSPELT
        for word in ours if word.isalpha() for other in words
        if abs(len(word) - len(other)) <= 2
    )  # fmt: skip


def _words(folded: pa.Array) -> tuple[pa.Array, I64]:
    """Return the words of texts and the text that each is of; none of scripts without spaces."""
    lists = pc.utf8_split_whitespace(folded)
    rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    words = pc.replace_substring_regex(pc.list_flatten(lists), _AROUND, "")
    length = pc.utf8_length(words)
    kept = pc.and_(pc.greater(length, 0), pc.less_equal(length, _LONGEST))
    kept = pc.and_not(kept, pc.match_substring_regex(words, f"[{_spaceless()}]"))
    return words.filter(kept), rows[kept.to_numpy(zero_copy_only=False)]


def _spaceless() -> str:
    """Return the ranges of scripts without spaces as RE2 writes them."""
    return "".join(char if char == "-" else f"\\x{{{ord(char):x}}}" for char in SPACELESS)


def _entries(words: pa.Array) -> I64:
    hashes = map(xxhash.xxh3_64_intdigest, words.cast(pa.binary()).to_pylist())
    made = np.fromiter(hashes, np.uint64, len(words))
    return (made & np.uint64(_ENTRIES - 1)).astype(np.int64)
