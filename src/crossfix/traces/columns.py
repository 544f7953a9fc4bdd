"""What extractors ask of a batch of events, as whole columns."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.content import fold, says_enough
from crossfix.traces.trace import Keys

OWN_WORDS: frozenset[str] = frozenset({"post", "reply", "message", "send", "prompt"})
"""Actions whose text, links and tags are the account's own; a repost's are its author's."""

FOLDED = "folded"
ENOUGH = "says_enough"

# Made without values to convert: for these Arrow imports pandas, where that is installed.
_NO_KEYS = Keys(np.empty(0, dtype=np.int64), pa.nulls(0, pa.string()))


def acted(events: pa.RecordBatch, actions: Collection[str]) -> NDArray[np.bool_]:
    """Tell which events are one of these actions."""
    mask = pc.is_in(events.column("action"), pa.array(sorted(actions), pa.string()))
    return _numpy(mask)


def listed(events: pa.RecordBatch, name: str, where: NDArray[np.bool_] | None = None) -> Keys:
    """Return the entries of a list column, one a row, in order."""
    column = events.column(name)
    rows = pc.list_parent_indices(column).to_numpy(zero_copy_only=False).astype(np.int64)
    values = pc.list_flatten(column)
    if not len(rows):
        return _NO_KEYS
    return choose(Keys(rows, values), None if where is None else where[rows])


def named(events: pa.RecordBatch, name: str, where: NDArray[np.bool_] | None = None) -> Keys:
    """Return the values of a text column that are not null."""
    rows = np.arange(events.num_rows, dtype=np.int64)
    return choose(Keys(rows, events.column(name).cast(pa.string())), where)


def attribute(events: pa.RecordBatch, name: str) -> Keys:
    """Return the values of an attribute, for the events that have it."""
    column = events.column("attributes")
    names, rows = _attribute_entries(column)
    at = np.flatnonzero(_numpy(pc.equal(names, name)))
    if not len(at):
        return _NO_KEYS
    _, first = np.unique(rows[at], return_index=True)
    at = at[first]
    items = column.items.slice(column.offsets[0].as_py())
    return choose(Keys(rows[at], items.take(pa.array(at))), None)


def attribute_names(events: pa.RecordBatch) -> list[str]:
    """Return the names of all attributes in a batch, sorted."""
    names, _ = _attribute_entries(events.column("attributes"))
    return sorted(n for n in pc.unique(names).to_pylist() if n is not None)


def _attribute_entries(column: pa.MapArray) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return the name and the row of every attribute of a batch."""
    offsets = column.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
    rows = np.repeat(np.arange(len(column), dtype=np.int64), np.diff(offsets))
    return column.keys.slice(offsets[0], offsets[-1] - offsets[0]), rows


def choose(keys: Keys, where: NDArray[np.bool_] | None) -> Keys:
    """Keep the keys that are marked, and none that is null or empty."""
    good = pc.fill_null(pc.greater(pc.binary_length(keys.values), 0), False)
    mask = _numpy(good)
    if where is not None:
        mask = mask & where
    if mask.all():
        return keys
    return Keys(keys.rows[mask], keys.values.filter(pa.array(mask)))


def mapped(keys: Keys, values: pa.Array) -> Keys:
    """Give keys new values, dropping those that have become null or empty."""
    return choose(Keys(keys.rows, values), None)


def folded_texts(events: pa.RecordBatch) -> pa.Array:
    """Return the folded texts of a batch, one an event ('' where there is none)."""
    if FOLDED in events.schema.names:
        return events.column(FOLDED)
    return fold(events.column("text"))


def own_texts(events: pa.RecordBatch) -> Keys:
    """Return the folded texts that are the accounts' own and say enough to be a trace."""
    texts = folded_texts(events)
    if ENOUGH in events.schema.names:
        enough = _numpy(events.column(ENOUGH))
    else:
        enough = says_enough(texts)
    rows = np.flatnonzero(enough & acted(events, OWN_WORDS))
    return Keys(rows, texts.take(pa.array(rows)))


def with_folded_texts(events: pa.RecordBatch, compiled: bool | None = None) -> pa.RecordBatch:
    """Add the columns that several extractors need, so that they are computed once.

    ``compiled`` is whether by compiled code, which else only a large batch loads.
    """
    texts = fold(events.column("text"), compiled)
    enough = pa.array(says_enough(texts, compiled))
    return events.append_column(FOLDED, texts).append_column(ENOUGH, enough)


def _numpy(mask: pa.Array) -> NDArray[np.bool_]:
    answer: NDArray[np.bool_] = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return answer
