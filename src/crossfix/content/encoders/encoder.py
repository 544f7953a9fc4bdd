"""What every encoder of meaning is: texts in, one vector a text out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""One row a text, of length 1, so that a product of two is their cosine."""


class Encoder(Protocol):
    """Turns texts into vectors that are near where meanings are.

    The vector of a text depends on nothing but the text: not on what it is encoded with.
    """

    @property
    def name(self) -> str:
        """What made the vectors: those of two names are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text, each of length 1 (all zeros for a text without a word)."""
        ...


def of_length_one(vectors: Vectors) -> Vectors:
    """Scale vectors to length 1; what has no length or is no number becomes zeros."""
    vectors = np.nan_to_num(np.asarray(vectors, dtype=np.float32), posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return scaled
