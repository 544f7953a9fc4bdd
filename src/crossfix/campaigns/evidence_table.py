"""``evidence.parquet``: every shared key of every campaign, a row for each post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.campaigns.evidence import EventsByRow, one_batch
from crossfix.campaigns.readable import readable_keys
from crossfix.campaigns.shares import Ints, Shares

_UTC = pa.timestamp("us", tz="UTC")
_WORDS = pa.dictionary(pa.int32(), pa.string())

EVIDENCE: pa.Schema = pa.schema(
    [
        pa.field("campaign", _WORDS),
        pa.field("kind", _WORDS),
        pa.field("key", _WORDS),
        pa.field("popularity", pa.int64()),
        pa.field("account", pa.string()),
        pa.field("event", pa.string()),
        pa.field("service", pa.string()),
        pa.field("time", _UTC),
        pa.field("text", pa.string()),
        pa.field("url", pa.string()),
    ]
)
"""The columns of evidence: ``event`` is the event's id, ``popularity`` how many accounts of the
whole input left the key."""

_PIECE = 65_536


def evidence_table(
    shared: Shares,
    popularity: Ints,
    kinds: Sequence[str],
    campaigns: Mapping[int, str],
    events: EventsByRow,
) -> pa.Table:
    """Return all shared keys with the posts that carry them (columns of `EVIDENCE`).

    ``campaigns`` names the communities to be written; rows are ordered by campaign's community,
    kind, key and time. Events are fetched in pieces and each once.
    """
    wanted = np.isin(shared.community, np.array(sorted(campaigns), np.int32))
    group = shared.group()
    rows = np.flatnonzero(wanted[group])
    if not len(rows):
        return EVIDENCE.empty_table()
    group = group[rows]
    known, at = np.unique(shared.traces.event[rows], return_inverse=True)
    pieces = [_slim(events(known[i : i + _PIECE])) for i in range(0, len(known), _PIECE)]
    carried = pa.concat_tables(pieces).combine_chunks().take(pa.array(at))
    names = [campaigns.get(c, "") for c in shared.community.tolist()]
    columns = [
        pa.array(names, pa.string()).dictionary_encode().take(pa.array(group)),
        pa.array([kinds[k] for k in shared.kind], pa.string()).dictionary_encode().take(group),
        _keys(shared, np.flatnonzero(wanted), kinds, events, group),
        pa.array(popularity[group]),
        *(carried.column(name) for name in ("account", "id", "service", "time", "text", "url")),
    ]
    return pa.Table.from_arrays(columns, schema=EVIDENCE)


def _slim(events: pa.Table) -> pa.Table:
    """Keep what evidence shows of an event."""
    url = pc.map_lookup(events.column("attributes"), pa.scalar("url"), "first")
    kept = events.select(["account", "id", "service", "time", "text"])
    return kept.append_column("url", url)


def _keys(
    shared: Shares, wanted: Ints, kinds: Sequence[str], events: EventsByRow, group: Ints
) -> pa.Array:
    """Return the readable key of each row, by the first event of its group."""
    words: list[str] = [""] * len(shared)
    for code in np.unique(shared.kind[wanted]).tolist():
        mine = wanted[shared.kind[wanted] == code]
        for i in range(0, len(mine), _PIECE):
            part = mine[i : i + _PIECE]
            first = shared.traces.event[shared.start[part]]
            rows, at = np.unique(first, return_inverse=True)
            batch = one_batch(events(rows).take(pa.array(at)))
            for g, word in zip(
                part.tolist(), readable_keys(kinds[code], shared.key[part], batch), strict=True
            ):
                words[g] = word
    return pa.array(words, pa.string()).dictionary_encode().take(pa.array(group))
