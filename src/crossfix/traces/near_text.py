"""Texts that are nearly the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from crossfix.traces.columns import own_texts
from crossfix.traces.duplicates import cluster, sketch
from crossfix.traces.fingerprint import digest
from crossfix.traces.seen import Seen
from crossfix.traces.shingles import I64
from crossfix.traces.trace import Clusterer, Keys


class NearText(Clusterer):
    """Clusters of near-duplicate texts, each around one text that all others resemble.

    Every member is compared with the centre itself, so that a cluster cannot drift from text to
    text. The key is the least digest of a member: it does not depend on the order of events.
    """

    kind = "near_text"
    family = "text"
    phrase = "posted nearly the same text"

    def __init__(self) -> None:
        self._events = 0
        self._rows: list[I64] = []
        self._hashes: list[NDArray[np.uint64]] = []
        self._texts: list[pa.Array] = []
        self._seen = Seen()

    def add(self, events: pa.RecordBatch) -> None:
        """Keep the texts that were not seen before, and which event has which text."""
        texts = own_texts(events)
        raw = texts.values.cast(pa.binary()).to_pylist()
        hashes = np.fromiter(map(xxhash.xxh3_64_intdigest, raw), np.uint64, len(raw))
        new = self._seen.add(hashes)
        if new.any():
            self._texts.append(texts.values.filter(pa.array(new)))
        self._rows.append(texts.rows + self._events)
        self._hashes.append(hashes)
        self._events += events.num_rows

    def finish(self) -> Keys:
        """Return the cluster of each event whose text another event has, nearly or exactly."""
        rows = np.concatenate(self._rows) if self._rows else np.empty(0, dtype=np.int64)
        if not len(rows):
            return Keys(rows, pa.array([], pa.string()))
        hashes = np.concatenate(self._hashes)
        order, text_of, posts = np.unique(hashes, return_inverse=True, return_counts=True)
        texts = self._texts_by_hash(order)
        label = cluster(*sketch(texts), posts)
        size = np.zeros(len(label), dtype=np.int64)
        np.add.at(size, label, posts)
        label_of_row = label[text_of]
        shown = size[label_of_row] > 1
        chosen, at = np.unique(label_of_row[shown], return_inverse=True)
        names = pa.array(_least_digests(texts, label, chosen), pa.string())
        return Keys(rows[shown], names.take(pa.array(at)))

    def _texts_by_hash(self, order: NDArray[np.uint64]) -> pa.Array:
        """Return the distinct texts in ascending order of their hashes, whatever came first."""
        texts = pa.chunked_array(self._texts, pa.string()).cast(pa.large_string())
        flat = texts.combine_chunks()
        self._texts.clear()
        raw = flat.cast(pa.large_binary()).to_pylist()
        hashes = np.fromiter(map(xxhash.xxh3_64_intdigest, raw), np.uint64, len(raw))
        return flat.take(pa.array(np.argsort(hashes)))


def _least_digests(texts: pa.Array, label: I64, chosen: I64) -> list[str]:
    """Return the least digest of the members of each chosen cluster."""
    members = np.flatnonzero(np.isin(label, chosen))
    digests = [digest(text) for text in texts.take(pa.array(members)).to_pylist()]
    least: dict[int, str] = {}
    for name, value in zip(label[members].tolist(), digests, strict=True):
        if name not in least or value < least[name]:
            least[name] = value
    return [least[name] for name in chosen.tolist()]
