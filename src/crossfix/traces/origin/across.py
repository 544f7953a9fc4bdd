"""Which posts may mean segments that only the other encoder reads, seen across a bridge.

The second encoder is too slow for all posts. From the first of them a `Bridge` is learned, and over
it each segment that it alone reads is compared with every post at the price of a product. Segments
that it does not read are compared over it with the posts that it alone does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crossfix.content.encoders import Vectors
from crossfix.traces.origin.bridge import LEARNED_FROM, Bridge
from crossfix.traces.origin.reading import Encoders
from crossfix.traces.shingles import I64

LEAST_ACROSS = 0.30
"""Cosine across the bridge from which a post is looked at. Of a million real posts 5,000 came so
near to one of ten segments, and of 17 translations the farthest had .39."""

_SAYS_ENOUGH = 40
"""Letters of a text that a bridge is learned from."""


class Across:
    """Segments that only the second encoder reads, and the texts that a bridge is learned from."""

    def __init__(self, encoders: Encoders, segments: Vectors, output_of: I64) -> None:
        """Take the segments' vectors by the second encoder, and the output of each."""
        self._encoders = encoders
        self._segments, self._output_of = segments, output_of
        self._texts: dict[str, Vectors] = {}
        self._bridge: Bridge | None = None
        self._crossed = segments

    @property
    def learned(self) -> bool:
        """Whether posts are compared: what came before that was not."""
        return self._bridge is not None

    @property
    def enough(self) -> bool:
        """Whether there are, or were, texts enough to learn a bridge from."""
        return self.learned or len(self._texts) == LEARNED_FROM

    def learn(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep texts and their vectors by the first encoder, until they are enough to learn from.

        If there are segments to compare, the bridge is learned at once, else when it is asked for.
        """
        if self.enough or self._encoders.second is None:
            return
        for text, vector in zip(texts, vectors, strict=True):
            if len(text) >= _SAYS_ENOUGH and self._encoders.voices(text).second:
                self._texts.setdefault(text, vector.copy())
            if len(self._texts) == LEARNED_FROM:
                break
        if len(self._segments):
            self.bridge()

    def bridge(self) -> Bridge | None:
        """Return the bridge, learned when first asked for; None while there are too few texts."""
        if self._bridge is None and self.enough and self._encoders.second is not None:
            second = self._encoders.second.encode(list(self._texts))
            self._bridge = Bridge(second, np.stack(list(self._texts.values())))
            if len(self._segments):
                self._crossed = self._bridge.crossed(self._segments)
            self._texts.clear()
        return self._bridge

    def near(self, vectors: Vectors) -> dict[int, dict[int, float]]:
        """Return for each row that comes near which outputs it may mean, with their cosines."""
        if self._bridge is None or not len(self._segments):
            return {}
        cosines = self._bridge.centred(vectors) @ self._crossed.T
        found: dict[int, dict[int, float]] = {}
        for row, segment in np.argwhere(cosines >= LEAST_ACROSS).tolist():
            of, output = found.setdefault(row, {}), int(self._output_of[segment])
            of[output] = max(float(cosines[row, segment]), of.get(output, -1.0))
        return found
