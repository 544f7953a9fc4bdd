"""Kinds of trace that need a second look: found when all events are read and kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from crossfix.campaigns.gather import Gathered
from crossfix.campaigns.meant import find_meant
from crossfix.campaigns.origins import LASTING, Origins, find_origins, origin_keys, without
from crossfix.campaigns.second_look import Means, once
from crossfix.traces.fingerprint import key_hashes
from crossfix.traces.registry import LATER
from crossfix.traces.table import Naming
from crossfix.traces.trace import Keys


@dataclass(frozen=True)
class Added:
    """What a second look found: keys by kind, rows counted over all events, and what to say."""

    keys: Mapping[str, Keys] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    origins: Origins | None = None


Look = Callable[[Gathered, Means], Added]


def _at_origins(gathered: Gathered, means: Means) -> Added:
    if set(LASTING) <= means.without:
        return Added()
    origins = find_origins(gathered, means)
    if origins is None:
        return Added()
    origins = without(origins, means.without)
    return Added(origin_keys(origins), origins.said, origins)


def _at_meanings(gathered: Gathered, means: Means) -> Added:
    meant = find_meant(gathered, means)
    if meant is None:
        return Added()
    return Added({"meaning": meant.keys}, (meant.said,))


LOOKS: tuple[Look, ...] = (_at_origins, _at_meanings)
"""Who looks again, in this order; each finds nothing, at no cost, where it has nothing to do."""

NAMINGS: Mapping[str, Naming] = {
    k: Naming(later.family, later.phrase) for k, later in LATER.items()
}
"""How the kinds of a second look are spoken of."""


def with_later(
    gathered: Gathered, means: Means, looks: tuple[Look, ...] | None = None
) -> tuple[Gathered, Added]:
    """Look again, and return the events with the traces of both looks, and what the second added.

    An event that was read before leaves nothing, nor does a kind that is not wanted.
    """
    means = replace(means, encoders=once(means.encoders))
    keys: dict[str, Keys] = {}
    notes: list[str] = []
    origins: Origins | None = None
    for look in LOOKS if looks is None else looks:
        added = look(gathered, means)
        keys.update(added.keys)
        notes.extend(added.notes)
        origins = added.origins or origins
    traces = gathered.traces
    for kind, found in keys.items():
        kept = np.flatnonzero(gathered.first_seen[found.rows])
        if kind in means.without or not len(kept):
            continue
        hashes = key_hashes(kind, found.values)[kept]
        both = np.stack([found.rows[kept].astype(np.uint64), hashes])
        event, hashes = np.unique(both, axis=1)  # a key counts once an event
        rows = event.astype(np.int64)
        traces = traces.joined(kind, hashes, rows, gathered.owners[rows], gathered.times[rows])
    return replace(gathered, traces=traces), Added(keys, tuple(notes), origins)
