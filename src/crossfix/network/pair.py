"""Traces to pairs: who left the same key as whom, how close in time, each key counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.network.steps import WINDOWS_SECONDS, pair_steps
from crossfix.store.engine import StepRunner
from crossfix.store.engine.steps import Step

MOST_SHARE_PAIRS = 200_000
"""Pairs of shares that one key may have inside its window (for steps: far below 2 ** 35)."""

PAIRS_PER_TRACE = 4
"""Pairs of shares that all keys together may have inside their windows, for each trace."""

LEAST_BUDGET = 2_000_000
"""Pairs of shares that all keys of a small input may have together."""

PAIRS = pa.schema(
    [
        ("kind", pa.int8()),
        ("account_a", pa.int32()),
        ("account_b", pa.int32()),
        ("key", pa.uint64()),
        ("delta", pa.int64()),
        ("lead", pa.int8()),
        ("event_a", pa.int64()),
        ("event_b", pa.int64()),
        ("accounts", pa.int32()),
        ("times_a", pa.int32()),
        ("times_b", pa.int32()),
    ]
)
"""One row a kind, two accounts (a < b) and key that both left within the key's window.

``delta`` is the smallest time between a share of a and one of b (microseconds, not negative),
``lead`` says who came first in it (1: a, -1: b, 0: the same time), ``event_a`` and ``event_b`` are
the rows of these two events, ``accounts`` is how many accounts left the key, ``times_a`` and
``times_b`` how often a and b did.
"""

DEGREES = pa.schema(
    [("kind", pa.int8()), ("account", pa.int32()), ("keys", pa.int64()), ("rare", pa.int64())]
)
"""How many different keys of a kind an account left, also those that nobody else left, and how
many of them are rare (`crossfix.network.steps.RARE_ACCOUNTS`)."""

LIMITS = pa.schema(
    [
        ("kind", pa.int8()),
        ("key", pa.uint64()),
        ("accounts", pa.int64()),
        ("shares", pa.int64()),
        ("window_seconds", pa.int32()),
    ]
)
"""Keys left so often that they take part in a shorter window only, or in none (0 seconds)."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of accounts by the keys that they share.

    ``table`` has the columns of `PAIRS`, ordered by kind, account_a, account_b and key;
    ``degrees`` those of `DEGREES`, ordered by kind and account; ``limits`` those of `LIMITS`,
    ordered by kind and key. ``accounts`` counts the accounts with a trace of any kind. ``steps``
    are the SQL steps that made it.
    """

    table: pa.Table
    degrees: pa.Table
    limits: pa.Table
    accounts: int
    steps: tuple[Step, ...] = ()

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def column(self, name: str) -> NDArray[Any]:
        """Return a column of the pairs as a NumPy array."""
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        return {name: self.table.column(name).to_numpy() for name in self.table.column_names}

    @cached_property
    def kinds(self) -> Sequence[int]:
        """The codes of the kinds that left any trace, ascending."""
        return [int(k) for k in np.unique(self.degrees.column("kind").to_numpy())]

    def of_kind(self, kind: int) -> slice:
        """Return where the rows of a kind lie in ``table``."""
        begin, end = np.searchsorted(self.column("kind"), [kind, kind + 1])
        return slice(int(begin), int(end))


def pair(
    traces: pa.Table,
    engine: StepRunner,
    *,
    most_share_pairs: int = MOST_SHARE_PAIRS,
    most_pairs: int | None = None,
) -> Pairs:
    """Find who left the same keys within seven days; rare ones within a year.

    ``traces`` has the columns of `crossfix.traces.TRACES`. A key takes part in the longest of
    `WINDOWS_SECONDS` that holds at most ``most_share_pairs`` pairs of its shares, and that a budget
    of ``most_pairs`` for all keys reaches (`budget` of the input, if not given), which is spent on
    windows with few pairs first; ``limits`` names the keys for which that is not the longest.
    Tables that the engine made on the way are dropped.
    """
    began = len(engine.steps)
    engine.register("traces", traces)
    steps = pair_steps(
        most_share_pairs=most_share_pairs,
        most_pairs=budget(traces.num_rows) if most_pairs is None else most_pairs,
    )
    made: list[str] = ["traces"]
    try:
        for step in steps[:-1]:
            engine.create(step.name, step.sql)
            made.append(step.name)
        found = engine.fetch(steps[-1].name, steps[-1].sql).cast(PAIRS)
        degrees = _sorted(engine, "degrees", DEGREES, "kind, account")
        limits = _sorted(engine, "limits", LIMITS, "kind, key")
        counted = engine.fetch("accounts", "SELECT COUNT(DISTINCT account) AS n FROM degrees")
    finally:
        engine.drop(*reversed(made))
    return Pairs(
        found, degrees, limits, int(counted.column("n")[0].as_py()), tuple(engine.steps[began:])
    )


def budget(traces: int) -> int:
    """Return the pairs of shares that an input with so many traces may have: cost stays linear."""
    return max(LEAST_BUDGET, PAIRS_PER_TRACE * traces)


def _sorted(engine: StepRunner, name: str, schema: pa.Schema, order: str) -> pa.Table:
    columns = ", ".join(schema.names)
    table = engine.fetch(f"{name}_sorted", f"SELECT {columns} FROM {name} ORDER BY {order}")
    return table.cast(schema)


__all__ = ["DEGREES", "LIMITS", "MOST_SHARE_PAIRS", "PAIRS", "WINDOWS_SECONDS", "Pairs", "pair"]
