"""Keys that the input itself names: tables of traces made elsewhere.

A reader of such a table writes each row's object into the attribute ``trace:<kind>``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from crossfix.traces.canonical_url import canonical_url
from crossfix.traces.columns import attribute, attribute_names
from crossfix.traces.trace import Keys

PREFIX = "trace:"

MOST_KINDS = 100
"""Kinds of trace, our own included; a kind is one byte."""

LONGEST_KIND = 40

_ALIASES = {"phash": "media", "image": "media", "link": "url"}
_SPELLINGS: dict[str, Callable[[str], str]] = {
    "url": lambda value: canonical_url(value) or value,
    "hashtag": lambda value: value.lower().lstrip("#") or value,
    "domain": str.lower,
}
"""How a given key of our own kinds is spelled, so that it equals the one we find ourselves."""


def given_kinds(events: pa.RecordBatch) -> list[str]:
    """Return the kinds that a batch names, sorted, under our names for them."""
    names = {n[len(PREFIX) :] for n in attribute_names(events) if n.startswith(PREFIX)}
    return sorted({_ALIASES.get(n, n) for n in names if 0 < len(n) <= LONGEST_KIND})


def given_keys(events: pa.RecordBatch, kind: str) -> Keys:
    """Return the keys that the input gives for a kind, ordered by event."""
    names = [kind, *(alias for alias, ours in _ALIASES.items() if ours == kind)]
    found = [attribute(events, PREFIX + name) for name in names]
    rows = np.concatenate([keys.rows for keys in found])
    order = np.argsort(rows, kind="stable")
    values = pa.concat_arrays([keys.values for keys in found]).take(pa.array(order))
    if kind in _SPELLINGS:
        unique = values.dictionary_encode()
        spelled = [_SPELLINGS[kind](value) for value in unique.dictionary.to_pylist()]
        values = pa.array(spelled, pa.string()).take(unique.indices)
    return Keys(rows[order], values)
