"""Kinds of trace that need a second look: found when all events are read and kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from crossfix.campaigns.gather import Gathered
from crossfix.traces.fingerprint import key_hashes
from crossfix.traces.origin import Encoders
from crossfix.traces.registry import LATER
from crossfix.traces.table import Naming
from crossfix.traces.trace import Keys

LoadEncoders = Callable[[], tuple[Encoders | None, str]]
"""Loads the encoders, if there are any, and says in a sentence what that means."""


def no_encoders() -> tuple[Encoders | None, str]:
    """Load none."""
    return None, "Wording alone was compared."


@dataclass(frozen=True)
class Means:
    """What a second look may use: encoders, kinds that are not wanted, who is told the stages."""

    encoders: LoadEncoders = no_encoders
    without: frozenset[str] = frozenset()
    say: Callable[[str], None] = lambda stage: None


@dataclass(frozen=True)
class Added:
    """What a second look found: keys by kind, rows counted over all events, and what to say."""

    keys: Mapping[str, Keys] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


Look = Callable[[Gathered, Means], Added]

LOOKS: tuple[Look, ...] = ()
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
    keys: dict[str, Keys] = {}
    notes: list[str] = []
    for look in LOOKS if looks is None else looks:
        added = look(gathered, means)
        keys.update(added.keys)
        notes.extend(added.notes)
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
    return replace(gathered, traces=traces), Added(keys, tuple(notes))
