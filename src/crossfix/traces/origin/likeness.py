"""How like a post is to a segment in meaning, in numbers that tell copies from the same topic.

A post on the same topic is near a segment as a whole. What tells a copy is that each sentence of
the segment is found again in it, and that it points the same way even when both are seen from the
middle of the response's other segments, which share the topic. Where the second encoder reads both
texts its cosine counts too, in standard deviations of what either text reaches with ordinary
sentences in the other's language (`crossfix.traces.origin.yardstick`); where only the second does,
it is all there is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crossfix.content.encoders import Vectors
from crossfix.content.floor import SPACELESS
from crossfix.content.script import variety_of
from crossfix.content.sentences import sentences
from crossfix.content.wording import worded
from crossfix.traces.origin.bridge import Bridge
from crossfix.traces.origin.passage import units
from crossfix.traces.origin.reading import Encoders
from crossfix.traces.origin.yardstick import LEAST_SPREAD, sentences_of

FIRST_FEATURES = ("cosine", "contrast", "recall", "length")
SECOND_FEATURES = ("recall", "precision", "contrast", "length")
"""What a pair is judged by, where the first encoder reads it and where only the second does."""

Numbers = NDArray[np.float64]

LONG_ENOUGH = 150
"""Letters from which a text says so much that its length says nothing more."""

_BEGINNING, _SHORT = 5, 2

_DENSER = 1.4
"""Letters more that a letter stands for where words are not spaced."""

_SPACELESS = re.compile(f"[{SPACELESS}]")


class Response:
    """The segments of one response, as encoders read them."""

    def __init__(self, texts: Sequence[str], encoders: Encoders) -> None:
        self.texts = [worded(text) for text in texts]
        self.lengths = [length_of(text) for text in self.texts]
        voices = [encoders.voices(text) for text in self.texts]
        # Segments without a letter of their own are read as their siblings are.
        self.first = sum(v.first for v in voices) * 2 > len(voices)
        self.second = sum(v.second for v in voices) * 2 > len(voices)
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
        if (segment, second) not in self._sentences:
            said = sentence_texts(self.texts[segment])
            self._sentences[segment, second] = self._encoders.many(said, second=second)
        return self._sentences[segment, second]


class Likeness:
    """Measures posts, as `worded` gives them, against the segments of a response."""

    def __init__(self, encoders: Encoders) -> None:
        self._encoders = encoders
        self._yards: dict[str, Vectors] = {}

    def cosines(self, said: str, response: Response) -> Numbers:
        """Return the first encoder's cosines of a post and each segment."""
        found = response.vectors(second=False) @ self._encoders.one(said)
        return found.astype(np.float64)

    def by_first(self, said: str, response: Response, segments: Sequence[int]) -> Numbers:
        """Return the numbers of `FIRST_FEATURES`, a row for each of some segments."""
        whole = self._encoders.one(said)
        pieces = np.vstack([self._encoders.many(sentence_texts(said)), whole])
        recalls = [
            float((response.sentences(at, second=False) @ pieces.T).max(axis=1).mean())
            for at in segments
        ]
        vectors, at = response.vectors(second=False), list(segments)
        cosines, contrast = (vectors @ whole)[at], contrasts(vectors, whole)[at]
        return np.column_stack([cosines, contrast, recalls, shortness(said, response)[at]])

    def lift(self, said: str, response: Response, segment: int) -> float:
        """Return how much nearer the second encoder finds a pair than texts of no relation."""
        ours = self._encoders.one(response.texts[segment], second=True)
        theirs = self._encoders.one(said, second=True)
        mean, spread = self._usual(said, theirs, response.texts[segment], ours)
        return float(((float(ours @ theirs) - mean) / spread).mean())

    def by_second(self, said: str, response: Response) -> Numbers:
        """Return the numbers of `SECOND_FEATURES`, a segment a row."""
        whole = self._encoders.one(said, second=True)
        post = self._encoders.many(sentence_texts(said), second=True)
        pieces = np.vstack([post, whole])
        rows = []
        for number, vector in enumerate(response.vectors(second=True)):
            own = response.sentences(number, second=True)
            mean, spread = self._usual(said, whole, response.texts[number], vector)
            recall = float((own @ pieces.T).max(axis=1).mean())
            precision = float((post @ np.vstack([own, vector]).T).max(axis=1).mean())
            rows.append([float(((v - mean) / spread).mean()) for v in (recall, precision)])
        contrast = contrasts(response.vectors(second=True), whole)
        return np.column_stack([np.array(rows), contrast, shortness(said, response)])

    def across(self, said: str, response: Response, bridge: Bridge) -> Numbers:
        """Return cosine and contrast, a segment a row, of a post that only the second encoder reads
        and segments that only the first does."""
        post = bridge.crossed(self._encoders.many([said], second=True))[0]
        segments = bridge.centred(response.vectors(second=False))
        cosines = (segments @ post).astype(np.float64)
        return np.column_stack([cosines, contrasts(segments, post)])

    def _usual(
        self, said: str, theirs: NDArray[np.float32], text: str, ours: NDArray[np.float32]
    ) -> tuple[Numbers, Numbers]:
        """Return mean and spread of what post and segment reach with sentences of no relation."""
        reached = (self._yard(text) @ theirs, self._yard(said) @ ours)
        mean = np.array([values.mean() for values in reached], dtype=np.float64)
        spread = np.array([max(float(values.std()), LEAST_SPREAD) for values in reached])
        return mean, spread

    def _yard(self, text: str) -> Vectors:
        variety = variety_of(text)
        if variety not in self._yards:
            self._yards[variety] = self._encoders.many(sentences_of(variety), second=True)
        return self._yards[variety]


def sentence_texts(said: str) -> list[str]:
    """Return the sentences of a text, or the text itself where it has none."""
    return [sentence.text for sentence in sentences(said)] or [said]


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


def overlap(said: str, segment: str) -> float:
    """Return the share of words that two texts have in common, of those of the text with fewer.

    Words are compared by how they begin, short ones are passed over; where words are not spaced,
    pairs of characters are.
    """
    ours, theirs = _beginnings(said), _beginnings(segment)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def _beginnings(said: str) -> frozenset[str]:
    found = units(said)
    words = [unit for unit in found if len(unit) > 1]
    if 2 * len(words) < len(found):
        return frozenset(a + b for a, b in pairwise(found))
    return frozenset(w[:_BEGINNING] for w in words if len(w) > _SHORT or w.isdigit())


def shortness(said: str, response: Response) -> Numbers:
    """Return for each segment how short the shorter of it and the post is: 0 or negative."""
    mine = length_of(said)
    shorter = [min(mine, theirs, LONG_ENOUGH) for theirs in response.lengths]
    return np.log(np.array(shorter) / LONG_ENOUGH)


def length_of(said: str) -> float:
    """Return the letters of a text; where words are not spaced each counts for more."""
    return max(1.0, len(said) + _DENSER * len(_SPACELESS.findall(said)))
