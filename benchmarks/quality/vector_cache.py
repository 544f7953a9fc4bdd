"""Vectors of posts made before, so that a benchmark need not encode a million of them again.

A folder holds ``texts.parquet`` (column ``text``) and ``v000.npy``, ``v001.npy``, ... with the
vectors of the texts as they stand. crossfix encodes what a text says (`worded`), which moves its
vector a little: so only texts that are far from every segment are taken from the folder, the
others are encoded anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from crossfix.content.encoders import Encoder, Vectors
from crossfix.content.wording import worded

FAR = 0.33
"""Cosine with every segment below which a text is taken from the folder: 0.07 below the least
that is looked at; what `worded` moves a cosine by was 0.06 at most in 99 of 100 texts."""


class CachedEncoder:
    """An encoder that knows texts which lie far from some segments."""

    def __init__(self, encoder: Encoder, folder: Path, segments: Iterable[str]) -> None:
        self._encoder = encoder
        self.name, self.dimensions = encoder.name, encoder.dimensions
        given = encoder.encode([worded(text) for text in segments])
        parts = [np.load(path, mmap_mode="r") for path in sorted(folder.glob("v[0-9]*.npy"))]
        self.texts: list[str] = []
        """The texts whose vectors are there, as they were written."""
        self._place: dict[str, tuple[int, int]] = {}
        column = pq.read_table(folder / "texts.parquet", columns=["text"])["text"]
        start = 0
        for number, part in enumerate(parts):
            near = (part.astype(np.float32) @ given.T).max(axis=1)
            texts = column.slice(start, len(part)).to_pylist()
            self.texts.extend(texts)
            for row in np.flatnonzero(near < FAR).tolist():
                # What has no words (a link alone) has no vector, as every encoder has it.
                if (said := worded(texts[row])).strip():
                    self._place[said] = number, row
            start += len(part)
        self._parts = parts
        self.known = self.encoded = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        missing = []
        for row, text in enumerate(texts):
            place = self._place.get(text)
            if place is None:
                missing.append(row)
            else:
                vectors[row] = self._parts[place[0]][place[1]]
        vectors[missing] = self._encoder.encode([texts[row] for row in missing])
        self.known += len(texts) - len(missing)
        self.encoded += len(missing)
        return vectors
