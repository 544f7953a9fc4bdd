"""Meaning inside a hunt: which of the texts that were kept say the same in other words.

An encoder takes a thousand times as long as all else that is done with a text, so that a budget of
texts is read. Whatever was not read is said.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.campaigns.gather import Gathered
from crossfix.campaigns.second_look import Means
from crossfix.content.encoders import Vectors
from crossfix.content.vectors import VectorIndex
from crossfix.content.wording import worded
from crossfix.counted import counted
from crossfix.network.reliability import GIVEN, RELIABILITY
from crossfix.traces.meaning import Wordings, chosen, clusters, wordings
from crossfix.traces.meaning.cluster import LEAST_BY_SECOND, LEAST_COSINE, NEIGHBOURS
from crossfix.traces.origin import Encoders
from crossfix.traces.origin.yardstick import above_usual
from crossfix.traces.trace import Keys

FEWEST = 2
"""Wordings without which there is nothing to compare."""

MOST_BY_SECOND = 600
"""Texts that the second encoder reads at most: it needs 20 to 120 ms for one."""

_BATCH = 4_096

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Meant:
    """Clusters of the same meaning: a key an event, and what was read, in a sentence."""

    keys: Keys
    said: str


def find_meant(gathered: Gathered, means: Means) -> Meant | None:
    """Cluster what the texts of an input mean; None where that was not wanted or is idle."""
    if "meaning" in means.without or not means.meant_texts:
        return None
    traces = gathered.traces
    said = wordings(traces.table, traces.code("text"), traces.code("near_text"))
    if len(said.key) < FEWEST:
        return None
    encoders, why = means.encoders()
    if encoders is None:
        return Meant(_keys(said, np.empty(0, np.int64), np.empty(0, np.int64)), _not_read(why))
    means.say("comparing what texts mean")
    weights = {c: RELIABILITY.get(kind, GIVEN) for c, kind in enumerate(traces.kinds)}
    read = chosen(said, traces.table, gathered.owners, gathered.times, means.meant_texts, weights)
    texts = [worded(text or "") for text in _texts(gathered, said.event[read])]
    readable = np.array([encoders.voices(text).first for text in texts], dtype=np.bool_)
    label = np.full(len(read), -1, dtype=np.int64)
    for rows, vectors, least in _spoken(texts, readable, encoders):
        label[rows] = _clustered(vectors, rows, least)
        readable[rows] = True
    told = _read(len(said.key), len(read), int(readable.sum()))
    return Meant(_keys(said, read[label >= 0], read[label[label >= 0]]), told)


def _spoken(
    texts: Sequence[str], first: NDArray[np.bool_], encoders: Encoders
) -> Iterator[tuple[Ints, Iterator[Vectors], float]]:
    """Yield, an encoder each, the rows that it reads, their vectors and what a cluster must reach.

    Where only the second encoder reads a text it is seen from what is usual in its letters.
    """
    rows = np.flatnonzero(first)
    yield rows, (
        encoders.read([texts[row] for row in rows[at : at + _BATCH].tolist()])
        for at in range(0, len(rows), _BATCH)
    ), LEAST_COSINE  # fmt: skip
    other = [row for row in np.flatnonzero(~first).tolist() if encoders.voices(texts[row]).second]
    kept = np.array(other[:MOST_BY_SECOND], dtype=np.int64)
    said = [texts[row] for row in kept.tolist()]
    yield kept, (above_usual(some, encoders) for some in [said] if some), LEAST_BY_SECOND


def _clustered(vectors: Iterator[Vectors], rows: Ints, least: float) -> Ints:
    """Return the row that stands for each text's cluster, -1 for none."""
    with tempfile.TemporaryDirectory(prefix="crossfix-") as folder:
        index: VectorIndex | None = None
        kept: list[Vectors] = []
        at = 0
        for some in vectors:
            if index is None:
                index = VectorIndex.open(Path(folder), encoder="", dimensions=some.shape[1])
            numbers = np.arange(at, at + len(some), dtype=np.int64)
            index.add(numbers, numbers, some)
            kept.append(some)
            at += len(some)
        if index is None:
            return np.empty(0, dtype=np.int64)
        label = clusters(index.nearest(np.concatenate(kept), NEIGHBOURS), least)
    return np.where(label >= 0, rows[label], -1)


def _texts(gathered: Gathered, events: Ints) -> list[str | None]:
    """Return the texts of events, in the order asked for."""
    ascending = np.argsort(events, kind="stable")
    found = gathered.spool.rows(events[ascending]).column("text")
    back = np.empty(len(events), dtype=np.int64)
    back[ascending] = np.arange(len(events))
    texts: list[str | None] = found.take(pa.array(back)).to_pylist()
    return texts


def _keys(said: Wordings, member: Ints, centre: Ints) -> Keys:
    """Return one key for every event whose wording is in a cluster: the least of its wordings'."""
    of = np.full(len(said.key), -1, dtype=np.int64)
    if len(member):
        centres, group = np.unique(centre, return_inverse=True)
        least = np.full(len(centres), len(said.key), dtype=np.int64)
        np.minimum.at(least, group, member)
        of[member] = least[group]
    rows = np.flatnonzero(of[said.of] >= 0)
    names = [f"{key:016x}" for key in said.key[of[said.of[rows]]].tolist()]
    return Keys(said.events[rows], pa.array(names, pa.string()))


def _not_read(why: str) -> str:
    reason = why.partition(", for ")[2] or why
    return f"what texts mean was not compared: {reason.rstrip('.')}"


def _read(every: int, read: int, readable: int) -> str:
    told = f"the meaning of {counted(readable, 'text')} was compared"
    if read < every:
        told += f", of {every:,} that differ (setting meaning.texts)"
    if readable < read:
        told += f"; {counted(read - readable, 'text')} of them the encoder cannot read"
    return told
