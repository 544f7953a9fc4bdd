"""How texts are taken to the encoders: which encoder reads which, and what is encoded of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
import xxhash
from numpy.typing import NDArray

from crossfix.content.encoders import Encoder, Vectors
from crossfix.content.script import variety_of
from crossfix.content.sentences import sentences

READ_BY_FIRST = frozenset({"latin", "cyrillic", "arabic", "han", "kana", "hangul", "thai", "greek"})
"""Scripts, and languages known by their letters, that the first encoder reads as measured."""

NOT_READ_BY_SECOND = frozenset({"han", "kana"})
"""Those in which the second encoder's tokenizer fails."""

_KEPT = 200_000


@dataclass(frozen=True)
class Voices:
    """Which encoders read a text."""

    first: bool
    second: bool


class Encoders:
    """The encoder of most languages and, where it is installed, that of the others.

    Vectors of texts that come again (sentences, segments) are kept, up to a bound.
    """

    def __init__(self, first: Encoder, second: Encoder | None, *, everything: bool = False) -> None:
        """Take the encoders; ``everything`` says that the first one reads every language."""
        self.first, self.second = first, second
        self._everything = everything
        self._kept: dict[tuple[int, str], Vectors] = {}
        self._read: dict[int, Vectors] = {}
        self.remember = 0
        """Texts whose vectors `read` keeps at most, for whoever reads the same texts again."""

    def voices(self, text: str) -> Voices:
        """Tell which encoders read a text, from its letters."""
        variety = variety_of(text)
        if not variety:
            return Voices(False, False)
        first = self._everything or variety in READ_BY_FIRST
        second = self.second is not None and variety not in NOT_READ_BY_SECOND
        return Voices(first, second)

    def one(self, text: str, *, second: bool = False) -> NDArray[np.float32]:
        """Return the vector of one text by the first or the second encoder, kept for next time."""
        found: NDArray[np.float32] = self.many([text], second=second)[0]
        return found

    def read(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts by the first encoder; those remembered are not read again."""
        if not self.remember:
            return self.first.encode(texts)
        names = [xxhash.xxh3_64_intdigest(text.encode("utf-8", "replace")) for text in texts]
        missing = {name: text for name, text in zip(names, texts, strict=True)
                   if name not in self._read}  # fmt: skip
        new = dict(zip(missing, self.first.encode(list(missing.values())), strict=True))
        room = max(0, self.remember - len(self._read))
        self._read.update(islice(new.items(), room))
        width = self.first.dimensions
        found = [self._read[name] if name in self._read else new[name] for name in names]
        return np.stack(found) if found else np.zeros((0, width), dtype=np.float32)

    def keep(self, text: str, vector: Vectors) -> None:
        """Keep a vector by the first encoder that was made elsewhere."""
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[0, text] = vector

    def many(self, texts: Sequence[str], *, second: bool = False) -> Vectors:
        """Return the vectors of texts that come again."""
        encoder = self.second if second else self.first
        width = 0 if encoder is None else encoder.dimensions
        if not texts:
            return np.zeros((0, width), dtype=np.float32)
        if encoder is None:
            raise ValueError("there is no second encoder")
        found = {text: v for text in texts
                 if (v := self._kept.get((int(second), text))) is not None}  # fmt: skip
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            if len(self._kept) + len(missing) > _KEPT:
                self._kept.clear()
            for text, vector in zip(missing, encoder.encode(missing), strict=True):
                found[text] = self._kept[int(second), text] = vector
        return np.stack([found[text] for text in texts])


LONG = 280
"""Characters from which a text may hold somebody's words among others: it is read in pieces too."""

MOST_WINDOWS = 60


def windows(text: str) -> list[str]:
    """Return a long text's sentences, alone and with the next, in which a part may be found."""
    if len(text) < LONG:
        return []
    found = [sentence.text for sentence in sentences(text)]
    if len(found) < 3:
        return []
    pairs = [f"{a} {b}" for a, b in pairwise(found)]
    return [*found, *pairs][:MOST_WINDOWS]
