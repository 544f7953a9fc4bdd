"""How like a post is to a segment in meaning, in numbers that tell copies from the same topic.

The same topic gives high cosines too. What tells a copy is what the topic does not explain: seen
from the middle of a response's other segments, which share the topic, post and segment still point
the same way. The second encoder's cosines say more about the language than about the meaning; there
they are counted in standard deviations of what other posts in the same language reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crossfix.content.encoders import Vectors
from crossfix.content.script import variety_of
from crossfix.content.sentences import sentences
from crossfix.content.wording import worded
from crossfix.traces.origin.reading import Encoders

FIRST_FEATURES = ("cosine", "contrast")
SECOND_FEATURES = ("rarity", "recall", "precision")
"""What a pair is judged by, where the first encoder reads it and where only the second does."""

Numbers = NDArray[np.float64]

PEERS = 48
"""Posts of one language that the second, slow encoder reads to learn what is usual there."""

_FEWEST_PEERS = 8


class Response:
    """The segments of one response, as encoders read them."""

    def __init__(self, texts: Sequence[str], encoders: Encoders) -> None:
        self.texts = [worded(text) for text in texts]
        voices = [encoders.voices(text) for text in self.texts]
        # Segments without a letter of their own are read as their siblings are.
        self.first = sum(v.first for v in voices) * 2 > len(voices)
        self.second = sum(v.second for v in voices) * 2 > len(voices)
        self._encoders = encoders
        self._vectors: dict[bool, Vectors] = {}
        self._sentences: dict[int, Vectors] = {}

    def vectors(self, *, second: bool) -> Vectors:
        """Return one vector a segment."""
        if second not in self._vectors:
            self._vectors[second] = self._encoders.many(self.texts, second=second)
        return self._vectors[second]

    def sentences(self, segment: int) -> Vectors:
        """Return the second encoder's vectors of a segment's sentences."""
        if segment not in self._sentences:
            said = [s.text for s in sentences(self.texts[segment])] or [self.texts[segment]]
            self._sentences[segment] = self._encoders.many(said, second=True)
        return self._sentences[segment]


class Likeness:
    """Measures posts against segments.

    ``segments`` are a sample of segments of many responses, ``posts`` posts by their language (as
    `variety_of` names it): how near these are to a text says what a cosine is worth.
    """

    def __init__(
        self, encoders: Encoders, segments: Sequence[str], posts: Mapping[str, Sequence[str]]
    ) -> None:
        self._encoders = encoders
        self._segments = [worded(text) for text in segments]
        self._posts = {name: [worded(text) for text in of] for name, of in posts.items()}

    def of(self, said: str, response: Response) -> tuple[bool, Numbers] | None:
        """Measure a post (as `worded` gives it) against each segment of a response.

        Returns:
            Whether the second encoder had to read it, and the numbers of `FIRST_FEATURES` or
            `SECOND_FEATURES`, a segment a row; None where no encoder reads both.
        """
        voices = self._encoders.voices(said)
        if voices.first and response.first:
            return False, self._by_first(said, response)
        if voices.second and response.second:
            return True, self._by_second(said, response)
        return None

    def _by_first(self, said: str, response: Response) -> Numbers:
        return numbers_of(self._encoders.one(said), response.vectors(second=False))

    def _by_second(self, said: str, response: Response) -> Numbers:
        vector = self._encoders.one(said, second=True)
        ours = response.vectors(second=True)
        cosines = (ours @ vector).astype(np.float64)
        usual = ours @ self._peers(said).T
        rarities = (cosines - usual.mean(axis=1)) / np.maximum(usual.std(axis=1), 0.02)
        return np.column_stack([rarities, self._coverage(said, vector, response)])

    def _peers(self, said: str) -> Vectors:
        """Return the vectors of other posts, of the same language as far as letters tell it."""
        alike = self._posts.get(variety_of(said), [])
        if len(alike) < _FEWEST_PEERS:
            alike = [text for of in self._posts.values() for text in of[:_FEWEST_PEERS]]
        chosen = [text for text in alike[:PEERS] if text != said] or self._segments or [said]
        return self._encoders.many(chosen, second=True)

    def _coverage(self, said: str, vector: NDArray[np.float32], response: Response) -> Numbers:
        """Return, a segment a row, how far its sentences are found in the post, and back."""
        background = self._encoders.many(self._segments or [said], second=True) @ vector
        mean, spread = float(background.mean()), max(float(background.std()), 0.01)
        pieces = [s.text for s in sentences(said)] or [said]
        post = self._encoders.many(pieces, second=True)
        all_of_post = np.vstack([post, vector])
        rows = []
        for number, whole in enumerate(response.vectors(second=True)):
            own = response.sentences(number)
            recall = (own @ all_of_post.T).max(axis=1).mean()
            precision = (post @ np.vstack([own, whole]).T).max(axis=1).mean()
            rows.append([(recall - mean) / spread, (precision - mean) / spread])
        return np.array(rows, dtype=np.float64)


def numbers_of(post: NDArray[np.float32], segments: Vectors) -> Numbers:
    """Return the numbers of `FIRST_FEATURES` of a post for the segments of one response."""
    return np.column_stack([(segments @ post).astype(np.float64), contrasts(segments, post)])


def contrasts(segments: Vectors, post: NDArray[np.float32]) -> Numbers:
    """Return the cosines of a post and each segment, both seen from the middle of its siblings.

    What a response is about all its segments share; what is left is what this one says of it.
    """
    if len(segments) < 2:
        return (segments @ post).astype(np.float64)
    middles = (segments.sum(axis=0) - segments) / (len(segments) - 1)
    ours, theirs = segments - middles, post - middles
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    products: Numbers = ((ours * theirs).sum(axis=1) / np.maximum(lengths, 1e-6)).astype(np.float64)
    return products
