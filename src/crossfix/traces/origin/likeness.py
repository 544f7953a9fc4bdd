"""How like a post is to a segment in meaning, in numbers that tell copies from the same topic.

The same topic gives high cosines too. What tells a copy: it is nearer to one part of a response
than to the parts beside it, which share the topic, and than other posts are; sentence by sentence
it says the same, all of it and nothing else; and an encoder trained on other texts agrees.
Cosines of two encoders, or of two languages, are no common scale: each is counted in standard
deviations of what texts that have nothing to do with each other reach.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crossfix.content.encoders import Vectors
from crossfix.content.script import variety_of
from crossfix.content.sentences import sentences
from crossfix.content.wording import worded
from crossfix.traces.origin.reading import Encoders

FEATURES = (
    "cosine", "lift", "margin", "rarity", "recall", "least_recall", "precision",
    "least_precision", "second_lift", "second_margin", "second_rarity", "least_lift",
    "least_margin", "least_rarity", "length",
)  # fmt: skip
"""What a pair is judged by, in the order of `Likeness.of`'s numbers."""

Numbers = NDArray[np.float64]

_SAMPLE = 48
"""Posts of one language that the second, slow encoder reads to learn what is usual there."""


class Response:
    """The segments of one response, as encoders read them."""

    def __init__(self, texts: Sequence[str], encoders: Encoders) -> None:
        self.texts = [worded(text) for text in texts]
        self.voices = [encoders.voices(text) for text in self.texts]
        self._encoders = encoders
        self._vectors: dict[bool, Vectors] = {}
        self._sentences: dict[tuple[int, bool], Vectors] = {}

    def vectors(self, *, second: bool) -> Vectors:
        """Return one vector a segment."""
        if second not in self._vectors:
            self._vectors[second] = self._encoders.many(self.texts, second=second)
        return self._vectors[second]

    def sentences(self, segment: int, *, second: bool) -> Vectors:
        """Return the vectors of a segment's sentences."""
        key = (segment, second)
        if key not in self._sentences:
            said = [s.text for s in sentences(self.texts[segment])] or [self.texts[segment]]
            self._sentences[key] = self._encoders.many(said, second=second)
        return self._sentences[key]


class Likeness:
    """Measures posts against segments.

    ``segments`` are a sample of segments of many responses, ``posts`` one of posts: how near these
    are to a text says what a cosine is worth.
    """

    def __init__(self, encoders: Encoders, segments: Sequence[str], posts: Sequence[str]) -> None:
        self._encoders = encoders
        self._segments = [worded(text) for text in segments]
        self._posts: dict[str, list[str]] = {}
        for text in posts:
            said = worded(text)
            self._posts.setdefault(variety_of(said), []).append(said)
        self._all = [said for of in self._posts.values() for said in of]

    def of(self, text: str, response: Response) -> Numbers:
        """Return the numbers of `FEATURES` for a post and each segment of a response.

        They are no numbers (NaN) where no encoder reads the post.
        """
        said = worded(text)
        voices = self._encoders.voices(said)
        if not voices.first and not voices.second:
            return np.full((len(response.texts), len(FEATURES)), np.nan)
        main = not voices.first
        own = self._standing(said, response, second=main)
        other = own
        if voices.first and voices.second and all(v.second for v in response.voices):
            other = self._standing(said, response, second=True)
        covered = self._coverage(said, response, second=main)
        length = [abs(np.log((len(said) + 10) / (len(s) + 10))) for s in response.texts]
        return np.column_stack([
            *own, *covered.T, *other[1:], *(np.minimum(a, b) for a, b in zip(own[1:], other[1:],
            strict=True)), np.array(length),
        ])  # fmt: skip

    def _standing(
        self, said: str, response: Response, *, second: bool
    ) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """Return cosines and how far each stands out: of other segments, siblings, other posts."""
        vector = self._encoders.one(said, second=second)
        ours = response.vectors(second=second)
        cosines = (ours @ vector).astype(np.float64)
        mean, spread = self._usual(said, second)
        lifts = (cosines - mean) / spread
        margins = _margins(lifts)
        usual = ours @ self._peers(said, second).T if len(self._all) else np.zeros((len(ours), 1))
        rarities = (cosines - usual.mean(axis=1)) / np.maximum(usual.std(axis=1), 0.02)
        return cosines, lifts, margins, rarities

    def _usual(self, said: str, second: bool) -> tuple[float, float]:
        """Return mean and deviation of a text's cosines with the sample of segments."""
        if not self._segments:
            return 0.0, 1.0
        vector = self._encoders.one(said, second=second)
        cosines = self._encoders.many(self._segments, second=second) @ vector
        return float(cosines.mean()), max(float(cosines.std()), 0.01)

    def _peers(self, said: str, second: bool) -> Vectors:
        """Return the vectors of other posts, of the same language as far as letters tell it."""
        alike = self._posts.get(variety_of(said), [])
        sample = alike if len(alike) >= 8 else self._all
        return self._encoders.many([s for s in sample[:_SAMPLE] if s != said] or sample[:1],
                                   second=second)  # fmt: skip

    def _coverage(self, said: str, response: Response, *, second: bool) -> Numbers:
        """Return, a segment a row, how far sentences are found again: mean and least, both ways."""
        one = self._encoders.one
        mean, spread = self._usual(said, second)
        pieces = [s.text for s in sentences(said)] or [said]
        post = np.stack([one(piece, second=second) for piece in pieces])
        all_of_post = np.vstack([post, one(said, second=second)])
        rows = []
        for number in range(len(response.texts)):
            own = response.sentences(number, second=second)
            whole = response.vectors(second=second)[number]
            recall = ((own @ all_of_post.T).max(axis=1) - mean) / spread
            precision = ((post @ np.vstack([own, whole]).T).max(axis=1) - mean) / spread
            rows.append([recall.mean(), recall.min(), precision.mean(), precision.min()])
        return np.array(rows, dtype=np.float64)


def _margins(lifts: Numbers) -> Numbers:
    """Return how far each stands out of the best of the others."""
    if len(lifts) < 2:
        return lifts / 2
    best = np.argmax(lifts)
    rest = np.delete(lifts, best).max()
    margins: Numbers = lifts - lifts[best]
    margins[best] = lifts[best] - rest
    return margins
