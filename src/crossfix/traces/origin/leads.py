"""Which outputs a post may mean, found by the nearest segments: quickly, and generously."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from crossfix.content.encoders import Vectors
from crossfix.content.script import variety_of
from crossfix.traces.origin.across import LEAST_ACROSS, Across
from crossfix.traces.origin.cells import FROM, Cells
from crossfix.traces.origin.index import OutputIndex
from crossfix.traces.origin.judgement import CROWD_BELOW, CROWD_FROM, FEW_SEGMENTS
from crossfix.traces.origin.nearest import Near, nearest
from crossfix.traces.origin.reading import Encoders
from crossfix.traces.origin.yardstick import LEAST_SPREAD, sentences_of
from crossfix.traces.shingles import I64

LEAST_COSINE = 0.40
"""Cosine of the first encoder below which a pair is not looked at any closer."""

LEAST_LIFT = 1.0
"""The same of the second one, in standard deviations of what a post reaches with sentences in the
segment's language that have nothing to do with it."""

_RISE = 0.033
"""How much nearer the nearest stranger is each time there are e times as many segments."""

_NEAR = 6
_REMEMBERED = 2_000_000


@dataclass(frozen=True)
class Lead:
    """A text, number ``at`` of those given, that is near segments of an output.

    ``across`` says that it was compared over a bridge, and is to be read by the second encoder.
    """

    at: int
    output: int
    cosine: float
    across: bool = False


class Leads:
    """Finds outputs near to texts, by the vectors of an index's segments.

    ``crowd`` counts for each segment that the first encoder reads the posts that were as near as
    strangers are. A text that led nowhere is encoded once, however often it is posted.
    """

    def __init__(self, index: OutputIndex, encoders: Encoders) -> None:
        self._index = index
        self._encoders = encoders
        self._vectors: dict[bool, tuple[I64, Vectors]] = {}
        self._cells: dict[bool, Cells] = {}
        self._nowhere: set[int] = set()
        self._strangers: set[int] = set()
        self.least = LEAST_COSINE + _RISE * math.log(max(1.0, len(index) / FEW_SEGMENTS))
        self.crowd: I64 = np.zeros(len(index), dtype=np.int64)
        self.encoded = 0
        self._across: Across | None = None

    @property
    def across(self) -> Across:
        """The segments that only the second encoder reads, compared over a bridge."""
        if self._across is None:
            read, vectors = self.segment_vectors(second=True)
            alone = np.isin(read, self.unread_by_first())
            self._across = Across(
                self._encoders, vectors[alone], self._index.output_of[read[alone]]
            )
        return self._across

    def segment_vectors(self, *, second: bool) -> tuple[I64, Vectors]:
        """Return the segments that an encoder reads, and their vectors; made when first asked."""
        if second not in self._vectors:
            every = self._index.vectors(self._encoders, second=second)
            read = np.flatnonzero(every.any(axis=1)).astype(np.int64)
            self._vectors[second] = read, np.ascontiguousarray(every[read])
        return self._vectors[second]

    def by_first(self, texts: Sequence[str]) -> list[Lead]:
        """Return what texts lead to by the first encoder."""
        hashes = [xxhash.xxh3_64_intdigest(text.encode("utf-8", "replace")) for text in texts]
        asked = [at for at, value in enumerate(hashes) if value not in self._nowhere]
        if not asked:
            return []
        hash_of = {texts[at]: hashes[at] for at in asked}
        unique = list(hash_of)
        self.encoded += len(unique)
        place = {text: row for row, text in enumerate(unique)}
        vectors = self._encoders.read(unique)
        self.across.learn(unique, vectors)
        across = self.across.near(vectors)
        near = self._nearest(vectors, second=False)
        self._count(near, list(hash_of.values()))
        best = near.cosines[:, :1].max(axis=1, initial=-1.0)
        if len(self._nowhere) < _REMEMBERED:
            calm = min(self.least, CROWD_FROM)
            self._nowhere.update(
                hashes[at] for at in asked
                if best[place[texts[at]]] < calm and place[texts[at]] not in across
            )  # fmt: skip
        led = np.flatnonzero(best >= self.least)
        for row in led.tolist():
            self._encoders.keep(unique[row], vectors[row].copy())
        outputs = {int(row): self._outputs(near, int(row), False, self.least) for row in led}
        return [
            Lead(at, output, cosine, crossed)
            for at in asked
            for crossed, of in ((False, outputs), (True, across))
            for output, cosine in of.get(place[texts[at]], {}).items()
        ]

    def by_second(self, texts: Sequence[str], *, alone: bool = False) -> list[Lead]:
        """Return the same by the second encoder; ``alone`` if only of what no other reads."""
        if self._encoders.second is None or not texts:
            return []
        vectors = self._encoders.many(texts, second=True)
        near = self._nearest(vectors, second=True)
        floors = self._floors(vectors)[np.arange(len(texts))[:, None], near.segments]
        if alone:
            read, _ = self.segment_vectors(second=True)
            other = np.isin(read, self.unread_by_first(), invert=True)
            floors = np.where(other[near.segments], np.inf, floors)
        return [
            Lead(at, output, cosine)
            for at in range(len(texts))
            for output, cosine in self._outputs(near, at, True, floors[at]).items()
        ]

    def by_bridge(self, texts: Sequence[str]) -> list[Lead]:
        """Return what texts that the first encoder does not read lead to, of what it alone does."""
        read, vectors = self.segment_vectors(second=False)
        alone = np.isin(read, self.segment_vectors(second=True)[0], invert=True)
        if not alone.any() or (bridge := self.across.bridge()) is None:
            return []
        crossed = bridge.crossed(self._encoders.many(texts, second=True))
        cosines = crossed @ bridge.centred(vectors[alone]).T
        best: dict[tuple[int, int], float] = {}
        for at, segment in np.argwhere(cosines >= LEAST_ACROSS).tolist():
            to = at, int(self._index.output_of[read[alone][segment]])
            best[to] = max(float(cosines[at, segment]), best.get(to, -1.0))
        return [Lead(at, output, cosine) for (at, output), cosine in best.items()]

    def _floors(self, vectors: Vectors) -> NDArray[np.float64]:
        """Return the least cosine of each text with each segment that the second encoder reads."""
        read, _ = self.segment_vectors(second=True)
        varieties = [variety_of(self._index.segments[at].text) for at in read.tolist()]
        floors = np.empty((len(vectors), len(read)))
        for variety in dict.fromkeys(varieties):
            yard = self._encoders.many(sentences_of(variety), second=True)
            usual = vectors @ yard.T
            floor = usual.mean(axis=1) + LEAST_LIFT * np.maximum(usual.std(axis=1), LEAST_SPREAD)
            floors[:, [v == variety for v in varieties]] = floor[:, None]
        return floors

    def unread_by_first(self) -> I64:
        """Return the segments that the first encoder does not read."""
        return np.setdiff1d(np.arange(len(self._index)), self.segment_vectors(second=False)[0])

    def _count(self, near: Near, hashes: Sequence[int]) -> None:
        """Count texts near to segments as strangers are, each text once."""
        read, _ = self.segment_vectors(second=False)
        strange = (near.cosines >= CROWD_FROM) & (near.cosines < CROWD_BELOW)
        for row in np.flatnonzero(strange.any(axis=1)).tolist():
            if hashes[row] not in self._strangers:
                self._strangers.add(hashes[row])
                np.add.at(self.crowd, read[near.segments[row][strange[row]]], 1)

    def _outputs(
        self, near: Near, row: int, second: bool, floor: float | NDArray[np.float64]
    ) -> dict[int, float]:
        read, _ = self.segment_vectors(second=second)
        kept: NDArray[np.bool_] = near.cosines[row] >= floor
        found, cosines = read[near.segments[row][kept]], near.cosines[row][kept]
        best: dict[int, float] = {}
        for output, cosine in zip(self._index.output_of[found].tolist(), cosines.tolist(),
                                  strict=True):  # fmt: skip
            best.setdefault(output, cosine)
        return best

    def _nearest(self, vectors: Vectors, *, second: bool) -> Near:
        """Return the nearest segments that an encoder reads: exactly, or by cells of very many."""
        _, of_segments = self.segment_vectors(second=second)
        if len(of_segments) < FROM:
            return nearest(vectors, of_segments, _NEAR)
        if second not in self._cells:
            self._cells[second] = Cells(of_segments)
        return self._cells[second].nearest(vectors, _NEAR)
