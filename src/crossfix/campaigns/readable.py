"""Keys of traces as a person reads them, found again in the events that left them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.events import from_batch
from crossfix.traces.fingerprint import key_hashes
from crossfix.traces.given import given_keys
from crossfix.traces.registry import default_extractors
from crossfix.traces.trace import Extractor, Keys

_DIGEST = re.compile(r"(?:[a-z_]{1,20}:)?[0-9a-f]{32}")

LONGEST = 500
"""Longer keys are cut, with an ellipsis."""


def readable_keys(
    kind: str,
    keys: NDArray[np.uint64],
    events: pa.RecordBatch,
    extractors: Iterable[Extractor] | None = None,
) -> list[str]:
    """Return each key in words; ``events`` holds, row by row, an event that left it.

    The keys are extracted once more from the whole batch. A key that lies in no single event
    (a cluster of texts, a rhythm) is shown by its event's text, or else by its hash.
    """
    found: dict[int, str] = {}
    for extractor in default_extractors() if extractors is None else extractors:
        if extractor.kind == kind:
            found = _matching(kind, keys, extractor.extract(events))
            if type(extractor).readable is not Extractor.readable:
                found = _in_words(extractor, found, events)
    if len(found) < len(keys):
        found = {**_matching(kind, keys, given_keys(events, kind)), **found}
    texts = events.column("text")
    said = []
    for row, key in enumerate(keys.tolist()):
        value = found.get(row)
        if value is None or _DIGEST.fullmatch(value):  # it stands for the text
            value = texts[row].as_py() or value
        text = value or f"{key:016x}"
        said.append(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
    return said


def keys_in(kind: str, keys: NDArray[np.uint64], events: pa.RecordBatch) -> dict[int, str]:
    """Return row -> the key itself, where one event holds it; rows are as in `readable_keys`."""
    for extractor in default_extractors():
        if extractor.kind == kind:
            return _matching(kind, keys, extractor.extract(events))
    return {}


def _matching(kind: str, keys: NDArray[np.uint64], found: Keys) -> dict[int, str]:
    """Return row -> value of the keys whose hash is the one asked for."""
    if not len(found.rows):
        return {}
    hit = np.flatnonzero(key_hashes(kind, found.values) == keys[found.rows])
    values = found.values.take(pa.array(hit)).to_pylist()
    return dict(zip(found.rows[hit].tolist(), values, strict=True))


def _in_words(
    extractor: Extractor, found: dict[int, str], events: pa.RecordBatch
) -> dict[int, str]:
    rows = list(found)
    chosen = from_batch(events.take(pa.array(rows, pa.int64())))
    return {
        row: extractor.readable(event, found[row]) for row, event in zip(rows, chosen, strict=True)
    }
