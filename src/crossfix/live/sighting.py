"""What the live index sees: several accounts on one key, by name."""

from __future__ import annotations

from functools import cached_property

import msgspec
import pyarrow as pa

from crossfix.traces.fingerprint import key_hashes
from crossfix.traces.given import given_keys
from crossfix.traces.registry import default_extractors
from crossfix.traces.trace import Family


class Sighting(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A burst with names: the accounts on one key, and the events in which they left it.

    ``event`` is the one that completed it, as a batch of one row. The other fields are those of
    `crossfix.live.recent.Burst`.
    """

    kind: str
    family: Family
    key: int
    event: pa.RecordBatch
    accounts: tuple[str, ...]
    actors: int
    events: tuple[str, ...]
    times: tuple[int, ...]
    again: tuple[bool, ...]
    expected: float
    met: float
    chance: float
    reached: float
    keys: float
    named: str | None = None
    """The key as a person can read it, where the event does not hold it."""

    said: tuple[str, ...] = ()
    """What others may yet say: the other parts of a response."""

    @cached_property
    def text(self) -> str | None:
        """What the event says that completed the burst."""
        found: str | None = self.event.column("text")[0].as_py()
        return found

    @cached_property
    def value(self) -> str:
        """The key as a person can read it; of a cluster of texts its hash."""
        if self.named is not None:
            return self.named
        for extractor in default_extractors():
            if extractor.kind == self.kind:
                keys = extractor.extract(self.event)
                break
        else:
            keys = given_keys(self.event, self.kind)
        hashes = key_hashes(self.kind, keys.values).tolist()
        for value, found in zip(keys.values.to_pylist(), hashes, strict=True):
            if found == self.key:
                return str(value)
        return f"{self.key:016x}"
