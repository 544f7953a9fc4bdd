"""All traces of one input, as one compact table with the names behind its codes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.traces.trace import TRACES, Family


@dataclass(frozen=True)
class Naming:
    """How a kind is spoken of: its family and its phrase ("shared the same link")."""

    family: Family
    phrase: str


@dataclass(frozen=True)
class Traces:
    """Who left which keys, when, in which event.

    ``table`` has the columns of `crossfix.traces.TRACES`, one row a (account, kind, key, event),
    ordered by kind and event; ``accounts`` (Arrow strings) and ``kinds`` are the names behind the
    codes; ``event`` is the event's row in reading order, counted from 0. ``events`` is how many
    were read, ``repeated`` how many of them were the same event (id) once more and left nothing.
    """

    table: pa.Table
    accounts: pa.Array
    kinds: list[str]
    events: int
    repeated: int = 0
    notes: tuple[str, ...] = ()
    namings: Mapping[str, Naming] = field(default_factory=dict)

    def phrase(self, kind: str) -> str:
        """Return how a sentence says that accounts have this kind of trace in common."""
        return self.namings[kind].phrase

    def family(self, kind: str) -> Family:
        """Return the family of a kind."""
        return self.namings[kind].family

    def code(self, kind: str) -> int:
        """Return the code of a kind."""
        return self.kinds.index(kind)

    def without(self, kinds: Collection[str]) -> Traces:
        """Return the traces that are of none of these kinds; codes and names stay."""
        if not kinds:
            return self
        off = [code for code, kind in enumerate(self.kinds) if kind in kinds]
        kept = ~np.isin(self.table.column("kind").to_numpy(), off)
        return replace(self, table=self.table.filter(pa.array(kept)))

    def named(self, kinds: Mapping[str, Naming]) -> Traces:
        """Return the same traces with names for more kinds; those that have one keep it."""
        new = {kind: naming for kind, naming in kinds.items() if kind not in self.namings}
        if not new:
            return self
        return replace(self, kinds=[*self.kinds, *new], namings={**self.namings, **new})

    def joined(
        self,
        kind: str,
        keys: NDArray[np.uint64],
        events: NDArray[np.int64],
        accounts: NDArray[np.int32],
        times: NDArray[np.int64],
    ) -> Traces:
        """Return these traces and more of one kind, a row each, in the order of kind and event.

        ``accounts`` are codes, ``times`` UTC microseconds, ``events`` rows in reading order.
        """
        code = np.full(len(keys), self.code(kind), dtype=np.int8)
        more = pa.table([accounts, code, keys, times, events], schema=TRACES)
        table = pa.concat_tables([self.table, more]).combine_chunks()
        order = np.lexsort((table.column("event").to_numpy(), table.column("kind").to_numpy()))
        return replace(self, table=table.take(pa.array(order)))

    def counts(self) -> dict[str, int]:
        """Return the number of traces by kind, kinds without traces left out."""
        numbers = np.bincount(self.table.column("kind").to_numpy(), minlength=len(self.kinds))
        return {k: int(n) for k, n in zip(self.kinds, numbers, strict=True) if n}
