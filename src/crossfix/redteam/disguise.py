"""Texts that look as before and are other characters."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

LOOK_ALIKES = dict(zip("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ", strict=True))
"""Latin letters and Cyrillic ones that look the same."""

_INVISIBLE = "\u200b"
_LINK = re.compile(r"https?://\S+")


def disguised(table: pa.Table, share: float, seed: int) -> pa.Table:
    """Return posts with a ``share`` of letters swapped in each text, each post in its own way.

    A letter without a look-alike gets a space of no width behind it half as often. Links stay, for
    they have to work.
    """
    if not share:
        return table
    rng = np.random.default_rng([seed, 77])
    texts = [_one(text, share, rng) for text in table["text"].to_pylist()]
    at = table.schema.get_field_index("text")
    return table.set_column(at, "text", pa.array(texts, pa.string()))


def _one(text: str, share: float, rng: np.random.Generator) -> str:
    links = _LINK.findall(text)
    parts = [_swapped(part, share, rng) for part in _LINK.split(text)]
    return "".join(part + link for part, link in zip(parts, [*links, ""], strict=True))


def _swapped(text: str, share: float, rng: np.random.Generator) -> str:
    drawn = rng.random(len(text)).tolist()
    written = []
    for letter, chance in zip(text, drawn, strict=True):
        if chance < share and letter in LOOK_ALIKES:
            written.append(LOOK_ALIKES[letter])
        elif chance < share / 2 and letter.isalpha():
            written.append(letter + _INVISIBLE)
        else:
            written.append(letter)
    return "".join(written)
