"""Whether a folded text says enough to be somebody's own words rather than anybody's."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.text_bytes import bytes_of

LEAST_WORDS = 5
LEAST_SPACELESS_CHARACTERS = 12
LEAST_CHARACTERS = 15

COMPILED_FROM = 20_000
"""Number of texts from which the compiled twin is used: below, loading it is not worth it."""

SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Letters of scripts written without spaces, as ranges of a character class: Thai, Lao, Burmese,
Khmer, Japanese, Chinese."""


def says_enough(folded: pa.Array, compiled: bool | None = None) -> NDArray[np.bool_]:
    """Tell which folded texts have five words (hashtags aside) or, without spaces, 12 letters.

    Shorter texts ("good morning", "thank you so much") are equal by chance.
    """
    if len(folded) >= COMPILED_FROM if compiled is None else compiled:
        from crossfix.content import kernel

        data, offsets = bytes_of(folded)
        least = LEAST_WORDS, LEAST_CHARACTERS, LEAST_SPACELESS_CHARACTERS
        told: NDArray[np.bool_] = kernel.says_enough(data, offsets, _ranges(SPACELESS), *least)
        return told
    # Folded texts are trimmed and hold single spaces, so that counting spaces counts words.
    words = pc.subtract(
        pc.count_substring(folded, " "),
        pc.add(
            pc.count_substring(folded, " #"), pc.starts_with(folded, pattern="#").cast(pa.int32())
        ),
    )
    enough = pc.and_(
        pc.greater_equal(words, LEAST_WORDS - 1),
        pc.greater_equal(pc.utf8_length(folded), LEAST_CHARACTERS),
    )
    wide = pc.not_equal(pc.binary_length(folded), pc.utf8_length(folded))
    answer: NDArray[np.bool_] = enough.to_numpy(zero_copy_only=False).copy()
    rows = np.flatnonzero(wide.to_numpy(zero_copy_only=False) & ~answer)
    if len(rows):
        letters = pc.count_substring_regex(folded.take(pa.array(rows)), f"[{SPACELESS}]")
        answer[rows] = letters.to_numpy(zero_copy_only=False) >= LEAST_SPACELESS_CHARACTERS
    return answer


def _ranges(characters: str) -> NDArray[np.int64]:
    """Return the ranges of a character class as code points, first and last."""
    ends = [ord(char) for char in characters if char != "-"]
    return np.array(ends, dtype=np.int64).reshape(-1, 2)


def says_enough_one(folded: str) -> bool:
    """Tell the same of one folded text."""
    # Words without those that may be hashtags: mostly that tells it already, and quickly.
    if folded.count(" ") - folded.count("#") >= LEAST_WORDS and len(folded) >= LEAST_CHARACTERS:
        return True
    words = [word for word in folded.split(" ") if not word.startswith("#")]
    if len(words) >= LEAST_WORDS and len(folded) >= LEAST_CHARACTERS:
        return True
    return len(re.findall(f"[{SPACELESS}]", folded)) >= LEAST_SPACELESS_CHARACTERS
